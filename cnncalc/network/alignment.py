"""Alignment: which elements of two lists are counterparts, so that an insertion shifts nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest
from typing import TypeVar

Thing = TypeVar("Thing")

_MAX_CELLS = 4_000_000  # of an alignment; larger lists are paired by position


def aligned(
    old: Sequence[Thing], new: Sequence[Thing], likeness: Callable[[Thing, Thing], int], alike: int
) -> list[tuple[Thing | None, Thing | None]]:
    """Pairs in order; None on one side for what has no counterpart.

    `likeness` is how much speaks for a pair, 0 and less for nothing. At both ends pairs of `alike`
    and more are taken as they stand.
    """
    first = 0
    while first < min(len(old), len(new)) and likeness(old[first], new[first]) >= alike:
        first += 1
    last = 0
    rest = min(len(old), len(new)) - first
    while last < rest and likeness(old[-1 - last], new[-1 - last]) >= alike:
        last += 1
    middle = _best(old[first : len(old) - last], new[first : len(new) - last], likeness)
    head = zip(old[:first], new[:first], strict=True)
    tail = zip(old[len(old) - last :], new[len(new) - last :], strict=True)
    return [*head, *middle, *tail]


def _best(
    old: Sequence[Thing], new: Sequence[Thing], likeness: Callable[[Thing, Thing], int]
) -> list[tuple[Thing | None, Thing | None]]:
    """The alignment with the greatest likeness (Needleman and Wunsch 1970, gaps cost nothing)."""
    if len(old) * len(new) > _MAX_CELLS:
        return list(zip_longest(old, new))
    scores = [[likeness(one, two) for two in new] for one in old]
    best = [[0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i in range(len(old) - 1, -1, -1):
        for j in range(len(new) - 1, -1, -1):
            paired = best[i + 1][j + 1] + scores[i][j] if scores[i][j] > 0 else -1
            best[i][j] = max(paired, best[i + 1][j], best[i][j + 1])
    return list(_walk_back(old, new, scores, best))


def _walk_back(
    old: Sequence[Thing], new: Sequence[Thing], scores: list[list[int]], best: list[list[int]]
) -> Iterator[tuple[Thing | None, Thing | None]]:
    i = j = 0
    while i < len(old) and j < len(new):
        if scores[i][j] > 0 and best[i][j] == best[i + 1][j + 1] + scores[i][j]:
            yield old[i], new[j]
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            yield old[i], None
            i += 1
        else:
            yield None, new[j]
            j += 1
    yield from ((element, None) for element in old[i:])
    yield from ((None, element) for element in new[j:])
