"""Reading the numbers that a spec carries: nested lists, or a file beside it.

Lists are nested as the shape is written: rows, then columns, then channels. Sizes of 1 may be left
out, so that a grey image and its filter are plain grids, and `{maps: [...]}` gives one grid for
each channel instead, as books print them. What does not fit is refused by row and column.
"""

import os
from collections.abc import Callable, Iterable
from math import prod
from typing import Any, NamedTuple

from cnncalc import problems as codes
from cnncalc.commands.trace.file_formats import FILE_FORMATS
from cnncalc.commands.trace.files import Folder
from cnncalc.commands.trace.misfit import Misfit
from cnncalc.commands.trace.numbers import MAX_NUMBERS, is_number, named, read_number
from cnncalc.layers.window import ROW
from cnncalc.problems import Reject
from cnncalc.wording import count, quote


class Axis(NamedTuple):
    """One level of a nested list."""

    name: str  # of one of its parts: row, column, channel
    size: int


class Block(NamedTuple):
    """What a nested list has to look like: the input, one filter, one unit."""

    what: str  # "the input 8×8×1"
    axes: tuple[Axis, ...]  # the channels last
    flat: bool = False  # whether one long list will do as well

    @property
    def total(self) -> int:
        return prod(axis.size for axis in self.axes)

    def fitting(self, depth: int) -> tuple[Axis, ...]:
        """The levels of a list nested this deep: sizes of 1 are left out, the last ones first."""
        if self.flat and depth == 1:
            return (Axis("number", self.total),)
        axes = list(self.axes)
        for index in reversed(range(len(axes))):
            if len(axes) > depth and axes[index].size == 1:
                del axes[index]
        return tuple(axes) if len(axes) == depth else self.expected

    @property
    def expected(self) -> tuple[Axis, ...]:
        """The levels that a list is told to have: grids where there is one channel."""
        return self.axes[:-1] if self.axes[-1].size == 1 and len(self.axes) > 1 else self.axes


def block(what: str, sizes: tuple[int, ...], channels: int, flat: bool = False) -> Block:
    """The block of a volume."""
    names = (*ROW[len(sizes)], "channel" if sizes else "number")
    return Block(what, tuple(map(Axis, names, (*sizes, channels))), flat)


