"""cnncalc solve: what is known leads to what is not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any

import click

from cnncalc.commands.options import Command, color_option, complete_spec, read_whole
from cnncalc.volume import MAX_NUMBER, Volume
from cnncalc.wording import padding_text, per_axis_text, quote, visible

if TYPE_CHECKING:
    from cnncalc.commands.solve.solve import Axis, Window

_ROWS = 20  # answers shown unless --all is given
_MAX_LIST = 100_000


def numbers_from(least: int) -> Callable[[str], tuple[int, ...]]:
    """Reads a number, a list 1,3,5, or a range 1..11, of numbers that are not below `least`."""

    def numbers(text: str) -> tuple[int, ...]:
        found = chain.from_iterable(_range(part, least) for part in text.split(","))
        return tuple(dict.fromkeys(found))

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
    if last - first > _MAX_LIST:
        raise click.BadParameter(f"{shown} is a range of more than {_MAX_LIST:,}")
    return range(first, last + 1)


def volume_of(text: str) -> Volume:
    """A volume such as 227x227x3."""
    try:
        return Volume.parse(text)
    except ValueError as error:
        raise click.BadParameter(f"{visible(text)!r} is not a volume: {error}") from None


def numbers_option(*names: str, least: int = 1, **more: Any) -> Callable[[Command], Command]:
    return click.option(*names, metavar="NUMBERS", type=numbers_from(least), **more)


@click.command()
@click.argument("spec", required=False, shell_complete=complete_spec)
@numbers_option("-W", "--size", "sizes", help="Input size along an axis.")
@numbers_option("-F", "--kernel", "kernels", help="Kernel.")
@numbers_option("-S", "--stride", "strides", help="Stride.")
@numbers_option("-P", "--padding", "paddings", least=0, help="Padding on both sides.")
@numbers_option("-d", "--dilation", "dilations", default="1", help="Dilation. [1]")
@numbers_option("-O", "--output-size", "outputs", help="Output size along an axis.")
@click.option("--input", "volume", metavar="VOLUME", type=volume_of, help="The input volume.")
@click.option(
    "--output", "wanted", metavar="VOLUME", type=volume_of, help="The output volume wanted."
)
@click.option(
    "--kind",
    type=click.Choice(["conv", "depthwise_conv", "max_pool", "avg_pool"]),
    help="The kind of layer between two volumes. [conv, or max_pool if the channels agree]",
)
@numbers_option("--inputs", help="Input sizes to try a SPEC on, such as 200..260.")
@click.option("--variant", metavar="NAME", help="A member of the family in the SPEC.")
@click.option("--all", "show_all", is_flag=True, help=f"Show more than {_ROWS} answers.")
@color_option
def solve(
    spec: str | None,
    volume: Volume | None,
    wanted: Volume | None,
    kind: str | None,
    inputs: tuple[int, ...] | None,
    variant: str | None,
    show_all: bool,
    color: str,
    **known: tuple[int, ...] | None,
) -> int:
    """Find the hyperparameters that lead to a size or volume.

    Along one axis, between two volumes, or for a spec. Exit code 1 where nothing fits evenly.

    \b
    cnncalc solve -W 224 -F 11 -S 4            does it fit, and if not, what would?
    cnncalc solve -W 224 -O 112 -S 2           F and P are asked for
    cnncalc solve -F 3,5,7 -S 2 -P 1 -O 112    W is asked for
    cnncalc solve --input 227x227x3 --output 55x55x96
    cnncalc solve alexnet --inputs 200..260

    Every answer is one that cnncalc's own layers agree with.
    """
    from cnncalc.commands.solve.solve import TooManyError
    from cnncalc.render.stream import write

    given = [name for name in ("sizes", "kernels", "strides", "paddings", "outputs") if known[name]]
    try:
        if spec is not None:
            if given or volume or wanted:
                raise click.UsageError("a SPEC is solved for --inputs only")
            lines, code = _spec_answers(spec, variant, inputs, show_all)
        elif volume is not None or wanted is not None:
            if volume is None or wanted is None or known["sizes"] or known["outputs"]:
                raise click.UsageError("two volumes are --input and --output, without -W and -O")
            lines, code = _volume_answers(volume, wanted, kind, known, show_all)
        else:
            if len(given) < 2:
                raise click.UsageError("at least two of -W, -F, -S, -P, -O; see --help")
            lines, code = _axis_answers(known, show_all)
    except TooManyError as error:
        raise click.UsageError(str(error)) from None
    write("".join(f"{line}\n" for line in lines))
    return code


def _axis_of(known: dict[str, tuple[int, ...] | None]) -> Axis:
    from cnncalc.commands.solve.solve import Axis

    dilations = known["dilations"]
    assert dilations is not None
    return Axis(
        known["sizes"], known["kernels"], known["strides"], known["paddings"], known["outputs"],
        dilations,
    )  # fmt: skip


def _axis_answers(
    known: dict[str, tuple[int, ...] | None], show_all: bool
) -> tuple[list[str], int]:
    from cnncalc.commands.solve.solve import solve_axis

    axis = _axis_of(known)
    if axis.outputs is None:
        # O is what is asked for: S and P have the defaults that every framework gives them.
        axis = axis._replace(strides=axis.strides or (1,), paddings=axis.paddings or (0,))
    if axis.sizes is None and axis.outputs is None:
        raise click.UsageError("say -W or -O, the size before or after the window")
    found = solve_axis(axis)
    if len(found) == 1 and axis.outputs is None:
        return _verdict(found[0])
    if not found:
        return _nothing_on_axis(axis), 1
    return _table_of(found, show_all), 0


def _verdict(found: Window) -> tuple[list[str], int]:
    """Does it fit? And if not, what would?"""
    from cnncalc.arithmetic import exact_text, unread, window_formula
    from cnncalc.commands.solve.solve import remedies
    from cnncalc.wording import count

    numbers = found[:5]
    formula = f"(W − F + 2P)/S + 1 = {window_formula(*numbers)} = {exact_text(*numbers)}"
    if found.exact:
        return [formula, f"It fits: O = {found.output}."], 0
    rows = count(unread(*numbers), "row")
    lines = [
        formula,
        f"It does not fit evenly. Rounded down O = {found.output}, and {rows} of the padded input "
        "would not be read.",
        "",
        "What fits:",
        *_rows(remedies(found)),
    ]
    return lines, 1


def _nothing_on_axis(axis: Axis) -> list[str]:
    """Why there is no answer, and what comes nearest."""
    from cnncalc.commands.solve.solve import solve_axis

    free = axis._replace(outputs=None, strides=axis.strides or (1,), paddings=axis.paddings or (0,))
    others = solve_axis(free) if axis.sizes else []
    lines = ["No whole numbers lead there."]
    if others and axis.outputs:
        wanted = axis.outputs
        others.sort(key=lambda found: min(abs(found.output - size) for size in wanted))
        lines += ["", "The nearest:", *_rows(others[:5])]
    elif axis.sizes and axis.kernels:
        lines += ["The kernel is larger than the padded input."]
    return lines


def _table_of(found: list[Window], show_all: bool) -> list[str]:
    shown = found if show_all else found[:_ROWS]
    lines = list(_rows(shown))
    if len(found) > len(shown):
        lines.append(f"  and {len(found) - len(shown):,} more (--all)")
    return lines


def _rows(found: list[Window]) -> Iterator[str]:
    dilated = any(window.dilation > 1 for window in found)
    head = ("W", "F", "S", "P", *(["d"] if dilated else []), "O", "")
    return _aligned([head, *(_row(window, dilated) for window in found)])


def _row(found: Window, dilated: bool) -> tuple[str, ...]:
    size, kernel, stride, pads, dilation = found[:5]
    numbers = (size, kernel, stride, padding_text([pads]), *([dilation] if dilated else []))
    return *map(str, (*numbers, found.output)), "" if found.exact else "rounded down"


def _aligned(table: list[tuple[str, ...]]) -> Iterator[str]:
    """Numbers to the right, and the remark at the end to the left."""
    from cnncalc.render.table import aligned

    return aligned(table, [True] * (len(table[0]) - 1) + [False])


def _volume_answers(
    volume: Volume,
    wanted: Volume,
    kind: str | None,
    known: dict[str, tuple[int, ...] | None],
    show_all: bool,
) -> tuple[list[str], int]:
    from cnncalc.commands.solve.solve import solve_axis, solve_volumes

    if not volume.sizes or len(volume.sizes) != len(wanted.sizes):
        raise click.UsageError(
            f"{volume} and {wanted} have different numbers of axes; "
            "fc leads from any volume to a vector"
        )
    kind = kind or ("max_pool" if volume.channels == wanted.channels else "conv")
    axis = _axis_of(known)
    axes = [
        axis._replace(sizes=(size,), outputs=(output,))
        for size, output in zip(volume.sizes, wanted.sizes, strict=True)
    ]
    answers = solve_volumes(kind, volume, wanted, axes)
    if not answers:
        lines = [f"No {kind} leads from {volume.text()} to {wanted.text()}."]
        if kind != "conv" and volume.channels != wanted.channels:
            lines.append(f"A {kind} keeps the {volume.channels} channels of its input.")
        for size, output, one in dict.fromkeys(zip(volume.sizes, wanted.sizes, axes, strict=True)):
            if not solve_axis(one):
                enlarges = " Padding aside, only transposed_conv and upsample enlarge."
                lines.append(
                    f"No window with these values turns {size} into {output}."
                    + (enlarges if output > size else "")
                )
        return lines, 1
    shown = answers if show_all else answers[:_ROWS]
    head = ("", "F", "S", "P", "weights", "MACs", "field", "")
    rows = [(kind, *_texts(layer), "" if exact else "rounded down") for layer, exact in shown]
    table: list[tuple[str, ...]] = [head, *rows]
    lines = [f"{volume.text()} → {wanted.text()}", "", *_aligned(table)]
    if len(answers) > len(shown):
        lines.append(f"  and {len(answers) - len(shown):,} more (--all)")
    return lines, 0


def _texts(layer: Any) -> tuple[str, ...]:
    from cnncalc.arithmetic import extent

    field = tuple(map(extent, layer.kernel, layer.dilation))
    return (
        per_axis_text(layer.kernel),
        per_axis_text(layer.stride),
        padding_text(layer.pads),
        f"{layer.weights:,}",
        f"{layer.macs:,}",
        per_axis_text(field),
    )


def _spec_answers(
    name: str, variant: str | None, inputs: tuple[int, ...] | None, show_all: bool
) -> tuple[list[str], int]:
    from cnncalc.commands.options import MAX_SIZE, fail, read_spec
    from cnncalc.commands.solve.solve import smallest_input, try_inputs
    from cnncalc.network.build import SpecError

    try:
        spec, own = read_spec(name, MAX_SIZE)
        variant = variant or own
        if inputs is None:
            raise click.UsageError("say which --inputs to try, such as --inputs 200..260")
        tried = list(try_inputs(spec, variant, inputs))
        smallest = smallest_input(spec, variant)
    except SpecError as error:
        fail(error, "never")
        return [], 1
    even = [size for size in tried if size.even]
    lines = []
    if even:
        lines.append(f"Fit evenly through the whole network: {_ranges([s.size for s in even])}.")
    else:
        lines.append("None of these sizes fits evenly through the whole network.")
        lines += [f"  {size.size}: {visible(size.reason)}" for size in tried[:5]]
    rounded = [size.size for size in tried if size.output is not None and not size.even]
    refused = [size.size for size in tried if size.output is None]
    if rounded:
        lines.append(f"Accepted, with rows that no window reads: {_ranges(rounded)}.")
    if refused:
        lines.append(f"Refused: {_ranges(refused)}.")
    if smallest is not None:
        lines.append(f"The smallest input it accepts is {smallest}.")
    return lines, 0 if even else 1


def _ranges(numbers: list[int]) -> str:
    """3, 5 to 9, 11: neighbours drawn together, and even steps named."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and number == parts[-1][-1] + 1:
            parts[-1].append(number)
        else:
            parts.append([number])
    return ", ".join(
        str(part[0]) if len(part) == 1 else f"{part[0]} to {part[-1]}" for part in parts
    )
