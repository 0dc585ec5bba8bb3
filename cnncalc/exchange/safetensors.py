"""Reads what a .safetensors file says of its tensors: names and shapes, and no graph.

The file begins with 8 bytes, the length of the JSON that follows. The numbers are not read.
"""

import json
import os
from math import prod
from typing import NamedTuple

from cnncalc.exchange.model import MAX_AXES, ModelError
from cnncalc.volume import MAX_NUMBER
from cnncalc.wording import visible

# What batch norms keep and nobody trains.
_STATISTICS = ("running_mean", "running_var", "moving_mean", "moving_variance")
_COUNTERS = ("num_batches_tracked",)


class Count(NamedTuple):
    """The numbers of one module."""

    parameters: int
    statistics: int


def read(path: str, max_size: int) -> dict[str, Count]:
    """The numbers of every module that has some, by its path. Raises ModelError, and OSError."""
    modules: dict[str, Count] = {}
    for name, shape in _header(path, max_size).items():
        module, _, tensor = name.rpartition(".")
        if tensor in _COUNTERS:
            continue
        number = prod(shape)
        learned, kept = modules.get(module, Count(0, 0))
        is_kept = tensor in _STATISTICS
        modules[module] = Count(learned + number * (not is_kept), kept + number * is_kept)
    return modules


def _header(path: str, max_size: int) -> dict[str, list[int]]:
    """The shapes of all tensors by name."""
    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        length = int.from_bytes(file.read(8), "little")
        if size >= 8 and length > max_size:
            raise ModelError(f"the header of {visible(path)} is larger than {max_size:,} bytes")
        data = file.read(min(length, size))
        whole = size >= 8 + length > 8
    try:
        header = json.loads(data if whole else b"")
        found = {str(name): _shape(entry) for name, entry in header.items() if name[:2] != "__"}
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
        raise ModelError(f"{visible(path)} is not a whole safetensors file") from None
    if not found:
        raise ModelError(f"{visible(path)} holds no tensors")
    return found


def _shape(entry: dict[str, list[int]]) -> list[int]:
    shape = entry["shape"]
    if len(shape) > MAX_AXES or not all(
        type(size) is int and 0 <= size <= MAX_NUMBER for size in shape
    ):
        raise ValueError
    return shape
