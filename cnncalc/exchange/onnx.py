"""Reads .onnx files: their graph, not their weights.

What the operators and their attributes mean is documented at onnx.ai, "ONNX Operators". Sizes that
a graph works out by operators (Shape, Gather, Concat and others) are worked out here, since they
are constants where the input is known.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from math import prod
from mmap import ACCESS_READ, mmap
from typing import Any

from cnncalc.exchange.model import Model, ModelError, Scope
from cnncalc.exchange.onnx_file import (
    MAX_NUMBERS,
    File,
    Limit,
    Numbers,
    Operator,
    Weight,
    names_in,
    parse,
)
from cnncalc.exchange.protobuf import Malformed, Message
from cnncalc.exchange.tensors import Tensor, Tensors, Unknown, Where
from cnncalc.wording import count, visible

_KEEP = (
    "torch.onnx.export(model, x, path, dynamo=True, optimize=False) keeps them, and "
    "--unfold-batch-norm puts them back"
)


def read(path: str, max_size: int) -> Model:
    """The model of an .onnx file. Raises ModelError, and OSError."""
    with open(path, "rb") as file:
        if os.fstat(file.fileno()).st_size == 0:
            raise ModelError(f"{visible(path)} is empty")
        with mmap(file.fileno(), 0, access=ACCESS_READ) as data:
            try:
                found = parse(Message(data, 0, len(data)), Limit(max_size))
            except (Malformed, ValueError) as error:
                if isinstance(error, ModelError):
                    raise
                raise ModelError(f"{visible(path)} is not a whole ONNX file: {error}") from None
    model = Model(path, source=f"ONNX of {found.producer}" if found.producer else "ONNX")
    _Graph(found, model).read()
    return model


class _Graph:
    """The graph of one file while it is read."""

    def __init__(self, file: File, model: Model) -> None:
        self.file = file
        self.model = model
        self.tensors = Tensors(model)
        self.weights = dict(file.weights)
        self.outer = {scope for operator in file.operators for scope in _scopes(operator)[:-1]}

    def read(self) -> None:
        """Add every operator to the model."""
        for name in self.file.inputs:
            self.tensors.input(name, self.input_sizes(name))
        for operator in self.file.operators:
            call = Call(operator, self)
            try:
                if not call.folded():
                    _OPERATORS[operator.type](call)
            except (KeyError, IndexError, TypeError, ZeroDivisionError, Unknown):
                results = {name: self.sizes(name) for name in operator.outputs}
                where = operator.name or "the graph"
                self.tensors.unknown(
                    operator.type,
                    where,
                    operator.inputs,
                    results,
                    may_follow=operator.type in _OPERATORS,
                )
        values = self.tensors.values
        self.model.outputs = [values[name].signal for name in self.file.outputs if name in values]
        self.remark_folded()

    def input_sizes(self, name: str) -> tuple[int, ...]:
        """The sizes of an input; a batch that is no number is one example."""
        batch, *rest = self.file.sizes.get(name) or [None, None]
        if None in rest:
            raise ModelError(f"the input {visible(name)} has no fixed size; export it with one")
        return (batch or 1, *(size for size in rest if size is not None))

    def sizes(self, name: str) -> tuple[int, ...] | None:
        """The sizes that the file states for a value, where it does."""
        found = self.file.sizes.get(name)
        if not found or len(found) < 2 or None in found[1:]:
            return None
        return (found[0] or 1, *(size for size in found[1:] if size is not None))

    def remark_folded(self) -> None:
        """Say how many parameters the folding of batch norms into convolutions took away."""
        if folded := [node for node in self.model.nodes if node.folded]:
            fewer = sum(node.folded for node in folded)
            what = count(len(folded), "batch norm")
            self.model.remarks.append(
                f"{what} {'is' if len(folded) == 1 else 'are'} folded into convolutions, so that "
                f"{fewer:,} parameters are missing; {_KEEP}"
            )


def _scopes(operator: Operator) -> list[str]:
    """The modules round an operator, the outer first, the last its own."""
    if noted := operator.metadata.get("pkg.torch.onnx.name_scopes"):
        return [name for name in names_in(noted)[:-1] if name]
    parts = operator.name.split("/") if operator.name.startswith("/") else []
    return [part for part in parts[1:-1] if part]


def _classes(operator: Operator) -> list[str]:
    """The classes of those modules, where the exporter noted them."""
    noted = operator.metadata.get("pkg.torch.onnx.class_hierarchy", "")
    return [name.rpartition(".")[2] for name in names_in(noted)[1:-1]] if noted else []


class Call:
    """One operator: its attributes, and what it reads and gives."""

    def __init__(self, operator: Operator, graph: _Graph) -> None:
        self.operator = operator
        self.graph = graph
        self.result = operator.outputs[0] if operator.outputs else ""

    def attribute(self, name: str, default: Any = None) -> Any:
        return self.operator.attributes.get(name, default)

    def name(self, place: int) -> str:
        """The name of an input; "" for one that is left out."""
        return self.operator.inputs[place] if place < len(self.operator.inputs) else ""

    def tensor(self, place: int = 0) -> Tensor:
        """The value that an input is. Raises Unknown for a weight."""
        found = self.graph.tensors.values.get(self.name(place))
        if found is None:
            raise Unknown
        return found

    def is_value(self, place: int) -> bool:
        return self.name(place) in self.graph.tensors.values

    def weight(self, place: int) -> Weight | None:
        """The weight that an input is; None where it is left out. Raises Unknown for a value."""
        if not self.name(place):
            return None
        found = self.graph.weights.get(self.name(place))
        if found is None:
            raise Unknown
        return found

    def sizes_of(self, place: int) -> tuple[int, ...]:
        """The sizes of a weight."""
        found = self.weight(place)
        if found is None:
            raise Unknown
        return found.sizes

    def numbers(self, place: int, attribute: str = "", default: Any = None) -> Any:
        """Constant numbers: an input, or the attribute that older versions have instead."""
        if attribute and attribute in self.operator.attributes:
            return self.attribute(attribute)
        found = self.graph.weights.get(self.name(place)) if self.name(place) else None
        if found is None:
            if self.name(place):
                raise Unknown
            return default
        if found.values is None:
            raise Unknown
        return found.values

    def weights(self, *places: int) -> dict[str, int]:
        """The weights among inputs, each with how many values it has."""
        found = [self.bias(place) for place in places]
        return {weight.name: prod(weight.sizes) for weight in found if weight is not None}

    def bias(self, place: int) -> Weight | None:
        """A weight that need not be there; zeros that operators make are none."""
        found = self.weight(place)
        return None if found is None or found.computed else found

    @property
    def where(self) -> Where:
        """Where the operator stands among the modules."""
        scopes = _scopes(self.operator)
        classes = _classes(self.operator)
        is_leaf = bool(scopes) and scopes[-1] not in self.graph.outer
        outer = scopes[:-1] if is_leaf else scopes
        kinds = classes if len(classes) == len(scopes) else ["module"] * len(scopes)
        return Where(
            self.result,
            scopes[-1].rpartition(".")[2] if is_leaf else "",
            tuple(
                Scope(path.rpartition(".")[2], kind)
                for path, kind in zip(outer, kinds, strict=False)
            ),
        )

    def add(self, kind: str, *sources: Tensor, **arguments: Any) -> None:
        """The layer that this operator is."""
        tensors = self.graph.tensors
        sizes = self.graph.sizes(self.result)
        tensors.add(self.where, kind, sources or (self.tensor(),), sizes, **arguments)

    def alias(self, source: Tensor, **changes: Any) -> None:
        """Another name for a value."""
        self.graph.tensors.alias(self.result, source, **changes)

    # Constants.

    def folded(self) -> bool:
        """Work out what depends on constants alone; whether it did."""
        kind = self.operator.type
        if kind == "Constant":
            self.graph.weights[self.result] = self.stated()
            return True
        if kind == "Shape":
            whole = self.tensor().sizes if self.is_value(0) else self.sizes_of(0)
            start, end = self.attribute("start", 0), self.attribute("end", len(whole))
            self.constant([*whole[start:end]])
            return True
        inputs = [self.graph.weights.get(name) for name in self.operator.inputs if name]
        known = [weight for weight in inputs if weight is not None]
        if kind in ("Identity", "CastLike") and inputs and inputs[0] is not None:
            self.graph.weights[self.result] = inputs[0]  # under its first name: one weight
        elif not known or len(known) < len(inputs):
            return False
        elif kind in ("Expand", "ConstantOfShape") and (sizes := known[-1].values):
            self.expand(tuple(sizes), known[0].values if kind == "Expand" else None)
        elif (fold := _FOLDS.get(kind)) and all(weight.values for weight in known):
            values = [weight.values or [] for weight in known]
            self.constant(fold(values, self.operator.attributes))
        else:
            return False
        return True

    def stated(self) -> Weight:
        """What a Constant holds: a tensor, a number or a list of numbers."""
        value = next(iter(self.operator.attributes.values()))
        if isinstance(value, Weight):
            return Weight(self.result, value.sizes, value.values)
        numbers = value if isinstance(value, list) else [value]
        return Weight(self.result, (len(numbers),), numbers)

    def constant(self, numbers: Numbers) -> None:
        """Numbers that operators have worked out."""
        self.expand((len(numbers),), numbers)

    def expand(self, sizes: tuple[int, ...], numbers: Numbers | None) -> None:
        """Numbers that are repeated up to these sizes; not read where they are many."""
        whole = prod(sizes)
        few = numbers and whole <= MAX_NUMBERS and whole % len(numbers) == 0
        values = numbers * (whole // len(numbers)) if numbers and few else None
        self.graph.weights[self.result] = Weight(self.result, sizes, values, computed=True)


def _gather(values: list[Numbers], attributes: dict[str, Any]) -> Numbers:
    return [values[0][index] for index in values[1]]


def _cut(values: list[Numbers], attributes: dict[str, Any]) -> Numbers:
    start, end = values[1][0], values[2][0]
    return values[0][start:end]


def _each(operation: Callable[[Any, Any], Any]) -> Callable[[list[Numbers], Any], Numbers]:
    def work_out(values: list[Numbers], attributes: dict[str, Any]) -> Numbers:
        one, other = values
        length = max(len(one), len(other))
        pairs = zip(one * (length // len(one)), other * (length // len(other)), strict=True)
        return [operation(a, b) for a, b in pairs]

    return work_out


def _first(values: list[Numbers], attributes: dict[str, Any]) -> Numbers:
    return values[0]


_FOLDS: dict[str, Callable[[list[Numbers], dict[str, Any]], Numbers]] = {
    **dict.fromkeys(
        ("Cast", "CastLike", "Ceil", "Floor", "Reshape", "Squeeze", "Unsqueeze"), _first
    ),
    "Add": _each(lambda a, b: a + b),
    "Concat": lambda values, attributes: [number for part in values for number in part],
    "Div": _each(lambda a, b: a // b if isinstance(a, int) else a / b),
    "Gather": _gather,
    "Mul": _each(lambda a, b: a * b),
    "Slice": _cut,
    "Sub": _each(lambda a, b: a - b),
}


# The operators.


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
    filters, channels, *kernel = call.sizes_of(1)
    bias = call.bias(2)
    common = {
        **_window(call, tuple(kernel)),
        "bias": bias is not None,
        "weights": call.weights(1, 2),
    }
    groups = call.attribute("group", 1)
    if groups > 1 and channels == 1 and filters % groups == 0:
        call.add("depthwise_conv", multiplier=filters // groups, **common)
    else:
        call.add("conv", filters=filters, groups=groups, **common)
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
    _, filters, *kernel = call.sizes_of(1)
    groups = call.attribute("group", 1)
    if call.attribute("output_shape"):
        raise Unknown
    call.add(
        "transposed_conv",
        filters=filters * groups,
        groups=groups,
        output_padding=call.attribute("output_padding"),
        bias=call.bias(2) is not None,
        weights=call.weights(1, 2),
        **_window(call, tuple(kernel)),
    )


def _gemm(call: Call) -> None:
    sizes = call.sizes_of(1)
    units = sizes[0] if call.attribute("transB", 0) else sizes[1]
    bias = call.bias(2) is not None
    call.add("fc", units=units, bias=bias, weights=call.weights(1, 2))


def _matmul(call: Call) -> None:
    source, sizes = call.tensor(), call.sizes_of(1)
    common = {"bias": False, "weights": call.weights(1)}
    if len(sizes) != 2:
        raise Unknown
    if len(source.sizes) == 2:
        call.add("fc", units=sizes[1], **common)
    elif source.channels == len(source.sizes) - 1:
        call.add("conv", filters=sizes[1], kernel=1, **common)
    else:
        raise Unknown


def _pool(kind: str) -> Callable[[Call], None]:
    def add(call: Call) -> None:
        kernel = tuple(call.attribute("kernel_shape"))
        rounding = "ceil" if call.attribute("ceil_mode", 0) else None
        call.add(
            kind,
            **{
                **_window(call, kernel),
                "stride": call.attribute("strides", [1] * len(kernel)),
                "rounding": rounding,
            },
        )

    return add


def _reduce_mean(call: Call) -> None:
    source = call.tensor()
    axes = {axis % len(source.sizes) for axis in call.numbers(1, "axes", [])}
    if axes != set(source.axes):
        raise Unknown
    keep = bool(call.attribute("keepdims", 1))
    call.add("global_avg_pool", source, keep=keep, axis=source.channels if keep else 1)


def _batch_norm(call: Call) -> None:
    call.add("batch_norm", weights=call.weights(1, 2))


def _layer_norm(call: Call) -> None:
    source, axis = call.tensor(), call.attribute("axis", -1) % len(call.tensor().sizes)
    if axis != len(source.sizes) - 1 or source.channels != axis:
        raise Unknown
    call.add("layer_norm", source, weights=call.weights(1, 2))


def _plain(kind: str) -> Callable[[Call], None]:
    return lambda call: call.add(kind)


def _same(call: Call) -> None:
    call.alias(call.tensor())


def _clip(call: Call) -> None:
    least, most = call.numbers(1, "min", [None]), call.numbers(2, "max", [None])
    limits = [value[0] if isinstance(value, list) else value for value in (least, most)]
    if limits != [0, 6]:
        raise Unknown
    call.add("relu6")


def _prelu(call: Call) -> None:
    call.add("prelu", shared=prod(call.sizes_of(1)) == 1, weights=call.weights(1))


def _merge(kind: str) -> Callable[[Call], None]:
    """An operation on values, or on a value and a constant."""

    def add(call: Call) -> None:
        places = range(len(call.operator.inputs))
        values = [call.tensor(place) for place in places if call.is_value(place)]
        if len(values) == len(places):
            call.add(kind, *values) if len(values) > 1 else call.alias(values[0])
            return
        constant = next(place for place in places if not call.is_value(place))
        _with_constant(call, kind, values[0], constant)

    return add


def _with_constant(call: Call, kind: str, source: Tensor, place: int) -> None:
    """A number changes nothing that is counted; a weight a channel is a scale, or a bias."""
    number = prod(call.sizes_of(place))
    nodes = call.graph.model.nodes
    if number == 1:
        call.alias(source)
    elif number != source.sizes[source.channels]:
        raise Unknown
    elif kind == "multiply":
        call.add("scale", source, weights=call.weights(place))
    elif kind == "add" and nodes and nodes[-1].name == source.signal and nodes[-1].lacks_bias:
        nodes[-1].arguments["bias"] = True
        nodes[-1].parameters = (nodes[-1].parameters or 0) + number
        call.graph.tensors.users.setdefault(call.name(place), source.signal)
        call.alias(source)
    else:
        raise Unknown


def _divide(call: Call) -> None:
    if call.is_value(1) or prod(call.sizes_of(1)) != 1:
        raise Unknown
    call.alias(call.tensor())


def _concat(call: Call) -> None:
    values = [call.tensor(place) for place in range(len(call.operator.inputs))]
    if call.attribute("axis") % len(values[0].sizes) != values[0].channels:
        raise Unknown
    call.add("concat", *values) if len(values) > 1 else call.alias(values[0])


def _flatten(call: Call) -> None:
    source = call.tensor()
    if call.attribute("axis", 1) != 1:
        raise Unknown
    sizes = (source.sizes[0], prod(source.sizes[1:]))
    call.graph.tensors.reshape(call.where, source, sizes)


def _reshape(call: Call) -> None:
    source, shape = call.tensor(), [*call.numbers(1, "shape")]
    for place, size in enumerate(shape):
        if size == 0:
            shape[place] = source.sizes[place]
    if shape.count(-1) == 1:
        known = -prod(shape)
        shape[shape.index(-1)] = prod(source.sizes) // known
    call.graph.tensors.reshape(call.where, source, tuple(shape))


def _squeeze(call: Call) -> None:
    source = call.tensor()
    axes = {axis % len(source.sizes) for axis in call.numbers(1, "axes", source.axes)}
    sizes = tuple(size for axis, size in enumerate(source.sizes) if axis not in axes)
    call.graph.tensors.reshape(call.where, source, sizes)


def _transpose(call: Call) -> None:
    source = call.tensor()
    order = call.attribute("perm", [*range(len(source.sizes))][::-1])
    call.graph.tensors.permute(call.where, source, tuple(order))


def _split(call: Call) -> None:
    """Neighbouring channels as values of their own."""
    source, where, start = call.tensor(), call.where, 0
    if call.attribute("axis", 0) % len(source.sizes) != source.channels:
        raise Unknown
    channels, outputs = source.sizes[source.channels], call.operator.outputs
    parts = call.numbers(1, "split", [channels // len(outputs)] * len(outputs))
    for name, part in zip(outputs, parts, strict=True):
        place = Where(name, where.label, where.scopes)
        call.graph.tensors.add(place, "slice", [source], channels=part, start=start)
        start += part


def _slice(call: Call) -> None:
    source = call.tensor()
    starts, ends = call.numbers(1, "starts"), call.numbers(2, "ends")
    axes, steps = call.numbers(3, "axes", [0]), call.numbers(4, "", [1])
    if len(axes) != 1 or axes[0] % len(source.sizes) != source.channels or steps != [1]:
        raise Unknown
    start, end, _ = slice(starts[0], ends[0]).indices(source.sizes[source.channels])
    call.add("slice", source, channels=end - start, start=start)


def _pad(call: Call) -> None:
    source, pads = call.tensor(), call.numbers(1, "pads")
    axes = len(source.sizes)
    pairs = [[pads[axis], pads[axes + axis]] for axis in range(axes)]
    if call.attribute("mode", "constant") != "constant" or pairs[0] != [0, 0] or min(pads) < 0:
        raise Unknown
    channels = pairs[source.channels]
    padding = [pairs[axis] for axis in source.axes]
    call.add("zero_pad", source, padding=padding, channels=channels if any(channels) else None)


def _resize(call: Call) -> None:
    source = call.tensor()
    scales = call.numbers(len(call.operator.inputs) - 1 if call.operator.type == "Upsample" else 2,
                          "scales", [])  # fmt: skip
    if not scales:
        sizes = call.numbers(3)
        scales = [new / old for new, old in zip(sizes, source.sizes, strict=True)]
    factors = [scales[axis] for axis in source.axes]
    if any(factor != int(factor) for factor in factors):
        raise Unknown
    call.add("upsample", source, factor=[int(factor) for factor in factors])


_OPERATORS: dict[str, Callable[[Call], None]] = {
    "Add": _merge("add"),
    "AveragePool": _pool("avg_pool"),
    "BatchNormalization": _batch_norm,
    "Cast": _same,
    "Clip": _clip,
    "Concat": _concat,
    "Conv": _conv,
    "ConvTranspose": _transposed,
    "DepthToSpace": lambda call: call.add("pixel_shuffle", factor=call.attribute("blocksize")),
    "Div": _divide,
    "Dropout": _plain("dropout"),
    "Elu": _plain("elu"),
    "Flatten": _flatten,
    "Gelu": _plain("gelu"),
    "Gemm": _gemm,
    "GlobalAveragePool": _plain("global_avg_pool"),
    "GlobalMaxPool": _plain("global_max_pool"),
    "HardSigmoid": _plain("hard_sigmoid"),
    "HardSwish": _plain("hard_swish"),
    "Identity": _same,
    "InstanceNormalization": lambda call: call.add("instance_norm", weights=call.weights(1, 2)),
    "LRN": lambda call: call.add("lrn", size=call.attribute("size")),
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
    "ReduceMean": _reduce_mean,
    "Relu": _plain("relu"),
    "Reshape": _reshape,
    "Resize": _resize,
    "Selu": _plain("selu"),
    "Sigmoid": _plain("sigmoid"),
    "Slice": _slice,
    "Softmax": _plain("softmax"),
    "Softplus": _plain("softplus"),
    "SpaceToDepth": lambda call: call.add("space_to_depth", factor=call.attribute("blocksize")),
    "Split": _split,
    "Squeeze": _squeeze,
    "Sub": _merge("subtract"),
    "Sum": _merge("add"),
    "Swish": _plain("swish"),
    "Tanh": _plain("tanh"),
    "Transpose": _transpose,
    "Upsample": _resize,
}
