"""Which numbers a layer needs, and how they are written."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import singledispatch
from itertools import chain
from math import prod
from typing import NamedTuple

from cnncalc import problems as codes
from cnncalc.commands.trace.arrays import Array, array_of
from cnncalc.commands.trace.compute import NO_WEIGHTS, Weights, reads
from cnncalc.commands.trace.values import Axis, Block, ValueReader, block
from cnncalc.layers import Operation
from cnncalc.layers.activation import PReLU
from cnncalc.layers.attention import ClassToken, PositionEmbedding
from cnncalc.layers.conv import Conv, LocalConv
from cnncalc.layers.dense import Embedding, FullyConnected
from cnncalc.layers.norm import Scale
from cnncalc.layers.pool import Subsample
from cnncalc.layers.separable import SeparableConv
from cnncalc.network.model import Layer
from cnncalc.problems import Reject
from cnncalc.wording import count, times


class Need(NamedTuple):
    """The numbers of a layer, filter by filter."""

    number: int  # of filters, units, channels
    one: str  # what each is called
    block: Callable[[int], Block]  # what each looks like, counted from 0
    biases: int = 0
    default: int | None = None  # what all are where none are written

    def sketch(self) -> str:
        """How the numbers are written: a list for each filter, one list for channels."""
        return "[[...], ...]" if self.block(0).total > 1 and self.number > 1 else "[...]"

    def text(self) -> str:
        """2 filters of 3×3×3"""
        sizes = tuple(axis.size for axis in self.block(0).axes)
        each = f" of {times(sizes)}" if sizes != (1,) else ""
        return f"{count(self.number, self.one)}{each}"


@singledispatch
def need(layer: Operation) -> Need | None:
    """What a layer needs besides its input; None where it learns nothing."""
    return None


@need.register
def _(layer: Conv) -> Need:
    def own(filter: int) -> Block:
        maps = len(reads(layer, filter))
        return block(f"a filter of {times((*layer.kernel, maps))}", layer.kernel, maps)

    return Need(layer.filters, "filter", own, biases=layer.biases)


@need.register
def _(layer: LocalConv) -> Need:
    """Place by place, row by row, the filters of a place together."""
    maps = layer.input.channels
    own = block(f"a filter of {times((*layer.kernel, maps))}", layer.kernel, maps)
    return Need(layer.neurons, "filter", lambda number: own)


@need.register
def _(layer: FullyConnected) -> Need:
    volume = layer.input
    own = block(f"a unit on {volume.text()}", volume.sizes, volume.channels, flat=True)
    return Need(layer.units, "unit", lambda unit: own)


@need.register
def _(layer: Embedding) -> Need:
    own = block(f"a vector of {layer.dimensions}", (), layer.dimensions)
    return Need(layer.vocabulary, "word", lambda word: own)


@need.register
def _(layer: PositionEmbedding) -> Need:
    own = block("a vector", (), layer.input.channels)
    return Need(layer.input.values // layer.input.channels, "position", lambda position: own)


@need.register
def _(layer: ClassToken) -> Need:
    own = block("the vector", (), layer.input.channels)
    return Need(1, "position", lambda position: own)


@need.register
def _(layer: Subsample | Scale | PReLU) -> Need:
    own = Block("a coefficient", (Axis("number", 1),))
    return Need(layer.weights, "channel", lambda channel: own)


def read_weights(layer: Layer, reader: ValueReader) -> Weights:
    """The filters or units that a spec gives a layer, and their biases. Raises Reject."""
    operation, wanted = layer.operation, need(layer.operation)
    if wanted is None:
        return NO_WEIGHTS
    written = getattr(operation, "values", None)
    if written is None:
        help = f"add values: to its arguments, {wanted.text()}"
        raise Reject(codes.MISSING, f"{layer.path} has no values", help=help)
    with blaming("values"):
        read = reader.filters(written, wanted.number, operation.weights, wanted.one, wanted.block)
        values = array_of(chain.from_iterable(read), (operation.weights,))
    with blaming("bias_values"):
        return Weights(values, [*map(len, read)], _biases(layer, wanted, reader))


def _biases(layer: Layer, wanted: Need, reader: ValueReader) -> Array | None:
    """The biases, 0 where none are given; None for a layer without."""
    number, written = layer.operation.biases, getattr(layer.operation, "bias_values", None)
    if number and written is not None:
        own = Block(f"the layer with {count(number, wanted.one)}", (Axis("number", number),))
        return array_of(reader.block(written, own), (number,))
    if written is not None:
        raise needless_biases(layer)
    return Array([0] * number, (number,)) if number else None


def needless_biases(layer: Layer) -> Reject:
    message = f"{layer.path} has bias_values and no bias"
    return Reject(codes.BAD_VALUE, message, help="delete one of the two")


@contextmanager
def blaming(argument: str) -> Iterator[None]:
    """Refusals are about the value of an argument."""
    try:
        yield
    except Reject as reject:
        reject.argument = argument
        raise


def flipped(layer: Operation, weights: Weights) -> Weights:
    """The filters turned over along every spatial axis, as a mathematician's convolution has it."""
    if isinstance(layer, SeparableConv):  # turning over a 1×1 filter changes nothing
        own = flipped(layer.depthwise, weights.parts["depthwise"])
        return weights._replace(parts={**weights.parts, "depthwise": own})
    if not isinstance(layer, Conv):
        return weights
    places = prod(layer.kernel)
    filters = [
        own._replace(shape=(places, len(own.values) // places)).cells() for own in weights.filters()
    ]
    values = [value for cells in filters for cell in reversed(cells) for value in cell]
    return weights._replace(values=weights.values._replace(values=values))


def is_symmetric(layer: Operation, weights: Weights) -> bool:
    """Whether turning the filters over would change nothing."""
    return weights.arrays == flipped(layer, weights).arrays
