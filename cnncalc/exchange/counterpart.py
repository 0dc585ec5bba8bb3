"""The network of a model that another network is compared with."""

from __future__ import annotations

from typing import Any

from cnncalc.exchange.factory import FactorySpec
from cnncalc.exchange.frameworks import keras_model, torch_model
from cnncalc.exchange.model import Model, ModelError, ModelSpec
from cnncalc.limits import MAX_ITEMS
from cnncalc.network.build import Foreign, Inputs
from cnncalc.network.model import Network

__all__ = ["ModelError", "of_memory", "of_spec"]


def of_spec(
    code: Foreign, network: Network, *, resized: bool, max_layers: int, allow_custom: bool
) -> Network:
    """The network of what was read or is called; for `resized` see `_network`. Raises SpecError."""
    if isinstance(code, FactorySpec):
        code = ModelSpec(code.model(_inputs(network)), code.name)
    assert isinstance(code, ModelSpec)
    return _network(code, network, resized, max_layers, allow_custom)


def of_memory(model: object, network: Network, *, resized: bool) -> Network:
    """The network of a model of PyTorch or Keras. Raises ModelError, SpecError and TypeError."""
    if isinstance(model, Network):
        return model
    name = type(model).__name__
    if hasattr(model, "to_json"):
        read = keras_model(model, name)
    else:
        read = torch_model(model, [*network.inputs.values()], name)
    return _network(ModelSpec(read, name), network, resized, MAX_ITEMS, allow_custom=False)


def _network(
    code: ModelSpec, network: Network, resized: bool, max_layers: int, allow_custom: bool
) -> Network:
    """The network of a model whose batch norms are back where an exporter folded them away.

    It is on the inputs of the other network where it has no sizes of its own, or where those are
    not what the other is on (`resized`).
    """
    model = code.model
    if any(node.folded for node in model.nodes):
        model.unfold_batch_norm()
    own = not resized and None not in model.inputs.values()
    input = None if own else _renamed(model, network)
    return code.found(input, max_layers, allow_custom=allow_custom).network


def _inputs(network: Network) -> Inputs:
    volumes = [*network.inputs.values()]
    return volumes[0] if len(volumes) == 1 else dict(network.inputs)


def _renamed(model: Model, network: Network) -> Inputs:
    """The inputs of a network by the names that a model has for them."""
    if len(model.inputs) != len(network.inputs) or len(model.inputs) == 1:
        return _inputs(network)
    volumes: Any = zip(model.inputs, network.inputs.values(), strict=True)
    return dict(volumes)
