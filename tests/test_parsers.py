"""The same trees and messages whichever parser PyYAML brings."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from running import Command
from test_mistakes import BAD, FILES
from test_mistakes import NAMES as MISTAKES
from test_tables import SPECS as TABLES

from cnncalc.problems import Problem, Problems
from cnncalc.spec import syntax
from cnncalc.spec.node import Mapping, Node, Scalar, Sequence
from cnncalc.spec.source import Source

HERE = Path(__file__).parent
LIBYAML: Any = syntax._LOADER
PYTHON: Any = yaml.SafeLoader
SLIPS = sorted(BAD.glob("yaml-*.yaml"))


# What a text is read as.


def tree(node: Node | None) -> Any:
    """Everything about a node and those in it."""
    if node is None:
        return None
    values: Any = ()
    if isinstance(node, Scalar):
        values = node.text, node.quoted
    elif isinstance(node, Sequence):
        values = list(map(tree, node.items))
    elif isinstance(node, Mapping):
        values = node.incomplete, [(tree(key), tree(value)) for key, value in node.pairs]
    return type(node), node.start, node.end, values


def read(text: str) -> tuple[Node | None, list[Problem]]:
    problems = Problems(stops=True)
    return syntax.parse(Source("net.yaml", text), problems), problems.sorted()


def everything(text: str) -> Any:
    """All that the rest of the program is told of a text."""
    node, problems = read(text)
    return tree(node), [(*problem[:2], problem.span[1:], *problem[3:6]) for problem in problems]


def flow(node: Node | None) -> str:
    """A tree as it could be written."""
    if isinstance(node, Mapping):
        return "{" + ", ".join(f"{key.text}: {flow(value)}" for key, value in node.pairs) + "}"
    if isinstance(node, Sequence):
        return "[" + ", ".join(map(flow, node.items)) + "]"
    return node.text if isinstance(node, Scalar) else "(refused)"


def answer(text: str) -> str:
    node, problems = read(text)
    return "; ".join(map(str, problems)) or flow(node)


def differing(texts: dict[str, str], monkeypatch: pytest.MonkeyPatch, **changes: Any) -> list[str]:
    """The names of the texts that are read differently after a change of the module."""
    before = {name: everything(text) for name, text in texts.items()}
    for name, value in changes.items():
        monkeypatch.setattr(syntax, name, value)
    return [name for name, text in texts.items() if everything(text) != before[name]]


def contents(paths: list[Path]) -> dict[str, str]:
    return {path.stem: path.read_text("utf-8") for path in paths}


# The parser in Python alone.


def test_every_text_is_read_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [*HERE.glob("cases/**/*.yaml"), *HERE.parent.glob("specs/**/*.yaml")]
    assert not differing(contents(paths), monkeypatch, _LOADER=PYTHON)


def test_every_made_text_is_read_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = {name: data.decode("utf-8", "replace") for name, data in FILES.items()}
    short = {name: text for name, text in texts.items() if len(text) < 120_000}
    assert len(short) > 30
    assert not differing(short, monkeypatch, _LOADER=PYTHON)


def test_words_beyond_the_limit_are_counted_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syntax, "MAX_EVENTS", 1_000)
    texts = {str(count): "- relu\n" * count for count in (900, 994, 995, 3_000)}
    assert [len(read(text)[1]) for text in texts.values()] == [0, 0, 1, 1]
    assert not differing(texts, monkeypatch, _LOADER=PYTHON)


@pytest.fixture
def without_libyaml(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syntax, "_LOADER", PYTHON)


# Bombs take long to build, and what they are read as is compared above.
@pytest.mark.usefixtures("without_libyaml")
@pytest.mark.parametrize("name", [name for name in MISTAKES if not name.startswith("bomb-")])
def test_mistake(name: str, run: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(BAD)
    result = run("describe", "--color", "never", f"{name}.yaml")
    assert (result.code, result.err) == (1, (BAD / f"{name}.txt").read_text("utf-8"))


@pytest.mark.usefixtures("without_libyaml")
@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.stem)
def test_table(path: Path, run: Command) -> None:
    result = run("describe", path, "--expand", "all")
    assert result == (0, path.with_suffix(".txt").read_text("utf-8"), "")


def test_pyyaml_without_its_c_part_is_enough() -> None:
    program = (
        "import sys\n"
        "sys.modules['yaml._yaml'] = None\n"
        "import yaml\n"
        "from cnncalc.__main__ import run\n"
        "from cnncalc.spec import syntax\n"
        "assert syntax._LOADER is yaml.SafeLoader\n"
        "run()\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", program, "describe", "--color", "never", "kernel-empty.yaml"],
        capture_output=True,
        cwd=BAD,
        encoding="utf-8",
    )
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == (BAD / "kernel-empty.txt").read_text("utf-8")


# Other versions of libyaml.


class OtherWords(yaml.SafeLoader):
    """Words its errors as no parser does."""

    def check_event(self, *choices: Any) -> bool:
        try:
            return bool(super().check_event(*choices))
        except yaml.MarkedYAMLError as error:
            raise type(error)("x", error.context_mark, "y", error.problem_mark) from None


def test_the_words_of_the_parser_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syntax, "_LOADER", PYTHON)
    assert not differing(contents(SLIPS), monkeypatch, _LOADER=OtherWords)


# What the parsers would read differently, but is made alike.


@pytest.mark.parametrize("parser", [LIBYAML, PYTHON], ids=["installed", "python"])
@pytest.mark.parametrize(
    ("text", "read_as"),
    [
        ("name:\ta\tb\t# c\nlayers:\n  - fc:\t{units:\t3,\tbias: on}\t\n", None),
        ('- "\\\\ud800"\n', "[\\ud800]"),
        ('- "\\ud7ff\\ue000"\n', "[\ud7ff\ue000]"),
    ],
    ids=["tabs", "backslash", "escapes"],
)
def test_both_read(
    text: str, read_as: str | None, parser: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(syntax, "_LOADER", parser)
    assert answer(text) == (read_as or answer(text.replace("\t", " ")))
    assert not read(text)[1]


@pytest.mark.parametrize("parser", [LIBYAML, PYTHON], ids=["installed", "python"])
@pytest.mark.parametrize("text", ["{a: }", "{a:   }", "{a:  # }\n\n }", "[a: ]"])
def test_nothing_stands_where_the_next_sign_is(
    text: str, parser: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(syntax, "_LOADER", parser)
    node, _ = read(text)
    pair = node.items[0] if isinstance(node, Sequence) else node
    assert isinstance(pair, Mapping)
    assert pair.pairs[0][1].start == max(text.rfind("}"), text.rfind("]"))
