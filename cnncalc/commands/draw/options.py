"""What can be chosen about a picture, for whichever kind takes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import TypeAlias

from cnncalc.wording import quote


class CannotDraw(ValueError):
    """A picture that does not exist: its message says why, and what would work."""


@dataclass(frozen=True, slots=True)
class Options:
    """The choices, each with what holds where nothing is said; a kind names those it takes."""

    layer: str | None = None  # the path of a layer
    width: float | None = None  # px that the picture may be wide
    expand: int | None = None  # levels of groups that are opened; None: as many as there is room
    max_items: int | None = None  # that a picture shows where `expand` is not given
    scale: str = "sqrt"  # of heights: linear, sqrt, log
    kernels: bool = False  # windows as pyramids
    all: bool = False  # activations, dropout and flatten too
    show: tuple[str, ...] = ()  # quantities in the boxes, or the columns of bars
    direction: str = "TB"  # or LR
    height: float | None = None  # px, then a graph goes on in the next column
    sort: str | None = None  # a quantity
    top: int | None = None  # rows
    cumulative: bool = False
    at: tuple[int, ...] | None = None  # a place of the output, rows and columns from 1
    animate: bool = False


NAMES = tuple(field.name for field in fields(Options))
EVERY_LEVEL = 10**6  # of `expand`
SCALES, DIRECTIONS = ("linear", "sqrt", "log"), ("TB", "LR")


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


_Wanted: TypeAlias = tuple[Callable[[object], bool], str]  # what a value has to be, and in words
_LENGTH: _Wanted = (
    lambda value: isinstance(value, int | float) and not isinstance(value, bool) and value > 0,
    "a length in px",
)
_WHOLE: _Wanted = _is_whole, "a whole number"
_FLAG: _Wanted = lambda value: isinstance(value, bool), "True or False"
_WORD: _Wanted = lambda value: isinstance(value, str), "a text"
_WORDS: _Wanted = (
    lambda value: isinstance(value, tuple) and all(isinstance(word, str) for word in value),
    "a tuple of names",
)
_PLACE: _Wanted = (
    lambda value: isinstance(value, tuple) and all(_is_whole(part) and part for part in value),
    "a tuple of rows and columns, counted from 1",
)
_VALUES: dict[str, _Wanted] = {
    "layer": _WORD, "width": _LENGTH, "height": _LENGTH, "expand": _WHOLE, "max_items": _WHOLE,
    "top": _WHOLE, "kernels": _FLAG, "all": _FLAG, "cumulative": _FLAG, "animate": _FLAG,
    "show": _WORDS, "sort": _WORD, "at": _PLACE,
    "scale": (SCALES.__contains__, f"one of {', '.join(SCALES)}"),
    "direction": (DIRECTIONS.__contains__, f"one of {', '.join(DIRECTIONS)}"),
}  # fmt: skip


def check_value(name: str, value: object) -> None:
    """Raise ValueError for a value that an option cannot have."""
    is_right, words = _VALUES[name]
    if not is_right(value):
        raise ValueError(f"{name} is {words}, not {quote(repr(value))}")
