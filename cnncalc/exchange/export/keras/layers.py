"""Layers: what each kind of layer is in Keras."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from cnncalc.exchange.export.keras import windows
from cnncalc.exchange.export.keras.flow import Flow
from cnncalc.exchange.export.layout import Brackets, Code, Line, Suite, call, listing, row
from cnncalc.exchange.export.targets import NotExported
from cnncalc.language.expressions import Silenced
from cnncalc.language.located import Value
from cnncalc.language.model import Item, LayerOp
from cnncalc.layers.merge import Merge, Multiply
from cnncalc.layers.separable import BOTH
from cnncalc.layers.window import Window
from cnncalc.problems import Reject

if TYPE_CHECKING:
    from cnncalc.exchange.export.record import Copy
    from cnncalc.network.model import Layer

Own = Callable[[], str]


class Leaf:
    """An item that is a layer, and all layers that it is in the network."""

    def __init__(
        self, flow: Flow, item: Item, op: LayerOp, path: str, built: list[tuple[Copy, Layer]]
    ) -> None:
        self.flow = flow
        self.steps = 0  # layers before it
        self.item = item
        self.op = op
        self.path = path
        self.copies = [copy for copy, _ in built]
        self.layers = [layer for _, layer in built]
        self.operations: list[Any] = [layer.operation for layer in self.layers]
        self.first: Any = self.operations[0]
        ranks = {len(operation.input.sizes) for operation in self.operations}
        if len(ranks) > 1 and op.kind in _BY_RANK:
            raise self.refused("stands on volumes with different numbers of axes")
        self.rank = len(self.first.input.sizes)
        self.trained = any(layer.operation.parameters for layer in self.layers)

    def refused(self, why: str, help: str = "") -> NotExported:
        return NotExported(f"{self.op.kind} {why}", self.item, help)

    @property
    def x(self) -> str:
        """The variable that holds what it reads."""
        return self.flow.text(self.flow.current)

    def step(self, layer: Code) -> None:
        """A layer before the one that it is about."""
        self.steps += 1
        self.flow.write(call(layer, self.x))

    def layer(self, cls: Code, *parts: Code, suffix: Any = "", **named: Any) -> Code:
        """A layer of Keras, or of the file, with its name."""
        if self.flow.trainable and self.trained:
            named["trainable"] = self.flow.trainable
        name = self.flow.quoted(f"{self.path}{suffix}")
        return call(cls, *parts, **named, name=name)

    def keras(self, cls: str, *parts: Code, suffix: Any = "", **named: Any) -> Code:
        """A class of keras.layers, whose name may end with the number of axes."""
        return self.layer(
            f"layers.{cls.replace('ND', f'{self.rank}D')}", *parts, suffix=suffix, **named
        )

    def local(self, cls: str, *parts: Code, suffix: Any = "", **named: Any) -> Code:
        """A class of the file itself."""
        return self.layer(self.flow.file.new_class(cls), *parts, suffix=suffix, **named)

    def step_if(self, condition: str, layer: Code) -> None:
        """A layer before, which is there only where a condition holds."""
        self.flow.settle()
        with self.flow.suite(f"if {condition}:"):
            self.step(layer)
        self.flow.current = self.flow.function.write(self.flow.target)

    # Arguments.

    def written(self, name: str) -> Value | None:
        """What stands in the spec for an argument; None where the kind's default holds."""
        value = self.op.arguments.get(name)
        if value is None or all(self.is_none(value, copy) for copy in self.copies):
            value = self.op.defaults.get(name)
        return value

    @staticmethod
    def is_none(value: Value, copy: Copy) -> bool:
        try:
            return value.evaluate(copy.values) is None
        except (Reject, Silenced):
            return False

    def number(self, name: str) -> Code:
        """A number, or one per axis; "" where it is not written."""
        value = self.written(name)
        if value is None:
            return ""
        if "$" in str(value.plain()):
            return self.or_default(name, value, self.flow.value(value))
        return per_axis(self.first.value_of(name))

    def or_default(self, name: str, value: Value, code: Code) -> Code:
        """An argument that is none in some places, where the default holds."""
        if not any(self.is_none(value, copy) for copy in self.copies):
            return code
        default = self.op.defaults.get(name)
        other = default.evaluate({}) if default is not None else self.op.cls.arguments[name].default
        if other is None or isinstance(other, bool):
            return code
        shown = "0" if name == "padding" and not isinstance(other, int) else per_axis(other)
        return f"{shown} if {code} is None else {code}"

    def stride(self, name: str = "stride") -> Code:
        """A number, "" where it is 1 for all."""
        code = self.number(name)
        return "" if code == "1" else code

    def flag(self, name: str, default: bool = True) -> Code:
        """True, False or a condition; "" where the default holds."""
        value = self.written(name)
        if value is None:
            return ""
        text = self.flow.condition(value)
        return "" if text == str(default) else text

    def activation(self, name: str = "activation") -> Code:
        value = self.written(name)
        found = {getattr(operation, name) for operation in self.operations}
        if value is None or found == {None}:
            return ""
        if "$" in str(value.plain()):
            return self.flow.value(value, whole=False)
        (word,) = found
        return self.function(word)

    def function(self, word: str) -> Code:
        """An activation of Keras by its name in a spec."""
        return "keras.ops.abs" if word == "abs" else f'"{word}"'

    def rate(self) -> Code:
        value = self.written("rate")
        if value is None or "$" not in str(value.plain()):
            return repr(float(self.first.rate))
        return self.flow.rate(value)

    def all_agree(self, name: str) -> bool:
        values = [operation.value_of(name) for operation in self.operations]
        return all(value == values[0] for value in values)


