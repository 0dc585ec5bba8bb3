"""compute: what every kind makes of the numbers it reads.

A kind that is not here is not traced: its result depends on what training has left behind (the
norms), or its weights are of more than one sort.
"""

from functools import singledispatch
from math import prod
from typing import NamedTuple

import numpy as np

from cnncalc import problems as codes
from cnncalc.layers import Layer
from cnncalc.layers.activation import Activation, Dropout, NamedActivation, PReLU
from cnncalc.layers.conv import Conv, LocalConv, SeparableConv
from cnncalc.layers.dense import Embedding, FullyConnected, Rbf
from cnncalc.layers.merge import Add, Average, Concat, Maximum, Merge, Multiply, Scaling, Subtract
from cnncalc.layers.norm import Scale
from cnncalc.layers.pool import (
    AdaptiveAvgPool,
    AdaptiveMaxPool,
    AvgPool,
    GlobalAvgPool,
    GlobalMaxPool,
    MaxPool,
    Subsample,
)
from cnncalc.layers.shape import (
    ChannelShuffle,
    Crop,
    Flatten,
    Identity,
    PixelShuffle,
    Reshape,
    Slice,
    SpaceToDepth,
    Upsample,
    ZeroPad,
    centred,
)
from cnncalc.problems import Reject
from cnncalc.trace import arrays
from cnncalc.trace.activations import ACTIVATIONS, activate
from cnncalc.trace.arrays import Array, Values
from cnncalc.trace.windows import patches


class Weights(NamedTuple):
    """The numbers a layer has learned, or been given by hand."""

    values: Array | None  # filters or units first, then the window, then the channels it reads
    biases: Array | None


NO_WEIGHTS = Weights(None, None)


@singledispatch
def compute(layer: Layer, inputs: list[Array], weights: Weights) -> Array:
    """The output of a layer, before the activation that is part of it. Raises Reject."""
    raise not_traced(layer)


def not_traced(layer: Layer) -> Reject:
    return Reject(
        codes.LAYER,
        f"trace does not work out {layer.kind}",
        help="leave it out of the example, or name a LAYER before it",
    )


@compute.register(LocalConv)
@compute.register(SeparableConv)
def _refuse(layer: Layer, inputs: list[Array], weights: Weights) -> Array:
    """Relatives of conv whose weights are of another sort."""
    raise not_traced(layer)


def is_computed(cls: type[Layer]) -> bool:
    """Whether layers of a class are worked out."""
    return compute.dispatch(cls) not in (compute.dispatch(object), _refuse)


def own_activation(layer: Layer) -> str | None:
    """The activation that is part of a layer."""
    return layer.activation if "activation" in layer.arguments else None  # type: ignore[attr-defined]


def reads(layer: Conv, filter: int) -> list[int]:
    """The input maps that a filter reads."""
    if layer.connection_table is not None:
        return sorted(layer.connection_table.filters[filter])
    maps = layer.input.channels // layer.groups
    first = filter // (layer.filters // layer.groups) * maps
    return list(range(first, first + maps))


