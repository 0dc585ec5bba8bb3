"""Receptive fields: which stretch of the network's inputs a unit of each layer depends on.

Every layer says which rows of its input one of its rows sees (layers/reach.py); here these are
put on top of one another, from the inputs on, over branches by their union.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from cnncalc.layers.base import Operation
from cnncalc.layers.merge import Merge
from cnncalc.layers.reach import Reach, identity, shift
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
    extent: tuple[int, ...]  # how many rows the input has
    vector: bool = False  # the rows are the channels of a vector that went into the network
    scattered: bool = False  # the units do not lie along the axes any more (reshape)
    gated: bool = False  # a gate sees more, which is left out

    @property
    def constant(self) -> bool:
        """Every unit sees the same, so that nothing that follows changes it."""
        return all(reach.step == 0 for reach in self.reaches)

    @property
    def sees_all(self) -> bool:
        """Whether every unit sees the whole input."""
        return not self.scattered and all(map(Reach.covers, self.reaches, self.extent))

    @property
    def leaves_out(self) -> bool:
        """Whether a gate on the way sees more than the units do without it."""
        pairs = zip(self.sizes, self.extent, strict=True)
        return self.gated and any(size < rows for size, rows in pairs)

    @property
    def aligned(self) -> bool:
        """Whether the number is exact."""
        return not self.scattered and all(reach.aligned for reach in self.reaches)

    @property
    def sizes(self) -> tuple[int, ...]:
        """The most rows that one unit sees along each axis."""
        return tuple(map(Reach.size, self.reaches, self.rows))

    def on_top(self, reaches: tuple[Reach, ...], rows: tuple[int, ...]) -> "Seen":
        """What a layer with these reaches makes of it."""
        if self.constant:
            return self._replace(rows=(1,) * len(self.reaches))
        if len(reaches) != len(self.reaches):
            moved = bool(reaches) and all(map(_is_shift, reaches))
            return self.scatter() if moved else self.not_aligned()
        above = map(Reach.after, reaches, self.reaches)
        seen = self._replace(reaches=tuple(above), rows=rows)
        return seen.not_aligned() if self.scattered else seen

    def all_together(self) -> "Seen":
        """What a unit sees that is connected to every unit, wherever those lie."""
        merged = (
            Reach(0, (reach.over((0, rows - 1)),), reach.aligned)
            for reach, rows in zip(self.reaches, self.rows, strict=True)
        )
        rows = (1,) * len(self.reaches)
        return Seen(tuple(merged), rows, self.extent, gated=self.gated)

    def scatter(self) -> "Seen":
        """The same units in an order that no axis follows."""
        return self if self.constant else self._replace(scattered=True)

    def not_aligned(self) -> "Seen":
        return self._replace(reaches=tuple(r._replace(aligned=False) for r in self.reaches))


def _is_shift(reach: Reach) -> bool:
    return reach == shift(reach.stretches[0][0]) if reach.stretches[0] else False


def together(parts: list[tuple[Seen, tuple[bool, ...]]]) -> Seen:
    """The union of what branches see, but for the axes along which they are stretched.

    What a gate sees, the whole input mostly, is left out: every unit would see everything. A
    branch that sees the whole input itself, such as a global pool that is resized, decides.
    """
    first = parts[0][0]
    reaches, rows = [], []
    for axis, extent in enumerate(first.extent):
        kept = [seen for seen, stretched in parts if not stretched[axis]] or [s for s, _ in parts]
        rows.append(max(seen.rows[axis] for seen in kept))
        reaches.append(_union([seen.reaches[axis] for seen in kept], rows[-1], extent))
    return first._replace(
        reaches=tuple(reaches),
        rows=tuple(rows),
        scattered=any(s.scattered for s, _ in parts) and not any(s.sees_all for s, _ in parts),
        gated=any(seen.gated for seen, _ in parts) or any(map(any, (mask for _, mask in parts))),
    )


def _union(reaches: list[Reach], rows: int, extent: int) -> Reach:
    everything = [reach for reach in reaches if reach.covers(extent)]
    if everything:
        return max(everything, key=lambda reach: reach.size(rows))
    found = reaches[0]
    for reach in reaches[1:]:
        found = found.union(reach, rows)
    return found


class Field(dict[str, Seen]):
    """The receptive field of a unit, by the name of the input."""

    @property
    def sizes(self) -> dict[str, tuple[int, ...]]:
        return {name: seen.sizes for name, seen in self.items()}

    @property
    def aligned(self) -> bool:
        return all(seen.aligned for seen in self.values())

    @property
    def gated(self) -> bool:
        """Whether a gate sees the whole input, which the number leaves out."""
        return any(seen.leaves_out for seen in self.values())

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
        seen = Seen((identity(),) * len(rows), rows, rows, vector=not volume.sizes)
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
    if same_rows or new_axis:
        return seen
    return seen.scatter() if reaches is None else seen.not_aligned()


def _merged(layer: Merge, below: list[Field]) -> Field:
    parts: dict[str, list[tuple[Seen, tuple[bool, ...]]]] = {}
    for field, reaches in zip(below, layer.reaches(), strict=True):
        for name, seen in field.items():
            parts.setdefault(name, []).append(_part(seen, reaches, layer))
    return Field({name: together(found) for name, found in parts.items()})


_FIRST_ROW = Reach(0, ((0, 0),))  # every row sees the only one


def _part(
    seen: Seen, reaches: Sequence[Reach | None], layer: Merge
) -> tuple[Seen, tuple[bool, ...]]:
    """What one input of a merge contributes, and along which axes it is stretched."""
    stretched = tuple(reach is None for reach in reaches)
    if reaches:
        seen = seen.on_top(tuple(reach or _FIRST_ROW for reach in reaches), layer.output.sizes)
    fits = len(stretched) == len(seen.reaches)
    return seen, stretched if fits else (False,) * len(seen.reaches)
