"""Merges: several volumes become one."""

from __future__ import annotations

from typing import Any, ClassVar

from cnncalc import problems as codes
from cnncalc.layers.arguments import Flag, argument
from cnncalc.layers.base import Operation
from cnncalc.layers.reach import Reach, shift
from cnncalc.layers.shape import centred
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
        "concat puts channels one behind the other",
    )
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
                raise self.unequal("differ in size", self.helps[1])
        return Volume(common, self.channels_out())

    def channels_out(self) -> int:
        if len({volume.channels for volume in self.inputs}) > 1:
            raise self.unequal("differ in channels", self.helps[2])
        return self.input.channels

    def unequal(self, how: str, help: str) -> Reject:
        texts = [volume.text() for volume in self.inputs]
        if self.parts:
            gives = [f"{part} gives {text}" for part, text in zip(self.parts, texts, strict=True)]
            help = help.replace("VOLUME", texts[0]).replace("CHANNELS", str(self.input.channels))
            return Reject(codes.UNEQUAL, f"{self.composite}: {', '.join(gives)}", help=help)
        message = f"{', '.join(texts[:-1])} and {texts[-1]} {how}"
        return Reject(codes.UNEQUAL, f"{self.kind}: {message}", argument="from", help=help)

    def reaches(self) -> list[tuple[Reach, ...]]:
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
    """The product, value by value."""

    kind = "multiply"
    sign = "×"
    aliases = ("mul",)
    example = "multiply: [one, two]"


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


class Scaling(Multiply):
    """The product of a volume with one value a channel: what a gate ends in."""

    def measure(self) -> Volume:
        volume, gate = self.inputs
        if gate.channels != volume.channels or any(size != 1 for size in gate.sizes):
            raise Reject(
                codes.UNEQUAL,
                f"a gate on {volume.text()} must give {Volume((), volume.channels).text()} or "
                f"{Volume((1,) * len(volume.sizes), volume.channels).text()}, not {gate.text()}",
            )
        return volume

    def reaches(self) -> list[Any]:
        axes = len(self.output.sizes)
        everywhere = (Reach(0, ((0, 0),)),) * axes
        return [(shift(0),) * axes, everywhere]
