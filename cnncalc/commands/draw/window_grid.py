"""The window on a map that is drawn cell by cell, with the output beside or below it."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from cnncalc.commands.draw.parts import BODY, LEADING, MARGIN, legend
from cnncalc.commands.draw.windows import BEYOND, INPUT, PADDING, ZERO, Axis, runs
from cnncalc.network.model import Layer
from cnncalc.render.fonts import shortened, text_width
from cnncalc.render.palette import role_of
from cnncalc.render.scene import Item, Line, Rect, Style, Text
from cnncalc.wording import times

MAX_CELLS = 40  # along an axis
SMALLEST, LARGEST, WHOLE = 6.0, 22.0, 440.0  # px of a cell, and of the whole input
GAP = 56.0  # between input and output
WITH_ZEROS = 14.0  # px of a cell from which on zeros are written into it
Drawn = tuple[list[Item], list[list[Item]], float, float]  # still, each frame, width, bottom

_CELLS = {
    INPUT: Style(fill="other", tint=0.35),
    ZERO: Style(fill="page"),
    PADDING: Style(fill="page"),
    BEYOND: Style(fill="page"),
}
_UNREAD = {INPUT: Style(fill="other", tint=0.35, hatch=True)}
_UNREAD_ZERO = Style(fill="page", hatch=True)
_FRAME = Style(line="accent", width=2)
_RAY = Style(line="accent", width=0.75)
_OUTLINE = Style(line="ink")


class Board(NamedTuple):
    """Cells of the same size: two axes, and where their first cells are."""

    left: float
    top: float
    cell: float
    start: tuple[int, int]  # the numbers of the first row and column

    def x(self, column: int) -> float:
        return self.left + (column - self.start[1]) * self.cell

    def y(self, row: int) -> float:
        return self.top + (row - self.start[0]) * self.cell

    def rect(self, rows: tuple[int, int], columns: tuple[int, int], style: Style) -> Rect:
        """The cells from the first up to the last, which is not among them."""
        x, y = self.x(columns[0]), self.y(rows[0])
        return Rect(x, y, self.x(columns[1]) - x, self.y(rows[1]) - y, style)


def blocks(
    layer: Layer, axes: Sequence[Axis], at_all: list[tuple[int, ...]], top: float, room: float
) -> Drawn | None:
    """The picture from `top` on; None where the map is too large for it."""
    if len(axes) != 2 or max(axis.cells for axis in axes) > MAX_CELLS:
        return None
    largest = min(LARGEST, WHOLE / max(axis.cells for axis in axes))
    below = _Grid(layer, axes, largest, top, room, False)
    beside = _Grid(layer, axes, largest, top, room, True)
    grid = beside if beside.cell >= min(largest, max(SMALLEST, below.cell * 0.6)) else below
    return grid.drawn(at_all) if grid.cell >= SMALLEST else None


class _Grid:
    """Both maps, the output beside the input or below it, with cells as large as there is room."""

    def __init__(
        self, layer: Layer, axes: Sequence[Axis], largest: float, top: float, room: float,
        is_beside: bool,
    ) -> None:  # fmt: skip
        self.layer, self.is_beside = layer, is_beside
        self.rows, self.columns = axes
        self.role = role_of(layer.operation)
        self.captions = [
            shortened(caption, room, BODY)
            for caption in (
                f"input {layer.inputs[0].text()}{_around(self.rows, self.columns)}",
                f"output {layer.output.text()}",
            )
        ]
        self.words = [text_width(caption, BODY) for caption in self.captions]
        self.top = top + LEADING + 2
        self.cell = min(largest, self.fitting(room))
        if self.is_beside:
            self.place_beside()
        else:
            self.place_below()

    def fitting(self, room: float) -> float:
        """The px that a cell may have."""
        cells, outputs = self.columns.cells, self.columns.output
        if not self.is_beside:
            return room / max(cells, outputs)
        # A caption may be wider than the cells below it.
        choices = (
            (room - GAP) / (cells + outputs),
            (room - GAP - self.words[1]) / cells,
            (room - 20 - self.words[0]) / outputs,
        )
        fits = room - 20 - sum(self.words) >= 0
        return max(0.0, min(choices)) if fits else 0.0

    def place_beside(self) -> None:
        height, out_height = self.rows.cells * self.cell, self.rows.output * self.cell
        width, out_width = self.columns.cells * self.cell, self.columns.output * self.cell
        left = MARGIN + max(width + GAP, self.words[0] + 20)
        self.input = Board(MARGIN, self.top, self.cell, (self.rows.start, self.columns.start))
        down = max(0.0, (height - out_height) / 2)
        self.output = Board(left, self.top + down, self.cell, (0, 0))
        self.width = left - MARGIN + max(out_width, self.words[1])
        self.bottom = self.top + max(height, out_height)

    def place_below(self) -> None:
        height, out_height = self.rows.cells * self.cell, self.rows.output * self.cell
        width, out_width = self.columns.cells * self.cell, self.columns.output * self.cell
        self.width = max(width, out_width, *self.words)
        self.input = Board(MARGIN, self.top, self.cell, (self.rows.start, self.columns.start))
        inset = min(max(0.0, (width - out_width) / 2), self.width - self.words[1])
        place = MARGIN + inset, self.top + height + GAP * 0.7
        self.output = Board(*place, self.cell, (0, 0))
        self.bottom = place[1] + out_height + LEADING

    def drawn(self, at_all: list[tuple[int, ...]]) -> Drawn:
        # Rays come from the left, or from above.
        caption_y = self.output.top - 6 if self.is_beside else self.bottom - 3
        items: list[Item] = [
            Text(MARGIN, self.input.top - 6, self.captions[0], BODY, ink="muted"),
            Text(self.output.left, caption_y, self.captions[1], BODY, ink="muted"),
            *self.cells(),
            *self.output_cells(),
        ]
        signs = legend(self.signs(), self.bottom + 10, max(self.width, 200.0))
        items += signs.items
        moving = [list(self.window(at)) for at in at_all]
        return items, moving, self.width, self.bottom + 10 + signs.height

    # The input.

    def cells(self) -> Iterator[Item]:
        """What is around the input with dashed lines, and over it the input with whole ones."""
        board, rows, columns = self.input, self.rows, self.columns
        own = (0, rows.size), (0, columns.size)
        whole = (rows.start, rows.end), (columns.start, columns.end)
        if whole != own:
            yield from self.filled(*whole)
            yield from grid_lines(board, *whole, Style(line="muted", width=0.5, dash=True))
        yield from self.filled(*own)
        yield from grid_lines(board, *own, Style(line="muted", width=0.4))
        yield board.rect(*own, _OUTLINE)
        if board.cell >= WITH_ZEROS:
            yield from self.zeros()

    def filled(self, rows: tuple[int, int], columns: tuple[int, int]) -> Iterator[Item]:
        """Cells by what they are, neighbours that are the same as one."""
        across = runs(self.columns, range(*columns))
        for row in runs(self.rows, range(*rows)):
            for column in across:
                kind = worse(row[2], column[2])
                style = _CELLS[kind]
                if not (row[3] and column[3]):
                    style = _UNREAD.get(kind, _UNREAD_ZERO)
                yield self.input.rect(row[:2], column[:2], style)

    def zeros(self) -> Iterator[Item]:
        size = min(9.0, self.input.cell * 0.5)
        for row in range(self.rows.start, self.rows.end):
            for column in range(self.columns.start, self.columns.end):
                kind = worse(self.rows.what(row), self.columns.what(column))
                read = self.rows.is_read(row) and self.columns.is_read(column)
                if kind in (PADDING, ZERO) and read:
                    x, y = self.input.x(column), self.input.y(row)
                    middle = self.input.cell / 2
                    yield Text(x + middle, y + middle + size * 0.36, "0", size, "middle",
                               ink="muted")  # fmt: skip

    # The output.

    def output_cells(self) -> Iterator[Item]:
        sizes = (0, self.rows.output), (0, self.columns.output)
        yield self.output.rect(*sizes, Style(fill=self.role, tint=0.75))
        yield from grid_lines(self.output, *sizes, Style(line="muted", width=0.4))
        yield self.output.rect(*sizes, _OUTLINE)

    # What moves.

    def window(self, at: tuple[int, ...]) -> Iterator[Item]:
        taps = self.rows.taps(at[0]), self.columns.taps(at[1])
        yield from self.taps(*taps)
        rows, columns = ((taken[0], taken[-1] + 1) for taken in taps)
        frame = self.input.rect(rows, columns, _FRAME)
        target = self.output.rect((at[0], at[0] + 1), (at[1], at[1] + 1),
                                  Style(fill=self.role, line="accent", width=2))  # fmt: skip
        yield from self.rays(frame, target)
        yield frame
        yield target

    def taps(self, rows: range, columns: range) -> Iterator[Item]:
        """The cells that the window reads: paler where they are zeros."""
        small = min(2.0, self.input.cell * 0.15)
        for row in rows:
            for column in columns:
                is_input = worse(self.rows.what(row), self.columns.what(column)) == INPUT
                style = Style(fill=self.role, tint=0 if is_input else 0.6)
                whole = self.input.rect((row, row + 1), (column, column + 1), style)
                yield Rect(whole.x + small, whole.y + small, whole.width - 2 * small,
                           whole.height - 2 * small, style)  # fmt: skip

    def rays(self, frame: Rect, target: Rect) -> Iterator[Item]:
        """From the corners of the window to those of what it gives."""
        if self.is_beside:
            starts = [(frame.x + frame.width, frame.y), (frame.x + frame.width,
                                                         frame.y + frame.height)]  # fmt: skip
            ends = [(target.x, target.y), (target.x, target.y + target.height)]
        else:
            starts = [(frame.x, frame.y + frame.height), (frame.x + frame.width,
                                                          frame.y + frame.height)]  # fmt: skip
            ends = [(target.x, target.y), (target.x + target.width, target.y)]
        for start, end in zip(starts, ends, strict=True):
            yield Line((start, end), _RAY)

    def signs(self) -> list[tuple[Style, str]]:
        """The legend: only what is there."""
        axes = self.rows, self.columns
        every = [(axis, cell) for axis in axes for cell in range(axis.start, axis.end)]
        kinds = {axis.what(cell) for axis, cell in every}
        entries = [(Style(fill="other", tint=0.35, line="muted", width=0.5), "input")]
        if PADDING in kinds:
            entries.append((Style(fill="page", line="muted", width=0.5, dash=True), "padding, 0"))
        if ZERO in kinds:
            entries.append((Style(fill="page", line="muted", width=0.5), "0 put in between"))
        if BEYOND in kinds:
            entries.append((Style(line="muted", width=0.5, dash=True), "beyond, left out"))
        if not all(axis.is_read(cell) for axis, cell in every if axis.what(cell) != BEYOND):
            entries.append(
                (Style(fill="page", line="muted", width=0.5, hatch=True), "no window reads it")
            )
        entries.append((Style(fill=self.role, line="accent", width=1.5), self.window_words()))
        return entries

    def window_words(self) -> str:
        kernel = len(self.rows.taps(0)), len(self.columns.taps(0))
        turned = ", kernel turned over" if self.layer.kind == "transposed_conv" else ""
        return f"window {times(kernel)}{turned}"


def worse(one: str, other: str) -> str:
    """What a cell is that is this along one axis and that along the other."""
    order = (BEYOND, PADDING, ZERO, INPUT)
    return order[min(order.index(one), order.index(other))]


def grid_lines(
    board: Board, rows: tuple[int, int], columns: tuple[int, int], style: Style
) -> Iterator[Item]:
    left, right = board.x(columns[0]), board.x(columns[1])
    top, bottom = board.y(rows[0]), board.y(rows[1])
    for row in range(rows[0], rows[1] + 1):
        yield Line(((left, board.y(row)), (right, board.y(row))), style)
    for column in range(columns[0], columns[1] + 1):
        yield Line(((board.x(column), top), (board.x(column), bottom)), style)


def _around(rows: Axis, columns: Axis) -> str:
    """`, padded to 8×8`, where there is padding."""
    padded = [axis.size + axis.before + axis.after for axis in (rows, columns)]
    spread = max(rows.spread, columns.spread) > 1
    words = ", spread to " + times((rows.size, columns.size)) if spread else ""
    if padded != [rows.size, columns.size]:
        words += f", padded to {times(tuple(padded))}"
    return words
