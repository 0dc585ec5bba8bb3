"""The network as a graph: boxes from top to bottom, blocks as frames, merges as circles.

render/layered/layout.py says where everything stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from cnncalc.commands.draw.item_maker import items_of
from cnncalc.commands.draw.items import Item, Items, every, in_place
from cnncalc.commands.draw.options import CannotDraw, Options
from cnncalc.commands.draw.page import page_of, tooltip
from cnncalc.commands.draw.parts import MARGIN, enough
from cnncalc.layers.merge import Merge
from cnncalc.network.model import Group as LayerGroup
from cnncalc.network.model import Input, Layer, Network
from cnncalc.quantities import QUANTITIES, Quantity, find_quantity
from cnncalc.render.fonts import shortened, text_width
from cnncalc.render.geometry import shown
from cnncalc.render.layered.boxes import Box, Edge, Node, Placed
from cnncalc.render.layered.layout import layout
from cnncalc.render.scene import Circle, Group, Line, Point, Rect, Scene, Style, Text
from cnncalc.render.scene import Item as Shape
from cnncalc.wording import did_you_mean, quote, show_bytes

MOST = 45  # items where nothing else says
BOLD, PLAIN = 11.0, 10.0  # sizes of text
ROUND = 9.0  # radius of a merge
_STRIP = 5.0  # of colour at the left of a box
_PAD = 8.0
_LINE = 14.0
_CARDS = 3.0  # between the cards of equal boxes
_LONGEST = 1200.0  # px, then it goes on in another column, or row
_WIDEST = 220.0  # text of a box


def scene(network: Network, options: Options) -> Scene:
    """The picture of the graph."""
    items = items_of(network, options, most=MOST, hides=in_place)
    graph = Graph(network, items, quantities(options.show))
    placed = _placed(graph, options)
    shapes = [*graph.frames(placed), *edges(placed.edges), *graph.boxes(placed)]
    return page_of(
        network,
        items,
        shapes,
        placed.width,
        placed.height,
        what="its layers as a graph",
        widest=options.width,
    )


def _placed(graph: Graph, options: Options) -> Placed:
    """The layout in as many columns, or from left to right rows, as fit."""
    room = options.width - 2 * MARGIN if options.width else None
    if options.direction == "LR":
        placed = layout(graph.nodes, across=True, longest=room or _LONGEST)
    else:
        longest = options.height or _LONGEST
        placed = layout(graph.nodes, longest=longest)
        while room and placed.width > room and placed.height > longest * 0.5:
            longest *= 1.5
            before, placed = placed, layout(graph.nodes, longest=longest)
            if before == placed:
                break
    enough(options.width, placed.width + 2 * MARGIN)
    return placed


def quantities(names: Sequence[str]) -> list[Quantity[int]]:
    """The quantities that boxes show; raises CannotDraw for other words."""
    found = []
    for name in names:
        known = find_quantity(name.lower().replace("-", "_"))
        if known is None or not known.adds_up:
            countable = [q.name for q in QUANTITIES.values() if q.adds_up]
            hint = did_you_mean(name, countable) or f"there is {', '.join(countable)}"
            raise CannotDraw(f"no quantity {quote(name)} to show; {hint}")
        found.append(known)
    return found


def amount(quantity: Quantity[int], value: int) -> str:
    """A quantity as pictures write it: 61,706, or 1.5 MiB."""
    return show_bytes(value) if quantity.is_bytes else f"{value:,}"


@dataclass(slots=True)
class Label:
    """The texts of a box: lines of a left and a right part."""

    lines: list[tuple[Text, Text | None]] = field(default_factory=list)

    def add(self, left: Text, right: Text | None = None) -> None:
        self.lines.append((left, right))

    @property
    def width(self) -> float:
        return max((_line_width(*line) for line in self.lines), default=0)

    @property
    def height(self) -> float:
        return len(self.lines) * _LINE

    def placed(self, x: float, y: float, width: float) -> Iterator[Text]:
        """The texts in a space whose upper left corner is x, y."""
        for number, (left, right) in enumerate(self.lines):
            base = y + number * _LINE + 10
            yield _at(left, x, base, "start")
            if right is not None:
                yield _at(right, x + width, base, "end")


def _line_width(left: Text, right: Text | None) -> float:
    width = text_width(left.text, left.size, left.bold)
    if right is None:
        return width
    return width + (12 if width else 0) + text_width(right.text, right.size, right.bold)


def _at(text: Text, x: float, y: float, anchor: str) -> Text:
    return Text(x, y, text.text, text.size, anchor, text.bold, text.ink, text.quantity)


def label_of(item: Item, shows: Sequence[Quantity[int]]) -> Label:
    """Name and kind, the volume where it changes, quantities that are not 0."""
    name, what = item.words
    label = Label()
    times = f" ×{item.times:,}" if item.times > 1 else ""
    name = shortened(shown(name), _WIDEST, BOLD, bold=True) + times
    label.add(Text(0, 0, name, BOLD, bold=True))
    what = shortened(shown(what), _WIDEST, PLAIN)
    volume = _volume(item)
    if not what and volume:
        label.lines[0] = (label.lines[0][0], volume)
    elif what:
        label.add(Text(0, 0, what, PLAIN, ink="muted"), volume)
    for quantity in shows:
        value = item.quantity(quantity.name)
        if value:
            each = " each" if item.times > 1 else ""
            number = Text(0, 0, amount(quantity, value), PLAIN, quantity=quantity.name)
            label.add(Text(0, 0, f"{quantity.header}{each}", PLAIN, ink="muted"), number)
    return label


def _volume(item: Item) -> Text | None:
    """The output volume, where it is not that of the input."""
    before = [source.output for source in item.reads]
    if item.output is None or (before and all(volume == item.output for volume in before)):
        return None
    return Text(0, 0, item.output.text(), PLAIN, quantity="output")


def merge_sign(item: Item) -> str | None:
    """What stands in the circle of a merge."""
    if isinstance(item.element, Layer) and isinstance(item.element.operation, Merge):
        return item.element.operation.sign
    return None


class Graph:
    """The nodes of a network's items, and how each looks."""

    def __init__(self, network: Network, items: Items, shows: Sequence[Quantity[int]]) -> None:
        self.items: dict[int, Item] = {}
        self.labels: dict[int, Label] = {}
        self.shows = shows
        self.keys: dict[int, int] = {}  # of items, by their id
        self.outputs: dict[int, str] = {}  # names of results, by the key of their box
        for item in every(items.roots):
            self.keys[id(item)] = len(self.keys)
        self.nodes = self.nodes_of(items.roots)
        for name, end in network.output_signals.items():
            self.nodes.append(self.result(name, items.owner[end], len(network.output_signals) > 1))

    def nodes_of(self, items: Sequence[Item]) -> list[Node]:
        """The nodes of items; copies stand in the row of what is round them."""
        found: list[Node] = []
        for item in items:
            copies = isinstance(item.element, LayerGroup) and item.element.copies
            if item.clear and copies and item.inside is not None:
                found += self.nodes_of(item.inside)
            else:
                found.append(self.node(item))
        return found

    def node(self, item: Item) -> Node:
        key = self.keys[id(item)]
        self.items[key] = item
        reads = [self.keys[id(source)] for source in item.reads]
        label = self.labels[key] = label_of(item, self.shows)
        if item.inside is not None:
            inside = self.nodes_of(item.inside)
            if item.clear:
                return Node(key, inside=inside)
            return Node(
                key,
                inside=inside,
                framed=True,
                caption=_line_width(label.lines[0][0], None) + 2 * _PAD,
            )
        sign = merge_sign(item)
        if sign is not None and len(sign) == 1 and item.times == 1:
            return Node(key, 2 * ROUND, 2 * ROUND, reads)
        if sign is not None:
            label.lines = [(Text(0, 0, sign, PLAIN), _volume(item))]
        width = label.width + _STRIP + 2 * _PAD
        return Node(key, width, label.height + 8, reads)

    def result(self, name: str, item: Item, several: bool) -> Node:
        """The box at the end that says what comes out."""
        key = len(self.keys)
        self.keys[-key] = key
        self.outputs[key] = name
        label = self.labels[key] = Label()
        title = shortened(shown(name), _WIDEST, BOLD, bold=True) if several else "output"
        volume = item.output.text() if item.output else ""
        label.add(Text(0, 0, title, BOLD, bold=True), Text(0, 0, volume, PLAIN))
        width = label.width + 2 * _PAD
        return Node(key, width, label.height + 8, [self.keys[id(item)]])

    # Drawing.

    def frames(self, placed: Placed) -> Iterator[Shape]:
        for key, item in self.items.items():
            if item.inside is None or item.clear:
                continue
            box = placed.boxes[key]
            style = Style("muted", "muted", tint=0.93)
            shapes: list[Shape] = [*_cards(item, box, style, 4)]
            shapes += self.caption(key, box)
            yield Group(shapes, layer=item.path, title=tooltip(item))

    def caption(self, key: int, box: Box) -> Iterator[Text]:
        title, _ = self.labels[key].lines[0]
        yield _at(title, box.x + _PAD, box.y + 13, "start")

    def boxes(self, placed: Placed) -> Iterator[Shape]:
        for key, item in self.items.items():
            if item.inside is None:
                shapes = list(self.box(key, item, placed.boxes[key]))
                yield Group(shapes, layer=item.path, title=tooltip(item))
        for key in self.outputs:
            box = placed.boxes[key]
            yield Group([_rect(box, Style("page", "ink", dash=True), 8), *self.texts(key, box, 0)])

    def box(self, key: int, item: Item, box: Box) -> Iterator[Shape]:
        if isinstance(item.element, Input):
            yield _rect(box, Style("page", "ink", dash=True), 8)
            yield from self.texts(key, box, 0)
            return
        sign = merge_sign(item)
        if box.width == 2 * ROUND == box.height and sign is not None:
            x, y = box.x + ROUND, box.y + ROUND
            yield Circle(x, y, ROUND, Style("page", item.role, 1.5))
            yield Text(x, y + 4.5, sign, 13, "middle", bold=True)
            return
        yield from _cards(item, box, Style("page", "ink"), 2)
        yield Rect(box.x, box.y, _STRIP, box.height, Style(item.role, "ink"))
        yield from self.texts(key, box, _STRIP)

    def texts(self, key: int, box: Box, strip: float) -> Iterator[Text]:
        width = box.width - strip - 2 * _PAD
        label = self.labels[key]
        yield from label.placed(
            box.x + strip + _PAD, box.y + (box.height - label.height) / 2, width
        )


