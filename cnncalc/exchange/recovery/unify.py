"""Several uses of one shape become a block: equal numbers stay, others become arguments.

Anti-unification (Plotkin 1970): the least general items that all uses are cases of. A column of
numbers that follows from another one, or from the channels that come in, is written as an
expression of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

from cnncalc.exchange.recovery.definitions import Argument, Block, Expression, Optional, Times
from cnncalc.exchange.recovery.items import (
    Branches,
    Call,
    Gate,
    Items,
    Leaf,
    Named,
    Outer,
    Repeat,
    Residual,
    Source,
    Value,
    layers_of,
)

MAX_ARGUMENTS = 6

# Arguments by what they measure: only numbers of one sort follow from each other.
_SORTS = {
    "filters": "channels", "units": "channels", "groups": "channels", "channels": "channels",
    "kernel": "kernel", "padding": "kernel", "stride": "stride", "dilation": "dilation",
    "times": "depth",
}  # fmt: skip
_TIMES = (1, 2, 3, 4, 6, 8)
_PARTS = (2, 3, 4, 6, 8)


class NoBlock(Exception):
    """Uses that have no block in common, or one of too many arguments."""


class Unifier:
    """Merges the items of all uses into those of one block."""

    def __init__(self, uses: Sequence[Items], known: dict[str, list[Argument]]) -> None:
        self.number = len(uses)
        self.known = known  # the arguments of other blocks
        layers = [[*layers_of(use)] for use in uses]
        self.channels_in = [one[0].inputs[0].channels for one in layers]
        self.channels_out = [one[-1].output.channels for one in layers]
        self.found: list[Argument] = []
        self.channels: list[tuple[Value, list[Value]]] = []  # expressions, and what they come to
        self.items = self.merge([*uses])
        self.items = self.settle(self.items)
        for argument in self.found:
            argument.set_default()
        self.found.sort(key=lambda argument: not argument.is_required)

    def block(self, name: str) -> Block:
        """The definition; arguments with a default stand last."""
        return Block(name, tuple(self.found), self.items)

    # Merging. None stands for a use that does not have the part.

    def merge(self, columns: list[Items | None]) -> Items:
        known = [items for items in columns if items is not None]
        if len({len(items) for items in known}) > 1:
            raise NoBlock  # shortcuts that have different parts
        return tuple(
            self.merge_item([None if items is None else items[place] for items in columns])
            for place in range(len(known[0]))
        )

    def merge_item(self, column: list[Any]) -> Any:
        first = next(item for item in column if item is not None)
        if any(not _is_alike(first, item) for item in column if item is not None):
            raise NoBlock
        if isinstance(first, Leaf):
            return self.merge_leaf(first, column)
        if isinstance(first, Call):
            values = [None if item is None else item.values for item in column]
            merged = tuple(
                self.value(
                    argument.name,
                    [_MISSING if row is None else row[place] for row in values],
                    argument.sort,
                )
                for place, argument in enumerate(self.known[first.block])
            )
            return replace(first, values=merged)
        if isinstance(first, Repeat):
            times = [_MISSING if item is None else len(item.copies) for item in column]
            body = self.merge([None if item is None else item.body for item in column])
            return Times(body, self.value("times", times))
        if isinstance(first, Gate):
            return Gate(self.merge([item and item.body for item in column]), first.layer)
        if isinstance(first, Branches):
            parts = tuple(
                self.merge([item and item.parts[place] for item in column])
                for place in range(len(first.parts))
            )
            return Branches(parts, first.merge, first.layer)
        if isinstance(first, Residual):
            return self.merge_residual(first, column)
        if isinstance(first, Named):
            return self.merge_named(first, column)
        raise NoBlock

    def merge_named(self, first: Named, column: list[Any]) -> Named:
        """An item that is read by a name in the block, or that reads others by theirs."""
        forms = {None if item is None else (item.name, len(item.sources)) for item in column}
        if len(forms) > 1 or None in column:
            raise NoBlock
        inner = self.merge_item([item.item for item in column])
        rows = zip(*(item.sources for item in column), strict=True)
        return replace(first, item=inner, sources=tuple(map(self.source, rows)))

    def source(self, column: Sequence[Source]) -> Any:
        """What stands in the body for what each use reads: a name in it, or an argument."""
        outside = [source for source in column if isinstance(source, Outer) and source.level]
        if not outside:
            names = {source if isinstance(source, str) else source.name for source in column}
            if len(names) > 1:
                raise NoBlock
            return names.pop()
        if len(outside) < len(column):
            raise NoBlock
        values = [Outer(source.name, source.level - 1) for source in outside]
        for argument in self.found:
            if argument.sort == "outer" and argument.values == values:
                return Expression(f"${argument.name}")
        return self.argument("skip", "outer", dict(enumerate(values)))

    def merge_leaf(self, first: Leaf, column: list[Any]) -> Leaf:
        rows = [None if item is None else dict(item.arguments) for item in column]
        merged = tuple(
            (name, self.value(name, [_MISSING if row is None else row[name] for row in rows]))
            for name, _ in first.arguments
        )
        return Leaf(first.kind, merged, first.layer)

    def merge_residual(self, first: Residual, column: list[Any]) -> Any:
        """A residual whose shortcut may be one of some uses only."""
        if any(item is None for item in column):
            raise NoBlock
        body = self.merge([item.body for item in column])
        shortcuts = [item.shortcut for item in column]
        filled = [bool(shortcut) for shortcut in shortcuts]
        present = [shortcut is not None for shortcut in shortcuts]
        if not all(present):
            if any(filled):
                raise NoBlock
            return Optional(body, (), tuple(present), first.layer)
        if not any(filled):
            return Residual(body, (), first.layer)
        shortcut = self.merge([items or None for items in shortcuts])
        if all(filled):
            return Residual(body, shortcut, first.layer)
        return Optional(body, shortcut, tuple(filled), first.layer)

    # Values.

    def value(self, name: str, column: list[Value], sort: str = "") -> Value:
        """What stands in the body for a column of values, one a use."""
        if sort == "outer":
            if any(value is _MISSING for value in column):
                raise NoBlock
            return self.source(column)
        known = {use: value for use, value in enumerate(column) if value is not _MISSING}
        values = set(known.values())
        sort = sort or _SORTS.get(name, name)
        whole = len(known) == self.number
        if len(values) == 1 and whole:
            (constant,) = values
            self.note(sort, constant, [constant] * self.number)
            return constant
        if all(type(value) is int for value in values):
            for base, row in self.bases(sort):
                if (found := _relation(base, row, known)) is not None:
                    self.note(sort, *found)
                    return found[0]
        if len(values) == 1:
            return next(iter(values))
        return self.argument(name, sort, known)

    def bases(self, sort: str) -> Iterable[tuple[str, list[Value]]]:
        """What a number of a sort may follow from."""
        for argument in self.found:
            if argument.sort == sort and all(type(value) is int for value in argument.values):
                yield argument.name, argument.values
        if sort == "channels":
            yield "in", self.channels_in

    def argument(self, name: str, sort: str, known: dict[int, Value]) -> Expression:
        """A new argument; uses that do not have the part take the commonest value."""
        if len(self.found) >= MAX_ARGUMENTS:
            raise NoBlock
        ((usual, _),) = Counter(known.values()).most_common(1)
        values = [known.get(use, usual) for use in range(self.number)]
        base = {"channels": "width", "depth": "depth"}.get(sort, name)
        if sort == "channels" and values == self.channels_out:
            base = "filters"
        taken = [argument.name for argument in self.found]
        chosen, number = base, 1
        while chosen in taken:
            number += 1
            chosen = f"{base}{number}"
        self.found.append(Argument(chosen, sort, values))
        expression = Expression(f"${chosen}")
        self.note(sort, expression, values)
        return expression

    def note(self, sort: str, expression: Value, values: list[Value]) -> None:
        if sort == "channels":
            self.channels.append((expression, values))

    # Conditions, which need all arguments to be known.

    def settle(self, items: Items) -> Items:
        return tuple(map(self.settle_item, items))

    def settle_item(self, item: Any) -> Any:
        if isinstance(item, Optional):
            adds = not item.shortcut  # whether `present` says that there is an addition
            return replace(
                item, body=self.settle(item.body), when=self.condition(item.present, adds)
            )
        if isinstance(item, Residual):
            return Residual(self.settle(item.body), item.shortcut, item.layer)
        if isinstance(item, Branches):
            return Branches(tuple(map(self.settle, item.parts)), item.merge, item.layer)
        if isinstance(item, Gate):
            return Gate(self.settle(item.body), item.layer)
        if isinstance(item, Times):
            return replace(item, body=self.settle(item.body))
        if isinstance(item, Named):
            return replace(item, item=self.settle_item(item.item))
        return item

    def condition(self, present: tuple[bool, ...], equal: bool) -> str:
        """Words that are true exactly in the uses that have the part. Raises NoBlock."""
        sign, joint = ("==", "and") if equal else ("!=", "or")
        atoms: dict[str, list[bool]] = {}
        for argument in self.found:
            for value in dict.fromkeys(argument.values):
                if type(value) is int:
                    truth = [(other == value) is equal for other in argument.values]
                    atoms.setdefault(f"${argument.name} {sign} {value}", truth)
        for expression, values in self.channels:
            pairs = zip(self.channels_in, values, strict=True)
            if str(expression) != "$in":
                truth = [(one == other) is equal for one, other in pairs]
                atoms.setdefault(f"$in {sign} {expression}", truth)
        wanted = [*present]
        for words, truth in atoms.items():
            if truth == wanted:
                return words
        for (one, first), (other, second) in combinations(atoms.items(), 2):
            pairs = zip(first, second, strict=True)
            joined = [a and b if equal else a or b for a, b in pairs]
            if joined == wanted:
                return f"{one} {joint} {other}"
        raise NoBlock


_MISSING: Any = object()


def _is_alike(one: Any, other: Any) -> bool:
    """Whether two items are of one sort: leaves of one kind, calls of one block."""
    if type(one) is not type(other):
        return False
    sorts = [getattr(item, "kind", "") or getattr(item, "block", "") for item in (one, other)]
    return sorts[0] == sorts[1]


def _relation(
    base: str, row: list[Value], known: dict[int, Value]
) -> tuple[Expression, list[Value]] | None:
    """The expression of `base` that gives the known values, and what it gives in every use."""
    for factor in _TIMES:
        if all(value == factor * row[use] for use, value in known.items()):
            words = f"${base}" if factor == 1 else f"{factor}*${base}"
            return Expression(words), [factor * value for value in row]
    for part in _PARTS:
        if all(value == row[use] // part for use, value in known.items()):
            return Expression(f"${base}//{part}"), [value // part for value in row]
    return None
