"""The layers of a kind that lead from one volume to another."""

from collections.abc import Iterable
from itertools import product
from typing import NamedTuple

from cnncalc.commands.solve.numbers import Numbers
from cnncalc.commands.solve.search import Axis, Window, make, solve_axis
from cnncalc.layers.window import Window as WindowLayer
from cnncalc.volume import Volume

TRANSPOSED = "transposed_conv"
KINDS = ("conv", "depthwise_conv", "max_pool", "avg_pool", TRANSPOSED)
_MAX_LAYERS = 10_000  # found in one search
_MAX_PER_AXIS = 20  # tried of each axis where no window does for all


class Answer(NamedTuple):
    """A layer that leads from one volume to another."""

    layer: WindowLayer
    exact: bool  # whether it is even: no row is left over, and none has to be added

    @property
    def effort(self) -> tuple[object, ...]:
        """The simplest first: even, axes alike, symmetric, small."""
        kernel, stride, pads = self.layer.kernel, self.layer.stride, self.layer.pads
        uneven = any(before != after for before, after in pads)
        unlike = len(set(zip(kernel, stride, pads, strict=True))) > 1
        skips = any(step > size for step, size in zip(stride, kernel, strict=True))
        padding = max(map(max, pads))
        return (not self.exact, unlike, uneven, skips, sum(kernel), padding, sum(stride))


def solve_volumes(kind: str, volume: Volume, output: Volume, known: Axis) -> list[Answer]:
    """All layers of a kind that turn `volume` into `output`, the simplest first.

    `known` holds of every axis but for its W and O. Axes are alike where that is possible at all,
    as in nearly every network; else each has its own window. Raises TooManyError.
    """
    pairs = list(zip(volume.sizes, output.sizes, strict=True))
    found = {pair: solve_sizes(kind, *pair, known) for pair in dict.fromkeys(pairs)}
    per_axis = [found[pair] for pair in pairs]
    own = product(*(windows[:_MAX_PER_AXIS] for windows in per_axis))
    choices: Iterable[tuple[Window, ...]] = _common(per_axis) or own
    answers: list[Answer] = []
    for windows in choices:
        if answer := _answer(kind, volume, output, windows):
            answers.append(answer)
        if len(answers) >= _MAX_LAYERS:
            break
    return sorted(answers, key=lambda answer: answer.effort)


def solve_sizes(kind: str, size: int, output: int, known: Axis) -> list[Window]:
    """The windows that lead from a size to another; of a transposed convolution those back.

    A transposed convolution turns W into O where a convolution turns O into W, and its output
    padding is the rows which that convolution does not read.
    """
    ends = (output, size) if kind == TRANSPOSED else (size, output)
    sizes, outputs = map(Numbers.of, ends)
    return solve_axis(known._replace(sizes=sizes, outputs=outputs))


def _common(per_axis: list[list[Window]]) -> list[tuple[Window, ...]]:
    """The windows whose F, S, P and d are found on every axis."""
    tables = [{window.numbers[1:]: window for window in found} for found in per_axis]
    return [
        tuple(table[numbers] for table in tables)
        for numbers in tables[0]
        if all(numbers in table for table in tables)
    ]


def _answer(
    kind: str, volume: Volume, output: Volume, windows: tuple[Window, ...]
) -> Answer | None:
    layer = make(
        kind,
        volume,
        filters=output.channels,
        kernel=tuple(window.kernel for window in windows),
        stride=tuple(window.stride for window in windows),
        padding=tuple(window.padding for window in windows),
        dilation=tuple(window.dilation for window in windows),
        output_padding=tuple(window.unread for window in windows),
    )
    if layer is None or layer.output != output:
        return None
    return Answer(layer, all(window.exact for window in windows))
