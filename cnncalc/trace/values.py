"""Reading the numbers that a spec carries: nested lists, or a file beside it.

Lists are nested as the shape is written: rows, then columns, then channels. Sizes of 1 may be left
out, so that a grey image and its filter are plain grids, and `{maps: [...]}` gives one grid for
each channel instead, as books print them. What does not fit is refused by row and column.
"""

import re
from collections.abc import Callable
from fractions import Fraction
from math import prod
from typing import Any, NamedTuple

from cnncalc.spec.node import Mapping, Node, Scalar, Sequence
from cnncalc.trace.files import SUFFIXES, Folder, Misfit
from cnncalc.wording import count, quote, show

MAX_LENGTH = 40  # characters of a number
MAX_POWER = 308  # of 10; as far as floating point goes

AXES = {0: (), 1: ("position",), 2: ("row", "column"), 3: ("slice", "row", "column")}

_NUMBER = re.compile(r"[-+−]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?(?P<power>\d{1,9}))?|[-+−]?\d+/\d+")
_WHOLE = re.compile(r"-?(?:0|[1-9]\d{0,17})")
_NOT_FINITE = ("nan", "inf", "infinity")

Convert = Callable[[Any, str], Any]


class Axis(NamedTuple):
    """One level of a nested list."""

    name: str  # of one of its parts: row, column, channel
    size: int


class Block(NamedTuple):
    """What a nested list has to look like: the input, one filter, one unit."""

    what: str  # "the input 8×8×1"
    axes: tuple[Axis, ...]  # the channels last
    flat: bool = False  # whether one long list will do as well

    @property
    def total(self) -> int:
        return prod(axis.size for axis in self.axes)

    def fitting(self, depth: int) -> tuple[Axis, ...]:
        """The levels of a list nested this deep: sizes of 1 are left out, the last ones first."""
        if self.flat and depth == 1:
            return (Axis("number", self.total),)
        axes = list(self.axes)
        for index in reversed(range(len(axes))):
            if len(axes) > depth and axes[index].size == 1:
                del axes[index]
        return tuple(axes) if len(axes) == depth else self.expected

    @property
    def expected(self) -> tuple[Axis, ...]:
        """The levels that a list is told to have: grids where there is one channel."""
        return self.axes[:-1] if self.axes[-1].size == 1 and len(self.axes) > 1 else self.axes


def block(what: str, sizes: tuple[int, ...], channels: int, flat: bool = False) -> Block:
    """The block of a volume."""
    names = (*AXES[len(sizes)], "channel" if sizes else "number")
    return Block(what, tuple(map(Axis, names, (*sizes, channels))), flat)


class ValueReader:
    """Reads lists, and files in one folder."""

    def __init__(self, folder: Folder, convert: Convert | None = None) -> None:
        self.folder = folder
        self.convert = convert or read_number

    def volume(self, value: Any, wanted: Block) -> list[Any]:
        """The numbers of a volume, row by row, the channels of a place together. Raises Misfit."""
        value, place = self.loaded(value, wanted.total)
        return self.block(value, wanted, place)

    def row(self, value: Any, wanted: Block) -> list[Any]:
        """One number for each of something: biases."""
        value, place = self.loaded(value, wanted.total)
        return self.block(value, wanted, place)

    def filters(
        self, value: Any, number: int, total: int, one: str, own: Callable[[int], Block]
    ) -> list[list[Any]]:
        """The numbers of each filter or unit; a list of one may stand for its only filter."""
        value, place = self.loaded(value, total)
        if number == 1:
            return [self.only(value, own(0), place, one)]
        parts = _parts(value)
        if parts is None or len(parts) != number:
            found = count(len(parts), one) if parts is not None else _named(value)
            raise Misfit(f"{_at(place)}{found} where the layer has {count(number, one)}", value)
        return [
            self.block(part, own(index), _join(place, f"{one} {index + 1}"))
            for index, part in enumerate(parts)
        ]

    def only(self, value: Any, wanted: Block, place: str, one: str) -> list[Any]:
        """The only filter, as it is or in a list of its own."""
        parts = _parts(value)
        if parts is None or len(parts) != 1:
            return self.block(value, wanted, place)
        inside = _join(place, f"{one} 1")
        try:
            return self.block(parts[0], wanted, inside)
        except Misfit as misfit:
            try:
                return self.block(value, wanted, place)
            except Misfit:
                raise misfit from None

    # Nested lists.

    def block(self, value: Any, wanted: Block, place: str) -> list[Any]:
        if isinstance(value, Mapping | dict):
            return self.maps(value, wanted, place)
        return self.nested(value, wanted.fitting(_depth(value)), wanted, place)

    def nested(self, value: Any, axes: tuple[Axis, ...], wanted: Block, place: str) -> list[Any]:
        if not axes:
            return [self.convert(value, place)]
        axis, inner = axes[0], axes[1:]
        parts = _parts(value)
        if parts is None:
            raise Misfit(
                f"{_is(place, value)} where {wanted.what} {_wants(axis.size, axis.name)}", value
            )
        if len(parts) != axis.size:
            raise Misfit(
                f"{f'{place} has ' if place else ''}{count(len(parts), axis.name)} where "
                f"{wanted.what} has {axis.size:,}",
                value,
                _grids_help(len(parts), wanted) if axis == wanted.axes[0] else "",
            )
        return [
            number
            for index, part in enumerate(parts, 1)
            for number in self.nested(part, inner, wanted, _join(place, f"{axis.name} {index}"))
        ]

    def maps(self, value: Any, wanted: Block, place: str) -> list[Any]:
        """`{maps: [grid, grid]}`: one grid for each channel."""
        pairs = value.items() if isinstance(value, dict) else [(k.text, v) for k, v in value.pairs]
        found = dict(pairs)
        grids = _parts(found.get("maps"))
        channels = wanted.axes[-1].size
        if len(found) != 1 or grids is None:
            raise Misfit(f"{_is(place, value)}, not {{maps: [grid, grid]}}", value)
        if len(grids) != channels:
            raise Misfit(
                f"{_at(place)}{count(len(grids), 'map')} where {wanted.what} has {channels:,}",
                value,
            )
        one = wanted._replace(axes=(*wanted.axes[:-1], Axis("channel", 1)), flat=False)
        read = [
            self.block(grid, one, _join(place, f"map {number}"))
            for number, grid in enumerate(grids, 1)
        ]
        return [number for channel in zip(*read, strict=True) for number in channel]

    # Files.

    def loaded(self, value: Any, wanted: int) -> tuple[Any, str]:
        """The value, or what is in the file that it names, and how to call it."""
        text = value.text.strip() if isinstance(value, Scalar) else value
        if not isinstance(text, str) or _NUMBER.fullmatch(text) or _is_not_finite(text):
            return value, ""
        if not text.lower().endswith(SUFFIXES):
            raise Misfit(
                f'"{quote(text)}" is neither a list of numbers nor a file',
                value,
                f"a file ends in {', '.join(SUFFIXES)}",
            )
        return self.folder.read(text, wanted), quote(text)


