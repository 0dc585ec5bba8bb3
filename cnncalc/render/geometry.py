"""What writers of scenes share: numbers in px, arrow heads, the texts that may be drawn."""

from __future__ import annotations

from math import hypot

from cnncalc.render.scene import Line, Point, Polygon, Style
from cnncalc.wording import visible

ARROW_LENGTH, ARROW_WIDTH = 6.0, 5.0


def px(number: float) -> str:
    """A coordinate, rounded to 0.1: 12, 3.5"""
    text = f"{number:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def shown(text: str) -> str:
    """Text of a spec as one line without signs that turn or hide what follows."""
    return visible(text.replace("\n", " ").replace("\t", " "))


def arrow_head(line: Line) -> tuple[Line, Polygon] | None:
    """The line up to its head, and the head; None for a line without length."""
    (x0, y0), (x1, y1) = line.points[-2], line.points[-1]
    length = hypot(x1 - x0, y1 - y0)
    if not length:
        return None
    dx, dy = (x1 - x0) / length, (y1 - y0) / length
    reach = min(ARROW_LENGTH, length)
    base: Point = (x1 - dx * reach, y1 - dy * reach)
    half = ARROW_WIDTH / 2
    head = (
        (x1, y1),
        (base[0] - dy * half, base[1] + dx * half),
        (base[0] + dy * half, base[1] - dx * half),
    )
    shaft = Line((*line.points[:-1], base), line.style, rounded=line.rounded)
    return shaft, Polygon(head, Style(fill=line.style.line))


def corner_points(points: tuple[Point, ...], radius: float) -> list[tuple[Point, Point, Point]]:
    """Of each inner corner: where the curve begins, the corner, where the curve ends."""
    corners = []
    for before, at, after in zip(points, points[1:], points[2:], strict=False):
        corners.append((_towards(at, before, radius), at, _towards(at, after, radius)))
    return corners


def _towards(start: Point, end: Point, distance: float) -> Point:
    length = hypot(end[0] - start[0], end[1] - start[1])
    part = min(distance, length / 2) / length if length else 0
    return start[0] + (end[0] - start[0]) * part, start[1] + (end[1] - start[1]) * part
