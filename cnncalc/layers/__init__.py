"""The kinds of layers. Importing this package fills the registry."""

from cnncalc.layers import activation, conv, dense, merge, norm, pool, shape
from cnncalc.layers.base import KINDS, Note, Operation, find_kind

__all__ = [
    "KINDS",
    "Note",
    "Operation",
    "activation",
    "conv",
    "dense",
    "find_kind",
    "merge",
    "norm",
    "pool",
    "shape",
]  # fmt: skip
