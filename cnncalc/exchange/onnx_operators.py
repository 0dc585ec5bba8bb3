"""What ONNX operators are, by their types; documented at onnx.ai, "ONNX Operators"."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import prod
from typing import Any

from cnncalc.exchange import attention
from cnncalc.exchange.axes import CHANNELS
from cnncalc.exchange.onnx_file import Weight
from cnncalc.exchange.onnx_graph import Call
from cnncalc.exchange.shared import class_tokens, position_embedding, scale, space_to_depth
from cnncalc.exchange.tensors import Constant, Tensor, Unknown

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


# Sums, products and other merges.


def _merge(kind: str) -> Callable[[Call], None]:
    """An operation on values, or on a value and a constant."""

    def add(call: Call) -> None:
        tensors, places = call.graph.tensors, range(len(call.operator.inputs))
        scored = next((p for p in places if call.name(p) in tensors.scores), None)
        values = [call.tensor(place) for place in places if call.is_value(place)]
        constant = next((p for p in places if call.name(p) in call.graph.weights), None)
        if scored is not None:
            _on_scores(call, scored, None if constant is None else call.weight(constant))
        elif constant is not None:
            _with_constant(call, kind, values[0], constant)
        elif len(values) < len(places):
            raise Unknown
        elif len(values) == 1:
            call.alias(values[0])
        elif not _gated(call, kind, values):
            tensors.merge(call.where, kind, values)

    return add


def _gated(call: Call, kind: str, values: list[Tensor]) -> bool:
    """Whether it is x·sigmoid(x), which is one activation."""
    tensors = call.graph.tensors
    for one, other in (values, values[::-1]):
        node = tensors.made.get(other.signal)
        if (
            kind == "multiply" and len(values) == 2 and node is not None
            and node.kind in ("sigmoid", "hard_sigmoid") and node.sources == [one.signal]
            and tensors.model.nodes[-1] is node and not tensors.reads.get(node.name)
        ):  # fmt: skip
            node.kind = "swish" if node.kind == "sigmoid" else "hard_swish"
            call.alias(other)
            return True
    return False


def _on_scores(call: Call, place: int, added: Weight | None) -> None:
    """A change of how queries fit keys: by a number, weights or a mask."""
    tensors = call.graph.tensors
    found = tensors.scores[call.name(place)]
    others = [name for p, name in enumerate(call.operator.inputs) if p != place]
    if any(name in tensors.values or name in tensors.scores for name in others):
        raise Unknown
    if added is not None and prod(added.sizes) > 1:
        weights = {**found.weights, **added.weights}
        found = replace(found, weights=weights, is_masked=True)
    tensors.scores[call.result] = found


def _passing(operation: Callable[[Call], None]) -> Callable[[Call], None]:
    """An operation that changes nothing of how queries fit keys."""

    def add(call: Call) -> None:
        if call.name(0) in call.graph.tensors.scores:
            _on_scores(call, 0, None)
        else:
            operation(call)

    return add


def _with_constant(call: Call, kind: str, source: Tensor, place: int) -> None:
    """A number changes nothing that is counted; a weight a channel is a scale, or a bias."""
    tensors, weight = call.graph.tensors, call.weight(place)
    assert weight is not None
    number = prod(weight.sizes)
    constant = Constant(weight.sizes, weight.weights)
    if number == 1:
        call.alias(source)
    elif kind == "multiply":
        if not _group_normed(call, source, weight):
            scale(tensors, call.where, source, constant)
    elif kind == "add":
        if not _with_bias(call, source, weight):
            position_embedding(tensors, call.where, source, constant)
    else:
        raise Unknown


def _group_normed(call: Call, source: Tensor, weight: Weight) -> bool:
    """Whether a product with one weight a channel is the scale of a group norm before it.

    PyTorch's older exporter writes the norm as an instance norm of groups, and this product.
    """
    node = call.graph.tensors.made.get(source.signal)
    if node is None or node.kind != "group_norm" or node.parameters:
        return False
    if prod(weight.sizes) != source.volume.channels:
        raise Unknown
    node.arguments.pop("affine")
    node.parameters = prod(weight.sizes)
    call.graph.tensors.users.setdefault(weight.name, node.name)
    call.alias(source)
    return True


def _with_bias(call: Call, source: Tensor, weight: Weight) -> bool:
    """Whether a sum with one weight a channel is the bias of the layer before it."""
    tensors = call.graph.tensors
    node = tensors.made.get(source.signal)
    number = prod(weight.sizes)
    if node is None or number != source.volume.channels or tensors.reads.get(node.name):
        return False
    if node.lacks_bias and node.kind != "attention":
        node.arguments["bias"] = True
    elif node.kind != "group_norm" or node.parameters != number:
        return False
    node.parameters = (node.parameters or 0) + number
    tensors.users.setdefault(weight.name, node.name)
    call.alias(source)
    attention.absorb(tensors, node.name)
    return True


def _number_only(call: Call) -> None:
    """A quotient by a number changes nothing that is counted."""
    if call.name(0) in call.graph.tensors.scores:
        _on_scores(call, 0, call.weight(1))
        return
    if call.is_value(1) or prod(call.shape(1)) != 1:
        raise Unknown
    call.alias()


def _concat(call: Call) -> None:
    tensors, names = call.graph.tensors, call.operator.inputs
    values = [tensors.values[name] for name in names if name in tensors.values]
    axis = call.attribute("axis") % len(values[0].axes)
    if len(names) == 1:
        call.alias(values[0])
    elif len(values) == 1:
        before = [call.graph.weights[name] for name in names[:-1]]
        constants = [Constant(weight.sizes, weight.weights) for weight in before]
        class_tokens(tensors, call.where, values[0], constants, axis)
    elif len(values) < len(names):
        raise Unknown
    elif not space_to_depth(tensors, call.where, values, axis):
        tensors.merge(call.where, "concat", values, at=axis)


# Forms.


def _flatten(call: Call) -> None:
    source = call.tensor()
    if call.attribute("axis", 1) != 1:
        raise Unknown
    call.graph.tensors.view(call.where, source, (source.sizes[0], prod(source.sizes[1:])))


def _reshape(call: Call) -> None:
    source, shape = call.tensor(), [*call.numbers(1, "shape")]
    for place, size in enumerate(shape):
        if size == 0:
            shape[place] = source.sizes[place]
    if shape.count(-1) == 1:
        known = -prod(shape)
        shape[shape.index(-1)] = prod(source.sizes) // known
    call.graph.tensors.view(call.where, source, tuple(shape))


def _squeeze(call: Call) -> None:
    source = call.tensor()
    axes = {axis % len(source.axes) for axis in call.numbers(1, "axes", source.spatial)}
    sizes = tuple(size for axis, size in enumerate(source.sizes) if axis not in axes)
    call.graph.tensors.view(call.where, source, sizes)


def _unsqueeze(call: Call) -> None:
    source, given = call.tensor(), call.numbers(1, "axes")
    rank = len(source.axes) + len(given)
    new, old = {axis % rank for axis in given}, iter(source.sizes)
    sizes = tuple(1 if axis in new else next(old) for axis in range(rank))
    call.graph.tensors.view(call.where, source, sizes)


def _transpose(call: Call) -> None:
    source = call.tensor()
    order = call.attribute("perm", [*range(len(source.axes))][::-1])
    call.graph.tensors.permute(call.where, source, order)


def _split(call: Call) -> None:
    """Neighbouring places along an axis as values of their own."""
    source, start = call.tensor(), 0
    axis, outputs = call.attribute("axis", 0) % len(source.axes), call.operator.outputs
    size = source.sizes[axis] // len(outputs)
    for name, part in zip(outputs, call.numbers(1, "split", [size] * len(outputs)), strict=True):
        found = call.graph.tensors.cut(call.where, source, axis, start, start + part)
        call.graph.tensors.values[name] = replace(found, viewed=call.where)
        start += part


def _split_to_sequence(call: Call) -> None:
    """Neighbouring places along an axis as a list of values."""
    source, start, parts = call.tensor(), 0, []
    axis = call.attribute("axis", 0) % len(source.axes)
    sizes = call.numbers(1)
    if len(sizes) == 1:
        sizes = sizes * (source.sizes[axis] // sizes[0])
    for size in sizes:
        found = call.graph.tensors.cut(call.where, source, axis, start, start + size)
        parts.append(replace(found, viewed=call.where))
        start += size
    call.graph.sequences[call.result] = parts


def _sequence_at(call: Call) -> None:
    (index,) = call.numbers(1)
    call.alias(call.graph.sequences[call.name(0)][index])


def _gather(call: Call) -> None:
    """One place along an axis."""
    source, index = call.tensor(), call.numbers(1)
    axis = call.attribute("axis", 0) % len(source.axes)
    weight = call.weight(1)
    if len(index) != 1:
        raise Unknown
    call.graph.tensors.select(call.where, source, axis, index[0] % source.sizes[axis])
    if weight is not None and weight.sizes == (1,) and not weight.computed:
        found = call.graph.tensors.values[call.result]
        axes = (*found.axes[:axis], (), *found.axes[axis:])
        call.graph.tensors.values[call.result] = replace(found, axes=axes)


def _slice(call: Call) -> None:
    found = call.tensor()
    starts, ends = call.numbers(1, "starts"), call.numbers(2, "ends")
    axes, steps = call.numbers(3, "axes", [*range(len(starts))]), call.numbers(4, "", None)
    for axis, start, end, step in zip(axes, starts, ends, steps or [1] * len(starts), strict=True):
        axis %= len(found.axes)
        places = slice(start, end, step).indices(found.sizes[axis])
        found = call.graph.tensors.cut(call.where, found, axis, *places)
    call.graph.tensors.values[call.result] = replace(found, viewed=call.where)


OPERATORS: dict[str, Callable[[Call], None]] = {
    "Add": _merge("add"),
    "AveragePool": _pool("avg_pool"),
    "BatchNormalization": _batch_norm,
    "Cast": _passing(_same),
    "Clip": _clip,
    "Concat": _concat,
    "Conv": _conv,
    "ConvTranspose": _transposed,
    "DepthToSpace": lambda call: call.slide("pixel_shuffle", factor=call.attribute("blocksize")),
    "Div": _number_only,
    "Dropout": _passing(_plain("dropout")),
    "Elu": _plain("elu"),
    "Flatten": _flatten,
    "Gather": _gather,
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
    "Max": _merge("maximum"),
    "MaxPool": _pool("max_pool"),
    "Mean": _merge("average"),
    "Mish": _plain("mish"),
    "Mul": _merge("multiply"),
    "PRelu": _prelu,
    "Pad": _pad,
    "ReduceMax": _reduce("global_max_pool"),
    "ReduceMean": _reduce("global_avg_pool"),
    "Relu": _plain("relu"),
    "Reshape": _reshape,
    "Resize": _resize,
    "Selu": _plain("selu"),
    "SequenceAt": _sequence_at,
    "Sigmoid": _plain("sigmoid"),
    "Slice": _slice,
    "Softmax": _passing(_plain("softmax")),
    "Softplus": _plain("softplus"),
    "SpaceToDepth": lambda call: call.slide("space_to_depth", factor=call.attribute("blocksize")),
    "Split": _split,
    "SplitToSequence": _split_to_sequence,
    "Squeeze": _squeeze,
    "Sub": _merge("subtract"),
    "Sum": _merge("add"),
    "Swish": _plain("swish"),
    "Tanh": _plain("tanh"),
    "Transpose": _transpose,
    "Unsqueeze": _unsqueeze,
    "Upsample": _resize,
}
