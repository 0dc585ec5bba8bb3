"""Reading: what the names, expressions and values of a spec are in a function."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.exchange.export.keras.file import is_fraction
from cnncalc.exchange.export.keras.function import Fact, Function, lower
from cnncalc.exchange.export.keras.values import Ref
from cnncalc.exchange.export.layout import Code, Statement, listing, literal, row
from cnncalc.exchange.export.targets import NotExported
from cnncalc.language.expressions import NONE
from cnncalc.language.located import Value
from cnncalc.language.model import Call, Item
from cnncalc.language.networks import NetworkItem
from cnncalc.network.scope import Entry, Scope
from cnncalc.volume import AXIS_NAMES, read_factors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnncalc.exchange.export.record import Run


class Reading:
    """A place among the statements of a function. It is the Names of the expressions there."""

    def __init__(
        self,
        function: Function,
        runs: list[Run],
        current: Ref,
        target: str,
        scope: Scope,
        body: list[Statement],
    ) -> None:
        self.function = function
        self.file = function.file
        self.runs = runs
        self.current = current
        self.target = target
        self.scope = scope  # names of layers are made in it, as in a network
        self.body = body
        self.entering = current  # whose channels are `$in`
        self.entering_fact: Fact = ("input", *function.key)
        self.previous = current  # what `prev` is
        self.owner: Item | None = None  # the item that is being written
        self.trainable = ""
        self.at_top = False
        self.env = function.env
        self.heads: dict[str, Item] = {}  # those for training only
        self.is_shared = False  # whether it is written into a model that is used again
        self.called: dict[int, str] = {}  # the names of items
        self.flat: set[int] = set()  # items that read and give vectors, not maps of size 1

    def text(self, ref: Ref) -> str:
        return self.function.use(ref, "hold", id(self.owner))

    # What names stand for.

    def name(self, name: str) -> str:
        if name == "in":
            return f"{self.entered()}.shape[-1]"
        text, owner = self.lookup(name)
        self.file.learn("exact", *owner)
        return text

    def entered(self) -> str:
        return self.function.use(self.entering, *self.entering_fact)

    def lookup(self, name: str) -> tuple[str, Fact]:
        """The Python name of an argument, a column or a var, and whose it is."""
        if name in self.env:
            self.function.read.add(name)
            return self.env[name]
        domain, function = self.function.domain, self.function
        owner = ("var", id(domain.taken_in), name)
        if function.vars is not None and not self.file.knows("global", name):
            if name not in function.vars:
                function.vars[name] = function.identifiers.new(lower(name), "value")
            return function.vars[name], owner
        if domain.taken_in is None:
            self.file.learn("global", name)
        return self.file.constant(domain, name), owner

    def size(self, name: str, measure: str) -> str:
        text = self.entered() if name == "in" else self.word(f"${name}", name)
        return f"{text}.shape[{self.axis(measure)}]"

    def word(self, argument: str, name: str) -> str:
        """The volume that the name in $name.height means: an argument's, or an item's."""
        return self.named(argument if argument[1:] in self.env else name)

    def axis(self, measure: str) -> int:
        if measure == "channels":
            return -1
        if measure in ("length", "depth"):
            return 1
        names = AXIS_NAMES[2]
        return names.index(measure) - 3 if self.file.has_3d else names.index(measure) + 1

    def is_fraction(self, name: str) -> bool:
        return is_fraction(self.runs, name)

    # References to volumes.

    def reference(self, value: Value) -> str:
        """The variable of the item that a value names; of a list the variables of all."""
        if value.parts is not None:
            return str(listing([self.reference(part) for part in value.parts]))
        return self.named(value.word or NONE)

    def references(self, value: Value) -> list[str] | str:
        """Those of a merge: a list of variables, or the variable of a list."""
        if value.parts is not None:
            return [self.reference(part) for part in value.parts]
        return self.named(value.word or NONE)

    def named(self, word: str) -> str:
        if word == NONE:
            return "None"
        if word.startswith("$"):
            return self.argument_named(word[1:])
        if word in ("prev", "in"):
            return self.text(self.previous) if word == "prev" else self.entered()
        if word == "input" and "input" in self.function.inputs:
            return self.function.use(self.function.inputs["input"], "input", *self.function.key)
        first, _, label = word.partition(".")
        item = self.item_named(first)
        if item is None:
            ref = self.function.inputs[first]
            return self.function.use(ref, "input", *self.function.key, first)
        return self.labelled(item, label) if label else self.result_of(item)

    def argument_named(self, name: str) -> str:
        """The volume that an argument or a column stands for; a var holds the name of an item."""
        if name not in self.env:
            return self.named(self.function.domain.values[name])
        self.function.read.add(name)
        text, owner = self.env[name]
        self.file.learn("ref", *owner)
        return text

    def item_named(self, name: str) -> Item | None:
        """The item that a name means here; None for an input."""
        found = {id(entry.item): entry.item for entry in self.entries(name)}
        if len(found) != 1:
            assert self.owner is not None
            message = f"the name {name} means several items, one at a time"
            raise NotExported(
                message, self.owner, "give the items that it means names of their own"
            )
        return next(iter(found.values()))

    def entries(self, name: str) -> Iterator[Entry]:
        for run in self.runs:
            entry = run.scope.find(name)
            if entry is not None:
                yield entry

    def result_of(self, item: Item) -> str:
        result = self.function.results.get(id(item))
        if result is None:
            assert self.owner is not None
            message = "an item that stands in a loop is read outside of it"
            raise NotExported(message, self.owner)
        return self.function.use(result.ref, "kept", id(item))

    def labelled(self, item: Item, label: str) -> str:
        """What a call gives by a label, or by a path inside it."""
        result = self.function.results[id(item)]
        op = item.op
        in_loop = item.repeat is not None or item.each is not None
        if in_loop and label.isdecimal():
            self.file.learn("listed", id(item))
            return f"{self.function.lists.get(id(item), 'x')}[{int(label) - 1}]"
        if not isinstance(op, (Call, NetworkItem)):
            assert self.owner is not None
            raise NotExported(f"{label} stands in a loop, and is read outside of it", self.owner)
        self.file.learn("gives", result.called, label)
        if not result.gives:  # it gives one volume, or does not know yet that more is wanted
            is_end = isinstance(op, Call) and label == next(iter(op.block.outputs), None)
            return self.result_of(item) if is_end else result.ref.variable
        return f"{result.gives}[{literal(label)}]"

    def at_path(self, path: str) -> str | None:
        """The volume at a path inside this function, where it can be told."""
        for place, item in sorted(self.function.paths.items(), key=lambda pair: -len(pair[0])):
            if path == place:
                return self.result_of(item)
            if path.startswith(place + "."):
                return self.labelled(item, path.removeprefix(place + "."))
        return None

    # Values.

    def value(self, value: Value, *, whole: bool = True) -> Code:
        """An argument as it is written: a number, a word, an expression, or a list of them."""
        if value.parts is not None:
            return row([self.value(part, whole=whole) for part in value.parts])
        word = value.word
        if word is None:
            return "None"
        if (sizes := _sizes(word)) is not None:
            return row(map(str, sizes))
        return self.file.expressions.text(word, self, whole=whole)

    def rate(self, value: Value) -> str:
        """A rate, which is a float."""
        word = value.word or ""
        if word.startswith("$") and word[1:].isidentifier() and word != "$in":
            text, owner = self.lookup(word[1:])
            self.file.learn("rate", *owner)
            if not self.file.knows("exact", *owner):
                return text
        text = self.file.expressions.text(word, self)
        return f"float({text})"

    def condition(self, value: Value) -> str:
        return self.file.expressions.text(value.word or "", self)

    def argument(self, value: Value, owner: Fact, *, whole: bool = False) -> Code:
        """What a call hands to an argument, or a row to a column, that is used as `owner` is."""
        word = value.word
        if self.file.knows("ref", *owner):
            return self.reference(value)
        if value.parts is not None:
            return row([self.argument(part, owner, whole=whole) for part in value.parts])
        if word is None:
            return "None"
        if word.startswith("$") and word[1:].isidentifier() and word != "$in":
            text, mine = self.lookup(word[1:])
            for use in ("rate", "exact"):
                if self.file.knows(use, *owner):
                    self.file.learn(use, *mine)
            return text
        plain = value.evaluate({}) if "$" not in word and not word.isidentifier() else None
        if isinstance(plain, (bool, str)) or plain is None:
            return self.value(value, whole=whole)
        return self.file.number(plain, owner)


def _sizes(word: str) -> tuple[int, ...] | None:
    """The numbers in 1x7."""
    if "x" not in word.lower() or not word[:1].isdigit():
        return None
    try:
        return read_factors(word)
    except ValueError:
        return None
