"""A spec beside models that the frameworks make here and now: check --against, assert_matches."""

import json
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import pytest
import torch
from running import Command
from test_frameworks import drawn
from torch import nn

import cnncalc
from cnncalc.exchange.recovery import spec_text

DOCS = Path(__file__).parents[2] / "docs"
SEEDS = range(12)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The project of docs/drift.md, as the current folder."""
    for name in ("mynet.py", "net.yaml"):
        shutil.copy(DOCS / "drift" / name, tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    sys.modules.pop("mynet", None)


def export(model: nn.Module, path: Path, *shape: int) -> None:
    torch.export.save(torch.export.export(model.eval(), (torch.zeros(shape),)), path)


# The page.


def test_the_files_of_the_page_are_those_of_its_code(project: Path) -> None:
    from mynet import make

    assert cnncalc.load(DOCS / "drift" / "net.pt2").parameters == sum(
        parameter.numel() for parameter in make().parameters()
    )
    cnncalc.assert_matches("net.yaml", make())
    cnncalc.assert_matches("net.yaml", DOCS / "drift" / "net.pt2")
    cnncalc.assert_matches("net.yaml", "mynet:make")


def test_the_tests_of_the_page_pass(project: Path) -> None:
    text = (DOCS / "drift.md").read_text(encoding="utf-8")
    (program,) = (block for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL))
    names: dict[str, Any] = {}
    exec(program, names)
    tests = [value for name, value in names.items() if name.startswith("test_")]
    assert len(tests) == 2
    for test in tests:
        test()


def test_what_is_changed_in_the_code_is_found(project: Path, run: Command) -> None:
    words = ("check", "net.yaml", "--against", "mynet:make")
    result = run(*words)
    assert (result.code, result.err.startswith("running mynet:make in ")) == (0, True)
    code = Path("mynet.py").read_text(encoding="utf-8")
    Path("mynet.py").write_text(code.replace("nn.MaxPool2d(2)", "nn.AvgPool2d(2)"))
    result = run(*words)
    assert result.code == 1
    assert (
        "error[CNN405]: max_pool1 (max_pool 2×2/2) is pool (avg_pool 2×2/2) in the code"
        in result.out
    )
    assert "net.yaml:17:5" in result.out
    Path("mynet.py").write_text(code.replace("return Net()", "return Net(blocks=5)"))
    result = run(*words)
    assert "the code has blocks.3 (Block, 7 layers) and blocks.4 (Block, 7 layers)" in result.out
    Path("mynet.py").write_text(code + "\n\nraise OSError('no disk')\n")
    result = run(*words)
    assert (result.code, "cannot import mynet: OSError: no disk" in result.out) == (2, True)


def test_a_function_is_a_side_of_diff_and_a_path_of_check(project: Path, run: Command) -> None:
    result = run("diff", "mynet:make", "net.yaml", "--input", "32x32x3")
    assert (result.code, "mynet:make → net.yaml" in result.out) == (0, True)
    result = run("check", "mynet:make", "--input", "32x32x3", "--max", "parameters=50k")
    assert (result.code, "56,938, over the budget of 50k" in result.out) == (1, True)
    assert run("import", "mynet:make", "--input", "32x32x3", "-o", "made.yaml").code == 0
    assert run("check", "made.yaml", "--against", "mynet:make").code == 0


# Drawn networks.


@pytest.mark.parametrize("seed", SEEDS)
def test_a_model_is_that_of_its_own_spec(seed: int, tmp_path: Path) -> None:
    """In memory, saved, and exported to ONNX with its batch norms folded away."""
    model, volume = drawn(seed, kinds=5)
    path = tmp_path / "net.yaml"
    path.write_text(spec_text(cnncalc.from_torch(model, volume)), encoding="utf-8")
    size, _, channels = map(int, volume.split("x"))
    cnncalc.assert_matches(path, model)
    cnncalc.assert_matches(path, model, input=(1, channels, size, size))
    export(model, tmp_path / "net.pt2", 1, channels, size, size)
    cnncalc.assert_matches(path, tmp_path / "net.pt2")
    value = torch.zeros(1, channels, size, size)
    torch.onnx.export(model.eval(), (value,), tmp_path / "net.onnx", dynamo=False)
    cnncalc.assert_matches(path, tmp_path / "net.onnx")
    tensors = {name: {"shape": [*tensor.shape]} for name, tensor in model.state_dict().items()}
    header = json.dumps(tensors).encode()
    weights = tmp_path / "net.safetensors"
    weights.write_bytes(len(header).to_bytes(8, "little") + header)
    cnncalc.assert_matches(path, weights)


@pytest.mark.parametrize("seed", SEEDS)
def test_one_change_of_a_model_is_one_difference(seed: int, tmp_path: Path) -> None:
    model, volume = drawn(seed, kinds=5)
    path = tmp_path / "net.yaml"
    path.write_text(spec_text(cnncalc.from_torch(model, volume)), encoding="utf-8")
    assert isinstance(model, nn.Sequential)
    last = model[-1]
    changes = [
        nn.Sequential(*model[:-1], nn.Linear(last.in_features, 11)),
        nn.Sequential(*model, nn.Linear(10, 10)),
        nn.Sequential(*model[:-1], nn.Linear(last.in_features, 7), nn.ReLU(), nn.Linear(7, 10)),
    ]
    for changed, code in zip(changes, ("CNN405", "CNN407", "CNN407"), strict=True):
        with pytest.raises(AssertionError) as failed:
            cnncalc.assert_matches(path, changed)
        assert re.findall(r"(?:error|warning)\[(\w+)\]", str(failed.value)) == [code]


def keras_model(filters: int = 8, last: int = 10) -> Any:
    layers = keras.layers
    start = keras.Input((32, 32, 3))
    x = layers.Conv2D(filters, 3, strides=2, padding="same", activation="relu")(start)
    x = layers.SeparableConv2D(12, 3, padding="same")(x)
    x = layers.BatchNormalization()(x)
    x = layers.Add()([x, layers.Conv2D(12, 1)(x)])
    x = layers.GlobalAveragePooling2D()(layers.Dropout(0.3)(x))
    return keras.Model(start, layers.Dense(last, activation="softmax")(x))


KERAS_SPEC = """\
input: 32x32x3
layers:
  - conv: {filters: 8, kernel: 3, stride: 2, padding: same}
  - relu
  - depthwise_conv: {kernel: 3, padding: 1, bias: false}
  - conv: {filters: 12, kernel: 1}
  - batch_norm
  - residual:
      - conv: {filters: 12, kernel: 1}
  - global_avg_pool
  - fc: 10
