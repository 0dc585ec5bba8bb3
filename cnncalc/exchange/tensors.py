"""Tensors as PyTorch and ONNX have them, in the terms of our kinds.

A reader goes through the operations of a file in order and adds a layer for those that a kind
stands for. Values that only change their form (views, permutations, slices) are followed as views
of a volume, see axes.py; a layer is made of such a change only where what reads it needs the form.
So a linear layer over channels that a permutation moved to the end is the 1×1 convolution it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from math import prod
from typing import Any

from cnncalc.arithmetic import FLOOR
from cnncalc.exchange.axes import (
    BATCH,
    CHANNELS,
    Axes,
    Part,
    joined,
    part,
    parts_on,
    regrouped,
    relabelled,
    size_of,
    sizes_of,
    stepped,
)
from cnncalc.exchange.model import Model, ModelError, Node, Scope
from cnncalc.layers.arguments import from_python
from cnncalc.layers.base import find_kind
from cnncalc.layers.maker import Maker
from cnncalc.problems import Reject
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
        return sizes_of(self.axes)

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


class Tensors:
    """The values of one graph, by name, and the model that is made of it."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.values: dict[str, Tensor] = {}
        self.scores: dict[str, Scores] = {}
        self.users: dict[str, str] = {}  # the node that first used each weight
        self.reads: dict[str, int] = {}  # how many nodes read each node
        self.made: dict[str, Node] = {}
        self.read: dict[str, Sequence[Tensor]] = {}  # what each node reads
        self.constants: dict[str, Constant] = {}
        self.maker = Maker()
        self.formed: dict[object, Tensor] = {}  # layers that only change the form, by what they do

    def input(self, name: str, sizes: Sizes) -> None:
        """An input of the graph, channels first."""
        spatial = sizes[2:]
        volume = Volume(spatial, sizes[1]) if len(sizes) > 1 else Volume((), 1)
        self.model.inputs[name] = volume
        self.values[name] = laid_out(name, volume, sizes, 1)

    # Layers.

    def emit(
        self,
        where: Where,
        kind: str,
        sources: Sequence[Tensor],
        volume: Volume | None,
        weights: Mapping[str, int] | None = None,
        **arguments: Any,
    ) -> Volume:
        """A layer that reads whole volumes; what it gives, worked out where it is not said."""
        given = {name: value for name, value in arguments.items() if value is not None}
        volume = volume or self.measured(kind, given, sources)
        used = weights or {}
        shares = self.users.get(next(iter(used)), "") if used else ""
        for name in used:
            self.users.setdefault(name, where.name)
        signals = [source.signal for source in sources]
        for signal in signals:
            self.reads[signal] = self.reads.get(signal, 0) + 1
        node = Node(
            where.name, kind, given, signals, where.label, where.scopes, volume,
            sum(used.values()), shares,
        )  # fmt: skip
        self.model.nodes.append(node)
        self.made[node.name] = node
        self.read[node.name] = sources
        return volume

    def slide(
        self,
        where: Where,
        kind: str,
        source: Tensor,
        sizes: Sizes | None,
        weights: Mapping[str, int] | None = None,
        **arguments: Any,
    ) -> None:
        """A layer along the spatial axes, channels first, such as a convolution or a pool."""
        plain = self.plain(source, where, 1)
        volume = Volume(sizes[2:], sizes[1]) if sizes is not None else None
        volume = self.emit(where, kind, [plain], volume, weights, **arguments)
        batch = plain.axes[0]
        shape = (size_of(batch), volume.channels, *volume.sizes)
        self.keep(where.name, laid_out(where.name, volume, shape, 1), source)

    def pointwise(
        self,
        where: Where,
        kind: str,
        source: Tensor,
        *,
        channels: int | None = None,
        at: int | None = None,
        weights: Mapping[str, int] | None = None,
        **arguments: Any,
    ) -> None:
        """A layer that does the same at every position, in whatever order those are.

        `channels` is how many it gives, by default as many; `at` the axis that they have to be.
        """
        source = self.whole(source, where)
        if at is not None:
            source = self.with_channels_at(source, at % len(source.axes))
        if at is not None and not source.has_channels_at(at % len(source.axes)):
            source = self.plain(source, where, at % len(source.axes))
        volume = Volume(source.volume.sizes, channels or source.volume.channels)
        self.emit(where, kind, [source], volume, weights, **arguments)
        axes = source.axes
        if at is not None and channels is not None:
            place = at % len(axes)
            axes = (*axes[:place], part(CHANNELS, channels), *axes[place + 1 :])
        found = replace(source, signal=where.name, volume=volume, axes=axes, viewed=None)
        self.keep(where.name, found, source)

    def linear(
        self,
        where: Where,
        source: Tensor,
        units: int,
        bias: bool,
        weights: Mapping[str, int],
    ) -> None:
        """A layer in which every unit reads the last axis: of a vector, or at every position."""
        source = self.with_channels_at(source, len(source.axes) - 1)
        if not source.is_vector:
            self.pointwise(
                where, "conv", source, channels=units, at=-1, weights=weights, filters=units,
                kernel=1, bias=bias,
            )  # fmt: skip
            return
        if source.viewed is not None or not source.has_channels_at(-1):
            source = self.plain(source, where, len(source.axes) - 1)
        source = self.whole(source, where)
        volume = self.emit(
            where, "fc", [source], Volume((), units), weights, units=units, bias=bias
        )
        axes = (*source.axes[:-1], part(CHANNELS, units))
        self.keep(where.name, Tensor(where.name, volume, axes), source)

    def resized(
        self,
        where: Where,
        kind: str,
        plain: Tensor,
        sizes: Sizes,
        at: int,
        **arguments: Any,
    ) -> None:
        """A layer on a volume of the tensor's own form, whose channels stay at the axis `at`."""
        volume = _volume_of(sizes, at)
        self.emit(where, kind, [plain], volume, **arguments)
        self.keep(where.name, laid_out(where.name, volume, sizes, at), plain)

    def merge(
        self, where: Where, kind: str, sources: Sequence[Tensor], *, at: int | None = None
    ) -> None:
        """A sum or product of values in one form, or the channels of all, which are axis `at`."""
        whole = [self.whole(source, where) for source in sources]
        axes = whole[0].axes
        if not all(_is_like(whole[0], other, at) for other in whole[1:]):
            place = _channel_axis(whole, at)
            whole = [self.plain(source, where, place) for source in whole]
            if kind not in ("multiply", "concat") and len({one.volume for one in whole}) > 1:
                raise Unknown  # one is stretched
            shape = tuple(map(max, zip(*(source.sizes for source in whole), strict=True)))
            widest = max((source.volume for source in whole), key=lambda one: one.values)
            axes = laid_out("", widest, shape, place).axes
        elif at is not None and not all(source.has_channels_at(at) for source in whole):
            raise Unknown
        volume = self.emit(where, kind, whole, None)
        if at is not None:
            axes = (*axes[:at], part(CHANNELS, volume.channels), *axes[at + 1 :])
        self.keep(where.name, Tensor(where.name, volume, axes), *sources)

    def reduce(self, where: Where, kind: str, source: Tensor, axes: set[int], keep: bool) -> None:
        """A global pool: over all positions, which are these axes of the tensor."""
        source = self.whole(source, where)
        rest = [own for place, own in enumerate(source.axes) if place not in axes]
        gone = [one for place in axes for one in source.axes[place]]
        if any(one.axis in (CHANNELS, BATCH) for one in gone) or any(
            one.axis >= 1 for own in rest for one in own
        ):
            raise Unknown
        volume = self.emit(where, kind, [source], None, keep=keep)
        left = (
            tuple(() if place in axes else own for place, own in enumerate(source.axes))
            if keep
            else tuple(rest)
        )
        self.keep(where.name, Tensor(where.name, volume, left), source)

    def keep(self, name: str, found: Tensor, *sources: Tensor) -> None:
        """A value, which is known where all are that it comes from."""
        is_known = all(source.is_known for source in sources)
        self.values[name] = replace(found, starts=(), is_known=is_known, viewed=None)

    def with_channels_at(self, tensor: Tensor, place: int) -> Tensor:
        """The value; the axis of an input that is first read as channels is its channels.

        They stand first in PyTorch and ONNX, but not in the input of a transformer.
        """
        name, own = tensor.signal, tensor.axes[place]
        is_new = name in self.model.inputs and not self.reads.get(name)
        if (
            not is_new
            or len(own) != 1
            or own[0].axis < 1
            or own[0].size != tensor.size(own[0].axis)
        ):
            return tensor
        order = [CHANNELS, *tensor.spatial]
        order.remove(own[0].axis)
        new = {own[0].axis: CHANNELS} | {old: axis for axis, old in enumerate(order, 1)}
        volume = Volume(tuple(tensor.size(axis) for axis in order), own[0].size)
        self.model.inputs[name] = volume
        for key, value in self.values.items():
            if value.signal == name:
                self.values[key] = replace(value, volume=volume, axes=relabelled(value.axes, new))
        return replace(tensor, volume=volume, axes=relabelled(tensor.axes, new))

    def measured(self, kind: str, given: Mapping[str, Any], sources: Sequence[Tensor]) -> Volume:
        """The volume that a layer gives, as the engine works it out. Raises ModelError."""
        cls, _ = find_kind(kind) or (None, None)
        assert cls is not None
        try:
            values = {name: from_python(value) for name, value in given.items()}
            typed, refused = self.maker.read(cls, values, FLOOR)
            if refused:
                raise refused[0]
            volumes = tuple(source.volume for source in sources)
            return self.maker.make(cls, typed, volumes).output
        except Reject as reject:
            if kind in ("add", "concat", "multiply"):
                raise Unknown from None  # numbers that are no volumes
            text = f"{kind}: {'; '.join(filter(None, (reject.message, reject.detail)))}"
            raise ModelError(text) from None

    # Operations that no kind stands for.

    def custom(
        self,
        operation: str,
        where: Where,
        place: str,
        sources: Sequence[Tensor],
        volume: Volume,
        weights: Mapping[str, int],
        macs: int = 0,
    ) -> None:
        """A layer whose numbers are only stated; `place` is where it is said to be."""
        self.model.unknown.append((operation, place))
        name = operation.removeprefix("aten.").partition(".")[0].strip("_")
        where = Where(where.name, where.label, where.scopes)
        own = {key: number for key, number in weights.items() if key not in self.users}
        self.emit(
            where, "custom", sources, volume, own, output=volume.text("x"),
            parameters=sum(own.values()) or None, macs=macs or None,
        )  # fmt: skip
        self.made[where.name].called = name

    def unknown(
        self,
        operation: str,
        where: Where,
        place: str,
        sources: Iterable[str],
        results: Mapping[str, Sizes | None],
        weights: Mapping[str, int],
        *,
        may_follow: bool,
    ) -> None:
        """An operation that no kind stands for, and custom layers for what it gives.

        One that `may_follow` from an unknown value that it reads, since kinds stand for other uses
        of it, is not listed then.
        """
        if not results:
            return  # nothing reads what it gives
        read, weights = self.known(sources, weights)
        if not read:
            self.model.unknown.append((operation, place))
            return
        listed = len(self.model.unknown)
        for name, sizes in results.items():
            if not name:
                continue
            shape = sizes or (1, 1, 1, 1)
            channels = next((_channels_like(one, shape) for one in read), 1)
            found = laid_out(name, _volume_of(shape, channels), shape, channels)
            whole = [*{one.signal: one for one in read}.values()]
            here = Where(name, where.label, where.scopes)
            self.custom(operation, here, place, whole, found.volume, weights)
            self.values[name] = replace(found, is_known=False)
        if may_follow and not all(one.is_known for one in read):
            del self.model.unknown[listed:]
        else:
            del self.model.unknown[listed + 1 :]
            if len(self.model.unknown) == listed:
                self.model.unknown.append((operation, place))

    def known(
        self, names: Iterable[str], weights: Mapping[str, int]
    ) -> tuple[list[Tensor], Mapping[str, int]]:
        """The values among names, those too that scores are made of, and the weights."""
        read: list[Tensor] = []
        for name in dict.fromkeys(names):
            if found := self.scores.get(name):
                read += [found.query, found.key]
                weights = {**weights, **found.weights}
            elif name in self.values:
                read.append(self.values[name])
        return read, weights

    # Forms.

    def result(self, name: str) -> str:
        """The signal that a result of the graph is, in the form that it has there."""
        tensor = self.values[name]
        channels = 1 if tensor.has_channels_at(1) or len(tensor.axes) == 2 else -1
        with suppress(Unknown):
            return self.plain(tensor, Where(name), channels % len(tensor.axes)).signal
        return self.whole(tensor, Where(name)).signal

    def alias(self, name: str, tensor: Tensor) -> None:
        """Another name of a value."""
        self.values[name] = tensor

    def view(self, where: Where, tensor: Tensor, sizes: Sizes) -> None:
        """The same values in other sizes."""
        axes = regrouped(tensor.axes, sizes)
        if axes is None:
            tensor = self.plain(self.whole(tensor, where), where, 1)
            channels = 1 if len(sizes) != 3 or sizes[1] == tensor.volume.channels else 2
            spatial = tuple(size for place, size in enumerate(sizes) if place not in (0, channels))
            if len(spatial) > 3 or not spatial or sizes[0] != tensor.sizes[0]:
                raise Unknown
            volume = Volume(spatial, sizes[channels])
            self.emit(where, "reshape", [tensor], volume, to=volume.text("x"))
            self.keep(where.name, laid_out(where.name, volume, sizes, channels), tensor)
            return
        self.values[where.name] = replace(tensor, axes=axes, viewed=where)

    def permute(self, where: Where, tensor: Tensor, order: Sequence[int]) -> None:
        """The axes in another order."""
        axes = tuple(tensor.axes[place] for place in order)
        self.values[where.name] = replace(tensor, axes=axes)

    def select(self, where: Where, tensor: Tensor, place: int, index: int) -> None:
        """One place along an axis, which is no axis any more."""
        found = self.cut(where, tensor, place, index, index + 1, 1)
        axes = (*found.axes[:place], *found.axes[place + 1 :])
        self.values[where.name] = replace(found, axes=axes)

    def cut(
        self, where: Where, tensor: Tensor, place: int, start: int, end: int, step: int = 1
    ) -> Tensor:
        """Some places along an axis."""
        if len(tensor.axes[place]) > 1 and end - start > 1:
            tensor = self.plain(tensor, where, place)
        own, number = tensor.axes[place], len(range(start, end, step))
        starts = dict(tensor.starts)
        if number == size_of(own):
            return tensor
        if number == 1:  # the digits of the place, one for each part
            for one in reversed(own):
                start, digit = divmod(start, one.size)
                starts[one.axis] = starts.get(one.axis, 0) + digit * one.step
            changed: tuple[Part, ...] = ()
        elif len(own) == 1:
            (one,) = own
            starts[one.axis] = starts.get(one.axis, 0) + start * one.step
            changed = (Part(one.axis, number, one.step * step),)
        else:
            raise Unknown
        axes = (*tensor.axes[:place], changed, *tensor.axes[place + 1 :])
        if BATCH in starts:
            raise Unknown
        return replace(tensor, axes=axes, starts=tuple(starts.items()))

    def whole(self, tensor: Tensor, where: Where) -> Tensor:
        """The value as one that has all of a volume: a layer gives the part of it."""
        if not tensor.is_whole(CHANNELS):
            tensor = self.part_of(tensor, (CHANNELS,), where)
        return self.with_all_positions(tensor, where)

    def with_all_positions(self, tensor: Tensor, where: Where) -> Tensor:
        """The value as one that has all positions of a volume, and maybe not all channels."""
        axes = tuple(axis for axis in tensor.spatial if not tensor.is_whole(axis))
        return self.part_of(tensor, axes, where) if axes else tensor

    def part_of(self, tensor: Tensor, axes: tuple[int, ...], where: Where) -> Tensor:
        """The value as one that has all of what a layer keeps along some axes."""
        kept = {axis: _kept(tensor, axis) for axis in axes}
        starts = {axis: tensor.start(axis) for axis in axes}
        key = (tensor.signal, *kept.values(), *starts.items())
        if key not in self.formed:
            kind, arguments = _keeping(tensor, kept, starts)
            here = self.between(tensor, where)
            volume = self.emit(here, kind, [tensor], None, **arguments)
            self.formed[key] = Tensor(here.name, volume, ())
        made = self.formed[key]
        found = tensor.axes
        for axis, one in kept.items():
            found = stepped(found, axis, one.step)
        left = tuple((axis, start) for axis, start in tensor.starts if axis not in axes)
        return replace(tensor, signal=made.signal, volume=made.volume, axes=found, starts=left)

    def between(self, tensor: Tensor, where: Where) -> Where:
        """Where a layer stands that only gives a value the form in which an operation reads it."""
        scopes = where.scopes
        if tensor.viewed is not None:
            pairs = zip(scopes, tensor.viewed.scopes, strict=False)
            same = [one == other for one, other in pairs]
            scopes = scopes[: (same.index(False) if False in same else len(same))]
        return Where(f"{where.name}:{len(self.model.nodes)}", "", scopes)

    def plain(self, tensor: Tensor, where: Where, channels: int) -> Tensor:
        """The value as a volume of its own form: its axis `channels` and the others, in order."""
        tensor = self.with_channels_at(self.whole(tensor, where), channels)
        if any(one.axis != BATCH for one in tensor.axes[0]) or channels >= len(tensor.axes):
            raise Unknown
        rest = [own for place, own in enumerate(tensor.axes) if place not in (0, channels)]
        spatial = tuple(map(size_of, rest))
        if len(spatial) > 3:
            raise Unknown
        volume = Volume(spatial, size_of(tensor.axes[channels]))
        if tensor.has_channels_at(channels) and volume == tensor.volume and _in_order(rest, tensor):
            return tensor
        key = (tensor.signal, tensor.axes, channels)
        if key not in self.formed:
            here = self.between(tensor, where)
            kind, arguments = _forming(tensor, rest, channels, volume)
            self.emit(here, kind, [tensor], volume, **arguments)
            self.formed[key] = laid_out(here.name, volume, tensor.sizes, channels)
        return replace(self.formed[key], is_known=tensor.is_known)


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


