"""README.md, SECURITY.md and docs/*.md cannot rot: what they show is run, or at least read.

Commands of console blocks print what stands below them (`pytest --update` writes it anew), and
those of scripts have options that exist. Specs are built, and their expectations hold. Python is
run. Other YAML, JSON and TOML can be read. Links lead to files and headings that are there. The
pictures are made by tests/test_pictures_page.py.
"""

from __future__ import annotations

import contextlib
import doctest
import importlib.util
import io
import json
import re
import shlex
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from running import Command, command

import cnncalc
from cnncalc import limits, problems, volume, wording
from cnncalc.commands.check import config, fix
from cnncalc.commands.diff import report, specs
from cnncalc.commands.solve import search
from cnncalc.commands.trace import limits as trace_limits
from cnncalc.commands.trace import numbers
from cnncalc.language import expressions, sizes, syntax
from cnncalc.network import walk

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
SECURITY = ROOT / ".github" / "SECURITY.md"
DOCS = ROOT / "docs"
CI = DOCS / "ci.md"
PAGES = [README, SECURITY, *sorted(DOCS.glob("*.md"))]
TEXTS = {page.name: page.read_text("utf-8") for page in PAGES}
CONSOLE = re.compile(r"(?<=^```console\n).*?(?=^```$)", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"(?:^|- run: |- |script: )cnncalc (?!-)(.*)")
LINK = re.compile(r"(?<=\]\()(?!https?:)([^)#\s]*)#?([^)\s]*)(?=\))")
LANGUAGES = {"console", "html", "json", "python", "sh", "toml", "yaml"}


def blocks(*languages: str) -> Iterator[Any]:
    """The blocks of all pages in some languages, with the page and the line for the test's name."""
    for name, text in TEXTS.items():
        for found in BLOCK.finditer(text):
            if found[1] in languages:
                line = text.count("\n", 0, found.start()) + 1
                yield pytest.param(found[2], id=f"{name}:{line}")


def test_every_block_is_in_a_language_that_is_tested() -> None:
    for text in TEXTS.values():
        fences = re.findall(r"^```(.*)$", text, re.MULTILINE)
        assert len(fences) == 2 * len(BLOCK.findall(text))
        assert {*fences[::2]} <= LANGUAGES


# Commands.


def shown(block: str, run: Command) -> str:
    """A console block with the outputs that its commands have now."""
    lines = []
    for line in block.splitlines():
        if line.startswith("$ cnncalc "):
            lines += [line, *outputs(shlex.split(line)[2:], run)]
    return "\n".join(filter(None, lines)) + "\n"


def outputs(words: list[str], run: Command) -> Iterator[str]:
    if words[-1].startswith("docs/pictures/"):  # tests/test_pictures_page.py makes these
        return
    result = run(*words)
    yield from (result.out.rstrip("\n"), result.err.rstrip("\n"))


