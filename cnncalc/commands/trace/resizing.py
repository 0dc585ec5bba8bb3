"""Layers that resize: every value repeated, or interpolated between its neighbours."""

from cnncalc.arithmetic import linear_stretch, nearest_stretch
from cnncalc.commands.trace import arrays
from cnncalc.commands.trace.arrays import Array
from cnncalc.commands.trace.compute import Weights, compute
from cnncalc.layers.resize import NEAREST, Resizing


@compute.register
def _(layer: Resizing, inputs: list[Array], weights: Weights) -> Array:
    """Along one axis after the other, which makes bilinear of linear."""
    array = inputs[0]
    for axis, output in enumerate(layer.output.sizes):
        nearest = layer.method == NEAREST
        array = _repeated(array, axis, output) if nearest else _interpolated(array, axis, output)
    return array


def _repeated(array: Array, axis: int, output: int) -> Array:
    size = array.shape[axis]
    return _rows(array, axis, [nearest_stretch(row, size, output)[0] for row in range(output)])


def _interpolated(array: Array, axis: int, output: int) -> Array:
    """Each row the mean of its two neighbours, weighed by how close they are.

    Rows beyond the border are the last one again.
    """
    size = array.shape[axis]
    last = size - 1
    pairs = [linear_stretch(row, size, output) for row in range(output)]
    before = _rows(array, axis, [min(max(first, 0), last) for first, _ in pairs])
    after = _rows(array, axis, [min(max(second, 0), last) for _, second in pairs])
    # Row i lies at ((2i + 1)·W − O) / 2·O; what is beyond the row before it is over 2·O.
    shares = [((2 * row + 1) * size - output) % (2 * output) for row in range(output)]
    whole = 2 * output
    far = _weighed(after, axis, shares)
    near = _weighed(before, axis, [whole - share for share in shares])
    return arrays.divide(arrays.add(near, far), [whole] * len(near.values))


def _rows(array: Array, axis: int, rows: list[int]) -> Array:
    """The rows at these indices of an axis."""
    indices = [range(size) for size in array.shape]
    return arrays.taken(array, [*indices[:axis], rows, *indices[axis + 1 :]])


def _weighed(array: Array, axis: int, weights: list[int]) -> Array:
    """Every row of an axis times its own whole number."""
    inner = 1
    for size in array.shape[axis + 1 :]:
        inner *= size
    factors = [weights[place // inner % len(weights)] for place in range(len(array.values))]
    values = [value * factor for value, factor in zip(array.values, factors, strict=True)]
    return array._replace(values=values)
