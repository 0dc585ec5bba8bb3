"""Forms of values: views are followed, and a layer is made of one where what reads it needs it.

Values that only change their form (views, permutations, slices) are views of a volume, see axes.py.
So a linear layer over channels that a permutation moved to the end is the 1×1 convolution it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from cnncalc.arithmetic import FLOOR
from cnncalc.exchange.axes import (
    BATCH,
    CHANNELS,
    Part,
    part,
    parts_on,
    regrouped,
    relabelled,
    size_of,
    stepped,
)
from cnncalc.exchange.model import Model, ModelError, Node
from cnncalc.exchange.tensor import Constant, Scores, Sizes, Tensor, Unknown, Where, laid_out
from cnncalc.layers.arguments import from_python
from cnncalc.layers.base import find_kind
from cnncalc.layers.maker import Maker
from cnncalc.problems import Reject
from cnncalc.volume import Volume


class Forms:
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
        volume = Volume(sizes[2:], sizes[1]) if len(sizes) > 1 else Volume((), 1)
        self.model.inputs[name] = volume
        self.values[name] = laid_out(name, volume, sizes, 1)

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

    def undo(self, count: int) -> None:
        """Take back the layers after the first `count`, of an operation that was not understood."""
        gone = {node.name: node for node in self.model.nodes[count:]}
        del self.model.nodes[count:]
        for name in gone:
            for source in self.read.pop(name):
                self.reads[source.signal] -= 1
            del self.made[name]
        self.formed = {key: made for key, made in self.formed.items() if made.signal not in gone}
        self.users = {weight: name for weight, name in self.users.items() if name not in gone}

    def keep(self, name: str, found: Tensor, *sources: Tensor) -> None:
        """A value, which is known where all are that it comes from."""
        is_known = all(source.is_known for source in sources)
        self.values[name] = replace(found, starts=(), is_known=is_known, viewed=None)

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
