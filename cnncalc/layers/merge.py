"""Merges: several volumes become one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from cnncalc import problems as codes
from cnncalc.layers.arguments import argument
from cnncalc.layers.base import Operation
from cnncalc.layers.reach import Reach, shift
from cnncalc.layers.shape import centred
from cnncalc.layers.values import Flag
from cnncalc.problems import Reject
from cnncalc.volume import Volume


class Merge(Operation):
    """Combines two or more volumes; `crop: true` first crops them, centred, to the smallest."""

    primary = "from"
    sign: ClassVar[str]  # what stands in its place in a picture
    crop: bool = argument(Flag(), "crop the volumes, centred, to the smallest", False)

    # What helps where axes, sizes or channels differ; at the end of a composite it says so itself,
    # and what it and its parts are called.
    helps: tuple[str, str, str] = (
        "flatten makes a vector of any volume",
        "crop: true crops to the smallest",
        "PROJECTION on the way to the one with fewer; concat puts channels one behind the other",
    )
    # What helps where a stride makes two volumes equal, and an upsample does too.
    strided = "stride: STRIDE on the way to the larger one"
    upsampled = ", or upsample: STRIDE on the way to the smaller; crop: true only crops"
    composite = ""
    parts: tuple[str, ...] = ()

    def measure(self) -> Volume:
        sizes = [volume.sizes for volume in self.inputs]
        if len({len(axes) for axes in sizes}) > 1:
            raise self.unequal("have different numbers of axes", self.helps[0])
        if self.crop:
            common = tuple(map(min, zip(*sizes, strict=True)))
        else:
            common = sizes[0]
            if any(axes != common for axes in sizes):
                raise self.unequal("differ in size", self.stride_help() or self.helps[1])
        return Volume(common, self.channels_out())

    def stride_help(self) -> str:
        """The stride that makes two volumes equal, where one does: 28×28 of 56×56."""
        large, small = sorted(self.inputs, key=lambda volume: volume.sizes, reverse=True)[:2]
        axes = [*zip(large.sizes, small.sizes, strict=True)]
        stride = -(-axes[0][0] // axes[0][1])
        if len(self.inputs) > 2 or (self.composite and large is self.input):
            return ""  # a body cannot be made smaller by what stands beside it
        if stride < 2 or any(-(-wide // stride) != narrow for wide, narrow in axes):
            return ""
        fits = self.strided and all(narrow * stride == wide for wide, narrow in axes)
        help = self.strided + (self.upsampled if fits else "")
        return help.replace("STRIDE", str(stride))

    def channels_out(self) -> int:
        if len({volume.channels for volume in self.inputs}) > 1:
            raise self.unequal("differ in channels", self.helps[2])
        return self.input.channels

    def unequal(self, how: str, help: str) -> Reject:
        texts = [volume.text() for volume in self.inputs]
        help = help.replace("VOLUME", texts[0]).replace("PROJECTION", self.projection())
        help = help.replace("CHANNELS", str(self.input.channels))
        if self.parts:
            gives = [f"{part} gives {text}" for part, text in zip(self.parts, texts, strict=True)]
            return Reject(codes.UNEQUAL, f"{self.composite}: {', '.join(gives)}", help=help)
        message = f"{', '.join(texts[:-1])} and {texts[-1]} {how}"
        return Reject(codes.UNEQUAL, f"{self.kind}: {message}", argument="from", help=help)

    def projection(self) -> str:
        """The layer that gives the channels that are wanted: those of a body, else the most."""
        wanted = max(volume.channels for volume in self.inputs)
        if self.composite:
            wanted = self.input.channels
        return f"conv: {{filters: {wanted}, kernel: 1}}" if self.input.sizes else f"fc: {wanted}"

    def reaches(self) -> Sequence[tuple[Reach | None, ...]]:
        """For each input, which of its rows an output row sees."""
        return [
            tuple(
                shift(centred(size, out)[0])
                for size, out in zip(volume.sizes, self.output.sizes, strict=True)
            )
            for volume in self.inputs
        ]


class Add(Merge):
    """The sum, value by value; all volumes are equal (ResNet, He et al. 2015)."""

    kind = "add"
    sign = "+"
    aliases = ("sum",)
    example = "add: [one, two]"


class Subtract(Merge):
    """The first volume minus the second."""

    kind = "subtract"
    sign = "−"
    example = "subtract: [one, two]"

    def channels_out(self) -> int:
        if len(self.inputs) != 2:
            raise Reject(
                codes.UNEQUAL,
                f"subtract takes two volumes, not {len(self.inputs)}",
                argument="from",
            )
        return super().channels_out()


class Multiply(Merge):
    """The product, value by value; what has size 1 is stretched to the others.

    For each axis and the channels the sizes other than 1 must be equal; a vector of C counts as
    1x1xC (CBAM, Woo et al. 2018). Size 1 is never a target of `crop`.
    """

    kind = "multiply"
    sign = "×"
    aliases = ("mul",)
    example = "multiply: [one, two]"

    def measure(self) -> Volume:
        axes = max(len(volume.sizes) for volume in self.inputs)
        shapes = [_with_ones(volume, axes) for volume in self.inputs]
        if any(len(shape) != axes + 1 for shape in shapes):
            raise self.unequal("have different numbers of axes", self.helps[0])
        *sizes, channels = (
            [size for size in along if size != 1] or [1] for along in zip(*shapes, strict=True)
        )
        if not self.crop and any(len(set(along)) > 1 for along in sizes):
            raise self.unequal("differ in size", self.helps[1])
        if len(set(channels)) > 1:
            raise self.unequal("differ in channels", self.helps[2])
        return Volume(tuple(map(min, sizes)), channels[0])

    def reaches(self) -> Sequence[tuple[Reach | None, ...]]:
        """None where an input is stretched."""
        axes = len(self.output.sizes)
        shapes = (_with_ones(volume, axes) for volume in self.inputs)
        return [
            tuple(
                None if size == 1 < out else shift(centred(size, out)[0])
                for size, out in zip(shape[:-1], self.output.sizes, strict=True)
            )
            for shape in shapes
        ]


def _with_ones(volume: Volume, axes: int) -> tuple[int, ...]:
    """The shape with as many axes as the other volumes have, where it is a vector."""
    return volume.shape if volume.sizes else (*(1,) * axes, volume.channels)


class Gating(Multiply):
    """The product of a volume with what a gate makes of it."""

    def unequal(self, how: str, help: str) -> Reject:
        volume, gate = self.inputs
        ones = Volume((1,) * len(volume.sizes), volume.channels)
        vector = Volume((), volume.channels)
        return Reject(
            codes.UNEQUAL,
            f"a gate on {volume.text()} must give {vector.text()} or {ones.text()}, "
            f"not {gate.text()}",
            help=f"any of the numbers of {volume.text()} may be 1",
        )


class Average(Merge):
    """The mean, value by value."""

    kind = "average"
    sign = "avg"
    example = "average: [one, two]"


class Maximum(Merge):
    """The larger value at each place."""

    kind = "maximum"
    sign = "max"
    example = "maximum: [one, two]"


class Concat(Merge):
    """The channels of all volumes, one behind the other; their sizes are equal."""

    kind = "concat"
    sign = "concat"
    aliases = ("concatenate",)
    example = "concat: [one, two]"

    def channels_out(self) -> int:
        return sum(volume.channels for volume in self.inputs)
