"""Numbers that no window of products, sums or maxima leads to: norms, softmax, attention.

What goes into the formula at one place of the output, and what it comes to; worked out on its own
and not taken out of the feature map.
"""

from collections.abc import Mapping
from fractions import Fraction
from functools import singledispatch
from math import exp, sqrt
from typing import NamedTuple

from cnncalc.commands.trace import arrays
from cnncalc.commands.trace.arrays import Array, Number
from cnncalc.commands.trace.attending import dimensions, seen
from cnncalc.commands.trace.compute import Found, Weights
from cnncalc.commands.trace.norms import epsilon_of, neighbours, shares, statistics
from cnncalc.layers import Operation
from cnncalc.layers.activation import Softmax
from cnncalc.layers.attention import Attention
from cnncalc.layers.norm import BatchNorm, GroupNorm, InstanceNorm, LayerNorm, LocalResponseNorm

NORMED, NEIGHBOURS, SHARES, ATTENTION = "normed", "neighbours", "shares", "attention"

Numbers = Mapping[str, Number | list[Number]]


class Formula(NamedTuple):
    """What stands in a formula, by name, and its result."""

    rule: str
    numbers: Numbers
    result: Number


class Read(NamedTuple):
    """What a layer has read and worked out."""

    source: Array
    weights: Weights
    between: list[Found]


@singledispatch
def formula(layer: Operation, read: Read, place: int, channel: int) -> Formula | None:
    """The formula of one number of the output; None for kinds without one.

    `place` counts the places of the output, row by row.
    """
    return None


def formula_rule(cls: type[Operation]) -> str | None:
    """The rule of a kind that has a formula."""
    return next((rule for kinds, rule in _RULES.items() if issubclass(cls, kinds)), None)


_RULES: dict[tuple[type[Operation], ...], str] = {
    (BatchNorm, LayerNorm, GroupNorm, InstanceNorm): NORMED,
    (LocalResponseNorm,): NEIGHBOURS,
    (Softmax,): SHARES,
    (Attention,): ATTENTION,
}


@formula.register
def _(
    layer: BatchNorm | LayerNorm | GroupNorm | InstanceNorm, read: Read, place: int, channel: int
) -> Formula:
    """(x − mean)/√(variance + epsilon) · scale + shift"""
    index = place * layer.input.channels + channel
    x = read.source.numbers()[index]
    own = shares(layer)[channel if isinstance(layer, BatchNorm) else index]
    if isinstance(layer, BatchNorm):
        mean, variance = (read.weights.parts[name].values for name in ("mean", "variance"))
    else:
        mean, variance = statistics(layer, read.source)
    numbers = {
        "x": x, "mean": mean.numbers()[own], "variance": variance.numbers()[own],
        "epsilon": epsilon_of(layer),
    }  # fmt: skip
    for name in ("scale", "shift"):
        if name in read.weights.parts:
            learned = read.weights.parts[name].values.numbers()
            numbers[name] = learned[index if len(learned) > layer.input.channels else channel]
    square = numbers["variance"] + numbers["epsilon"]
    found = normal(x - numbers["mean"], square)
    found = found * numbers.get("scale", 1) + numbers.get("shift", 0)
    return Formula(NORMED, numbers, found)


def normal(distance: Number, square: Number) -> Number:
    """A distance over a root, exact where the root is."""
    below = root(square)
    if isinstance(below, float) or isinstance(distance, float):
        return float(distance) / float(below)
    return distance / Fraction(below)


def root(square: Number) -> Number:
    """The square root of a number."""
    if isinstance(square, float):
        return sqrt(square)
    return arrays.root(arrays.array_of([square], (1,))).numbers()[0]


@formula.register
def _(layer: LocalResponseNorm, read: Read, place: int, channel: int) -> Formula:
    cell = read.source.numbers()[place * layer.input.channels :]
    near = [cell[index] for index in neighbours(layer, channel)]
    k, alpha, beta = (
        read.weights.parts[name].values.numbers()[0] for name in ("k", "alpha", "beta")
    )
    numbers = {"x": cell[channel], "near": near, "k": k, "alpha": alpha, "beta": beta}
    base = float(k + alpha * sum(number * number for number in near))
    return Formula(NEIGHBOURS, numbers, float(cell[channel]) / base ** float(beta))


@formula.register
def _(layer: Softmax, read: Read, place: int, channel: int) -> Formula:
    """e^x over the sum of all channels' e^x."""
    depth = read.source.shape[-1]
    cell = read.source.numbers()[place * depth : (place + 1) * depth]
    found = softmax([float(number) for number in cell])[channel]
    return Formula(SHARES, {"x": cell[channel], "all": cell}, found)


def softmax(numbers: list[float]) -> list[float]:
    """Shares that add up to 1; the largest is taken off first, so that nothing overflows."""
    raised = [exp(number - max(numbers)) for number in numbers]
    return [one / sum(raised) for one in raised]


@formula.register
def _(layer: Attention, read: Read, place: int, channel: int) -> Formula:
    """Scores, their shares, the values weighed with them, and the output's projection."""
    queries, keys, values = (found.array for found in read.between[:3])
    near, numbers = seen(layer)[place], dict[str, Number | list[Number]]()
    mixed: list[float] = []
    # Without an output projection a channel is of one head, and the others do not matter.
    heads = range(layer.heads)
    if not layer.projects:
        head = channel // len(dimensions(layer, 0))
        heads = range(head, head + 1)
    for head in heads:
        own, which = dimensions(layer, head), f", head {head + 1}" if layer.heads > 1 else ""
        scores = [
            sum(_at(queries, place, d) * _at(keys, other, d) for d in own) / sqrt(len(own))
            for other in near
        ]
        weights = softmax([float(score) for score in scores])
        numbers |= {f"scores{which}": [*scores], f"weights{which}": [*weights]}
        mixed += [
            sum(
                weight * float(_at(values, other, d))
                for weight, other in zip(weights, near, strict=True)
            )
            for d in own
        ]
    if not layer.projects:
        column = [_at(values, other, channel) for other in near]
        found = mixed[channel % len(dimensions(layer, 0))]
        return Formula(ATTENTION, {**numbers, "values": column}, found)
    output = read.weights.parts["output"]
    unit = output.filter(channel).numbers()
    numbers |= {"weighed values": [*mixed], "unit": unit}
    found = sum(float(weight) * number for weight, number in zip(unit, mixed, strict=True))
    if output.biases is not None:
        bias = output.biases.numbers()[channel]
        numbers["bias"] = bias
        found += float(bias)
    return Formula(ATTENTION, numbers, found)


def _at(array: Array, place: int, channel: int) -> Number:
    found = array.number(place, channel)
    assert found is not None
    return found
