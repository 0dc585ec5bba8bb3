"""The schema of what `cnncalc explain` writes as JSON."""

from __future__ import annotations

from cnncalc.commands.lookup.schemas.forms import (
    TEXT,
    Schema,
    choice,
    document,
    list_of,
    object_with,
    part,
    text,
)
from cnncalc.commands.lookup.schemas.parts import LAYER, NETWORK


def _derivation() -> dict[str, Schema]:
    return {
        "name": text("What is worked out."),
        "words": text("What that is, in words."),
        "letter": text("The letter of the result, empty where it has none."),
        "symbols": text("The formula in letters."),
        "numbers": text("The formula with the numbers of the layer."),
        "steps": list_of("From the formula to the result.", TEXT),
        "uses": list_of("The letters in the formula.", TEXT),
        "result": {
            "description": "The number; of a fraction its text.",
            "type": ["integer", "string"],
        },
        "remarks": list_of("What else there is to know.", TEXT),
    }


def _entries() -> Schema:
    derivation = {"$ref": "#/definitions/derivation"}
    step = {
        "layer": text("The path of the layer, or the name of the input."),
        "label": LAYER["label"],
        "on": text("The layer it builds on, where that is not the one before."),
        "words": text("What is special about it."),
        "size": derivation,
        "jump": {"anyOf": [derivation, {"type": "null"}]},
    }
    sorts = {
        "text": {"text": text("A sentence.")},
        "items": {"items": list_of("Items as they stand in a spec.", TEXT)},
        "derivation": _derivation(),
        "step": step,
    }
    objects = [
        object_with(f"A {name}.", {"type": choice("The sort of entry.", name), **keys})
        for name, keys in sorts.items()
    ]
    return list_of("What stands under the title.", {"anyOf": objects})


_SHORT = text("The short answer; empty where only a part is told, or where others tell it.")


def schema() -> Schema:
    """Of derivations."""
    letter = {
        "name": text("The letter."),
        "value": {"description": "Its number.", "type": "integer"},
        "meaning": text("What it stands for."),
    }
    section = {"title": text("The title, empty for what stands first."), "entries": _entries()}
    sections = list_of(
        "Derivations and sentences, in their order.", object_with("A section.", section)
    )
    layer = {
        **part(LAYER, "path", "kind", "label", "line", "input", "output", "summary"),
        "short": _SHORT,
        "shared": text("What to know of a letter that several axes share."),
        "letters": list_of("The letters of its formulas.", object_with("A letter.", letter)),
        "sections": sections,
    }
    keys = {
        "name": NETWORK["name"],
        **part(NETWORK, "source", "variant"),
        "layers": list_of("The layers that are explained.", object_with("A layer.", layer)),
        "short": _SHORT,
        "sections": {**sections, "description": "The sums over several layers."},
    }
    size = object_with("A derivation.", _derivation())
    return document("explain", "How the numbers come about.", keys, derivation=size)
