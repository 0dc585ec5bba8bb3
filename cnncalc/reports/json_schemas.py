"""JSON Schema (draft 7) of what commands write as JSON; cnncalc/schemas has the texts.

A key is described once for the sort of object that it belongs to (a network, a layer, a place in a
file), so that it means the same in every command. Every key is always there.
"""

from __future__ import annotations

import json
from typing import Any

from cnncalc.quantities import BYTES_OF, LAST, NONE, QUANTITIES
from cnncalc.render.json import SCHEMA_VERSION

Schema = dict[str, Any]


def render_schema(command: str) -> str:
    """The schema of a command's JSON as text."""
    return json.dumps(SCHEMAS[command](), indent=2, ensure_ascii=True) + "\n"


# The forms of values.


def _text(description: str, **more: Any) -> Schema:
    return {"description": description, "type": "string", **more}


def _count(description: str, least: int = 0) -> Schema:
    return {"description": description, "type": "integer", "minimum": least}


def _flag(description: str) -> Schema:
    return {"description": description, "type": "boolean"}


def _choice(description: str, *values: Any) -> Schema:
    return {"description": description, "enum": list(values)}


def _list(description: str, items: Schema) -> Schema:
    return {"description": description, "type": "array", "items": items}


def _by_name(description: str, values: Schema) -> Schema:
    return {"description": description, "type": "object", "additionalProperties": values}


def _object(description: str, keys: dict[str, Schema], **more: Any) -> Schema:
    return {
        "description": description,
        "type": "object",
        "required": list(keys),
        "properties": keys,
        **more,
    }


def _or_null(schema: Schema) -> Schema:
    return {**schema, "type": [schema["type"], "null"]}


def _part(keys: dict[str, Schema], *names: str) -> dict[str, Schema]:
    return {name: keys[name] for name in names}


def _document(command: str, about: str, keys: dict[str, Schema], **definitions: Schema) -> Schema:
    tool = {
        "name": _choice("Always cnncalc.", "cnncalc"),
        "version": _text("The version of cnncalc."),
    }
    envelope = {
        "schema_version": _choice("The version of this form.", SCHEMA_VERSION),
        "tool": _object("What wrote this.", tool),
    }
    description = f"{about} Within a schema_version it only grows: pass over keys you do not know."
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": f"urn:cnncalc:{command}:{SCHEMA_VERSION}",
        "title": f"cnncalc {command} --format json",
        **_object(description, envelope | keys),
        **({"definitions": definitions} if definitions else {}),
    }


# Networks and layers.

_VOLUME: Schema = {"type": "array", "items": {"type": "integer", "minimum": 1}}
_NETWORK = {
    "name": _text("The name in the spec, empty where there is none."),
    "source": _text("Where the network is from, empty where the spec does not say."),
    "variant": _or_null(_text("The member of a family, null where it has no name of its own.")),
    "inputs": _by_name("The volumes it reads, by name; channels come last.", _VOLUME),
    "outputs": _by_name("The volumes it gives, by name; channels come last.", _VOLUME),
    "dtype": _choice("The type of numbers that memory is counted for.", *BYTES_OF),
    "batch": _count("The examples that memory is counted for.", 1),
}
_LAYER = {
    "path": _text("Its name behind those of the groups around it, with dots: unique.", minLength=1),
    "level": _count("How deep it stands; 1 is a line of the spec's layers.", 1),
    "kind": _text("conv, max_pool, ...; of a group layers, residual or the name of a block."),
    "label": _text("The kind with its most telling arguments: conv 5×5."),
    "group": _flag("Whether it holds layers, which follow; totals do not count it again."),
    "line": _count("The line of the spec.", 1),
    "inputs": _list("What a layer reads: the paths of layers and the names of inputs.", _text("")),
    "input": _list("The volumes it reads; channels come last.", _VOLUME),
    "output": _or_null({"description": "The volume it gives; null if it gives none.", **_VOLUME}),
    "arguments": _by_name("Its arguments with what defaults came to, by name.", {}),
    "shares": _or_null(_text("The path of the layer whose weights it uses, null for its own.")),
    "notes": _list("What does not fit evenly.", _text("")),
    "summary": _text("What its kind does, in a sentence."),
}


def _quantities() -> dict[str, Schema]:
    """Quantities of a layer, a group or a network; null where they make no sense."""
    keys = {q.name: _or_null(_count(f"{q.meaning}.")) for q in QUANTITIES.values()}
    field = QUANTITIES["receptive_field"].meaning
    sizes = {"type": ["array", "object", "null"]}
    keys["receptive_field"] = {"description": f"{field}; by input if there are several.", **sizes}
    aligned = _flag("Whether it is the same for all units; if not, it is that of the largest.")
    return {**keys, "receptive_field_aligned": _or_null(aligned)}


