"""Layers that PyTorch and ONNX write with operations on weights: scales, embeddings, tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import prod

from cnncalc.exchange.axes import CHANNELS, part, parts_on, size_of, stepped
from cnncalc.exchange.tensor import Constant, Tensor, Unknown, Where
from cnncalc.exchange.tensors import Tensors
from cnncalc.volume import Volume


def scale(tensors: Tensors, where: Where, source: Tensor, weight: Constant) -> None:
    """A product with one weight a channel; with a single number it changes no count."""
    number = sum(weight.weights.values())
    if number != source.volume.channels or number != max(weight.sizes, default=0):
        raise Unknown
    place = weight.sizes.index(number) - len(weight.sizes)
    tensors.pointwise(where, "scale", source, at=place, weights=weight.weights)


def position_embedding(tensors: Tensors, where: Where, source: Tensor, weight: Constant) -> None:
    """A sum with one weight for every value."""
    number = sum(weight.weights.values())
    if number != source.volume.values or prod(weight.sizes) != number:
        raise Unknown
    tensors.pointwise(where, "position_embedding", source, weights=weight.weights)


def class_tokens(
    tensors: Tensors, where: Where, source: Tensor, before: Sequence[Constant], axis: int
) -> None:
    """Trained positions before the others of a row."""
    last = len(source.axes) - 1
    if axis != 1 or last != 2:
        raise Unknown
    plain = tensors.plain(source, where, last)
    channels = plain.volume.channels
    if any(sum(one.weights.values()) != channels for one in before):
        raise Unknown
    for number, one in enumerate(before, 1):
        here = where if number == len(before) else replace(where, name=f"{where.name}:{number}")
        volume = Volume((plain.volume.sizes[0] + 1,), channels)
        tensors.emit(here, "class_token", [plain], volume, one.weights)
        axes = (plain.axes[0], part(1, volume.sizes[0]), part(CHANNELS, channels))
        tensors.keep(here.name, Tensor(here.name, volume, axes), source)
        plain = tensors.values[here.name]


def space_to_depth(tensors: Tensors, where: Where, values: Sequence[Tensor], axis: int) -> bool:
    """Whether values are all places of each f×f square of one volume, put in channels."""
    first = values[0]
    axes = first.spatial
    steps = {one.step for place in axes for one in parts_on(first.axes, place)}
    alike = all(
        value.signal == first.signal and value.axes == first.axes and value.has_channels_at(axis)
        for value in values
    )
    if not alike or len(steps) != 1:
        return False
    (factor,) = steps
    starts = {tuple(value.start(place) for place in axes) for value in values}
    if factor == 1 or len(starts) != len(values) or len(values) != factor ** len(axes):
        return False
    if max(max(start) for start in starts) >= factor:
        return False
    sizes = [size_of(parts_on(first.axes, place)) for place in axes]
    volume = Volume(tuple(sizes), first.volume.channels * len(values))
    whole = replace(first, starts=())
    tensors.emit(where, "space_to_depth", [whole], volume, factor=factor)
    found = first.axes
    for place in axes:
        found = stepped(found, place, factor)
    changed = (*found[:axis], part(CHANNELS, volume.channels), *found[axis + 1 :])
    tensors.keep(where.name, Tensor(where.name, volume, changed), *values)
    return True
