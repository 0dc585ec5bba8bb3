"""The recipes of CONTRIBUTING.md, followed to the letter.

All are applied to one copy of the package; then the commands know the new things, and the tests
that go over all kinds, quantities, rules, formats and commands ask for what the recipes say.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
GUIDE = (ROOT / ".github" / "CONTRIBUTING.md").read_text(encoding="utf-8")
RECIPES = re.findall("^### (.*)$", GUIDE, re.MULTILINE)
STEP = re.compile(
    r"^(?:At the end of|Before `(?P<line>[^`]+)` in) `(?P<path>[^`]+)`:\n\n"
    r"(?P<fence>`{3,})\w+\n(?P<text>.*?)^(?P=fence)\n",
    re.MULTILINE | re.DOTALL,
)
SPEC = """\
input: 8x8x4
expect: {links_per_weight: ~37}
layers:
  - half_channels
  - conv: {filters: 2, kernel: 3}
  - relu
  - relu
"""
COLUMNS = "describe net.yaml --columns layer,output,links_per_weight"
FOUND = {
    COLUMNS: ("half_channels1", "8×8×2", "Links/weight", "warning[CNN399]: relu2 changes nothing"),
    f"{COLUMNS} --format lines": ('["conv1", "6x6x2", "38.0"]',),
    "explain net.yaml conv1": ("1,368/36 = 38",),
    "check net.yaml": ("CNN399",),
    "check net.yaml --format json": ("repeated-relu",),
    "layers half_channels": ("The first half of the channels.",),
    "quantities": ("connections divided by weights",),
    "rules CNN399": ("the second has nothing to do",),
    "dtypes": ("float16   2 bytes",),
    "dtypes -h": ("The types of numbers that memory is counted for.",),
}
ASKING = (
    "test_command_line.py::test_a_page_of_docs_has_it[dtypes]",
    "test_every_format.py::test_golden[describe-lines]",
    "test_every_format.py::test_the_page_of_commands_has_every_format",
    "test_hostile.py::test_every_command_is_here",
    "test_output_schemas.py::test_committed_copy[describe]",
    "test_rules.py::test_every_rule_has_a_case[CNN399]",
    "test_rules.py::test_page[CNN399]",
    "test_schema.py::test_committed_copy",
    "test_tables.py::test_every_kind_has_a_case",
)
RUN_ALL = """\
import io, json, sys
from contextlib import redirect_stderr, redirect_stdout
from cnncalc.commands.main import main

answers = {}
for words in json.load(sys.stdin):
    with redirect_stdout(io.StringIO()) as out, redirect_stderr(out):
        try:
            main(words.split())
        except SystemExit as left:
            answers[words] = left.code, out.getvalue()
print(json.dumps(answers))
"""


def steps(recipe: str) -> list[re.Match[str]]:
    """What a recipe adds to files."""
    return [*STEP.finditer(GUIDE.partition(f"\n### {recipe}\n")[2].partition("\n### ")[0])]


def follow(recipe: str, folder: Path) -> None:
    for step in steps(recipe):
        path = folder / step["path"]
        old = path.read_text(encoding="utf-8") if path.exists() else ""
        head, line, rest = old.partition(step["line"]) if step["line"] else (old, "", "")
        assert (line, head != "") == (step["line"] or "", path.exists())
        path.write_text(head + step["text"] + line + rest, encoding="utf-8")


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what the tests of registries need, compiled modules too, all recipes followed."""
    folder = tmp_path_factory.mktemp("copy")
    for name in ("cnncalc", "specs", "tests", "docs"):
        shutil.copytree(ROOT / name, folder / name)
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, folder)
    for recipe in RECIPES:
        follow(recipe, folder)
    (folder / "net.yaml").write_text(SPEC, encoding="utf-8")
    return folder


def python(copy: Path, *words: str, given: str = "") -> str:
    env = os.environ | {"PYTHONPATH": str(copy), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, *words], input=given, cwd=copy, env=env, capture_output=True,
        encoding="utf-8",
    )  # fmt: skip
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def answers(copy: Path) -> dict[str, tuple[int, str]]:
    """What commands of the copy say."""
    found: dict[str, tuple[int, str]] = json.loads(
        python(copy, "-c", RUN_ALL, given=json.dumps([*FOUND]))
    )
    return found


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_recipe_has_code(recipe: str) -> None:
    assert steps(recipe)


@pytest.mark.parametrize("words", FOUND)
def test_commands_know_what_was_added(words: str, answers: dict[str, tuple[int, str]]) -> None:
    code, text = answers[words]
    assert code == 0
    assert [part for part in FOUND[words] if part not in text] == []


def test_tests_ask_for_what_is_missing(copy: Path) -> None:
    """A case and the schema for a kind, schemas for a quantity, a page and a case for a rule, a
    golden file and documentation for a format, documentation and hostile words for a command.
    """
    page = copy / "cnncalc" / "rules" / "CNN399.md"
    page.rename(copy / "page.md")
    words = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=line")
    text = python(copy, *words, *(f"tests/{name}" for name in ASKING))
    (copy / "page.md").rename(page)
    failed = set(re.findall(r"^FAILED tests/([\w.:]+(?:\[[\w-]+\])?)", text, re.MULTILINE))
    assert failed == {*ASKING}, text
