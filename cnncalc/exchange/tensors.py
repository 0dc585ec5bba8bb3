"""Tensors as PyTorch and ONNX have them, channels first, in the terms of our kinds.

A reader goes through the operations of a file in order and calls `Tensors.add` for those that a
kind stands for. Values that only change their form (views, permutations) are followed here, so
that a linear layer over channels that a permutation moved to the end is the 1×1 convolution it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Any

from cnncalc.arithmetic import FLOOR
from cnncalc.exchange.model import Model, ModelError, Node, Scope
from cnncalc.layers.arguments import from_python
from cnncalc.layers.base import find_kind
from cnncalc.layers.maker import Maker
from cnncalc.problems import Reject
from cnncalc.volume import Volume


class Unknown(Exception):
    """An operation, or a use of it, that no kind stands for."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """A value of the graph: which signal of the model it is, its sizes, and its channel axis."""

    signal: str
    sizes: tuple[int, ...]  # the batch first
    channels: int = 1  # the axis of the channels
    groups: int = 0  # into which a view has split the channels
    is_known: bool = True  # whether all operations that it comes from are
    swapped: bool = False  # whether those groups and what is in them have changed places

    @property
    def volume(self) -> Volume:
        """Its volume, channels last, without the batch."""
        spatial = [size for axis, size in enumerate(self.sizes) if axis not in (0, self.channels)]
        return Volume(tuple(spatial), self.sizes[self.channels])

    @property
    def axes(self) -> tuple[int, ...]:
        """The spatial axes."""
        return tuple(a for a in range(1, len(self.sizes)) if a != self.channels)


@dataclass(frozen=True, slots=True)
class Where:
    """Where an operation stands: its name, its module and the modules round that one."""

    name: str
    label: str = ""
    scopes: tuple[Scope, ...] = ()


class Tensors:
    """The values of one graph, by name, and the model that is made of it."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.values: dict[str, Tensor] = {}
        self.users: dict[str, str] = {}  # the node that first used each weight
        self.maker = Maker()

    def input(self, name: str, sizes: tuple[int, ...]) -> None:
        """An input of the graph."""
        tensor = Tensor(name, sizes)
        self.model.inputs[name] = tensor.volume
        self.values[name] = tensor

    def add(
        self,
        where: Where,
        kind: str,
        sources: Sequence[Tensor],
        sizes: tuple[int, ...] | None = None,
        *,
        axis: int | None = None,
        weights: Mapping[str, int] | None = None,
        **arguments: Any,
    ) -> None:
        """A layer with its arguments, None being "not given", and its weights.

        `weights` has how many values each has. The sizes are worked out where the file does not
        say them. `axis` is that of the channels, by default the first source's.
        """
        given = {name: value for name, value in arguments.items() if value is not None}
        axis = sources[0].channels if axis is None else axis
        output = None
        if sizes is None:
            sizes = self.measured(kind, given, sources, axis)
        else:
            output = Tensor("", sizes, axis).volume
        used = weights or {}
        shares = self.users.get(next(iter(used)), "") if used else ""
        for name in used:
            self.users.setdefault(name, where.name)
        signals = [source.signal for source in sources]
        node = Node(
            where.name, kind, given, signals, where.label, where.scopes, output,
            sum(used.values()), shares,
        )  # fmt: skip
        self.model.nodes.append(node)
        is_known = all(source.is_known for source in sources)
        self.values[where.name] = Tensor(where.name, sizes, axis, is_known=is_known)

    def measured(
        self, kind: str, given: Mapping[str, Any], sources: Sequence[Tensor], channels: int
    ) -> tuple[int, ...]:
        """The sizes that a layer gives, as the engine works them out. Raises ModelError."""
        cls, _ = find_kind(kind) or (None, None)
        assert cls is not None
        try:
            values = {name: from_python(value) for name, value in given.items()}
            typed, refused = self.maker.read(cls, values, FLOOR)
            if refused:
                raise refused[0]
            volumes = tuple(source.volume for source in sources)
            output = self.maker.make(cls, typed, volumes).output
        except Reject as reject:
            raise ModelError(f"{kind}: {reject.message}; {reject.detail}") from None
        sizes = [sources[0].sizes[0], *output.sizes]
        sizes.insert(channels if output.sizes else 1, output.channels)
        return tuple(sizes)

    def unknown(
        self,
        operation: str,
        where: str,
        sources: Iterable[str],
        results: Mapping[str, Any],
        *,
        may_follow: bool,
    ) -> None:
        """An operation that no kind stands for.

        `results` has the sizes of what it gives. One that `may_follow` from an unknown value that
        it reads, since kinds stand for other uses of it, is not listed then.
        """
        read = [self.values[name] for name in sources if name in self.values]
        if not may_follow or all(tensor.is_known for tensor in read):
            self.model.unknown.append((operation, where))
        for name, sizes in results.items():
            self.values[name] = Tensor(name, sizes or (1, 1, 1, 1), is_known=False)

    def alias(self, name: str, tensor: Tensor, **changes: Any) -> None:
        """Another name, or another form, of a value."""
        self.values[name] = replace(tensor, **changes)

    def reshape(self, where: Where, tensor: Tensor, sizes: tuple[int, ...]) -> None:
        """The same values in other sizes: a vector, fewer axes, or one step of a shuffle."""
        if sizes == tensor.sizes:
            self.alias(where.name, tensor)
        elif len(sizes) == 2 and sizes[1] == prod(tensor.sizes[1:]):
            self.add(where, "flatten", [tensor], sizes, axis=1)
        elif (
            tensor.swapped and tensor.channels == 1 and sizes[1] == tensor.sizes[1] * tensor.groups
        ):
            self.add(where, "channel_shuffle", [tensor], sizes, groups=tensor.groups)
        elif (
            tensor.channels == 1
            and len(sizes) == len(tensor.sizes) + 1
            and sizes[1] * sizes[2] == tensor.sizes[1]
            and sizes[3:] == tensor.sizes[2:]
        ):
            self.alias(where.name, tensor, groups=sizes[1], sizes=sizes)
        elif sizes[: tensor.channels + 1] == tensor.sizes[: tensor.channels + 1] or (
            sizes[0] == tensor.sizes[0] and sizes[-1] == tensor.sizes[tensor.channels]
            and tensor.channels == len(tensor.sizes) - 1
        ):  # fmt: skip
            channels = 1 if tensor.channels == 1 else len(sizes) - 1
            to = Tensor("", sizes, channels).volume
            self.add(where, "reshape", [tensor], sizes, axis=channels, to=to.text())
        else:
            raise Unknown

    def permute(self, where: Where, tensor: Tensor, order: tuple[int, ...]) -> None:
        """The axes in another order; a model only follows where the channels went."""
        sizes = tuple(tensor.sizes[axis] for axis in order)
        if tensor.groups and order == (0, 2, 1, *range(3, len(order))):
            self.alias(where.name, tensor, swapped=True, sizes=sizes)
            return
        spatial = [axis for axis in order[1:] if axis != tensor.channels]
        if order[0] != 0 or spatial != sorted(spatial) or tensor.groups:
            raise Unknown
        self.alias(where.name, tensor, sizes=sizes, channels=order.index(tensor.channels))
