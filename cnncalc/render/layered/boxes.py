"""The boxes of a layered layout, and the ways between them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from cnncalc.render.scene import Point

GAP = 16.0  # between rows, with room for the head of an arrow
TRACK = 8.0  # between edges that turn in one gap
LANE = 12.0  # between lanes
BESIDE = 24.0  # between boxes of a row
FRAME = 10.0  # between a frame and what is in it
CAPTION = 18.0  # above what is in a frame

Key: TypeAlias = int


@dataclass(eq=False, slots=True)
class Node:
    """A box without others in it, or one with `inside`; nodes are known by their key."""

    key: Key
    width: float = 0
    height: float = 0
    reads: Sequence[Key] = ()  # of boxes without others in them
    inside: "list[Node] | None" = None
    framed: bool = False
    caption: float = 0  # the least width of a frame


class Edge(NamedTuple):
    """From the border of one box to that of another."""

    source: Key
    target: Key
    points: tuple[Point, ...]


class Box(NamedTuple):
    """Where a node stands."""

    x: float
    y: float
    width: float
    height: float


class Placed(NamedTuple):
    """The layout: boxes by key, edges, and the size of it all."""

    boxes: dict[Key, Box]
    edges: list[Edge]
    width: float
    height: float


Path: TypeAlias = list[Point]


@dataclass(eq=False, slots=True)
class Block:
    """A node that is laid out: its size, and where signals pass its border."""

    key: Key | None
    width: float
    height: float
    axis: float  # the x of its middle line
    leaf: bool = False
    # The ends of each signal that comes from outside: which box it goes to, and the way from the
    # upper side; and the way of each signal that leaves, to the lower side.
    ins: dict[Key, list[tuple[Key, Path]]] = field(default_factory=dict)
    outs: dict[Key, Path] = field(default_factory=dict)
    parts: "list[tuple[Block, float, float]]" = field(default_factory=list)
    edges: list[tuple[Key, Key, Path]] = field(default_factory=list)


def shifted(path: Path, x: float, y: float) -> Path:
    return [(px + x, py + y) for px, py in path]


def straight(path: Path) -> tuple[Point, ...]:
    """The way without points that change nothing."""
    kept: Path = []
    for point in path:
        if kept and abs(kept[-1][0] - point[0]) < 0.05 and abs(kept[-1][1] - point[1]) < 0.05:
            continue
        if len(kept) > 1 and _in_line(kept[-2], kept[-1], point):
            kept[-1] = point
        else:
            kept.append(point)
    return tuple(kept)


def _in_line(one: Point, two: Point, three: Point) -> bool:
    return any(abs(one[i] - two[i]) < 0.05 and abs(two[i] - three[i]) < 0.05 for i in (0, 1))
