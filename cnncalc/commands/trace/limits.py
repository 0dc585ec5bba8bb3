"""What a trace may cost, as a spec may come from a stranger."""

from math import prod

from cnncalc import problems as codes
from cnncalc.commands.trace.arrays import Array
from cnncalc.layers import Operation
from cnncalc.layers.attention import Attention
from cnncalc.layers.conv import Conv
from cnncalc.layers.separable import SeparableConv
from cnncalc.network.model import Layer
from cnncalc.problems import Reject

MAX_MULTIPLICATIONS = 10**8
MAX_VALUES = 10**7  # in all volumes together
MAX_DIGITS = 10**9  # of the numbers in all volumes
MAX_FILES = 16 * 2**20  # bytes of all files together


class TooMuch(Reject):
    """Nothing more is worked out."""


class Cost:
    """Of the layers of a trace up to some layer."""

    def __init__(self) -> None:
        self.multiplications = 0
        self.values = 0
        self.digits = 0

    def add(self, layer: Layer, read: list[Array]) -> None:
        """Add a layer that is about to be worked out from these numbers. Raises TooMuch.

        None of its numbers will be longer than all that it is made of.
        """
        self.multiplications += _multiplications(layer.operation)
        self.values += max(layer.output.values, layer.operation.input.values)
        self.values += _between(layer.operation)
        self.digits += layer.output.values * sum(array.digits for array in read)
        for cost, limit, text in (
            (self.multiplications, MAX_MULTIPLICATIONS, "the trace takes {} multiplications or "
             "comparisons"),
            (self.values, MAX_VALUES, "the volumes hold {} numbers"),
            (self.digits, MAX_DIGITS, "the numbers take as many as {} digits"),
        ):  # fmt: skip
            if cost > limit:
                found = f"up to {layer.path} {text.format(f'{cost:,}')}, more than {limit:,}"
                help = "trace is for small examples: a smaller input, or a LAYER before this one"
                raise TooMuch(codes.LIMIT, found, help=help)


def _multiplications(layer: Operation) -> int:
    """How many products, sums or comparisons of a layer's windows it takes."""
    if isinstance(layer, Conv) and not isinstance(layer, SeparableConv):
        return layer.output.values * prod(layer.kernel) * (layer.input.channels // layer.groups)
    return max(layer.macs, layer.connections)


def _between(layer: Operation) -> int:
    """How many numbers are worked out on the way to the output."""
    if isinstance(layer, Attention):
        return layer.positions * (2 * layer.heads * layer.seen + 4 * layer.dimensions)
    if isinstance(layer, SeparableConv):
        return layer.depthwise.output.values
    return 0
