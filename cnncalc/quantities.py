"""Quantities: everything that is counted, each declared once.

A declaration is the attribute of layers, groups and networks that gives the quantity; columns,
`expect`, budgets, JSON and the documentation derive from it too. How a quantity is counted for a
kind stands in the kind's class; what all kinds share stands here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, overload

if TYPE_CHECKING:
    from fractions import Fraction

    from cnncalc.layers.base import Operation
    from cnncalc.network.receptive_field import Field

# How a quantity of several layers comes about.
SUM = "sum"  # every layer counts
ONCE = "once"  # layers that share weights count once
LAST = "last"  # that of the last layer
NONE = "none"  # has no meaning for several layers
RATIO = "ratio"  # one total divided by another
MOST = "most"  # the largest of the layers
PATH = "path"  # along the longest way through
TRAINING = "training"  # every layer counts, those that run in training only too

BYTES_OF = {
    "float64": 8, "float32": 4, "float16": 2, "bfloat16": 2, "float8": 1,
    "int64": 8, "int32": 4, "int16": 2, "int8": 1, "uint8": 1,
}  # fmt: skip

BITS_OF = {**{name: 8 * size for name, size in BYTES_OF.items()}, "int4": 4}  # of weights
# What an optimiser keeps beside each parameter and its gradient.
STATES_OF = {"sgd": 0, "momentum": 1, "adam": 2}

T_co = TypeVar("T_co", covariant=True)


class Counted(Protocol):
    """What a quantity may ask of a layer of a network."""

    @property
    def operation(self) -> Operation: ...
    @property
    def frozen(self) -> bool: ...
    @property
    def value_bytes(self) -> int: ...  # of one value
    @property
    def batch(self) -> int: ...
    @property
    def alive(self) -> int: ...  # bytes of the volumes there are while it runs
    @property
    def kept(self) -> int: ...  # bytes of its output that the gradients of weights need
    @property
    def states(self) -> int: ...  # of the optimiser, for each parameter
    def weight_bytes(self, weights: int) -> int: ...  # bytes of some weights


class HasInputs(Protocol):
    """What a quantity may ask of a network about its inputs."""

    @property
    def input_bytes(self) -> int: ...
    @property
    def kept_input_bytes(self) -> int: ...


class HasQuantities(Protocol):
    """A layer, a group or a network."""

    def quantity(self, name: str) -> Any: ...


QUANTITIES: dict[str, Quantity[Any]] = {}  # by name, in the order of declaration


class Quantity(Generic[T_co]):
    """One thing that is counted: an attribute of every layer, group and network."""

    name: str

    def __init__(
        self,
        header: str,
        meaning: str,
        of: Callable[[Counted], T_co],
        adds: str = SUM,
        unit: str = "",
        aliases: tuple[str, ...] = (),
        of_inputs: Callable[[HasInputs], int] | None = None,
        of_one: str = "",
        name: str = "",
        placed: bool = False,
    ) -> None:
        self.name = name
        self.header = header
        self.meaning = self.__doc__ = meaning
        self.of = of  # the number for one layer, see `count`
        self.adds = adds
        self.unit = unit  # "bytes" is written in KiB, MiB, GiB
        self.aliases = aliases
        self.of_inputs = of_inputs  # what a network's total has of its inputs
        self.placed = placed  # whether it depends on where in the network the layer stands
        self.of_one = of_one or meaning  # what it is for one layer, where that is said more simply
        self.parts: tuple[str, str] | None = None  # of a ratio: what is divided by what
        self.by_batch = False

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = self.name or name
        QUANTITIES[self.name] = self

    @property
    def is_bytes(self) -> bool:
        """Whether it is an amount of memory."""
        return self.unit == "bytes"

    @property
    def adds_up(self) -> bool:
        """Whether the number for several layers is a sum over them."""
        return self.adds in (SUM, ONCE, TRAINING)

    @property
    def is_bounded(self) -> bool:
        """Whether a budget can be for it: a whole number for a whole network."""
        return self.adds_up or self.adds in (MOST, PATH)

    def count(self, layer: Counted) -> T_co:
        """The number for one layer; raises TypeError for one that is not whole."""
        value = self.of(layer)
        if value is None or isinstance(value, int):
            return value
        raise TypeError(
            f"{self.name} of {layer.operation.kind} is {value!r}, not a whole number; "
            "a quotient is declared with ratio(...)"
        )

    @overload
    def __get__(self, of: None, owner: type) -> Quantity[T_co]: ...
    @overload
    def __get__(self, of: HasQuantities, owner: type) -> T_co: ...
    def __get__(self, of: HasQuantities | None, owner: type) -> object:
        return self if of is None else of.quantity(self.name)

    def __set__(self, of: object, value: object) -> None:
        raise AttributeError(f"{self.name} is counted, and cannot be set")


def ratio(
    header: str, meaning: str, top: str, bottom: str, *, by_batch: bool = False
) -> Quantity[Fraction | None]:
    """A quantity that is one count divided by another, exact; None where that other is 0.

    `by_batch`: the first count is of one example, the other of a whole batch.
    """
    declared: Quantity[Fraction | None] = Quantity(
        header,
        meaning,
        lambda of: None,  # layers, groups and networks divide their own counts: network/model.py
        RATIO,
    )
    declared.parts = (top, bottom)
    declared.by_batch = by_batch
    return declared


def in_decimals(name: str) -> bool:
    """Whether a number of that name need not be whole."""
    return name in QUANTITIES and QUANTITIES[name].adds == RATIO


@lru_cache(4096)
def divided(top: int, bottom: int) -> Fraction | None:
    """An exact quotient; None for a division by 0."""
    from fractions import Fraction  # few networks are asked for a ratio

    return Fraction(top, bottom) if bottom else None


class Quantities:
    """The quantities of a layer, a group of layers or a network."""

    __slots__ = ()

    layer_count = Quantity(
        "Layers",
        "layers; blocks and groups are not among them",
        lambda of: 1,
        of_one="a layer counts as one",
        name="layers",
    )
    weight_layers = Quantity(
        "Weight layers",
        "layers with weights, norms aside, on the longest way from input to output, "
        "as papers count: the 50 of ResNet-50",
        lambda of: int(of.operation.weighted),
        PATH,
        of_one="whether papers count it as a layer",
    )
    weights = Quantity(
        "Weights",
        "numbers a layer learns, without its biases",
        lambda of: of.operation.weights,
        ONCE,
    )
    biases = Quantity(
        "Biases",
        "numbers a layer learns to add, one a filter, unit or channel",
        lambda of: of.operation.biases,
        ONCE,
    )
    parameters = Quantity(
        "Parameters",
        "weights and biases, frozen ones too, as PyTorch's numel adds up",
        lambda of: of.operation.parameters,
        ONCE,
        aliases=("params",),
        of_one="weights and biases",
    )
    trainable = Quantity(
        "Trainable",
        "parameters that are not frozen by trainable: false",
        lambda of: 0 if of.frozen else of.operation.parameters,
        ONCE,
        of_one="parameters that are not frozen",
    )
    statistics = Quantity(
        "Statistics",
        "running means and variances, two a channel of batch_norm; not parameters",
        lambda of: of.operation.statistics,
        ONCE,
    )
    connections = Quantity(
        "Connections",
        "links from a layer's units to the units that feed it, and one a unit with a bias; "
        "those to padding count too, and those that a transposed convolution's padding cuts off",
        lambda of: of.operation.connections,
    )
    neurons = Quantity(
        "Neurons",
        "units with weights, one for each value of their layer's output",
        lambda of: of.operation.neurons,
        of_one="units with weights, one for each value of the output",
    )
    macs = Quantity(
        "MACs",
        "products of values with weights and, in attention, of values with each other; no biases, "
        "norms, activations or pooling",
        lambda of: of.operation.macs,
        aliases=("multiply_adds",),
    )
    flops = Quantity(
        "FLOPs",
        "2 · macs",
        lambda of: 2 * of.operation.macs,
        of_one="a multiplication and an addition each, 2 · macs",
    )
    macs_per_parameter = ratio(
        "MACs/param.",
        "macs divided by parameters: how often a number that was learned is used",
        "macs",
        "parameters",
    )
    traffic = Quantity(
        "Traffic",
        "bytes of inputs, output and parameters: what a layer reads and writes at least",
        lambda of: (
            (sum(volume.values for volume in of.operation.inputs) + of.operation.output.values)
            * of.value_bytes * of.batch + of.weight_bytes(of.operation.parameters)
        ),
        unit="bytes",
    )  # fmt: skip
    arithmetic_intensity = ratio(
        "FLOPs/byte",
        "flops divided by the bytes of inputs, output and parameters",
        "flops",
        "traffic",
        by_batch=True,
    )
    memory = Quantity(
        "Memory",
        "bytes of the volumes, the network's inputs included; of one example without --batch; "
        "activations, dropout, flatten, reshape and identity work in place",
        lambda of: (
            0 if of.operation.in_place else of.operation.output.values * of.value_bytes * of.batch
        ),
        unit="bytes",
        of_inputs=lambda of: of.input_bytes,
        of_one="bytes of the output",
    )
    peak_memory = Quantity(
        "Peak memory",
        "the largest sum of bytes alive at once when layers run in the order written, parameters "
        "apart; a volume lives from its making to its last reader",
        lambda of: of.alive,
        MOST,
        unit="bytes",
        of_one="bytes of all volumes alive while the layer runs",
        placed=True,
    )
    parameter_memory = Quantity(
        "Param. memory",
        "bytes of the parameters",
        lambda of: of.weight_bytes(of.operation.parameters),
        ONCE,
        unit="bytes",
    )
    training_memory = Quantity(
        "Training memory",
        "a lower bound: parameters, gradients, the optimiser's state, and the volumes that the "
        "gradients of weights need; no workspace",
        lambda of: (
            of.weight_bytes(of.operation.parameters)
            + (0 if of.frozen else (1 + of.states) * of.weight_bytes(of.operation.parameters))
            + of.kept
        ),
        TRAINING,
        unit="bytes",
        of_inputs=lambda of: of.kept_input_bytes,
        of_one="a lower bound: parameters, gradients, the optimiser's state, and the output where "
        "the gradients of weights need it",
        placed=True,
    )
    fan_in = Quantity(
        "Fan-in", "inputs of one unit, without its bias", lambda of: of.operation.fan_in, NONE
    )
    positions = Quantity(
        "Positions",
        "the places that one filter or window visits",
        lambda of: of.operation.positions,
        NONE,
    )
    without_sharing = Quantity(
        "Unshared",
        "parameters if every unit had weights and a bias of its own",
        lambda of: of.operation.without_sharing,
    )
    receptive_field: Quantity[Field | None] = Quantity(
        "Receptive field",
        "the stretch of the network's input that one unit depends on, not clipped at the border",
        lambda of: None,  # a layer alone has none: network/receptive_field.py
        LAST,
    )

    def quantity(self, name: str) -> object:
        """The value of a quantity by its name; None where it has no meaning here."""
        raise NotImplementedError


def find_quantity(name: str) -> Quantity[Any] | None:
    """A quantity by its name or alias, in any case; spaces and dashes are as good as _."""
    name = name.strip().lower().replace("-", "_").replace(" ", "_")
    if name in QUANTITIES:
        return QUANTITIES[name]
    return next((known for known in QUANTITIES.values() if name in known.aliases), None)


def in_bytes(name: str) -> bool:
    """Whether a total of that name is an amount of memory."""
    return name in QUANTITIES and QUANTITIES[name].is_bytes
