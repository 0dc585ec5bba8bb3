"""Windows: how the padding of a spec is said in Keras.

Keras knows `valid`, `same` (TensorFlow's: what is odd goes after) and, for one axis, `causal`. All
else becomes a layer of zeros before. Where a spec rounds up, the rows that the last window needs
are padding at the end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.arithmetic import Pair, extent, same_padding, same_size, span
from cnncalc.exchange.export.layout import Code, row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnncalc.layers.window import Window

Pads = tuple[Pair, ...]


def needed(window: Window) -> Pads:
    """The rows before and after that all windows of the output need, per axis."""
    return tuple(
        (before, after + max(0, span(output, kernel, stride, dilation) - size - before - after))
        for output, (size, kernel, stride, (before, after), dilation) in zip(
            window.output.sizes, window.per_axis_numbers(), strict=True
        )
    )


def is_valid(window: Window) -> bool:
    return not any(map(any, needed(window)))


def is_same(window: Window) -> bool:
    """Whether `padding="same"` gives the same rows."""
    axes = [*window.per_axis_numbers()]
    rows = tuple(same_padding(size, kernel, stride, d) for size, kernel, stride, _, d in axes)
    sizes = tuple(same_size(size, stride) for size, _, stride, _, _ in axes)
    return rows == needed(window) and sizes == window.output.sizes


def common(windows: Sequence[Window]) -> Pads | None:
    """The rows that all need, if they agree."""
    first, *others = map(needed, windows)
    return first if all(other == first for other in others) else None


def pads_code(pads: Pads) -> Code:
    """1, (1, 2) or ((0, 1), (0, 1)); of a single axis 1 or (0, 1)."""
    if any(before != after for before, after in pads):
        pairs = [row(map(str, pair)) for pair in pads]
        return pairs[0] if len(pairs) == 1 else row(pairs)
    numbers = [str(before) for before, _ in pads]
    return numbers[0] if len(set(numbers)) == 1 else row(numbers)


def reaches(window: Window) -> tuple[int, ...]:
    """How many rows a window spans, per axis."""
    return tuple(map(extent, window.kernel, window.dilation))
