"""Finds the blocks of a network: shapes that stand in it several times.

The shape of an item is what it is without its numbers; a shortcut that some uses have and others
lack does not count, since a condition can say when it is there. Of all shapes the one that saves
most lines becomes a block, and so on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

from cnncalc.exchange.recovery.definitions import Argument, Block
from cnncalc.exchange.recovery.items import (
    Branches,
    Call,
    Gate,
    Item,
    Items,
    Leaf,
    Named,
    Repeat,
    Residual,
    bare,
    lines_of,
)
from cnncalc.exchange.recovery.names import block_name, class_of
from cnncalc.exchange.recovery.repeats import fold, with_parts
from cnncalc.exchange.recovery.unify import NoBlock, Unifier
from cnncalc.exchange.recovery.walks import (
    all_calls,
    has_weights,
    inner_series,
    with_values,
    written,
)
from cnncalc.exchange.recovery.windows import Series
from cnncalc.network.model import Network

_LEAST = 3  # lines of a block that is used less than _OFTEN times
_OFTEN = 5
_TRIED = 60  # shapes a round, the most promising ones
_ROUNDS = 12

Shape = tuple[int, ...]


@dataclass(slots=True)
class Recovered:
    """The items of a network, and the blocks that they call."""

    items: Items
    blocks: list[Block]


def find_blocks(items: Items, network: Network) -> Recovered:
    """The items with calls of blocks wherever that saves lines."""
    search = _Search(network)
    items = fold(_plain_as_residual(items, search))
    for _ in range(_ROUNDS):
        chosen = search.best(items)
        if chosen is None:
            break
        name = search.new_name(chosen)
        with suppress(NoBlock):  # of blocks that call this one and have no arguments in common
            items = fold(search.derived(_replaced(items, chosen, name, search)))
            continue
        search.refuse(chosen, name)
    return Recovered(_without_empty_sums(items), search.definitions(items))


@dataclass(slots=True)
class _Candidate:
    shape: int  # the key of its stretches
    size: int  # items of each
    name: str  # the class that all uses have in the source, if they are to have one
    uses: list[Items]
    gain: int


class _Search:
    """The shapes of items, as numbers, and the blocks found so far."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.shapes: dict[object, int] = {}
        self.arguments: dict[str, list[Argument]] = {}  # of each block
        self.names: set[str] = set()
        self.refused: set[int] = set()
        self.series_of: dict[int, Series] = {}  # by the identity of their items

    # Shapes.

    def shape(self, items: Items) -> Shape:
        return tuple(map(self.shape_of, items))

    def shape_of(self, item: Item) -> int:
        key: object
        if isinstance(item, Leaf):
            key = item.kind
        elif isinstance(item, Residual):
            key = ("residual", self.shape(item.body))
        elif isinstance(item, Branches):
            key = (item.merge, tuple(map(self.shape, item.parts)))
        elif isinstance(item, Gate):
            key = ("gate", self.shape(item.body))
        elif isinstance(item, Repeat):
            key = ("repeat", self.shape(item.body))
        elif isinstance(item, Call):
            key = ("call", item.block)
        else:
            key = ("named", id(item))
        return self.key_of(key)

    def key_of(self, key: object) -> int:
        """The number of a shape or stretch."""
        return self.shapes.setdefault(key, len(self.shapes) + 1)

    def series(self, items: Items) -> Series:
        """What each of the items reads."""
        found = self.series_of.get(id(items))
        if found is None or found.items is not items:
            found = self.series_of[id(items)] = Series(items, self.shape_of, self.key_of)
        return found

    # The best shape.

    def best(self, items: Items) -> _Candidate | None:
        """The shape that saves most lines, if one saves any."""
        places: dict[int, list[Items]] = {}
        weights: Counter[int] = Counter()
        for part in written(items, set()):
            self.windows(part, places, weights)
        promising = []
        for shape, uses in places.items():
            size = lines_of(uses[0])
            gain = weights[shape] * (size - 1) - size - 2
            is_worth_it = size >= _LEAST or (weights[shape] >= _OFTEN and has_weights(uses[0]))
            if weights[shape] > 1 and gain > 0 and is_worth_it and shape not in self.refused:
                promising.append((gain, shape, len(uses[0])))
        promising.sort(reverse=True)
        best: _Candidate | None = None
        for gain, shape, size in promising[:_TRIED]:
            if best is not None and gain <= best.gain:
                break
            for candidate in self.candidates(items, shape, size):
                if best is None or candidate.gain > best.gain:
                    best = candidate
        return best if best is not None and best.gain > 0 else None

    def candidates(self, items: Items, shape: int, length: int) -> Iterator[_Candidate]:
        """All uses of a shape as a block, or those that have the class of most."""
        every = _Candidate(shape, length, "", [], 0)
        classes = Counter(class_of(use, self.network) for use in _uses(items, every, self))
        ((usual, _),) = classes.most_common(1)
        for name in dict.fromkeys((usual, "")):
            found = _Candidate(shape, length, name, [], 0)
            found.uses = [*_uses(items, found, self)]
            written = self.times_written(items, found)
            if written < 2:
                continue
            with suppress(NoBlock):
                arguments = len(Unifier(found.uses, self.arguments).found)
                size = lines_of(found.uses[0])
                found.gain = written * (size - 1) - size - 2
                found.gain += written - arguments if name else -2 * arguments
                yield found

    def times_written(self, items: Items, chosen: _Candidate) -> int:
        """How often a shape stands in the spec, with a name that of this class."""
        times = 0
        for part in written(items, set()):
            place = 0
            while place < len(part):
                fits = self.fits(part, place, chosen)
                times += fits
                place += chosen.size if fits else 1
        return times

    def fits(self, items: Items, place: int, chosen: _Candidate) -> bool:
        """Whether a stretch has the shape and the class."""
        end = place + chosen.size
        if end > len(items) or self.series(items).keys(place).get(end) != chosen.shape:
            return False
        return not chosen.name or class_of(items[place:end], self.network) == chosen.name

    def windows(self, items: Items, places: dict[int, list[Items]], weights: Counter[int]) -> None:
        """Count every stretch of a series, those that overlap their like once."""
        series = self.series(items)
        free: dict[int, int] = {}  # where the last use of each ends
        for start in range(len(items)):
            for end, key in series.keys(start).items():
                if free.get(key, 0) <= start and not (
                    end - start == 1 and isinstance(bare(items[start]), (Leaf, Call, Repeat))
                ):
                    free[key] = end
                    places.setdefault(key, []).append(items[start:end])
                    weights[key] += 1

    # Blocks.

    def new_name(self, chosen: _Candidate) -> str:
        """A name that no other block has."""
        base = chosen.name or block_name(chosen.uses, self.network)
        name, number = base, 1
        while name in self.names:
            number += 1
            name = f"{base}{number}"
        self.names.add(name)
        return name

    def refuse(self, chosen: _Candidate, name: str) -> None:
        """Make no block of a shape."""
        self.names.discard(name)
        self.refused.add(chosen.shape)

    def derived(self, items: Items) -> Items:
        """The items with the values of all calls worked out, the inner calls first."""
        known = dict(self.arguments)
        try:
            return self._derived(items)
        except NoBlock:
            self.arguments = known
            raise

    def _derived(self, items: Items) -> Items:
        for name, _ in all_calls(items):
            calls = dict(all_calls(items))[name]  # with the values of the calls in them
            unified = Unifier([call.items for call in calls], self.arguments)
            self.arguments[name] = unified.found
            values = {
                id(call): tuple(argument.values[use] for argument in unified.found)
                for use, call in enumerate(calls)
            }
            items = with_values(items, values)
        return items

    def definitions(self, items: Items) -> list[Block]:
        """The blocks that the items call, the inner ones first."""
        blocks = []
        for name, calls in all_calls(items):
            blocks.append(Unifier([call.items for call in calls], self.arguments).block(name))
        return blocks


