"""Walk: the items of a spec become layers and groups, one on top of the other.

Expressions may ask for the channels that enter a block, so that blocks cannot be expanded before
volumes are worked out: both happen in this one walk. How composites, block calls and reuses are put
together stands in composites.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from copy import copy
from typing import Any, TypeAlias, cast

from cnncalc import problems as codes
from cnncalc.arithmetic import EXACT, FLOOR
from cnncalc.language.expressions import Silenced
from cnncalc.language.located import Value
from cnncalc.language.model import Item, Items, LayerOp, Op, Spec
from cnncalc.language.written import Expect
from cnncalc.layers.maker import Maker
from cnncalc.layers.merge import Merge
from cnncalc.layers.values import meant_boolean
from cnncalc.network.builder import Builder
from cnncalc.network.model import Group, Layer, Signal
from cnncalc.network.names import Names
from cnncalc.network.reporter import Reported, Reporter
from cnncalc.network.scope import FAILED, NO_INPUT, Entry, Failed, Found, Place, Scope
from cnncalc.network.tables import Cells, Tables
from cnncalc.problems import Reject
from cnncalc.volume import Volume
from cnncalc.wording import is_fraction, show

MAX_DEPTH = 100  # of blocks and composites in one another, as expanded


class TooManyItems(Exception):
    """The limit on items is reached; give up on the network."""


Todo: TypeAlias = "int | list[Cells] | None"  # copies, rows, or once
Compose: TypeAlias = "Callable[[Walk, Any, Place, Found], Found]"


class Walk:
    """One walk over the items of a spec."""

    def __init__(
        self,
        builder: Builder,
        reporter: Reporter,
        maker: Maker,
        compose: Mapping[type[Op], Compose],
        max_items: int,
        strict: bool = False,
    ) -> None:
        self.builder = builder
        self.reporter = reporter
        self.maker = maker
        self.compose = compose
        self.names = Names(reporter)
        self.tables = Tables(reporter, self.names)
        self.max_items = max_items
        self.strict = strict
        self.rounding = builder.rounding
        self.line: int | None = None  # of the item that takes in the spec of the items, if one does
        self.visited = 0
        self.vars: dict[str, Any] = {}  # the values of the spec's own
        self.origins: dict[Layer | Group, Item] = {}
        self.firsts: dict[Layer | Group, Entry] = {}  # of each reuse, what it builds again
        self.read: set[Found] = set()  # what some item reads, built or not
        self.skipped: set[str] = set()  # paths of named items that are not there
        self.passed: dict[Group, Found] = {}  # what composites got from parts without a layer
        self.expects: list[tuple[Layer | Group, Expect]] = []

    def inside(self, spec: Spec, group: Group) -> Walk:
        """The walk over a spec that this one takes in; what is found stands in the same network.

        Its expectations are not judged, and its layers come from the line that takes it in.
        """
        walk = copy(self)
        walk.reporter = Reporter(spec, {}, self.reporter.problems)
        walk.names = Names(walk.reporter)
        walk.rounding = EXACT if self.strict and spec.rounding == FLOOR else spec.rounding
        walk.maker = spec.makers[walk.rounding]
        walk.line = group.line
        walk.expects = []
        return walk

    # Items.

    def run(
        self, items: Items, scope: Scope, signal: Found, group: Group, last: str | None = None
    ) -> Found:
        """Build a list of items, one on top of the other, up to the one that is called `last`."""
        scope.items = items
        scope.previous = signal
        for item in items:
            scope.previous = self.item(item, scope, group)
            if last is not None and last in scope.entries:
                break
        return scope.previous

    def item(self, item: Item, scope: Scope, group: Group) -> Found:
        """Build an item; what the next one reads."""
        previous = scope.previous
        self.visit(item)
        if item.op is None:
            return self.fail(item, scope)
        todo: Todo = None
        frozen = group.frozen
        try:
            signal = self.source_of(item, scope)
            if scope.outside:
                scope.enter(signal)
            if not item.is_plain:
                todo = self.todo(item, scope, signal)
                frozen = frozen or (item.each is None and self.freezes(item, scope))
        except (Silenced, Reported):
            return self.fail(item, scope)
        if todo is not None and not todo:
            result = self.skip(item, scope, signal)
            return result if item.only is None else previous
        name = scope.name_of(item)
        place = Place(item, scope, scope.prefix + name, group, item.name is not None, frozen)
        before = len(group.children)
        result = self.one(place, signal) if todo is None else self.built(place, signal, todo)
        scope.passing = None
        element = group.children[before] if len(group.children) > before else None
        if item.expect is not None and element is not None:
            self.expects.append((element, item.expect))
        scope.entries[name] = (result, item, element)
        if item.only is not None:
            set_aside(group.children[before:])
            return previous
        return result

    def visit(self, item: Item) -> None:
        """Count every item, skipped and empty ones too, so that no spec runs for ever."""
        self.visited += 1
        if self.visited > self.max_items:
            self.reporter.problem(
                codes.LIMIT,
                item,
                f"the spec expands to more than {self.max_items:,} items",
                "check repeat: and blocks that call blocks, or allow more with --limit layers=N",
            )
            raise TooManyItems

    def fail(self, item: Item, scope: Scope) -> Found:
        """An item that cannot be built keeps its name, so that reading it is no second error."""
        if item.kind or item.name is not None:
            scope.entries[scope.name_of(item)] = (FAILED, item, None)
        return FAILED

    def skip(self, item: Item, scope: Scope, signal: Found) -> Found:
        if item.expect is not None and self.line is None:
            message = f"the {item.kind} is skipped, its expect is not judged"
            self.reporter.problem(codes.NOT_JUDGED, item.expect, message)
        scope.passing = item
        if item.name is not None:
            self.skipped.add(scope.prefix + item.name.text)
            scope.entries[item.name.text] = (signal, item, None)
        return signal

    def todo(self, item: Item, scope: Scope, signal: Found) -> Todo:
        """How often an item is built here, or the rows of its table from the first one on."""
        return self.times(item, scope) if item.each is None else self.rows(item, scope, signal)

    def times(self, item: Item, scope: Scope) -> int | None:
        """How often an item stands here: None for once, 0 where it is skipped."""
        if item.when is None and item.repeat is None:
            return None
        return self.copies(item, scope) if self.is_there(item, scope) else 0

    def built(self, place: Place, signal: Found, todo: Todo) -> Found:
        """Build an item as often as there is to do."""
        if isinstance(todo, list):
            return self.each(place, signal, todo)
        return self.one(place, signal) if todo is None else self.repeat(place, signal, todo)

    def is_there(self, item: Item, scope: Scope) -> bool:
        return self.flag(item.when, scope, "when")

    def freezes(self, item: Item, scope: Scope) -> bool:
        return item.trainable is not None and not self.flag(item.trainable, scope, "trainable")

    def copies(self, item: Item, scope: Scope) -> int | None:
        """How often the item stands here; None where it is not repeated."""
        if item.repeat is None:
            return None
        value = self.value(item.repeat, scope)
        if type(value) is int and value >= 0:
            return value
        message = f"repeat takes a whole number of at least 0, not {show(value)}"
        help = "// divides and rounds down" if is_fraction(value) else _counted(value)
        raise self.refuse(item.repeat, scope, message, help)

    def repeat(self, place: Place, signal: Found, copies: int) -> Found:
        """Build the copies of an item, one on top of the other, as if it were written so often."""
        item = place.item
        group = self.open(place, item.kind, signal, label=f"{item.kind} ×{copies}")
        group.copies = True
        copy = place._replace(path=f"{place.path}.1", parent=group, named=True)
        signal = self.one(copy, signal)
        try:
            for number in range(2, copies + 1):
                if isinstance(signal, Failed) or not self.again(item, place.scope, signal):
                    break  # so are the others
                copy = copy._replace(path=f"{place.path}.{number}")
                if item.trainable is not None:
                    frozen = place.parent.frozen or self.freezes(item, place.scope)
                    copy = copy._replace(frozen=frozen)
                signal = self.one(copy, signal)
        except (Silenced, Reported):
            signal = FAILED
        group.frozen = all(child.frozen for child in group.children)
        return close(group, signal)

    def rows(self, item: Item, scope: Scope, signal: Found) -> list[Cells]:
        """The rows of an item's table, without the first ones that are skipped."""
        assert item.each is not None
        table = self.tables.rows(item.each, scope)
        for index, (number, cells) in enumerate(table):
            if index:
                self.visit(item)
            if self.times(item, scope.row(number, item, cells, signal)) != 0:
                return table[index:]
        return []

    def each(self, place: Place, signal: Found, rows: list[Cells]) -> Found:
        """Build the copies of an item that its rows make, one on top of the other."""
        item = place.item
        group = self.open(place, item.kind, signal)
        group.copies = True
        for index, (number, cells) in enumerate(rows):
            row = place.scope.row(number, item, cells, signal)
            path = f"{place.path}.{number}"
            try:
                if index:
                    self.visit(item)
                times = self.times(item, row)
                frozen = place.frozen or self.freezes(item, row)
            except (Silenced, Reported):
                signal = FAILED
                continue
            if times != 0:
                if index and not item.merges:
                    self.read.add(signal)
                copy = place._replace(scope=row, path=path, parent=group, named=True, frozen=frozen)
                signal = self.built(copy, signal, times)
        group.label = f"{item.kind} ×{len(group.children)}"
        group.frozen = all(child.frozen for child in group.children)
        return close(group, signal)

    def again(self, item: Item, scope: Scope, signal: Found) -> bool:
        """Come to the next copy of an item, which reads the one before; False if it is skipped.

        What is skipped hands on its input, so that the copies after it are skipped too.
        """
        self.visit(item)
        scope.previous = signal
        scope.enter(signal)
        if not self.is_there(item, scope):
            return False
        if not item.merges:
            self.read.add(signal)
        return True

    def one(self, place: Place, signal: Found) -> Found:
        """Build an item once."""
        op = place.item.op
        assert op is not None
        try:
            if isinstance(op, LayerOp):
                return self.layer(op, place, signal)
            if place.scope.depth >= MAX_DEPTH:
                message = f"nested deeper than {MAX_DEPTH} levels when expanded"
                raise self.reporter.problem(codes.LIMIT, place.item, message)
            return self.compose[type(op)](self, op, place, signal)
        except (Reported, Silenced):
            return FAILED

    # Values.

    def source_of(self, item: Item, scope: Scope) -> Found:
        """The volume that an item reads."""
        signal = scope.previous
        if item.source is not None:
            if item.each is not None and item.source.argument in item.each.columns:
                message = "from is what the first row reads, so that no name of a row stands in it"
                help = f"put the {item.kind} with its from: under layers:, and each: beside those"
                raise self.reporter.problem(codes.UNKNOWN_NAME, item.source, message, help)
            signal = self.names.signal(item.source, scope)
        elif item.merges:
            return signal
        elif signal is NO_INPUT:
            names = " or ".join(self.reporter.spec.inputs)
            message = f"the network has several inputs; say from: {names}"
            raise self.reporter.problem(codes.MISSING, item, message)
        self.read.add(signal)
        return signal

    def value(self, value: Value, scope: Scope) -> Any:
        """What a value comes to; what is wrong with it is reported."""
        try:
            return self.names.evaluate(value, scope)
        except Reject as reject:
            raise self.reporter.refused(reject, value, scope) from None

    def flag(self, value: Value | None, scope: Scope, what: str) -> bool:
        """A condition; true where nothing is written."""
        if value is None:
            return True
        found = self.value(value, scope)
        if isinstance(found, bool):
            return found
        message = f"{what} takes true, false or a comparison, not {show(found)}"
        raise self.refuse(value, scope, message, meant_boolean(found))

    def refuse(self, value: Value, scope: Scope, message: str, help: str = "") -> Reported:
        reject = Reject(codes.BAD_VALUE, message, help=help)
        return self.reporter.refused(reject, value, scope)

    # Layers.

    def layer(self, op: LayerOp, place: Place, signal: Found) -> Found:
        sources: tuple[Found, ...] = (signal,)
        if op.sources is not None:
            sources = self.names.signals(op.sources, op.kind, place.scope)
            self.read.update(sources)
        arguments = self.arguments(op, place)
        if not op.understood:
            return FAILED
        return self.placed(place, op, arguments, sources)

    def arguments(self, op: LayerOp, place: Place) -> dict[str, Any]:
        """The arguments of a layer, read once for equal values of the names that stand in them."""
        known = self.maker.known(op)
        if known is None:
            return self.worked_out(op, place)
        key = place.scope.key(op.names)
        found: dict[str, Any] | None = known.get(key)
        if found is None:
            found = self.worked_out(op, place)
            if key is not None:
                known[key] = found
        return found

    def worked_out(self, op: LayerOp, place: Place) -> dict[str, Any]:
        values: dict[str, Any] = {}
        bad = False
        names = place.scope
        for name, value in op.arguments.items():
            try:
                declared = op.cls.arguments[name]
                if declared.type.names_item:
                    values[name] = self.volume_of(name, value, place.scope)
                    continue
                found = value.evaluate(names)  # a call of names.evaluate would cost time here
                if names.asked:
                    self.names.note_asked(value, names)
                if found is None and not declared.type.takes_none:  # as if it were not written
                    default = op.defaults.get(name)
                    found = None if default is None else self.names.evaluate(default, names)
                    if found is None and not declared.required:
                        continue
                values[name] = found
            except Reject as reject:
                self.reporter.refused(reject, value, place.scope)
                bad = True
            except (Reported, Silenced):
                bad = True
        if bad:
            raise Reported
        typed, refused = self.maker.read(op.cls, values, self.rounding)
        for refusal in refused:
            self.reporter.report_layer(refusal, op, place, ())
        if refused:
            raise Reported
        return typed

    def volume_of(self, argument: str, value: Value, scope: Scope) -> Volume:
        """The volume of the item that an argument names, which counts as read."""
        signal = self.names.signal(value, scope, argument)
        self.read.add(signal)
        if isinstance(signal, Failed):
            raise Silenced
        return signal.output

    def placed(
        self, place: Place, op: LayerOp, arguments: dict[str, Any], sources: tuple[Found, ...]
    ) -> Found:
        """Add the layer of an item to its group."""
        if FAILED in sources or NO_INPUT in sources:
            return FAILED
        signals = cast("tuple[Signal, ...]", sources)
        volumes = tuple([signal.output for signal in signals])
        item, path = place.item, place.path
        try:
            operation = self.maker.make(op.cls, arguments, volumes, op.dimension)
        except Reject as reject:
            self.reporter.report_layer(reject, op, place, sources)
            return FAILED
        layer = self.builder.layer_in(
            place.parent,
            operation,
            signals,
            path,
            line=self.line or item.line,
            named=item.name is not None and is_named(item, path),
            frozen=place.frozen,
        )
        self.origins[layer] = item
        return layer

    # Groups.

    def open(self, place: Place, kind: str, signal: Found, *, label: str = "") -> Group:
        """A group for what an item holds."""
        return self.group_in(place, place.parent, kind, label or kind, signal, place.path)

    def group_in(
        self, place: Place, parent: Group, kind: str, label: str, signal: Found, path: str
    ) -> Group:
        group = self.builder.group_in(
            parent,
            kind,
            label,
            None if isinstance(signal, Failed) else signal,
            path,
            line=self.line or place.item.line,
            named=place.item.name is not None and is_named(place.item, path),
            frozen=place.frozen,
        )
        self.origins[group] = place.item
        return group

    def part(
        self, place: Place, group: Group, prefix: str, label: str, items: Items, signal: Found
    ) -> Found:
        """Build one part of a composite. A part that turns out empty hands its input on."""
        path = prefix + label
        part = self.group_in(place, group, label, label, signal, path)
        self.read.add(signal)
        result = close(part, self.run(items, place.scope.inner(path), signal, part))
        if not part.children:
            group.children.remove(part)
            if items and not isinstance(result, Failed):
                self.passed[group] = result
        return result

    def merge(
        self,
        place: Place,
        group: Group,
        path: str,
        cls: type[Merge],
        sources: tuple[Found, ...],
        arguments: dict[str, Any],
    ) -> Found:
        """The merge at the end of a composite."""
        self.read.update(sources)
        if (signal := self.passed.get(group)) is not None and sources.count(signal) > 1:
            self.names.doubled(place.item, cls.kind, "all items of a part are skipped")
        end = Place(place.item, place.scope, path, group, place.named, place.frozen)
        return self.placed(end, LayerOp(cls, None, {}, None), arguments, sources)


def set_aside(elements: list[Layer | Group]) -> None:
    """What an item with `only: training` built runs in training only."""
    for element in elements:
        element.training_only = True
        if isinstance(element, Group):
            set_aside(element.children)


def _counted(value: object) -> str:
    """What to write for `i in 1..3`."""
    found = re.fullmatch(r"\$?(\w{1,20}) in \[?(\d{1,6})(?:\.\.|, *)(\d{1,6})\]?", str(value))
    if found is None:
        return ""
    name, first, last = found[1], int(found[2]), int(found[3])
    numbers = [*map(str, range(first, last + 1))] if last - first < 9 else [first, "...", last]
    values = ", ".join(map(str, numbers))
    return (
        f"write repeat: {last - first + 1}, or each: {{{name}: [{values}]}} where ${name} is used"
    )


def is_named(item: Item, path: str) -> bool:
    """Whether the last part of a path is the author's name for the item."""
    return item.name is not None and path.rpartition(".")[2] == item.name.text


def close(group: Group, result: Found) -> Found:
    """Say what a group hands on."""
    group.result = None if isinstance(result, Failed) else result
    return result
