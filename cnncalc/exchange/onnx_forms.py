"""ONNX operators that change the form of a value: views, permutations, parts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import prod

from cnncalc.exchange.onnx_graph import Call
from cnncalc.exchange.tensor import Unknown


def _flatten(call: Call) -> None:
    source = call.tensor()
    if call.attribute("axis", 1) != 1:
        raise Unknown
    call.graph.tensors.view(call.where, source, (source.sizes[0], prod(source.sizes[1:])))


def _reshape(call: Call) -> None:
    source, shape = call.tensor(), [*call.numbers(1, "shape")]
    for place, size in enumerate(shape):
        if size == 0:
            shape[place] = source.sizes[place]
    if shape.count(-1) == 1:
        known = -prod(shape)
        shape[shape.index(-1)] = prod(source.sizes) // known
    call.graph.tensors.view(call.where, source, tuple(shape))


def _squeeze(call: Call) -> None:
    source = call.tensor()
    axes = {axis % len(source.axes) for axis in call.numbers(1, "axes", source.spatial)}
    sizes = tuple(size for axis, size in enumerate(source.sizes) if axis not in axes)
    call.graph.tensors.view(call.where, source, sizes)


def _unsqueeze(call: Call) -> None:
    source, given = call.tensor(), call.numbers(1, "axes")
    rank = len(source.axes) + len(given)
    new, old = {axis % rank for axis in given}, iter(source.sizes)
    sizes = tuple(1 if axis in new else next(old) for axis in range(rank))
    call.graph.tensors.view(call.where, source, sizes)


def _transpose(call: Call) -> None:
    source = call.tensor()
    order = call.attribute("perm", [*range(len(source.axes))][::-1])
    call.graph.tensors.permute(call.where, source, order)


def _split(call: Call) -> None:
    """Neighbouring places along an axis as values of their own."""
    source, start = call.tensor(), 0
    axis, outputs = call.attribute("axis", 0) % len(source.axes), call.operator.outputs
    size = source.sizes[axis] // len(outputs)
    for name, part in zip(outputs, call.numbers(1, "split", [size] * len(outputs)), strict=True):
        found = call.graph.tensors.cut(call.where, source, axis, start, start + part)
        call.graph.tensors.values[name] = replace(found, viewed=call.where)
        start += part


def _split_to_sequence(call: Call) -> None:
    """Neighbouring places along an axis as a list of values."""
    source, start, parts = call.tensor(), 0, []
    axis = call.attribute("axis", 0) % len(source.axes)
    sizes = call.numbers(1)
    if len(sizes) == 1:
        sizes = sizes * (source.sizes[axis] // sizes[0])
    for size in sizes:
        found = call.graph.tensors.cut(call.where, source, axis, start, start + size)
        parts.append(replace(found, viewed=call.where))
        start += size
    call.graph.sequences[call.result] = parts


def _sequence_at(call: Call) -> None:
    (index,) = call.numbers(1)
    call.alias(call.graph.sequences[call.name(0)][index])


def _gather(call: Call) -> None:
    """One place along an axis."""
    source, index = call.tensor(), call.numbers(1)
    axis = call.attribute("axis", 0) % len(source.axes)
    weight = call.weight(1)
    if len(index) != 1:
        raise Unknown
    call.graph.tensors.select(call.where, source, axis, index[0] % source.sizes[axis])
    if weight is not None and weight.sizes == (1,) and not weight.computed:
        found = call.graph.tensors.values[call.result]
        axes = (*found.axes[:axis], (), *found.axes[axis:])
        call.graph.tensors.values[call.result] = replace(found, axes=axes)


def _slice(call: Call) -> None:
    found = call.tensor()
    starts, ends = call.numbers(1, "starts"), call.numbers(2, "ends")
    axes, steps = call.numbers(3, "axes", [*range(len(starts))]), call.numbers(4, "", None)
    for axis, start, end, step in zip(axes, starts, ends, steps or [1] * len(starts), strict=True):
        axis %= len(found.axes)
        places = slice(start, end, step).indices(found.sizes[axis])
        found = call.graph.tensors.cut(call.where, found, axis, *places)
    call.graph.tensors.values[call.result] = replace(found, viewed=call.where)


FORMS: dict[str, Callable[[Call], None]] = {
    "Flatten": _flatten,
    "Gather": _gather,
    "Reshape": _reshape,
    "SequenceAt": _sequence_at,
    "Slice": _slice,
    "Split": _split,
    "SplitToSequence": _split_to_sequence,
    "Squeeze": _squeeze,
    "Transpose": _transpose,
    "Unsqueeze": _unsqueeze,
}