def per_axis(value: Any) -> Code:
    """3 where all axes agree, else (1, 3)."""
    if not isinstance(value, tuple):
        return str(value)
    return str(value[0]) if len(set(value)) == 1 else row(map(str, value))


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
    layer = code.head if isinstance(code, Brackets) else None
    if id(item) in flow.file.reused and isinstance(layer, Brackets) and leaf.steps == 0:
        name = flow.share(item, "layer")
        flow.body.append(Line(f"{name} = ", layer))
        code = code._replace(head=name) if isinstance(code, Brackets) else code
    flow.write(code, own())


# Merges.

_MERGES = {"concat": "concatenate"}


def write_merge(
    flow: Flow,
    cls: type[Merge],
    parts: list[str] | str,
    path: str,
    layers: list[Layer],
    own: Own = str,
) -> None:
    """Write a merge of variables, or of the list that a variable holds."""
    kind = "multiply" if issubclass(cls, Multiply) else cls.kind
    operations: list[Any] = [layer.operation for layer in layers]
    code: Code = parts if isinstance(parts, str) else listing(parts)
    if kind == "multiply" and isinstance(parts, list):
        code = listing(_stretched(parts, operations, flow, path))
    if any(operation.crop for operation in operations):
        flow.file.expressions.need("crop_to_smallest")
        least = "2" if kind == "multiply" else ""  # what has size 1 is stretched
        code = call("crop_to_smallest", code, least=least)
    function = f"layers.{_MERGES.get(kind, kind)}"
    flow.write(call(function, code, name=flow.quoted(path)), own())


def _stretched(parts: list[str], operations: list[Any], flow: Flow, path: str) -> list[Code]:
    """The factors of a product, vectors with axes of size 1."""
    volumes = operations[0].inputs
    axes = max(len(volume.sizes) for volume in volumes)
    return [
        call(
            call("layers.Reshape", row(["1"] * axes + ["-1"]), name=flow.quoted(f"{path}_axes")),
            part,
        )
        if not volume.sizes and axes
        else part
        for part, volume in zip(parts, volumes, strict=True)
    ]


# Windows.


def _padded(leaf: Leaf, words: tuple[str, ...] = ()) -> Code:
    """Pad what a window reads, if Keras cannot; what its `padding` is then."""
    found: list[Window] = leaf.operations
    if all(map(windows.is_valid, found)):
        return ""
    if all(map(windows.is_same, found)):
        return '"same"'
    if "causal" in words and all(map(windows.is_causal, found)):
        return '"causal"'
    value = leaf.written("padding")
    if value is not None and _is_word(leaf, value):
        return leaf.flow.value(value, whole=False)
    pads = _pads(leaf, found)
    lowest = leaf.op.kind == "max_pool" and not all(map(_not_negative, leaf.layers))
    layer = leaf.local if lowest else leaf.keras
    code = layer("LowestPadding" if lowest else "ZeroPaddingND", pads, suffix="_pad")
    if isinstance(pads, str) and " if " not in pads and any(map(windows.is_valid, found)):
        leaf.step_if(pads, code)
    else:
        leaf.step(code)
    return ""


