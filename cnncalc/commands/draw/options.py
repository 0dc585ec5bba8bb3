"""What can be chosen about a picture, for whichever kind takes it."""

from __future__ import annotations

from dataclasses import dataclass, fields


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
