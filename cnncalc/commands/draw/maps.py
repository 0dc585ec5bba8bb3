"""The numbers of feature maps as `trace` works them out, and at a place how one comes about."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from cnncalc.commands.draw.options import CannotDraw, Options
from cnncalc.commands.draw.parts import LEADING, MARGIN, Block, enough, heading, paragraph, right_of
from cnncalc.commands.trace.arrays import Array, Number
from cnncalc.commands.trace.grids import texts
from cnncalc.commands.trace.limits import MAX_FILES
from cnncalc.commands.trace.showing import NotThere, Shown, show
from cnncalc.commands.trace.step_text import padding_note, result_lines, step_title, surroundings
from cnncalc.commands.trace.steps import Part, Step, has_window
from cnncalc.commands.trace.steps import places as steps_of
from cnncalc.layers.conv import Conv
from cnncalc.network.build import Build
from cnncalc.network.model import Layer, Signal
from cnncalc.render.fonts import text_width
from cnncalc.render.scene import Circle, Group, Item, Rect, Scene, Style, Text
from cnncalc.render.titles import title_of
from cnncalc.wording import count

ROOM = 760.0  # px that grids stand side by side in where nobody says
SMALL, LEAST_NUMBER = 9.0, 18.0  # size of numbers, and the cells from which on they are written
LEAST, NO_NUMBER, WIDEST = 3.0, 10.0, 400.0  # px of cells without numbers, and of their grids
DOTTED = 5.0  # px of cells from which on those below 0 have a dot
LARGE, MOST = 2_000, 20_000  # numbers of a volume shown unasked, and at all
MAX_FRAMES = 100
STRENGTH = 0.6  # of the colour of the largest number: text stays readable on it


class Grid(NamedTuple):
    """Numbers in rows and columns; None is padding."""

    title: str
    cells: list[Number | None]
    columns: int
    frame: tuple[range, range] | None = None  # rows and columns that are framed

    @property
    def rows(self) -> int:
        return len(self.cells) // self.columns


def scene(build: Build, options: Options) -> Scene:
    """The maps of a network or of a layer, or the steps at a place."""
    enough(options.width, 160.0)
    found = _shown(build, options)
    room = (options.width or ROOM) - 2 * MARGIN
    if options.animate:
        found = _every_step(build, options, found)
    head = heading(title_of(build.network), "", room)
    top = MARGIN + head.height + 8
    drawn = (
        _steps(found, options, top, room) if found.steps else _volumes(found, options, top, room)
    )
    items = [*head.items, *drawn.items]
    return Scene(
        right_of(items) + MARGIN, top + drawn.height + MARGIN, drawn.title, _describe(found),
        items, frames=drawn.frames, notes=drawn.notes,
    )  # fmt: skip


class Drawn(NamedTuple):
    """What stands below the heading."""

    title: str
    items: list[Item]
    height: float
    frames: int = 0
    notes: Sequence[str] = ()


def places(build: Build, options: Options) -> Iterator[tuple[int, ...]]:
    """Every place and map of a layer's output, counted from 1."""
    layer = _layer(build, options)
    for at, channel in steps_of(layer):
        yield (*(number + 1 for number in at), channel + 1)


def _layer(build: Build, options: Options) -> Layer:
    found = build.network.by_path.get(options.layer or "")
    if not isinstance(found, Layer) or not has_window(found.operation):
        known = [layer.path for layer in build.network if has_window(layer.operation)]
        raise CannotDraw(f"name a layer with a window: {', '.join(known[:6]) or 'there is none'}")
    return found


def _shown(build: Build, options: Options) -> Shown:
    try:
        found = show(build, options.layer, options.at, every=False, flip=False, max_size=MAX_FILES)
    except NotThere as error:
        raise CannotDraw(str(error)) from None
    if not found.volumes and not found.steps:
        for problem in found.trace.problems.sorted():
            raise CannotDraw("; ".join(filter(None, (problem.message, problem.help))))
    return found


def _every_step(build: Build, options: Options, found: Shown) -> Shown:
    layer = _layer(build, options)
    if layer.output.values > MAX_FRAMES:
        raise CannotDraw(
            f"{layer.path} has {layer.output.values:,} numbers, and a picture that moves shows at "
            f"most {MAX_FRAMES}; name one with --at"
        )
    return show(build, layer.path, None, every=True, flip=False, max_size=MAX_FILES)


# Volumes.


def _volumes(found: Shown, options: Options, top: float, room: float) -> Drawn:
    items: list[Item] = []
    notes: list[str] = []
    begin = top
    for signal in found.volumes:
        array = found.trace.arrays[signal]
        if len(array.values) > (MOST if options.layer else LARGE):
            hint = "more than are drawn" if options.layer else "name it to see them"
            notes.append(f"{signal.path} has {len(array.values):,} numbers; {hint}")
            continue
        block = _volume(signal, array, top, room)
        items += block.items
        top += block.height + 14
    if not items:
        raise CannotDraw(notes[0])
    title = f"{title_of(found.trace.network)}: feature maps"
    return Drawn(title, items, top - 14 - begin, notes=notes)


