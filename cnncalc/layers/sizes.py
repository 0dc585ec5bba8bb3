"""Arguments that are sizes: a number per axis, padding, and whole volumes."""

from typing import Any, ClassVar

from cnncalc import problems as codes
from cnncalc.advice import Edit
from cnncalc.arithmetic import Pair
from cnncalc.layers.values import Type, Whole, why_no_number
from cnncalc.problems import Key, Reject
from cnncalc.volume import AXIS_NAMES, MAX_NUMBER, Volume, read_factors
from cnncalc.wording import count, did_you_mean, enumerated, is_fraction, quote, show, times

# What sizes look like in a JSON Schema, leading zeros aside.
SIZES = r"^\d{1,13}( *[xX×] *\d{1,13}){0,2}$"


VOLUME = r"^([1-9]\d{0,12} *@ *)?[1-9]\d{0,12}( *[xX×] *[1-9]\d{0,12}){0,3}$"


class PerAxis(Whole):
    """A whole number for all axes, or one for each: 3, 3x5 or [3, 5], height first."""

    per_axis = True
    json_types: tuple[str, ...] = ("integer", "string", "array")
    strings = SIZES
    json_more: ClassVar[dict[str, object]] = {
        "minItems": 1, "maxItems": 3, "items": {"type": ["integer", "string"]},
    }  # fmt: skip

    def __init__(self, minimum: int = 1) -> None:
        super().__init__(minimum)
        self.expects = f"a whole number of at least {minimum}, or one per axis as 3x5 or [3, 5]"

    def read(self, value: object) -> int | tuple[int, ...]:
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

    def show(self, value: object) -> object:
        return list(value) if isinstance(value, tuple) else value


def wrong_axes(what: str, axes: int, help: str = "") -> Reject:
    names = enumerated([*AXIS_NAMES[axes]]) if axes else ""
    has = f"{count(axes, 'spatial axis', 'spatial axes')}{f' ({names})' if names else ''}"
    return Reject(codes.AXES, f"{what}, but its input has {has}", help=help)


class Padding(Type):
    """Rows of zeros around the input, or how many to work out."""

    per_axis = True
    json_types: tuple[str, ...] = ("integer", "string", "array", "object")
    keywords = ("valid", "same", "full", "causal")
    strings = rf"(?!^0x){SIZES}"
    minimum = 0
    json_more: ClassVar[dict[str, object]] = {
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

    def read(self, value: object) -> object:
        """A word, or a tuple of (before, after) pairs; a single pair holds for all axes."""
        if isinstance(value, str):
            return self.read_word(value)
        if isinstance(value, list):
            return self.read_list(value)
        if isinstance(value, dict):
            return self.read_sides(value)
        size = self.read_size(value, ())
        return ((size, size),)

    def read_word(self, text: str) -> object:
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

    def read_list(self, value: list[object]) -> tuple[Pair, ...]:
        if len(value) == 4 and all(isinstance(size, int) for size in value):
            raise self.refuse(
                value,
                "frameworks order four numbers differently: "
                "write {top: .., bottom: .., left: .., right: ..}",
            )
        if not 1 <= len(value) <= 3:
            raise self.refuse(value)
        return tuple(self.read_pair(part, (place,)) for place, part in enumerate(value))

    def read_pair(self, part: object, path: tuple[object, ...]) -> Pair:
        if not isinstance(part, list):
            size = self.read_size(part, path)
            return size, size
        if len(part) != 2:
            raise self.refuse(part, "a pair is [before, after]", path)
        return self.read_size(part[0], (*path, 0)), self.read_size(part[1], (*path, 1))

    def read_sides(self, value: dict[str, object]) -> tuple[Pair, ...]:
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

    def read_size(self, value: object, path: tuple[object, ...]) -> int:
        if type(value) is int and 0 <= value <= MAX_NUMBER:
            return value
        if is_fraction(value):
            raise Whole(0).refuse_number(value, path)
        raise self.refuse(value, "" if path else why_no_number(value), path)

    def bind(self, value: Any, axes: int) -> object:
        if isinstance(value, str):
            return value
        if len(value) == 1:
            return value * axes
        if len(value) != axes:
            what = f"{{argument}} is written for {count(len(value), 'axis', 'axes')}"
            raise wrong_axes(what, axes, "write [[before, after]]" if axes == 1 else "")
        return value

    def show(self, value: object) -> object:
        return [list(pair) for pair in value] if isinstance(value, tuple) else value


class Shape(Type):
    """A volume: 7x7x256, 120 or [7, 7, 256]."""

    expects = "a volume such as 7x7x256 or 120"
    json_types: tuple[str, ...] = ("integer", "string", "array")
    strings = VOLUME
    json_more: ClassVar[dict[str, object]] = {
        "minItems": 1, "maxItems": 4, "items": {"type": ["integer", "string"], "minimum": 1},
    }  # fmt: skip

    def read(self, value: object) -> Volume:
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
    json_more: ClassVar[dict[str, object]] = {}
