"""Arguments of layers: what each may be, how it is read, and the other names it goes by.

A kind declares its arguments as class attributes:

    filters: int = argument(Whole(), "the number of filters, K")

A type's `read` turns the plain value of a spec (a number, boolean, text, list, mapping) into the
value the layer works with, or raises Reject. `bind` then fits it to the number of spatial axes.
"""

import re
from collections.abc import Callable
from math import isfinite
from typing import Any, ClassVar, NamedTuple

from cnncalc import problems as codes
from cnncalc.advice import Edit
from cnncalc.arithmetic import CEIL, EXACT, FLOOR, Pair
from cnncalc.problems import Key, Reject
from cnncalc.volume import AXIS_NAMES as AXIS_NAMES
from cnncalc.volume import MAX_NUMBER, Volume, read_factors
from cnncalc.wording import (
    count,
    did_you_mean,
    enumerated,
    fold,
    is_fraction,
    quote,
    show,
    show_fraction,
    times,
)

REQUIRED: Any = object()

# What sizes look like in a JSON Schema, leading zeros aside.
SIZES = r"^\d{1,13}( *[xX×] *\d{1,13}){0,2}$"
VOLUME = r"^([1-9]\d{0,12} *@ *)?[1-9]\d{0,12}( *[xX×] *[1-9]\d{0,12}){0,3}$"

# Names that frameworks and courses give to an argument; one table for all kinds.
OTHER_NAMES = {
    "filters": ("out_channels", "channels", "num_filters", "depth", "K"),
    "kernel": ("kernel_size", "filter_size", "size", "pool_size", "receptive_field", "F"),
    "stride": ("strides", "S"),
    "padding": ("pad", "zero_padding", "P"),
    "dilation": ("dilation_rate",),
    "bias": ("use_bias",),
    "units": ("out_features", "neurons", "nodes"),
    "multiplier": ("depth_multiplier", "channel_multiplier"),
    "activation": ("nonlinearity",),
    "rate": ("p", "drop_rate"),
    "method": ("mode", "interpolation"),
    "heads": ("num_heads",),
}


class Type:
    """What values an argument takes."""

    expects = "a value"
    per_axis = False
    takes_list = False
    sides: tuple[str, ...] = ()  # keys of a mapping that may stand for the value
    json_types: tuple[str, ...] = ("string",)  # in JSON Schema; a string may be an expression
    words: tuple[str, ...] = ()  # the only strings, expressions aside
    names_item = False  # whether it is written as the name of an item, whose volume is meant
    takes_none = False  # whether none is a value of its own, not "as if not written"
    strings = ""  # a pattern of strings that it takes, expressions and words aside
    json_more: ClassVar[dict[str, Any]] = {}  # further keywords, of lists and numbers
    kept = False  # whether it is handed over as it is written, as Kept, not worked out

    def read(self, value: Any) -> Any:
        """The value the layer works with; raises Reject."""
        raise NotImplementedError

    def bind(self, value: Any, axes: int) -> Any:
        """`value` for a volume with this many spatial axes; raises Reject."""
        return value

    def show(self, value: Any) -> Any:
        """`value` for a report or JSON: numbers, words and lists."""
        return value

    def refuse(self, value: Any, help: str = "", path: tuple[object, ...] = ()) -> Reject:
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

    def read(self, value: Any) -> Any:
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


def meant_boolean(value: Any) -> str:
    """What to write instead of yes, False, 0 and the like."""
    for word, others in (("true", ("true", "yes", "on", "1")), ("false", _FALSE)):
        if str(value).lower() in others:
            return Edit(f"write {word}", word, str(value))
    return ""


_FALSE = ("false", "no", "off", "0", "none")