def _is_word(leaf: Leaf, value: Value) -> bool:
    """Whether a name stands for `same` or `valid` everywhere."""
    if value.word is None:
        return False
    words = [value.evaluate(copy.values) for copy in leaf.copies]
    exact = all(windows.needed(window) == window.pads for window in leaf.operations)
    return exact and all(word in ("same", "valid") for word in words)


def _pads(leaf: Leaf, found: list[Window]) -> Code:
    if (pads := windows.common(found)) is not None:
        return windows.pads_code(pads)
    value = leaf.written("padding")
    exact = all(windows.needed(window) == window.pads for window in found)
    if value is not None and exact and not any(isinstance(w.padding, str) for w in found):
        return leaf.or_default("padding", value, leaf.flow.value(value))
    raise leaf.refused("is padded with other rows at every place that it stands",
                       "write a block of its own for each, or padding: same")  # fmt: skip


def _not_negative(layer: Layer) -> bool:
    """Whether nothing that a layer reads is below 0, so that zeros are no maximum."""
    return all(_gives_no_negative(source) for source in layer.sources)


_NOT_NEGATIVE = ("relu", "relu6", "sigmoid", "softmax", "abs", "hard_sigmoid", "softplus")
_KEEPING = ("max_pool", "avg_pool", "concat", "add", "dropout", "multiply", "average", "maximum",
            "zero_pad", "identity")  # fmt: skip


def _gives_no_negative(signal: Any, depth: int = 20) -> bool:
    kind = getattr(signal, "kind", "")
    if not kind or depth == 0:
        return False
    if kind in _NOT_NEGATIVE or getattr(signal.operation, "activation", None) in _NOT_NEGATIVE:
        return True
    return kind in _KEEPING and all(
        _gives_no_negative(source, depth - 1) for source in signal.sources
    )


def _common(leaf: Leaf, words: tuple[str, ...] = ()) -> dict[str, Code]:
    """What all convolutions have."""
    strides: Code = leaf.stride()
    padding: Code = ""
    if _strided_and_dilated(leaf):
        if not all(map(windows.is_valid, leaf.operations)):
            leaf.step(leaf.keras("ZeroPaddingND", _pads(leaf, leaf.operations), suffix="_pad"))
        strides = ""
    else:
        padding = _padded(leaf, words)
    return {
        "strides": strides,
        "padding": padding,
        "dilation_rate": leaf.stride("dilation"),
        "groups": "",
        "activation": leaf.activation(),
        "use_bias": leaf.flag("bias"),
    }


def _strided(leaf: Leaf, code: Code) -> Code:
    """Each n-th row of a convolution with a dilation, as Keras has no stride beside one."""
    if not _strided_and_dilated(leaf):
        return code
    if not leaf.all_agree("stride"):
        raise leaf.refused("has another stride at every place that it stands")
    if not isinstance(code, str):
        leaf.flow.write(code)
    return f"{leaf.x}[:, {', '.join(f'::{step}' for step in leaf.first.stride)}]"


def _strided_and_dilated(leaf: Leaf) -> bool:
    return any(max(o.stride) > 1 and max(o.dilation) > 1 for o in leaf.operations)


def _conv(leaf: Leaf) -> Code:
    if leaf.first.connection_table is not None:
        return _table_conv(leaf)
    named = _common(leaf, ("causal",))
    named["groups"] = leaf.stride("groups")
    layer = leaf.keras("ConvND", leaf.number("filters"), leaf.number("kernel"), **named)
    return _strided(leaf, call(layer, leaf.x))


def _table_conv(leaf: Leaf) -> Code:
    named = _common(leaf)
    del named["groups"]
    table = listing(
        [listing(map(str, sorted(maps))) for maps in leaf.first.connection_table.filters]
    )
    layer = leaf.local("TableConv", table, per_axis(leaf.first.kernel), **named)
    return _strided(leaf, call(layer, leaf.x))


