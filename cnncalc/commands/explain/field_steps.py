"""The receptive field of one layer step by step, from the network's inputs to it.

r is the stretch of the input that one unit sees, j the distance between the stretches of
neighbouring units. A window makes r + d(F − 1)·j of r, and j·S of j. The numbers are those of
receptive_field.py; a formula is given where one holds: not for units of different phase (after
transposed_conv or upsample), which are followed one by one there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cnncalc.layers.derivation import Derivation, Entry, Section, Step
from cnncalc.layers.merge import Merge
from cnncalc.layers.reach import Reach, whole
from cnncalc.layers.term import Term
from cnncalc.layers.window import ROWS
from cnncalc.network.model import Input, Layer, Network, Signal
from cnncalc.volume import AXIS_NAMES
from cnncalc.wording import enumerated

if TYPE_CHECKING:
    from cnncalc.network.receptive_field import Seen

SHORT = 12  # steps that a page shows where nobody asks for all


def field_sections(network: Network, end: Signal, *, every_step: bool) -> Iterator[Section]:
    """A section for each input that the layer depends on, and for each axis that differs."""
    field = network.receptive_fields[end]
    several = len(network.input_signals) > 1
    for name in field:
        axes = AXIS_NAMES.get(len(network.inputs[name].sizes), ("values",))
        chains = {axis: Chain(network, end, name, number) for number, axis in enumerate(axes)}
        for alike in _alike(chains):
            chain = chains[alike[0]]
            chain.rows_are = ROWS.get(alike[0], "values")
            along = f", along the {' and '.join(alike)}" if len(alike) < len(axes) else ""
            of = f" of {name}" if several else ""
            yield Section(f"Receptive field{of}{along}", list(chain.entries(every_step)))


def _alike(chains: dict[str, Chain]) -> list[list[str]]:
    """The axes, those with the same steps together."""
    groups: dict[str, list[str]] = {}
    for axis, chain in chains.items():
        groups.setdefault(repr([chain.size, *map(_text, chain.steps)]), []).append(axis)
    return list(groups.values())


def _text(step: Step) -> tuple[str, ...]:
    jump = step.jump.equation() if step.jump else ""
    return (step.name, step.source, step.size.equation(), jump, step.words)


class Chain:
    """The steps to one layer, as seen from one axis of one input."""

    def __init__(self, network: Network, end: Signal, name: str, axis: int) -> None:
        self.fields = network.receptive_fields
        self.name = name
        self.axis = axis
        self.end = end
        self.rows_are = "rows"
        self.steps: list[Step] = []
        self.listed: dict[Signal, str] = {}  # which step a volume's field comes from
        given = network.input_signals[name]
        volume = network.inputs[name].text()
        self.add(given, Step(name, volume, "", _plain("r", 1), _plain("j", 1)))
        self.rows = self.seen(given).rows[axis]
        wanted = _behind(end)
        for layer in network:
            if layer in wanted and name in self.fields[layer]:
                self.follow(layer)
        self.size = self.seen(end).sizes[axis]

    def seen(self, signal: Signal) -> Seen:
        return self.fields[signal][self.name]

    def reach(self, signal: Signal) -> Reach:
        return self.seen(signal).reaches[self.axis]

    def add(self, signal: Signal, step: Step) -> None:
        self.steps.append(step)
        self.listed[signal] = step.name

    def follow(self, layer: Layer) -> None:
        """Write down what a layer adds, if it adds anything."""
        sources = [source for source in layer.sources if self.name in self.fields[source]]
        names = list(dict.fromkeys(self.listed[source] for source in sources))
        same = all(self.seen(source) == self.seen(layer) for source in sources)
        if same and len(names) == 1:
            self.listed[layer] = names[0]
        elif isinstance(layer.operation, Merge):
            self.add(layer, self.merge(layer, sources, names))
        else:
            self.add(layer, self.layer(layer, sources[0], names[0]))

    def layer(self, layer: Layer, source: Signal, below: str) -> Step:
        result = self.seen(layer).sizes[self.axis]
        step = Step(
            layer.path,
            layer.label,
            "" if below == self.steps[-1].name else below,
            _plain("r", result),
            _jump(self.reach(layer)),
        )
        own = self.own(layer)
        if own is None or not all(map(_is_plain, (own, self.reach(source), self.reach(layer)))):
            words = "units of different phase see different stretches: the largest"
            return step._replace(words=words if self.seen(layer).aligned else "not aligned")
        r = Term(self.seen(source).sizes[self.axis], "r")
        j = Term(self.reach(source).step, "j")
        size = r + self.added(layer, own) * j
        if size == result and own.step:
            jump = j * Term(own.step, "S")
            return step._replace(size=Derivation("r", size), jump=Derivation("j", jump))
        return step._replace(size=Derivation("r", size if size == result else result))

    def own(self, layer: Layer) -> Reach | None:
        """Which rows of its input a row of the layer sees."""
        if layer.operation.sees_all:
            return whole(self.seen(layer.sources[0]).rows[self.axis])
        reaches = layer.operation.reach()
        return reaches[self.axis] if reaches and self.axis < len(reaches) else None

    def added(self, layer: Layer, own: Reach) -> int:
        """d(F − 1), the rows that a window sees beyond its first."""
        stretch = own.stretches[0]
        assert stretch is not None
        span = stretch[1] - stretch[0]
        dilation = getattr(layer.operation, "dilation", None)
        if dilation and dilation[self.axis] > 1:
            kernel = Term(layer.operation.kernel[self.axis], "F")  # type: ignore[attr-defined]
            return Term(dilation[self.axis], "d") * (kernel - 1)
        return Term(span + 1, "F") - 1

    def merge(self, layer: Layer, sources: list[Signal], names: list[str]) -> Step:
        """The union of what the branches see, from the first row to the last."""
        reach = self.reach(layer)
        result = self.seen(layer).sizes[self.axis]
        if left_out := self.gates(layer, sources):
            names = [name for name in names if name not in left_out]
        gates = f", without the gate {enumerated(left_out)}" if left_out else ""
        union = " and ".join(names) if len(names) < 3 else ", ".join(names)
        sees = "sees" if len(names) == 1 else "see together"
        if not _is_plain(reach):
            why = "" if reach.aligned else "; their steps differ: not aligned, the largest"
            words = f"what {union} {sees}{gates}{why}"
            return Step(layer.path, layer.label, "", _plain("r", result), None, words)
        assert reach.stretches[0] is not None
        first, last = (row + 1 for row in reach.stretches[0])  # counted from 1
        size = Term(last, "last") - Term(first, "first") + 1
        if size != result:
            size = result
        words = f"what {union} {sees}{gates}: row {first} to row {last}".replace("-", "−")
        return Step(layer.path, layer.label, "", Derivation("r", size), _jump(reach), words)

    def gates(self, layer: Layer, sources: list[Signal]) -> list[str]:
        """The steps of what is stretched along the axis, where something else is not."""
        assert isinstance(layer.operation, Merge)
        stretched: dict[str, bool] = {}
        for source, reaches in zip(layer.sources, layer.operation.reaches(), strict=True):
            if source in sources and self.axis < len(reaches):
                name = self.listed[source]
                stretched[name] = stretched.get(name, True) and reaches[self.axis] is None
        return [name for name in stretched if stretched[name] and not all(stretched.values())]

    def entries(self, every_step: bool) -> Iterator[Entry]:
        """The steps, cut where they are many, and what they come to."""
        left_out = 0 if every_step else max(0, len(self.steps) - SHORT)
        yield (
            "r is the stretch of the input that one unit sees, j how far apart the stretches of "
            "neighbouring units are: a window adds (F − 1)·j to r, and a stride S multiplies j."
        )
        if left_out:
            yield (
                f"The first {left_out} steps are left out here; "
                "cnncalc explain SPEC LAYER receptive_field shows all."
            )
        yield from self.steps[left_out:]
        yield self.summary()
        if self.seen(self.end).leaves_out:
            yield "A gate on the way sees more, mostly the whole input: the number leaves it out."

    def summary(self) -> str:
        reach, rows = self.reach(self.end), self.rows_are
        text = f"One unit depends on {self.size:,} of the {self.rows:,} {rows} of the input"
        if self.size > self.rows:
            text = (
                f"One unit's field is {self.size:,} {rows} long, and the input has {self.rows:,}: "
                "it sees the whole input, and padding around it"
            )
        alone = self.seen(self.end).rows[self.axis] == 1  # then there are no neighbours
        if not _is_plain(reach) or alone or not reach.step or reach.stretches[0] is None:
            return f"{text}."
        first, last = (row + 1 for row in reach.stretches[0])  # counted from 1
        stretch = f"{first} to {last}" if first < last else f"{first}"
        padding = " (what lies before 1 is padding)" if first < 1 else ""
        rows = rows.removesuffix("s") if first == last else rows
        text += f": the first unit on {rows} {stretch}{padding}, its neighbour on those "
        return f"{text}{reach.step} further on.".replace("-", "−")


def _plain(name: str, value: int) -> Derivation:
    return Derivation(name, value)


def _jump(reach: Reach) -> Derivation | None:
    """j, where there is a next unit and all are alike."""
    return _plain("j", reach.step) if _is_plain(reach) and reach.step else None


def _is_plain(reach: Reach) -> bool:
    """Whether all units see stretches of one size."""
    return reach.aligned and len(reach.stretches) == 1 and reach.period == 1


def _behind(end: Signal) -> set[Signal]:
    """The layers that a layer depends on, and itself."""
    found: set[Signal] = set()
    waiting = [end]
    while waiting:
        signal = waiting.pop()
        if signal not in found and not isinstance(signal, Input):
            found.add(signal)
            waiting += signal.sources if isinstance(signal, Layer) else ()
    return found
