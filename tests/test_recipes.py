"""The recipes of CONTRIBUTING.md for a kind, a quantity and a rule, followed to the letter.

Each is applied to a copy of the package; then the commands know the new thing, and the tests that
go over all kinds, quantities and rules ask for what the recipe says they ask for.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
GUIDE = (ROOT / ".github" / "CONTRIBUTING.md").read_text(encoding="utf-8")
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

ASKING = (
    "test_schema.py::test_committed_copy",
    "test_output_schemas.py::test_committed_copy[describe]",
    "test_rules.py::test_page[CNN399]",
    "test_rules.py::test_every_rule_has_a_case[CNN399]",
    "test_tables.py::test_every_kind_has_a_case",
)


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
    """A copy of the package and of the tests of registries, with three recipes followed."""
    folder = tmp_path_factory.mktemp("copy")
    nothing = shutil.ignore_patterns("__pycache__", "*.pyc")
    for name in ("cnncalc", "specs", "tests"):
        shutil.copytree(ROOT / name, folder / name, ignore=nothing)
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, folder)
    for recipe in ("A kind", "A quantity", "A rule"):
        follow(recipe, folder)
    (folder / "net.yaml").write_text(SPEC, encoding="utf-8")
    return folder


def python(copy: Path, *words: str) -> tuple[int, str]:
    env = os.environ | {"PYTHONPATH": str(copy), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, *words], cwd=copy, env=env, capture_output=True, encoding="utf-8"
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("recipe", ["A kind", "A quantity", "A rule"])
def test_a_recipe_has_code(recipe: str) -> None:
    assert steps(recipe)


@pytest.mark.parametrize(
    ("words", "code", "found"),
    [
        ("describe net.yaml --columns layer,output,links_per_weight", 0, "half_channels1"),
        ("describe net.yaml --columns layer,output,links_per_weight", 0, "8×8×2"),
        ("describe net.yaml --columns layer,output,links_per_weight", 0, "Links/weight"),
        ("describe net.yaml", 0, "warning[CNN399]: relu2 changes nothing"),
        ("explain net.yaml conv1", 0, "1,368/36 = 38"),
        ("check net.yaml", 0, "CNN399"),
        ("check net.yaml --format json", 0, "repeated-relu"),
        ("layers half_channels", 0, "The first half of the channels."),
        ("quantities", 0, "connections divided by weights"),
        ("rules CNN399", 0, "the second has nothing to do"),
    ],
)
def test_commands_know_what_was_added(copy: Path, words: str, code: int, found: str) -> None:
    assert found in (answer := python(copy, "-m", "cnncalc", *words.split()))[1]
    assert answer[0] == code


def test_tests_ask_for_what_is_missing(copy: Path) -> None:
    """A case and the schema for the kind, the schemas for the quantity, the page for the rule."""
    (copy / "cnncalc" / "rules" / "CNN399.md").rename(copy / "page.md")
    words = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=line")
    _, text = python(copy, *words, *(f"tests/{name}" for name in ASKING))
    (copy / "page.md").rename(copy / "cnncalc" / "rules" / "CNN399.md")
    failed = set(re.findall(r"^FAILED tests/([\w.:]+(?:\[[\w-]+\])?)", text, re.MULTILINE))
    assert failed == {*ASKING}, text
