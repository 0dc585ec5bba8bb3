"""The schema of what `cnncalc trace` writes as JSON."""

from __future__ import annotations

from cnncalc.commands.lookup.schemas.forms import (
    Schema,
    by_name,
    count,
    document,
    flag,
    list_of,
    object_with,
    or_null,
    part,
    text,
)
from cnncalc.commands.lookup.schemas.parts import LAYER, NETWORK, VOLUME

_VALUES: Schema = {"type": ["array", "number", "string", "null"]}
_NUMBER: Schema = {"type": ["number", "string", "null"]}


def _volume() -> Schema:
    numbers = {
        "shape": {"description": "Its sizes; channels come last.", **VOLUME},
        "exact": flag("Whether no number was rounded on the way."),
        "values": {"description": "Nested lists of numbers; null if not finite.", **_VALUES},
        "fractions": {"description": "The same as texts where some are no decimals.", **_VALUES},
    }
    found = {"name": text("What it is: depthwise, mean, queries, weights, head 1."), **numbers}
    keys = {
        **part(LAYER, "path"),
        "kind": {**LAYER["kind"], "description": "The kind of the layer; input for an input."},
        "line": or_null(LAYER["line"]),
        **numbers,
        "between": list_of(
            "What a layer works out before its output.", object_with("Numbers.", found)
        ),
    }
    return object_with("A volume.", keys)


def _step() -> Schema:
    piece = {
        "map": count("The map of the input, from 1.", 1),
        "window": {"description": "What lies under the filter; null is padding.", **_VALUES},
        "filter": {"description": "The filter's slice for this map.", **_VALUES},
        "products": {"description": "Window times filter.", **_VALUES},
    }
    keys = {
        **part(LAYER, "path"),
        "part": or_null(text("depthwise or pointwise, of a separable convolution.")),
        "at": list_of("The place in the output, from 1.", {"type": "integer", "minimum": 1}),
        "map": count("The map of the output, from 1.", 1),
        "rule": text(
            "How the parts become one number: products, mean, largest or sum; of what has no "
            "window the formula: normed, neighbours, shares or attention."
        ),
        "rows": list_of("Along each axis the rows of the input, from 1; null is padding.", {}),
        "parts": list_of("A map of the input each.", object_with("A part.", piece)),
        "coefficient": {"description": "What the sum is multiplied by.", **_NUMBER},
        "bias": {"description": "What is added.", **_NUMBER},
        "before_activation": {"description": "The sum.", **_NUMBER},
        "activation": or_null(text("The function after it.")),
        "result": {"description": "The number in the output.", **_NUMBER},
        "formula_numbers": by_name(
            "What stands in the formula of what has no window.",
            {"type": ["number", "string", "array"], "items": _NUMBER},
        ),
    }
    return object_with("A step.", keys)


def schema() -> Schema:
    """Of the numbers inside networks."""
    network = {
        **part(NETWORK, "name", "source", "variant"),
        "flip": flag("Whether filters were turned over."),
        "volumes": list_of("What is shown, in its order.", _volume()),
        "steps": list_of("The windows that are shown.", _step()),
    }
    traces = list_of("A trace for each setting.", object_with("A network.", network))
    return document("trace", "The numbers inside networks.", {"traces": traces})
