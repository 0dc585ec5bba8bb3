"""Convolutions: kernels whose weights are shared by all positions, and their relatives."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, ClassVar

from cnncalc import problems as codes
from cnncalc.layers.activation import ActivationName
from cnncalc.layers.arguments import Numbers, argument
from cnncalc.layers.base import Equivalent, spell
from cnncalc.layers.connection_table import Connections, ConnectionTable
from cnncalc.layers.values import Flag, Whole
from cnncalc.layers.window import Window
from cnncalc.problems import Reject
from cnncalc.volume import Volume
from cnncalc.wording import count, times

if TYPE_CHECKING:
    from cnncalc.layers.derivation import Page

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
        (r"\[?\s*(\d+)[\s,]+(\d+(?:[xX×]\d+)*)\s*\]?", r"write KIND: {filters: \1, kernel: \2}"),
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
    values: object = argument(Numbers(), "the weights of each filter, for cnncalc trace", None)
    bias_values: object = argument(Numbers(), "the bias of each filter, for cnncalc trace", None)

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
    def weight_shapes(self) -> tuple[object, ...]:
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
            return Equivalent(each, (fc,), Volume((), self.input.channels), self.positions)
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
