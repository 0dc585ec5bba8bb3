"""Scope: what an item can refer to, values by $name and earlier items by name."""

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from cnncalc.language.expressions import UNKNOWN
from cnncalc.network.builder import automatic_name
from cnncalc.network.model import Group, Layer, Signal
from cnncalc.wording import show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnncalc.language.located import Value
    from cnncalc.language.model import Call, Item


class Failed:
    """Stands for what could not be worked out; items that read it are not reported again."""

    __slots__ = ()

    path = ""
    output = None


FAILED = Failed()
NO_INPUT = Failed()  # what the first item reads where there are several inputs

Found: TypeAlias = Signal | Failed


def channels(signal: Found) -> Any:
    """What `$in` is where this volume enters."""
    return signal.output.channels if signal.output else UNKNOWN


def _on(signal: Found) -> str:
    return f" on {signal.output.text()}" if signal.output else ""


class Frame:
    """A call of a block on the way to a problem."""

    __slots__ = ("bindings", "call", "item", "signal")

    def __init__(
        self, call: "Call", item: "Item", bindings: "dict[str, Binding]", signal: Found
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
        given = f" with {arguments}" if arguments else ""
        return f"{self.call.block.name}{given}{_on(self.signal)}"


class Again:
    """A reuse on the way to a problem."""

    __slots__ = ("item", "name", "signal")

    def __init__(self, name: str, item: "Item", signal: Found) -> None:
        self.name = name
        self.item = item
        self.signal = signal

    def text(self) -> str:
        """`reuse of tower on 2×2×4`."""
        return f"reuse of {self.name}{_on(self.signal)}"


class Binding:
    """An argument of a block as its caller wrote it."""

    __slots__ = ("scope", "value", "written")

    def __init__(self, value: Any, written: "Value", scope: "Scope | None") -> None:
        self.value = value
        self.written = written
        self.scope = scope  # where a name in it is looked up; None for a default


class Entry:
    """What a name stands for."""

    __slots__ = ("element", "item", "scope", "signal")

    def __init__(
        self, signal: Found, item: "Item | None", scope: "Scope", element: Layer | Group | None
    ) -> None:
        self.signal = signal
        self.item = item  # None for an input
        self.scope = scope
        self.element = element  # None for a skipped item and an input


class Scope:
    """The surroundings of a list of items: values of $names, names of layers, the way here."""

    __slots__ = (
        "bindings", "counts", "depth", "entries", "frames", "input", "items", "kinds", "labels",
        "outside", "parent", "prefix", "previous", "taken", "values",
    )  # fmt: skip

    def __init__(self, values: dict[str, Any], signal: Found | None, prefix: str = "") -> None:
        self.values = values
        self.input = signal  # what `input` means here
        self.previous: Found = signal or FAILED
        self.prefix = prefix  # of the paths of what stands here, with its dot
        self.parent: Scope | None = None
        self.bindings: dict[str, Binding] = {}
        self.frames: tuple[Frame | Again, ...] = ()
        self.depth = 0
        self.outside = False  # whether its items stand at the top of the network's `layers:`
        self.entries: dict[str, Entry] = {}
        self.counts: dict[str, int] = {}
        self.labels: set[str] = set()  # parts of composites that stand directly in this scope
        self.items: list[Item] = []
        self.kinds: Counter[str] = Counter()  # of the items, once it is asked for
        self.taken: set[str] = set()  # the names that the author gave to items here

    def inner(self, path: str) -> "Scope":
        """A scope inside: it sees the names of this one."""
        scope = Scope(self.values, self.input, path + ".")
        scope.parent = self
        scope.bindings = self.bindings
        scope.frames = self.frames
        scope.depth = self.depth + 1
        return scope

    def enter(self, signal: Found) -> None:
        """Come to an item that reads `signal`: outside blocks, `$in` is its channels."""
        if self.outside:
            self.values["in"] = channels(signal)

    def find(self, name: str) -> Entry | None:
        """What a name stands for, here or in a scope around this one."""
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

        Numbers that a name of the author's takes are passed over.
        """
        while True:
            number = self.counts[item.kind] = self.counts.get(item.kind, 0) + 1
            if item.name is not None:
                return item.name.text
            if (name := automatic_name(item.kind, number)) not in self.taken:
                return name

    def is_taken(self, label: str) -> bool:
        """Whether something else here is called so, or may be further down."""
        if label in self.labels or label in self.entries or label in self.taken:
            return True
        if not label[-1:].isdigit():
            return False
        if not self.kinds:
            self.kinds.update(item.kind for item in self.items)
        kind = label.rstrip("0123456789")
        number = int(label[len(kind) :] or 0)
        known = [name for name in (kind, kind[:-1]) if automatic_name(name, number) == label]
        # A name that the author chose is passed over, so that numbers may go further.
        return any(
            number <= self.kinds[name] + len(self.taken) for name in known if self.kinds[name]
        )


class Place(NamedTuple):
    """Where an item is being built."""

    item: "Item"
    scope: Scope
    path: str
    parent: Group
    named: bool  # whether the author, or a repetition, gave it a name
    frozen: bool
