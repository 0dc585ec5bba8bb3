"""File: the classes of one Python file, and which instance of the network each stands for."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from cnncalc.exchange.export.expressions import HELPERS, Expressions
from cnncalc.exchange.export.identifiers import Identifiers, camel
from cnncalc.exchange.export.layout import (
    Code,
    Line,
    Statement,
    Suite,
    call,
    source,
)
from cnncalc.exchange.export.pytorch import symbols
from cnncalc.exchange.export.pytorch.hidden import is_simple_number, with_names
from cnncalc.exchange.export.pytorch.kinds import channels_after, modules
from cnncalc.exchange.export.pytorch.local_classes import LOCAL
from cnncalc.exchange.export.pytorch.loops import loop
from cnncalc.exchange.export.pytorch.names import (
    Entry,
    Names,
    has_fraction,
    identifier,
    reads_only_before,
    references,
    words_of,
)
from cnncalc.exchange.export.pytorch.signatures import Class, Parameter, default_of, signature
from cnncalc.exchange.export.pytorch.spots import (
    Differs,
    Instance,
    Texts,
    common,
    refers,
    values_of,
)
from cnncalc.exchange.export.pytorch.steps import Module, Put, flat, frozen, statements_of, together
from cnncalc.exchange.export.pytorch.writer import Places, Runs, Visits, Writer, channels_of
from cnncalc.exchange.export.record import Copy, Run, Visit
from cnncalc.language.composites import Layers, all_items
from cnncalc.language.model import Block, Call, Included, Item, LayerOp, Spec
from cnncalc.layers.merge import Merge

_GLOBALS = (
    "self", "x", "nn", "torch", "F", "math", "functools", "Fraction", "OrderedDict",
    "in_channels", *LOCAL, *HELPERS,
)  # fmt: skip


MAX_NAME = 60  # letters of a class's name
NO_ENDS: Mapping[str, Entry] = {}


class File:
    """Everything that is known while a file is written."""

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
        self.definitions: list[Statement] = []
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

    # What the record holds.

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

    # Modules.

    def module(
        self, owner: Writer, item: Item, places: Places, names: Names, channels: str
    ) -> Module:
        """An item, built once at each place, as a module."""
        op = item.op
        if isinstance(op, Call):
            return self.call(owner, item, op, places, names, channels)
        if isinstance(op, Included):
            return self.included(owner, item, op, places, names, channels)
        if isinstance(op, Layers):
            called = item.name.text if item.name is not None else ""
            base = camel(identifier(called)) if called else f"{owner.name}Layers"
            runs = [(at, copy.runs[0]) for at, copy in places]
            return self.part(owner, base, runs, names, channels, self.labels_of(called))
        if isinstance(op, LayerOp) and not issubclass(op.cls, Merge) and "like" not in op.arguments:
            return self.layer(owner, item, places, names, channels)
        return self.wrapped(owner, item, places, names, channels)

    def layer(
        self, owner: Writer, item: Item, places: Places, names: Names, channels: str
    ) -> Module:
        spot = owner.spot(item, places, names, channels)
        parts = modules(spot)
        after = channels_after(spot)
        if not parts:
            return Module(None, after)
        if len(parts) == 1:
            return Module(parts[0].code, after)
        inside = next((str(n) for n, part in enumerate(parts) if not part.suffix), "")
        return Module(call("nn.Sequential", *(part.code for part in parts)), after, inside)

    def part(
        self, owner: Writer, base: str, runs: Runs, names: Names, channels: str,
        read: Iterable[str] = (),
    ) -> Module:  # fmt: skip
        """The items of a part or group as a module, which gives what is read of it too."""
        instances = [Instance(at.values, run.group.path, at.origin) for at, run in runs]
        items = runs[0][1].items
        visits = visits_of([(i, run) for i, (_, run) in zip(instances, runs, strict=True)])
        inner = Names(names)
        labels = wanted(read, (), items)
        writer = Writer(
            self, base, instances, inner, owner.locals,
            is_chain=not labels and self.is_chain(items, visits, inner), channels=channels,
        )  # fmt: skip
        writer.referred |= {label.partition(".")[0] for label in labels}
        writer.run(items, visits)
        return self.finished(writer, self.ends(writer, labels))

    def ends(self, writer: Writer, labels: Iterable[str]) -> dict[str, Entry]:
        """The volumes inside that are read from outside."""
        found = {label: writer.names.find(label) for label in labels}
        return {label: writer.own(entry) for label, entry in found.items() if entry is not None}

    def labels_of(self, called: str) -> list[str]:
        """What is read of an item by `item.label`."""
        before = f"{called}."
        return sorted(
            label.removeprefix(before) for label in self.labels if label.startswith(before)
        )

    def wrapped(
        self, owner: Writer, item: Item, places: Places, names: Names, channels: str
    ) -> Module:
        """An item that is no module, in a class of its own."""
        instances = [Instance(at.values, copy.path, at.origin) for at, copy in places]
        writer = Writer(
            self, f"{owner.name}{camel(item.kind)}", instances, Names(names), owner.locals,
            is_chain=False, channels=channels,
        )  # fmt: skip
        writer.referred = set()
        writer.names.input = writer.names.previous = writer.current
        writer.ordinals[item.kind] = 1
        mine = [(i, copy) for i, (_, copy) in zip(instances, places, strict=True)]
        writer.current = writer.once(item, mine, writer.read(None, item))
        return self.finished(writer)

    def loop(self, owner: Writer, item: Item, visits: Visits, source: Entry) -> Entry:
        """An item that is built several times."""
        return loop(owner, item, visits, source)

    def row(
        self, owner: Writer, item: Item, turns: list[tuple[Instance, list[Copy]]],
        names: Names, channels: str,
    ) -> Module:  # fmt: skip
        """The copies of an item for one row of a table."""
        alone = copied_item(item)
        instances = [
            Instance(at.values, copies[0].path.rpartition(".")[0], at.origin)
            for at, copies in turns
        ]
        inner = Names(names)
        writer = Writer(
            self, camel(identifier(item.name.text if item.name else item.kind)), instances, inner,
            owner.locals, is_chain=reads_only_before(alone), channels=channels,
        )  # fmt: skip
        writer.ordinals[item.kind] = 1
        writer.names.input = writer.names.previous = writer.current
        visits = []
        for instance, (_, copies) in zip(instances, turns, strict=True):
            visit = Visit(alone, copies[0].values, copies[0].in_frozen)
            visit.copies, visit.result = copies, copies[-1].result
            visits.append((instance, visit))
        writer.current = loop(writer, alone, visits, writer.current)
        return self.finished(writer)

    def finished(self, writer: Writer, ends: Mapping[str, Entry] = NO_ENDS) -> Module:
        """What was written as an expression: of modules in a row, or of a class of its own."""
        if ends:
            writer.forward.append(returned([writer.current, *ends.values()]))
        channels = writer.current.channels
        puts = [step for step in writer.steps if isinstance(step, Put)]
        if writer.is_chain and len(puts) == len(writer.steps):
            return self.in_a_row(writer, puts, channels)
        if not writer.is_chain and not writer.steps and not writer.forward:
            return Module(None, channels)
        suite = self.class_suite(writer, [])
        needed = [name for name in free_in(suite) if name in self.variables]
        first = [name for name in needed if name == "in_channels"]
        needed = first + [name for name in needed if name not in first]
        name = self.define(writer.name, self.class_suite(writer, needed))
        extra = tuple(outer for outer in writer.imported)
        self.place_class(writer)
        labels = {label: writer.given(end) for label, end in ends.items()}
        return Module(call(name, *needed), writer.given(writer.current), "", extra, labels)

    def in_a_row(self, writer: Writer, puts: list[Put], channels: str) -> Module:
        if not puts:
            return Module(None, channels)
        codes = [frozen(put) for put in puts]
        if any(put.is_named for put in puts):
            suffixes = [put.name for put in puts]
            named = call(
                "OrderedDict", **{put.name: code for put, code in zip(puts, codes, strict=True)}
            )
            code: Code = call("nn.Sequential", named)
        elif len(puts) == 1:
            suffixes, code = [""], codes[0]
        else:
            suffixes = [str(number) for number in range(len(puts))]
            code = call("nn.Sequential", *codes)
        names = {put.name: suffix for put, suffix in zip(puts, suffixes, strict=True)}
        self.place_row(writer, names)
        return Module(code, channels)

    # Where things are.

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

    # Chains.

    def is_chain(
        self, items: Sequence[Item], visits: list[list[tuple[Instance, Visit]]], names: Names
    ) -> bool:
        """Whether items are modules in a row, of which each reads the one before it."""
        there = [
            item for item, places in zip(items, visits, strict=False)
            if any(visit.copies for _, visit in places)
        ]  # fmt: skip
        if not all(map(reads_only_before, there)):
            return False
        seen = {item.name.text for item in items if item.name is not None}
        for around in names.chain():
            seen |= around.entries.keys()
            seen |= {f"${name}" for name in around.arguments}
        words = {word.partition(".")[0] for word in references(there)} - {"prev"}
        if words & seen or "input" in words or any(map(automatic(items).fullmatch, words)):
            return False
        return not any(
            any(self.is_open(copy) for _, visit in places for copy in visit.copies)
            for places in visits
        )

    def is_open(self, copy: Copy) -> bool:
        """Whether a call reads or gives more than one volume."""
        op = copy.item.op
        if isinstance(op, Included):
            called = copy.item.name.text if copy.item.name is not None else ""
            return any(label.startswith(f"{called}.") for label in self.labels)
        if not isinstance(op, Call):
            return False
        found = self.class_of(op.block, copy)
        return bool(found.labels or found.arguments)

    # Blocks.

    def class_of(self, block: Block, copy: Copy) -> Class:
        """The class for one call of a block."""
        known = self.blocks.setdefault(id(block), {})
        if id(copy) not in known:
            for found in self.classes(block.name, block, self.calls[id(block)]):
                known.update(dict.fromkeys(found.instances, found))
        return known[id(copy)]

    def classes(self, name: str, block: Block, copies: list[Copy]) -> list[Class]:
        """The classes for all calls of a block: one, or one for each sort that has to differ."""
        found, todo = [], [copies]
        while todo:
            some = todo.pop(0)
            instances = {id(copy): self.instance(copy) for copy in some}
            try:
                found.append(self.block_class(name, block, some, instances))
            except Differs as differs:
                by_instance = {
                    id(instance): copy
                    for copy, instance in zip(some, instances.values(), strict=True)
                }
                sorts = differs.sorts(instances.values())
                if len(sorts) < 2:
                    raise
                todo = [[by_instance[id(i)] for i in sort] for sort in sorts.values()] + todo
        return found

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

    def block_class(
        self, name: str, block: Block, copies: list[Copy], instances: dict[int, Instance]
    ) -> Class:
        at = [instances[id(copy)] for copy in copies]
        runs = [(instance, copy.runs[0]) for instance, copy in zip(at, copies, strict=True)]
        names = self.names_of(at, runs[0][1].scope.values)
        arguments: list[str] = []
        writers: list[Writer] = []
        self.bind(block, copies, at, names, arguments, writers)
        visits = visits_of(runs)
        read = {label.partition(".")[2] for label in self.labels}
        labels = wanted(read, [*block.outputs], block.items)
        is_chain = not labels and not block.outputs and self.is_chain(block.items, visits, names)
        writer = Writer(
            self, camel(name), at, names, Identifiers(self.names.taken), is_chain=is_chain,
            channels="in_channels",
        )  # fmt: skip
        writers.append(writer)
        writer.referred |= {value.word or "" for value in block.outputs.values()}
        writer.referred |= {label.partition(".")[0] for label in labels}
        writer.run(block.items, visits)
        main = writer.current
        if block.outputs:
            main = writer.read(next(iter(block.outputs.values())), block.items[-1])
        ends = {}
        for label in labels:
            value = block.outputs.get(label)
            if value is not None:
                ends[label] = writer.read(value, block.items[-1])
            else:
                ends |= self.ends(writer, [label])
        if not writer.is_chain:
            writer.forward.append(returned([main, *ends.values()]))
        parameters = self.parameters(block, names, arguments)
        suite = self.class_suite(writer, [])
        needed = set(free_in(suite))
        used = [p for p in parameters if p.python in needed]
        for parameter in used:
            needed |= symbols.free_names(parameter.worked_out) if parameter.worked_out else set()
        used = [p for p in parameters if p.python in needed]
        first = [default_of(parameter) for parameter in used if parameter.worked_out]
        suite = self.class_suite(writer, signature(used), first)
        self.place_class(writer)
        for copy, instance in zip(copies, at, strict=True):
            assert instance.path == copy.path
        return Class(
            self.define(camel(name), suite), used, [p for p in parameters if p not in used],
            arguments, writer.given(main), {n: writer.given(end) for n, end in ends.items()},
            instances,
        )  # fmt: skip

    def bind(
        self, block: Block, copies: list[Copy], at: list[Instance], names: Names,
        arguments: list[str], writers: list[Writer],
    ) -> None:  # fmt: skip
        """The arguments of a block that name items: forward reads them."""
        for name in block.parameters:
            volumes = [bound(copy, name) for copy in copies]
            if all(volume is None for volume in volumes):
                continue
            if any(volume is None for volume in volumes):
                raise Differs([(i, v is None) for i, v in zip(at, volumes, strict=True)])
            names.arguments[name] = self.argument(name, volumes, at, names, arguments, writers)

    def argument(
        self, name: str, volumes: list[Any], at: list[Instance], names: Names,
        arguments: list[str], writers: list[Writer],
    ) -> Callable[[], Entry]:  # fmt: skip
        channels = self.python(f"{name}.channels")
        for instance, volume in zip(at, volumes, strict=True):
            instance.values[channels] = volume.channels
        made: list[Entry] = []

        def entry() -> Entry:
            if not made:
                (writer,) = writers
                variable = writer.variables.new(identifier(name))
                made.append(Entry(writer, variable, channels))
                writer.parameters.append(variable)
                arguments.append(name)
            return made[0]

        return entry

    def parameters(self, block: Block, names: Names, arguments: list[str]) -> list[Parameter]:
        """What a block's class may need, in the order of its signature."""
        found = [Parameter("in_channels", "in", "in")]
        optional = []
        for name, default in block.parameters.items():
            python = self.python(name)
            if default is None:
                found.append(Parameter(python, "argument", name))
            elif refers(default):
                text = self.texts.written(default, names, whole=True) or ""
                optional.append(Parameter(python, "argument", name, "None", text))
            else:
                text = self.texts.written(default, names, whole=False) or "None"
                optional.append(Parameter(python, "argument", name, text))
        found += [Parameter(self.python(f"{n}.channels"), "channels", n) for n in names.arguments]
        known = {parameter.name for parameter in (*found, *optional)}
        found += [Parameter(p, "var", n) for n, p in names.values.items() if n not in known]
        return found + optional

    # Calls.

    def call(
        self, owner: Writer, item: Item, op: Call, places: Places, names: Names, channels: str
    ) -> Module:
        found = common([(at, Same(self.class_of(op.block, copy))) for at, copy in places]).value
        inner = [(at, found.instances[id(copy)]) for at, copy in places]
        needed = found.names_in_channels()
        positional: list[Code] = []
        named: dict[str, Code] = {}
        texts: dict[str, str] = {}
        defaults: dict[str, str] = {}
        for parameter in (*found.parameters, *found.others):
            wanted = [(at, i.values[parameter.python]) for at, i in inner]
            is_needed = parameter in found.parameters
            if not is_needed and parameter.python not in needed:
                continue
            text = self.passed(owner, item, op, parameter, wanted, names, channels)
            if text is None:
                defaults[parameter.python] = parameter.worked_out or str(parameter.default)
                continue
            texts[parameter.python] = text
            if is_needed and parameter.default is None:
                positional.append(text)
            elif is_needed and text != parameter.default:
                named[parameter.python] = text
        for python, text in defaults.items():
            texts[python] = symbols.replaced(text, texts)
        extra = tuple(self.argument_of(owner, item, op, name, names) for name in found.arguments)
        after = symbols.replaced(found.channels, texts)
        labels = {label: symbols.replaced(text, texts) for label, text in found.labels.items()}
        return Module(call(found.name, *positional, **named), after, "", extra, labels)

    def passed(
        self, owner: Writer, item: Item, op: Call, parameter: Parameter,
        wanted: list[tuple[Instance, Any]], names: Names, channels: str,
    ) -> str | None:  # fmt: skip
        """What a call gives for a parameter; None where the default holds."""
        if parameter.kind == "in":
            return channels
        if parameter.kind == "var":
            return names.name(parameter.name)
        if parameter.kind == "channels":
            return self.argument_of(owner, item, op, parameter.name, names).channels
        value = op.arguments.get(parameter.name)
        if value is None or value.is_null or value.word == "none":
            return None
        whole = all(type(found) is int for _, found in wanted)
        spot = owner.spot(item, (), names, channels)
        return (
            spot.chosen(value, wanted, whole=whole)
            if refers(value)
            else (self.texts.written(value, names, whole=whole))
        )

    def argument_of(self, owner: Writer, item: Item, op: Call, name: str, names: Names) -> Entry:
        """The volume that a call hands in."""
        value = op.arguments.get(name) or op.block.parameters[name]
        return owner.read(value, item, names)

    # Other networks.

    def included(
        self, owner: Writer, item: Item, op: Included, places: Places, names: Names, channels: str
    ) -> Module:
        """The class of another spec, whose items stand here."""
        assert op.spec is not None
        outer = {id(self.instance_of(copy)): at for at, copy in places}
        instances = [self.instance_of(copy) for _, copy in places]
        try:
            return self.included_class(item, op, op.spec, places, instances, names, channels)
        except Differs as differs:
            values = []
            for instance, found in differs.values.items():
                if id(instance) in outer:
                    values.append((outer[id(instance)], tuple(found)))
            raise Differs(values or [(at, at.path) for at, _ in places]) from None

    def instance_of(self, copy: Copy) -> Instance:
        """The one instance of a copy."""
        if id(copy) not in self.instances:
            self.instances[id(copy)] = self.instance(copy)
        return self.instances[id(copy)]

    def included_class(
        self, item: Item, op: Included, spec: Spec, places: Places, instances: list[Instance],
        names: Names, channels: str,
    ) -> Module:  # fmt: skip
        runs = [(i, copy.runs[0]) for i, (_, copy) in zip(instances, places, strict=True)]
        called = item.name.text if item.name is not None else ""
        labels = self.labels_of(called)
        own = self.names_of(instances, runs[0][1].scope.values)
        own.is_outside = True
        visits = visits_of(runs)
        writer = Writer(
            self, class_name(spec.name or "Network"), instances, own, Identifiers(self.names.taken),
            is_chain=not labels and self.is_chain(spec.items, visits, own), channels="in_channels",
        )  # fmt: skip
        writer.referred |= {label.partition(".")[0] for label in labels}
        writer.run(spec.items, visits)
        ends = self.ends(writer, labels)
        if not writer.is_chain:
            writer.forward.append(returned([writer.current, *ends.values()]))
        needed = set(free_in(self.class_suite(writer, [])))
        parameters = [Parameter("in_channels", "in", "in")] if "in_channels" in needed else []
        for name, python in own.values.items():
            if python in needed:
                found = common([(i, i.values[python]) for i in instances])
                parameters.append(Parameter(python, "var", name, self.texts.literal(found)))
        name = self.define(writer.name, self.class_suite(writer, signature(parameters)))
        self.place_class(writer)
        code = call(name, *[channels for p in parameters if p.kind == "in"])
        texts = {
            python: self.texts.literal(instances[0].values[python])
            for python in own.values.values()
        }
        texts["in_channels"] = channels
        after = symbols.replaced(writer.given(writer.current), texts)
        given = {n: symbols.replaced(writer.given(end), texts) for n, end in ends.items()}
        return Module(code, after, labels=given)

    # Text.

    def define(self, base: str, suite: Suite) -> str:
        """Add a class, or find the same one; its name."""
        known = source([renamed(suite, "_")])
        key = f"{base} {known}"
        if key not in self.known:
            self.known[key] = self.names.new(base if base[:1].isalpha() else f"Part{base}")
            self.definitions.append(renamed(suite, self.known[key]))
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
            forward = call("", "self", *self.forward_parameters(writer))
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

    def forward_parameters(self, writer: Writer) -> list[str]:
        return [*writer.inputs, *writer.parameters]


