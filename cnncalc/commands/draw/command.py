"""cnncalc draw: pictures of a network and of its layers."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from cnncalc.api import locate
from cnncalc.commands.completion import complete_layer, complete_spec
from cnncalc.commands.draw.kinds import KINDS, Kind, check_options, find_kind, function_of
from cnncalc.commands.draw.options import DIRECTIONS, EVERY_LEVEL, SCALES, CannotDraw, Options
from cnncalc.commands.draw.picture import Picture, format_named_by
from cnncalc.commands.options import (
    Command,
    Request,
    build_spec,
    color_option,
    fail,
    place,
    read_spec,
    spec_options,
    whole,
    with_options,
)
from cnncalc.commands.output import check_outputs, deliver, file_option, save
from cnncalc.network.build import SpecError
from cnncalc.render.formats import formats_of
from cnncalc.render.palette import THEMES
from cnncalc.render.rasters import Missing
from cnncalc.render.stream import paper_of, say
from cnncalc.wording import quote, visible

if TYPE_CHECKING:
    from cnncalc.network.build import Build

MAX_FILES = 1_000  # of --frames
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


# The options that some kinds take: each is there if a kind names it.
_LENGTH = {"metavar": "LENGTH", "type": length}
_OPTIONS: dict[str, dict[str, Any]] = {
    "width": {**_LENGTH, "help": "At most so wide: 84mm, 7in, 1200px. Of text, the columns."},
    "height": {**_LENGTH, "help": "A graph goes on in a column beside."},
    "expand": {
        "metavar": "N", "type": whole(all=EVERY_LEVEL), "help": "Levels of groups to open, or all.",
    },
    "max_items": {"metavar": "N", "type": whole(1), "help": "What there is room for."},
    "scale": {"type": click.Choice(SCALES), "help": "How sizes become lengths."},
    "kernels": {"is_flag": True, "help": "Windows as pyramids."},
    "all": {"is_flag": True, "help": "Activations, dropout and flatten too."},
    "show": {"metavar": "QUANTITIES", "type": words, "help": "In the boxes, or as bars."},
    "direction": {"type": click.Choice(DIRECTIONS), "help": "Top to bottom, or left to right."},
    "sort": {"metavar": "COLUMN", "help": "Largest first; NAME:asc turns it."},
    "top": {"metavar": "N", "type": whole(1), "help": "Only the N largest."},
    "cumulative": {"is_flag": True, "help": "Sums up to each layer."},
    "at": {"metavar": "ROW,COL", "type": place, "help": "A place of the output, from 1."},
    "animate": {"is_flag": True, "help": "An SVG that moves by itself."},
}  # fmt: skip


def kind_options(command: Command) -> Command:
    """The options of all kinds."""
    options = (
        click.option(f"--{name.replace('_', '-')}", name, **option)
        for name, option in _OPTIONS.items()
        if any(name in kind.options for kind in KINDS.values())
    )
    return with_options(command, *options)


@click.command()
@click.argument("spec", metavar="SPEC", shell_complete=complete_spec)
@click.argument("layer", metavar="[LAYER]", required=False, shell_complete=complete_layer)
@click.option(
    "--as", "kind", metavar="KIND", shell_complete=complete_kind,
    help=f"{', '.join(KINDS)}.",
)  # fmt: skip
@file_option("To a file; its suffix names the format.")
@click.option(
    "--format", "format_", metavar="FORMAT", type=click.Choice(tuple(formats_of("draw"))),
    help=f"{', '.join(formats_of('draw'))}. [text, else svg]",
)  # fmt: skip
@click.option("--frames", metavar="FOLDER", help="A picture of every place, a file each.")
@click.option(
    "--theme", metavar="THEME", type=click.Choice(tuple(THEMES)),
    help=f"{', '.join(THEMES)}. [as the format asks]",
)  # fmt: skip
@click.option(
    "--dpi", metavar="DPI", type=whole(24, 1200), help="Pixels to the inch of a PNG. [192]"
)
@click.option("--standalone", is_flag=True, help="TikZ as a document that compiles.")
@kind_options
@color_option
@spec_options
def draw(
    spec: str,
    layer: str | None,
    kind: str | None,
    output_file: str | None,
    format_: str | None,
    frames: str | None,
    theme: str | None,
    dpi: int | None,
    standalone: bool,
    color: str,
    **options: Any,
) -> int:
    """Pictures of a network, or of one of its layers.

    Without --as it is volumes, and graph where ways merge. Without -o and --format the picture goes
    to standard output, as text if there is one of its kind, else as SVG. The theme auto, of SVG,
    follows the dark mode of who looks at it; PNG is light, PDF and TikZ are for paper.

    \b
    cnncalc draw lenet
    cnncalc draw lenet -o lenet.svg
    cnncalc draw lenet C1 --as window --at 3,4 -o window.pdf
    """
    request = Request(**{name: options.pop(name) for name in Request._fields})
    output = None if output_file == "-" else output_file
    try:
        build = _build(spec, request)
        found = find_kind(kind, build.network)
        format_ = format_ or _format(found, output, frames)
        if output is not None:
            check_outputs([output], [locate(spec)[0]], "-o: ")
        given, columns = _given(options, found, format_)
        picture = _picture(build, found, {**given, "layer": layer}, theme, dpi, standalone)
        if frames is not None:
            return _every_step(picture, frames, format_)
        paper = paper_of(columns, color if output is None else "never", sys.stdout)
        data = picture.write(format_, paper)
    except SpecError as error:
        fail(error, color)
        return 1
    except (CannotDraw, Missing) as error:
        raise click.UsageError(visible(str(error))) from None
    for remark in (*paper.remarks, *_notes(picture, format_)):
        say(remark)
    if output is None and isinstance(data, bytes) and sys.stdout.isatty():
        raise click.UsageError(
            f"a terminal shows no such file: name one, -o {found.name}.{format_}"
        )
    deliver(data, output)
    return 0


def _build(spec: str, request: Request) -> Build:
    read, variant = read_spec(spec, request.limits.size)
    settings = list(request.settings())
    if len(settings) != 1:
        raise click.UsageError("draw takes one network: no lists in --set and --input")
    return build_spec(read, request, *settings[0], variant)


def _format(kind: Kind, output: str | None, frames: str | None) -> str:
    """The format where none is named: that of the file, else text, else SVG."""
    if output is not None:
        return format_named_by(output)
    if frames is not None or kind.text is None:
        if frames is None and sys.stdout.isatty():
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
    check_options(kind, given, lambda name: f"--{name.replace('_', '-')}")
    return Picture(build, kind, Options(**given), theme, dpi=dpi or 192, standalone=standalone)


def _notes(picture: Picture, format: str) -> Sequence[str]:
    """What the picture leaves out; texts say it themselves."""
    return () if format in ("text", "mermaid") else picture.scene.notes


def _every_step(picture: Picture, folder: str, format: str) -> int:
    """A file for every place of the layer's output."""
    kind, options = picture.kind, picture.options
    if kind.places is None:
        takers = ", ".join(other.name for other in KINDS.values() if other.places)
        raise CannotDraw(f"--frames is for {takers}, not for {kind.name}")
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
        save(data, os.path.join(folder, f"{kind.name}-{number:0{digits}d}{suffix}"))
    say(f"{len(at_all):,} files in {visible(folder)}")
    return 0
