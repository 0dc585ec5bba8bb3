"""The schema of what `cnncalc describe` writes as JSON."""

from __future__ import annotations

from cnncalc.commands.lookup.schemas.forms import Schema, document, list_of, object_with, part
from cnncalc.commands.lookup.schemas.parts import LAYER, NETWORK, quantities


def schema() -> Schema:
    """Of networks with their layers."""
    names = ("path", "level", "kind", "group", "line", "inputs", "input", "output", "arguments")
    layer = {
        **part(LAYER, *names, "pads", "only", "shares"),
        **quantities(),
        "notes": LAYER["notes"],
    }
    network = {
        **NETWORK,
        "layers": list_of("All layers and groups, in their order.", object_with("A layer.", layer)),
        "totals": object_with("Sums over the layers.", quantities()),
    }
    networks = list_of("The networks, under each setting.", object_with("A network.", network))
    return document("describe", "Networks, with all that is counted.", {"networks": networks})
