"""PyTorch code of specs, without PyTorch: what it looks like, and that it is Python.

tests/frameworks builds the networks. `pytest --update` writes the code of tests/exchange/code anew.
"""

import ast
import functools
import json
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from running import Command, Compare
from strategies import repeating, spec, tabled

import cnncalc
from cnncalc import api
from cnncalc.exchange.export.pytorch import written
from cnncalc.exchange.export.pytorch.known import LOCAL
from cnncalc.exchange.export.record import recorded
from cnncalc.exchange.export.targets import NotExported
from cnncalc.language.bundled import all_names
from cnncalc.network.build import build

CODE = Path(__file__).parent / "code"
STATED = {"cbam_resnet50", "coatnet_0"}  # with a custom layer
NAMES = sorted({*all_names()} - STATED)
SHOWN = (
    "lenet-1998", "alexnet", "vgg16", "resnet50", "resnet34", "mobilenet_v2", "inception_v3",
    "densenet121", "unet", "yolov3", "convnext_tiny", "vit_b_16", "siamese", "googlenet_aux",
    "efficientnet_b1", "resnet50_fpn",
)  # fmt: skip


def exported(text: str, **options: object) -> tuple[str, dict[str, str]]:
    """The code of a spec's text, and the module of each layer."""
    return written(*recorded(functools.partial(build, cnncalc.read_text(text), **options)))


def code_of(name: str) -> str:
    read, variant = api.find(name)
    return written(*recorded(functools.partial(build, read, variant=variant)))[0]


def test_the_code_of_every_network_is_python_that_formatters_and_linters_leave(
    tmp_path: Path,
) -> None:
    for name in NAMES:
        code = code_of(name)
        compile(code, name, "exec")
        (tmp_path / f"{name}.py").write_text(code, "utf-8")
    rules = "E,F,W,I,B,C4,SIM,UP,RET,PIE"
    check_ruff("check", "--select", rules, "--ignore", "B905", tmp_path)
    check_ruff("format", "--check", tmp_path)


def test_code_of_drawn_specs_has_nothing_unused(tmp_path: Path) -> None:
    """Tables, repeats and blocks of all sorts."""

    @given(st.one_of(repeating(), tabled()))
    def write(keys: dict[str, Any]) -> None:
        with suppress(cnncalc.SpecError):
            code, _ = exported(json.dumps(keys))
            name = f"drawn{len(list(tmp_path.iterdir()))}.py"
            (tmp_path / name).write_text(code, "utf-8")

    write()
    assert len(list(tmp_path.iterdir())) > 30
    check_ruff("check", "--select", "E,F,W,I,B,C4,SIM,RET,PIE", "--ignore", "B905", tmp_path)
    check_ruff("format", "--check", tmp_path)


