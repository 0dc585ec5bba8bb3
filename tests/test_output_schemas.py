"""The JSON of every command by its JSON Schema: the package has it, and nothing is undescribed."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from running import Command, Compare

import cnncalc
from cnncalc.commands.lookup.json_schemas import SCHEMAS, render_schema
from cnncalc.render.formats import FORMATS

COMMITTED = Path(cnncalc.__file__).parent / "schemas"
CASES = Path(__file__).parent / "cases"
OK = sorted((CASES / "ok").glob("*.yaml"))


def closed(schema: Any) -> Any:
    """The schema, with every key that it does not describe refused."""
    if isinstance(schema, list):
        return list(map(closed, schema))
    if not isinstance(schema, dict):
        return schema
    found = {key: closed(value) for key, value in schema.items()}
    return {**found, "additionalProperties": False} if "properties" in schema else found


VALIDATORS = {name: Draft7Validator(closed(make())) for name, make in SCHEMAS.items()}


def faults(command: str, text: str) -> list[str]:
    found = VALIDATORS[command].iter_errors(json.loads(text))
    return [f"{'.'.join(map(str, e.absolute_path))}: {e.message[:300]}" for e in found]


def keys(schema: Any, of: str = "") -> Iterator[tuple[str, Any]]:
    """Every key that a schema describes, also in definitions."""
    if isinstance(schema, list):
        for part in schema:
            yield from keys(part, of)
    elif isinstance(schema, dict):
        yield from schema.get("properties", {}).items()
        for part in schema.values():
            yield from keys(part, of)


@pytest.mark.parametrize("command", SCHEMAS)
def test_committed_copy(command: str, compare: Compare) -> None:
    compare(COMMITTED / f"{command}.json", render_schema(command))


def test_every_command_that_writes_json_has_a_schema() -> None:
    assert sorted(SCHEMAS) == sorted(FORMATS["json"].writers)
    assert {path.stem for path in COMMITTED.glob("*.json")} == {*SCHEMAS, "spec"}


@pytest.mark.parametrize("command", SCHEMAS)
def test_is_a_schema_that_describes_every_key(command: str) -> None:
    schema = SCHEMAS[command]()
    Draft7Validator.check_schema(schema)
    found = list(keys(schema))
    assert len(found) > 20
    without = [name for name, part in found if not (part.get("description") or refers(part))]
    assert without == []


def refers(part: Any) -> bool:
    return "$ref" in part or any("$ref" in choice for choice in part.get("anyOf", ()))


# Keys that stand in objects of unlike sorts, and what they mean there.
HOMONYMS = {
    "name": "of a network, a letter, a derivation, a code, a program",
    "path": "of a layer; in check of a file, whose problems name the layer beside it",
    "kind": "of a layer; in trace also of an input",
    "inputs": "of a network its volumes, by name; of a layer the names of what it reads",
    "layers": "the layers themselves; in totals, files and the summary how many",
    "files": "the files themselves; in the summary how many",
    "notes": "of a layer; in the summary how many",
    "totals": "of a network; of the networks in a file",
    "sections": "of a layer; of all layers",
    "summary": "of what a kind does; of a run of check",
    "layer": "that a problem is about; that a step adds to the field",
    "message": "of a problem; of another place",
    "words": "of a derivation; of a step",
    "result": "of a derivation; of a window",
    "text": "of a step; of a fix",
    "networks": "those of describe; in diff those of a spec that differ",
    "steps": "of a derivation; of a trace",
    "map": "of the input; of the output",
}


def test_a_key_means_the_same_in_every_command() -> None:
    meanings = defaultdict(set)
    for make in SCHEMAS.values():
        for name, part in keys(make()):
            meanings[name].add(part.get("description", ""))
    several = {name for name, texts in meanings.items() if len(texts) > 1}
    assert several == set(HOMONYMS)


# What commands write.


@pytest.mark.parametrize("command", SCHEMAS)
def test_goldens_are_valid(command: str) -> None:
    text = (CASES / "formats" / f"{command}.json.txt").read_text("utf-8")
    assert faults(command, text) == []


@pytest.mark.parametrize("path", OK, ids=lambda path: path.stem)
def test_networks_are_valid(path: Path, run: Command) -> None:
    assert faults("describe", run("describe", path, "--format", "json").out) == []
    assert faults("explain", run("explain", path, "--format", "json").out) == []
    assert faults("diff", run("diff", path, "lenet", "--format", "json").out) == []


@pytest.mark.parametrize("quantity", ["output", "parameters", "receptive_field"])
def test_single_layers_are_valid(quantity: str, run: Command) -> None:
    assert faults("explain", run("explain", "lenet", "C1", quantity, "--format", "json").out) == []


@pytest.mark.parametrize("path", sorted(CASES.glob("trace/*.yaml")), ids=lambda path: path.stem)
def test_traces_are_valid(path: Path, run: Command) -> None:
    out = run("trace", path, "--format", "json").out
    assert not out or faults("trace", out) == []


def test_steps_of_traces_are_valid(run: Command) -> None:
    assert (
        faults("trace", run("trace", "trace-two-filters", "--steps", "--format", "json").out) == []
    )


def test_what_padding_same_came_to_is_in_the_description(run: Command, tmp_path: Path) -> None:
    """Per axis the rows before and after; the odd row goes after the input, as in Keras."""
    spec = tmp_path / "net.yaml"
    spec.write_text(
        "input: 6x5x1\nlayers:\n"
        "  - conv: {filters: 2, kernel: [2, 3], padding: same}\n"
        "  - relu\n"
        "  - transposed_conv: {filters: 1, kernel: 3, stride: 2, padding: 1}\n"
        "  - residual: [relu]\n",
        encoding="utf-8",
    )
    text = run("describe", str(spec), "--json").out
    assert faults("describe", text) == []
    layers = json.loads(text)["networks"][0]["layers"]
    assert [layer["pads"] for layer in layers[:3]] == [[[0, 1], [1, 1]], None, [[1, 1], [1, 1]]]
    assert [layer["arguments"].get("padding") for layer in layers[:1]] == ["same"]
    assert [layer["group"] for layer in layers[3:]].count(True) == 2
    assert all(layer["pads"] is None for layer in layers[3:])


def test_a_key_without_a_description_is_refused() -> None:
    document = json.loads((CASES / "formats" / "describe.json.txt").read_text("utf-8"))
    document["networks"][0]["layers"][0]["unheard"] = 1
    assert any("unheard" in fault for fault in faults("describe", json.dumps(document)))
