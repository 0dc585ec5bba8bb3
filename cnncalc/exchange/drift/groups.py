"""Groups: which parts of a network make up a whole group, so that it can be called by its name."""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from typing import TypeAlias

from cnncalc.exchange.drift.parts import Part, hands_on
from cnncalc.exchange.drift.side import Run
from cnncalc.network.model import Group, Layer, Network

Unit: TypeAlias = Part | Group


class Groups:
    """The groups of one network."""

    def __init__(self, network: Network) -> None:
        self.network = network

    @cached_property
    def around(self) -> dict[Layer, list[Group]]:
        """The groups that each layer is in, outer ones first."""
        around: dict[Layer, list[Group]] = {}
        for group in self.network.groups:
            for layer in group.layers:
                around.setdefault(layer, []).append(group)
        return around

    @cached_property
    def sizes(self) -> Counter[Group]:
        """How many layers of each group are compared."""
        return Counter(
            group
            for layer, groups in self.around.items()
            if not hands_on(layer.operation)
            for group in groups
        )

    def units(self, run: Run) -> list[Unit]:
        """The parts of a run; in place of those that are all of a group, the group."""
        layers = dict.fromkeys(part.layer for part in run if part.layer is not None)
        if len(layers) < 2:
            return [*run]
        gone = Counter(group for layer in layers for group in self.around.get(layer, ()))
        whole = {group for group, number in gone.items() if number == self.sizes[group] > 1}
        units = ((part, self.around.get(part.layer, ()) if part.layer else ()) for part in run)
        return [*dict.fromkeys(next(filter(whole.__contains__, groups), part)
                               for part, groups in units)]  # fmt: skip

    def ended(self, last: Part, following: Part) -> Group | None:
        """The largest group that a part is in and the following one is not."""
        if last.layer is None or following.layer is None:
            return None
        others = self.around.get(following.layer, ())
        return next((each for each in self.around.get(last.layer, ()) if each not in others), None)
