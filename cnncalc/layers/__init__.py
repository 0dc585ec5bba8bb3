"""The kinds of layers. Importing this package fills the registry."""

from cnncalc.layers import (
    activation,
    attention,
    conv,
    custom,
    dense,
    merge,
    norm,
    pool,
    resize,
    shape,
)
from cnncalc.layers.base import KINDS, Note, Operation, find_kind

__all__ = [
    "KINDS",
    "Note",
    "Operation",
    "activation",
    "attention",
    "conv",
    "custom",
    "dense",
    "find_kind",
    "merge",
    "norm",
    "pool",
    "resize",
    "shape",
]  # fmt: skip
