"""Layers of a graph whose values are views, in the terms of our kinds.

A reader goes through the operations of a file in order and adds a layer for those that a kind
stands for; those that none stands for become layers whose numbers are stated.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from cnncalc.exchange.axes import BATCH, CHANNELS, part, size_of
from cnncalc.exchange.forms import Forms
from cnncalc.exchange.tensor import Sizes, Tensor, Unknown, Where, laid_out, volume_of
from cnncalc.volume import Volume


class Tensors(Forms):
    """Adds layers to a model."""

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
        shape = (size_of(plain.axes[0]), volume.channels, *volume.sizes)
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
        self, where: Where, source: Tensor, units: int, bias: bool, weights: Mapping[str, int]
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
        self, where: Where, kind: str, plain: Tensor, sizes: Sizes, at: int, **arguments: Any
    ) -> None:
        """A layer on a volume of the tensor's own form, whose channels stay at the axis `at`."""
        volume = volume_of(sizes, at)
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
            found = laid_out(name, volume_of(shape, channels), shape, channels)
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
