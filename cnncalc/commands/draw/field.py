"""The receptive field of one unit, growing from its layer down to the input.

Each layer is a row of its units, every unit where the middle of what it sees is in the input; those
on which the unit above depends are filled. Of maps there is the input as well, with what one unit
of each layer sees of it.
"""

from collections.abc import Iterator
from math import ceil, floor
from typing import NamedTuple

from cnncalc.commands.draw.fields import Part, Step, steps_to
from cnncalc.commands.draw.options import CannotDraw, Options
from cnncalc.commands.draw.parts import (
    BODY,
    LEADING,
    MARGIN,
    Block,
    enough,
    heading,
    layer_of,
    paragraph,
)
from cnncalc.layers.window import ROWS
from cnncalc.network.model import Group as LayerGroup
from cnncalc.network.model import Input, Layer, Network, Signal
from cnncalc.render.fonts import shortened, text_width
from cnncalc.render.geometry import shown
from cnncalc.render.palette import role_of
from cnncalc.render.scene import Group, Item, Polygon, Rect, Scene, Style, Text
from cnncalc.render.scene import Line as Stroke
from cnncalc.render.stream import Paper
from cnncalc.render.table import aligned
from cnncalc.volume import AXIS_NAMES
from cnncalc.wording import (
    count,
    enumerated,
    fill,
    line_start,
    show_ratio,
    times,
    width_of_text,
)

MAX_ROWS = 24  # of a picture where nobody says how many
MOST = 1_000  # rows; of more layers, neighbours are one row
PITCH, THICK = 34.0, 10.0  # px from one row to the next, and of a row
SMALL = 8.5
LEAST_PLOT = 110.0  # px
MAP = 170.0  # px of the larger side of the input
NESTED = 12  # rectangles in the input
ZOOMED = 0.2  # of the input: around a smaller field only a part is shown
EACH = 4.5  # px from one unit to the next from which on each is drawn by itself


class Panel(NamedTuple):
    """The steps along some axes of an input that look the same."""

    input: Input
    axes: tuple[int, ...]
    names: str
    steps: list[Step]


def scene(network: Network, options: Options) -> Scene:
    """The picture of one unit's receptive field."""
    enough(options.width, 280.0)
    end, at = _unit(network, options)
    panels = panels_of(network, options, end, at)
    maps = _map_panels(panels, options, network, end, at)
    room = (options.width or 520.0 + (MAP + 30 if maps else 0)) - 2 * MARGIN
    beside = bool(maps) and room - MAP - 30 >= 330
    plot_room = room - MAP - 30 if beside else room
    head = heading(end.path, _about(network, end), room)
    items, top = list(head.items), MARGIN + head.height + 8
    for panel in panels:
        block = _Plot(panel, top, plot_room, len(panels) > 1).block()
        items += block.items
        top += block.height + 12
    if maps:
        place = (MARGIN + plot_room + 30, MARGIN + head.height + 8) if beside else (MARGIN, top)
        block = _map(maps, *place)
        items += block.items
        top = max(top, place[1] + block.height + 6)
    notes = _notes(panels, len(_elements(network, options)))
    return Scene(
        room + 2 * MARGIN,
        top + MARGIN - 10,
        f"{end.path}: its receptive field",
        _describe(panels, end, at),
        items,
        notes=notes,
    )