def _volume(signal: Signal, array: Array, top: float, room: float) -> Block:
    """A volume: what it is, the scale of its colours, a grid for each map."""
    largest = _largest(array.numbers())
    label = f"{signal.label} · " if isinstance(signal, Layer) else ""
    head = heading(signal.path, f"{label}{signal.output.text()}", room, top)
    grids = _grids(array)
    dots = not all(_cell(grid, room)[1] for grid in grids)
    scale = _scale(array.numbers(), MARGIN, top + head.height, dots)
    above = head.height + scale.height + 4
    flow = _flow(grids, top + above, room, largest)
    layer = signal.path if isinstance(signal, Layer) else None
    return Block(
        [Group([*head.items, *scale.items, *flow.items], layer=layer)], above + flow.height
    )


def _grids(array: Array) -> list[Grid]:
    """A grid for each map or slice; sequences have a row for each map, a vector is one row."""
    *sizes, channels = array.shape
    numbers: list[Number | None] = [*array.numbers()]
    if not sizes:
        return [Grid("", numbers, channels)]
    if len(sizes) == 1:
        rows = [number for map in range(channels) for number in numbers[map::channels]]
        return [Grid("", rows, sizes[0])]
    grids = []
    for map in range(channels):
        name = f"map {map + 1}" if channels > 1 else ""
        own = numbers[map::channels]
        size = sizes[-1] * sizes[-2]
        for slice in range(0, len(own), size):
            part = f"slice {slice // size + 1}" if len(sizes) == 3 else ""
            title = ", ".join(filter(None, (name, part)))
            grids.append(Grid(title, own[slice : slice + size], sizes[-1]))
    return grids


def _largest(numbers: Sequence[Number | None]) -> Number:
    known = [number for number in numbers if number is not None]
    low, high = min(known, default=0), max(known, default=0)
    return max(-low, high)


def _scale(numbers: Sequence[Number], x: float, y: float, dots: bool) -> Block:
    """A bar of colours up to the largest number, from its opposite on if any is below 0."""
    largest = _largest(numbers)
    if not largest:
        return Block([], 0)
    below = any(number < 0 for number in numbers)
    low, high = texts([-largest if below else 0, largest])
    left = x + text_width(low, SMALL) + 5
    parts = range(-3 if below else 0, 4)
    items: list[Item] = [Text(x, y + 9, low, SMALL, ink="muted")]
    for place, part in enumerate(parts):
        items.append(Rect(left + place * 12, y + 1, 12, 9, _look(part, 3)))
        if part < 0 and dots:
            items.append(Circle(left + place * 12 + 6, y + 5.5, 1, Style(fill="ink")))
    words = f"{high}; a dot is below 0" if below and dots else high
    items.append(Text(left + len(parts) * 12 + 5, y + 9, words, SMALL, ink="muted"))
    return Block(items, LEADING)


def _look(number: Number | None, largest: Number) -> Style:
    """White for 0; the further from it, the more colour."""
    line, width = "muted", 0.5
    if number is None:
        return Style(fill="page", line=line, width=width, dash=True)
    if not number or not largest:
        return Style(fill="page", line=line, width=width)
    part = round(abs(float(number)) / float(largest) * STRENGTH, 3)
    return Style("above" if number > 0 else "below", line, width, tint=1 - part)


# Grids.


def _cell(grid: Grid, room: float) -> tuple[float, list[str]]:
    """The px of a cell, and the texts in it, if there is room for them."""
    cells = texts(grid.cells)
    widest = max((text_width(text, SMALL) for text in cells), default=0.0)
    cell = max(LEAST_NUMBER, widest + 6)
    if cell * grid.columns <= min(room, 2 * WIDEST):
        return cell, cells
    cell = min(NO_NUMBER, min(room, WIDEST) / grid.columns)
    if cell < LEAST:
        raise CannotDraw(
            f"a map of {grid.columns:,} columns has no room here: {LEAST:.0f} px each is the least"
        )
    return cell, []


def _flow(
    grids: Sequence[Grid], top: float, room: float, largest: Number, signs: Sequence[str] = ()
) -> Block:
    """Grids side by side as far as there is room, with signs between them."""
    items: list[Item] = []
    x, y, height = MARGIN, top, 0.0
    for number, grid in enumerate(grids):
        cell, cells = _cell(grid, room)
        wide = max(cell * grid.columns, text_width(grid.title, SMALL))
        sign = signs[number] if signs else ""
        before = 22.0 if sign else 16.0 if number else 0.0
        if x > MARGIN and x + before + wide > MARGIN + room:
            x, y, height = MARGIN, y + height + 10, 0.0
            before = 22.0 if sign else 0.0
        if sign:
            middle = y + (LEADING if grid.title else 0) + _height(cell, cells) * grid.rows / 2
            items.append(Text(x + before / 2, middle + 4, sign, 12, "middle"))
        x += before
        block = _grid(grid, cell, cells, x, y, largest)
        items += block.items
        x += wide
        height = max(height, block.height)
    return Block(items, y + height - top)


