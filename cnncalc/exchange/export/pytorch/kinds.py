"""The modules of a layer: what PyTorch has for each kind, and local classes for the rest."""

from collections.abc import Callable

from cnncalc.exchange.export.layout import Code, call
from cnncalc.exchange.export.pytorch.spots import Spot, comes_to
from cnncalc.exchange.export.pytorch.symbols import has_names, is_simple, product, tidy, total
from cnncalc.exchange.export.pytorch.windows import (
    Part,
    Parts,
    adaptive_pool,
    avg_pool,
    axes_of,
    bias,
    conv,
    depthwise,
    global_pool,
    local_conv,
    max_pool,
    named,
    pad,
    separable,
    subsample,
    transposed,
)
from cnncalc.exchange.export.targets import NotExported
from cnncalc.layers.base import KINDS

ACTIVATIONS = {
    "relu": "nn.ReLU()", "relu6": "nn.ReLU6()", "leaky_relu": "nn.LeakyReLU()",
    "elu": "nn.ELU()", "selu": "nn.SELU()", "gelu": "nn.GELU()", "sigmoid": "nn.Sigmoid()",
    "tanh": "nn.Tanh()", "swish": "nn.SiLU()", "hard_swish": "nn.Hardswish()",
    "hard_sigmoid": "nn.Hardsigmoid()", "mish": "nn.Mish()", "softplus": "nn.Softplus()",
    "abs": "Abs()", "softmax": "nn.Softmax(1)", "log_softmax": "nn.LogSoftmax(1)",
}  # fmt: skip


LINEAR = ("linear", "bilinear", "trilinear")  # by the number of axes, from one on


def modules(spot: Spot) -> Parts:
    """The modules of a layer, in the order in which they run; none for what changes nothing."""
    kind = spot.operation.kind
    if kind in ACTIVATIONS:
        return [Part("", ACTIVATIONS[kind])]
    found = _KINDS[kind](spot)
    parts = found if isinstance(found, list) else [Part("", found)] if found else []
    return [*parts, *activation(spot)]


def activation(spot: Spot) -> Parts:
    """The module of `activation:`."""
    name = spot.same(lambda operation: getattr(operation, "activation", None))
    return [] if name is None else [Part(f"_{name}", ACTIVATIONS[name])]


def features(spot: Spot) -> str:
    """The values of the input, channels times positions."""
    sizes = spot.same(lambda operation: operation.input.sizes)
    return times(spot.channels, sizes)


def times(channels: str, sizes: tuple[int, ...]) -> str:
    """The channels multiplied by sizes, as people write it: 512 * 7 * 7."""
    if set(sizes) <= {1}:
        return channels
    own = channels if is_simple(channels) else f"({channels})"
    return " * ".join([own, *map(str, sizes)])


def flattened(spot: Spot, main: Code) -> Parts:
    """A dense layer reads a vector."""
    return [*([Part("_flatten", "nn.Flatten()")] if axes_of(spot) else []), Part("", main)]


def fc(spot: Spot) -> Parts:
    return flattened(spot, call("nn.Linear", features(spot), spot.number("units"), bias=bias(spot)))


def batch_norm(spot: Spot) -> Code:
    scale, center = spot.same(lambda operation: (operation.scale, operation.center))
    affine = "" if scale or center else "False"
    main: Code = call(named(spot, "BatchNorm"), spot.channels, affine=affine)
    if scale != center:
        main = call("without", main, '"bias"' if scale else '"weight"')
    return main


def layer_norm(spot: Spot) -> Code:
    affine, axes = spot.same(lambda operation: (operation.affine, operation.axes))
    plain = "" if affine else "False"
    if axes_of(spot) == 0:
        return call("nn.LayerNorm", spot.channels, elementwise_affine=plain)
    if axes == "all":
        sizes = spot.same(lambda operation: operation.input.sizes)
        shape = f"({', '.join([spot.channels, *map(str, sizes)])})"
        return call("nn.LayerNorm", shape, elementwise_affine=plain)
    return call("ChannelNorm", spot.channels, elementwise_affine=plain)


