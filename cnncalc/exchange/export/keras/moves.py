"""Layers that move values about: nothing is learned."""

from __future__ import annotations

from cnncalc.exchange.export.keras import windows
from cnncalc.exchange.export.keras.leaf import Kind, Leaf
from cnncalc.exchange.export.layout import Code, call, row


def reshape(leaf: Leaf) -> Code:
    value = leaf.written("to")
    assert value is not None
    if "$" in str(value.plain()):
        code = leaf.flow.value(value)
        return call(
            leaf.keras("Reshape", code if str(code).startswith("(") else row([code])), leaf.x
        )
    return call(leaf.keras("Reshape", row(map(str, leaf.first.to.shape))), leaf.x)


def moved(cls: str, argument: str) -> Kind:
    return lambda leaf: call(leaf.local(cls, leaf.number(argument)), leaf.x)


def sliced(leaf: Leaf) -> Code:
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


def crop(leaf: Leaf) -> Code:
    taken = {operation.taken for operation in leaf.operations}
    if len(taken) == 1:
        return call(leaf.keras("CroppingND", windows.pads_code(taken.pop())), leaf.x)
    if leaf.rank == 2 and not isinstance(leaf.first.size, dict):
        size = leaf.number("size")
        parts = size.parts if not isinstance(size, str) else ((("", size)), (("", size)))
        return call(leaf.keras("CenterCrop", *(part for _, part in parts)), leaf.x)
    raise leaf.refused("takes other rows away at every place that it stands")


def zero_pad(leaf: Leaf) -> Code:
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


def upsample(leaf: Leaf) -> Code:
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


def resize(leaf: Leaf) -> Code:
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
