"""Equal neighbours become one item with `repeat: n`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from cnncalc.exchange.recovery.items import (
    Branches,
    Gate,
    Item,
    Items,
    Leaf,
    Named,
    Repeat,
    Residual,
    lines_of,
)

_LONGEST = 40  # items in one copy
_ENDS = ("relu", "relu6", "swish", "hard_swish", "gelu", "max_pool")  # good last items of a copy


def fold(items: Items) -> Items:
    """The items with runs of equal ones as repeats, the inner items first."""
    found = tuple(with_parts(item, fold) for item in items)
    while (best := _best(found)) is not None:
        start, length, times = best
        copies = tuple(found[start + k * length : start + (k + 1) * length] for k in range(times))
        found = (*found[:start], Repeat(copies), *found[start + times * length :])
    return found


def with_parts(item: Item, change: Callable[[Items], Items]) -> Item:
    """The item with its inner series changed."""
    if isinstance(item, Residual):
        shortcut = change(item.shortcut) if item.shortcut else item.shortcut
        return Residual(change(item.body), shortcut, item.layer)
    if isinstance(item, Branches):
        return Branches(tuple(map(change, item.parts)), item.merge, item.layer)
    if isinstance(item, Gate):
        return Gate(change(item.body), item.layer)
    if isinstance(item, Repeat):
        return Repeat(tuple(map(change, item.copies)))
    if isinstance(item, Named):
        return replace(item, item=with_parts(item.item, change))
    return item


def _best(items: Items) -> tuple[int, int, int] | None:
    """The run that saves most lines: its start, the items of one copy, and how many copies."""
    numbers: dict[Item, int] = {}
    keys = [numbers.setdefault(item, len(numbers)) for item in items]
    sizes = [lines_of((item,)) for item in items]
    best, gain = None, (0, False)
    for length in range(1, min(_LONGEST, len(keys) // 2) + 1):
        equal = 0  # how many items before this place equal those one length further on
        for place in range(len(keys) - length - 1, -2, -1):
            if place >= 0 and keys[place] == keys[place + length]:
                equal += 1
                times = equal // length + 1
                if times > 1:
                    size = sum(sizes[place : place + length])
                    saved = (times - 1) * size - (1 if length == 1 else 2)
                    last = items[place + length - 1]
                    ends = not isinstance(last, Leaf) or last.kind in _ENDS
                    if (saved, ends) > gain:
                        best, gain = (place, length, times), (saved, ends)
            else:
                equal = 0
    return best
