"""Keras code of specs, without Keras: golden files, what linters and formatters say, bad input.

tests/frameworks builds the models and counts. A text of tests/exchange/export is the code of the
network that it is called after; `pytest --update` writes them anew, to be read. The specs there are
of what code finds hard: what is there sometimes, used again, or called as Python calls something.
"""

import ast
import builtins
import re
import subprocess
import sys
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest
from running import Command, Compare

import cnncalc
from cnncalc.commands.options import read_spec
from cnncalc.exchange.export.keras import classes
from cnncalc.exchange.export.record import recorded
from cnncalc.exchange.export.targets import TARGETS, NotExported
from cnncalc.language.bundled import all_names

HERE = Path(__file__).parent
GOLDEN = sorted((HERE / "export").glob("*.keras.txt"))
CASES = sorted([*(HERE.parent / "cases" / "ok").glob("*.yaml"), *(HERE / "export").glob("*.yaml")])
# What states numbers of layers that no kind says.
CUSTOM = ("cbam_resnet50", "coatnet_0")
NAMES = [name for name in all_names() if name not in CUSTOM]
PATHS = [str(path) for path in CASES if "custom" not in path.read_text("utf-8")]


@cache
def code_of(name: str) -> str:
    """The code of a bundled network, or of a file."""
    spec, variant = read_spec(name, 10**8)
    return TARGETS["keras"].source(*recorded(partial(cnncalc.build, spec, variant=variant)))


def code(text: str, **about: Any) -> str:
    """The code of the text of a spec."""
    spec = cnncalc.read_text(text)
    return TARGETS["keras"].source(*recorded(partial(cnncalc.build, spec, **about)))


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.name)
def test_golden(path: Path, compare: Compare) -> None:
    found = code_of(path.name.removesuffix(".keras.txt"))
    found = found.replace(f"cnncalc {cnncalc.__version__}", "cnncalc VERSION")
    compare(path, found)


def test_linters_and_formatters_accept_the_code(tmp_path: Path) -> None:
    """Of every bundled network, and of every construct of the language."""
    for number, name in enumerate([*NAMES, *PATHS]):
        (tmp_path / f"net{number}.py").write_text(code_of(name), encoding="utf-8")
    local = Path(str(classes.__file__)).with_name("local.txt").read_text("utf-8")
    (tmp_path / "local.py").write_text(local, encoding="utf-8")
    for words in (["check"], ["format", "--check"]):
        ruff = [sys.executable, "-m", "ruff", *words, "--isolated", "--no-cache", str(tmp_path)]
        found = subprocess.run(ruff, capture_output=True, text=True, check=False)
        assert found.returncode == 0, found.stdout[-3000:]


@pytest.mark.parametrize("name", NAMES[::5])
def test_nothing_is_hidden_and_nothing_unused(name: str) -> None:
    """No argument, function or constant that nothing reads; no name of Python's is taken."""
    tree = ast.parse(code_of(name))
    read = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    written = [node.id for node in ast.walk(tree)
               if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]  # fmt: skip
    assert not {*written} & {*dir(builtins)}
    top = [node for node in tree.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))]
    assert {node.name for node in top} - read == set()
    for node in top:
        if isinstance(node, ast.FunctionDef):
            inside = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
            assert {argument.arg for argument in node.args.args} <= inside


def test_twice_the_same_bytes() -> None:
    first = code_of("resnet50_fpn")
    code_of.cache_clear()
    assert code_of("resnet50_fpn") == first


def test_the_command(run: Command, tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    assert run("export", "lenet", "--to", "keras", "-o", str(path)).code == 0
    assert path.read_text(encoding="utf-8") == code_of("lenet")
    other = run("export", "mobilenet_v2", "--to", "keras", "--set", "classes=7")
    assert "def build(classes=7):" in other.out
    other = run("export", "resnet50", "--to", "keras", "--input", "160x160x3")
    assert "keras.Input((160, 160, 3)" in other.out


def test_text_from_a_spec_is_never_code() -> None:
    """Quotes, backslashes, line ends and separators of all kinds stay in their literals."""
    nasty = '\\"\\"\\"); import os #\\\\ \\u2028 \\u2029 \\f \\r\\n x = 1 \\u202e \\"'
    found = code(
        f'name: "{nasty}"\nsource: "{nasty}"\ninput: 8x8x3\nlayers: [conv: 4@3x3, {{fc: 2}}]\n'
    )
    tree = ast.parse(found)
    imports = [node for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom))]
    assert [ast.unparse(node) for node in imports] == ["import keras", "from keras import layers"]
    assert found.isprintable() or not re.search(r"[^\n\x20-\x7e]", found)


