"""differences: where a network and the code of it part, each fault once.

>>> import cnncalc
>>> net = cnncalc.load("lenet")
>>> differences(net, cnncalc.load("lenet"))
[]

What follows from another difference is none: a layer behind a wider one has more weights, and a
layer behind an inserted one reads another layer.
"""

from collections import deque
from collections.abc import Iterator
from typing import Any, NamedTuple, TypeAlias

from cnncalc.exchange.drift.match import match, plain_name
from cnncalc.exchange.drift.parts import Part, Parts, same
from cnncalc.exchange.drift.side import Run, Side
from cnncalc.network.model import Network

Values: TypeAlias = dict[str, tuple[Any, Any]]

CHANGED = "changed"  # the same layer with other arguments
REPLACED = "replaced"  # other layers at the same place
MISSING = "missing"  # in the network, and not in the code
EXTRA = "extra"  # in the code, and not in the network
MOVED = "moved"  # at another place
READS = "reads"  # reads other layers
INPUT = "input"  # another volume goes in
OUTPUT = "output"  # other layers give the result
COUNTS = "counts"  # the same arguments, and other numbers of weights
RENAMED = "renamed"  # the same under another name

_NO_VALUES: Values = {}
_FAR = 4  # parts: what has no weights is not looked for further away


class Difference(NamedTuple):
    """One fault: our parts that it is about, and those of the code."""

    kind: str
    ours: Run = ()
    theirs: Run = ()
    values: Values = _NO_VALUES  # what differs, as it is here and in the code
    after: Part | None = None  # our part that a missing or extra run stands behind
    before: Part | None = None  # our part that it stands before


def differences(network: Network, code: Network) -> list[Difference]:
    """What differs, in the order of our layers."""
    return _Comparison(Parts(network), Parts(code)).found()