"""


def test_a_model_of_keras(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(KERAS_SPEC, encoding="utf-8")
    model = keras_model()
    cnncalc.assert_matches(path, model)
    cnncalc.assert_matches(path, model, input=(None, 32, 32, 3))
    cnncalc.assert_matches(path, model, input="48x48x3")
    model.save(tmp_path / "net.keras")
    cnncalc.assert_matches(path, tmp_path / "net.keras", input=(None, 32, 32, 3))
    for changed, message in {
        keras_model(filters=9): "conv1 has filters 8, in the code 9",
        keras_model(last=9): "fc1 has units 10, in the code 9",
    }.items():
        with pytest.raises(AssertionError, match=message) as failed:
            cnncalc.assert_matches(path, changed)
        assert str(failed.value).count("error[") == 1


def test_a_model_without_an_input_size_is_compared_on_that_of_the_spec(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text("input: 40x40x3\nlayers:\n  - conv: 4@3x3\n", encoding="utf-8")
    start = keras.Input((None, None, 3))
    cnncalc.assert_matches(path, keras.Model(start, keras.layers.Conv2D(4, 3)(start)))
    cnncalc.assert_matches(path, nn.Conv2d(3, 4, 3))
    with pytest.raises(AssertionError, match="cannot compare with torch"):
        cnncalc.assert_matches(path, nn.Conv2d(4, 4, 3))
