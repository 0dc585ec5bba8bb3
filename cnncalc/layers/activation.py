"""Activations: functions of single values; all but prelu without parameters."""

from __future__ import annotations

from typing import ClassVar

from cnncalc.layers.arguments import Numbers, argument
from cnncalc.layers.base import KINDS, Operation, find_kind
from cnncalc.layers.values import Flag, Rate, Type
from cnncalc.wording import did_you_mean


class Activation(Operation):
    """A function applied to every value; overwrites its input."""

    in_place = True


class ActivationName(Type):
    """The name of an activation without parameters, or none."""

    expects = "the name of an activation such as relu, or none"
    takes_none = True

    @property
    def words(self) -> tuple[str, ...]:  # type: ignore[override]  # a class constant elsewhere
        """All that can be written, the canonical names first."""
        found = [cls for cls in KINDS.values() if issubclass(cls, Activation) and not cls.arguments]
        aliases = [alias for cls in found for alias in cls.aliases]
        return (*(cls.kind for cls in found), "none", "linear", *aliases)

    def read(self, value: object) -> str | None:
        """The canonical name; None for none and linear."""
        if value is None or str(value).lower() in ("none", "linear"):
            return None
        found = find_kind(str(value))
        if found and issubclass(found[0], Activation) and not found[0].arguments:
            return found[0].kind
        if found and found[0] is PReLU:
            raise self.refuse(value, "prelu has weights: make it an item of its own")
        raise self.refuse(value, did_you_mean(str(value), self.words))


class NamedActivation(Activation):
    """An activation whose name is a value: `activation: $nonlinearity`."""

    kind = "activation"
    primary = "function"
    example = "activation: relu"
    refused = "activation: conv"

    function: str | None = argument(ActivationName(), "the name of an activation, or none")

    def label(self) -> str:
        return self.function or "identity"


class Relu(Activation):
    """max(x, 0)."""

    kind = "relu"
    aliases = ("rectifier",)


class Relu6(Activation):
    """min(max(x, 0), 6) (MobileNet)."""

    kind = "relu6"


class LeakyRelu(Activation):
    """x, and a small fraction of it below 0."""

    kind = "leaky_relu"


class Elu(Activation):
    """x, and exp(x) − 1 below 0 (Clevert et al. 2015)."""

    kind = "elu"


class Selu(Activation):
    """Scaled elu (Klambauer et al. 2017)."""

    kind = "selu"


class Gelu(Activation):
    """x times the normal distribution function of x (Hendrycks and Gimpel 2016)."""

    kind = "gelu"


class Sigmoid(Activation):
    """1/(1 + exp(−x))."""

    kind = "sigmoid"
    aliases = ("logistic",)


class Tanh(Activation):
    """The hyperbolic tangent; LeCun's scaled one counts the same."""

    kind = "tanh"


class Swish(Activation):
    """x times its sigmoid (Ramachandran et al. 2017)."""

    kind = "swish"
    aliases = ("silu",)


class HardSwish(Activation):
    """Swish made of straight pieces (MobileNetV3)."""

    kind = "hard_swish"
    aliases = ("hard_silu",)


class HardSigmoid(Activation):
    """Sigmoid made of straight pieces."""

    kind = "hard_sigmoid"


class Mish(Activation):
    """x times tanh(softplus(x)) (Misra 2019)."""

    kind = "mish"


class Softplus(Activation):
    """log(1 + exp(x))."""

    kind = "softplus"


class Abs(Activation):
    """The absolute value."""

    kind = "abs"


class Softmax(Activation):
    """exp(x) divided by the sum over the channels."""

    kind = "softmax"
    distribution = True


class LogSoftmax(Activation):
    """The logarithm of softmax."""

    kind = "log_softmax"
    distribution = True


class PReLU(Operation):
    """x, and a learned fraction of it below 0: one weight a channel, or one in all (He 2015)."""

    kind = "prelu"
    in_place = True
    refused = "prelu: {shared: 2}"

    shared: bool = argument(Flag(), "one weight for all channels", False)
    values: object = argument(Numbers(), "the weight of each channel, for cnncalc trace", None)

    @property
    def weights(self) -> int:
        return 1 if self.shared else self.input.channels


class Dropout(Operation):
    """Sets values to zero at random while training; counts nothing."""

    kind = "dropout"
    aliases: ClassVar[tuple[str, ...]] = ("spatial_dropout", "alpha_dropout")
    in_place = True
    primary = "rate"
    example = "dropout: 0.2"
    refused = "dropout: 2"

    rate: float = argument(Rate(), "the part of the values that is dropped", 0.5)


class DropPath(Dropout):
    """Skips a whole branch at random while training (stochastic depth, Huang et al. 2016)."""

    kind = "drop_path"
    aliases = ("stochastic_depth",)
    example = "drop_path: 0.1"
    refused = "drop_path: 2"
