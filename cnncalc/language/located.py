"""Value: a value of a spec, what it comes to and where it stands.

This is how the rest of the program sees what an author wrote; YAML nodes stay in this folder.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import chain
from typing import Any

from cnncalc.language.expressions import Names, planned
from cnncalc.language.nodes import Broken, Mapping, Node, Scalar, Sequence, words
from cnncalc.language.source import Source
from cnncalc.language.values import plain
from cnncalc.problems import Key, Reject

NAMES = r"\$([A-Za-z_]\w*)"  # a name in the text of an expression
_SIZE = r"\$(?:\w+\.[A-Za-z_]|\()"  # the size of an item


class Value:
    """A value as written: expressions in it are worked out when the names are known.

    `start` and `end` are the offsets of its first character and of the one after its last; both
    are 0 for a value that was given from outside the file.
    """

    __slots__ = ("_node", "end", "file", "outside", "start")

    def __init__(self, node: Node, *, outside: bool = False, file: Source | None = None) -> None:
        self._node = node
        self.file = file  # where it stands, if that is another file than that of its spec
        self.outside = outside  # given by hand, so that no place in the file is to blame for it
        self.start = 0 if outside else node.start
        self.end = 0 if outside else node.end

    @property
    def word(self) -> str | None:
        """The text of a single word or number, quotes left out; None for everything else."""
        node = self._node
        return node.text if isinstance(node, Scalar) and not node.is_null else None

    @property
    def argument(self) -> str | None:
        """The name in a value that is nothing but `$name`, or begins so; else None."""
        node = self._node
        return node.text[1:] if isinstance(node, Scalar) and node.text[:1] == "$" else None

    @property
    def texts(self) -> Iterable[str]:
        """The text of every scalar in it."""
        node = self._node
        return (node.text,) if isinstance(node, Scalar) else words(node)

    @property
    def is_null(self) -> bool:
        """Whether nothing is written, or ~ or null."""
        return isinstance(self._node, Scalar) and self._node.is_null

    @property
    def is_broken(self) -> bool:
        """Whether it was refused when it was read, so that nothing more is said of it."""
        return isinstance(self._node, Broken)

    @property
    def parts(self) -> tuple[Value, ...] | None:
        """The values in a list; None for everything else."""
        node = self._node
        if not isinstance(node, Sequence):
            return None
        return tuple(Value(part, outside=self.outside, file=self.file) for part in node.items)

    @property
    def what(self) -> str:
        """What it is, for a message: "a list", or a word in quotes."""
        return self._node.what

    def evaluate(self, names: Names) -> Any:
        """A number, boolean, text, None, list or dict.

        Raises Reject, with the path to the part that is to blame, and Silenced for what depends on
        something that was refused already.
        """
        plan = self._node.plan or planned(self._node)
        return plan[0] if type(plan) is tuple else plan(names)

    def plain(self) -> Any:
        """What is written as plain data, without working anything out (see values.py)."""
        return plain(self._node)

    def within(self, path: tuple[object, ...]) -> Value:
        """The part at a path of indices and keys, as far as it goes."""
        node = self._node
        for step in path:
            if isinstance(node, Sequence) and isinstance(step, int) and step < len(node.items):
                node = node.items[step]
            elif isinstance(node, Mapping) and isinstance(step, Key):
                node = next((key for key, _ in node.pairs if key.text == step), node)
            elif isinstance(node, Mapping) and (inner := node.get(str(step))) is not None:
                node = inner
        if node is self._node:
            return self
        return Value(node, outside=self.outside, file=self.file)

    def stretch(self, source: Source, reject: Reject) -> tuple[int, int]:
        """The characters that a refusal of this value, its path aside, is about."""
        node = self._node
        if reject.offset is None or self.outside:
            return self.start, self.end
        start = node.start + (isinstance(node, Scalar) and node.quoted)
        if isinstance(node, Scalar) and not source.has(node.text, start):
            return node.start, node.end
        start = min(start + reject.offset, node.end)
        return start, node.end if reject.width is None else min(start + reject.width, node.end)


def names_in(values: Iterable[Value]) -> tuple[str, ...] | None:
    """The names whose values decide what some values come to; None where sizes of items do."""
    found: set[str] = set()
    for text in chain.from_iterable(value.texts for value in values):
        if "$" in text:
            if re.search(_SIZE, text):
                return None
            found.update(re.findall(NAMES, text))
    return tuple(found)


def located(node: Node | None) -> Value | None:
    """The value of a node that may be missing."""
    return None if node is None else Value(node)
