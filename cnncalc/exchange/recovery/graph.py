"""The network as a graph, in which every series-parallel part becomes one item.

A fork whose ways all meet again in one merge, each way by a reader of its own, is a residual,
branches or a gate. Where the ways meet is the fork's immediate post-dominator: the first layer that
every path from it leads through (Cooper, Harvey, Kennedy 2001, on the graph turned round).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from cnncalc.exchange.recovery.items import (
    Branches,
    Gate,
    Item,
    Items,
    Leaf,
    Residual,
    leaf,
    lines_of,
    with_arguments,
)
from cnncalc.layers.activation import Activation
from cnncalc.layers.base import KINDS
from cnncalc.network.model import Layer, Network, Signal

_MERGES = ("add", "concat", "multiply", "average", "maximum")
_MANY = 40  # readers of one fork, of which pairs are looked at
_LONG = 12  # lines of a way round which a skip is written by name


class Vertex:
    """A layer, or a part of the graph that became one item."""

    __slots__ = ("item", "number", "readers", "signal", "sources")

    def __init__(self, number: int, signal: Signal | None) -> None:
        self.number = number  # in an order in which each stands after what it reads
        self.signal = signal  # None: the end
        self.item: Item | None = leaf(signal) if isinstance(signal, Layer) else None
        self.sources: list[Vertex] = []
        self.readers: list[Vertex] = []

    @property
    def name(self) -> str:
        """The path of the layer, or the name of the input."""
        return "" if self.signal is None else self.signal.path

    @property
    def kind(self) -> str:
        return self.item.kind if isinstance(self.item, Leaf) else ""


class NoSeries(Exception):
    """A part of the graph that is not made of series and parallel parts."""


class Graph:
    """The graph of one network."""

    def __init__(self, network: Network) -> None:
        signals: list[Signal] = [*network.input_signals.values(), *network.layers]
        self.vertices: dict[Signal, Vertex] = {}
        for number, signal in enumerate(signals):
            vertex = self.vertices[signal] = Vertex(number, signal)
            for source in signal.sources if isinstance(signal, Layer) else ():
                _connect(self.vertices[source], vertex)
        self.end = Vertex(len(signals), None)
        self.outputs = [self.vertices[signal] for signal in network.output_signals.values()]
        for vertex in self.outputs:
            _connect(vertex, self.end)
        self.shared = {*filter(None, map(weights_from, network.layers))}
        self.inputs = [*network.inputs]
        self.input_vertices = [self.vertices[given] for given in network.input_signals.values()]
        self.has_one_input = len(self.inputs) == 1  # so that it needs no name
        self.reads: dict[Layer, list[Layer | str]] = {}  # layers, and inputs by name
        self.next: dict[Vertex, Vertex] = {}  # the immediate post-dominators
        self.depths: dict[Vertex, int] = {}  # how many of those are between a vertex and the end
        self.names: dict[Vertex, str] = {}  # of the vertices that others read by name

    def order(self) -> list[Vertex]:
        """The vertices from the inputs on."""
        return sorted(set(self.vertices.values()), key=lambda vertex: vertex.number)

    # Normalisation.

    def normalise(self, *, drift: bool = False) -> None:
        """Write as a person would: padding and activation in the layer, one concat a step.

        For `drift` activations stay items, and zeros before a pool are its padding, although the
        maximum of a window with zeros may be another one.
        """
        for vertex in self.order():
            if vertex.kind == "identity":
                self.drop(vertex)
            elif vertex.kind == "zero_pad":
                self.merge_padding(vertex, of_pools=drift)
            elif not drift and isinstance(vertex.item, Leaf) and _activates(vertex.item):
                self.merge_activation(vertex)
        self.split_concats()
        for vertex in self.order():
            if isinstance(vertex.item, Leaf):
                self.reads[vertex.item.layer] = [
                    source.item.layer if isinstance(source.item, Leaf) else source.name
                    for source in vertex.sources
                ]

    def drop(self, vertex: Vertex) -> None:
        """Take a vertex out; its readers read what it reads."""
        (source,) = vertex.sources
        source.readers.remove(vertex)
        for reader in vertex.readers:
            reader.sources[reader.sources.index(vertex)] = source
            source.readers.append(reader)
        self.outputs = [source if end is vertex else end for end in self.outputs]
        self.forget(vertex)

    def forget(self, vertex: Vertex) -> None:
        """Take a vertex out of the order."""
        assert vertex.signal is not None
        del self.vertices[vertex.signal]

    def merge_padding(self, vertex: Vertex, *, of_pools: bool = False) -> None:
        """Rows of zeros that only one window without padding reads are its padding."""
        pad, readers = vertex.item, vertex.readers
        reader = readers[0].item if len(readers) == 1 else None
        if not isinstance(pad, Leaf) or not isinstance(reader, Leaf) or self.is_shared(reader):
            return
        given, own = dict(pad.arguments), dict(reader.arguments)
        takes = KINDS[reader.kind].arguments.get("padding")
        if takes is None or own["padding"] != 0 or given.get("channels"):
            return
        if "pool" in reader.kind and not of_pools:
            return
        readers[0].item = with_arguments(reader, padding=given["padding"])
        self.drop(vertex)

    def merge_activation(self, vertex: Vertex) -> None:
        """An activation that alone reads a layer with weights is the layer's own."""
        (source,) = vertex.sources
        before = source.item
        if not isinstance(before, Leaf) or len(source.readers) > 1 or source in self.outputs:
            return
        if self.is_shared(before):  # a reuse has the activation of the first use
            return
        if dict(before.arguments).get("activation", "") is None:
            source.item = with_arguments(before, activation=vertex.kind)
            self.drop(vertex)

    def split_concats(self) -> None:
        """concat(a, b, x) reads concat(a, b) and x where there is that, as in DenseNet."""
        steps: dict[tuple[int, Vertex], int] = {}  # a tree of beginnings, each with a number
        known: dict[int, Vertex] = {}  # the concat of exactly these sources
        for vertex in self.order():
            if vertex.kind != "concat":
                continue
            beginning, length = 0, 0
            first: Vertex | None = None
            for number, source in enumerate(vertex.sources, 1):
                beginning = steps.setdefault((beginning, source), len(steps) + 1)
                if 1 < number < len(vertex.sources) and beginning in known:
                    first, length = known[beginning], number
            known[beginning] = vertex
            if first is not None:
                for source in vertex.sources[:length]:
                    source.readers.remove(vertex)
                vertex.sources = [first, *vertex.sources[length:]]
                first.readers.append(vertex)

    # Series and parallel parts.

    def reduce(self) -> None:
        """Make one item of every fork whose ways meet again, the inner ones first."""
        self.find_next()
        for fork in reversed(self.order()):
            while len(fork.readers) > 1 and any(
                self.collapse(fork, starts, join) for starts, join in self.joins(fork)
            ):
                pass

    def arrange(self) -> None:
        """Put what is left in an order in which ways stay together, each as late as it can be.

        Some sources list layers by their depth, so that several ways alternate.
        """
        heights: dict[Vertex, int] = {self.end: 0}  # how far each is from the end
        for vertex in reversed(self.order()):
            heights[vertex] = 1 + max((heights[reader] for reader in vertex.readers), default=0)
        after = self.users_of_weights()
        waits = {vertex: len(vertex.sources) for vertex in heights}
        for user in (user for users in after.values() for user in users):
            waits[user] += 1
        ready = [vertex for vertex in self.order() if not waits[vertex]]
        last: Vertex | None = None
        for number in range(len(heights) - 1):
            near = [one for one in ready if last is not None and last in one.sources]
            last = max(near or ready, key=lambda one: (heights[one], -one.number))
            ready.remove(last)
            last.number = number
            for reader in (*last.readers, *after.get(last, ())):
                waits[reader] -= 1
                if not waits[reader] and reader is not self.end:
                    ready.append(reader)

    def users_of_weights(self) -> dict[Vertex, list[Vertex]]:
        """The layers that use the weights of an earlier one, which stands before them."""
        found: dict[Vertex, list[Vertex]] = {}
        for vertex in self.order():
            if isinstance(vertex.item, Leaf) and (first := weights_from(vertex.item.layer)):
                found.setdefault(self.vertices[first], []).append(vertex)
        return found

    def joins(self, fork: Vertex) -> Iterator[tuple[list[Vertex], Vertex]]:
        """Where ways from a fork meet, and the readers that lead there: of all, then of some."""
        readers = [*dict.fromkeys(fork.readers)]
        yield readers, self.next[fork]
        if len(readers) > _MANY:
            return
        meets = {self.common(one, other) for one, other in combinations(readers, 2)}
        for join in sorted(meets - {self.next[fork]}, key=lambda vertex: vertex.number):
            yield [reader for reader in readers if self.common(reader, join) is join], join

    def find_next(self) -> None:
        self.depths = depths = {self.end: 0}
        for vertex in reversed(self.order()):
            found: Vertex | None = None
            for reader in vertex.readers:
                found = reader if found is None else self.meeting(found, reader, depths)
            self.next[vertex] = found or self.end
            depths[vertex] = depths[self.next[vertex]] + 1

    def meeting(self, one: Vertex, other: Vertex, depths: dict[Vertex, int]) -> Vertex:
        """The first vertex that all paths from both lead through."""
        while one is not other:
            if depths[one] >= depths[other]:
                one = self.next[one]
            else:
                other = self.next[other]
        return one

    def collapse(self, fork: Vertex, starts: list[Vertex], join: Vertex) -> bool:
        """Make an item of all between a fork and a merge where its ways meet, if that can be."""
        try:
            item, inside = self.parallel(fork, starts, join)
        except NoSeries:
            return False
        gone = {*inside, *starts, join}
        fork.readers = [reader for reader in fork.readers if reader not in gone] + [join]
        join.item, join.sources = item, [fork]
        for vertex in inside:
            self.forget(vertex)
        return True

    def parallel(
        self, fork: Vertex, starts: list[Vertex], join: Vertex
    ) -> tuple[Item, set[Vertex]]:
        """The item of the ways from a fork over `starts` to a merge, and what is in it."""
        merge = join.item
        if not isinstance(merge, Leaf) or merge.kind not in _MERGES or fork in self.outputs:
            raise NoSeries
        if dict(merge.arguments).get("crop"):  # which only a merge by names can say
            raise NoSeries
        ways: list[Items] = []
        inside: set[Vertex] = set()
        used: list[Vertex] = []
        for source in join.sources:
            own = [join] if source is fork else [
                start for start in starts if start is not join and self.leads(start, source, join)
            ]  # fmt: skip
            ways.append(() if source is fork else self.series(fork, own, join, inside))
            used += own
        if sorted(map(id, used)) != sorted(map(id, starts)):  # one way twice, or one left over
            raise NoSeries
        return _parallel_item(merge, ways), inside

    def leads(self, start: Vertex, source: Vertex, join: Vertex) -> bool:
        """Whether all paths from `start` reach `join` by `source`."""
        while start is not join and start is not source and start is not self.end:
            start = self.next[start]
        return start is source

    def series(
        self, fork: Vertex, starts: list[Vertex], join: Vertex, inside: set[Vertex]
    ) -> Items:
        """The items from a fork over `starts` up to `join`; those go into `inside`."""
        items: list[Item] = []
        before = fork
        while starts != [join]:
            if not starts:
                raise NoSeries
            if len(starts) == 1:
                (vertex,) = starts
                item = vertex.item
                if vertex.sources != [before]:
                    raise NoSeries
            else:
                vertex = self.common(*starts[:2])
                if vertex is join:
                    raise NoSeries
                item, within = self.parallel(before, starts, vertex)
                inside |= within
            if item is None or vertex in self.outputs or self.is_shared(item):
                raise NoSeries
            items.append(item)
            inside.add(vertex)
            before, starts = vertex, [*dict.fromkeys(vertex.readers)]
        return tuple(items)

    def is_shared(self, item: Item) -> bool:
        """Whether its weights are another layer's, so that it is written by name."""
        return isinstance(item, Leaf) and (
            weights_from(item.layer) is not None or item.layer in self.shared
        )

    def common(self, one: Vertex, other: Vertex) -> Vertex:
        """The first vertex that all paths from both lead through."""
        return self.meeting(one, other, self.depths)


