"""The difference between two networks as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc.network.model import Layer
from cnncalc.render.json import document

if TYPE_CHECKING:
    from cnncalc.commands.diff.compare import Change, Comparison, Element, Total
    from cnncalc.network.model import Network
    from cnncalc.render.stream import Paper


def render_json(found: Comparison, paper: Paper) -> str:
    """All of it for programs, a change a line."""
    parts = {
        "before": _network(found.before),
        "after": _network(found.after),
        "changes": map(_change, found.changes),
        "totals": {total.name: _total(total) for total in found.totals},
    }
    return document(parts, {"changes": {}})


def _network(network: Network) -> dict[str, Any]:
    return {
        "name": network.name,
        "source": network.source,
        "variant": network.variant,
        "inputs": {name: list(volume.shape) for name, volume in network.inputs.items()},
        "outputs": {name: list(volume.shape) for name, volume in network.outputs.items()},
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        "change": change.kind,
        "counted_above": change.detail,
        "before": _element(change.before),
        "after": _element(change.after),
        "differences": {
            name: {"before": before, "after": after}
            for name, (before, after) in change.arguments().items()
        },
    }


def _element(element: Element | None) -> dict[str, Any] | None:
    if element is None:
        return None
    return {
        "path": element.path,
        "kind": element.kind,
        "label": element.label,
        "group": not isinstance(element, Layer),
        "line": element.line,
        "input": [list(volume.shape) for volume in element.inputs],
        "output": list(element.output.shape) if element.output else None,
        "parameters": element.parameters,
        "macs": element.macs,
    }


def _total(total: Total) -> dict[str, int]:
    return {"before": total.before, "after": total.after, "difference": total.difference}
