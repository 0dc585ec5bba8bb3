"""The README and SECURITY.md cannot rot: their commands are run and must print what they show.

`pytest --update` rewrites the outputs of console blocks.
"""

from __future__ import annotations

import doctest
import re
import shlex
from pathlib import Path

import pytest
from running import Command

from cnncalc import limits, problems
from cnncalc.commands.check import config
from cnncalc.commands.check.command import check
from cnncalc.language import syntax

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
SECURITY = ROOT / ".github" / "SECURITY.md"
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


@pytest.mark.parametrize(("page", "least"), [(README, 6), (SECURITY, 1)])
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


@pytest.mark.parametrize("page", [README, SECURITY])
def test_commands_of_scripts(page: Path) -> None:
    """Those that are not run have options that exist."""
    lines = [line for block in BLOCK.findall(page.read_text("utf-8")) for line in block.split("\n")]
    commands = [line.strip().removeprefix("- run: ") for line in lines if "cnncalc check" in line]
    assert commands
    for command in commands:
        words = shlex.split(command.partition("cnncalc check")[2])
        with check.make_context("check", words, resilient_parsing=False):
            pass


def test_the_limits_of_security() -> None:
    text = SECURITY.read_text("utf-8")
    assert "16 MiB (`--limit size=BYTES`)" in text
    assert limits.MAX_SIZE == 16 * 2**20
    assert f"| {syntax.MAX_EVENTS:,}, nested {syntax.MAX_NESTING} deep |" in text
    assert f"| {limits.MAX_ITEMS:,} (`--limit layers=N`) |" in text
    assert f"| {problems.MAX_ERRORS:,} |" in text
    assert f"| 1 MiB, {config.MAX_PATTERNS} patterns in a list |" in text
    assert config.MAX_SIZE == 2**20


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
