"""Names of a spec as names in Python: valid, each for one thing, and none that hides another."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterable

_RESERVED = frozenset({*keyword.kwlist, *keyword.softkwlist, *dir(builtins)})
_RESERVED |= {"I", "O", "l"}  # which linters refuse, as they look like numbers


def snake(name: str) -> str:
    """basic_block for BasicBlock, conv_bn for ConvBN, se_3 for SE-3."""
    name = re.sub(r"[^A-Za-z0-9]+", "_", name)
    name = re.sub(r"([a-z0-9])([A-Z])|([A-Z])([A-Z][a-z])", r"\1\3_\2\4", name)
    return name.strip("_").lower()


def constant(name: str) -> str:
    """WIDTH for width."""
    return re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_").upper()


def camel(name: str) -> str:
    """BasicBlock for BasicBlock and for basic_block."""
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[^A-Za-z0-9]+", name))


class Identifiers:
    """The names of one scope of a Python file."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self.taken = set(taken)

    def new(self, wanted: str, instead: str = "value") -> str:
        """The name that is wanted, or one like it that nothing here has.

        `instead` is for a name that has no letter and no digit.
        """
        name = wanted.lstrip("_") or instead
        if name[0].isdigit():
            name = f"{instead}_{name}"
        if name in _RESERVED:
            name += "_"
        found, number = name, 2
        while found in self.taken:
            found, number = f"{name.rstrip('_')}_{number}", number + 1
        self.taken.add(found)
        return found
