"""Writer: a list of items as the `__init__` and `forward` of a class.

Items that read one another in a row are modules of an nn.Sequential, without a forward; anything
else is written out in forward.
"""

from __future__ import annotations

from collections.abc import Sequence

from cnncalc.exchange.export.layout import Line, Suite, call
from cnncalc.exchange.export.pytorch.composites import Composed
from cnncalc.exchange.export.pytorch.core import Places, after, same
from cnncalc.exchange.export.pytorch.kinds import LINEAR, channels_after, modules
from cnncalc.exchange.export.pytorch.merges import merged, merged_channels
from cnncalc.exchange.export.pytorch.names import Entry, Flow, identifier, references
from cnncalc.exchange.export.pytorch.spots import Instance, Spot, common
from cnncalc.exchange.export.pytorch.steps import Module, Put, Say, When
from cnncalc.exchange.export.record import Visit
from cnncalc.exchange.export.targets import NotExported
from cnncalc.language.composites import Branches, Gate, Residual, Reuse
from cnncalc.language.model import Item, LayerOp
from cnncalc.layers.merge import Merge


class Writer(Composed):
    """Writes the items of one list."""

    def run(self, items: Sequence[Item], visits: list[list[tuple[Instance, Visit]]]) -> None:
        """Write a list of items, each with what became of it at every instance."""
        self.referred |= set(references(items))
        self.names.input = self.current
        if not self.is_chain and {"input", *self.names.entries} & self.referred:
            variable = self.variables.new("entering")  # of its own, as it is read again
            self.forward.append(f"{variable} = {self.current.variable}")
            pinned = Entry(self, variable, self.current.channels)
            pinned.labels = self.current.labels
            self.names.input = self.current = pinned
        for item, places in zip(items, visits, strict=False):
            self.ordinals[item.kind] = self.ordinals.get(item.kind, 0) + 1
            self.names.previous = self.current
            self.item(item, places)
        self.names.previous = self.current

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
        last, code = flow[-1] if flow else None, None
        if isinstance(last, Line):
            code = last._replace(before=f"{variable} = ")
        own = code or f"{variable} = {result.variable}"
        self.forward.append(Suite("if self.training:", [*flow[:-1], own]))
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
