"""The volumes of a network as boxes in a row, as LeNet, AlexNet and VGG are drawn in papers.

Rows go on below one another where they get too wide. An arrow leads from a volume to its neighbour
where that reads it; what is read further on has an arc above the row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from cnncalc.commands.draw.glyphs import TALLEST, Glyph, Scale, glyph_of
from cnncalc.commands.draw.graph import BOLD, PLAIN, edges, merge_sign
from cnncalc.commands.draw.item_maker import items_of
from cnncalc.commands.draw.items import Item, norm_or_in_place
from cnncalc.commands.draw.options import Options
from cnncalc.commands.draw.page import about, page_of, tooltip
from cnncalc.commands.draw.parts import MARGIN, enough
from cnncalc.network.model import Input, Layer, Network
from cnncalc.render.fonts import shortened, text_width, wrapped
from cnncalc.render.geometry import shown
from cnncalc.render.layered.boxes import Edge
from cnncalc.render.palette import FAMILIES
from cnncalc.render.scene import Circle, Group, Line, Point, Polygon, Scene, Style, Text
from cnncalc.render.scene import Item as Shape
from cnncalc.render.stream import Paper
from cnncalc.render.table import aligned
from cnncalc.render.text import bar
from cnncalc.render.titles import title_of
from cnncalc.volume import Volume
from cnncalc.wording import fill, line_start, visible, width_of_text

MOST = 26  # items where nothing else says
WIDTH = 1200.0
_SIZES = (TALLEST, 96.0, 72.0)  # px of the largest volume, the first with which one row is enough
_BETWEEN = 20.0  # glyphs
_TEXTS = 8.0  # texts of neighbours
_NAME = 112.0  # px that a name may be wide
_LINE = 13.0
_ARC = 9.0  # between arcs
_RETURN = 22.0  # from one row to the next
_ROUND = 9.0  # radius of a merge


def scene(network: Network, options: Options) -> Scene:
    """The picture of the volumes."""
    items = items_of(network, options, most=MOST, hides=norm_or_in_place, open_runs=False)
    picture = Picture(network, list(items.leaves()), options)
    shapes = [*picture.arcs(), *picture.arrows(), *picture.glyphs()]
    return page_of(
        network,
        items,
        shapes,
        picture.width,
        picture.height,
        what="its volumes",
        remarks=picture.scale.words(picture.volumes),
        widest=options.width,
    )


@dataclass(eq=False, slots=True)
class Place:
    """An item with its glyph, its texts, and where they stand."""

    item: Item
    glyph: Glyph
    sign: str | None  # of a merge that is drawn as a circle
    texts: list[Text] = field(default_factory=list)  # below it, in lines
    x: float = 0.0  # of the glyph's left side
    row: int = 0
    middle: float = 0.0  # of its row

    @property
    def text_width(self) -> float:
        return max((text_width(text.text, text.size, text.bold) for text in self.texts), default=0)

    @property
    def pitch(self) -> float:
        return max(self.glyph.width + _BETWEEN, self.text_width + _TEXTS)

    @property
    def top(self) -> float:
        return self.middle - self.glyph.tall / 2

    @property
    def center(self) -> float:
        return self.x + self.glyph.width / 2


class Picture:
    """Glyphs in rows."""

    def __init__(self, network: Network, items: Sequence[Item], options: Options) -> None:
        self.options = options
        self.items = items
        self.volumes = [item.output for item in items if item.output is not None]
        room = (options.width or WIDTH) - 2 * MARGIN
        for tallest in _SIZES:
            self.scale = self._scale(tallest)
            self.places = [self._place(item) for item in items]
            if sum(place.pitch for place in self.places) <= room:
                break
        enough(options.width, max(place.pitch for place in self.places) + 2 * MARGIN + 2 * _ARC)
        self.number = {id(item): number for number, item in enumerate(items)}
        self._fill_rows(room)
        self._fill_heights()

    def _scale(self, tallest: float) -> Scale:
        sizes = [size for volume in self.volumes for size in volume.sizes[-2:]]
        most = max(volume.channels for volume in self.volumes)
        return Scale(self.options.scale, max(sizes, default=1), most, tallest)

    def _place(self, item: Item) -> Place:
        volume = item.output or Volume((), 1)
        sign = merge_sign(item)
        same = bool(item.reads) and all(source.output == volume for source in item.reads)
        if sign is not None and same and item.times == 1 and len(sign) == 1:
            return Place(item, Glyph(2 * _ROUND, 2 * _ROUND), sign, list(_texts(item)))
        return Place(item, glyph_of(volume, self.scale), None, list(_texts(item)))

    def _fill_rows(self, room: float) -> None:
        """Rows about equally long, with room at their right for what leads from one to another."""
        for beside in range(len(self.places)):
            last = self._break_rows(room - _ARC * beside)
            limit = sum(place.pitch for place in self.places) / (last + 1)
            while self._break_rows(limit) > last:
                limit *= 1.02
            self.lanes, self.sides = self._lanes()
            if beside >= self._beside(last):
                break
        self.rows = [[p for p in self.places if p.row == n] for n in range(last + 1)]
        self.right = max(p.x + (p.glyph.width + p.pitch) / 2 for p in self.places)
        self.width = self.right + _ARC * self._beside(last)

    def _beside(self, last: int) -> int:
        """How many lines run at the right of the rows."""
        return max(self.sides.values(), default=-1) + 1 + (last > 0)

    def _break_rows(self, room: float) -> int:
        """Put the glyphs in rows; the number of the last."""
        x, row = 0.0, 0
        for place in self.places:
            if x and x + place.pitch > room:
                x, row = 0.0, row + 1
            place.row = row
            place.x = x + (place.pitch - place.glyph.width) / 2
            x += place.pitch
        return row

    # Arcs.

    def _lanes(self) -> tuple[list[tuple[int, int, int, int]], dict[int, int]]:
        """Of each arc: the number of its source and target, and its levels above both rows.

        And, by the number of the arc, how far right one runs that leads to another row.
        """
        spans = []
        for number, place in enumerate(self.places):
            for source in place.item.reads:
                first = self.number[id(source)]
                if first != number - 1:
                    spans.append((number - first, first, number))
        taken: list[tuple[int, int, int, int]] = []  # row, from, to, level
        found: list[tuple[int, int, int, int]] = []
        sides: dict[int, int] = {}
        for _, first, last in sorted(spans):
            levels = [self._level(taken, *part) for part in self._stretches(first, last)]
            one, two = self.places[first].row, self.places[last].row
            if one != two:
                sides[len(found)] = self._level(taken, -1, one, two + 1)
            found.append((first, last, levels[0], levels[-1]))
        return found, sides

    def _stretches(self, first: int, last: int) -> list[tuple[int, int, int]]:
        """The rows and numbers over which an arc runs; another row it enters from the right."""
        one, two = self.places[first].row, self.places[last].row
        if one == two:
            return [(one, first, last)]
        end = len(self.places)
        return [(one, first, end), (two, last, end)]

    def _level(
        self, taken: list[tuple[int, int, int, int]], row: int, first: int, last: int
    ) -> int:
        used = {
            level
            for other, low, high, level in taken
            if other == row and low < last and first < high
        }
        level = next(n for n in range(len(used) + 1) if n not in used)
        taken.append((row, first, last, level))
        return level

    def _fill_heights(self) -> None:
        """The y of everything, row by row."""
        self.above = []  # the y below which glyphs of a row begin
        y = 0.0
        for number, row in enumerate(self.rows):
            y += self._room(number)
            self.above.append(y)
            tallest = max(place.glyph.tall for place in row)
            for place in row:
                place.middle = y + tallest / 2
            y += tallest + 4 + max(len(place.texts) for place in row) * _LINE
            y += _RETURN if number + 1 < len(self.rows) else 0
        self.height = y

    def arcs(self) -> Iterator[Shape]:
        """Lines above the rows, from what is read to what reads it."""
        found = []
        for number, (first, last, up, down) in enumerate(self.lanes):
            one, two = self.places[first], self.places[last]
            start, end = self._port(one, 0), self._port(two, -2)
            y = self.above[one.row] - _ARC * (up + 1)
            points: list[Point] = [start, (start[0], y)]
            if one.row != two.row:
                x = self.right + _ARC * (self.sides[number] + 1)
                lower = self.above[two.row] - _ARC * (down + 1)
                points += [(x, y), (x, lower)]
                y = lower
            found.append(Edge(first, last, (*points, (end[0], y), end)))
        yield from edges(found)

    def _port(self, place: Place, shift: float) -> Point:
        """Where an arc begins or ends: the middle of the upper edge."""
        return place.center + place.glyph.depth / 2 + shift, place.top

    # Arrows.

    def arrows(self) -> Iterator[Shape]:
        """From each glyph to the next that reads it; round to the next row."""
        for one, two in zip(self.places, self.places[1:], strict=False):
            if one.item not in two.item.reads:
                continue
            start = (one.x + one.glyph.width, one.middle)
            end = (two.x, two.middle)
            points: tuple[Point, ...] = (start, end)
            if one.row != two.row:
                right = self.right + 2
                between = self.above[two.row] - self._room(two.row) - _RETURN / 2
                points = (
                    start,
                    (right, start[1]),
                    (right, between),
                    (-6, between),
                    (-6, end[1]),
                    end,
                )
            yield Line(points, Style(line="ink", width=1), arrow=True, rounded=5)

    def _room(self, row: int) -> float:
        """The height of the arcs above a row."""
        levels = [lane[2] for lane in self.lanes if self.places[lane[0]].row == row]
        levels += [lane[3] for lane in self.lanes if self.places[lane[1]].row == row]
        return _ARC * (max(levels) + 2) if levels else 0

    # Glyphs.

    def glyphs(self) -> Iterator[Shape]:
        for number, place in enumerate(self.places):
            shapes = [*self._shapes(place), *self._texts(place)]
            yield Group(shapes, layer=place.item.path, title=tooltip(place.item))
            if self.options.kernels:
                yield from self._kernel(number)

    def _shapes(self, place: Place) -> Iterator[Shape]:
        item = place.item
        if place.sign is not None:
            yield Circle(place.center, place.middle, _ROUND, Style("page", item.role, 1.5))
            yield Text(place.center, place.middle + 4.5, place.sign, 13, "middle", bold=True)
            return
        is_input = isinstance(item.element, Input)
        style = Style("page" if is_input else item.role, "ink", dash=is_input)
        yield from place.glyph.shapes(place.x, place.top, style)

    def _texts(self, place: Place) -> Iterator[Text]:
        y = place.middle + max(p.glyph.tall for p in self.rows[place.row]) / 2 + 4
        for number, text in enumerate(place.texts):
            yield replace(text, x=place.center, y=y + number * _LINE + 9)

    def _kernel(self, number: int) -> Iterator[Shape]:
        """The window of the next layer on this volume, and the ray to what it gives."""
        if number + 1 == len(self.places):
            return
        one, two = self.places[number], self.places[number + 1]
        element = two.item.element
        kernel = getattr(element.operation, "kernel", None) if isinstance(element, Layer) else None
        if not kernel or one.item not in two.item.reads or len(kernel) > 2 or not one.glyph.depth:
            return
        high, wide = kernel
        h = min(self.scale.height(high), one.glyph.height)
        d = min(self.scale.depth(wide), one.glyph.depth)
        right = one.x + one.glyph.front
        x = right + (one.glyph.depth - d) / 2
        y = one.top + one.glyph.depth - (x - right) + (one.glyph.height - h) * 0.3
        face: tuple[Point, ...] = ((x, y), (x + d, y - d), (x + d, y - d + h), (x, y + h))
        tip = (two.x, two.top + two.glyph.depth + two.glyph.height * 0.3)
        yield Polygon(face, Style("page", "ink", tint=0))
        for corner in face:
            yield Line((corner, tip), Style(line="ink", width=0.6, dash=True))


def _texts(item: Item) -> Iterator[Text]:
    """Name, kind in as many lines as it takes, and the volume."""
    name, what = item.words
    times = f" ×{item.times:,}" if item.times > 1 else ""
    if isinstance(item.element, Input):
        what = ""
    room = _NAME - text_width(times, BOLD, bold=True)
    yield _text(shortened(shown(name), room, BOLD, bold=True) + times, bold=True)
    for line in _lines(shown(what)):
        yield _text(line, ink="muted")
    if item.output is not None:
        yield _text(item.output.text(), quantity="output")


def _text(text: str, *, bold: bool = False, ink: str = "ink", quantity: str | None = None) -> Text:
    return Text(0, 0, text, BOLD if bold else PLAIN, "middle", bold, ink, quantity)


def _lines(what: str) -> list[str]:
    """A kind with its sizes; what is too wide has the sizes below the kind."""
    if not what or text_width(what, PLAIN) <= _NAME:
        return [what] if what else []
    kind, _, sizes = what.partition(" ")
    return [line for part in (kind, sizes) if part for line in wrapped(part, _NAME, PLAIN)]


# The terminal.

_SIGNS = 40  # of the largest volume


def text(network: Network, options: Options, paper: Paper) -> str:
    """The volumes as bars, as long as they are high in the picture, in as many signs as room is."""
    items = items_of(network, options, most=MOST, hides=norm_or_in_place, open_runs=False)
    picture = Picture(network, list(items.leaves()), options)
    rows = []
    for place in picture.places:
        times = f" ×{place.item.times:,}" if place.item.times > 1 else ""
        name, what = place.item.words
        volume = place.item.output.text() if place.item.output else ""
        rows.append([line_start(visible(name)) + times, visible(what), volume])
    heads = list(aligned(rows, [False, False, True], gap=2))
    width = min(_SIGNS, max(8, (paper.width or 100) - max(map(width_of_text, heads)) - 3))
    widest = max(map(width_of_text, heads))
    lines = [
        f"{fill(head, widest)}  {_shaded(place, picture, width, paper)}".rstrip()
        for head, place in zip(heads, picture.places, strict=True)
    ]
    title = paper.style(line_start(visible(title_of(network))), bold=True)
    notes = "".join(f"  {note}\n" for note in items.notes)
    scale = "  length as tall as the volume would be drawn"
    return f"{title}   {visible(about(network))}\n\n" + "\n".join(lines) + f"\n{scale}\n{notes}"


def _shaded(place: Place, picture: Picture, width: int, paper: Paper) -> str:
    glyph = glyph_of(place.item.output or Volume((), 1), picture.scale)
    part = glyph.height / picture.scale.tallest
    drawn = bar(min(part, 1.0), width).rstrip()
    return paper.style(drawn, fg=FAMILIES.get(place.item.role))
