"""Steps: one number at a time, the window that it reads, the products and what they come to.

A step is worked out number by number, on its own, and not taken out of the feature map: that the
two agree is tested.
"""

from collections.abc import Iterator
from fractions import Fraction
from itertools import product
from typing import NamedTuple

from cnncalc.commands.trace.arrays import Array, Number
from cnncalc.commands.trace.compute import filter_at, is_computed, own_activation, place_of, reads
from cnncalc.commands.trace.engine import Trace
from cnncalc.commands.trace.formulas import Formula, Read, formula, formula_rule
from cnncalc.commands.trace.windows import Rows, rows
from cnncalc.layers import Operation
from cnncalc.layers.conv import Conv
from cnncalc.layers.dense import FullyConnected, Rbf
from cnncalc.layers.pool import (
    AdaptiveAvgPool,
    AdaptiveMaxPool,
    AvgPool,
    GlobalAvgPool,
    GlobalMaxPool,
    MaxPool,
    Subsample,
)
from cnncalc.layers.separable import SeparableConv
from cnncalc.network.model import Layer

PRODUCTS, LARGEST, MEAN, SUM = "products", "largest", "mean", "sum"
_RULES: dict[type[Operation], str | None] = {
    Conv: PRODUCTS,
    FullyConnected: PRODUCTS,
    Rbf: None,
    MaxPool: LARGEST,
    GlobalMaxPool: LARGEST,
    AdaptiveMaxPool: LARGEST,
    AvgPool: MEAN,
    GlobalAvgPool: MEAN,
    AdaptiveAvgPool: MEAN,
    Subsample: SUM,
}


class Part(NamedTuple):
    """What a window reads of one input map, place by place."""

    map: int
    patch: list[Number | None]  # None for padding
    filter: list[Number] | None  # None for pools

    @property
    def terms(self) -> list[Number]:
        """The products with the filter, or the numbers that are there."""
        if self.filter is None:
            return [number for number in self.patch if number is not None]
        pairs = zip(self.patch, self.filter, strict=True)
        return [0 if number is None else number * weight for number, weight in pairs]


class Step(NamedTuple):
    """How one number of a feature map comes about."""

    layer: Layer
    part: str  # of a layer made of two, "depthwise"; else empty
    operation: Operation  # of the layer, or of the part
    at: tuple[int, ...]  # its place along the spatial axes, from 0
    channel: int  # its map or unit, from 0
    rows: tuple[Rows, ...]  # the input rows it reads along each axis, those of the padding too
    parts: list[Part]  # one for each input map it reads
    source: Array  # the whole input; a vector is a row of one map
    coefficient: Number | None  # of a subsampling
    bias: Number | None
    activation: str | None
    formula: Formula | None  # of what has no window
    result: Number

    @property
    def rule(self) -> str:
        """What is done with the window, or which formula there is instead."""
        return self.formula.rule if self.formula else rule(self.operation) or ""

    @property
    def sizes(self) -> tuple[int, ...]:
        """Of the window."""
        return tuple(map(len, self.rows))

    @property
    def padded(self) -> bool:
        """Whether part of the window lies outside of the input."""
        return any(None in part.patch for part in self.parts)

    @property
    def before(self) -> Number:
        """What the activation is applied to."""
        if self.formula is not None:
            return self.formula.result
        if self.rule == LARGEST:
            return max(self.parts[0].terms)
        found: Number = sum(number for part in self.parts for number in part.terms)
        if self.rule == MEAN:
            terms = len(self.parts[0].terms)
            return found / terms if isinstance(found, float) else Fraction(found, terms)
        found = found if self.coefficient is None else found * self.coefficient
        return found if self.bias is None else found + self.bias


def rule(layer: Operation) -> str | None:
    """What a layer does with a window; None where it has none."""
    return next((_RULES[cls] for cls in type(layer).__mro__ if cls in _RULES), None)


def has_window(layer: Operation) -> bool:
    """Whether there is a window to draw."""
    return rule(layer) is not None and is_computed(type(layer))


def has_steps(layer: Operation) -> bool:
    return has_window(layer) or formula_rule(type(layer)) is not None


def places(layer: Layer) -> Iterator[tuple[tuple[int, ...], int]]:
    """Every place and map of a layer's output."""
    for at in product(*map(range, layer.output.sizes)):
        for channel in range(layer.output.channels):
            yield at, channel


def step(trace: Trace, layer: Layer, at: tuple[int, ...], channel: int) -> Step:
    """The step that leads to one number of a traced layer, the last one if there are several."""
    return steps(trace, layer, at, channel)[-1]


def steps(trace: Trace, layer: Layer, at: tuple[int, ...], channel: int) -> list[Step]:
    """The steps that lead to one number: of a separable convolution one for each map between."""
    *before, last = _stages(trace, layer)
    first = [
        _step(layer, stage, at, map)
        for stage in before
        for map in range(stage.operation.output.channels)
    ]
    return [*first, _step(layer, last, at, channel)]


class _Stage(NamedTuple):
    """A layer, or a part of it that is a layer of its own."""

    part: str
    operation: Operation
    read: Read
    array: Array
    activation: str | None


def _stages(trace: Trace, layer: Layer) -> list[_Stage]:
    operation, weights = layer.operation, trace.weights[layer]
    source, between = trace.arrays[layer.sources[0]], trace.between[layer]
    array, activation = trace.arrays[layer], own_activation(operation)
    if not isinstance(operation, SeparableConv):
        return [_Stage("", operation, Read(source, weights, between), array, activation)]
    (middle,) = between
    first = Read(source, weights.parts["depthwise"], [])
    second = Read(middle.array, weights.parts["pointwise"], [])
    return [
        _Stage("depthwise", operation.depthwise, first, middle.array, None),
        _Stage("pointwise", operation.pointwise, second, array, activation),
    ]


def _step(layer: Layer, stage: _Stage, at: tuple[int, ...], channel: int) -> Step:
    operation, (source, weights, _) = stage.operation, stage.read
    result = stage.array.number(*at, channel)
    assert result is not None
    found = formula(operation, stage.read, place_of(at, operation.output.sizes), channel)
    if found is not None:
        return Step(
            layer, "", operation, at, channel, (), [], source, None, None, None, found, result
        )
    if not operation.input.sizes:  # a vector is a row of one map
        source = source._replace(shape=(len(source.values), 1))
    along, maps = _rows(operation, source, at), _maps(operation, source, channel)
    own = filter_at(operation, at, channel)
    filter = weights.filter(own).numbers() if rule(operation) == PRODUCTS else None
    parts = [
        Part(
            map,
            [source.number(*place, map) for place in product(*along)],
            None if filter is None else filter[index :: len(maps)],
        )
        for index, map in enumerate(maps)
    ]
    coefficient = weights.values.number(channel) if rule(operation) == SUM else None
    bias = weights.biases.number(own) if weights.biases is not None else None
    return Step(
        layer, stage.part, operation, at, channel, along, parts, source, coefficient, bias,
        stage.activation, None, result,
    )  # fmt: skip


def _rows(layer: Operation, source: Array, at: tuple[int, ...]) -> tuple[Rows, ...]:
    if isinstance(layer, FullyConnected):
        return tuple(tuple(range(size)) for size in source.shape[:-1])
    at = at or (0,) * len(layer.input.sizes)  # a global pool that leaves a vector
    return tuple(rows(layer, axis, place) for axis, place in enumerate(at))


def _maps(layer: Operation, source: Array, channel: int) -> list[int]:
    if isinstance(layer, Conv):
        return reads(layer, channel)
    return list(range(source.shape[-1])) if isinstance(layer, FullyConnected) else [channel]
