"""Blocks: their arguments, and what stands in their bodies only."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from cnncalc.exchange.recovery.items import Items, Value

REQUIRED: Any = object()  # in place of a default


class Expression(str):
    """What stands in a block's body in place of a number."""

    __slots__ = ()


@dataclass(slots=True)
class Argument:
    """An argument of a block, with its value in each use."""

    name: str
    sort: str
    values: list[Value]
    default: Value = REQUIRED

    def set_default(self) -> None:
        """Take the value of most uses, where they are at least half, or none where one has none."""
        if self.sort == "outer":
            return
        (value, times), *_ = Counter(self.values).most_common(1)
        if None in self.values:
            value, times = None, len(self.values)  # an argument may only be none by default
        self.default = value if 2 * times >= len(self.values) else REQUIRED

    @property
    def is_required(self) -> bool:
        return self.default is REQUIRED


@dataclass(frozen=True, slots=True)
class Block:
    """A definition: arguments, and the items with expressions in place of numbers."""

    name: str
    arguments: tuple[Argument, ...]
    items: Items


@dataclass(frozen=True, slots=True)
class Times:
    """In a body: items that are repeated as often as an argument says."""

    body: Items
    times: Value


@dataclass(frozen=True, slots=True)
class Optional:
    """In a body: a residual whose shortcut, or whose addition, is there under a condition."""

    body: Items
    shortcut: Items
    present: tuple[bool, ...]
    layer: Any
    when: str = ""
