"""Attention in a file's operations: projections, products of queries and keys, a sum of values.

Where queries, keys and values are linear in one volume and nothing is added to their products, it
is the language's `attention`, with the projection of its output where one follows. Another one
(with biases of relative positions, with masks, over a grid, across two volumes) has no kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import prod

from cnncalc.exchange.axes import CHANNELS, Axes, Part, joined, part, size_of
from cnncalc.exchange.model import Node
from cnncalc.exchange.tensor import Scores, Sizes, Tensor, Unknown, Where
from cnncalc.exchange.tensors import Tensors
from cnncalc.volume import Volume


def scores(query: Tensor, key: Tensor, sizes: Sizes) -> Scores:
    """The products of queries (.., positions, channels) and keys (.., channels, positions)."""
    if not _is_contracted(query.axes[-1]) or len(query.axes) < 3:
        raise Unknown
    if key.axes[-2] != query.axes[-1]:
        raise Unknown
    swapped = (*key.axes[:-2], key.axes[-1], key.axes[-2])
    return Scores(query, replace(key, axes=swapped), sizes)


def _is_contracted(axis: tuple[Part, ...]) -> bool:
    return bool(axis) and all(one.axis == CHANNELS for one in axis)


def attend(
    tensors: Tensors, where: Where, found: Scores, value: Tensor, operation: str, place: str
) -> None:
    """The values that queries choose by how they fit the keys."""
    query, key = found.query, found.key
    if not _is_contracted(value.axes[-1]) or value.axes[-2] != key.axes[-2]:
        raise Unknown
    is_plain = not _words(found) and not _is_grid(query)
    if is_plain and (source := _self_attention(tensors, query, key, value)):
        _add_attention(tensors, where, source, query, key, value)
    else:
        _add_custom(tensors, where, found, value, operation, place)


def _heads(tensor: Tensor) -> tuple[int, int]:
    """How many heads a value has, and how many dimensions each."""
    parts = [one for own in tensor.axes[:-1] for one in own if one.axis == CHANNELS]
    return prod(one.size for one in parts), size_of(tensor.axes[-1])


def _positions(tensor: Tensor) -> Axes:
    """Where the positions are in its axes, whatever the channels are."""
    return tuple(tuple(one for one in own if one.axis != CHANNELS) for own in tensor.axes)


def _self_attention(tensors: Tensors, *values: Tensor) -> Tensor | None:
    """What queries, keys and values are linear in, where the kind `attention` says the rest."""
    nodes = [tensors.made.get(value.signal) for value in values]
    projections: dict[str, Node] = {node.name: node for node in nodes if node is not None}
    if None in nodes or not all(map(_is_linear, projections.values())):
        return None
    if any(tensors.reads.get(name) for name in projections):
        return None
    sources = {node.sources[0] for node in projections.values()}
    biases = {node.arguments.get("bias", True) for node in projections.values()}
    heads = {_heads(value) for value in values}
    forms = {_positions(value) for value in values}
    if max(map(len, (sources, biases, heads, forms))) > 1:
        return None
    places = {(value.signal, value.start(CHANNELS)) for value in values}
    dimensions = prod(_heads(values[0]))
    filters = sum(node.arguments["filters"] for node in projections.values())
    if len(places) < 3 or filters != 3 * dimensions:
        return None
    if any(not values[0].is_whole(axis) for axis in values[0].spatial):
        return None
    return tensors.read[next(iter(projections))][0]


def _is_linear(node: Node) -> bool:
    """Whether a layer is a linear one at every position, with weights of its own."""
    own = node.arguments
    return (
        node.kind == "conv"
        and not node.shares
        and all(_is_all(own.get(name, 1), 1) for name in ("kernel", "stride", "groups"))
        and _is_all(own.get("padding", 0), 0)
    )


def _is_all(value: object, number: int) -> bool:
    if isinstance(value, (list, tuple)):
        return all(_is_all(one, number) for one in value)
    return value == number


def _window(query: Tensor) -> list[int] | None:
    """The size of the windows that positions see each other in; None for all."""
    seen = query.axes[-2]
    sizes = [prod(one.size for one in seen if one.axis == axis) for axis in query.spatial]
    return None if sizes == [*query.volume.sizes] else sizes


def _is_grid(query: Tensor) -> bool:
    """Whether the positions that see each other are no neighbours."""
    return any(one.step != 1 for one in joined(query.axes[-2]))


def _add_attention(
    tensors: Tensors, where: Where, source: Tensor, query: Tensor, key: Tensor, value: Tensor
) -> None:
    projections = {tensors.made[one.signal].name for one in (query, key, value)}
    nodes = [tensors.made.pop(name) for name in projections]
    heads, each = _heads(query)
    window = _window(query)
    tensors.model.nodes = [node for node in tensors.model.nodes if node.name not in projections]
    tensors.reads[source.signal] -= len(nodes)
    dimensions = heads * each
    volume = Volume(source.volume.sizes, dimensions)
    bias = nodes[0].arguments.get("bias", True)
    tensors.emit(
        where, "attention", [source], volume, None, heads=heads, output=False, window=window,
        bias=None if bias else False,
        dimensions=None if dimensions == source.volume.channels else dimensions,
    )  # fmt: skip
    node = tensors.made[where.name]
    node.parameters = sum(one.parameters or 0 for one in nodes)
    for name, user in tensors.users.items():
        if user in projections:
            tensors.users[name] = where.name
    for name in [name for name, one in tensors.values.items() if one.signal in projections]:
        del tensors.values[name]  # nothing else may read what is now within the attention
    axes = _with_heads(query, value)
    tensors.keep(where.name, Tensor(where.name, volume, axes), query, key, value)


def _with_heads(query: Tensor, value: Tensor) -> Axes:
    """The axes of what attention gives: queries' positions; the channels of all heads in a row."""
    heads, each = _heads(value)
    found = []
    for own in query.axes[:-1]:
        changed, step = [], heads * each
        for one in own:
            if one.axis == CHANNELS:
                step = each * (heads // one.size)
                one = Part(CHANNELS, one.size, step)
            changed.append(one)
        found.append(tuple(changed))
    return (*found, part(CHANNELS, each))


def linear(
    tensors: Tensors,
    where: Where,
    tensor: Tensor,
    units: int,
    bias: bool,
    weights: Mapping[str, int],
) -> None:
    """A linear layer; one that reads what an attention gives is its output's projection."""
    tensors.linear(where, tensor, units, bias, weights)
    absorb(tensors, where.name)


def absorb(tensors: Tensors, name: str) -> None:
    """Make a linear layer part of the attention that it alone reads, if it is its projection."""
    layer = tensors.made.get(name)
    if layer is None or not _is_linear(layer):
        return
    (given,) = tensors.read[name]
    node = tensors.made.get(given.signal)
    if node is None or node.kind != "attention" or node.arguments.get("output") is not False:
        return
    channels = tensors.read[node.name][0].volume.channels
    own = layer.arguments
    has_bias = own.get("bias", True) == node.arguments.get("bias", True)
    if own["filters"] != channels or not has_bias or tensors.reads.get(node.name) != 1:
        return
    del node.arguments["output"], tensors.made[name]
    tensors.model.nodes.remove(layer)
    tensors.reads[node.name] = tensors.reads.get(name, 0)
    node.parameters = (node.parameters or 0) + (layer.parameters or 0)
    node.output = layer.output
    for weight, user in tensors.users.items():
        if user == name:
            tensors.users[weight] = node.name
    for other, value in [*tensors.values.items()]:
        if value.signal == node.name:
            del tensors.values[other]  # it had the channels of all heads
        elif value.signal == name:
            tensors.values[other] = replace(value, signal=node.name)


def _add_custom(
    tensors: Tensors, where: Where, found: Scores, value: Tensor, operation: str, place: str
) -> None:
    """An attention that no kind stands for: its products are counted, its weights as stated."""
    query, key, value = (
        tensors.with_all_positions(one, where) for one in (found.query, found.key, value)
    )
    heads, each = _heads(value)
    volume = Volume(query.volume.sizes, heads * each)
    macs = prod(volume.sizes) * found.sizes[-1] * (prod(_heads(query)) + heads * each)
    sources = {one.signal: one for one in (query, key, value)}
    words = _words(found)
    tensors.custom(
        f"{operation} {words}".strip(), where, place, [*sources.values()], volume, found.weights,
        macs,
    )  # fmt: skip
    tensors.made[where.name].called = "attention"
    axes = _with_heads(query, value)
    tensors.keep(where.name, Tensor(where.name, volume, axes), query, key, value)


def _words(found: Scores) -> str:
    """What of an attention has no kind."""
    if found.weights:
        return "with biases of positions"
    if not found.are_shares:
        return "without softmax"
    return "with a mask" if found.is_masked else ""
