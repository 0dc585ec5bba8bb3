"""Layers that move values about: nothing is computed, nothing learned."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

from cnncalc import problems as codes
from cnncalc.arithmetic import Pair, same_size
from cnncalc.layers.arguments import argument
from cnncalc.layers.base import Operation
from cnncalc.layers.reach import Reach, enlarged, shift, window
from cnncalc.layers.sizes import Padding, PerAxis, Shape, wrong_axes
from cnncalc.layers.values import Type, Whole
from cnncalc.problems import Reject
from cnncalc.volume import MAX_NUMBER, Volume
from cnncalc.wording import padding_text, per_axis_text, times

if TYPE_CHECKING:
    from cnncalc.layers.derivation import Page


class Flatten(Operation):
    """All values as one vector."""

    kind = "flatten"
    in_place = True

    def measure(self) -> Volume:
        return Volume((), self.input.values)

    def explain_output(self, page: Page) -> None:
        page.derive("values", self.output.channels, "one behind the other")


class Identity(Operation):
    """Hands its input on."""

    kind = "identity"
    in_place = True


class Reshape(Operation):
    """The same values in another volume."""

    kind = "reshape"
    primary = "to"
    in_place = True
    example = "reshape: 16x16x16"
    refused = "reshape: 10x10"

    to: Volume = argument(Shape(), "a volume with as many values")

    def measure(self) -> Volume:
        if self.to.values != self.input.values:
            raise Reject(
                codes.LAYER,
                f"{self.to.text()} has {self.to.values:,} values, the input {self.input.text()} "
                f"has {self.input.values:,}",
                argument="to",
            )
        return self.to

    def explain_output(self, page: Page) -> None:
        page.derive("values", self.input.values, f"as many as {self.to.text()} has")


class PixelShuffle(Operation):
    """Turns channels into resolution: f·f times fewer of them, every axis f times as long."""

    kind = "pixel_shuffle"
    aliases = ("depth_to_space",)
    rank = (1, 3)
    primary = "factor"
    shows_primary = True
    example = "pixel_shuffle: 2"
    refused = "pixel_shuffle: 3"

    factor: int = argument(Whole(), "how much longer every axis becomes, f")

    def measure(self) -> Volume:
        parts = prod((self.factor,) * len(self.input.sizes))
        if self.input.channels % parts:
            raise Reject(
                codes.DIVISION,
                f"{self.input.channels} channels are not a multiple of {parts}",
                argument="factor",
            )
        sizes = tuple(size * self.factor for size in self.input.sizes)
        return Volume(sizes, self.input.channels // parts)

    def reach(self) -> tuple[Reach, ...]:
        return (enlarged(self.factor),) * len(self.input.sizes)


class SpaceToDepth(Operation):
    """Turns resolution into channels, the inverse of pixel_shuffle."""

    kind = "space_to_depth"
    aliases = ("pixel_unshuffle",)
    rank = (1, 3)
    primary = "factor"
    shows_primary = True
    example = "space_to_depth: 2"
    refused = "space_to_depth: 3"

    factor: int = argument(Whole(), "how much shorter every axis becomes, f")

    def measure(self) -> Volume:
        for size in self.input.sizes:
            if size % self.factor:
                raise Reject(
                    codes.DIVISION,
                    f"a size of {size} is not a multiple of {self.factor}",
                    argument="factor",
                )
        sizes = tuple(size // self.factor for size in self.input.sizes)
        return Volume(sizes, self.input.channels * prod((self.factor,) * len(sizes)))

    def reach(self) -> tuple[Reach, ...]:
        return tuple(window(self.factor, self.factor, 0) for _ in self.input.sizes)


class ChannelShuffle(Operation):
    """Mixes the channels of several groups (ShuffleNet, Zhang et al. 2017)."""

    kind = "channel_shuffle"
    primary = "groups"
    shows_primary = True
    example = "channel_shuffle: 2"
    refused = "channel_shuffle: 3"

    groups: int = argument(Whole(), "number of groups; they divide the channels")

    def measure(self) -> Volume:
        if self.input.channels % self.groups:
            raise Reject(
                codes.DIVISION,
                f"{self.groups} groups do not divide the {self.input.channels} channels",
                argument="groups",
            )
        return self.input


class Every(PerAxis):
    """A step along the rows, which a vector has none of."""

    def bind(self, value: int | tuple[int, ...], axes: int) -> tuple[int, ...]:
        if axes == 0 and value != 1:
            raise wrong_axes("{argument} takes each n-th row", axes)
        return super().bind(value, axes)


class Slice(Operation):
    """Some neighbouring channels of the input, or each n-th of its rows and columns.

    `every: 2` is the shortcut without parameters of the CIFAR ResNets (He et al. 2015).
    """

    kind = "slice"
    primary = "channels"
    example = "slice: {channels: 2, start: 1, every: 2}"
    refused = "slice: {channels: 4, start: 1}"

    channels: int = argument(Whole(), "how many channels are kept [all from start on]", None)
    start: int = argument(Whole(minimum=0), "the first of them, counted from 0", 0)
    every: tuple[int, ...] = argument(Every(), "each n-th row and column is kept, n", 1)

    def measure(self) -> Volume:
        if self.channels is None:
            self.channels = max(self.input.channels - self.start, 1)
        if self.start + self.channels > self.input.channels:
            raise Reject(
                codes.LAYER,
                f"channels {self.start} to {self.start + self.channels - 1} are wanted, the input "
                f"has 0 to {self.input.channels - 1}",
                argument="channels",
            )
        return Volume(tuple(map(same_size, self.input.sizes, self.every)), self.channels)

    def label(self) -> str:
        texts = [self.kind]
        if self.channels < self.input.channels or set(self.every) <= {1}:
            texts.append(f"{self.start} to {self.start + self.channels - 1}")
        if set(self.every) - {1}:
            texts.append(f"every {per_axis_text(self.every)}")
        return " ".join(texts)

    def explain_output(self, page: Page) -> None:
        super().explain_output(page)
        last = self.start + self.channels - 1
        page.say(f"Of the channels, counted from 0, {self.start} to {last} are kept.")

    def reach(self) -> tuple[Reach, ...]:
        """Of a vector that went into the network the channels are the rows."""
        if not self.input.sizes:
            return (shift(self.start),)
        return tuple(window(1, every, 0) for every in self.every)


class CropSize(PerAxis):
    """The size that is left, or the rows that are taken away."""

    expects = (
        "a size, one per axis as 24x24 or [24, 24], or {top, bottom, left, right} to take away"
    )
    json_types: tuple[str, ...] = ("integer", "string", "array", "object")
    sides = Padding.sides

    def __init__(self) -> None:
        super().__init__()
        self.expects = CropSize.expects
        self.taken = Padding(symbolic=False)

    def read(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {"taken": self.taken.read(value)}
        return super().read(value)

    def bind(self, value: Any, axes: int) -> Any:
        if isinstance(value, dict):
            return {"taken": self.taken.bind(value["taken"], axes)}
        return super().bind(value, axes)

    def show(self, value: object) -> Any:
        return self.taken.show(value["taken"]) if isinstance(value, dict) else super().show(value)


class Crop(Operation):
    """Cuts a centred piece out of the volume, or rows off its sides."""

    kind = "crop"
    aliases = ("cropping",)
    rank = (1, 3)
    primary = "size"
    example = "crop: 24"
    refused = "crop: 40"

    size: Any = argument(CropSize(), "the size that is left, centred, or the rows taken off")

    taken: tuple[Pair, ...]  # rows taken off before and after, per axis

    def measure(self) -> Volume:
        if isinstance(self.size, dict):
            self.taken = self.size["taken"]
        else:
            self.taken = tuple(map(centred, self.input.sizes, self.size))
        sizes = tuple(
            size - (before + after)
            for size, (before, after) in zip(self.input.sizes, self.taken, strict=True)
        )
        if min(sizes) < 1 or min(map(min, self.taken)) < 0:
            wanted = times(self.size) if not isinstance(self.size, dict) else "that much"
            raise Reject(
                codes.LAYER,
                f"cannot crop {wanted} out of the {self.input.text()} input",
                argument="size",
            )
        return Volume(sizes, self.input.channels)

    def reach(self) -> tuple[Reach, ...]:
        return tuple(shift(before) for before, _ in self.taken)

    def numbers(self) -> dict[str, Any]:
        """A size as the rows that are taken off for it."""
        return {"size": {"taken": self.taken}}

    def label(self) -> str:
        return f"{self.kind} {padding_text(self.taken)}"


def centred(size: int, left: int) -> Pair:
    """The rows to take off before and after; an odd one goes after."""
    return (size - left) // 2, size - left - (size - left) // 2


class ChannelPadding(Type):
    """Maps of zeros before and after the channels."""

    expects = "[before, after]"
    json_types: tuple[str, ...] = ("array", "string")

    def read(self, value: Any) -> Pair:
        ok = isinstance(value, list) and len(value) == 2
        if ok and all(type(maps) is int and 0 <= maps <= MAX_NUMBER for maps in value):
            return value[0], value[1]
        raise self.refuse(value)

    def show(self, value: Pair) -> list[int]:
        return list(value)


class ZeroPad(Operation):
    """Adds rows, or whole maps, of zeros (the shortcut of the CIFAR ResNets, He et al. 2015)."""

    kind = "zero_pad"
    aliases = ("zero_padding", "ZeroPadding")
    primary = "padding"
    example = "zero_pad: 1"
    refused = "zero_pad: -1"

    padding: tuple[Pair, ...] = argument(
        Padding(symbolic=False), "rows of zeros, as for conv", ((0, 0),)
    )
    channels: Pair = argument(ChannelPadding(), "maps of zeros before and after", (0, 0))

    def measure(self) -> Volume:
        sizes = tuple(
            size + sum(pads) for size, pads in zip(self.input.sizes, self.padding, strict=True)
        )
        return Volume(sizes, self.input.channels + sum(self.channels))

    def reach(self) -> tuple[Reach, ...]:
        return tuple(shift(-before) for before, _ in self.padding)

    def label(self) -> str:
        rows = f" {padding_text(self.padding)}" if any(map(any, self.padding)) else ""
        maps = f", channels {padding_text([self.channels])}" if any(self.channels) else ""
        return f"{self.kind}{rows}{maps}"
