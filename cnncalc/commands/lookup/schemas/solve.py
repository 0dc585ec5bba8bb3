"""The schema of what `cnncalc solve` writes as JSON."""

from __future__ import annotations

from cnncalc.commands.lookup.schemas.forms import (
    Schema,
    choice,
    count,
    document,
    flag,
    list_of,
    object_with,
    or_null,
    part,
    text,
)
from cnncalc.commands.lookup.schemas.parts import LAYER, VOLUME, quantities

_INPUT_SIZE = count("The size of the input along an axis, W.", 1)
_EVEN = flag("Whether it fits evenly: no row is left over, and no output padding is needed.")


def _window() -> Schema:
    padding = {"type": "integer", "minimum": 0}
    keys = {
        "input_size": _INPUT_SIZE,
        "kernel": count("The kernel along an axis, F.", 1),
        "stride": count("The stride along an axis, S.", 1),
        "padding": list_of("The rows of padding before and after the input, P.", padding),
        "dilation": count("The dilation along an axis, d.", 1),
        "output_size": count("The size of the output along an axis, O.", 1),
        "even": _EVEN,
    }
    return object_with("A window along an axis.", keys)


def _layer() -> Schema:
    spans = {"type": "integer", "minimum": 1}
    keys = {
        **part(LAYER, "kind", "label", "input", "output", "arguments"),
        "extent": list_of("The rows that a window spans along each axis: d(F − 1) + 1.", spans),
        **part(quantities(), "weights", "macs"),
        "even": _EVEN,
    }
    return object_with("A layer.", keys)


def _size() -> Schema:
    keys = {
        "input_size": _INPUT_SIZE,
        **part(LAYER, "output"),
        "even": _EVEN,
        "reason": text("Why the network refuses it, or the first layer that is not even."),
    }
    return object_with("A size.", keys)


def schema() -> Schema:
    """Of all three questions."""
    windows = _window()
    keys = {
        "question": choice(
            "windows: along an axis. layers: between two volumes. inputs: of a spec. "
            "The lists of the others are empty.",
            "windows",
            "layers",
            "inputs",
        ),
        "fits": flag("Whether there is an answer; of a single window and of a spec an even one."),
        "windows": list_of("The windows that lead there, the simplest first.", windows),
        "alternatives": list_of(
            "What would fit where the only window does not, or the nearest where there is none.",
            windows,
        ),
        "candidates": list_of("The layers that lead there, the simplest first.", _layer()),
        "blocked": list_of(
            "Sizes before and after, of two volumes, that no such window leads between.", VOLUME
        ),
        "input_sizes": list_of("The sizes that were tried.", _size()),
        "smallest_input": or_null(
            count(
                "The smallest input that a network accepts; null if above 1,000, or not asked for.",
                1,
            )
        ),
    }
    return document("solve", "What leads to a size or volume.", keys)
