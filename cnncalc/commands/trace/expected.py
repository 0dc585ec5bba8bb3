"""Expected values: what a spec says of the numbers in a volume, compared with those traced.

An exact number must be equal. A floating one is compared after rounding to the decimals that are
written; a whole number without decimals must be equal to it.
"""

from collections.abc import Mapping
from fractions import Fraction
from math import isfinite
from typing import Any, NamedTuple

from cnncalc import problems as codes
from cnncalc.commands.trace.arrays import Array, Number
from cnncalc.commands.trace.numbers import read_number
from cnncalc.commands.trace.places import Expected, expected
from cnncalc.commands.trace.values import Block, ValueReader, block
from cnncalc.layers.window import ROW
from cnncalc.network.build import Build
from cnncalc.network.model import Group, Layer, Network, Signal
from cnncalc.problems import Problem, Problems, Reject
from cnncalc.wording import count, quote, show_fraction, times

Arrays = Mapping[Signal, Array]


class Written(NamedTuple):
    """A number as it is written."""

    text: str
    number: int | Fraction
    decimals: int

    def holds(self, found: Number) -> bool:
        if not isinstance(found, float):
            return found == self.number
        unit = Fraction(1, 10**self.decimals) if self.decimals else 0
        return isfinite(found) and abs(Fraction(found) - self.number) * 2 <= unit


def _read(value: Any) -> Written:
    number = read_number(value)
    text = value.strip() if isinstance(value, str) else show_fraction(number)
    mantissa, _, power = text.lower().partition("e")
    decimals = len(mantissa.partition(".")[2]) - int(power or 0)
    return Written(text, number, max(decimals, 0) if "." in mantissa or power else 0)


def traced(build: Build, arrays: Arrays) -> list[tuple[Expected, Array]]:
    """The expected values of what was traced, each with the numbers found."""
    pairs = [(wanted, _signal(wanted.about)) for wanted in expected(build)]
    return [(wanted, arrays[signal]) for wanted, signal in pairs if signal and signal in arrays]


def judge(build: Build, arrays: Arrays, reader: ValueReader) -> list[Problem]:
    """The expected values that do not hold."""
    reader = ValueReader(reader.folder, _read)
    found = [_judge(reader, *pair) for pair in traced(build, arrays)]
    return Problems(problem for problem in found if problem is not None).sorted()


def _signal(about: Layer | Group | Network) -> Signal | None:
    """Whose numbers are expected: a layer's, what a group hands on, the network's output."""
    if isinstance(about, Layer):
        return about
    if isinstance(about, Group):
        return about.result
    assert isinstance(about, Network)
    return next(iter(about.output_signals.values()))


def _judge(reader: ValueReader, wanted: Expected, found: Array) -> Problem | None:
    path = getattr(wanted.about, "path", "")
    where = path or "the network"
    *sizes, channels = found.shape
    form = block(f"the output {times(found.shape)} of {where}", tuple(sizes), channels)
    try:
        written: list[Written] = reader.block(wanted.values, form)
    except Reject as reject:
        code = codes.BAD_EXPECTATION if reject.code is codes.BAD_VALUE else reject.code
        span = wanted.place(reject.path)
        return Problem(code, reject.message, span, help=reject.help, layer=path)
    numbers = found.numbers()
    pairs = enumerate(zip(written, numbers, strict=True))
    wrong = [index for index, (one, other) in pairs if not one.holds(other)]
    if not wrong:
        return None
    first, actual = written[wrong[0]].text, _text(numbers[wrong[0]])
    others = count(len(wrong) - 1, "other number differs", "other numbers differ")
    more = f"; {others} too" if len(wrong) > 1 else ""
    return Problem(
        codes.EXPECTATION,
        f"values of {where}: {_place(form, wrong[0])} is {actual}, expected {quote(first)}{more}",
        wanted.place(reader.path(wanted.values, form, wrong[0])),
        layer=path,
        expected=first,
        actual=actual,
    )


def _place(wanted: Block, index: int) -> str:
    """row 2, column 3"""
    parts = []
    for axis in reversed(wanted.axes):
        index, part = divmod(index, axis.size)
        if axis.size > 1 or axis.name in ("row", "column", *ROW[1]):
            parts.append(f"{axis.name} {part + 1}")
    return ", ".join(reversed(parts)) or "the only number"


def _text(number: Number) -> str:
    return str(number) if isinstance(number, float) else show_fraction(number)
