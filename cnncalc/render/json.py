"""JSON: one form for every command, and text in which the log of a CI runner sees no command."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from cnncalc.version import __version__

if TYPE_CHECKING:
    from cnncalc.network.model import Network
    from cnncalc.volume import Volume

SCHEMA_VERSION = 1  # of every command's JSON; within a version it only grows

# The keys whose lists have an item a line; below them, those inside the items.
Opened = Mapping[str, "Opened"]


def json_text(value: object) -> str:
    """In ASCII, without `##[error]`, which a CI runner that logs it would obey."""
    return json.dumps(value).replace("##", "\\u0023#")


def json_lines(values: Iterable[object]) -> str:
    """An array with a value a line: quick to write, and easy to compare."""
    return "[" + ",".join(f"\n{json_text(value)}" for value in values) + "\n]"


def document(parts: Mapping[str, object], opened: Opened) -> str:
    """What a command says, as one object behind the version of its form and the program's.

    Lists that are not `opened` stand in one line: to indent everything would take many times
    longer, and is no easier to read.
    """
    tool = {"name": "cnncalc", "version": __version__}
    envelope = {"schema_version": SCHEMA_VERSION, "tool": tool, **parts}
    return _object(envelope, opened, "\n") + "\n"


def network_keys(network: Network) -> dict[str, object]:
    """Which network it is, and the volumes that go in and come out."""
    return {
        "name": network.name,
        "source": network.source,
        "variant": network.variant,
        "inputs": {name: list(volume.shape) for name, volume in network.inputs.items()},
        "outputs": {name: list(volume.shape) for name, volume in network.outputs.items()},
    }


def shape(volume: Volume | None) -> list[int] | None:
    """A volume as a list, channels last."""
    return list(volume.shape) if volume else None


def _object(value: Mapping[str, Any], opened: Opened, newline: str) -> str:
    """A key a line where something in it is opened."""
    if not opened:
        return json_text(value)
    deeper = newline + " "
    pairs = []
    for key, part in value.items():
        text = _list(part, opened[key], deeper) if key in opened else json_text(part)
        pairs.append(f"{json_text(key)}: {text}")
    return f"{{{deeper}{f',{deeper}'.join(pairs)}{newline}}}"


def _list(values: Iterable[Mapping[str, object]], opened: Opened, newline: str) -> str:
    deeper = newline + " "
    items = f",{deeper}".join(_object(value, opened, deeper) for value in values)
    return f"[{deeper}{items}{newline}]" if items else "[]"
