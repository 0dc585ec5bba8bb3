"""Layered: where the boxes of a graph stand and how its edges run, for boxes that hold boxes.

What a box holds is laid out by itself: rows by the longest way from the top, so that what is read
stands above what reads it. An edge to the next row turns in the gap between the rows; a longer one
passes the rows between in a lane at their right, near edges first. An edge into a box that holds
others goes on inside, from a place on its upper side. No edge passes through a box, since gaps and
lanes are kept free. Everything is laid out from top to bottom; from left to right is the same with
the axes exchanged. Every step is linear in boxes and edges, but for lanes beside one another.
"""

from collections.abc import Iterator, Sequence
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


def layout(nodes: list[Node], across: bool = False, longest: float | None = None) -> Placed:
    """Place nodes from top to bottom, or across from left to right.

    What gets longer than `longest` goes on in another column, or row, where only the edges of one
    box lead on.
    """
    crossing = _Crossings(nodes)
    group = _Group(nodes, crossing, None, across)
    block = group.block()
    boxes: dict[Key, Box] = {}
    edges: list[Edge] = []
    _collect(block, 0, 0, boxes, edges)
    placed = Placed(boxes, edges, block.width, block.height)
    if longest is not None and placed.height > longest:
        placed = _in_columns(placed, group.top, longest)
    if not across:
        return placed
    boxes, edges, width, height = placed
    turned = {key: Box(b.y, b.x, b.height, b.width) for key, b in boxes.items()}
    flipped = [Edge(e.source, e.target, tuple((y, x) for x, y in e.points)) for e in edges]
    return Placed(turned, flipped, height, width)


def _all(nodes: Sequence[Node]) -> Iterator[Node]:
    for node in nodes:
        yield node
        yield from _all(node.inside or ())


class _Crossings:
    """Which signals, each known by the box that it comes from, pass the border of each node."""

    def __init__(self, nodes: list[Node]) -> None:
        self.outer: dict[Key, Key | None] = {}
        self.imports: dict[Key, dict[Key, None]] = {}
        self.exports: dict[Key, dict[Key, None]] = {}
        self._enter(nodes, None)
        for node in _all(nodes):
            for source in node.reads:
                self._cross(source, node.key)

    def _enter(self, nodes: Sequence[Node], outer: Key | None) -> None:
        for node in nodes:
            self.outer[node.key] = outer
            self.imports[node.key] = {}
            self.exports[node.key] = {}
            self._enter(node.inside or (), node.key)

    def _cross(self, source: Key, target: Key) -> None:
        """An edge leaves all that holds its source, and enters all that holds its target."""
        above = [*self._chain(source)]
        common = set(above)
        for key in self._chain(target):
            if key in common:
                meeting = key
                break
            self.imports[key][source] = None
        else:
            meeting = None
        for key in above:
            if key == meeting:
                break
            self.exports[key][source] = None

    def _chain(self, key: Key) -> Iterator[Key]:
        """A node and all that holds it, from inside out."""
        at: Key | None = key
        while at is not None:
            yield at
            at = self.outer[at]


Path: TypeAlias = list[Point]


@dataclass(eq=False, slots=True)
class _Block:
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
    parts: "list[tuple[_Block, float, float]]" = field(default_factory=list)
    edges: list[tuple[Key, Key, Path]] = field(default_factory=list)


def _collect(block: _Block, x: float, y: float, boxes: dict[Key, Box], edges: list[Edge]) -> None:
    if block.key is not None:
        boxes[block.key] = Box(x, y, block.width, block.height)
    for source, target, path in block.edges:
        edges.append(Edge(source, target, _straight(_shifted(path, x, y))))
    for part, left, top in block.parts:
        _collect(part, x + left, y + top, boxes, edges)


def _shifted(path: Path, x: float, y: float) -> Path:
    return [(px + x, py + y) for px, py in path]


def _straight(path: Path) -> tuple[Point, ...]:
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


class _Route(NamedTuple):
    """One signal inside a group: where it comes from and who reads it."""

    signal: Key
    row: int  # of its source; -1 for what comes from outside
    source: int | None  # the child
    sinks: list[tuple[int, int | None]]  # row and child; None for the lower side of the group


