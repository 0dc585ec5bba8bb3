"""Layers in which every unit sees the whole input, and embeddings."""

from __future__ import annotations

from typing import Any

from cnncalc.layers.activation import ActivationName
from cnncalc.layers.arguments import Flag, Whole, argument
from cnncalc.layers.base import Layer
from cnncalc.volume import Volume


class FullyConnected(Layer):
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

    units: int = argument(Whole(), "number of units, the channels of the output")
    bias: bool = argument(Flag(), "one bias a unit", True)
    activation: str | None = argument(ActivationName(), "applied to the output", None)

    def measure(self) -> Volume:
        return Volume((), self.units)

    @property
    def neurons(self) -> int:
        return self.units

    @property
    def weights(self) -> int:
        return self.input.values * self.units

    @property
    def biases(self) -> int:
        return self.units if self.bias else 0

    @property
    def connections(self) -> int:
        return self.weights + self.biases

    @property
    def macs(self) -> int:
        return self.weights

    @property
    def fan_in(self) -> int:
        return self.input.values

    @property
    def positions(self) -> int:
        return 1


class Rbf(FullyConnected):
    """Radial basis functions: each unit's distance to a centre of its own, without bias.

    The output layer of LeNet-5 (LeCun et al. 1998): 10 units with 84 fixed components each.
    """

    kind = "rbf"
    example = "rbf: 10"
    refused = "rbf: 0"

    bias = False
    activation = None


class Embedding(Layer):
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

    def measure(self) -> Volume:
        return Volume((self.input.channels,), self.dimensions)

    @property
    def weights(self) -> int:
        return self.vocabulary * self.dimensions

    @property
    def weight_shapes(self) -> tuple[Any, ...]:
        return (self.vocabulary, self.dimensions)
