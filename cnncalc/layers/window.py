"""Window: what convolutions and pools have in common, a kernel that slides over the volume."""

from __future__ import annotations

from math import prod
from typing import Any

from cnncalc import problems as codes
from cnncalc.arithmetic import (
    CEIL,
    EXACT,
    Pair,
    causal_padding,
    exact_size,
    extent,
    full_padding,
    nearby_fits,
    same_padding,
    same_size,
    unread,
    window_formula,
    window_size,
)
from cnncalc.layers.arguments import Padding, PerAxis, Rounding, argument
from cnncalc.layers.base import Layer, Note, positions
from cnncalc.layers.reach import Reach, window
from cnncalc.problems import Reject
from cnncalc.volume import Volume
from cnncalc.wording import show_fraction, times


class Window(Layer):
    """A kernel that slides along every spatial axis of the volume."""

    rank = (1, 3)
    shows_unit_stride = False

    kernel: tuple[int, ...] = argument(PerAxis(), "size of the window, F")
    stride: tuple[int, ...] = argument(PerAxis(), "step from one window to the next, S", 1)
    padding: Any = argument(Padding(), "rows of zeros around the input, P", ((0, 0),))
    dilation: tuple[int, ...] = argument(PerAxis(), "distance between neighbouring weights", 1)
    rounding: str | None = argument(
        Rounding(), "what becomes of a fraction in the output size [as the network says]", None
    )

    pads: tuple[Pair, ...]  # the padding as rows before and after, per axis

    def measure(self) -> Volume:
        sizes = self.input.sizes
        if isinstance(self.padding, str):
            self.pads = tuple(map(self.resolve, sizes, self.kernel, self.stride, self.dilation))
        else:
            self.pads = self.padding
        if self.padding == "same":
            return self.volume(tuple(map(same_size, sizes, self.stride)))
        rounding = self.rounding or "floor"
        result = tuple(
            window_size(size, kernel, stride, pads, dilation, rounding)
            for size, kernel, stride, pads, dilation in self.per_axis_numbers()
        )
        if min(result) < 1:
            raise self.does_not_fit(result)
        if rounding != CEIL:
            self.look_for_remainders(rounding)
        return self.volume(result)

    def volume(self, sizes: tuple[int, ...]) -> Volume:
        """The output for these sizes; pools keep the channels."""
        return Volume(sizes, self.input.channels)

    def per_axis_numbers(self) -> zip[tuple[int, int, int, Pair, int]]:
        """W, F, S, P and d of each axis."""
        return zip(
            self.input.sizes, self.kernel, self.stride, self.pads, self.dilation, strict=True
        )

    def resolve(self, size: int, kernel: int, stride: int, dilation: int) -> Pair:
        if self.padding == "same":
            return same_padding(size, kernel, stride, dilation)
        if self.padding == "causal":
            if len(self.input.sizes) != 1:
                raise Reject(
                    codes.AXES,
                    f"causal padding is for one axis, and the input {self.input.text()} has "
                    f"{len(self.input.sizes)}",
                    argument="padding",
                )
            return causal_padding(kernel, dilation)
        return full_padding(kernel, dilation)

    def does_not_fit(self, result: tuple[int, ...]) -> Reject:
        axis = next(axis for axis, size in enumerate(result) if size < 1)
        size, kernel, stride, pads, dilation = list(self.per_axis_numbers())[axis]
        largest = (size + sum(pads) - 1) // dilation + 1
        missing = extent(kernel, dilation) - size - sum(pads)
        padding = pads[0] + -(-missing // 2)
        formula = window_formula(size, kernel, stride, pads, dilation)
        return Reject(
            codes.WINDOW,
            f"kernel {times(self.kernel)} does not fit into the {self.input.text()} input",
            argument="kernel",
            detail=f"{formula} = {result[axis]}".replace("-", "−"),
            help=f"a kernel of at most {largest}, or padding: {padding}",
        )

    def look_for_remainders(self, rounding: str) -> None:
        for size, kernel, stride, pads, dilation in self.per_axis_numbers():
            left = stride > 1 and unread(size, kernel, stride, pads, dilation)
            if left and rounding == EXACT:
                raise self.inexact(size, kernel, stride, pads, dilation)
            if left and not self.notes:
                self.notes = (self.uneven(size, kernel, stride, pads, dilation),)

    def inexact(self, size: int, kernel: int, stride: int, pads: Pair, dilation: int) -> Reject:
        exact = exact_size(size, kernel, stride, pads, dilation)
        fits = nearby_fits(size, kernel, stride, pads, dilation)
        before, after = pads[0] + fits.extra_padding[0], pads[1] + fits.extra_padding[1]
        options = [
            f"{name} {' or '.join(map(str, values))}"
            for name, values in (("W", fits.sizes), ("F", fits.kernels), ("S", fits.strides))
            if values
        ]
        formula = window_formula(size, kernel, stride, pads, dilation)
        return Reject(
            codes.INEXACT,
            f"a kernel of {kernel} with stride {stride} does not come out even on {size}",
            argument="kernel",
            detail=f"{formula} = {show_fraction(exact)}",
            help=f"what fits: {', '.join(options)}, or a padding of {before} + {after}",
        )

    def uneven(self, size: int, kernel: int, stride: int, pads: Pair, dilation: int) -> Note:
        exact = exact_size(size, kernel, stride, pads, dilation)
        rows = unread(size, kernel, stride, pads, dilation)
        names = {1: "position", 2: "row and column", 3: "slice, row and column"}
        plural = {1: "positions", 2: "rows and columns", 3: "slices, rows and columns"}
        axes = len(self.input.sizes)
        unread_rows = f"the last {names[axes]}" if rows == 1 else f"the last {rows} {plural[axes]}"
        verb = "is" if rows == 1 and axes == 1 else "are"
        return Note(
            codes.UNEVEN,
            f"{show_fraction(exact)} rounded down to {exact // 1}: {unread_rows} of the padded "
            f"input {verb} not read",
            "kernel",
            f"{window_formula(size, kernel, stride, pads, dilation)} = {show_fraction(exact)}",
        )

    # What follows holds for every sliding window.

    @property
    def window_values(self) -> int:
        """F·F, the positions of one window."""
        return prod(self.kernel)

    @property
    def positions(self) -> int:
        return positions(self.output)

    def reach(self) -> tuple[Reach, ...]:
        return tuple(
            window(kernel, stride, pads[0], dilation)
            for _, kernel, stride, pads, dilation in self.per_axis_numbers()
        )

    def formula(self) -> str:
        texts = [
            f"{window_formula(*numbers)} = {size}"
            if exact_size(*numbers) == size
            else f"{window_formula(*numbers)} = {show_fraction(exact_size(*numbers))} → {size}"
            for numbers, size in zip(self.per_axis_numbers(), self.output.sizes, strict=True)
        ]
        return texts[0] if len(set(texts)) == 1 else "; ".join(texts)

    def label(self) -> str:
        text = f"{self.kind} {times(self.kernel)}"
        if self.shows_unit_stride or set(self.stride) != {1}:
            text += f"/{per_axis_text(self.stride)}"
        if set(self.dilation) != {1}:
            text += f", dilation {per_axis_text(self.dilation)}"
        return text


def per_axis_text(values: tuple[int, ...]) -> str:
    """2 where all axes agree, else 1×2."""
    return str(values[0]) if len(set(values)) == 1 else times(values)
