"""Flow: the items of a spec, one on top of the other, as statements of a function.

A volume is a variable of Python, and every time a variable is written it becomes another volume.
Who reads a volume that is overwritten by then learns it as a fact, and the next time the file is
written that volume gets a variable of its own.
"""

from __future__ import annotations

from contextlib import contextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

from cnncalc.exchange.export.identifiers import snake
from cnncalc.exchange.export.keras.conditions import joined
from cnncalc.exchange.export.keras.reading import Reading
from cnncalc.exchange.export.keras.values import Ref
from cnncalc.exchange.export.layout import Code, Line, Suite
from cnncalc.language.model import Item, Items
from cnncalc.network.composites import prefix as prefix_of
from cnncalc.network.scope import FAILED, Place, Scope

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnncalc.exchange.export.record import Run
    from cnncalc.network.model import Group


class Flow(Reading):
    """The statements of a list of items."""

    def inner(self, runs: list[Run], path: str, target: str, current: Ref) -> Flow:
        """The flow of a part of a composite."""
        flow = Flow(self.function, runs, current, target, self.scope.inner(path), self.body)
        flow.entering, flow.trainable, flow.env = self.entering, self.trainable, self.env
        flow.entering_fact = self.entering_fact
        flow.owner = self.owner
        return flow

    # Statements.

    def write(self, code: Code, variable: str = "") -> None:
        """Let a variable, by default the one of this flow, be the volume that some code gives."""
        variable = variable or self.target
        self.body.append(Line(f"{variable} = ", code))
        self.function.assigned.add(variable)
        self.current = self.function.write(variable)

    def settle(self) -> None:
        """Bring the volume into the variable of this flow."""
        if self.current.variable != self.target or self.current.key:
            self.write(self.text(self.current))

    def begin(self, item: Item, *, held: bool = True) -> None:
        """Come to an item. What enters it gets a variable of its own, where that is needed."""
        self.previous = self.current
        if held and self.file.knows("hold", id(item)) and self.current.variable == self.target:
            variable = self.function.identifiers.new("before")
            self.body.append(f"{variable} = {self.target}")
            self.previous = self.function.write(variable)
        if self.at_top:
            self.entering, self.entering_fact = self.previous, ("hold", id(item))

    def variable(self, item: Item) -> str:
        """A variable that is called as an item is."""
        name = self.called.get(id(item)) or (item.name.text if item.name is not None else item.kind)
        return self.function.identifiers.new(snake(name), "volume")

    def own(self, item: Item) -> str:
        """The variable that a single statement writes: that of the item, if it has one."""
        in_loop = item.repeat is not None or item.each is not None
        kept = self.file.knows("kept", id(item))
        if self.is_shared or in_loop or item.when is not None or not kept:
            return ""
        return self.variable(item)

    def index(self) -> str:
        """The variable of a loop."""
        free = (letter for letter in "ijk" if letter not in self.function.identifiers.taken)
        return self.function.identifiers.new(next(free, "index"))

    def share(self, item: Item, what: str) -> str:
        """A variable for the layer or model that an item is, which is used again."""
        name = item.name.text if item.name is not None else item.kind
        variable = self.function.identifiers.new(f"{snake(name)}_{what}")
        self.function.shared[id(item)] = variable
        return variable

    @contextmanager
    def suite(self, header: str | Line) -> Iterator[None]:
        """What is written meanwhile stands below a header."""
        outer, self.body = self.body, []
        yield
        suite, self.body = Suite(header, self.body), outer
        joined(outer, suite)

    # Names of layers.

    def path_of(self, item: Item) -> str:
        """The name of an item, with what stands before it."""
        name = self.scope.name_of(item)
        self.scope.entries[name] = (FAILED, None, None)
        self.called[id(item)] = name
        path = self.scope.prefix + name
        self.function.paths.setdefault(path.removeprefix("{name}."), item)
        return path

    def labels(self, item: Item, path: str, named: bool, labels: tuple[str, ...]) -> str:
        """What stands before the names of a composite's parts."""
        place = Place(item, self.scope, path, cast("Group", None), named, False)
        return prefix_of(place, cast("Group", SimpleNamespace(path=path)), labels)

    def quoted(self, path: str) -> str:
        """The name of a layer as a Python literal."""
        name = path.replace(".", self.file.separator)
        self.function.names_layers |= "{name}" in name
        return f'f"{name}"' if "{" in name else f'"{name}"'


def scope_of(items: Items, prefix: str) -> Scope:
    """A scope in which the items of a function get their names."""
    scope = Scope({}, None, prefix)
    enter(scope, items)
    return scope


def enter(scope: Scope, items: Items) -> None:
    scope.items = items
