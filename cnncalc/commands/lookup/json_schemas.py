"""JSON Schema (draft 7) of what commands write as JSON; cnncalc/schemas has the texts.

A key is described once for the sort of object that it belongs to (a network, a layer, a place in a
file), so that it means the same in every command. Every key is always there.
"""

from __future__ import annotations

import json

from cnncalc.commands.lookup.schema_forms import (
    TEXT,
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
)  # fmt: skip
from cnncalc.quantities import BITS_OF, BYTES_OF, QUANTITIES, STATES_OF, in_decimals


def render_schema(command: str) -> str:
    """The schema of a command's JSON as text."""
    return json.dumps(SCHEMAS[command](), indent=2, ensure_ascii=True) + "\n"


# Networks and layers.

_VOLUME: Schema = {"type": "array", "items": {"type": "integer", "minimum": 1}}
_NETWORK = {
    "name": text("The name in the spec, empty where there is none."),
    "source": text("Where the network is from, empty where the spec does not say."),
    "variant": or_null(text("The member of a family, null where it has no name of its own.")),
    "inputs": by_name("The volumes it reads, by name; channels come last.", _VOLUME),
    "outputs": by_name("The volumes it gives, by name; channels come last.", _VOLUME),
    "dtype": choice("The type of numbers that memory is counted for.", *BYTES_OF),
    "weight_dtype": choice("The type that the memory of parameters is counted for.", *BITS_OF),
    "optimizer": choice("The optimiser that training_memory is counted for.", *STATES_OF),
    "batch": count("The examples that memory is counted for.", 1),
    "training": flag("Whether what runs in training only is counted as well."),
}
_LAYER = {
    "path": text("Its name behind those of the groups around it, with dots: unique.", minLength=1),
    "level": count("How deep it stands; 1 is a line of the spec's layers.", 1),
    "kind": text("conv, max_pool, ...; of a group layers, residual or the name of a block."),
    "label": text("The kind with its most telling arguments: conv 5×5."),
    "group": flag("Whether it holds layers, which follow; totals do not count it again."),
    "line": count("The line of the spec.", 1),
    "inputs": list_of("What a layer reads: the paths of layers and the names of inputs.", TEXT),
    "input": list_of("The volumes it reads; channels come last.", _VOLUME),
    "output": or_null({"description": "The volume it gives; null if it gives none.", **_VOLUME}),
    "arguments": by_name("Its arguments with what defaults came to, by name.", {}),
    "pads": or_null(
        list_of(
            "What padding came to: the rows before and after along each axis; of a "
            "transposed_conv those it takes off. Null without a window.",
            {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2},
        )
    ),
    "only": or_null(text("training, where it does not run at inference.")),
    "shares": or_null(text("The path of the layer whose weights it uses, null for its own.")),
    "notes": list_of("What does not fit evenly.", TEXT),
    "summary": text("What its kind does, in a sentence."),
}


def _quantities() -> dict[str, Schema]:
    """Quantities of a layer, a group or a network; null where they make no sense."""
    keys = {name: or_null(_number(name)) for name in QUANTITIES}
    field = QUANTITIES["receptive_field"].meaning
    sizes = {"type": ["array", "object", "null"]}
    keys["receptive_field"] = {"description": f"{field}; by input if there are several.", **sizes}
    aligned = flag("Whether it is the same for all units; if not, it is that of the largest.")
    return {**keys, "receptive_field_aligned": or_null(aligned)}


def _number(name: str) -> Schema:
    number = count(f"{QUANTITIES[name].meaning}.")
    return {**number, "type": "number"} if in_decimals(name) else number


def _totals() -> dict[str, Schema]:
    return {name: count(f"{q.meaning}.") for name, q in QUANTITIES.items() if q.is_bounded}


def _describe() -> Schema:
    names = ("path", "level", "kind", "group", "line", "inputs", "input", "output", "arguments")
    layer = {
        **part(_LAYER, *names, "pads", "only", "shares"),
        **_quantities(),
        "notes": _LAYER["notes"],
    }
    network = {
        **_NETWORK,
        "layers": list_of("All layers and groups, in their order.", object_with("A layer.", layer)),
        "totals": object_with("Sums over the layers.", _quantities()),
    }
    networks = list_of("The networks, under each setting.", object_with("A network.", network))
    return document("describe", "Networks, with all that is counted.", {"networks": networks})


# explain


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
        "label": _LAYER["label"],
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


def _explain() -> Schema:
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
        **part(_LAYER, "path", "kind", "label", "line", "input", "output", "summary"),
        "short": _SHORT,
        "shared": text("What to know of a letter that several axes share."),
        "letters": list_of("The letters of its formulas.", object_with("A letter.", letter)),
        "sections": sections,
    }
    keys = {
        "name": _NETWORK["name"],
        **part(_NETWORK, "source", "variant"),
        "layers": list_of("The layers that are explained.", object_with("A layer.", layer)),
        "short": _SHORT,
        "sections": {**sections, "description": "The sums over several layers."},
    }
    size = object_with("A derivation.", _derivation())
    return document("explain", "How the numbers come about.", keys, derivation=size)


