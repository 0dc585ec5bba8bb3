"""`describe` as JSON: everything about networks, for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc.network.model import Layer
from cnncalc.quantities import QUANTITIES
from cnncalc.render.json import document
from cnncalc.wording import is_fraction

if TYPE_CHECKING:
    from cnncalc.commands.describe.described import Described
    from cnncalc.network.model import Group, Network
    from cnncalc.render.stream import Paper
    from cnncalc.volume import Volume


def render_json(found: Described, paper: Paper) -> str:
    """One or several networks, a layer a line."""
    return document({"networks": map(to_dict, found.networks)}, {"networks": {"layers": {}}})


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


def _element(element: Layer | Group) -> dict[str, Any]:
    is_layer = isinstance(element, Layer)
    return {
        "path": element.path,
        "level": element.level,
        "kind": element.kind,
        "group": not is_layer,
        "line": element.line,
        "inputs": [source.path for source in element.sources] if isinstance(element, Layer) else [],
        "input": [_shape(volume) for volume in element.inputs],
        "output": _shape(element.output),
        "arguments": element.arguments if isinstance(element, Layer) else {},
        "shares": element.shares.path if isinstance(element, Layer) and element.shares else None,
        **_quantities(element),
        "notes": element.notes if isinstance(element, Layer) else [],
    }


def _shape(volume: Volume | None) -> list[int] | None:
    return list(volume.shape) if volume else None


def _quantities(of: Any) -> dict[str, Any]:
    values = {name: of.quantity(name) for name in QUANTITIES}
    values |= {name: float(value) for name, value in values.items() if is_fraction(value)}
    field = values["receptive_field"]
    values["receptive_field"] = field.plain() if field is not None else None
    values["receptive_field_aligned"] = field.aligned if field is not None else None
    return values
