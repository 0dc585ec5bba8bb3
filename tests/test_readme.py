"""The README cannot rot: its commands are run and must print what it shows.

`pytest --update` rewrites the outputs of console blocks.
"""

from __future__ import annotations

import doctest
import re
import shlex
from pathlib import Path

import pytest
from running import Command

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
CONSOLE = re.compile(r"(?<=^```console\n).*?(?=^```$)", re.MULTILINE | re.DOTALL)
SPEC = re.compile(r"(?<=^```yaml\n).*?(?=^```$)", re.MULTILINE | re.DOTALL)


def shown(block: str, run: Command) -> str:
    """A console block with the outputs that its commands have now."""
    lines = []
    for line in block.splitlines():
        if line.startswith("$ cnncalc "):
            result = run(*shlex.split(line)[2:])
            lines += [line, result.out.rstrip("\n"), result.err.rstrip("\n")]
    return "\n".join(filter(None, lines)) + "\n"


def test_commands(
    run: Command, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    text = README.read_text("utf-8")
    true = CONSOLE.sub(lambda block: shown(block[0], run), text)
    if request.config.getoption("--update"):
        README.write_text(true, "utf-8")
    assert text.count("$ cnncalc") >= 6
    assert README.read_text("utf-8") == true


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