def group_norm(spot: Spot) -> Code:
    affine = "" if spot.same(lambda operation: operation.affine) else "False"
    return call("nn.GroupNorm", spot.number("groups"), spot.channels, affine=affine)


def instance_norm(spot: Spot) -> Code:
    affine = spot.same(lambda operation: operation.affine)
    if axes_of(spot) == 0:
        plain = "" if affine else "False"
        return call("nn.GroupNorm", spot.channels, spot.channels, affine=plain)
    kept = "True" if affine else ""
    return call(named(spot, "InstanceNorm"), spot.channels, affine=kept)


def scale(spot: Spot) -> Code:
    both = "True" if spot.same(lambda operation: operation.bias) else ""
    return call("Scale", spot.channels, bias=both)


def prelu(spot: Spot) -> Code:
    shared = spot.same(lambda operation: operation.shared)
    return call("nn.PReLU", *([] if shared else [spot.channels]))


def dropout(name: str) -> Callable[[Spot], Code]:
    def parts(spot: Spot) -> Code:
        return call(name, repr(spot.same(lambda operation: operation.rate)))

    return parts


def attention(spot: Spot) -> Code:
    window = spot.same(lambda operation: operation.window)
    wanted = spot.all(lambda operation: operation.dimensions)
    is_written = spot.item.written("dimensions") is not None
    as_many = not is_written and comes_to(spot.channels, wanted)
    dimensions = spot.channels if as_many else spot.number("dimensions")
    return call(
        "Attention",
        spot.channels,
        dimensions,
        spot.number("heads"),
        bias=bias(spot),
        window="" if window is None else spot.texts.literal(window),
        project="" if spot.same(lambda operation: operation.projects) else "False",
    )


def position_embedding(spot: Spot) -> Code:
    sizes = spot.same(lambda operation: operation.input.sizes)
    return call("PositionEmbedding", spot.channels, *map(str, sizes))


def upsample(spot: Spot) -> Code:
    return call("nn.Upsample", scale_factor=spot.number("factor"), mode=mode(spot))


def resize(spot: Spot) -> Code:
    sizes = spot.texts.literal(spot.same(lambda operation: operation.output.sizes))
    return call("nn.Upsample", sizes, mode=mode(spot))


def mode(spot: Spot) -> str:
    """The word for bilinear; "" for nearest, which is usual."""
    method = spot.same(lambda operation: operation.method)
    return f'"{LINEAR[axes_of(spot) - 1]}"' if method == "bilinear" else ""


def reshape(spot: Spot) -> Code:
    volume = spot.same(lambda operation: operation.output)
    return call("Reshape", str(volume.channels), *map(str, volume.sizes))


def pixels(name: str, other: str) -> Callable[[Spot], Code]:
    def parts(spot: Spot) -> Code:
        return call(name if axes_of(spot) == 2 else other, spot.number("factor"))

    return parts


def slice_(spot: Spot) -> Code:
    every = spot.same(lambda operation: operation.every)
    start = spot.number("start")
    whole = all(op.start + op.channels == op.input.channels for op in spot.operations)
    return call(
        "Slice",
        start="" if start == "0" else start,
        channels="" if whole else spot.number("channels"),
        every="" if set(every) <= {1} else spot.texts.literal(every),
    )


def crop(spot: Spot) -> Code:
    pairs = spot.same(lambda operation: tuple(map(tuple, operation.taken)))
    return call("Crop", *map(spot.texts.literal, pairs))


def zero_pad(spot: Spot) -> Code:
    rows, maps = spot.same(lambda op: (tuple(map(tuple, op.padding)), tuple(op.channels)))
    if not any(maps):
        return pad(rows) if any(map(any, rows)) else ""
    numbers = [str(number) for pair in (*reversed(rows), maps) for number in pair]
    return call("Pad", *numbers)