def weights_from(layer: Layer) -> Layer | None:
    """The earlier layer whose weights a layer uses; None where it has none to share."""
    own = layer.operation
    return layer.shares if own.parameters or own.statistics else None


def _connect(source: Vertex, reader: Vertex) -> None:
    source.readers.append(reader)
    reader.sources.append(source)


def _activates(item: Leaf) -> bool:
    """Whether a kind can stand as `activation:` of another."""
    cls = KINDS[item.kind]
    return issubclass(cls, Activation) and not cls.arguments


def _parallel_item(merge: Leaf, ways: list[Items]) -> Item:
    """A residual, a gate, or branches."""
    filled = [way for way in ways if way]
    if merge.kind == "add" and len(ways) == 2 and filled:
        body, shortcut = sorted(ways, key=lines_of, reverse=True)
        return Residual(body, shortcut, merge.layer)
    if merge.kind == "multiply" and len(ways) == 2 and len(filled) == 1:
        (body,) = filled
        if _is_one_a_channel(body):
            return Gate(body, merge.layer)
    if merge.kind == "concat" and len(filled) < len(ways) and lines_of(filled[0]) > _LONG:
        raise NoSeries  # a long way round: the skip is written by name
    return Branches(tuple(ways), merge.kind, merge.layer)


def _is_one_a_channel(body: Items) -> bool:
    layer = getattr(body[-1], "layer", None)
    return layer is not None and all(size == 1 for size in layer.output.sizes)
