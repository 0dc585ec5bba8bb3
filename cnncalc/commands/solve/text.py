"""What solve has found as text: a verdict, a table of answers, or why there is none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from cnncalc.arithmetic import exact_text, extent, window_formula
from cnncalc.commands.solve.layers import TRANSPOSED, Answer
from cnncalc.commands.solve.model import InputAnswers, LayerAnswers, WindowAnswers
from cnncalc.commands.solve.search import Window
from cnncalc.layers.window import Window as WindowLayer
from cnncalc.render.stream import Paper
from cnncalc.render.table import Cells, aligned
from cnncalc.wording import count, padding_text, per_axis_text, visible

ROWS = 20  # answers shown unless all are asked for
_MAX_REASONS = 5
_ROUNDED = "rounded down"


def render_text(
    found: WindowAnswers | LayerAnswers | InputAnswers, paper: Paper, show_all: bool = False
) -> str:
    """The answers to any of the three questions."""
    rows = None if show_all else ROWS
    if isinstance(found, InputAnswers):
        lines = _of_inputs(found)
    elif isinstance(found, LayerAnswers):
        lines = _of_layers(found, rows) if found.answers else _no_layer(found)
    elif found.verdict is not None:
        lines = _verdict(found.verdict, found.others)
    else:
        lines = _of_windows(found.windows, rows) if found.windows else _no_window(found)
    return "".join(f"{line}\n" for line in lines)


# A window along an axis.


def _verdict(found: Window, others: list[Window]) -> Iterator[str]:
    """Does it fit? And if not, what would?"""
    numbers = found.numbers
    yield f"(W − F + 2P)/S + 1 = {window_formula(*numbers)} = {exact_text(*numbers)}"
    if found.exact:
        yield f"It fits: O = {found.output}."
        return
    yield (
        f"It does not fit evenly. Rounded down O = {found.output}, and "
        f"{count(found.unread, 'row')} of the padded input would not be read."
    )
    yield from ("", "What fits:", *_windows(others))


def _of_windows(found: list[Window], rows: int | None) -> Iterator[str]:
    yield from _windows(found[:rows])
    yield from _more(found, rows)


def _no_window(found: WindowAnswers) -> Iterator[str]:
    """Why there is no answer, and what comes nearest."""
    yield "No whole numbers lead there."
    axis = found.axis
    if found.others:
        yield from ("", "The nearest:", *_windows(found.others))
    elif axis.sizes and axis.kernels:
        yield "The kernel is larger than the padded input."


def _windows(found: list[Window]) -> Iterator[str]:
    dilated = any(window.dilation > 1 for window in found)
    head = ("W", "F", "S", "P", *(["d"] if dilated else []), "O", "")
    return _aligned([head, *(_window(window, dilated) for window in found)])


def _window(found: Window, dilated: bool) -> Cells:
    size, kernel, stride, pads, dilation = found.numbers
    numbers = (size, kernel, stride, padding_text([pads]), *([dilation] if dilated else []))
    return *map(str, (*numbers, found.output)), "" if found.exact else _ROUNDED


# A layer between two volumes.


def _of_layers(found: LayerAnswers, rows: int | None) -> Iterator[str]:
    head = ("", "F", "S", "P", "weights", "MACs", "field", "")
    cells = [(found.kind, *_layer(answer)) for answer in found.answers[:rows]]
    yield from (f"{found.input.text()} → {found.output.text()}", "", *_aligned([head, *cells]))
    yield from _more(found.answers, rows)


def _layer(answer: Answer) -> Cells:
    layer = answer.layer
    return (
        per_axis_text(layer.kernel),
        per_axis_text(layer.stride),
        padding_text(layer.pads),
        f"{layer.weights:,}",
        f"{layer.macs:,}",
        per_axis_text(map(extent, layer.kernel, layer.dilation)),
        "" if answer.exact else _remark(layer),
    )


def _remark(layer: WindowLayer) -> str:
    """What is not even about a layer."""
    if layer.kind != TRANSPOSED:
        return _ROUNDED
    return f"output_padding {per_axis_text(layer.shown_arguments['output_padding'])}"


def _no_layer(found: LayerAnswers) -> Iterator[str]:
    kind, before, after = found.kind, found.input, found.output
    yield f"No {kind} leads from {before.text()} to {after.text()}."
    if kind not in ("conv", TRANSPOSED) and before.channels != after.channels:
        yield f"A {kind} keeps the {before.channels} channels of its input."
    for size, output in found.blocked:
        enlarges = output > size and kind != TRANSPOSED
        yield f"No window with these values turns {size} into {output}." + (
            " Padding aside, only transposed_conv and upsample enlarge." if enlarges else ""
        )


# The inputs of a spec.


def _of_inputs(found: InputAnswers) -> Iterator[str]:
    if found.fits:
        even = _ranges(size.size for size in found.tried if size.even)
        yield f"Fit evenly through the whole network: {even}."
    else:
        yield "None of these sizes fits evenly through the whole network."
        for size in found.tried[:_MAX_REASONS]:
            yield f"  {size.size}: {visible(size.reason)}"
    if rounded := _ranges(size.size for size in found.tried if size.output and not size.even):
        yield f"Accepted, with rows that no window reads: {rounded}."
    if refused := _ranges(size.size for size in found.tried if size.output is None):
        yield f"Refused: {refused}."
    if found.smallest is not None:
        yield f"The smallest input it accepts is {found.smallest}."


def _ranges(numbers: Iterable[int]) -> str:
    """3, 5 to 9, 11: neighbours drawn together."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and number == parts[-1][-1] + 1:
            parts[-1][1:] = [number]
        else:
            parts.append([number])
    return ", ".join(" to ".join(map(str, part)) for part in parts)


# All of them.


def _aligned(table: Sequence[Cells]) -> Iterator[str]:
    """Numbers to the right, and the remark at the end to the left."""
    return aligned(table, [True] * (len(table[0]) - 1) + [False])


def _more(found: Sequence[object], rows: int | None) -> Iterator[str]:
    if rows is not None and len(found) > rows:
        yield f"  and {len(found) - rows:,} more (--all)"
