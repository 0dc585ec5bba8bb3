"""Values of a graph: views of what layers give, weights, and scores on the way to an attention."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import prod

from cnncalc.exchange.axes import BATCH, CHANNELS, Axes, joined, part, parts_on, size_of
from cnncalc.exchange.model import Scope
from cnncalc.volume import Volume

Sizes = tuple[int, ...]


class Unknown(Exception):
    """An operation, or a use of it, that no kind stands for."""


@dataclass(frozen=True, slots=True)
class Where:
    """Where an operation stands: its name, its module and the modules round that one."""

    name: str
    label: str = ""
    scopes: tuple[Scope, ...] = ()


@dataclass(frozen=True, slots=True)
class Tensor:
    """A value of the graph: a view of what a layer of the model gives."""

    signal: str  # the layer, or the input
    volume: Volume  # that it gives
    axes: Axes
    starts: tuple[tuple[int, int], ...] = ()  # the first place, where it is not 0, by axis
    is_known: bool = True  # whether all operations that it comes from are
    viewed: Where | None = None  # the last view of it

    @property
    def sizes(self) -> Sizes:
        """The sizes that the file has."""
        return tuple(map(size_of, self.axes))

    @property
    def spatial(self) -> tuple[int, ...]:
        """The spatial axes of the volume."""
        return tuple(range(1, len(self.volume.sizes) + 1))

    def size(self, axis: int) -> int:
        """The size of an axis of the volume."""
        return self.volume.channels if axis == CHANNELS else self.volume.sizes[axis - 1]

    def start(self, axis: int) -> int:
        return dict(self.starts).get(axis, 0)

    def is_whole(self, axis: int) -> bool:
        """Whether it has all places along an axis of the volume."""
        return prod(one.size for one in parts_on(self.axes, axis)) == self.size(axis)

    def has_channels_at(self, place: int) -> bool:
        """Whether one of its axes is all the channels and nothing else."""
        return joined(self.axes[place]) == part(CHANNELS, self.volume.channels)

    @property
    def is_vector(self) -> bool:
        """Whether it has one position only, besides what its last axis has."""
        return not any(one.axis >= 1 for own in self.axes[:-1] for one in own)


@dataclass(frozen=True, slots=True)
class Constant:
    """A value that depends on weights and numbers alone: its sizes, and the weights it is made of.

    Weights that are standardised, interpolated or gathered before use are still those weights.
    """

    sizes: Sizes
    weights: Mapping[str, int] = field(default_factory=dict)  # and how many values each has


@dataclass(frozen=True, slots=True)
class Scores:
    """How well queries fit keys, on the way to an attention."""

    query: Tensor
    key: Tensor
    sizes: Sizes
    weights: Mapping[str, int] = field(default_factory=dict)  # that are added to them
    is_masked: bool = False  # by numbers
    are_shares: bool = False  # whether a softmax has made shares of them


def laid_out(name: str, volume: Volume, sizes: Sizes, channels: int) -> Tensor:
    """A value that is a whole volume: the batch, the axes of the volume in their order."""
    spatial = iter(enumerate(volume.sizes, 1))
    axes = [part(BATCH, sizes[0])] if sizes else []
    for place in range(1, len(sizes)):
        if place == channels:
            axes.append(part(CHANNELS, volume.channels))
        else:
            axis, size = next(spatial, (1, 1))
            axes.append(part(axis, size))
    return Tensor(name, volume, tuple(axes))


def volume_of(sizes: Sizes, channels: int) -> Volume:
    """The volume of a shape; more than three spatial axes are put in one row."""
    spatial = [size for place, size in enumerate(sizes) if place not in (0, channels)]
    if len(spatial) > 3:
        spatial = [prod(spatial)]
    return Volume(tuple(spatial), sizes[channels] if len(sizes) > 1 else 1)
