"""The whole numbers that a letter may be, as ranges: none is made before it is tried."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import chain
from operator import index


class Numbers:
    """Whole numbers in rising order, each once, held as ranges that do not touch."""

    def __init__(self, ranges: Iterable[range]) -> None:
        """Of ranges with step 1, in any order; they may overlap."""
        self.ranges = _merged(ranges)
        self._starts = [part.start for part in self.ranges]

    @classmethod
    def of(cls, values: int | Iterable[int] | Numbers) -> Numbers:
        """One number, or several: a range stays a range."""
        if isinstance(values, Numbers):
            return values
        if isinstance(values, range) and values.step == 1:
            return cls([values])
        several = values if isinstance(values, Iterable) else (values,)
        return cls(range(number, number + 1) for number in map(index, several))

    def __iter__(self) -> Iterator[int]:
        return chain.from_iterable(self.ranges)

    def __bool__(self) -> bool:
        return bool(self.ranges)

    def __contains__(self, number: int) -> bool:
        return bool(self.ranges) and self.distance(number) == 0

    @property
    def count(self) -> int:
        return sum(part.stop - part.start for part in self.ranges)

    @property
    def least(self) -> int:
        return self.ranges[0][0]

    @property
    def most(self) -> int:
        return self.ranges[-1][-1]

    def distance(self, number: int) -> int:
        """How far the nearest of them is."""
        place = bisect_right(self._starts, number)
        beside = self.ranges[max(place - 1, 0) : place + 1]
        return min(max(part[0] - number, number - part[-1], 0) for part in beside)


def _merged(ranges: Iterable[range]) -> list[range]:
    merged: list[range] = []
    for part in sorted(filter(None, ranges), key=lambda part: part.start):
        if merged and part.start <= merged[-1].stop:
            merged[-1] = range(merged[-1].start, max(merged[-1].stop, part.stop))
        else:
            merged.append(part)
    return merged
