"""compute: what every kind makes of the numbers it reads.

A kind that is not here is not traced: its result depends on what training has left behind (the
norms), or its weights are of more than one sort.
"""

from functools import singledispatch
from typing import NamedTuple

from cnncalc import problems as codes
from cnncalc.commands.trace import arrays
from cnncalc.commands.trace.arrays import Array
from cnncalc.layers import Layer
from cnncalc.layers.conv import Conv, LocalConv, SeparableConv
from cnncalc.problems import Reject


class Weights(NamedTuple):
    """The numbers a layer has learned, or been given by hand."""

    values: Array  # filter by filter or unit by unit
    sizes: list[int]  # how many numbers each filter or unit has
    biases: Array | None

    def filters(self) -> list[Array]:
        """The numbers of each filter or unit."""
        found, start = [], 0
        for size in self.sizes:
            values = self.values.values[start : start + size]
            found.append(self.values._replace(values=values, shape=(size,)))
            start += size
        return found


NO_WEIGHTS = Weights(Array([], (0,)), [], None)


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


def with_biases(array: Array, weights: Weights) -> Array:
    """Plus the bias of each channel, if there are biases."""
    if weights.biases is None:
        return array
    return arrays.add(array, arrays.spread(weights.biases, array.shape))
