"""Array: the numbers of a volume, exact for as long as they can be.

Exact numbers are whole numerators over one common denominator. The numerators are 64-bit integers
where a bound, worked out before every step, shows that none can overflow; else Python's own, which
have no bound. What has been through exp or tanh is no fraction any more and becomes floats.
"""

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from math import gcd, lcm, prod
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cnncalc import problems as codes
from cnncalc.problems import Reject

Number = int | Fraction | float
Values = NDArray[Any]

_INT64 = 2**63 - 1
MAX_DIGITS = 1000  # of an exact number: fractions of fractions would grow for ever
_MAX = 10**MAX_DIGITS


class Array(NamedTuple):
    """Numbers in the shape of a volume, channels last."""

    values: Values  # int64, or Python integers; floats where they are not exact
    denominator: int = 1

    @property
    def exact(self) -> bool:
        return self.values.dtype != np.float64

    @property
    def shape(self) -> tuple[int, ...]:
        return self.values.shape

    @property
    def finite(self) -> bool:
        return self.exact or bool(np.isfinite(self.values).all())

    def floats(self) -> Values:
        """The numbers as floats."""
        if not self.exact:
            return self.values
        if self.values.dtype == object:  # too large for int64, perhaps for a float
            return np.array(
                [_float(Fraction(top, self.denominator)) for top in self.values.ravel().tolist()]
            ).reshape(self.shape)
        return self.values / _float(Fraction(self.denominator))

    def move(self, change: Callable[[Values], Values]) -> "Array":
        """The same numbers in other places."""
        return Array(change(self.values), self.denominator)

    def number(self, *index: int) -> Number:
        """One of the numbers."""
        return self._number(self.values[index])

    def numbers(self) -> list[Number]:
        """All of them, one behind the other, the channels of a place together."""
        return [self._number(top) for top in self.values.ravel().tolist()]

    def _number(self, top: Any) -> Number:
        if not self.exact:
            return float(top)
        fraction = Fraction(int(top), self.denominator)
        return fraction.numerator if fraction.denominator == 1 else fraction


def _float(number: Fraction) -> float:
    try:
        return float(number)
    except OverflowError:
        return float("inf") if number > 0 else float("-inf")


def array_of(numbers: Iterable[int | Fraction], shape: tuple[int, ...]) -> Array:
    """The exact array of these numbers."""
    numbers = list(numbers)
    denominator = 1
    for below in {number.denominator for number in numbers}:
        denominator = lcm(denominator, below)
        _check_size(denominator)
    tops = np.empty(len(numbers), dtype=object)
    tops[:] = [number.numerator * (denominator // number.denominator) for number in numbers]
    return exact(tops.reshape(shape), denominator)


def floating(values: Values) -> Array:
    return Array(np.asarray(values, dtype=np.float64))


def exact(values: Values, denominator: int = 1) -> Array:
    """An array in lowest terms, in 64 bits if it fits."""
    if values.dtype == np.float64:
        return Array(values)
    if denominator > 1:
        whole = int(np.gcd.reduce(values, axis=None))
        common = gcd(whole, denominator)
        values = values // common if whole else values
        denominator //= common
    _check_size(denominator)
    if values.dtype == object:
        largest = _largest(values)
        _check_size(largest)
        if largest <= _INT64:
            values = values.astype(np.int64)
    return Array(values, denominator)


def _check_size(number: int) -> None:
    if number >= _MAX:
        raise Reject(
            codes.LIMIT, f"the numbers grow to more than {MAX_DIGITS:,} digits; fewer layers"
        )


def _largest(values: Values) -> int:
    """The largest absolute value; -2^63 has one too, unlike in NumPy."""
    return max(int(values.max()), -int(values.min())) if values.size else 0


def sized(values: Values, bound: int) -> Values:
    """The integers in a form in which numbers up to `bound` do not overflow."""
    return values.astype(object) if bound > _INT64 and values.dtype == np.int64 else values


def padded(values: Values, widths: Sequence[tuple[int, int]], fill: Any = 0) -> Values:
    """np.pad, but for Python's integers, among which it would mix NumPy's, which overflow."""
    shape = [
        before + size + after for size, (before, after) in zip(values.shape, widths, strict=True)
    ]
    whole = np.full(shape, fill, dtype=values.dtype)
    inside = (
        slice(before, before + size) for size, (before, _) in zip(values.shape, widths, strict=True)
    )
    whole[tuple(inside)] = values
    return whole


def aligned(*arrays: Array) -> tuple[list[Values], int]:
    """All numerators over the same denominator, with room for their sum; floats if one is."""
    if not all(array.exact for array in arrays):
        return [array.floats() for array in arrays], 1
    denominator = lcm(*(array.denominator for array in arrays))
    factors = [denominator // array.denominator for array in arrays]
    bound = sum(
        max(_largest(array.values), 1) * factor
        for array, factor in zip(arrays, factors, strict=True)
    )
    return [
        sized(array.values, bound) * factor for array, factor in zip(arrays, factors, strict=True)
    ], denominator


def add(*arrays: Array) -> Array:
    values, denominator = aligned(*arrays)
    return exact(sum(values[1:], values[0]), denominator)


def subtract(one: Array, other: Array) -> Array:
    (left, right), denominator = aligned(one, other)
    return exact(left - right, denominator)


def larger(*arrays: Array) -> Array:
    values, denominator = aligned(*arrays)
    return exact(np.maximum.reduce(values), denominator)


def multiply(*arrays: Array) -> Array:
    if not all(array.exact for array in arrays):
        return floating(prod((array.floats() for array in arrays[1:]), start=arrays[0].floats()))
    bound = prod(max(_largest(array.values), 1) for array in arrays)
    tops = [sized(array.values, bound) for array in arrays]
    return exact(prod(tops[1:], start=tops[0]), prod(array.denominator for array in arrays))


def scale(array: Array, factor: Fraction | int) -> Array:
    """Every number times the same exact factor."""
    return multiply(array, array_of([factor], (1,) * max(1, array.values.ndim)))


def for_products(one: Array, other: Array, terms: int) -> tuple[Values, Values, int]:
    """Both numerators, safe to multiply and add up `terms` at a time, and the denominator."""
    if not (one.exact and other.exact):
        return one.floats(), other.floats(), 1
    bound = max(_largest(one.values), 1) * max(_largest(other.values), 1) * terms
    left, right = sized(one.values, bound), sized(other.values, bound)
    if left.dtype != right.dtype:
        left, right = left.astype(object), right.astype(object)
    return left, right, one.denominator * other.denominator


def for_sums(array: Array, terms: int) -> Values:
    """The numerators, safe to add up `terms` at a time."""
    return sized(array.values, _largest(array.values) * terms) if array.exact else array.values


def divide(array: Array, counts: Values) -> Array:
    """Every number by a whole number of its own: what makes a mean of a sum."""
    if not array.exact:
        return floating(array.values / counts)
    common = lcm(*map(int, np.unique(counts)))
    factors = np.asarray(common // counts.astype(object), dtype=object)
    return multiply(array, Array(factors, common))