def _cards(item: Item, box: Box, style: Style, radius: float) -> Iterator[Rect]:
    """A box, and for several equal ones two more behind it."""
    for behind in (2, 1) if item.times > 1 else ():
        shift = behind * _CARDS
        yield _rect(Box(box.x + shift, box.y - shift, box.width, box.height), style, radius)
    yield _rect(box, style, radius)


def _rect(box: Box, style: Style, radius: float) -> Rect:
    return Rect(box.x, box.y, box.width, box.height, style, radius)


def edges(found: Sequence[Edge]) -> Iterator[Line]:
    """Lines with an arrow; what several have in common is drawn once."""
    drawn: dict[int, list[tuple[Point, Point]]] = {}
    for edge in found:
        known = drawn.setdefault(edge.source, [])
        points = list(edge.points)
        while len(points) > 2 and (end := _covered(points[0], points[1], known)) is not None:
            if end == points[1]:
                del points[0]
            else:
                points[0] = end
                break
        known += pairwise(edge.points)
        yield Line(points, Style(line="ink"), arrow=True, rounded=5)


def _covered(start: Point, end: Point, known: Sequence[tuple[Point, Point]]) -> Point | None:
    """How far a stretch from `start` to `end` lies on lines that are drawn; None: not at all."""
    axis = 0 if start[1] == end[1] else 1
    ahead = 1 if end[axis] > start[axis] else -1
    reached = 0.0
    for one, two in known:
        low, high = sorted((one[axis], two[axis]))
        if one[1 - axis] == two[1 - axis] == start[1 - axis] and low <= start[axis] <= high:
            reached = max(reached, ((high if ahead > 0 else low) - start[axis]) * ahead)
    reached = min(reached, (end[axis] - start[axis]) * ahead)
    if reached <= 0:
        return None
    if reached == (end[axis] - start[axis]) * ahead:
        return end
    at = start[axis] + reached * ahead
    return (at, start[1]) if axis == 0 else (start[0], at)
