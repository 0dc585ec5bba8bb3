"""The difference between two networks as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc.network.model import Layer
from cnncalc.render.json import document, network_keys, shape

if TYPE_CHECKING:
    from cnncalc.commands.diff.compare import Change, Comparison, Element, Total
    from cnncalc.render.stream import Paper


def render_json(found: Comparison, paper: Paper) -> str:
    """All of it for programs, a change a line."""
    parts = {
        "before": network_keys(found.before),
        "after": network_keys(found.after),
        "changes": map(_change, found.changes),
        "totals": {total.name: _total(total) for total in found.totals},
    }
    return document(parts, {"changes": {}})


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
        "input": [shape(volume) for volume in element.inputs],
        "output": shape(element.output),
        "parameters": element.parameters,
        "macs": element.macs,
    }


def _total(total: Total) -> dict[str, int]:
    return {"before": total.before, "after": total.after, "difference": total.difference}