@pytest.mark.parametrize("page", PAGES, ids=TEXTS)
def test_commands(
    page: Path, run: Command, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    text = page.read_text("utf-8")
    true = CONSOLE.sub(lambda block: shown(block[0], run), text)
    if request.config.getoption("--update"):
        page.write_text(true, "utf-8", newline="\n")
    assert all(block.startswith("$ cnncalc ") for block in CONSOLE.findall(text))
    assert page.read_text("utf-8") == true


def test_there_are_examples() -> None:
    examples = {
        "README.md": 6, "SECURITY.md": 1, "ci.md": 1, "counting.md": 1, "commands.md": 12,
        "lecturers.md": 5, "pictures.md": 14, "models.md": 3, "pytorch.md": 2, "keras.md": 2,
        "onnx.md": 2,
    }  # fmt: skip
    for name, least in examples.items():
        assert TEXTS[name].count("$ cnncalc") >= least


def scripts() -> Iterator[str]:
    for block in blocks("sh", "yaml"):
        for line in block.values[0].splitlines():
            if found := COMMAND.search(line.strip()):
                yield found[1]


@pytest.mark.parametrize("line", sorted({*scripts()}))
def test_commands_of_scripts(line: str) -> None:
    """Those that are not run have a name, options and values that exist."""
    name, *words = shlex.split(line.partition(" > ")[0], comments=True)
    with command(name).make_context(name, words, resilient_parsing=False):
        pass


@pytest.mark.parametrize("name", ["SECURITY.md", "ci.md", "check.md"])
def test_there_are_commands_of_scripts(name: str) -> None:
    assert any("cnncalc check" in block for _, block in BLOCK.findall(TEXTS[name]))


def test_the_limits() -> None:
    text = CI.read_text("utf-8")
    depth = f"{syntax.MAX_NESTING} deep"
    for what, far in {
        "a file": "16 MiB",
        "words and brackets of a spec": f"{syntax.MAX_EVENTS:,}, nested {depth}",
        "a text of a spec, an expression": (
            f"{syntax.MAX_SCALAR:,} characters, {expressions.MAX_LENGTH} characters"
        ),
        "blocks, composites, networks and reuses in one another": f"{walk.MAX_DEPTH} deep",
        "a value that names other values": f"{sizes.MAX_PARTS:,} numbers and words, {depth}",
        "a guess at a misspelt word": f"500 known words, {wording.MAX_LETTERS:,} letters",
        "errors that are reported of a spec": f"{problems.MAX_ERRORS:,}",
        "settings": f"1 MiB, {config.MAX_PATTERNS} patterns in a list",
        "rounds of `--fix`": str(fix.MAX_ROUNDS),
        "specs in a report of `diff`": (
            f"{specs.MAX_FILES:,}, with {report.MAX_ROWS} changed layers in Markdown"
        ),
        "windows that `solve` tries": f"{search.MAX_CANDIDATES:,}",
    }.items():
        assert f"| {what} | {far} |" in text
    assert f" together | {limits.MAX_ITEMS:,} | `--limit layers=N` |" in text
    assert limits.MAX_SIZE == 16 * config.MAX_SIZE == 16 * 2**20
    assert volume.MAX_NUMBER == 10**12
    multiplications = trace_limits.MAX_MULTIPLICATIONS
    assert f"{numbers.MAX_NUMBERS:,} in 16 MiB; {multiplications:,} |" in text
    assert trace_limits.MAX_FILES == limits.MAX_SIZE


# Python.


@pytest.mark.parametrize("page", [page for page in PAGES if ">>> " in TEXTS[page.name]])
def test_sessions(page: Path) -> None:
    result = doctest.testfile(str(page), module_relative=False)
    assert result.attempted >= {"python.md": 12, "pictures.md": 5}.get(page.name, 2)
    assert result.failed == 0


PROGRAMS = [block for block in blocks("python") if ">>> " not in block.values[0]]


@pytest.mark.parametrize("text", PROGRAMS)
def test_programs(text: str) -> None:
    """They print what their comments say; those that need a framework are only compiled."""
    code = compile(text, "example", "exec")
    modules = re.findall(r"^(?:import|from) (\w+)", text, re.MULTILINE)
    if {"torch", "keras"} & {*modules}:
        return  # tests/frameworks runs them
    assert all(importlib.util.find_spec(name) for name in modules)
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(code, {"cnncalc": cnncalc})
    assert out.getvalue().splitlines() == re.findall(r"^print\(.*\)  # (.*)$", text, re.MULTILINE)


def test_there_is_python() -> None:
    assert len(PROGRAMS) >= 3
    assert {"python.md", "commands.md", "pictures.md"} <= {n for n in TEXTS if ">>> " in TEXTS[n]}


# Specs and other data.


SPECS = [block for block in blocks("yaml") if "\nlayers:" in block.values[0]]
NO_SPECS = [block for block in blocks("yaml") if "\nlayers:" not in block.values[0]]


@pytest.mark.parametrize("text", SPECS)
def test_specs(text: str, run: Command, tmp_path: Path) -> None:
    spec = tmp_path / "spec.yaml"
    spec.write_text(text, "utf-8")
    result = run("describe", spec)
    assert (result.code, result.err) == (0, "")
    assert [each for each in cnncalc.check(spec) if each.severity != "note"] == []


def test_there_are_specs() -> None:
    per_page = {name: text.count("\nlayers:\n") for name, text in TEXTS.items()}
    assert per_page["README.md"] >= 1
    assert per_page["start.md"] >= 3
    assert per_page["backbones.md"] >= 3
    assert per_page["language.md"] >= 2


READERS: dict[str, Callable[[str], object]] = {"json": json.loads, "toml": tomllib.loads}


@pytest.mark.parametrize("language", READERS)
def test_data(language: str) -> None:
    found = [*blocks(language)]
    assert found
    assert all(READERS[language](block.values[0]) for block in found)


@pytest.mark.parametrize("text", NO_SPECS)
def test_other_yaml(text: str) -> None:
    for _ in yaml.safe_load_all(text):
        pass


# Links.


def anchor(heading: str) -> str:
    """What GitHub and MyST call a heading in links."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize(
    "path", sorted((DOCS / "tutorial").glob("*.yaml")), ids=lambda path: path.stem
)
def test_the_tutorial_shows_its_files(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text.startswith(f"# docs/tutorial/{path.name}\n")
    assert f"```yaml\n{text}```\n" in TEXTS["tutorial.md"]
    assert f" docs/tutorial/{path.name}" in "".join(CONSOLE.findall(TEXTS["tutorial.md"]))


@pytest.mark.parametrize("page", PAGES, ids=TEXTS)
def test_links(page: Path) -> None:
    for path, heading in LINK.findall(BLOCK.sub("", TEXTS[page.name])):
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), path
        if heading:
            text = BLOCK.sub("", there.read_text("utf-8"))
            assert heading in map(anchor, re.findall(r"^#+ (.*)$", text, re.MULTILINE))


def test_the_readme_is_short_and_leads_to_every_page() -> None:
    text = TEXTS["README.md"]
    assert text.count("\n") <= 200
    linked = {*re.findall(r"\]\(docs/(\w+\.md)\)", text)}
    assert linked == {page.name for page in DOCS.glob("*.md")} - {"index.md"}