class PerAxis(Whole):
    """A whole number for all axes, or one for each: 3, 3x5 or [3, 5], height first."""

    takes_list = True
    per_axis = True
    json_types: tuple[str, ...] = ("integer", "string", "array")
    strings = SIZES
    json_more: ClassVar[dict[str, Any]] = {
        "minItems": 1, "maxItems": 3, "items": {"type": ["integer", "string"]},
    }  # fmt: skip

    def __init__(self, minimum: int = 1) -> None:
        super().__init__(minimum)
        self.expects = f"a whole number of at least {minimum}, or one per axis as 3x5 or [3, 5]"

    def read(self, value: Any) -> int | tuple[int, ...]:
        if type(value) is int and self.minimum <= value <= self.maximum:
            return value
        if isinstance(value, str):
            return self.read_text(value)
        if isinstance(value, list) and 1 <= len(value) <= 3:
            for place, part in enumerate(value):
                if type(part) is not int or not self.minimum <= part <= self.maximum:
                    raise self.refuse_number(part, (place,))
            return tuple(value)
        if isinstance(value, list) and len(value) == 4:
            raise self.refuse(value, f"without the batch and the channels: {show(value[1:3])}")
        raise self.refuse_number(value)

    def read_text(self, text: str) -> int | tuple[int, ...]:
        try:
            sizes = read_factors(text)
        except ValueError as error:
            why = str(error).partition(",")[0] if text[:1].isdigit() else ""
            raise self.refuse(text, why_no_number(text) or why) from None
        if len(sizes) > 3 or min(sizes) < self.minimum:
            raise self.refuse(text)
        return sizes

    def bind(self, value: int | tuple[int, ...], axes: int) -> tuple[int, ...]:
        if isinstance(value, int):
            return (value,) * axes
        if len(value) != axes:
            what = f"{{argument}} {times(value)} has {count(len(value), 'number')}"
            help = f"one number an axis, none for the channels: {'x'.join(map(str, value[:-1]))}"
            raise wrong_axes(what, axes, help if len(value) == axes + 1 else "")
        return value

    def show(self, value: Any) -> Any:
        return list(value) if isinstance(value, tuple) else value


def wrong_axes(what: str, axes: int, help: str = "") -> Reject:
    names = enumerated([*AXIS_NAMES[axes]]) if axes else ""
    has = f"{count(axes, 'spatial axis', 'spatial axes')}{f' ({names})' if names else ''}"
    return Reject(codes.AXES, f"{what}, but its input has {has}", help=help)


class Padding(Type):
    """Rows of zeros around the input, or how many to work out."""

    takes_list = True
    per_axis = True
    json_types: tuple[str, ...] = ("integer", "string", "array", "object")
    keywords = ("valid", "same", "full", "causal")
    strings = rf"(?!^0x){SIZES}"
    minimum = 0
    json_more: ClassVar[dict[str, Any]] = {
        "minItems": 1,
        "maxItems": 3,
        "items": {
            "type": ["integer", "string", "array"], "minimum": 0, "minItems": 2, "maxItems": 2,
        },
    }  # fmt: skip
    sides = ("top", "bottom", "left", "right")
    expects = (
        "a number, 1x2 or [1, 2] per axis, [[before, after], ...], "
        "{top, bottom, left, right}, valid, same, full or causal"
    )

    def __init__(self, *, symbolic: bool = True) -> None:
        self.symbolic = symbolic  # whether same, full and causal make sense
        self.words = self.keywords if symbolic else ("valid",)

    def read(self, value: Any) -> Any:
        """A word, or a tuple of (before, after) pairs; a single pair holds for all axes."""
        if isinstance(value, str):
            return self.read_word(value)
        if isinstance(value, list):
            return self.read_list(value)
        if isinstance(value, dict):
            return self.read_sides(value)
        size = self.read_size(value, ())
        return ((size, size),)

    def read_word(self, text: str) -> Any:
        word = text.lower()
        if word == "valid":
            return ((0, 0),)
        if word in self.keywords and self.symbolic:
            return word
        if word[:2] == "0x":
            sizes = ", ".join(word.split("x"))
            why = f"other YAML readers take {text} for a hexadecimal number"
            if word.count("x") > 1:
                why = "a text that begins with 0x looks like a hexadecimal number"
            help = f"{why}: write [{sizes}]"
            raise self.refuse(text, Edit(help, f"[{sizes}]", text))
        try:
            return tuple((size, size) for size in read_factors(text))
        except ValueError:
            raise self.refuse(text, did_you_mean(text, self.keywords)) from None

    def read_list(self, value: list[Any]) -> tuple[Pair, ...]:
        if len(value) == 4 and all(isinstance(size, int) for size in value):
            raise self.refuse(
                value,
                "frameworks order four numbers differently: "
                "write {top: .., bottom: .., left: .., right: ..}",
            )
        if not 1 <= len(value) <= 3:
            raise self.refuse(value)
        return tuple(self.read_pair(part, (place,)) for place, part in enumerate(value))

    def read_pair(self, part: Any, path: tuple[object, ...]) -> Pair:
        if not isinstance(part, list):
            size = self.read_size(part, path)
            return size, size
        if len(part) != 2:
            raise self.refuse(part, "a pair is [before, after]", path)
        return self.read_size(part[0], (*path, 0)), self.read_size(part[1], (*path, 1))

    def read_sides(self, value: dict[str, Any]) -> tuple[Pair, ...]:
        for side in value:
            if side not in self.sides:
                raise Reject(
                    codes.BAD_VALUE,
                    f"{{argument}} has no side {quote(side)}",
                    help=did_you_mean(side, self.sides) or f"there are {enumerated([*self.sides])}",
                    path=(Key(side),),
                )
        top, bottom, left, right = (self.read_size(value.get(s, 0), (s,)) for s in self.sides)
        return (top, bottom), (left, right)

    def read_size(self, value: Any, path: tuple[object, ...]) -> int:
        if type(value) is int and 0 <= value <= MAX_NUMBER:
            return value
        if is_fraction(value):
            raise Whole(0).refuse_number(value, path)
        raise self.refuse(value, "" if path else why_no_number(value), path)

    def bind(self, value: Any, axes: int) -> Any:
        if isinstance(value, str):
            return value
        if len(value) == 1:
            return value * axes
        if len(value) != axes:
            what = f"{{argument}} is written for {count(len(value), 'axis', 'axes')}"
            raise wrong_axes(what, axes, "write [[before, after]]" if axes == 1 else "")
        return value

    def show(self, value: Any) -> Any:
        return [list(pair) for pair in value] if isinstance(value, tuple) else value