def _parts(value: Any) -> list[Any] | None:
    if isinstance(value, Sequence):
        return value.items
    return value if isinstance(value, list) else None


def _depth(value: Any) -> int:
    """How deep a list is nested, by its first items."""
    depth = 0
    while parts := _parts(value):
        depth, value = depth + 1, parts[0]
        if isinstance(value, Mapping | dict):
            break
    return depth + (_parts(value) == [])


def _join(place: str, more: str) -> str:
    return f"{place}, {more}" if place else more


def _at(place: str) -> str:
    return f"{place}: " if place else ""


def _named(value: Any) -> str:
    if isinstance(value, Node):
        return value.what
    return "a list" if isinstance(value, list) else show(value)


def _is(place: str, value: Any) -> str:
    return f"{place} is {_named(value)}" if place else _named(value)


def _wants(number: int, one: str) -> str:
    return f"has {count(number, one)}"


def _grids_help(found: int, wanted: Block) -> str:
    """The channels first, as many tools order them."""
    channels = wanted.axes[-1].size
    if found == channels > 1 and len(wanted.axes) > 1:
        return "one grid for each channel is written {maps: [grid, grid]}"
    return ""


# Numbers.


def _is_not_finite(text: str) -> bool:
    return text.lower().lstrip("+-−.") in _NOT_FINITE


def text_of(value: Any) -> str | None:
    """A number as it is written; None for what is none at all."""
    if isinstance(value, Scalar):
        return value.text.strip()
    return value if isinstance(value, str) else None


def read_number(value: Any, place: str) -> int | Fraction:
    """The exact number: 3, -0.25, 1/9, 1e-3. Raises Misfit."""
    if isinstance(value, Fraction) or type(value) is int:
        return value
    text = text_of(value)
    if text is not None and _WHOLE.fullmatch(text):
        return int(text)
    found = _NUMBER.fullmatch(text) if text is not None and len(text) <= MAX_LENGTH else None
    if found is None or int(found["power"] or 0) > MAX_POWER or text is None:
        raise _no_number(value, text, place)
    digits = text.lstrip("+-−")
    if len(digits) > 1 and digits[0] == "0" and digits[1].isdigit():
        raise Misfit(f"{_is(place, value)}, with a leading zero", value)
    try:
        fraction = Fraction(text.replace("−", "-"))
    except ZeroDivisionError:
        raise Misfit(f"{_is(place, value)}, a division by zero", value) from None
    return fraction.numerator if fraction.denominator == 1 else fraction


def _no_number(value: Any, text: str | None, place: str) -> Misfit:
    is_finite = text is None or not _is_not_finite(text)
    help = ""
    if text is not None and "$" in text:
        help = "a var holds the whole list: values: $name"
    elif text is not None and len(text) > MAX_LENGTH:
        help = f"a number has at most {MAX_LENGTH} characters"
    wanted = "a number is wanted" if is_finite else "only finite numbers can be traced"
    return Misfit(f"{_is(place, value)}; {wanted}", value, help)
