"""The same trees and messages with every version of libyaml, and without it.

PyYAML parses with libyaml, or in Python where it was built without. Which libyaml that is depends
on the version of PyYAML, and what it refuses, where and in which words, depends on libyaml.
cases/dialects.json lists the texts that the parsers read differently for good.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from running import Command
from test_mistakes import BAD, FILES, MADE
from test_mistakes import NAMES as MISTAKES
from test_tables import SPECS as TABLES
from yaml.scanner import ScannerError

from cnncalc.language import syntax
from cnncalc.language.nodes import Mapping, Node, Scalar, Sequence
from cnncalc.language.source import Source
from cnncalc.problems import Problem, Problems

HERE = Path(__file__).parent
LIBYAML: Any = syntax._FAST
PYTHON: Any = syntax._SLOW
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
    assert not differing(contents(paths), monkeypatch, _FAST=PYTHON)


def test_every_made_text_is_read_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = {name: data.decode("utf-8", "replace") for name, data in FILES.items()}
    short = {name: text for name, text in texts.items() if len(text) < 120_000}
    assert len(short) > 30
    assert not differing(short, monkeypatch, _FAST=PYTHON)


def test_words_beyond_the_limit_are_counted_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syntax, "MAX_EVENTS", 1_000)
    texts = {str(count): "- relu\n" * count for count in (900, 994, 995, 3_000)}
    assert [len(read(text)[1]) for text in texts.values()] == [0, 0, 1, 1]
    assert not differing(texts, monkeypatch, _FAST=PYTHON)


@pytest.fixture
def without_libyaml(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syntax, "_FAST", PYTHON)


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


@pytest.mark.usefixtures("without_libyaml")
@pytest.mark.parametrize("name", ["brackets", "braces", "dashes", "question-marks"])
def test_made_file(name: str, run: Command, here: Path) -> None:
    Path("net.yaml").write_bytes(FILES[name])
    result = run("describe", "--color", "never", "net.yaml")
    assert result.err == (MADE / f"{name}.txt").read_text("utf-8")


def test_pyyaml_without_its_c_part_is_enough() -> None:
    program = (
        "import sys\n"
        "sys.modules['yaml._yaml'] = None\n"
        "from cnncalc.__main__ import run\n"
        "from cnncalc.language import syntax\n"
        "assert syntax._FAST is syntax._SLOW\n"
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
    assert not differing(contents(SLIPS), monkeypatch, _SLOW=OtherWords, _FAST=OtherWords)


def stopping(after: int) -> type[yaml.SafeLoader]:
    class Stopping(yaml.SafeLoader):
        """Has a limit that other parsers do not have."""

        left = after

        def check_event(self, *choices: Any) -> bool:
            self.left -= 1
            if self.left < 0:
                raise ScannerError("x", None, "y", self.get_mark())
            return bool(super().check_event(*choices))

    return Stopping


@pytest.mark.parametrize("path", [*SLIPS, *TABLES[:5]], ids=lambda path: path.stem)
def test_it_does_not_matter_where_the_fast_parser_stops(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = path.read_text("utf-8")
    expected = everything(text)
    for after in range(0, 100, 7):
        monkeypatch.setattr(syntax, "_FAST", stopping(after))
        assert everything(text) == expected


def test_in_long_texts_the_fast_parser_tells_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not differing(contents(SLIPS), monkeypatch, _SLOW_READS=0)


class Recorder(yaml.SafeLoader):
    """Records how much it is given to read."""

    lengths: list[int]

    def __init__(self, text: str) -> None:
        self.lengths.append(len(text))
        super().__init__(text)


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ('a: "\\ud800' + " b" * 200_000 + '"', [100_000]),
        ("a: {" + " " * 300_000 + "b ]", [100_000]),
        ("[" * 2_000 + " " * 200_000, [100_000]),
        ("a: b: c", [7]),
        ("#" * 200_000 + "\na: b: c", []),
    ],
    ids=["beginning", "end", "brackets", "short", "comment"],
)
def test_the_slow_parser_reads_no_more_than_its_share(
    text: str, readings: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Recorder, "lengths", [], raising=False)
    monkeypatch.setattr(syntax, "_SLOW", Recorder)
    monkeypatch.setattr(syntax, "_FAST", stopping(2))
    node, problems = read(text)
    assert node is None
    assert len(problems) == 1
    assert Recorder.lengths == readings


# What the parsers would read differently, but is made alike.


@pytest.mark.parametrize("parser", [LIBYAML, PYTHON], ids=["installed", "python"])
@pytest.mark.parametrize(
    ("text", "read_as"),
    [
        ("name:\ta\tb\t# c\nlayers:\n  - fc:\t{units:\t3,\tbias: on}\t\n", None),
        ("- a\n- {b:[1, 2], c:{d: e}, f:}\n", "[a, {b: [1, 2], c: {d: e}, f: }]"),
        ('- "\\\\ud800"\n', "[\\ud800]"),
        ('- "\\ud7ff\\ue000"\n', "[\ud7ff\ue000]"),
    ],
    ids=["tabs", "no blank after a colon", "backslash", "escapes"],
)
def test_both_read(
    text: str, read_as: str | None, parser: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(syntax, "_FAST", parser)
    assert answer(text) == (read_as or answer(text.replace("\t", " ")))
    assert not read(text)[1]


@pytest.mark.parametrize("parser", [LIBYAML, PYTHON], ids=["installed", "python"])
@pytest.mark.parametrize("text", ["{a: }", "{a:   }", "{a:  # }\n\n }", "[a: ]"])
def test_nothing_stands_where_the_next_sign_is(
    text: str, parser: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(syntax, "_FAST", parser)
    node, _ = read(text)
    pair = node.items[0] if isinstance(node, Sequence) else node
    assert isinstance(pair, Mapping)
    assert pair.pairs[0][1].start == max(text.rfind("}"), text.rfind("]"))


# What stays different.

DIALECTS = json.loads((HERE / "cases" / "dialects.json").read_text("utf-8"))


def parsers() -> Iterator[tuple[Any, str]]:
    """Those at hand, and what the list calls them."""
    yield PYTHON, "python"
    if LIBYAML is not PYTHON:
        yield LIBYAML, f"libyaml {yaml._yaml.get_version_string()}"


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect["text"][:10])
def test_dialect(dialect: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    answers = dialect["answers"]
    if dialect.get("far"):
        monkeypatch.setattr(syntax, "_SLOW_READS", 0)
    for parser, name in parsers():
        monkeypatch.setattr(syntax, "_FAST", parser)
        assert answer(dialect["text"]) == answers.get(name) or answers[name.split()[0]]


def test_dialects_are_few_and_differ() -> None:
    assert len(DIALECTS) <= 10
    for dialect in DIALECTS:
        assert dialect["why"]
        assert len(set(dialect["answers"].values())) > 1
