"""Core: what writing a class is about, whatever its items are: names, conditions, variables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Protocol, TypeAlias

from cnncalc.exchange.export.identifiers import Identifiers
from cnncalc.exchange.export.layout import Code, Line, Statement, Suite, call
from cnncalc.exchange.export.pytorch import symbols
from cnncalc.exchange.export.pytorch.names import Entry, Flow, Names, identifier
from cnncalc.exchange.export.pytorch.spots import Differs, Instance, Spot, Texts, comes_to, common
from cnncalc.exchange.export.pytorch.steps import Module, Step
from cnncalc.exchange.export.record import Copy, Run, Visit
from cnncalc.exchange.export.targets import NotExported
from cnncalc.language.located import Value
from cnncalc.language.model import Item
from cnncalc.network.model import Input, Layer
from cnncalc.network.scope import Found

Places: TypeAlias = Sequence[tuple[Instance, Copy]]
Runs: TypeAlias = Sequence[tuple[Instance, Run]]
Visits: TypeAlias = Sequence[tuple[Instance, Visit]]

# Names that nn.Module and nn.Sequential have.
RESERVED = frozenset((
    "T_destination", "add_module", "append", "apply", "bfloat16", "buffers", "call_super_init",
    "children", "compile", "cpu", "cuda", "double", "dump_patches", "eval", "extend", "extra_repr",
    "float", "forward", "get_buffer", "get_extra_state", "get_parameter", "get_submodule", "half",
    "insert", "ipu", "load_state_dict", "modules", "mtia", "named_buffers", "named_children",
    "named_modules", "named_parameters", "parameters", "pop", "register_backward_hook",
    "register_buffer", "register_forward_hook", "register_forward_pre_hook",
    "register_full_backward_hook", "register_full_backward_pre_hook",
    "register_load_state_dict_post_hook", "register_load_state_dict_pre_hook", "register_module",
    "register_parameter", "register_state_dict_post_hook", "register_state_dict_pre_hook",
    "requires_grad_", "set_extra_state", "set_submodule", "share_memory", "state_dict", "to",
    "to_empty", "train", "training", "type", "xpu", "zero_grad",
))  # fmt: skip

LONGEST = 72  # of an expression that is not broken


class Owner(Protocol):
    """The file that is written, as far as a Core asks it."""

    texts: Texts
    globals: tuple[str, ...]
    labels: set[str]
    variables: set[str]
    mentioned: set[str]

    def module(
        self, owner: Core, item: Item, places: Places, names: Names, channels: str
    ) -> Module: ...
    def part(self, owner: Core, base: str, runs: Runs, names: Names, channels: str) -> Module: ...
    def row(
        self, owner: Core, item: Item, turns: list[tuple[Instance, list[Copy]]],
        names: Names, channels: str,
    ) -> Module: ...  # fmt: skip
    def loop(self, owner: Core, item: Item, visits: Visits, source: Entry) -> Entry: ...
    def python(self, name: str) -> str: ...


class Core:
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

    def assigned(self, item: Item, flow: Flow, source: Entry, channels: str) -> Entry:
        """The result of a flow in a variable."""
        variable = "x"
        if not self.is_chain:
            name = item.name.text if item.name is not None else ""
            if name in self.referred and item.only is None:
                variable = self.variables.new(identifier(name))
            code = flow(source.variable)
            if str(code) != variable:
                self.forward += assignment(variable, code)
        found = Entry(self, variable, channels)
        found.flow = flow
        return found

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

    def flow_of(self, attribute: str, module: Module) -> Flow:
        """A call of a module of this class."""
        extra = [self.own(entry).variable for entry in module.extra]
        return lambda x: call(f"self.{attribute}", x, *extra)

    def unpacked(self, called: str, module: Module) -> tuple[list[str], dict[str, Entry]]:
        """The variables for what a module gives beside its output."""
        targets, labels = [], {}
        for label, channels in module.labels.items():
            variable = self.variables.new(identifier(f"{called}_{label}"))
            labels[label] = Entry(self, variable, channels)
            targets.append(variable)
        return targets, labels


def channels_of(signal: Found | None) -> int:
    assert isinstance(signal, (Layer, Input))  # a network with errors is not exported
    return signal.output.channels


def same(x: str) -> Code:
    """The flow through nothing."""
    return x


def after(flow: Flow, function: str) -> Flow:
    """One module on top of others."""
    return lambda x: call(function, flow(x))


def at_path(path: str) -> str:
    return path.rpartition(".")[2]


def assignment(variable: str, code: Code) -> list[Statement]:
    """The statement `x = code`; a long `a if b else c` is one of several lines."""
    either = re.fullmatch(r"(.+) if (self\.\w+) else (.+)", str(code))
    if either is None or len(str(code)) <= LONGEST:
        return [Line(f"{variable} = ", code)]
    there, flag, not_there = either.groups()
    first = Suite(f"if {flag}:", [f"{variable} = {there}"])
    return [first, Suite("else:", [f"{variable} = {not_there}"])]
