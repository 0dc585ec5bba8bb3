"""Units, norms, activations, dropout and attention."""

from __future__ import annotations

from cnncalc.exchange.export.keras.leaf import Kind, Leaf
from cnncalc.exchange.export.layout import Code, call, listing, row


def simple(cls: str, *numbers: str, flat: bool = False, **flags: str) -> Kind:
    """A layer with some of a kind's numbers and flags, by their names in Keras."""

    def write(leaf: Leaf) -> Code:
        if flat:
            flattened(leaf)
        named = {key: leaf.flag(name) for key, name in flags.items()}
        return call(leaf.layer(cls, *map(leaf.number, numbers), **named), leaf.x)

    return write


def dense(leaf: Leaf) -> Code:
    flattened(leaf)
    named = {"activation": leaf.activation(), "use_bias": leaf.flag("bias")}
    return call(leaf.layer("Dense", leaf.number("units"), **named), leaf.x)


def flattened(leaf: Leaf) -> None:
    is_flat = id(leaf.item) in leaf.flow.flat
    if not is_flat and any(operation.input.sizes for operation in leaf.operations):
        trained, leaf.trained = leaf.trained, False
        leaf.step(leaf.layer("Flatten", suffix="_flatten"))
        leaf.trained = trained


def _affine(leaf: Leaf) -> dict[str, Code]:
    affine = leaf.flag("affine")
    return {"center": affine, "scale": affine}


def layer_norm(leaf: Leaf) -> Code:
    over_all = leaf.common("axes") == "all" and leaf.rank
    axis: Code = listing(map(str, range(1, leaf.rank + 2))) if over_all else ""
    return call(leaf.layer("LayerNormalization", axis=axis, **_affine(leaf)), leaf.x)


def instance_norm(leaf: Leaf) -> Code:
    return call(leaf.layer("GroupNormalization", "-1", **_affine(leaf)), leaf.x)


def activation(leaf: Leaf) -> Code:
    if leaf.op.kind == "activation":
        function = leaf.activation("function")
        if leaf.ends_with:
            return leaf.x
        return call(leaf.layer("Activation", function or '"linear"'), leaf.x)
    return call(leaf.layer("Activation", f'"{leaf.op.kind}"'), leaf.x)


def prelu(leaf: Leaf) -> Code:
    axes = [str(axis) for axis in range(1, leaf.rank + 1 + leaf.common("shared"))]
    return call(leaf.layer("PReLU", shared_axes=listing(axes) if axes else ""), leaf.x)


def dropout(leaf: Leaf) -> Code:
    return call(leaf.layer("Dropout", leaf.rate()), leaf.x)


def drop_path(leaf: Leaf) -> Code:
    shape = row(["None", *["1"] * (leaf.rank + 1)])
    return call(leaf.layer("Dropout", leaf.rate(), noise_shape=shape), leaf.x)


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
            leaf.layer("WindowAttention", heads, width or f"{leaf.x}.shape[-1]", **named), leaf.x
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
    cls = leaf.layer(
        "MultiHeadAttention", heads, size, use_bias=leaf.flag("bias"), attention_axes=axes
    )
    return call(cls, leaf.x, leaf.x)
