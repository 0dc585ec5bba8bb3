"""What is left of a reduced graph: a series of items, some of which read others by name."""

from __future__ import annotations

import re

from cnncalc.exchange.recovery.graph import Graph, Vertex, weights_from
from cnncalc.exchange.recovery.items import Branches, Gate, Item, Items, Leaf, Named, Residual
from cnncalc.language.reader import NAME


def items_of(graph: Graph) -> Items:
    """The items of the reduced graph, in order."""
    vertices = [vertex for vertex in graph.order() if vertex.item is not None]
    names = _Names()
    read: dict[Vertex, str] = {}  # the names that others use
    if not graph.has_one_input:
        read |= {vertex: names.of(vertex) for vertex in graph.input_vertices}
    for before, vertex in zip([None, *vertices], vertices, strict=False):
        for source in vertex.sources:
            if source is not before and source.item is not None:
                read.setdefault(source, names.of(source))
        if isinstance(vertex.item, Leaf) and (shared := weights_from(vertex.item.layer)):
            first = graph.vertices[shared]
            read.setdefault(first, names.of(first))
    if len(graph.outputs) > 1 or graph.outputs[0] is not vertices[-1]:
        for vertex in graph.outputs:
            read.setdefault(vertex, names.of(vertex))
    graph.names = read
    return tuple(
        _named(graph, vertex, before)
        for before, vertex in zip([None, *vertices], vertices, strict=False)
    )


def _named(graph: Graph, vertex: Vertex, before: Vertex | None) -> Item:
    """The item of a vertex, with its name and what it reads where that must be said."""
    item = vertex.item
    assert isinstance(item, (Leaf, Residual, Branches, Gate))
    if before is None and len(vertex.sources) == 1 and graph.has_one_input:
        sources: tuple[str, ...] = ()
    elif vertex.sources == [before]:
        sources = ()
    else:
        sources = tuple(
            "prev" if source is before
            else "input" if source.item is None and graph.has_one_input
            else graph.names[source]
            for source in vertex.sources
        )  # fmt: skip
    name = graph.names.get(vertex, "")
    reuse = ""
    if isinstance(item, Leaf) and (shared := weights_from(item.layer)):
        reuse = graph.names[graph.vertices[shared]]
    is_result = vertex in graph.outputs or graph.is_shared(item)
    if name or sources or reuse:
        return Named(item, name, sources, reuse, is_result)
    return item


class _Names:
    """Names that a spec takes, made of the paths of layers."""

    def __init__(self) -> None:
        self.used = {"prev", "input", "in"}

    def of(self, vertex: Vertex) -> str:
        """A name for a vertex that no other has."""
        if vertex.item is None and re.fullmatch(NAME, vertex.name) and vertex.name not in self.used:
            self.used.add(vertex.name)
            return vertex.name
        words = re.sub(r"[^A-Za-z0-9_]+", "_", vertex.name).strip("_")[-48:].lstrip("_")
        what = "input" if vertex.item is None else "layer"
        base = words if words[:1].isalpha() else f"{what}_{words}".rstrip("_")
        name, number = base, 1
        while name in self.used:
            number += 1
            name = f"{base}_{number}"
        self.used.add(name)
        return name
