"""Which numbers a layer needs, and what shape they are written in."""

from collections.abc import Callable
from fractions import Fraction
from functools import singledispatch
from typing import NamedTuple

import numpy as np

from cnncalc.layers import Layer
from cnncalc.layers.activation import PReLU
from cnncalc.layers.conv import Conv
from cnncalc.layers.dense import Embedding, FullyConnected
from cnncalc.layers.norm import Scale
from cnncalc.layers.pool import Subsample
from cnncalc.trace.arrays import Array, array_of
from cnncalc.trace.compute import Weights, reads
from cnncalc.trace.values import Axis, Block, ValueReader, block
from cnncalc.wording import count, times


class Need(NamedTuple):
    """The numbers of a layer, filter by filter."""

    number: int  # of filters, units, channels
    one: str  # what each is called
    block: Callable[[int], Block]  # what each looks like, counted from 0
    shape: tuple[int, ...]  # of all of them together

    def text(self) -> str:
        """2 filters of 3×3×3"""
        sizes = tuple(axis.size for axis in self.block(0).axes)
        each = f" of {times(sizes)}" if sizes != (1,) else ""
        return f"{count(self.number, self.one)}{each}"


@singledispatch
def need(layer: Layer) -> Need | None:
    """What a layer needs besides its input; None where it learns nothing."""
    return None


@need.register
def _(layer: Conv) -> Need:
    table = layer.connection_table
    channels = layer.input.channels // layer.groups

    def own(filter: int) -> Block:
        maps = channels if table is None else len(table.filters[filter])
        return block(f"a filter of {times((*layer.kernel, maps))}", layer.kernel, maps)

    return Need(layer.filters, "filter", own, (layer.filters, *layer.kernel, channels))


@need.register
def _(layer: FullyConnected) -> Need:
    volume = layer.input
    own = block(f"a unit on {volume.text()}", volume.sizes, volume.channels, flat=True)
    return Need(layer.units, "unit", lambda unit: own, (layer.units, *volume.shape))


@need.register
def _(layer: Embedding) -> Need:
    own = block(f"a vector of {layer.dimensions}", (), layer.dimensions)
    return Need(layer.vocabulary, "word", lambda word: own, (layer.vocabulary, layer.dimensions))


@need.register
def _(layer: Subsample | Scale | PReLU) -> Need:
    own = Block("a coefficient", (Axis("number", 1),))
    return Need(layer.weights, "channel", lambda channel: own, (layer.weights,))


def read_values(layer: Layer, wanted: Need, reader: ValueReader) -> Array:
    """The filters or units that a spec gives a layer. Raises Misfit."""
    written = layer.values  # type: ignore[attr-defined]
    read = reader.filters(written, wanted.number, layer.weights, wanted.one, wanted.block)
    if isinstance(layer, Conv) and layer.connection_table is not None:
        return _spread(layer, read)
    return array_of([number for part in read for number in part], wanted.shape)


def _spread(layer: Conv, read: list[list[int | Fraction]]) -> Array:
    """Filters over all input maps, with zeros for those that the table leaves out."""
    channels = range(layer.input.channels)
    every: list[int | Fraction] = []
    for filter, numbers in enumerate(read):
        maps = reads(layer, filter)
        for start in range(0, len(numbers), len(maps)):
            here = dict(zip(maps, numbers[start : start + len(maps)], strict=True))
            every += [here.get(channel, 0) for channel in channels]
    return array_of(every, (layer.filters, *layer.kernel, layer.input.channels))


def read_biases(layer: Layer, wanted: Need, reader: ValueReader) -> Array | None:
    """The biases, 0 where none are given; None for a layer without. Raises Misfit."""
    number = layer.biases
    written = getattr(layer, "bias_values", None)
    if not number:
        return None
    if written is None:
        return Array(np.zeros(number, np.int64))
    own = Block(f"the layer with {count(number, wanted.one)}", (Axis("number", number),))
    return array_of(reader.block(written, own), (number,))


def flipped(layer: Layer, weights: Weights) -> Weights:
    """The filters turned over along every spatial axis, as a mathematician's convolution has it."""
    if not isinstance(layer, Conv) or weights.values is None:
        return weights
    axes = tuple(range(1, 1 + len(layer.kernel)))
    return weights._replace(values=weights.values.move(lambda values: np.flip(values, axes)))


def is_symmetric(layer: Layer, weights: Weights) -> bool:
    """Whether turning the filters over would change nothing."""
    own, other = weights.values, flipped(layer, weights).values
    return own is None or other is None or bool((own.values == other.values).all())
