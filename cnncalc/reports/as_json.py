"""JSON: everything about networks, for programs. Grows within a schema version, never changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc.network.network import Leaf
from cnncalc.quantities import QUANTITIES
from cnncalc.reports.machine import json_text
from cnncalc.version import __version__

if TYPE_CHECKING:
    from cnncalc.network.network import Group, Network
    from cnncalc.volume import Volume

SCHEMA_VERSION = 1


def render_json(networks: list[Network]) -> str:
    """One object for one or several networks; ASCII only, a layer a line."""
    tool = {"name": "cnncalc", "version": __version__}
    head = json_text({"schema_version": SCHEMA_VERSION, "tool": tool})[:-1]
    return f'{head}, "networks": [{",".join(map(_network_text, networks))}\n]}}\n'


def _network_text(network: Network) -> str:
    """json.dumps with an indent would be many times slower, and no easier to read."""
    lines = []
    for key, value in to_dict(network).items():
        if key == "layers":
            rows = ",".join(f"\n    {json_text(layer)}" for layer in value)
            text = f"[{rows}\n  ]"
        else:
            text = json_text(value)
        lines.append(f'\n  "{key}": {text}')
    return f"\n {{{','.join(lines)}\n }}"


def to_dict(network: Network) -> dict[str, Any]:
    """A network as dicts, lists, numbers and texts; volumes are lists, channels last."""
    return {
        "name": network.name,
        "source": network.source,
        "variant": network.variant,
        "inputs": {name: list(volume.shape) for name, volume in network.inputs.items()},
        "outputs": {name: list(volume.shape) for name, volume in network.outputs.items()},
        "dtype": network.dtype,
        "batch": network.batch,
        "layers": [_element(element) for element in network.elements()],
        "totals": {
            **_quantities(network),
            "layers": len(network),
            "weight_layers": network.weight_layers,
        },
    }


def _element(element: Leaf | Group) -> dict[str, Any]:
    is_leaf = isinstance(element, Leaf)
    return {
        "path": element.path,
        "level": element.level,
        "kind": element.kind,
        "group": not is_leaf,
        "line": element.line,
        "inputs": [source.path for source in element.sources] if isinstance(element, Leaf) else [],
        "input": [_shape(volume) for volume in element.inputs],
        "output": _shape(element.output),
        "arguments": element.arguments if isinstance(element, Leaf) else {},
        "shares": element.shares.path if isinstance(element, Leaf) and element.shares else None,
        **_quantities(element),
        "notes": element.notes if isinstance(element, Leaf) else [],
    }


def _shape(volume: Volume | None) -> list[int] | None:
    return list(volume.shape) if volume else None


def _quantities(of: Any) -> dict[str, Any]:
    values = {name: of.quantity(name) for name in QUANTITIES}
    field = values["receptive_field"]
    values["receptive_field"] = field.plain() if field is not None else None
    values["receptive_field_aligned"] = field.aligned if field is not None else None
    return values
