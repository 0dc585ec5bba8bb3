"""Rules that need the receptive fields, which take longer than all the rest."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc import problems as codes
from cnncalc.checks.rules.base import Rule
from cnncalc.network.build import Build
from cnncalc.network.network import Leaf
from cnncalc.problems import Problem
from cnncalc.wording import times


class ShortSighted(Rule):
    """A unit of the result depends on a part of the input only, however the weights are.

    A classifier like that cannot judge the whole picture: a layer more, a stride, a dilation or a
    global pool at the end lets it. Also said where windows that do not fit leave the last rows of
    the input unread.
    """

    code = codes.SHORT_SIGHTED
    whole = True
    because = "U-Net and other networks that judge every pixel by its surroundings are meant so"
    fires = """\
input: 32x32x3
layers:
  - conv: {filters: 8, kernel: 3, padding: same}
  - conv: {filters: 8, kernel: 3, padding: same}
"""
    passes = """\
input: 32x32x3
layers:
  - conv: {filters: 8, kernel: 3, padding: same}
  - conv: {filters: 8, kernel: 3, padding: same}
  - global_avg_pool
"""

    def check(self, build: Build) -> Iterator[Problem]:
        network = build.network
        for end in network.output_signals.values():
            if not isinstance(end, Leaf):
                continue
            for name, sizes in network.receptive_fields[end].sizes.items():
                volume = network.inputs[name]
                if any(map(int.__lt__, sizes, volume.sizes or (volume.channels,))):
                    which = "the input" if name == "input" else f"the input {name}"
                    yield self.problem(
                        build,
                        build.origins[end],
                        f"a unit of {end.path} sees {times(sizes)} of {which}, {volume.text()}",
                        layer=end.path,
                    )