@compute.register
def _(layer: Conv, inputs: list[Array], weights: Weights) -> Array:
    """Every window times every filter, without turning the filter over: a cross-correlation."""
    assert weights.values is not None
    groups = 1 if layer.connection_table is not None else layer.groups
    terms = prod(layer.kernel) * (layer.input.channels // groups)
    volume, filters, denominator = arrays.for_products(inputs[0], weights.values, terms)
    filters = filters.reshape(groups, layer.filters // groups, terms)
    found = []
    for part in patches(layer, volume, 0):
        split = np.split(part.values, groups, axis=2)
        products = [
            maps.reshape(len(maps), terms) @ own.T for maps, own in zip(split, filters, strict=True)
        ]
        found.append(np.concatenate(products, axis=1))
    values = np.concatenate(found).reshape(layer.output.shape)
    return _with_biases(arrays.exact(values, denominator), weights)


def _with_biases(array: Array, weights: Weights) -> Array:
    return array if weights.biases is None else arrays.add(array, weights.biases)


@compute.register
def _(layer: FullyConnected, inputs: list[Array], weights: Weights) -> Array:
    assert weights.values is not None
    values, units, denominator = arrays.for_products(inputs[0], weights.values, layer.input.values)
    sums = units.reshape(layer.units, -1) @ values.reshape(-1)
    return _with_biases(arrays.exact(sums, denominator), weights)


@compute.register
def _(layer: Rbf, inputs: list[Array], weights: Weights) -> Array:
    """The squared distance to each unit's centre."""
    assert weights.values is not None
    centres = weights.values.move(lambda values: values.reshape(layer.units, -1))
    away = arrays.subtract(centres, inputs[0].move(lambda values: values.reshape(1, -1)))
    left, right, denominator = arrays.for_products(away, away, layer.input.values)
    return arrays.exact((left * right).sum(axis=1), denominator)


@compute.register
def _(layer: Embedding, inputs: list[Array], weights: Weights) -> Array:
    assert weights.values is not None
    words = inputs[0]
    whole = words.exact and words.denominator == 1
    if not whole or words.values.min() < 0 or words.values.max() >= layer.vocabulary:
        raise Reject(
            codes.BAD_VALUE,
            f"embedding takes word numbers from 0 to {layer.vocabulary - 1:,}",
            help="words are counted from 0",
        )
    return weights.values.move(lambda table: table[words.values.astype(np.int64)])


# Pools. Padding does not count: it is neither the largest value nor a part of the mean.


@compute.register
def _(layer: MaxPool | GlobalMaxPool | AdaptiveMaxPool, inputs: list[Array], _: Weights) -> Array:
    lowest = inputs[0].values.min()
    found = []
    for part in patches(layer, inputs[0].values, lowest):
        _check_real(layer, part.real)
        found.append(part.values.max(axis=1))
    values = np.concatenate(found).reshape(layer.output.shape)
    return arrays.exact(values, inputs[0].denominator)


@compute.register
def _(layer: AvgPool | GlobalAvgPool | AdaptiveAvgPool, inputs: list[Array], _: Weights) -> Array:
    sums, counts = _sums(layer, inputs[0])
    return arrays.divide(sums, counts)


@compute.register
def _(layer: Subsample, inputs: list[Array], weights: Weights) -> Array:
    """The sum of the window, times the map's coefficient, plus the map's bias."""
    assert weights.values is not None
    sums, _ = _sums(layer, inputs[0])
    return _with_biases(arrays.multiply(sums, weights.values), weights)


def _sums(layer: Layer, array: Array) -> tuple[Array, Values]:
    """The sum of every window, and how many values it has."""
    volume = arrays.for_sums(array, array.values.size)
    parts = list(patches(layer, volume, 0))
    counts = np.concatenate([part.real for part in parts])
    _check_real(layer, counts)
    sums = np.concatenate([part.values.sum(axis=1) for part in parts])
    sizes = layer.output.sizes
    return (
        arrays.exact(sums.reshape(layer.output.shape), array.denominator),
        counts.reshape(*sizes, 1),
    )


def _check_real(layer: Layer, counts: Values) -> None:
    if counts.min() == 0:
        raise Reject(
            codes.PADDING,
            f"a window of {layer.kind} reads nothing but padding, which has no value",
            argument="padding",
        )


# Values one by one.


@compute.register
def _(layer: Activation, inputs: list[Array], weights: Weights) -> Array:
    return ACTIVATIONS[layer.kind](inputs[0])


@compute.register
def _(layer: NamedActivation, inputs: list[Array], weights: Weights) -> Array:
    return activate(inputs[0], layer.function)


@compute.register
def _(layer: PReLU, inputs: list[Array], weights: Weights) -> Array:
    assert weights.values is not None
    sloped = arrays.multiply(inputs[0], weights.values)
    (kept, bent), denominator = arrays.aligned(inputs[0], sloped)
    return arrays.exact(np.where(kept < 0, bent, kept), denominator)


@compute.register
def _(layer: Scale, inputs: list[Array], weights: Weights) -> Array:
    assert weights.values is not None
    return _with_biases(arrays.multiply(inputs[0], weights.values), weights)


@compute.register
def _(layer: Identity | Dropout, inputs: list[Array], weights: Weights) -> Array:
    """Dropout only drops while training."""
    return inputs[0]


# Shapes.


@compute.register
def _(layer: Flatten | Reshape, inputs: list[Array], weights: Weights) -> Array:
    """Row by row, the channels of a place together."""
    return inputs[0].move(lambda values: values.reshape(layer.output.shape))


@compute.register
def _(layer: Upsample, inputs: list[Array], weights: Weights) -> Array:
    """Repeats every value; interpolation would give others between them."""

    def repeat(values: Values) -> Values:
        for axis, factor in enumerate(layer.factor):
            values = np.repeat(values, factor, axis=axis)
        return values

    return inputs[0].move(repeat)


@compute.register
def _(layer: PixelShuffle, inputs: list[Array], weights: Weights) -> Array:
    """Channel c·f·f + i·f + j goes to row i, column j of its square (PyTorch's order)."""
    axes, factor = len(layer.input.sizes), layer.factor
    sizes, channels = layer.input.sizes, layer.output.channels

    def spread(values: Values) -> Values:
        split = values.reshape(*sizes, channels, *(factor,) * axes)
        order = [part for axis in range(axes) for part in (axis, axes + 1 + axis)]
        return split.transpose(*order, axes).reshape(layer.output.shape)

    return inputs[0].move(spread)


@compute.register
def _(layer: SpaceToDepth, inputs: list[Array], weights: Weights) -> Array:
    """The way back from pixel_shuffle."""
    axes, factor = len(layer.input.sizes), layer.factor
    pairs = [part for size in layer.output.sizes for part in (size, factor)]

    def gather(values: Values) -> Values:
        split = values.reshape(*pairs, layer.input.channels)
        order = [*range(0, 2 * axes, 2), 2 * axes, *range(1, 2 * axes, 2)]
        return split.transpose(*order).reshape(layer.output.shape)

    return inputs[0].move(gather)


@compute.register
def _(layer: ChannelShuffle, inputs: list[Array], weights: Weights) -> Array:
    """The first channel of every group, then the second of every group, and so on."""

    def shuffle(values: Values) -> Values:
        split = values.reshape(*layer.input.sizes, layer.groups, -1)
        return split.swapaxes(-1, -2).reshape(layer.output.shape)

    return inputs[0].move(shuffle)


@compute.register
def _(layer: Slice, inputs: list[Array], weights: Weights) -> Array:
    return inputs[0].move(lambda values: values[..., layer.start : layer.start + layer.channels])


@compute.register
def _(layer: Crop, inputs: list[Array], weights: Weights) -> Array:
    return inputs[0].move(lambda values: _cut(values, layer.output.sizes, layer.taken))


@compute.register
def _(layer: ZeroPad, inputs: list[Array], weights: Weights) -> Array:
    return inputs[0].move(lambda values: arrays.padded(values, [*layer.padding, layer.channels]))


def _cut(values: Values, sizes: tuple[int, ...], taken: tuple[tuple[int, int], ...]) -> Values:
    return values[
        tuple(slice(before, before + size) for size, (before, _) in zip(sizes, taken, strict=True))
    ]


# Merges.


def _cropped(layer: Merge, inputs: list[Array]) -> list[Array]:
    """The inputs, each cropped to the smallest, centred."""
    sizes = layer.output.sizes

    def crop(values: Values) -> Values:
        return _cut(values, sizes, tuple(map(centred, values.shape[:-1], sizes)))

    return [array.move(crop) for array in inputs]


@compute.register
def _(layer: Add, inputs: list[Array], weights: Weights) -> Array:
    return arrays.add(*_cropped(layer, inputs))


@compute.register
def _(layer: Subtract, inputs: list[Array], weights: Weights) -> Array:
    return arrays.subtract(*_cropped(layer, inputs))


@compute.register
def _(layer: Multiply, inputs: list[Array], weights: Weights) -> Array:
    return arrays.multiply(*_cropped(layer, inputs))


@compute.register
def _(layer: Scaling, inputs: list[Array], weights: Weights) -> Array:
    """A gate has one value a channel, which holds at every place."""
    volume, gate = inputs
    return arrays.multiply(volume, gate.move(lambda values: values.reshape(-1)))


@compute.register
def _(layer: Average, inputs: list[Array], weights: Weights) -> Array:
    whole = arrays.add(*_cropped(layer, inputs))
    return arrays.divide(whole, np.array(len(inputs)))


@compute.register
def _(layer: Maximum, inputs: list[Array], weights: Weights) -> Array:
    return arrays.larger(*_cropped(layer, inputs))


@compute.register
def _(layer: Concat, inputs: list[Array], weights: Weights) -> Array:
    values, denominator = arrays.aligned(*_cropped(layer, inputs))
    return arrays.exact(np.concatenate(values, axis=-1), denominator)
