"""PyTorch's operations that change the form of a value, or are parts of an attention."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import prod

from cnncalc.exchange import attention
from cnncalc.exchange.pt2_graph import Call
from cnncalc.exchange.tensor import Scores, Unknown, Where


def _view(call: Call) -> None:
    call.graph.tensors.view(call.where, call.tensor(), call.sizes)


def _as_other(call: Call) -> None:
    """The sizes of another value: as many values, or each of them several times."""
    if prod(call.sizes) == prod(call.tensor().sizes):
        _view(call)
    else:
        call.alias()  # what reads it repeats them anyhow


def _permute(call: Call) -> None:
    axes = len(call.tensor().axes)
    order = [axis % axes for axis in call.value("dims")]
    call.graph.tensors.permute(call.where, call.tensor(), order)


def _transpose(*names: str) -> Callable[[Call], None]:
    def add(call: Call) -> None:
        order = [*range(len(call.tensor().axes))]
        one, other = (call.axis(name) for name in names) if names else (0, 1)
        order[one], order[other] = other, one
        call.graph.tensors.permute(call.where, call.tensor(), order)

    return add


def _split(call: Call) -> None:
    """Neighbouring places along an axis as values of their own."""
    source, axis, start = call.tensor(), call.axis("dim"), 0
    for name in call.outputs:
        size = call.graph.sizes[name][axis]
        found = call.graph.tensors.cut(call.where, source, axis, start, start + size)
        call.graph.tensors.values[name] = replace(found, viewed=call.where)
        start += size


def _unbind(call: Call) -> None:
    where, axis = call.where, call.axis("dim")
    for index, name in enumerate(call.outputs):
        place = Where(name, where.label, where.scopes)
        call.graph.tensors.select(place, call.tensor(), axis, index)


def _select(call: Call) -> None:
    source, axis = call.tensor(), call.axis("dim")
    index = call.value("index") % source.sizes[axis]
    call.graph.tensors.select(call.where, source, axis, index)


def _slice(call: Call) -> None:
    source, axis = call.tensor(), call.axis("dim")
    given = slice(call.value("start"), call.value("end"), call.value("step", 1))
    places = given.indices(source.sizes[axis])
    found = call.graph.tensors.cut(call.where, source, axis, *places)
    call.graph.tensors.values[call.outputs[0]] = replace(found, viewed=call.where)


# Attention.


def _attention(call: Call) -> None:
    query, key, value = (call.tensor(name) for name in ("query", "key", "value"))
    mask = call.constant("attn_mask") if not call.is_value("attn_mask") else None
    if call.is_value("attn_mask") or call.value("is_causal", False):
        raise Unknown
    found = Scores(
        query, key, (*query.sizes[:-1], key.sizes[-2]), mask.weights if mask else {},
        is_masked=mask is not None, are_shares=True,
    )  # fmt: skip
    attention.attend(
        call.graph.tensors, call.where, found, value, "scaled_dot_product_attention", call.place
    )


def _matmul(first: str, second: str) -> Callable[[Call], None]:
    def add(call: Call) -> None:
        tensors, name = call.graph.tensors, call.outputs[0]
        if found := tensors.scores.get(call.name(first)):
            attention.attend(
                tensors, call.where, found, call.tensor(second), "attention", call.place
            )
        else:
            one, other = call.tensor(first), call.tensor(second)
            tensors.scores[name] = attention.scores(one, other, call.sizes)

    return add


def _einsum(call: Call) -> None:
    """A product of two values, as matmul has it, with the names of axes in place of their order."""
    names = [given["name"] for given in call.value("tensors")]
    words, _, result = call.value("equation").replace(" ", "").partition("->")
    one, other = words.split(",")
    tensors = call.graph.tensors
    (summed,) = {*one} & {*other} - {*result}
    (rows,) = {*other} - {*one}
    order = [other.index(letter) for letter in other if letter not in (summed, rows)]
    order += [other.index(summed), other.index(rows)]
    value = tensors.values[names[1]]
    value = replace(value, axes=tuple(value.axes[place] for place in order))
    if one[-1] != summed or result != one[:-1] + rows:
        raise Unknown
    if found := tensors.scores.get(names[0]):
        attention.attend(tensors, call.where, found, value, "attention", call.place)
    else:
        found = attention.scores(tensors.values[names[0]], value, call.sizes)
        tensors.scores[call.outputs[0]] = found


def on_scores(operation: Callable[[Call], None]) -> Callable[[Call], None]:
    """What changes how queries fit keys, and what it is for other values."""

    def add(call: Call) -> None:
        tensors = call.graph.tensors
        found = next((tensors.scores[name] for name in call.reads if name in tensors.scores), None)
        if found is None:
            operation(call)
            return
        others = [name for name in call.reads if name not in tensors.scores]
        if any(name in tensors.values for name in others) or len(call.reads) - len(others) > 1:
            raise Unknown
        weights = dict(found.weights)
        for name in others:
            weights |= tensors.constants[name].weights
        tensors.scores[call.outputs[0]] = replace(
            found,
            weights=weights,
            is_masked=found.is_masked or bool(others),
            are_shares=found.are_shares or call.operation == "softmax",
        )

    return add


_VIEWS = ("view", "reshape", "flatten", "_unsafe_view", "unflatten", "squeeze", "unsqueeze")

FORMS: dict[str, Callable[[Call], None]] = {
    **dict.fromkeys(_VIEWS, _view),
    **dict.fromkeys(("expand", "expand_as", "reshape_as", "view_as"), _as_other),
    **dict.fromkeys(("split", "chunk", "split_with_sizes", "tensor_split"), _split),
    "getitem": lambda call: None,  # takes out what split and chunk have given already
    "permute": _permute,
    "transpose": _transpose("dim0", "dim1"),
    "swapaxes": _transpose("axis0", "axis1"),
    "t": _transpose(),
    "unbind": _unbind,
    "select": _select,
    "slice": _slice,
    "scaled_dot_product_attention": _attention,
    "matmul": _matmul("self", "other"),
    "bmm": _matmul("self", "mat2"),
    "einsum": _einsum,
}
