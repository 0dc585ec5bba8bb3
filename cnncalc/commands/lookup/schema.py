"""JSON Schema of the language, out of the registries, for editors that complete and underline.

Draft 7, and an item is one object with all its possible keys rather than a choice of shapes, so
that an editor can say "property covn is not allowed" and complete the rest. What the schema cannot
say (volumes, expressions, names) is left to `cnncalc check`.
"""

from __future__ import annotations

import json
from typing import Any

from cnncalc.language import networks  # noqa: F401 the composite `network`
from cnncalc.language.composites import COMPOSITES
from cnncalc.layers import KINDS, Operation
from cnncalc.layers.arguments import OTHER_NAMES, Argument, Type
from cnncalc.layers.merge import Merge
from cnncalc.quantities import QUANTITIES
from cnncalc.wording import fold, summary_of

Schema = dict[str, Any]

_BLOCK = "^[A-Z][A-Za-z0-9_-]*$"
_ITEMS = {"$ref": "#/definitions/items"}
_VOLUME: Schema = {
    "description": "A volume, height x width x channels: 32x32x3.",
    "type": ["string", "integer", "array", "object"],
}
_META: dict[str, Schema] = {
    "name": {"description": "The name of this item.", "type": "string"},
    "from": {"description": "The earlier item, or input, that this one reads.", "type": "string"},
    "repeat": {
        "description": "How many copies, one on top of the other.", "type": ["integer", "string"],
    },
    "each": {
        "description": "Once for every row of a table: columns, or rows by name.",
        "type": ["array", "object"],
        "items": {"type": "object"},
        "additionalProperties": {"type": ["array", "string"]},
    },
    "when": {
        "description": "Skip the item where this is false.", "type": ["boolean", "string"],
    },
    "trainable": {
        "description": "false freezes the parameters.", "type": ["boolean", "string"],
    },
    "only": {
        "description": "training: an auxiliary head, which does not run at inference.",
        "enum": ["training"],
    },
    "expect": {"$ref": "#/definitions/expect"},
    "note": {"description": "A remark.", "type": "string"},
}  # fmt: skip


def render_schema() -> str:
    """The schema as text, the same for the same version of cnncalc."""
    return json.dumps(spec_schema(), indent=2, ensure_ascii=True) + "\n"