def _unit(network: Network, options: Options) -> tuple[Layer, tuple[int, ...]]:
    """The layer, and a place of its output from 0: the middle where none is asked for."""
    if options.layer is None:
        ends = [end for end in network.output_signals.values() if isinstance(end, Layer)]
        if not ends:
            raise CannotDraw("the network has no layer")
        end = ends[0]
    else:
        end = layer_of(network, options.layer)
    sizes = end.output.sizes
    if options.at is None:
        return end, tuple(size // 2 for size in sizes)
    names = [
        word.removesuffix("s") for word in map(ROWS.get, AXIS_NAMES.get(len(sizes), ())) if word
    ]
    if len(options.at) != len(sizes):
        wanted = ",".join(map(str.upper, names)) or "not chosen: it is a vector"
        raise CannotDraw(f"a place in {end.path}, {end.output.text()}, is {wanted}")
    for name, number, size in zip(names, options.at, sizes, strict=True):
        if not 1 <= number <= size:
            raise CannotDraw(f"{end.path} has {count(size, name)}, no {name} {number:,}")
    return end, tuple(number - 1 for number in options.at)


def panels_of(network: Network, options: Options, end: Layer, at: tuple[int, ...]) -> list[Panel]:
    """For each input that the unit depends on, and each axis that differs, the steps to it."""
    parts = _parts(_elements(network, options))
    panels: list[Panel] = []
    for name, seen in network.receptive_fields[end].items():
        given = network.input_signals[name]
        axes = AXIS_NAMES.get(len(given.output.sizes), ("values",))
        known: dict[object, tuple[list[int], list[Step]]] = {}
        for axis in range(len(axes)):
            row = at[axis] if len(at) == len(seen.rows) and seen.rows[axis] > 1 else 0
            steps = steps_to(network, end, name, axis, min(row, seen.rows[axis] - 1), parts)
            key = tuple((step.reach, step.count, tuple(step.rows[:1]), len(step.rows))
                        for step in steps)  # fmt: skip
            known.setdefault(key, ([], steps))[0].append(axis)
        for alike, steps in known.values():
            names = " and ".join(axes[axis] for axis in alike)
            panels.append(Panel(given, tuple(alike), names, steps))
    return panels


def _elements(network: Network, options: Options) -> list[Layer | LayerGroup]:
    """The rows of the picture: groups closed from a level on, so that there is room for them."""
    most = options.max_items or MAX_ROWS
    levels = max((element.level for element in network.elements()), default=1)
    found = _closed_from(network, 1)
    if options.expand is not None:
        return _closed_from(network, max(1, options.expand))
    for level in range(2, levels + 1):
        deeper = _closed_from(network, level)
        if len(deeper) > most:
            break
        found = deeper
    return found


def _parts(elements: list[Layer | LayerGroup]) -> list[Part]:
    """Each element by itself; of very many, as many neighbours together as leave room."""
    size = 1 if len(elements) <= MOST else -(-len(elements) // MAX_ROWS)
    return [elements[start : start + size] for start in range(0, len(elements), size)]


def _closed_from(network: Network, level: int) -> list[Layer | LayerGroup]:
    return [
        element
        for element in network.elements()
        if element.level == level or (isinstance(element, Layer) and element.level < level)
    ]


def _about(network: Network, end: Signal) -> str:
    """field 99×99 on the input 224×224"""
    parts = []
    for name, seen in network.receptive_fields[end].items():
        volume = network.inputs[name]
        parts.append(f"{times(seen.sizes)} on {name} {times(volume.sizes or volume.shape)}")
    return f"field {enumerated(parts)}"


def _describe(panels: list[Panel], end: Layer, at: tuple[int, ...]) -> str:
    place = f", at {','.join(str(number + 1) for number in at)}" if at else ""
    sentences = [f"What one unit of {end.path}{place}, depends on."]
    for panel in panels:
        words = []
        for step in reversed(panel.steps):
            rows = f"{step.rows[0] + 1:,} to {step.rows[-1] + 1:,}" if step.rows else "none"
            words.append(f"{step.element.path} {rows} of {step.count:,}")
        left = f" and {len(words) - 30} more" if len(words) > 30 else ""
        sentences.append(f"Along the {panel.names}: {'; '.join(words[:30])}{left}.")
    return " ".join(sentences)


def _notes(panels: list[Panel], elements: int) -> list[str]:
    steps = {step.element.path: step.element for panel in panels for step in panel.steps}
    closed = sum(isinstance(element, LayerGroup) for element in steps.values())
    notes = [f"{count(closed, 'group')} closed; --expand opens more"] if closed else []
    return notes + ([f"{elements:,} layers in {MAX_ROWS} rows"] if elements > MOST else [])


class _Plot:
    """One panel: labels at the left, and rows of units above one another."""

    def __init__(self, panel: Panel, top: float, room: float, named: bool) -> None:
        self.panel, self.steps = panel, panel.steps[::-1]
        self.items: list[Item] = []
        self.begin = self.top = top
        if named:
            caption = paragraph(f"along the {panel.names} of {panel.input.path}", MARGIN, top, room)
            self.items += caption.items
            self.top += caption.height
        widest = max(max(map(_label_width, self.steps)), 60.0)
        self.labels = min(widest, room - LEAST_PLOT - 14)
        self.left = MARGIN + self.labels + 14
        edges = [edge for step in self.steps for edge in self.track(step)]
        edges += self.field()
        self.low, self.high = self.shown(min(edges), max(edges))
        self.scale = (MARGIN + room - self.left) / max(self.high - self.low, 1e-9)

    def shown(self, low: float, high: float) -> tuple[float, float]:
        """The part of the input that is drawn: all, or of a long one what is near the field."""
        first, last = self.field()
        size = last - first
        if size > ZOOMED * (high - low):
            return low, high
        return max(low, first - size), min(high, last + size)

    def block(self) -> Block:
        self.items += self.shadows()
        for number, step in enumerate(self.steps):
            self.items.append(self.row(step, self.y(number)))
        return Block(self.items, self.y(len(self.steps) - 1) + THICK + 10 - self.begin)

    def y(self, number: int) -> float:
        return self.top + 6 + number * PITCH

    def x(self, place: float) -> float:
        place = min(max(place, self.low), self.high)  # what is not shown ends at the edge
        return self.left + (place - self.low) * self.scale

    def field(self) -> tuple[float, float]:
        """The edges of what the unit sees, beyond the border too."""
        end = self.steps[0]
        first, last = end.stretch(end.rows[0])
        return first - 0.5, last + 0.5

    def half(self, step: Step) -> float:
        return max(float(step.jump), 1.0) / 2

    def track(self, step: Step) -> tuple[float, float]:
        """The edges of the whole volume."""
        half = self.half(step)
        return float(step.centre(0)) - half, float(step.centre(step.count - 1)) + half

    def span(self, step: Step) -> tuple[float, float]:
        """The edges in px of the units that count, at least as wide as can be seen."""
        if not step.rows:
            return self.x(0), self.x(0)
        half = self.half(step)
        left = self.x(float(step.centre(step.rows[0])) - half)
        right = self.x(float(step.centre(step.rows[-1])) + half)
        missing = max(0.0, 4 - (right - left)) / 2
        return left - missing, right + missing

    def shadows(self) -> Iterator[Item]:
        """From the units of each layer to those below on which they depend."""
        numbers = {id(step): number for number, step in enumerate(self.steps)}
        lines: list[Item] = []
        for number, step in enumerate(self.steps):
            for source in step.sources:
                below = numbers[id(source)]
                upper, lower = self.span(step), self.span(source)
                above_y, below_y = self.y(number) + THICK, self.y(below)
                role = _role(step)
                if below == number + 1:
                    points = ((upper[0], above_y), (upper[1], above_y), (lower[1], below_y),
                              (lower[0], below_y))  # fmt: skip
                    yield Polygon(points, Style(fill=role, tint=0.75))
                else:
                    look = Style(line=role, width=1, dash=True)
                    lines += (Stroke(((upper[i], above_y), (lower[i], below_y)), look)
                              for i in (0, 1))  # fmt: skip
        yield from lines

    def row(self, step: Step, y: float) -> Group:
        items = [*self.label(step, y), *self.units(step, y)]
        layer = None if isinstance(step.element, Input) else step.element.path
        title = f"{step.element.path}: {count(len(step.rows), 'unit')} of {step.count:,}"
        return Group(items, layer=layer, title=title)

    def label(self, step: Step, y: float) -> Iterator[Item]:
        name = shortened(shown(step.element.path), self.labels, BODY, bold=True)
        yield Text(MARGIN, y + 4, name, BODY, bold=True)
        at = MARGIN
        for text, quantity in _facts(step):
            if at + text_width(text, SMALL) > MARGIN + self.labels:
                break
            yield Text(at, y + 16, text, SMALL, ink="muted", quantity=quantity)
            at += text_width(text, SMALL) + 4

    def units(self, step: Step, y: float) -> Iterator[Item]:
        """The whole volume as an outline, the units that count filled."""
        left, right = map(self.x, self.track(step))
        line = Style(fill="page", line="muted", width=0.5)
        yield Rect(left, y, right - left, THICK, line)
        look = Style(fill=_role(step), line="ink", width=0.5)
        half = max(self.half(step) * self.scale, 2.0)
        for first, last in self.joined(step, half):
            yield Rect(first - half, y, last - first + 2 * half, THICK, look)
        if isinstance(step.element, Input):
            yield from self.border(step, y)

    def joined(self, step: Step, half: float) -> Iterator[tuple[float, float]]:
        """The middles in px of the first and last of neighbouring units, joined if too small."""
        each = float(step.jump) * self.scale >= EACH
        start = end = None
        for first, last in _runs(step, each):
            a, b = self.x(float(step.centre(first))), self.x(float(step.centre(last)))
            if start is None or end is None:
                start, end = a, b
            elif a - end < 2 * half + 0.5 and not each:
                end = b
            else:
                yield start, end
                start, end = a, b
        if start is not None and end is not None:
            yield start, end

    def border(self, step: Step, y: float) -> Iterator[Item]:
        """The first and last row of the input, and what the field has of the padding."""
        field = tuple(map(self.x, self.field()))
        left, right = self.x(-0.5), self.x(step.count - 0.5)
        padding = Style(fill="page", line="muted", width=0.5, dash=True, hatch=True)
        if field[0] < left:
            yield Rect(field[0], y, left - field[0], THICK, padding)
        if field[1] > right:
            yield Rect(right, y, field[1] - right, THICK, padding)
        start = f"{max(1, ceil(self.low + 0.5) + 1):,}"
        last = f"{min(step.count, floor(self.high - 0.5) + 1):,}"
        if right - left > text_width(start + last, SMALL) + 8:
            yield Text(left + 1, y + THICK + 10, start, SMALL, ink="muted")
            yield Text(right - 1, y + THICK + 10, last, SMALL, "end", ink="muted")
        else:
            middle = (left + right) / 2
            yield Text(middle, y + THICK + 10, f"{start}–{last}", SMALL, "middle", ink="muted")


def _label_width(step: Step) -> float:
    facts = sum(text_width(text, SMALL) + 4 for text, _ in _facts(step))
    return min(max(text_width(shown(step.element.path), BODY, bold=True), facts), 230.0)


def _facts(step: Step) -> Iterator[tuple[str, str | None]]:
    """The second line of a label, in parts: each with the quantity that it is."""
    if isinstance(step.element, Input):
        yield step.element.output.text(), None
        return
    yield "field", None
    field = step.element.network.receptive_fields[step.signal]
    yield field.text(), "receptive_field"
    if step.count > 1:
        offset = step.centre(0)
        yield f"· jump {show_ratio(step.jump.numerator, step.jump.denominator)}", None
        text = show_ratio(offset.numerator, offset.denominator)
        yield f"· offset {text.replace('-', '−')}", None


def _role(step: Step) -> str:
    return role_of(step.element.operation) if isinstance(step.element, Layer) else "other"


def _runs(step: Step, each: bool) -> Iterator[tuple[int, int]]:
    """Neighbouring rows together, unless each is to be seen."""
    rows = step.rows
    if isinstance(rows, range) and rows.step == 1 and not each:
        if rows:
            yield rows[0], rows[-1]
        return
    start = last = None
    for row in rows:
        if start is None or last is None or row != last + 1 or each:
            if start is not None and last is not None:
                yield start, last
            start = row
        last = row
    if start is not None and last is not None:
        yield start, last


# The input as a map.


def _map_panels(
    panels: list[Panel], options: Options, network: Network, end: Layer, at: tuple[int, ...]
) -> tuple[list[Step], list[Step]] | None:
    """The steps along the height and the width of the first input, if it has both."""
    first = [panel for panel in panels if panel.input is panels[0].input]
    by_axis = {axis: panel.steps for panel in first for axis in panel.axes}
    return (by_axis[0], by_axis[1]) if sorted(by_axis) == [0, 1] else None


def _map(both: tuple[list[Step], list[Step]], x: float, y: float) -> Block:
    """The input, with what one unit of each layer on the way sees of it."""
    fields = [_fields_of(steps) for steps in both]
    size = [steps[0].count for steps in both]
    low = [min(0, *(first for first, _ in found)) for found in fields]
    high = [max(size[i], *(last + 1 for _, last in fields[i])) for i in (0, 1)]
    scale = MAP / max(high[0] - low[0], high[1] - low[1])

    def rect(rows: tuple[int, int], columns: tuple[int, int], style: Style) -> Rect:
        return Rect(
            x + (columns[0] - low[1]) * scale, y + LEADING + (rows[0] - low[0]) * scale,
            (columns[1] - columns[0]) * scale, (rows[1] - rows[0]) * scale, style,
        )  # fmt: skip

    items: list[Item] = [Text(x, y + 9, f"on the input, {times(tuple(size))}", BODY, ink="muted")]
    pairs = [((a[0], a[1] + 1), (b[0], b[1] + 1)) for a, b in zip(*fields, strict=False)]
    items.append(rect(*pairs[-1], Style(fill="page", hatch=True)))
    items.append(rect((0, size[0]), (0, size[1]), Style(fill="other", tint=0.55, line="ink")))
    inner = Style(line="muted", width=0.75)
    items += [rect(*pair, inner) for pair in pairs[-NESTED:-1]]
    items.append(rect(*pairs[-1], Style(line="accent", width=2)))
    return Block(items, LEADING + (high[0] - low[0]) * scale)


def _fields_of(steps: list[Step]) -> list[tuple[int, int]]:
    """What the middle one of the units that count sees, layer by layer."""
    return [step.stretch(step.rows[len(step.rows) // 2]) if step.rows else (0, 0)
            for step in steps]  # fmt: skip


# For a terminal.


def text(network: Network, options: Options, paper: Paper) -> str:
    """The rows of the picture as lines of signs."""
    end, at = _unit(network, options)
    lines = [
        paper.style(f"{line_start(shown(end.path))}", bold=True) + f"   {_about(network, end)}"
    ]
    for panel in panels_of(network, options, end, at):
        lines += ["", f"  along the {panel.names} of {shown(panel.input.path)}"]
        lines += _bars(panel.steps[::-1], (paper.width or 80) - 2)
    lines += ["", "  █ what the unit depends on, · the rest of a map, ~ padding", ""]
    return "\n".join(lines)


def _bars(steps: list[Step], width: int) -> Iterator[str]:
    """A line a step: the name, its facts, and where its units are over the input."""
    rows = [
        [shown(step.element.path), " ".join(part for part, _ in _facts(step))] for step in steps
    ]
    heads = list(aligned(rows, [False, False], gap=2))
    room = max(12, width - max(map(width_of_text, heads)) - 2)
    first, last = steps[0].stretch(steps[0].rows[0])
    low, high = min(0, first), max(steps[-1].count - 1, last)
    for head, step in zip(heads, steps, strict=True):
        signs = [" "] * room

        def put(start: float, end: float, sign: str, signs: list[str] = signs) -> None:
            a = int((start - low) * room / (high + 1 - low))
            b = max(a + 1, round((end + 1 - low) * room / (high + 1 - low)))
            signs[a:b] = [sign] * (min(b, room) - a)

        put(float(step.centre(0)), float(step.centre(step.count - 1)), "·")
        if isinstance(step.element, Input):
            put(first, last, "~")
            put(0, step.count - 1, "·")
        for start, end in _runs(step, each=False):
            put(float(step.centre(start)), float(step.centre(end)), "█")
        yield f"  {fill(head, width - room)}{''.join(signs)}".rstrip()
