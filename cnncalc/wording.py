"""How values and names are worded in messages and reports."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from math import gcd
from typing import TYPE_CHECKING

from cnncalc.advice import Edit, is_slip

if TYPE_CHECKING:
    from fractions import Fraction
    from typing import TypeGuard

MAX_QUOTED = 40  # characters of a text from a spec in a message

# What a guess at a misspelt word looks at, so that a thousand guesses take a second or two.
MAX_LETTERS = 10_000  # of the words that are known
MAX_COMPARED = 40_000  # pairs of letters in the words that are compared
CUTOFF = 0.7  # how alike they are at least


def show(value: object) -> str:
    """A plain value as a person would write it, for messages."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) or is_fraction(value):
        return show_fraction(value)
    if isinstance(value, (list, tuple)):
        return quote("[" + _parts_shown(value) + "]")
    if isinstance(value, dict):
        return "a mapping"
    return f'"{quote(str(value))}"'


def _parts_shown(values: Iterable[object]) -> str:
    """The parts of a list, no more of them than a message has room for."""
    shown = ""
    for value in values:
        shown += (", " if shown else "") + show(value)
        if len(shown) > MAX_QUOTED:
            break
    return shown


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


def half_up(number: Fraction | int, digits: int = 0) -> int:
    """The number in units of its last digit, rounded half up: 3.456 to two digits is 346."""
    top: int = number.numerator * 10**digits
    bottom: int = number.denominator
    return (2 * top + bottom) // (2 * bottom)


def rounded(number: Fraction | int, digits: int | None = None) -> tuple[str, bool]:
    """A number that is not negative as people read it, and whether that is exact.

    It has as many decimals as `digits`; else four significant digits, and all of a whole part:
    0.4934, 3.53, 753.8, 12,376.
    """
    if digits is None:
        digits = 0
        while 0 < number * 10**digits < 1000:
            digits += 1
    scaled = half_up(number, digits)
    whole, rest = divmod(scaled, 10**digits)
    decimals = f"{rest:0{digits}}".rstrip("0") if digits else ""
    text = f"{whole:,}.{decimals}" if decimals else f"{whole:,}"
    return text, scaled == number * 10**digits


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
    return _nearest(word[:80], tuple(_first_letters(known)))


def _first_letters(known: Iterable[str]) -> Iterator[str]:
    """As many words as a guess looks at: what follows is not guessed."""
    left = MAX_LETTERS
    for word in islice(known, 500):
        left -= len(word)
        if left < 0:
            return
        yield word


@lru_cache(2048)  # a mistake in a block is met at every call; a spec has at most 1,000 errors
def _nearest(word: str, known: tuple[str, ...]) -> str | None:
    """The word that difflib.get_close_matches finds, with a bound on the comparisons.

    The letters that two words share bound how alike they are, so that those that share most are
    compared first, and the others only while they could be closer.
    """
    from difflib import SequenceMatcher  # only after a mistake

    folded = {fold(candidate): candidate for candidate in known}
    wanted = fold(word)
    matcher = SequenceMatcher(b=wanted)
    left, best = MAX_COMPARED, (CUTOFF, "")
    for most, candidate in _promising(wanted, folded):
        left -= len(candidate) * len(wanted)
        if most < best[0] or left < 0:
            break
        matcher.set_seq1(candidate)
        best = max(best, (matcher.ratio(), candidate))
    return folded[best[1]] if best[1] else None


def _promising(word: str, known: Iterable[str]) -> list[tuple[float, str]]:
    """The words that may be alike, with the most that they can be, which is largest first."""
    counts = [(letter, word.count(letter)) for letter in set(word)]
    found = []
    for candidate in known:
        length = len(word) + len(candidate)
        if 2 * min(len(word), len(candidate)) >= CUTOFF * length:
            shared = sum(min(number, candidate.count(letter)) for letter, number in counts)
            if length and 2 * shared >= CUTOFF * length:
                found.append((2 * shared / length, candidate))
    return sorted(found, reverse=True)


def did_you_mean(word: str, known: Iterable[str], sign: str = "") -> str:
    """`did you mean conv?`, an edit, or nothing; `sign` stands before the word, as in $width.

    The edit is safe if the two differ in a letter, and no other known word is as near. Where they
    differ in a digit there is none: conv2 is not conv3.
    """
    first = list(_first_letters(known))
    found = nearest(word, first)
    if not found:
        return ""
    folded = fold(word)
    slips = {other for other in map(fold, first) if is_slip(folded, other)}
    help = f"did you mean {sign}{found}?"
    if re.findall(r"\d", word) != re.findall(r"\d", found):
        return help
    return Edit(help, sign + found, sign + word, safe=slips == {fold(found)})


@lru_cache(4096)
def fold(word: str) -> str:
    """How names of kinds and arguments are compared: without case, spaces, _ and -."""
    return word.lower().replace("_", "").replace("-", "").replace(" ", "")


def quote(text: str, limit: int = MAX_QUOTED) -> str:
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
