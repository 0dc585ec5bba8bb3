"""What Keras's layers are, by their class without 1D, 2D and 3D, with their arguments."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from cnncalc.exchange.archive import Json

Config = dict[str, Json]
Layer = tuple[str, dict[str, Any]]  # a kind and its arguments


class Refused(Exception):
    """A layer, or a use of it, that no kind stands for."""


def layer_of(cls: str, config: Config, rank: int, sources: int) -> Layer:
    """The kind of a layer and its arguments; no kind for what changes nothing that is counted."""
    if config.get("data_format") == "channels_first" and rank:
        raise Refused
    reader = _LAYERS.get(re.sub(r"[123]D", "", cls))
    if reader is None:
        raise Refused
    if sources != 1 and cls == "MultiHeadAttention":
        raise Refused  # across two volumes
    if cls in _MERGES and sources == 1:
        return "", {}
    return reader(config, rank)


def _activation(config: Config) -> str | None:
    """The name of an activation; Keras has our names but for a few."""
    word = config.get("activation")
    if not isinstance(word, str) and word is not None:
        raise Refused
    return {"linear": None, None: None, "silu": "swish", "hard_silu": "hard_swish"}.get(word, word)


def _bias(config: Config) -> bool:
    return bool(config.get("use_bias", True))


def _window(config: Config) -> dict[str, Any]:
    padding = config.get("padding", "valid")
    dilation = config.get("dilation_rate", 1)
    return {
        "kernel": config["kernel_size"],
        "stride": config.get("strides", 1),
        "padding": None if padding == "valid" else padding,
        "dilation": None if dilation in (1, [1], [1, 1], [1, 1, 1]) else dilation,
        "bias": _bias(config),
        "activation": _activation(config),
    }


def _conv(config: Config, rank: int) -> Layer:
    groups = config.get("groups", 1)
    return "conv", {"filters": config["filters"], "groups": groups, **_window(config)}


def _depthwise(config: Config, rank: int) -> Layer:
    return "depthwise_conv", {"multiplier": config.get("depth_multiplier", 1), **_window(config)}


def _separable(config: Config, rank: int) -> Layer:
    own = {"filters": config["filters"], "multiplier": config.get("depth_multiplier", 1)}
    return "separable_conv", {**own, **_window(config)}


def _transposed(config: Config, rank: int) -> Layer:
    own = {"filters": config["filters"], "output_padding": config.get("output_padding")}
    return "transposed_conv", {**own, **_window(config)}


def _dense(config: Config, rank: int) -> Layer:
    """Keras applies a Dense layer at every position."""
    common = {"bias": _bias(config), "activation": _activation(config)}
    if rank:
        return "conv", {"filters": config["units"], "kernel": 1, **common}
    return "fc", {"units": config["units"], **common}


def _pool(kind: str) -> Callable[[Config, int], Layer]:
    def read(config: Config, rank: int) -> Layer:
        padding = config.get("padding", "valid")
        return kind, {
            "kernel": config["pool_size"],
            "stride": config.get("strides"),
            "padding": None if padding == "valid" else padding,
        }

    return read


def _global(kind: str) -> Callable[[Config, int], Layer]:
    return lambda config, rank: (kind, {"keep": bool(config.get("keepdims", False))})


def _batch_norm(config: Config, rank: int) -> Layer:
    axis = config.get("axis", -1)
    if (axis[0] if isinstance(axis, list) else axis) not in (-1, rank + 1):
        raise Refused
    return "batch_norm", {"scale": config.get("scale", True), "center": config.get("center", True)}


def _layer_norm(config: Config, rank: int) -> Layer:
    axis = config.get("axis", -1)
    if axis not in (-1, [-1], rank + 1, [rank + 1]) or config.get("scale") != config.get("center"):
        raise Refused
    return "layer_norm", {"affine": config.get("scale", True)}


def _group_norm(config: Config, rank: int) -> Layer:
    if config.get("scale", True) != config.get("center", True):
        raise Refused
    return "group_norm", {"groups": config["groups"], "affine": config.get("scale", True)}


def _relu(config: Config, rank: int) -> Layer:
    most, slope = config.get("max_value"), config.get("negative_slope")
    return "leaky_relu" if slope else "relu6" if most == 6 else "relu", {}


def _prelu(config: Config, rank: int) -> Layer:
    shared = config.get("shared_axes") or []
    if rank and shared != [*range(1, rank + 1)]:
        raise Refused
    return "prelu", {}


def _zero_pad(config: Config, rank: int) -> Layer:
    padding = config["padding"]
    pairs = [padding] if rank == 1 else padding
    return "zero_pad", {"padding": [[*pair] for pair in pairs]}


def _crop(config: Config, rank: int) -> Layer:
    if rank != 2:
        raise Refused
    (top, bottom), (left, right) = config["cropping"]
    return "crop", {"size": {"top": top, "bottom": bottom, "left": left, "right": right}}


def _reshape(config: Config, rank: int) -> Layer:
    if min(config["target_shape"]) < 1:
        raise Refused
    return "reshape", {"to": "x".join(map(str, config["target_shape"]))}


def _concat(config: Config, rank: int) -> Layer:
    if config.get("axis", -1) not in (-1, rank + 1):
        raise Refused
    return "concat", {}


def _attention(config: Config, rank: int) -> Layer:
    """Self-attention: Keras's projections have one width for queries and keys, one for values."""
    heads, each = config["num_heads"], config["key_dim"]
    axes = config.get("attention_axes")
    if config.get("value_dim") not in (None, each) or config.get("output_shape") is not None:
        raise Refused
    if axes not in (None, [*range(1, rank + 1)], list(range(1, rank + 1))) or not rank:
        raise Refused
    return "attention", {"heads": heads, "dimensions": heads * each, "bias": _bias(config)}


