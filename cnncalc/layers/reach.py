"""Reach: which stretch of rows below each row of a volume depends on, along one axis.

A pattern that repeats: row `phase + n·period` sees the rows from `first + n·step` to `last +
n·step` of its `phase`. A sliding window is one phase with step S; upsampling by 2 is two phases
that see the same row; a fully connected layer is one phase with step 0, as every unit sees all.
Starts are not clipped at the border: rows of padding count as rows.
"""

from __future__ import annotations

from math import gcd, lcm
from typing import NamedTuple

from cnncalc.arithmetic import Pair, adaptive_window, extent

MAX_PHASES = 64

Stretch = tuple[int, int] | None  # first and last row seen; None sees nothing


class Reach(NamedTuple):
    """The rows that each row sees; `aligned` is False where only the largest size is known."""

    step: int
    stretches: tuple[Stretch, ...]  # one a phase
    aligned: bool = True

    @property
    def period(self) -> int:
        return len(self.stretches)

    @property
    def size(self) -> int:
        """The most rows that one row sees."""
        return max((last - first + 1 for first, last in filter(None, self.stretches)), default=0)

    def stretch(self, row: int) -> Stretch:
        """What one row sees."""
        turns, phase = divmod(row, self.period)
        seen = self.stretches[phase]
        return seen and (seen[0] + turns * self.step, seen[1] + turns * self.step)

    def over(self, rows: Stretch) -> Stretch:
        """What the rows from first to last see together, from the least to the greatest."""
        if rows is None:
            return None
        first, last = rows
        # A period further on sees `step` more, so that the outermost periods decide.
        lows = range(first, min(last, first + self.period - 1) + 1)
        highs = range(max(first, last - self.period + 1), last + 1)
        starts = [seen[0] for seen in map(self.stretch, lows) if seen]
        ends = [seen[1] for seen in map(self.stretch, highs) if seen]
        return (min(starts), max(ends)) if starts and ends else None

    def after(self, below: Reach) -> Reach:
        """This reach on top of `below`: rows here to rows of what `below` reaches."""
        turns = below.period // gcd(below.period, self.step) if self.step else 1
        period = self.period * turns
        if period > MAX_PHASES:
            return self.largest_after(below)
        step = self.step * turns * below.step // below.period if self.step else 0
        stretches = tuple(below.over(self.stretch(row)) for row in range(period))
        return Reach(step, stretches, self.aligned and below.aligned).shortened()

    def largest_after(self, below: Reach) -> Reach:
        """The widest stretch as the only phase, where the phases are too many to follow."""
        seen = [below.over(self.stretch(row)) for row in range(MAX_PHASES)]
        widest = max(filter(None, seen), key=lambda pair: pair[1] - pair[0], default=None)
        return Reach(self.step * below.step // below.period // self.period, (widest,), False)

    def shortened(self) -> Reach:
        """The same with as few phases as it can be said in."""
        for period in range(1, self.period):
            if self.period % period == 0 and self.step * period % self.period == 0:
                short = Reach(
                    self.step * period // self.period, self.stretches[:period], self.aligned
                )
                if all(short.stretch(row) == seen for row, seen in enumerate(self.stretches)):
                    return short
        return self

    def union(self, other: Reach, rows: int) -> Reach:
        """What a row sees through either of two branches that both have `rows` rows.

        The steps must agree, or one branch sees everything that the other can reach; else the
        result is not aligned and the larger of the two.
        """
        aligned = self.aligned and other.aligned
        if self.step * other.period == other.step * self.period:
            period = lcm(self.period, other.period)
            if period <= MAX_PHASES:
                both = tuple(_hull(self.stretch(row), other.stretch(row)) for row in range(period))
                return Reach(self.step * period // self.period, both, aligned).shortened()
        for all_seeing, rest in ((self, other), (other, self)):
            if all_seeing.step == 0 and _hull(
                all_seeing.over((0, 0)), rest.over((0, rows - 1))
            ) == (all_seeing.over((0, 0))):
                return all_seeing._replace(aligned=aligned)
        return max(self, other, key=lambda reach: reach.size)._replace(aligned=False)


def _hull(one: Stretch, other: Stretch) -> Stretch:
    if one is None or other is None:
        return one or other
    return min(one[0], other[0]), max(one[1], other[1])


def identity() -> Reach:
    """Every row sees its own."""
    return shift(0)


def shift(rows: int) -> Reach:
    """Row i sees row i + rows (crop, slice; a negative shift is padding before)."""
    return Reach(1, ((rows, rows),))


def whole(rows: int) -> Reach:
    """Every row sees all (fully connected layers, global pools)."""
    return Reach(0, ((0, rows - 1),))


def window(kernel: int, stride: int, before: int, dilation: int = 1) -> Reach:
    """A sliding window."""
    return Reach(stride, ((-before, extent(kernel, dilation) - 1 - before),))


def enlarged(factor: int) -> Reach:
    """`factor` neighbouring rows see the same row (upsample, pixel_shuffle)."""
    if factor > MAX_PHASES:
        return Reach(0, ((0, 0),), False)
    return Reach(1, ((0, 0),) * factor)


def adaptive(size: int, output: int) -> Reach:
    """Adaptive pooling: the windows repeat after O/gcd(W, O) of them."""
    common = gcd(size, output)
    period = output // common
    windows = tuple(
        (first, end - 1)
        for first, end in (adaptive_window(row, size, output) for row in range(min(period, 64)))
    )
    if period > MAX_PHASES:
        return Reach(0, (max(windows, key=lambda pair: pair[1] - pair[0]),), False)
    return Reach(size // common, windows)


def transposed(kernel: int, stride: int, padding: Pair, dilation: int = 1) -> Reach:
    """Row o sees the input rows i with o + P_before = i·S + k·d for a k of the kernel."""
    if stride > MAX_PHASES:
        rows = -(-extent(kernel, dilation) // stride)
        return Reach(1, ((0, rows - 1),), False)
    phases = (_contributors(row + padding[0], kernel, stride, dilation) for row in range(stride))
    return Reach(1, tuple(phases)).shortened()


def _contributors(place: int, kernel: int, stride: int, dilation: int) -> Stretch:
    """The first and the last i with place − i·S in {0, d, ..., d(F − 1)}."""
    common = gcd(stride, dilation)
    if place % common:
        return None
    cycle = dilation // common  # the solutions i repeat with this distance
    residue = place // common * pow(stride // common, -1, cycle) % cycle if cycle > 1 else 0
    lowest = -((dilation * (kernel - 1) - place) // stride)  # the least i that is not too far back
    highest = place // stride
    first = lowest + (residue - lowest) % cycle
    last = highest - (highest - residue) % cycle
    return (first, last) if first <= last else None