class Flag(Type):
    expects = "true or false"
    json_types: tuple[str, ...] = ("boolean", "string")
    strings = "^(true|false)$|[<>=]"

    def read(self, value: Any) -> bool:
        if isinstance(value, bool):
            return value
        raise self.refuse(value, meant_boolean(value))


class Choice(Type):
    """One of a few words."""

    def __init__(self, *words: str) -> None:
        self.words = words
        self.expects = ", ".join(words[:-1]) + f" or {words[-1]}"

    def read(self, value: Any) -> str:
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
    json_more: ClassVar[dict[str, Any]] = {"minimum": 0, "maximum": 1}

    def read(self, value: Any) -> float:
        if (isinstance(value, int) and not isinstance(value, bool)) or is_fraction(value):
            if 0 <= value <= 1:
                return float(value)
            if 1 < value <= 100:
                from fractions import Fraction

                part = show_fraction(Fraction(value) / 100)
                raise self.refuse(value, Edit(f"write {part}", part, show(value), safe=False))
        raise self.refuse(value)


class Shape(Type):
    """A volume: 7x7x256, 120 or [7, 7, 256]."""

    takes_list = True
    expects = "a volume such as 7x7x256 or 120"
    json_types: tuple[str, ...] = ("integer", "string", "array")
    strings = VOLUME
    json_more: ClassVar[dict[str, Any]] = {
        "minItems": 1, "maxItems": 4, "items": {"type": ["integer", "string"], "minimum": 1},
    }  # fmt: skip

    def read(self, value: Any) -> Volume:
        try:
            if isinstance(value, Volume):
                return value
            if isinstance(value, str):
                return Volume.parse(value)
            if type(value) is int:
                return Volume.of((value,))
            if isinstance(value, list) and all(type(size) is int for size in value):
                return Volume.of(tuple(value))
        except ValueError as error:
            raise self.refuse(value, str(error)) from None
        raise self.refuse(value)

    def show(self, value: Volume) -> list[int]:
        return list(value.shape)


class Like(Shape):
    """The volume of another item; the walk puts it in the place of the item's name."""

    names_item = True
    expects = "the name of an item, whose sizes are taken"
    json_types: tuple[str, ...] = ("string",)
    strings = r"^[A-Za-z_][\w-]*(\.[\w.-]+)?$"
    json_more: ClassVar[dict[str, Any]] = {}


class Connections(NamedTuple):
    """A connection table: for each filter the input maps it reads, counted from 0."""

    filters: tuple[frozenset[int], ...]
    maps: int | None  # how many input maps it is written for, where that can be seen
    links: int  # how many input maps the filters read, all filters added up


