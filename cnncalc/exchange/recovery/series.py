"""What is left of a reduced graph: a series of items, some of which read others by name."""

from __future__ import annotations

import re

from cnncalc.exchange.recovery.graph import Graph, Vertex
from cnncalc.exchange.recovery.items import Branches, Gate, Item, Items, Leaf, Named, Residual


def items_of(graph: Graph) -> Items:
    """The items of the reduced graph, in order."""
    vertices = [vertex for vertex in graph.order() if vertex.item is not None]
    names = _Names()
    read: dict[Vertex, str] = {}  # the names that others use
    for before, vertex in zip([None, *vertices], vertices, strict=False):
        for source in vertex.sources:
            if source is not before and not (source.item is None and graph.has_one_input):
                read.setdefault(source, names.of(source))
        shared = getattr(vertex.item, "layer", None)
        if shared is not None and shared.shares is not None:
            first = graph.vertices[shared.shares]
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
    shared = getattr(item, "layer", None)
    reuse = ""
    if isinstance(item, Leaf) and shared is not None and shared.shares is not None:
        reuse = graph.names[graph.vertices[shared.shares]]
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
        if vertex.item is None:
            self.used.add(vertex.name)
            return vertex.name
        words = re.sub(r"[^A-Za-z0-9_]+", "_", vertex.name).strip("_")[-48:].lstrip("_")
        base = words if words[:1].isalpha() else f"layer_{words}"
        name, number = base, 1
        while name in self.used:
            number += 1
            name = f"{base}_{number}"
        self.used.add(name)
        return name
