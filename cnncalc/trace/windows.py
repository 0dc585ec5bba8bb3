"""Windows: which rows of its input each output of a layer reads, and the values found there.

Everything that reads windows is seen alike, convolutions forth and back and pools of every sort:
along each axis, an output has a list of input rows. A row that is not there, one of the padding or
between the values that a transposed convolution spreads out, is NOWHERE.
"""

from collections.abc import Iterator
from functools import singledispatch
from math import prod
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cnncalc.arithmetic import adaptive_window
from cnncalc.layers import Layer
from cnncalc.layers.conv import TransposedConv
from cnncalc.layers.pool import AdaptivePool, GlobalPool
from cnncalc.layers.window import Window
from cnncalc.trace.arrays import Values, padded

Rows = NDArray[np.int64]

NOWHERE = -1
_CHUNK = 2**20  # values that are gathered at a time


@singledispatch
def rows(layer: Layer, axis: int, outputs: Rows) -> Rows:
    """For each of these outputs along an axis, the input rows of its window."""
    raise NotImplementedError(layer.kind)


@rows.register
def _(layer: Window, axis: int, outputs: Rows) -> Rows:
    first = outputs * layer.stride[axis] - layer.pads[axis][0]
    places = np.arange(layer.kernel[axis]) * layer.dilation[axis]
    return _inside(first[:, None] + places, layer.input.sizes[axis])


@rows.register
def _(layer: TransposedConv, axis: int, outputs: Rows) -> Rows:
    places = np.arange(layer.kernel[axis]) * layer.dilation[axis]
    spread = outputs[:, None] + layer.pads[axis][0] - places
    stride = layer.stride[axis]
    found = np.where(spread % stride == 0, spread // stride, NOWHERE)
    return _inside(found, layer.input.sizes[axis])


@rows.register
def _(layer: GlobalPool, axis: int, outputs: Rows) -> Rows:
    return np.tile(np.arange(layer.input.sizes[axis]), (len(outputs), 1))


@rows.register
def _(layer: AdaptivePool, axis: int, outputs: Rows) -> Rows:
    size, out = layer.input.sizes[axis], layer.size[axis]
    stretches = [adaptive_window(int(output), size, out) for output in outputs]
    longest = max(end - first for first, end in stretches)
    places = np.arange(longest)
    found = [np.where(places < end - first, first + places, NOWHERE) for first, end in stretches]
    return np.array(found)


def _inside(found: Rows, size: int) -> Rows:
    return np.where((found >= 0) & (found < size), found, NOWHERE)


class Patches(NamedTuple):
    """The windows of some neighbouring outputs."""

    values: Values  # outputs, places in the window, channels
    real: Rows  # how many places of each window are in the input


def patches(layer: Layer, values: Values, fill: Any) -> Iterator[Patches]:
    """All windows of a layer, in order, as many at a time as memory likes."""
    axes = len(layer.input.sizes)
    positions = layer.output.sizes or (1,) * axes
    # One more row on every axis, for what is nowhere: -1 is the last.
    edged = padded(values, [(0, 1)] * axes + [(0, 0)], fill)
    flat = edged.reshape(-1, edged.shape[-1])
    places = prod(rows(layer, axis, np.zeros(1, np.int64)).shape[1] for axis in range(axes))
    at_once = max(1, _CHUNK // (places * layer.input.channels))
    count = prod(positions)
    for start in range(0, count, at_once):
        outputs = np.unravel_index(np.arange(start, min(start + at_once, count)), positions)
        index = np.zeros((len(outputs[0]), 1), np.int64)
        real = np.ones(len(outputs[0]), np.int64)
        for axis, along in enumerate(outputs):
            found = rows(layer, axis, along)
            real *= (found != NOWHERE).sum(axis=1)
            size = edged.shape[axis]
            index = (index[:, :, None] * size + (found % size)[:, None, :]).reshape(len(along), -1)
        yield Patches(flat[index], real)
