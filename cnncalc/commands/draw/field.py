"""The receptive field of one unit, growing from its layer down to the input.

Each layer is a row of its units, every unit where the middle of what it sees is in the input; those
on which the unit above depends are filled. Of maps there is the input as well, with what one unit
of each layer sees of it.
"""

from collections.abc import Iterator

from cnncalc.commands.draw.field_panels import (
    MAX_ROWS,
    MOST,
    Panel,
    about_field,
    elements_of,
    facts_of,
    panels_of,
    runs_of,
    unit_of,
)
from cnncalc.commands.draw.field_plot import Plot
from cnncalc.commands.draw.fields import Step
from cnncalc.commands.draw.options import Options
from cnncalc.commands.draw.parts import BODY, LEADING, MARGIN, Block, enough, heading
from cnncalc.network.model import Group as LayerGroup
from cnncalc.network.model import Input, Layer, Network
from cnncalc.render.geometry import shown
from cnncalc.render.scene import Item, Rect, Scene, Style, Text
from cnncalc.render.stream import Paper
from cnncalc.render.table import aligned
from cnncalc.wording import count, fill, line_start, times, width_of_text

MAP = 170.0  # px of the larger side of the input
NESTED = 12  # rectangles in the input


def scene(network: Network, options: Options) -> Scene:
    """The picture of one unit's receptive field."""
    enough(options.width, 280.0)
    end, at = unit_of(network, options)
    panels = panels_of(network, options, end, at)
    maps = _map_panels(panels, options, network, end, at)
    room = (options.width or 520.0 + (MAP + 30 if maps else 0)) - 2 * MARGIN
    beside = bool(maps) and room - MAP - 30 >= 330
    plot_room = room - MAP - 30 if beside else room
    head = heading(end.path, about_field(network, end), room)
    items, top = list(head.items), MARGIN + head.height + 8
    for panel in panels:
        block = Plot(panel, top, plot_room, len(panels) > 1).block()
        items += block.items
        top += block.height + 12
    if maps:
        place = (MARGIN + plot_room + 30, MARGIN + head.height + 8) if beside else (MARGIN, top)
        block = _map(maps, *place)
        items += block.items
        top = max(top, place[1] + block.height + 6)
    notes = _notes(panels, len(elements_of(network, options)))
    return Scene(
        room + 2 * MARGIN,
        top + MARGIN - 10,
        f"{end.path}: its receptive field",
        _describe(panels, end, at),
        items,
        notes=notes,
    )


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
    end, at = unit_of(network, options)
    lines = [
        paper.style(f"{line_start(shown(end.path))}", bold=True) + f"   {about_field(network, end)}"
    ]
    for panel in panels_of(network, options, end, at):
        lines += ["", f"  along the {panel.names} of {shown(panel.input.path)}"]
        lines += _bars(panel.steps[::-1], (paper.width or 80) - 2)
    lines += ["", "  █ what the unit depends on, · the rest of a map, ~ padding", ""]
    return "\n".join(lines)


def _bars(steps: list[Step], width: int) -> Iterator[str]:
    """A line a step: the name, its facts, and where its units are over the input."""
    rows = [
        [shown(step.element.path), " ".join(part for part, _ in facts_of(step))] for step in steps
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
        for start, end in runs_of(step, each=False):
            put(float(step.centre(start)), float(step.centre(end)), "█")
        yield f"  {fill(head, width - room)}{''.join(signs)}".rstrip()