def spec_schema() -> Schema:
    """JSON Schema (draft 7) of a whole spec."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": "urn:cnncalc:spec:1",
        "title": "cnncalc architecture spec",
        "description": "A convolutional network; cnncalc works out every volume and count.",
        "type": "object",
        "required": ["input", "layers"],
        "additionalProperties": False,
        "properties": _top(),
        "definitions": {
            "items": {
                "description": "Layers, one on top of the other.",
                "type": ["array", "string", "object", "null"],
                "items": {"$ref": "#/definitions/item"},
                **_item_keys(),
            },
            "item": {"type": ["string", "object"], **_item_keys()},
            "expect": _expect(),
            **{cls.kind: _kind(cls) for cls in KINDS.values()},
        },
    }


def _top() -> dict[str, Schema]:
    variant = {
        "vars": {"description": "Other values of the spec's vars.", "type": "object"},
        "input": _VOLUME,
        "expect": {"$ref": "#/definitions/expect"},
        "note": {"description": "A remark.", "type": "string"},
    }
    block = {
        "args": {
            "description": "The names of the arguments, with their defaults.",
            "type": ["array", "object", "string"],
        },
        "layers": _ITEMS,
        "outputs": {
            "description": "What Call.label means, by label; the first is handed on.",
            "type": "object",
            "additionalProperties": {"type": "string"},
        },
        "note": {"description": "A remark.", "type": "string"},
    }
    return {
        "version": {"description": "The version of the language.", "enum": [1, "1"]},
        "name": {"description": "What the network is called.", "type": ["string", "number"]},
        "source": {"description": "Where the network is from.", "type": "string"},
        "note": {"description": "A remark.", "type": "string"},
        "input": _VOLUME,
        "vars": {"description": "Constants of the network, used as $name.", "type": "object"},
        "rounding": {
            "description": "What becomes of fractions in output sizes.",
            "enum": ["floor", "ceil", "exact"],
        },
        "defaults": {
            "description": "Arguments of every layer of a kind.",
            "type": "object",
            "additionalProperties": False,
            **_kinds(),
        },
        "blocks": {
            "description": "Layers under a capitalised name, to be used as an item.",
            "type": "object",
            "additionalProperties": False,
            "patternProperties": {
                _BLOCK: {
                    "type": ["array", "object", "string"],
                    "items": {"$ref": "#/definitions/item"},
                    "properties": {**_item_keys()["properties"], **block},
                }
            },
        },
        "layers": _ITEMS,
        "outputs": {
            "description": "The results, where they are not just the last item.",
            "type": ["array", "object", "string"],
        },
        "expect": {"$ref": "#/definitions/expect"},
        "variants": {
            "description": "Members of a family.",
            "type": "object",
            "additionalProperties": {
                "type": ["object", "null"], "additionalProperties": False, "properties": variant,
            },
        },
    }  # fmt: skip


def _item_keys() -> Schema:
    """What an item may be: a word, or a mapping with a kind and keys beside it."""
    composites: dict[str, Schema] = {
        cls.kind: {"description": summary_of(cls), **_ITEMS_OF.get(cls.kind, _ITEMS)}
        for cls in COMPOSITES.values()
    }
    kinds = _kinds()
    return {
        "pattern": "|".join((_BLOCK, *kinds["patternProperties"])),
        "additionalProperties": False,
        "properties": {**kinds["properties"], **composites, **_BESIDE, **_META},
        "patternProperties": {
            **kinds["patternProperties"],
            _BLOCK: {"description": "A call of a block."},
        },
    }


def _kinds() -> Schema:
    """Kinds as keys: by their canonical names, which an editor offers, and by all others."""
    references = {cls: {"$ref": f"#/definitions/{cls.kind}"} for cls in KINDS.values()}
    return {
        "properties": {cls.kind: reference for cls, reference in references.items()},
        "patternProperties": {_any_name(cls): ref for cls, ref in references.items()},
    }


def _any_name(cls: type[Operation]) -> str:
    """All names of a kind as they may be written: in any case, with spaces, _ or - between."""
    dimension = "" if cls.rank[1] == 0 else "([ _-]*[123][dD])?"
    names = "|".join(map(_any_case, (cls.kind, *cls.aliases)))
    return f"^({names}){dimension}$"


def _any_case(name: str) -> str:
    letters = (f"[{c}{c.upper()}]" if c.isalpha() else c for c in fold(name))
    return "[ _-]*".join(letters)


_ITEMS_OF: dict[str, Schema] = {
    "branches": {"type": ["array", "object"]},
    "reuse": {"type": "string"},
    "network": {
        "type": ["string", "object"],
        "required": ["spec"],
        "additionalProperties": False,
        "properties": {
            "spec": {"description": "A bundled network, or ./file.yaml.", "type": "string"},
            "to": {"description": "The last item that is taken in.", "type": "string"},
            "vars": {"description": "Other values of its vars.", "type": "object"},
            "defaults": {"description": "Arguments above its own defaults.", "type": "object"},
            "rounding": {
                "description": "What becomes of fractions in it.",
                "enum": ["floor", "ceil", "exact"],
            },
            "variant": {"description": "A member of its family.", "type": "string"},
        },
    },
}
_BESIDE: dict[str, Schema] = {
    "shortcut": {
        "description": "The other way round a residual: items, true, or a condition.",
        "type": ["array", "object", "boolean", "string"],
    },
    "merge": {
        "description": "How branches come together.",
        "enum": ["concat", "add", "multiply", "average", "maximum"],
    },
}


def _kind(cls: type[Operation]) -> Schema:
    """The value beside a kind: its arguments by name, or the primary one alone."""
    if issubclass(cls, Merge):
        sources = {"type": "array", "items": {"type": "string"}}
        keys = _arguments(cls)
        keys["properties"]["from"] = {"description": "What is merged.", **sources}
        return {"description": summary_of(cls), "type": ["array", "object", "string"], **keys}
    types = {"object", "null"} if cls.arguments else {"null"}
    keys = _arguments(cls)
    if cls.primary is not None:
        primary = cls.arguments[cls.primary].type
        types |= set(primary.json_types)
        for side in getattr(primary, "sides", ()):  # crop: {top: 2}
            keys["properties"][side] = {
                "description": f"Rows at the {side}.",
                "type": ["integer", "string"],
            }
    return {"description": summary_of(cls), "type": sorted(types), **keys}


def _arguments(cls: type[Operation]) -> Schema:
    properties = {
        other: _argument(declared, name)
        for name, declared in cls.arguments.items()
        for other in (name, *OTHER_NAMES.get(name, ()))
        if other == name or other not in cls.arguments
    }
    if "rounding" in cls.arguments:
        properties["ceil_mode"] = {"description": "rounding: ceil", "type": "boolean"}
    return {"additionalProperties": False, "properties": properties}


def _argument(declared: Argument, name: str) -> Schema:
    kind: Type = declared.type
    schema: Schema = {
        "description": f"{declared.meaning}: {kind.expects}",
        "type": list(kind.json_types),
    }
    if kind.words:
        schema["pattern"] = f"^({'|'.join(kind.words)}|.*\\$.*)$"
    minimum = getattr(kind, "minimum", None)
    if minimum is not None:
        schema["minimum"] = minimum
    return schema


def _expect() -> Schema:
    value: Schema = {"type": ["integer", "number", "string", "array", "object"]}
    names = {q.name: q.meaning for q in QUANTITIES.values()}
    names |= {alias: q.meaning for q in QUANTITIES.values() for alias in q.aliases}
    names |= {
        "input": "the input volume",
        "output": "the output volume",
        "layers": "the number of layers",
        "weight_layers": "the layers with weights on the longest way through",
        "values": "the numbers that a trace gives",
    }
    return {
        "description": "What must come out, here or, by the path of a layer, inside.",
        "type": "object",
        "properties": {name: {"description": text, **value} for name, text in names.items()},
        "additionalProperties": {"type": "object"},
    }
