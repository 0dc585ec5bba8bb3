"""What a spec says, as data: the stage between the tree of nodes and the network."""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, TypeAlias

from cnncalc.language.located import names_in
from cnncalc.language.source import Source
from cnncalc.language.written import Defaults, Expect, Word
from cnncalc.layers.maker import Maker
from cnncalc.problems import BAD_EXPECTATION, Problems

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnncalc.language.located import Value
    from cnncalc.language.nodes import Node
    from cnncalc.language.source import Span
    from cnncalc.layers.base import Operation
    from cnncalc.volume import Volume


class LayerOp:
    """An item that is one layer."""

    def __init__(
        self,
        cls: type[Operation],
        dimension: int | None,
        arguments: dict[str, Value],
        sources: Value | None,
        understood: bool = True,
        defaults: dict[str, Value] | None = None,
    ) -> None:
        self.cls = cls
        self.kind = cls.kind
        self.dimension = dimension  # what conv2d asserts
        self.arguments = arguments
        self.defaults = defaults or {}  # of `defaults:`, where an argument is none
        self.sources = sources  # what a merge merges
        self.understood = understood  # else its volume is unknown

    @cached_property
    def names(self) -> tuple[str, ...] | None:
        """The names whose values decide what its arguments are; None where more does."""
        if any(self.cls.arguments[name].type.names_item for name in self.arguments):
            return None
        return names_in([*self.arguments.values(), *self.defaults.values()])


class Call:
    """An item that calls a block."""

    def __init__(self, block: Block, arguments: dict[str, Value]) -> None:
        self.block = block
        self.arguments = arguments

    @cached_property
    def names(self) -> tuple[str, ...] | None:
        """The names around it whose values decide, with `$in`, what the block's arguments are."""
        defaults = names_in(filter(None, self.block.parameters.values()))
        written = names_in(self.arguments.values())
        if defaults is None or written is None:
            return None
        return (*written, *{*defaults} - {*self.block.parameters, "in", *written})


class Composite:
    """An item that holds other items; the kinds of them stand in composites.py."""

    kind: ClassVar[str] = ""

    def parts(self) -> list[Items]:
        """The lists of items inside."""
        raise NotImplementedError


class Included(Composite):
    """An item that stands for the layers of another spec; `spec` is None until that is read."""

    name: Word | None = None  # of a bundled network, or a path
    to: Value | None = None  # the last item that is taken in
    vars: dict[str, Value]
    var_keys: dict[str, Word]
    variant: Word | None = None
    rounding: str | None = None
    defaults: Defaults
    spec: Spec | None = None

    def parts(self) -> list[Items]:
        return []  # those of the other spec are not read here


Op: TypeAlias = LayerOp | Call | Composite


class Items(tuple["Item", ...]):
    """The items of one list, as `layers:` and the parts of composites hold them."""

    @cached_property
    def names(self) -> frozenset[str]:
        """The names that the author gave to some of them."""
        return frozenset([item.name.text for item in self if item.name is not None])

    @cached_property
    def kinds(self) -> Counter[str]:
        """How many there are of each kind."""
        return Counter([item.kind for item in self])


