"""What values an argument takes: numbers, words and booleans.

A type's `read` turns the plain value of a spec (a number, boolean, text, list, mapping) into the
value the layer works with, or raises Reject. `bind` then fits it to the number of spatial axes.
"""

import re
from collections.abc import Callable
from typing import Any, ClassVar

from cnncalc import problems as codes
from cnncalc.advice import Edit
from cnncalc.arithmetic import CEIL, EXACT, FLOOR
from cnncalc.problems import Reject
from cnncalc.volume import MAX_NUMBER
from cnncalc.wording import did_you_mean, is_fraction, show, show_fraction


class Type:
    """What values an argument takes."""

    expects = "a value"
    per_axis = False
    sides: tuple[str, ...] = ()  # keys of a mapping that may stand for the value
    json_types: tuple[str, ...] = ("string",)  # in JSON Schema; a string may be an expression
    words: tuple[str, ...] = ()  # the only strings, expressions aside
    names_item = False  # whether it is written as the name of an item, whose volume is meant
    takes_none = False  # whether none is a value of its own, not "as if not written"
    strings = ""  # a pattern of strings that it takes, expressions and words aside
    json_more: ClassVar[dict[str, object]] = {}  # further keywords, of lists and numbers
    kept = False  # whether it is handed over as it is written, as Kept, not worked out

    def read(self, value: object) -> Any:
        """The value the layer works with; raises Reject."""
        raise NotImplementedError

    def bind(self, value: Any, axes: int) -> object:
        """`value` for a volume with this many spatial axes; raises Reject."""
        return value

    def show(self, value: Any) -> object:
        """`value` for a report or JSON: numbers, words and lists."""
        return value

    def refuse(self, value: object, help: str = "", path: tuple[object, ...] = ()) -> Reject:
        message = f"{{argument}} takes {self.expects}, not {show(value)}"
        if value is None:
            message = "{argument} has no value"
        return Reject(codes.BAD_VALUE, message, help=help, path=path)


class Whole(Type):
    """A whole number within bounds."""

    json_types: tuple[str, ...] = ("integer", "string")
    strings = r"^\d{1,13}$"

    def __init__(self, minimum: int = 1, maximum: int = MAX_NUMBER) -> None:
        self.minimum = minimum
        self.maximum = maximum
        self.expects = f"a whole number of at least {minimum}"

    def read(self, value: object) -> object:
        if type(value) is int and self.minimum <= value <= self.maximum:
            return value
        raise self.refuse_number(value)

    def refuse_number(self, value: Any, path: tuple[object, ...] = ()) -> Reject:
        if is_fraction(value):
            return Reject(
                codes.BAD_VALUE,
                f"{{argument}} comes to {show_fraction(value)}; a whole number is wanted",
                help="// divides and rounds down; floor, ceil and round take a fraction",
                path=path,
            )
        if isinstance(value, int) and value > self.maximum:
            return Reject(codes.BAD_VALUE, "{argument} is larger than 10^12", path=path)
        return self.refuse(value, why_no_number(value), path)


# Numbers as people write them elsewhere, and what to do about them.
_NUMBERS: tuple[tuple[str, Callable[[re.Match[str]], str]], ...] = (
    (r"\d{1,13}(?:[_,]\d+)+", lambda found: _write(found, re.sub("[_,]", "", found[0]))),
    (r"(\d{1,9})e(\d)", lambda found: _write(found, str(int(found[1]) * 10 ** int(found[2])))),
    (r"(\d{1,9})k", lambda found: _write(found, f"{found[1]}000")),
    (r"(\d{1,9})M", lambda found: _write(found, f"{found[1]}000000")),
    (r"0o([0-7]{1,15})", lambda found: _write(found, str(int(found[1], 8)))),
    (r"\(([\d, ]{1,40})\)", lambda found: _write(found, f"[{found[1]}]")),
    (
        r"0+(\d+)",
        lambda found: Edit(
            "write the number without the 0 in front", found[1], found[0], safe=False
        ),
    ),
    (r"0[xX][\da-fA-F]+", lambda found: "hexadecimal numbers are not read"),
    (r"\d+(?::\d+)+", lambda found: "older YAML readers take this for a number of base 60"),
    (r"-?\.(?:inf|Inf|INF|nan|NaN)", lambda found: "only whole numbers and decimals are read"),
    (
        r"[“”„‘’«»].*",
        lambda found: Edit(
            "use straight quotes, or none", re.sub("[“”„‘’«»]", "", found[0]), found[0]
        ),
    ),
)


def _write(found: re.Match[str], new: str) -> str:
    return Edit(f"write {new}", new, found[0])


def why_no_number(value: Any) -> str:
    """What to write instead of a text that was meant as a number."""
    for pattern, help in _NUMBERS if isinstance(value, str) else ():
        if found := re.fullmatch(pattern, value):
            return help(found)
    return ""


def meant_boolean(value: object) -> str:
    """What to write instead of yes, False, 0 and the like."""
    for word, others in (("true", ("true", "yes", "on", "1")), ("false", _FALSE)):
        if str(value).lower() in others:
            return Edit(f"write {word}", word, str(value))
    return ""


_FALSE = ("false", "no", "off", "0", "none")


class Flag(Type):
    expects = "true or false"
    json_types: tuple[str, ...] = ("boolean", "string")
    strings = "^(true|false)$|[<>=]"

    def read(self, value: object) -> bool:
        if isinstance(value, bool):
            return value
        raise self.refuse(value, meant_boolean(value))


class Choice(Type):
    """One of a few words."""

    def __init__(self, *words: str) -> None:
        self.words = words
        self.expects = ", ".join(words[:-1]) + f" or {words[-1]}"

    def read(self, value: object) -> str:
        if isinstance(value, str) and value.lower() in self.words:
            return value.lower()
        raise self.refuse(value, did_you_mean(str(value), self.words))


class Rounding(Choice):
    """floor, ceil or exact; nothing means what the network says."""

    def __init__(self) -> None:
        super().__init__(FLOOR, CEIL, EXACT)


class Rate(Type):
    """A probability."""

    expects = "a number from 0 to 1"
    json_types: tuple[str, ...] = ("number", "string")
    strings = r"^[01]?(\.\d+)?$"
    json_more: ClassVar[dict[str, object]] = {"minimum": 0, "maximum": 1}

    def read(self, value: object) -> float:
        if (isinstance(value, int) and not isinstance(value, bool)) or is_fraction(value):
            if 0 <= value <= 1:
                return float(value)
            if 1 < value <= 100:
                from fractions import Fraction

                part = show_fraction(Fraction(value) / 100)
                raise self.refuse(value, Edit(f"write {part}", part, show(value), safe=False))
        raise self.refuse(value)
