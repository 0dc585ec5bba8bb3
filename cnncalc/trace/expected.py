"""Expected values: what a spec says of the numbers in a volume, compared with those traced.

An exact number must be equal. A floating one is compared after rounding to the decimals that are
written; a whole number without decimals must be equal to it.
"""

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from cnncalc import problems as codes
from cnncalc.network.build import Build
from cnncalc.network.network import Group, Leaf, Network, Signal
from cnncalc.problems import Problem, Problems
from cnncalc.spec.node import Node
from cnncalc.trace.arrays import Array, Number
from cnncalc.trace.files import Misfit
from cnncalc.trace.values import AXES, Block, ValueReader, block, read_number, text_of
from cnncalc.wording import count, quote, show_fraction

if TYPE_CHECKING:
    from cnncalc.trace.engine import Trace


class Expected(NamedTuple):
    """A number as it is written."""

    text: str
    number: int | Fraction
    decimals: int
    node: Node | None

    def holds(self, found: Number) -> bool:
        if not isinstance(found, float):
            return found == self.number
        if found != found or found in (float("inf"), float("-inf")):
            return False
        unit = Fraction(1, 10**self.decimals) if self.decimals else 0
        return abs(Fraction(found) - self.number) * 2 <= unit


def _read(value: Any, place: str) -> Expected:
    number = read_number(value, place)
    text = text_of(value) or _text(number)
    mantissa, _, power = text.lower().partition("e")
    decimals = len(mantissa.partition(".")[2]) - int(power or 0)
    is_decimal = "." in mantissa or bool(power)
    return Expected(
        text,
        number,
        max(decimals, 0) if is_decimal else 0,
        value if isinstance(value, Node) else None,
    )


def judge(trace: "Trace") -> list[Problem]:
    """The expected values that do not hold; none is judged under other settings than the spec's."""
    if is_overridden(trace):
        return []
    reader = ValueReader(trace.reader.folder, _read)
    problems = Problems()
    for about, node in _expected(trace):
        signal = _signal(about)
        if signal in trace.arrays:
            found = _judge(trace.build, reader, about, node, trace.arrays[signal])
            problems.extend([found] if found is not None else [])
    return problems.sorted()


def is_overridden(trace: "Trace") -> bool:
    """Whether there are expected values that do not hold for these settings."""
    overridden = trace.build.overridden or trace.flip
    return overridden and any(_signal(about) in trace.arrays for about, _ in _expected(trace))


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


def _span(build: Build, node: Node) -> Any:
    return build.spec.text.span(node.start, node.end)


def _judge(
    build: Build,
    reader: ValueReader,
    about: Leaf | Group | Network,
    node: Node,
    found: Array,
) -> Problem | None:
    signal = _signal(about)
    assert signal is not None
    volume = signal.output
    where = getattr(about, "path", "") or "the network"
    wanted = block(f"the output {volume.text()} of {where}", volume.sizes, volume.channels)
    path = getattr(about, "path", "")
    try:
        expected: list[Expected] = reader.volume(node, wanted)
    except Misfit as misfit:
        span = _span(build, misfit.node or node)
        return Problem(codes.BAD_EXPECTATION, misfit.message, span, help=misfit.help, layer=path)
    pairs = list(zip(expected, found.numbers(), strict=True))
    wrong = [index for index, (one, other) in enumerate(pairs) if not one.holds(other)]
    if not wrong:
        return None
    first, actual = pairs[wrong[0]]
    others = count(len(wrong) - 1, "other number differs", "other numbers differ")
    more = f"; {others} too" if len(wrong) > 1 else ""
    return Problem(
        codes.EXPECTATION,
        f"values of {where}: {_place(wanted, wrong[0])} is {_text(actual)}, "
        f"expected {quote(first.text)}{more}",
        _span(build, first.node or node),
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
