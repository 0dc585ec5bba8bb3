"""Judging expectations: what a spec says of its own numbers, compared with what was counted."""

import re
from typing import Any

from cnncalc import problems as codes
from cnncalc.language.amounts import BLANK, NUMBER, read_number
from cnncalc.language.source import Span
from cnncalc.language.written import VALUES, Expected
from cnncalc.network.build import Build
from cnncalc.network.expectations import Expectation
from cnncalc.network.model import Group, Layer, Network
from cnncalc.problems import Problem
from cnncalc.quantities import QUANTITIES, in_bytes
from cnncalc.volume import Volume
from cnncalc.wording import is_fraction, rounded, show_bytes


def judge(build: Build) -> list[Problem]:
    """The expectations that do not hold; one note instead where they are not judged."""
    counted = of_counts(build)
    if not counted:
        return []
    if build.overridden:
        message = "under other vars or inputs than the spec's own, expectations are not judged"
        if build.network.training:
            message = "under --training expectations are not judged"
        return [Problem(codes.NOT_JUDGED, message, span_of(build, counted[0].expected))]
    collected = codes.Problems()
    for about, expected in _judged(build, counted):
        found = value_of(about, expected.name, expected.output)
        if expected.written == BLANK:
            collected.add(_blank(build, about, expected))
        elif not expected.holds(found):
            collected.add(_failed(build, about, expected, found))
    return collected.sorted()


def of_counts(build: Build) -> list[Expectation]:
    """The expectations that are about volumes and counts, not about the values of a trace."""
    return [each for each in build.expectations if each.expected.name != VALUES]


def _judged(build: Build, expectations: list[Expectation]) -> list[Expectation]:
    """Where something could not be built, single layers only: sums of others are not whole.

    A text that has errors itself may be built otherwise than it is meant.
    """
    if not build.failed:
        return expectations
    if build.spec.misread:
        return []
    return [each for each in expectations if isinstance(each.about, Layer)]


def span_of(build: Build, expected: Expected) -> Span:
    """The stretch of the text where an expected value is written."""
    return build.spec.text.span(expected.start, expected.end)


def value_of(about: Layer | Group | Network, name: str, output: str = "") -> Any:
    """What was counted, of what an expectation or a budget is about."""
    if output and isinstance(about, Network):
        return about.outputs.get(output)
    value = about.quantity(name) if name in QUANTITIES else getattr(about, name)
    return value.sizes if name == "receptive_field" and value is not None else value


def _name(expected: Expected) -> str:
    return f"{expected.name}.{expected.output}" if expected.output else expected.name


def _blank(build: Build, about: Layer | Group | Network, expected: Expected) -> Problem:
    """A note: an exercise that nobody has solved yet is no error."""
    message = f"{_name(expected)} of {about.path or 'the network'} is left blank"
    help = "write the number in the place of the ?"
    place = span_of(build, expected)
    return Problem(codes.NOT_JUDGED, message, place, help=help, layer=about.path)


def _failed(
    build: Build, about: Layer | Group | Network, expected: Expected, found: object
) -> Problem:
    name = _name(expected)
    actual = show_found(expected.name, found)
    return Problem(
        codes.EXPECTATION,
        f"{name} of {about.path or 'the network'} is {actual}, expected {expected.written}",
        span_of(build, expected),
        detail=_difference(expected.written, found),
        help=expected.hint(found),
        layer=about.path,
        expected=expected.written,
        actual=actual,
    )


def _difference(written: str, found: object) -> str:
    number = re.fullmatch(NUMBER, written)
    if not number or not isinstance(found, int) or number["unit"] or number["decimals"]:
        return ""
    expected, _ = read_number(written)
    return f"{int(found - expected):+,}".replace("-", "−")


def show_found(name: str, found: Any) -> str:
    """A found value as a person would write it."""
    if found is None:
        return "not defined here"
    if isinstance(found, Volume):
        return found.text()
    if isinstance(found, dict):
        return ", ".join("×".join(map(str, sizes)) for sizes in found.values())
    if is_fraction(found):
        text, exact = rounded(found)
        return text if exact else f"{text} ({found.numerator:,}/{found.denominator:,})"
    return f"{show_bytes(found)} ({found:,} bytes)" if in_bytes(name) else f"{found:,}"
