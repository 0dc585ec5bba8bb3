"""Array: the numbers of a volume, exact for as long as they can be.

Exact numbers are whole numerators over one common denominator. What has been through exp or tanh
is no fraction any more and becomes floats.
"""

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from math import gcd, inf, isfinite, isqrt, lcm, prod, sqrt
from typing import Any, NamedTuple

from cnncalc import problems as codes
from cnncalc.problems import Reject

Number = int | Fraction | float

NOWHERE = -1  # the index of a number that is not in the array
MAX_DIGITS = 1000  # of an exact number: fractions of fractions would grow for ever
_MAX = 10**MAX_DIGITS


class Array(NamedTuple):
    """Numbers in the shape of a volume: row by row, the channels of a place together."""

    values: list[Any]  # whole numerators; floats where the numbers are not exact
    shape: tuple[int, ...]
    denominator: int = 1
    exact: bool = True

    @property
    def finite(self) -> bool:
        return self.exact or all(map(isfinite, self.values))

    @property
    def digits(self) -> int:
        """How many the longest number takes, above and below its line; a float has 17."""
        if not self.exact:
            return 17
        bits = max(map(abs, self.values), default=0).bit_length() + self.denominator.bit_length()
        return bits * 3 // 10

    def cells(self) -> list[list[Any]]:
        """The values of each place, one for each channel."""
        depth = self.shape[-1]
        return [self.values[start : start + depth] for start in range(0, len(self.values), depth)]

    def maps(self) -> list[list[Any]]:
        """The values of each channel, one for each place."""
        return [self.values[channel :: self.shape[-1]] for channel in range(self.shape[-1])]

    def floats(self) -> list[float]:
        """The numbers as floats."""
        if not self.exact:
            return self.values
        return [_float(top, self.denominator) for top in self.values]

    def number(self, *index: int) -> Number | None:
        """One of the numbers; None where there is none."""
        (place,) = offsets(self.shape, [[at] for at in index])
        return None if place == NOWHERE else self._number(self.values[place])

    def numbers(self) -> list[Number]:
        """All of them, one behind the other, the channels of a place together."""
        return [self._number(value) for value in self.values]

    def _number(self, value: Any) -> Number:
        if not self.exact:
            return float(value)
        fraction = Fraction(value, self.denominator)
        return fraction.numerator if fraction.denominator == 1 else fraction


def _float(top: int, denominator: int) -> float:
    try:
        return top / denominator
    except OverflowError:
        return inf if top > 0 else -inf


# Making them.