def _is_like(one: Tensor, other: Tensor, at: int | None) -> bool:
    """Whether two values have one form, but for how many channels there are at an axis."""
    if one.volume.sizes != other.volume.sizes:
        return False
    if at is None:
        return one.axes == other.axes and one.volume == other.volume
    mine, theirs = ([*value.axes] for value in (one, other))
    if not one.has_channels_at(at) or not other.has_channels_at(at):
        return False
    del mine[at], theirs[at]
    return mine == theirs


def _channel_axis(values: Sequence[Tensor], at: int | None) -> int:
    """The axis at which all values have their channels."""
    if at is not None:
        return at
    if len({len(value.axes) for value in values}) > 1:
        raise Unknown
    places: list[int] = [1, *range(len(values[0].axes) - 1, 1, -1)]
    for place in places:
        if all(value.has_channels_at(place) for value in values):
            return place
    raise Unknown


def _channels_like(tensor: Tensor, sizes: Sizes) -> int:
    """The axis of the channels in what an unknown operation gives: where they were before."""
    places = [place for place in range(1, len(tensor.axes)) if tensor.has_channels_at(place)]
    if len(sizes) == len(tensor.axes) and places:
        return places[0]
    return len(sizes) - 1 if len(sizes) == 3 else 1


def _volume_of(sizes: Sizes, channels: int) -> Volume:
    """The volume of a shape; more than three spatial axes are put in one row."""
    spatial = [size for place, size in enumerate(sizes) if place not in (0, channels)]
    if len(spatial) > 3:
        spatial = [prod(spatial)]
    return Volume(tuple(spatial), sizes[channels] if len(sizes) > 1 else 1)


