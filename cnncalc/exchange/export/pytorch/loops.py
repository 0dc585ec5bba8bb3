"""Items that are built several times: `repeat` and `each` as loops of Python."""

import ast
from collections import Counter
from collections.abc import Sequence
from copy import copy
from typing import Any

from cnncalc.exchange.export.layout import Code, Line, Suite, call, listing
from cnncalc.exchange.export.pytorch import symbols
from cnncalc.exchange.export.pytorch.classes import joined
from cnncalc.exchange.export.pytorch.core import Core, after, channels_of, same
from cnncalc.exchange.export.pytorch.names import Entry, Names, has_fraction
from cnncalc.exchange.export.pytorch.spots import Differs, Instance, comes_to, common, values_of
from cnncalc.exchange.export.pytorch.steps import Loop, Module, Put
from cnncalc.exchange.export.pytorch.turns import Over, Turn, Turns
from cnncalc.exchange.export.record import Visit
from cnncalc.language.model import Item

LONGEST = 65  # of a comprehension, which stands on one line


def loop(
    writer: Core, item: Item, visits: Sequence[tuple[Instance, Visit]], source: Entry
) -> Entry:
    """Write an item that is repeated, or that stands there for each row of a table."""
    return _Looped(writer, item, visits, source).written()


class _Looped(Turns):
    """The loop, and how it runs."""

    def written(self) -> Entry:
        if not any(turn.copies for turn in self.turns):
            return self.source
        try:
            module, entry = self.as_loop()
        except Differs:
            module, entry = self.unrolled()
        return self.run(module, entry)

    def as_loop(self) -> tuple[Module, str]:
        """The copies as one text; raises Differs where they need several."""
        self.check_rows()
        start = self.source.channels
        constant = comes_to(start, [(t.at, channels_of(t.copies[0].source)) for t in self.turns])
        if constant:
            module = self.body(start, {})
            return self.constant(module, start)
        variable = self.variable()
        module = self.body(variable, {variable: lambda turn: channels_of(turn.copies[0].source)})
        step = growth(module.channels, variable)
        found = None
        if step is not None and self.item.each is None and symbols.is_simple(start):
            found = self.growing(module, start, variable, step)
        return found or self.changing(module, start, variable)

    def variable(self) -> str:
        """The variable for the channels: that of the loop before, if nothing needs its value."""
        names = self.writer.names
        for known in reversed(self.writer.created):
            if not any(
                known in symbols.free_names(entry.channels)
                for around in names.chain()
                for name in self.writer.file.mentioned & around.entries.keys()
                for entry in (around.entries[name],)
            ):
                return known
        found = self.writer.locals.new("channels")
        self.writer.file.variables.add(found)
        return found

    def body(self, channels: str, more: dict[str, Any]) -> Module:
        """One time around the loop."""
        names = Names(self.writer.names)
        names.values = dict(self.columns)
        names.arguments = {name: self.named_by(name, self.turns) for name in self.naming}
        names.fractions = {
            name for name, python in self.columns.items()
            if any(has_fraction(t.values.get(python)) for t in self.turns)
        }  # fmt: skip
        if self.writer.names.is_outside:
            names.entering = channels
        names.previous = Entry(self.writer, "x", channels)
        inner = [
            (t, t.at.inside({**t.values, **{name: of(t) for name, of in more.items()}}))
            for t in self.turns
        ]
        if self.item.each is not None and self.item.repeat is not None:
            return self.writer.file.row(
                self.writer, self.item, [(at, t.copies) for t, at in inner], names, channels
            )
        places = [(at, t.copies[0]) for t, at in inner]
        for at, (t, _) in zip([p for p, _ in places], inner, strict=True):
            at.path = t.at.path
        module = self.writer.file.module(self.writer, self.item, places, names, channels)
        return frozen_in(module, self.writer.frozen(self.item, places, names))

    def constant(self, module: Module, start: str) -> tuple[Module, str]:
        """Copies that all read as many channels: a comprehension."""
        if module.code is None:
            return module, self.result(module.channels, start)
        over = self.over(symbols.free_names(str(module.code)))
        text = f"{module.code} {over.plain}"
        channels = self.result(module.channels, start)
        if len(text) > LONGEST:
            self.steps_of(module, over, [], [])
            return module._replace(code=None), channels
        return module._replace(code=self.sequence(text, module)), channels

    def growing(
        self, module: Module, start: str, variable: str, step: str
    ) -> tuple[Module, str] | None:
        """Copies that each add as many channels: `channels + i * growth`."""
        if module.code is None:
            return None
        wanted = [
            (t.at.inside({"i": t.number}), channels_of(t.copies[0].source)) for t in self.turns
        ]
        own = symbols.total(start, symbols.product("i", step))
        if not comes_to(own, wanted):
            return None
        code = replaced_in(module.code, {variable: own})
        over = self.over({"i"})
        text = f"{code} {over.plain}"
        self.writer.file.variables.add("i")
        channels = symbols.total(start, symbols.product(over.times, step))
        if len(text) > LONGEST or not comes_to(channels, self.results):
            return None
        return module._replace(code=self.sequence(text, module)), channels

    def changing(self, module: Module, start: str, variable: str) -> tuple[Module, str]:
        """A loop that says for each copy how many channels it reads."""
        code = module.code if module.code is not None else "nn.Identity()"
        over = self.over(symbols.free_names(str(code)) | symbols.free_names(module.channels))
        before = changed(variable, start)
        last = changed(variable, module.channels)
        self.remember(module.channels, start, variable, over)
        self.steps_of(module._replace(code=code), over, before, last)
        for at, visit in self.visits:
            at.values[variable] = channels_of(visit.result)
        channels = module.channels
        if not self.holds_after(channels):
            channels = variable
        return module._replace(code=None), channels

    def remember(self, out: str, start: str, variable: str, over: Over) -> None:
        """What the variable ends with, as far as that can be said in one expression."""
        end = None
        step = growth(out, variable)
        if step is not None and over.times:
            end = symbols.total(start, symbols.product(over.times, step))
        if (known := self.writer.created.get(variable)) is not None and end is not None:
            end = symbols.replaced(end, {variable: known})
        if end is not None and variable in symbols.free_names(end):
            end = None
        self.writer.created[variable] = end

    def steps_of(self, module: Module, over: Over, before: list[str], last: list[str]) -> None:
        assert module.code is not None
        is_list = bool(module.extra or module.labels) or self.is_collected
        self.writer.steps.append(
            Loop(self.name, before, over.header, "", module.code, last, is_list)
        )
        self.built = True

    @property
    def is_collected(self) -> bool:
        """Whether the copies are read one by one."""
        return (
            any(
                self.called in label.split(".")[:-1] and label.split(".")[-1].isdigit()
                for label in self.writer.file.labels
            )
            and not self.writer.is_chain
        )

    def sequence(self, inside: str, module: Module) -> Code:
        """Modules in a row, from a generator of them; a list where they are called one by one."""
        if module.extra or module.labels or self.is_collected:
            return call("nn.ModuleList", inside)
        return call("nn.Sequential", f"*({inside})")

    def result(self, out: str, start: str) -> str:
        """The channels after the loop."""
        for text in (out, start):
            if self.holds_after(text):
                return text
        return self.writer.file.texts.literal(common(self.results))

    def holds_after(self, text: str) -> bool:
        """Whether a text says the channels after the loop, without the names of a row."""
        is_known = not {*self.columns.values()} & symbols.free_names(text)
        return is_known and comes_to(text, self.results)

    def unrolled(self) -> tuple[Module, str]:
        """Every copy by itself."""
        by_number: dict[int, list[Turn]] = {}
        numbers_at: dict[Instance, list[int]] = {at: [] for at, _ in self.visits}
        for turn in self.turns:
            by_number.setdefault(turn.number, []).append(turn)
            numbers_at[turn.at].append(turn.number)
        numbers = common([(at, tuple(found)) for at, found in numbers_at.items()])
        channels = self.source.channels
        codes: list[Code] = []
        self.modules = []
        for number in numbers:
            module = self.one_turn(by_number[number]).body(channels, {})
            codes.append(module.code if module.code is not None else "nn.Identity()")
            self.modules.append(module)
            channels = module.channels
        if self.is_collected or any(m.extra or m.labels for m in self.modules):
            return Module(call("nn.ModuleList", listing(codes)), channels), channels
        return Module(call("nn.Sequential", *codes), channels), channels

    def one_turn(self, turns: list[Turn]) -> "_Looped":
        """The same item, with one of its copies; names of a row are what they stand for."""
        other = copy(self)
        other.turns = [turn._replace(values={}) for turn in turns]
        other.columns = {}
        for name in self.columns:
            found = common([(turn.at, values_of(turn.copies[0].values[name])) for turn in turns])
            other.columns[name] = self.writer.file.texts.literal(found)
        return other

    def run(self, module: Module, channels: str) -> Entry:
        writer = self.writer
        if module.code is None and not self.built:
            return writer.assigned(self.item, same, self.source, channels)
        if module.code is not None:
            writer.steps.append(Put(self.name, module.code, is_named=self.item.name is not None))
        orders: Counter[Instance] = Counter()
        for turn in self.turns:
            order = orders[turn.at]
            orders[turn.at] += 1
            inside = self.modules[order].inside if self.modules else module.inside
            path = turn.copies[0].path
            if self.item.each is not None and self.item.repeat is not None:
                path = path.rpartition(".")[0]
            writer.copied[path] = turn.at.path, joined(self.name, str(order), inside)
        if writer.is_chain:
            return Entry(writer, "x", channels)
        if any(one.extra or one.labels for one in self.modules):
            return self.one_after_the_other(channels)
        if not (module.extra or module.labels or self.is_collected):
            flow = after(same, f"self.{self.name}")
            return writer.assigned(self.item, flow, self.source, channels)
        return self.one_by_one(module, channels)

    def one_by_one(self, module: Module, channels: str) -> Entry:
        """Copies that read more than the one before, or that are read one by one."""
        writer = self.writer
        extra = [writer.own(entry).variable for entry in module.extra]
        if self.source.variable != "x":
            writer.forward.append(f"x = {self.source.variable}")
        found = Entry(writer, "x", channels)
        targets, found.labels = writer.unpacked(self.called, module)
        body: list[Any] = [Line(f"{', '.join(['x', *targets])} = ", call("layer", "x", *extra))]
        if self.is_collected:
            given = writer.variables.new(f"{self.name}_outputs")
            writer.forward.append(f"{given} = []")
            body.append(f"{given}.append(x)")
            mine = [turn for turn in self.turns if turn.at is self.visits[0][0]]
            for order, turn in enumerate(mine):
                label = Entry(writer, f"{given}[{order}]", self.channels_of_copy(turn))
                found.labels[str(turn.number + 1)] = label
        writer.forward.append(Suite(f"for layer in self.{self.name}:", body))
        return found

    def one_after_the_other(self, channels: str) -> Entry:
        """Copies that read unlike volumes beside the one before."""
        writer = self.writer
        if self.source.variable != "x":
            writer.forward.append(f"x = {self.source.variable}")
        found = Entry(writer, "x", channels)
        for order, module in enumerate(self.modules):
            extra = [writer.own(entry).variable for entry in module.extra]
            targets, found.labels = writer.unpacked(self.called, module)
            code = call(f"self.{self.name}[{order}]", "x", *extra)
            writer.forward.append(Line(f"{', '.join(['x', *targets])} = ", code))
        return found

    @property
    def called(self) -> str:
        return self.item.name.text if self.item.name is not None else self.name

    def channels_of_copy(self, turn: Turn) -> str:
        copies = [t for t in self.turns if t.number == turn.number]
        wanted = [(t.at, channels_of(t.copies[-1].result)) for t in copies]
        return self.writer.file.texts.literal(common(wanted))


