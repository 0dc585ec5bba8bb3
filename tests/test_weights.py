"""check --against weights.safetensors: layers and modules by their numbers of parameters."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from running import Command

import cnncalc

SPEC = """\
name: net
input: 16x16x3
layers:
  - conv: {filters: 8, kernel: 3, padding: 1, bias: false}
  - batch_norm
  - relu
  - separable_conv: {filters: 12, kernel: 3}
  - flatten
  - fc: 10
"""
TENSORS = {
    "conv.weight": [8, 3, 3, 3], "norm.weight": [8], "norm.bias": [8], "norm.running_mean": [8],
    "norm.running_var": [8], "norm.num_batches_tracked": [], "deep.weight": [8, 1, 3, 3],
    "point.weight": [12, 8, 1, 1], "point.bias": [12], "head.weight": [10, 2352],
    "head.bias": [10],
}  # fmt: skip


@pytest.fixture(autouse=True)
def here(here: Path) -> Path:
    (here / "net.yaml").write_text(SPEC, encoding="utf-8")
    return here


def save(tensors: dict[str, Any], name: str = "net.safetensors") -> None:
    header = {key: {"dtype": "F32", "shape": shape} for key, shape in tensors.items()}
    data = json.dumps({"__metadata__": {"format": "pt"}, **header}).encode()
    Path(name).write_bytes(len(data).to_bytes(8, "little") + data)


def test_the_weights_of_a_spec(run: Command) -> None:
    save(TENSORS)
    result = run("check", "net.yaml", "--against", "net.safetensors", "-v")
    assert result.code == 0
    note = "note: net.safetensors holds no layers: their numbers of parameters are compared"
    assert result.err.startswith(note)
    assert "6 layers as in net.safetensors" in result.out
    cnncalc.assert_matches("net.yaml", "net.safetensors")


def test_a_layer_without_a_module_and_a_module_without_a_layer(run: Command) -> None:
    save({**TENSORS, "conv.weight": [9, 3, 3, 3], "more.weight": [5, 5]})
    result = run("check", "net.yaml", "--against", "net.safetensors", "--format", "concise")
    assert result.code == 1
    first, second, _ = result.out.splitlines()
    assert first == (
        "net.yaml:1:1: error[CNN407]: no layer has the numbers of conv (243 parameters) and more "
        "(25 parameters)"
    )
    assert second == (
        "net.yaml:4:5: error[CNN406]: no module has the 216 parameters of conv1 (conv 3×3 pad 1)"
    )


def test_modules_of_one_module_may_be_one_layer(run: Command) -> None:
    spec = "input: 16x8\nlayers:\n  - attention: {heads: 2}\n"
    Path("net.yaml").write_text(spec, encoding="utf-8")
    number = cnncalc.load("net.yaml").parameters
    save({"a.in_proj_weight": [24, 8], "a.in_proj_bias": [24], "a.out.weight": [8, 8],
          "a.out.bias": [8]})  # fmt: skip
    assert number == 24 * 8 + 24 + 8 * 8 + 8
    assert run("check", "net.yaml", "--against", "net.safetensors").code == 0


def bad_files() -> list[tuple[bytes, str]]:
    def framed(data: bytes) -> bytes:
        return len(data).to_bytes(8, "little") + data

    return [
        (b"", "is not a whole safetensors file"),
        (b"hello", "is not a whole safetensors file"),
        ((10**12).to_bytes(8, "little"), "is larger than 16,777,216 bytes"),
        ((100).to_bytes(8, "little") + b"{}", "is not a whole safetensors file"),
        (framed(b"[1]"), "is not a whole safetensors file"),
        (framed(b"[" * 100_000), "is not a whole safetensors file"),
        (framed(b'{"a": 3}'), "is not a whole safetensors file"),
        (framed(b'{"a": {"shape": ["x"]}}'), "is not a whole safetensors file"),
        (framed(b'{"a": {"shape": [-4]}}'), "is not a whole safetensors file"),
        (framed(b'{"a": {"shape": [' + b"9," * 500_000 + b"9]}}"), "is not a whole safetensors"),
        (framed(b'{"a": {"shape": [1e400]}}'), "is not a whole safetensors file"),
        (framed(b'{"__metadata__": {}}'), "holds no tensors"),
    ]


@pytest.mark.parametrize(("data", "message"), bad_files())
def test_a_bad_file_is_a_clear_error(data: bytes, message: str, run: Command) -> None:
    Path("net.safetensors").write_bytes(data)
    result = run("check", "net.yaml", "--against", "net.safetensors")
    assert (result.code, message in result.out) == (2, True)


def test_a_file_does_not_name_weights(run: Command) -> None:
    Path("net.yaml").write_text(f"{SPEC}against: net.safetensors\n", encoding="utf-8")
    assert "against takes a .pt2, .keras or .onnx file" in run("check", "net.yaml").out
