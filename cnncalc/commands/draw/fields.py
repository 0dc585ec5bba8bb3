"""What one unit depends on, layer by layer down to the input, along one axis of it.

Rows are counted from 0 here; pictures count them from 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from cnncalc.layers.base import Operation
from cnncalc.layers.merge import Merge
from cnncalc.layers.reach import Reach
from cnncalc.network.model import Group, Input, Layer, Network, Signal
from cnncalc.network.receptive_field import Seen

EXACT = 2_000  # rows up to which they are listed one by one; of more the first and the last count
Rows = Sequence[int]  # in order
Part = Sequence[Layer | Group]  # neighbouring elements that are one step; mostly one alone


@dataclass(slots=True)
class Step:
    """A volume on the way: those of its rows that the unit depends on."""

    element: Layer | Group | Input
    signal: Signal
    seen: Seen
    axis: int
    rows: Rows
    sources: list[Step] = field(default_factory=list)

    @property
    def reach(self) -> Reach:
        """What its rows see of the input."""
        return self.seen.reaches[self.axis]

    @property
    def count(self) -> int:
        """The rows of the whole volume."""
        return self.seen.rows[self.axis]

    @property
    def size(self) -> int:
        """r: the rows of the input that one unit sees."""
        return self.seen.sizes[self.axis]

    @property
    def jump(self) -> Fraction:
        """j: from the middle of what one unit sees to that of the next."""
        return Fraction(self.reach.step, self.reach.period)

    def stretch(self, row: int) -> tuple[int, int]:
        """The first and the last row of the input that a row sees."""
        return self.reach.stretch(row) or (0, 0)

    def centre(self, row: int) -> Fraction:
        """Where the middle of what a row sees is, in rows of the input from 0 on."""
        if self.count == 1 or not self.jump:
            return Fraction(sum(self.stretch(row)), 2)
        # Rows of different phase see stretches of their own: they are drawn evenly all the same.
        whole = sum(self.stretch(0)) + sum(self.stretch(self.count - 1))
        return Fraction(whole, 4) + self.jump * (row - Fraction(self.count - 1, 2))


def steps_to(
    network: Network, end: Signal, name: str, axis: int, at: int, parts: Iterable[Part]
) -> list[Step]:
    """From the input to the unit at a row: the parts that add to what it sees."""
    fields = network.receptive_fields
    rows = rows_below(network, end, name, axis, at)
    given = network.input_signals[name]
    first = Step(given, given, fields[given][name], axis, rows.get(given, ()))
    steps = [first]
    listed: dict[Signal, Step] = {given: first}  # which step a volume's field comes from
    for part in parts:
        layers = [layer for element in part for layer in element.layers if layer in rows]
        if not layers:
            continue
        element = part[0]
        if len(part) > 1:
            element = next(one for one in reversed(part) if layers[-1] in one.layers)
        inside = set(layers)
        result = _result(element, layers, end)
        if isinstance(element, Group) and result is not element.result:
            element = result  # of a block with several outputs, the one that is asked for
        outside = [s for layer in layers for s in layer.sources if s in rows and s not in inside]
        sources = list({id(listed[s]): listed[s] for s in outside if s in listed}.values())
        if len(sources) == 1 and sources[0].seen == fields[result][name] and result is not end:
            step = sources[0]  # it adds nothing
        else:
            step = Step(element, result, fields[result][name], axis, rows[result], sources)
            steps.append(step)
        listed.update((layer, step) for layer in layers)
    return steps


def _result(element: Layer | Group, layers: list[Layer], end: Signal) -> Layer:
    """The volume that stands for an element."""
    if isinstance(element, Layer):
        return element
    for signal in (end, element.result):
        if isinstance(signal, Layer) and signal in layers:
            return signal
    return layers[-1]


def rows_below(network: Network, end: Signal, name: str, axis: int, at: int) -> dict[Signal, Rows]:
    """Of every volume that sees the input, the rows that one row of `end` depends on."""
    fields = network.receptive_fields
    rows: dict[Signal, Rows] = {end: range(at, at + 1)}
    for layer in reversed(network.layers):
        if layer not in rows:
            continue
        for number, source in enumerate(layer.sources):
            if name in fields[source]:
                below = _below(layer, number, fields[source][name], axis, rows[layer])
                rows[source] = _together(rows.get(source, ()), below)
    return rows


def _below(layer: Layer, number: int, seen: Seen, axis: int, rows: Rows) -> Rows:
    """The rows of one source that rows of a layer depend on."""
    operation, every = layer.operation, range(seen.rows[axis])
    if len(every) == 1 or operation.sees_all:
        return every
    reaches = _reaches(operation, number)
    if reaches is not None:
        own = reaches[axis] if len(reaches) == len(seen.reaches) else None
        return every if own is None else seen_by(own, rows, len(every))
    same = layer.inputs[number].sizes == operation.output.sizes
    new_axis = not layer.inputs[number].sizes and operation.output.sizes == seen.rows  # embedding
    return rows if same or new_axis else every


def _reaches(operation: Operation, number: int) -> Sequence[Reach | None] | None:
    if isinstance(operation, Merge):
        return operation.reaches()[number] or None
    return operation.reach()


def seen_by(reach: Reach, rows: Rows, size: int) -> Rows:
    """The rows, of as many as there are, that rows see through a reach."""
    if not rows:
        return ()
    hull = reach.over((rows[0], rows[-1]))
    if hull is None:
        return ()
    whole = range(max(0, hull[0]), min(size, hull[1] + 1))
    if len(rows) > EXACT or len(whole) > EXACT or _has_no_holes(reach, rows):
        return whole
    found: set[int] = set()
    for first, last in filter(None, map(reach.stretch, rows)):
        found.update(range(first, last + 1, reach.spacing))
    return _listed(found.intersection(whole))


def _has_no_holes(reach: Reach, rows: Rows) -> bool:
    """Whether rows without holes see rows without holes: most do, and need not be listed."""
    stretch = reach.stretches[0]
    if not isinstance(rows, range) or len(reach.stretches) > 1 or stretch is None:
        return False
    if reach.spacing > 1:
        return reach.step == 1 and len(rows) >= reach.spacing
    return reach.step <= stretch[1] - stretch[0] + 1


def _listed(rows: set[int]) -> Rows:
    """Rows in order; those without holes as a range."""
    if rows and max(rows) - min(rows) + 1 == len(rows):
        return range(min(rows), max(rows) + 1)
    return sorted(rows)


def _together(one: Rows, other: Rows) -> Rows:
    if not one or not other:
        return one or other
    if one == other:
        return one
    first, last = min(one[0], other[0]), max(one[-1], other[-1])
    if last - first >= EXACT:
        return range(first, last + 1)
    return _listed({*one, *other})
