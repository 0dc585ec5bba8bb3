"""File: the classes of blocks and of other networks, and the calls of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cnncalc.exchange.export.identifiers import Identifiers, camel
from cnncalc.exchange.export.layout import Code, call
from cnncalc.exchange.export.pytorch import symbols
from cnncalc.exchange.export.pytorch.classes import class_name, free_in, returned
from cnncalc.exchange.export.pytorch.core import Core, Places
from cnncalc.exchange.export.pytorch.names import Entry, Names, identifier
from cnncalc.exchange.export.pytorch.parts import Parts, visits_of, wanted
from cnncalc.exchange.export.pytorch.signatures import Class, Parameter, default_of, signature
from cnncalc.exchange.export.pytorch.spots import Differs, Instance, common, refers
from cnncalc.exchange.export.pytorch.steps import Module
from cnncalc.exchange.export.pytorch.writer import Writer
from cnncalc.exchange.export.record import Copy
from cnncalc.language.model import Block, Call, Included, Item, Spec


class File(Parts):
    """Writes the classes of blocks, and of networks that are taken in."""

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

    def call(
        self, owner: Core, item: Item, op: Call, places: Places, names: Names, channels: str
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
        self, owner: Core, item: Item, op: Call, parameter: Parameter,
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

    def argument_of(self, owner: Core, item: Item, op: Call, name: str, names: Names) -> Entry:
        """The volume that a call hands in."""
        value = op.arguments.get(name) or op.block.parameters[name]
        return owner.read(value, item, names)

    def included(
        self, owner: Core, item: Item, op: Included, places: Places, names: Names, channels: str
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


class Same:
    """A class, compared by identity."""

    def __init__(self, value: Class) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other.value is self.value

    def __hash__(self) -> int:
        return hash(self.value.name)


def bound(copy: Copy, name: str) -> Any:
    """The volume that an argument of a call names; None where it names no item."""
    binding = copy.runs[0].scope.bound(name)
    if binding is None or not isinstance(binding.value, str) or binding.scope is None:
        return None
    if binding.value == "prev":
        return copy.source.output
    try:
        return binding.scope.signal(binding.value).output
    except Exception:  # a word that is no name
        return None
