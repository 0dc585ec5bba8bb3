"""What differs as JSON: of two networks, or of all specs since a revision."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.commands.diff.specs import SpecChanges
from cnncalc.network.model import Layer
from cnncalc.render.json import document, network_keys, shape

if TYPE_CHECKING:
    from cnncalc.commands.diff.compare import Change, Comparison, Element, Total
    from cnncalc.commands.diff.specs import SpecChange
    from cnncalc.render.stream import Paper


def render_json(found: Comparison | SpecChanges, paper: Paper) -> str:
    """All of it for programs, a change a line."""
    if isinstance(found, SpecChanges):
        parts = {"revision": found.revision, "specs": map(_spec, found.specs), "left": found.left}
        return document(parts, {"specs": {"networks": {"changes": {}}}})
    return document(_comparison(found), {"changes": {}})


def _spec(spec: SpecChange) -> dict[str, object]:
    return {
        "path": spec.path,
        "was": spec.was,
        "change": spec.kind,
        "trouble": spec.trouble,
        "networks": map(_comparison, spec.networks),
    }


def _comparison(found: Comparison) -> dict[str, object]:
    return {
        "before": network_keys(found.before) if found.before else None,
        "after": network_keys(found.after) if found.after else None,
        "changes": map(_change, found.changes),
        "totals": {total.name: _total(total) for total in found.totals},
    }


def _change(change: Change) -> dict[str, object]:
    return {
        "change": change.kind,
        "counted_above": change.detail,
        "reads_other": change.reads_other,
        "remark": change.remark,
        "before": _element(change.before),
        "after": _element(change.after),
        "differences": {
            name: {"before": before, "after": after}
            for name, (before, after) in change.arguments().items()
        },
    }


def _element(element: Element | None) -> dict[str, object] | None:
    if element is None:
        return None
    return {
        "path": element.path,
        "kind": element.kind,
        "label": element.label,
        "group": not isinstance(element, Layer),
        "line": element.line,
        "inputs": [s.path for s in element.sources] if isinstance(element, Layer) else [],
        "input": [shape(volume) for volume in element.inputs],
        "output": shape(element.output),
        "parameters": element.parameters,
        "macs": element.macs,
    }


def _total(total: Total) -> dict[str, int]:
    return {"before": total.before, "after": total.after, "difference": total.difference}
