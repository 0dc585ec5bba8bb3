"""`describe` as JSON: everything about networks, for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc.network.model import Layer
from cnncalc.quantities import QUANTITIES, in_decimals
from cnncalc.render.json import document, network_keys, shape

if TYPE_CHECKING:
    from cnncalc.commands.describe.described import Described
    from cnncalc.network.model import Group, Network
    from cnncalc.render.stream import Paper


_RATIOS = tuple(filter(in_decimals, QUANTITIES))


def render_json(found: Described, paper: Paper) -> str:
    """One or several networks, a layer a line."""
    return document({"networks": map(to_dict, found.networks)}, {"networks": {"layers": {}}})


def to_dict(network: Network) -> dict[str, Any]:
    """A network as dicts, lists, numbers and texts; volumes are lists, channels last."""
    return {
        **network_keys(network),
        "dtype": network.dtype,
        "weight_dtype": network.weight_dtype,
        "optimizer": network.optimizer,
        "batch": network.batch,
        "training": network.training,
        "layers": [_element(element) for element in network.elements()],
        "totals": _quantities(network),
    }


def _element(element: Layer | Group) -> dict[str, object]:
    layer = element if isinstance(element, Layer) else None
    return {
        "path": element.path,
        "level": element.level,
        "kind": element.kind,
        "group": layer is None,
        "line": element.line,
        "inputs": [source.path for source in layer.sources] if layer else [],
        "input": [shape(volume) for volume in element.inputs],
        "output": shape(element.output),
        "arguments": layer.arguments if layer else {},
        "pads": getattr(layer.operation, "pads", None) if layer else None,
        "only": "training" if element.training_only else None,
        "shares": layer.shares.path if layer and layer.shares else None,
        **_quantities(element),
        "notes": layer.notes if layer else [],
    }


def _quantities(of: Any) -> dict[str, object]:
    values = {name: of.quantity(name) for name in QUANTITIES}
    for name in _RATIOS:
        values[name] = None if values[name] is None else float(values[name])
    field = values["receptive_field"]
    values["receptive_field"] = field.plain() if field is not None else None
    values["receptive_field_aligned"] = field.aligned if field is not None else None
    return values
