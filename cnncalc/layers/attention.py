"""Transformers' layers on volumes: self-attention, position embeddings, class tokens."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

from cnncalc import problems as codes
from cnncalc.layers.arguments import Numbers, argument
from cnncalc.layers.base import Operation, positions
from cnncalc.layers.reach import Reach, patches, shift, whole
from cnncalc.layers.sizes import PerAxis
from cnncalc.layers.values import Flag, Whole
from cnncalc.problems import Reject
from cnncalc.volume import Volume
from cnncalc.wording import count, times

if TYPE_CHECKING:
    from cnncalc.layers.derivation import Page


class Attention(Operation):
    """Multi-head self-attention over all positions, or over those of a window.

    Every position has a query, a key and a value of D dimensions over all heads, and an output
    projection to the channels (Vaswani et al. 2017). Weights 4·C·D; the multiply-adds are those
    with weights, N·4·C·D, and the products of values with each other, QKᵀ and AV, 2·N·M·D, where
    M are the positions that one sees (as fvcore and PyTorch's FlopCounterMode count).
    """

    kind = "attention"
    aliases = ("MultiheadAttention", "self_attention")
    rank = (1, 3)
    primary = "heads"
    weighted = True
    example_input = "196x64"
    example = "attention: {heads: 4, dimensions: 32}"
    refused = "attention: 5"

    heads: int = argument(Whole(), "parts of the dimensions that attend by themselves")
    dimensions: int = argument(
        Whole(), "of queries, keys and values each, all heads together, D [the channels]", None
    )
    bias: bool = argument(Flag(), "one bias a unit of every projection", True)
    output: Any = argument(Flag(), "a projection of the values to the channels", True)
    window: tuple[int, ...] | None = argument(
        PerAxis(), "attend only within windows of this size, M [all positions]", None
    )
    values: object = argument(
        Numbers(), "the weights of query, key, value and output, for cnncalc trace", None
    )
    bias_values: object = argument(
        Numbers(), "the biases of query, key, value and output, for cnncalc trace", None
    )

    def measure(self) -> Volume:
        self.projects: bool = self.output
        self.sees_all = self.window is None
        if self.dimensions is None:
            self.dimensions = self.input.channels
        self.check()
        channels = self.input.channels if self.projects else self.dimensions
        return Volume(self.input.sizes, channels)

    def check(self) -> None:
        if self.dimensions % self.heads:
            raise Reject(
                codes.DIVISION,
                f"{self.heads} heads do not divide the {self.dimensions} dimensions",
                argument="heads",
                help="each head has the same share of the dimensions",
            )
        for size, window in zip(self.input.sizes, self.window or (), strict=False):
            if size % window:
                raise Reject(
                    codes.DIVISION,
                    f"windows of {window} do not divide a size of {size}",
                    argument="window",
                    help=f"zero_pad to {-(-size // window) * window}, and crop after it",
                )

    def value_of(self, name: str) -> object:
        return self.projects if name == "output" else super().value_of(name)

    @property
    def seen(self) -> int:
        """The positions that one position attends to."""
        return prod(self.window) if self.window else positions(self.input)

    @property
    def neurons(self) -> int:
        """Queries, keys and values at every position, and the projected channels."""
        projected = self.input.channels if self.projects else 0
        return self.positions * (3 * self.dimensions + projected)

    @property
    def weights(self) -> int:
        """The projections to queries, keys and values, and the one of the output."""
        return (4 if self.projects else 3) * self.input.channels * self.dimensions

    @property
    def biases(self) -> int:
        """One for each unit of the projections, the same at all positions."""
        if not self.bias:
            return 0
        return 3 * self.dimensions + (self.input.channels if self.projects else 0)

    @property
    def links(self) -> int:
        return self.positions * self.weights

    @property
    def connections(self) -> int:
        """Links that carry weights: those of the projections at every position."""
        return self.positions * (self.weights + self.biases)

    @property
    def macs(self) -> int:
        """The projections at every position, and the products QKᵀ and AV of values with values."""
        return self.links + 2 * self.positions * self.seen * self.dimensions

    @property
    def fan_in(self) -> int | None:
        """The values of one position, which each unit of a projection reads."""
        if self.projects and self.dimensions != self.input.channels:
            return None
        return self.input.channels

    @property
    def positions(self) -> int:
        return positions(self.input)

    @property
    def weight_shapes(self) -> tuple[object, ...]:
        return (self.dimensions, self.weights, self.biases)

    def reach(self) -> tuple[Reach, ...]:
        return tuple(map(patches, self.window or ())) or tuple(map(whole, self.input.sizes))

    def explain_output(self, page: Page) -> None:
        where = "all positions" if self.window is None else f"a window of {times(self.window)}"
        page.say(
            f"{count(self.heads, 'head')} of {self.dimensions // self.heads} dimensions: every "
            f"position weighs the values of {where}, {count(self.seen, 'position')} in all, by "
            "how its query fits their keys. How many heads there are changes no count."
        )

    def label(self) -> str:
        window = f", window {times(self.window)}" if self.window else ""
        return f"{self.kind}, {count(self.heads, 'head')}{window}"


class PositionEmbedding(Operation):
    """A vector of trained values for every position, added to the volume (ViT, 2020)."""

    kind = "position_embedding"
    multiplies = False
    aliases = ("positional_embedding",)
    rank = (1, 3)
    example_input = "196x64"

    values: object = argument(Numbers(), "the vector of each position, for cnncalc trace", None)

    @property
    def weights(self) -> int:
        """One for each value of the volume."""
        return self.input.values


class ClassToken(Operation):
    """One more position before the others, of trained values (ViT, Dosovitskiy et al. 2020)."""

    kind = "class_token"
    multiplies = False
    aliases = ("cls_token",)
    rank = (1, 1)
    example_input = "196x64"

    values: object = argument(Numbers(), "the values of the new position, for cnncalc trace", None)

    def measure(self) -> Volume:
        return Volume((self.input.sizes[0] + 1,), self.input.channels)

    @property
    def weights(self) -> int:
        """One for each channel of the new position."""
        return self.input.channels

    def reach(self) -> tuple[Reach, ...]:
        return (shift(-1),)
