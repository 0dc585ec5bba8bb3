"""How values and names are worded in messages and reports."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import islice
from math import gcd
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fractions import Fraction
    from typing import TypeGuard


def show(value: Any) -> str:
    """A plain value as a person would write it, for messages."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) or is_fraction(value):
        return show_fraction(value)
    if isinstance(value, (list, tuple)):
        return quote("[" + ", ".join(map(show, value)) + "]")
    if isinstance(value, dict):
        return "a mapping"
    return f'"{quote(str(value))}"'


def is_fraction(value: object) -> TypeGuard[Fraction]:
    """Whether a value is an exact number that is not whole, without the import of fractions."""
    return not isinstance(value, int) and hasattr(value, "denominator")


def show_fraction(value: Fraction | int) -> str:
    """54.25 where the decimals end soon, else 163/3."""
    return show_ratio(value.numerator, value.denominator)


def show_ratio(numerator: int, denominator: int) -> str:
    """A quotient as show_fraction has it."""
    for digits in range(5):
        scaled, rest = divmod(abs(numerator) * 10**digits, denominator)
        if rest == 0:
            text = str(scaled).rjust(digits + 1, "0")
            text = f"{text[:-digits]}.{text[-digits:]}" if digits else text
            return f"-{text}" if numerator < 0 else text
    common = gcd(numerator, denominator)
    return f"{numerator // common}/{denominator // common}"


def show_bytes(number: int) -> str:
    """40.0 MiB, in 1024s, rounded half up to one decimal; below 1 KiB the bytes."""
    if number < 1024:
        return f"{number} B"
    unit = 1024
    for name in ("KiB", "MiB", "GiB", "TiB"):
        tenths = (20 * number + unit) // (2 * unit)
        if tenths < 10240 or name == "TiB":
            break
        unit *= 1024
    return f"{tenths // 10:,}.{tenths % 10} {name}"


def times(sizes: tuple[int, ...]) -> str:
    """5×5"""
    return "×".join(map(str, sizes))


def per_axis_text(values: Iterable[object], joint: str = "×") -> str:
    """2 where all axes agree, else 1×2."""
    texts = list(map(str, values))
    return texts[0] if len(set(texts)) == 1 else joint.join(texts)


def padding_text(pads: Iterable[tuple[int, int]]) -> str:
    """1 where both sides agree, else 2 + 3; where the axes differ, (2 + 3)×1."""
    texts = [str(before) if before == after else f"{before} + {after}" for before, after in pads]
    several = len(set(texts)) > 1
    return per_axis_text(f"({text})" if several and "+" in text else text for text in texts)


def minus(text: str) -> str:
    """Numbers with the minus of formulas in place of the hyphen: −1."""
    return text.replace("-", "−")


def summary_of(cls: type) -> str:
    """The first paragraph of a class's documentation, in one line."""
    return " ".join((cls.__doc__ or "").partition("\n\n")[0].split())


def enumerated(words: list[str]) -> str:
    """rows, rows and columns, slices, rows and columns"""
    return " and ".join([*([", ".join(words[:-1])] if words[:-1] else []), words[-1]])


def count(number: int, one: str, many: str = "") -> str:
    """1 axis, 2 axes"""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that `word` is most likely a misspelling of, if any is close."""
    return _nearest(word[:80], tuple(islice(known, 500)))


@lru_cache(256)  # a mistake in a block is met at every call
def _nearest(word: str, known: tuple[str, ...]) -> str | None:
    from difflib import get_close_matches  # only after a mistake

    folded = {fold(candidate): candidate for candidate in known}
    close = get_close_matches(fold(word), folded, n=1, cutoff=0.7)
    return folded[close[0]] if close else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`did you mean "conv"?`, or nothing."""
    found = nearest(word, known)
    return f"did you mean {found}?" if found else ""


@lru_cache(4096)
def fold(word: str) -> str:
    """How names of kinds and arguments are compared: without case, spaces, _ and -."""
    return word.lower().replace("_", "").replace("-", "").replace(" ", "")


def quote(text: str, limit: int = 40) -> str:
    """Text from a spec inside a message: shortened, on one line, without control characters."""
    shown = text if len(text) <= limit else text[: limit - 1] + "…"
    return visible(shown)


def visible(text: str) -> str:
    """Control, bidirectional and other unprintable characters as \\x1b and \\u202e."""
    text = defuse(text)
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode("ascii")
        for char in text
    )


def defuse(text: str) -> str:
    """Without `##[error]` and `##vso[...]`, which CI runners obey in the middle of a line too."""
    if "##" not in text:
        return text
    return re.sub(r"##(?=\w*\[)", r"#\\x23", text)


def line_start(text: str) -> str:
    """Text that is to stand at the start of a line, so that no CI runner takes it for a command."""
    return "\\" + text if text.lstrip().startswith(("::", "##")) else text


def harmless(text: str) -> str:
    """Lines without colours, in which no terminal and no CI runner finds a command."""
    lines = (visible(line.replace("\t", "    ")) for line in text.split("\n"))
    return "\n".join(map(line_start, lines))


def width_of_text(text: str) -> int:
    """The columns that a text takes in a terminal: two for wide signs, none for combining ones."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width  # only for text beyond ASCII

    return sum(
        0 if combining(char) else 2 if east_asian_width(char) in "WF" else 1 for char in text
    )


def fill(text: str, width: int, right: bool = False) -> str:
    """The text with blanks before or after it, to `width` columns."""
    blanks = " " * (width - width_of_text(text))
    return blanks + text if right else text + blanks
