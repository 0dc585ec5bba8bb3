"""The JSON Schema: the committed copy is the generated one, takes good specs, refuses slips."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

import cnncalc
from cnncalc.commands.lookup.schema import render_schema, spec_schema
from cnncalc.language import bundled

COMMITTED = Path(cnncalc.__file__).parent / "schemas" / "spec.json"
OK = sorted((Path(__file__).parent / "cases" / "ok").glob("*.yaml"))


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft7Validator:
    return jsonschema.Draft7Validator(spec_schema())


def plain(path: str | Path) -> Any:
    """A spec as an editor's YAML reader sees it."""
    return json.loads(json.dumps(yaml.safe_load(Path(path).read_text("utf-8"))))


def test_is_a_schema() -> None:
    jsonschema.Draft7Validator.check_schema(spec_schema())


def test_committed_copy(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update"):
        COMMITTED.write_text(render_schema(), "utf-8")
    assert COMMITTED.read_text("utf-8") == render_schema()


@pytest.mark.parametrize("path", [*bundled.files(), *OK], ids=bundled.stem)
def test_accepts(path: str | Path, validator: jsonschema.Draft7Validator) -> None:
    errors = [
        f"{list(e.absolute_path)}: {e.message[:200]}" for e in validator.iter_errors(plain(path))
    ]
    assert errors == []


CONV = {"conv": {"filters": 6, "kernel": 5}}
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "kind": ({"layers": [{"covn": {"filters": 6}}]}, "'covn'"),
    "kind alone": ({"layers": ["rellu"]}, "'rellu' does not match"),
    "argument": ({"layers": [{"conv": {"filters": 6, "kernal": 5}}]}, "'kernal'"),
    "meta key": ({"layers": [{**CONV, "nmae": "C1"}]}, "'nmae'"),
    "top-level key": ({"layers": [CONV], "expct": {}}, "'expct'"),
    "inside a residual": ({"layers": [{"residual": [{"covn": 3}]}]}, "'covn'"),
    "inside a block": ({"layers": [CONV], "blocks": {"B": [{"covn": 3}]}}, "'covn'"),
    "word": ({"layers": [{"conv": {"rounding": "up"}}]}, "'up' does not match"),
    "number": ({"layers": [{"fc": 0.5}]}, "0.5 is not of type"),
    "minimum": ({"layers": [{"conv": {"filters": 0}}]}, "0 is less than the minimum"),
    "no layers": ({}, "'layers' is a required property"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refuses(name: str, validator: jsonschema.Draft7Validator) -> None:
    spec, message = REFUSED[name]
    errors = [error.message for error in validator.iter_errors({"input": "32x32x3", **spec})]
    assert any(message in error for error in errors), errors


def test_every_key_is_described() -> None:
    def walk(schema: Any, path: str) -> list[str]:
        missing = []
        for key, value in schema.get("properties", {}).items():
            if "description" not in value and "$ref" not in value:
                missing.append(f"{path}.{key}")
            missing += walk(value, f"{path}.{key}")
        return missing

    schema = spec_schema()
    parts = {"": schema, **schema["definitions"]}
    assert [key for name, part in parts.items() for key in walk(part, name)] == []
