"""The kinds of layers. Importing this package fills the registry."""

from cnncalc.layers import (  # isort: skip  # in this order kinds stand in lists
    activation,
    attention,
    conv,
    separable,
    transposed,
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
    "separable",
    "shape",
    "transposed",
]  # fmt: skip
