"""Receptive fields: which stretch of the network's inputs a unit of each layer depends on.

Every layer says which rows of its input one of its rows sees (layers/reach.py); here these are
put on top of one another, from the inputs on, over branches by their union.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from cnncalc.layers.base import Operation
from cnncalc.layers.merge import Merge
from cnncalc.layers.reach import Reach, identity
from cnncalc.volume import Volume


class Fed(Protocol):
    """What is asked of a layer of a network."""

    @property
    def operation(self) -> Operation: ...
    @property
    def sources(self) -> Sequence[Any]: ...  # inputs and layers, by which fields are looked up


class Seen(NamedTuple):
    """What the units of a volume see of one input, along each axis of that input."""

    reaches: tuple[Reach, ...]
    rows: tuple[int, ...]  # how many units there are along that axis
    vector: bool = False  # the rows are the channels of a vector that went into the network

    @property
    def constant(self) -> bool:
        """Every unit sees the same, so that nothing that follows changes it."""
        return all(reach.step == 0 for reach in self.reaches)

    @property
    def sizes(self) -> tuple[int, ...]:
        """The most rows that one unit sees along each axis."""
        return tuple(map(Reach.size, self.reaches, self.rows))

    def on_top(self, reaches: tuple[Reach, ...], rows: tuple[int, ...]) -> "Seen":
        """What a layer with these reaches makes of it."""
        if self.constant:
            return self._replace(rows=(1,) * len(self.reaches))
        if len(reaches) != len(self.reaches):
            return self.not_aligned()
        above = map(Reach.after, reaches, self.reaches)
        return self._replace(reaches=tuple(above), rows=rows)

    def all_together(self) -> "Seen":
        """What a unit sees that is connected to every unit."""
        merged = (
            Reach(0, (reach.over((0, rows - 1)),), reach.aligned)
            for reach, rows in zip(self.reaches, self.rows, strict=True)
        )
        return Seen(tuple(merged), (1,) * len(self.reaches))

    def not_aligned(self) -> "Seen":
        return self._replace(reaches=tuple(r._replace(aligned=False) for r in self.reaches))

    def union(self, other: "Seen") -> "Seen":
        pairs = zip(self.reaches, other.reaches, self.rows, other.rows, strict=True)
        reaches = tuple(one.union(two, max(rows)) for one, two, *rows in pairs)
        return Seen(reaches, tuple(map(max, self.rows, other.rows)), self.vector)


class Field(dict[str, Seen]):
    """The receptive field of a unit, by the name of the input."""

    @property
    def sizes(self) -> dict[str, tuple[int, ...]]:
        return {name: seen.sizes for name, seen in self.items()}

    @property
    def aligned(self) -> bool:
        return all(reach.aligned for seen in self.values() for reach in seen.reaches)

    def text(self, times: str = "×") -> str:
        """212×212; with several inputs each with its name."""
        texts = {name: times.join(map(str, sizes)) for name, sizes in self.sizes.items()}
        if len(texts) == 1:
            text = next(iter(texts.values()))
        else:
            text = ", ".join(f"{name} {sizes}" for name, sizes in texts.items())
        return text if self.aligned else f"{text}, not aligned"

    def plain(self) -> object:
        """Lists of numbers for JSON; by name where there are several inputs."""
        lists = {name: list(sizes) for name, sizes in self.sizes.items()}
        return next(iter(lists.values())) if len(lists) == 1 else lists


def receptive_fields(inputs: Mapping[Any, tuple[str, Volume]], layers: Iterable[Fed]) -> Any:
    """The field of every input, each with its name and volume, and of every layer in order."""
    fields: dict[Any, Field] = {}
    for given, (name, volume) in inputs.items():
        rows = _rows(volume)
        seen = Seen((identity(),) * len(rows), rows, vector=not volume.sizes)
        fields[given] = Field({name: seen})
    for fed in layers:
        fields[fed] = _field(fed.operation, [fields[source] for source in fed.sources])
    return fields


def _rows(volume: Volume) -> tuple[int, ...]:
    """A vector that goes into the network has its values for an axis (MLPs, text)."""
    return volume.sizes or (volume.channels,)


def _field(layer: Operation, below: list[Field]) -> Field:
    if isinstance(layer, Merge):
        return _merged(layer, below)
    if layer.output == layer.input and layer.reach() is None and not layer.sees_all:
        return below[0]  # every unit sees its own
    return Field({name: _through(layer, seen) for name, seen in below[0].items()})


def _through(layer: Operation, seen: Seen) -> Seen:
    if layer.sees_all:
        return seen.all_together()
    reaches = layer.reach()
    if reaches is not None and (layer.input.sizes or seen.vector or seen.constant):
        became_vector = layer.input.sizes and not layer.output.sizes
        rows = (1,) * len(reaches) if became_vector else _rows(layer.output)
        return seen.on_top(reaches, rows)
    same_rows = reaches is None and layer.output.sizes in (layer.input.sizes, ())
    new_axis = not layer.input.sizes and layer.output.sizes == seen.rows  # embedding
    return seen if same_rows or new_axis or seen.constant else seen.not_aligned()


def _merged(layer: Merge, below: list[Field]) -> Field:
    merged = Field()
    for field, reaches in zip(below, layer.reaches(), strict=True):
        for name, seen in field.items():
            moved = seen.on_top(reaches, layer.output.sizes) if reaches else seen
            merged[name] = merged[name].union(moved) if name in merged else moved
    return merged
