"""Pooling: windows that keep the channels and, but for LeCun's subsampling, have no weights."""

from __future__ import annotations

from math import gcd, prod
from typing import TYPE_CHECKING, ClassVar

from cnncalc import problems as codes
from cnncalc.arithmetic import adaptive_coverage, adaptive_length, extent
from cnncalc.layers.activation import ActivationName
from cnncalc.layers.arguments import Numbers, argument, fixed
from cnncalc.layers.base import Equivalent, Operation, positions, spell
from cnncalc.layers.reach import Reach, adaptive, window
from cnncalc.layers.sizes import Padding, PerAxis
from cnncalc.layers.values import Flag
from cnncalc.layers.window import Window
from cnncalc.problems import Reject
from cnncalc.volume import Volume
from cnncalc.wording import times

if TYPE_CHECKING:
    from cnncalc.layers.derivation import Letters, Page


class Pool(Window):
    """A window that turns the values it covers, channel by channel, into one."""

    takes: ClassVar[str]  # of a window

    primary = "kernel"
    shows_unit_stride = True  # as it is not the default
    slips = ((r"(\d+(?:[xX×]\d+)*)[\s,/]+(\d+)", r"write KIND: {kernel: \1, stride: \2}"),)
    stride: tuple[int, ...] = argument(PerAxis(), "step between windows, S [the kernel]", None)
    padding = argument(Padding(), "rows around the input that do not count, P", ((0, 0),))

    def measure(self) -> Volume:
        if self.stride is None:
            self.stride = self.kernel
        return super().measure()

    def check_padding(self) -> None:
        """2P ≤ d(F − 1) + 1, as PyTorch wants."""
        for kernel, pads, dilation in zip(self.kernel, self.pads, self.dilation, strict=True):
            if 2 * max(pads) > extent(kernel, dilation):
                raise Reject(
                    codes.PADDING,
                    f"padding {max(pads)} is more than half of the window of "
                    f"{extent(kernel, dilation)}: a window could lie in the padding alone",
                    argument="padding",
                    help=f"a padding of at most {extent(kernel, dilation) // 2}",
                )

    @property
    def connections(self) -> int:
        """Each value of the output is linked to the values of its window."""
        return self.links

    @property
    def links(self) -> int:
        return self.output.values * self.window_values

    @property
    def fan_in(self) -> int | None:
        """The values of one window."""
        return self.window_values

    def explain(self, page: Page) -> None:
        explain_discarded(self, page)

    def why_nothing_learned(self) -> str:
        return why_nothing_learned(self.takes)


def why_nothing_learned(takes: str) -> str:
    """Why a pool has no parameters."""
    return (
        f"It has no parameters: it takes {takes}, which follows from the input alone. There is "
        "no weight that could be learned."
    )


def explain_discarded(layer: Operation, page: Page) -> None:
    """How much less comes out than goes in."""
    page.section("What pooling keeps")
    page.say("Each channel is pooled alone, so that the channels stay as they are.")
    if layer.output.values < layer.input.values:
        whole, words = layer.input.values, "the part of the values that is discarded"
        page.derive_percent("discarded", whole - layer.output.values, whole, words)
    else:
        page.say("No fewer values come out than go in: nothing is discarded.")


class MaxPool(Pool):
    """Max pooling: the largest value of each window."""

    kind = "max_pool"
    takes = "the largest value of each window"
    aliases = ("MaxPooling", "max_pooling")
    example = "max_pool: 2"
    refused = "max_pool: {kernel: 2, padding: 2}"


class AvgPool(Pool):
    """Average pooling: the mean of each window."""

    kind = "avg_pool"
    takes = "the mean of each window"
    aliases: ClassVar[tuple[str, ...]] = ("average_pool", "AveragePooling", "mean_pool")
    example = "avg_pool: {kernel: 3, stride: 2}"
    refused = "avg_pool: 33"

    dilation = fixed(1)


class Subsample(AvgPool):
    """LeCun's subsampling: the sum of each window times a trainable coefficient, plus a bias.

    One coefficient and one bias a map; each unit has F·F + 1 connections (LeCun et al. 1998).
    """

    kind = "subsample"
    aliases = ("subsampling",)
    weighted = True
    example = "subsample: 2"
    refused = "subsample: 33"

    kernel: tuple[int, ...] = argument(PerAxis(), "size of the window, F", 2)
    padding = ((0, 0),)
    activation: str | None = argument(ActivationName(), "applied to the output", None)
    bias = True
    values: object = argument(Numbers(), "the coefficient of each map, for cnncalc trace", None)
    bias_values: object = argument(Numbers(), "the bias of each map, for cnncalc trace", None)

    @property
    def neurons(self) -> int:
        return self.output.values

    @property
    def weights(self) -> int:
        """One coefficient for each map."""
        return self.input.channels

    @property
    def biases(self) -> int:
        """One for each map."""
        return self.input.channels

    @property
    def connections(self) -> int:
        """Each unit is linked to the values of its window, and to its bias."""
        return self.neurons * (self.window_values + 1)

    @property
    def macs(self) -> int:
        """Each unit multiplies once, the sum of its window by the coefficient."""
        return self.neurons

    @property
    def without_sharing(self) -> int:
        """Every unit with a coefficient and a bias of its own."""
        return 2 * self.neurons


