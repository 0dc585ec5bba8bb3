"""Transposed convolutions: each value of the input spreads a kernel over the output."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from cnncalc import problems as codes
from cnncalc.arithmetic import Pair, extent, touching, transposed_same_padding, transposed_size
from cnncalc.layers.arguments import argument
from cnncalc.layers.base import positions
from cnncalc.layers.conv import Conv
from cnncalc.layers.reach import Reach, transposed
from cnncalc.layers.sizes import Padding, PerAxis
from cnncalc.layers.window import Window
from cnncalc.problems import Reject
from cnncalc.volume import Volume
from cnncalc.wording import minus, per_axis_text, times

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnncalc.layers.derivation import Page


class TransposedConv(Conv):
    """Transposed convolution: every input value spreads a weighted kernel over the output.

    O = (W − 1)S − P_before − P_after + d(F − 1) + 1 + output_padding, the size whose convolution
    gives W (Dumoulin and Visin 2016; PyTorch's ConvTranspose).
    """

    kind = "transposed_conv"
    aliases = ("conv_transpose", "deconv", "upconv", "transposed_convolution", "deconvolution")
    example = "transposed_conv: {filters: 2, kernel: 2, stride: 2}"
    refused = "transposed_conv: {filters: 2, kernel: 2, output_padding: 1}"

    connection_table = None
    rounding = None
    padding: str | tuple[Pair, ...] = argument(
        Padding(), "rows taken off the sides of the output, P", ((0, 0),)
    )
    output_padding: tuple[int, ...] = argument(
        PerAxis(minimum=0), "rows added after the output, below max(S, d)", 0
    )

    def measure(self) -> Volume:
        self.check_groups()
        if self.padding == "same":
            self.pads = tuple(map(transposed_same_padding, self.kernel, self.stride, self.dilation))
        elif isinstance(self.padding, str):
            self.pads = tuple(
                map(self.resolve, self.input.sizes, self.kernel, self.stride, self.dilation)
            )
        else:
            self.pads = self.padding
        self.check_output_padding()
        sizes = tuple(
            transposed_size(*numbers, extra)
            for numbers, extra in zip(self.per_axis_numbers(), self.output_padding, strict=True)
        )
        if min(sizes) < 1:
            raise Reject(
                codes.WINDOW,
                f"the padding takes away all of the output of the {self.input.text()} input",
                argument="padding",
                detail=next(
                    text for text, size in zip(self.formulas(sizes), sizes, strict=True) if size < 1
                ),
                help="less padding",
            )
        return Volume(sizes, self.filters)

    def check_output_padding(self) -> None:
        """Refuse rows that padding or the next position would give too."""
        if self.padding == "same" and any(self.output_padding):
            raise Reject(
                codes.BAD_VALUE,
                "padding: same leaves no choice of output_padding",
                argument="output_padding",
            )
        for extra, stride, dilation in zip(
            self.output_padding, self.stride, self.dilation, strict=True
        ):
            if extra >= max(stride, dilation):
                raise Reject(
                    codes.BAD_VALUE,
                    f"output_padding {extra} must be smaller than the stride or the dilation, "
                    f"here {max(stride, dilation)}",
                    argument="output_padding",
                )

    def formulas(self, sizes: tuple[int, ...]) -> list[str]:
        return [
            _transposed_formula(numbers, extra, size)
            for numbers, extra, size in zip(
                self.per_axis_numbers(), self.output_padding, sizes, strict=True
            )
        ]

    def formula(self) -> str:
        return per_axis_text(self.formulas(self.output.sizes), "; ")

    def reach(self) -> tuple[Reach, ...]:
        return tuple(
            transposed(kernel, stride, pads, dilation)
            for _, kernel, stride, pads, dilation in self.per_axis_numbers()
        )

    @property
    def macs(self) -> int:
        return positions(self.input) * self.weights

    @property
    def connections(self) -> int:
        return self.macs + (self.neurons if self.bias else 0)

    @property
    def positions(self) -> int:
        """The places a filter is put down at, one for each position of the input."""
        return positions(self.input)

    @property
    def links_outside(self) -> int:
        """Products that land on the rows that padding takes off."""
        inside = prod(
            touching(size, kernel, stride, dilation, (pads[0], pads[0] + output))
            for output, (size, kernel, stride, pads, dilation) in zip(
                self.output.sizes, self.per_axis_numbers(), strict=True
            )
        )
        return self.links - self.links * inside // (self.positions * self.window_values)

    @property
    def fan_in(self) -> None:
        """Units of different phase have different numbers of inputs."""
        return None

    def explain_axis(self, page: Page, axis: int, rows: str) -> None:
        size, kernel, stride, _, dilation = list(self.per_axis_numbers())[axis]
        assert isinstance(page.plain, Window)
        if page.plain.padding == "same":
            words, letter = "what padding: same asks for", page.letter_of(axis)
            page.derive("wanted", size * stride, words, letter=letter)
            padding = extent(kernel, dilation) - stride
            page.derive("padding", padding, f"{rows} that it takes away from the sides")
        page.size(axis)
        if size > 1:
            overlap = extent(kernel, dilation) - stride
            if overlap >= 0:
                page.derive("overlap", overlap, f"{rows} in which neighbouring patches overlap")
            else:
                page.derive("gap", -overlap, f"{rows} between patches that stay empty")

    def explain_filters(self, page: Page) -> None:
        assert self.filter_shape is not None
        patch = times((*self.kernel, self.filters // self.groups))
        page.say(
            "A convolution the other way round: every value of the input puts down a patch of "
            f"{patch}, the weights multiplied by the value, S places from its neighbour's. Where "
            "patches overlap they are added up."
        )

    def equivalent(self) -> None:
        """Its relatives read an input with zeros in between."""

    def placing(self) -> Iterator[str]:
        yield from super().placing()
        if any(self.output_padding):
            yield f"out pad {per_axis_text(self.output_padding)}"


def _transposed_formula(numbers: tuple[int, int, int, Pair, int], extra: int, result: int) -> str:
    size, kernel, stride, (before, after), dilation = numbers
    padded = f"2·{before}" if before == after else f"{before} − {after}".replace("− -", "+ ")
    span = f"{kernel}" if dilation == 1 else f"{dilation}·({kernel} − 1) + 1"
    more = f" + {extra}" if extra else ""
    return minus(f"({size} − 1)·{stride} − {padded} + {span}{more} = {result}")
