"""Compare two networks: which layers are the same, which changed, which came or went.

Layers are paired list by list along the tree, by an alignment that prefers equal names, kinds and
arguments, so that an insertion does not shift what follows.
"""

from collections.abc import Container, Iterator, Sequence
from typing import NamedTuple

from cnncalc.network import alignment
from cnncalc.network.model import Group, Input, Layer, Network, Signal
from cnncalc.quantities import QUANTITIES

Element = Layer | Group

ADDED, REMOVED, CHANGED = "added", "removed", "changed"

_ONLY = {True: "training", False: None}
_ALIKE = 6  # a likeness at which two elements are the same, whatever stands around them


# What differs only where the layer itself does.
_OWN = [q for q in QUANTITIES.values() if q.adds_up and not q.placed]


class Change(NamedTuple):
    """One difference: `before` is None for what was added, `after` for what was removed."""

    before: Element | None
    after: Element | None
    detail: bool = False  # of a change that stands above it and counts it already
    reads_other: bool = False  # whether a layer reads another layer than before
    remark: str = ""  # on copies: which of them changed so

    @property
    def kind(self) -> str:
        if self.before is None:
            return ADDED
        return REMOVED if self.after is None else CHANGED

    @property
    def path(self) -> str:
        element = self.after or self.before
        assert element is not None
        return element.path

    def arguments(self) -> dict[str, tuple[object, object]]:
        """The arguments that differ, as before and after."""
        if self.before and self.after and self.before.training_only != self.after.training_only:
            when = [_ONLY[element.training_only] for element in (self.before, self.after)]
            return {"only": (when[0], when[1]), **self._own_arguments()}
        return self._own_arguments()

    def _own_arguments(self) -> dict[str, tuple[object, object]]:
        if not isinstance(self.before, Layer) or not isinstance(self.after, Layer):
            return {}
        old, new = self.before.arguments, self.after.arguments
        names = dict.fromkeys((*old, *new))
        return {n: (old.get(n), new.get(n)) for n in names if old.get(n) != new.get(n)}

    def difference(self, quantity: str) -> int:
        """How much more of a quantity there is; 0 for what is counted already."""
        return 0 if self.detail else self.own_difference(quantity)

    def own_difference(self, quantity: str) -> int:
        old = self.before.quantity(quantity) if self.before else 0
        new = self.after.quantity(quantity) if self.after else 0
        return int(new or 0) - int(old or 0)


class Total(NamedTuple):
    """A quantity of both networks."""

    name: str
    before: int
    after: int

    @property
    def difference(self) -> int:
        return self.after - self.before


class Comparison(NamedTuple):
    """Two networks, by the names they were given, and what differs between them.

    A network that is not there on one side is None.
    """

    names: tuple[str, str]
    before: Network | None
    after: Network | None
    changes: list[Change]
    totals: list[Total]

    @property
    def differing(self) -> list[Total]:
        return [total for total in self.totals if total.difference]

    @property
    def differs(self) -> bool:
        return bool(self.changes or self.differing)

    @classmethod
    def of(
        cls, before: Network | None, after: Network | None, names: tuple[str, str]
    ) -> "Comparison":
        return cls(names, before, after, compare(before, after), totals(before, after))


def totals(before: Network | None, after: Network | None) -> list[Total]:
    """All quantities that are whole numbers of a whole network."""
    old, new = map(_sums, (before, after))
    return [Total(name, old[name], new[name]) for name in old]


def _sums(network: Network | None) -> dict[str, int]:
    names = [quantity.name for quantity in QUANTITIES.values() if quantity.is_bounded]
    if network is None:
        return dict.fromkeys(names, 0)
    return {name: network.quantity(name) for name in names}


def compare(before: Network | None, after: Network | None) -> list[Change]:
    """The differences between two networks, in the order of the layers."""
    pairs = _pairs(*(network.root.children if network else [] for network in (before, after)))
    old, new = (network.input_signals if network else {} for network in (before, after))
    return list(_changes(pairs, Readers(pairs, old, new)))


class Pair(NamedTuple):
    """An element and its counterpart, and the pairs of what is in them if both are groups."""

    before: Element | None
    after: Element | None
    inside: "list[Pair]"


def _pairs(old: Sequence[Element], new: Sequence[Element]) -> list[Pair]:
    return [
        Pair(before, after, _pairs(before.children, after.children))
        if isinstance(before, Group) and isinstance(after, Group)
        else Pair(before, after, [])
        for before, after in aligned(old, new)
    ]


def _changes(pairs: list[Pair], readers: "Readers") -> Iterator[Change]:
    for pair in pairs:
        before, after = pair.before, pair.after
        if isinstance(before, Group) and isinstance(after, Group):
            yield from _changes_of_groups(before, after, pair.inside, readers)
        elif before is None or after is None:
            yield Change(before, after)
        elif (other := readers.other(before, after)) or _visibly_differ(before, after):
            yield Change(before, after, reads_other=other)


