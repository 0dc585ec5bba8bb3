"""What a class of the code is given: its arguments, and the calls that it stands for."""

from collections.abc import Sequence
from typing import NamedTuple

from cnncalc.exchange.export.layout import Code, Statement, Suite
from cnncalc.exchange.export.pytorch import symbols
from cnncalc.exchange.export.pytorch.spots import Instance


class Parameter(NamedTuple):
    """An argument of a class."""

    python: str
    kind: str  # in, argument, var, channels
    name: str  # in the spec
    default: str | None = None
    worked_out: str = ""  # what a default of None comes to


class Class(NamedTuple):
    """A class that was written for calls of a block."""

    name: str
    parameters: list[Parameter]
    others: list[Parameter]  # that it does not need, but its channels may
    arguments: list[str]  # of the block, which forward reads
    channels: str
    labels: dict[str, str]  # with the channels of each
    instances: dict[int, Instance]  # by the id of the copy

    def names_in_channels(self) -> set[str]:
        """The arguments that it takes to say the channels of what it gives."""
        found = set().union(*map(symbols.free_names, (self.channels, *self.labels.values())))
        for parameter in (*self.parameters, *self.others):
            if parameter.python in found and parameter.worked_out:
                found |= symbols.free_names(parameter.worked_out)
        return found


def default_of(parameter: Parameter) -> Suite:
    """The statement that works out a default."""
    body: list[Statement] = [f"{parameter.python} = {parameter.worked_out}"]
    return Suite(f"if {parameter.python} is None:", body)


def signature(parameters: Sequence[Parameter]) -> list[Code]:
    return [p.python if p.default is None else f"{p.python}={p.default}" for p in parameters]
