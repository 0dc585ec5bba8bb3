"""What a report says at its top: the network, and its inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cnncalc.network.model import Network
    from cnncalc.volume import Volume


def title_of(network: Network) -> str:
    """The name of the network, and of the member of the family."""
    name = network.name or "unnamed network"
    return f"{name} · {network.variant}" if network.variant else name


def inputs_text(inputs: Mapping[str, Volume], channels_first: bool = False) -> str:
    """`input 32×32×1`, or each input with its name."""
    several = len(inputs) > 1
    return ", ".join(
        f"{name if several else 'input'} {volume.text(channels_first=channels_first)}"
        for name, volume in inputs.items()
    )