def _uses(items: Items, chosen: _Candidate, search: _Search) -> Iterator[Items]:
    """Every use of a shape, in the copies of repeats and in blocks too, from left to right.

    With a name, those that have this class in the source.
    """
    place = 0
    while place < len(items):
        if search.fits(items, place, chosen):
            yield search.series(items).inside(place, place + chosen.size)
            place += chosen.size
            continue
        item = bare(items[place])
        inner = item.copies if isinstance(item, Repeat) else inner_series(item)
        for part in (item.items,) if isinstance(item, Call) else inner:
            yield from _uses(part, chosen, search)
        place += 1


def _replaced(items: Items, chosen: _Candidate, name: str, search: _Search) -> Items:
    """The items with a call in place of every use of a shape."""
    found: list[Item] = []
    place = 0
    while place < len(items):
        if search.fits(items, place, chosen):
            end = place + chosen.size
            found.append(search.series(items).call(place, end, name))
            place = end
        else:
            found.append(_within(items[place], chosen, name, search))
            place += 1
    return tuple(found)


def _within(item: Item, chosen: _Candidate, name: str, search: _Search) -> Item:
    def change(items: Items) -> Items:
        return _replaced(items, chosen, name, search)

    if isinstance(item, Named):
        return replace(item, item=_within(item.item, chosen, name, search))
    if isinstance(item, Call):
        return replace(item, items=change(item.items))
    return with_parts(item, change)


# A sum that some uses of a body have and others lack.


def _plain_as_residual(items: Items, search: _Search) -> Items:
    """Series of the shape that some residual adds to its input, as residuals without the sum."""
    bodies = {
        search.shape(item.body): item
        for item in items
        if isinstance(item, Residual) and item.shortcut == () and len(item.body) >= _LEAST
    }
    for shape in sorted(bodies, key=len, reverse=True):
        shapes = search.shape(items)
        found: list[Item] = []
        place = 0
        while place < len(items):
            end = place + len(shape)
            if shapes[place:end] == shape:
                found.append(Residual(items[place:end], None, None))
                place = end
            else:
                found.append(items[place])
                place += 1
        items = tuple(found)
    return items


def _without_empty_sums(items: Items) -> Items:
    """The items with residuals that add nothing written out, but for those in blocks."""
    found: list[Item] = []
    for item in items:
        if isinstance(item, Residual) and item.shortcut is None:
            found += item.body
        else:
            found.append(item)
    return tuple(found)
