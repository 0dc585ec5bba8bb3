"""The forms that a JSON Schema (draft 7) of a command's output is made of."""

from __future__ import annotations

from typing import Any

from cnncalc.render.json import SCHEMA_VERSION

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}


def text(description: str, **more: object) -> Schema:
    """A text."""
    return {"description": description, "type": "string", **more}


def count(description: str, least: int = 0) -> Schema:
    """A whole number."""
    return {"description": description, "type": "integer", "minimum": least}


def flag(description: str) -> Schema:
    """true or false."""
    return {"description": description, "type": "boolean"}


def choice(description: str, *values: object) -> Schema:
    """One of these values."""
    return {"description": description, "enum": list(values)}


def list_of(description: str, items: Schema) -> Schema:
    """A list."""
    return {"description": description, "type": "array", "items": items}


def by_name(description: str, values: Schema) -> Schema:
    """An object whose keys are names."""
    return {"description": description, "type": "object", "additionalProperties": values}


def object_with(description: str, keys: dict[str, Schema], **more: object) -> Schema:
    """An object that has all of these keys."""
    return {
        "description": description,
        "type": "object",
        "required": list(keys),
        "properties": keys,
        **more,
    }


def or_null(schema: Schema) -> Schema:
    """The same, or null."""
    return {**schema, "type": [schema["type"], "null"]}


def part(keys: dict[str, Schema], *names: str) -> dict[str, Schema]:
    """Some of the keys that a sort of object has."""
    return {name: keys[name] for name in names}


def document(command: str, about: str, keys: dict[str, Schema], **definitions: Schema) -> Schema:
    """The envelope of a command's JSON, with its own keys."""
    tool = {
        "name": choice("Always cnncalc.", "cnncalc"),
        "version": text("The version of cnncalc."),
    }
    envelope = {
        "schema_version": choice("The version of this form.", SCHEMA_VERSION),
        "tool": object_with("What wrote this.", tool),
    }
    description = f"{about} Within a schema_version it only grows: pass over keys you do not know."
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": f"urn:cnncalc:{command}:{SCHEMA_VERSION}",
        "title": f"cnncalc {command} --format json",
        **object_with(description, envelope | keys),
        **({"definitions": definitions} if definitions else {}),
    }
