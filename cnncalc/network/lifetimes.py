"""Lifetimes: which volumes there are while each layer runs, in the order that is written.

A volume lives from its making to its last reader; inputs are there from the start, results to the
end. What works in place (activations, dropout, reshapes) goes on in its input's memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from typing import Any

from cnncalc.volume import Volume


class Lifetimes:
    """Of the layers of a network, and of the inputs and layers that they read."""

    def __init__(
        self,
        inputs: Iterable[Any],
        running: Sequence[Any],
        every: Sequence[Any],
        ends: Iterable[Any],
        bytes_of: Callable[[Volume], int],
    ) -> None:
        self._inputs = [*inputs]
        self._homes: dict[Any, Any] = {given: given for given in self._inputs}
        for layer in every:
            in_place = layer.operation.in_place and len(layer.sources) == 1
            self._homes[layer] = self._homes[layer.sources[0]] if in_place else layer
        self.alive = self._alive(running, ends, bytes_of)
        self.kept = {
            self._homes[source]
            for layer in every
            if layer.operation.weights and layer.operation.multiplies and not layer.frozen
            for source in layer.sources
        }

    def _alive(
        self, running: Sequence[Any], ends: Iterable[Any], bytes_of: Callable[[Volume], int]
    ) -> dict[Any, int]:
        """The bytes alive while each layer runs."""
        made = {**dict.fromkeys(self._inputs, 0), **{layer: i for i, layer in enumerate(running)}}
        last = dict.fromkeys(self._inputs, 0)
        for step, layer in enumerate(running):
            for signal in (layer, *layer.sources):
                last[self._homes[signal]] = step
        last |= {self._homes[end]: len(running) for end in ends}
        changes = [0] * (len(running) + 2)
        for home, until in last.items():
            if home in made:
                changes[made[home]] += bytes_of(home.output)
                changes[until + 1] -= bytes_of(home.output)
        return dict(zip(running, accumulate(changes), strict=False))
