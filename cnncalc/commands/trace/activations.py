"""What activations make of numbers: straight pieces stay exact, exp and its relatives do not."""

from collections.abc import Callable
from fractions import Fraction
from math import erf, exp, expm1, log, log1p, sqrt, tanh

from cnncalc.commands.trace import arrays
from cnncalc.commands.trace.arrays import Array

LEAK = Fraction(1, 100)  # of leaky_relu: Maas et al. 2013, PyTorch (Keras takes 3/10)
_SELU_SCALE, _SELU_ALPHA = 1.0507009873554805, 1.6732632423543772  # Klambauer et al. 2017

Change = Callable[[Array], Array]


def activate(array: Array, name: str | None) -> Array:
    """The array after the activation of that name; None is none."""
    return array if name is None else ACTIVATIONS[name](array)


def sloped(array: Array, slopes: Array) -> Array:
    """Numbers below 0 times the slope of their channel, or the only slope."""
    bent = arrays.multiply(array, arrays.spread(slopes, array.shape))
    kept, bent = arrays.aligned(array, bent)
    values = [low if top < 0 else top for top, low in zip(kept.values, bent.values, strict=True)]
    return arrays.reduced(kept._replace(values=values))


def _relu(array: Array) -> Array:
    return array._replace(values=[max(value, 0) for value in array.values])


def _relu6(array: Array) -> Array:
    six = 6 * array.denominator
    return array._replace(values=[min(max(value, 0), six) for value in array.values])


def _leaky_relu(array: Array) -> Array:
    return sloped(array, arrays.array_of([LEAK], (1,)))


def _abs(array: Array) -> Array:
    return array._replace(values=[abs(value) for value in array.values])


def _hard_sigmoid(array: Array) -> Array:
    """relu6(x + 3)/6, as in MobileNetV3, PyTorch and Keras 3."""
    three = arrays.spread(arrays.array_of([3], (1,)), array.shape)
    return arrays.divide(_relu6(arrays.add(array, three)), [6] * len(array.values))


def _hard_swish(array: Array) -> Array:
    return arrays.multiply(array, _hard_sigmoid(array))


def _sigmoid(x: float) -> float:
    small = exp(-abs(x))  # never overflows
    return (small if x < 0 else 1.0) / (1.0 + small)


def _softplus(x: float) -> float:
    return max(x, 0.0) + log1p(exp(-abs(x)))


def _elu(x: float) -> float:
    return expm1(x) if x < 0 else x


def _selu(x: float) -> float:
    return _SELU_SCALE * (_SELU_ALPHA * expm1(x) if x < 0 else x)


def _gelu(x: float) -> float:
    """With the exact normal distribution, not its tanh."""
    return x * 0.5 * (1.0 + erf(x / sqrt(2.0)))


def _log_softmax(channels: list[float]) -> list[float]:
    largest = max(channels)
    total = log(sum(exp(x - largest) for x in channels))
    return [x - largest - total for x in channels]


def _softmax(channels: list[float]) -> list[float]:
    largest = max(channels)
    raised = [exp(x - largest) for x in channels]
    total = sum(raised)
    return [x / total for x in raised]


def _each(function: Callable[[float], float]) -> Change:
    """Number by number."""
    return lambda array: arrays.floating([function(x) for x in array.floats()], array.shape)


def _over_channels(function: Callable[[list[float]], list[float]]) -> Change:
    """Place by place."""

    def change(array: Array) -> Array:
        cells = arrays.floating(array.floats(), array.shape).cells()
        return arrays.floating([x for cell in cells for x in function(cell)], array.shape)

    return change


ACTIVATIONS: dict[str, Change] = {
    "relu": _relu,
    "relu6": _relu6,
    "leaky_relu": _leaky_relu,
    "abs": _abs,
    "hard_sigmoid": _hard_sigmoid,
    "hard_swish": _hard_swish,
    "elu": _each(_elu),
    "selu": _each(_selu),
    "gelu": _each(_gelu),
    "sigmoid": _each(_sigmoid),
    "tanh": _each(tanh),
    "swish": _each(lambda x: x * _sigmoid(x)),
    "mish": _each(lambda x: x * tanh(_softplus(x))),
    "softplus": _each(_softplus),
    "softmax": _over_channels(_softmax),
    "log_softmax": _over_channels(_log_softmax),
}
