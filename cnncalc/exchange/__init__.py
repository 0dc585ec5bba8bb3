"""Models of frameworks, read as networks.

A file that a framework wrote stands wherever a spec can stand. Its suffix names its reader, a
module here; `api.is_model` knows which suffixes there are.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cnncalc.exchange.model import Model, ModelSpec


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
