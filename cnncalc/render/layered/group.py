"""What one box holds, laid out: the gaps between rows, and the lanes beside them."""

from collections.abc import Iterator

from cnncalc.render.layered.boxes import (
    BESIDE,
    CAPTION,
    FRAME,
    GAP,
    LANE,
    TRACK,
    Block,
    Key,
    Node,
    Path,
    shifted,
)
from cnncalc.render.layered.crossings import Crossings
from cnncalc.render.layered.rows import Route, Rows


class Group(Rows):
    """Lays out what one node holds."""

    def __init__(
        self, nodes: list[Node], crossings: Crossings, node: Node | None, across: bool
    ) -> None:
        self.node = node
        self.crossings = crossings
        self.across = across
        blocks = [self._block_of(child, across) for child in nodes]
        super().__init__(nodes, blocks, crossings, None if node is None else node.key)
        if not across:
            self.align_widths()

    def _block_of(self, child: Node, across: bool) -> Block:
        if child.inside is not None:
            return Group(child.inside, self.crossings, child, across).block()
        width, height = (child.height, child.width) if across else (child.width, child.height)
        return Block(child.key, width, height, width / 2, leaf=True)

    def block(self) -> Block:
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
        for row, columns in zip(self.rows, self.columns(), strict=True):
            at = -sum(before + after for before, after in columns) - BESIDE * (len(row) - 1)
            at = at / 2 if self.abreast(row) else -columns[0][0]
            for number, (before, after) in zip(row, columns, strict=True):
                self.left[number] = at + before - self.blocks[number].axis
                at += before + after + BESIDE
            ends = [self.left[n] + self.blocks[n].width for n in row]
            self.reach.append(max(ends, default=0))

    def _place_lanes(self, routes: list[Route]) -> None:
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

    def _place_ports(self, routes: list[Route]) -> None:
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

    def exit(self, route: Route) -> float:
        """The x where a signal starts."""
        if route.source is None:
            return self.entry[route.signal]
        block = self.blocks[route.source]
        if block.leaf:
            return self.left[route.source] + block.axis
        return self.left[route.source] + block.outs[route.signal][-1][0]

    def out_x(self, route: Route) -> float:
        """The x where a signal leaves the group."""
        return self.lane.get(route.signal, self.exit(route))

    def _place_rows(self, routes: list[Route]) -> None:
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

    def turns(self, route: Route) -> Iterator[tuple[int, int | None, float, float]]:
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

    def track_key(self, route: Route, gap: int, target: int | None) -> tuple[str, Key]:
        """Edges of one signal share a track; so do those that end in one plain box."""
        if target is not None and self.blocks[target].leaf:
            ends = {child for row, child in route.sinks if row == gap}
            if len(ends) == 1 and route.signal not in self.lane:
                return "to", self.keys[target]
        return "of", route.signal

    def ways(self, route: Route) -> Iterator[tuple[int | None, Path]]:
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

    def track_y(self, route: Route, gap: int, target: int | None, x0: float, x1: float) -> float:
        tracks = self.track[gap]
        key = self.track_key(route, gap, target)
        if key in tracks:
            return tracks[key]
        return self.top[gap] if gap < len(self.top) else self.bottom  # it does not turn

    def bottom_of(self, route: Route) -> float:
        if route.source is None:
            return 0.0
        return self.top[route.row] + self.blocks[route.source].height

    def _finished(self, routes: list[Route]) -> Block:
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
        block = Block(self.node.key if self.node else None, width, height, dx)
        for part, x, rank in zip(self.blocks, self.left, self.rank, strict=True):
            block.parts.append((part, x + dx, self.top[rank] + dy))
        for route in routes:
            self._finish_route(block, route, dx, dy)
        return block

    def _finish_route(self, block: Block, route: Route, dx: float, dy: float) -> None:
        begin = self._begin(route, dx, dy)
        for child, way in self.ways(route):
            path = [*begin, *shifted(way, dx, dy)]
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

    def _begin(self, route: Route, dx: float, dy: float) -> Path:
        """The way inside the child that a signal comes from."""
        if route.source is None or self.blocks[route.source].leaf:
            return []
        path = self.blocks[route.source].outs[route.signal]
        return shifted(path, self.left[route.source] + dx, self.top[route.row] + dy)

    def _ends(self, child: int, signal: Key, dx: float, dy: float) -> list[tuple[Key, Path]]:
        """The ways inside the child that a signal goes to."""
        block = self.blocks[child]
        if block.leaf:
            return [(self.keys[child], [])]
        x, y = self.left[child] + dx, self.top[self.rank[child]] + dy
        return [(target, shifted(path, x, y)) for target, path in block.ins[signal]]


def _tracks(spans: dict[tuple[str, Key], list[float]]) -> tuple[dict[tuple[str, Key], int], int]:
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
