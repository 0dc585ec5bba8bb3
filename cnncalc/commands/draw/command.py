"""cnncalc draw: pictures of a network and of its layers."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from cnncalc import files
from cnncalc.api import locate
from cnncalc.commands.draw.kinds import KINDS, Kind, check_options, find_kind, function_of
from cnncalc.commands.draw.options import EVERY_LEVEL, CannotDraw, Options
from cnncalc.commands.options import (
    Request,
    build_spec,
    check_outputs,
    complete_layer,
    complete_spec,
    fail,
    format_option,
    place,
    read_spec,
    spec_options,
    whole,
)
from cnncalc.network.build import SpecError
from cnncalc.render.formats import formats_of
from cnncalc.render.palette import THEMES
from cnncalc.render.rasters import Missing
from cnncalc.render.stream import paper_of, say, write
from cnncalc.wording import quote, visible

if TYPE_CHECKING:
    from cnncalc.commands.draw.picture import Picture
    from cnncalc.network.build import Build

MAX_FILES = 1_000  # of --steps
_UNITS = {"": 1.0, "px": 1.0, "in": 96.0, "mm": 96 / 25.4, "cm": 96 / 2.54, "pt": 96 / 72}


def length(text: str) -> tuple[float, str]:
    """A length in px, and its unit as it is written: 84mm, 7in, 1200px, 1200."""
    found = re.fullmatch(r"(\d{1,6}(?:\.\d{1,4})?)\s*([a-z]*)", text.strip().lower())
    if not found or found[2] not in _UNITS or not float(found[1]):
        units = ", ".join(filter(None, _UNITS))
        raise click.BadParameter(f"{quote(text)!r} is not a length such as 84mm ({units})")
    return float(found[1]) * _UNITS[found[2]], found[2]


def words(text: str) -> tuple[str, ...]:
    """Names between commas."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def complete_kind(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Shell completion of KIND."""
    return [name for name in KINDS if name.startswith(incomplete)]


