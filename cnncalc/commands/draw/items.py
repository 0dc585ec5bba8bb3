"""What a picture shows of a network: layers, and groups that are folded or opened.

Activations, dropout and the like, which leave a volume its values, have no box of their own unless
they are asked for. Neighbours that are alike may be one item, ×n.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from cnncalc.language.composites import COMPOSITES
from cnncalc.network.model import Group, Input, Layer, Signal
from cnncalc.render.palette import role_of
from cnncalc.volume import Volume

Element: TypeAlias = Layer | Group
Folds: TypeAlias = int  # which equal neighbours are one item
NOTHING, BLOCKS, ALL = 0, 1, 2
MOST = 5_000  # items that a picture has at most, whatever is asked for
Hides: TypeAlias = Callable[[Layer], bool]


@dataclass(eq=False, slots=True)
class Item:
    """A box of a picture: an input, a layer or a group, or equal ones behind one another."""

    element: Input | Element  # the first of them
    times: int = 1
    inside: list[Item] | None = None  # None for what is not opened
    hidden: list[Layer] = field(default_factory=list)  # behind it, without a box
    reads: list[Item] = field(default_factory=list)  # in the order of the layers
    last: Input | Element | None = None  # whose output it hands on
    clear: bool = False  # a group that is no more than the way its parent is built

    @property
    def output(self) -> Volume | None:
        return (self.last or self.element).output

    @property
    def path(self) -> str:
        return self.element.path

    @property
    def name(self) -> str:
        """Its own name; a copy is called after what is copied."""
        outer, _, name = self.path.rpartition(".")
        if not (outer and name.isdecimal()):
            return name
        copied = outer.rpartition(".")[2]
        return copied if self.times > 1 else f"{copied}.{name}"

    @property
    def folded(self) -> bool:
        """Whether it is a group that is not opened."""
        return isinstance(self.element, Group) and self.inside is None

    @property
    def role(self) -> str:
        """The family of the layer, of a group that of the layer with the most parameters."""
        if isinstance(self.element, Input):
            return "page"
        layers = self.element.layers
        largest = max(layers, key=lambda layer: layer.operation.parameters, default=None)
        return role_of(largest.operation) if largest else "other"

    @property
    def words(self) -> tuple[str, str]:
        """The name, and what it is: a name that was made from the kind does not say that again."""
        element, name = self.element, self.name
        if isinstance(element, Input):
            return name, "input" if name != "input" else ""
        kind, label = element.kind, element.label
        if isinstance(element, Group):
            weighted = [layer for layer in element.layers if layer.operation.weighted]
            one = self.folded and len(weighted) == 1
            label = weighted[0].label if one else element.label if element.copies else kind
        if re.fullmatch(rf"{re.escape(kind)}_?\d*(\.\d+)?", name) and label.startswith(kind):
            rest = label.removeprefix(kind).strip(" ,")
            label = "" if not rest else label if rest.isdecimal() else rest
        return name, label if label != name else ""

    def quantity(self, name: str) -> int | None:
        """A quantity of one of them."""
        value = None if isinstance(self.element, Input) else self.element.quantity(name)
        return value if isinstance(value, int) else None


@dataclass(frozen=True, slots=True)
class Items:
    """The items of a picture as a tree, and what is said of those that are not shown."""

    roots: list[Item]
    notes: tuple[str, ...]
    owner: dict[Signal, Item]  # the item that shows a volume

    def leaves(self) -> Iterator[Item]:
        """The items that are not opened, in order."""
        yield from leaves(self.roots)


def leaves(items: Sequence[Item]) -> Iterator[Item]:
    """Those that are not opened, in order."""
    stack = [iter(items)]
    while stack:
        for item in stack[-1]:
            if item.inside is not None:
                stack.append(iter(item.inside))
                break
            yield item
        else:
            stack.pop()


def every(items: Sequence[Item]) -> Iterator[Item]:
    """All of them, opened ones before what is in them."""
    for item in items:
        yield item
        yield from every(item.inside or ())


def in_place(layer: Layer) -> bool:
    """Whether the values go on as they are in number, as a vector or as the volume they were."""
    operation = layer.operation
    if not operation.in_place or operation.parameters or len(layer.sources) != 1:
        return False
    return not layer.output.sizes or layer.output == layer.inputs[0]


def norm_or_in_place(layer: Layer) -> bool:
    """The same for pictures of volumes, which a normalisation leaves as they are."""
    same = layer.operation.in_place or role_of(layer.operation) == "norm"
    return in_place(layer) or (same and layer.sources[1:] == () and layer.output == layer.inputs[0])


def never(layer: Layer) -> bool:
    return False


def is_clear(group: Group, parent: Group) -> bool:
    """Whether a group is how its parent is built, and nothing with a name of its own."""
    part = parent.kind in COMPOSITES and group.name == group.kind
    called = group.named or (parent.copies and parent.named)
    return group.copies or part or (group.kind in COMPOSITES and not called)