def _depthwise(leaf: Leaf) -> Code:
    if leaf.rank == 3:
        named = _common(leaf)
        named["groups"] = f"{leaf.x}.shape[-1]"
        times = leaf.stride("multiplier")
        filters = f"{times} * {leaf.x}.shape[-1]" if times else f"{leaf.x}.shape[-1]"
        layer = leaf.keras("ConvND", filters, leaf.number("kernel"), **named)
        return _strided(leaf, call(layer, leaf.x))
    named = _common(leaf)
    del named["groups"]
    named = {
        "strides": named.pop("strides"),
        "depth_multiplier": leaf.stride("multiplier"),
        **named,
    }
    layer = leaf.keras("DepthwiseConvND", leaf.number("kernel"), **named)
    return _strided(leaf, call(layer, leaf.x))


def _separable(leaf: Leaf) -> Code:
    if leaf.rank == 3 or any(operation.bias == BOTH for operation in leaf.operations):
        return _in_two_steps(leaf)
    named = _common(leaf)
    del named["groups"]
    named = {
        "strides": named.pop("strides"),
        "depth_multiplier": leaf.stride("multiplier"),
        **named,
    }
    cls = leaf.keras("SeparableConvND", leaf.number("filters"), leaf.number("kernel"), **named)
    return _strided(leaf, call(cls, leaf.x))


def _in_two_steps(leaf: Leaf) -> Code:
    """A separable convolution as the two that it consists of."""
    if not leaf.all_agree("bias"):
        raise leaf.refused("has biases in both parts only sometimes")
    named = _common(leaf)
    activation = named.pop("activation")
    named["use_bias"] = "" if leaf.first.bias == BOTH else "False"
    times = leaf.stride("multiplier")
    if leaf.rank == 3:
        named["groups"] = f"{leaf.x}.shape[-1]"
        filters = f"{times} * {leaf.x}.shape[-1]" if times else f"{leaf.x}.shape[-1]"
        first = leaf.keras("ConvND", filters, leaf.number("kernel"), suffix="_depthwise", **named)
    else:
        del named["groups"]
        first = leaf.keras("DepthwiseConvND", leaf.number("kernel"), suffix="_depthwise",
                           depth_multiplier=times, **named)  # fmt: skip
    leaf.step(first)
    if _strided_and_dilated(leaf):
        leaf.flow.write(_strided(leaf, leaf.x))
    bias = "" if leaf.first.bias else "False"
    cls = leaf.keras("ConvND", leaf.number("filters"), "1", activation=activation, use_bias=bias)
    return call(cls, leaf.x)


def _transposed(leaf: Leaf) -> Code:
    """Keras crops no rows of its own accord but those of `same`; those of a spec are cropped."""
    operations = leaf.operations
    if _strided_and_dilated(leaf):
        raise leaf.refused("has a stride and a dilation, which Keras has not together")
    same = all(o.padding == "same" for o in operations)
    named: dict[str, Code] = {"strides": leaf.stride()}
    if same:
        named["padding"] = '"same"'
    elif any(k < s for o in operations for k, s in zip(o.kernel, o.stride, strict=True)):
        named["output_padding"] = "0"
    if not same and not leaf.all_agree("pads"):
        raise leaf.refused("is padded with other rows at every place that it stands")
    named |= {"dilation_rate": leaf.stride("dilation"), "use_bias": leaf.flag("bias")}
    first = leaf.first
    crops = [(0, 0)] * leaf.rank
    if not same:
        crops = [
            (b, a - more) for (b, a), more in zip(first.pads, first.output_padding, strict=True)
        ]
    if not any(map(any, crops)):
        named["activation"] = leaf.activation()
        return _transposed_call(leaf, named)
    if min(map(min, crops)) < 0:
        more = tuple(max(0, -after) for _, after in crops)
        named["output_padding"] = per_axis(more)
        crops = [(before, max(0, after)) for before, after in crops]
    return _cropped(leaf, _transposed_call(leaf, named), crops)


