"""Values that pass between the parts of the writer."""

from typing import NamedTuple

from cnncalc.exchange.export.layout import Suite


class Ref(NamedTuple):
    """A volume: a variable, as it was when it had been written so often."""

    variable: str
    version: int
    key: str = ""  # of a mapping


class Result(NamedTuple):
    """What an item gives."""

    ref: Ref
    gives: str = ""  # the variable of the mapping that a call gave
    called: tuple[int, int] = (0, 0)  # the function


class Written(NamedTuple):
    """A function of the file: its name, the parameters that it has, and its code."""

    name: str
    parameters: tuple[str, ...]  # by their names in the spec
    reads_input: bool
    names_layers: bool
    gives: tuple[str, ...]  # the keys of the mapping that it returns; none where it is a tensor
    suite: Suite
