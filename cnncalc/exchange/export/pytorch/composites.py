"""Composites: residuals, branches and gates, whose parts are modules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cnncalc.exchange.export.identifiers import camel
from cnncalc.exchange.export.layout import Code
from cnncalc.exchange.export.pytorch.core import Core, Places, Runs, at_path, same
from cnncalc.exchange.export.pytorch.merges import merged, merged_channels
from cnncalc.exchange.export.pytorch.names import Entry, Flow, Names, identifier, reads_only_before
from cnncalc.exchange.export.pytorch.spots import Instance, Spot, common
from cnncalc.exchange.export.pytorch.steps import Put, Say, When
from cnncalc.exchange.export.record import Copy
from cnncalc.language.composites import Branches, Layers, Residual
from cnncalc.language.model import Item
from cnncalc.network.model import Group, Layer


class Composed(Core):
    """Writes composites."""

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


class MergeSpot(Spot):
    """The merge at the end of a composite, for which no item is written."""

    def __init__(
        self, item: Item, ends: Sequence[tuple[Instance, Layer]], writer: Core, channels: str
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
