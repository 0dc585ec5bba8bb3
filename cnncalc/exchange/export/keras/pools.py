"""Pools of all kinds."""

from __future__ import annotations

from cnncalc.exchange.export.keras import windows
from cnncalc.exchange.export.keras.leaf import Kind, Leaf, per_axis
from cnncalc.exchange.export.keras.padding import padded, pads_of
from cnncalc.exchange.export.layout import Code, call


def pool(cls: str) -> Kind:
    def write(leaf: Leaf) -> Code:
        stride = leaf.number("stride")
        kernel = leaf.number("kernel")
        named = {"strides": "" if stride == kernel else stride, "padding": padded(leaf)}
        if any(max(operation.dilation) > 1 for operation in leaf.operations):
            if named["padding"]:
                pads = windows.common(leaf.operations)
                if pads is None:
                    raise leaf.refused("is padded with other rows at every place that it stands")
                leaf.step(leaf.layer("LowestPadding", windows.pads_code(pads), suffix="_pad"))
            strides = named["strides"]
            return call(leaf.layer("DilatedMaxPooling", kernel, strides=strides,
                                   dilation_rate=leaf.number("dilation")), leaf.x)  # fmt: skip
        return call(leaf.layer(f"{cls}PoolingND", kernel, **named), leaf.x)

    return write


def subsample(leaf: Leaf) -> Code:
    stride, kernel = leaf.number("stride"), leaf.number("kernel") or "2"
    if not all(map(windows.is_valid, leaf.operations)):
        leaf.step(leaf.layer("ZeroPaddingND", pads_of(leaf, leaf.operations), suffix="_pad"))
    named = {"strides": "" if stride == kernel else stride, "activation": leaf.activation()}
    return call(leaf.layer("Subsampling", kernel, **named), leaf.x)


def global_pool(cls: str) -> Kind:
    def write(leaf: Leaf) -> Code:
        keep = leaf.flag("keep")
        keepdims = "True" if keep == "" else "" if keep == "False" else keep
        if id(leaf.item) in leaf.flow.flat:
            keepdims = ""
        return call(leaf.layer(f"Global{cls}PoolingND", keepdims=keepdims), leaf.x)

    return write


def adaptive(cls: str) -> Kind:
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
            return call(leaf.layer(f"{cls}PoolingND", per_axis(kernels.pop())), leaf.x)
        reduce = "" if cls == "Average" else '"max"'
        return call(leaf.layer("AdaptivePooling", leaf.number("size"), reduce), leaf.x)

    return write
