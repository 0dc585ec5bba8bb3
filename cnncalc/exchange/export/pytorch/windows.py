"""Windows: kernels that slide over the volume, convolutions and pools, as modules."""

from collections.abc import Callable
from math import prod
from typing import Any, NamedTuple, TypeAlias

from cnncalc.arithmetic import CEIL, span
from cnncalc.exchange.export.layout import Code, call, listing
from cnncalc.exchange.export.pytorch.spots import Spot
from cnncalc.exchange.export.pytorch.symbols import product


class Part(NamedTuple):
    """A module of a layer; the main one has no suffix, and has the weights."""

    suffix: str
    code: Code


Parts: TypeAlias = list[Part]


def axes_of(spot: Spot) -> int:
    """How many spatial axes the input has."""
    return int(spot.same(lambda operation: len(operation.input.sizes)))


def named(spot: Spot, name: str) -> str:
    """nn.Conv2d for Conv; a vector is taken for one axis."""
    return f"nn.{name}{max(axes_of(spot), 1)}d"


def per_axis(spot: Spot, argument: str, usual: str = "") -> str:
    """An argument for each axis; "" where it is as usual."""
    text = spot.number(argument)
    return "" if text == usual else text


def as_tuple(spot: Spot, argument: str) -> str:
    """An argument as a tuple, one number for each axis."""
    text = spot.number(argument)
    if text.startswith("("):
        return text
    axes = axes_of(spot)
    return (
        f"({', '.join([text] * axes)}{',' * (axes == 1)})"
        if text.isdigit()
        else (f"({text},) * {axes}")
    )


def bias(spot: Spot) -> str:
    """`False`, or "" where there is a bias."""
    text = spot.chosen(
        spot.item.written("bias"), spot.all(lambda operation: bool(operation.bias)), whole=False
    )
    return "" if text == "True" else text


def pads_of(operation: Any) -> tuple[tuple[int, int], ...]:
    """Rows before and after; of a convolution that is rounded up also those that it lacks."""
    if (
        operation.rounding != CEIL
        or operation.padding == "same"
        or "filters" not in operation.declared
    ):
        return tuple(operation.pads)
    lacking = [
        max(span(out, kernel, stride, dilation) - size - sum(pads), 0)
        for out, (size, kernel, stride, pads, dilation) in zip(
            operation.output.sizes, operation.per_axis_numbers(), strict=True
        )
    ]
    return tuple((b, a + more) for (b, a), more in zip(operation.pads, lacking, strict=True))


def padding(spot: Spot, *, is_conv: bool, fill: str = "") -> tuple[Code, str]:
    """A module that pads before the window, or "", and the window's own padding, or ""."""
    found = spot.all(pads_of)
    is_same = all(operation.padding == "same" for operation in spot.operations)
    if not any(any(map(any, pads)) for _, pads in found):
        return "", ""
    if is_same and is_conv and all({*op.stride} == {1} for op in spot.operations):
        return "", '"same"'
    even = all(before == after for _, pads in found for before, after in pads)
    one = all(pads == found[0][1] for _, pads in found)
    if even and (one or not is_same):
        wanted = [(at, tuple(before for before, _ in pads)) for at, pads in found]
        return "", spot.chosen(None if is_same else spot.item.written("padding"), wanted)
    if one:
        return pad(found[0][1], fill), ""
    if not is_same:
        spot.same(pads_of)
    window = [as_tuple(spot, name) for name in ("kernel", "stride", "dilation")]
    return call("SamePad", *window, value=fill), ""


def pad(pads: tuple[tuple[int, int], ...], fill: str = "") -> Code:
    """A module that pads by rows before and after."""
    numbers = [str(number) for pair in reversed(pads) for number in pair]
    if fill:
        return call("Pad", *numbers, value=fill)
    inside = numbers[0] if len(set(numbers)) == 1 else f"({', '.join(numbers)})"
    return f"nn.ZeroPad{len(pads)}d({inside})"


def with_pad(pads: Code, main: Code) -> Parts:
    return [Part("_pad", pads), Part("", main)] if pads else [Part("", main)]


def convolution(spot: Spot, filters: str, groups: str, biases: str) -> tuple[Code, Code]:
    """What pads before a convolution, or "", and the convolution."""
    pads, own = padding(spot, is_conv=True)
    main = call(
        named(spot, "Conv"),
        spot.channels,
        filters,
        spot.number("kernel"),
        stride=per_axis(spot, "stride", "1"),
        padding=own,
        dilation=per_axis(spot, "dilation", "1"),
        groups=groups,
        bias=biases,
    )
    return pads, main


def conv(spot: Spot) -> Parts:
    if any(operation.connection_table is not None for operation in spot.operations):
        return table_conv(spot)
    groups = per_axis(spot, "groups", "1")
    return with_pad(*convolution(spot, spot.number("filters"), groups, bias(spot)))


def depthwise(spot: Spot) -> Parts:
    filters = product(spot.channels, spot.number("multiplier"))
    return with_pad(*convolution(spot, filters, spot.channels, bias(spot)))


