"""Rules that need the receptive fields, which take longer than all the rest."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.checks.rules.base import Rule
from cnncalc.network.build import Build
from cnncalc.network.model import Layer
from cnncalc.problems import NOTE, Problem, declare
from cnncalc.wording import times


class ShortSighted(Rule):
    """A unit of the result depends on a part of the input only, however the weights are."""

    code = declare("CNN311", "short-sighted", "a last receptive field smaller than the input", NOTE)
    whole = True

    def check(self, build: Build) -> Iterator[Problem]:
        network = build.network
        for end in network.output_signals.values():
            if not isinstance(end, Layer):
                continue
            for name, sizes in network.receptive_fields[end].sizes.items():
                volume = network.input_signals[name].output
                if any(map(int.__lt__, sizes, volume.sizes or (volume.channels,))):
                    which = "the input" if name == "input" else f"the input {name}"
                    yield self.problem(
                        build,
                        build.origins[end],
                        f"a unit of {end.path} sees {times(sizes)} of {which}, {volume.text()}",
                        layer=end.path,
                    )