class Same:
    """A class, compared by identity."""

    def __init__(self, value: Class) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other.value is self.value

    def __hash__(self) -> int:
        return hash(self.value.name)


def wanted(read: Iterable[str], outputs: Sequence[str], items: Sequence[Item]) -> list[str]:
    """The labels, and paths of items inside, that are read; the first is given anyway."""
    names = {item.name.text for item in items if item.name is not None}
    inner = [label for label in sorted(read) if label.partition(".")[0] in names]
    return [
        label
        for label in dict.fromkeys([*outputs[1:], *inner])
        if label in {*read} and label not in outputs[:1]
    ]


def visits_of(runs: Runs) -> list[list[tuple[Instance, Visit]]]:
    """For each item what became of it at every instance."""
    length = min(len(run.visits) for _, run in runs)
    return [[(at, run.visits[place]) for at, run in runs] for place in range(length)]


def automatic(items: Sequence[Item]) -> re.Pattern[str]:
    """What items without a name may be called."""
    kinds = sorted({re.escape(item.kind) for item in items if item.name is None})
    return re.compile(rf"({'|'.join(kinds) or '(?!)'})_?\d+")


def bound(copy: Copy, name: str) -> Any:
    """The volume that an argument of a call names; None where it names no item."""
    binding = copy.runs[0].scope.bindings.get(name)
    if binding is None or not isinstance(binding.value, str) or binding.scope is None:
        return None
    if binding.value == "prev":
        return copy.source.output
    try:
        return binding.scope.signal(binding.value).output
    except Exception:  # a word that is no name
        return None


