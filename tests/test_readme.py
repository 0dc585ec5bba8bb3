"""README, SECURITY.md and docs/ci.md cannot rot: their commands print what they show.

`pytest --update` rewrites the outputs of console blocks.
"""

from __future__ import annotations

import doctest
import re
import shlex
from pathlib import Path

import pytest
from running import Command

from cnncalc import limits, problems, volume, wording
from cnncalc.commands.check import config, fix
from cnncalc.commands.check.command import check
from cnncalc.commands.diff import report, specs
from cnncalc.commands.solve import search
from cnncalc.commands.trace import limits as trace_limits
from cnncalc.commands.trace import numbers
from cnncalc.language import expressions, sizes, syntax
from cnncalc.network import walk

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
SECURITY = ROOT / ".github" / "SECURITY.md"
CI = ROOT / "docs" / "ci.md"
COUNTING = ROOT / "docs" / "counting.md"
CONSOLE = re.compile(r"(?<=^```console\n).*?(?=^```$)", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"(?<=^```)\w+\n.*?(?=^```$)", re.MULTILINE | re.DOTALL)
SPEC = re.compile(r"(?<=^```yaml\n).*?(?=^```$)", re.MULTILINE | re.DOTALL)


def shown(block: str, run: Command) -> str:
    """A console block with the outputs that its commands have now."""
    lines = []
    for line in block.splitlines():
        if line.startswith("$ cnncalc "):
            result = run(*shlex.split(line)[2:])
            lines += [line, result.out.rstrip("\n"), result.err.rstrip("\n")]
    return "\n".join(filter(None, lines)) + "\n"


@pytest.mark.parametrize(("page", "least"), [(README, 6), (SECURITY, 1), (CI, 1), (COUNTING, 1)])
def test_commands(
    page: Path,
    least: int,
    run: Command,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(ROOT)
    text = page.read_text("utf-8")
    true = CONSOLE.sub(lambda block: shown(block[0], run), text)
    if request.config.getoption("--update"):
        page.write_text(true, "utf-8")
    assert text.count("$ cnncalc") >= least
    assert page.read_text("utf-8") == true


@pytest.mark.parametrize("page", [README, SECURITY, CI])
def test_commands_of_scripts(page: Path) -> None:
    """Those that are not run have options that exist."""
    lines = [line for block in BLOCK.findall(page.read_text("utf-8")) for line in block.split("\n")]
    commands = [line.strip().removeprefix("- run: ") for line in lines if "cnncalc check" in line]
    assert commands
    for command in commands:
        words = shlex.split(command.partition("cnncalc check")[2])
        with check.make_context("check", words, resilient_parsing=False):
            pass


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


def test_python() -> None:
    result = doctest.testfile(str(README), module_relative=False)
    assert result.attempted > 5
    assert result.failed == 0


SPECS = [text for text in SPEC.findall(README.read_text("utf-8")) if "\nlayers:" in text]


@pytest.mark.parametrize("text", SPECS)
def test_specs(text: str, run: Command, tmp_path: Path) -> None:
    spec = tmp_path / "spec.yaml"
    spec.write_text(text, "utf-8")
    result = run("describe", spec)
    assert (result.code, result.err) == (0, "")
