"""Side: one of two networks that are compared, and what its parts are in the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import TypeAlias

from cnncalc.exchange.drift.match import Pairs
from cnncalc.exchange.drift.parts import Part, Parts
from cnncalc.exchange.drift.slide import slide

Run: TypeAlias = tuple[Part, ...]
Gap: TypeAlias = tuple[Part | None, Part | None]


class Side:
    """The parts of one network, with their counterparts."""

    def __init__(self, parts: Parts, known: Pairs) -> None:
        self.parts = parts
        self.order = parts.order
        self.known = known
        self.moved: set[Part] = set()  # those whose counterpart is at another place
        self.place = {part: number for number, part in enumerate(self.order)}

    def is_settled(self, part: Part) -> bool:
        """Whether it has a counterpart, and at its place."""
        return part in self.known and part not in self.moved

    def runs(
        self, belongs: Callable[[Part], bool], go_on: Callable[[Part, Part], bool] | None = None
    ) -> Iterator[Run]:
        """Neighbours that all belong; a run ends where it does not go on."""
        run: list[Part] = []
        for part in self.order:
            if run and not (belongs(part) and (go_on is None or go_on(run[-1], part))):
                yield tuple(run)
                run = []
            if belongs(part):
                run.append(part)
        if run:
            yield tuple(run)

    def lone_runs(self) -> Iterator[Run]:
        """Those without a counterpart."""
        return self.runs(lambda part: part not in self.known)

    def slide_runs(self, other: Side) -> None:
        """Let runs without counterparts begin and end where groups do."""
        for run in [*self.lone_runs()]:
            start = self.place[run[0]]
            slide(self.order, start, start + len(run), self.known, other.known)

    def neighbours(self) -> tuple[list[Part | None], list[Part | None]]:
        """For every place the nearest settled part before it, and that behind it."""
        behind = [*self._nearest(reversed(self.order))]
        return [*self._nearest(self.order)], behind[::-1]

    def _nearest(self, order: Iterable[Part]) -> Iterator[Part | None]:
        last: Part | None = None
        for part in order:
            yield last
            last = part if self.is_settled(part) else last

    def gaps(self) -> dict[Run, Gap]:
        """The runs without counterparts, and the settled parts around each."""
        before, behind = self.neighbours()
        return {
            run: (before[self.place[run[0]]], behind[self.place[run[-1]]])
            for run in self.lone_runs()
        }

    def resolved(self, part: Part) -> list[Part] | None:
        """The settled part behind each of its sources; None where that is not one part."""
        found = [self.behind[source] for source in part.sources]
        known = [source for source in found if source is not None]
        return known if len(known) == len(found) else None

    @cached_property
    def behind(self) -> dict[Part, Part | None]:
        """Each settled part itself; of others what they come from, if that is one settled part."""
        behind: dict[Part, Part | None] = {
            part: part if part in self.known else None for part in self.parts.inputs
        }
        for part in self.order:
            chain = behind[part.sources[0]] if len(part.sources) == 1 else None
            behind[part] = part if self.is_settled(part) else chain
        return behind
