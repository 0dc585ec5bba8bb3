"""Reads .keras files (of Keras 3, and Keras 2's JSON in them): a zip file with config.json.

Every layer is there with all its arguments and with what it reads. The weights are not read.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from cnncalc.exchange.archive import read_json
from cnncalc.exchange.model import Model, ModelError, Node, Scope
from cnncalc.volume import Volume
from cnncalc.wording import visible

Config = dict[str, Any]
Layer = tuple[str, dict[str, Any]]  # a kind and its arguments

_NO_LAYERS = (
    "{} is a subclassed model: its file holds the name of its class, {}, and no layers; "
    "a model made as keras.Model(inputs, outputs) is saved with its layers"
)
_MODELS = ("Functional", "Sequential", "Model")
_MAX_NESTED = 50


class Refused(Exception):
    """A layer, or a use of it, that no kind stands for."""


def read(path: str, max_size: int) -> Model:
    """The model of a .keras file. Raises ModelError, and OSError."""
    return from_config(read_json(path, "config.json", max_size), path)


def from_config(config: Config, name: str) -> Model:
    """The model of what `model.to_json()` gives, once it is read. Raises ModelError."""
    reading = _Reading(Model(name, source="Keras"))
    try:
        if config["class_name"] not in _MODELS:
            raise ModelError(_NO_LAYERS.format(visible(name), visible(config["class_name"])))
        reading.model.outputs = reading.read(config, (), [])
    except (AttributeError, IndexError, KeyError, TypeError) as error:
        raise ModelError(
            f"{visible(name)} is not as Keras writes it: {type(error).__name__} {error}"
        ) from None
    return reading.model


class _Reading:
    """Reads one model. Signals are called by the names of the nodes that give them."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.ranks: dict[str, int] = {}  # the spatial axes of each signal
        self.first: dict[str, str] = {}  # the node of the first use of each layer

    def read(self, config: Config, scopes: tuple[Scope, ...], given: list[str]) -> list[str]:
        """Add the layers of a model that reads the signals `given`; what it hands on."""
        if len(scopes) > _MAX_NESTED:
            raise ModelError(f"models are nested in models more than {_MAX_NESTED} deep")
        inner = config["config"]
        if config["class_name"] == "Sequential":
            return self.sequence(inner, scopes, given)
        ends = [end[0] for end in _histories(inner["input_layers"])]
        results = {(name, 0): [signal] for name, signal in zip(ends, given, strict=False)}
        for layer in inner["layers"]:
            name = layer["config"]["name"]
            if layer["class_name"] != "InputLayer":
                for number, node in enumerate(layer["inbound_nodes"]):
                    sources = [results[name_, n][place] for name_, n, place in _histories(node)]
                    results[name, number] = self.call(layer, scopes, sources)
            elif not given:
                results[name, 0] = [self.input(layer["config"])]
        return [results[name, n][place] for name, n, place in _histories(inner["output_layers"])]

    def sequence(self, inner: Config, scopes: tuple[Scope, ...], given: list[str]) -> list[str]:
        """Add the layers of a Sequential model."""
        signals = given
        for layer in inner["layers"]:
            if not signals:
                own = layer["config"]
                shape = _shape(own) or inner.get("build_input_shape")
                signals = [self.input({**own, "batch_shape": shape})]
            if layer["class_name"] != "InputLayer":
                signals = self.call(layer, scopes, signals)
        return signals

    def input(self, config: Config) -> str:
        """An input of the network."""
        shape = _shape(config)
        if shape is None:
            raise ModelError("the model was saved before it knew its input; call it once, or give "
                             "it an Input layer")  # fmt: skip
        *sizes, channels = shape[1:]
        name: str = config["name"]
        known = None not in shape[1:]
        self.model.inputs[name] = Volume(tuple(sizes), channels) if known else None
        self.ranks[name] = len(sizes)
        return name

    def call(self, layer: Config, scopes: tuple[Scope, ...], sources: list[str]) -> list[str]:
        """Add one use of a layer, or of a model; what it hands on."""
        cls, config = layer["class_name"], layer["config"]
        name = config["name"]
        if cls in _MODELS:
            return self.read(layer, (*scopes, Scope(name, cls)), sources)
        rank = self.ranks[sources[0]]
        if cls == "Normalization":
            self.model.remarks.append(
                f"{visible(name)} normalises the input with numbers that are not counted here; "
                "Keras counts them as non-trainable"
            )
            return sources
        try:
            kind, arguments = _layer(cls, config, rank, len(sources))
        except Refused:
            self.model.unknown.append((cls, name))
            kind, arguments = "identity", {}
        if not kind:
            return sources
        path = ".".join([*(scope.name for scope in scopes), name])
        first = self.first.get(path, "")
        signal = f"{path}:{len(self.model.nodes)}"
        self.first.setdefault(path, signal)
        given = {key: value for key, value in arguments.items() if value is not None}
        self.model.nodes.append(
            Node(signal, kind, given, sources, label=name, scopes=scopes, shares=first)
        )
        self.ranks[signal] = _rank(kind, given, rank)
        return [signal]


