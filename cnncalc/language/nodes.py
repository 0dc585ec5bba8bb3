"""Node: a YAML value that knows its place in the text. A scalar stays text until it is read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cnncalc.wording import quote

MAX_NESTING = 60  # lists and mappings in one another, as much as code that recurses can bear


class Node:
    """A value and the offsets of its first character and of the one after its last."""

    __slots__ = ("end", "plan", "start")

    what = "nothing"

    def __init__(self, start: int, end: int) -> None:
        self.start = start
        self.end = end
        self.plan: Any = None  # how expressions.evaluate reads this node, worked out once


class Scalar(Node):
    """A word, a number or a text."""

    __slots__ = ("quoted", "text")

    def __init__(self, start: int, end: int, text: str, quoted: bool) -> None:
        self.start = start
        self.end = end
        self.plan = None
        self.text = text
        self.quoted = quoted

    @property
    def is_null(self) -> bool:
        return not self.quoted and self.text in ("", "~", "null")

    @property
    def what(self) -> str:  # type: ignore[override]  # a class constant elsewhere
        return "nothing" if self.is_null else f'"{quote(self.text)}"'


class Sequence(Node):
    """A list."""

    __slots__ = ("items",)

    what = "a list"

    def __init__(self, start: int, end: int) -> None:
        super().__init__(start, end)
        self.items: list[Node] = []


class Mapping(Node):
    """Keys and values, in the order of the text; no key stands twice."""

    __slots__ = ("incomplete", "pairs")

    what = "a mapping"

    def __init__(self, start: int, end: int) -> None:
        super().__init__(start, end)
        self.pairs: list[tuple[Scalar, Node]] = []
        self.incomplete = False  # a key that stands twice was left out

    def get(self, key: str) -> Node | None:
        return next((value for name, value in self.pairs if name.text == key), None)


class Broken(Node):
    """Stands where something was refused; whoever reads it keeps silent, as it is reported."""

    __slots__ = ()

    what = "something that cannot be read"


def words(node: Node) -> Iterator[str]:
    """The text of every scalar in a node, keys too."""
    return (part.text for part in everything(node) if isinstance(part, Scalar))


def everything(node: Node) -> Iterator[Node]:
    """A node and all nodes in it, keys too, in no order."""
    waiting = [node]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, Sequence):
            waiting += node.items
        elif isinstance(node, Mapping):
            waiting += [part for pair in node.pairs for part in pair]
