"""The frameworks that code is written for, one entry each.

`cnncalc export --to`, its completion, its help and the tests follow from this table. A target's
module has `source`, a function of a Build and its record that returns the text of a file.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from cnncalc.problems import NOT_EXPORTED, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cnncalc.exchange.export.record import Run
    from cnncalc.language.model import Item
    from cnncalc.network.build import Build


class Target(NamedTuple):
    """A framework that code is written for."""

    title: str  # as its makers write it
    module: str

    def source(self, build: "Build", run: "Run") -> str:
        """The code of a network. Raises NotExported."""
        write: Any = import_module(self.module).source  # one target of several
        return str(write(build, run))


def exported(target: str, build: "Callable[..., Build]", items: "Sequence[Item]") -> str:
    """The code of what a build comes to; `build` is given `walk_of`. Raises NotExported."""
    from cnncalc.exchange.export.record import recorded  # not for the table

    try:
        return TARGETS[target].source(*recorded(build))
    except RecursionError:  # less deep than what can be counted, as every level is a class
        message = "blocks and composites stand too deep in one another for code"
        raise NotExported(message, items[0], "write some of them in one") from None


TARGETS = {
    "pytorch": Target("PyTorch", "cnncalc.exchange.export.pytorch"),
    "keras": Target("Keras", "cnncalc.exchange.export.keras"),
}


class NotExported(Exception):
    """Something that a framework's code cannot say, and the item that says it in the spec."""

    def __init__(self, message: str, item: "Item", help: str = "") -> None:
        super().__init__(message)
        self.problem = Problem(NOT_EXPORTED, message, item.span(), help=help)
