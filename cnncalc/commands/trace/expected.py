"""Expected values: what a spec says of the numbers in a volume, compared with those traced.

An exact number must be equal. A floating one is compared after rounding to the decimals that are
written; a whole number without decimals must be equal to it.
"""

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from cnncalc import problems as codes
from cnncalc.commands.trace.arrays import Array, Number
from cnncalc.commands.trace.numbers import read_number
from cnncalc.commands.trace.places import Expected, expected
from cnncalc.commands.trace.values import AXES, Block, ValueReader, block
from cnncalc.network.network import Element, Group, Leaf, Network, Signal
from cnncalc.problems import Problem, Problems, Reject
from cnncalc.wording import count, quote, show_fraction

if TYPE_CHECKING:
    from cnncalc.commands.trace.engine import Trace


class Written(NamedTuple):
    """A number as it is written."""

    text: str
    number: int | Fraction
    decimals: int

    def holds(self, found: Number) -> bool:
        if not isinstance(found, float):
            return found == self.number
        if found != found or found in (float("inf"), float("-inf")):
            return False
        unit = Fraction(1, 10**self.decimals) if self.decimals else 0
        return abs(Fraction(found) - self.number) * 2 <= unit


def _read(value: Any) -> Written:
    number = read_number(value)
    text = value.strip() if isinstance(value, str) else _text(number)
    mantissa, _, power = text.lower().partition("e")
    decimals = len(mantissa.partition(".")[2]) - int(power or 0)
    is_decimal = "." in mantissa or bool(power)
    return Written(text, number, max(decimals, 0) if is_decimal else 0)


def judge(trace: "Trace") -> list[Problem]:
    """The expected values that do not hold; none is judged under other settings than the spec's."""
    if is_overridden(trace):
        return []
    reader = ValueReader(trace.reader.folder, _read)
    problems = Problems()
    for wanted in expected(network):
        signal = _signal(wanted.about)
        if signal in trace.arrays:
            found = _judge(reader, wanted, trace.arrays[signal])
            problems.extend([found] if found is not None else [])
    return problems.sorted()


def is_overridden(trace: "Trace") -> bool:
    """Whether there are expected values that do not hold for these settings."""
    overridden = trace.network.overridden or trace.flip
    return overridden and any(
        _signal(wanted.about) in trace.arrays for wanted in expected(trace.network)
    )


def _expected(trace: "Trace") -> Iterator[tuple[Leaf | Group | Network, Node]]:
    """The expected values of the spec, and what they are about."""
    for about, expected in trace.build.expectations:
        if expected.values is not None:
            yield about, expected.values


def _signal(about: Leaf | Group | Network) -> Signal | None:
    """Whose numbers are expected: a layer's, what a group hands on, the network's output."""
    if isinstance(about, Leaf):
        return about
    if isinstance(about, Group):
        return about.result
    assert isinstance(about, Network)
    return next(iter(about.output_signals.values()))


def _judge(reader: ValueReader, wanted: Expected, found: Array) -> Problem | None:
    volume, path = _signal(wanted.about).output, getattr(wanted.about, "path", "")
    assert volume is not None
    where = path or "the network"
    form = block(f"the output {volume.text()} of {where}", volume.sizes, volume.channels)
    try:
        written: list[Written] = reader.block(wanted.values, form)
    except Reject as reject:
        span = wanted.blame(reject.path)
        code = codes.BAD_EXPECTATION if reject.code is codes.BAD_VALUE else reject.code
        return Problem(code, reject.message, span, help=reject.help, layer=path)
    pairs = list(zip(written, found.numbers(), strict=True))
    wrong = [index for index, (one, other) in enumerate(pairs) if not one.holds(other)]
    if not wrong:
        return None
    first, actual = pairs[wrong[0]]
    others = count(len(wrong) - 1, "other number differs", "other numbers differ")
    more = f"; {others} too" if len(wrong) > 1 else ""
    return Problem(
        codes.EXPECTATION,
        f"values of {where}: {_place(form, wrong[0])} is {_text(actual)}, "
        f"expected {quote(first.text)}{more}",
        wanted.blame(reader.path(wanted.values, form, wrong[0])),
        layer=path,
        expected=first.text,
        actual=_text(actual),
    )


def _place(wanted: Block, index: int) -> str:
    """row 2, column 3"""
    parts = []
    for axis in reversed(wanted.axes):
        index, part = divmod(index, axis.size)
        if axis.size > 1 or axis.name in ("row", "column", *AXES[1]):
            parts.append(f"{axis.name} {part + 1}")
    return ", ".join(reversed(parts)) or "the only number"


def _text(number: Number) -> str:
    return str(number) if isinstance(number, float) else show_fraction(number)
