"""Sizes: lists and mappings that know how much they hold.

`b: [$a, $a]`, `c: [$b, $b]` and so on double with every line, while the lists share what they hold.
What reads a value goes through all of it, so that its size is limited when it is made.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cnncalc import problems as codes
from cnncalc.language.nodes import MAX_NESTING
from cnncalc.problems import Reject

MAX_PARTS = 10_000  # numbers and words of a value in which names stand


class Parts(list[Any]):
    """A list that knows how many numbers and words it holds in all, and how deep it is nested."""

    __slots__ = ("depth", "size")

    def __init__(self, values: Iterable[Any]) -> None:
        super().__init__(values)
        self.size, self.depth = _measured(self)


class Keyed(dict[str, Any]):
    """A mapping that knows the same."""

    __slots__ = ("depth", "size")

    def __init__(self, values: Iterable[tuple[str, Any]]) -> None:
        super().__init__(values)
        self.size, self.depth = _measured(self.values())


def _measured(values: Iterable[Any]) -> tuple[int, int]:
    sizes = [(getattr(value, "size", 1), getattr(value, "depth", 0)) for value in values]
    size = sum(size for size, _ in sizes)
    return max(size, 1), 1 + max((depth for _, depth in sizes), default=0)


def limited(value: Parts | Keyed) -> Parts | Keyed:
    """The same value; raises Reject where it is too large or nested too deep."""
    if value.size > MAX_PARTS:
        message = f"a value of {value.size:,} numbers and words in all, more than {MAX_PARTS:,}"
        help = "a list that names other lists holds all of theirs; name fewer of them"
        raise Reject(codes.LIMIT, message, help=help)
    if value.depth > MAX_NESTING:
        message = f"a value nested deeper than {MAX_NESTING} levels"
        raise Reject(codes.LIMIT, message, help="each list here holds the one before it")
    return value
