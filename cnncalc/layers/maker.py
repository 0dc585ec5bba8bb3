"""Maker: makes layers out of plain values, each of equal ones only once.

A network has hundreds of layers and a few dozen different ones, so that most of the work is done
by looking up what was made before.
"""

from __future__ import annotations

from typing import Any

from cnncalc import problems as codes
from cnncalc.layers.base import Operation
from cnncalc.problems import Reject
from cnncalc.volume import Volume
from cnncalc.wording import count

MAX_SIZE = 10**15  # of an output along an axis, and its channels


class Maker:
    """Keeps the arguments that were read and the layers that were made."""

    def __init__(self) -> None:
        self._read: dict[object, dict[str, object]] = {}
        self._made: dict[object, Operation] = {}
        self._known: dict[object, dict[object, Any]] = {}

    def known(self, of: object) -> dict[object, Any] | None:
        """What came of something so far, by what decides it; None when it is met at first.

        Most items of a network that is written out are met only then.
        """
        known = self._known.get(of)
        if known is None:
            self._known[of] = {}
        return known

    def read(
        self, cls: type[Operation], values: dict[str, object], rounding: str
    ) -> tuple[dict[str, object], list[Reject]]:
        """The arguments of a kind from plain values, and the refusals of those it does not take.

        Arguments that are not given have their defaults; `rounding` is that of the network.
        """
        key = (cls, rounding, *values, *map(_hashable, values.values()))
        known = self._read.get(key)
        if known is not None:
            return known, []
        typed: dict[str, object] = {}
        refused = []
        for name, declared in cls.arguments.items():
            try:
                typed[name] = declared.read(values[name]) if name in values else declared.default
            except Reject as reject:
                refused.append(reject)
        if "rounding" in typed and typed["rounding"] is None:
            typed["rounding"] = rounding
        if not refused:
            self._read[key] = typed
        return typed, refused

    def make(
        self,
        cls: type[Operation],
        arguments: dict[str, object],
        volumes: tuple[Volume, ...],
        dimension: int | None = None,
    ) -> Operation:
        """The layer on these inputs, from arguments as `read` gives them. Raises Reject.

        `dimension` is the number of spatial axes that conv2d and the like assert.
        """
        # Equal arguments are one object, which is kept: its identity stands for them.
        key = (cls, dimension, id(arguments), volumes)
        layer = self._made.get(key)
        if layer is None:
            axes = len(volumes[0].sizes)
            if dimension is not None and axes != dimension:
                raise _wrong_dimension(cls, dimension, volumes[0])
            layer = cls(arguments, *volumes)
            if max(layer.output.shape) > MAX_SIZE:
                message = f"an output of {layer.output.text()} is larger than 10^15 along an axis"
                raise Reject(codes.LIMIT, message)
            self._made[key] = layer
        return layer


def _wrong_dimension(cls: type[Operation], dimension: int, volume: Volume) -> Reject:
    return Reject(
        codes.AXES,
        f"{cls.kind}{dimension}d works on {count(dimension, 'axis', 'axes')}, "
        f"the input {volume.text()} has {len(volume.sizes)}",
        help=f"write {cls.kind} for any number of axes",
    )


def _hashable(value: object) -> object:
    """A plain value as a key; 1 and true are equal in Python but not as arguments."""
    if type(value) is int:
        return value
    if isinstance(value, list):
        return tuple(map(_hashable, value))
    if isinstance(value, dict):
        return tuple((key, _hashable(part)) for key, part in value.items())
    return ("flag", value) if isinstance(value, bool) else value
