"""Stretches of a series of items, also of items that read others by name.

A stretch can become a block where nothing after it reads any item in it but the last. What its
items read in it is told by names of its own, what they read outside comes in: from the item before
or as an argument of the block. Stretches have one key where they are alike but for numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from typing import TypeAlias

from cnncalc.exchange.recovery.items import Call, Item, Items, Named, Outer, Repeat, Source
from cnncalc.exchange.recovery.repeats import with_parts

_LONGEST, _LONGEST_NAMED = 30, 80  # items of a block
_MOST = 3  # items outside that a stretch reads
_NEVER = 10**9

Place: TypeAlias = "int | Source"  # an item of the series, or what is outside of it


class Series:
    """A series of items, and what each of them reads."""

    def __init__(
        self, items: Items, shape_of: Callable[[Item], int], key_of: Callable[[object], int]
    ) -> None:
        self.items = items
        self.key_of = key_of
        self.known: dict[int, dict[int, int]] = {}
        self.names = {name: place for place, name in enumerate(map(_name, items)) if name}
        self.numbers = [shape_of(item.item if isinstance(item, Named) else item) for item in items]
        self.reads = [self.read_by(place) for place in range(len(items))]
        self.is_plain = all(read == (place - 1,) for place, read in enumerate(self.reads))
        self.last = [*range(1, len(items)), _NEVER]  # who reads each item last
        for place, read in enumerate(self.reads):
            for source in read:
                if isinstance(source, int) and source >= 0:
                    self.last[source] = max(self.last[source], place)
        for place, item in enumerate(items):
            if isinstance(item, Named) and (item.reuse or item.is_result):
                self.last[place] = _NEVER

    def read_by(self, place: int) -> tuple[Place, ...]:
        """What an item reads: places in the series, and names outside of it."""
        item = self.items[place]
        sources = item.sources if isinstance(item, Named) else ()
        found = [self.place_of(source, place) for source in sources] or [place - 1]
        return (*found, *(self.place_of(ref, place) for ref in _refs(item, 0)))

    def place_of(self, source: Source, place: int) -> Place:
        if isinstance(source, Outer) and source.level > 0:
            return source
        name = str(source)
        return place - 1 if name == "prev" else self.names.get(name, name)

    def keys(self, start: int) -> dict[int, int]:
        """The key of every stretch from a place on that can become a block, by its end."""
        if start not in self.known:
            self.known[start] = dict(self.found_keys(start))
        return self.known[start]

    def found_keys(self, start: int) -> Iterator[tuple[int, int]]:
        longest = _LONGEST if self.is_plain else _LONGEST_NAMED
        outside: dict[Place, int] = {}
        key, needed = 0, start
        for place in range(start, min(start + longest, len(self.items))):
            if place > start:
                needed = max(needed, self.last[place - 1])
            code = self.code(place, start, outside)
            item = self.items[place]
            if len(outside) > _MOST or (isinstance(item, Named) and item.reuse):
                return
            key = self.key_of((key, self.numbers[place], code))
            if needed <= place:
                yield place + 1, key

    def code(self, place: int, start: int, outside: dict[Place, int]) -> tuple[int, ...]:
        """What an item reads, as places from the start on, or what is outside by its turn."""
        if place == start and place - 1 in self.reads[place][1:]:
            return (-_NEVER,)  # what enters has to be read first
        found = []
        for source in self.reads[place]:
            if isinstance(source, int) and source >= start:
                found.append(source - start)
            else:
                found.append(-1 - outside.setdefault(source, len(outside)))
        return () if found == [place - start - 1] else tuple(found)

    def inside(self, start: int, end: int) -> Items:
        """A stretch as the items of a block, with names of its own."""
        entry, names = self.reads[start][0], _LocalNames()

        def local(source: Source, place: int, depth: int) -> Source:
            if isinstance(source, Outer) and source.level < depth:
                return source
            known = source.level > depth if isinstance(source, Outer) else False
            found = source if known else self.place_of(_plain_name(source), place)
            if found == entry:
                return Outer("input", depth) if depth else "input"
            if isinstance(found, int) and found >= start:
                if found == place - 1 and not depth:
                    return "prev"
                name = names.of(found)
                return Outer(name, depth) if depth else name
            level = source.level if isinstance(source, Outer) else 0
            return Outer(_text(source), level + 1)

        changed: list[Item] = []
        for place in range(start, end):
            item = self.items[place]
            if isinstance(item, Named):
                sources = tuple(local(source, place, 0) for source in item.sources)
                if place == start and sources == ("input",):
                    sources = ()
                item = Named(_renamed(item.item, place, 1, local), "", sources)
            else:
                item = _renamed(item, place, 1, local)
            changed.append(item)
        return tuple(
            _with_name(item, names.found.get(place, ""))
            for place, item in enumerate(changed, start)
        )

    def call(self, start: int, end: int, block: str) -> Item:
        """The call of a block in place of a stretch."""
        first, last = self.items[start], self.items[end - 1]
        call = Call(block, (), self.inside(start, end))
        name = last.name if isinstance(last, Named) else ""
        is_result = isinstance(last, Named) and last.is_result
        sources = first.sources[:1] if isinstance(first, Named) else ()
        if self.reads[start][0] == start - 1:
            sources = ()
        return Named(call, name, sources, is_result=is_result) if name or sources else call


class _LocalNames:
    """Names of the items in a block: x1, x2."""

    def __init__(self) -> None:
        self.numbers = count(1)
        self.found: dict[int, str] = {}

    def of(self, place: int) -> str:
        if place not in self.found:
            self.found[place] = f"x{next(self.numbers)}"
        return self.found[place]


def _name(item: Item) -> str:
    return item.name if isinstance(item, Named) else ""


def _text(source: Source) -> str:
    return source.name if isinstance(source, Outer) else source


def _plain_name(source: Source) -> Source:
    return source.name if isinstance(source, Outer) else source


def _with_name(item: Item, name: str) -> Item:
    """The item with a name, where it is read by one, or bare where nothing is said of it."""
    if isinstance(item, Named):
        if not name and not item.sources:
            return item.item
        return replace(item, name=name)
    return Named(item, name) if name else item


def _refs(item: Item, depth: int) -> Iterator[Source]:
    """The names round a call that the items in it read."""
    if isinstance(item, Named):
        if depth:
            yield from (
                Outer(source.name, source.level - depth) if source.level > depth else source.name
                for source in item.sources
                if isinstance(source, Outer) and source.level >= depth
            )
        yield from _refs(item.item, depth)
    elif isinstance(item, Call):
        for inner in item.items:
            yield from _refs(inner, depth + 1)
    elif isinstance(item, Repeat):
        for copy in item.copies:
            for inner in copy:
                yield from _refs(inner, depth)


def _renamed(
    item: Item, place: int, depth: int, local: Callable[[Source, int, int], Source]
) -> Item:
    """The item with other names for what the items in calls read round them."""
    if isinstance(item, Call):
        inner = tuple(_renamed(one, place, depth + 1, local) for one in item.items)
        return replace(item, items=inner)
    if isinstance(item, Named):
        sources = tuple(
            local(one, place, depth - 1) if isinstance(one, Outer) else one for one in item.sources
        )
        return replace(item, item=_renamed(item.item, place, depth, local), sources=sources)
    if isinstance(item, Repeat):
        return with_parts(
            item, lambda part: tuple(_renamed(one, place, depth, local) for one in part)
        )
    return item