def _grid(grid: Grid, cell: float, cells: list[str], x: float, y: float, largest: Number) -> Block:
    """The cells with their numbers, or of small ones with a dot where they are below 0."""
    items: list[Item] = []
    title = LEADING if grid.title else 0.0
    if grid.title:
        items.append(Text(x, y + 10, grid.title, SMALL, ink="muted"))
    y, high = y + title, _height(cell, cells)
    for index, number in enumerate(grid.cells):
        row, column = divmod(index, grid.columns)
        left, upper = x + column * cell, y + row * high
        items.append(Rect(left, upper, cell, high, _look(number, largest)))
        middle = left + cell / 2, upper + high / 2
        if cells:
            items.append(Text(middle[0], middle[1] + 3.2, cells[index], SMALL, "middle"))
        elif number is not None and number < 0 and cell >= DOTTED:
            items.append(Circle(*middle, 1, Style(fill="ink")))
    if grid.frame is not None:
        rows, columns = grid.frame
        wide, tall = len(columns) * cell, len(rows) * high
        look = Style(line="accent", width=2)
        items.append(Rect(x + columns[0] * cell, y + rows[0] * high, wide, tall, look))
    return Block(items, title + grid.rows * high)


def _height(cell: float, cells: list[str]) -> float:
    """Of a cell: with a number in it as high as its text asks for, however wide that is."""
    return LEAST_NUMBER if cells else cell


# Steps.


def _steps(found: Shown, options: Options, top: float, room: float) -> Drawn:
    """One step below the other, or in a picture that moves one after the other."""
    items: list[Item] = []
    path = found.steps[0].layer.path
    height = 0.0
    for number, step in enumerate(found.steps):
        if options.animate:
            block = _step(step, top, room)
            items.append(Group(block.items, frame=number))
            height = max(height, block.height)
        else:
            block = _step(step, top + height + (16 if number else 0), room)
            items += block.items
            height += block.height + (16 if number else 0)
    frames = len(found.steps) if options.animate else 0
    title = f"{path}: how its numbers come about"
    return Drawn(title, [Group(items, layer=path)], height, frames)


def _step(step: Step, top: float, room: float) -> Block:
    """One number: the window on its input, the products, and what they come to."""
    begin = top
    title = paragraph(step_title(step), MARGIN, top, room, bold=True)
    items, top = list(title.items), top + title.height + 4
    for part in step.parts:
        grids, signs = _part(step, part)
        block = _flow(grids, top, room, _largest([n for grid in grids for n in grid.cells]), signs)
        items += block.items
        top += block.height + 10
    if step.padded:
        note = paragraph(padding_note(step), MARGIN, top, room, ink="muted")
        items += note.items
        top += note.height
    lines = result_lines(step, 10**6)  # a formula has rows of numbers, two blanks apart
    for line in lines if step.formula else " ".join(lines).split("  "):
        if line.strip():
            block = paragraph(line.strip(), MARGIN, top, room)
            items += block.items
            top += block.height
    return Block(items, top - begin)


def _part(step: Step, part: Part) -> tuple[list[Grid], list[str]]:
    """The grids of one input map, and the signs before each."""
    columns = step.sizes[-1]
    several = step.source.shape[-1] > 1
    name = f"map {part.map + 1}" if several else "input"
    grids, signs = [], []
    whole = surroundings(step)
    if whole is not None:
        rows = whole[0] if len(whole) == 2 else range(1)
        read = step.rows if len(whole) == 2 else ((0,), step.rows[0])
        places = [(r, c) for r in rows for c in whole[-1]]
        cells = [step.source.number(*(place if len(whole) == 2 else place[1:]), part.map)
                 for place in places]  # fmt: skip
        frame = _frame(read[0], rows), _frame(read[1], whole[-1])
        grids.append(Grid(name, cells, len(whole[-1]), frame))
        signs.append("")
    grids.append(Grid("window" if whole is not None else name, [*part.patch], columns))
    signs.append("")
    if part.filter is not None:
        one = "filter" if isinstance(step.operation, Conv) else "weights"
        grids.append(Grid(one, [*part.filter], columns))
        grids.append(Grid("products", [*part.terms], columns))
        signs += ["×", "="]
    return grids, signs


def _frame(read: Sequence[int], shown: range) -> range:
    return range(read[0] - shown[0], read[-1] - shown[0] + 1)


def _describe(found: Shown) -> str:
    """The picture in words."""
    if found.steps:
        lines = [" ".join((step_title(step), *result_lines(step, None))) for step in found.steps]
    else:
        lines = [f"{signal.path}, {signal.output.text()}" for signal in found.volumes]
    left = f" And {count(len(lines) - 30, 'more', 'more')}." if len(lines) > 30 else ""
    return ". ".join(" ".join(line.split()) for line in lines[:30]) + f".{left}"
