"""What PyTorch's operations are, by their names in a graph that torch.export makes.

Names and defaults of arguments are those of PyTorch's native_functions.yaml.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from cnncalc.exchange import attention
from cnncalc.exchange.pt2_forms import FORMS, on_scores
from cnncalc.exchange.pt2_graph import Call
from cnncalc.exchange.shared import class_tokens, position_embedding, scale, space_to_depth
from cnncalc.exchange.tensor import Tensor, Unknown


def _per_axis(call: Call, name: str, default: int, axes: int) -> list[int]:
    given = call.value(name)
    values = given if isinstance(given, list) else [default if given is None else given]
    return values * axes if len(values) == 1 else values or [default] * axes


def _pairs(values: list[int]) -> list[list[int]]:
    return [[value, value] for value in values]


def _padding(call: Call, axes: int) -> Any:
    given = call.value("padding")
    return given if isinstance(given, str) else _pairs(_per_axis(call, "padding", 0, axes))


# Layers with weights.


def _conv(call: Call) -> None:
    filters, channels, *kernel = call.shape("weight")
    axes, groups = len(kernel), call.value("groups", 1)
    common = {
        "kernel": kernel,
        "stride": _per_axis(call, "stride", 1, axes),
        "padding": _padding(call, axes),
        "dilation": _per_axis(call, "dilation", 1, axes),
        "bias": bool(call.name("bias")),
        "weights": call.weights("weight", "bias"),
    }
    if groups > 1 and channels == 1 and filters % groups == 0:
        call.slide("depthwise_conv", multiplier=filters // groups, **common)
    else:
        call.slide("conv", filters=filters, groups=groups, **common)


def _transposed(call: Call) -> None:
    _, filters, *kernel = call.shape("weight")
    axes, groups = len(kernel), call.value("groups", 1)
    call.slide(
        "transposed_conv",
        filters=filters * groups,
        kernel=kernel,
        stride=_per_axis(call, "stride", 1, axes),
        padding=_padding(call, axes),
        output_padding=_per_axis(call, "output_padding", 0, axes),
        dilation=_per_axis(call, "dilation", 1, axes),
        groups=groups,
        bias=bool(call.name("bias")),
        weights=call.weights("weight", "bias"),
    )


def _linear(call: Call) -> None:
    units = call.shape("weight")[0]
    bias, weights = bool(call.name("bias")), call.weights("weight", "bias")
    attention.linear(call.graph.tensors, call.where, call.tensor(), units, bias, weights)


def _batch_norm(call: Call) -> None:
    if not call.name("running_mean"):
        raise Unknown
    call.pointwise(
        "batch_norm",
        at=1,
        scale=bool(call.name("weight")),
        center=bool(call.name("bias")),
        weights=call.weights("weight", "bias"),
    )


def _layer_norm(call: Call) -> None:
    source, shape = call.tensor(), tuple(call.value("normalized_shape"))
    common = {"affine": bool(call.name("weight")), "weights": call.weights("weight", "bias")}
    if bool(call.name("weight")) != bool(call.name("bias")):
        raise Unknown
    if len(shape) == 1:
        call.pointwise("layer_norm", at=-1, **common)
    elif shape == source.sizes[1:]:
        call.pointwise("layer_norm", at=1, axes="all", **common)
    else:
        raise Unknown


def _norm(kind: str, *names: str) -> Callable[[Call], None]:
    def add(call: Call) -> None:
        arguments = {"groups": call.value("num_groups")} if "num_groups" in names else {}
        affine = bool(call.name("weight"))
        weights = call.weights("weight", "bias")
        call.pointwise(kind, at=1, affine=affine, **arguments, weights=weights)

    return add


def _prelu(call: Call) -> None:
    shared = call.shape("weight") == (1,)
    call.pointwise("prelu", at=1, shared=shared, weights=call.weights("weight"))


# Layers without weights.


def _pool(kind: str, axes: int) -> Callable[[Call], None]:
    def add(call: Call) -> None:
        dilation = _per_axis(call, "dilation", 1, axes)
        call.slide(
            kind,
            kernel=_per_axis(call, "kernel_size", 1, axes),
            stride=call.value("stride") and _per_axis(call, "stride", 1, axes),
            padding=_pairs(_per_axis(call, "padding", 0, axes)),
            dilation=dilation if kind == "max_pool" and max(dilation) > 1 else None,
            rounding="ceil" if call.value("ceil_mode", False) else None,
        )

    return add


def _adaptive(kind: str) -> Callable[[Call], None]:
    def add(call: Call) -> None:
        size = call.value("output_size")
        if set(size) == {1}:
            call.slide(f"global_{kind}_pool")
        else:
            call.slide(f"adaptive_{kind}_pool", size=size)

    return add


def _reduce(kind: str) -> Callable[[Call], None]:
    """A mean or maximum over all positions."""

    def add(call: Call) -> None:
        given, source = call.value("dim", []), call.tensor()
        axes = given if isinstance(given, list) else [given]
        found = {axis % len(source.axes) for axis in axes}
        call.graph.tensors.reduce(call.where, kind, source, found, call.value("keepdim", False))

    return add


def _plain(kind: str) -> Callable[[Call], None]:
    return lambda call: call.pointwise(kind)


def _same(call: Call) -> None:
    call.alias()


def _refused(call: Call) -> None:
    raise Unknown


def _hardtanh(call: Call) -> None:
    if (call.value("min_val", -1), call.value("max_val", 1)) != (0.0, 6.0):
        raise Unknown
    call.pointwise("relu6")


def _clamp(call: Call) -> None:
    if call.value("min") != 0 or call.value("max") not in (None, 6):
        raise Unknown
    call.pointwise("relu6" if call.value("max") else "relu")


def _upsample(call: Call) -> None:
    sizes, old = call.sizes[2:], call.tensor().sizes[2:]
    factors = [new // size for new, size in zip(sizes, old, strict=True)]
    if any(new % size for new, size in zip(sizes, old, strict=True)):
        call.slide("resize", to=[*sizes])
    else:
        call.slide("upsample", factor=factors)


def _pad(call: Call) -> None:
    """Padding with a constant; PyTorch lists the last axis first."""
    source, given = call.tensor(), call.value("pad")
    if not any(given):
        call.alias(source)
        return
    if call.value("mode", "constant") != "constant":
        raise Unknown
    pairs = [[*given[i : i + 2]] for i in range(0, len(given), 2)][::-1]
    pairs = [[0, 0]] * (len(source.axes) - len(pairs)) + pairs
    if min(given) < 0:
        source = _cropped(call, source, pairs)
        pairs = [[max(size, 0) for size in pair] for pair in pairs]
    if not any(map(any, pairs)):
        call.alias(source)
        return
    channels = next(place for place in (1, len(pairs) - 1) if source.has_channels_at(place))
    plain = call.graph.tensors.plain(source, call.where, channels)
    maps, pairs[channels], batch = pairs[channels], [0, 0], pairs[0]
    if any(batch):
        raise Unknown
    spatial = [pair for place, pair in enumerate(pairs) if place not in (0, channels)]
    call.graph.tensors.resized(
        call.where, "zero_pad", plain, call.sizes, channels, padding=spatial,
        channels=maps if any(maps) else None,
    )  # fmt: skip


def _cropped(call: Call, source: Tensor, pairs: list[list[int]]) -> Tensor:
    """The value without the rows that padding by less than none takes away."""
    for place, (before, after) in enumerate(pairs):
        start, end = max(-before, 0), source.sizes[place] + min(after, 0)
        source = call.graph.tensors.cut(call.where, source, place, start, end)
    return replace(source, viewed=call.where)


# Sums, products and other merges.


def _merge(kind: str) -> Callable[[Call], None]:
    """A sum, product or difference of two values, or of a value with weights or numbers."""

    def add(call: Call) -> None:
        if call.is_value("self") and call.is_value("other"):
            values = [call.tensor(), call.tensor("other")]
            call.graph.tensors.merge(call.where, kind, values)
        elif call.is_value("self") and not call.name("other"):
            call.alias()  # with a number
        else:
            _with_weights(call, kind)

    return add


def _with_weights(call: Call, kind: str) -> None:
    value, weight = ("self", "other") if call.is_value("self") else ("other", "self")
    source, found = call.tensor(value), call.constant(weight)
    if found is None or not found.weights:
        call.alias(source)  # with numbers that are not trained
    elif kind == "multiply":
        scale(call.graph.tensors, call.where, source, found)
    elif kind == "add":
        position_embedding(call.graph.tensors, call.where, source, found)
    else:
        raise Unknown


def _by_number(call: Call) -> None:
    """A quotient or difference with a number changes nothing that is counted."""
    found = call.constant("other")
    if call.is_value("other") or (found is not None and found.weights):
        raise Unknown
    call.alias(call.tensor("self"))


def _concat(call: Call) -> None:
    names = [given["name"] for given in call.value("tensors")]
    tensors, axis = call.graph.tensors, call.value("dim", 0)
    known = [tensors.values[name] for name in names if name in tensors.values]
    axis %= len(known[0].axes)
    if len(names) == 1:
        call.alias(known[0])
    elif len(known) == 1:
        before = [tensors.constants[name] for name in names if name in tensors.constants]
        if names[-1] in tensors.constants:
            raise Unknown  # tokens after the others
        class_tokens(tensors, call.where, known[0], before, axis)
    elif len(known) < len(names):
        raise Unknown
    elif not space_to_depth(tensors, call.where, known, axis):
        tensors.merge(call.where, "concat", known, at=axis)


_SAME = (
    "contiguous", "clone", "detach", "to", "_to_copy", "alias", "identity", "type_as", "lift_fresh",
    "lift_fresh_copy", "neg",
)  # fmt: skip
_PLAIN = (
    "relu", "relu6", "elu", "selu", "gelu", "sigmoid", "tanh", "mish", "softplus", "leaky_relu",
    "abs", "softmax", "log_softmax",
)  # fmt: skip
_ON_SCORES = (
    "softmax", "dropout", "mul", "div", "add", "view", "reshape", "contiguous", "to", "unsqueeze",
    "squeeze", "clone", "type_as", "_unsafe_view", "expand", "masked_fill", "sub",
)  # fmt: skip

OPERATIONS: dict[str, Callable[[Call], None]] = {
    **FORMS,
    **dict.fromkeys(("conv1d", "conv2d", "conv3d"), _conv),
    **dict.fromkeys(("conv_transpose1d", "conv_transpose2d", "conv_transpose3d"), _transposed),
    **{f"max_pool{axes}d": _pool("max_pool", axes) for axes in (1, 2, 3)},
    **{f"avg_pool{axes}d": _pool("avg_pool", axes) for axes in (1, 2, 3)},
    **{f"adaptive_avg_pool{axes}d": _adaptive("avg") for axes in (1, 2, 3)},
    **{f"adaptive_max_pool{axes}d": _adaptive("max") for axes in (1, 2, 3)},
    **dict.fromkeys(_SAME, _same),
    **{kind: _plain(kind) for kind in _PLAIN},
    **dict.fromkeys(("dropout", "feature_dropout", "alpha_dropout"), _plain("dropout")),
    **{f"upsample_{how}": _upsample for how in (
        "nearest1d", "nearest2d", "nearest3d", "bilinear2d", "bicubic2d", "trilinear3d")},
    "linear": _linear,
    "mean": _reduce("global_avg_pool"),
    "amax": _reduce("global_max_pool"),
    "batch_norm": _batch_norm,
    "layer_norm": _layer_norm,
    "group_norm": _norm("group_norm", "num_groups"),
    "instance_norm": _norm("instance_norm"),
    "silu": _plain("swish"),
    "hardswish": _plain("hard_swish"),
    "hardsigmoid": _plain("hard_sigmoid"),
    "hardtanh": _hardtanh,
    "clamp": _clamp,
    "clamp_min": _clamp,
    "prelu": _prelu,
    "masked_fill": _refused,
    "add": _merge("add"),
    "mul": _merge("multiply"),
    "multiply": _merge("multiply"),
    "sub": _merge("subtract"),
    **dict.fromkeys(("div", "rsub"), _by_number),
    "maximum": _merge("maximum"),
    "cat": _concat,
    "concat": _concat,
    "_assert_tensor_metadata": lambda call: None,
    "pad": _pad,
    "zero_pad2d": _pad,
    "constant_pad_nd": _pad,
    "pixel_shuffle": lambda call: call.slide("pixel_shuffle", factor=call.value("upscale_factor")),
    "pixel_unshuffle": lambda call: call.slide(
        "space_to_depth", factor=call.value("downscale_factor")
    ),
}  # fmt: skip
OPERATIONS |= {name: on_scores(OPERATIONS[name]) for name in _ON_SCORES if name in OPERATIONS}
