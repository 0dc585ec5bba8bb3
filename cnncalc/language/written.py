"""Words and expectations as they are written, each with its place."""

from collections.abc import Callable
from typing import Any, NamedTuple

from cnncalc.language.located import Value
from cnncalc.language.nodes import Node
from cnncalc.language.source import Source

VALUES = "values"  # in `expect:` the numbers themselves, which `cnncalc trace` compares


class Word:
    """A word of the file and its place."""

    __slots__ = ("end", "start", "text")

    def __init__(self, text: str, start: int, end: int) -> None:
        self.text = text
        self.start = start
        self.end = end

    @classmethod
    def of(cls, node: Node, text: str = "") -> "Word":
        """The place of a node, called `text` where that is not its own."""
        return cls(text or getattr(node, "text", ""), node.start, node.end)


class Written(NamedTuple):
    """An argument as the file has it."""

    key: Node  # where its name stands, or the value where no name is written
    value: Node
    file: Source | None = None  # if that is another one than the spec's


Defaults = dict[str, dict[str, Written]]  # arguments by kind and name


class Expected(NamedTuple):
    """One `key: value` of an `expect:` block."""

    name: str  # a quantity, input, output, layers, weight_layers or values
    key: Word  # the word to blame where the layer or output that it names does not exist
    start: int  # of the value
    end: int
    texts: tuple[str, ...]  # without quotes; of a list all
    is_list: bool
    holds: Callable[[Any], bool]
    hint: Callable[[Any], str]
    layer: Word | None = None  # the path of the layer it is about, in the network's own block
    output: str = ""  # which of several outputs
    values: Value | None = None  # that a trace is to come to

    @property
    def written(self) -> str:
        """The value as one text, without quotes."""
        return "x".join(self.texts)


class Expect:
    """An `expect:` block."""

    __slots__ = ("end", "of_network", "pairs", "start")

    def __init__(self, node: Node, pairs: list[Expected], of_network: bool) -> None:
        self.of_network = of_network  # or of a variant, not of an item
        self.start = node.start
        self.end = node.end
        self.pairs = pairs
