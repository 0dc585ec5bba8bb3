"""Layers whose outputs are sums of products: convolutions and fully connected layers."""

from itertools import chain, groupby
from operator import mul

from cnncalc import problems as codes
from cnncalc.commands.trace import arrays
from cnncalc.commands.trace.arrays import Array
from cnncalc.commands.trace.compute import (
    Found,
    Weights,
    compute,
    in_parts,
    reads,
    with_biases,
    worked,
)
from cnncalc.commands.trace.windows import windows
from cnncalc.layers.attention import ClassToken, PositionEmbedding
from cnncalc.layers.conv import Conv, LocalConv
from cnncalc.layers.dense import Embedding, FullyConnected, Rbf
from cnncalc.layers.separable import SeparableConv
from cnncalc.problems import Reject


@compute.register
def _(layer: Conv, inputs: list[Array], weights: Weights) -> Array:
    """Every window times every filter, without turning the filter over: a cross-correlation."""
    volume, values = arrays.alike(inputs[0], weights.values)
    filters = [filter.values for filter in weights._replace(values=values).filters()]
    banks = [
        (_cells(volume, maps), [filters[index] for index in alike])
        for maps, alike in groupby(range(layer.filters), lambda index: reads(layer, index))
    ]
    found = []
    for places in windows(layer):
        for cells, bank in banks:
            window = list(chain.from_iterable([cells[place] for place in places]))
            found += [sum(map(mul, window, filter)) for filter in bank]
    return with_biases(_summed(volume, values, found, layer.output.shape), weights)


@worked.register
def _(layer: SeparableConv, inputs: list[Array], weights: Weights) -> list[Found]:
    """The depthwise convolution, and the 1×1 one on what comes out of it."""
    depthwise = compute(layer.depthwise, inputs, weights.parts["depthwise"])
    output = compute(layer.pointwise, [depthwise], weights.parts["pointwise"])
    return [Found("depthwise", depthwise), Found("output", output)]


compute.register(SeparableConv, in_parts)


@compute.register
def _(layer: LocalConv, inputs: list[Array], weights: Weights) -> Array:
    """At every place its own filters."""
    volume, values = arrays.alike(inputs[0], weights.values)
    filters = iter(weights._replace(values=values).filters())
    cells = _cells(volume, list(range(layer.input.channels)))
    found = []
    for places in windows(layer):
        window = list(chain.from_iterable([cells[place] for place in places]))
        found += [sum(map(mul, window, next(filters).values)) for _ in range(layer.filters)]
    sums = _summed(volume, values, found, layer.output.shape)
    if weights.biases is None:
        return sums
    return arrays.add(sums, weights.biases._replace(shape=layer.output.shape))


def _cells(volume: Array, maps: list[int]) -> list[list[int]]:
    """The values of some maps at each place, and zeros at the end for what is NOWHERE."""
    cells = volume.cells()
    if len(maps) < volume.shape[-1]:
        cells = [[cell[map] for map in maps] for cell in cells]
    return [*cells, [0] * len(maps)]


@compute.register
def _(layer: FullyConnected, inputs: list[Array], weights: Weights) -> Array:
    row = inputs[0]._replace(shape=(1, len(inputs[0].values)))
    return projected(row, weights)._replace(shape=(layer.units,))


def projected(rows: Array, weights: Weights) -> Array:
    """Every row of numbers times every unit."""
    volume, values = arrays.alike(rows, weights.values)
    units = weights._replace(values=values).filters()
    found = [sum(map(mul, row, unit.values)) for row in volume.cells() for unit in units]
    return with_biases(_summed(volume, values, found, (rows.shape[0], len(units))), weights)


@compute.register
def _(layer: Rbf, inputs: list[Array], weights: Weights) -> Array:
    """The squared distance to each unit's centre."""
    volume, values = arrays.aligned(inputs[0], weights.values)
    units = weights._replace(values=values).filters()
    found = [
        sum((left - right) ** 2 for left, right in zip(volume.values, unit.values, strict=True))
        for unit in units
    ]
    return _summed(volume, values, found, (layer.units,))


def _summed(one: Array, other: Array, sums: list[int], shape: tuple[int, ...]) -> Array:
    """The array of sums of products of the values of two arrays."""
    denominator = one.denominator * other.denominator
    return arrays.reduced(Array(sums, shape, denominator, one.exact))


@compute.register
def _(layer: PositionEmbedding, inputs: list[Array], weights: Weights) -> Array:
    return arrays.add(inputs[0], weights.values._replace(shape=inputs[0].shape))


@compute.register
def _(layer: ClassToken, inputs: list[Array], weights: Weights) -> Array:
    """The new position stands first."""
    token, rest = arrays.aligned(weights.values, inputs[0])
    return rest._replace(values=[*token.values, *rest.values], shape=layer.output.shape)


@compute.register
def _(layer: Embedding, inputs: list[Array], weights: Weights) -> Array:
    words = inputs[0]
    whole = words.exact and words.denominator == 1
    if not whole or min(words.values) < 0 or max(words.values) >= layer.vocabulary:
        raise Reject(
            codes.BAD_VALUE,
            f"embedding takes word numbers from 0 to {layer.vocabulary - 1:,}",
            help="words are counted from 0",
        )
    vectors = [vector.values for vector in weights.filters()]
    values = [value for word in words.values for value in vectors[word]]
    return weights.values._replace(values=values, shape=layer.output.shape)
