"""compute: what every kind makes of the numbers it reads, or why it is not traced."""

from collections.abc import Mapping
from functools import singledispatch
from itertools import islice
from types import MappingProxyType
from typing import NamedTuple

from cnncalc import problems as codes
from cnncalc.commands.trace import arrays
from cnncalc.commands.trace.arrays import Array
from cnncalc.layers import Operation
from cnncalc.layers.conv import Conv, LocalConv
from cnncalc.layers.custom import Custom
from cnncalc.problems import Reject


class Weights(NamedTuple):
    """The numbers a layer has learned, or been given by hand."""

    values: Array  # filter by filter or unit by unit
    sizes: list[int]  # how many numbers each filter or unit has
    biases: Array | None
    parts: Mapping[str, "Weights"] = MappingProxyType({})  # of a layer with several sorts of them

    @property
    def arrays(self) -> list[Array]:
        """All the numbers."""
        return [self.values, *(part.values for part in self.parts.values())]

    def filter(self, index: int) -> Array:
        """The numbers of one filter or unit."""
        start, size = sum(self.sizes[:index]), self.sizes[index]
        return self.values._replace(values=self.values.values[start : start + size], shape=(size,))

    def filters(self) -> list[Array]:
        """The numbers of each filter or unit."""
        values = iter(self.values.values)
        return [
            self.values._replace(values=[*islice(values, size)], shape=(size,))
            for size in self.sizes
        ]


NO_WEIGHTS = Weights(Array([], (0,)), [], None)


@singledispatch
def compute(layer: Operation, inputs: list[Array], weights: Weights) -> Array:
    """The output of a layer, before the activation that is part of it. Raises Reject."""
    raise NotImplementedError(layer.kind)


class Found(NamedTuple):
    """Numbers on the way to an output."""

    name: str
    array: Array


@singledispatch
def worked(layer: Operation, inputs: list[Array], weights: Weights) -> list[Found]:
    """What a layer works out on its way, and last its output. Raises Reject."""
    return [Found("output", compute(layer, inputs, weights))]


def in_parts(layer: Operation, inputs: list[Array], weights: Weights) -> Array:
    """`compute` of the kinds that have a `worked` of their own."""
    return worked(layer, inputs, weights)[-1].array


class NotTraced:
    """Stands for the function of a kind that is not worked out."""

    def __init__(self, reason: str) -> None:
        self.reason = reason

    def __call__(self, layer: Operation, inputs: list[Array], weights: Weights) -> Array:
        raise Reject(
            codes.LAYER,
            f"trace does not work out {layer.kind}: {self.reason}",
            help="leave it out of the example, or name a LAYER before it",
        )


compute.register(Custom, NotTraced("the spec says what it costs, not what it does"))


def is_computed(cls: type[Operation]) -> bool:
    """Whether layers of a class are worked out."""
    return not isinstance(compute.dispatch(cls), NotTraced)


def require_computed(layer: Operation) -> None:
    """Raises Reject for a layer that is not worked out."""
    if not is_computed(type(layer)):
        compute(layer, [], NO_WEIGHTS)


def own_activation(layer: Operation) -> str | None:
    """The activation that is part of a layer."""
    return layer.activation if "activation" in layer.arguments else None  # type: ignore[attr-defined]


def reads(layer: Conv, filter: int) -> list[int]:
    """The input maps that a filter reads."""
    if layer.connection_table is not None:
        return sorted(layer.connection_table.filters[filter])
    maps = layer.input.channels // layer.groups
    first = filter % layer.filters // (layer.filters // layer.groups) * maps
    return list(range(first, first + maps))


def filter_at(layer: Operation, at: tuple[int, ...], channel: int) -> int:
    """Which filter makes a number of the output: one for each channel, or for each value."""
    if not isinstance(layer, LocalConv):
        return channel
    return place_of(at, layer.output.sizes) * layer.filters + channel


def place_of(at: tuple[int, ...], sizes: tuple[int, ...]) -> int:
    """Which place it is, counted row by row."""
    place = 0
    for index, size in zip(at, sizes, strict=True):
        place = place * size + index
    return place


def with_biases(array: Array, weights: Weights) -> Array:
    """Plus the bias of each channel, if there are biases."""
    if weights.biases is None:
        return array
    return arrays.add(array, arrays.spread(weights.biases, array.shape))
