"""Amounts as people write them in `expect:` and budgets: 61706, 4.2M, ~60M, "<= 5M", 40MiB.

`read_expected` turns a written amount into what must hold of the found value; no YAML here.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from cnncalc import problems as codes
from cnncalc.layers.values import why_no_number
from cnncalc.problems import Reject
from cnncalc.quantities import in_bytes
from cnncalc.volume import Volume, read_factors
from cnncalc.wording import quote

if TYPE_CHECKING:
    from cnncalc.language.expressions import Number

_FACTORS = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "B": 10**9, "T": 10**12}
_BYTES = {"B": 1, "KiB": 1024, "MiB": 1024**2, "GiB": 1024**3, "TiB": 1024**4}
NUMBER = (
    r"(?P<whole>0|[1-9][\d_]*|[1-9]\d{0,2}(?:,\d{3})+)(?:\.(?P<decimals>\d+))?(?:e(?P<power>\d{1,2}))?"
    r"\s*(?P<unit>[kMGBT]|[KMGT]iB)?"
)
_BOUND = r"(<=|>=|<|>|~)\s*(.+)"
_MAX_LENGTH = 40
_FORMS = '61706, 61_706, "61,706", 4.2M, ~60M, "<= 5M", 5M..6M'

BLANK = "?"  # stands for a number that is to be filled in

Holds = Callable[[Any], bool]
Hint = Callable[[Any], str]


def _is_blank(found: Any) -> bool:
    return True


def _no_hint(found: Any) -> str:
    return ""


def read_expected(name: str, text: str) -> tuple[Holds, Hint]:
    """What must hold of the found value, and a hint for when it does not. Raises Reject.

    A blank, which somebody is to fill in, holds of everything.
    """
    if text == BLANK:
        return _is_blank, _no_hint
    if name in ("input", "output"):
        return _read_volume(name, text)
    if name == "receptive_field":
        return _read_field(text), _no_hint
    if text.isdecimal() and text[0] != "0" and len(text) <= _MAX_LENGTH:  # nearly always
        return _equals(int(text), 1), _no_hint
    bytes_only = in_bytes(name)
    if span := re.fullmatch(r"(.*?[^.])\.\.([^.].*)", text):
        low, high = (read_number(part, bytes_only)[0] for part in span.groups())
        if low > high:
            raise Reject(codes.BAD_EXPECTATION, f"the range {quote(text)} is empty")
        return (lambda found: found is not None and low <= found <= high), _no_hint
    bound = re.fullmatch(_BOUND, text)
    if bound is None:
        return _equals(*read_number(text, bytes_only)), _no_hint
    sign, rest = bound[1], bound[2]
    number, unit = read_number(rest, bytes_only)
    if sign == "~":
        return (lambda found: found is not None and abs(found - number) <= unit), _no_hint
    compare = {
        "<=": operator.le, "<": operator.lt, ">=": operator.ge, ">": operator.gt,
    }[sign]  # fmt: skip
    # Both sides times the denominator, so that whole numbers are compared.
    top, bottom = number.numerator, number.denominator
    return (lambda found: found is not None and compare(found * bottom, top)), _no_hint


def _read_volume(name: str, text: str) -> tuple[Holds, Hint]:
    try:
        volume = Volume.parse(text)
    except ValueError as error:
        raise Reject(
            codes.BAD_EXPECTATION, f"{name} is compared with a volume, not {quote(text)}: {error}"
        ) from None

    def hint(found: Any) -> str:
        if found is not None and found.shape_without_ones == volume.shape_without_ones:
            return f"only sizes of 1 differ: write {found}"
        if found is not None and volume.shape == (found.channels, *found.sizes):
            return f"channels come last here: write {found}"
        return ""

    return (lambda found: found == volume), hint


def _read_field(text: str) -> Holds:
    try:
        sizes = read_factors(text)
    except ValueError:
        raise Reject(
            codes.BAD_EXPECTATION,
            f"receptive_field is compared with sizes such as 212 or 212x212, not {quote(text)}",
        ) from None

    def holds(found: Any) -> bool:
        return found is not None and all(
            sizes in (field, (field[0],) if len(set(field)) == 1 else None)
            for field in found.values()
        )

    return holds


def _equals(number: Number, unit: Number) -> Holds:
    """Equal after rounding, half up, to the digits that are written."""
    return lambda found: found is not None and (2 * found + unit) // (2 * unit) * unit == number


def read_number(text: str, bytes_only: bool = False) -> tuple[Number, Number]:
    """A written number and the unit of its last digit: 4.2M is 4,200,000 and 100,000."""
    found = re.fullmatch(NUMBER, text)
    if not found or len(text) > _MAX_LENGTH:
        raise Reject(
            codes.BAD_EXPECTATION,
            f"{quote(text)} is not a number",
            help=(text[:1] == "0" and why_no_number(text))
            or ('40MiB, "<= 1GiB"' if bytes_only else _FORMS),
        )
    unit_text = found["unit"] or ""
    if unit_text.endswith("iB") or (bytes_only and unit_text == "B"):
        if not bytes_only:
            raise Reject(codes.BAD_EXPECTATION, f"{quote(text)} is an amount of memory")
        factor = _BYTES[unit_text]
    elif bytes_only and unit_text:
        raise Reject(
            codes.BAD_EXPECTATION,
            f"memory is written in 1024s, {quote(text)} is not",
            help="KiB, MiB or GiB",
        )
    else:
        factor = _FACTORS[unit_text]
    digits = found["decimals"] or ""
    whole = found["whole"].replace("_", "").replace(",", "")
    top, bottom = factor * 10 ** int(found["power"] or 0), 10 ** len(digits)
    scale: Number = top // bottom
    if top % bottom:
        from fractions import Fraction

        scale = Fraction(top, bottom)
    return int(whole + digits) * scale, scale
