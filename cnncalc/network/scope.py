"""Scope: what an item can refer to, values by $name and earlier items by name."""

from copy import copy
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from cnncalc import problems as codes
from cnncalc.advice import Edit
from cnncalc.language.expressions import UNKNOWN, Silenced
from cnncalc.language.model import Items
from cnncalc.network.builder import automatic_name
from cnncalc.network.model import Group, Layer, Signal
from cnncalc.problems import Reject
from cnncalc.volume import Volume
from cnncalc.wording import nearest, quote, show

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

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

NO_ITEMS = Items()
NOTHING_BOUND: "Mapping[str, Binding]" = {}


def channels(signal: Found) -> Any:
    """What `$in` is where this volume enters."""
    return signal.output.channels if signal.output else UNKNOWN


def _on(signal: Found) -> str:
    return f" on {signal.output.text()}" if signal.output else ""


def _with(bindings: "Mapping[str, Binding]") -> str:
    """` with width = 64, stride = 2`."""
    shown = [
        f"{name} = {show(binding.value)}"
        for name, binding in bindings.items()
        if binding.value is not UNKNOWN
    ]
    return f" with {', '.join(shown)}" if shown else ""


class Frame:
    """A call of a block on the way to a problem."""

    __slots__ = ("bindings", "call", "item", "signal")

    def __init__(
        self, call: "Call", item: "Item", bindings: "Mapping[str, Binding]", signal: Found
    ) -> None:
        self.call = call
        self.item = item
        self.bindings = bindings
        self.signal = signal

    def text(self) -> str:
        """`Bottleneck with width = 64, stride = 2 on 56×56×256`."""
        return f"{self.call.block.name}{_with(self.bindings)}{_on(self.signal)}"


class _Named:
    """What an item builds by a name, on the way to a problem."""

    __slots__ = ("item", "name", "signal")

    def __init__(self, name: str, item: "Item", signal: Found) -> None:
        self.name = name
        self.item = item
        self.signal = signal


class Again(_Named):
    """A reuse on the way to a problem."""

    __slots__ = ()

    def text(self) -> str:
        """`reuse of tower on 2×2×4`."""
        return f"reuse of {self.name}{_on(self.signal)}"


class Row:
    """A row of an `each:` on the way to a problem."""

    __slots__ = ("cells", "item", "number", "signal")

    def __init__(
        self, number: int, item: "Item", cells: "dict[str, Binding]", signal: Found
    ) -> None:
        self.number = number
        self.item = item
        self.cells = cells
        self.signal = signal

    def text(self) -> str:
        """`row 2 with t = 6, c = 24 on 112×112×16`."""
        return f"row {self.number}{_with(self.cells)}{_on(self.signal)}"


class Taken(_Named):
    """A network that is taken in, on the way to a problem."""

    __slots__ = ()

    def text(self) -> str:
        """`network resnet50 on 224×224×3`."""
        return f"network {quote(self.name)}{_on(self.signal)}"


class Binding:
    """An argument of a block as its caller wrote it, or a value in a row of an `each:`."""

    __slots__ = ("by_caller", "scope", "value", "written")

    def __init__(
        self, value: Any, written: "Value", scope: "Scope | None" = None, *, by_caller: bool = False
    ) -> None:
        self.value = value
        self.written = written
        self.scope = scope  # where a name in it is looked up; None for a default
        self.by_caller = by_caller  # whether that is where the caller of the block stands


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

    def at_inference(self, name: str) -> Found:
        """What it gives; raises Reject for what runs in training only."""
        if self.item is not None and self.item.only is not None:
            message = (
                f"{quote(name)} runs in training only, so only outputs: of the network can name it"
            )
            raise Reject(codes.UNKNOWN_NAME, message, help="name what stands before it")
        return self.signal


