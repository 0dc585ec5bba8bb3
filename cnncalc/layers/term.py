"""Terms: whole numbers that remember the arithmetic they came from.

Every count is written once, as arithmetic on whole numbers in the class of its kind. Run on terms
instead of plain numbers the same code gives the count together with its formula, so that a formula
that is shown cannot differ from the one that counts.
"""

from fractions import Fraction
from typing import NamedTuple

from cnncalc.wording import minus

PLUS, MINUS, TIMES, OVER, FLOOR, CEIL, NEGATIVE = "+", "−", "·", "/", "⌊", "⌈", "neg"


class Term(int):
    """A letter with its value, or an operation on other numbers with its result.

    What nobody would write down is left out: factors of 1, added zeros, (F − 1) + 1.
    """

    sign: str  # what joins the parts; a letter has no parts and is its own sign
    parts: tuple[int, ...]

    def __new__(cls, value: int, sign: str, *parts: int) -> "Term":
        term = super().__new__(cls, value)
        term.sign = sign
        term.parts = tuple(part if isinstance(part, Term) else int(part) for part in parts)
        return term

    def alike(self, other: int) -> bool:
        """Whether both are the same letter or formula."""
        if not isinstance(other, Term) or self.sign != other.sign:
            return False
        if len(self.parts) != len(other.parts):
            return False
        pairs = zip(self.parts, other.parts, strict=True)
        return all(one.alike(two) if isinstance(one, Term) else _is(two, one) for one, two in pairs)

    def __add__(self, other: int) -> int:
        if _is(other, 0):
            return self
        if self.alike(other):
            return 2 * self
        if self.sign == MINUS and _is(other, self.parts[1]):
            return self.parts[0]
        before = self.parts if self.sign == PLUS else (self,)
        return Term(int(self) + int(other), PLUS, *before, other)

    def __radd__(self, other: int) -> int:
        return self if _is(other, 0) else Term(other + int(self), PLUS, other, self)

    def __sub__(self, other: int) -> int:
        if _is(other, 0):
            return self
        if self.sign == PLUS and _is(other, self.parts[-1]):
            rest = self.parts[:-1]
            return rest[0] if len(rest) == 1 else Term(int(self) - int(other), PLUS, *rest)
        return Term(int(self) - int(other), MINUS, self, other)

    def __rsub__(self, other: int) -> int:
        return Term(other - int(self), MINUS, other, self)

    def __mul__(self, other: int) -> int:
        return self if _is(other, 1) else Term(int(self) * int(other), TIMES, self, other)

    def __rmul__(self, other: int) -> int:
        return self if _is(other, 1) else Term(other * int(self), TIMES, other, self)

    def __floordiv__(self, other: int) -> int:
        if _is(other, 1):
            return self
        if self.alike(other):
            return 1
        quotient, rest = divmod(int(self), int(other))
        return Term(quotient, FLOOR if rest else OVER, self, other)

    def __neg__(self) -> int:
        if self.sign == NEGATIVE:
            return self.parts[0]
        top = self.parts[0] if self.sign in (OVER, FLOOR) else None
        if isinstance(top, Term) and top.sign == NEGATIVE:  # −⌊−a/b⌋ is ⌈a/b⌉
            return Term(-int(self), CEIL if self.sign == FLOOR else OVER, -top, self.parts[1])
        return Term(-int(self), NEGATIVE, self)


def _is(number: int, value: int) -> bool:
    """Whether this is a plain number of that value, which no letter stands for."""
    return not isinstance(number, Term) and not isinstance(value, Term) and number == value


class Ratio(Fraction):
    """A quotient that need not be whole, with what was divided."""

    parts: tuple[int, int]
    sign = OVER

    def __new__(cls, top: int, bottom: int) -> "Ratio":
        ratio = super().__new__(cls, int(top), int(bottom))
        ratio.parts = (top, bottom)
        return ratio


Value = int | Ratio


