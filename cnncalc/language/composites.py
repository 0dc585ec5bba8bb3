"""Composites: items that hold other items. One class says how each is written.

How the parts are put together stands in network/composites.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Protocol

from cnncalc import problems as codes
from cnncalc.language.located import Value, located
from cnncalc.language.model import Composite, Item, Items
from cnncalc.language.nodes import Broken, Mapping, Node, Scalar, Sequence
from cnncalc.layers.base import KINDS
from cnncalc.layers.merge import Concat, Merge
from cnncalc.problems import Code
from cnncalc.wording import did_you_mean

COMPOSITES: dict[str, type[WrittenComposite]] = {}

Beside = dict[str, Node]


class ItemsReader(Protocol):
    """What a composite asks of the reader of items (items.py)."""

    def items(self, node: Node | None) -> Items: ...
    def is_op(self, word: str) -> bool: ...
    def check_name(self, node: Node, name: str, what: str) -> bool: ...
    def refuse(self, node: Node, code: Code, message: str, help: str = "") -> None: ...


class WrittenComposite(Composite):
    """A composite with the way it is written."""

    beside: ClassVar[tuple[str, ...]] = ()  # keys of its own that stand beside the op
    holds_items: ClassVar[bool] = True
    example: ClassVar[str] = ""

    def __init_subclass__(cls) -> None:
        COMPOSITES[cls.kind] = cls

    def __init__(self, reader: ItemsReader, value: Node, beside: Beside) -> None:
        raise NotImplementedError


class Residual(WrittenComposite):
    """body(x) + shortcut(x).

    No shortcut or true: the identity. A list: a projection, the identity if all its items are
    skipped. A false expression: no addition (He et al. 2015; MobileNetV2).
    """

    kind = "residual"
    beside = ("shortcut",)
    example = "{residual: [conv: {filters: 4, kernel: 3, padding: 1}], shortcut: true}"

    def __init__(self, reader: ItemsReader, value: Node, beside: Beside) -> None:
        self.body = reader.items(value)
        self.condition: Value | None = None
        self.projection: Items | None = None
        shortcut = beside.get("shortcut")
        if isinstance(shortcut, (Sequence, Mapping)) or _is_item(reader, shortcut):
            self.projection = reader.items(shortcut)
        else:
            self.condition = located(shortcut)

    def parts(self) -> list[Items]:
        return [self.body, self.projection or Items()]


def _is_item(reader: ItemsReader, node: Node | None) -> bool:
    return isinstance(node, Scalar) and reader.is_op(node.text)


class Branches(WrittenComposite):
    """Several ways for the same volume, merged at the end (Inception, Szegedy et al. 2014).

    A mapping of labels or a list; `keep: []` is the identity. `merge` is concat, add, multiply,
    average or maximum.
    """

    kind = "branches"
    beside = ("merge",)
    example = (
        "branches: {point: [conv: 8@1x1], pool: [max_pool: {kernel: 3, stride: 1, padding: 1}]}"
    )

    def __init__(self, reader: ItemsReader, value: Node, beside: Beside) -> None:
        self.merge: type[Merge] = Concat
        if "merge" in beside:
            self.merge = _read_merge(reader, beside["merge"])
        parts: list[tuple[str, Node, Node]]
        if isinstance(value, Mapping):
            parts = [(key.text, key, part) for key, part in value.pairs]
        elif isinstance(value, Sequence):
            parts = [(str(number), part, part) for number, part in enumerate(value.items, 1)]
        else:
            reader.refuse(
                value,
                codes.STRUCTURE,
                f"branches takes a mapping or a list of branches, not {value.what}",
                "branches: {left: [...], right: [...]}",
            )
            parts = []
        complete = not isinstance(value, Scalar) and not getattr(value, "incomplete", False)
        if len(parts) < 2 and complete:
            reader.refuse(value, codes.STRUCTURE, "branches needs two branches or more")
            parts = []
        for label, key, _ in parts:
            if isinstance(value, Mapping):
                reader.check_name(key, label, "branch")
        self.branches = {label: reader.items(part) for label, _, part in parts}
        # A branch that is one mapping is dropped where its `when` is false.
        self.conditional = {
            label
            for label, _, part in parts
            if isinstance(part, Mapping)
            and any(item.when is not None and item.each is None for item in self.branches[label])
        }
        numbered = isinstance(value, Sequence)
        self.labels = tuple(f"branch {label}" if numbered else label for label in self.branches)

    def parts(self) -> list[Items]:
        return list(self.branches.values())


_MERGES = ("concat", "add", "multiply", "average", "maximum")


def _read_merge(reader: ItemsReader, node: Node) -> type[Merge]:
    word = node.text if isinstance(node, Scalar) else ""
    if word not in _MERGES:
        reader.refuse(
            node,
            codes.BAD_VALUE,
            f"merge takes {', '.join(_MERGES[:-1])} or {_MERGES[-1]}, not {node.what}",
            did_you_mean(word, _MERGES),
        )
        return Concat
    found = KINDS[word]
    assert issubclass(found, Merge)
    return found


class Gate(WrittenComposite):
    """x · body(x), where the body gives one value a channel (squeeze-and-excitation, Hu 2017)."""

    kind = "gate"
    example = "gate: [global_avg_pool, conv: 2@1x1, relu, conv: 4@1x1, sigmoid]"

    def __init__(self, reader: ItemsReader, value: Node, beside: Beside) -> None:
        self.body = reader.items(value)

    def parts(self) -> list[Items]:
        return [self.body]


class Layers(WrittenComposite):
    """A plain group of items, to name or repeat."""

    kind = "layers"
    example = "{layers: [conv: {filters: 4, kernel: 3}, relu], repeat: 2}"

    def __init__(self, reader: ItemsReader, value: Node, beside: Beside) -> None:
        self.items = reader.items(value)

    def parts(self) -> list[Items]:
        return [self.items]


class Reuse(WrittenComposite):
    """The layers of an earlier item again, on another volume, with the same weights.

    Every weight shape must agree. Parameters count once, connections and multiply-adds for every
    use.
    """

    kind = "reuse"
    holds_items = False
    example = "reuse: tower"

    def __init__(self, reader: ItemsReader, value: Node, beside: Beside) -> None:
        written = Value(value)
        self.name = written if written.word is not None else None
        if self.name is None and not isinstance(value, Broken):
            reader.refuse(
                value, codes.STRUCTURE, f"reuse takes the name of an item, not {value.what}"
            )

    def parts(self) -> list[Items]:
        return []


def all_items(items: Items) -> Iterator[Item]:
    """The items and those inside their composites."""
    for item in items:
        yield item
        if isinstance(item.op, Composite):
            for part in item.op.parts():
                yield from all_items(part)