def named_activation(spot: Spot) -> Code:
    name = spot.same(lambda operation: operation.function)
    return "" if name is None else ACTIVATIONS[name]


def custom(spot: Spot) -> Parts:
    message = "what a custom layer does is not stated, so that PyTorch has no code for it"
    help = "write it with layers that there are, or export the spec without it"
    raise NotExported(message, spot.item, help)


_KINDS: dict[str, "Callable[[Spot], Code | Parts]"] = {
    "conv": conv,
    "local_conv": local_conv,
    "depthwise_conv": depthwise,
    "separable_conv": separable,
    "transposed_conv": transposed,
    "max_pool": max_pool,
    "avg_pool": avg_pool,
    "subsample": subsample,
    "global_avg_pool": global_pool("AdaptiveAvgPool"),
    "global_max_pool": global_pool("AdaptiveMaxPool"),
    "adaptive_avg_pool": adaptive_pool("AdaptiveAvgPool"),
    "adaptive_max_pool": adaptive_pool("AdaptiveMaxPool"),
    "fc": fc,
    "rbf": lambda spot: flattened(spot, call("RBF", features(spot), spot.number("units"))),
    "embedding": lambda spot: call("Embedding", *map(spot.number, ("vocabulary", "dimensions"))),
    "batch_norm": batch_norm,
    "layer_norm": layer_norm,
    "group_norm": group_norm,
    "instance_norm": instance_norm,
    "lrn": lambda spot: call("nn.LocalResponseNorm", spot.number("size")),
    "scale": scale,
    "prelu": prelu,
    "dropout": dropout("nn.Dropout"),
    "drop_path": dropout("DropPath"),
    "attention": attention,
    "position_embedding": position_embedding,
    "class_token": lambda spot: call("ClassToken", spot.channels),
    "upsample": upsample,
    "resize": resize,
    "flatten": lambda spot: "nn.Flatten()" if axes_of(spot) else "",
    "identity": lambda spot: "",
    "reshape": reshape,
    "pixel_shuffle": pixels("nn.PixelShuffle", "PixelShuffle"),
    "space_to_depth": pixels("nn.PixelUnshuffle", "SpaceToDepth"),
    "channel_shuffle": lambda spot: call("ChannelShuffle", spot.number("groups")),
    "slice": slice_,
    "crop": crop,
    "zero_pad": zero_pad,
    "activation": named_activation,
    "custom": custom,
}


def channels_after(spot: Spot) -> str:
    """The channels that a layer gives, as Python."""
    wanted = spot.all(lambda operation: operation.output.channels)
    for text in _guesses(spot):
        if text is not None and comes_to(text, wanted):
            return text if has_names(text) or " * " in text else str(wanted[0][1])
    return spot.chosen(None, wanted)


def _guesses(spot: Spot) -> list[str | None]:
    """What the channels may come to."""
    own = spot.channels
    texts = [spot.item.written(name) for name in ("filters", "units", "dimensions", "channels")]
    guesses = [
        spot.texts.written(text, spot.names, whole=True) for text in texts if text is not None
    ]
    guesses.append(own)
    kind = spot.operation.kind
    axes = len(spot.operation.input.sizes)
    if kind == "depthwise_conv":
        guesses.append(product(own, spot.number("multiplier")))
    elif kind == "flatten":
        guesses.append(features(spot))
    elif kind == "pixel_shuffle":
        guesses.append(tidy(f"({own}) // ({spot.number('factor')}) ** {axes}"))
    elif kind == "space_to_depth":
        guesses.append(product(own, f"({spot.number('factor')}) ** {axes}"))
    elif kind == "slice":
        guesses.append(tidy(f"({own}) - ({spot.number('start')})"))
    elif kind == "zero_pad":
        guesses.append(total(own, str(sum(spot.operations[0].channels))))
    return guesses


assert ACTIVATIONS.keys() | _KINDS.keys() <= KINDS.keys()