def copied_item(item: Item) -> Item:
    """The item without its table."""
    found = Item.__new__(Item)
    for slot in Item.__slots__:
        setattr(found, slot, getattr(item, slot))
    found.each = None
    return found


def joined(*parts: str) -> str:
    return ".".join(filter(None, parts))


def class_name(name: str) -> str:
    """LeNet5_1998 for LeNet-5 (1998)."""
    parts = re.split(r"(?<=\d)[^A-Za-z0-9]+(?=\d)", name)
    return "_".join(map(camel, parts))[:MAX_NAME] or "Network"


def returned(entries: Sequence[Entry]) -> str:
    return f"return {', '.join(entry.variable for entry in entries)}"


def is_return(statement: Statement) -> bool:
    if isinstance(statement, Suite):
        return False
    text = statement if isinstance(statement, str) else statement.before
    return text.startswith("return ")


def folded(lines: list[Statement]) -> list[Statement]:
    """`return f(x)` for `x = f(x)` and `return x`."""
    if len(lines) > 1 and isinstance(lines[-2], Line) and lines[-1] == "return x":
        before = lines[-2]
        if before.before == "x = ":
            return [*lines[:-2], before._replace(before="return ")]
    return lines


def used(lines: list[Statement]) -> list[Statement]:
    """The lines without those whose result no other line reads."""
    tree = ast.parse(source([Suite("def f():", lines)]))
    names = (node for node in ast.walk(tree) if isinstance(node, ast.Name))
    loaded = {node.id for node in names if isinstance(node.ctx, ast.Load)}
    kept = [line for line in (_used(line, loaded) for line in lines) if line is not None]
    return kept if kept == lines else used(kept)


