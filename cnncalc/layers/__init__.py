"""The kinds of layers. Importing this package fills the registry."""

from cnncalc.layers import activation, conv, dense, merge, norm, pool, shape
from cnncalc.layers.base import KINDS, Layer, Note, find_kind

__all__ = [
    "KINDS", "Layer", "Note", "activation", "conv", "dense", "find_kind", "merge", "norm", "pool",
    "shape",
]  # fmt: skip