def _changes_of_groups(
    before: Group, after: Group, inside: list[Pair], readers: "Readers"
) -> Iterator[Change]:
    if before.copies and after.copies:
        yield from _changes_of_copies(before, after, inside, readers)
        return
    found = list(_changes(inside, readers))
    if before.label != after.label or (not found and _visibly_differ(before, after)):
        yield Change(before, after, detail=bool(found))
    yield from found


def _changes_of_copies(
    before: Group, after: Group, inside: list[Pair], readers: "Readers"
) -> Iterator[Change]:
    """What changed in all copies, and its details, once for all copies that changed alike."""
    both = [pair for pair in inside if pair.before is not None and pair.after is not None]
    # The first and the last copy of each, by their numbers, and what changed in them.
    runs: list[tuple[str, str, list[Change]]] = []
    for pair in both:
        assert pair.after is not None
        number = pair.after.path.rpartition(".")[2]  # rows that are skipped keep theirs
        found = list(_changes([pair], readers))
        if runs and _signs(runs[-1][2]) == _signs(found):
            runs[-1] = runs[-1][0], number, runs[-1][2]
        else:
            runs.append((number, number, found))
    changed = any(found for _, _, found in runs)
    alike = len(runs) == 1 and len(both) == len(inside)
    if changed or _visibly_differ(before, after):
        remark = "each as the first below" if alike else "not all alike, see below"
        yield Change(before, after, remark=remark if changed else "")
    for first, last, found in runs:
        numbers = f"copy {last}" if first == last else f"copies {first} to {last}"
        for change in found:
            remark = "; ".join(filter(None, (change.remark, "" if alike else f"in {numbers}")))
            yield change._replace(detail=True, remark=remark)


def _signs(changes: list[Change]) -> list[tuple[object, ...]]:
    """By what changes of two copies are told from one another: all that is said of them."""
    signs: list[tuple[object, ...]] = []
    for change in changes:
        sides = [
            (e.name, e.label, e.inputs, e.output) if e else None
            for e in (change.before, change.after)
        ]
        counts = [change.own_difference(q.name) for q in _OWN]
        signs.append((change.kind, *sides, change.arguments(), change.reads_other, *counts))
    return signs


class Readers:
    """Who reads whom, before and after."""

    def __init__(self, pairs: list[Pair], old: dict[str, Input], new: dict[str, Input]) -> None:
        self.counterpart: dict[Signal, Signal] = {}
        inputs = (
            zip(old.values(), new.values(), strict=True)
            if len(old) == len(new) == 1
            else ((old[name], new[name]) for name in old if name in new)
        )
        self.counterpart.update(inputs)
        self.add(pairs)
        self.known = set(self.counterpart.values())

    def add(self, pairs: list[Pair]) -> None:
        for before, after, inside in pairs:
            self.add(inside)
            old, new = _result(before), _result(after)
            if old is not None and new is not None:
                self.counterpart.setdefault(old, new)

    def other(self, before: Element, after: Element) -> bool:
        """Whether a layer reads another than before; what stands newly between is no other."""
        if not (isinstance(before, Layer) and isinstance(after, Layer)):
            return False
        if len(before.sources) != len(after.sources):
            return True
        for old, new in zip(before.sources, after.sources, strict=True):
            one, two = _known(old, self.counterpart), _known(new, self.known)
            if one in self.counterpart and two in self.known and self.counterpart[one] is not two:
                return True
        return False


def _result(element: Element | None) -> Signal | None:
    return element.result if isinstance(element, Group) else element


def _known(signal: Signal, known: Container[Signal]) -> Signal:
    """The signal, or where it has no counterpart, what it comes from."""
    while signal not in known and isinstance(signal, Layer) and len(signal.sources) == 1:
        signal = signal.sources[0]
    return signal


def _visibly_differ(before: Element, after: Element) -> bool:
    if (before.label, before.output, before.inputs) != (after.label, after.output, after.inputs):
        return True
    if bool(Change(before, after).arguments()):
        return True
    return any(before.quantity(q.name) != after.quantity(q.name) for q in _OWN)


# Alignment.


def aligned(
    old: Sequence[Element], new: Sequence[Element]
) -> list[tuple[Element | None, Element | None]]:
    """Pairs in order; None on one side for what has no counterpart."""
    return alignment.aligned(old, new, _likeness, _ALIKE)


def _own_name(element: Element) -> str | None:
    """The name that the author gave it, if any."""
    return element.name if element.named else None


def _likeness(old: Element, new: Element) -> int:
    """How much speaks for two elements being the same; 0 and less for nothing."""
    names = _own_name(old), _own_name(new)
    score = 0
    if None not in names:
        score += 5 if names[0] == names[1] else -2
    if old.kind != new.kind or type(old) is not type(new):
        return score - 4
    score += 3
    if old.label == new.label:
        score += 2
    if old.output == new.output:
        score += 1
    if isinstance(old, Layer) and isinstance(new, Layer) and old.arguments == new.arguments:
        score += 1
    return score
