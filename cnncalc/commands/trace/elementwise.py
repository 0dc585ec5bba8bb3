"""Layers that work number by number: activations, scales and merges."""

from itertools import chain
from operator import sub

from cnncalc.commands.trace import arrays
from cnncalc.commands.trace.activations import ACTIVATIONS, activate, sloped
from cnncalc.commands.trace.arrays import Array
from cnncalc.commands.trace.compute import Weights, compute, with_biases
from cnncalc.layers.activation import Activation, Dropout, NamedActivation, PReLU
from cnncalc.layers.merge import Add, Average, Concat, Maximum, Merge, Multiply, Subtract
from cnncalc.layers.norm import Scale
from cnncalc.layers.shape import Identity, centred


@compute.register
def _(layer: Activation, inputs: list[Array], weights: Weights) -> Array:
    return ACTIVATIONS[layer.kind](inputs[0])


@compute.register
def _(layer: NamedActivation, inputs: list[Array], weights: Weights) -> Array:
    return activate(inputs[0], layer.function)


@compute.register
def _(layer: PReLU, inputs: list[Array], weights: Weights) -> Array:
    return sloped(inputs[0], weights.values)


@compute.register
def _(layer: Scale, inputs: list[Array], weights: Weights) -> Array:
    factors = arrays.spread(weights.values, inputs[0].shape)
    return with_biases(arrays.multiply(inputs[0], factors), weights)


@compute.register
def _(layer: Identity | Dropout, inputs: list[Array], weights: Weights) -> Array:
    """Dropout only drops while training."""
    return inputs[0]


# Merges.


def _cropped(layer: Merge, inputs: list[Array]) -> list[Array]:
    """The inputs, each cropped to the smallest, centred."""
    sizes = layer.output.sizes

    def crop(array: Array) -> Array:
        pairs = zip(array.shape[:-1], sizes, strict=True)
        return arrays.cut(array, [centred(*pair)[0] for pair in pairs], sizes)

    return [array if array.shape[:-1] == sizes else crop(array) for array in inputs]


@compute.register
def _(layer: Add, inputs: list[Array], weights: Weights) -> Array:
    return arrays.add(*_cropped(layer, inputs))


@compute.register
def _(layer: Subtract, inputs: list[Array], weights: Weights) -> Array:
    return arrays.combine(sub, *_cropped(layer, inputs))


@compute.register
def _(layer: Multiply, inputs: list[Array], weights: Weights) -> Array:
    """What has size 1 along an axis holds at every place there."""
    stretched = [
        _stretched(array, [reach is None for reach in reaches], layer.output.shape)
        for array, reaches in zip(inputs, layer.reaches(), strict=True)
    ]
    return arrays.multiply(*_cropped(layer, stretched))


def _stretched(array: Array, axes: list[bool], shape: tuple[int, ...]) -> Array:
    """The array with size 1 along some axes, or a vector, repeated to a shape."""
    sizes = array.shape if array.shape[:-1] else (*(1,) * len(axes), *array.shape)
    array = array._replace(shape=sizes)
    *along, channels = shape
    indices = [
        [0] * out if repeated else range(size)
        for size, out, repeated in zip(sizes, along, axes, strict=False)
    ]
    depth = [0] * channels if sizes[-1] == 1 else range(channels)
    return arrays.taken(array, [*indices, depth])


@compute.register
def _(layer: Average, inputs: list[Array], weights: Weights) -> Array:
    whole = arrays.add(*_cropped(layer, inputs))
    return arrays.divide(whole, [len(inputs)] * len(whole.values))


@compute.register
def _(layer: Maximum, inputs: list[Array], weights: Weights) -> Array:
    return arrays.combine(max, *_cropped(layer, inputs))


@compute.register
def _(layer: Concat, inputs: list[Array], weights: Weights) -> Array:
    parts = arrays.aligned(*_cropped(layer, inputs))
    cells = chain.from_iterable(zip(*(part.cells() for part in parts), strict=True))
    values = list(chain.from_iterable(cells))
    return arrays.reduced(parts[0]._replace(values=values, shape=layer.output.shape))