class GlobalPool(Operation):
    """One value a channel, from all its positions."""

    takes: ClassVar[str]  # of a map

    rank = (1, 3)
    keep: bool = argument(Flag(), "keep the axes, 1x1xC; false gives the vector C", True)

    def measure(self) -> Volume:
        ones = (1,) * len(self.input.sizes) if self.keep else ()
        return Volume(ones, self.input.channels)

    @property
    def connections(self) -> int:
        """Every value of the input is read once."""
        return self.input.values

    @property
    def fan_in(self) -> int:
        """The values of one map."""
        return positions(self.input)

    @property
    def positions(self) -> int:
        return 1

    def reach(self) -> tuple[Reach, ...]:
        """A window with F = W, as the same pool has it where its window is written."""
        return tuple(window(size, size, 0) for size in self.input.sizes)

    def explain_output(self, page: Page) -> None:
        page.say("One value remains of each channel, whatever the size of the input.")

    def explain(self, page: Page) -> None:
        explain_discarded(self, page)

    def why_nothing_learned(self) -> str:
        return why_nothing_learned(self.takes)

    def equivalent(self) -> Equivalent:
        pool = spell(self.kind.removeprefix("global_"), kernel=self.input.sizes)
        return Equivalent("a pool whose window covers the input", (pool,), self.input)


class GlobalAvgPool(GlobalPool):
    """Global average pooling: the mean of each map (Network in Network, Lin et al. 2013)."""

    kind = "global_avg_pool"
    takes = "the mean of each map"
    aliases = ("gap", "GlobalAveragePooling", "global_average_pool")
    refused = "global_avg_pool: {keep: maybe}"


class GlobalMaxPool(GlobalPool):
    """Global max pooling: the largest value of each map."""

    kind = "global_max_pool"
    takes = "the largest value of each map"
    aliases = ("gmp", "GlobalMaxPooling")
    example = "global_max_pool: {keep: false}"
    refused = "global_max_pool: {keep: maybe}"


class AdaptivePool(Operation):
    """Pooling to a given size: window i covers floor(i·W/O) up to ceil((i + 1)·W/O)."""

    takes: ClassVar[str]  # of a window

    rank = (1, 3)
    primary = "size"
    shows_primary = True
    size: tuple[int, ...] = argument(PerAxis(), "the output's size, O")

    common: tuple[int, ...]  # the greatest common divisor of W and O, per axis

    def measure(self) -> Volume:
        self.common = tuple(map(gcd, self.input.sizes, self.size))
        return Volume(self.size, self.input.channels)

    @property
    def connections(self) -> int:
        """The windows differ in size; those of the axes multiply."""
        covered = map(adaptive_coverage, self.input.sizes, self.size, self.common)
        return self.input.channels * prod(covered)

    @property
    def fan_in(self) -> int | None:
        """The values of a window, where all windows are alike."""
        lengths = list(map(adaptive_length, self.input.sizes, self.size))
        return None if None in lengths else prod(filter(None, lengths))

    @property
    def positions(self) -> int:
        return positions(self.output)

    def reach(self) -> tuple[Reach, ...]:
        return tuple(map(adaptive, self.input.sizes, self.size))

    def name_sizes(self, sizes: tuple[int, ...], letters: Letters) -> None:
        super().name_sizes(sizes, letters)
        self.common = letters.per_axis("q", self.common, "greatest common divisor of W and O")

    def explain_output(self, page: Page) -> None:
        page.say(
            f"The size {times(self.size)} is given, and the windows follow from it: counted from "
            "1, window i covers the rows from ⌊(i − 1)·W/O⌋ + 1 to ⌈i·W/O⌉."
        )
        for axis, along in page.axes():
            size, out = self.input.sizes[axis], self.output.sizes[axis]
            if size % out == 0:
                page.derive("window", size // out, f"size of each window along the {along}")
            else:
                page.say(f"Along the {along} {out} does not divide {size}: the windows overlap.")

    def explain(self, page: Page) -> None:
        explain_discarded(self, page)

    def why_nothing_learned(self) -> str:
        return why_nothing_learned(self.takes)

    def equivalent(self) -> Equivalent | None:
        """Where O divides W the windows are all alike."""
        if any(size % out for size, out in zip(self.input.sizes, self.size, strict=True)):
            return None
        kernel = tuple(map(int.__floordiv__, self.input.sizes, self.size))
        pool = spell(self.kind.removeprefix("adaptive_"), kernel=kernel)
        return Equivalent("a pool that is told its window", (pool,), self.input)


class AdaptiveAvgPool(AdaptivePool):
    """Adaptive average pooling (PyTorch)."""

    kind = "adaptive_avg_pool"
    takes = "the mean of each window"
    aliases = ("AdaptiveAveragePooling",)
    example = "adaptive_avg_pool: 7"
    refused = "adaptive_avg_pool: 0"


class AdaptiveMaxPool(AdaptivePool):
    """Adaptive max pooling (PyTorch)."""

    kind = "adaptive_max_pool"
    takes = "the largest value of each window"
    aliases = ("AdaptiveMaxPooling",)
    example = "adaptive_max_pool: 7x5"
    refused = "adaptive_max_pool: 0"