def test_names_that_python_has() -> None:
    """Keywords, builtins and the names of the file itself become others."""
    found = code(
        "input: 8x8x3\n"
        "vars: {lambda: 3, keras: 4, list: [4, 5], l: 2}\n"
        "blocks:\n"
        "  Layers1: {args: [x, name, class, inputs: none], layers: [conv: {filters: $x + $name + "
        "$class, kernel: 1}]}\n"
        "  Build: {args: [print], layers: [conv: {filters: $print + $lambda, kernel: 1}]}\n"
        "layers:\n"
        "  - {Layers1: [1, 2, 3], name: def}\n"
        "  - {Build: $keras, name: import}\n"
        "  - {conv: {filters: $l, kernel: 1}, each: {id: $list}, name: for}\n"
        "  - concat: [def, import, prev]\n"
    )
    tree = ast.parse(found)
    stored = {node.id for node in ast.walk(tree)
              if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}  # fmt: skip
    assert stored.isdisjoint({*dir(builtins), "keras", "layers", "l"})
    assert "def build():" not in found or found.count("def build(") == 1


REFUSED = {
    "custom: {parameters: 3}": "no code can be written",
    "{transposed_conv: {filters: 2, kernel: 3, stride: 2, dilation: 2}}": "not together",
}


@pytest.mark.parametrize("item", REFUSED)
def test_what_keras_cannot_say_is_refused_with_its_line(item: str) -> None:
    with pytest.raises(NotExported, match=REFUSED[item]) as found:
        code(f"input: 8x8x3\nlayers:\n  - relu\n  - {item}\n")
    assert found.value.problem.span.line == 4


@pytest.mark.parametrize("args", ["{skip: own}", "{skip: input}", "{skip: prev}"])
def test_a_default_that_names_a_layer_is_refused(args: str) -> None:
    """Python works a default out before the function is called."""
    own = "[{conv: 2@1, name: own}, {concat: [own, $skip]}]"
    text = f"input: 8x8x3\nblocks: {{Join: {{args: {args}, layers: {own}}}}}\nlayers: [Join]\n"
    with pytest.raises(NotExported, match="skip is a layer of the block by default"):
        code(text)


def test_what_no_output_comes_from_is_refused() -> None:
    """A functional model has no such layers, so that it would count too few."""
    text = "input: 8x8x3\nlayers: [{conv: 4@3x3, name: a}, {conv: 5@3x3, from: input}]\n"
    with pytest.raises(NotExported, match="nothing reads a"):
        code(text)


DEEP = """\
input: 8x8x2
blocks:
  Inner: [{conv: 3@3x3, name: a}, {layers: [{conv: 4@1x1, name: b}], name: g}, relu]
  Outer: [{Inner: , name: i}, {conv: 5@1x1, name: c}]
layers:
  - {Outer: , name: o}
  - {Outer: , name: loop, repeat: 2}
outputs: OUTPUTS
"""


def test_outputs_that_stand_deep_in_blocks() -> None:
    found = code(DEEP.replace("OUTPUTS", "[o.i.a, o.i.g.b, loop.1, loop]"))
    assert '"a": a' in found
    assert 'return {"output": x, "a": a, "g.b": ' in found
    assert 'return {"output": x, "i.a": i["a"], "i.g.b": i["g.b"]}' in found
    assert '"o.i.a": o["i.a"], "o.i.g.b": o["i.g.b"], "loop.1": loop_copies[0]' in found.replace(
        "\n            ", " "
    )


def test_an_output_in_a_loop_is_refused() -> None:
    with pytest.raises(NotExported):
        code(DEEP.replace("OUTPUTS", "loop.2.i"))


def test_layers_get_names_that_do_not_clash() -> None:
    """Dots of paths become _, and - where that would give two layers one name."""
    layers = "[{conv: 4@1x1, name: a_b}, {layers: [{conv: 4@1x1, name: b}], name: a}]"
    found = code(f"input: 8x8x3\nlayers: {layers}\n")
    assert re.findall(r'name="(.*?)"\)\(', found) == ["a_b", "a-b"]
