"""Writer: a list of items as the `__init__` and `forward` of a class.

Items that read one another in a row are modules of an nn.Sequential, without a forward; anything
else is written out in forward.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol, TypeAlias

from cnncalc.exchange.export.identifiers import Identifiers, camel
from cnncalc.exchange.export.layout import (
    Code,
    Line,
    Statement,
    Suite,
    call,
)
from cnncalc.exchange.export.pytorch import symbols
from cnncalc.exchange.export.pytorch.kinds import LINEAR, channels_after, modules
from cnncalc.exchange.export.pytorch.merges import merged, merged_channels
from cnncalc.exchange.export.pytorch.names import (
    Entry,
    Flow,
    Names,
    identifier,
    reads_only_before,
    references,
)
from cnncalc.exchange.export.pytorch.spots import (
    Differs,
    Instance,
    Spot,
    Texts,
    comes_to,
    common,
)
from cnncalc.exchange.export.pytorch.steps import Module, Put, Say, Step, When
from cnncalc.exchange.export.record import Copy, Run, Visit
from cnncalc.exchange.export.targets import NotExported
from cnncalc.language.composites import Branches, Gate, Layers, Residual, Reuse
from cnncalc.language.located import Value
from cnncalc.language.model import Item, LayerOp
from cnncalc.layers.merge import Merge
from cnncalc.network.model import Group, Layer

Places: TypeAlias = Sequence[tuple[Instance, Copy]]
Runs: TypeAlias = Sequence[tuple[Instance, Run]]
Visits: TypeAlias = Sequence[tuple[Instance, Visit]]

# Names that nn.Module and nn.Sequential have.
RESERVED = frozenset(
    [
        "T_destination",
        "add_module",
        "append",
        "apply",
        "bfloat16",
        "buffers",
        "call_super_init",
        "children",
        "compile",
        "cpu",
        "cuda",
        "double",
        "dump_patches",
        "eval",
        "extend",
        "extra_repr",
        "float",
        "forward",
        "get_buffer",
        "get_extra_state",
        "get_parameter",
        "get_submodule",
        "half",
        "insert",
        "ipu",
        "load_state_dict",
        "modules",
        "mtia",
        "named_buffers",
        "named_children",
        "named_modules",
        "named_parameters",
        "parameters",
        "pop",
        "register_backward_hook",
        "register_buffer",
        "register_forward_hook",
        "register_forward_pre_hook",
        "register_full_backward_hook",
        "register_full_backward_pre_hook",
        "register_load_state_dict_post_hook",
        "register_load_state_dict_pre_hook",
        "register_module",
        "register_parameter",
        "register_state_dict_post_hook",
        "register_state_dict_pre_hook",
        "requires_grad_",
        "set_extra_state",
        "set_submodule",
        "share_memory",
        "state_dict",
        "to",
        "to_empty",
        "train",
        "training",
        "type",
        "xpu",
        "zero_grad",
    ]
)


class Owner(Protocol):
    """The file that is written, as far as a Writer asks it."""

    texts: Texts
    globals: tuple[str, ...]
    labels: set[str]
    variables: set[str]
    mentioned: set[str]

    def module(
        self, owner: Writer, item: Item, places: Places, names: Names, channels: str
    ) -> Module: ...
    def part(self, owner: Writer, base: str, runs: Runs, names: Names, channels: str) -> Module: ...
    def row(
        self, owner: Writer, item: Item, turns: list[tuple[Instance, list[Copy]]],
        names: Names, channels: str,
    ) -> Module: ...  # fmt: skip
    def loop(self, owner: Writer, item: Item, visits: Visits, source: Entry) -> Entry: ...
    def python(self, name: str) -> str: ...


class Writer:
    """Writes one class, or the modules of one part."""

    def __init__(
        self,
        file: Owner,
        name: str,
        instances: Sequence[Instance],
        names: Names,
        locals: Identifiers,
        *,
        is_chain: bool,
        channels: str,
    ) -> None:
        self.file = file
        self.name = name
        self.instances = instances
        self.names = names
        self.locals = locals  # names in __init__
        self.is_chain = is_chain
        self.attributes = Identifiers(RESERVED)
        self.variables = Identifiers(("layer", *file.globals))
        self.steps: list[Step] = []
        self.forward: list[Statement] = []
        self.imported: dict[Entry, Entry] = {}  # what is read from around the class
        self.inputs = ["x"]  # of forward, and what it reads beside
        self.parameters: list[str] = []
        self.referred: set[str] = set()
        self.ordinals: dict[str, int] = {}
        self.current = Entry(self, "x", channels)
        self.channels: dict[str, None] = {}  # all numbers of channels, in their order
        self.copied: dict[str, tuple[str, str]] = {}  # where the copies of loops are
        self.created: dict[str, str | None] = {}  # variables of loops, and what they end with

    # Names.

    def given(self, entry: Entry) -> str:
        """The channels of a volume, as they can be said outside of the class."""
        text = self.simpler(entry.channels)
        known = {name: end for name, end in self.created.items() if end is not None}
        for _ in known:
            text = symbols.replaced(text, known)
        if not symbols.free_names(text) & self.created.keys():
            return text
        found = [(at, symbols.value(entry.channels, at.values)) for at in self.instances]
        return self.file.texts.literal(common(found))

    def simpler(self, text: str) -> str:
        """An argument that comes to the same at instances that differ in it."""
        if symbols.is_simple(text):
            return text
        wanted = [(at, symbols.value(text, at.values)) for at in self.instances]
        if len({number for _, number in wanted}) < 2:
            return text
        names = ["in_channels", *self.names.values.values()]
        return next((name for name in names if comes_to(name, wanted)), text)

    def own(self, entry: Entry) -> Entry:
        """A volume as this class has it: what stands around the class becomes an argument."""
        if entry.writer is self:
            return entry
        if entry not in self.imported:
            variable = self.variables.new(identifier(entry.variable))
            found = Entry(self, variable, entry.channels)
            found.labels = entry.labels
            self.imported[entry] = found
            self.parameters.append(variable)
        return self.imported[entry]

    def read(self, value: Value | None, item: Item, names: Names | None = None) -> Entry:
        """The volume that a word names."""
        if value is None or value.word == "prev":
            return self.current
        found = (names or self.names).find(value.word or "")
        if found is None:
            message = f"{value.what} cannot be read here in PyTorch code"
            raise NotExported(message, item, "name the item itself, in the list that it stands in")
        return self.own(found)

    def attribute(self, item: Item, places: Places) -> str:
        """The name of an item's module: the last part of its path."""
        return self.attributes.new(identifier(self.last(item, [copy.path for _, copy in places])))

    def last(self, item: Item, paths: Iterable[str]) -> str:
        """What an item is called, by its number as written where that differs."""
        if item.name is not None:
            return item.name.text
        found = {path.rpartition(".")[2] for path in paths}
        if len(found) == 1 and not (only := next(iter(found))).isdigit():
            return only
        return f"{item.kind}{'_' * item.kind[-1:].isdigit()}{self.ordinals[item.kind]}"

    def spot(self, item: Item, places: Places, names: Names, channels: str) -> Spot:
        self.channels[channels] = None
        return Spot(item, places, self.file.texts, names, channels)

    # Items.

    def run(self, items: Sequence[Item], visits: list[list[tuple[Instance, Visit]]]) -> None:
        """Write a list of items, each with what became of it at every instance."""
        self.referred |= set(references(items))
        self.names.input = self.current
        if not self.is_chain and {"input", *self.names.entries} & self.referred:
            self.pin("input")
        for item, places in zip(items, visits, strict=False):
            self.ordinals[item.kind] = self.ordinals.get(item.kind, 0) + 1
            self.names.previous = self.current
            self.item(item, places)
        self.names.previous = self.current

    def pin(self, name: str) -> None:
        """Give what is read now a variable of its own."""
        variable = self.variables.new("entering" if name == "input" else identifier(name))
        self.forward.append(f"{variable} = {self.current.variable}")
        pinned = Entry(self, variable, self.current.channels)
        pinned.labels = self.current.labels
        self.names.input = self.current = pinned

    def item(self, item: Item, visits: list[tuple[Instance, Visit]]) -> None:
        present = [(at, visit) for at, visit in visits if visit.copies]
        source = self.read(item.source, item)
        self.enter(source)
        result = self.conditional(item, visits, present, source) if present else source
        self.remember(item, result, present)
        if item.only is None:
            self.current = result

    def enter(self, source: Entry) -> None:
        """Outside blocks `$in` is what enters the item."""
        if self.names.is_outside:
            self.names.entering = source.channels

    def remember(
        self, item: Item, result: Entry, present: Sequence[tuple[Instance, Visit]]
    ) -> None:
        """Let later items read it by its name."""
        name = item.name.text if item.name is not None else ""
        if not name and present:
            name = self.last(item, [present[0][1].copies[0].path])
        if name:
            if name in self.referred and not self.is_chain and result.variable == "x":
                variable = self.variables.new(identifier(name))
                self.forward.append(f"{variable} = x")
                pinned = Entry(self, variable, result.channels)
                pinned.labels, pinned.flow = result.labels, result.flow
                self.names.entries[name] = pinned
            else:
                self.names.entries[name] = result

    def conditional(
        self,
        item: Item,
        visits: list[tuple[Instance, Visit]],
        present: list[tuple[Instance, Visit]],
        source: Entry,
    ) -> Entry:
        """An item that is built at every instance, or under a condition."""
        is_loop = item.repeat is not None or item.each is not None
        if len(present) == len(visits):
            return self.built(item, present, source)
        wanted = [(at, bool(visit.copies)) for at, visit in visits]
        if is_loop and item.when is None:
            return self.built(item, visits, source)
        condition = self.condition(item.when, wanted)
        steps, forward, self.steps, self.forward = self.steps, self.forward, [], []
        result = self.built(item, present, source)
        mine, flow, self.steps, self.forward = self.steps, self.forward, steps, forward
        channels = self.after_either(result.channels, source.channels, condition, visits)
        if self.is_chain:
            self.steps.append(When(condition, mine, []))
            return Entry(self, "x", channels)
        puts = [step for step in mine if isinstance(step, Put)]
        if len(mine) == len(puts) == 1 and len(flow) == 1 and "torch" not in str(flow):
            self.steps.append(When(condition, mine, [Put(puts[0].name, "nn.Identity()")]))
            self.forward += flow
        else:
            flag = self.attributes.new(f"has_{self.last(item, [])}")
            self.steps.append(Say(f"self.{flag} = {condition}"))
            if mine:
                self.steps.append(When(f"self.{flag}", mine, []))
            if result.variable != source.variable:
                self.forward.append(f"{result.variable} = {source.variable}")
            self.forward.append(Suite(f"if self.{flag}:", flow))
        found = Entry(self, result.variable, channels)
        found.labels = result.labels
        return found

    def condition(self, value: Value | None, wanted: list[tuple[Instance, bool]]) -> str:
        """A condition as Python."""
        text = None
        if value is not None:
            text = self.file.texts.written(value, self.names, whole=False)
        if text is None or not comes_to(text, wanted):
            raise Differs(wanted)
        return text

    def after_either(
        self, built: str, passed: str, condition: str, visits: list[tuple[Instance, Visit]]
    ) -> str:
        """The channels after an item that may be skipped."""
        wanted = [(at, channels_of(visit.result)) for at, visit in visits]
        for text in (built, passed):
            if comes_to(text, wanted):
                return text
        if built == passed:
            raise Differs(wanted)
        return f"({built} if {condition} else {passed})"

    def built(self, item: Item, visits: Sequence[tuple[Instance, Visit]], source: Entry) -> Entry:
        """Write an item that is there."""
        if isinstance(item.op, Reuse) and item.each is None and item.repeat is not None:
            return self.reused(item, item.op, visits, source)
        if item.each is not None or item.repeat is not None:
            return self.file.loop(self, item, visits, source)
        places = [(at, visit.copies[0]) for at, visit in visits]
        if item.only is not None:
            return self.in_training(item, places, source)
        return self.once(item, places, source)

    def in_training(self, item: Item, places: Places, source: Entry) -> Entry:
        """An auxiliary head, which runs in training only."""
        forward, self.forward = self.forward, []
        result = self.once(item, places, source)
        flow, self.forward = self.forward, forward
        variable = self.variables.new(identifier(self.last(item, [places[0][1].path])))
        first, code = flow[-1], None
        if isinstance(first, Line):
            code = first._replace(before=f"{variable} = ")
        self.forward.append(Suite("if self.training:", [*flow[:-1], code or f"{variable} = x"]))
        return Entry(self, variable, result.channels)

    def once(self, item: Item, places: Places, source: Entry) -> Entry:
        """Write an item that is built once."""
        op = item.op
        if isinstance(op, Residual):
            flow, channels = self.residual(item, op, places, source)
        elif isinstance(op, Branches):
            flow, channels = self.branches(item, op, places, source)
        elif isinstance(op, Gate):
            flow, channels = self.gate(item, places, source)
        elif isinstance(op, Reuse):
            return self.reuse(item, op, places, source)
        elif isinstance(op, LayerOp):
            return self.layer(item, op, places, source)
        else:
            return self.whole(item, places, source)
        return self.assigned(item, flow, source, channels)

    def assigned(self, item: Item, flow: Flow, source: Entry, channels: str) -> Entry:
        """The result of a flow in a variable."""
        variable = "x"
        if not self.is_chain:
            name = item.name.text if item.name is not None else ""
            if name in self.referred and item.only is None:
                variable = self.variables.new(identifier(name))
            code = flow(source.variable)
            if str(code) != variable:
                self.forward.append(Line(f"{variable} = ", code))
        found = Entry(self, variable, channels)
        found.flow = flow
        return found

    # Layers.

    def layer(self, item: Item, op: LayerOp, places: Places, source: Entry) -> Entry:
        spot = self.spot(item, places, self.names, source.channels)
        if issubclass(op.cls, Merge):
            return self.merge(item, spot)
        if "like" in op.arguments and spot.operations[0].like is not None:
            return self.resized(item, op, spot, source)
        parts = modules(spot)
        name = self.attribute(item, places)
        frozen = self.frozen(item, places, self.names)
        flow: Flow = same
        for part in parts:
            put = name if not part.suffix else self.attributes.new(name + part.suffix)
            is_main = not part.suffix
            paths = tuple((at, copy.path) for at, copy in places) if is_main else ()
            self.steps.append(
                Put(
                    put,
                    part.code,
                    paths,
                    frozen=frozen if is_main else "",
                    is_named=item.name is not None,
                )
            )
            flow = after(flow, f"self.{put}")
        return self.assigned(item, flow, source, channels_after(spot))

    def resized(self, item: Item, op: LayerOp, spot: Spot, source: Entry) -> Entry:
        """To the sizes of another item, which are known when it runs."""
        like = self.read(op.arguments["like"], item)
        method, axes = spot.same(lambda o: (o.method, len(o.input.sizes)))
        mode = f'"{LINEAR[axes - 1]}"' if method == "bilinear" else ""
        size = f"{like.variable}.shape[2:]"
        return self.assigned(
            item, lambda x: call("F.interpolate", x, size, mode=mode), source, source.channels
        )

    def merge(self, item: Item, spot: Spot) -> Entry:
        assert isinstance(item.op, LayerOp)
        entries = self.sources(item, item.op)
        channels = merged_channels(spot, [entry.channels for entry in entries])
        code = merged(spot, [entry.variable for entry in entries])
        return self.assigned(item, lambda _: code, self.current, channels)

    def sources(self, item: Item, op: LayerOp) -> list[Entry]:
        """What a merge reads."""
        value = op.sources
        parts = value.parts if value is not None else None
        if parts is None:
            message = f"{op.kind} reads a list that is an argument, which PyTorch code cannot say"
            raise NotExported(message, item, f"write the list here: {op.kind}: [name, prev]")
        return [self.read(part, item) for part in parts]

    def frozen(self, item: Item, places: Places, names: Names) -> str:
        """`requires_grad_` of what is not trained; "" where it is, or where its group says so."""
        if item.trainable is None:
            return ""
        wanted = [(at, not copy.frozen) for at, copy in places if not copy.in_frozen]
        if not wanted or all(trained for _, trained in wanted):
            return ""
        if not any(trained for _, trained in wanted):
            return "False"
        text = self.file.texts.written(item.trainable, names, whole=False)
        if text is None or not comes_to(text, wanted):
            raise Differs(wanted)
        return text

    # Composites.

    def part(self, item: Item, label: str, runs: Runs, source: Entry) -> tuple[Flow, str]:
        """A part of a composite: how it runs, and the channels that it gives."""
        found = {run.group.path.removeprefix(f"{at.path}.") for at, run in runs}
        name = found.pop() if len(found) == 1 else label
        base = f"{self.name}{camel(identifier(name))}"
        single = self.only_conditional(runs)
        if single is not None:
            return self.optional(item, identifier(name), runs, source, single)
        module = self.file.part(self, base, runs, self.names, source.channels)
        if module.code is None:
            return same, module.channels
        attribute = self.attributes.new(identifier(name))
        paths = tuple((at, run.group.path) for at, run in runs)
        self.steps.append(Put(attribute, module.code, paths, frozen=self.frozen_part(item, runs)))
        return self.flow_of(attribute, module), module.channels

    def frozen_part(self, item: Item, runs: Runs) -> str:
        if item.trainable is None:
            return ""
        wanted = [(at, not run.group.frozen) for at, run in runs]
        if common(wanted):
            return ""
        return "False"

    def flow_of(self, attribute: str, module: Module) -> Flow:
        """A call of a module of this class."""
        extra = [self.own(entry).variable for entry in module.extra]
        return lambda x: call(f"self.{attribute}", x, *extra)

    def only_conditional(self, runs: Runs) -> int | None:
        """The place of the one item that a part has at some instances and not at others."""
        built = [[bool(visit.copies) for visit in run.visits] for _, run in runs]
        some = [place for place, column in enumerate(zip(*built, strict=True)) if any(column)]
        if len(some) != 1 or all(row[some[0]] for row in built):
            return None
        item = runs[0][1].items[some[0]]
        if item.repeat is not None or item.each is not None or not reads_only_before(item):
            return None
        if item.trainable is not None or isinstance(item.op, Layers):
            return None
        return some[0]

    def optional(
        self, item: Item, name: str, runs: Runs, source: Entry, place: int
    ) -> tuple[Flow, str]:
        """A part of one item that may not be there: the identity instead."""
        inner = runs[0][1].items[place]
        visits = [(at, run.visits[place]) for at, run in runs]
        present = [(at, visit.copies[0]) for at, visit in visits if visit.copies]
        names = Names(self.names)
        names.previous = source
        condition = self.condition(inner.when, [(at, bool(v.copies)) for at, v in visits])
        module = self.file.module(self, inner, present, names, source.channels)
        channels = self.after_either(module.channels, source.channels, condition, visits)
        if module.code is None:
            return same, channels
        attribute = self.attributes.new(name)
        inside = tuple((at, copy.path) for at, copy in present)
        self.steps.append(Put(attribute, "nn.Identity()"))
        put = Put(attribute, module.code, inside, module.inside, self.frozen_part(item, runs))
        self.steps.append(When(condition, [put], []))
        return self.flow_of(attribute, module), channels

    def residual(self, item: Item, op: Residual, places: Places, source: Entry) -> tuple[Flow, str]:
        body, channels = self.part(item, "body", runs_of(places, 0), source)
        added = [(at, is_merged(copy)) for at, copy in places]
        if not any(has for _, has in added):
            return body, channels
        shortcut: Flow = same
        second = [(at, copy.runs[1]) for at, copy in places if len(copy.runs) > 1]
        if second:
            shortcut, _ = self.part(item, "shortcut", second, source)

        def flow(x: str) -> Code:
            return f"{body(x)} + {shortcut(x)}"

        if all(has for _, has in added):
            return flow, channels
        condition = self.condition(op.condition, added)
        flag = self.attributes.new("has_shortcut")
        self.steps.append(Say(f"self.{flag} = {condition}"))
        return (lambda x: f"{flow(x)} if self.{flag} else {body(x)}"), channels

    def branches(self, item: Item, op: Branches, places: Places, source: Entry) -> tuple[Flow, str]:
        labels = [tuple(at_path(run.group.path) for run in copy.runs) for _, copy in places]
        common([(at, label) for (at, _), label in zip(places, labels, strict=True)])
        common([(at, is_merged(copy)) for at, copy in places])
        parts = [
            self.part(item, label, runs_of(places, number), source)
            for number, label in enumerate(labels[0])
        ]
        if not is_merged(places[0][1]):
            return parts[0]
        ends = [(at, last_layer(copy)) for at, copy in places]
        spot = self.merge_spot(item, ends, source)
        channels = merged_channels(spot, [channels for _, channels in parts])
        return (lambda x: merged(spot, [flow(x) for flow, _ in parts])), channels

    def gate(self, item: Item, places: Places, source: Entry) -> tuple[Flow, str]:
        body, channels = self.part(item, "body", runs_of(places, 0), source)
        spot = self.merge_spot(item, [(at, last_layer(copy)) for at, copy in places], source)
        channels = merged_channels(spot, [source.channels, channels])
        return (lambda x: merged(spot, [x, body(x)])), channels

    def merge_spot(self, item: Item, ends: Sequence[tuple[Instance, Layer]], source: Entry) -> Spot:
        """The merge at the end of a composite."""
        return MergeSpot(item, ends, self, source.channels)

    def reuse(self, item: Item, op: Reuse, places: Places, source: Entry) -> Entry:
        """The modules of an earlier item, on another volume."""
        found = self.names.find(op.name.word or "") if op.name is not None else None
        flow = found.flow if found is not None else None
        if found is None or flow is None or found.writer is not self:
            message = "what is used again stands in another class of the PyTorch code"
            raise NotExported(message, item, "reuse an item of the same list")
        return self.assigned(item, flow, source, found.channels)

    def reused(
        self, item: Item, op: Reuse, visits: Sequence[tuple[Instance, Visit]], source: Entry
    ) -> Entry:
        """The same modules several times, one on top of the other."""
        for _ in range(common([(at, len(visit.copies)) for at, visit in visits])):
            source = self.reuse(item, op, [(at, visit.copies[0]) for at, visit in visits], source)
        return source

    # Calls and groups, which are modules as a whole.

    def whole(self, item: Item, places: Places, source: Entry) -> Entry:
        module = self.file.module(self, item, places, self.names, source.channels)
        if module.code is None:
            return self.assigned(item, same, source, module.channels)
        name = self.attribute(item, places)
        paths = tuple((at, copy.path) for at, copy in places)
        frozen = self.frozen(item, places, self.names)
        self.steps.append(
            Put(name, module.code, paths, module.inside, frozen, item.name is not None)
        )
        flow = self.flow_of(name, module)
        if not module.labels:
            return self.assigned(item, flow, source, module.channels)
        return self.several(item, flow, module, source, places)

    def several(
        self, item: Item, flow: Flow, module: Module, source: Entry, places: Places
    ) -> Entry:
        """What gives several volumes: those that are read get variables."""
        called = item.name.text if item.name is not None else self.last(item, [places[0][1].path])
        main = self.variables.new(identifier(called)) if called in self.referred else "x"
        targets, labels = self.unpacked(called, module)
        found = Entry(self, main, module.channels)
        found.labels = labels
        self.forward.append(Line(f"{', '.join([main, *targets])} = ", flow(source.variable)))
        return found

    def unpacked(self, called: str, module: Module) -> tuple[list[str], dict[str, Entry]]:
        """The variables for what a module gives beside its output."""
        targets, labels = [], {}
        for label, channels in module.labels.items():
            variable = self.variables.new(identifier(f"{called}_{label}"))
            labels[label] = Entry(self, variable, channels)
            targets.append(variable)
        return targets, labels


