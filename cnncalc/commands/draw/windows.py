"""Where the windows of a layer lie: along each axis the cells of its input, and who reads them.

Cells have the numbers of the input's rows, from 0 on; those of the padding before it are negative.
A transposed convolution is drawn as the convolution that it is: over its input with S − 1 zeros
between neighbours, with the kernel turned over and stride 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import gcd

from cnncalc.arithmetic import adaptive_window, extent, span
from cnncalc.layers.base import Operation
from cnncalc.layers.pool import AdaptivePool, GlobalPool
from cnncalc.layers.transposed import TransposedConv
from cnncalc.layers.window import Window

# What a cell is.
INPUT, ZERO, PADDING, BEYOND = "input", "zero", "padding", "beyond"


@dataclass(frozen=True, slots=True)
class Axis:
    """The cells along one axis, and the windows over them."""

    size: int  # cells of the input, with the zeros between its values
    before: int  # cells of padding
    after: int
    output: int  # windows
    kernel: int = 1
    stride: int = 1
    dilation: int = 1
    first: int = 0  # the first cell of the first window
    spread: int = 1  # from one value of the input to the next
    adaptive: bool = False

    def taps(self, window: int) -> range:
        """The cells that a window reads, by its number from 0 on."""
        if self.adaptive:
            return range(*adaptive_window(window, self.size, self.output))
        start = self.first + window * self.stride
        return range(start, start + extent(self.kernel, self.dilation), self.dilation)

    def is_read(self, cell: int) -> bool:
        """Whether any window reads a cell."""
        if self.adaptive:
            return 0 <= cell < self.size
        # The weight j of window w is over it: w·S + j·d = place, for w < O and j < F.
        place, common = cell - self.first, gcd(self.stride, self.dilation)
        if place % common:
            return False
        cycle = self.stride // common  # the solutions j repeat with this distance
        residue = place // common * pow(self.dilation // common, -1, cycle) % cycle
        lowest = max(0, -(((self.output - 1) * self.stride - place) // self.dilation))
        highest = min(self.kernel - 1, place // self.dilation)
        return lowest + (residue - lowest) % cycle <= highest

    def what(self, cell: int) -> str:
        """INPUT, ZERO, PADDING or BEYOND."""
        if 0 <= cell < self.size:
            return ZERO if cell % self.spread else INPUT
        return PADDING if -self.before <= cell < self.size + self.after else BEYOND

    @property
    def start(self) -> int:
        """The first cell there is."""
        return -self.before

    @property
    def end(self) -> int:
        """Behind the last cell: of the padded input, or of a window that reaches beyond it."""
        return max(self.size + self.after, self.taps(self.output - 1)[-1] + 1)

    @property
    def cells(self) -> int:
        return self.end - self.start


def axes_of(operation: Operation) -> list[Axis]:
    """The axes of a layer; none where it has no window."""
    sizes, outputs = operation.input.sizes, operation.output.sizes
    if isinstance(operation, TransposedConv):
        numbers = zip(operation.per_axis_numbers(), outputs, strict=True)
        return [_transposed(*known, output) for known, output in numbers]
    if isinstance(operation, Window):
        return [
            Axis(size, *pads, output, kernel, stride, dilation, first=-pads[0])
            for (size, kernel, stride, pads, dilation), output in zip(
                operation.per_axis_numbers(), outputs, strict=True
            )
        ]
    if isinstance(operation, GlobalPool):
        return [Axis(size, 0, 0, 1, kernel=size) for size in sizes]
    if isinstance(operation, AdaptivePool):
        return [
            Axis(size, 0, 0, output, adaptive=True)
            for size, output in zip(sizes, outputs, strict=True)
        ]
    return []


def _transposed(
    size: int, kernel: int, stride: int, pads: tuple[int, int], dilation: int, output: int
) -> Axis:
    spread = (size - 1) * stride + 1
    first = pads[0] - dilation * (kernel - 1)
    last = first + span(output, kernel, 1, dilation) - 1
    return Axis(
        spread, max(0, -first), max(0, last + 1 - spread), output, kernel, 1, dilation,
        first=first, spread=stride,
    )  # fmt: skip


def runs(axis: Axis, cells: Sequence[int]) -> list[tuple[int, int, str, bool]]:
    """Neighbouring cells that are the same: first, behind the last, what they are, who is read."""
    found: list[tuple[int, int, str, bool]] = []
    for cell in cells:
        kind, read = axis.what(cell), axis.is_read(cell)
        if found and found[-1][1:] == (cell, kind, read):
            found[-1] = (found[-1][0], cell + 1, kind, read)
        else:
            found.append((cell, cell + 1, kind, read))
    return found
