"""Two networks as one, which a picture of their differences shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from cnncalc.commands.diff.compare import ADDED, CHANGED, REMOVED, Comparison, Element, aligned
from cnncalc.commands.draw.items import in_place, is_clear
from cnncalc.network.model import Group, Input, Layer, Network, Signal

SAME = "same"
_LEAST_RUN = 3  # neighbours without changes that become one box

Pair: TypeAlias = tuple[Signal | Element | None, Signal | Element | None]


@dataclass(eq=False, slots=True)
class Both:
    """What stands in one place of the picture: of either network, or of both."""

    pairs: list[Pair]
    state: str
    inside: list[Both] | None = None
    key: int = 0
    reads: list[set[int]] = field(default_factory=lambda: [set(), set()])  # of each network
    clear: bool = False
    joined: Both | None = None  # the box of neighbours that this is a part of

    @property
    def first(self) -> Signal | Element:
        before, after = self.pairs[0]
        found = after if after is not None else before
        assert found is not None
        return found


class Union:
    """The boxes of two networks, and who reads whom in each."""

    def __init__(self, found: Comparison) -> None:
        self.changed = {
            id(element)
            for change in found.changes
            for element in (change.before, change.after)
            if element is not None
        }
        self.boxes: dict[int, Both] = {}
        self.owners: tuple[dict[Signal, Both], dict[Signal, Both]] = ({}, {})
        networks = found.before, found.after
        signals = [network.input_signals if network else {} for network in networks]
        names = dict.fromkeys(name for known in signals for name in known)
        inputs = [self._input(*(known.get(name) for known in signals)) for name in names]
        old, new = (network.root.children if network else [] for network in networks)
        self.roots = [*inputs, *self._both(old, new)]
        for side, network in enumerate(networks):
            if network is not None:
                self._connect(side, network)

    def _input(self, before: Input | None, after: Input | None) -> Both:
        state = _state(before, after)
        if before and after and before.output != after.output:
            state = CHANGED
        return self._box([(before, after)], state)

    def _both(
        self, old: Sequence[Element], new: Sequence[Element], parent: Group | None = None
    ) -> list[Both]:
        """What is in two groups that are paired; `parent` is the second of them."""
        found: list[Both] = []
        for before, after in aligned(old, new):
            both = self._pair(before, after, parent)
            if both is not None:
                found.append(both)
        return list(self._runs(found))

    def _pair(
        self, before: Element | None, after: Element | None, parent: Group | None
    ) -> Both | None:
        state = _state(before, after)
        there = [e for e in (before, after) if e is not None]
        if any(id(part) in self.changed for e in there for part in _parts(e)):
            if isinstance(before, Group) and isinstance(after, Group) and not after.copies:
                inside = self._both(before.children, after.children, after)
                both = self._box([(before, after)], CHANGED, inside)
                both.clear = parent is not None and is_clear(after, parent)
                return both
            return self._box([(before, after)], state if state != SAME else CHANGED)
        if all(isinstance(e, Layer) and in_place(e) for e in there):
            return self._behind(before, after)
        return self._box([(before, after)], state)

    def _behind(self, before: Element | None, after: Element | None) -> Both | None:
        """An activation that did not change stands with what is before it."""
        for element, owner in zip((before, after), self.owners, strict=True):
            if isinstance(element, Layer):
                owner[element] = owner[element.sources[0]]
        return None

    def _box(self, pairs_: list[Pair], state: str, inside: list[Both] | None = None) -> Both:
        both = Both(pairs_, state, inside, len(self.boxes))
        self.boxes[both.key] = both
        for pair in both.pairs if inside is None else ():
            for element, owner in zip(pair, self.owners, strict=True):
                if isinstance(element, Input):
                    owner[element] = both
                elif element is not None:
                    owner.update((layer, both) for layer in element.layers)
        return both

    def _runs(self, found: list[Both]) -> Iterator[Both]:
        """Neighbours without changes as one box; only a chain, whose parts read one another."""
        run: list[Both] = []
        for both in found:
            joins = both.state == SAME and both.inside is None
            if joins and (not run or self._follows(run[-1], both)):
                run.append(both)
                continue
            yield from self._joined(run)
            run = [both] if joins else []
            if not joins:
                yield both
        yield from self._joined(run)

    def _follows(self, one: Both, other: Both) -> bool:
        return all(
            self.owners[side].get(source, other) in (one, other)
            for pair in other.pairs
            for side, element in enumerate(pair)
            if isinstance(element, (Layer, Group))
            for layer in element.layers
            for source in layer.sources
        )

    def _joined(self, run: list[Both]) -> Iterator[Both]:
        if len(run) < _LEAST_RUN:
            yield from run
            return
        for other in run[1:]:
            run[0].pairs += other.pairs
            other.joined = run[0]
            del self.boxes[other.key]
        yield run[0]

    def _connect(self, side: int, network: Network) -> None:
        owner = {signal: both.joined or both for signal, both in self.owners[side].items()}
        for layer in network.layers:
            mine = owner[layer]
            for source in layer.sources:
                if owner[source] is not mine:
                    mine.reads[side].add(owner[source].key)


def _state(before: object, after: object) -> str:
    if before is None:
        return ADDED
    return REMOVED if after is None else SAME


def _parts(element: Element) -> Iterator[Element]:
    yield element
    if isinstance(element, Group):
        yield from element.elements()
