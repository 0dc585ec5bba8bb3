"""The windows along each axis of a layer, as a strip of cells with the windows below it.

The middle of a long axis is left out: there are the first windows, the last ones, and the one that
is asked for.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from cnncalc.commands.draw.options import CannotDraw
from cnncalc.commands.draw.parts import BODY, LEADING, MARGIN, TEXT_ROOM, legend, paragraph
from cnncalc.commands.draw.window_grid import Drawn
from cnncalc.commands.draw.windows import BEYOND, INPUT, PADDING, ZERO, Axis, runs
from cnncalc.layers.window import ROWS
from cnncalc.network.model import Layer
from cnncalc.render.fonts import text_width
from cnncalc.render.palette import role_of
from cnncalc.render.scene import Item, Line, Rect, Style, Text
from cnncalc.volume import AXIS_NAMES
from cnncalc.wording import count

CELL, SMALLEST, LARGEST = 9.0, 5.0, 16.0  # px of a cell of a long strip, and of others
GAP = 26.0  # px in which cells are left out
LANE = 11.0  # px from one row of windows to the next
SMALL = 8.0  # size of the numbers
FIRST, LAST, ALL = 4, 3, 16  # windows shown at either end; so many are all shown

_CELLS = {
    INPUT: Style(fill="other", tint=0.35),
    ZERO: Style(fill="page"),
    PADDING: Style(fill="page"),
}
_FAINT = Style(line="muted", width=0.5, dash=True)
_FIRM = Style(line="muted", width=0.5)


def blocks(
    layer: Layer, axes: Sequence[Axis], at_all: list[tuple[int, ...]], top: float, room: float
) -> Drawn:
    """The picture from `top` on: a strip for each axis that differs from the others."""
    room = min(room, TEXT_ROOM)
    still: list[Item] = []
    moving: list[list[Item]] = [[] for _ in at_all]
    seen: list[Strip] = []
    for axis, names in _distinct(axes, at_all):
        strip = Strip(axes[axis], names, role_of(layer.operation), top, room,
                      [at[axis] for at in at_all])  # fmt: skip
        still += strip.still()
        for frame, at in zip(moving, at_all, strict=True):
            frame += strip.window(at[axis])
        top = strip.bottom + 14
        seen.append(strip)
    signs = legend(_signs(seen), top - 4, room)
    still += signs.items
    return still, moving, room, top - 4 + signs.height


def _distinct(axes: Sequence[Axis], at_all: list[tuple[int, ...]]) -> list[tuple[int, str]]:
    """The first of the axes that look alike, with the names of all of them."""
    names = AXIS_NAMES[len(axes)]
    alike: dict[object, list[int]] = {}
    for number, axis in enumerate(axes):
        alike.setdefault((axis, *(at[number] for at in at_all)), []).append(number)
    return [(same[0], " and ".join(names[number] for number in same)) for same in alike.values()]


class Part(NamedTuple):
    """Neighbouring cells that are shown, and where the first of them is."""

    first: int
    end: int  # behind the last
    x: float


class Strip:
    """One axis."""

    def __init__(
        self, axis: Axis, names: str, role: str, top: float, room: float, at: list[int]
    ) -> None:
        self.axis, self.names, self.role, self.at = axis, names, role, at
        # The number of the last window stands to the right of it.
        self.room = room - text_width(f"{axis.output:,}", SMALL) - 3
        self.rows = [ROWS[name] for name in names.split(" and ")]
        self.head = paragraph(self.caption(), MARGIN, top, room, ink="muted")
        self.top = top + self.head.height + 12
        self.cell = max(SMALLEST, min(LARGEST, self.room / axis.cells))
        whole = axis.cells * self.cell <= self.room
        if not whole:
            if len(at) > 1:
                raise CannotDraw(
                    "a picture that moves shows every cell, and here are too many: "
                    f"{axis.cells:,} along the {names}; name a place with --at"
                )
            self.cell = CELL
        self.parts = [Part(axis.start, axis.end, MARGIN)] if whole else self.shown_parts()
        self.windows = sorted(self.shown_windows())
        self.lanes = self.assigned_lanes()
        self.height = max(10.0, self.cell)
        rows = max(self.lanes.values()) + 1
        self.hidden = axis.output - len(self.windows)
        self.bottom = self.top + self.height + 8 + rows * LANE + (LEADING if self.hidden else 0)

    def caption(self) -> str:
        axis = self.axis
        size = (axis.size - 1) // axis.spread + 1
        words = f"{self.names}: {size:,} {' and '.join(self.rows)}"
        if axis.spread > 1:
            words += f" with {count(axis.spread - 1, 'zero')} in between"
        if axis.before or axis.after:
            words += f", {axis.before:,} + {axis.after:,} of padding"
        return f"{words}, {count(axis.output, 'window')}"

    # Which cells and windows are shown.

    def shown_parts(self) -> list[Part]:
        axis, at = self.axis, self.at[0]
        there = int((self.room - 2 * GAP) / self.cell)
        third, half = there // 3, int((there * self.cell + GAP) / self.cell * 0.5)
        taps = axis.taps(at)
        near = taps[0] < axis.start + half - len(taps) or taps[0] > axis.end - half
        ends = [(axis.start, axis.start + half), (axis.end - half, axis.end)]
        if not near:
            middle = max(taps[0] - 2, axis.start)
            ends = [(axis.start, axis.start + third), (middle, middle + third),
                    (axis.end - third, axis.end)]  # fmt: skip
        parts: list[Part] = []
        for first, end in ends:
            if parts and first <= parts[-1].end:  # they meet
                parts[-1] = parts[-1]._replace(end=end)
            else:
                x = self.behind(parts[-1]) + GAP if parts else MARGIN
                parts.append(Part(first, end, x))
        return parts

    def behind(self, part: Part) -> float:
        return part.x + (part.end - part.first) * self.cell

    def shown_windows(self) -> set[int]:
        output = self.axis.output
        found = {*range(min(FIRST, output)), *range(max(0, output - LAST), output), *self.at}
        if len(self.parts) == 1:
            found |= set(range(output if output <= ALL else FIRST))
        return found

    def assigned_lanes(self) -> dict[int, int]:
        """A lane for each window, so that no two of one lane meet."""
        lanes: dict[int, int] = {}
        free: list[float] = []
        for window in self.windows:
            taps = self.axis.taps(window)
            left = self.x(taps[0])
            right = self.x(taps[-1]) + self.cell + text_width(f"{window + 1:,}", SMALL) + 7
            lane = next((n for n, end in enumerate(free) if end <= left), len(free))
            free[lane : lane + 1] = [right]
            lanes[window] = lane
        return lanes

    def x(self, cell: int) -> float:
        """Where a cell begins; one that is left out is in the middle of the gap."""
        for part in self.parts:
            if cell < part.first:
                return part.x - GAP / 2 - self.cell / 2
            if cell < part.end:
                return part.x + (cell - part.first) * self.cell
        return self.behind(self.parts[-1])

    # What is drawn.

    def still(self) -> Iterator[Item]:
        yield from self.head.items
        for part in self.parts:
            yield from self.cells(part)
        yield from self.numbers()
        for before, after in zip(self.parts, self.parts[1:], strict=False):
            middle = (self.behind(before) + after.x) / 2
            yield Text(middle, self.top + self.height / 2 + 3, "…", BODY, "middle", ink="muted")
        for window in self.windows:
            yield from self.bracket(window, "muted", 0.75)
            taps = self.axis.taps(window)
            right, y = self.x(taps[-1]) + self.cell, self.lane_y(window) + 3
            yield Text(right + 3, y, f"{window + 1:,}", SMALL, ink="muted")
        if self.hidden:
            words = f"… and {count(self.hidden, 'window')} in between"
            yield Text(MARGIN, self.bottom - 4, words, BODY, ink="muted")

    def cells(self, part: Part) -> Iterator[Item]:
        for first, end, kind, read in runs(self.axis, range(part.first, part.end)):
            if kind != BEYOND:
                style = _CELLS[kind]
                if not read:
                    style = Style(fill=style.fill, tint=style.tint, hatch=True)
                width = (end - first) * self.cell
                yield Rect(self.x(first), self.top, width, self.height, style)
            line = _FIRM if kind in (INPUT, ZERO) else _FAINT
            for cell in range(first, end):
                yield Rect(self.x(cell), self.top, self.cell, self.height, line)

    def numbers(self) -> Iterator[Item]:
        """Of the first and the last row of the input, where they are shown."""
        axis = self.axis
        last = (axis.size - 1) // axis.spread + 1
        for cell, number in {0: 1, axis.size - 1: last}.items():
            if any(part.first <= cell < part.end for part in self.parts):
                x = self.x(cell) + self.cell / 2
                yield Text(x, self.top - 3, f"{number:,}", SMALL, "middle", ink="muted")

    def bracket(self, window: int, ink: str, width: float) -> Iterator[Item]:
        """A line over what the window spans, and its taps."""
        taps = self.axis.taps(window)
        y = self.lane_y(window)
        left, right = self.x(taps[0]), self.x(taps[-1]) + self.cell
        yield Line(((left, y), (right, y)), Style(line=ink, width=width))
        for part in self.parts:
            for cell in range(max(part.first, taps[0]), min(part.end, taps[-1] + 1)):
                if cell in taps:
                    pale = 0 if self.axis.what(cell) == INPUT else 0.6
                    style = Style(fill=self.role, tint=pale, line=ink, width=0.5)
                    yield Rect(self.x(cell) + 1, y - 2.5, self.cell - 2, 5, style)

    def lane_y(self, window: int) -> float:
        return self.top + self.height + 8 + self.lanes[window] * LANE

    def window(self, at: int) -> Iterator[Item]:
        """The window that is pointed at: a frame round its cells, and its line once more."""
        yield from self.bracket(at, "accent", 1.5)
        taps = self.axis.taps(at)
        left, right = self.x(taps[0]), self.x(taps[-1]) + self.cell
        yield Rect(left, self.top - 1, right - left, self.height + 2, Style(line="accent", width=2))


def _signs(strips: list[Strip]) -> list[tuple[Style, str]]:
    cells = {
        (kind, read)
        for strip in strips
        for part in strip.parts
        for _, _, kind, read in runs(strip.axis, range(part.first, part.end))
    }
    kinds = {kind for kind, _ in cells}
    entries = [(Style(fill="other", tint=0.35, line="muted", width=0.5), "input")]
    if PADDING in kinds:
        entries.append((Style(fill="page", line="muted", width=0.5, dash=True), "padding, 0"))
    if ZERO in kinds:
        entries.append((Style(fill="page", line="muted", width=0.5), "0 put in between"))
    if BEYOND in kinds:
        entries.append((Style(line="muted", width=0.5, dash=True), "beyond, left out"))
    if any(not read and kind != BEYOND for kind, read in cells):
        hatched = Style(fill="page", line="muted", width=0.5, hatch=True)
        entries.append((hatched, "no window reads it"))
    window = Style(fill=strips[0].role, line="muted", width=0.5)
    entries.append((window, "window, with the number of what it gives"))
    return entries
