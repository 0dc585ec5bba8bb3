"""What an ONNX graph works out of constants: sizes by Shape, Gather and Concat, repeated weights.

They are worked out here too, since they are constants where the input is known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import zip_longest
from math import ceil, floor, prod
from typing import Any

from cnncalc.exchange.onnx_file import MAX_NUMBERS, Numbers, Operator, Weight

Attributes = Mapping[str, Any]
Fold = Callable[[list[Numbers], Attributes], Numbers]


def stated(operator: Operator, name: str) -> Weight:
    """What a Constant holds: a tensor, a number or a list of numbers."""
    value = next(iter(operator.attributes.values()))
    if isinstance(value, Weight):
        return Weight(name, value.sizes, value.values, computed=value.computed)
    numbers = value if isinstance(value, list) else [value]
    return Weight(name, (len(numbers),), numbers)


def folded(operator: Operator, name: str, known: Sequence[Weight]) -> Weight | None:
    """What an operator makes of constants; None where that is not worked out."""
    kind = operator.type
    if kind == "ConstantOfShape" and known[0].values:
        value = operator.attributes.get("value")
        filling = value if isinstance(value, Weight) else Weight("", (), [0])
        return expanded(name, tuple(known[0].values), filling)
    if kind == "Expand" and known[1].values:
        return expanded(name, _stretched(known[0].sizes, tuple(known[1].values)), known[0])
    if kind == "Transpose" and known[0].values is None:
        return _transposed(operator, name, known[0])
    fold = _FOLDS.get(kind)
    if fold is not None and all(weight.values is not None for weight in known):
        numbers = fold([weight.values or [] for weight in known], operator.attributes)
        return expanded(name, (len(numbers),), Weight(name, (), numbers))
    return None


def _stretched(one: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, ...]:
    """The sizes of two values that are stretched to each other."""
    pairs = zip_longest(reversed(one), reversed(other), fillvalue=1)
    return tuple(max(pair) for pair in pairs)[::-1]


def _transposed(operator: Operator, name: str, weight: Weight) -> Weight:
    sizes = weight.sizes
    order = operator.attributes.get("perm", [*range(len(sizes))][::-1])
    made_of = tuple(weight.weights.items())
    return Weight(name, tuple(sizes[axis] for axis in order), None, computed=True, made_of=made_of)


def expanded(name: str, sizes: tuple[int, ...], source: Weight | None) -> Weight:
    """Numbers that are repeated up to these sizes; not read where they are many."""
    whole, numbers = prod(sizes), source.values if source is not None else None
    values = None
    if numbers is not None and whole <= MAX_NUMBERS and whole % max(len(numbers), 1) == 0:
        values = numbers * (whole // max(len(numbers), 1))
    made_of = tuple(source.weights.items()) if source is not None and numbers is None else ()
    return Weight(name, sizes, values, computed=True, made_of=made_of)


def _gather(values: list[Numbers], attributes: Attributes) -> Numbers:
    return [values[0][index] for index in values[1]]


def _cut(values: list[Numbers], attributes: Attributes) -> Numbers:
    start, end = values[1][0], values[2][0]
    step = values[4][0] if len(values) > 4 else 1
    return values[0][start:end:step]


def _each(operation: Callable[[Any, Any], Any]) -> Fold:
    def work_out(values: list[Numbers], attributes: Attributes) -> Numbers:
        one, other = values
        length = max(len(one), len(other))
        pairs = zip(one * (length // len(one)), other * (length // len(other)), strict=True)
        return [operation(a, b) for a, b in pairs]

    return work_out


def _all(operation: Callable[[Any], Any]) -> Fold:
    return lambda values, attributes: [operation(value) for value in values[0]]


def _first(values: list[Numbers], attributes: Attributes) -> Numbers:
    return values[0]


_FOLDS: dict[str, Fold] = {
    **dict.fromkeys(("CastLike", "Reshape", "Squeeze", "Unsqueeze"), _first),
    "Add": _each(lambda a, b: a + b),
    "Cast": lambda values, attributes: (
        [int(value) for value in values[0]] if attributes.get("to") in (6, 7) else values[0]
    ),
    "Ceil": _all(ceil),
    "Concat": lambda values, attributes: [number for part in values for number in part],
    "Div": _each(lambda a, b: a // b if isinstance(a, int) else a / b),
    "Equal": _each(lambda a, b: a == b),
    "Floor": _all(floor),
    "Gather": _gather,
    "Max": _each(max),
    "Min": _each(min),
    "Mod": _each(lambda a, b: a % b),
    "Mul": _each(lambda a, b: a * b),
    "Neg": _all(lambda value: -value),
    "Range": lambda values, attributes: [*range(*(value[0] for value in values))][:MAX_NUMBERS],
    "ReduceProd": lambda values, attributes: [prod(values[0])],
    "Slice": _cut,
    "Sqrt": _all(lambda value: value**0.5),
    "Sub": _each(lambda a, b: a - b),
    "Where": lambda values, attributes: [
        one if chosen else other
        for chosen, one, other in zip(*values, strict=True)
    ],
}  # fmt: skip
