"""Composites: items that hold other items. One class says how each is written and built.

A composite reads itself with the help of the document's reader and builds itself with that of the
walk, so that neither of them knows the composites one by one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from cnncalc import problems as codes
from cnncalc.layers.base import KINDS
from cnncalc.layers.merge import Add, Concat, Merge, Scaling
from cnncalc.spec.expressions import Silenced
from cnncalc.spec.node import Broken, Mapping, Node, Scalar, Sequence
from cnncalc.wording import did_you_mean

if TYPE_CHECKING:
    from cnncalc.network.elaborate import Walk
    from cnncalc.network.network import Signal
    from cnncalc.network.scope import Place
    from cnncalc.spec.items import ItemReader
    from cnncalc.spec.model import Item

COMPOSITES: dict[str, type[Composite]] = {}

Beside = dict[str, Node]


class Composite:
    """An item that holds other items."""

    kind: ClassVar[str] = ""
    beside: ClassVar[tuple[str, ...]] = ()  # keys of its own that stand beside the op
    holds_items: ClassVar[bool] = True
    example: ClassVar[str] = ""

    def __init_subclass__(cls) -> None:
        COMPOSITES[cls.kind] = cls

    def __init__(self, reader: ItemReader, value: Node, beside: Beside) -> None:
        raise NotImplementedError

    def build(self, walk: Walk, place: Place, signal: Signal) -> Signal:
        """Build the parts on `signal`; returns what the composite hands on."""
        raise NotImplementedError

    def parts(self) -> list[list[Item]]:
        """The lists of items inside."""
        raise NotImplementedError


class Residual(Composite):
    """body(x) + shortcut(x).

    No shortcut or true: the identity. A list: a projection, the identity if all its items are
    skipped. A false expression: no addition (He et al. 2015; MobileNetV2).
    """

    kind = "residual"
    beside = ("shortcut",)
    example = "{residual: [conv: {filters: 4, kernel: 3, padding: 1}], shortcut: true}"

    def __init__(self, reader: ItemReader, value: Node, beside: Beside) -> None:
        self.body = reader.items(value)
        self.condition: Node | None = None
        self.projection: list[Item] | None = None
        shortcut = beside.get("shortcut")
        if isinstance(shortcut, (Sequence, Mapping)) or _is_item(reader, shortcut):
            self.projection = reader.items(shortcut)
        else:
            self.condition = shortcut

    def parts(self) -> list[list[Item]]:
        return [self.body, self.projection or []]

    def build(self, walk: Walk, place: Place, signal: Signal) -> Signal:
        group = walk.open(place, self.kind, signal)
        labels = walk.prefix(place, group, ("body", "shortcut", "add"))
        body = walk.part(place, group, labels, "body", self.body, signal)
        if not walk.condition(place, self.condition, "shortcut"):
            return group.close(body)
        shortcut = signal
        if self.projection is not None:
            shortcut = walk.part(place, group, labels, "shortcut", self.projection, signal)
        ends = (body, shortcut)
        return group.close(walk.merge(place, group, labels + "add", Add, ends, _ENDS))


# The arguments of the merge at the end.
_ENDS = {
    "crop": False,
    "composite": "residual",
    "parts": ("the body", "the shortcut"),
    "helps": (
        "flatten belongs in both or neither",
        "padding: same keeps the size in the body; a stride there belongs in the shortcut too",
        "a shortcut that gives VOLUME, such as shortcut: [conv: {filters: CHANNELS, kernel: 1}]",
    ),
}
_BRANCHES = {
    "crop": False,
    "composite": "branches",
    "helps": (
        "flatten belongs in all branches or none",
        "padding: same keeps the size in a branch, and strides must agree",
        "end all branches with as many filters",
    ),
}
_GATED = {"crop": False}


def _is_item(reader: ItemReader, node: Node | None) -> bool:
    return isinstance(node, Scalar) and reader.is_op(node.text)


class Branches(Composite):
    """Several ways for the same volume, merged at the end (Inception, Szegedy et al. 2014).

    A mapping of labels or a list; `keep: []` is the identity. `merge` is concat, add, multiply,
    average or maximum.
    """

    kind = "branches"
    beside = ("merge",)
    example = (
        "branches: {point: [conv: 8@1x1], pool: [max_pool: {kernel: 3, stride: 1, padding: 1}]}"
    )

    def __init__(self, reader: ItemReader, value: Node, beside: Beside) -> None:
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
        names = tuple(self.branches)
        if isinstance(value, Sequence):
            names = tuple(f"branch {label}" for label in names)
        self.ends = {**_BRANCHES, "parts": names}

    def parts(self) -> list[list[Item]]:
        return list(self.branches.values())

    def build(self, walk: Walk, place: Place, signal: Signal) -> Signal:
        if len(self.branches) < 2:
            raise Silenced
        group = walk.open(place, self.kind, signal)
        labels = walk.prefix(place, group, (*self.branches, self.merge.kind))
        ends = tuple(
            walk.part(place, group, labels, label, items, signal)
            for label, items in self.branches.items()
        )
        path = labels + self.merge.kind
        return group.close(walk.merge(place, group, path, self.merge, ends, self.ends))


_MERGES = ("concat", "add", "multiply", "average", "maximum")


def _read_merge(reader: ItemReader, node: Node) -> type[Merge]:
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


class Gate(Composite):
    """x · body(x), where the body gives one value a channel (squeeze-and-excitation, Hu 2017)."""

    kind = "gate"
    example = "gate: [global_avg_pool, conv: 2@1x1, relu, conv: 4@1x1, sigmoid]"

    def __init__(self, reader: ItemReader, value: Node, beside: Beside) -> None:
        self.body = reader.items(value)

    def parts(self) -> list[list[Item]]:
        return [self.body]

    def build(self, walk: Walk, place: Place, signal: Signal) -> Signal:
        group = walk.open(place, self.kind, signal)
        labels = walk.prefix(place, group, ("body", "multiply"))
        body = walk.part(place, group, labels, "body", self.body, signal)
        ends = (signal, body)
        return group.close(walk.merge(place, group, labels + "multiply", Scaling, ends, _GATED))


class Layers(Composite):
    """A plain group of items, to name or repeat."""

    kind = "layers"
    example = "{layers: [conv: {filters: 4, kernel: 3}, relu], repeat: 2}"

    def __init__(self, reader: ItemReader, value: Node, beside: Beside) -> None:
        self.items = reader.items(value)

    def parts(self) -> list[list[Item]]:
        return [self.items]

    def build(self, walk: Walk, place: Place, signal: Signal) -> Signal:
        group = walk.open(place, self.kind, signal)
        scope = place.scope.inner(group.path)
        return group.close(walk.run(self.items, scope, signal, group))


class Reuse(Composite):
    """The layers of an earlier item again, on another volume, with the same weights.

    Every weight shape must agree. Parameters count once, connections and multiply-adds for every
    use.
    """

    kind = "reuse"
    holds_items = False
    example = "reuse: tower"

    def __init__(self, reader: ItemReader, value: Node, beside: Beside) -> None:
        self.name = value if isinstance(value, Scalar) and not value.is_null else None
        if self.name is None and not isinstance(value, Broken):
            reader.refuse(
                value, codes.STRUCTURE, f"reuse takes the name of an item, not {value.what}"
            )

    def parts(self) -> list[list[Item]]:
        return []

    def build(self, walk: Walk, place: Place, signal: Signal) -> Signal:
        if self.name is None:
            raise Silenced
        return walk.reuse(place, self.name, signal)
