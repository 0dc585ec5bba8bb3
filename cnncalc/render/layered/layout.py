"""Layered: where the boxes of a graph stand and how its edges run, for boxes that hold boxes.

What a box holds is laid out by itself: rows by the longest way from the top, so that what is read
stands above what reads it. An edge to the next row turns in the gap between the rows; a longer one
passes the rows between in a lane at their right, near edges first. An edge into a box that holds
others goes on inside, from a place on its upper side. No edge passes through a box, since gaps and
lanes are kept free. Everything is laid out from top to bottom; from left to right is the same with
the axes exchanged. Every step is linear in boxes and edges, but for lanes beside one another.
"""

from cnncalc.render.layered.boxes import Block, Box, Edge, Key, Node, Placed, shifted, straight
from cnncalc.render.layered.columns import in_columns
from cnncalc.render.layered.crossings import Crossings
from cnncalc.render.layered.group import Group


def layout(nodes: list[Node], across: bool = False, longest: float | None = None) -> Placed:
    """Place nodes from top to bottom, or across from left to right.

    What gets longer than `longest` goes on in another column, or row, where only the edges of one
    box lead on.
    """
    group = Group(nodes, Crossings(nodes), None, across)
    block = group.block()
    boxes: dict[Key, Box] = {}
    edges: list[Edge] = []
    _collect(block, 0, 0, boxes, edges)
    placed = Placed(boxes, edges, block.width, block.height)
    if longest is not None and placed.height > longest:
        placed = in_columns(placed, group.top, longest)
    if not across:
        return placed
    boxes, edges, width, height = placed
    turned = {key: Box(b.y, b.x, b.height, b.width) for key, b in boxes.items()}
    flipped = [Edge(e.source, e.target, tuple((y, x) for x, y in e.points)) for e in edges]
    return Placed(turned, flipped, height, width)


def _collect(block: Block, x: float, y: float, boxes: dict[Key, Box], edges: list[Edge]) -> None:
    if block.key is not None:
        boxes[block.key] = Box(x, y, block.width, block.height)
    for source, target, path in block.edges:
        edges.append(Edge(source, target, straight(shifted(path, x, y))))
    for part, left, top in block.parts:
        _collect(part, x + left, y + top, boxes, edges)