def _transposed_call(leaf: Leaf, named: dict[str, Code]) -> Code:
    """The layer; of several groups one each, side by side."""
    filters, kernel = leaf.number("filters"), leaf.number("kernel")
    if not any(operation.groups > 1 for operation in leaf.operations):
        return call(leaf.keras("ConvNDTranspose", filters, kernel, **named), leaf.x)
    groups = str(leaf.number("groups"))
    share = f"({filters})" if " " in str(filters) else filters
    part = leaf.keras("ConvNDTranspose", f"{share} // {groups}", kernel, suffix="_{i}", **named)
    split = call("enumerate", call("keras.ops.split", leaf.x, groups, axis="-1"), "1")
    parts = leaf.flow.function.identifiers.new("groups")
    leaf.flow.body.append(f"{parts} = []")
    leaf.flow.body.append(
        Suite(
            Line("for i, part in ", split, ":"),
            [Line("", call(f"{parts}.append", call(part, "part")))],
        )
    )
    return call("layers.concatenate", parts, name=leaf.flow.quoted(leaf.path))


def _cropped(leaf: Leaf, code: Code, crops: list[tuple[int, int]]) -> Code:
    """The rows of a transposed convolution that its padding leaves, and its activation."""
    activation = leaf.activation()
    if any(map(any, crops)):
        leaf.flow.write(code)
        code = call(
            leaf.keras("CroppingND", windows.pads_code(tuple(crops)), suffix="_crop"), leaf.x
        )
    if activation:
        leaf.flow.write(code)
        code = call(leaf.keras("Activation", activation, suffix="_activation"), leaf.x)
    return code


def _local_conv(leaf: Leaf) -> Code:
    if not all(map(windows.is_valid, leaf.operations)):
        leaf.step(leaf.keras("ZeroPaddingND", _pads(leaf, leaf.operations), suffix="_pad"))
    named = {
        "strides": leaf.stride(),
        "dilation_rate": leaf.stride("dilation"),
        "activation": leaf.activation(),
        "use_bias": leaf.flag("bias"),
    }
    return call(
        leaf.local("LocalConv", leaf.number("filters"), leaf.number("kernel"), **named), leaf.x
    )


def _pool(cls: str) -> Kind:
    def write(leaf: Leaf) -> Code:
        stride = leaf.number("stride")
        kernel = leaf.number("kernel")
        named = {"strides": "" if stride == kernel else stride, "padding": _padded(leaf)}
        if any(max(operation.dilation) > 1 for operation in leaf.operations):
            if named["padding"]:
                pads = windows.common(leaf.operations)
                if pads is None:
                    raise leaf.refused("is padded with other rows at every place that it stands")
                leaf.step(leaf.local("LowestPadding", windows.pads_code(pads), suffix="_pad"))
            strides = named["strides"]
            return call(leaf.local("DilatedMaxPooling", kernel, strides=strides,
                                   dilation_rate=leaf.number("dilation")), leaf.x)  # fmt: skip
        return call(leaf.keras(f"{cls}PoolingND", kernel, **named), leaf.x)

    return write


def _subsample(leaf: Leaf) -> Code:
    stride, kernel = leaf.number("stride"), leaf.number("kernel") or "2"
    if not all(map(windows.is_valid, leaf.operations)):
        leaf.step(leaf.keras("ZeroPaddingND", _pads(leaf, leaf.operations), suffix="_pad"))
    named = {"strides": "" if stride == kernel else stride, "activation": leaf.activation()}
    return call(leaf.local("Subsampling", kernel, **named), leaf.x)


def _global_pool(cls: str) -> Kind:
    def write(leaf: Leaf) -> Code:
        keep = leaf.flag("keep")
        keepdims = "True" if keep == "" else "" if keep == "False" else keep
        if id(leaf.item) in leaf.flow.flat:
            keepdims = ""
        return call(leaf.keras(f"Global{cls}PoolingND", keepdims=keepdims), leaf.x)

    return write


def _adaptive(cls: str) -> Kind:
    def write(leaf: Leaf) -> Code:
        even = all(
            size % out == 0
            for operation in leaf.operations
            for size, out in zip(operation.input.sizes, operation.size, strict=True)
        )
        kernels = {
            tuple(map(int.__floordiv__, operation.input.sizes, operation.size))
            for operation in leaf.operations
        }
        if even and len(kernels) == 1:
            return call(leaf.keras(f"{cls}PoolingND", per_axis(kernels.pop())), leaf.x)
        reduce = "" if cls == "Average" else '"max"'
        return call(leaf.local("AdaptivePooling", leaf.number("size"), reduce), leaf.x)

    return write


# Units.


def _dense(leaf: Leaf) -> Code:
    flattened(leaf)
    named = {"activation": leaf.activation(), "use_bias": leaf.flag("bias")}
    return call(leaf.keras("Dense", leaf.number("units"), **named), leaf.x)


