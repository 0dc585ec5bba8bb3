"""Layers that move values about: nothing is learned."""

from __future__ import annotations

from cnncalc.exchange.export.keras import windows
from cnncalc.exchange.export.keras.leaf import Leaf
from cnncalc.exchange.export.layout import Code, call, row


def reshape(leaf: Leaf) -> Code:
    value = leaf.written("to")
    assert value is not None
    if "$" in str(value.plain()):
        code = leaf.flow.value(value)
        return call(
            leaf.layer("Reshape", code if str(code).startswith("(") else row([code])), leaf.x
        )
    return call(leaf.layer("Reshape", row(map(str, leaf.first.to.shape))), leaf.x)


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
    return call(leaf.layer("CroppingND", windows.pads_code(leaf.common("taken"))), leaf.x)


def zero_pad(leaf: Leaf) -> Code:
    if not any(any(operation.channels) for operation in leaf.operations):
        rows = _as_written(leaf, "padding", windows.pads_code(leaf.first.padding))
        return call(leaf.layer("ZeroPaddingND", rows), leaf.x)
    maps = _as_written(leaf, "channels", row(map(str, leaf.first.channels)))
    pairs = [row(map(str, pair)) for pair in ((0, 0), *leaf.common("padding"))]
    return call("keras.ops.pad", leaf.x, row([*pairs, maps]))


def _as_written(leaf: Leaf, name: str, first: Code) -> Code:
    """An argument as it stands in the spec, where it is not the same at every place."""
    value = leaf.written(name)
    return first if value is None or leaf.all_agree(name) else leaf.flow.value(value)


def upsample(leaf: Leaf) -> Code:
    if leaf.common("method") == "nearest":
        return call(leaf.layer("UpSamplingND", leaf.number("factor")), leaf.x)
    if leaf.rank == 2:
        factor = leaf.number("factor")
        return call(leaf.layer("UpSamplingND", factor, interpolation='"bilinear"'), leaf.x)
    factors = enumerate(leaf.common("factor"), 1)
    sizes = [f"{leaf.x}.shape[{axis}] * {factor}" for axis, factor in factors]
    return call(leaf.layer("Resize", row(sizes), '"bilinear"'), leaf.x)


def resize(leaf: Leaf) -> Code:
    value, method = leaf.written("like"), f'"{leaf.common("method")}"'
    if value is not None:
        like = leaf.flow.reference(value)
        sizes: list[Code] = [f"{like}.shape[{axis}]" for axis in range(1, leaf.rank + 1)]
    else:
        size = leaf.number("to")
        sizes = [size] * leaf.rank if isinstance(size, str) else [part for _, part in size.parts]
    if leaf.rank == 2:
        other = "" if method == '"bilinear"' else method
        return call(leaf.layer("Resizing", *sizes, interpolation=other), leaf.x)
    return call(leaf.layer("Resize", row(sizes), method), leaf.x)
