"""The schema of what `cnncalc diff` writes as JSON."""

from __future__ import annotations

from cnncalc.commands.lookup.schemas.forms import (
    Schema,
    by_name,
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
from cnncalc.commands.lookup.schemas.parts import FILE, LAYER, NETWORK, quantities, totals


def _sides(both: Schema) -> dict[str, Schema]:
    return {"before": {**both, "description": "In A."}, "after": {**both, "description": "In B."}}


def _change() -> Schema:
    names = ("path", "kind", "label", "group", "line", "inputs", "input", "output")
    counts = part(quantities(), "parameters", "macs")
    element = or_null(object_with("", {**part(LAYER, *names), **counts}))
    argument = object_with("An argument.", _sides({}))
    keys = {
        "change": choice("What became of it.", "added", "removed", "changed"),
        "counted_above": flag("Whether a change of the group around it counts it already."),
        "reads_other": flag("Whether it reads another layer than before."),
        "remark": text("On copies: which of them changed so."),
        **_sides(element),
        "differences": by_name("The arguments that differ, by name.", argument),
    }
    return object_with("A change.", keys)


def _compared() -> dict[str, Schema]:
    """Two networks."""
    network = or_null(
        object_with("", part(NETWORK, "name", "source", "variant", "inputs", "outputs"))
    )
    total = {
        **_sides({"type": "integer"}),
        "difference": {"description": "after − before", "type": "integer"},
    }
    sums = {name: object_with(key["description"], total) for name, key in totals().items()}
    return {
        **_sides(network),
        "changes": list_of("What differs, in the order of the layers.", _change()),
        "totals": object_with("Sums over the layers.", sums),
    }


def _spec() -> Schema:
    keys = {
        "path": FILE["path"],
        "was": text("The path before, another one if it was renamed."),
        "change": choice("What became of it.", "added", "removed", "renamed", "changed"),
        "trouble": text("Why it is not compared; empty where it is."),
        "networks": list_of(
            "Those of its networks that differ.", object_with("A network.", _compared())
        ),
    }
    return object_with("A spec.", keys)


def schema() -> Schema:
    """Of two networks, or of all specs since a revision."""
    specs = {
        "revision": text("What the specs are compared with."),
        "specs": list_of("Those that differ, by path.", _spec()),
        "left": count("Files beyond the limit, which are not compared."),
    }
    two = document("diff", "What changed from network A to network B.", _compared())
    many = document("diff", "What became of all specs since a revision.", specs)
    envelope = ("$schema", "$id", "title")
    forms = [{k: v for k, v in form.items() if k not in envelope} for form in (two, many)]
    return {**part(two, *envelope), "description": "What differs.", "anyOf": forms}