def total(parts: tuple[int, ...]) -> int:
    """A sum of all parts in one, however many there are."""
    if len(parts) == 1:
        return parts[0]
    return Term(sum(map(int, parts)), PLUS, *parts) if parts else 0


# Writing them down.

LOOSE, TIGHT, WHOLE = 1, 2, 3  # how firmly a piece of text hangs together


class Written(NamedTuple):
    """A piece of a formula."""

    text: str
    binds: int

    def within(self, binds: int) -> str:
        """The text where something that binds this firmly stands around it."""
        return self.text if self.binds >= binds else f"({self.text})"


class Notation:
    """Formulas in one line of text: (W − F + 2·P)/S + 1."""

    plus, minus, times = " + ", " − ", "·"
    floor = ("⌊", "⌋")
    ceil = ("⌈", "⌉")
    about, percent = "about ", "%"

    def letter(self, name: str) -> str:
        return name

    def number(self, value: int) -> str:
        return minus(f"{value:,}")

    def fractional(self, whole: int, decimals: str, *, exact: bool, percent: bool) -> str:
        """A number with decimals: 75%, about 3.53."""
        text = self.number(whole) + (f".{decimals}" if decimals else "")
        return ("" if exact else self.about) + text + (self.percent if percent else "")

    def fraction(self, top: Written, bottom: Written) -> Written:
        return Written(f"{top.within(TIGHT)}/{bottom.within(WHOLE)}", TIGHT)

    def write(self, value: Value, letters: bool) -> str:
        """The formula in letters, or with the numbers that they stand for."""
        return self._write(value, letters).text

    def _write(self, value: Value, letters: bool) -> Written:
        if isinstance(value, (Term, Ratio)) and value.parts:
            return self._join(value.sign, [self._write(part, letters) for part in value.parts])
        if letters and isinstance(value, Term):
            return Written(self.letter(value.sign), WHOLE)
        return Written(self.number(int(value)), WHOLE if value >= 0 else 0)

    def _join(self, sign: str, parts: list[Written]) -> Written:
        if sign == PLUS:
            return Written(self.plus.join(part.within(LOOSE) for part in parts), LOOSE)
        if sign == MINUS:
            return Written(parts[0].within(LOOSE) + self.minus + parts[1].within(TIGHT), LOOSE)
        if sign == TIMES:
            return Written(self.times.join(part.within(TIGHT) for part in parts), TIGHT)
        if sign == NEGATIVE:
            return Written(self.minus.strip() + parts[0].within(TIGHT), 0)
        fraction = self.fraction(parts[0], parts[1])
        if sign == OVER:
            return fraction
        before, after = self.floor if sign == FLOOR else self.ceil
        return Written(before + fraction.text + after, WHOLE)


PLAIN = Notation()


def half_way(value: Value) -> Value | None:
    """The formula with what stands in its outer operation worked out: 4,704·26.

    None where the formula is so short that it would say nothing new.
    """
    if not isinstance(value, (Term, Ratio)) or _leaves(value) < 4:
        return None
    if not any(map(_is_operation, value.parts)):
        return None
    if isinstance(value, Ratio):
        return Ratio(*map(int, value.parts))
    return Term(value, value.sign, *map(_worked_out, value.parts))


def _worked_out(part: int) -> int:
    """The number; of a division the two numbers, since the student wants to see it divided."""
    if isinstance(part, Term) and part.sign in (OVER, FLOOR, CEIL):
        return Term(part, part.sign, *map(int, part.parts))
    return int(part)


def _is_operation(part: int) -> bool:
    return isinstance(part, Term) and bool(part.parts)


def _leaves(value: Value) -> int:
    parts = getattr(value, "parts", None)
    return sum(map(_leaves, parts)) if parts else 1


def letters_in(value: Value) -> list[str]:
    """The letters of a formula, in the order in which they stand."""
    found: dict[str, None] = {}

    def look(value: Value) -> None:
        parts = getattr(value, "parts", None)
        if parts:
            for part in parts:
                look(part)
        elif isinstance(value, Term):
            found[value.sign] = None

    look(value)
    return list(found)
