"""Explanations as JSON: every derivation with its formula, numbers, steps and result."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from cnncalc.commands.explain.explanation import Explanation, Overview
from cnncalc.commands.explain.shared import Sections, once
from cnncalc.layers.derivation import Derivation, Items
from cnncalc.layers.term import Ratio, letters_in
from cnncalc.render.json import Opened, document, shape
from cnncalc.render.stream import Paper

if TYPE_CHECKING:
    from cnncalc.network.model import Network


_OPENED: Opened = {"sections": {"entries": {}}}


def render_json(network: Network, found: Explanation | Overview, paper: Paper) -> str:
    """Every derivation with its formula, numbers, steps and result; an entry a line."""
    layers = (found,) if isinstance(found, Explanation) else found.layers
    sections = () if isinstance(found, Explanation) else found.sections
    written = once(_sections)
    parts = {
        "name": network.name,
        "source": network.source,
        "variant": network.variant,
        "layers": [_layer_dict(layer, written) for layer in layers],
        "short": "" if isinstance(found, Explanation) else found.short,
        "sections": _sections(sections),
    }
    return document(parts, {"layers": {"letters": {}, **_OPENED}, **_OPENED})


def _sections(sections: Sections) -> list[dict[str, Any]]:
    return [
        {"title": section.title, "entries": [_entry_dict(entry) for entry in section.entries]}
        for section in sections
    ]


def _layer_dict(
    found: Explanation, sections: Callable[[Sections], list[dict[str, Any]]]
) -> dict[str, Any]:
    return {
        "path": found.path,
        "kind": found.kind,
        "label": found.label,
        "line": found.line,
        "input": [shape(volume) for volume in found.inputs],
        "output": shape(found.output),
        "short": found.short,
        "summary": found.summary,
        "shared": found.shared,
        "letters": [letter._asdict() for letter in found.letters],
        "sections": sections(found.sections),
    }


def _entry_dict(entry: Any) -> dict[str, Any]:
    if isinstance(entry, str):
        return {"type": "text", "text": entry}
    if isinstance(entry, Items):
        return {"type": "items", "items": list(entry.texts)}
    if isinstance(entry, Derivation):
        return {"type": "derivation", **_derivation_dict(entry)}
    return {
        "type": "step",
        "layer": entry.name,
        "label": entry.label,
        "on": entry.source,
        "words": entry.words,
        "size": _derivation_dict(entry.size),
        "jump": _derivation_dict(entry.jump) if entry.jump else None,
    }


def _derivation_dict(derivation: Derivation) -> dict[str, Any]:
    value = derivation.value
    return {
        "name": derivation.name,
        "words": derivation.words,
        "letter": derivation.letter,
        "symbols": derivation.symbols(),
        "numbers": derivation.numbers(),
        "steps": derivation.steps(),
        "uses": letters_in(value),
        "result": str(derivation.result) if isinstance(value, Ratio) else int(value),
        "remarks": list(derivation.remarks),
    }