_COUNTED = {
    "layers": _count("All layers; groups are not among them."),
    "weight_layers": _count("Layers with weights, norms aside, on the longest way through."),
}


def _totals() -> dict[str, Schema]:
    return {name: _count(f"{q.meaning}.") for name, q in QUANTITIES.items() if _adds(name)}


def _adds(name: str) -> bool:
    return QUANTITIES[name].adds not in (NONE, LAST)


def _describe() -> Schema:
    names = ("path", "level", "kind", "group", "line", "inputs", "input", "output", "arguments")
    layer = {**_part(_LAYER, *names, "shares"), **_quantities(), "notes": _LAYER["notes"]}
    network = {
        **_NETWORK,
        "layers": _list("All layers and groups, in their order.", _object("A layer.", layer)),
        "totals": _object("Sums over the layers.", {**_quantities(), **_COUNTED}),
    }
    networks = _list("The networks, under each setting.", _object("A network.", network))
    return _document("describe", "Networks, with all that is counted.", {"networks": networks})


# explain


def _derivation() -> dict[str, Schema]:
    return {
        "name": _text("What is worked out."),
        "words": _text("What that is, in words."),
        "letter": _text("The letter of the result, empty where it has none."),
        "symbols": _text("The formula in letters."),
        "numbers": _text("The formula with the numbers of the layer."),
        "steps": _list("From the formula to the result.", _text("")),
        "uses": _list("The letters in the formula.", _text("")),
        "result": {
            "description": "The number; of a fraction its text.",
            "type": ["integer", "string"],
        },
        "remarks": _list("What else there is to know.", _text("")),
    }


def _entries() -> Schema:
    derivation = {"$ref": "#/definitions/derivation"}
    step = {
        "layer": _text("The path of the layer, or the name of the input."),
        "label": _LAYER["label"],
        "on": _text("The layer it builds on, where that is not the one before."),
        "words": _text("What is special about it."),
        "size": derivation,
        "jump": {"anyOf": [derivation, {"type": "null"}]},
    }
    sorts = {
        "text": {"text": _text("A sentence.")},
        "items": {"items": _list("Items as they stand in a spec.", _text(""))},
        "derivation": _derivation(),
        "step": step,
    }
    objects = [
        _object(f"A {name}.", {"type": _choice("The sort of entry.", name), **keys})
        for name, keys in sorts.items()
    ]
    return _list("What stands under the title.", {"anyOf": objects})


def _explain() -> Schema:
    letter = {
        "name": _text("The letter."),
        "value": {"description": "Its number.", "type": "integer"},
        "meaning": _text("What it stands for."),
    }
    section = {"title": _text("The title, empty for what stands first."), "entries": _entries()}
    sections = _list("Derivations and sentences, in their order.", _object("A section.", section))
    layer = {
        **_part(_LAYER, "path", "kind", "label", "line", "input", "output", "summary"),
        "shared": _text("What to know of a letter that several axes share."),
        "letters": _list("The letters of its formulas.", _object("A letter.", letter)),
        "sections": sections,
    }
    keys = {
        "network": _NETWORK["name"],
        **_part(_NETWORK, "source", "variant"),
        "layers": _list("The layers that are explained.", _object("A layer.", layer)),
        "sections": {**sections, "description": "The sums over several layers."},
    }
    size = _object("A derivation.", _derivation())
    return _document("explain", "How the numbers come about.", keys, derivation=size)


# diff


def _sides(both: Schema) -> dict[str, Schema]:
    return {"before": {**both, "description": "In A."}, "after": {**both, "description": "In B."}}


def _diff() -> Schema:
    network = _object("", _part(_NETWORK, "name", "source", "variant", "inputs", "outputs"))
    names = ("path", "kind", "label", "group", "line", "input", "output")
    counts = _part(_quantities(), "parameters", "macs")
    element = _or_null(_object("", {**_part(_LAYER, *names), **counts}))
    argument = _object("An argument.", _sides({}))
    change = {
        "change": _choice("What became of it.", "added", "removed", "changed"),
        "counted_above": _flag("Whether a change of the group around it counts it already."),
        **_sides(element),
        "differences": _by_name("The arguments that differ, by name.", argument),
    }
    total = {
        **_sides({"type": "integer"}),
        "difference": {"description": "after − before", "type": "integer"},
    }
    totals = {
        name: _object(key["description"], total) for name, key in (_COUNTED | _totals()).items()
    }
    keys = {
        **_sides(network),
        "changes": _list("What differs, in the order of the layers.", _object("A change.", change)),
        "totals": _object("Sums over the layers.", totals),
    }
    return _document("diff", "What changed from network A to network B.", keys)


# check