def flattened(leaf: Leaf) -> None:
    is_flat = id(leaf.item) in leaf.flow.flat
    if not is_flat and any(operation.input.sizes for operation in leaf.operations):
        trained, leaf.trained = leaf.trained, False
        leaf.step(leaf.keras("Flatten", suffix="_flatten"))
        leaf.trained = trained


def _rbf(leaf: Leaf) -> Code:
    flattened(leaf)
    return call(leaf.local("RadialBasis", leaf.number("units")), leaf.x)


def _embedding(leaf: Leaf) -> Code:
    parts = leaf.number("vocabulary"), leaf.number("dimensions")
    return call(leaf.keras("Embedding", *parts), leaf.x)


# Normalisation.


def _batch_norm(leaf: Leaf) -> Code:
    named = {"center": leaf.flag("center"), "scale": leaf.flag("scale")}
    return call(leaf.keras("BatchNormalization", **named), leaf.x)


def _affine(leaf: Leaf) -> dict[str, Code]:
    affine = leaf.flag("affine")
    return {"center": affine, "scale": affine}


def _layer_norm(leaf: Leaf) -> Code:
    over_all = [operation.axes == "all" and operation.input.sizes for operation in leaf.operations]
    axis: Code = ""
    if any(over_all):
        if not all(over_all):
            raise leaf.refused("is over the channels only sometimes")
        axis = listing([str(axis) for axis in range(1, leaf.rank + 2)])
    return call(leaf.keras("LayerNormalization", axis=axis, **_affine(leaf)), leaf.x)


def _group_norm(leaf: Leaf) -> Code:
    return call(leaf.keras("GroupNormalization", leaf.number("groups"), **_affine(leaf)), leaf.x)


def _instance_norm(leaf: Leaf) -> Code:
    return call(leaf.keras("GroupNormalization", "-1", **_affine(leaf)), leaf.x)


def _lrn(leaf: Leaf) -> Code:
    return call(leaf.local("LocalResponseNormalization", leaf.number("size")), leaf.x)


def _scale(leaf: Leaf) -> Code:
    return call(leaf.local("Scale", use_bias=leaf.flag("bias", False)), leaf.x)


# Activations and dropout.


def _activation(leaf: Leaf) -> Code:
    if leaf.op.kind == "activation":
        return call(leaf.keras("Activation", leaf.activation("function") or '"linear"'), leaf.x)
    return call(leaf.keras("Activation", f'"{leaf.op.kind}"'), leaf.x)


def _abs(leaf: Leaf) -> Code:
    return call("keras.ops.abs", leaf.x)


def _plain(cls: str) -> Kind:
    return lambda leaf: call(leaf.keras(cls), leaf.x)


def _prelu(leaf: Leaf) -> Code:
    shared = [operation.shared for operation in leaf.operations]
    if any(shared) and not all(shared):
        raise leaf.refused("shares its weight only sometimes")
    axes = [str(axis) for axis in range(1, leaf.rank + 1 + any(shared))]
    return call(leaf.keras("PReLU", shared_axes=listing(axes) if axes else ""), leaf.x)


def _dropout(leaf: Leaf) -> Code:
    return call(leaf.keras("Dropout", leaf.rate()), leaf.x)


def _drop_path(leaf: Leaf) -> Code:
    shape = row(["None", *["1"] * (leaf.rank + 1)])
    return call(leaf.keras("Dropout", leaf.rate(), noise_shape=shape), leaf.x)


# Attention.


