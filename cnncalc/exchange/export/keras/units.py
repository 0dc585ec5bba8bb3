"""Units, norms, activations, dropout and attention."""

from __future__ import annotations

from cnncalc.exchange.export.keras.leaf import Kind, Leaf
from cnncalc.exchange.export.layout import Code, call, listing, row


def dense(leaf: Leaf) -> Code:
    flattened(leaf)
    named = {"activation": leaf.activation(), "use_bias": leaf.flag("bias")}
    return call(leaf.keras("Dense", leaf.number("units"), **named), leaf.x)


def flattened(leaf: Leaf) -> None:
    is_flat = id(leaf.item) in leaf.flow.flat
    if not is_flat and any(operation.input.sizes for operation in leaf.operations):
        trained, leaf.trained = leaf.trained, False
        leaf.step(leaf.keras("Flatten", suffix="_flatten"))
        leaf.trained = trained


def rbf(leaf: Leaf) -> Code:
    flattened(leaf)
    return call(leaf.local("RadialBasis", leaf.number("units")), leaf.x)


def embedding(leaf: Leaf) -> Code:
    parts = leaf.number("vocabulary"), leaf.number("dimensions")
    return call(leaf.keras("Embedding", *parts), leaf.x)


def batch_norm(leaf: Leaf) -> Code:
    named = {"center": leaf.flag("center"), "scale": leaf.flag("scale")}
    return call(leaf.keras("BatchNormalization", **named), leaf.x)


def _affine(leaf: Leaf) -> dict[str, Code]:
    affine = leaf.flag("affine")
    return {"center": affine, "scale": affine}


def layer_norm(leaf: Leaf) -> Code:
    over_all = [operation.axes == "all" and operation.input.sizes for operation in leaf.operations]
    axis: Code = ""
    if any(over_all):
        if not all(over_all):
            raise leaf.refused("is over the channels only sometimes")
        axis = listing([str(axis) for axis in range(1, leaf.rank + 2)])
    return call(leaf.keras("LayerNormalization", axis=axis, **_affine(leaf)), leaf.x)


def group_norm(leaf: Leaf) -> Code:
    return call(leaf.keras("GroupNormalization", leaf.number("groups"), **_affine(leaf)), leaf.x)


def instance_norm(leaf: Leaf) -> Code:
    return call(leaf.keras("GroupNormalization", "-1", **_affine(leaf)), leaf.x)


def lrn(leaf: Leaf) -> Code:
    return call(leaf.local("LocalResponseNormalization", leaf.number("size")), leaf.x)


def scale(leaf: Leaf) -> Code:
    return call(leaf.local("Scale", use_bias=leaf.flag("bias", False)), leaf.x)


def activation(leaf: Leaf) -> Code:
    if leaf.op.kind == "activation":
        function = leaf.activation("function")
        if leaf.ends_with:
            return leaf.x
        return call(leaf.keras("Activation", function or '"linear"'), leaf.x)
    return call(leaf.keras("Activation", f'"{leaf.op.kind}"'), leaf.x)


def absolute(leaf: Leaf) -> Code:
    return call("keras.ops.abs", leaf.x)


def plain(cls: str) -> Kind:
    return lambda leaf: call(leaf.keras(cls), leaf.x)


def prelu(leaf: Leaf) -> Code:
    shared = [operation.shared for operation in leaf.operations]
    if any(shared) and not all(shared):
        raise leaf.refused("shares its weight only sometimes")
    axes = [str(axis) for axis in range(1, leaf.rank + 1 + any(shared))]
    return call(leaf.keras("PReLU", shared_axes=listing(axes) if axes else ""), leaf.x)


def dropout(leaf: Leaf) -> Code:
    return call(leaf.keras("Dropout", leaf.rate()), leaf.x)


def drop_path(leaf: Leaf) -> Code:
    shape = row(["None", *["1"] * (leaf.rank + 1)])
    return call(leaf.keras("Dropout", leaf.rate(), noise_shape=shape), leaf.x)


def attention(leaf: Leaf) -> Code:
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
