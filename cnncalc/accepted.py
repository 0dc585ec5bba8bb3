"""What the functions take that Python programs call, checked where the arguments come in.

One table says it for all functions: an argument means the same wherever it occurs, but for those
that stand there with their function. What NumPy and others have for whole numbers becomes an int
here, so that no result can overflow.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from operator import index
from typing import SupportsIndex, TypeAlias, TypeVar

from cnncalc.wording import quote

Call = TypeVar("Call", bound=Callable[..., object])
T = TypeVar("T")
Reader: TypeAlias = Callable[[object], T]

_MAX_BITS = 14_000  # the interpreter refuses to write out numbers of more than 4,300 digits


def checked(function: Call) -> Call:
    """The function; a wrong argument is a TypeError or ValueError that names it."""
    names = [_entry(function.__name__, name) for name in function.__code__.co_varnames]

    @wraps(function)
    def call(*values: object, **options: object) -> object:
        __tracebackhide__ = True  # so that pytest shows who called
        values = tuple(map(_read, names, values)) if len(values) <= len(names) else values
        read = {name: _read(_entry(function.__name__, name), options[name]) for name in options}
        return function(*values, **read)

    return call  # type: ignore[return-value]  # it is called as the function is


def _entry(function: str, name: str) -> str:
    """What the table has an argument under."""
    return own if (own := f"{function}.{name}") in _ACCEPTED else name


def _read(entry: str, value: object) -> object:
    """The value of an argument."""
    __tracebackhide__ = True
    if entry not in _ACCEPTED:
        return value
    read, words = _ACCEPTED[entry]
    name = entry.rpartition(".")[2]
    try:
        return read(value)
    except TypeError:
        raise TypeError(f"{name} is {words}, not {_shown(value)}") from None
    except ValueError as error:
        raise ValueError(f"{name} is {error}") from None


def _shown(value: object) -> str:
    plain = value is None or isinstance(value, (str, bytes, bool, float, list, tuple, dict))
    return quote(repr(value)) if plain else f"an object of {type(value).__name__}"


# Readers raise TypeError, and ValueError for a value of the right type that is out of range.


def _instance(*types: type[T]) -> Reader[T]:
    def read(value: object) -> T:
        if not isinstance(value, types):
            raise TypeError
        return value

    return read


_text = _instance(str)


def _or_none(read: Reader[T]) -> Reader[T | None]:
    return lambda value: None if value is None else read(value)


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, SupportsIndex):
        raise TypeError
    number = index(value)
    if number.bit_length() > _MAX_BITS:
        raise ValueError("a number of thousands of digits")
    return number


def _at_least_one(value: object) -> int:
    number = _whole(value)
    if number < 1:
        raise ValueError(f"at least 1, not {number}")
    return number


def _texts_to(read: Reader[T]) -> Reader[dict[str, T]]:
    """A mapping of texts to what another reader reads."""

    def read_mapping(value: object) -> dict[str, T]:
        if not isinstance(value, Mapping):
            raise TypeError
        return {_text(key): read(part) for key, part in value.items()}

    return read_mapping


def _bound(value: object) -> str | int:
    return value if isinstance(value, str) else _whole(value)


def _value(value: object) -> object:
    """What a var can be."""
    if isinstance(value, int) and not isinstance(value, bool):
        return _whole(value)
    if hasattr(value, "__float__"):
        return value
    return _instance(str, bool, list, tuple)(value)


def _volume(value: object) -> object:
    from cnncalc.volume import Volume  # output_size takes none

    if isinstance(value, str):
        return value
    sizes, channels = _instance(Volume)(value)
    try:
        return Volume.of((*map(_whole, sizes), _whole(channels)))
    except ValueError as error:
        raise ValueError(f"no volume: {error}") from None


def _volumes(value: object) -> object:
    return _texts_to(_volume)(value) if isinstance(value, Mapping) else _volume(value)


def _shape(value: object) -> object:
    """A volume, or the shape that a framework has for a batch, whose number may be open."""
    if not isinstance(value, (tuple, list)) or hasattr(value, "channels"):
        return _volume(value)
    batch, *sizes = value or [0]
    if not sizes:
        raise TypeError
    return (None if batch is None else _at_least_one(batch), *map(_at_least_one, sizes))


def _model(value: object) -> object:
    """A model of a framework that is in memory already, or where one is."""
    torch = sys.modules.get("torch")
    is_torch = torch is not None and isinstance(value, torch.nn.Module)
    if is_torch or hasattr(value, "to_json") or isinstance(value, (str, os.PathLike)):
        return value
    from cnncalc.network.model import Network  # for models only

    return _instance(Network)(value)


def _codes(value: object) -> list[str]:
    if isinstance(value, str) or not isinstance(value, Iterable):  # letters are not meant
        raise TypeError
    return list(map(_text, value))


def _spec(value: object) -> object:
    from cnncalc.language.model import Spec  # which reads YAML

    return _instance(Spec)(value)


def _spec_or_path(value: object) -> object:
    return value if isinstance(value, (str, os.PathLike)) else _spec(value)


def _function(value: object) -> object:
    if not callable(value):
        raise TypeError
    return value


def _severity(value: object) -> object:
    from cnncalc.problems import SEVERITIES  # only for a severity

    if (word := _text(value)) not in SEVERITIES:
        raise ValueError(f"{', '.join(SEVERITIES[:-1])} or {SEVERITIES[-1]}, not {quote(word)!r}")
    return value


def _padding(value: object) -> object:
    if not isinstance(value, (list, tuple)):
        return _bound(value)
    if len(value) != 2:
        raise TypeError
    return tuple(map(_whole, value))


_TEXT = (_text, "a str")
_WHOLE = (_whole, "a whole number")
_COUNT = (_at_least_one, "a whole number")
_BOUNDS = (
    _or_none(_texts_to(_bound)),
    'a mapping of quantities to bounds, such as {"parameters": "5M"}',
)
_CODES = (_codes, 'a list of codes, such as ["CNN304"]')

# How each argument is read, and what to call what it takes.
_ACCEPTED: dict[str, tuple[Reader[object], str]] = {
    "path": (_instance(str, os.PathLike), "a path or the name of a bundled network"),
    "text": _TEXT,
    "name": _TEXT,
    "spec": (_spec, "a Spec, which cnncalc.read and cnncalc.read_text make"),
    "export.spec": (_spec_or_path, "a Spec, a path or the name of a bundled network"),
    "to": _TEXT,
    "vars": (
        _or_none(_texts_to(_value)),
        'a mapping of names to numbers, texts and lists, such as {"width": 64}',
    ),
    "input": (
        _or_none(_volumes),
        'a text such as "32x32x3", a Volume, or a mapping of names to these',
    ),
    "assert_matches.input": (
        _or_none(_shape),
        'a text such as "32x32x3", a Volume, or the shape of a batch such as (1, 3, 32, 32)',
    ),
    "model": (_model, "a torch.nn.Module, a Keras model, a Network or the path of a model"),
    "variant": (_or_none(_text), "a str or None"),
    "strict": (_instance(bool), "True or False"),
    "training": (_instance(bool), "True or False"),
    "allow_custom": (_instance(bool), "True or False"),
    "dtype": _TEXT,
    "weight_dtype": (_or_none(_text), "a str or None"),
    "optimizer": _TEXT,
    "batch": _COUNT,
    "max_layers": _COUNT,
    "walk_of": (_function, "a function that makes a Walk"),
    "max_size": _COUNT,
    "max": _BOUNDS,
    "min": _BOUNDS,
    "fail_on": (_or_none(_severity), "a str"),
    "base": (_or_none(_instance(str, os.PathLike)), "a path or None"),
    "config": (_or_none(_instance(str, os.PathLike)), "a path or None"),
    "isolated": (_instance(bool), "True or False"),
    "select": _CODES,
    "ignore": _CODES,
    "size": _WHOLE,
    "kernel": _WHOLE,
    "stride": _WHOLE,
    "dilation": _WHOLE,
    "padding": (_padding, "a whole number, a pair of them, or a text such as same"),
    "rounding": _TEXT,
}