def _rank(kind: str, arguments: dict[str, Any], rank: int) -> int:
    """The spatial axes of what a layer gives."""
    if kind in ("flatten", "fc") or arguments.get("keep") is False:
        return 0
    if kind == "reshape":
        return str(arguments["to"]).count("x")
    return 1 if kind == "embedding" else rank


def _shape(config: Config) -> list[Any] | None:
    """The input shape that a layer has, with the batch; of Keras 3 or 2."""
    return config.get("batch_shape") or config.get("batch_input_shape")


def _histories(value: Any) -> list[tuple[str, int, int]]:
    """The tensors in an argument, in order: the layer, its node and the place in what that gives.

    Keras 3 writes {"class_name": "__keras_tensor__", "config": {"keras_history": [...]}}, Keras 2
    and the lists of inputs and outputs [layer, node, place, ...].
    """
    if isinstance(value, dict):
        if value.get("class_name") == "__keras_tensor__":
            return _histories(value["config"]["keras_history"])
        return [found for part in value.values() for found in _histories(part)]
    if not isinstance(value, list):
        return []
    if len(value) >= 3 and isinstance(value[0], str) and type(value[1]) is type(value[2]) is int:
        return [(value[0], value[1], value[2])]
    return [found for part in value for found in _histories(part)]


# The layers, by their class without 1D, 2D and 3D.


def _layer(cls: str, config: Config, rank: int, sources: int) -> Layer:
    """The kind of a layer and its arguments; no kind for what changes nothing that is counted."""
    if config.get("data_format") == "channels_first" and rank:
        raise Refused
    reader = _LAYERS.get(re.sub(r"[123]D", "", cls))
    if reader is None:
        raise Refused
    if cls in _MERGES and sources == 1:
        return "", {}
    return reader(config, rank)


def _activation(config: Config, key: str = "activation") -> str | None:
    """The name of an activation; Keras has our names but for a few."""
    word = config.get(key)
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
    multiplier = config.get("depth_multiplier", 1)
    own = {"filters": config["filters"], "multiplier": multiplier}
    return "separable_conv", {**own, **_window(config)}


def _transposed(config: Config, rank: int) -> Layer:
    own = {"filters": config["filters"], "output_padding": config.get("output_padding")}
    return "transposed_conv", {**own, **_window(config)}


def _local(config: Config, rank: int) -> Layer:
    return "local_conv", {"filters": config["filters"], **_window(config)}


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


def _activation_layer(config: Config, rank: int) -> Layer:
    return _activation(config) or "", {}


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


def _upsample(config: Config, rank: int) -> Layer:
    return "upsample", {"factor": config["size"]}


def _reshape(config: Config, rank: int) -> Layer:
    if min(config["target_shape"]) < 1:
        raise Refused
    return "reshape", {"to": "x".join(map(str, config["target_shape"]))}


def _concat(config: Config, rank: int) -> Layer:
    if config.get("axis", -1) not in (-1, rank + 1):
        raise Refused
    return "concat", {}


def _embedding(config: Config, rank: int) -> Layer:
    return "embedding", {"vocabulary": config["input_dim"], "dimensions": config["output_dim"]}


def _plain(kind: str) -> Callable[[Config, int], Layer]:
    return lambda config, rank: (kind, {})


_MERGES = {
    "Add": "add", "Subtract": "subtract", "Multiply": "multiply", "Average": "average",
    "Maximum": "maximum",
}  # fmt: skip
_LAYERS: dict[str, Callable[[Config, int], Layer]] = {
    **{cls: _plain(kind) for cls, kind in _MERGES.items()},
    "Activation": _activation_layer,
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
    "Identity": _plain("identity"),
    "LayerNormalization": _layer_norm,
    "LayerScale": _plain("scale"),
    "LeakyReLU": _plain("leaky_relu"),
    "LocallyConnected": _local,
    "MaxPooling": _pool("max_pool"),
    "PReLU": _prelu,
    "ReLU": _relu,
    "Rescaling": _plain("identity"),
    "Reshape": _reshape,
    "SeparableConv": _separable,
    "Softmax": _plain("softmax"),
    "SpatialDropout": _plain("dropout"),
    "UpSampling": _upsample,
    "ZeroPadding": _zero_pad,
}
