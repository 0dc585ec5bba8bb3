"""Layers: what each kind of layer is in Keras."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.exchange.export.keras.convolutions import (
    conv,
    depthwise,
    local_conv,
    separable,
    transposed,
)
from cnncalc.exchange.export.keras.flow import Flow
from cnncalc.exchange.export.keras.leaf import Kind, Leaf
from cnncalc.exchange.export.keras.merges import Own, write_merge
from cnncalc.exchange.export.keras.moves import crop, reshape, resize, sliced, upsample, zero_pad
from cnncalc.exchange.export.keras.pools import adaptive, global_pool, pool, subsample
from cnncalc.exchange.export.keras.units import (
    activation,
    attention,
    dense,
    drop_path,
    dropout,
    instance_norm,
    layer_norm,
    prelu,
    simple,
)
from cnncalc.exchange.export.layout import Brackets, Code, Line, call
from cnncalc.language.model import Item, LayerOp
from cnncalc.layers.merge import Merge

if TYPE_CHECKING:
    from cnncalc.exchange.export.record import Copy
    from cnncalc.network.model import Layer


def _custom(leaf: Leaf) -> Code:
    raise leaf.refused("says how many parameters there are, and not of which layers, so that no "
                       "code can be written", "write the layers that it stands for")  # fmt: skip


_NAMED = ("relu6", "leaky_relu", "elu", "selu", "gelu", "sigmoid", "tanh", "swish", "hard_swish",
          "hard_sigmoid", "mish", "softplus", "softmax", "log_softmax", "activation")  # fmt: skip


KINDS: dict[str, Kind] = {
    **dict.fromkeys(_NAMED, activation),
    "abs": lambda leaf: call("keras.ops.abs", leaf.x),
    "adaptive_avg_pool": adaptive("Average"),
    "adaptive_max_pool": adaptive("Max"),
    "attention": attention,
    "avg_pool": pool("Average"),
    "batch_norm": simple("BatchNormalization", center="center", scale="scale"),
    "channel_shuffle": simple("ChannelShuffle", "groups"),
    "class_token": simple("ClassToken"),
    "conv": conv,
    "crop": crop,
    "custom": _custom,
    "depthwise_conv": depthwise,
    "drop_path": drop_path,
    "dropout": dropout,
    "embedding": simple("Embedding", "vocabulary", "dimensions"),
    "fc": dense,
    "flatten": simple("Flatten"),
    "global_avg_pool": global_pool("Average"),
    "global_max_pool": global_pool("Max"),
    "group_norm": simple("GroupNormalization", "groups", center="affine", scale="affine"),
    "identity": simple("Identity"),
    "instance_norm": instance_norm,
    "layer_norm": layer_norm,
    "local_conv": local_conv,
    "lrn": simple("LocalResponseNormalization", "size"),
    "max_pool": pool("Max"),
    "pixel_shuffle": simple("DepthToSpace", "factor"),
    "position_embedding": simple("PositionEmbedding"),
    "prelu": prelu,
    "rbf": simple("RadialBasis", "units", flat=True),
    "relu": simple("ReLU"),
    "reshape": reshape,
    "resize": resize,
    "scale": simple("Scale", use_bias="bias"),
    "separable_conv": separable,
    "slice": sliced,
    "space_to_depth": simple("SpaceToDepth", "factor"),
    "subsample": subsample,
    "transposed_conv": transposed,
    "upsample": upsample,
    "zero_pad": zero_pad,
}


def write_layer(
    flow: Flow, item: Item, op: LayerOp, path: str, built: list[tuple[Copy, Layer]], own: Own
) -> None:
    """Write the layer of an item; `own` makes the variable that it is to have, if any."""
    if op.sources is not None and issubclass(op.cls, Merge):
        parts = flow.references(op.sources)
        write_merge(flow, op.cls, parts, path, [layer for _, layer in built], own)
        return
    leaf = Leaf(flow, item, op, path, built)
    code = KINDS[op.kind](leaf) if op.kind in KINDS else None
    if code is None:
        raise leaf.refused("has no layer in Keras")
    if leaf.ends_with:
        if code != leaf.x:
            flow.write(code)
        code = call(leaf.ends_with, leaf.x)
    layer = code.head if isinstance(code, Brackets) else None
    if id(item) in flow.file.reused and isinstance(layer, Brackets) and leaf.steps == 0:
        name = flow.share(item, "layer")
        flow.body.append(Line(f"{name} = ", layer))
        code = code._replace(head=name) if isinstance(code, Brackets) else code
    flow.write(code, own())
