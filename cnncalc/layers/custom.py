"""custom: a layer whose numbers the spec states, for what no kind says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc.layers.arguments import argument
from cnncalc.layers.base import Operation
from cnncalc.layers.reach import Reach
from cnncalc.layers.sizes import Shape
from cnncalc.layers.values import Whole
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from cnncalc.layers.derivation import Page


class Custom(Operation):
    """A layer that no kind describes: its output and counts are what the spec states.

    Nothing of it is worked out or checked, and every report calls its numbers stated. What its
    units see is unknown, so that receptive fields after it are not aligned. It may read several
    volumes: `from: [one, two]`.
    """

    kind = "custom"
    primary = "output"
    stated = True
    takes_several = True
    multiplies = False  # as far as anybody knows
    example = "custom: {output: 32x32x4, parameters: 96, macs: 98304}"
    refused = "custom: {parameters: -1}"

    output: Any = argument(Shape(), "the volume of the output [that of the input]", None)
    parameters: Any = argument(Whole(0), "weights and biases, as stated", 0)
    macs: Any = argument(Whole(0), "multiply-adds, as stated", 0)
    connections: Any = argument(Whole(0), "links, those to biases included, as stated", 0)

    def measure(self) -> Volume:
        self.output_stated: Volume | None = self.output
        return self.output_stated or self.input

    def value_of(self, name: str) -> object:
        return self.output_stated if name == "output" else super().value_of(name)

    @property
    def weights(self) -> int:
        """As stated; weights and biases are not told apart."""
        return self.parameters  # type: ignore[no-any-return]  # elsewhere it is worked out

    def reach(self) -> tuple[Reach, ...]:
        """Unknown along every axis."""
        return ()

    def label(self) -> str:
        return f"{self.kind}, as stated"

    def explain_output(self, page: Page) -> None:
        page.say("Its numbers are those that the spec states; nothing of them is worked out.")