def _in_order(rest: Sequence[tuple[Part, ...]], tensor: Tensor) -> bool:
    """Whether spatial axes are those of the volume, in their order, however they are joined."""
    wanted = [one for axis in tensor.spatial for one in part(axis, tensor.size(axis))]
    found = regrouped(tuple(rest), tuple(one.size for one in wanted))
    return found == tuple((one,) for one in wanted)


def _kept(tensor: Tensor, axis: int) -> Part:
    """The places that a value has along an axis. Unknown where those are no even row."""
    parts = parts_on(tensor.axes, axis)
    if len(parts) > 1:
        raise Unknown
    step = tensor.size(axis) if axis != CHANNELS else 1
    return parts[0] if parts else Part(axis, 1, step)


def _keeping(
    tensor: Tensor, kept: Mapping[int, Part], starts: Mapping[int, int]
) -> tuple[str, dict[str, Any]]:
    """The layer that keeps these places along some axes."""
    if CHANNELS in kept:
        if kept[CHANNELS].step != 1:
            raise Unknown
        return "slice", {"channels": kept[CHANNELS].size, "start": starts[CHANNELS] or None}
    even = all(
        starts[axis] == 0 and one.size == -(-tensor.size(axis) // one.step)
        for axis, one in kept.items()
    )
    if even:
        return "slice", {"every": [kept[a].step if a in kept else 1 for a in tensor.spatial]}
    if any(one.step != 1 for one in kept.values()) or len(tensor.spatial) != 2:
        raise Unknown
    size = {}
    for axis, (first, last) in enumerate((("top", "bottom"), ("left", "right")), 1):
        if axis in kept:
            size[first] = starts[axis]
            size[last] = tensor.size(axis) - starts[axis] - kept[axis].size
    return "crop", {"size": size}


def _forming(
    tensor: Tensor, rest: list[tuple[Part, ...]], channels: int, volume: Volume
) -> tuple[str, dict[str, Any]]:
    """The layer that gives a value the form that its axes say."""
    own = tensor.axes[channels]
    if not volume.sizes:
        return "flatten", {}
    if tensor.has_channels_at(channels) and _in_order(rest, tensor):
        return "reshape", {"to": volume.text("x")}
    if all(one.axis == CHANNELS for one in own) and _in_order(rest, tensor) and len(own) == 2:
        if own[0].step == 1:
            return "channel_shuffle", {"groups": own[1].size}
    elif all(len(other) == 1 and other[0].axis == axis for axis, other in enumerate(rest, 1)):
        factors = {other[0].step for other in rest}
        if len(factors) == 1 and volume.channels % tensor.volume.channels == 0:
            return "space_to_depth", {"factor": factors.pop()}
    elif all([one.axis for one in other] == [axis, CHANNELS] for axis, other in enumerate(rest, 1)):
        factors = {other[1].size for other in rest}
        if len(factors) == 1:
            return "pixel_shuffle", {"factor": factors.pop()}
    if not any(one.axis >= 1 for other in rest for one in other):
        return "reshape", {"to": volume.text("x")}  # of a flattened volume: 1x1xC
    raise Unknown
