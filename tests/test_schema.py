"""The JSON Schema: the committed copy is the generated one, takes good specs, refuses slips."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from running import Compare

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


def test_committed_copy(compare: Compare) -> None:
    compare(COMMITTED, render_schema())


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
    "word": ({"layers": [{"conv": {"rounding": "up"}}]}, "'up' is not valid under any"),
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


# Cases of mistakes that a validator finds, of those that tests/cases/bad has.

BAD = sorted((Path(__file__).parent / "cases" / "bad").glob("*.yaml"))


def test_many_mistakes_are_underlined(validator: jsonschema.Draft7Validator) -> None:
    found = 0
    for path in BAD:
        try:
            spec = json.loads(json.dumps(yaml.safe_load(path.read_text("utf-8")), default=str))
        except (yaml.YAMLError, ValueError):
            found += 1
        else:
            found += not validator.is_valid(spec)
    assert found >= 260


def test_a_misspelt_kind_gets_a_short_message(validator: jsonschema.Draft7Validator) -> None:
    """VS Code and yaml-language-server say patternErrorMessage in the place of the pattern."""
    (error,) = validator.iter_errors({"input": "8x8x1", "layers": ["rellu"]})
    assert error.validator == "pattern"
    assert error.schema["patternErrorMessage"] == (
        "Neither a kind of layer nor the name of a block: cnncalc layers lists the kinds."
    )


def test_canonical_names_come_before_others() -> None:
    """An editor offers properties in their order, and none that says doNotSuggest."""
    properties = spec_schema()["definitions"]["conv"]["properties"]
    offered = [name for name, schema in properties.items() if not schema.get("doNotSuggest")]
    assert offered == list(cnncalc.layers.KINDS["conv"].arguments)
    assert list(properties)[: len(offered)] == offered
    assert {"kernel_size", "out_channels", "K"} <= set(properties) - set(offered)


def test_defaults_and_words_are_offered() -> None:
    properties = spec_schema()["definitions"]["conv"]["properties"]
    defaults = {n: s["default"] for n, s in properties.items() if "default" in s and len(n) > 1}
    assert defaults.items() >= {"stride": 1, "padding": 0, "bias": True, "groups": 1}.items()
    assert {"valid", "same", "full", "causal"} == set(properties["padding"]["anyOf"][0]["enum"])
    assert {"relu", "tanh", "none"} <= set(properties["activation"]["anyOf"][0]["enum"])


GOOD = {
    "an expression": {"fc": "2*$w + (3 - 1)"},
    "a function": {"fc": "max($w, 3)"},
    "a constant expression": {"fc": "(4 + 2) * 3"},
    "sizes": {"max_pool": {"kernel": "3 x 5", "stride": [1, "$s"]}},
    "a word in other case": {"conv": {"K": 3, "F": 3, "padding": "Same", "activation": "ReLU"}},
    "sides": {"conv": {"K": 3, "F": 3, "padding": {"top": 1, "left": "$p"}}},
    "pairs": {"conv": {"K": 3, "F": 3, "padding": [[1, 2], 3]}},
    "a comparison": {"relu": None, "when": "$depth > 3 and not $small"},
    "shorthand": {"conv": "6@5x5"},
    "nothing, which is none": {"conv": {"K": 3, "F": 3, "stride": None, "activation": None}},
}


@pytest.mark.parametrize("name", GOOD)
def test_accepts_what_is_good(name: str, validator: jsonschema.Draft7Validator) -> None:
    spec = {"input": "32x32x3", "layers": [GOOD[name]]}
    assert [error.message for error in validator.iter_errors(spec)] == []


def test_the_entry_for_schemastore() -> None:
    """It names the files that call themselves specs, and the schema that the package has."""
    path = Path(__file__).parent.parent / "docs" / "schemastore.json"
    entry = json.loads(path.read_text("utf-8"))
    assert set(entry) == {"name", "description", "fileMatch", "url"}
    assert entry["fileMatch"] == ["*.cnn.yaml", "*.cnn.yml"]
    assert entry["url"].endswith("/main/cnncalc/schemas/spec.json")
