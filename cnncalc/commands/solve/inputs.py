"""The square inputs that a network takes."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, NamedTuple

from cnncalc.commands.solve.numbers import Numbers
from cnncalc.commands.solve.search import QuestionError, TooManyError
from cnncalc.language.model import Spec
from cnncalc.network.build import SpecError, build
from cnncalc.volume import Volume

MAX_LAYERS = 200_000  # built in one search, in some seconds
_MAX_SMALLEST = 1_000  # the sizes among which the smallest input is looked for


class InputSize(NamedTuple):
    """How a network takes an input of a size."""

    size: int
    output: Volume | None  # None where it refuses
    even: bool
    reason: str  # of the refusal, or the first window that is not even


class Trial:
    """A network to be tried on inputs of other sizes, with its own number of axes and channels."""

    def __init__(self, spec: Spec, **settings: Any) -> None:
        self.build = partial(build, spec, **settings)
        network = self.build().network
        self.own, self.layers = network.input, max(len(network), 1)
        if not self.own.sizes:
            raise QuestionError(f"the input {self.own} is a vector, and has no size to try others")

    def all(self, sizes: Numbers, say: Callable[[str], None] | None = None) -> list[InputSize]:
        """How it takes each of these sizes; `say` hears how far it is. Raises TooManyError."""
        most = max(MAX_LAYERS // self.layers, 1)
        if sizes.count > most:
            raise TooManyError(f"{sizes.count:,} sizes to try; for this network at most {most:,}")
        found = []
        for number, one in enumerate(self.each(sizes), 1):
            found.append(one)
            if say is not None:
                say(f"tried {number:,} of {sizes.count:,} sizes")
        return found

    def smallest(self) -> int | None:
        """The smallest size that it accepts at all."""
        tried = self.each(range(1, _MAX_SMALLEST + 1))
        return next((one.size for one in tried if one.output is not None), None)

    def each(self, sizes: Iterable[int]) -> Iterator[InputSize]:
        """How it takes one size after the other."""
        for size in sizes:
            volume = Volume((size,) * len(self.own.sizes), self.own.channels)
            try:
                network = self.build(input=volume).network
            except SpecError as error:
                first = next(p for p in error.problems if p.severity == "error")
                yield InputSize(size, None, False, f"{first.layer}: {first.message}".lstrip(": "))
                continue
            uneven = next((layer for layer in network if layer.notes), None)
            reason = f"{uneven.path}: {uneven.notes[0]}" if uneven else ""
            yield InputSize(size, network.output, uneven is None, reason)