class Item:
    """One line under `layers:`; `op` is None where it could not be read."""

    __slots__ = (
        "each", "end", "expect", "file", "is_plain", "kind", "line", "merges", "name", "only",
        "op", "repeat", "source", "start", "trainable", "when",
    )  # fmt: skip

    def __init__(
        self, key: Node | Word, line: int, kind: str, op: Op | None, file: Source | None = None
    ) -> None:
        self.file = file  # where it stands; None where there is no text
        self.start = key.start  # where the op stands
        self.end = key.end
        self.line = line
        self.kind = kind
        self.op = op
        # Whether it says itself which volumes it reads.
        self.merges = isinstance(op, LayerOp) and op.sources is not None
        self.name: Word | None = None
        self.source: Value | None = None  # `from:`
        self.is_plain = True  # none of the four below is written
        self.each: Table | None = None
        self.repeat: Value | None = None
        self.when: Value | None = None
        self.trainable: Value | None = None
        self.only: Word | None = None  # "training"
        self.expect: Expect | None = None

    def written(self, argument: str) -> Value | None:
        """An argument of a layer as it is written; None where it is not."""
        return self.op.arguments.get(argument) if isinstance(self.op, LayerOp) else None

    def place(self, argument: str | None) -> Value | Item:
        """Where an argument is written; the item itself where it is not."""
        return self.written(argument or "") or self

    def span(self, argument: str | None = None) -> Span:
        """The stretch of its file where it, or one of its arguments, is written."""
        place = self.place(argument)
        file = (place.file if place is not self else None) or self.file or NO_TEXT
        return file.span(place.start, place.end)


NO_TEXT = Source("", "")


class Table:
    """The rows of an `each:`: for every name a list of values, or a value that comes to one."""

    __slots__ = ("columns", "keys", "place")

    def __init__(
        self, place: Value, columns: dict[str, Value | list[Value]], keys: dict[str, Word]
    ) -> None:
        self.place = place
        self.columns = columns
        self.keys = keys


class Block:
    """A definition under `blocks:`."""

    def __init__(self, key: Word) -> None:
        self.name = key.text
        self.key = key
        self.parameters: dict[str, Value | None] = {}  # with their defaults
        self.parameter_keys: dict[str, Word] = {}
        self.items = Items()
        self.outputs: dict[str, Value] = {}  # by label; the first is what a call hands on


class InputVolume:
    """A volume that goes into the network, and where it is written."""

    __slots__ = ("end", "start", "values", "volume")

    def __init__(self, volume: Volume | None, node: Node, values: Value | None = None) -> None:
        self.volume = volume  # None where it could not be read
        self.start = node.start
        self.end = node.end
        self.values = values  # numbers, or the name of a file; only `cnncalc trace` reads them


class Variant:
    """A member of a family."""

    __slots__ = ("expect", "inputs", "key", "note", "vars")

    def __init__(
        self,
        vars: dict[str, Value],
        inputs: dict[str, InputVolume],
        expect: Expect | None,
        note: str,
        key: Word,
    ) -> None:
        self.vars = vars
        self.inputs = inputs
        self.expect = expect
        self.note = note
        self.key = key


class Spec:
    """What one file says. `cnncalc.build` turns it into a Network, any number of times."""

    remarks: Sequence[str] = ()  # what is to be known of a file that is no spec

    def __init__(self, source: Source) -> None:
        self.text = source
        self.root: Node | None = None  # the tree it was read from, for questions about its words
        self.problems = Problems()
        self.name = ""
        self.source = ""
        self.note = ""
        self.against: Word | None = None  # the file of a model that must have the same layers
        self.rounding = "floor"
        self.inputs: dict[str, InputVolume] = {}
        self.vars: dict[str, Value] = {}
        self.var_keys: dict[str, Word] = {}
        self.blocks: dict[str, Block] = {}
        self.refused_blocks: set[str] = set()  # their names, so that calls of them are not refused
        self.items = Items()
        self.outputs: list[tuple[str, Word]] = []  # label and path
        self.expect: Expect | None = None
        self.expects: list[Expect] = []  # every `expect:` of the file
        self.variants: dict[str, Variant] = {}
        self.networks: list[Included] = []  # all items that take in another spec
        self.makers = defaultdict[str, Maker](Maker)  # of all networks of it, by their rounding

    @property
    def misread(self) -> bool:
        """Whether the text has errors that may have changed what is built."""
        return any(found.code is not BAD_EXPECTATION for found in self.problems.errors)

    def span(self, place: Value | Word | Item | InputVolume | Expect) -> Span:
        """The stretch of the text where something is written."""
        return (getattr(place, "file", None) or self.text).span(place.start, place.end)
