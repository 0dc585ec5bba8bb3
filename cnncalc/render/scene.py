"""Scene: a picture as shapes and texts, which the writers of SVG and TikZ turn into files.

Coordinates are px of 1/96 inch, y grows downwards; writers round them to 0.1. A role is a colour
by what it is for (`render/palette.py`): ink, muted, page, accent, or a family of layers; where a
colour stands for a number it is written #rrggbb.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

Point: TypeAlias = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Style:
    """How a shape is filled and outlined."""

    fill: str | None = None  # a role or #rrggbb
    line: str | None = None
    width: float = 0.75  # of the line
    dash: bool = False
    hatch: bool = False  # lines of ink over the fill
    shade: float = 0  # + lightens towards white, − darkens towards black, up to 1
    tint: float = 0  # up to 1, towards the page: pale on a light page, dim on a dark one


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle; x, y is its upper left corner."""

    x: float
    y: float
    width: float
    height: float
    style: Style
    radius: float = 0  # of its corners


@dataclass(frozen=True, slots=True)
class Circle:
    """A circle round x, y."""

    x: float
    y: float
    r: float
    style: Style


@dataclass(frozen=True, slots=True)
class Polygon:
    """A closed shape with straight edges."""

    points: Sequence[Point]
    style: Style


@dataclass(frozen=True, slots=True)
class Line:
    """A line through points, with an arrow at its end, its corners rounded."""

    points: Sequence[Point]
    style: Style
    arrow: bool = False
    rounded: float = 0


@dataclass(frozen=True, slots=True)
class Text:
    """One line of text; x, y is on its base line."""

    x: float
    y: float
    text: str
    size: float = 10
    anchor: str = "start"  # middle, end
    bold: bool = False
    ink: str = "ink"  # muted, a role, or #rrggbb
    quantity: str | None = None  # the quantity of the layer round it that the text shows


@dataclass(frozen=True, slots=True)
class Group:
    """What belongs together: the glyph of a layer, or one frame of a picture that moves."""

    items: Sequence[Item]
    layer: str | None = None  # the path
    title: str = ""  # shown where the mouse rests
    frame: int | None = None  # shown only in this frame, of Scene.frames


Item: TypeAlias = Rect | Circle | Polygon | Line | Text | Group


@dataclass(frozen=True, slots=True)
class Scene:
    """A whole picture."""

    width: float
    height: float
    title: str
    description: str  # what the picture shows, in words
    items: Sequence[Item]
    frames: int = 0  # of a picture that moves
    seconds: float = 1  # that each frame is shown
    notes: Sequence[str] = ()  # what was left out, for standard error


def everything(items: Sequence[Item]) -> Iterator[Item]:
    """Every item, groups before what is in them."""
    for item in items:
        yield item
        if isinstance(item, Group):
            yield from everything(item.items)


def moved(items: Sequence[Item], x: float, y: float) -> list[Item]:
    """The items, further right by x and further down by y."""
    found: list[Item] = []
    for item in items:
        match item:
            case Group():
                found.append(replace(item, items=moved(item.items, x, y)))
            case Polygon() | Line():
                points = tuple((px + x, py + y) for px, py in item.points)
                found.append(replace(item, points=points))
            case _:
                found.append(replace(item, x=item.x + x, y=item.y + y))
    return found
