"""Norms: (x − mean)/√(variance + epsilon) · scale + shift, exact where the root is a fraction.

batch_norm takes the means and variances that it is given, one a channel, as after training. The
others work them out of the numbers that they read; a variance is the mean of the squares.
"""

from collections.abc import Sequence
from fractions import Fraction
from functools import singledispatch
from operator import sub

from cnncalc import problems as codes
from cnncalc.commands.trace import arrays
from cnncalc.commands.trace.arrays import Array
from cnncalc.commands.trace.compute import Found, Weights, compute, in_parts, worked
from cnncalc.commands.trace.numbers import read_number
from cnncalc.layers import Operation
from cnncalc.layers.norm import BatchNorm, GroupNorm, InstanceNorm, LayerNorm, LocalResponseNorm
from cnncalc.problems import Reject

EPSILON = Fraction(1, 100_000)  # PyTorch's; Keras takes 1/1000


def epsilon_of(layer: BatchNorm | LayerNorm | GroupNorm | InstanceNorm) -> int | Fraction:
    """What is added to a variance."""
    if layer.epsilon is None:
        return EPSILON
    try:
        found = read_number(layer.epsilon)
        if found < 0:
            raise Reject(codes.BAD_VALUE, "epsilon is below 0", help="write 0, 0.001 or 1e-5")
    except Reject as reject:
        reject.argument = "epsilon"
        raise
    return found


# The numbers that share a mean: for each number of the volume, which of the means is its own.


@singledispatch
def shares(layer: Operation) -> Sequence[int]:
    """Which mean and variance each number has; batch_norm has one for each channel."""
    channels = layer.input.channels
    return range(channels) if layer.input.values == channels else _by_channel(layer, 1)


def _by_channel(layer: Operation, together: int) -> list[int]:
    """As many neighbouring channels together, at all places."""
    channels = layer.input.channels
    own = [channel // together for channel in range(channels)]
    return own * (layer.input.values // channels)


@shares.register
def _(layer: LayerNorm) -> list[int]:
    """The channels of each place together, or all numbers."""
    channels, values = layer.input.channels, layer.input.values
    return [0] * values if layer.axes == "all" else [place // channels for place in range(values)]


@shares.register
def _(layer: GroupNorm) -> list[int]:
    return _by_channel(layer, layer.input.channels // layer.groups)


def statistics(layer: Operation, array: Array) -> tuple[Array, Array]:
    """The means and variances of the numbers that belong together."""
    own = shares(layer)
    means = _means(array, own)
    apart = arrays.combine(sub, array, _spread(means, own, array.shape))
    return means, _means(arrays.multiply(apart, apart), own)


def _means(array: Array, own: Sequence[int]) -> Array:
    sums, counts = [0] * (max(own) + 1), [0] * (max(own) + 1)
    for share, value in zip(own, array.values, strict=True):
        sums[share] += value
        counts[share] += 1
    return arrays.divide(array._replace(values=sums, shape=(len(sums),)), counts)


def _spread(means: Array, own: Sequence[int], shape: tuple[int, ...]) -> Array:
    """For each number the mean that is its own."""
    return means._replace(values=[means.values[share] for share in own], shape=shape)


def _normed(
    layer: BatchNorm | LayerNorm | GroupNorm | InstanceNorm,
    array: Array,
    means: Array,
    variances: Array,
    weights: Weights,
) -> Array:
    epsilon = arrays.spread(arrays.array_of([epsilon_of(layer)], (1,)), variances.shape)
    squares = arrays.add(variances, epsilon)
    if not min(squares.values) > 0:
        raise Reject(
            codes.BAD_VALUE,
            f"{layer.kind} would divide by 0: a variance and epsilon are 0",
            help="leave epsilon out (0.00001), or write epsilon: 0.001",
        )
    own, shape = shares(layer), array.shape
    factors = _spread(arrays.inverse(arrays.root(squares)), own, shape)
    found = arrays.multiply(arrays.combine(sub, array, _spread(means, own, shape)), factors)
    if "scale" in weights.parts:
        found = arrays.multiply(found, arrays.spread(weights.parts["scale"].values, shape))
    if "shift" in weights.parts:
        found = arrays.add(found, arrays.spread(weights.parts["shift"].values, shape))
    return found


@compute.register
def _(layer: BatchNorm, inputs: list[Array], weights: Weights) -> Array:
    means, variances = (weights.parts[name].values for name in ("mean", "variance"))
    if min(variances.values) < 0:
        message = "values: a variance is below 0"
        raise Reject(codes.BAD_VALUE, message, argument="values", help="a mean of squares is not")
    return _normed(layer, inputs[0], means, variances, weights)


@worked.register
def _(
    layer: LayerNorm | GroupNorm | InstanceNorm, inputs: list[Array], weights: Weights
) -> list[Found]:
    means, variances = statistics(layer, inputs[0])
    output = _normed(layer, inputs[0], means, variances, weights)
    by_place = isinstance(layer, LayerNorm) and layer.axes == "channels"
    shape = (*layer.input.sizes, 1) if by_place else means.shape
    return [
        Found("mean", means._replace(shape=shape)),
        Found("variance", variances._replace(shape=shape)),
        Found("output", output),
    ]


for _cls in (LayerNorm, GroupNorm, InstanceNorm):
    compute.register(_cls, in_parts)


# Local response normalisation.


def neighbours(layer: LocalResponseNorm, channel: int) -> range:
    """The channels whose squares count for one of them; of an even size one more lies before."""
    first, last = channel - layer.size // 2, channel + (layer.size - 1) // 2
    return range(max(first, 0), min(last + 1, layer.input.channels))


@compute.register
def _(layer: LocalResponseNorm, inputs: list[Array], weights: Weights) -> Array:
    """x/(k + alpha · the sum of the squares)^beta, as the paper of 2012 has it."""
    k, alpha, beta = (weights.parts[name].values.floats()[0] for name in ("k", "alpha", "beta"))
    near = [neighbours(layer, channel) for channel in range(layer.input.channels)]
    found = []
    for cell in arrays.floating(inputs[0].floats(), inputs[0].shape).cells():
        bases = [k + alpha * sum(cell[index] ** 2 for index in own) for own in near]
        if min(bases) <= 0:
            message = (
                f"lrn takes a power of {min(bases):g}; k + alpha · the squares has to be above 0"
            )
            raise Reject(codes.BAD_VALUE, message, argument="values", help="AlexNet has k: 2")
        found += [x / base**beta for x, base in zip(cell, bases, strict=True)]
    return arrays.floating(found, inputs[0].shape)
