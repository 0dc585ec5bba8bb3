"""What activations make of numbers: straight pieces stay exact, exp and its relatives do not."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import erf, sqrt
from typing import Any

import numpy as np

from cnncalc.trace import arrays
from cnncalc.trace.arrays import Array, Values

LEAK = Fraction(1, 100)  # of leaky_relu: Maas et al. 2013, PyTorch (Keras takes 3/10)
_SELU_SCALE, _SELU_ALPHA = 1.0507009873554805, 1.6732632423543772  # Klambauer et al. 2017

Change = Callable[[Array], Array]


def activate(array: Array, name: str | None) -> Array:
    """The array after the activation of that name; None is none."""
    return array if name is None else ACTIVATIONS[name](array)


def _clip(array: Array, least: int, most: int | None) -> Array:
    low, high = least * array.denominator, most and most * array.denominator
    values = arrays.sized(array.values, max(abs(low), high or 0))
    return arrays.exact(np.clip(values, low, high), array.denominator)


def _relu(array: Array) -> Array:
    return _clip(array, 0, None)


def _relu6(array: Array) -> Array:
    return _clip(array, 0, 6)


def _leaky_relu(array: Array) -> Array:
    (values, leaked), denominator = arrays.aligned(array, arrays.scale(array, LEAK))
    return arrays.exact(np.where(values < 0, leaked, values), denominator)


def _abs(array: Array) -> Array:
    return array.move(np.abs)


def _hard_sigmoid(array: Array) -> Array:
    """relu6(x + 3)/6, as in MobileNetV3, PyTorch and Keras 3."""
    three = arrays.array_of([3], (1,) * max(1, array.values.ndim))
    return arrays.scale(_relu6(arrays.add(array, three)), Fraction(1, 6))


def _hard_swish(array: Array) -> Array:
    return arrays.multiply(array, _hard_sigmoid(array))


def _floating(function: Callable[[Values], Any]) -> Change:
    return lambda array: arrays.floating(function(array.floats()))


def _sigmoid(x: Values) -> Any:
    small = np.exp(-np.abs(x))  # never overflows
    return np.where(x < 0, small, 1.0) / (1.0 + small)


def _softplus(x: Values) -> Any:
    return np.maximum(x, 0.0) + np.log1p(np.exp(-np.abs(x)))


def _elu(x: Values) -> Any:
    return np.where(x < 0, np.expm1(np.minimum(x, 0.0)), x)


def _selu(x: Values) -> Any:
    return _SELU_SCALE * np.where(x < 0, _SELU_ALPHA * np.expm1(np.minimum(x, 0.0)), x)


def _gelu(x: Values) -> Any:
    """With the exact normal distribution, not its tanh."""
    normal = [0.5 * (1.0 + erf(value / sqrt(2.0))) for value in x.ravel().tolist()]
    return x * np.array(normal).reshape(x.shape)


def _log_softmax(x: Values) -> Any:
    below = x - x.max(axis=-1, keepdims=True)
    return below - np.log(np.exp(below).sum(axis=-1, keepdims=True))


def _softmax(x: Values) -> Any:
    raised = np.exp(x - x.max(axis=-1, keepdims=True))
    return raised / raised.sum(axis=-1, keepdims=True)


ACTIVATIONS: dict[str, Change] = {
    "relu": _relu,
    "relu6": _relu6,
    "leaky_relu": _leaky_relu,
    "abs": _abs,
    "hard_sigmoid": _hard_sigmoid,
    "hard_swish": _hard_swish,
    "elu": _floating(_elu),
    "selu": _floating(_selu),
    "gelu": _floating(_gelu),
    "sigmoid": _floating(_sigmoid),
    "tanh": _floating(np.tanh),
    "swish": _floating(lambda x: x * _sigmoid(x)),
    "mish": _floating(lambda x: x * np.tanh(_softplus(x))),
    "softplus": _floating(_softplus),
    "softmax": _floating(_softmax),
    "log_softmax": _floating(_log_softmax),
}