def _used(line: Statement, loaded: set[str]) -> Statement | None:
    """A line with `_` for what is not read; None where that is all of it."""
    if isinstance(line, Suite):
        body = [inner for inner in (_used(part, loaded) for part in line.body) if inner is not None]
        return Suite(line.header, body) if body else None
    text = line if isinstance(line, str) else line.before
    target, sign, rest = text.partition(" = ")
    if not sign or not re.fullmatch(r"\w+(, \w+)*", target):
        return line
    names = [name if name in loaded or name == "x" else "_" for name in target.split(", ")]
    if set(names) == {"_"}:
        return None
    text = f"{', '.join(names)} = {rest}"
    return text if isinstance(line, str) else line._replace(before=text)


def renamed(suite: Suite, name: str) -> Suite:
    header = str(suite.header)
    return Suite(f"class {name}{header[header.index('(') :]}", suite.body)


def free_in(suite: Suite) -> list[str]:
    """The names that a class needs from around it, in the order of its text."""
    tree = ast.parse(source([suite]))
    found: dict[str, None] = {}
    for definition in (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)):
        if definition.name != "__init__":
            continue
        names = [n for n in ast.walk(definition) if isinstance(n, ast.Name)]
        names.sort(key=lambda node: (node.lineno, node.col_offset))
        stored = {node.id for node in names if isinstance(node.ctx, ast.Store)}
        for node in names:
            if node.id not in stored:
                found[node.id] = None
    return [*found]
