"""The rows of units of a receptive field, with their labels, and shadows between them."""

from collections.abc import Iterator
from math import ceil, floor

from cnncalc.commands.draw.field_panels import Panel, facts_of, runs_of
from cnncalc.commands.draw.fields import Step
from cnncalc.commands.draw.parts import BODY, MARGIN, Block, paragraph
from cnncalc.network.model import Input, Layer
from cnncalc.render.fonts import shortened, text_width
from cnncalc.render.geometry import shown
from cnncalc.render.palette import role_of
from cnncalc.render.scene import Group, Item, Polygon, Rect, Style, Text
from cnncalc.render.scene import Line as Stroke
from cnncalc.wording import count

PITCH, THICK = 34.0, 10.0  # px from one row to the next, and of a row
SMALL = 8.5
LEAST_PLOT = 110.0  # px
ZOOMED = 0.2  # of the input: around a smaller field only a part is shown
EACH = 4.5  # px from one unit to the next from which on each is drawn by itself


class Plot:
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
        for text, quantity in facts_of(step):
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

    def joined(self, step: Step, half: float) -> list[tuple[float, float]]:
        """The middles in px of the first and last of neighbouring units, joined if too small."""
        each = float(step.jump) * self.scale >= EACH
        found: list[tuple[float, float]] = []
        for first, last in runs_of(step, each):
            a, b = self.x(float(step.centre(first))), self.x(float(step.centre(last)))
            if found and a - found[-1][1] < 2 * half + 0.5 and not each:
                found[-1] = (found[-1][0], b)
            else:
                found.append((a, b))
        return found

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
    facts = sum(text_width(text, SMALL) + 4 for text, _ in facts_of(step))
    return min(max(text_width(shown(step.element.path), BODY, bold=True), facts), 230.0)


def _role(step: Step) -> str:
    return role_of(step.element.operation) if isinstance(step.element, Layer) else "other"
