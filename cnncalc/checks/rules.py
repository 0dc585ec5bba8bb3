"""Rules: what works but is most likely not meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc import problems as codes
from cnncalc.problems import Problem

if TYPE_CHECKING:
    from cnncalc.network.network import Network


def report_unread(network: Network) -> None:
    """A layer that nothing reads and that is no output."""
    ends = set(map(id, network.output_signals.values()))
    for leaf in network:
        if not leaf.read and id(leaf) not in ends:
            key = leaf.item.key
            network.problems.add(
                Problem(
                    codes.UNUSED,
                    f"nothing reads {leaf.path}, and it is no output",
                    network.spec.text.span(key.start, key.end),
                    help="name it under outputs:, or delete it",
                    layer=leaf.path,
                )
            )
