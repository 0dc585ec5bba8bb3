"""Models of frameworks, read as networks.

A file that a framework wrote stands wherever a spec can stand. Its suffix names its reader, a
module here; `api.is_model` knows which suffixes there are.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cnncalc.exchange.model import Model, ModelSpec
    from cnncalc.network.build import Foreign
    from cnncalc.network.model import Network


def read_model(path: str, max_size: int) -> Model:
    """The model of a file, of whose graph up to `max_size` bytes are read.

    Raises ModelError for a file that cannot be read, and OSError.
    """
    from importlib import import_module  # one reader of several

    reader = import_module(f"cnncalc.exchange{os.path.splitext(path)[1]}")
    model: Model = reader.read(path, max_size)
    return model


def read_spec(path: str, max_size: int, shown: str = "") -> ModelSpec:
    """A model where a spec is wanted, under the name that is shown. Raises SpecError, OSError."""
    from cnncalc.exchange.model import ModelError, ModelSpec, refused  # only where there is one

    try:
        return ModelSpec(read_model(path, max_size), shown or path)
    except ModelError as error:
        raise refused(shown or path, error) from None


def counterpart(code: Foreign, network: Network, *, resized: bool, max_layers: int) -> Network:
    """The network of a model, to compare another one with.

    It is on the other's inputs where it has no sizes of its own, or those are not the usual ones
    (`resized`). Batch norms that an exporter folded into convolutions are put back. Raises
    SpecError.
    """
    from cnncalc.exchange.factory import FactorySpec  # only where something is compared
    from cnncalc.exchange.model import ModelSpec  # as above

    volumes = [*network.inputs.values()]
    input: Any = volumes[0] if len(volumes) == 1 else dict(network.inputs)
    if isinstance(code, FactorySpec):
        code = ModelSpec(code.model(input), code.name)
    assert isinstance(code, ModelSpec)
    model = code.model
    if any(node.folded for node in model.nodes):
        model.unfold_batch_norm()
    if len(volumes) > 1 and len(volumes) == len(model.inputs):
        input = dict(zip(model.inputs, volumes, strict=True))
    own = not resized and None not in model.inputs.values()
    return code.found(None if own else input, max_layers).network
