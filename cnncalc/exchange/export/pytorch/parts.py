"""Parts: items, and lists of them, as modules of the class that holds them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from cnncalc.exchange.export.identifiers import camel
from cnncalc.exchange.export.layout import Code, call
from cnncalc.exchange.export.pytorch.classes import free_in, returned
from cnncalc.exchange.export.pytorch.core import Core, Places, Runs, Visits
from cnncalc.exchange.export.pytorch.kinds import channels_after, modules
from cnncalc.exchange.export.pytorch.known import Known
from cnncalc.exchange.export.pytorch.loops import loop
from cnncalc.exchange.export.pytorch.names import (
    Entry,
    Names,
    identifier,
    reads_only_before,
    references,
)
from cnncalc.exchange.export.pytorch.signatures import Class
from cnncalc.exchange.export.pytorch.spots import Instance
from cnncalc.exchange.export.pytorch.steps import Module, Put, frozen
from cnncalc.exchange.export.pytorch.writer import Writer
from cnncalc.exchange.export.record import Copy, Visit
from cnncalc.language.composites import Layers
from cnncalc.language.model import Block, Call, Included, Item, LayerOp
from cnncalc.layers.merge import Merge

NO_ENDS: Mapping[str, Entry] = {}


class Parts(Known):
    """Writes items, parts and groups as modules."""

    def module(
        self, owner: Core, item: Item, places: Places, names: Names, channels: str
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

    def layer(self, owner: Core, item: Item, places: Places, names: Names, channels: str) -> Module:
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
        self, owner: Core, base: str, runs: Runs, names: Names, channels: str,
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

    def wrapped(
        self, owner: Core, item: Item, places: Places, names: Names, channels: str
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

    def loop(self, owner: Core, item: Item, visits: Visits, source: Entry) -> Entry:
        """An item that is built several times."""
        return loop(owner, item, visits, source)

    def row(
        self, owner: Core, item: Item, turns: list[tuple[Instance, list[Copy]]],
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

    def call(
        self, owner: Core, item: Item, op: Call, places: Places, names: Names, channels: str
    ) -> Module:
        """A call of a block as a module."""
        raise NotImplementedError

    def included(
        self, owner: Core, item: Item, op: Included, places: Places, names: Names, channels: str
    ) -> Module:
        """Another network as a module."""
        raise NotImplementedError

    def class_of(self, block: Block, copy: Copy) -> Class:
        """The class for one call of a block."""
        raise NotImplementedError


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


def copied_item(item: Item) -> Item:
    """The item without its table."""
    found = Item.__new__(Item)
    for slot in Item.__slots__:
        setattr(found, slot, getattr(item, slot))
    found.each = None
    return found