# diff


def _sides(both: Schema) -> dict[str, Schema]:
    return {"before": {**both, "description": "In A."}, "after": {**both, "description": "In B."}}


def _diff() -> Schema:
    network = or_null(
        object_with("", part(_NETWORK, "name", "source", "variant", "inputs", "outputs"))
    )
    names = ("path", "kind", "label", "group", "line", "inputs", "input", "output")
    counts = part(_quantities(), "parameters", "macs")
    element = or_null(object_with("", {**part(_LAYER, *names), **counts}))
    argument = object_with("An argument.", _sides({}))
    change = {
        "change": choice("What became of it.", "added", "removed", "changed"),
        "counted_above": flag("Whether a change of the group around it counts it already."),
        "reads_other": flag("Whether it reads another layer than before."),
        "remark": text("On copies: which of them changed so."),
        **_sides(element),
        "differences": by_name("The arguments that differ, by name.", argument),
    }
    total = {
        **_sides({"type": "integer"}),
        "difference": {"description": "after − before", "type": "integer"},
    }
    totals = {name: object_with(key["description"], total) for name, key in _totals().items()}
    compared = {
        **_sides(network),
        "changes": list_of(
            "What differs, in the order of the layers.", object_with("A change.", change)
        ),
        "totals": object_with("Sums over the layers.", totals),
    }
    spec = {
        "path": _FILE["path"],
        "was": text("The path before, another one if it was renamed."),
        "change": choice("What became of it.", "added", "removed", "renamed", "changed"),
        "trouble": text("Why it is not compared; empty where it is."),
        "networks": list_of(
            "Those of its networks that differ.", object_with("A network.", compared)
        ),
    }
    specs = {
        "revision": text("What the specs are compared with."),
        "specs": list_of("Those that differ, by path.", object_with("A spec.", spec)),
        "left": count("Files beyond the limit, which are not compared."),
    }
    two = document("diff", "What changed from network A to network B.", compared)
    many = document("diff", "What became of all specs since a revision.", specs)
    envelope = ("$schema", "$id", "title")
    forms = [{k: v for k, v in form.items() if k not in envelope} for form in (two, many)]
    return {**part(two, *envelope), "description": "What differs.", "anyOf": forms}


# check

_FILE = {
    "path": text(
        "Of the file: relative to the repository, else to the current folder; in full where it "
        "lies elsewhere. With /.",
        minLength=1,
    ),
    "status": choice(
        "problems: it has an error or a warning. unreadable: it could not be checked.",
        "ok", "problems", "unreadable",
    ),
    "name": _NETWORK["name"],
    "layers": count("Layers of all its networks."),
}  # fmt: skip
_PLACE = {
    "line": _LAYER["line"],
    "column": count("From 1, in code points.", 1),
    "end_line": count("The last line.", 1),
    "end_column": count("From 1, in code points; exclusive.", 1),
}
_RELATED = {"message": text("What is there."), **_PLACE}
_FIX = {
    "range": object_with("The stretch of the file that is replaced; it may be empty.", _PLACE),
    "text": text("What is written there instead."),
    "safe": flag("Whether nothing else can be meant: --fix makes it."),
}
_PROBLEM = {
    "code": text("Stable.", pattern="^CNN[0-9]{3}$"),
    "name": text("The code as words.", pattern="^[a-z]+(-[a-z]+)*$"),
    "severity": choice("How bad it is.", "error", "warning", "note"),
    "message": text("What is wrong.", minLength=1),
    "detail": text("The arithmetic, or the difference."),
    "help": text("What to do about it."),
    "path": _FILE["path"],
    **_PLACE,
    "layer": text("The path of the layer that it is about, empty where it is about none."),
    "expected": text("Of an expectation or budget, as written."),
    "actual": text("What was found instead."),
    "fix": or_null(object_with("An edit that mends it; null where none is known.", _FIX)),
    "related": list_of(
        "Other places in the file to do with it.", object_with("A place.", _RELATED)
    ),
}
_SUMMARY = {
    "files": count("Files that were checked."),
    "layers": count("Layers in all of them, each variant of a family for itself."),
    "errors": count("Problems of severity error."),
    "warnings": count("Problems of severity warning."),
    "notes": count("Problems of severity note."),
    "passed_over": count("Other YAML files in the folders, which are no specs."),
    "exit_code": choice("0: all is well. 1: problems. 2: something could not be checked.", 0, 1, 2),
    "unreadable": count("What should have been checked and could not be; each has an error."),
    "skipped": count("Folders of installed packages, in which nothing was looked for."),
    "ignored": count("Problems that comments in the files silence; they are not listed."),
    "fixable": count("Problems that --fix mends."),
    "excluded": count("Files in the folders that exclude leaves out."),
    "git_ignored": count("Specs in the folders that git ignores and does not track."),
}


