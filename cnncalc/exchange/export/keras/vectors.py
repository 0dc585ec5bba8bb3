"""Vectors: where a global pool need not keep axes of size 1."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.exchange.export.keras.flow import Flow
from cnncalc.language.model import Item, Items, LayerOp
from cnncalc.layers.activation import Activation

if TYPE_CHECKING:
    from cnncalc.exchange.export.record import Run


# What does the same to vectors as to maps of size 1.
_ANY_RANK = ("dropout", "batch_norm", "identity", "layer_norm")


def flat_heads(flow: Flow, items: Items, runs: list[Run]) -> set[int]:
    """From a global pool to the layer that flattens: vectors do, as Keras gives them."""
    flat: set[int] = set()
    since: list[Item] = []  # a pool and what follows it
    for place, item in enumerate(items):
        if not any(run.visits[place].copies for run in runs if place < len(run.visits)):
            continue
        plain = item.source is None and item.repeat is None and item.each is None
        op = item.op if plain and not flow.file.knows("kept", id(item)) else None
        kind = op.kind if isinstance(op, LayerOp) else ""
        if kind in ("global_avg_pool", "global_max_pool"):
            since = [] if item.written("keep") is not None else [item]
        elif kind in ("fc", "flatten", "rbf") and since:
            flat |= {id(found) for found in [*since, item]}
            since = []
        elif since and isinstance(op, LayerOp) and _takes_vectors(op):
            since.append(item)
        else:
            since = []
    return flat


def _takes_vectors(op: LayerOp) -> bool:
    known = op.kind in _ANY_RANK or (issubclass(op.cls, Activation) and op.kind != "softmax")
    return known and "axes" not in op.arguments
