"""Reach: which stretch of rows below each row of a volume depends on, along one axis.

A pattern that repeats: row `phase + n·period` sees the rows from `first + n·step` to `last +
n·step` of its `phase`. A sliding window is one phase with step S; upsampling by 2 is two phases
that see the same row; a fully connected layer is one phase with step 0, as every unit sees all.
Starts are not clipped at the border: rows of padding count as rows.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from math import gcd, lcm
from typing import NamedTuple

from cnncalc.arithmetic import Pair, adaptive_window, extent, linear_stretch, nearest_stretch

MAX_PHASES = 64
MAX_STEP = 10**30  # rows from one stretch to the next; beyond it the steps are no longer followed

Stretch = tuple[int, int] | None  # first and last row seen; None sees nothing


class Reach(NamedTuple):
    """The rows that each row sees.

    `aligned` is False where the phases are too many, or too different, to be followed: then the one
    stretch there is stands for all phases, with the size of the largest. `even`: from row to row it
    lies a little further on, as in resizing; else it stays at one place up to the next turn.
    """

    step: int
    stretches: tuple[Stretch, ...]  # one a phase
    aligned: bool = True
    spacing: int = 1  # a dilated window sees every d-th row of its stretch
    turn: int = 0  # rows until the pattern repeats, where there is not a stretch for each
    even: bool = False

    @property
    def period(self) -> int:
        return self.turn or len(self.stretches)

    def covers(self, rows: int) -> bool:
        """Whether every row sees all of `rows` rows."""
        seen = self.stretches[0]
        return self.step == 0 and seen is not None and seen[0] <= 0 and seen[1] >= rows - 1

    def size(self, rows: int) -> int:
        """The most rows that one of `rows` rows sees."""
        there = filter(None, self.stretches[:rows])
        return max((last - first + 1 for first, last in there), default=0)

    def stretch(self, row: int) -> Stretch:
        """What one row sees."""
        seen = self.stretches[min(row % self.period, len(self.stretches) - 1)]
        moved = _moved(row, self.step, self.period, even=self.even)
        return seen and (seen[0] + moved, seen[1] + moved)

    def over(self, rows: Stretch, spacing: int = 1) -> Stretch:
        """What the rows first, first + spacing, ... last see, from the least to the greatest."""
        if rows is None:
            return None
        first, last = rows
        # A period further on sees `step` more, so that the outermost periods decide.
        reach = (min(self.period, MAX_PHASES) - 1) * spacing
        lows = range(first, min(last, first + reach) + 1, spacing)
        highs = range(last, max(first, last - reach) - 1, -spacing)
        starts = [seen[0] for seen in map(self.stretch, lows) if seen]
        ends = [seen[1] for seen in map(self.stretch, highs) if seen]
        return (min(starts), max(ends)) if starts and ends else None

    @lru_cache(1024)  # noqa: B019  # the axes of a map are mostly alike, and a Reach is a value
    def after(self, below: "Reach") -> "Reach":
        """This reach on top of `below`: rows here to rows of what `below` reaches."""
        turns = below.period // gcd(below.period, self.step) if self.step else 1
        period = self.period * turns
        step = self.step * turns // below.period * below.step if self.step else 0
        seen = tuple(below.over(self.stretch(row), self.spacing) for row in _followed(period))
        aligned = self.aligned and below.aligned
        if step > MAX_STEP:  # thousands of strides on a map of one row: beyond all meaning
            step, aligned = 0, False
        if period > MAX_PHASES:
            even = self.even or below.even or min(self.period, below.period) > 1
            return _largest(step, seen, period, even=even)
        return Reach(step, seen, aligned).shortened()

    def shortened(self) -> "Reach":
        """The same with as few phases as it can be said in."""
        for period in range(1, self.period):
            if self.period % period == 0 and self.step * period % self.period == 0:
                step = self.step * period // self.period
                short = self._replace(step=step, stretches=self.stretches[:period])
                if all(short.stretch(row) == seen for row, seen in enumerate(self.stretches)):
                    return short
        return self

    @lru_cache(1024)  # noqa: B019
    def union(self, other: "Reach", rows: int) -> "Reach":
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
        if rows == 1:  # a single row has no neighbours, and its step says nothing
            return Reach(0, (_hull(self.stretch(0), other.stretch(0)),), aligned)
        for all_seeing, rest in ((self, other), (other, self)):
            if all_seeing.step == 0 and _hull(
                all_seeing.over((0, 0)), rest.over((0, rows - 1))
            ) == (all_seeing.over((0, 0))):
                return all_seeing._replace(aligned=aligned)
        return max(self, other, key=lambda reach: reach.size(rows))._replace(aligned=False)


def _followed(period: int) -> Sequence[int]:
    """The rows of one period; of too many, those around the next turn and some on the way."""
    if period <= MAX_PHASES:
        return range(period)
    half = MAX_PHASES // 2
    return [*range(-half, half), *range(half, period - half, period // MAX_PHASES)]


def _moved(row: int, step: int, period: int, *, even: bool) -> int:
    """How much further on a row sees than the first one does."""
    return row * step // period if even else row // period * step


def _largest(step: int, seen: tuple[Stretch, ...], period: int, *, even: bool = False) -> Reach:
    """The widest of some stretches for all phases, where they are too many to follow."""
    there = [
        (stretch[1] - stretch[0], stretch[0] - _moved(row, step, period, even=even))
        for row, stretch in zip(_followed(period), seen, strict=True)
        if stretch
    ]
    if not there:
        return Reach(step, (None,), False, turn=period)
    width, first = max(there, key=lambda one: one[0])
    return Reach(step, ((first, first + width),), False, turn=period, even=even)


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
    seen = (-before, extent(kernel, dilation) - 1 - before)
    return Reach(stride, (seen,), spacing=dilation)


def patches(kernel: int) -> Reach:
    """Each of `kernel` neighbouring rows sees all of them (attention within windows)."""
    if kernel > MAX_PHASES:
        return Reach(kernel, ((0, kernel - 1),), False, turn=kernel)
    return Reach(kernel, ((0, kernel - 1),) * kernel)


def enlarged(factor: int) -> Reach:
    """`factor` neighbouring rows see the same row (pixel_shuffle)."""
    return resized(1, factor)


def resized(size: int, output: int, *, linear: bool = False) -> Reach:
    """Resizing W rows to O, the nearest row or linearly between two; repeats after O/gcd(W, O)."""
    stretch = linear_stretch if linear else nearest_stretch
    return _repeating(size, output, lambda row: stretch(row, size, output))


def adaptive(size: int, output: int) -> Reach:
    """Adaptive pooling: the windows repeat after O/gcd(W, O) of them."""

    def seen(row: int) -> Pair:
        first, end = adaptive_window(row, size, output)
        return first, end - 1

    return _repeating(size, output, seen)


def _repeating(size: int, output: int, seen: Callable[[int], Pair]) -> Reach:
    """W rows become O, which see what `seen` says; after O/gcd(W, O) of them it repeats."""
    common = gcd(size, output)
    period = output // common
    stretches = tuple(map(seen, _followed(period)))
    if period > MAX_PHASES:
        return _largest(size // common, stretches, period, even=True)
    return Reach(size // common, stretches)


def transposed(kernel: int, stride: int, padding: Pair, dilation: int = 1) -> Reach:
    """Row o sees the input rows i with o + P_before = i·S + k·d for a k of the kernel."""
    rows = _followed(stride)
    phases = tuple(_contributors(row + padding[0], kernel, stride, dilation) for row in rows)
    if stride > MAX_PHASES:
        return _largest(1, phases, stride)
    return Reach(1, phases, spacing=dilation // gcd(stride, dilation)).shortened()


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
