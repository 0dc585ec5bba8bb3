"""Spot: an item of a spec at all the places where one piece of code builds it.

The class of a block stands for every call of it, the body of a loop for every copy. What an item
says is written as the spec says it, `4 * width`, if that comes to what was built at each of the
places; else as the number that all of them have. Where neither holds the places differ, and the
code has to be written once for each sort of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any

from cnncalc.exchange.export.expressions import Expressions, Names
from cnncalc.exchange.export.layout import literal
from cnncalc.exchange.export.pytorch import symbols
from cnncalc.exchange.export.record import Copy
from cnncalc.language.located import Value
from cnncalc.language.model import Item
from cnncalc.layers.base import Operation
from cnncalc.network.model import Layer
from cnncalc.wording import is_fraction


class Instance:
    """A time that a piece of code runs: the values of its Python names."""

    __slots__ = ("origin", "path", "values")

    def __init__(
        self, values: Mapping[str, object], path: str, origin: Instance | None = None
    ) -> None:
        self.values = dict(values)
        self.path = path  # of the element that its class stands for
        self.origin = origin or self  # that of the class, where this is one of a loop

    def inside(self, values: Mapping[str, object]) -> Instance:
        """One time around in a loop."""
        return Instance({**self.values, **values}, self.path, self.origin)


class Differs(Exception):
    """Places that one piece of code cannot stand for; they have other values of something."""

    def __init__(self, values: Iterable[tuple[Instance, Hashable]]) -> None:
        self.values: dict[Instance, list[Hashable]] = {}
        for instance, value in values:
            self.values.setdefault(instance.origin, []).append(value)

    def sorts(self, instances: Iterable[Instance]) -> dict[Hashable, list[Instance]]:
        """Instances of a class by what they have."""
        sorts: dict[Hashable, list[Instance]] = {}
        for instance in instances:
            sorts.setdefault(tuple(self.values.get(instance.origin, ())), []).append(instance)
        return sorts


class Unknown(Exception):
    """A name for which there is nothing in Python."""


class Texts:
    """Values of a spec as Python texts, under names that Python has for them."""

    def __init__(self, expressions: Expressions) -> None:
        self.expressions = expressions

    def written(self, value: Value, names: Names, *, whole: bool) -> str | None:
        """A value as Python; None for what cannot be said."""
        try:
            if value.word is not None and (sizes := sizes_in(value.word)):
                return self.literal(sizes)
            if value.word is not None:
                return self.expressions.text(value.word, names, whole=whole)
            if value.parts is None:
                return "None" if value.is_null else None
            parts = [self.written(part, names, whole=whole) for part in value.parts]
        except Unknown:
            return None
        return None if None in parts else f"({', '.join(map(str, parts))}{',' * (len(parts) == 1)})"

    def literal(self, value: object) -> str:
        """A plain value as Python."""
        if isinstance(value, str):
            return literal(value)
        if is_fraction(value):
            return self.expressions.number(value)
        if isinstance(value, (list, tuple)):
            parts = ", ".join(map(self.literal, value))
            return f"({parts}{',' * (len(value) == 1)})"
        return str(value)


def sizes_in(word: str) -> tuple[int, ...] | None:
    """(3, 5) for 3x5."""
    return tuple(map(int, word.split("x"))) if re.fullmatch(r"\d+(x\d+)+", word) else None


def values_of(found: object) -> object:
    """A value of a spec as Python has it: tuples for lists and for sizes."""
    if isinstance(found, list):
        return tuple(map(values_of, found))
    return (sizes_in(found) or found) if isinstance(found, str) else found


def refers(value: Value | None) -> bool:
    """Whether a name stands in a value."""
    if value is None:
        return False
    return "$" in (value.word or "") or any(map(refers, value.parts or ()))


def comes_to(text: str, wanted: Iterable[tuple[Instance, object]]) -> bool:
    """Whether a text comes to the wanted value at every place."""
    try:
        return all(_same(symbols.value(text, at.values), value) for at, value in wanted)
    except Exception:  # whatever it is, the text does not come to the value
        return False


def _same(found: object, value: object) -> bool:
    if isinstance(value, tuple) and not isinstance(found, tuple):
        return all(_same(found, part) for part in value)
    if isinstance(found, tuple) and isinstance(value, tuple):
        return len(found) == len(value) and all(map(_same, found, value))
    return type(found) is type(value) and bool(found == value)


class Spot:
    """An item and its places: a copy of it for each instance of the code."""

    def __init__(
        self,
        item: Item,
        places: Sequence[tuple[Instance, Copy]],
        texts: Texts,
        names: Names,
        channels: str,
    ) -> None:
        self.item = item
        self.places = places
        self.texts = texts
        self.names = names
        self.channels = channels  # that enter

    @property
    def operations(self) -> list[Any]:
        """The layers that were built, one for each place."""
        return [
            copy.element.operation for _, copy in self.places if isinstance(copy.element, Layer)
        ]

    @property
    def operation(self) -> Operation:
        """The first of them, for what is the same everywhere."""
        found: Operation = self.operations[0]
        return found

    def all(self, of: Callable[[Any], Any]) -> list[tuple[Instance, Any]]:
        """Something of the layer at each place."""
        return [
            (at, of(found)) for (at, _), found in zip(self.places, self.operations, strict=True)
        ]

    def same(self, of: Callable[[Any], Any]) -> Any:
        """What is the same everywhere; raises Differs."""
        return common(self.all(of))

    def number(self, argument: str, of: Callable[[Any], Any] | None = None) -> str:
        """An argument as Python: as it is written, or what it comes to."""
        wanted = self.all(of or (lambda operation: getattr(operation, argument)))
        return self.chosen(self.item.written(argument), wanted)

    def chosen(
        self, value: Value | None, wanted: Sequence[tuple[Instance, Any]], *, whole: bool = True
    ) -> str:
        """A value as it is written, if names stand in it and it comes to what is wanted."""
        if value is not None and refers(value):
            text = self.texts.written(value, self.names, whole=whole)
            if text is not None and symbols.has_names(text) and comes_to(text, wanted):
                return text
        found = common(wanted)
        if isinstance(found, tuple) and len(set(found)) == 1:
            found = found[0]  # one number for all axes
        return self.texts.literal(found)


def common(values: Sequence[tuple[Instance, Any]]) -> Any:
    """The one value that there is; raises Differs."""
    first = values[0][1]
    if any(value != first or type(value) is not type(first) for _, value in values):
        raise Differs(values)
    return first
