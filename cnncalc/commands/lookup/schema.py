"""JSON Schema of the language, out of the registries, for editors that complete and underline.

Draft 7, and an item is one object with all its possible keys rather than a choice of shapes, so
that an editor can say "property covn is not allowed" and complete the rest. What the schema cannot
say (volumes, expressions, names) is left to `cnncalc check`.
"""

from __future__ import annotations

import json

from cnncalc.commands.lookup.schemas.forms import Schema
from cnncalc.commands.lookup.schemas.kinds import EXPRESSION, kinds_as_keys, schema_of_kind
from cnncalc.language import networks  # noqa: F401 the composite `network`
from cnncalc.language.composites import COMPOSITES
from cnncalc.layers import KINDS
from cnncalc.layers.sizes import VOLUME
from cnncalc.layers.values import Flag
from cnncalc.quantities import QUANTITIES
from cnncalc.wording import summary_of

_BLOCK = "^[A-Z][A-Za-z0-9_-]*$"
_ITEMS = {"$ref": "#/definitions/items"}
_NAME = r"^(?!(prev|input|in)$)[A-Za-z_][A-Za-z0-9_-]{0,63}$"
_VAR = r"^(?!in$)[A-Za-z_][A-Za-z0-9_]{0,63}$"
_FLAG: Schema = {"type": ["boolean", "string"], "pattern": rf"{Flag.strings}|{EXPRESSION}"}
_VOLUME: Schema = {
    "description": "A volume, height x width x channels: 32x32x3.",
    "type": ["string", "integer", "array", "object"],
    "pattern": VOLUME,
    "minItems": 1,
    "maxItems": 4,
    "items": {"type": ["integer", "string"], "minimum": 1, "pattern": r"^[1-9]\d*$"},
    "dependencies": {
        "height": ["width", "channels"],
        "width": ["height", "channels"],
        "depth": ["height", "width", "channels"],
        "length": ["channels"],
    },
    "propertyNames": {"pattern": _NAME},
    "examples": ["28x28x1", "224x224x3"],
}
_META: dict[str, Schema] = {
    "name": {"description": "The name of this item.", "type": "string", "pattern": _NAME},
    "from": {
        "description": "The earlier item, or input, that this one reads; of custom also several.",
        "type": ["array", "string"],
        "minItems": 2,
        "items": {"type": "string"},
    },
    "repeat": {
        "description": "How many copies, one on top of the other.", "type": ["integer", "string"],
        "minimum": 0, "pattern": rf"^\d+$|{EXPRESSION}",
    },
    "each": {
        "description": "Once for every row of a table: columns, or rows by name.",
        "type": ["array", "object"],
        "items": {"type": "object"},
        "additionalProperties": {"type": ["array", "string"]},
    },
    "when": {"description": "Skip the item where this is false.", **_FLAG},
    "trainable": {"description": "false freezes the parameters.", **_FLAG, "default": True},
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
                "type": ["array", "string", "object"],
                "items": {"$ref": "#/definitions/item"},
                **_item_keys(),
            },
            "item": {"type": ["string", "object"], **_item_keys()},
            "expect": _expect(),
            **{cls.kind: schema_of_kind(cls) for cls in KINDS.values()},
        },
    }


def _top() -> dict[str, Schema]:
    """The keys of a spec."""
    return {
        "version": {"description": "The version of the language.", "enum": [1, "1"]},
        "name": {"description": "What the network is called.", "type": ["string", "number"]},
        "source": {"description": "Where the network is from.", "type": "string"},
        "against": {
            "description": "The .pt2, .keras or .onnx file of a model that has the same layers.",
            "type": "string",
        },
        "note": {"description": "A remark.", "type": "string"},
        "input": _VOLUME,
        "vars": {
            "description": "Constants of the network, used as $name.",
            "type": ["object", "null"],
            "propertyNames": {"pattern": _VAR},
        },
        "rounding": {
            "description": "What becomes of fractions in output sizes.",
            "enum": ["floor", "ceil", "exact"],
            "default": "floor",
        },
        "defaults": {
            "description": "Arguments of every layer of a kind.",
            "type": ["object", "null"],
            "additionalProperties": False,
            **kinds_as_keys(of_defaults=True),
        },
        "blocks": _blocks(),
        "layers": {
            "description": "Layers, one on top of the other.",
            "type": ["array", "string", "object"],
            "minItems": 1,
            "items": {"$ref": "#/definitions/item"},
            **_item_keys(),
        },
        "outputs": {
            "description": "The results, where they are not just the last item.",
            "type": ["array", "object", "string"],
            "items": {"type": "string"},
            "additionalProperties": {"type": "string"},
        },
        "expect": {"$ref": "#/definitions/expect"},
        "variants": _variants(),
    }  # fmt: skip


def _blocks() -> Schema:
    """Blocks by name."""
    block = {
        "args": {
            "description": "The names of the arguments, with their defaults.",
            "type": ["array", "object", "string"],
            "pattern": _VAR,
            "propertyNames": {"pattern": _VAR},
            "items": {
                "type": ["string", "object"],
                "pattern": _VAR,
                "propertyNames": {"pattern": _VAR},
            },
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
    }


def _variants() -> Schema:
    """Members of the family by name."""
    variant = {
        "vars": {"description": "Other values of the spec's vars.", "type": "object"},
        "input": _VOLUME,
        "expect": {"$ref": "#/definitions/expect"},
        "note": {"description": "A remark.", "type": "string"},
    }
    return {
        "description": "Members of a family.",
        "type": ["object", "null"],
        "propertyNames": {"pattern": r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$"},
        "additionalProperties": {
            "type": ["object", "null"],
            "additionalProperties": False,
            "properties": variant,
        },
    }


# What editors say instead of a pattern of ten thousand letters: VS Code and yaml-language-server
# know the first keyword, validators with ajv-errors the second.
_NO_KIND = "Neither a kind of layer nor the name of a block: cnncalc layers lists the kinds."


def _item_keys() -> Schema:
    """What an item may be: a word, or a mapping with a kind and keys beside it."""
    composites: dict[str, Schema] = {
        cls.kind: {"description": summary_of(cls), **_ITEMS_OF.get(cls.kind, _ITEMS)}
        for cls in COMPOSITES.values()
    }
    kinds = kinds_as_keys()
    return {
        "pattern": "|".join((_BLOCK, *kinds["patternProperties"])),
        "patternErrorMessage": _NO_KIND,
        "errorMessage": {"pattern": _NO_KIND},
        "additionalProperties": False,
        "properties": {**kinds["properties"], **composites, **_BESIDE, **_META},
        "patternProperties": {
            **kinds["patternProperties"],
            _BLOCK: {"description": "A call of a block."},
        },
    }


_ITEMS_OF: dict[str, Schema] = {
    "branches": {"type": ["array", "object"], "minItems": 2, "minProperties": 2},
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


def _expect() -> Schema:
    value: Schema = {"type": ["integer", "number", "string", "array", "object"]}
    names = {q.name: q.meaning for q in QUANTITIES.values()}
    names |= {alias: q.meaning for q in QUANTITIES.values() for alias in q.aliases}
    names |= {
        "input": "the input volume",
        "output": "the output volume",
        "values": "the numbers that a trace gives",
    }
    return {
        "description": "What must come out, here or, by the path of a layer, inside.",
        "type": "object",
        "properties": {name: {"description": text, **value} for name, text in names.items()},
        "additionalProperties": {"type": "object"},
    }
