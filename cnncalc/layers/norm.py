"""Normalisation and scaling: a weight and a bias a channel, and no connections."""

from __future__ import annotations

from cnncalc import problems as codes
from cnncalc.layers.arguments import Number, Numbers, argument
from cnncalc.layers.base import Operation
from cnncalc.layers.values import Choice, Flag, Whole
from cnncalc.problems import Reject
from cnncalc.volume import Volume

_EPSILON = "added to the variance before its root is taken, for cnncalc trace [1e-5]"


class BatchNorm(Operation):
    """Batch normalisation: a trainable scale and shift a channel (Ioffe and Szegedy 2015).

    Also keeps a running mean and variance a channel, 2C statistics that are not parameters.
    """

    kind = "batch_norm"
    uncounted = ("momentum",)
    aliases = ("bn", "BatchNormalization")
    centers = True
    refused = "batch_norm: {scale: 3}"

    scale: bool = argument(Flag(), "one weight a channel, gamma", True)
    center: bool = argument(Flag(), "one bias a channel, beta", True)
    epsilon: object = argument(Number(), _EPSILON, None)
    values: object = argument(
        Numbers(), "mean, variance, scale and shift of each channel, for cnncalc trace", None
    )

    @property
    def weights(self) -> int:
        return self.input.channels if self.scale else 0

    @property
    def biases(self) -> int:
        return self.input.channels if self.center else 0

    @property
    def statistics(self) -> int:
        return 2 * self.input.channels


class Norm(Operation):
    """A normalisation with one weight and one bias for each channel."""

    uncounted = ("momentum",)

    affine: bool = argument(Flag(), "a weight and a bias a channel", True)
    epsilon: object = argument(Number(), _EPSILON, None)
    values: object = argument(Numbers(), "scale and shift of each channel, for cnncalc trace", None)

    @property
    def weights(self) -> int:
        return self.input.channels if self.affine else 0

    @property
    def biases(self) -> int:
        return self.weights


class LayerNorm(Norm):
    """Layer normalisation (Ba et al. 2016), over the channels or over all values."""

    kind = "layer_norm"
    aliases = ("ln", "LayerNormalization")
    refused = "layer_norm: {axes: rows}"

    axes: str = argument(Choice("channels", "all"), "what has weights of its own", "channels")

    @property
    def weights(self) -> int:
        if not self.affine:
            return 0
        return self.input.values if self.axes == "all" else self.input.channels


class GroupNorm(Norm):
    """Group normalisation (Wu and He 2018)."""

    kind = "group_norm"
    aliases = ("gn", "GroupNormalization")
    primary = "groups"
    shows_primary = True
    example = "group_norm: 2"
    refused = "group_norm: 3"

    groups: int = argument(Whole(), "groups of channels normalised together; they divide them")

    def measure(self) -> Volume:
        channels = self.input.channels
        if channels % self.groups:
            raise Reject(
                codes.DIVISION,
                f"{self.groups} groups do not divide the {channels} channels",
                argument="groups",
            )
        return self.input


class InstanceNorm(Norm):
    """Instance normalisation (Ulyanov et al. 2016)."""

    kind = "instance_norm"
    aliases = ("InstanceNormalization",)
    centers = True
    refused = "instance_norm: {affine: 1}"


class LocalResponseNorm(Operation):
    """Local response normalisation over neighbouring channels (AlexNet, 2012); no parameters."""

    kind = "lrn"
    aliases = ("local_response_norm", "local_response_normalization")
    primary = "size"
    shows_primary = True
    example = "lrn: 5"
    refused = "lrn: 0"

    size: int = argument(Whole(), "how many neighbouring channels count", 5)
    values: object = argument(Numbers(), "the constants k, alpha and beta, for cnncalc trace", None)


class Scale(Operation):
    """A trainable factor a channel (layer scale, Touvron et al. 2021)."""

    kind = "scale"
    aliases = ("layer_scale",)
    example = "scale: {bias: true}"
    refused = "scale: {bias: 2}"

    bias: bool = argument(Flag(), "also one bias a channel", False)
    values: object = argument(Numbers(), "the factor of each channel, for cnncalc trace", None)
    bias_values: object = argument(Numbers(), "the bias of each channel, for cnncalc trace", None)

    @property
    def weights(self) -> int:
        return self.input.channels

    @property
    def biases(self) -> int:
        return self.input.channels if self.bias else 0
