"""What ONNX operators are, by their types; documented at onnx.ai, "ONNX Operators"."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

from cnncalc.exchange import attention
from cnncalc.exchange.axes import CHANNELS
from cnncalc.exchange.onnx_file import Weight
from cnncalc.exchange.onnx_forms import FORMS
from cnncalc.exchange.onnx_graph import Call
from cnncalc.exchange.onnx_merges import MERGES, passing
from cnncalc.exchange.tensor import Unknown

# Layers with weights.


def _padding(call: Call, axes: int) -> Any:
    auto = call.attribute("auto_pad", "NOTSET")
    if auto == "SAME_UPPER":
        return "same"
    if auto not in ("NOTSET", "VALID"):
        raise Unknown
    pads = call.attribute("pads", [])
    return [[pads[axis], pads[axes + axis]] for axis in range(axes)] if any(pads) else None


def _window(call: Call, kernel: tuple[int, ...]) -> dict[str, Any]:
    dilation = call.attribute("dilations")
    return {
        "kernel": [*kernel],
        "stride": call.attribute("strides"),
        "padding": _padding(call, len(kernel)),
        "dilation": dilation if dilation and max(dilation) > 1 else None,
    }


def _conv(call: Call) -> None:
    filters, channels, *kernel = call.shape(1)
    bias = call.bias(2)
    common = {
        **_window(call, tuple(kernel)),
        "bias": bias is not None,
        "weights": call.weights(1, 2),
    }
    groups = call.attribute("group", 1)
    if groups > 1 and channels == 1 and filters % groups == 0:
        call.slide("depthwise_conv", multiplier=filters // groups, **common)
    else:
        call.slide("conv", filters=filters, groups=groups, **common)
    if _is_folded(call, bias):
        call.graph.model.nodes[-1].folded = filters if bias else 2 * filters


def _is_folded(call: Call, bias: Weight | None) -> bool:
    """Whether a batch norm was folded into a convolution by one of PyTorch's exporters.

    The newer one notes it; the older one gives weights other names than conv1.weight, conv1.bias.
    """
    if not call.graph.file.producer.startswith("pytorch"):
        return False
    rules = call.operator.metadata.get("pkg.onnxscript.rewriter.rule_name", "")
    own = call.name(1).removesuffix("weight") + "bias"
    return "FuseBatchNorm" in rules or (bias is not None and bias.name != own)


def _transposed(call: Call) -> None:
    _, filters, *kernel = call.shape(1)
    groups = call.attribute("group", 1)
    if call.attribute("output_shape"):
        raise Unknown
    call.slide(
        "transposed_conv",
        filters=filters * groups,
        groups=groups,
        output_padding=call.attribute("output_padding"),
        bias=call.bias(2) is not None,
        weights=call.weights(1, 2),
        **_window(call, tuple(kernel)),
    )


def _gemm(call: Call) -> None:
    sizes = call.shape(1)
    units = sizes[0] if call.attribute("transB", 0) else sizes[1]
    _linear(call, units, call.bias(2) is not None, call.weights(1, 2))


def _linear(call: Call, units: int, bias: bool, weights: dict[str, int]) -> None:
    attention.linear(call.graph.tensors, call.where, call.tensor(), units, bias, weights)


def _matmul(call: Call) -> None:
    tensors = call.graph.tensors
    if found := tensors.scores.get(call.name(0)):
        attention.attend(tensors, call.where, found, call.tensor(1), "attention", call.place)
    elif call.is_value(1):
        one, other = call.tensor(), call.tensor(1)
        sizes = (*one.sizes[:-1], other.sizes[-1])
        tensors.scores[call.result] = attention.scores(one, other, sizes)
    else:
        sizes = call.shape(1)
        if len(sizes) != 2:
            raise Unknown
        _linear(call, sizes[1], False, call.weights(1))


def _batch_norm(call: Call) -> None:
    call.pointwise("batch_norm", at=1, weights=call.weights(1, 2))


def _instance_norm(call: Call) -> None:
    """Also a group norm, which exporters write as one over groups in the place of channels."""
    own = call.tensor().axes[1]
    if len(own) == 1 and own[0].axis == CHANNELS and own[0].step > 1:
        call.pointwise("group_norm", groups=own[0].size, affine=False)
        return
    call.pointwise("instance_norm", at=1, weights=call.weights(1, 2))


def _group_norm(call: Call) -> None:
    groups = call.attribute("num_groups")
    call.pointwise("group_norm", at=1, groups=groups, weights=call.weights(1, 2))


def _layer_norm(call: Call) -> None:
    axes = len(call.tensor().axes)
    if call.attribute("axis", -1) % axes != axes - 1:
        raise Unknown
    call.pointwise("layer_norm", at=-1, weights=call.weights(1, 2))


def _prelu(call: Call) -> None:
    call.pointwise("prelu", at=1, shared=prod(call.shape(1)) == 1, weights=call.weights(1))


# Layers without weights.


def _pool(kind: str) -> Callable[[Call], None]:
    def add(call: Call) -> None:
        kernel = tuple(call.attribute("kernel_shape"))
        call.slide(
            kind,
            **{
                **_window(call, kernel),
                "stride": call.attribute("strides", [1] * len(kernel)),
                "rounding": "ceil" if call.attribute("ceil_mode", 0) else None,
            },
        )

    return add


def _reduce(kind: str) -> Callable[[Call], None]:
    """A mean or maximum over all positions."""

    def add(call: Call) -> None:
        source = call.tensor()
        axes = {axis % len(source.axes) for axis in call.numbers(1, "axes", [])}
        keep = bool(call.attribute("keepdims", 1))
        call.graph.tensors.reduce(call.where, kind, source, axes, keep)

    return add


def _plain(kind: str) -> Callable[[Call], None]:
    return lambda call: call.pointwise(kind)


def _slid(kind: str) -> Callable[[Call], None]:
    return lambda call: call.slide(kind)


def _same(call: Call) -> None:
    call.alias()


def _clip(call: Call) -> None:
    least, most = call.numbers(1, "min", [None]), call.numbers(2, "max", [None])
    limits = [value[0] if isinstance(value, list) else value for value in (least, most)]
    if limits != [0, 6]:
        raise Unknown
    call.pointwise("relu6")


def _pad(call: Call) -> None:
    source, pads = call.tensor(), call.numbers(1, "pads")
    axes = len(source.axes)
    pairs = [[pads[axis], pads[axes + axis]] for axis in range(axes)]
    if not any(pads):
        call.alias(source)
        return
    if call.attribute("mode", "constant") != "constant" or pairs[0] != [0, 0] or min(pads) < 0:
        raise Unknown
    place = 1 if source.has_channels_at(1) else axes - 1
    plain = call.graph.tensors.plain(source, call.where, place)
    sizes = tuple(size + sum(pair) for size, pair in zip(source.sizes, pairs, strict=True))
    spatial = [pair for axis, pair in enumerate(pairs) if axis not in (0, place)]
    channels = pairs[place] if any(pairs[place]) else None
    call.graph.tensors.resized(
        call.where, "zero_pad", plain, sizes, place, padding=spatial, channels=channels
    )


def _resize(call: Call) -> None:
    source = call.tensor()
    is_old = call.operator.type == "Upsample"
    scales = call.numbers(len(call.operator.inputs) - 1 if is_old else 2, "scales", [])
    if not scales:
        sizes = call.numbers(3)
        scales = [new / old for new, old in zip(sizes, source.sizes, strict=True)]
    factors = scales[2:]
    if any(factor != int(factor) for factor in factors):
        to = [int(size * scale) for size, scale in zip(source.sizes[2:], factors, strict=True)]
        call.slide("resize", to=to)
    else:
        call.slide("upsample", factor=[int(factor) for factor in factors])


OPERATORS: dict[str, Callable[[Call], None]] = {
    **FORMS,
    **MERGES,
    "AveragePool": _pool("avg_pool"),
    "BatchNormalization": _batch_norm,
    "Cast": passing(_same),
    "Clip": _clip,
    "Conv": _conv,
    "ConvTranspose": _transposed,
    "DepthToSpace": lambda call: call.slide("pixel_shuffle", factor=call.attribute("blocksize")),
    "Dropout": passing(_plain("dropout")),
    "Elu": _plain("elu"),
    "Gelu": _plain("gelu"),
    "Gemm": _gemm,
    "GlobalAveragePool": _slid("global_avg_pool"),
    "GlobalMaxPool": _slid("global_max_pool"),
    "GroupNormalization": _group_norm,
    "HardSigmoid": _plain("hard_sigmoid"),
    "HardSwish": _plain("hard_swish"),
    "Identity": _same,
    "InstanceNormalization": _instance_norm,
    "LRN": lambda call: call.slide("lrn", size=call.attribute("size")),
    "LayerNormalization": _layer_norm,
    "LeakyRelu": _plain("leaky_relu"),
    "LogSoftmax": _plain("log_softmax"),
    "MatMul": _matmul,
    "MaxPool": _pool("max_pool"),
    "Mish": _plain("mish"),
    "PRelu": _prelu,
    "Pad": _pad,
    "ReduceMax": _reduce("global_max_pool"),
    "ReduceMean": _reduce("global_avg_pool"),
    "Relu": _plain("relu"),
    "Resize": _resize,
    "Selu": _plain("selu"),
    "Sigmoid": _plain("sigmoid"),
    "Softmax": passing(_plain("softmax")),
    "Softplus": _plain("softplus"),
    "SpaceToDepth": lambda call: call.slide("space_to_depth", factor=call.attribute("blocksize")),
    "Swish": _plain("swish"),
    "Tanh": _plain("tanh"),
    "Upsample": _resize,
}
