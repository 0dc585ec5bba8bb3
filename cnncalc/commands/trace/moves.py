"""Layers that move numbers about, and change none."""

from cnncalc.commands.trace import arrays
from cnncalc.commands.trace.arrays import NOWHERE, Array
from cnncalc.commands.trace.compute import Weights, compute
from cnncalc.layers.shape import (
    ChannelShuffle,
    Crop,
    Flatten,
    PixelShuffle,
    Reshape,
    Slice,
    SpaceToDepth,
    ZeroPad,
)


@compute.register
def _(layer: Flatten | Reshape, inputs: list[Array], weights: Weights) -> Array:
    """Row by row, the channels of a place together."""
    return inputs[0]._replace(shape=layer.output.shape)


@compute.register
def _(layer: PixelShuffle, inputs: list[Array], weights: Weights) -> Array:
    """Channel c·f·f + i·f + j goes to row i, column j of its square (PyTorch's order)."""
    axes, sizes = len(layer.input.sizes), layer.input.sizes
    split = (*sizes, layer.output.channels, *(layer.factor,) * axes)
    order = [part for axis in range(axes) for part in (axis, axes + 1 + axis)]
    return arrays.transposed(inputs[0], split, [*order, axes], layer.output.shape)


@compute.register
def _(layer: SpaceToDepth, inputs: list[Array], weights: Weights) -> Array:
    """The way back from pixel_shuffle."""
    axes = len(layer.input.sizes)
    pairs = [part for size in layer.output.sizes for part in (size, layer.factor)]
    order = [*range(0, 2 * axes, 2), 2 * axes, *range(1, 2 * axes, 2)]
    split = (*pairs, layer.input.channels)
    return arrays.transposed(inputs[0], split, order, layer.output.shape)


@compute.register
def _(layer: ChannelShuffle, inputs: list[Array], weights: Weights) -> Array:
    """The first channel of every group, then the second of every group, and so on."""
    *sizes, channels = map(range, inputs[0].shape)
    of_group = len(channels) // layer.groups
    mixed = [channel for first in range(of_group) for channel in channels[first::of_group]]
    return arrays.taken(inputs[0], [*sizes, mixed])


@compute.register
def _(layer: Slice, inputs: list[Array], weights: Weights) -> Array:
    *sizes, channels = map(range, inputs[0].shape)
    kept = [size[::every] for size, every in zip(sizes, layer.every, strict=True)]
    return arrays.taken(inputs[0], [*kept, channels[layer.start :][: layer.channels]])


@compute.register
def _(layer: Crop, inputs: list[Array], weights: Weights) -> Array:
    return arrays.cut(inputs[0], [before for before, _ in layer.taken], layer.output.sizes)


@compute.register
def _(layer: ZeroPad, inputs: list[Array], weights: Weights) -> Array:
    padded = [
        [NOWHERE] * before + [*range(size)] + [NOWHERE] * after
        for size, (before, after) in zip(
            inputs[0].shape, (*layer.padding, layer.channels), strict=True
        )
    ]
    return arrays.taken(inputs[0], padded)
