"""Convolutions of all kinds."""

from __future__ import annotations

from cnncalc.exchange.export.keras import windows
from cnncalc.exchange.export.keras.leaf import Leaf, per_axis
from cnncalc.exchange.export.keras.padding import padded, pads_of
from cnncalc.exchange.export.layout import Code, Line, Suite, call, listing
from cnncalc.layers.separable import BOTH


def common(leaf: Leaf, words: tuple[str, ...] = ()) -> dict[str, Code]:
    """What all convolutions have."""
    strides: Code = leaf.stride()
    padding: Code = ""
    if _strided_and_dilated(leaf):
        if not all(map(windows.is_valid, leaf.operations)):
            leaf.step(leaf.layer("ZeroPaddingND", pads_of(leaf, leaf.operations), suffix="_pad"))
        strides = ""
    else:
        padding = padded(leaf, words)
    return {
        "strides": strides,
        "padding": padding,
        "dilation_rate": leaf.stride("dilation"),
        "groups": "",
        "activation": leaf.activation(),
        "use_bias": leaf.flag("bias"),
    }


def strided(leaf: Leaf, code: Code) -> Code:
    """Each n-th row of a convolution with a dilation, as Keras has no stride beside one."""
    if not _strided_and_dilated(leaf):
        return code
    if not isinstance(code, str):
        leaf.flow.write(code)
    return f"{leaf.x}[:, {', '.join(f'::{step}' for step in leaf.common('stride'))}]"


def _strided_and_dilated(leaf: Leaf) -> bool:
    return any(max(o.stride) > 1 and max(o.dilation) > 1 for o in leaf.operations)


def conv(leaf: Leaf) -> Code:
    if leaf.first.connection_table is not None:
        return _table_conv(leaf)
    named = common(leaf, ("causal",))
    named["groups"] = leaf.stride("groups")
    layer = leaf.layer("ConvND", leaf.number("filters"), leaf.number("kernel"), **named)
    return strided(leaf, call(layer, leaf.x))


def _table_conv(leaf: Leaf) -> Code:
    named = common(leaf)
    del named["groups"]
    table = listing(
        [listing(map(str, sorted(maps))) for maps in leaf.first.connection_table.filters]
    )
    layer = leaf.layer("TableConv", table, per_axis(leaf.first.kernel), **named)
    return strided(leaf, call(layer, leaf.x))


def depthwise(leaf: Leaf) -> Code:
    if leaf.rank == 3:
        named = common(leaf)
        named["groups"] = f"{leaf.x}.shape[-1]"
        times = leaf.stride("multiplier")
        filters = f"{times} * {leaf.x}.shape[-1]" if times else f"{leaf.x}.shape[-1]"
        layer = leaf.layer("ConvND", filters, leaf.number("kernel"), **named)
        return strided(leaf, call(layer, leaf.x))
    named = common(leaf)
    del named["groups"]
    named = {
        "strides": named.pop("strides"),
        "depth_multiplier": leaf.stride("multiplier"),
        **named,
    }
    layer = leaf.layer("DepthwiseConvND", leaf.number("kernel"), **named)
    return strided(leaf, call(layer, leaf.x))


def separable(leaf: Leaf) -> Code:
    if leaf.rank == 3 or any(operation.bias == BOTH for operation in leaf.operations):
        return _in_two_steps(leaf)
    named = common(leaf)
    del named["groups"]
    named = {
        "strides": named.pop("strides"),
        "depth_multiplier": leaf.stride("multiplier"),
        **named,
    }
    cls = leaf.layer("SeparableConvND", leaf.number("filters"), leaf.number("kernel"), **named)
    return strided(leaf, call(cls, leaf.x))


def _in_two_steps(leaf: Leaf) -> Code:
    """A separable convolution as the two that it consists of."""
    named = common(leaf)
    activation = named.pop("activation")
    named["use_bias"] = "" if leaf.common("bias") == BOTH else "False"
    times = leaf.stride("multiplier")
    if leaf.rank == 3:
        named["groups"] = f"{leaf.x}.shape[-1]"
        filters = f"{times} * {leaf.x}.shape[-1]" if times else f"{leaf.x}.shape[-1]"
        first = leaf.layer("ConvND", filters, leaf.number("kernel"), suffix="_depthwise", **named)
    else:
        del named["groups"]
        first = leaf.layer("DepthwiseConvND", leaf.number("kernel"), suffix="_depthwise",
                           depth_multiplier=times, **named)  # fmt: skip
    leaf.step(first)
    if _strided_and_dilated(leaf):
        leaf.flow.write(strided(leaf, leaf.x))
    bias = "" if leaf.first.bias else "False"
    cls = leaf.layer("ConvND", leaf.number("filters"), "1", activation=activation, use_bias=bias)
    return call(cls, leaf.x)


def transposed(leaf: Leaf) -> Code:
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
    named |= {"dilation_rate": leaf.stride("dilation"), "use_bias": leaf.flag("bias")}
    if not same and not leaf.all_agree("pads"):
        value = leaf.written("padding")
        words = any(isinstance(o.padding, str) or any(o.output_padding) for o in operations)
        if value is None or words:
            raise leaf.refused("is padded with other rows at every place that it stands")
        rows = leaf.or_default("padding", value, leaf.flow.value(value))
        return _cropped(leaf, _transposed_call(leaf, named), rows)
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
    rows = windows.pads_code(tuple(crops)) if any(map(any, crops)) else ""
    return _cropped(leaf, _transposed_call(leaf, named), rows)


def _transposed_call(leaf: Leaf, named: dict[str, Code]) -> Code:
    """The layer; of several groups one each, side by side."""
    filters, kernel = leaf.number("filters"), leaf.number("kernel")
    if not any(operation.groups > 1 for operation in leaf.operations):
        return call(leaf.layer("ConvNDTranspose", filters, kernel, **named), leaf.x)
    groups = str(leaf.number("groups"))
    share = f"({filters})" if " " in str(filters) else filters
    part = leaf.layer("ConvNDTranspose", f"{share} // {groups}", kernel, suffix="_{i}", **named)
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


def _cropped(leaf: Leaf, code: Code, rows: Code) -> Code:
    """The rows of a transposed convolution that its padding leaves, and its activation."""
    activation = leaf.activation()
    if rows:
        leaf.flow.write(code)
        code = call(leaf.layer("CroppingND", rows, suffix="_crop"), leaf.x)
    if activation:
        leaf.flow.write(code)
        code = call(leaf.layer("Activation", activation, suffix="_activation"), leaf.x)
    return code


def local_conv(leaf: Leaf) -> Code:
    if not all(map(windows.is_valid, leaf.operations)):
        leaf.step(leaf.layer("ZeroPaddingND", pads_of(leaf, leaf.operations), suffix="_pad"))
    named = {
        "strides": leaf.stride(),
        "dilation_rate": leaf.stride("dilation"),
        "activation": leaf.activation(),
        "use_bias": leaf.flag("bias"),
    }
    return call(
        leaf.layer("LocalConv", leaf.number("filters"), leaf.number("kernel"), **named), leaf.x
    )
