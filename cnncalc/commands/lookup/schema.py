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
from cnncalc.layers.arguments import OTHER_NAMES, Argument
from cnncalc.layers.merge import Merge
from cnncalc.layers.sizes import VOLUME
from cnncalc.layers.values import Flag, Type
from cnncalc.quantities import QUANTITIES
from cnncalc.wording import fold, summary_of

Schema = dict[str, Any]

_BLOCK = "^[A-Z][A-Za-z0-9_-]*$"
_ITEMS = {"$ref": "#/definitions/items"}
# The strings that may be none or an expression, as far as a pattern can tell.
_EXPRESSION = (
    r"^none$|\$|^[-+*/().\d\s]*\d\s*[-+*/][-+*/().\d\s]*$|^(divisible|max|min|floor|ceil|round)\b"
)
_NAME = r"^(?!(prev|input|in)$)[A-Za-z_][A-Za-z0-9_-]{0,63}$"
_VAR = r"^(?!in$)[A-Za-z_][A-Za-z0-9_]{0,63}$"
_FLAG: Schema = {"type": ["boolean", "string"], "pattern": rf"{Flag.strings}|{_EXPRESSION}"}
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
        "minimum": 0, "pattern": rf"^\d+$|{_EXPRESSION}",
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
        "version": {"description": "The version of the language.", "enum": [1, "1"]},
        "name": {"description": "What the network is called.", "type": ["string", "number"]},
        "source": {"description": "Where the network is from.", "type": "string"},
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
            **_kinds(of_defaults=True),
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
        "variants": {
            "description": "Members of a family.",
            "type": ["object", "null"],
            "propertyNames": {"pattern": r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$"},
            "additionalProperties": {
                "type": ["object", "null"], "additionalProperties": False, "properties": variant,
            },
        },
    }  # fmt: skip


# What editors say instead of a pattern of ten thousand letters: VS Code and yaml-language-server
# know the first keyword, validators with ajv-errors the second.
_NO_KIND = "Neither a kind of layer nor the name of a block: cnncalc layers lists the kinds."


def _item_keys() -> Schema:
    """What an item may be: a word, or a mapping with a kind and keys beside it."""
    composites: dict[str, Schema] = {
        cls.kind: {"description": summary_of(cls), **_ITEMS_OF.get(cls.kind, _ITEMS)}
        for cls in COMPOSITES.values()
    }
    kinds = _kinds()
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


def _kinds(*, of_defaults: bool = False) -> Schema:
    """Kinds as keys: by their canonical names, which an editor offers, and by all others."""
    references: dict[type[Operation], Schema] = {
        cls: {"$ref": f"#/definitions/{cls.kind}"} for cls in KINDS.values()
    }
    if of_defaults:
        references = {
            cls: {
                "description": f"Arguments of every {cls.kind}.",
                "allOf": [ref, {"type": ["object", "null"]}],
            }
            for cls, ref in references.items()
        }
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


def _kind(cls: type[Operation]) -> Schema:
    """The value beside a kind: its arguments by name, or the primary one alone."""
    keys = _arguments(cls)
    about = {"description": summary_of(cls)}
    if issubclass(cls, Merge):
        sources = {"minItems": 2, "items": {"type": "string"}}
        keys["properties"]["from"] = {
            "description": "What is merged.", "type": ["array", "string"], **sources,
        }  # fmt: skip
        return {**about, "type": ["array", "object", "string"], **sources, **keys}
    types = {"object", "null"} if cls.arguments else {"null"}
    if cls.primary is not None:
        primary = cls.arguments[cls.primary].type
        types |= set(primary.json_types)
        about |= _limits(primary, _SHORTHAND if cls.shorthand("6@5x5") else "")
        for side in getattr(primary, "sides", ()):  # crop: {top: 2}
            keys["properties"][side] = _SIDE | {"description": f"Rows at the {side}."}
    return {**about, "type": sorted(types), **keys}


_SHORTHAND = r"^(\d+|\$\w+) *@"
_SIDE: Schema = {
    "type": ["integer", "string"], "minimum": 0, "pattern": rf"^\d+$|{_EXPRESSION}",
}  # fmt: skip


def _arguments(cls: type[Operation]) -> Schema:
    """The arguments; their other names come after all that an editor offers."""
    own = {name: _argument(declared, name) for name, declared in cls.arguments.items()}
    others = {
        other: {
            "description": f"The same as {name}.",
            "doNotSuggest": True,
            "allOf": [{"$ref": f"#/definitions/{cls.kind}/properties/{name}"}],
        }
        for name in cls.arguments
        for other in OTHER_NAMES.get(name, ())
        if other not in cls.arguments
    }
    for name in cls.uncounted:
        others[name] = {"description": "Changes nothing that is counted.", "doNotSuggest": True}
    if "rounding" in cls.arguments:
        others["ceil_mode"] = {
            "description": "rounding: ceil", "type": "boolean", "doNotSuggest": True,
        }  # fmt: skip
    return {"additionalProperties": False, "properties": own | others}


def _argument(declared: Argument, name: str) -> Schema:
    kind: Type = declared.type
    schema: Schema = {
        "description": f"{declared.meaning}: {kind.expects}",
        "type": list(kind.json_types),
        **_limits(kind),
    }
    if kind.sides:
        sides = {side: _SIDE | {"description": f"Rows at the {side}."} for side in kind.sides}
        schema |= {"additionalProperties": False, "properties": sides}
    default = _plain(declared.default)
    if default is not None:
        schema["default"] = default
    if kind.words:
        # An editor completes the words, and a validator takes them in any case, and expressions.
        others = {
            key: schema.pop(key) for key in list(schema) if key not in ("description", "default")
        }
        schema["anyOf"] = [{"enum": list(kind.words)}, others]
    return schema


def _limits(kind: Type, *patterns: str) -> Schema:
    """What a value has to be like, type by type."""
    found = dict(kind.json_more)
    words = f"^({'|'.join(map(_any_case, kind.words))})$" if kind.words else ""
    own = "|".join(filter(None, (kind.strings, words, *patterns)))
    if own:
        found["pattern"] = f"{own}|{_EXPRESSION}"
    for keyword in ("minimum", "maximum"):
        if (bound := getattr(kind, keyword, None)) is not None:
            found[keyword] = bound
    return found


def _plain(value: object) -> object:
    """A default as it would be written; None where there is none."""
    if value == ((0, 0),):
        return 0
    return value if isinstance(value, (bool, int, float, str)) else None


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
