"""Parts: a network in a form in which two that compute the same are equal.

A spec and the code of one network differ in how they say things. Here an activation is a part of
its own, padding belongs to the window that reads it, a separable convolution is its two steps, and
what hands its values on, such as flatten or dropout, is no part. Arguments are those that the
author chose; the channels that a layer reads follow from the layers before it and are not among
them, so that a wider layer differs in itself alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from math import prod
from typing import Any, TypeAlias

from cnncalc.exchange.recovery.graph import Graph, Vertex
from cnncalc.exchange.recovery.items import Leaf
from cnncalc.layers.base import Operation
from cnncalc.layers.separable import SeparableConv
from cnncalc.network.model import Layer, Network
from cnncalc.volume import Volume

Arguments: TypeAlias = dict[str, Any]

# The order of what they merge changes nothing, and several in a row are one.
_MERGES = ("add", "multiply", "average", "maximum", "concat")
_NESTED = ("add", "multiply", "maximum", "concat")
_HANDS_ON = ("identity", "dropout", "drop_path", "flatten")
# How a size comes about, and what changes no volume and no weight.
_NOT_COMPARED = ("activation", "rounding", "keep", "rate")


@dataclass(eq=False, slots=True)
class Part:
    """A step of a network: a kind, its arguments, and the parts that it reads."""

    kind: str
    arguments: Arguments
    layer: Layer | None  # None: an input, or the end
    role: str = ""  # which argument of the layer it is, where it is only that: activation
    input: Volume | None = None
    output: Volume | None = None
    adapts: bool = False  # whether its padding follows from its input
    sources: list[Part] = field(default_factory=list)
    readers: list[Part] = field(default_factory=list)

    @property
    def ordered(self) -> bool:
        """Whether it matters which of its sources is the first."""
        return self.kind not in (*_MERGES, "end")

    @property
    def sign(self) -> tuple[Any, ...]:
        """What is equal for two parts that do the same."""
        return (self.kind, *sorted(self.arguments.items()))

    @property
    def weighs(self) -> bool:
        """Whether it has weights of its own."""
        return self.layer is not None and self.role != "activation" and bool(self.layer.weights)

    @property
    def path(self) -> str:
        return self.layer.path if self.layer is not None else self.kind


class Parts:
    """The parts of one network, in an order that does not depend on how it is written."""

    def __init__(self, network: Network) -> None:
        graph = Graph(network)
        graph.normalise(drift=True)
        self.network = network
        self.inputs = [Part("input", {}, None, output=volume) for volume in network.inputs.values()]
        self.end = Part("end", {}, None)
        starts = (graph.vertices[given] for given in network.input_signals.values())
        last = dict(zip(starts, self.inputs, strict=True))
        made: list[Part] = []
        for vertex in graph.order():
            if vertex.item is not None:
                made += _append(vertex, last)
        for vertex in dict.fromkeys(graph.outputs):
            _connect(_without_softmax(last[vertex]), self.end)
        for part in made:
            _unnest(part)
        self.order = list(_ordered(self.end))

    def __len__(self) -> int:
        return len(self.order)


def _append(vertex: Vertex, last: dict[Vertex, Part]) -> list[Part]:
    """Make the parts of a vertex; `last` is the last part of each vertex so far."""
    assert isinstance(vertex.item, Leaf)
    sources = [last[source] for source in vertex.sources]
    made = list(_parts_of(vertex.item))
    if made and made[0].kind in _NESTED and len({*sources}) == 1 and len(sources) == 1:
        made = made[1:]  # a merge of one volume
    for part in made:
        for source in sources:
            _connect(source, part)
        sources = [part]
    last[vertex] = sources[0]
    return made


def _parts_of(item: Leaf) -> Iterator[Part]:
    """The parts that one layer is."""
    layer, operation = item.layer, item.layer.operation
    arguments = dict(item.arguments)
    activation = arguments.get("activation")
    if isinstance(arguments.get("padding"), str):
        arguments["padding"] = operation.pads  # type: ignore[attr-defined]
    if isinstance(operation, SeparableConv):
        first, second = operation.depthwise, operation.pointwise
        padded = {**_arguments(first), "padding": arguments["padding"]}
        yield _part(layer, first, padded, "depthwise part")
        yield _part(layer, second, _arguments(second), "pointwise part")
    elif item.kind == "activation":
        activation = arguments["function"]
    elif not hands_on(operation):
        yield _part(layer, operation, arguments)
    if activation is not None:
        role = "" if item.kind == "activation" else "activation"
        yield Part(activation, {}, layer, role, layer.output, layer.output)


def _arguments(operation: Operation) -> Arguments:
    """The arguments of a step that no item stands for."""
    names = [name for name in operation.arguments if name not in ("values", "bias_values")]
    return {name: _plain(operation.value_of(name)) for name in names}


def _plain(value: Any) -> Any:
    """Equal numbers of all axes as one number."""
    alike = isinstance(value, tuple) and len({*value}) == 1
    return value[0] if alike else value


def _padding(value: Any, axes: int) -> Any:
    """One number where all sides are padded alike, else a pair for each axis."""
    each = value if isinstance(value, tuple) else (value,) * axes
    pairs = tuple(side if isinstance(side, tuple) else (side, side) for side in each)
    alike = len({side for pair in pairs for side in pair}) == 1
    return pairs[0][0] if alike else pairs


def hands_on(operation: Operation) -> bool:
    """Whether it gives the values that it reads, in the shape that it reads but for ones."""
    if operation.kind in _HANDS_ON:
        return True
    if operation.kind == "reshape":
        return not operation.output.sizes or same(operation.input, operation.output)
    return operation.kind.startswith("adaptive_") and operation.input == operation.output


def same(one: Volume | None, other: Volume | None) -> bool:
    """Whether two volumes are equal but for axes of size 1."""
    return _bare(one) == _bare(other)


def _bare(volume: Volume | None) -> tuple[int, ...]:
    if volume is None:
        return ()
    return (*(size for size in volume.sizes if size != 1), volume.channels)


def _part(layer: Layer, operation: Operation, arguments: Arguments, role: str = "") -> Part:
    adapts = isinstance(operation.__dict__.get("padding"), str)
    kept = {name: value for name, value in arguments.items() if name not in _NOT_COMPARED}
    if layer.shares is not None:
        kept["shared"] = True
    if "padding" in kept:
        kept["padding"] = _padding(kept["padding"], len(operation.input.sizes))
    kind = operation.kind
    for rule in _SAME_AS:
        kind, kept = rule(kind, kept, operation)
    return Part(kind, kept, layer, role, operation.input, operation.output, adapts)


# What is written in several ways, in one.


def _pool(kind: str, arguments: Arguments, operation: Operation) -> tuple[str, Arguments]:
    """A pool over the whole input is a global one."""
    word = kind.removeprefix("adaptive_")
    if word not in ("max_pool", "avg_pool") or prod(operation.output.sizes) != 1:
        return kind, arguments
    whole = kind != word or (
        operation.value_of("kernel") == operation.input.sizes and not arguments["padding"]
    )
    return (f"global_{word}", {}) if whole else (kind, arguments)


def _depthwise(kind: str, arguments: Arguments, operation: Operation) -> tuple[str, Arguments]:
    """A convolution with a group for each channel is a depthwise one."""
    groups = arguments.get("groups")
    if kind != "conv" or groups != operation.input.channels or groups == 1:
        return kind, arguments
    rest = {n: v for n, v in arguments.items() if n not in ("groups", "filters")}
    rest.pop("connection_table", None)
    return "depthwise_conv", {**rest, "multiplier": arguments["filters"] // groups}


def _one_place(kind: str, arguments: Arguments, operation: Operation) -> tuple[str, Arguments]:
    """A 1×1 convolution at one place is an fc."""
    if kind != "conv" or prod(operation.input.sizes) != 1 or arguments["kernel"] != 1:
        return kind, arguments
    if arguments["groups"] != 1 or arguments["padding"]:
        return kind, arguments
    return "fc", {"units": arguments["filters"], "bias": arguments["bias"]}


_SAME_AS: tuple[Callable[[str, Arguments, Operation], tuple[str, Arguments]], ...] = (
    _pool, _depthwise, _one_place,
)  # fmt: skip


# The graph.


def _connect(source: Part, reader: Part) -> None:
    source.readers.append(reader)
    reader.sources.append(source)


def _without_softmax(end: Part) -> Part:
    """A softmax at the end is left out: in PyTorch it is part of the loss."""
    return end.sources[0] if end.kind in ("softmax", "log_softmax") else end


def _unnest(part: Part) -> None:
    """A merge that only another one of its kind reads becomes part of that."""
    if part.kind not in _NESTED or len(part.readers) != 1 or part.arguments.get("crop"):
        return
    (reader,) = part.readers
    if reader.kind == part.kind:
        reader.sources.remove(part)
        for source in part.sources:
            source.readers.remove(part)
            _connect(source, reader)


def _ordered(end: Part) -> Iterator[Part]:
    """The parts that the end needs, each after what it reads, long ways before short ones."""
    depths: dict[Part, int] = {}
    for part in _after_sources(end, lambda part: part.sources):
        depths[part] = 1 + max((depths[source] for source in part.sources), default=0)

    def longest_first(part: Part) -> list[Part]:
        if part.ordered:
            return part.sources
        return sorted(part.sources, key=lambda source: -depths[source])

    return (part for part in _after_sources(end, longest_first) if part.layer is not None)


def _after_sources(end: Part, sources: Callable[[Part], list[Part]]) -> Iterator[Part]:
    """Depth first, without recursion."""
    seen = {end}
    stack = [(end, iter(sources(end)))]
    while stack:
        part, left = stack[-1]
        source = next((source for source in left if source not in seen), None)
        if source is None:
            stack.pop()
            yield part
        else:
            seen.add(source)
            stack.append((source, iter(sources(source))))
