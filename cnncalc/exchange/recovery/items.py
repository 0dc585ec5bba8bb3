"""Items: what stands under `layers:`, as values that are equal where they would read the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from cnncalc.layers.base import KINDS
from cnncalc.layers.shape import Crop
from cnncalc.layers.sizes import Shape
from cnncalc.network.model import Layer

Value: TypeAlias = Any  # a number, a word, or a tuple of them
Arguments: TypeAlias = tuple[tuple[str, Value], ...]


@dataclass(frozen=True, slots=True)
class Leaf:
    """One layer; all its arguments, those too that have their default."""

    kind: str
    arguments: Arguments
    layer: Layer = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Residual:
    """body(x) + shortcut(x). An empty shortcut is x itself; None stands for no addition."""

    body: Items
    shortcut: Items | None
    layer: Layer | None = field(compare=False, repr=False)  # the sum


@dataclass(frozen=True, slots=True)
class Branches:
    """Several ways for one volume, and what merges them."""

    parts: tuple[Items, ...]
    merge: str
    layer: Layer = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Gate:
    """x · body(x)."""

    body: Items
    layer: Layer = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Repeat:
    """The same items n times, each time with weights of its own."""

    copies: tuple[Items, ...]  # equal, but for their layers

    def __hash__(self) -> int:
        return hash((self.copies[0], len(self.copies)))

    @property
    def body(self) -> Items:
        return self.copies[0]


@dataclass(frozen=True, slots=True)
class Call:
    """The call of a block, and the items that it stands for."""

    block: str
    values: tuple[Value, ...]
    items: Items = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Outer:
    """A name that an item in a block reads from round the call: `level` calls further out."""

    name: str
    level: int


Source: TypeAlias = "str | Outer"


@dataclass(frozen=True, slots=True)
class Named:
    """An item in a part of the graph that is no series of items: its name, and what it reads.

    Without sources it reads what stands before it.
    """

    item: Item  # not one of these
    name: str
    sources: tuple[Source, ...] = ()
    reuse: str = ""  # the name of the layer whose weights it uses
    is_result: bool = False  # whether the network gives it, or its weights are used again


Item: TypeAlias = Leaf | Residual | Branches | Gate | Repeat | Call | Named
Items: TypeAlias = tuple["Item", ...]


def bare(item: Item) -> Item:
    """The item without its name."""
    return item.item if isinstance(item, Named) else item


_SIDES = (("top", "bottom"), ("left", "right"))
_TRACE_ONLY = ("values", "bias_values")


def leaf(layer: Layer) -> Leaf:
    """The item of one layer."""
    shown = layer.operation.shown_arguments
    kept = {name: value for name, value in shown.items() if name not in _TRACE_ONLY}
    own = _without_input(layer, kept)
    pairs = [(name, _as_text(layer, name, value)) for name, value in own.items()]
    if isinstance(layer.operation, Crop) and isinstance(layer.operation.size, dict):
        pairs = [("size", _sides(layer.operation))]
    return Leaf(layer.kind, tuple(pairs), layer)


def _without_input(layer: Layer, shown: dict[str, Any]) -> dict[str, Any]:
    """The arguments with None for those that are as the input is, where that is the default."""
    own, declared = layer.inputs[0], KINDS[layer.kind].arguments
    return {
        name: None
        if declared[name].default is None
        and not declared[name].required
        and value in (own.channels, [*own.shape])
        and name in ("dimensions", "channels", "output")
        else value
        for name, value in shown.items()
    }


def _sides(crop: Crop) -> str:
    """The rows that a crop takes off, as a spec says them."""
    words = zip(_SIDES, crop.taken, strict=True)
    return "{" + ", ".join(f"{side}: {n}" for pair, taken in words
                           for side, n in zip(pair, taken, strict=True)) + "}"  # fmt: skip


def _as_text(layer: Layer, name: str, value: Any) -> Value:
    """The value of an argument: a volume as 7x7x256, other values as `_plain` has them."""
    if isinstance(KINDS[layer.kind].arguments[name].type, Shape) and value is not None:
        return "x".join(map(str, value))
    return _plain(value)


def _plain(value: Any) -> Value:
    """A value with tuples for lists; one number where all axes, and both sides, agree."""
    if not isinstance(value, list):
        return value
    if any(isinstance(part, list) and len(set(part)) > 1 for part in value):
        return tuple(map(tuple, value))  # pairs of unlike sides
    parts = tuple(map(_plain, value))
    return parts[0] if len(set(parts)) == 1 else parts


def with_arguments(item: Leaf, **changes: Value) -> Leaf:
    """The item with other values of some arguments."""
    arguments = tuple((name, changes.get(name, value)) for name, value in item.arguments)
    return Leaf(item.kind, arguments, item.layer)


def default(kind: str, name: str) -> Value:
    """The value of an argument that is not written."""
    found = KINDS[kind].arguments[name].default
    if name == "rounding":
        return "floor"
    return _plain([list(part) if isinstance(part, tuple) else part for part in found]
                  if isinstance(found, tuple) else found)  # fmt: skip


def parts_of(item: Item) -> tuple[Items, ...]:
    """The items in an item, as series."""
    if isinstance(item, Residual):
        return (item.body, item.shortcut or ())
    if isinstance(item, Branches):
        return item.parts
    if isinstance(item, Gate):
        return (item.body,)
    if isinstance(item, Repeat):
        return item.copies
    if isinstance(item, Call):
        return (item.items,)
    return ((item.item,),) if isinstance(item, Named) else ()


def layers_of(items: Items) -> Iterator[Layer]:
    """The layers in the order in which a spec of these items has them."""
    for item in items:
        if isinstance(item, Leaf):
            yield item.layer
            continue
        for part in parts_of(item):
            yield from layers_of(part)
        if isinstance(item, (Residual, Branches, Gate)) and item.layer is not None:
            yield item.layer


def lines_of(items: Items) -> int:
    """About how many lines they take in a spec."""
    return sum(_lines(item) for item in items)


def _lines(item: Item) -> int:
    if isinstance(item, (Leaf, Call)):
        return 1
    if isinstance(item, Repeat):
        return lines_of(item.body) + (1 if len(item.body) == 1 else 2)
    if isinstance(item, Residual):
        return 1 + lines_of(item.body) + (1 + lines_of(item.shortcut) if item.shortcut else 0)
    if isinstance(item, Branches):
        return 1 + sum(max(1, lines_of(part)) for part in item.parts)
    return 1 + sum(map(lines_of, parts_of(item)))