class Scope:
    """The surroundings of a list of items: values of $names, names of layers, the way here."""

    __slots__ = (
        "asked", "bindings", "caller", "counts", "depth", "entering", "entries", "frames", "input",
        "items", "labels", "outputs", "outside", "parent", "passing", "prefix", "previous",
        "values",
    )  # fmt: skip

    def __init__(
        self,
        values: dict[str, Any],
        signal: Found | None,
        prefix: str = "",
        around: "Scope | None" = None,
    ) -> None:
        self.values = values
        self.input = signal  # what `input` means here
        self.previous: Found = signal or FAILED
        self.passing: Item | None = None  # that was skipped, and handed on what `prev` is
        self.entering: Found = signal or FAILED  # whose channels are `$in`
        self.prefix = prefix  # of the paths of what stands here, with its dot
        self.parent: Scope | None = None
        self.bindings: Mapping[str, Binding] = NOTHING_BOUND
        self.caller: Scope | None = None  # of the block that it stands in
        self.frames: tuple[Frame | Again | Row | Taken, ...] = ()
        # These are the same in the whole network: what calls and networks hand on by label, and
        # items whose sizes an expression asked for, with the argument that names them, if one does.
        self.outputs: dict[Layer | Group, dict[str, Found]] = around.outputs if around else {}
        self.asked: list[tuple[Value | None, Entry]] = around.asked if around else []
        self.depth: int = around.depth + 1 if around else 0
        self.outside = False  # whether its items stand at the top of the network's `layers:`
        # What each item here gives, with its element; an Entry is made when one is asked for.
        self.entries: dict[str, tuple[Found, Item | None, Layer | Group | None]] = {}
        self.counts: dict[str, int] = {}
        self.labels: set[str] = set()  # parts of composites that stand directly in this scope
        self.items = NO_ITEMS

    def inner(self, path: str) -> "Scope":
        """A scope inside: it sees the names of this one."""
        scope = Scope(self.values, self.input, path + ".", self)
        scope.parent = self
        scope.bindings, scope.caller = self.bindings, self.caller
        scope.entering = self.entering
        scope.frames = self.frames
        return scope

    def row(self, number: int, item: "Item", cells: dict[str, Binding], signal: Found) -> "Scope":
        """This scope for one copy of an item, with the names of a row of its `each:`."""
        row = copy(self)
        row.values = {**self.values, **{name: cell.value for name, cell in cells.items()}}
        row.bindings = {**self.bindings, **cells}
        row.frames = (*self.frames, Row(number, item, cells, signal))
        row.previous = signal
        row.enter(signal)
        return row

    def enter(self, signal: Found) -> None:
        """Come to an item that reads `signal`: outside blocks, `$in` is its channels."""
        if self.outside:
            self.entering = signal
            if signal is NO_INPUT:
                self.values.pop("in", None)
            else:
                self.values["in"] = channels(signal)

    def bound(self, name: str) -> Binding | None:
        """What a name is bound to, and where.

        `$skip` handed on to another block still means what the first caller wrote.
        """
        binding = self.bindings.get(name)
        if binding is None or not binding.by_caller:
            return binding
        assert self.caller is not None
        first = self.caller.bound(binding.written.argument or "")
        return first or Binding(binding.value, binding.written, self.caller)

    def key(self, names: "Sequence[str] | None", *of: object) -> object:
        """What decides the values of expressions in which these names stand.

        None where sizes do, and lists. 1 and true are equal in Python but not as values here.
        """
        if not names:
            return of if names is not None else None
        values = tuple(map(self.values.get, names))
        key = (*of, *values, *map(type, values))
        try:
            hash(key)
        except TypeError:
            return None
        return key

    # What expressions ask for.

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def __iter__(self) -> "Iterator[str]":
        return iter(self.values)

    def volume(self, name: str) -> Volume:
        """The volume of an item, by its name or an argument that names it; raises Reject."""
        where: Scope = self
        if binding := self.bound(name):
            if binding.value is UNKNOWN:
                raise Silenced
            if not isinstance(binding.value, str):
                message = f"${name} is {show(binding.value)}, not the name of an item"
                raise Reject(codes.UNKNOWN_NAME, message)
            name, where = binding.value, binding.scope or self
        found = where.signal(name)
        if found.output is None:
            raise Silenced
        if entry := where.find(name):
            self.asked.append((binding.written if binding else None, entry))
        return found.output

    def signal(self, name: str) -> Found:
        """What a name stands for here; raises Reject."""
        own = {"prev": self.previous, "in": self.entering, "input": self.input or NO_INPUT}
        if (found := own.get(name)) is not None:
            if found is NO_INPUT:
                raise self.several_inputs()
            return found
        first, _, label = name.partition(".")
        if entry := self.find(first):
            found = entry.at_inference(name)
            if not label:
                return found
            if label in (outputs := self.outputs_of(entry)):
                return outputs[label]
        known = [*self.known(), "input", "prev", "in"]
        message = f"no earlier item here is called {quote(name)}"
        if name in self.items.names:
            message = f"{quote(name)} stands later"
        help = ""
        if meant := nearest(name, known):
            written = f"$({meant})" if "-" in meant else f"${meant}"
            help = Edit(f"did you mean {written}?", written, f"${name}", safe=False)
        raise Reject(codes.UNKNOWN_NAME, message, help=help)

    def outputs_of(self, entry: Entry) -> dict[str, Found]:
        """What a call hands on by label; that of its last copy, where there are several."""
        group = entry.element
        return self.outputs.get(group.last_copy, {}) if isinstance(group, Group) else {}

    def find(self, name: str) -> Entry | None:
        """What a name stands for, here or in a scope around this one."""
        scope: Scope | None = self
        while scope is not None:
            if found := scope.entries.get(name):
                signal, item, element = found
                return Entry(signal, item, scope, element)
            scope = scope.parent
        return None

    def known(self) -> "Iterator[str]":
        """Every name that can be referred to here."""
        yield from self.entries
        if self.parent is not None:
            yield from self.parent.known()

    def several_inputs(self) -> Reject:
        """What is wrong with `$prev.height` where nothing stands before but several inputs."""
        names = [name for name in self.known() if (e := self.find(name)) and e.item is None]
        help = f"say ${' or $'.join(names)}"
        return Reject(codes.UNKNOWN_NAME, "there are several inputs", help=help)

    def name_of(self, item: "Item") -> str:
        """The author's name, or conv3 for the third conv, named ones counted.

        Numbers that a name of the author's takes are passed over.
        """
        kind, counts = item.kind, self.counts
        while True:
            number = counts[kind] = counts.get(kind, 0) + 1
            if item.name is not None:
                return item.name.text
            if (name := automatic_name(kind, number)) not in self.items.names:
                return name

    def is_taken(self, label: str) -> bool:
        """Whether something else here is called so, or may be further down."""
        items = self.items
        if label in self.labels or label in self.entries or label in items.names:
            return True
        if not label[-1:].isdigit():
            return False
        kind = label.rstrip("0123456789")
        number = int(label[len(kind) :] or 0)
        known = [name for name in (kind, kind[:-1]) if automatic_name(name, number) == label]
        # A name that the author chose is passed over, so that numbers may go further.
        kinds = items.kinds
        return any(number <= kinds[name] + len(items.names) for name in known if kinds[name])


class Place(NamedTuple):
    """Where an item is being built."""

    item: "Item"
    scope: Scope
    path: str
    parent: Group
    named: bool  # whether the author, or a repetition, gave it a name
    frozen: bool
