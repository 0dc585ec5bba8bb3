"""Numbers as they are written: 3, -0.25, 1/9, 1e-3. All are read exactly."""

import re
from fractions import Fraction
from typing import Any

from cnncalc.commands.trace.misfit import Misfit
from cnncalc.wording import quote, show

MAX_NUMBERS = 1_000_000  # read from a spec and its files
MAX_LENGTH = 40  # characters of a number
MAX_POWER = 308  # of 10; as far as floating point goes

_NUMBER = re.compile(r"[-+−]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?(?P<power>\d{1,9}))?|[-+−]?\d+/\d+")
_NOT_FINITE = ("nan", "inf", "infinity")


def read_number(value: Any) -> int | Fraction:
    """The exact number. Raises Misfit."""
    if isinstance(value, Fraction) or type(value) is int:
        return value
    text = value.strip() if isinstance(value, str) else ""
    found = _NUMBER.fullmatch(text) if len(text) <= MAX_LENGTH else None
    if found is None or int(found["power"] or 0) > MAX_POWER:
        raise _no_number(value, text)
    digits = text.lstrip("+-−")
    if len(digits) > 1 and digits[0] == "0" and digits[1].isdigit():
        raise Misfit(f"{named(value)}, with a leading zero")
    try:
        fraction = Fraction(text.replace("−", "-"))
    except ZeroDivisionError:
        raise Misfit(f"{named(value)}, a division by zero") from None
    return fraction.numerator if fraction.denominator == 1 else fraction


def _no_number(value: Any, text: str) -> Misfit:
    wanted = "only finite numbers can be traced" if is_not_finite(text) else "a number is wanted"
    help = ""
    if "$" in text:
        help = "a var holds the whole list: values: $name"
    elif len(text) > MAX_LENGTH:
        help = f"a number has at most {MAX_LENGTH} characters"
    return Misfit(f"{named(value)}; {wanted}", help)


def is_number(text: str) -> bool:
    """Whether a text is meant as a number, not as the name of a file."""
    return bool(_NUMBER.fullmatch(text)) or is_not_finite(text)


def is_not_finite(text: str) -> bool:
    return text.lower().lstrip("+-−.") in _NOT_FINITE


def named(value: Any) -> str:
    """What stands there, for a message: "4", a list, a mapping."""
    if isinstance(value, list):
        return "a list"
    return f'"{quote(str(value))}"' if type(value) is int else show(value)
