"""Convolutions: kernels whose weights are shared by all positions, and their relatives."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from cnncalc import problems as codes
from cnncalc.arithmetic import Pair, transposed_same_padding, transposed_size
from cnncalc.layers.activation import ActivationName
from cnncalc.layers.arguments import (
    Connections,
    ConnectionTable,
    Flag,
    PerAxis,
    Whole,
    argument,
)
from cnncalc.layers.base import positions
from cnncalc.layers.reach import Reach, transposed
from cnncalc.layers.window import Window, per_axis_text
from cnncalc.problems import Reject
from cnncalc.volume import Volume
from cnncalc.wording import times

# Compiled when first needed, like all patterns that few specs need.
_MAPS_AT_KERNEL = r"\s*(?P<filters>\d+)\s*@\s*(?P<kernel>\d+(?:\s*[xX×]\s*\d+)*)\s*"
_TWO_NUMBERS = r"\s*(\d+)[\s,]+(\d+(?:[xX×]\d+)*)\s*"


class Conv(Window):
    """Convolution: each filter slides over all input channels and gives one map.

    Weights K·F·F·C/g and one bias a filter, shared by all O·O positions (CS231n; LeCun et al.
    1998). Every unit has F·F·C/g connections and one to its bias.
    """

    kind = "conv"
    aliases: ClassVar[tuple[str, ...]] = ("convolution",)
    weighted = True
    primary: ClassVar[str | None] = "filters"
    example = "conv: {filters: 6, kernel: 5, padding: same}"
    refused = "conv: {filters: 6, kernel: 5, groups: 3}"

    filters: int = argument(Whole(), "number of filters, K, the channels of the output")
    groups: int = argument(Whole(), "parts of the channels that do not see each other, g", 1)
    bias: bool = argument(Flag(), "one bias a filter", True)
    activation: str | None = argument(ActivationName(), "applied to the output", None)
    connection_table: Connections | None = argument(
        ConnectionTable(), "which input maps each filter reads, as LeCun's Table I", None
    )

    @classmethod
    def shorthand(cls, text: str) -> dict[str, tuple[int, str]] | None:
        found = re.fullmatch(_MAPS_AT_KERNEL, text) if "@" in text else None
        return found and {name: (found.start(name), found[name]) for name in ("filters", "kernel")}

    @classmethod
    def primary_help(cls, value: Any) -> str:
        text = " ".join(map(str, value)) if isinstance(value, list) else str(value)
        found = re.fullmatch(_TWO_NUMBERS, text)
        if not found:
            return f"write {cls.kind}: {{filters: 6, kernel: 5}} or {cls.kind}: 6@5x5"
        return f"write {cls.kind}: {{filters: {found[1]}, kernel: {found[2]}}}"

    def volume(self, sizes: tuple[int, ...]) -> Volume:
        self.check_groups()
        if self.connection_table is not None:
            self.check_table(self.connection_table)
        return Volume(sizes, self.filters)

    def check_groups(self) -> None:
        for what, number, blamed in (
            ("input channels", self.input.channels, "groups"),
            ("filters", self.filters, "groups"),
        ):
            if number % self.groups:
                raise Reject(
                    codes.DIVISION,
                    f"{self.groups} groups do not divide the {number} {what}",
                    argument=blamed,
                    detail=f"{number} = {number // self.groups}·{self.groups} + "
                    f"{number % self.groups}",
                    help="groups must divide the input channels and the filters",
                )

    def check_table(self, table: Connections) -> None:
        channels = self.input.channels
        if len(table.filters) != self.filters:
            raise self.bad_table(
                f"the connection table has {len(table.filters)} filters, the layer {self.filters}"
            )
        maps = table.maps or max(max(inputs) for inputs in table.filters) + 1
        if maps > channels or (table.maps and maps != channels):
            raise self.bad_table(
                f"the connection table has {maps} input maps, the input {self.input.text()} has "
                f"{channels}"
            )
        if self.groups != 1:
            raise self.bad_table("a connection table and groups exclude each other")

    def bad_table(self, message: str) -> Reject:
        return Reject(codes.LAYER, message, argument="connection_table")

    @property
    def inputs_read(self) -> int:
        """How many input maps the filters read, all filters added up."""
        if self.connection_table is not None:
            return sum(map(len, self.connection_table.filters))
        return self.filters * (self.input.channels // self.groups)

    @property
    def neurons(self) -> int:
        return self.output.values

    @property
    def weights(self) -> int:
        return self.window_values * self.inputs_read

    @property
    def biases(self) -> int:
        return self.filters if self.bias else 0

    @property
    def connections(self) -> int:
        return self.positions * (self.weights + self.biases)

    @property
    def macs(self) -> int:
        return self.positions * self.weights

    @property
    def fan_in(self) -> int | None:
        """F·F·C/g; a connection table may give each filter its own."""
        whole, rest = divmod(self.inputs_read, self.filters)
        if self.connection_table is not None:
            uneven = len({len(inputs) for inputs in self.connection_table.filters}) > 1
            return None if uneven else self.window_values * whole
        assert rest == 0
        return self.window_values * whole

    @property
    def filter_shape(self) -> tuple[int, ...] | None:
        if self.connection_table is not None and self.fan_in is None:
            return None
        return (*self.kernel, self.inputs_read // self.filters)

    @property
    def weight_shapes(self) -> tuple[Any, ...]:
        return (self.filters, self.filter_shape, self.weights, self.biases)

    def label(self) -> str:
        text = super().label()
        if self.groups > 1:
            text += f", {self.groups} groups"
        if self.connection_table is not None:
            text += ", table"
        return text


class LocalConv(Conv):
    """Unshared convolution: a kernel and a bias of its own at every position.

    Source: LeCun 1989; Keras's LocallyConnected.
    """

    kind = "local_conv"
    aliases = ("locally_connected", "unshared_conv")
    example = "local_conv: {filters: 6, kernel: 5}"
    refused = "local_conv: {filters: 6, kernel: 33}"

    groups = 1
    connection_table = None

    @property
    def weights(self) -> int:
        return self.neurons * self.window_values * self.input.channels

    @property
    def biases(self) -> int:
        return self.neurons if self.bias else 0

    @property
    def connections(self) -> int:
        return self.weights + self.biases

    @property
    def macs(self) -> int:
        return self.weights


class DepthwiseConv(Conv):
    """Depthwise convolution: `multiplier` filters for each input channel, which see only it.

    The same as conv with as many groups as channels (MobileNet, Howard et al. 2017).
    """

    kind = "depthwise_conv"
    aliases = ("depthwise", "dwconv")
    primary = "kernel"
    example = "depthwise_conv: {kernel: 3, padding: 1}"
    refused = "depthwise_conv: {kernel: 33}"

    filters = None  # type: ignore[assignment]  # worked out
    groups = None  # type: ignore[assignment]
    connection_table = None
    multiplier: int = argument(Whole(), "filters for each input channel, m", 1)

    @classmethod
    def shorthand(cls, text: str) -> None:
        return None

    @classmethod
    def primary_help(cls, value: Any) -> str:
        return ""

    def volume(self, sizes: tuple[int, ...]) -> Volume:
        self.groups = self.input.channels
        self.filters = self.input.channels * self.multiplier
        return Volume(sizes, self.filters)

    def label(self) -> str:
        return Window.label(self)


class SeparableConv(Conv):
    """Separable convolution: a depthwise one without bias, then a 1×1 one (Xception, 2016).

    All counts are the sums of the two parts.
    """

    kind = "separable_conv"
    aliases = ("separable",)
    example = "separable_conv: {filters: 8, kernel: 3, padding: 1}"
    refused = "separable_conv: {filters: 8, kernel: 33}"

    groups = 1
    connection_table = None
    multiplier: int = argument(Whole(), "depthwise filters for each input channel, m", 1)
    bias: bool = argument(Flag(), "one bias a filter of the 1×1 part", True)

    def volume(self, sizes: tuple[int, ...]) -> Volume:
        """Makes the two parts, which then answer for the counts."""
        ones = (1,) * len(sizes)
        slide = {name: getattr(self, name) for name in ("kernel", "stride", "dilation")}
        plain = {"padding": self.pads, "rounding": self.rounding, "activation": None}
        depthwise = {**slide, **plain, "multiplier": self.multiplier, "bias": False}
        self.depthwise = DepthwiseConv(depthwise, self.input)
        pointwise = {
            **dict.fromkeys(("kernel", "stride", "dilation"), ones),
            **plain,
            "padding": ((0, 0),) * len(sizes),
            "filters": self.filters,
            "groups": 1,
            "bias": self.bias,
            "connection_table": None,
        }
        self.pointwise = Conv(pointwise, self.depthwise.output)
        return self.pointwise.output

    @property
    def neurons(self) -> int:
        return self.depthwise.neurons + self.pointwise.neurons

    @property
    def weights(self) -> int:
        return self.depthwise.weights + self.pointwise.weights

    @property
    def connections(self) -> int:
        return self.depthwise.connections + self.pointwise.connections

    @property
    def macs(self) -> int:
        return self.depthwise.macs + self.pointwise.macs

    @property
    def fan_in(self) -> None:
        """The two parts differ in it."""
        return None

    @property
    def filter_shape(self) -> None:
        """The two parts differ in it."""
        return None


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
    output_padding: tuple[int, ...] = argument(
        PerAxis(minimum=0), "rows added after the output, below max(S, d)", 0
    )

    def measure(self) -> Volume:
        self.check_groups()
        if self.padding == "same":
            self.pads = tuple(map(transposed_same_padding, self.kernel, self.stride, self.dilation))
            if any(self.output_padding):
                raise Reject(
                    codes.BAD_VALUE,
                    "padding: same leaves no choice of output_padding",
                    argument="output_padding",
                )
        elif isinstance(self.padding, str):
            self.pads = tuple(
                map(self.resolve, self.input.sizes, self.kernel, self.stride, self.dilation)
            )
        else:
            self.pads = self.padding
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

    def formulas(self, sizes: tuple[int, ...]) -> list[str]:
        return [
            _transposed_formula(numbers, extra, size)
            for numbers, extra, size in zip(
                self.per_axis_numbers(), self.output_padding, sizes, strict=True
            )
        ]

    def formula(self) -> str:
        texts = self.formulas(self.output.sizes)
        return texts[0] if len(set(texts)) == 1 else "; ".join(texts)

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
    def fan_in(self) -> None:
        """Units of different phase have different numbers of inputs."""
        return None

    def label(self) -> str:
        text = f"{self.kind} {times(self.kernel)}"
        if set(self.stride) != {1}:
            text += f"/{per_axis_text(self.stride)}"
        return text


def _transposed_formula(numbers: tuple[int, int, int, Pair, int], extra: int, result: int) -> str:
    size, kernel, stride, (before, after), dilation = numbers
    padded = f"2·{before}" if before == after else f"{before} − {after}".replace("− -", "+ ")
    span = f"{kernel}" if dilation == 1 else f"{dilation}·({kernel} − 1) + 1"
    more = f" + {extra}" if extra else ""
    return f"({size} − 1)·{stride} − {padded} + {span}{more} = {result}".replace("-", "−")
