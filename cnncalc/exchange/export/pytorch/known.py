"""Known: what is known of one Python file: its names, its classes, and where each layer is."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from cnncalc.exchange.export.expressions import HELPERS, Expressions
from cnncalc.exchange.export.identifiers import Identifiers
from cnncalc.exchange.export.layout import Code, Line, Statement, Suite, call, source
from cnncalc.exchange.export.local import definitions
from cnncalc.exchange.export.pytorch.classes import folded, is_return, joined, renamed, used
from cnncalc.exchange.export.pytorch.core import channels_of
from cnncalc.exchange.export.pytorch.hidden import is_simple_number, with_names
from cnncalc.exchange.export.pytorch.names import (
    Names,
    has_fraction,
    identifier,
    references,
    words_of,
)
from cnncalc.exchange.export.pytorch.signatures import Class
from cnncalc.exchange.export.pytorch.spots import Instance, Texts, values_of
from cnncalc.exchange.export.pytorch.steps import Put, flat, statements_of, together
from cnncalc.exchange.export.pytorch.writer import Writer
from cnncalc.exchange.export.record import Copy, Run
from cnncalc.language.composites import all_items
from cnncalc.language.model import Call, Spec

LOCAL = definitions(Path(__file__).with_name("local.txt"))
_GLOBALS = (
    "self", "x", "nn", "torch", "F", "math", "functools", "Fraction", "OrderedDict",
    "in_channels", *LOCAL, *HELPERS,
)  # fmt: skip


class Known:
    """What is known of a file while it is written."""

    def __init__(self, spec: Spec, run: Run) -> None:
        self.spec = spec
        self.expressions = Expressions()
        self.texts = Texts(self.expressions)
        self.decimals = {
            name
            for vars in (spec.vars, *(variant.vars for variant in spec.variants.values()))
            for name, value in vars.items()
            if any("." in word for word in words_of(value))
        }  # vars that may be no whole numbers
        self.pythons: dict[str, str] = {}
        self.names = Identifiers(_GLOBALS)
        self.globals = _GLOBALS
        self.variables: set[str] = {"in_channels"}
        self.definitions: dict[str, Suite] = {}
        self.known: dict[str, str] = {}  # the names of classes by their text
        self.blocks: dict[int, dict[int, Class]] = {}
        self.calls: dict[int, list[Copy]] = {}
        self.labels: set[str] = set()
        # The names before a full stop: expressions may ask for the channels of such items.
        self.mentioned = {*re.findall(r"([\w-]+)\)?\.", spec.text.text)}
        self.paths: dict[str, tuple[str, str]] = {}  # of each element: its owner's, and the rest
        self.instances: dict[int, Instance] = {}  # of networks, by the id of the copy
        self.gather(run)
        for _, word in spec.outputs:
            parts = word.text.split(".")
            self.labels |= {".".join(parts[start:]) for start in range(len(parts) - 1)}
        for name in self.spec_names(run):
            self.python(name)

    def gather(self, run: Run) -> None:
        """Note the calls of each block, and the labels that are read."""
        todo, seen = [run], set()
        while todo:
            run = todo.pop()
            if id(run.items) not in seen:
                seen.add(id(run.items))
                self.labels |= {word for word in references(run.items) if "." in word}
            for visit in run.visits:
                copies = [*visit.copies]
                while copies:
                    copy = copies.pop()
                    copies += copy.again
                    todo += copy.runs
                    if isinstance(copy.item.op, Call):
                        self.calls.setdefault(id(copy.item.op.block), []).append(copy)

    def spec_names(self, run: Run) -> Iterable[str]:
        """Every name of a value, in the order of the file."""
        yield from run.scope.values
        for block in self.spec.blocks.values():
            yield from block.parameters
        lists = [self.spec.items, *(block.items for block in self.spec.blocks.values())]
        for item in (item for items in lists for item in all_items(items)):
            yield from item.each.columns if item.each is not None else ()

    def python(self, name: str) -> str:
        """The Python name of a value of the spec; everywhere the same."""
        if name == "in":
            return "in_channels"
        if name not in self.pythons:
            self.pythons[name] = self.names.new(identifier(name))
            self.variables.add(self.pythons[name])
        return self.pythons[name]

    def labels_of(self, called: str) -> list[str]:
        """What is read of an item by `item.label`."""
        before = f"{called}."
        return sorted(
            label.removeprefix(before) for label in self.labels if label.startswith(before)
        )

    def instance(self, copy: Copy) -> Instance:
        """The values of the names in a block or network that is called."""
        values = {
            self.python(name): values_of(value)
            for name, value in copy.runs[0].scope.values.items()
            if name != "in"
        }
        return Instance({**values, "in_channels": channels_of(copy.source)}, copy.path)

    def names_of(self, instances: Iterable[Instance], spec_names: Iterable[str]) -> Names:
        """The names of a class: what they are in Python."""
        found = Names()
        instances = [*instances]
        for name in spec_names:
            if name != "in":
                found.values[name] = self.python(name)
                if name in self.decimals or any(
                    has_fraction(i.values.get(self.python(name))) for i in instances
                ):
                    found.fractions.add(name)
        found.entering = "in_channels"
        return found

    def define(self, base: str, suite: Suite) -> str:
        """Add a class, or find the same one; its name."""
        known = source([renamed(suite, "_")])
        key = f"{base} {known}"
        if key not in self.known:
            self.known[key] = self.names.new(base if base[:1].isalpha() else f"Part{base}")
            self.definitions[self.known[key]] = renamed(suite, self.known[key])
        return self.known[key]

    def class_suite(
        self, writer: Writer, parameters: list[Code] | list[str], first: Iterable[Statement] = (),
        doc: str = "",
    ) -> Suite:  # fmt: skip
        """A class; its name is put in afterwards."""
        body: list[Statement] = [doc] if doc else []
        steps = [s for step in together(writer.steps) for s in statements_of(step)]
        steps = with_names(steps, self.hidden(writer))
        if steps or parameters:
            header = Line("def __init__", call("", "self", *parameters), ":")
            body.append(Suite(header, ["super().__init__()", *first, *steps]))
        if not writer.is_chain:
            lines = [*writer.forward]
            if not lines or not is_return(lines[-1]):
                lines.append(f"return {writer.current.variable}")
            forward = call("", "self", *writer.inputs, *writer.parameters)
            body.append(Suite(Line("def forward", forward, ":"), folded(used(lines))))
        if not body:
            body = ["pass"]
        base = "nn.Sequential" if writer.is_chain else "nn.Module"
        return Suite(f"class _({base}):", body)

    def hidden(self, writer: Writer) -> dict[str, str]:
        """Names for the channels inside of a class, and for those that it gives."""
        names = Identifiers(self.names.taken)
        known = {writer.current.channels: names.new("out_channels")}
        for text in writer.channels:
            if text not in known and not is_simple_number(text):
                known[text] = names.new("hidden")
        return known

    def place_row(self, writer: Writer, names: dict[str, str]) -> None:
        for put in writer.steps:
            if isinstance(put, Put):
                for at, path in put.places:
                    self.paths[path] = (at.path, joined(names[put.name], put.inside))
        for path, (owner, rest) in writer.copied.items():
            first, _, more = rest.partition(".")
            self.paths[path] = (owner, joined(names.get(first, first), more))

    def place_class(self, writer: Writer) -> None:
        for step in flat(writer.steps):
            for at, path in step.places:
                self.paths[path] = (at.path, joined(step.name, step.inside))
        self.paths |= writer.copied

    def key(self, path: str) -> str:
        """The module of an element in the network that the file builds."""
        if not path or path not in self.paths:
            return ""
        owner, rest = self.paths[path]
        return joined(self.key(owner) if owner != path else "", rest)
