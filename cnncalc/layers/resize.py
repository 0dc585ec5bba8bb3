"""Layers that resize every map by repeating values or by interpolating between them."""

from __future__ import annotations

from operator import mul
from typing import TYPE_CHECKING, ClassVar

from cnncalc import problems as codes
from cnncalc.layers.arguments import argument
from cnncalc.layers.base import Operation
from cnncalc.layers.reach import Reach, resized, whole
from cnncalc.layers.sizes import Like, PerAxis
from cnncalc.layers.values import Choice
from cnncalc.problems import Reject
from cnncalc.volume import Volume
from cnncalc.wording import count, times

if TYPE_CHECKING:
    from cnncalc.layers.derivation import Page

NEAREST, BILINEAR = "nearest", "bilinear"


class Resizing(Operation):
    """Repeats the nearest value, or interpolates along every axis between two neighbours.

    Bilinear is half-pixel, PyTorch's align_corners=False and TensorFlow 2's resize. It makes no
    connections and no multiply-adds, like pooling.
    """

    rank = (1, 3)
    method: str = argument(
        Choice(NEAREST, BILINEAR), "what comes between values; bilinear is half-pixel", NEAREST
    )

    def reach(self) -> tuple[Reach, ...]:
        """A single row is all that there is to see, whatever it is resized to."""
        linear = self.method == BILINEAR
        pairs = zip(self.input.sizes, self.output.sizes, strict=True)
        return tuple(
            resized(size, output, linear=linear) if size > 1 else whole(1) for size, output in pairs
        )

    def label(self) -> str:
        method = "" if self.method == NEAREST else f" {self.method}"
        return f"{self.kind} {self.sizes_text()}{method}"

    def sizes_text(self) -> str:
        """What decides the sizes of the output."""
        return times(self.output.sizes)


class Upsample(Resizing):
    """Enlarges every axis by a whole factor, by repeating or interpolating."""

    kind = "upsample"
    aliases = ("UpSampling",)
    primary = "factor"
    example = "upsample: {factor: 2, method: bilinear}"
    refused = "upsample: 1/2"

    factor: tuple[int, ...] = argument(PerAxis(), "whole factor, one for all axes or one for each")

    def measure(self) -> Volume:
        return Volume(tuple(map(mul, self.input.sizes, self.factor)), self.input.channels)

    def sizes_text(self) -> str:
        return times(self.factor)


class Resize(Resizing):
    """Resizes every map to given sizes, or to those of another item.

    `like` only looks at the sizes of that item: it reads none of its values.
    """

    kind = "resize"
    aliases = ("interpolate",)
    primary = "to"
    example = "resize: {to: 65x65, method: bilinear}"
    refused = "resize: {to: 0}"
    others: ClassVar = {
        "scalefactor": "upsample takes a factor: upsample: {factor: 2, method: bilinear}"
    }

    to: tuple[int, ...] | None = argument(PerAxis(), "the sizes of the output", None)
    like: Volume | None = argument(Like(), "an item whose sizes the output gets", None)

    def measure(self) -> Volume:
        if (self.to is None) == (self.like is None):
            neither = self.to is None
            raise Reject(
                codes.MISSING if neither else codes.BAD_VALUE,
                "resize has neither sizes nor like" if neither else "resize has sizes and like",
                argument="" if neither else "like",
                help="resize: 65x65, or resize: {like: name}",
            )
        return Volume(self.to or self.sizes_like(), self.input.channels)

    def sizes_like(self) -> tuple[int, ...]:
        assert self.like is not None
        if len(self.like.sizes) != len(self.input.sizes):
            raise Reject(
                codes.AXES,
                f"like names {self.like.text()}, which has {_axes(self.like)}; the input "
                f"{self.input.text()} has {_axes(self.input)}",
                argument="like",
                help="write the sizes instead, resize: 65x65",
            )
        return self.like.sizes

    def numbers(self) -> dict[str, object]:
        """The sizes of another item as if they were given."""
        return {**super().numbers(), "to": self.output.sizes, "like": None}

    def explain_output(self, page: Page) -> None:
        like = page.plain.like
        origin = f"those of {like.text()}, which like names" if like else "given"
        page.say(
            f"The sizes {times(self.output.sizes)} are {origin}; the channels stay as they are."
        )


def _axes(volume: Volume) -> str:
    return count(len(volume.sizes), "spatial axis", "spatial axes")
