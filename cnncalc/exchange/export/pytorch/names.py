"""What the names of a spec stand for in the code that is being written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from cnncalc.exchange.export.layout import Code
from cnncalc.exchange.export.pytorch.spots import Unknown
from cnncalc.language.composites import Layers, Reuse, all_items
from cnncalc.language.located import Value
from cnncalc.language.model import Call, Composite, Included, Item, Items, LayerOp
from cnncalc.layers.merge import Merge
from cnncalc.wording import is_fraction

Flow = Callable[[str], Code]  # from the variable that is read to the expression of the result


class Entry:
    """A volume in `forward`, and how it came about."""

    def __init__(self, writer: object, variable: str, channels: str) -> None:
        self.writer = writer  # of the class in whose forward the variable is
        self.variable = variable
        self.channels = channels  # as Python, in __init__
        self.labels: dict[str, Entry] = {}
        self.flow: Flow | None = None  # the same modules on another volume


class Names:
    """The names that a list of items sees: values by $name, earlier items by theirs."""

    def __init__(self, parent: Names | None = None) -> None:
        self.parent = parent
        self.values: dict[str, str] = {}
        self.fractions: set[str] = set()
        self.entries: dict[str, Entry] = {}
        self.arguments: dict[str, Callable[[], Entry]] = {}  # of a block, that may name items
        self.entering: str | None = None  # what $in is
        self.is_outside = False  # whether $in is what enters each item, as at the top
        self.previous: Entry | None = None
        self.input: Entry | None = None

    def chain(self) -> Iterator[Names]:
        """These names and those around them."""
        names: Names | None = self
        while names is not None:
            yield names
            names = names.parent

    def name(self, name: str) -> str:
        """The Python name or number of $name."""
        for names in self.chain():
            if name == "in" and names.entering is not None:
                return names.entering
            if name in names.values:
                return names.values[name]
        raise Unknown(name)

    def is_fraction(self, name: str) -> bool:
        """Whether $name may be a number that is not whole."""
        return any(name in names.fractions for names in self.chain())

    def size(self, name: str, measure: str) -> str:
        """The Python number of $name.channels; sizes are not known in __init__."""
        if measure != "channels":
            raise Unknown(name)
        if name == "in":
            return self.name("in")
        found = self.argument(name) or self.find(name)
        if found is None:
            raise Unknown(name)
        return found.channels

    def find(self, word: str) -> Entry | None:
        """What a word stands for, `$argument` and `call.label` too."""
        if word == "prev":
            return next((n.previous for n in self.chain() if n.previous is not None), None)
        if word == "input":
            return next((n.input for n in self.chain() if n.input is not None), None)
        if word.startswith("$"):
            return self.argument(word[1:])
        first, _, label = word.partition(".")
        for names in self.chain():
            if word in names.entries:
                return names.entries[word]
            if label and first in names.entries:
                return names.entries[first].labels.get(label)
        return None

    def argument(self, name: str) -> Entry | None:
        """The volume that an argument of the block names."""
        for names in self.chain():
            if name in names.arguments:
                return names.arguments[name]()
        return None


# Which names are referred to.


def words_of(value: Value | None) -> Iterator[str]:
    """The words in a value, and in the lists that it holds."""
    if value is None:
        return
    if value.word is not None:
        yield value.word
    for part in value.parts or ():
        yield from words_of(part)


def references(items: Iterable[Item]) -> Iterator[str]:
    """The names of items that items, and those inside them, may read: some are no such names."""
    for item in all_items(Items(items)):
        yield from words_of(item.source)
        if item.each is not None:
            for column in item.each.columns.values():
                for value in column if isinstance(column, list) else [column]:
                    yield from words_of(value)
        op = item.op
        if isinstance(op, Reuse):
            yield from words_of(op.name)
        elif isinstance(op, LayerOp):
            yield from words_of(op.sources)
            for name, value in op.arguments.items():
                if op.cls.arguments[name].type.names_item:
                    yield from words_of(value)
        elif isinstance(op, Call):
            for value in op.arguments.values():
                yield from words_of(value)


def reads_only_before(item: Item) -> bool:
    """Whether an item is a module that reads the item before it, as far as its own line says."""
    word = item.source.word if item.source is not None else "prev"
    op = item.op
    if word != "prev" or item.only is not None or isinstance(op, Reuse):
        return False
    if isinstance(op, LayerOp):
        return not issubclass(op.cls, Merge) and "like" not in op.arguments
    return not isinstance(op, Composite) or isinstance(op, (Layers, Included))


def identifier(name: str) -> str:
    """A part of a path as a name in Python."""
    name = re.sub(r"[^A-Za-z0-9_]", "_", name)
    return f"branch{name}" if name[:1].isdigit() else name


def has_fraction(value: object) -> bool:
    if isinstance(value, tuple):
        return any(map(has_fraction, value))
    return is_fraction(value)
