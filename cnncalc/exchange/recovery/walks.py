"""Walks over items: the series that are written, the calls of blocks and their values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

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
)
from cnncalc.exchange.recovery.repeats import with_parts


def written(items: Items, seen: set[str]) -> Iterator[Items]:
    """Every series that is written: of a block only once, of a repeat only its first copy."""
    yield items
    for item in map(bare, items):
        if isinstance(item, Call):
            if item.block not in seen:
                seen.add(item.block)
                yield from written(item.items, seen)
        elif isinstance(item, Repeat):
            yield from written(item.body, seen)
        else:
            for part in inner_series(item):
                yield from written(part, seen)


def inner_series(item: Any) -> tuple[Items, ...]:
    if isinstance(item, Residual):
        return (item.body, item.shortcut or ())
    if isinstance(item, Branches):
        return item.parts
    return (item.body,) if isinstance(item, Gate) else ()


def has_weights(items: Items) -> bool:
    """Whether the first item is a layer with weights, such as the conv of conv and batch_norm."""
    first = bare(items[0])
    return isinstance(first, Leaf) and first.layer.operation.weighted


def all_calls(items: Items) -> list[tuple[str, list[Call]]]:
    """All calls by block, those of inner blocks first."""
    found: dict[str, list[Call]] = {}
    depths: dict[str, int] = {}

    def walk(part: Items) -> int:
        deepest = 0
        for item in map(bare, part):
            inner = item.copies if isinstance(item, Repeat) else inner_series(item)
            if isinstance(item, Call):
                depth = walk(item.items) + 1
                found.setdefault(item.block, []).append(item)
                depths[item.block] = max(depths.get(item.block, 0), depth)
                deepest = max(deepest, depth)
            for series in inner:
                deepest = max(deepest, walk(series))
        return deepest

    walk(items)
    return sorted(found.items(), key=lambda pair: depths[pair[0]])


def with_values(items: Items, values: dict[int, tuple[Any, ...]]) -> Items:
    def change(item: Item) -> Item:
        if isinstance(item, Named):
            return replace(item, item=change(item.item))
        if isinstance(item, Call):
            own = values.get(id(item), item.values)
            return Call(item.block, own, with_values(item.items, values))
        return with_parts(item, lambda part: with_values(part, values))

    return tuple(map(change, items))