def _attention(leaf: Leaf) -> Code:
    heads, width = leaf.number("heads"), leaf.number("dimensions")
    plain = all(operation.projects and not operation.window for operation in leaf.operations)
    if not plain:
        named = {
            "use_bias": leaf.flag("bias"),
            "project": leaf.flag("output"),
            "window": leaf.number("window"),
        }
        return call(
            leaf.local("WindowAttention", heads, width or f"{leaf.x}.shape[-1]", **named), leaf.x
        )
    numbers = {operation.dimensions // operation.heads for operation in leaf.operations}
    if not str(heads).isdecimal() or len(numbers) > 1:
        whole = str(width) if width else f"{leaf.x}.shape[-1]"
        whole = f"({whole})" if " " in whole else whole
        divisor = f"({heads})" if " " in str(heads) else str(heads)
        size = f"{whole} // {divisor}"
    else:
        size = str(numbers.pop())
    axes = row([str(axis) for axis in range(1, leaf.rank + 1)]) if leaf.rank > 1 else ""
    cls = leaf.keras(
        "MultiHeadAttention", heads, size, use_bias=leaf.flag("bias"), attention_axes=axes
    )
    return call(cls, leaf.x, leaf.x)


# What moves values about.


def _reshape(leaf: Leaf) -> Code:
    value = leaf.written("to")
    assert value is not None
    if "$" in str(value.plain()):
        code = leaf.flow.value(value)
        return call(
            leaf.keras("Reshape", code if str(code).startswith("(") else row([code])), leaf.x
        )
    return call(leaf.keras("Reshape", row(map(str, leaf.first.to.shape))), leaf.x)


def _moved(cls: str, argument: str) -> Kind:
    return lambda leaf: call(leaf.local(cls, leaf.number(argument)), leaf.x)


def _slice(leaf: Leaf) -> Code:
    """Part of the channels, and each n-th row: x[..., :n] and x[:, ::2, ::2]."""
    start = leaf.number("start")
    start = "" if start == "0" else str(start)
    channels = str(leaf.number("channels"))
    if all(o.start + o.channels == o.input.channels for o in leaf.operations):
        channels = ""  # all of them from the start on
    written, every = leaf.written("every"), leaf.number("every")
    steps = [""] * leaf.rank
    if written is not None and "$" in str(written.plain()):
        steps = [str(every)] * leaf.rank
    elif every:
        steps = [str(step) for step in leaf.first.every]
    rows = [_each(step) if step not in ("", "1") else ":" for step in steps]
    maps = _range(start, channels)
    if all(part == ":" for part in rows):
        return f"{leaf.x}[..., {maps}]"
    parts = [":", *rows] if maps == ":" else [":", *rows, maps]
    return f"{leaf.x}[{', '.join(parts)}]"


def _each(step: str) -> str:
    """::2, and :: n.shape[1], spaced as formatters have it."""
    return f"::{step}" if step.isidentifier() or step.isdecimal() else f":: {step}"


def _range(start: str, channels: str) -> str:
    """The slice of so many channels from a first one on, spaced as formatters have it."""
    if not channels:
        end = ""
    elif not start:
        end = channels
    elif start.isdecimal() and channels.isdecimal():
        end = str(int(start) + int(channels))
    else:
        end = f"{start} + {channels}"
    simple = all(part.replace("_", "").isalnum() or not part for part in (start, end))
    if simple:
        return f"{start}:{end}"
    return f"{start} : {end}".strip() if end else f"{start} :"


def _crop(leaf: Leaf) -> Code:
    taken = {operation.taken for operation in leaf.operations}
    if len(taken) == 1:
        return call(leaf.keras("CroppingND", windows.pads_code(taken.pop())), leaf.x)
    if leaf.rank == 2 and not isinstance(leaf.first.size, dict):
        size = leaf.number("size")
        parts = size.parts if not isinstance(size, str) else ((("", size)), (("", size)))
        return call(leaf.keras("CenterCrop", *(part for _, part in parts)), leaf.x)
    raise leaf.refused("takes other rows away at every place that it stands")


def _zero_pad(leaf: Leaf) -> Code:
    pads = {operation.padding for operation in leaf.operations}
    maps = {operation.channels for operation in leaf.operations}
    rows: Code = windows.pads_code(next(iter(pads)))
    if len(pads) > 1:
        value = leaf.written("padding")
        assert value is not None
        rows = leaf.flow.value(value)
    if maps == {(0, 0)}:
        return call(leaf.keras("ZeroPaddingND", rows), leaf.x)
    if any(map(any, next(iter(pads)))) or len(pads) > 1:
        leaf.step(leaf.keras("ZeroPaddingND", rows, suffix="_rows"))
    value = leaf.written("channels")
    assert value is not None
    pair = leaf.flow.value(value) if len(maps) > 1 else row(map(str, maps.pop()))
    none = [row(["0", "0"])] * (leaf.rank + 1)
    return call("keras.ops.pad", leaf.x, row([*none, pair]))


def _upsample(leaf: Leaf) -> Code:
    factor = leaf.number("factor")
    bilinear = [operation.method == "bilinear" for operation in leaf.operations]
    if not any(bilinear):
        return call(leaf.keras("UpSamplingND", factor), leaf.x)
    if leaf.rank == 2 and all(bilinear):
        return call(leaf.keras("UpSamplingND", factor, interpolation='"bilinear"'), leaf.x)
    sizes = [
        f"{leaf.x}.shape[{axis}] * {leaf.first.factor[axis - 1]}"
        for axis in range(1, leaf.rank + 1)
    ]
    if not leaf.all_agree("factor") or not all(bilinear):
        raise leaf.refused("differs from place to place")
    return call(leaf.local("Resize", row(sizes), '"bilinear"'), leaf.x)


def _resize(leaf: Leaf) -> Code:
    methods = {operation.method for operation in leaf.operations}
    value = leaf.written("like")
    if value is not None:
        like = leaf.flow.reference(value)
        sizes: list[Code] = [f"{like}.shape[{axis}]" for axis in range(1, leaf.rank + 1)]
    else:
        size = leaf.number("to")
        sizes = (
            [part for _, part in size.parts] if not isinstance(size, str) else [size] * leaf.rank
        )
    if len(methods) > 1:
        raise leaf.refused("has another method at every place that it stands")
    method = f'"{methods.pop()}"'
    if leaf.rank == 2:
        other = "" if method == '"bilinear"' else method
        return call(leaf.keras("Resizing", *sizes, interpolation=other), leaf.x)
    return call(leaf.local("Resize", row(sizes), method), leaf.x)


def _custom(leaf: Leaf) -> Code:
    raise leaf.refused("says how many parameters there are, and not of which layers, so that no "
                       "code can be written", "write the layers that it stands for")  # fmt: skip


Kind = Callable[[Leaf], Code]
_NAMED = ("relu6", "leaky_relu", "elu", "selu", "gelu", "sigmoid", "tanh", "swish", "hard_swish",
          "hard_sigmoid", "mish", "softplus", "softmax", "log_softmax", "activation")  # fmt: skip
_BY_RANK = ("conv", "local_conv", "depthwise_conv", "separable_conv", "transposed_conv", "max_pool",
            "avg_pool", "subsample", "global_avg_pool", "global_max_pool", "adaptive_avg_pool",
            "adaptive_max_pool", "upsample", "resize", "zero_pad", "crop", "slice", "drop_path",
            "attention", "prelu", "layer_norm", "reshape")  # fmt: skip
KINDS: dict[str, Kind] = {
    **dict.fromkeys(_NAMED, _activation),
    "abs": _abs,
    "adaptive_avg_pool": _adaptive("Average"),
    "adaptive_max_pool": _adaptive("Max"),
    "attention": _attention,
    "avg_pool": _pool("Average"),
    "batch_norm": _batch_norm,
    "channel_shuffle": _moved("ChannelShuffle", "groups"),
    "class_token": lambda leaf: call(leaf.local("ClassToken"), leaf.x),
    "conv": _conv,
    "crop": _crop,
    "custom": _custom,
    "depthwise_conv": _depthwise,
    "drop_path": _drop_path,
    "dropout": _dropout,
    "embedding": _embedding,
    "fc": _dense,
    "flatten": _plain("Flatten"),
    "global_avg_pool": _global_pool("Average"),
    "global_max_pool": _global_pool("Max"),
    "group_norm": _group_norm,
    "identity": _plain("Identity"),
    "instance_norm": _instance_norm,
    "layer_norm": _layer_norm,
    "local_conv": _local_conv,
    "lrn": _lrn,
    "max_pool": _pool("Max"),
    "pixel_shuffle": _moved("DepthToSpace", "factor"),
    "position_embedding": lambda leaf: call(leaf.local("PositionEmbedding"), leaf.x),
    "prelu": _prelu,
    "rbf": _rbf,
    "relu": _plain("ReLU"),
    "reshape": _reshape,
    "resize": _resize,
    "scale": _scale,
    "separable_conv": _separable,
    "slice": _slice,
    "space_to_depth": _moved("SpaceToDepth", "factor"),
    "subsample": _subsample,
    "transposed_conv": _transposed,
    "upsample": _upsample,
    "zero_pad": _zero_pad,
}
