"""Where the parameters, multiply-adds and memory of a network sit, as bars.

Every column has its own axis, which begins at 0 and ends at the largest bar; the numbers of a
column, those that are left out included, add up to its total.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from cnncalc.commands.draw.graph import amount, quantities
from cnncalc.commands.draw.item_maker import items_of
from cnncalc.commands.draw.items import Item, Items, never
from cnncalc.commands.draw.options import CannotDraw, Options
from cnncalc.commands.draw.page import about, page_of, tooltip
from cnncalc.commands.draw.parts import MARGIN, enough
from cnncalc.network.model import Input, Network
from cnncalc.quantities import Quantity
from cnncalc.render.fonts import shortened, text_width
from cnncalc.render.geometry import shown
from cnncalc.render.scene import Group, Line, Rect, Scene, Style, Text
from cnncalc.render.scene import Item as Shape
from cnncalc.render.stream import Paper
from cnncalc.render.table import Column as Heading
from cnncalc.render.table import Remark, Table, render_text
from cnncalc.render.table import Row as TableRow
from cnncalc.render.text import bar
from cnncalc.render.titles import title_of
from cnncalc.wording import count, line_start, visible

MOST = 40  # rows where nothing else says
SHOWN = ("parameters", "macs", "memory")
SIZE = 10.0  # of text
_ROW = 17.0
_THICK = 10.0  # of a bar
_BAR = 110.0  # px of the longest
_LEAST_BAR = 32.0
_LEAST_NAME = 70.0
_NAME = 150.0  # px that a name may be wide, and a kind
_GAP = 10.0


@dataclass(frozen=True, slots=True)
class Row:
    """An item, or those that are left out, with its numbers."""

    item: Item | None
    name: str
    kind: str
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Profile:
    """The rows of a network and the totals of its quantities."""

    network: Network
    items: Items
    shows: tuple[Quantity[int], ...]
    rows: tuple[Row, ...]
    totals: tuple[int, ...]
    cumulative: bool

    def largest(self, column: int) -> int:
        """What fills a bar: the largest number, of sums the total."""
        if self.cumulative:
            return self.totals[column]
        return max((row.values[column] for row in self.rows), default=0)

    def before(self, number: int, column: int) -> int:
        """The sum of the rows above."""
        return sum(row.values[column] for row in self.rows[:number]) if self.cumulative else 0

    def percent(self, number: int, column: int) -> str:
        """The part of the total; with `cumulative` that of all rows so far."""
        value = self.before(number, column) + self.rows[number].values[column]
        return percent(value, self.totals[column])


def percent(value: int, total: int) -> str:
    """12.3%"""
    if not total:
        return ""
    tenths = (2000 * value + total) // (2 * total)  # rounded half up
    return f"{tenths // 10}.{tenths % 10}%"


def profile_of(network: Network, options: Options) -> Profile:
    """The rows that a picture shows."""
    shows = tuple(quantities(options.show or SHOWN))
    items = items_of(network, options, most=MOST, hides=never, alike=False)
    rows = [_row(network, item, shows) for item in items.leaves()]
    rows = [row for row in rows if any(row.values)]
    totals = tuple(network.quantity(known.name) for known in shows)
    rows = _chosen(rows, shows, options)
    return Profile(network, items, shows, tuple(rows), totals, options.cumulative)


def _row(network: Network, item: Item, shows: Sequence[Quantity[int]]) -> Row:
    if isinstance(item.element, Input):
        own = {q.name: network.bytes_of(item.element.output) for q in shows if q.of_inputs}
        return Row(item, item.path, "", tuple(own.get(known.name, 0) for known in shows))
    values = tuple(item.quantity(known.name) or 0 for known in shows)
    return Row(item, item.path, item.words[1], values)


def _chosen(rows: list[Row], shows: Sequence[Quantity[int]], options: Options) -> list[Row]:
    """The rows in their order, the smallest together in one if there are too many."""
    by = 0
    if options.sort is not None:
        name, _, way = options.sort.partition(":")
        wanted = quantities([name])[0]
        if wanted not in shows or way not in ("", "asc", "desc"):
            names = ", ".join(known.name for known in shows)
            raise CannotDraw(f"the bars are {names}: --sort takes one of them, or NAME:asc")
        by = shows.index(wanted)
        rows = sorted(rows, key=lambda row: row.values[by], reverse=way != "asc")
    most = options.top or max(options.max_items or MOST, 1)
    if len(rows) <= most or (options.top is None and options.expand is not None):
        return rows
    largest = sorted(range(len(rows)), key=lambda n: (-rows[n].values[by], n))
    kept, rest = sorted(largest[:most]), largest[most:]
    others = tuple(sum(rows[n].values[column] for n in rest) for column in range(len(shows)))
    return [*(rows[n] for n in kept), Row(None, count(len(rest), "other"), "", others)]


# The picture.


def scene(network: Network, options: Options) -> Scene:
    """The bars."""
    profile = profile_of(network, options)
    columns = len(profile.shows)
    texts = [_column_width(profile, column) for column in range(columns)]
    names = _names(row.name for row in profile.rows)
    kinds = _names(row.kind for row in profile.rows)
    room = (options.width or 10**6) - 2 * MARGIN - sum(texts) - _GAP * 2 * columns
    if room - names - kinds < columns * _LEAST_BAR:
        kinds = 0.0  # the kinds make room first, then the names
        names = max(min(names, room - columns * _LEAST_BAR), min(names, _LEAST_NAME))
    fixed = names + kinds + sum(texts) + _GAP * 2 * columns
    long = min(_BAR, (room - names - kinds) / columns)
    if long < _LEAST_BAR:
        enough(options.width, fixed + columns * _LEAST_BAR + 2 * MARGIN)
    lefts = [names + kinds + _GAP + n * (long + 2 * _GAP) + sum(texts[:n]) for n in range(columns)]
    spaces = list(zip(lefts, texts, strict=True))
    right = fixed + columns * long
    shapes = [*_heads(profile, spaces, right)]
    shapes += (_drawn(profile, n, spaces, (names, kinds), long) for n in range(len(profile.rows)))
    shapes += _total(profile, spaces, right)
    return page_of(
        network,
        Items([row.item for row in profile.rows if row.item], profile.items.notes, {}),
        shapes,
        right,
        (len(profile.rows) + 2) * _ROW + 6,
        what=f"where its {', '.join(known.name for known in profile.shows)} sit",
        remarks=["each bar to the sum so far"] if profile.cumulative else (),
        widest=options.width,
    )


def _texts(profile: Profile, number: int, column: int) -> tuple[str, str]:
    value = profile.rows[number].values[column]
    if not value:
        return "–", ""
    return amount(profile.shows[column], value), profile.percent(number, column)


def _column_width(profile: Profile, column: int) -> float:
    """The px of the numbers of a column."""
    known = profile.shows[column]
    said = [_texts(profile, number, column)[0] for number in range(len(profile.rows))]
    said.append(amount(known, profile.totals[column]))
    widest = max(text_width(text, SIZE, bold=True) for text in said)
    return max(widest + 8 + text_width("100.0%", SIZE), text_width(known.header, SIZE, bold=True))


def _names(texts: Iterable[str]) -> float:
    """The px of a column of texts, those that are too wide shortened."""
    widest = max((text_width(shown(text), SIZE) for text in texts), default=0)
    return min(_NAME, widest) + _GAP


def _heads(profile: Profile, spaces: list[tuple[float, float]], right: float) -> Iterator[Shape]:
    for known, (left, width) in zip(profile.shows, spaces, strict=True):
        yield Text(left + width, 10, known.header, SIZE, "end", bold=True)
    yield Line(((0, _ROW - 2), (right, _ROW - 2)), Style(line="muted"))


def _drawn(
    profile: Profile,
    number: int,
    spaces: list[tuple[float, float]],
    names: tuple[float, float],
    long: float,
) -> Group:
    row = profile.rows[number]
    y = (number + 1) * _ROW + 2
    shapes: list[Shape] = [*_named(row, y, names)]
    role = "muted" if row.item is None else row.item.role
    if row.item is not None and isinstance(row.item.element, Input):
        role = "page"
    for column, (left, width) in enumerate(spaces):
        value, part = _texts(profile, number, column)
        known = profile.shows[column]
        right = left + width
        base = y + 10
        edge = right - text_width("100.0%", SIZE) - 8
        marked = known.name if row.item is not None and part else None
        shapes.append(Text(edge, base, value, SIZE, "end", quantity=marked))
        if part:
            shapes.append(Text(right, base, part, SIZE, "end", ink="muted"))
        shapes += _bars(profile, number, column, right + _GAP, y, long, role)
    path = row.item.path if row.item is not None else None
    return Group(shapes, layer=path, title=tooltip(row.item) if row.item else row.name)


def _bars(
    profile: Profile, number: int, column: int, x: float, y: float, long: float, role: str
) -> Iterator[Shape]:
    """The bar of a number; pale before it what stands above it."""
    value, most = profile.rows[number].values[column], profile.largest(column)
    if not value:
        return
    start = long * profile.before(number, column) / most
    if start:
        yield Rect(x, y + 2, start, _THICK - 2, Style("muted", tint=0.8))
    yield Rect(x + start, y + 1, long * value / most, _THICK, Style(role, "ink", 0.5))


def _named(row: Row, y: float, rooms: tuple[float, float]) -> Iterator[Text]:
    name, kind = rooms
    yield Text(0, y + 10, shortened(shown(row.name), name - _GAP, SIZE), SIZE)
    if row.kind and kind:
        what = shortened(shown(row.kind), kind - _GAP, SIZE)
        yield Text(name, y + 10, what, SIZE, ink="muted")


def _total(profile: Profile, spaces: list[tuple[float, float]], right: float) -> Iterator[Shape]:
    y = (len(profile.rows) + 1) * _ROW + 3
    yield Line(((0, y - 1), (right, y - 1)), Style(line="muted"))
    shapes: list[Shape] = [Text(0, y + 12, "Total", SIZE, bold=True)]
    for known, total, (left, width) in zip(profile.shows, profile.totals, spaces, strict=True):
        edge = left + width - text_width("100.0%", SIZE) - 8
        text = amount(known, total)
        shapes.append(Text(edge, y + 12, text, SIZE, "end", bold=True, quantity=known.name))
    yield Group(shapes, layer="")


# The terminal.


def text(network: Network, options: Options, paper: Paper) -> str:
    """The bars in eighths of a sign."""
    profile = profile_of(network, options)
    headings = [Heading("Layer", keep=9), Heading("Kind", colored=True, keep=0)]
    for keep, known in zip(range(len(profile.shows), 0, -1), profile.shows, strict=True):
        headings += [Heading(known.header, True, keep=keep), Heading("", keep=keep)]
    rows = []
    for number, row in enumerate(profile.rows):
        cells = [line_start(visible(row.name)), visible(row.kind)]
        for column in range(len(profile.shows)):
            cells += [_texts(profile, number, column)[0], _cell(profile, number, column)]
        family = "" if row.item is None else row.item.role
        rows.append(TableRow(cells, family=family))
    total = ["Total", ""]
    for known, value in zip(profile.shows, profile.totals, strict=True):
        total += [amount(known, value), ""]
    table = Table(
        headings, rows, total, visible(title_of(network)), visible(about(network)),
        [Remark(note) for note in profile.items.notes],
    )  # fmt: skip
    drawn, left_out = render_text(table, width=paper.width, color=paper.colored)
    if left_out:
        paper.remarks.append(f"left out for want of room: {', '.join(filter(None, left_out))}")
    return drawn


def _cell(profile: Profile, number: int, column: int) -> str:
    value, most = profile.rows[number].values[column], profile.largest(column)
    if not value:
        return ""
    end = profile.before(number, column) + value
    return f"{bar(end / most, 10)} {profile.percent(number, column):>6}"
