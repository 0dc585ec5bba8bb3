"""Arguments of layers: how a kind declares them, and the other names they go by.

A kind declares its arguments as class attributes; `values.py` and `sizes.py` have their types:

    filters: int = argument(Whole(), "the number of filters, K")
"""

from math import isfinite
from typing import Any

from cnncalc.layers.values import Type
from cnncalc.problems import Reject
from cnncalc.volume import Volume
from cnncalc.wording import fold, is_fraction, show_fraction

REQUIRED: object = object()

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
    "factor": ("scale_factor", "upscale_factor", "downscale_factor"),
    "to": ("size",),
    "heads": ("num_heads",),
    "epsilon": ("eps",),
}


class Kept:
    """Plain data as it is written. It is compared by identity, as it may be very long."""

    __slots__ = ("data",)

    def __init__(self, data: object) -> None:
        self.data = data


class Numbers(Type):
    """Numbers that only `cnncalc trace` reads: in nested lists, or in a file beside the spec.

    They come as plain data: lists and dicts of whole numbers and of texts such as 0.5 and 1/9.
    """

    kept = True
    json_types: tuple[str, ...] = ("array", "number", "object", "string")
    expects = "numbers in nested lists, or the name of a .csv, .npy or .png file beside the spec"

    def read(self, value: object) -> object:
        return value.data if isinstance(value, Kept) else value

    def show(self, value: object) -> object:
        """The data, with texts for the fractions that a var or an argument of a block holds."""
        if isinstance(value, list):
            return [self.show(part) for part in value]
        return show_fraction(value) if is_fraction(value) else value


class Number(Numbers):
    """One such number."""

    json_types: tuple[str, ...] = ("number", "string")
    expects = "a number such as 0.001 or 1e-5"

    def read(self, value: object) -> object:
        value = super().read(value)
        if isinstance(value, (list, dict)):
            raise self.refuse(value)
        return value


class NotInSpecs(TypeError):
    """A Python value that no spec can hold."""

    def __init__(self, value: object) -> None:
        super().__init__(
            f"no spec can hold {value!r}: only numbers, texts, booleans and lists of them"
        )


def from_python(value: object) -> object:
    """A Python value as specs have it: lists for tuples, texts for volumes, floats made exact.

    Raises NotInSpecs.
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
    raise NotInSpecs(value)


class Argument:
    """One declared argument of a kind."""

    __slots__ = ("default", "meaning", "name", "type")

    def __init__(self, type: Type, meaning: str, default: object) -> None:
        self.type = type
        self.meaning = meaning
        self.default = default
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @property
    def required(self) -> bool:
        return self.default is REQUIRED

    def read(self, value: object) -> object:
        try:
            return self.type.read(value)
        except Reject as reject:
            raise self.blame(reject) from None

    def bind(self, value: object, axes: int) -> object:
        try:
            return self.type.bind(value, axes)
        except Reject as reject:
            raise self.blame(reject) from None

    def blame(self, reject: Reject) -> Reject:
        reject.argument = self.name
        reject.message = reject.message.replace("{argument}", self.name)
        return reject


def argument(type: Type, meaning: str, default: object = REQUIRED) -> Any:
    """Declare an argument; typed Any so that the class can annotate the value's own type."""
    return Argument(type, meaning, default)


def fixed(value: object) -> Any:
    """What a subclass has in the place of an argument that cannot be written for it."""
    return value


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
