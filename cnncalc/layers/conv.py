"""Convolutions: kernels whose weights are shared by all positions, and their relatives."""

from __future__ import annotations

import re
from collections import Counter
from math import prod
from typing import TYPE_CHECKING, Any, ClassVar

from cnncalc import problems as codes
from cnncalc.arithmetic import (
    Pair,
    extent,
    touching,
    transposed_same_padding,
    transposed_size,
)
from cnncalc.layers.activation import ActivationName
from cnncalc.layers.arguments import (
    Connections,
    ConnectionTable,
    Flag,
    Numbers,
    Padding,
    PerAxis,
    Whole,
    argument,
)
from cnncalc.layers.base import Equivalent, positions, spell
from cnncalc.layers.reach import Reach, transposed
from cnncalc.layers.window import Window
from cnncalc.problems import Reject
from cnncalc.volume import Volume
from cnncalc.wording import count, minus, per_axis_text, times

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnncalc.layers.derivation import Letters, Page

# Compiled when first needed, like all patterns that few specs need.
_MAPS_AT_KERNEL = r"\s*(?P<filters>\d+)\s*@\s*(?P<kernel>\d+(?:\s*[xX×]\s*\d+)*)\s*"


class Conv(Window):
    """Convolution: each filter slides over the input and gives one map.

    Weights K·F·F·C/g and one bias a filter, shared by all O·O positions (CS231n; LeCun et al.
    1998). Every unit has F·F·C/g connections and one to its bias.
    """

    kind = "conv"
    aliases: ClassVar[tuple[str, ...]] = ("convolution",)
    weighted = True
    primary: ClassVar[str | None] = "filters"
    example = "conv: {filters: 6, kernel: 5, padding: same}"
    refused = "conv: {filters: 6, kernel: 5, groups: 3}"
    slips: ClassVar[tuple[tuple[str, str], ...]] = (
        (
            r"\[?\s*(\d+)(?:@|[\s,]+)(\d+(?:[xX×]\d+)*)\s*[/,]\s*(\d+)\s*\]?",
            r"write KIND: {filters: \1, kernel: \2, stride: \3}",
        ),
        (
            r"\[?\s*(\d+)[\s,]+(\d+(?:[xX×]\d+)*)\s*\]?",
            r"write KIND: {filters: \1, kernel: \2}",
        ),
        (r"(\d+[xX×]\d+)", r"write KIND: {filters: 6, kernel: \1} or KIND: 6@\1"),
        (r"[^$]*", "write KIND: {filters: 6, kernel: 5} or KIND: 6@5x5"),
    )

    filters: int = argument(Whole(), "number of filters, K, the channels of the output")
    groups: int = argument(Whole(), "parts of the channels that do not see each other, g", 1)
    bias: bool = argument(Flag(), "one bias a filter", True)
    activation: str | None = argument(ActivationName(), "applied to the output", None)
    connection_table: Connections | None = argument(
        ConnectionTable(), "which input maps each filter reads, as LeCun's Table I", None
    )
    values: Any = argument(Numbers(), "the weights of each filter, for cnncalc trace", None)
    bias_values: Any = argument(Numbers(), "the bias of each filter, for cnncalc trace", None)

    @classmethod
    def shorthand(cls, text: str) -> dict[str, tuple[int, str]] | None:
        found = re.fullmatch(_MAPS_AT_KERNEL, text) if "@" in text else None
        return found and {name: (found.start(name), found[name]) for name in ("filters", "kernel")}

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
                f"{channels}",
                "" if table.maps else "input maps are counted from 0",
            )
        if self.groups != 1:
            raise self.bad_table("a connection table and groups exclude each other")

    def bad_table(self, message: str, help: str = "") -> Reject:
        return Reject(codes.LAYER, message, argument="connection_table", help=help)

    @property
    def inputs_read(self) -> int:
        """How many input maps the filters read, all filters added up."""
        if self.connection_table is not None:
            return self.connection_table.links
        return self.filters * (self.input.channels // self.groups)

    @property
    def filter_values(self) -> int | None:
        """F·F·C/g, the weights of one filter; None where a table gives each its own."""
        table = self.connection_table
        if table is None:
            return self.window_values * (self.input.channels // self.groups)
        alike = len(set(map(len, table.filters))) == 1
        return self.window_values * (table.links // self.filters) if alike else None

    @property
    def neurons(self) -> int:
        return self.output.values

    @property
    def weights(self) -> int:
        """The weights of all filters; every position uses the same."""
        if self.filter_values is None:
            return self.window_values * self.inputs_read
        return self.filters * self.filter_values

    @property
    def biases(self) -> int:
        """One for each filter."""
        return self.filters if self.bias else 0

    @property
    def parameters(self) -> int:
        """The weights and biases of all filters."""
        if self.filter_values is None:
            return super().parameters
        return self.filters * (self.filter_values + self.bias)

    @property
    def connections(self) -> int:
        """Each unit is linked to the inputs of its window, and to its bias if it has one."""
        if self.fan_in is None:
            return self.positions * (self.weights + self.biases)
        return self.neurons * (self.fan_in + self.bias)

    @property
    def macs(self) -> int:
        return self.positions * self.weights

    @property
    def fan_in(self) -> int | None:
        """The inputs that one unit reads, as many as its filter has weights."""
        return self.filter_values

    @property
    def filter_shape(self) -> tuple[int, ...] | None:
        if self.filter_values is None:
            return None
        return (*self.kernel, self.inputs_read // self.filters)

    @property
    def weight_shapes(self) -> tuple[Any, ...]:
        return (self.filters, self.filter_shape, self.weights, self.biases)

    def explain_output(self, page: Page) -> None:
        super().explain_output(page)
        page.say(
            f"{count(self.filters, 'filter')} give {count(self.filters, 'map')}: the output is "
            f"{self.output.text()}."
        )
        page.section("Filters")
        self.explain_filters(page)

    def explain_filters(self, page: Page) -> None:
        """The shape of one filter, and what becomes of the depth of the input."""
        maps = self.input.channels
        if self.connection_table is not None:
            self.explain_table(page, self.connection_table)
            return
        assert self.filter_shape is not None
        shape, places = times(self.filter_shape), times(self.kernel)
        if self.groups > 1:
            part = maps // self.groups
            page.say(
                f"One filter is {shape}: it reads the {count(part, 'channel')} of its group, not "
                f"all {maps}. The {self.groups} groups see nothing of one another."
            )
        elif maps > 1:
            page.say(
                f"One filter is {shape}: it covers {places} places in all {maps} channels of the "
                f"input. Its products are added up over the places and the channels, so that a "
                f"filter gives one map, not {maps}."
            )
        else:
            page.say(f"One filter is {shape}: it covers {places} places of the only channel.")
        parameters = page.equation(self.parameters)
        page.say(
            f"{count(self.filters, 'filter')} of {shape} give {count(self.filters, 'map')} and "
            f"have {parameters} parameters."
        )

    def explain_table(self, page: Page, table: Connections) -> None:
        reads = sorted(Counter(map(len, table.filters)).items())
        groups = [
            f"{count(filters, 'filter')} {'reads' if filters == 1 else 'read'} {maps}"
            for maps, filters in reads
        ]
        page.say(
            f"The table says which of the {self.input.channels} input maps each filter reads: "
            f"{', '.join(groups)}. The products of a filter are added up over the maps it reads, "
            "so that it gives one map."
        )
        page.derive("links", page.sum_of_products(reads), "input maps read in all", letter="L")

    def equivalent(self) -> Equivalent | None:
        """A 1×1 convolution is an fc at each position, one that covers its input an fc."""
        if self.connection_table is not None or any(map(any, self.pads)):
            return None
        fc = spell("fc", units=self.filters, bias=self.bias)
        if self.groups == 1 and self.kernel == self.input.sizes:
            return Equivalent("a fully connected layer", (fc,), self.input)
        if self.groups == 1 and {*self.kernel, *self.stride} == {1}:
            each = f"one fully connected layer, used at each of the {self.positions:,} positions"
            channels = Volume((), self.input.channels)
            return Equivalent(each, (fc,), channels, self.positions)
        return None

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
        return self.neurons * (self.window_values * self.input.channels)

    @property
    def biases(self) -> int:
        return self.neurons if self.bias else 0

    @property
    def parameters(self) -> int:
        return self.connections

    @property
    def macs(self) -> int:
        return self.weights

    def explain_filters(self, page: Page) -> None:
        assert self.filter_shape is not None
        page.say(
            f"Each of the {self.positions:,} positions has {count(self.filters, 'filter')} of its "
            f"own, of {times(self.filter_shape)}: nothing is shared."
        )

    def equivalent(self) -> None:
        """Only another local_conv learns something different at every position."""


class DepthwiseConv(Conv):
    """Depthwise convolution: `multiplier` filters for each input channel, which see only it.

    The same as conv with as many groups as channels (MobileNet, Howard et al. 2017).
    """

    kind = "depthwise_conv"
    aliases = ("depthwise", "dwconv")
    primary = "kernel"
    example = "depthwise_conv: {kernel: 3, padding: 1}"
    slips = ()
    refused = "depthwise_conv: {kernel: 33}"

    filters = None  # type: ignore[assignment]  # worked out
    groups = None  # type: ignore[assignment]
    connection_table = None
    multiplier: int = argument(Whole(), "filters for each input channel, m", 1)

    @classmethod
    def shorthand(cls, text: str) -> None:
        return None

    def volume(self, sizes: tuple[int, ...]) -> Volume:
        self.groups = self.input.channels
        self.filters = self.input.channels * self.multiplier
        return Volume(sizes, self.filters)

    def label(self) -> str:
        return Window.label(self)

    def explain_filters(self, page: Page) -> None:
        page.say(
            f"Each of the {count(self.input.channels, 'channel')} has "
            f"{count(self.multiplier, 'filter')} of {times(self.kernel)} of its own: nothing is "
            "added up over the channels."
        )

    def equivalent(self) -> Equivalent:
        numbers = {"filters": self.filters, "groups": self.groups, **self.slides()}
        conv = spell("conv", **numbers, bias=self.bias)
        return Equivalent("a convolution with as many groups as channels", (conv,), self.input)


BOTH = "both"


class BothOrFlag(Flag):
    """Whether there are biases, or biases in both parts."""

    expects = "true, false or both"
    strings = f"^{BOTH}$|{Flag.strings}"

    def read(self, value: Any) -> Any:
        return BOTH if value == BOTH else super().read(value)


class SeparableConv(Conv):
    """Separable convolution: a depthwise one, then a 1×1 one (Xception, 2016).

    All counts are the sums of the two parts. The depthwise part has biases of its own only with
    `bias: both`.
    """

    kind = "separable_conv"
    aliases = ("separable",)
    example = "separable_conv: {filters: 8, kernel: 3, padding: 1}"
    refused = "separable_conv: {filters: 8, kernel: 33}"

    groups = 1
    connection_table = None
    values = None
    bias_values = None
    multiplier: int = argument(Whole(), "depthwise filters for each input channel, m", 1)
    bias: Any = argument(
        BothOrFlag(), "one bias a filter of the 1×1 part, or one a filter of both parts", True
    )

    def volume(self, sizes: tuple[int, ...]) -> Volume:
        """Makes the two parts, which then answer for the counts."""
        ones = (1,) * len(sizes)
        slide = {name: getattr(self, name) for name in ("kernel", "stride", "dilation")}
        plain = {"padding": self.pads, "rounding": self.rounding, "activation": None}
        depthwise = {**slide, **plain, "multiplier": self.multiplier, "bias": self.bias == BOTH}
        self.depthwise = DepthwiseConv(depthwise, self.input)
        pointwise = {
            **dict.fromkeys(("kernel", "stride", "dilation"), ones),
            **plain,
            "padding": ((0, 0),) * len(sizes),
            "filters": self.filters,
            "groups": 1,
            "bias": bool(self.bias),
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
    def biases(self) -> int:
        return self.depthwise.biases + self.pointwise.biases

    @property
    def connections(self) -> int:
        return self.depthwise.connections + self.pointwise.connections

    @property
    def macs(self) -> int:
        return self.depthwise.macs + self.pointwise.macs

    @property
    def links_outside(self) -> int:
        return self.depthwise.links_outside

    @property
    def filter_values(self) -> None:
        """The two parts differ in it."""
        return None

    def name_sizes(self, sizes: tuple[int, ...], letters: Letters) -> None:
        super().name_sizes(sizes, letters)
        for part in (self.depthwise, self.pointwise):
            part.output = Volume(sizes, part.output.channels)
        self.pointwise.input = self.depthwise.output

    def explain_filters(self, page: Page) -> None:
        between = self.depthwise.output.channels
        page.say(
            f"Two steps. First, depthwise, each of the {count(self.input.channels, 'channel')} "
            f"is filtered alone by {times(self.kernel)} weights, which gives {between} maps; then, "
            f"pointwise, {count(self.filters, 'filter')} of "
            f"{times((*self.pointwise.kernel, between))} mix them. Every count is the sum of both "
            "steps."
        )

    def equivalent(self) -> Equivalent:
        spread = {**self.slides(), "multiplier": self.multiplier}
        depthwise = spell("depthwise_conv", **spread, bias=self.bias == BOTH)
        pointwise = spell("conv", filters=self.filters, kernel=1, bias=bool(self.bias))
        without = "" if self.bias == BOTH else " without bias"
        words = f"a depthwise convolution{without}, and a 1×1 convolution on top of it"
        return Equivalent(words, (depthwise, pointwise), self.input)

    def label(self) -> str:
        more = f", multiplier {self.multiplier}" if self.multiplier > 1 else ""
        return super().label() + more


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
    padding: Any = argument(Padding(), "rows taken off the sides of the output, P", ((0, 0),))
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
        return per_axis_text(texts, "; ")

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
