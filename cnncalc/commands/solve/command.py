"""cnncalc solve: what is known leads to what is not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from cnncalc.commands.completion import complete_spec
from cnncalc.commands.options import (
    Limits,
    Option,
    Request,
    fail,
    limit_option,
    read_spec,
    read_whole,
    training_option,
)
from cnncalc.commands.output import Output, output_options
from cnncalc.commands.progress import Progress
from cnncalc.commands.solve.layers import KINDS
from cnncalc.commands.solve.model import (
    InputAnswers,
    LayerAnswers,
    WindowAnswers,
    read_volume,
    solve_inputs,
    solve_layers,
    solve_windows,
)
from cnncalc.commands.solve.numbers import Numbers
from cnncalc.commands.solve.search import QuestionError
from cnncalc.network.build import OverrideError, SpecError
from cnncalc.volume import MAX_NUMBER, Volume
from cnncalc.wording import quote, visible

_MAX_LIST = 100_000
_LETTERS = ("size", "kernel", "stride", "padding", "output")  # what is known of an axis


def numbers_from(least: int) -> Callable[[str], Numbers]:
    """Reads a number, a list 1,3,5, or a range 1..11, of numbers that are not below `least`."""

    def numbers(text: str) -> Numbers:
        return Numbers(_range(part, least) for part in text.split(","))

    return numbers


def _range(part: str, least: int) -> range:
    low, dots, high = part.partition("..")
    shown = repr(quote(part))
    try:
        first = read_whole(low)
        last = read_whole(high) if dots else first
    except ValueError:
        raise click.BadParameter(f"{shown} is no number, list or range such as 1..11") from None
    if not least <= first <= last <= MAX_NUMBER:
        raise click.BadParameter(f"{shown} is not between {least} and 10^12")
    if last - first >= _MAX_LIST:
        raise click.BadParameter(f"{shown} is a range of more than {_MAX_LIST:,}")
    return range(first, last + 1)


def volume_of(text: str) -> Volume:
    """A volume such as 227x227x3, read as `input:` of a spec is."""
    try:
        return read_volume(text)
    except QuestionError as error:
        raise click.BadParameter(f"{visible(text)!r} is not a volume: {error}") from None


def numbers_option(*names: str, least: int = 1, **more: Any) -> Option:
    return click.option(*names, metavar="NUMBERS", type=numbers_from(least), **more)


@click.command()
@click.argument("spec", required=False, shell_complete=complete_spec)
@numbers_option("-W", "--size", help="Input size along an axis.")
@numbers_option("-F", "--kernel", help="Kernel.")
@numbers_option("-S", "--stride", help="Stride.")
@numbers_option("-P", "--padding", least=0, help="Padding on both sides.")
@numbers_option("-d", "--dilation", default="1", help="Dilation. [1]")
@numbers_option("-O", "--output-size", "output", help="Output size along an axis.")
@click.option("--input", "volume", metavar="VOLUME", type=volume_of, help="The input volume.")
@click.option(
    "--output", "wanted", metavar="VOLUME", type=volume_of, help="The output volume wanted."
)
@click.option(
    "--kind",
    metavar="KIND",
    type=click.Choice(KINDS),
    help="Of a layer between volumes. [by channels]",
)
@numbers_option("--inputs", help="Input sizes to try a SPEC on, such as 200..260.")
@click.option(
    "--set", "sets", metavar="NAME=VALUE", multiple=True, help="Give a var of the SPEC a value."
)
@click.option("--variant", metavar="NAME", help="A member of the family in the SPEC.")
@training_option
@click.option("--all", "show_all", is_flag=True, help="Show more than 20 answers.")
@output_options("solve")
@limit_option
def solve(
    spec: str | None,
    volume: Volume | None,
    wanted: Volume | None,
    kind: str | None,
    inputs: Numbers | None,
    sets: tuple[str, ...],
    variant: str | None,
    training: bool,
    show_all: bool,
    limits: Limits,
    out: Output,
    **known: Numbers | None,
) -> int:
    """Find the hyperparameters that lead to a size or volume.

    Along one axis, between two volumes, or for a spec. Exit code 1 where nothing fits evenly.

    \b
    cnncalc solve -W 224 -F 11 -S 4            does it fit? if not, what would?
    cnncalc solve -W 224 -O 112 -S 2           F and P are asked for
    cnncalc solve --input 227x227x3 --output 55x55x96
    cnncalc solve alexnet --inputs 200..260

    Every answer is one that cnncalc's own layers agree with.
    """
    _refuse_mixtures(spec, volume, wanted, kind, inputs, (*sets, *([variant] if variant else [])))
    out.check([spec] if spec else [])
    found: WindowAnswers | LayerAnswers | InputAnswers
    progress = Progress()
    progress.say("searching")
    try:
        with progress.watching():
            if spec is not None:
                request = Request(sets, (), variant, limits=limits, training=training)
                found = _of_spec(spec, request, inputs, known, volume or wanted, progress.say)
            elif volume is not None or wanted is not None:
                found = _between(volume, wanted, kind, known)
            else:
                found = _along_an_axis(known)
    except SpecError as error:
        fail(error, out.color)
        return 1
    except (QuestionError, OverrideError) as error:
        raise click.UsageError(str(error)) from None
    out.write(found, show_all=show_all)
    return 0 if found.fits else 1


def _refuse_mixtures(
    spec: str | None,
    volume: Volume | None,
    wanted: Volume | None,
    kind: str | None,
    inputs: Numbers | None,
    of_spec: tuple[str, ...],
) -> None:
    """Options of another question than the one that is asked."""
    if kind is not None and volume is None and wanted is None:
        raise click.UsageError("--kind is of the layer between two volumes, --input and --output")
    if spec is None and (inputs is not None or of_spec):
        raise click.UsageError("--inputs, --set and --variant are about a SPEC; name one")


def _of_spec(
    name: str,
    request: Request,
    inputs: Numbers | None,
    known: dict[str, Numbers | None],
    volume: Volume | None,
    say: Callable[[str], None],
) -> InputAnswers:
    if volume or any(known[letter] for letter in _LETTERS):
        raise click.UsageError("a SPEC is solved for --inputs only")
    settings = list(request.settings())
    if len(settings) != 1:
        raise click.UsageError("solve takes one network: no lists in --set")
    spec, own = read_spec(name, request.limits.size)
    if inputs is None:
        raise click.UsageError("say which --inputs to try, such as --inputs 200..260")
    return solve_inputs(
        spec,
        inputs,
        vars=settings[0][0],
        variant=request.variant or own,
        training=request.training,
        max_layers=request.limits.layers,
        say=say,
    )


def _between(
    volume: Volume | None, wanted: Volume | None, kind: str | None, known: dict[str, Numbers | None]
) -> LayerAnswers:
    values = dict(known)
    size, output = values.pop("size"), values.pop("output")
    if volume is None or wanted is None or size or output:
        raise click.UsageError("two volumes are --input and --output, without -W and -O")
    return solve_layers(volume, wanted, kind=kind, **values)


def _along_an_axis(known: dict[str, Numbers | None]) -> WindowAnswers:
    if sum(known[letter] is not None for letter in _LETTERS) < 2:
        raise click.UsageError("at least two of -W, -F, -S, -P, -O; see --help")
    if known["size"] is None and known["output"] is None:
        raise click.UsageError("say -W or -O, the size before or after the window")
    return solve_windows(**known)
