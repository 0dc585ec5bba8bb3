"""The graph of an .onnx file as plain values; weights are measured, not read."""

from __future__ import annotations

import ast
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import prod
from typing import Any

from cnncalc.exchange.model import MAX_AXES, ModelError
from cnncalc.exchange.protobuf import Malformed, Message

MAX_NUMBERS = 64  # of a constant whose values are read
_FLOATS = (0, 1, 10, 11, 16)  # of them: undefined, float32, float16, double, bfloat16
_FORMATS = {1: "f", 6: "i", 7: "q", 11: "d"}  # TensorProto.DataType: float, int32, int64, double

Numbers = list[Any]


@dataclass(slots=True)
class Weight:
    """A constant tensor: its sizes, and its values where they are few."""

    name: str
    sizes: tuple[int, ...]
    values: Numbers | None
    computed: bool = False  # by operators, or whole numbers, so that it is no parameter
    made_of: tuple[tuple[str, int], ...] = ()  # the weights it comes from, and their values

    @property
    def weights(self) -> dict[str, int]:
        """The weights that it is or comes from, each with how many values it has."""
        return dict(self.made_of) if self.computed else {self.name: prod(self.sizes)}


@dataclass(slots=True)
class Operator:
    """A node of the graph. Its `metadata` is what an exporter noted of the code it comes from."""

    type: str = ""
    name: str = ""
    inputs: list[str] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    attributes: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class File:
    """A model: its operators in order, weights, and the sizes of values that it states."""

    producer: str = ""
    operators: list[Operator] = field(default_factory=list)
    weights: dict[str, Weight] = field(default_factory=dict)
    inputs: list[str] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    sizes: dict[str, list[int | None]] = field(default_factory=dict)  # None: not a number


class Limit:
    """Counts what is read of a file, so that no small file costs much."""

    def __init__(self, most: int) -> None:
        self.left = most

    def take(self, number: int) -> None:
        self.left -= number
        if self.left < 0:
            raise ModelError("the graph is larger than the limit allows")


def parse(message: Message, limit: Limit) -> File:
    """The graph of a file. Raises Malformed, and ModelError beyond the limit."""
    file = File()
    graphs = []
    for number, _, part in message.fields():
        if number in (2, 3):  # producer_name, producer_version
            file.producer = f"{file.producer} {part.text(100)}".strip()
        elif number == 7:
            graphs.append(part)
    if len(graphs) != 1:
        raise Malformed(f"{len(graphs)} graphs")
    for number, _, part in graphs[0].fields():
        if number == 5:  # initializer
            weight = _tensor(part, limit)
            file.weights[weight.name] = weight
            continue
        if number in (1, 11, 12, 13):
            limit.take(part.end - part.start)
        if number == 1:
            file.operators.append(_operator(part, limit))
        elif number in (11, 12, 13):  # input, output, value_info
            name, sizes = _value(part)
            if sizes is not None:
                file.sizes[name] = sizes
            if number != 13:
                (file.inputs if number == 11 else file.outputs).append(name)
    file.inputs = [name for name in file.inputs if name not in file.weights]
    return file


def _operator(message: Message, limit: Limit) -> Operator:
    found = Operator()
    for number, _, part in message.fields():
        if number == 1:
            found.inputs.append(part.text())
        elif number == 2:
            found.outputs.append(part.text())
        elif number == 3:
            found.name = part.text()
        elif number == 4:
            found.type = part.text(200)
        elif number == 5:
            name, value = _attribute(part, limit)
            found.attributes[name] = value
        elif number == 9:
            key, text = _pair(part)
            found.metadata[key] = text
    return found


def _pair(message: Message) -> tuple[str, str]:
    parts = {number: part.text() for number, _, part in message.fields()}
    return parts.get(1, ""), parts.get(2, "")


def _attribute(message: Message, limit: Limit) -> tuple[str, Any]:
    name = ""
    value: Any = None
    listed: Numbers = []
    for number, whole, part in message.fields():
        if number == 1:
            name = part.text(200)
        elif number == 2:
            value = part.float32()
        elif number == 3:
            value = whole - 2**64 if whole >= 2**63 else whole
        elif number == 4:
            value = part.text()
        elif number == 5:
            value = _tensor(part, limit)
        elif number == 8:
            listed += part.varints()
        elif number == 7:
            listed += struct.unpack(f"<{(part.end - part.start) // 4}f", part.raw(4 * 1000))
    return name, value if value is not None else listed


def _tensor(message: Message, limit: Limit) -> Weight:
    name, sizes, kind, raw, packed = "", [], 0, None, []
    for number, whole, part in message.fields():
        if number == 1:
            sizes += part.varints(MAX_AXES)
        elif number == 2:
            kind = whole
        elif number == 8:
            name = part.text()
        elif number == 9:
            raw = part
        elif number in (5, 7) and part.end - part.start <= 10 * MAX_NUMBERS:
            packed += part.varints()
        elif number == 4 and part.end - part.start <= 4 * MAX_NUMBERS:
            packed += struct.unpack(f"<{(part.end - part.start) // 4}f", part.raw(4 * MAX_NUMBERS))
    limit.take(len(name) + 64)
    if len(sizes) > MAX_AXES or min(sizes, default=0) < 0:
        raise Malformed("a tensor with sizes that are none")
    values = None
    if prod(sizes) <= MAX_NUMBERS:
        values = packed or _raw_values(raw, kind, prod(sizes))
    return Weight(name, tuple(sizes), values, computed=kind not in _FLOATS)


def _raw_values(raw: Message | None, kind: int, number: int) -> Numbers | None:
    code = _FORMATS.get(kind)
    size = struct.calcsize(f"<{number}{code}") if code else 0
    if raw is None or not code or raw.end - raw.start != size:
        return None
    return list(struct.unpack(f"<{number}{code}", raw.raw(size)))


def _value(message: Message) -> tuple[str, list[int | None] | None]:
    """The name of a value and its sizes, where it is a tensor that states them."""
    name, sizes = "", None
    for number, _, part in message.fields():
        if number == 1:
            name = part.text()
        elif number == 2:
            for shape in _inside(part, 1, 2):  # TypeProto.tensor_type, Tensor.shape
                sizes = [_dimension(dimension) for dimension in _inside(shape, 1)]
    return name, sizes


def _inside(message: Message, first: int, *rest: int) -> Iterator[Message]:
    """The messages at the end of a path of field numbers."""
    for number, _, part in message.fields():
        if number == first:
            if rest:
                yield from _inside(part, *rest)
            else:
                yield part


def _dimension(message: Message) -> int | None:
    found = None
    for number, whole, _ in message.fields():
        found = whole if number == 1 else None
    return found


def names_in(text: str) -> list[str]:
    """A list of names as PyTorch notes it: "['', 'layer1', 'layer1.0']"."""
    try:
        found = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return []
    return [str(name) for name in found] if isinstance(found, list) else []
