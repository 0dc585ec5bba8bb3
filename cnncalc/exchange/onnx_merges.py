"""ONNX operators on several values, or on a value and a constant: sums, products, biases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import prod

from cnncalc.exchange import attention
from cnncalc.exchange.onnx_file import Weight
from cnncalc.exchange.onnx_graph import Call
from cnncalc.exchange.shared import class_tokens, position_embedding, scale, space_to_depth
from cnncalc.exchange.tensor import Constant, Tensor, Unknown


def _merge(kind: str) -> Callable[[Call], None]:
    """An operation on values, or on a value and a constant."""

    def add(call: Call) -> None:
        tensors, places = call.graph.tensors, range(len(call.operator.inputs))
        scored = next((p for p in places if call.name(p) in tensors.scores), None)
        values = [call.tensor(place) for place in places if call.is_value(place)]
        constant = next((p for p in places if call.name(p) in call.graph.weights), None)
        if scored is not None:
            _on_scores(call, scored, None if constant is None else call.weight(constant))
        elif constant is not None:
            _with_constant(call, kind, values[0], constant)
        elif len(values) < len(places):
            raise Unknown
        elif len(values) == 1:
            call.alias(values[0])
        elif not _gated(call, kind, values):
            tensors.merge(call.where, kind, values)

    return add


def _gated(call: Call, kind: str, values: list[Tensor]) -> bool:
    """Whether it is x·sigmoid(x), which is one activation."""
    tensors = call.graph.tensors
    for one, other in (values, values[::-1]):
        node = tensors.made.get(other.signal)
        if (
            kind == "multiply" and len(values) == 2 and node is not None
            and node.kind in ("sigmoid", "hard_sigmoid") and node.sources == [one.signal]
            and tensors.model.nodes[-1] is node and not tensors.reads.get(node.name)
        ):  # fmt: skip
            node.kind = "swish" if node.kind == "sigmoid" else "hard_swish"
            call.alias(other)
            return True
    return False


def _on_scores(call: Call, place: int, added: Weight | None) -> None:
    """A change of how queries fit keys: by a number, weights or a mask."""
    tensors = call.graph.tensors
    found = tensors.scores[call.name(place)]
    others = [name for p, name in enumerate(call.operator.inputs) if p != place]
    if any(name in tensors.values or name in tensors.scores for name in others):
        raise Unknown
    if added is not None and prod(added.sizes) > 1:
        found = replace(found, weights={**found.weights, **added.weights}, is_masked=True)
    are_shares = found.are_shares or call.operator.type == "Softmax"
    tensors.scores[call.result] = replace(found, are_shares=are_shares)


def passing(operation: Callable[[Call], None]) -> Callable[[Call], None]:
    """An operation that changes nothing of how queries fit keys."""

    def add(call: Call) -> None:
        if call.name(0) in call.graph.tensors.scores:
            _on_scores(call, 0, None)
        else:
            operation(call)

    return add


def _with_constant(call: Call, kind: str, source: Tensor, place: int) -> None:
    """A number changes nothing that is counted; a weight a channel is a scale, or a bias."""
    tensors, weight = call.graph.tensors, call.weight(place)
    assert weight is not None
    number = prod(weight.sizes)
    constant = Constant(weight.sizes, weight.weights)
    if number == 1:
        call.alias(source)
    elif kind == "multiply":
        if not _group_normed(call, source, weight):
            scale(tensors, call.where, source, constant)
    elif kind == "add":
        if not _with_bias(call, source, weight):
            position_embedding(tensors, call.where, source, constant)
    else:
        raise Unknown


def _group_normed(call: Call, source: Tensor, weight: Weight) -> bool:
    """Whether a product with one weight a channel is the scale of a group norm before it.

    PyTorch's older exporter writes the norm as an instance norm of groups, and this product.
    """
    node = call.graph.tensors.made.get(source.signal)
    if node is None or node.kind != "group_norm" or node.parameters:
        return False
    if prod(weight.sizes) != source.volume.channels:
        raise Unknown
    node.arguments.pop("affine")
    node.parameters = prod(weight.sizes)
    call.graph.tensors.users.setdefault(weight.name, node.name)
    call.alias(source)
    return True


def _with_bias(call: Call, source: Tensor, weight: Weight) -> bool:
    """Whether a sum with one weight a channel is the bias of the layer before it."""
    tensors = call.graph.tensors
    node = tensors.made.get(source.signal)
    number = prod(weight.sizes)
    if node is None or number != source.volume.channels or tensors.reads.get(node.name):
        return False
    if node.lacks_bias and node.kind != "attention":
        node.arguments["bias"] = True
    elif node.kind != "group_norm" or node.parameters != number:
        return False
    node.parameters = (node.parameters or 0) + number
    tensors.users.setdefault(weight.name, node.name)
    call.alias(source)
    attention.absorb(tensors, node.name)
    return True


def _number_only(call: Call) -> None:
    """A quotient by a number changes nothing that is counted."""
    if call.name(0) in call.graph.tensors.scores:
        _on_scores(call, 0, call.weight(1))
        return
    if call.is_value(1) or prod(call.shape(1)) != 1:
        raise Unknown
    call.alias()


def _concat(call: Call) -> None:
    tensors, names = call.graph.tensors, call.operator.inputs
    values = [tensors.values[name] for name in names if name in tensors.values]
    axis = call.attribute("axis") % len(values[0].axes)
    if len(names) == 1:
        call.alias(values[0])
    elif len(values) == 1:
        before = [call.graph.weights[name] for name in names[:-1]]
        constants = [Constant(weight.sizes, weight.weights) for weight in before]
        class_tokens(tensors, call.where, values[0], constants, axis)
    elif len(values) < len(names):
        raise Unknown
    elif not space_to_depth(tensors, call.where, values, axis):
        tensors.merge(call.where, "concat", values, at=axis)


MERGES: dict[str, Callable[[Call], None]] = {
    "Add": _merge("add"),
    "Concat": _concat,
    "Div": _number_only,
    "Max": _merge("maximum"),
    "Mean": _merge("average"),
    "Mul": _merge("multiply"),
    "Sub": _merge("subtract"),
    "Sum": _merge("add"),
}