def growth(channels: str, variable: str) -> str | None:
    """What is added, in `channels + growth`."""
    tree = ast.parse(channels, mode="eval").body
    if not isinstance(tree, ast.BinOp) or not isinstance(tree.op, ast.Add):
        return None
    left, right = ast.unparse(tree.left), ast.unparse(tree.right)
    step = right if left == variable else left if right == variable else None
    return None if step is None or variable in symbols.free_names(step) else step


def changed(variable: str, text: str) -> list[str]:
    """The statement that gives a variable another value."""
    for sign in ("+", "//", "*"):
        before = f"{variable} {sign} "
        if text.startswith(before) and symbols.is_simple(text.removeprefix(before)):
            return [f"{variable} {sign}= {text.removeprefix(before)}"]
    return [f"{variable} = {text}"] if text != variable else []


def replaced_in(code: Code, names: dict[str, str]) -> Code:
    """The code with expressions in the place of names."""
    if isinstance(code, str):
        return symbols.replaced(code, names)
    parts = tuple((before, replaced_in(part, names)) for before, part in code.parts)
    return code._replace(parts=parts)


def frozen_in(module: Module, frozen: str) -> Module:
    """The module, not trained."""
    if not frozen or module.code is None:
        return module
    more = [] if frozen == "False" else [frozen]
    return module._replace(code=call("frozen", module.code, *more))
