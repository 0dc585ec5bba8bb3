"""Record: what became of every item of a spec while its network was built.

Code is written from the items of a spec, in which names stand for values that differ from call to
call. The record says for every item how often it was built, with which values and on which volume.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cnncalc.language.model import Item, Items
from cnncalc.network.build import Build
from cnncalc.network.model import Group, Layer
from cnncalc.network.scope import Found, Place, Scope
from cnncalc.network.walk import Walk


class Run:
    """A list of items that was built once: those of a block, of the network, or of a part."""

    def __init__(self, items: Items, scope: Scope, group: Group, source: Found) -> None:
        self.items = items
        self.scope = scope
        self.group = group
        self.source = source  # what enters
        self.result: Found = source
        self.visits: list[Visit] = []

    @property
    def label(self) -> str:
        """The name of a part: body, shortcut, the label of a branch."""
        return self.group.name


class Visit:
    """An item of a run."""

    def __init__(self, item: Item, values: dict[str, Any], in_frozen: bool) -> None:
        self.item = item
        self.in_frozen = in_frozen  # whether it stands in a group that is not trained
        self.values = values  # of all names when it was come to
        self.copies: list[Copy] = []  # none where it was skipped
        self.result: Found | None = None  # what follows reads this


class Copy:
    """An item built once: the only time, or one of its copies."""

    def __init__(self, place: Place, source: Found, in_frozen: bool) -> None:
        self.item = place.item
        self.frozen = place.frozen
        self.in_frozen = in_frozen
        self.path = place.path
        self.scope = place.scope
        self.values = dict(place.scope.values)  # of all names, those of a row of `each` included
        self.source = source
        self.result: Found = source
        self.element: Layer | Group | None = None
        self.runs: list[Run] = []  # of its parts
        self.again: list[Copy] = []  # what a reuse builds


class Recorder:
    """Makes walks that note what they do; `runs` has the whole of it, once it is done."""

    def __init__(self) -> None:
        self.runs: list[Run] = []
        self.open: list[Any] = [self]

    def walk(self, *arguments: Any) -> Walk:
        """The walk of a build."""
        return _Recorded(self, *arguments)


class _Recorded(Walk):
    def __init__(self, recorder: Recorder, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.recorder = recorder

    def run(
        self, items: Items, scope: Scope, signal: Found, group: Group, last: str | None = None
    ) -> Found:
        run = Run(items, scope, group, signal)
        opened = self.recorder.open
        opened[-1].runs.append(run)
        opened.append(run)
        try:
            run.result = super().run(items, scope, signal, group, last)
        finally:
            opened.pop()
        return run.result

    def item(self, item: Item, scope: Scope, group: Group) -> Found:
        visit = Visit(item, dict(scope.values), group.frozen)
        opened = self.recorder.open
        opened[-1].visits.append(visit)
        opened.append(visit)
        try:
            visit.result = super().item(item, scope, group)
        finally:
            opened.pop()
        return visit.result

    def one(self, place: Place, signal: Found) -> Found:
        opened = self.recorder.open
        owner = opened[-1]
        copy = Copy(place, signal, owner.in_frozen)
        (owner.again if isinstance(owner, Copy) else owner.copies).append(copy)
        children = place.parent.children
        before = len(children)
        opened.append(copy)
        try:
            copy.result = super().one(place, signal)
        finally:
            opened.pop()
        copy.element = children[before] if len(children) > before else None
        return copy.result


def recorded(build: Callable[..., Build]) -> tuple[Build, Run]:
    """What a build comes to when it is given `walk_of`, and the record of it."""
    recorder = Recorder()
    found = build(walk_of=recorder.walk)
    (run,) = recorder.runs
    return found, run