def kind_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that some kinds take."""
    for option in reversed(
        (
            click.option(
                "--width", metavar="LENGTH", type=length,
                help="84mm, 7in, 1200px: as wide as the picture may be. Of text, the columns.",
            ),
            click.option("--height", metavar="LENGTH", type=length,
                         help="A graph goes on in a column beside."),
            click.option("--expand", metavar="N", type=whole(all=EVERY_LEVEL),
                         help="Levels of groups to open, or all. [as there is room]"),
            click.option("--max-items", metavar="N", type=whole(1),
                         help="What there is room for."),
            click.option("--scale", type=click.Choice(["linear", "sqrt", "log"]),
                         help="How sizes become lengths."),
            click.option("--kernels", is_flag=True, help="Windows as pyramids."),
            click.option("--all", is_flag=True, help="Activations, dropout and flatten too."),
            click.option("--show", metavar="QUANTITIES", type=words,
                         help="In the boxes, or as bars: parameters,macs."),
            click.option("--direction", type=click.Choice(["TB", "LR"]),
                         help="From top to bottom, or left to right."),
            click.option("--sort", metavar="QUANTITY", help="Largest first; NAME:asc turns it."),
            click.option("--top", metavar="N", type=whole(1), help="Only the N largest."),
            click.option("--cumulative", is_flag=True, help="Sums up to each layer."),
            click.option("--at", metavar="ROW,COL", type=place,
                         help="A place of the output, counted from 1."),
            click.option("--animate", is_flag=True, help="An SVG that moves by itself."),
        )
    ):  # fmt: skip
        command = option(command)
    return command


@click.command()
@click.argument("spec", metavar="SPEC", shell_complete=complete_spec)
@click.argument("layer", metavar="[LAYER]", required=False, shell_complete=complete_layer)
@click.option(
    "--as", "kind", metavar="KIND", shell_complete=complete_kind,
    help=f"{', '.join(KINDS)}. [volumes; graph where ways merge]",
)  # fmt: skip
@click.option("-o", "--output-file", "output", metavar="FILE", help="Its suffix names the format.")
@format_option("draw")
@click.option("--steps", metavar="FOLDER", help="A picture of every place, a file each.")
@click.option(
    "--theme", type=click.Choice(tuple(THEMES)),
    help="[auto, which follows the reader's dark mode; of PNG light, of PDF and TikZ paper]",
)  # fmt: skip
@click.option("--dpi", metavar="N", type=whole(24, 1200), help="Pixels to the inch of a PNG. [192]")
@click.option("--standalone", is_flag=True, help="TikZ as a document that compiles.")
@kind_options
@spec_options
def draw(
    spec: str,
    layer: str | None,
    kind: str | None,
    output: str | None,
    format_: str | None,
    steps: str | None,
    theme: str | None,
    dpi: int | None,
    standalone: bool,
    color: str,
    **options: Any,
) -> int:
    """Pictures of a network, or of one LAYER, as SVG, PNG, PDF, TikZ, Mermaid or text.

    Without -o and --format a picture goes to standard output: as text if there is one of its kind,
    else as SVG.

    \b
    cnncalc draw lenet
    cnncalc draw lenet -o lenet.svg
    cnncalc draw lenet C1 --as window --at 3,4 -o window.pdf
    """
    shared = {name: options.pop(name) for name in Request._fields}
    output = None if output == "-" else output
    try:
        build = _build(spec, Request(**shared))
        found = find_kind(kind, build.network)
        format_ = format_ or _format(found, output, steps)
        if output is not None:
            check_outputs([output], [locate(spec)[0]], "-o: ")
        given, columns = _given(options, found, format_)
        picture = _picture(build, found, {**given, "layer": layer}, theme, dpi, standalone)
        if steps is not None:
            return _every_step(picture, steps, format_)
        paper = paper_of(columns, color if output is None else "never", sys.stdout)
        data = picture.write(format_, paper)
    except SpecError as error:
        fail(error, color)
        return 1
    except (CannotDraw, Missing) as error:
        raise click.UsageError(visible(str(error))) from None
    for remark in (*paper.remarks, *_notes(picture, format_)):
        say(remark)
    _deliver(data, output, f"{found.name}.{format_}")
    return 0


def _build(spec: str, request: Request) -> Build:
    read, variant = read_spec(spec, request.max_size)
    settings = list(request.settings())
    if len(settings) != 1:
        raise click.UsageError("draw takes one network: no lists in --set and --input")
    return build_spec(read, request, *settings[0], variant)


def _format(kind: Kind, output: str | None, steps: str | None) -> str:
    """The format where none is named: that of the file, else text, else SVG."""
    from cnncalc.commands.draw.picture import format_named_by  # after the spec was read

    if output is not None:
        return format_named_by(output)
    if steps is not None or kind.text is None:
        if steps is None and sys.stdout.isatty():
            raise CannotDraw(
                f"{kind.name} is no picture for a terminal: -o {kind.name}.svg writes a file"
            )
        return "svg"
    return "text"


def _given(options: dict[str, Any], kind: Kind, format: str) -> tuple[dict[str, Any], int | None]:
    """The options that were given, lengths in px; and the columns that a text may take."""
    given = {name: value for name, value in options.items() if value not in (None, False)}
    columns = None
    if format == "text" and "width" in given:
        number, unit = given.pop("width")
        if unit:
            raise CannotDraw("a text is as wide as --width says in columns: a number alone")
        columns = int(number)
    for name in given.keys() & {"width", "height"}:
        given[name] = given[name][0]
    return given, columns


def _picture(
    build: Build,
    kind: Kind,
    given: dict[str, Any],
    theme: str | None,
    dpi: int | None,
    standalone: bool,
) -> Picture:
    from cnncalc.commands.draw.picture import Picture  # after the spec was read

    check_options(kind, given, lambda name: f"--{name.replace('_', '-')}")
    return Picture(build, kind, Options(**given), theme, dpi=dpi or 192, standalone=standalone)


def _notes(picture: Picture, format: str) -> Sequence[str]:
    """What the picture leaves out; texts say it themselves."""
    return () if format in ("text", "mermaid") else picture.scene.notes


def _deliver(data: str | bytes, output: str | None, example: str) -> None:
    from cnncalc.commands.draw.picture import encoded  # loaded already

    if output is not None:
        files.write(output, data if isinstance(data, bytes) else encoded(data))
    elif isinstance(data, str):
        write(data)
    elif sys.stdout.isatty():
        raise click.UsageError(f"a terminal shows no such file: name one, -o {example}")
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)


def _every_step(picture: Picture, folder: str, format: str) -> int:
    """A file for every place of the layer's output."""
    from dataclasses import replace  # only here

    from cnncalc.commands.draw.picture import Picture, encoded  # loaded already

    kind, options = picture.kind, picture.options
    if kind.places is None:
        takers = ", ".join(other.name for other in KINDS.values() if other.places)
        raise CannotDraw(f"--steps is for {takers}, not for {kind.name}")
    subject = picture.build if kind.of_build else picture.network
    at_all = []
    for at in function_of(kind.places)(subject, options):
        at_all.append(at)
        if len(at_all) > MAX_FILES:
            raise CannotDraw(f"more than {MAX_FILES:,} places; name one with --at")
    suffix = formats_of("draw")[format].suffix
    if not os.path.isdir(folder):
        os.mkdir(folder)
    digits = len(str(len(at_all)))
    for number, at in enumerate(at_all, 1):
        step = Picture(picture.build, kind, replace(options, at=at), picture.theme,
                       dpi=picture.dpi, standalone=picture.standalone)  # fmt: skip
        data = step.write(format)
        name = f"{kind.name}-{number:0{digits}d}{suffix}"
        files.write(os.path.join(folder, name), data if isinstance(data, bytes) else encoded(data))
    say(f"{len(at_all):,} files in {visible(folder)}")
    return 0