class _Comparison:
    """Two networks and which part of one is which of the other."""

    def __init__(self, ours: Parts, theirs: Parts) -> None:
        pairs = match(ours, theirs)
        self.ours = Side(ours, pairs)
        self.theirs = Side(theirs, {other: one for one, other in pairs.items()})
        self.ours.slide_runs(self.theirs)
        self.theirs.slide_runs(self.ours)
        self.find_moved()

    def found(self) -> list[Difference]:
        """All of them."""
        found = [
            *self.inputs(), *self.moves(), *self.gaps(), *self.changes(), *self.edges(),
        ]  # fmt: skip
        found = found or [*self.counts()]
        return sorted([*found, *self.renamed()], key=self.sort_key)

    def sort_key(self, found: Difference) -> int:
        part = found.ours[0] if found.ours else found.after or found.before
        return self.ours.place.get(part, -1) if part is not None else -1

    def paired(self) -> Iterator[tuple[Part, Part]]:
        known = self.ours.known
        return ((part, known[part]) for part in self.ours.order if part in known)

    # What stands at another place.

    def find_moved(self) -> None:
        """Pair parts without a counterpart that are equal, at different places."""
        waiting: dict[tuple[Any, ...], deque[Part]] = {}
        for run in self.theirs.lone_runs():
            for part in run:
                waiting.setdefault(part.sign, deque()).append(part)
        before, _ = self.ours.neighbours()
        for run in [*self.ours.lone_runs()]:
            for part in run:
                equal = waiting.get(part.sign)
                if equal and self.is_near(part, before[self.ours.place[part]], equal[0]):
                    self.move(part, equal.popleft())

    def move(self, one: Part, other: Part) -> None:
        self.ours.known[one], self.theirs.known[other] = other, one
        self.ours.moved.add(one)
        self.theirs.moved.add(other)

    def is_near(self, one: Part, before: Part | None, other: Part) -> bool:
        """Whether a part may be one that moved; any that has weights may."""
        if one.weighs:
            return True
        start = -1 if before is None else self.theirs.place.get(self.ours.known[before], -1)
        return abs(self.theirs.place[other] - start - 1) <= _FAR

    def moves(self) -> Iterator[Difference]:
        """What moved together is one difference."""
        known, place = self.ours.known, self.theirs.place
        runs = self.ours.runs(
            self.ours.moved.__contains__,
            lambda one, following: place[known[following]] == place[known[one]] + 1,
        )
        for run in runs:
            there = tuple(known[part] for part in run)
            yield Difference(MOVED, run, there, after=self.source(there[0]))

    def source(self, part: Part) -> Part | None:
        """Our counterpart of what a part of the code reads, of several the last."""
        known = [self.theirs.known[one] for one in part.sources if one in self.theirs.known]
        return max(known, key=lambda one: self.ours.place.get(one, -1), default=None)

    # What has no counterpart.

    def gaps(self) -> Iterator[Difference]:
        """Parts without a counterpart, those next to one another together."""
        here = self.theirs.known
        extra = {
            (before and here[before], behind and here[behind]): run
            for run, (before, behind) in self.theirs.gaps().items()
        }
        for run, gap in self.ours.gaps().items():
            yield from _gone(run, extra.pop(gap, ()))
        for (before, behind), run in extra.items():
            yield Difference(EXTRA, (), run, after=self.source(run[0]) or before, before=behind)

    # What has one.

    def changes(self) -> Iterator[Difference]:
        for one, other in self.paired():
            if values := _values(one, other):
                yield Difference(CHANGED, (one,), (other,), values)

    def edges(self) -> Iterator[Difference]:
        """Parts that read other parts, of which none is new, gone or at another place."""
        for one, other in [*self.paired(), (self.ours.parts.end, self.theirs.parts.end)]:
            mine, theirs = self.ours.resolved(one), self.theirs.resolved(other)
            if one in self.ours.moved or mine is None or theirs is None:
                continue
            if self.reads_other(one, mine, other, theirs):
                kind = OUTPUT if one is self.ours.parts.end else READS
                yield Difference(kind, (one,), (other,), {"sources": (mine, theirs)})

    def reads_other(self, one: Part, mine: list[Part], other: Part, theirs: list[Part]) -> bool:
        """Whether a part reads something itself that its counterpart does not read at all."""
        there = [self.theirs.known[part] for part in theirs]
        if one.ordered and len(mine) == len(there):
            return mine != there
        own = {part for part in one.sources if self.ours.is_settled(part)}
        their_own = {self.theirs.known[p] for p in other.sources if self.theirs.is_settled(p)}
        return not (own <= {*there} and their_own <= {*mine})

    def inputs(self) -> Iterator[Difference]:
        for one in self.ours.parts.inputs:
            other = self.ours.known.get(one)
            theirs = other.output if other is not None else None
            if one.output != theirs:
                values = {"input": (one.output, theirs)}
                yield Difference(INPUT, (one,), (other,) if other else (), values)
        for other in self.theirs.parts.inputs:
            if other not in self.theirs.known:
                yield Difference(INPUT, (), (other,), {"input": (None, other.output)})

    def counts(self) -> Iterator[Difference]:
        """The first layer with other numbers of weights, where nothing else differs."""
        for one, other in self.paired():
            if values := _other_counts(one, other):
                yield Difference(COUNTS, (one,), (other,), values)
                return

    def renamed(self) -> list[Difference]:
        """Layers under other names, where the code has most of the names that are given here.

        A number in a sequence is no name.
        """
        given = [
            (one, other) for one, other in self.paired()
            if one.layer is not None and one.layer.named and not one.role
            and not other.path.rpartition(".")[2].isdecimal()
        ]  # fmt: skip
        other_names = [pair for pair in given if not _has_name(*pair)]
        if 2 * len(other_names) >= len(given):
            return []
        return [Difference(RENAMED, (one,), (other,)) for one, other in other_names]


def _gone(run: Run, instead: Run) -> Iterator[Difference]:
    """A run that is missing, and what stands in its place."""
    if not instead:
        yield Difference(MISSING, run)
    elif len(run) == len(instead):
        pairs = zip(run, instead, strict=True)
        yield from (Difference(REPLACED, (one,), (other,)) for one, other in pairs)
    else:
        yield Difference(REPLACED, run, instead)


def _values(one: Part, other: Part) -> Values:
    """The arguments that differ, and volumes that differ without them."""
    mine, theirs = one.arguments, other.arguments
    alike = same(one.input, other.input)
    values = {
        name: (mine.get(name), theirs.get(name))
        for name in dict.fromkeys((*mine, *theirs))
        if mine.get(name) != theirs.get(name)
    }
    if "padding" in values and (one.adapts or other.adapts) and not alike:
        del values["padding"]  # it follows from the input
    is_one = one.layer is not None and len(one.layer.sources) == 1
    if is_one and not values and alike and not same(one.output, other.output):
        values["output"] = (one.output, other.output)
    return values


def _other_counts(one: Part, other: Part) -> Values:
    if one.layer is None or other.layer is None or one.role or other.role:
        return {}
    counted = {
        name: (one.layer.quantity(name), other.layer.quantity(name))
        for name in ("weights", "biases", "statistics")
    }
    return {name: (mine, theirs) for name, (mine, theirs) in counted.items() if mine != theirs}


def _has_name(one: Part, other: Part) -> bool:
    """Whether the name is that of a module in the path, or the end of the path itself."""
    assert one.layer is not None
    mine = plain_name(one.layer.name)
    modules = map(plain_name, other.path.split("."))
    return mine in modules or plain_name(other.path).endswith(mine)