def array_of(numbers: Iterable[int | Fraction], shape: tuple[int, ...]) -> Array:
    """The exact array of these numbers."""
    numbers = list(numbers)
    denominator = 1
    for below in {number.denominator for number in numbers}:
        denominator = lcm(denominator, below)
        _check_size(denominator)
    tops = [number.numerator * (denominator // number.denominator) for number in numbers]
    return reduced(Array(tops, shape, denominator))


def floating(values: list[float], shape: tuple[int, ...]) -> Array:
    return Array(values, shape, exact=False)


def reduced(array: Array) -> Array:
    """The same numbers in lowest terms. Raises Reject where they have grown too long."""
    if not array.exact:
        return array
    common = gcd(array.denominator, *array.values) if array.denominator > 1 else 1
    if common > 1:
        values = [top // common for top in array.values]
        array = array._replace(values=values, denominator=array.denominator // common)
    _check_size(array.denominator)
    _check_size(max(map(abs, array.values)))
    return array


def _check_size(number: int) -> None:
    if number >= _MAX:
        raise Reject(
            codes.LIMIT, f"the numbers grow to more than {MAX_DIGITS:,} digits; fewer layers"
        )


# Several of one shape.


def alike(*arrays: Array) -> list[Array]:
    """All as they are if all are exact, else all as floats."""
    if all(array.exact for array in arrays):
        return [*arrays]
    return [floating(array.floats(), array.shape) for array in arrays]


def aligned(*arrays: Array) -> list[Array]:
    """The same numbers over one denominator; as floats if some are floats."""
    arrays = (*alike(*arrays),)
    denominator = lcm(*(array.denominator for array in arrays))
    return [_over(array, denominator) for array in arrays]


def _over(array: Array, denominator: int) -> Array:
    factor = denominator // array.denominator
    if factor == 1:
        return array
    return array._replace(values=[top * factor for top in array.values], denominator=denominator)


def combine(function: Callable[..., Any], *arrays: Array) -> Array:
    """Number by number, for what can be done to numerators as well: sums and the like."""
    arrays = (*aligned(*arrays),)
    values = list(map(function, *(array.values for array in arrays)))
    return reduced(arrays[0]._replace(values=values))


def add(*arrays: Array) -> Array:
    return combine(lambda *numbers: sum(numbers), *arrays)


def multiply(*arrays: Array) -> Array:
    arrays = (*alike(*arrays),)
    values = list(map(lambda *numbers: prod(numbers), *(array.values for array in arrays)))
    denominator = prod(array.denominator for array in arrays)
    return reduced(arrays[0]._replace(values=values, denominator=denominator))


def spread(array: Array, shape: tuple[int, ...]) -> Array:
    """One number for each channel, or one for all, at every place of a shape."""
    return array._replace(values=array.values * (prod(shape) // len(array.values)), shape=shape)


def divide(array: Array, counts: Sequence[int]) -> Array:
    """Every number by a whole number of its own: what makes a mean of a sum."""
    pairs = zip(array.values, counts, strict=True)
    if not array.exact:
        return array._replace(values=[value / count for value, count in pairs])
    common = lcm(*set(counts))
    values = [top * (common // count) for top, count in pairs]
    return reduced(array._replace(values=values, denominator=array.denominator * common))


def inverse(array: Array) -> Array:
    """1 over every number; none of them is 0."""
    if not array.exact:
        return array._replace(values=[1 / value for value in array.values])
    return array_of([Fraction(array.denominator, top) for top in array.values], array.shape)


def root(array: Array) -> Array:
    """The square root of every number; exact if all are squares of fractions."""
    below = array.denominator
    if array.exact:  # √(top/below) is √(top · below)/below
        roots = [isqrt(top * below) for top in array.values]
        if all(one * one == top * below for one, top in zip(roots, array.values, strict=True)):
            return reduced(array._replace(values=roots))
    return floating([sqrt(value) for value in array.floats()], array.shape)


# Moving numbers.


def offsets(shape: Sequence[int], indices: Sequence[Iterable[int]]) -> list[int]:
    """Where the numbers at these indices of each axis stand, the last axis changing first.

    NOWHERE for an index that an axis does not have.
    """
    found = [0]
    for size, along in zip(shape, indices, strict=True):
        found = [
            start * size + index if start >= 0 and 0 <= index < size else NOWHERE
            for start in found
            for index in along
        ]
    return found


def taken(array: Array, indices: Sequence[Sequence[int]]) -> Array:
    """The numbers at these indices of each axis, 0 for what is NOWHERE."""
    values = [*array.values, 0]  # NOWHERE is the last
    places = offsets(array.shape, indices)
    return array._replace(
        values=[values[place] for place in places], shape=tuple(map(len, indices))
    )


def cut(array: Array, firsts: Sequence[int], sizes: Sequence[int]) -> Array:
    """These rows of each axis, all channels."""
    pairs = zip(firsts, sizes, strict=True)
    rows = [range(first, first + size) for first, size in pairs]
    return taken(array, [*rows, range(array.shape[-1])])


def transposed(
    array: Array, split: Sequence[int], order: Sequence[int], shape: tuple[int, ...]
) -> Array:
    """Seen in the shape `split`, the axes put into another order, and then seen in `shape`."""
    places = [0]
    for axis in order:
        step = prod(split[axis + 1 :])
        places = [start + step * index for start in places for index in range(split[axis])]
    return array._replace(values=[array.values[place] for place in places], shape=shape)