class MergeSpot(Spot):
    """The merge at the end of a composite, for which no item is written."""

    def __init__(
        self, item: Item, ends: Sequence[tuple[Instance, Layer]], writer: Writer, channels: str
    ) -> None:
        super().__init__(item, (), writer.file.texts, writer.names, channels)
        self.ends = ends

    @property
    def operations(self) -> list[Any]:
        return [layer.operation for _, layer in self.ends]

    def all(self, of: Any) -> list[tuple[Instance, Any]]:
        return [(at, of(layer.operation)) for at, layer in self.ends]


def runs_of(places: Places, number: int) -> Runs:
    return [(at, copy.runs[number]) for at, copy in places]


def at_path(path: str) -> str:
    return path.rpartition(".")[2]


def last_layer(copy: Copy) -> Layer:
    """The merge at the end of a composite."""
    assert isinstance(copy.element, Group)
    found = copy.element.children[-1]
    assert isinstance(found, Layer)
    return found


def is_merged(copy: Copy) -> bool:
    """Whether a composite ends in a merge."""
    children = copy.element.children if isinstance(copy.element, Group) else []
    return bool(children) and isinstance(children[-1], Layer)


def channels_of(signal: Any) -> int:
    return int(signal.output.channels)


def same(x: str) -> Code:
    """The flow through nothing."""
    return x


def after(flow: Flow, function: str) -> Flow:
    """One module on top of others."""
    return lambda x: call(function, flow(x))