class ValueReader:
    """Reads lists, and files in one folder."""

    def __init__(self, folder: Folder, convert: Callable[[Any], Any] = read_number) -> None:
        self.folder = folder
        self.beside = ""  # where in it the file is that names others
        self.convert = convert
        self.count = 0  # of numbers that were read

    def block(self, value: Any, wanted: Block) -> list[Any]:
        """The numbers of a block, row by row, the channels of a place together. Raises Misfit."""
        return self.loaded(value, wanted.total, lambda value: self._block(value, wanted))

    def path(self, value: Any, wanted: Block, index: int) -> tuple[object, ...]:
        """The way through a value to one of the numbers that `block` makes of it."""
        if isinstance(value, str):
            return ()  # all of it is in a file
        paths = ValueReader(self.folder, lambda path: path).block(_with_paths(value), wanted)
        found: tuple[object, ...] = paths[index]
        return found

    def filters(
        self, value: Any, number: int, total: int, one: str, own: Callable[[int], Block]
    ) -> list[list[Any]]:
        """The numbers of each filter or unit; a list of one may stand for its only filter."""

        def read(value: Any) -> list[list[Any]]:
            if number == 1:
                return [self._only(value, own(0), one)]
            if not isinstance(value, list) or len(value) != number:
                found = count(len(value), one) if isinstance(value, list) else named(value)
                raise Misfit(f"{found} where the layer has {count(number, one)}", joint=": ")
            pairs = zip(value, map(own, range(number)), strict=True)
            return _each(pairs, one, lambda pair: self._block(*pair))

        return self.loaded(value, total, read)

    def loaded(self, value: Any, wanted: int, read: Callable[[Any], list[Any]]) -> list[Any]:
        """Read the value, or what is in the file that it names."""
        name = value.strip() if isinstance(value, str) else None
        if name is None or is_number(name):
            found = read(value)
            self._add(wanted)
            return found
        if not name.lower().endswith((*FILE_FORMATS,)):
            message = f'"{quote(name)}" is neither a list of numbers nor a file'
            raise Misfit(message, f"a file ends in {', '.join(FILE_FORMATS)}")
        self._add(wanted)
        try:
            return read(self.folder.read(os.path.join(self.beside, name), wanted))
        except Misfit as misfit:
            raise misfit.inside_file(quote(name)) from None

    def _add(self, wanted: int) -> None:
        """Count the numbers of a block; those of a file before that is opened."""
        count = self.count + wanted
        if count > MAX_NUMBERS:
            message = f"{count:,} numbers to read up to here, more than {MAX_NUMBERS:,}"
            raise Reject(codes.LIMIT, message, help="trace is for small examples")
        self.count = count

    def _only(self, value: Any, wanted: Block, one: str) -> list[Any]:
        """The only filter, as it is or in a list of its own."""
        if not isinstance(value, list) or len(value) != 1:
            return self._block(value, wanted)
        try:
            return self._block(value[0], wanted)
        except Misfit as misfit:
            try:
                return self._block(value, wanted)
            except Misfit:
                raise misfit.inside(f"{one} 1", 0) from None

    def _block(self, value: Any, wanted: Block) -> list[Any]:
        if isinstance(value, dict):
            return self._maps(value, wanted)
        return self._nested(value, wanted.fitting(_depth(value)), wanted)

    def _nested(self, value: Any, axes: tuple[Axis, ...], wanted: Block) -> list[Any]:
        if not axes:
            return [self.convert(value)]
        axis, inner = axes[0], axes[1:]
        if not isinstance(value, list):
            has = count(axis.size, axis.name)
            raise Misfit(f"{named(value)} where {wanted.what} has {has}")
        if len(value) != axis.size:
            message = f"{count(len(value), axis.name)} where {wanted.what} has {axis.size:,}"
            help = _grids_help(len(value), wanted) if axis == wanted.axes[0] else ""
            raise Misfit(message, help, joint=" has ")
        if not inner:
            return _each(value, axis.name, self.convert)
        parts = _each(value, axis.name, lambda part: self._nested(part, inner, wanted))
        return [number for part in parts for number in part]

    def _maps(self, value: dict[str, Any], wanted: Block) -> list[Any]:
        """`{maps: [grid, grid]}`: one grid for each channel."""
        grids = value.get("maps")
        channels = wanted.axes[-1].size
        if len(value) != 1 or not isinstance(grids, list):
            raise Misfit(f"{named(value)}, not {{maps: [grid, grid]}}")
        if len(grids) != channels:
            found = count(len(grids), "map")
            raise Misfit(f"{found} where {wanted.what} has {channels:,}", joint=": ")
        one = wanted._replace(axes=(*wanted.axes[:-1], Axis("channel", 1)), flat=False)
        read = _each(grids, "map", lambda grid: self._block(grid, one), "maps")
        return [number for channel in zip(*read, strict=True) for number in channel]


def _each(parts: Iterable[Any], name: str, read: Callable[[Any], Any], *path: str) -> list[Any]:
    """What each part comes to; a refusal is told which of them it is about."""
    found = []
    for index, part in enumerate(parts):
        try:
            found.append(read(part))
        except Misfit as misfit:
            raise misfit.inside(f"{name} {index + 1}", *path, index) from None
    return found


def _with_paths(value: Any, path: tuple[object, ...] = ()) -> Any:
    """The same lists and dicts with the way to each number in its place."""
    if isinstance(value, list):
        return [_with_paths(part, (*path, index)) for index, part in enumerate(value)]
    if isinstance(value, dict):
        return {key: _with_paths(part, (*path, key)) for key, part in value.items()}
    return path


def _depth(value: Any) -> int:
    """How deep a list is nested, by its first items."""
    depth = 0
    while isinstance(value, list):
        depth += 1
        if not value:
            break
        value = value[0]
    return depth


def _grids_help(found: int, wanted: Block) -> str:
    """The channels first, as many tools order them."""
    channels = wanted.axes[-1].size
    if found == channels > 1 and len(wanted.axes) > 1:
        return "one grid for each channel is written {maps: [grid, grid]}"
    return ""