def separable(spot: Spot) -> Parts:
    """A depthwise convolution, and one of 1×1."""
    kinds = spot.same(lambda operation: operation.bias)
    between = product(spot.channels, spot.number("multiplier"))
    first = "" if kinds == "both" else "False"
    pads, depthwise = convolution(spot, between, spot.channels, first)
    filters, last = spot.number("filters"), "" if kinds else "False"
    pointwise = call(named(spot, "Conv"), between, filters, "1", bias=last)
    return with_pad(pads, call("nn.Sequential", depthwise, pointwise))


def table_conv(spot: Spot) -> Parts:
    table = spot.same(lambda operation: operation.connection_table)
    rows = [spot.texts.literal(sorted(maps)) for maps in table.filters]
    pads, own = padding(spot, is_conv=True)
    return with_pad(
        pads,
        call(
            "TableConv",
            spot.channels,
            listing(rows),
            as_tuple(spot, "kernel"),
            bias=bias(spot),
            stride=per_axis(spot, "stride", "1"),
            dilation=per_axis(spot, "dilation", "1"),
            padding=own,
        ),
    )


def local_conv(spot: Spot) -> Parts:
    sizes = spot.same(lambda operation: operation.output.sizes)
    pads = spot.same(pads_of)
    main = call(
        "LocalConv",
        spot.channels,
        spot.number("filters"),
        as_tuple(spot, "kernel"),
        spot.texts.literal(sizes),
        bias=bias(spot),
        stride="" if per_axis(spot, "stride", "1") == "" else as_tuple(spot, "stride"),
        dilation="" if per_axis(spot, "dilation", "1") == "" else as_tuple(spot, "dilation"),
    )
    return with_pad(pad(pads) if any(map(any, pads)) else "", main)


def transposed(spot: Spot) -> Parts:
    """PyTorch takes off as many rows on both sides; the rest is done by a crop."""
    found = spot.all(lambda operation: tuple(operation.pads))
    even = all(before == after >= 0 for _, pads in found for before, after in pads)
    own, crop = "", None
    if even:
        wanted = [(at, tuple(before for before, _ in pads)) for at, pads in found]
        own = spot.chosen(spot.item.written("padding"), wanted)
    else:
        pads = spot.same(lambda operation: tuple(operation.pads))
        numbers = [str(-number) for pair in reversed(pads) for number in pair]
        crop = call("Pad", *numbers)
    main = call(
        named(spot, "ConvTranspose"),
        spot.channels,
        spot.number("filters"),
        spot.number("kernel"),
        stride=per_axis(spot, "stride", "1"),
        padding="" if own == "0" else own,
        output_padding=per_axis(spot, "output_padding", "0"),
        groups=per_axis(spot, "groups", "1"),
        bias=bias(spot),
        dilation=per_axis(spot, "dilation", "1"),
    )
    return [Part("", main), *([Part("_crop", crop)] if crop else [])]


def is_rounded_up(spot: Spot) -> str:
    """`True` where rounding up may make a difference."""
    up = spot.same(lambda operation: operation.rounding == CEIL and operation.padding != "same")
    matters = any(
        operation.stride and set(operation.stride) != {1} for operation in spot.operations
    )
    return "True" if up and matters else ""


def pool_step(spot: Spot) -> str:
    """The stride, or "" where it is the kernel."""
    if all(operation.stride == operation.kernel for operation in spot.operations):
        return ""
    return spot.number("stride")


def max_pool(spot: Spot) -> Parts:
    pads, own = padding(spot, is_conv=False, fill='float("-inf")')
    main = call(
        named(spot, "MaxPool"),
        spot.number("kernel"),
        stride=pool_step(spot),
        padding=own,
        dilation=per_axis(spot, "dilation", "1"),
        ceil_mode=is_rounded_up(spot),
    )
    return with_pad(pads, main)


def avg_pool(spot: Spot) -> Parts:
    pads, own = padding(spot, is_conv=False)
    main = call(
        named(spot, "AvgPool"),
        spot.number("kernel"),
        stride=pool_step(spot),
        padding=own,
        ceil_mode=is_rounded_up(spot),
        count_include_pad="False" if own else "",
    )
    return [Part("", call("MeanInside", pads, main) if pads else main)]


def subsample(spot: Spot) -> Parts:
    pool = call(
        named(spot, "AvgPool"),
        spot.number("kernel"),
        stride=pool_step(spot),
        ceil_mode=is_rounded_up(spot),
    )
    values = spot.chosen(None, spot.all(lambda operation: prod(operation.kernel)))
    return [Part("", call("Subsample", spot.channels, pool, values=values))]


def global_pool(name: str) -> Callable[[Spot], Parts]:
    def parts(spot: Spot) -> Parts:
        pool = Part("", f"{named(spot, name)}(1)")
        keeps = spot.same(lambda operation: operation.keep)
        return [pool] if keeps else [pool, Part("_flatten", "nn.Flatten()")]

    return parts


def adaptive_pool(name: str) -> Callable[[Spot], Parts]:
    return lambda spot: [Part("", call(named(spot, name), spot.number("size")))]
