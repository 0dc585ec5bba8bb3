"""The rows in which the children of a box stand, and the signals between them."""

from typing import NamedTuple

from cnncalc.render.layered.boxes import Block, Key, Node
from cnncalc.render.layered.crossings import Crossings


class Route(NamedTuple):
    """One signal inside a group: where it comes from and who reads it."""

    signal: Key
    row: int  # of its source; -1 for what comes from outside
    source: int | None  # the child
    sinks: list[tuple[int, int | None]]  # row and child; None for the lower side of the group


class Rows:
    """Children by rows: what is read stands above what reads it."""

    def __init__(
        self, nodes: list[Node], blocks: list[Block], crossings: Crossings, own: Key | None
    ) -> None:
        self.blocks = blocks
        self.keys = [child.key for child in nodes]
        self.imports = {} if own is None else crossings.imports[own]
        self.exports = {} if own is None else crossings.exports[own]
        self.producer: dict[Key, int] = {}
        for number, key in enumerate(self.keys):
            out = {key: None} if blocks[number].leaf else crossings.exports[key]
            self.producer.update(dict.fromkeys(out, number))
        self.reads = [list(crossings.imports[key]) for key in self.keys]
        self.rank = self._ranks()
        self.rows = self._rows()

    def _ranks(self) -> list[int]:
        ranks = [0] * len(self.blocks)
        readers: dict[int, list[int]] = {}
        for number, reads in enumerate(self.reads):
            before = [self.producer[key] for key in reads if key in self.producer]
            ranks[number] = max((ranks[b] + 1 for b in before if b != number), default=0)
            for b in before:
                readers.setdefault(b, []).append(number)
        for number in reversed(range(len(ranks))):  # what reads nothing stands near its reader
            if not self.reads[number] and number in readers:
                ranks[number] = max(0, min(ranks[r] for r in readers[number]) - 1)
        return ranks

    def _rows(self) -> list[list[int]]:
        rows: list[list[int]] = [[] for _ in range(max(self.rank, default=-1) + 1)]
        for number, rank in enumerate(self.rank):
            rows[rank].append(number)
        return rows

    def align_widths(self) -> None:
        """Boxes that stand alone in their rows are equally wide: a chain has straight sides."""
        alone = [self.blocks[row[0]] for row in self.rows if len(row) == 1]
        plain = [block for block in alone if block.leaf and block.width > block.height]
        widest = max((block.width for block in plain), default=0)
        for block in plain:
            block.width, block.axis = widest, widest / 2

    def routes(self) -> list[Route]:
        last = len(self.rows)
        found: dict[Key, Route] = {}
        for key in self.imports:
            found[key] = Route(key, -1, None, [])
        for key, number in self.producer.items():
            found[key] = Route(key, self.rank[number], number, [])
        for number, reads in enumerate(self.reads):
            for key in reads:
                if self.producer.get(key) != number:
                    found[key].sinks.append((self.rank[number], number))
        for key in self.exports:
            found[key].sinks.append((last, None))
        return [route for route in found.values() if route.sinks]

    def columns(self) -> list[list[tuple[float, float]]]:
        """The room before and after the axis of each child; rows one to one share theirs."""
        found: list[list[tuple[float, float]]] = []
        for number, row in enumerate(self.rows):
            own = [(self.blocks[n].axis, self.blocks[n].width - self.blocks[n].axis) for n in row]
            if number and self._one_to_one(self.rows[number - 1], row):
                pairs = zip(found[-1], own, strict=True)
                own = [(max(a, c), max(b, d)) for (a, b), (c, d) in pairs]
            found.append(own)
        for number in reversed(range(1, len(found))):
            if self._one_to_one(self.rows[number - 1], self.rows[number]):
                found[number - 1] = found[number]
        return found

    def _one_to_one(self, above: list[int], row: list[int]) -> bool:
        if len(above) != len(row) or not (self.abreast(row) and self.abreast(above)):
            return False
        return all(
            {self.producer.get(key) for key in self.reads[n]} == {before}
            for before, n in zip(above, row, strict=True)
        )

    def abreast(self, row: list[int]) -> bool:
        """Whether children share the middle; one with a short way beside it keeps it."""
        if len(row) != 2:
            return len(row) > 2
        first, second = (self.blocks[n].height for n in row)
        return first <= 1.5 * second
