"""Scope: what an item can refer to, values by $name and earlier items by name."""

from typing import TYPE_CHECKING, Any, NamedTuple

from cnncalc.spec.expressions import UNKNOWN
from cnncalc.wording import show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnncalc.network.network import Group, Leaf, Signal
    from cnncalc.spec.model import Call, Item
    from cnncalc.spec.node import Node


class Frame:
    """A call of a block on the way to a problem."""

    __slots__ = ("bindings", "call", "item", "signal")

    def __init__(
        self, call: "Call", item: "Item", bindings: "dict[str, Binding]", signal: "Signal"
    ) -> None:
        self.call = call
        self.item = item
        self.bindings = bindings
        self.signal = signal

    def text(self) -> str:
        """`Bottleneck with width = 64, stride = 2 on 56×56×256`."""
        arguments = ", ".join(
            f"{name} = {show(binding.value)}"
            for name, binding in self.bindings.items()
            if binding.value is not UNKNOWN
        )
        on = f" on {self.signal.output.text()}" if self.signal.output else ""
        return f"{self.call.block.name}{f' with {arguments}' if arguments else ''}{on}"


class Again:
    """A reuse on the way to a problem."""

    __slots__ = ("item", "name", "signal")

    def __init__(self, name: str, item: "Item", signal: "Signal") -> None:
        self.name = name
        self.item = item
        self.signal = signal

    def text(self) -> str:
        """`reuse of tower on 2×2×4`."""
        on = f" on {self.signal.output.text()}" if self.signal.output else ""
        return f"reuse of {self.name}{on}"


class Binding:
    """An argument of a block as its caller wrote it."""

    __slots__ = ("node", "scope", "value")

    def __init__(self, value: Any, node: "Node", scope: "Scope | None") -> None:
        self.value = value
        self.node = node
        self.scope = scope  # where a name in it is looked up; None for a default


class Entry:
    """What a name stands for."""

    __slots__ = ("element", "item", "scope", "signal")

    def __init__(
        self, signal: "Signal", item: "Item", scope: "Scope", element: "Leaf | Group | None"
    ) -> None:
        self.signal = signal
        self.item = item
        self.scope = scope
        self.element = element  # None for a skipped item


class Scope:
    """The surroundings of a list of items: values of $names, names of layers, the way here."""

    __slots__ = (
        "bindings", "counts", "depth", "entries", "frames", "input", "items", "labels", "parent",
        "prefix", "previous", "taken", "values",
    )  # fmt: skip

    def __init__(self, values: dict[str, Any], signal: "Signal | None", prefix: str = "") -> None:
        self.values = values
        self.input = signal  # what `input` means here
        self.previous: Signal | None = signal
        self.prefix = prefix  # of the paths of what stands here, with its dot
        self.parent: Scope | None = None
        self.bindings: dict[str, Binding] = {}
        self.frames: tuple[Frame | Again, ...] = ()
        self.depth = 0
        self.entries: dict[str, Entry] = {}
        self.counts: dict[str, int] = {}
        self.labels: set[str] = set()  # parts of composites that stand directly in this scope
        self.items: list[Item] = []
        self.taken: set[str] = set()  # the names that the author gave to items here

    def inner(self, path: str) -> "Scope":
        """A scope inside: it sees the names of this one."""
        scope = Scope(self.values, self.input, path + ".")
        scope.parent = self
        scope.bindings = self.bindings
        scope.frames = self.frames
        scope.depth = self.depth + 1
        return scope

    def find(self, name: str) -> Entry | None:
        scope: Scope | None = self
        while scope is not None:
            if name in scope.entries:
                return scope.entries[name]
            scope = scope.parent
        return None

    def known(self) -> "Iterator[str]":
        """Every name that can be referred to here."""
        yield from self.entries
        if self.parent is not None:
            yield from self.parent.known()

    def name_of(self, item: "Item") -> str:
        """The author's name, or conv3 for the third conv, named ones counted.

        Numbers that a name of the author's takes are passed over. After a kind or block that ends
        in a digit stands a _, since relu61 would be the 61st relu.
        """
        part = "_" if item.kind[-1:].isdigit() else ""
        while True:
            number = self.counts[item.kind] = self.counts.get(item.kind, 0) + 1
            if item.name is not None:
                return item.name.text
            if (name := f"{item.kind}{part}{number}") not in self.taken:
                return name


class Place(NamedTuple):
    """Where an item is being built."""

    item: "Item"
    scope: Scope
    path: str
    parent: "Group"
    named: bool  # whether the author, or a repetition, gave it a name
    frozen: bool
