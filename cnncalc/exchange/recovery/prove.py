"""The proof of a recovered spec: read again, it gives the network that it was made from."""

from __future__ import annotations

from collections import Counter

from cnncalc.exchange.recovery.graph import Graph
from cnncalc.exchange.recovery.items import Items, layers_of
from cnncalc.layers.activation import Activation
from cnncalc.network.model import Layer, Network
from cnncalc.problems import ERROR


class NotRecovered(Exception):
    """A spec that does not give the network; the text says where they part."""


def prove(text: str, items: Items, graph: Graph, network: Network) -> None:
    """Compare every layer, and what it reads. Raises NotRecovered."""
    from cnncalc.api import loads  # which builds networks
    from cnncalc.network.build import SpecError  # of networks

    try:
        found = loads(text, name="the recovered spec")
    except SpecError as error:
        first = next(one for one in error.problems if one.severity == ERROR)
        raise NotRecovered(f"the recovered spec has an error: {first.message}") from None
    wanted = [*layers_of(items)]
    if len(found.layers) != len(wanted):
        raise NotRecovered(f"{len(found.layers)} layers for {len(wanted)}")
    for one, other in zip(found.layers, wanted, strict=True):
        for name in ("kind", "output", "weights", "biases", "statistics", "macs"):
            mine, source = getattr(one, name), getattr(other, name)
            if mine != source:
                raise NotRecovered(
                    f"{name} of {one.path} ({one.label}) is {mine}, of {other.path} "
                    f"({other.label}) {source}"
                )
    _compare_edges(found, wanted, graph)
    if _activations(found) != _activations(network):
        raise NotRecovered("it has other activations")
    for name in ("parameters", "statistics", "macs"):
        if found.quantity(name) != network.quantity(name):
            raise NotRecovered(f"{name}: {found.quantity(name)} for {network.quantity(name)}")


def _activations(network: Network) -> Counter[str]:
    """How many there are of each kind, as layers and as the activation of layers."""
    layers = [layer.kind for layer in network.layers if isinstance(layer.operation, Activation)]
    own = [layer.arguments.get("activation") for layer in network.layers]
    return Counter([*layers, *filter(None, own)])


def _compare_edges(found: Network, wanted: list[Layer], graph: Graph) -> None:
    """What each layer reads must be the like of what its original reads."""
    like: dict[Layer | str, str] = {
        other: one.path for one, other in zip(found.layers, wanted, strict=True)
    }
    like.update(zip(graph.inputs, found.inputs, strict=True))
    for one, other in zip(found.layers, wanted, strict=True):
        mine = sorted(source.path for source in one.sources)
        theirs = sorted(like[source] for source in graph.reads[other])
        if mine != theirs:
            raise NotRecovered(
                f"{one.path} reads {', '.join(mine)}; the like of {other.path} reads "
                f"{', '.join(theirs)}"
            )
