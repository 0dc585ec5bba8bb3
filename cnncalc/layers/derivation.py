"""Derivations: how each number of a layer comes about, as data that any report can write.

A layer is made once more out of letters (see term.py); what it then counts carries its formulas.
Layers tell on a Page what there is to say of their kind beyond the formulas.
"""

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, ClassVar, NamedTuple, Protocol

from cnncalc.layers.arguments import Argument
from cnncalc.layers.connection_table import Connections
from cnncalc.layers.term import (
    PLAIN,
    TIMES,
    Notation,
    Ratio,
    Term,
    Value,
    half_way,
    letters_in,
    total,
)
from cnncalc.volume import AXIS_NAMES, Volume
from cnncalc.wording import rounded

# The letters of the arguments; one table for all kinds.
LETTERS = {
    "filters": "K", "kernel": "F", "stride": "S", "padding": "P", "dilation": "d", "groups": "g",
    "multiplier": "M", "output_padding": "A", "connection_table": "L", "units": "units",
    "size": "O", "factor": "f", "channels": "K", "vocabulary": "V", "dimensions": "D",
    "every": "n", "to": "O", "window": "M",
}  # fmt: skip
# Those that do not appear in formulas as long as they do nothing.
_QUIET = {"dilation": 1, "groups": 1, "multiplier": 1, "output_padding": 0}
_SIDES = {
    1: (("before", "after"),),
    2: (("top", "bottom"), ("left", "right")),
    3: (("front", "back"), ("top", "bottom"), ("left", "right")),
}


class Letter(NamedTuple):
    """A letter of the formulas."""

    name: str
    value: int
    meaning: str


class Derivation(NamedTuple):
    """A number: what it is, the formula, the formula with numbers, the result."""

    name: str
    value: Value  # the result, which knows its formula
    words: str = ""
    letter: str = ""  # what later formulas call it
    remarks: tuple[str, ...] = ()
    percent: bool = False
    blank: bool = False  # to be filled in: an exercise

    @property
    def result(self) -> int | Fraction:
        return Fraction(self.value) if isinstance(self.value, Ratio) else int(self.value)

    def symbols(self, notation: Notation = PLAIN) -> str:
        """The formula in letters; nothing for a number that has none."""
        return notation.write(self.value, letters=True) if letters_in(self.value) else ""

    def numbers(self, notation: Notation = PLAIN) -> str:
        """The formula with the numbers of this layer."""
        return notation.write(self.value, letters=False)

    def steps(self, notation: Notation = PLAIN) -> list[str]:
        """From the letters to the result, each step once."""
        on_the_way = half_way(self.value)
        steps = [self.symbols(notation), self.numbers(notation)]
        if on_the_way is not None:
            steps.append(notation.write(on_the_way, letters=False))
        steps.append(self.result_text(notation))
        return list(dict.fromkeys(filter(None, steps)))

    def result_text(self, notation: Notation = PLAIN) -> str:
        if not isinstance(self.value, Ratio):
            return notation.number(int(self.value))
        text, exact = rounded(100 * self.value, 1) if self.percent else rounded(self.value)
        whole, _, decimals = text.replace(",", "").partition(".")
        return notation.fractional(int(whole), decimals, exact=exact, percent=self.percent)

    def equation(self) -> str:
        """K·F·F·C = 6·5·5·1 = 6·25 = 150"""
        return " = ".join(self.steps())


class Step(NamedTuple):
    """What a layer adds to the receptive field."""

    name: str
    label: str
    source: str  # the step it builds on, where that is not the one before
    size: Derivation  # r
    jump: Derivation | None  # j, where there is a next unit
    words: str = ""


class Items(NamedTuple):
    """Items as they stand in a spec."""

    texts: tuple[str, ...]


Entry = str | Derivation | Step | Items


class Section(NamedTuple):
    """A heading with what stands under it."""

    title: str
    entries: list[Entry]


