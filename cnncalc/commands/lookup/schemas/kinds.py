"""The schema of each kind of layer: its arguments, or its primary one alone."""

from __future__ import annotations

from cnncalc.commands.lookup.schemas.forms import Schema
from cnncalc.layers import KINDS, Operation
from cnncalc.layers.arguments import OTHER_NAMES, Argument
from cnncalc.layers.merge import Merge
from cnncalc.layers.values import Type
from cnncalc.wording import fold, summary_of

# The strings that may be none or an expression, as far as a pattern can tell.
EXPRESSION = (
    r"^none$|\$|^[-+*/().\d\s]*\d\s*[-+*/][-+*/().\d\s]*$|^(divisible|max|min|floor|ceil|round)\b"
)


def kinds_as_keys(*, of_defaults: bool = False) -> Schema:
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


def schema_of_kind(cls: type[Operation]) -> Schema:
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
    "type": ["integer", "string"], "minimum": 0, "pattern": rf"^\d+$|{EXPRESSION}",
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
        "type": [*kind.json_types, *([] if declared.required else ["null"])],
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
        found["pattern"] = f"{own}|{EXPRESSION}"
    for keyword in ("minimum", "maximum"):
        if (bound := getattr(kind, keyword, None)) is not None:
            found[keyword] = bound
    return found


def _plain(value: object) -> object:
    """A default as it would be written; None where there is none."""
    if value == ((0, 0),):
        return 0
    return value if isinstance(value, (bool, int, float, str)) else None
