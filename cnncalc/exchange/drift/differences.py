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

from cnncalc.exchange.drift.match import Pairs, match, plain_name
from cnncalc.exchange.drift.parts import Part, Parts, same
from cnncalc.exchange.drift.slide import slide
from cnncalc.network.model import Network

Run: TypeAlias = tuple[Part, ...]
Values: TypeAlias = dict[str, tuple[Any, Any]]

_NO_VALUES: Values = {}

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
    ours, theirs = Parts(network), Parts(code)
    return _Comparison(ours, theirs, match(ours, theirs)).found()


class _Comparison:
    """Two networks and which part of one is which of the other."""

    def __init__(self, ours: Parts, theirs: Parts, pairs: Pairs) -> None:
        self.ours, self.theirs = ours, theirs
        self.there = pairs
        self.here = {other: one for one, other in pairs.items()}
        self.place = {part: i for i, part in enumerate(ours.order)}
        self.their_place = {part: i for i, part in enumerate(theirs.order)}
        self.moved: dict[Part, Part] = {}

    def found(self) -> list[Difference]:
        """All of them."""
        self.find_moved()
        self.slide_runs()
        found = [
            *self.inputs(), *self.moves(), *self.runs(), *self.changes(), *self.edges(),
        ]  # fmt: skip
        found = found or [*self.counts()]
        found += self.renamed()
        return sorted(found, key=self.sort_key)

    def sort_key(self, found: Difference) -> int:
        part = found.ours[0] if found.ours else found.after or found.before
        return self.place.get(part, -1) if part is not None else -1

    # What has no counterpart.

    def find_moved(self) -> None:
        """Pair parts without a counterpart that are equal, at different places."""
        waiting: dict[tuple[Any, ...], deque[Part]] = {}
        for part in self.theirs.order:
            if part not in self.here:
                waiting.setdefault(part.sign, deque()).append(part)
        for part in self.ours.order:
            equal = waiting.get(part.sign)
            if part not in self.there and equal and self.is_near(part, equal[0]):
                other = equal.popleft()
                self.moved[part] = other
                self.there[part], self.here[other] = other, part

    def is_near(self, one: Part, other: Part) -> bool:
        """Whether a part may be one that moved; any that has weights may."""
        if one.layer is not None and one.layer.weights and one.role != "activation":
            return True
        before = next(
            (part for part in self.ours.order[: self.place[one]][::-1] if part in self.there), None
        )
        start = self.their_place.get(self.there[before], -1) if before is not None else -1
        return abs(self.their_place[other] - start - 1) <= _FAR

    def moves(self) -> Iterator[Difference]:
        """What moved together is one difference."""
        for run in _runs(self.ours.order, self.moved.__contains__, self.go_on_there):
            there = tuple(self.moved[part] for part in run)
            yield Difference(MOVED, run, there, after=self.source(there[0]))

    def go_on_there(self, one: Part, following: Part) -> bool:
        places = [self.their_place[self.moved[part]] for part in (one, following)]
        return places[1] == places[0] + 1

    def slide_runs(self) -> None:
        """Let runs without counterparts begin and end where groups do."""
        sides = (
            (self.ours.order, self.place, self.there, self.here),
            (self.theirs.order, self.their_place, self.here, self.there),
        )
        for order, place, known, back in sides:
            for run in [*_runs(order, lambda part, known=known: part not in known)]:
                slide(order, place[run[0]], place[run[-1]] + 1, known, back)

    def runs(self) -> Iterator[Difference]:
        """Parts without a counterpart, those next to one another together."""
        missing = list(_runs(self.ours.order, lambda part: part not in self.there))
        extra = {
            self.gap(run): run
            for run in _runs(self.theirs.order, lambda part: part not in self.here)
        }
        for run in missing:
            before, behind = self.neighbours(run)
            yield from self.gone(run, extra.pop((before, behind), ()))
        for (before, behind), run in extra.items():
            yield Difference(EXTRA, (), run, after=self.source(run[0]) or before, before=behind)

    def gone(self, run: Run, instead: Run) -> Iterator[Difference]:
        """A run that is missing, and what stands in its place."""
        if not instead:
            yield Difference(MISSING, run, after=self.before(run[0]))
        elif len(run) == len(instead):
            yield from (
                Difference(REPLACED, (one,), (other,))
                for one, other in zip(run, instead, strict=True)
            )
        else:
            yield Difference(REPLACED, run, instead)

    def before(self, part: Part) -> Part | None:
        """Our part that another one reads."""
        return part.sources[0] if part.sources else None

    def source(self, part: Part) -> Part | None:
        """Our counterpart of what a part of the code reads, of several the last."""
        known = [self.here[source] for source in part.sources if source in self.here]
        return max(known, key=lambda one: self.place.get(one, -1), default=None)

    def neighbours(self, run: Run) -> tuple[Part | None, Part | None]:
        """Our parts before and behind one of our runs, that have counterparts in their places."""
        start, end = self.place[run[0]], self.place[run[-1]]
        return self.settled(self.ours.order[:start][::-1]), self.settled(self.ours.order[end + 1 :])

    def gap(self, run: Run) -> tuple[Part | None, Part | None]:
        """Our parts before and behind a run of the code."""
        start, end = self.their_place[run[0]], self.their_place[run[-1]]
        before = self.settled_there(self.theirs.order[:start][::-1])
        return before, self.settled_there(self.theirs.order[end + 1 :])

    def settled(self, parts: list[Part]) -> Part | None:
        return next((p for p in parts if p in self.there and p not in self.moved), None)

    def settled_there(self, parts: list[Part]) -> Part | None:
        known = (self.here[part] for part in parts if part in self.here)
        return next((part for part in known if part not in self.moved), None)

    # What has one.

    def paired(self) -> Iterator[tuple[Part, Part]]:
        return ((part, self.there[part]) for part in self.ours.order if part in self.there)

    def changes(self) -> Iterator[Difference]:
        for one, other in self.paired():
            if values := _values(one, other):
                yield Difference(CHANGED, (one,), (other,), values)

    def edges(self) -> Iterator[Difference]:
        """Parts that read other parts, of which none is new, gone or at another place."""
        for one, other in [*self.paired(), (self.ours.end, self.theirs.end)]:
            if one in self.moved:
                continue
            mine, theirs = self.resolved(one, self.there), self.resolved(other, self.here)
            if mine is None or theirs is None:
                continue
            there = [self.here[source] for source in theirs]
            if not _same_sources(one, mine, there):
                kind = OUTPUT if one is self.ours.end else READS
                yield Difference(kind, (one,), (other,), {"sources": (mine, theirs)})

    def resolved(self, part: Part, known: Pairs) -> list[Part] | None:
        """What a part reads, beyond what is new or moved; None where that is no one part."""
        moved = {*self.moved, *self.moved.values()}
        found = []
        for source in part.sources:
            while source.layer is not None and (source not in known or source in moved):
                if len(source.sources) != 1:
                    return None
                (source,) = source.sources
            if source not in known:
                return None
            found.append(source)
        return found

    def inputs(self) -> Iterator[Difference]:
        for one in self.ours.inputs:
            other = self.there.get(one)
            theirs = other.output if other is not None else None
            if one.output != theirs:
                values = {"input": (one.output, theirs)}
                yield Difference(INPUT, (one,), (other,) if other else (), values)
        for other in self.theirs.inputs:
            if other not in self.here:
                yield Difference(INPUT, (), (other,), {"input": (None, other.output)})

    def counts(self) -> Iterator[Difference]:
        """The first layer with other numbers of weights, where nothing else differs."""
        for one, other in self.paired():
            values = {
                name: numbers
                for name in ("weights", "biases", "statistics")
                if len({*(numbers := (_count(one, name), _count(other, name)))}) > 1
            }
            if values and one.role == other.role:
                yield Difference(COUNTS, (one,), (other,), values)
                return

    # Names.

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


def _runs(order: list[Part], belongs: Any, go_on: Any = None) -> Iterator[Run]:
    """Neighbours that all belong; a run ends where it does not go on."""
    run: list[Part] = []
    for part in order:
        if run and not (belongs(part) and (go_on is None or go_on(run[-1], part))):
            yield tuple(run)
            run = []
        if belongs(part):
            run.append(part)
    if run:
        yield tuple(run)


def _values(one: Part, other: Part) -> dict[str, tuple[Any, Any]]:
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


def _same_sources(part: Part, mine: list[Part], there: list[Part]) -> bool:
    return mine == there if part.ordered else sorted(map(id, mine)) == sorted(map(id, there))


def _count(part: Part, name: str) -> int:
    return int(part.layer.quantity(name)) if part.layer is not None and not part.role else 0


def _has_name(one: Part, other: Part) -> bool:
    """Whether the name is that of a module in the path, or the end of the path itself."""
    assert one.layer is not None
    mine = plain_name(one.layer.name)
    modules = map(plain_name, other.path.split("."))
    return mine in modules or plain_name(other.path).endswith(mine)
