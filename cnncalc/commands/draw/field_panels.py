"""What a picture of a receptive field shows: a row for each layer on the way to an input."""

from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from cnncalc.commands.draw.fields import Part, Step, steps_to
from cnncalc.commands.draw.options import CannotDraw, Options
from cnncalc.commands.draw.parts import layer_of, place_in
from cnncalc.network.model import Group as LayerGroup
from cnncalc.network.model import Input, Layer, Network, Signal
from cnncalc.volume import AXIS_NAMES
from cnncalc.wording import enumerated, show_ratio, times

MAX_ROWS = 24  # of a picture where nobody says how many
MOST = 1_000  # rows; of more layers, neighbours are one row


class Panel(NamedTuple):
    """The steps along some axes of an input that look the same."""

    input: Input
    axes: tuple[int, ...]
    names: str
    steps: list[Step]


def unit_of(network: Network, options: Options) -> tuple[Layer, tuple[int, ...]]:
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
    return end, place_in(end, options.at, sizes)


def panels_of(network: Network, options: Options, end: Layer, at: tuple[int, ...]) -> list[Panel]:
    """For each input that the unit depends on, and each axis that differs, the steps to it."""
    parts = _parts(elements_of(network, options))
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


def elements_of(network: Network, options: Options) -> list[Layer | LayerGroup]:
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


def about_field(network: Network, end: Signal) -> str:
    """field 99×99 on the input 224×224"""
    parts = []
    for name, seen in network.receptive_fields[end].items():
        volume = network.inputs[name]
        parts.append(f"{times(seen.sizes)} on {name} {times(volume.sizes or volume.shape)}")
    return f"field {enumerated(parts)}"


def facts_of(step: Step) -> Iterator[tuple[str, str | None]]:
    """The second line of a label, in parts: each with the quantity that it is."""
    if isinstance(step.element, Input):
        yield step.element.output.text(), None
        return
    yield "field", None
    yield step.element.network.receptive_fields[step.signal].text(), "receptive_field"
    if step.count > 1:
        offset = step.centre(0)
        yield f"· jump {show_ratio(step.jump.numerator, step.jump.denominator)}", None
        text = show_ratio(offset.numerator, offset.denominator)
        yield f"· offset {text.replace('-', '−')}", None


def runs_of(step: Step, each: bool) -> Iterator[tuple[int, int]]:
    """Neighbouring rows together, unless each is to be seen."""
    rows = step.rows
    if each:
        yield from zip(rows, rows, strict=True)
    elif isinstance(rows, range) and rows.step == 1:
        yield from [(rows[0], rows[-1])] if rows else []
    else:
        for _, neighbours in groupby(enumerate(rows), lambda pair: pair[1] - pair[0]):
            run = [row for _, row in neighbours]
            yield run[0], run[-1]
