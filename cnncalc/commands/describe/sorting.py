"""The order of rows under --sort."""

from collections.abc import Sequence
from typing import Any, TypeVar

from cnncalc.volume import Volume

Row = TypeVar("Row")


def ordered(rows: Sequence[Row], values: Sequence[object], direction: str = "") -> list[Row]:
    """The rows by the value of each: numbers and volumes largest first, texts from A to Z.

    `direction` is asc or desc where one is asked for; equal rows stay as they were.
    """
    texts = any(isinstance(value, str) for value in values)
    keys = [str(value) if texts else _size(value) for value in values]
    largest_first = direction == "desc" or not (texts or direction == "asc")
    order = sorted(range(len(rows)), key=keys.__getitem__, reverse=largest_first)
    return [rows[index] for index in order]


def _size(value: object) -> Any:
    """What a cell is sorted by: a number, the values of a volume, the rows of a field."""
    if isinstance(value, Volume):
        return value.values
    if isinstance(value, tuple):
        return sum(map(_size, value))
    if isinstance(value, dict):  # a receptive field
        sizes = value.sizes.values()  # type: ignore[attr-defined]  # a Field, which few sort by
        return max((max(axes, default=0) for axes in sizes), default=0)
    return value or 0
