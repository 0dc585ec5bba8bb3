"""Attention: every position weighs the values of those it sees by how its query fits their keys.

Each head has its own stretch of the D dimensions, d of them: softmax(QKᵀ/√d)·V (Vaswani et al.
2017). Queries, keys and values are exact; what has been through softmax is floating point.
"""

from itertools import product
from math import isqrt, sqrt
from operator import mul

from cnncalc.commands.trace import arrays
from cnncalc.commands.trace.activations import activate
from cnncalc.commands.trace.arrays import Array, offsets
from cnncalc.commands.trace.compute import Found, Weights, compute, in_parts, worked
from cnncalc.commands.trace.products import projected
from cnncalc.layers.attention import Attention

compute.register(Attention, in_parts)


@worked.register
def _(layer: Attention, inputs: list[Array], weights: Weights) -> list[Found]:
    rows = inputs[0]._replace(shape=(layer.positions, layer.input.channels))
    queries, keys, values = (
        projected(rows, weights.parts[name]) for name in ("query", "key", "value")
    )
    found = [Found("queries", queries), Found("keys", keys), Found("values", values)]
    near, heads = seen(layer), []
    for head in range(layer.heads):
        own = dimensions(layer, head)
        scores = _scores(_only(queries, own), _only(keys, own), near)
        shares = activate(scores, "softmax")
        heads.append(_weighed(shares, _only(values, own), near))
        which = f", head {head + 1}" if layer.heads > 1 else ""
        found.append(Found(f"scores{which}", _grid(scores)))
        found.append(Found(f"weights{which}", _grid(shares)))
    mixed = arrays.floating(
        [x for cells in zip(*(head.cells() for head in heads), strict=True) for cell in cells
         for x in cell],
        (layer.positions, layer.dimensions),
    )  # fmt: skip
    if not layer.projects:
        return [*found, Found("output", mixed._replace(shape=layer.output.shape))]
    output = projected(mixed, weights.parts["output"])
    return [
        *found,
        Found("weighed values", mixed),
        Found("output", output._replace(shape=layer.output.shape)),
    ]


def dimensions(layer: Attention, head: int) -> range:
    """Those of a head."""
    size = layer.dimensions // layer.heads
    return range(head * size, (head + 1) * size)


def seen(layer: Attention) -> list[list[int]]:
    """The positions that each position attends to: all, or those of its window."""
    sizes = layer.input.sizes
    window = layer.window or sizes
    found = []
    for at in product(*map(range, sizes)):
        firsts = [index // size * size for index, size in zip(at, window, strict=True)]
        rows = [range(first, first + size) for first, size in zip(firsts, window, strict=True)]
        found.append(offsets(sizes, rows))
    return found


def _only(array: Array, channels: range) -> Array:
    return arrays.taken(array, [range(array.shape[0]), channels])


def _scores(queries: Array, keys: Array, near: list[list[int]]) -> Array:
    """How each query fits the keys that it sees: their products, over √d."""
    size = queries.shape[-1]
    one, other = arrays.alike(queries, keys)
    cells = other.cells()
    sums = [
        sum(map(mul, query, cells[place]))
        for query, places in zip(one.cells(), near, strict=True)
        for place in places
    ]
    shape = (len(near), len(near[0]))
    found = Array(sums, shape, one.denominator * other.denominator, one.exact)
    if isqrt(size) ** 2 == size:
        return arrays.divide(found, [isqrt(size)] * len(sums))
    return arrays.floating([score / sqrt(size) for score in found.floats()], shape)


def _weighed(shares: Array, values: Array, near: list[list[int]]) -> Array:
    """The values that each position sees, each times its weight, added up."""
    cells = arrays.floating(values.floats(), values.shape).cells()
    found = []
    for own, places in zip(shares.cells(), near, strict=True):
        columns = zip(*(cells[place] for place in places), strict=True)
        found += [sum(map(mul, own, column)) for column in columns]
    return arrays.floating(found, values.shape)


def _grid(rows: Array) -> Array:
    """One map, a row for each position."""
    return rows._replace(shape=(*rows.shape, 1))