class _Group:
    """Lays out what one node holds."""

    def __init__(
        self, nodes: list[Node], crossings: _Crossings, node: Node | None, across: bool
    ) -> None:
        self.node = node
        self.crossings = crossings
        self.blocks = [self._block_of(child, across) for child in nodes]
        self.keys = [child.key for child in nodes]
        self.across = across
        self.producer: dict[Key, int] = {}
        for number, key in enumerate(self.keys):
            own = {key: None} if self.blocks[number].leaf else crossings.exports[key]
            self.producer.update(dict.fromkeys(own, number))
        self.reads = [self._reads(child) for child in nodes]
        self.rank = self._ranks()
        self.rows = self._rows()
        self._align_widths()

    def _block_of(self, child: Node, across: bool) -> _Block:
        if child.inside is not None:
            return _Group(child.inside, self.crossings, child, across).block()
        width, height = (child.height, child.width) if across else (child.width, child.height)
        return _Block(child.key, width, height, width / 2, leaf=True)

    def _reads(self, child: Node) -> list[Key]:
        return list(self.crossings.imports[child.key])

    def _ranks(self) -> list[int]:
        ranks = [0] * len(self.blocks)
        readers: dict[int, list[int]] = {}
        for number, reads in enumerate(self.reads):
            before = [self.producer[key] for key in reads if key in self.producer]
            ranks[number] = max((ranks[b] + 1 for b in before if b != number), default=0)
            for b in before:
                readers.setdefault(b, []).append(number)
        for number in reversed(range(len(ranks))):  # what reads nothing stands near its reader
            if not self.reads[number] and number in readers:
                ranks[number] = max(0, min(ranks[r] for r in readers[number]) - 1)
        return ranks

    def _rows(self) -> list[list[int]]:
        rows: list[list[int]] = [[] for _ in range(max(self.rank, default=-1) + 1)]
        for number, rank in enumerate(self.rank):
            rows[rank].append(number)
        return rows

    def _align_widths(self) -> None:
        """Boxes that stand alone in their rows are equally wide: a chain has straight sides."""
        alone = [self.blocks[row[0]] for row in self.rows if len(row) == 1]
        plain = [block for block in alone if block.leaf and block.width > block.height]
        widest = max((block.width for block in plain), default=0)
        for block in plain if not self.across else ():
            block.width, block.axis = widest, widest / 2

    # Routes.

    def routes(self) -> list[_Route]:
        last = len(self.rows)
        found: dict[Key, _Route] = {}
        own = self.node.key if self.node is not None else None
        imports = list(self.crossings.imports[own]) if own is not None else []
        for key in imports:
            found[key] = _Route(key, -1, None, [])
        for key, number in self.producer.items():
            found[key] = _Route(key, self.rank[number], number, [])
        for number, reads in enumerate(self.reads):
            for key in reads:
                if self.producer.get(key) != number:
                    found[key].sinks.append((self.rank[number], number))
        for key in self.crossings.exports[own] if own is not None else ():
            found[key].sinks.append((last, None))
        return [route for route in found.values() if route.sinks]

    # The layout.

    def block(self) -> _Block:
        self._place_columns()
        routes = self.routes()
        self._place_lanes(routes)
        self._place_ports(routes)
        self._place_rows(routes)
        return self._finished(routes)

    def _place_columns(self) -> None:
        """The x of every child, the middle line at 0."""
        self.left = [0.0] * len(self.blocks)
        self.reach = []  # of each row, to the right
        for row, columns in zip(self.rows, self._columns(), strict=True):
            at = -sum(before + after for before, after in columns) - BESIDE * (len(row) - 1)
            at = at / 2 if self._abreast(row) else -columns[0][0]
            for number, (before, after) in zip(row, columns, strict=True):
                self.left[number] = at + before - self.blocks[number].axis
                at += before + after + BESIDE
            ends = [self.left[n] + self.blocks[n].width for n in row]
            self.reach.append(max(ends, default=0))

    def _columns(self) -> list[list[tuple[float, float]]]:
        """The room before and after the axis of each child; rows one to one share theirs."""
        found: list[list[tuple[float, float]]] = []
        for number, row in enumerate(self.rows):
            own = [(self.blocks[n].axis, self.blocks[n].width - self.blocks[n].axis) for n in row]
            if number and self._one_to_one(self.rows[number - 1], row):
                pairs = zip(found[-1], own, strict=True)
                own = [(max(a, c), max(b, d)) for (a, b), (c, d) in pairs]
            found.append(own)
        for number in reversed(range(1, len(found))):
            if self._one_to_one(self.rows[number - 1], self.rows[number]):
                found[number - 1] = found[number]
        return found

    def _one_to_one(self, above: list[int], row: list[int]) -> bool:
        if len(above) != len(row) or not (self._abreast(row) and self._abreast(above)):
            return False
        return all(
            {self.producer.get(key) for key in self.reads[n]} == {before}
            for before, n in zip(above, row, strict=True)
        )

    def _abreast(self, row: list[int]) -> bool:
        """Whether children share the middle; one with a short way beside it keeps it."""
        if len(row) != 2:
            return len(row) > 2
        first, second = (self.blocks[n].height for n in row)
        return first <= 1.5 * second

    def _place_lanes(self, routes: list[_Route]) -> None:
        """Of each route that passes rows, the x of its lane; short ones are nearest."""
        self.lane: dict[Key, float] = {}
        taken: list[tuple[int, int, float]] = []
        spans = []
        for number, route in enumerate(routes):
            ends = [
                row + self.from_side(row, child)
                for row, child in route.sinks
                if row > route.row + 1
            ]
            if ends:
                spans.append((max(ends) - route.row, number, route.row + 1, max(ends)))
        for _, number, first, end in sorted(spans):
            beside = max(self.reach[first:end], default=0.0) + LANE
            for other_first, other_end, x in taken:
                if first <= other_end and other_first <= end:
                    beside = max(beside, x + LANE)
            taken.append((first, end, beside))
            self.lane[routes[number].signal] = beside

    def from_side(self, row: int, child: int | None) -> bool:
        """Whether a lane ends at the right side of a child: a plain box, the last of its row."""
        return child is not None and self.blocks[child].leaf and self.rows[row][-1] == child

    def _place_ports(self, routes: list[_Route]) -> None:
        """The x where each signal from outside enters."""
        self.entry: dict[Key, float] = {}
        for route in routes:
            if route.row >= 0:
                continue
            near = [child for row, child in route.sinks if row == 0 and child is not None]
            if len(near) == 1:
                self.entry[route.signal] = self.port(near[0], route.signal)
            elif near:
                self.entry[route.signal] = 0.0
            else:
                self.entry[route.signal] = self.lane[route.signal]
        used: set[float] = set()
        for signal, x in self.entry.items():
            while round(x, 1) in used:
                x += LANE
            used.add(round(x, 1))
            self.entry[signal] = x

    def port(self, child: int, signal: Key) -> float:
        """The x where a signal enters a child from above."""
        block = self.blocks[child]
        if block.leaf:
            return self.left[child] + block.axis
        return self.left[child] + block.ins[signal][0][1][0][0]

    def exit(self, route: _Route) -> float:
        """The x where a signal starts."""
        if route.source is None:
            return self.entry[route.signal]
        block = self.blocks[route.source]
        if block.leaf:
            return self.left[route.source] + block.axis
        return self.left[route.source] + block.outs[route.signal][-1][0]

    def out_x(self, route: _Route) -> float:
        """The x where a signal leaves the group."""
        return self.lane.get(route.signal, self.exit(route))

    def _place_rows(self, routes: list[_Route]) -> None:
        """The y of every row and of the tracks in the gaps between them."""
        wanted: list[dict[tuple[str, Key], list[float]]] = [{} for _ in range(len(self.rows) + 1)]
        for route in routes:
            for gap, target, x0, x1 in self.turns(route):
                if abs(x0 - x1) > 0.05:
                    ends = wanted[gap].setdefault(self.track_key(route, gap, target), [])
                    ends += (x0, x1)
        self.track: list[dict[tuple[str, Key], float]] = []
        self.top = []
        y = 0.0
        for number, spans in enumerate(wanted):
            offsets, tracks = _tracks(spans)
            inner = 0 < number < len(self.rows)
            edge = bool(spans) or inner
            size = (GAP if inner else 2 * TRACK if edge else 0.0) + TRACK * max(0, tracks - 1)
            first = TRACK if not inner else (GAP - TRACK) / 2
            self.track.append({key: y + first + TRACK * at for key, at in offsets.items()})
            y += size
            if number < len(self.rows):
                self.top.append(y)
                y += max((self.blocks[n].height for n in self.rows[number]), default=0)
        self.bottom = y

    def turns(self, route: _Route) -> Iterator[tuple[int, int | None, float, float]]:
        """The stretches across: in which gap, to which child, from x to x."""
        start = self.exit(route)
        first = route.row + 1
        lane = self.lane.get(route.signal)
        if lane is not None:
            yield first, None, start, lane
        for row, child in route.sinks:
            x = self.out_x(route) if child is None else self.port(child, route.signal)
            if row == first:
                yield row, child, start, x
            elif not self.from_side(row, child):
                assert lane is not None
                yield row, child, lane, x

    def track_key(self, route: _Route, gap: int, target: int | None) -> tuple[str, Key]:
        """Edges of one signal share a track; so do those that end in one plain box."""
        if target is not None and self.blocks[target].leaf:
            ends = {child for row, child in route.sinks if row == gap}
            if len(ends) == 1 and route.signal not in self.lane:
                return "to", self.keys[target]
        return "of", route.signal

    def ways(self, route: _Route) -> Iterator[tuple[int | None, Path]]:
        """The way of a signal to each sink, from the border of its source."""
        start = self.exit(route)
        begin = self.bottom_of(route)
        first = route.row + 1
        for row, child in route.sinks:
            x = self.out_x(route) if child is None else self.port(child, route.signal)
            end = self.bottom if child is None else self.top[row]
            way: Path = [(start, begin)]
            if row > first:
                lane = self.lane[route.signal]
                y = self.track_y(route, first, None, start, lane)
                way += [(start, y), (lane, y)]
                if self.from_side(row, child):
                    assert child is not None
                    middle = self.top[row] + self.blocks[child].height / 2
                    side = self.left[child] + self.blocks[child].width
                    yield child, [*way, (lane, middle), (side, middle)]
                    continue
                y = self.track_y(route, row, child, lane, x)
                way += [(lane, y), (x, y)]
            else:
                y = self.track_y(route, row, child, start, x)
                way += [(start, y), (x, y)]
            yield child, [*way, (x, end)]

    def track_y(self, route: _Route, gap: int, target: int | None, x0: float, x1: float) -> float:
        tracks = self.track[gap]
        key = self.track_key(route, gap, target)
        if key in tracks:
            return tracks[key]
        return self.top[gap] if gap < len(self.top) else self.bottom  # it does not turn

    def bottom_of(self, route: _Route) -> float:
        if route.source is None:
            return 0.0
        return self.top[route.row] + self.blocks[route.source].height

    def _finished(self, routes: list[_Route]) -> _Block:
        """The block with everything in it, shifted so that its corner is at 0, 0."""
        framed = self.node is not None and self.node.framed
        pad = FRAME if framed else 0.0
        above = below = pad
        before = pad
        if framed:
            if self.across:
                before += CAPTION
            else:
                above += CAPTION
        left = min([*self.left, *self.entry.values(), *(self.exit(r) for r in routes)], default=0.0)
        right = max([*self.reach, *self.lane.values(), *self.entry.values()], default=0.0)
        width, height = right - left + before + pad, self.bottom + above + below
        caption = self.node.caption if self.node is not None else 0.0
        dx, dy = before - left, above
        if self.across:
            height = max(height, caption)
        else:  # no line from above runs through the caption
            short = max(0.0, caption - (min(self.entry.values(), default=right) + dx))
            dx, width = dx + short, width + 2 * short
        block = _Block(self.node.key if self.node else None, width, height, dx)
        for part, x, rank in zip(self.blocks, self.left, self.rank, strict=True):
            block.parts.append((part, x + dx, self.top[rank] + dy))
        for route in routes:
            self._finish_route(block, route, dx, dy)
        return block

    def _finish_route(self, block: _Block, route: _Route, dx: float, dy: float) -> None:
        begin = self._begin(route, dx, dy)
        for child, way in self.ways(route):
            path = [*begin, *_shifted(way, dx, dy)]
            if child is None:
                block.outs[route.signal] = [*path, (path[-1][0], block.height)]
                continue
            for target, rest in self._ends(child, route.signal, dx, dy):
                whole = [*path, *rest]
                if route.source is None:
                    top = (whole[0][0], 0.0)
                    block.ins.setdefault(route.signal, []).append((target, [top, *whole]))
                else:
                    block.edges.append((route.signal, target, whole))

    def _begin(self, route: _Route, dx: float, dy: float) -> Path:
        """The way inside the child that a signal comes from."""
        if route.source is None or self.blocks[route.source].leaf:
            return []
        path = self.blocks[route.source].outs[route.signal]
        return _shifted(path, self.left[route.source] + dx, self.top[route.row] + dy)

    def _ends(self, child: int, signal: Key, dx: float, dy: float) -> list[tuple[Key, Path]]:
        """The ways inside the child that a signal goes to."""
        block = self.blocks[child]
        if block.leaf:
            return [(self.keys[child], [])]
        x, y = self.left[child] + dx, self.top[self.rank[child]] + dy
        return [(target, _shifted(path, x, y)) for target, path in block.ins[signal]]


def _tracks(
    spans: dict[tuple[str, Key], list[float]],
) -> tuple[dict[tuple[str, Key], int], int]:
    """A track for each stretch, so that those of one track have nothing in common; how many."""
    ends: list[float] = []
    found: dict[tuple[str, Key], int] = {}
    for key, xs in sorted(spans.items(), key=lambda item: (min(item[1]), max(item[1]))):
        low, high = min(xs), max(xs)
        at = next((i for i, end in enumerate(ends) if end < low - 1), len(ends))
        if at == len(ends):
            ends.append(high)
        ends[at] = high
        found[key] = at
    return found, len(ends)


# Columns.


class _Column(NamedTuple):
    """A stretch of the layout from top to bottom, and the x that it is moved by."""

    top: float
    bottom: float
    left: float  # where it begins
    x: float


def _in_columns(placed: Placed, tops: Sequence[float], longest: float) -> Placed:
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
    return _straight(found)
