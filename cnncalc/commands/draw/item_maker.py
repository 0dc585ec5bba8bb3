"""Which items a picture has: how far groups are opened, and which neighbours are one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

from cnncalc.commands.draw.items import (
    ALL,
    BLOCKS,
    MOST,
    NOTHING,
    Element,
    Folds,
    Hides,
    Item,
    Items,
    is_clear,
    leaves,
    never,
)
from cnncalc.commands.draw.options import Options
from cnncalc.network.model import Group, Input, Layer, Network, Signal
from cnncalc.wording import count


def items_of(
    network: Network,
    options: Options,
    *,
    most: int,
    hides: Hides,
    open_runs: bool = True,
    alike: bool = True,
) -> Items:
    """The items of a network, opened as far as `options` and `most` allow.

    `alike` says that equal neighbours may be one item, `open_runs` that groups may be even if what
    is in them is shown.
    """
    limit = options.max_items or most
    hides = never if options.all else hides
    maker = _Maker(network, hides, open_runs, whole_blocks=options.expand is None)
    maker.ways = (BLOCKS, ALL) if alike else (NOTHING,)
    if options.expand is not None:
        level, folds = maker.level_as_asked(options.expand, limit)
    elif (found := maker.level_for(limit)) is not None:
        level, folds = found
    else:
        ways = maker.ways
        maker = _Maker(network, hides, open_runs)
        maker.ways = ways
        level, folds = maker.level_for(limit) or (1, ways[-1])
    roots = maker.items(level, folds)
    written = _Maker(network, hides, open_runs)
    written.ways = maker.ways
    return Items(roots, tuple(_notes(roots, written, limit)), maker.owner)


def _notes(roots: list[Item], maker: _Maker, limit: int) -> Iterator[str]:
    """What is folded, and what the next level shows."""
    folded = [item for item in leaves(roots) if item.folded]
    alike = sum(item.times - 1 for item in leaves(roots) if not item.folded)
    if folded:
        blocks = sum(item.times for item in folded)
        shown = sum(1 for _ in leaves(roots))
        inputs = len(maker.network.input_signals)
        sizes = {level: maker.size(*maker.level_as_asked(level, limit)) for level in maker.counts}
        deeper = next((level for level in sizes if sizes[level] + inputs > shown), None)
        hint = ""
        if deeper:
            hint = f"; --expand {deeper} shows {count(sizes[deeper] + inputs, 'item')}"
        yield f"{count(blocks, 'block')} folded{hint}"
    if alike:
        yield f"{count(alike, 'equal neighbour')} folded into ×n; --expand all shows every layer"


class _Maker:
    """Makes the items of one network.

    Levels are those of `describe`; with `whole_blocks`, where the program chooses, a residual, the
    branches of a block and copies are no level of their own: an opened block shows them too.
    """

    def __init__(
        self, network: Network, hides: Hides, open_runs: bool, whole_blocks: bool = False
    ) -> None:
        self.network = network
        self.open_runs = open_runs
        self.ways: tuple[Folds, ...] = (BLOCKS, ALL)
        self.level: dict[Element, int] = {}
        self.always_open: set[Element] = set()
        if whole_blocks:
            self._measure(network.root, 1)
        else:
            self.level = {element: element.level for element in network.elements()}
        # What runs in training only is not drawn, unless training is asked for.
        every = network.root.layers
        self.hides: dict[Element, bool] = {each: hides(each) or not each.runs for each in every}
        for group in reversed(network.groups):
            self.hides[group] = all(self.hides[child] for child in group.children)
        self.number = {layer: i for i, layer in enumerate(every)}
        self.owner: dict[Signal, Item] = {}
        self.silent: set[Layer] = set()  # without a box, or of a copy: what they read is not drawn
        self.sizes: dict[tuple[int, Folds], int] = {}

    def _measure(self, group: Group, level: int) -> None:
        for child in group.children:
            self.level[child] = level
            if isinstance(child, Group):
                clear = is_clear(child, group)
                if clear:
                    self.always_open.add(child)
                self._measure(child, level + (not clear))

    # How many items a level has.

    @cached_property
    def counts(self) -> dict[int, int]:
        """How many items are shown at each level if none are folded into ×n."""
        layers: dict[int, int] = {}
        groups: dict[int, int] = {}
        for element in self.network.elements():
            if not self.hides[element] and element not in self.always_open:
                kinds, level = groups if isinstance(element, Group) else layers, self.level[element]
                kinds[level] = kinds.get(level, 0) + 1
        found, shown = {}, 0
        for level in sorted({*layers, *groups}) or [1]:
            shown += layers.get(level, 0)
            found[level] = shown + groups.get(level, 0)
        return found

    def size(self, level: int, folds: Folds) -> int:
        """How many items are shown at a level."""
        key = (level, folds)
        if key not in self.sizes:
            root = self.network.root
            self.sizes[key] = self._folded(root, level, folds, {}) if folds else self.counts[level]
        return self.sizes[key]

    def _folded(self, group: Group, level: int, folds: Folds, known: dict[int, int]) -> int:
        total = 0
        for run in self.runs(group.children, level, folds):
            first = run[0]
            if isinstance(first, Layer) or not self.opens(first, level):
                total += not self.hides[first]
                continue
            sign = self.signs[first]
            if sign not in known:
                known[sign] = self._folded(first, level, folds, known)
            total += known[sign]
        return total

    def level_for(self, most: int) -> tuple[int, Folds] | None:
        """The deepest level that has room, and whether equal neighbours are one item there."""
        for level in reversed(self.counts):
            for folds in self.ways:
                size = self.size(level, folds)
                if size <= most:
                    # Deeper levels with no more items only give them longer names.
                    same = (at for at in self.counts if self.size(at, folds) == size)
                    return next(same), folds
        return None

    def level_as_asked(self, expand: int, most: int) -> tuple[int, Folds]:
        """The level that is asked for; `all` folds nothing that can still be drawn."""
        level = max((at for at in self.counts if at <= max(expand, 1)), default=1)
        if expand > max(self.counts) and self.counts[level] <= MOST:
            return level, NOTHING
        for folds in self.ways:
            if self.size(level, folds) <= (most if folds == BLOCKS else MOST):
                return level, folds
        return self.level_for(MOST) or (1, self.ways[-1])

    # Which neighbours are alike.

    @cached_property
    def signs(self) -> dict[Element, int]:
        """A number of each element that those have in common that are alike."""
        signs: dict[Element, int] = {}
        known: dict[object, int] = {}
        for layer in self.network.root.layers:
            key: object = (layer.operation, layer.frozen, layer.shares is None)
            signs[layer] = known.setdefault(key, len(known))
        for group in reversed(self.network.groups):
            key = (group.kind, *(signs[child] for child in group.children))
            signs[group] = known.setdefault(key, len(known))
        return signs

    @cached_property
    def firsts(self) -> dict[Group, int]:
        """The number of the first layer of each group."""
        firsts: dict[Group, int] = {}
        for group in reversed(self.network.groups):
            inside = (
                self.number.get(c) if isinstance(c, Layer) else firsts[c] for c in group.children
            )
            firsts[group] = next((n for n in inside if n is not None), len(self.number))
        return firsts

    def follows(self, one: Element, other: Element) -> bool:
        """Whether an element reads nothing but what the one before it hands on."""
        given = one if isinstance(one, Layer) else one.result
        if isinstance(other, Layer):
            return [self.seen(source, given) for source in other.sources] == [given]
        first = self.firsts[other]
        return all(
            self.seen(source, given) is given
            for layer in other.layers
            for source in layer.sources
            if isinstance(source, Input) or self.number[source] < first
        )

    def seen(self, source: Signal, given: Signal | None) -> Signal:
        """What a layer reads through those without a box."""
        while source is not given and isinstance(source, Layer) and self.hides[source]:
            source = source.sources[0]
        return source

    def runs(
        self, children: Sequence[Element], level: int, folds: Folds
    ) -> Iterator[list[Element]]:
        """Neighbours that are one item; what has no box stands alone behind them."""
        run: list[Element] = []
        behind: list[Element] = []
        between: list[list[int]] = []  # what stands without a box behind each of the run
        for child in children:
            if run and self.hides[child]:
                behind.append(child)
                between[-1].append(self.signs[child])
                continue
            joins = bool(run) and self.joins(child, level, folds) and between[-1] == between[0]
            if joins and self.signs[run[0]] == self.signs[child] and self.follows(run[-1], child):
                run.append(child)
                between.append([])
                continue
            yield from filter(None, (run, *([element] for element in behind)))
            run, behind, between = [child], [], [[]]
        yield from filter(None, (run, *([element] for element in behind)))

    def joins(self, element: Element, level: int, folds: Folds) -> bool:
        """Whether an element may be one item with an equal one before it."""
        if self.hides[element] or folds < (BLOCKS if isinstance(element, Group) else ALL):
            return False
        return self.open_runs or not self.opens(element, level)

    def opens(self, element: Element, level: int) -> bool:
        if isinstance(element, Layer) or not element.children:
            return False
        return element in self.always_open or self.level[element] < level

    # The items.

    def items(self, level: int, folds: Folds) -> list[Item]:
        inputs = [Item(given) for given in self.network.input_signals.values()]
        self.owner.update(zip(self.network.input_signals.values(), inputs, strict=True))
        roots = self.inside(self.network.root, level, folds)
        for layer in self.network.layers:
            mine = self.owner[layer]
            for source in () if layer in self.silent else layer.sources:
                item = self.owner[source]
                if item is not mine and item not in mine.reads:
                    mine.reads.append(item)
        return _where_read(inputs, roots)

    def inside(self, group: Group, level: int, folds: Folds) -> list[Item]:
        found: list[Item] = []
        for run in self.runs(group.children, level, folds):
            if self.hides[run[0]]:
                self.hide(run[0])
                continue
            run = self.copies(run, level, folds)
            clear = isinstance(run[0], Group) and is_clear(run[0], group)
            item = Item(run[0], len(run), last=run[-1], clear=clear and len(run) == 1)
            found.append(item)
            if self.opens(run[0], level):
                assert isinstance(run[0], Group)
                item.inside = self.inside(run[0], level, folds)
            else:
                self.owner.update((layer, item) for layer in run[0].layers)
            for copy in run[1:]:
                self.silent.update(copy.layers)
                for first, other in zip(run[0].layers, copy.layers, strict=True):
                    self.owner[other] = self.owner[first]
        return found

    def copies(self, run: list[Element], level: int, folds: Folds) -> list[Element]:
        """In place of a group that is not opened the copies in it, where they are alike."""
        group = run[0]
        if folds == NOTHING or not isinstance(group, Group) or self.opens(group, level):
            return run
        inside = next(self.runs(group.children, 0, ALL), []) if group.copies else []
        return inside if inside and len(inside) == len(group.children) and len(run) == 1 else run

    def hide(self, element: Element) -> None:
        """The layers of an element stand with the item before them."""
        for layer in element.running:
            before = self.owner[layer] = self.owner[layer.sources[0]]
            before.hidden.append(layer)
            self.silent.add(layer)


def _where_read(inputs: list[Item], rest: list[Item]) -> list[Item]:
    """Each input right before what reads it first."""
    waiting = list(inputs)
    found: list[Item] = []
    for item in rest:
        if waiting:
            read = {id(source) for leaf in leaves([item]) for source in leaf.reads}
            found += [given for given in waiting if id(given) in read]
            waiting = [given for given in waiting if id(given) not in read]
        found.append(item)
    return [*waiting, *found]
