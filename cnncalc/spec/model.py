"""What a spec says, as data: the stage between the tree of nodes and the network."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cnncalc.layers.composite import Composite
from cnncalc.problems import Problems

if TYPE_CHECKING:
    from cnncalc.layers.base import Layer
    from cnncalc.spec.node import Node, Scalar
    from cnncalc.spec.source import Source
    from cnncalc.volume import Volume


class Written:
    """An argument as the file has it."""

    __slots__ = ("key", "value")

    def __init__(self, key: Node, value: Node) -> None:
        self.key = key  # where its name stands, or the value where no name is written
        self.value = value


class LayerOp:
    """An item that is one layer."""

    def __init__(
        self,
        cls: type[Layer],
        dimension: int | None,
        arguments: dict[str, Written],
        sources: Node | None,
        understood: bool = True,
    ) -> None:
        self.cls = cls
        self.kind = cls.kind
        self.dimension = dimension  # what conv2d asserts
        self.arguments = arguments
        self.sources = sources  # a merge's `from`
        self.understood = understood  # else its volume is unknown


class Call:
    """An item that calls a block."""

    def __init__(self, block: Block, arguments: dict[str, Node]) -> None:
        self.kind = block.name
        self.block = block
        self.arguments = arguments


class Item:
    """One line under `layers:`; `op` is None where it could not be read."""

    __slots__ = ("expect", "key", "kind", "name", "op", "repeat", "source", "trainable", "when")

    def __init__(self, key: Node, kind: str, op: LayerOp | Call | Composite | None) -> None:
        self.key = key  # where the op stands
        self.kind = kind
        self.op = op
        self.name: Scalar | None = None
        self.source: Node | None = None  # `from:`
        self.repeat: Node | None = None
        self.when: Node | None = None
        self.trainable: Node | None = None
        self.expect: Node | None = None


class Block:
    """A definition under `blocks:`."""

    def __init__(self, name: str, key: Node) -> None:
        self.name = name
        self.key = key
        self.parameters: dict[str, Node | None] = {}  # with their defaults
        self.parameter_keys: dict[str, Node] = {}
        self.items: list[Item] = []
        self.recursive = False


class InputVolume:
    """A volume that goes into the network, and where it is written."""

    __slots__ = ("node", "values", "volume")

    def __init__(self, volume: Volume | None, node: Node, values: Node | None = None) -> None:
        self.volume = volume  # None where it could not be read
        self.node = node
        self.values = values  # numbers, or the name of a file; only `cnncalc trace` reads them


class Variant:
    """A member of a family."""

    __slots__ = ("expect", "inputs", "key", "note", "vars")

    def __init__(
        self,
        vars: dict[str, Node],
        inputs: dict[str, InputVolume],
        expect: Node | None,
        note: str,
        key: Node,
    ) -> None:
        self.vars = vars
        self.inputs = inputs
        self.expect = expect
        self.note = note
        self.key = key


class Spec:
    """What one file says. `cnncalc.build` turns it into a Network, any number of times."""

    def __init__(self, source: Source) -> None:
        self.text = source
        self.root: Node | None = None  # the tree it was read from
        self.problems = Problems()
        self.name = ""
        self.source = ""
        self.note = ""
        self.rounding = "floor"
        self.inputs: dict[str, InputVolume] = {}
        self.vars: dict[str, Node] = {}
        self.var_keys: dict[str, Node] = {}
        self.blocks: dict[str, Block] = {}
        self.refused_blocks: set[str] = set()  # by their names; calls of them are no news
        self.items: list[Item] = []
        self.outputs: list[tuple[str, Scalar]] = []  # label and path
        self.expect: Node | None = None
        self.variants: dict[str, Variant] = {}
        # Equal arguments are read once and equal layers made once, over all networks built of it.
        self.arguments_read: dict[object, dict[str, object]] = {}
        self.layers_made: dict[object, Layer] = {}


def all_items(items: list[Item]) -> Iterator[Item]:
    """The items and those inside their composites."""
    for item in items:
        yield item
        if isinstance(item.op, Composite):
            for part in item.op.parts():
                yield from all_items(part)