def _embedding(config: Config, rank: int) -> Layer:
    return "embedding", {"vocabulary": config["input_dim"], "dimensions": config["output_dim"]}


def _plain(kind: str) -> Callable[[Config, int], Layer]:
    return lambda config, rank: (kind, {})


_MERGES = {
    "Add": "add", "Subtract": "subtract", "Multiply": "multiply", "Average": "average",
    "Maximum": "maximum",
}  # fmt: skip
# What runs in training only, or changes values alone.
_IDENTITIES = (
    "ActivityRegularization", "GaussianDropout", "GaussianNoise", "Identity", "RandomBrightness",
    "RandomContrast", "RandomFlip", "RandomRotation", "RandomTranslation", "RandomZoom",
    "Rescaling",
)  # fmt: skip
_LAYERS: dict[str, Callable[[Config, int], Layer]] = {
    **{cls: _plain(kind) for cls, kind in _MERGES.items()},
    **dict.fromkeys(_IDENTITIES, _plain("identity")),
    "Activation": lambda config, rank: (_activation(config) or "", {}),
    "AveragePooling": _pool("avg_pool"),
    "BatchNormalization": _batch_norm,
    "Concatenate": _concat,
    "Conv": _conv,
    "ConvTranspose": _transposed,
    "Convolution": _conv,
    "Cropping": _crop,
    "Dense": _dense,
    "DepthwiseConv": _depthwise,
    "Dropout": _plain("dropout"),
    "CustomScaleLayer": _plain("add"),  # of Keras's Inception-ResNet: x + y·constant
    "ELU": _plain("elu"),
    "Embedding": _embedding,
    "Flatten": _plain("flatten"),
    "GlobalAveragePooling": _global("global_avg_pool"),
    "GlobalMaxPooling": _global("global_max_pool"),
    "GroupNormalization": _group_norm,
    "LayerNormalization": _layer_norm,
    "LayerScale": _plain("scale"),
    "LeakyReLU": _plain("leaky_relu"),
    "LocallyConnected": lambda config, rank: (
        "local_conv",
        {"filters": config["filters"], **_window(config)},
    ),
    "MaxPooling": _pool("max_pool"),
    "MultiHeadAttention": _attention,
    "PReLU": _prelu,
    "ReLU": _relu,
    "Reshape": _reshape,
    "SeparableConv": _separable,
    "Softmax": _plain("softmax"),
    "SpatialDropout": _plain("dropout"),
    "UpSampling": lambda config, rank: ("upsample", {"factor": config["size"]}),
    "ZeroPadding": _zero_pad,
}
