"""Which signals pass the border of each box that holds others."""

from collections.abc import Iterator, Sequence

from cnncalc.render.layered.boxes import Key, Node


def every(nodes: Sequence[Node]) -> Iterator[Node]:
    for node in nodes:
        yield node
        yield from every(node.inside or ())


class Crossings:
    """Which signals, each known by the box that it comes from, pass the border of each node."""

    def __init__(self, nodes: list[Node]) -> None:
        self.outer: dict[Key, Key | None] = {}
        self.imports: dict[Key, dict[Key, None]] = {}
        self.exports: dict[Key, dict[Key, None]] = {}
        self._enter(nodes, None)
        for node in every(nodes):
            for source in node.reads:
                self._cross(source, node.key)

    def _enter(self, nodes: Sequence[Node], outer: Key | None) -> None:
        for node in nodes:
            self.outer[node.key] = outer
            self.imports[node.key] = {}
            self.exports[node.key] = {}
            self._enter(node.inside or (), node.key)

    def _cross(self, source: Key, target: Key) -> None:
        """An edge leaves all that holds its source, and enters all that holds its target."""
        above = [*self._chain(source)]
        common = set(above)
        for key in self._chain(target):
            if key in common:
                meeting = key
                break
            self.imports[key][source] = None
        else:
            meeting = None
        for key in above:
            if key == meeting:
                break
            self.exports[key][source] = None

    def _chain(self, key: Key) -> Iterator[Key]:
        """A node and all that holds it, from inside out."""
        at: Key | None = key
        while at is not None:
            yield at
            at = self.outer[at]
