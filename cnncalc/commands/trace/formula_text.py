"""The formulas of norms, softmax and attention with their numbers, a line each."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from cnncalc.commands.trace.arrays import Number
from cnncalc.commands.trace.formulas import (
    ATTENTION,
    NEIGHBOURS,
    NORMED,
    SHARES,
    Formula,
    normal,
    root,
)
from cnncalc.commands.trace.grids import (
    NARROW,
    TERMS,
    factor,
    flow,
    grid,
    show_number,
    terms,
    texts,
    wrapped,
)
from cnncalc.wording import show_fraction


def formula_lines(found: Formula, width: int | None) -> list[str]:
    return _LINES[found.rule](found, width)


def _normed(found: Formula, width: int | None) -> list[str]:
    numbers: Any = found.numbers
    x, mean, variance, epsilon = (numbers[name] for name in ("x", "mean", "variance", "epsilon"))
    before = normal(x - mean, variance + epsilon)
    distance = " ".join(terms([x, -mean]))
    lines = [
        f"  mean {show_number(mean)}, variance {show_number(variance)}, epsilon {_plain(epsilon)}",
        *wrapped(
            [f"({distance})/√({show_number(variance)}", f"+ {_plain(epsilon)})",
             *dict.fromkeys(
                 (f"= {_over(x - mean)}/{show_number(root(variance + epsilon))}",
                  f"= {show_number(before)}")
             )],
            width,
        ),
    ]  # fmt: skip
    if "scale" in numbers:
        times = f"{show_number(before)} · {factor(numbers['scale'])} (scale)"
        before = before * numbers["scale"]
        lines.append(f"  {times} = {show_number(before)}")
    if "shift" in numbers:
        both = " ".join(terms([before, numbers["shift"]]))
        lines.append(f"  {both} (shift) = {show_number(found.result)}")
    return lines


def _neighbours(found: Formula, width: int | None) -> list[str]:
    numbers: Any = found.numbers
    x, near, k, alpha, beta = (numbers[name] for name in ("x", "near", "k", "alpha", "beta"))
    total = sum(number * number for number in near)
    squares = [f"{_over(number) if number >= 0 else factor(number)}²" for number in near]
    summed = [squares[0], *(f"+ {square}" for square in squares[1:]), f"= {show_number(total)}"]
    base = k + alpha * total
    return [
        *wrapped(["squares of the neighbouring channels:", *summed], width),
        f"  {_plain(k)} + {_plain(alpha)} · {show_number(total)} = {float(base):.8g}",
        f"  {_over(x)}/{float(base):.8g}^{_plain(beta)} = {show_number(found.result)}",
    ]


def _shares(found: Formula, width: int | None) -> list[str]:
    numbers: Any = found.numbers
    x, every = numbers["x"], numbers["all"]
    if len(every) > TERMS:
        below = [f"the sum over {len(every):,} channels"]
    else:
        powers = [f"e^{factor(number)}" for number in every]
        below = [f"({powers[0]}", *(f"+ {power}" for power in powers[1:])]
        below[-1] += ")"
    first, *others = below
    words = [f"e^{factor(x)}/{first}", *others, f"= {show_number(found.result)}"]
    return wrapped(words, width)


def _attention(found: Formula, width: int | None) -> list[str]:
    numbers: Any = found.numbers
    rows = [(name, each) for name, each in numbers.items() if isinstance(each, list)]
    blocks = [
        block
        for name, each in rows
        for block in grid(_title(name), [texts(each)], columns="numbers", width=width or NARROW)
    ]
    lines = flow(blocks, 1)  # one below the other
    weighed, unit = (
        (numbers["weighed values"], numbers["unit"])
        if "unit" in numbers
        else (next(each for name, each in rows if name.startswith("weights")), numbers["values"])
    )
    return [*lines, "", *_sum_of_products(weighed, unit, numbers.get("bias"), found.result, width)]


def _title(name: str) -> str:
    """What a row of numbers is: `weights, head 1: softmax of the scores`."""
    return name + _ROWS.get(name.partition(",")[0], "")


_ROWS = {
    "scores": ": its query times each key, over √d",
    "weights": ": softmax of the scores",
    "unit": ": the output's weights",
    "values": " of this channel",
}


def _sum_of_products(
    one: Sequence[Number],
    other: Sequence[Number],
    bias: Number | None,
    result: Number,
    width: int | None,
) -> list[str]:
    end = f"= {show_number(result)}"
    added = [] if bias is None else [f"{terms([0, bias])[1]} (bias)"]
    if len(one) > TERMS:
        return wrapped([f"the sum of {len(one):,} products", *added, end], width)
    products = [f"{factor(left)} · {factor(right)}" for left, right in zip(one, other, strict=True)]
    first, *rest = products
    return wrapped([first, *(f"+ {product}" for product in rest), *added, end], width)


def _plain(number: Number) -> str:
    """A constant as it was written, with all its decimals."""
    assert not isinstance(number, float)
    text = f"{float(number):.12f}".rstrip("0").rstrip(".")
    return text if Fraction(text) == number else show_fraction(number)


def _over(number: Number) -> str:
    """What stands before a line of division or a power: a fraction in parentheses."""
    text = show_number(number)
    return f"({text})" if "/" in text else text


_LINES: dict[str, Callable[[Formula, int | None], list[str]]] = {
    NORMED: _normed,
    NEIGHBOURS: _neighbours,
    SHARES: _shares,
    ATTENTION: _attention,
}
