"""Layers in which every unit sees the whole input, and embeddings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.layers.activation import ActivationName
from cnncalc.layers.arguments import Numbers, argument
from cnncalc.layers.base import Equivalent, Operation, spell
from cnncalc.layers.values import Flag, Whole
from cnncalc.volume import Volume
from cnncalc.wording import count

if TYPE_CHECKING:
    from cnncalc.layers.derivation import Page


class FullyConnected(Operation):
    """Fully connected layer: every unit has a weight for every value of the input.

    A volume is flattened first, so that the weights are units · H·W·C. Equal to a convolution
    whose kernel covers its input (CS231n).
    """

    kind = "fc"
    aliases = ("dense", "linear", "fully_connected", "inner_product")
    primary = "units"
    sees_all = True
    weighted = True
    example = "fc: {units: 10, activation: softmax}"
    refused = "fc: 0"
    slips = (
        (r"\[\s*(\d+),\s*(\d+)\s*\]", r"one item a layer: - KIND: \1 and - KIND: \2"),
        (r"(\d+)[\s,]+([a-z]\w*)", r"write KIND: {units: \1, activation: \2}"),
        (r"(relu|sigmoid|softmax|tanh)", r"an activation is an item of its own: - \1"),
    )

    units: int = argument(Whole(), "number of units, the channels of the output")
    bias: bool = argument(Flag(), "one bias a unit", True)
    activation: str | None = argument(ActivationName(), "applied to the output", None)
    values: object = argument(Numbers(), "the weights of each unit, for cnncalc trace", None)
    bias_values: object = argument(Numbers(), "the bias of each unit, for cnncalc trace", None)

    def measure(self) -> Volume:
        return Volume((), self.units)

    @property
    def neurons(self) -> int:
        return self.units

    @property
    def weights(self) -> int:
        """Every unit has one for each value of the input."""
        return self.units * self.input.values

    @property
    def biases(self) -> int:
        """One for each unit."""
        return self.units if self.bias else 0

    @property
    def parameters(self) -> int:
        """The weights and biases of all units."""
        return self.units * (self.input.values + self.bias)

    @property
    def connections(self) -> int:
        """Every unit is linked to every value of the input, and to its bias if it has one."""
        return self.parameters

    @property
    def macs(self) -> int:
        return self.weights

    @property
    def fan_in(self) -> int:
        """Every unit reads every value of the input."""
        return self.input.values

    @property
    def positions(self) -> int:
        return 1

    def explain_output(self, page: Page) -> None:
        if self.input.sizes:
            page.derive("inputs", self.input.values, "the volume is flattened to a vector")
        page.say(f"{count(self.units, 'unit')} give {count(self.units, 'value')}, one each.")

    def equivalent(self) -> Equivalent | None:
        return self.over_maps(
            self.input if self.input.sizes else Volume((1, 1), self.input.channels)
        )

    def over_maps(self, maps: Volume) -> Equivalent | None:
        conv = spell("conv", filters=self.units, kernel=maps.sizes, bias=self.bias)
        words = f"a convolution of the {maps.text()} volume whose kernel is as large as its maps"
        return Equivalent(words, (conv,), maps)


class Rbf(FullyConnected):
    """Radial basis functions: each unit's distance to a centre of its own, without bias.

    The output layer of LeNet-5 (LeCun et al. 1998): 10 units with 84 fixed components each.
    """

    kind = "rbf"
    example = "rbf: 10"
    refused = "rbf: 0"

    bias = False
    activation = None
    bias_values = None

    def over_maps(self, maps: Volume) -> None:
        """A distance is not a sum of products."""


class Embedding(Operation):
    """Embedding: each of L word numbers becomes a vector of D weights; L gives LxD."""

    kind = "embedding"
    rank = (0, 0)
    primary = "dimensions"
    weighted = True
    example_input = "50"
    example = "embedding: {vocabulary: 20000, dimensions: 128}"
    refused = "embedding: {vocabulary: 20000, dimensions: 0}"

    vocabulary: int = argument(Whole(), "number of different words")
    dimensions: int = argument(Whole(), "length of a word's vector, D")
    values: object = argument(Numbers(), "the vector of each word, for cnncalc trace", None)

    def measure(self) -> Volume:
        return Volume((self.input.channels,), self.dimensions)

    @property
    def weights(self) -> int:
        """A vector for each word of the vocabulary."""
        return self.vocabulary * self.dimensions

    def explain_output(self, page: Page) -> None:
        page.say(
            f"Each of the {count(self.input.channels, 'word number')} becomes a vector of "
            f"{count(self.dimensions, 'value')}: the output is {self.output.text()}."
        )

    def label(self) -> str:
        return f"{self.kind}, {count(self.vocabulary, 'word')}"

    @property
    def weight_shapes(self) -> tuple[object, ...]:
        return (self.vocabulary, self.dimensions)
