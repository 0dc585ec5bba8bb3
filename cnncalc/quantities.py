"""Quantities: everything that is counted, each declared once.

Columns, `expect`, budgets, JSON and the documentation derive from these declarations. How a
quantity is counted for a kind stands in the kind's class; counting rules and conventions that all
kinds share stand here.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from cnncalc.network.network import Leaf

# How a quantity of several layers comes about.
SUM = "sum"  # every layer counts
ONCE = "once"  # layers that share weights count once
LAST = "last"  # that of the last layer
NONE = "none"  # has no meaning for several layers

BYTES_OF = {
    "float64": 8, "float32": 4, "float16": 2, "bfloat16": 2, "float8": 1,
    "int64": 8, "int32": 4, "int16": 2, "int8": 1, "uint8": 1,
}  # fmt: skip


class Quantity(NamedTuple):
    """One thing that is counted."""

    name: str
    header: str
    meaning: str
    adds: str
    of: "Callable[[Leaf], Any]"  # the number for one layer
    unit: str = ""  # "bytes" is written in KiB, MiB, GiB
    aliases: tuple[str, ...] = ()


QUANTITIES: dict[str, Quantity] = {}


def _quantity(
    name: str,
    header: str,
    meaning: str,
    of: "Callable[[Leaf], Any]",
    adds: str = SUM,
    unit: str = "",
    aliases: tuple[str, ...] = (),
) -> None:
    QUANTITIES[name] = Quantity(name, header, meaning, adds, of, unit, aliases)


_quantity(
    "weights",
    "Weights",
    "numbers a layer learns, without its biases",
    lambda leaf: leaf.layer.weights,
    ONCE,
)
_quantity(
    "biases",
    "Biases",
    "numbers a layer learns to add, one a filter, unit or channel",
    lambda leaf: leaf.layer.biases,
    ONCE,
)
_quantity(
    "parameters",
    "Parameters",
    "weights and biases, frozen ones too, as PyTorch's numel adds up",
    lambda leaf: leaf.layer.parameters,
    ONCE,
    aliases=("params",),
)
_quantity(
    "trainable",
    "Trainable",
    "parameters that are not frozen by trainable: false",
    lambda leaf: 0 if leaf.frozen else leaf.layer.parameters,
    ONCE,
)
_quantity(
    "statistics",
    "Statistics",
    "running means and variances, two a channel of batch_norm; not parameters",
    lambda leaf: leaf.layer.statistics,
    ONCE,
)
_quantity(
    "connections",
    "Connections",
    "links from a layer's units to the units that feed it, and one a unit with a bias",
    lambda leaf: leaf.layer.connections,
)
_quantity(
    "neurons",
    "Neurons",
    "units with weights, one for each value of their layer's output",
    lambda leaf: leaf.layer.neurons,
)
_quantity(
    "macs",
    "MACs",
    "multiplications with a weight; no biases, norms, activations or pooling",
    lambda leaf: leaf.layer.macs,
    aliases=("multiply_adds",),
)
_quantity("flops", "FLOPs", "2 · macs", lambda leaf: 2 * leaf.layer.macs)
_quantity(
    "memory",
    "Memory",
    "bytes of the volumes of one example, the network's inputs included; activations, dropout, "
    "flatten, reshape and identity work in place",
    lambda leaf: 0 if leaf.layer.in_place else leaf.network.bytes_of(leaf.output),
    unit="bytes",
)
_quantity(
    "parameter_memory",
    "Param. memory",
    "bytes of the parameters",
    lambda leaf: leaf.layer.parameters * leaf.network.bytes_per_value,
    ONCE,
    unit="bytes",
)
_quantity(
    "fan_in", "Fan-in", "inputs of one unit, without its bias", lambda leaf: leaf.layer.fan_in, NONE
)
_quantity(
    "positions",
    "Positions",
    "the places that one filter or window visits",
    lambda leaf: leaf.layer.positions,
    NONE,
)
_quantity(
    "without_sharing",
    "Unshared",
    "parameters if every unit had weights and a bias of its own",
    lambda leaf: leaf.layer.without_sharing,
)
_quantity(
    "receptive_field",
    "Receptive field",
    "the stretch of the network's input that one unit depends on, not clipped at the border",
    lambda leaf: leaf.receptive_field,
    LAST,
)


def find_quantity(name: str) -> Quantity | None:
    """A quantity by its name or alias."""
    if name in QUANTITIES:
        return QUANTITIES[name]
    return next((known for known in QUANTITIES.values() if name in known.aliases), None)
