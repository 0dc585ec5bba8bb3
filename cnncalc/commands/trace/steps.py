"""Steps: one window at a time, what it reads, the products and what they come to.

A step is worked out number by number, on its own, and not taken out of the feature map: that the
two agree is tested.
"""

from collections.abc import Iterator
from fractions import Fraction
from functools import singledispatch
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from cnncalc.commands.trace.arrays import NOWHERE, Array, Number
from cnncalc.commands.trace.compute import NO_WEIGHTS, is_computed, own_activation, reads
from cnncalc.commands.trace.windows import rows
from cnncalc.layers import Layer
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
from cnncalc.network.network import Leaf

if TYPE_CHECKING:
    from cnncalc.commands.trace.engine import Trace

PRODUCTS, LARGEST, MEAN, SUM = "products", "largest", "mean", "sum"


class Part(NamedTuple):
    """What a window reads of one input map, place by place."""

    map: int
    patch: list[Number | None]  # None for padding
    filter: list[Number] | None  # None for pools

    @property
    def products(self) -> list[Number]:
        assert self.filter is not None
        pairs = zip(self.patch, self.filter, strict=True)
        return [0 if number is None else number * weight for number, weight in pairs]

    @property
    def real(self) -> list[Number]:
        """The values that are there."""
        return [number for number in self.patch if number is not None]


class Step(NamedTuple):
    """How one number of a feature map comes about."""

    leaf: Leaf
    at: tuple[int, ...]  # its place along the spatial axes, from 0
    channel: int  # its map or unit, from 0
    rule: str  # what is done with the window
    sizes: tuple[int, ...]  # of the window
    rows: tuple[tuple[int, ...], ...]  # the input rows it reads along each axis, or NOWHERE
    parts: list[Part]  # one for each input map it reads
    source: Array  # the whole input; a vector is a row of one map
    coefficient: Number | None  # of a subsampling
    bias: Number | None
    activation: str | None
    before: Number  # what the activation is applied to
    result: Number

    @property
    def padded(self) -> bool:
        """Whether part of the window lies outside of the input."""
        return any(row == NOWHERE for along in self.rows for row in along)


@singledispatch
def rule(layer: Layer) -> str | None:
    """What a layer does with a window; None where it has none."""
    return None


@rule.register
def _(layer: Conv | FullyConnected) -> str:
    return PRODUCTS


@rule.register
def _(layer: Rbf) -> None:
    return None


@rule.register
def _(layer: MaxPool | GlobalMaxPool | AdaptiveMaxPool) -> str:
    return LARGEST


@rule.register
def _(layer: AvgPool | GlobalAvgPool | AdaptiveAvgPool) -> str:
    return MEAN


@rule.register
def _(layer: Subsample) -> str:
    return SUM


def has_steps(layer: Layer) -> bool:
    return rule(layer) is not None and is_computed(type(layer))


def places(leaf: Leaf) -> Iterator[tuple[tuple[int, ...], int]]:
    """Every place and map of a layer's output."""
    for at in product(*map(range, leaf.output.sizes)):
        for channel in range(leaf.output.channels):
            yield at, channel


def step(trace: "Trace", leaf: Leaf, at: tuple[int, ...], channel: int) -> Step:
    """The step that leads to one number of a traced layer."""
    found = rule(leaf.layer)
    assert found is not None
    source = trace.arrays[leaf.sources[0]]
    if not leaf.input or not leaf.input.sizes:  # a vector is a row of one map
        source = source._replace(shape=(len(source.values), 1))
    weights = trace.weights.get(leaf, NO_WEIGHTS)
    along = _rows(leaf.layer, source, at)
    sizes = tuple(map(len, along))
    maps = _maps(leaf.layer, source, channel)
    filter = weights.filters()[channel].numbers() if found == PRODUCTS else None
    parts = [
        Part(
            map,
            [_value(source, place, map) for place in product(*along)],
            None if filter is None else filter[index :: len(maps)],
        )
        for index, map in enumerate(maps)
    ]
    bias = weights.biases.number(channel) if weights.biases is not None else None
    coefficient = None
    if found == SUM:
        coefficient = weights.values.number(channel)
    activation = own_activation(leaf.layer)
    before = _before(found, parts, coefficient, bias)
    result = trace.arrays[leaf].number(*at, channel)
    return Step(
        leaf, at, channel, found, sizes, along, parts, source, coefficient, bias, activation,
        before, result,
    )  # fmt: skip


def _rows(layer: Layer, source: Array, at: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
    if isinstance(layer, FullyConnected):
        return tuple(tuple(range(size)) for size in source.shape[:-1])
    at = at or (0,) * len(layer.input.sizes)  # a global pool that leaves a vector
    return tuple(rows(layer, axis, place) for axis, place in enumerate(at))


def _maps(layer: Layer, source: Array, channel: int) -> list[int]:
    if isinstance(layer, Conv):
        return reads(layer, channel)
    return list(range(source.shape[-1])) if isinstance(layer, FullyConnected) else [channel]


def _value(source: Array, place: tuple[int, ...], channel: int) -> Number | None:
    return None if NOWHERE in place else source.number(*place, channel)


def _before(
    rule: str, parts: list[Part], coefficient: Number | None, bias: Number | None
) -> Number:
    if rule == PRODUCTS:
        found = sum(number for part in parts for number in part.products)
    elif rule == LARGEST:
        found = max(parts[0].real)
    else:
        found = sum(parts[0].real)
        if rule == MEAN:
            found = _exact_quotient(found, len(parts[0].real))
    if coefficient is not None:
        found = found * coefficient
    return _plain(found + bias if bias is not None else found)


def _exact_quotient(number: Number, count: int) -> Number:
    return number / count if isinstance(number, float) else Fraction(number) / count


def _plain(number: Number) -> Number:
    """A fraction that is whole, as a whole number."""
    whole = not isinstance(number, float) and number.denominator == 1
    return int(number) if whole else number
