"""Axes of a tensor as factors of the axes of a volume, so that views of it can be followed.

A view splits and joins axes, a permutation exchanges them, a slice leaves some places out. None of
it changes a value; a tensor that was cut into windows or heads is still seen to be a view of the
volume that it came from. Each axis of a tensor is a product of parts, the slowest first:
(8 windows, 7 rows) of a height of 56 is `Part(1, 8, 7), Part(1, 7, 1)`.
"""

from collections.abc import Iterable, Mapping
from math import prod
from typing import NamedTuple, TypeAlias

BATCH, CHANNELS = 0, -1  # axes of a volume; the spatial ones are 1, 2, 3


class Part(NamedTuple):
    """Places along an axis of a volume: `size` of them, `step` apart."""

    axis: int
    size: int
    step: int = 1


Axis: TypeAlias = tuple[Part, ...]
Axes: TypeAlias = tuple[Axis, ...]


def part(axis: int, size: int) -> Axis:
    """A whole axis of a volume; one of size 1 has no parts."""
    return (Part(axis, size),) if size > 1 else ()


def size_of(axis: Axis) -> int:
    """How many places an axis of a tensor has."""
    return prod(one.size for one in axis)


def joined(parts: Iterable[Part]) -> Axis:
    """Parts with neighbours that continue each other as one."""
    found: list[Part] = []
    for one in parts:
        last = found[-1] if found else None
        if last is not None and last.axis == one.axis and last.step == one.size * one.step:
            found[-1] = Part(one.axis, last.size * one.size, one.step)
        else:
            found.append(one)
    return tuple(found)


def parts_on(axes: Axes, axis: int) -> Axis:
    """All parts along one axis of the volume, the slowest first, joined."""
    found = [one for own in axes for one in own if one.axis == axis]
    return joined(sorted(found, key=lambda one: -one.step))


def regrouped(axes: Axes, sizes: tuple[int, ...]) -> Axes | None:
    """The same parts, in their order, as axes of other sizes; None where that cannot be said."""
    rest = [one for own in axes for one in own]
    rest = [*joined(rest)][::-1]
    found: list[Axis] = []
    for size in sizes:
        own: list[Part] = []
        while size > 1:
            if not rest:
                return None
            one = rest.pop()
            if one.size > size:
                if one.size % size:
                    return None
                inner = one.size // size
                rest.append(Part(one.axis, inner, one.step))
                one = Part(one.axis, size, one.step * inner)
            if size % one.size:
                return None
            size //= one.size
            own.append(one)
        found.append(tuple(own))
    return None if rest else tuple(found)


def stepped(axes: Axes, axis: int, step: int) -> Axes:
    """The axes where only each `step`-th place along an axis of the volume is left."""
    return tuple(
        tuple(one._replace(step=one.step // step) if one.axis == axis else one for one in own)
        for own in axes
    )


def relabelled(axes: Axes, new: Mapping[int, int]) -> Axes:
    """The axes where those of the volume have other places."""
    return tuple(
        tuple(one._replace(axis=new.get(one.axis, one.axis)) for one in own) for own in axes
    )
