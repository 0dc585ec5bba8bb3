"""Depthwise convolutions, whose filters see one channel each, and separable ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc.layers.arguments import Numbers, argument, fixed
from cnncalc.layers.base import Equivalent, spell
from cnncalc.layers.conv import Conv
from cnncalc.layers.values import Flag, Whole
from cnncalc.layers.window import Window
from cnncalc.volume import Volume
from cnncalc.wording import count, times

if TYPE_CHECKING:
    from cnncalc.layers.derivation import Letters, Page


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

    filters = fixed(None)  # worked out
    groups = fixed(None)
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
    values: object = argument(
        Numbers(), "the weights of the parts depthwise and pointwise, for cnncalc trace", None
    )
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
