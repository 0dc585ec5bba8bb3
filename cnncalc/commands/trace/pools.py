"""Pools. Padding does not count: it is neither the largest value nor a part of the mean."""

from collections.abc import Callable
from typing import Any

from cnncalc import problems as codes
from cnncalc.commands.trace import arrays
from cnncalc.commands.trace.arrays import Array
from cnncalc.commands.trace.compute import Weights, compute, with_biases
from cnncalc.commands.trace.windows import windows
from cnncalc.layers import Operation
from cnncalc.layers.pool import (
    AdaptiveAvgPool,
    AdaptiveMaxPool,
    AvgPool,
    GlobalAvgPool,
    GlobalMaxPool,
    MaxPool,
    Subsample,
)
from cnncalc.problems import Reject


@compute.register
def _(layer: MaxPool | GlobalMaxPool | AdaptiveMaxPool, inputs: list[Array], _: Weights) -> Array:
    found, _counts = _pooled(layer, inputs[0], max)
    return arrays.reduced(found)


@compute.register
def _(layer: AvgPool | GlobalAvgPool | AdaptiveAvgPool, inputs: list[Array], _: Weights) -> Array:
    return arrays.divide(*_pooled(layer, inputs[0], sum))


@compute.register
def _(layer: Subsample, inputs: list[Array], weights: Weights) -> Array:
    """The sum of the window, times the map's coefficient, plus the map's bias."""
    sums, _ = _pooled(layer, inputs[0], sum)
    factors = arrays.spread(weights.values, sums.shape)
    return with_biases(arrays.multiply(sums, factors), weights)


def _pooled(
    layer: Operation, array: Array, reduce: Callable[[list[Any]], Any]
) -> tuple[Array, list[int]]:
    """What each window comes to on each map, and how many values it has."""
    maps = array.maps()
    values, counts = [], []
    for places in windows(layer):
        real = [place for place in places if place >= 0]
        if not real:
            raise Reject(
                codes.PADDING,
                f"a window of {layer.kind} reads nothing but padding, which has no value",
                argument="padding",
            )
        values += [reduce([map[place] for place in real]) for map in maps]
        counts += [len(real)] * len(maps)
    return array._replace(values=values, shape=layer.output.shape), counts
