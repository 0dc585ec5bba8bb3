"""Windows: which rows of its input each output of a layer reads.

Everything that reads windows is seen alike, convolutions forth and back and pools of every sort:
along each axis, an output has a list of input rows. Rows of the padding are before 0 or after the
last; one between the values that a transposed convolution spreads out is NOWHERE.
"""

from collections.abc import Iterator
from functools import singledispatch
from itertools import product

from cnncalc.arithmetic import adaptive_window
from cnncalc.commands.trace.arrays import NOWHERE, offsets
from cnncalc.layers import Operation
from cnncalc.layers.pool import AdaptivePool, GlobalPool
from cnncalc.layers.transposed import TransposedConv
from cnncalc.layers.window import Window

Rows = tuple[int, ...]


@singledispatch
def rows(layer: Operation, axis: int, output: int) -> Rows:
    """The input rows that an output reads along an axis."""
    raise NotImplementedError(layer.kind)


@rows.register
def _(layer: Window, axis: int, output: int) -> Rows:
    first = output * layer.stride[axis] - layer.pads[axis][0]
    step = layer.dilation[axis]
    return tuple(first + step * place for place in range(layer.kernel[axis]))


@rows.register
def _(layer: TransposedConv, axis: int, output: int) -> Rows:
    last, stride, step = output + layer.pads[axis][0], layer.stride[axis], layer.dilation[axis]
    spread = (last - step * place for place in range(layer.kernel[axis]))
    return tuple(NOWHERE if row % stride else row // stride for row in spread)


@rows.register
def _(layer: GlobalPool, axis: int, output: int) -> Rows:
    return tuple(range(layer.input.sizes[axis]))


@rows.register
def _(layer: AdaptivePool, axis: int, output: int) -> Rows:
    return tuple(range(*adaptive_window(output, layer.input.sizes[axis], layer.size[axis])))


def windows(layer: Operation) -> Iterator[list[int]]:
    """For every place of the output, in order, the places of the input that it reads."""
    sizes = layer.input.sizes
    outputs = layer.output.sizes or (1,) * len(sizes)  # a global pool that leaves a vector
    along = [[rows(layer, axis, at) for at in range(size)] for axis, size in enumerate(outputs)]
    for read in product(*along):
        yield offsets(sizes, read)