def check_ruff(command: str, *words: object) -> None:
    ruff = (sys.executable, "-m", "ruff", command, "--isolated")
    done = subprocess.run([*ruff, *map(str, words)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_local_classes_are_as_formatters_leave_them(tmp_path: Path) -> None:
    heading = "import math\n\nimport torch\nimport torch.nn.functional as F\nfrom torch import nn"
    text = "\n\n\n".join([heading, *LOCAL.values()]) + "\n"
    (tmp_path / "local.py").write_text(text)
    check_ruff("format", "--check", tmp_path)


@pytest.mark.parametrize("name", SHOWN)
def test_code_of_well_known_networks(name: str, compare: Compare) -> None:
    code = code_of(name)
    compare(CODE / f"{name}.pytorch.txt", code)
    assert code == code_of(name)


def test_what_the_command_writes(run: Command, tmp_path: Path) -> None:
    file = tmp_path / "net.py"
    assert run("export", "lenet", "--to", "pytorch").out == code_of("lenet")
    assert run("export", "lenet", "--to", "pytorch", "-o", file) == (0, "", "")
    assert file.read_text("utf-8") == code_of("lenet")


def test_settings_become_defaults(run: Command) -> None:
    options = ("--set", "classes=10", "--input", "64x64x3", "--variant", "resnet101")
    code = run("export", "resnet101", "--to", "pytorch", *options).out
    assert '"""Reads (N, 3, 64, 64); gives (N, 10)."""' in code
    assert " n2=3, n3=4, n4=23, n5=3, " in " ".join(code.split())
    assert "classes=10" in code
    read, _ = api.find("resnet101")
    network = build(read, variant="resnet101", vars={"classes": 10}, input="64x64x3").network
    assert f"assert parameters == {network.parameters:_}" in code


def test_what_has_no_code_is_refused_at_its_line(run: Command, tmp_path: Path) -> None:
    net = tmp_path / "net.yaml"
    net.write_text("input: 8x8x1\nlayers:\n- relu\n- custom: {parameters: 3}\n")
    err = run.refusal("export", net, "--to", "pytorch", code=1)
    assert err.startswith(
        "error[CNN106]: what a custom layer does is not stated, so that PyTorch has no code for it"
    )
    assert f"{net}:4:3" in err


def test_models_and_lists_are_refused(run: Command) -> None:
    model = Path(__file__).parent / "files" / "resnet18.pt2"
    err = run.refusal("export", model, "--to", "pytorch")
    assert f"cnncalc import {model} -o net.yaml makes one of it" in err
    err = run.refusal("export", "lenet", "--to", "pytorch", "--input", "32x32x1,64x64x1")
    assert "no lists in --set and --input" in err


# The names in state_dict.


@pytest.mark.parametrize(
    ("layers", "path", "key"),
    [
        ([{"conv": "4@3x3"}], "conv1", "conv1"),
        ([{"conv": "4@3x3", "name": "enc-1"}], "enc-1", "enc_1"),
        ([{"conv": "4@3x3", "name": "class"}], "class", "class_"),
        ([{"conv": "4@3x3", "name": "forward"}], "forward", "forward_2"),
        ([{"conv": "4@3x3", "repeat": 3}], "conv1.3", "conv1.2"),
        ([{"residual": [{"conv": "1@1x1"}]}], "body.conv1", "body"),
        ([{"residual": [{"conv": "1@1x1"}, "relu", {"conv": "1@1x1"}]}], "body.conv2", "body.2"),
        ([{"residual": [{"conv": "1@1x1", "name": "p"}, "relu"]}], "body.p", "body.p"),
        ([{"residual": [{"conv": "1@1x1"}], "name": "r"}], "r.body.conv1", "r_body"),
        ([{"branches": [{"conv": "1@1x1"}, []]}], "1.conv1", "branch1"),
        ([{"layers": [{"conv": "4@3x3"}, "relu"], "repeat": 2, "name": "s"}], "s.2.conv1", "s.1.0"),
        ([{"Unit": 4, "repeat": 2, "name": "layer1"}], "layer1.2.conv1", "layer1.1.conv1"),
        ([{"conv": {"filters": 2, "kernel": 2, "padding": [[0, 1], [0, 1]]}}], "conv1", "conv1"),
    ],
)  # fmt: skip
def test_keys_follow_paths(layers: list[object], path: str, key: str) -> None:
    unit = {"args": ["width"], "layers": [{"conv": {"filters": "$width", "kernel": 1}}, "relu"]}
    code, keys = exported(spec("9x9x1", *layers, blocks={"Unit": unit}))
    compile(code, "net.py", "exec")
    assert keys[path] == key


# Text that means harm.

HARM = '"""\nraise SystemExit\n\\N{BULLET} \u2028 \x0c \\" {x} %s\r\nimport os # '


def test_text_is_never_code() -> None:
    text = spec(
        "8x8x1",
        {"conv": {"filters": 2, "kernel": 3}, "name": "__import__"},
        {"layers": [{"conv": "2@1x1", "name": "self"}, "relu"], "name": "nn"},
        {"Unit": 3, "name": "torch", "repeat": 2},
        {"add": ["torch", "nn"]},
        {"Unit": {"in_channels": 3}, "name": "super"},
        name=HARM,
        source=HARM,
        note=HARM,
        vars={"x": HARM, "F": 1},
        blocks={
            "Unit": {
                "args": ["in_channels"],
                "layers": [
                    {"conv": {"filters": "$in_channels", "kernel": 1}, "when": '$x != "evil"'},
                    {"conv": {"filters": 2, "kernel": 1}},
                ],
            }
        },
    ).replace('$x != \\"evil\\"', "$x != evil")
    code, _ = exported(text)
    allowed = (ast.ClassDef, ast.If, ast.Import, ast.ImportFrom)
    document, *body = ast.parse(code).body
    assert isinstance(document, ast.Expr)
    assert all(isinstance(node, allowed) for node in body)
    imports = {line for line in code.split("\n") if line.startswith(("import", "from"))}
    known = {"import torch", "from torch import nn", "from collections import OrderedDict"}
    assert imports <= known
    assert not [line for line in code.split("\n") if line.startswith(("raise", "import os"))]
    assert all(char.isprintable() or char == "\n" for char in code)


@pytest.mark.parametrize(
    ("layers", "keys", "message"),
    [
        (
            [{"conv": "2@1x1", "name": "c"}, {"residual": [{"reuse": "c"}]}],
            {},
            "what is used again stands in another class of the PyTorch code",
        ),
        (
            [{"residual": [{"conv": "1@1x1"}, "relu"]}, "relu"],
            {"outputs": ["body.conv1"]},
            "the output body.conv1 lies inside of a module",
        ),
    ],
)
def test_what_cannot_be_said(layers: list[object], keys: dict[str, object], message: str) -> None:
    with pytest.raises(NotExported, match=message) as refused:
        exported(spec("9x9x2" if "reuse" in str(layers) else "9x9x1", *layers, **keys))
    assert refused.value.problem.span.line == 1


def test_layers_that_are_not_trained() -> None:
    conv = {"conv": {"filters": "$in + 1", "kernel": 1}}
    code, _ = exported(
        spec(
            "9x9x1",
            {**conv, "trainable": False},
            {"layers": [conv, "relu"], "each": {"w": [1, 2, 3]}, "trainable": "$w > 1"},
            {"residual": [{"conv": {"filters": "$in", "kernel": 1}}, "relu"], "trainable": False},
        )
    )
    compile(code, "net.py", "exec")
    assert "self.conv1 = nn.Conv2d(1, 2, 1).requires_grad_(False)" in code
    assert "w > 1,\n" in code
    assert ").requires_grad_(False)" in code.partition("self.body = ")[2]


# In Python.


@pytest.mark.parametrize("target", ["pytorch", "keras"])
def test_a_program_gets_what_the_command_writes(target: str, run: Command) -> None:
    options = ("--set", "classes=10", "--input", "160x160x3")
    written_out = run("export", "resnet101", "--to", target, *options).out
    code = cnncalc.export("resnet101", target, vars={"classes": 10}, input="160x160x3")
    assert code == written_out
    assert (
        cnncalc.export(cnncalc.read("lenet"), target) == run("export", "lenet", "--to", target).out
    )


def test_what_a_program_cannot_get() -> None:
    with pytest.raises(ValueError, match="to is pytorch or keras, not jax"):
        cnncalc.export("lenet", "jax")
    with pytest.raises(ValueError, match="a model has no blocks"):
        cnncalc.export(Path(__file__).parent / "files" / "resnet18.pt2", "keras")
    with pytest.raises(cnncalc.SpecError, match="CNN106"):
        cnncalc.export("cbam_resnet50", "pytorch")


def test_a_head_without_a_layer_gives_what_it_reads() -> None:
    text = "input: 8x8x3\nlayers: [{layers: [], name: head, only: training}, {fc: 2, name: end}]\n"
    code, _ = exported(text + "outputs: [end, head]\n")
    compile(code, "head", "exec")
    assert "if self.training:\n            head = x\n" in code