class Letters:
    """Names the numbers of one layer."""

    def __init__(self) -> None:
        self.known: dict[str, Letter] = {}
        self.shared: set[str] = set()  # letters that hold for several axes

    def name(self, letter: str, value: int, meaning: str) -> Term:
        self.known[letter] = Letter(letter, int(value), meaning)
        return Term(value, letter)

    def per_axis(self, letter: str, values: tuple[int, ...], meaning: str) -> tuple[int, ...]:
        """One letter where all axes agree, else F_h and F_w."""
        axes = AXIS_NAMES[len(values)]
        if len(set(values)) == 1:
            self.shared |= {letter} if len(axes) > 1 else set()
            return (self.name(letter, values[0], meaning),) * len(values)
        return tuple(
            self.name(f"{letter}_{axis[0]}", value, f"{meaning}, along the {axis}")
            for axis, value in zip(axes, values, strict=True)
        )

    def pads(
        self, letter: str, pairs: tuple[tuple[int, int], ...], meaning: str
    ) -> tuple[tuple[int, int], ...]:
        """P where all sides agree, P_h and P_w, P_before and P_after, or one for each side."""
        if all(before == after for before, after in pairs):
            sizes = self.per_axis(letter, tuple(before for before, _ in pairs), meaning)
            return tuple((size, size) for size in sizes)
        alike = len(set(pairs)) == 1
        sides = _SIDES[1] * len(pairs) if alike else _SIDES[len(pairs)]
        return tuple(
            (
                self.name(f"{letter}_{first}", before, f"{meaning}: {first}"),
                self.name(f"{letter}_{last}", after, f"{meaning}: {last}"),
            )
            for (first, last), (before, after) in zip(sides, pairs, strict=True)
        )

    def argument(self, declared: Argument, value: Any) -> object:
        """The value of an argument with its letter, if it has one."""
        letter = LETTERS.get(declared.name)
        has_no_number = value is None or isinstance(value, str)
        if letter is None or has_no_number or _is_quiet(declared.name, value):
            return value
        meaning = re.sub(rf", {letter}\b| \[.*", "", declared.meaning, flags=re.IGNORECASE)
        if isinstance(value, int):
            return self.name(letter, value, meaning)
        if isinstance(value, Connections):
            meaning = "input maps that the filters read, all filters added up"
            return value._replace(links=self.name(letter, value.links, meaning))
        if isinstance(value, dict):  # what is cropped off the sides
            return {side: self.pads("T", pairs, "rows taken off") for side, pairs in value.items()}
        if not declared.type.per_axis:
            return value
        if isinstance(value[0], tuple):
            return self.pads(letter, value, meaning)
        return self.per_axis(letter, value, meaning)

    def inputs(self, volumes: tuple[Volume, ...]) -> tuple[Volume, ...]:
        """W·W·C; the channels of several inputs are C_1, C_2 and so on."""
        if len(volumes) == 1:
            return (self.volume(volumes[0]),)
        sizes_agree = len({volume.sizes for volume in volumes}) == 1
        return tuple(
            self.volume(volume, f"_{number}", "" if sizes_agree else f"_{number}")
            for number, volume in enumerate(volumes, 1)
        )

    def volume(self, volume: Volume, number: str = "", size_number: str = "") -> Volume:
        of = f"input {number[1:]}" if number else "the input"
        if not volume.sizes:
            return Volume((), self.name(f"N{number}", volume.channels, f"values of {of}"))
        sizes = self.per_axis(f"W{size_number}", volume.sizes, "size of the input")
        return Volume(sizes, self.name(f"C{number}", volume.channels, f"channels of {of}"))

    def output_sizes(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        """The letter O for sizes that had to be worked out."""
        if any(isinstance(size, Term) and size.parts for size in sizes):
            return self.per_axis("O", sizes, "size of the output")
        return sizes


def _is_quiet(name: str, value: Any) -> bool:
    if name not in _QUIET:
        return False
    return {value} == {_QUIET[name]} if isinstance(value, int) else set(value) == {_QUIET[name]}


class Derivable(Protocol):
    """What a Page asks of a layer (see base.py)."""

    declared: ClassVar[dict[str, Argument]]
    inputs: tuple[Volume, ...]

    def numbers(self) -> dict[str, object]: ...


class Page:
    """Takes down what a layer says of itself: sections of sentences and derivations."""

    plain: Any  # the layer
    layer: Any  # the same layer again, made of letters

    def __init__(self, layer: Derivable) -> None:
        self.letters = Letters()
        self.plain = layer
        inputs = self.letters.inputs(layer.inputs)
        numbers = layer.numbers()
        arguments = {
            name: self.letters.argument(declared, numbers[name])
            for name, declared in layer.declared.items()
        }
        self.layer = type(self.plain)(arguments, *inputs)
        self.worked_out = self.layer.output
        sizes = self.letters.output_sizes(self.worked_out.sizes)
        self.layer.name_sizes(sizes, self.letters)
        self.sections: list[Section] = []

    def section(self, title: str) -> None:
        """Begin a section; one that stays empty is left out."""
        self.sections.append(Section(title, []))

    def say(self, sentence: str) -> None:
        self.sections[-1].entries.append(sentence)

    def show(self, items: tuple[str, ...]) -> None:
        self.sections[-1].entries.append(Items(items))

    def derive(
        self, name: str, value: Value, words: str = "", *, letter: str = "", percent: bool = False
    ) -> Term:
        """Write a number down; returns the letter that later formulas may use for it."""
        derivation = Derivation(name, value, words, letter, percent=percent)
        self.sections[-1].entries.append(derivation)
        return Term(int(value), letter or name)

    def derive_percent(self, name: str, part: int, whole: int, words: str) -> None:
        self.derive(name, Ratio(part, whole), words, percent=True)

    @staticmethod
    def sum_of_products(pairs: list[tuple[int, int]]) -> int:
        """6·3 + 9·4 + 1·6, kept as it is written."""
        return total(tuple(Term(one * other, TIMES, one, other) for one, other in pairs))

    @staticmethod
    def equation(value: int) -> str:
        """8·(3·3·16 + 1) = 1,160, for a sentence."""
        return " = ".join(dict.fromkeys((PLAIN.write(value, letters=False), f"{value:,}")))

    def axes(self) -> list[tuple[int, str]]:
        """The axes whose sizes come about differently, each with the name of all like it."""
        names = AXIS_NAMES.get(len(self.worked_out.sizes), ())
        alike: dict[tuple[str, ...], list[int]] = {}
        for axis, size in enumerate(self.worked_out.sizes):
            key = (PLAIN.write(size, letters=True), PLAIN.write(size, letters=False))
            alike.setdefault(key, []).append(axis)
        return [(axes[0], " and ".join(names[axis] for axis in axes)) for axes in alike.values()]

    def sizes(self) -> None:
        """How the output's size along each axis was worked out."""
        for axis, _ in self.axes():
            self.size(axis)

    def size(self, axis: int) -> None:
        value = self.worked_out.sizes[axis]
        if isinstance(value, Term) and value.parts:
            along = next(names for first, names in self.axes() if first == axis)
            self.derive("output size", value, f"along the {along}", letter=self.letter_of(axis))

    def letter_of(self, axis: int) -> str:
        """What stands for the output's size along an axis: O, or O_h."""
        size = self.layer.output.sizes[axis]
        return size.sign if isinstance(size, Term) else ""

    def channels(self) -> None:
        """How the channels of the output were worked out, where there is something to say."""
        value = self.worked_out.channels
        if isinstance(value, Term) and value.parts:
            self.derive("output channels" if self.worked_out.sizes else "output values", value)

    def derivations(self) -> Iterator[Derivation]:
        for section in self.sections:
            yield from (entry for entry in section.entries if isinstance(entry, Derivation))

    def used_letters(self) -> list[Letter]:
        """The letters of the formulas that were written, with their values."""
        used = {letter for found in self.derivations() for letter in letters_in(found.value)}
        return [letter for letter in self.letters.known.values() if letter.name in used]

    def shared_letter(self) -> str:
        """What to know of a letter that stands in a formula once for each axis."""
        axes = AXIS_NAMES.get(len(self.plain.input.sizes), ())
        for found in self.derivations():
            for letter in letters_in(found.value):
                each = "·".join([letter] * len(axes))
                if letter in self.letters.shared and each in found.symbols():
                    names = " and ".join(axes)
                    return f"The {names} are equal: in {each} stands one {letter} for each."
        return ""


def derivation(layer: Derivable, name: str) -> Derivation | None:
    """How a count of a layer comes about; None where the layer has no such number."""
    value = getattr(Page(layer).layer, name)
    return None if value is None else Derivation(name, value, words_of(layer, name))


def words_of(layer: Derivable, name: str) -> str:
    """What a count is, in the words of the kind: the first sentence on its property."""
    count = getattr(type(layer), name, None)  # None itself has a docstring since Python 3.13
    stated = count.meaning if isinstance(count, Argument) else ""
    text = stated or (count and count.__doc__) or ""
    return " ".join(text.split()).removesuffix(".")