def _check() -> Schema:
    totals = by_name(
        "Every quantity that budgets can hold, of the spec as written; empty where it cannot "
        "be built.",
        {"type": "integer", "minimum": 0},
    )
    keys = {
        "summary": object_with("The sums over all files.", _SUMMARY),
        "files": list_of(
            "Every file, by path.", object_with("A file.", {**_FILE, "totals": totals})
        ),
        "problems": list_of(
            "Every problem, by path and place.", object_with("A problem.", _PROBLEM)
        ),
    }
    return document("check", "What a run of cnncalc check found.", keys)


# trace

_VALUES: Schema = {"type": ["array", "number", "string", "null"]}


def _trace() -> Schema:
    number = {"type": ["number", "string", "null"]}
    volume = {
        **part(_LAYER, "path"),
        "kind": {**_LAYER["kind"], "description": "The kind of the layer; input for an input."},
        "line": or_null(_LAYER["line"]),
        "shape": {"description": "Its sizes; channels come last.", **_VOLUME},
        "exact": flag("Whether no number was rounded on the way."),
        "values": {"description": "Nested lists of numbers; null if not finite.", **_VALUES},
        "fractions": {"description": "The same as texts where some are no decimals.", **_VALUES},
    }
    piece = {
        "map": count("The map of the input, from 1.", 1),
        "window": {"description": "What lies under the filter; null is padding.", **_VALUES},
        "filter": {"description": "The filter's slice for this map.", **_VALUES},
        "products": {"description": "Window times filter.", **_VALUES},
    }
    step = {
        **part(_LAYER, "path"),
        "at": list_of("The place in the output, from 1.", {"type": "integer", "minimum": 1}),
        "map": count("The map of the output, from 1.", 1),
        "rule": text("How the parts become one number: products, mean or largest."),
        "rows": list_of("Along each axis the rows of the input, from 1; null is padding.", {}),
        "parts": list_of("A map of the input each.", object_with("A part.", piece)),
        "coefficient": {"description": "What the sum is multiplied by.", **number},
        "bias": {"description": "What is added.", **number},
        "before_activation": {"description": "The sum.", **number},
        "activation": or_null(text("The function after it.")),
        "result": {"description": "The number in the output.", **number},
    }
    network = {
        **part(_NETWORK, "name", "source", "variant"),
        "flip": flag("Whether filters were turned over."),
        "volumes": list_of("What is shown, in its order.", object_with("A volume.", volume)),
        "steps": list_of("The windows that are shown.", object_with("A step.", step)),
    }
    traces = list_of("A trace for each setting.", object_with("A network.", network))
    return document("trace", "The numbers inside networks.", {"traces": traces})


# solve


def _solve() -> Schema:
    input_size = count("The size of the input along an axis, W.", 1)
    even = flag("Whether it fits evenly: no row is left over, and no output padding is needed.")
    padding = {"type": "integer", "minimum": 0}
    window = {
        "input_size": input_size,
        "kernel": count("The kernel along an axis, F.", 1),
        "stride": count("The stride along an axis, S.", 1),
        "padding": list_of("The rows of padding before and after the input, P.", padding),
        "dilation": count("The dilation along an axis, d.", 1),
        "output_size": count("The size of the output along an axis, O.", 1),
        "even": even,
    }
    spans = {"type": "integer", "minimum": 1}
    layer = {
        **part(_LAYER, "kind", "label", "input", "output", "arguments"),
        "extent": list_of("The rows that a window spans along each axis: d(F − 1) + 1.", spans),
        **part(_quantities(), "weights", "macs"),
        "even": even,
    }
    size = {
        "input_size": input_size,
        **part(_LAYER, "output"),
        "even": even,
        "reason": text("Why the network refuses it, or the first layer that is not even."),
    }
    windows = object_with("A window along an axis.", window)
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
        "candidates": list_of(
            "The layers that lead there, the simplest first.", object_with("A layer.", layer)
        ),
        "blocked": list_of(
            "Sizes before and after, of two volumes, that no such window leads between.", _VOLUME
        ),
        "input_sizes": list_of("The sizes that were tried.", object_with("A size.", size)),
        "smallest_input": or_null(
            count(
                "The smallest input that a network accepts; null if above 1,000, or not asked for.",
                1,
            )
        ),
    }
    return document("solve", "What leads to a size or volume.", keys)


SCHEMAS = {
    "describe": _describe,
    "explain": _explain,
    "diff": _diff,
    "check": _check,
    "trace": _trace,
    "solve": _solve,
}
