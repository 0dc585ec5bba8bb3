"""Compare two networks: which layers are the same, which changed, which came or went.

Layers are paired list by list along the tree, by an alignment that prefers equal names, kinds and
arguments, so that an insertion does not shift what follows.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from cnncalc.network.model import Group, Layer, Network
from cnncalc.quantities import QUANTITIES

Element = Layer | Group

ADDED, REMOVED, CHANGED = "added", "removed", "changed"

_ONLY = {True: "training", False: None}
_MAX_CELLS = 4_000_000  # of an alignment; larger lists are paired by position


class Change(NamedTuple):
    """One difference: `before` is None for what was added, `after` for what was removed."""

    before: Element | None
    after: Element | None
    detail: bool = False  # of a change that stands above it and counts it already

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

    def arguments(self) -> dict[str, tuple[Any, Any]]:
        """The arguments that differ, as before and after."""
        if self.before and self.after and self.before.training_only != self.after.training_only:
            when = [_ONLY[element.training_only] for element in (self.before, self.after)]
            return {"only": (when[0], when[1]), **self._own_arguments()}
        return self._own_arguments()

    def _own_arguments(self) -> dict[str, tuple[Any, Any]]:
        if not isinstance(self.before, Layer) or not isinstance(self.after, Layer):
            return {}
        old, new = self.before.arguments, self.after.arguments
        names = dict.fromkeys((*old, *new))
        return {n: (old.get(n), new.get(n)) for n in names if old.get(n) != new.get(n)}

    def difference(self, quantity: str) -> int:
        """How much more of a quantity there is; 0 for what is counted already."""
        if self.detail:
            return 0
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
    """Two networks, by the names they were given, and what differs between them."""

    names: tuple[str, str]
    before: Network
    after: Network
    changes: list[Change]
    totals: list[Total]

    @property
    def differing(self) -> list[Total]:
        return [total for total in self.totals if total.difference]

    @classmethod
    def of(cls, before: Network, after: Network, names: tuple[str, str]) -> "Comparison":
        return cls(names, before, after, compare(before, after), totals(before, after))


def totals(before: Network, after: Network) -> list[Total]:
    """All quantities that add up, and the number of layers."""
    names = [q.name for q in QUANTITIES.values() if q.adds_up]
    found = [Total(name, before.quantity(name), after.quantity(name)) for name in names]
    return [
        Total("layers", len(before), len(after)),
        Total("weight_layers", before.weight_layers, after.weight_layers),
        *found,
    ]


def compare(before: Network, after: Network) -> list[Change]:
    """The differences between two networks, in the order of the layers."""
    return list(_compare_lists(before.root.children, after.root.children))


def _compare_lists(old: Sequence[Element], new: Sequence[Element]) -> Iterator[Change]:
    for before, after in _align(old, new):
        if before is None or after is None:
            yield Change(before, after)
        else:
            yield from _compare_pair(before, after)


def _compare_pair(before: Element, after: Element) -> Iterator[Change]:
    if isinstance(before, Group) and isinstance(after, Group):
        yield from _compare_groups(before, after)
    elif _visibly_differ(before, after):
        yield Change(before, after)


def _compare_groups(before: Group, after: Group) -> Iterator[Change]:
    if before.copies and after.copies:
        # Copies are alike: what changed in the first is a detail of what changed in all.
        inside = list(_compare_lists(before.children[:1], after.children[:1]))
        if inside or _visibly_differ(before, after):
            yield Change(before, after)
        yield from (change._replace(detail=True) for change in inside)
        return
    inside = list(_compare_lists(before.children, after.children))
    if before.label != after.label or (not inside and _visibly_differ(before, after)):
        yield Change(before, after, detail=bool(inside))
    yield from inside


def _visibly_differ(before: Element, after: Element) -> bool:
    if (before.label, before.output, before.inputs) != (after.label, after.output, after.inputs):
        return True
    if bool(Change(before, after).arguments()):
        return True
    return any(
        before.quantity(q.name) != after.quantity(q.name) for q in QUANTITIES.values() if q.adds_up
    )


# Alignment.


def _align(
    old: Sequence[Element], new: Sequence[Element]
) -> list[tuple[Element | None, Element | None]]:
    """Pairs in order; None on one side for what has no counterpart."""
    first = 0
    while first < min(len(old), len(new)) and _alike(old[first], new[first]):
        first += 1
    last = 0
    rest = min(len(old), len(new)) - first
    while last < rest and _alike(old[-1 - last], new[-1 - last]):
        last += 1
    middle = _best_alignment(old[first : len(old) - last], new[first : len(new) - last])
    head = zip(old[:first], new[:first], strict=True)
    tail = zip(old[len(old) - last :], new[len(new) - last :], strict=True)
    return [*head, *middle, *tail]


def _own_name(element: Element) -> str | None:
    """The name that the author gave it, if any."""
    return element.name if element.named else None


def _alike(old: Element, new: Element) -> bool:
    return _likeness(old, new) >= 6


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


def _best_alignment(
    old: Sequence[Element], new: Sequence[Element]
) -> list[tuple[Element | None, Element | None]]:
    """The alignment with the greatest likeness (Needleman and Wunsch 1970, gaps cost nothing)."""
    if len(old) * len(new) > _MAX_CELLS:
        longest = max(len(old), len(new))
        padded_old = [*old, *[None] * (longest - len(old))]
        padded_new = [*new, *[None] * (longest - len(new))]
        return list(zip(padded_old, padded_new, strict=True))
    likeness = [[_likeness(one, two) for two in new] for one in old]
    best = [[0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i in range(len(old) - 1, -1, -1):
        for j in range(len(new) - 1, -1, -1):
            paired = best[i + 1][j + 1] + likeness[i][j] if likeness[i][j] > 0 else -1
            best[i][j] = max(paired, best[i + 1][j], best[i][j + 1])
    return list(_walk_back(old, new, likeness, best))


def _walk_back(
    old: Sequence[Element],
    new: Sequence[Element],
    likeness: list[list[int]],
    best: list[list[int]],
) -> Iterator[tuple[Element | None, Element | None]]:
    i = j = 0
    while i < len(old) and j < len(new):
        if likeness[i][j] > 0 and best[i][j] == best[i + 1][j + 1] + likeness[i][j]:
            yield old[i], new[j]
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            yield old[i], None
            i += 1
        else:
            yield None, new[j]
            j += 1
    yield from ((element, None) for element in old[i:])
    yield from ((None, element) for element in new[j:])