class ConnectionTable(Type):
    """Which input maps each filter reads: rows of X and ., or a list of indices per filter."""

    takes_list = True
    expects = "rows of X and . (a row an input map, a column a filter) or a list per filter"
    json_types: tuple[str, ...] = ("string", "array")
    strings = r"^[Xx.\s]+$"
    json_more: ClassVar[dict[str, Any]] = {
        "minItems": 1,
        "items": {
            "type": ["string", "array"], "pattern": r"^[Xx.]+$|\$", "minItems": 1,
            "uniqueItems": True, "items": {"type": ["integer", "string"], "minimum": 0},
        },
    }  # fmt: skip

    def read(self, value: Any) -> Connections:
        if isinstance(value, str):
            return self.read_rows(value.split())
        if isinstance(value, list) and value and all(isinstance(row, str) for row in value):
            return self.read_rows(value)
        if isinstance(value, list) and value and all(isinstance(row, list) for row in value):
            filters = [self.read_indices(row, place) for place, row in enumerate(value)]
            return self.check(filters, None)
        raise self.refuse(value)

    def read_rows(self, rows: list[str]) -> Connections:
        for number, row in enumerate(rows, 1):
            if set(row.upper()) - {"X", "."}:
                raise self.refuse(row, f"row {number} has other signs than X and .")
            if len(row) != len(rows[0]):
                raise Reject(
                    codes.BAD_VALUE,
                    f"row {number} of the connection table has {len(row)} columns, "
                    f"the first has {len(rows[0])}",
                )
        filters = [
            frozenset(index for index, row in enumerate(rows) if row[column].upper() == "X")
            for column in range(len(rows[0]) if rows else 0)
        ]
        return self.check(filters, len(rows))

    def read_indices(self, row: list[Any], place: int) -> frozenset[int]:
        for index, part in enumerate(row):
            if type(part) is not int or part < 0:
                raise Whole(0).refuse_number(part, (place, index))
        if len(set(row)) != len(row):
            flags = set(row) == {0, 1}
            help = "rows of 0 and 1 are written as rows of . and X" if flags else ""
            raise Reject(
                codes.BAD_VALUE,
                f"filter {place + 1} reads an input map twice",
                help=help,
                path=(place,),
            )
        return frozenset(row)

    def check(self, filters: list[frozenset[int]], maps: int | None) -> Connections:
        for number, inputs in enumerate(filters, 1):
            if not inputs:
                message = f"filter {number} of the connection table reads no input map"
                raise Reject(codes.BAD_VALUE, message)
        if not filters:
            raise Reject(codes.BAD_VALUE, "the connection table has no filters")
        return Connections(tuple(filters), maps, sum(map(len, filters)))

    def show(self, value: Connections) -> list[list[int]]:
        return [sorted(inputs) for inputs in value.filters]


class Kept:
    """Plain data as it is written. It is compared by identity, as it may be very long."""

    __slots__ = ("data",)

    def __init__(self, data: Any) -> None:
        self.data = data


class Numbers(Type):
    """Numbers that only `cnncalc trace` reads: in nested lists, or in a file beside the spec.

    They come as plain data: lists and dicts of whole numbers and of texts such as 0.5 and 1/9.
    """

    takes_list = True
    kept = True
    json_types: tuple[str, ...] = ("array", "number", "object", "string")
    expects = "numbers in nested lists, or the name of a .csv, .npy or .png file beside the spec"

    def read(self, value: Any) -> Any:
        return value.data if isinstance(value, Kept) else value

    def show(self, value: Any) -> Any:
        """The data, with texts for the fractions that a var or an argument of a block holds."""
        if isinstance(value, list):
            return [self.show(part) for part in value]
        return show_fraction(value) if is_fraction(value) else value


def from_python(value: Any) -> Any:
    """A Python value as specs have it: lists for tuples, texts for volumes, floats made exact.

    Raises TypeError for what no spec can hold.
    """
    if isinstance(value, Volume):
        return str(value)
    if value is None or isinstance(value, (bool, int, str)) or is_fraction(value):
        return value
    if hasattr(value, "__float__") and isfinite(value):  # Decimal and NumPy's numbers too
        from fractions import Fraction

        exact = Fraction(str(value))
        return exact.numerator if exact.denominator == 1 else exact
    if isinstance(value, (list, tuple)):
        return [from_python(part) for part in value]
    if isinstance(value, dict):
        return {str(key): from_python(part) for key, part in value.items()}
    raise TypeError(f"no spec can hold {value!r}: only numbers, texts, booleans and lists of them")


class Argument:
    """One declared argument of a kind."""

    __slots__ = ("default", "meaning", "name", "type")

    def __init__(self, type: Type, meaning: str, default: Any) -> None:
        self.type = type
        self.meaning = meaning
        self.default = default
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @property
    def required(self) -> bool:
        return self.default is REQUIRED

    def read(self, value: Any) -> Any:
        try:
            return self.type.read(value)
        except Reject as reject:
            raise self.blame(reject) from None

    def bind(self, value: Any, axes: int) -> Any:
        try:
            return self.type.bind(value, axes)
        except Reject as reject:
            raise self.blame(reject) from None

    def blame(self, reject: Reject) -> Reject:
        reject.argument = self.name
        reject.message = reject.message.replace("{argument}", self.name)
        return reject


def argument(type: Type, meaning: str, default: Any = REQUIRED) -> Any:
    """Declare an argument; typed Any so that the class can annotate the value's own type."""
    return Argument(type, meaning, default)


def canonical_name(written: str, arguments: dict[str, Argument]) -> str | None:
    """Which of a kind's arguments `written` stands for, if any.

    Case folds except for the single letters of the formulas.
    """
    if written in arguments:
        return written
    for name in arguments:
        for other in (name, *OTHER_NAMES.get(name, ())):
            if written == other or (len(other) > 1 and fold(written) == fold(other)):
                return name
    return None
