"""A layout that is too long goes on in columns side by side."""

from collections.abc import Sequence
from typing import NamedTuple

from cnncalc.render.layered.boxes import GAP, LANE, TRACK, Box, Path, Placed, straight
from cnncalc.render.scene import Point


class _Column(NamedTuple):
    """A stretch of the layout from top to bottom, and the x that it is moved by."""

    top: float
    bottom: float
    left: float  # where it begins
    x: float


def in_columns(placed: Placed, tops: Sequence[float], longest: float) -> Placed:
    """The layout cut where one box leads on, its pieces side by side and about equally long."""
    cuts = _cuts(placed, tops)
    if not cuts:
        return placed
    wanted = -(-placed.height // longest)
    limit = placed.height / wanted
    while len(bounds := _bounds(cuts, placed.height, limit)) > wanted:
        limit *= 1.04
    lengths = [bottom - top for top, bottom in bounds]
    if max(lengths) > 1.5 * longest or min(lengths[:-1], default=0) < 0.4 * max(lengths):
        return placed  # there is nowhere to cut
    columns: list[_Column] = []
    at = 0.0
    for top, bottom in bounds:
        inside = [box for box in placed.boxes.values() if top <= box.y < bottom]
        left = min(box.x for box in inside)
        right = max(box.x + box.width for box in inside)
        edges = [x for e in placed.edges for x, y in e.points if top <= y < bottom]
        left, right = min([left, *edges]), max([right, *edges])
        columns.append(_Column(top, bottom, left, at - left))
        at += right - left + 3 * LANE
    boxes = {key: _moved(box, columns) for key, box in placed.boxes.items()}
    found = [edge._replace(points=_led(edge.points, columns)) for edge in placed.edges]
    highest = max(column.bottom - column.top for column in columns) + TRACK
    return Placed(boxes, found, at - 3 * LANE, highest)


def _bounds(cuts: Sequence[float], height: float, limit: float) -> list[tuple[float, float]]:
    """The top and bottom of each column, none longer than the limit if the cuts allow it."""
    found = []
    top = 0.0
    for cut, after in zip(cuts, [*cuts[1:], height], strict=True):
        if after - top > limit and cut > top:
            found.append((top, cut))
            top = cut
    return [*found, (top, height)]


def _cuts(placed: Placed, tops: Sequence[float]) -> list[float]:
    """The y above rows to which the edges of only one box lead."""
    spans = [(min(y), max(y), e.source) for e in placed.edges for y in [[p[1] for p in e.points]]]
    cuts = []
    for top in tops[1:]:
        y = top - GAP / 2
        if len({source for low, high, source in spans if low < y < high}) == 1:
            cuts.append(y)
    return cuts


def _column(y: float, columns: Sequence[_Column]) -> _Column:
    return next((column for column in columns if y < column.bottom), columns[-1])


def _moved(box: Box, columns: Sequence[_Column]) -> Box:
    column = _column(box.y, columns)
    return box._replace(x=box.x + column.x, y=box.y - column.top + TRACK * (column.top > 0))


def _led(points: Sequence[Point], columns: Sequence[_Column]) -> tuple[Point, ...]:
    """An edge; from one column to the next it runs up between them."""
    found: Path = []
    column = _column(points[0][1], columns)
    for x, y in points:
        while y > column.bottom:
            after = columns[columns.index(column) + 1]
            low = column.bottom - column.top + TRACK * (column.top > 0)
            between = after.x + after.left - 1.5 * LANE
            start = found[-1][0]
            found += [(start, low), (between, low), (between, 0.0), (x + after.x, 0.0)]
            column = after
        found.append((x + column.x, y - column.top + TRACK * (column.top > 0)))
    return straight(found)