_FILE = {
    "path": _text(
        "Of the file: relative to the repository, else to the current folder; in full where it "
        "lies elsewhere. With /.",
        minLength=1,
    ),
    "status": _choice(
        "problems: it has an error or a warning. unreadable: it could not be checked.",
        "ok", "problems", "unreadable",
    ),
    "network": _NETWORK["name"],
    "layers": _count("Layers of all its networks."),
}  # fmt: skip
_PLACE = {
    "line": _LAYER["line"],
    "column": _count("From 1, in code points.", 1),
    "end_line": _count("The last line.", 1),
    "end_column": _count("From 1, in code points; exclusive.", 1),
}
_RELATED = {"message": _text("What is there."), **_PLACE}
_PROBLEM = {
    "code": _text("Stable.", pattern="^CNN[0-9]{3}$"),
    "name": _text("The code as words.", pattern="^[a-z]+(-[a-z]+)*$"),
    "severity": _choice("How bad it is.", "error", "warning", "note"),
    "message": _text("What is wrong.", minLength=1),
    "detail": _text("The arithmetic, or the difference."),
    "help": _text("What to do about it."),
    "path": _FILE["path"],
    **_PLACE,
    "layer": _text("The path of the layer that it is about, empty where it is about none."),
    "expected": _text("Of an expectation or budget, as written."),
    "actual": _text("What was found instead."),
    "related": _list("Other places in the file to do with it.", _object("A place.", _RELATED)),
}
_SUMMARY = {
    "files": _count("Files that were checked."),
    "layers": _count("Layers in all of them, each variant of a family for itself."),
    "errors": _count("Problems of severity error."),
    "warnings": _count("Problems of severity warning."),
    "notes": _count("Problems of severity note."),
    "passed_over": _count("Other YAML files in the folders, which are no specs."),
    "exit_code": _choice(
        "0: all is well. 1: problems. 2: something could not be checked.", 0, 1, 2
    ),
    "unreadable": _count("What should have been checked and could not be; each has an error."),
    "skipped": _count("Folders of installed packages, in which nothing was looked for."),
    "ignored": _count("Problems that comments in the files silence; they are not listed."),
}


def _check() -> Schema:
    count = {"type": "integer", "minimum": 0}
    totals = _by_name(
        "Every quantity that adds up over layers, of the spec as written; empty where it cannot "
        "be built.",
        count,
    )
    keys = {
        "summary": _object("The sums over all files.", _SUMMARY),
        "files": _list("Every file, by path.", _object("A file.", {**_FILE, "totals": totals})),
        "problems": _list("Every problem, by path and place.", _object("A problem.", _PROBLEM)),
    }
    return _document("check", "What a run of cnncalc check found.", keys)


# trace

_VALUES: Schema = {"type": ["array", "number", "string", "null"]}


def _trace() -> Schema:
    number = {"type": ["number", "string", "null"]}
    volume = {
        **_part(_LAYER, "path"),
        "kind": {**_LAYER["kind"], "description": "The kind of the layer; input for an input."},
        "line": _or_null(_LAYER["line"]),
        "shape": {"description": "Its sizes; channels come last.", **_VOLUME},
        "exact": _flag("Whether no number was rounded on the way."),
        "values": {"description": "Nested lists of numbers; null if not finite.", **_VALUES},
        "fractions": {"description": "The same as texts where some are no decimals.", **_VALUES},
    }
    part = {
        "map": _count("The map of the input, from 1.", 1),
        "window": {"description": "What lies under the filter; null is padding.", **_VALUES},
        "filter": {"description": "The filter's slice for this map.", **_VALUES},
        "products": {"description": "Window times filter.", **_VALUES},
    }
    step = {
        **_part(_LAYER, "path"),
        "at": _list("The place in the output, from 1.", _count("", 1)),
        "map": _count("The map of the output, from 1.", 1),
        "rule": _text("How the parts become one number: products, mean or largest."),
        "rows": _list("Along each axis the rows of the input, from 1; null is padding.", {}),
        "parts": _list("A map of the input each.", _object("A part.", part)),
        "coefficient": {"description": "What the sum is multiplied by.", **number},
        "bias": {"description": "What is added.", **number},
        "before_activation": {"description": "The sum.", **number},
        "activation": _or_null(_text("The function after it.")),
        "result": {"description": "The number in the output.", **number},
    }
    network = {
        **_part(_NETWORK, "name", "source", "variant"),
        "flip": _flag("Whether filters were turned over."),
        "volumes": _list("What is shown, in its order.", _object("A volume.", volume)),
        "steps": _list("The windows that are shown.", _object("A step.", step)),
    }
    traces = _list("A trace for each setting.", _object("A network.", network))
    return _document("trace", "The numbers inside networks.", {"traces": traces})


SCHEMAS = {
    "describe": _describe,
    "explain": _explain,
    "diff": _diff,
    "check": _check,
    "trace": _trace,
}
