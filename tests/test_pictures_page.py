"""docs/pictures.md: its commands make the pictures beside it, and its examples run.

`pytest --update` makes the pictures and the outputs anew.
"""

from __future__ import annotations

import doctest
import re
import shlex
from pathlib import Path

import pytest
from pictures import check_layout
from running import Command

from cnncalc.commands.draw.kinds import KINDS

ROOT = Path(__file__).parent.parent
PAGE, FOLDER = ROOT / "docs" / "pictures.md", ROOT / "docs" / "pictures"
CONSOLE = re.compile(r"(?<=^```console\n).*?(?=^```$)", re.MULTILINE | re.DOTALL)
TO_A_FILE = re.compile(r"^\$ cnncalc ((?:draw|diff) .*) -o docs/pictures/(\S+)$", re.MULTILINE)
COMMANDS = TO_A_FILE.findall(PAGE.read_text("utf-8"))


@pytest.mark.parametrize(("words", "name"), COMMANDS, ids=[name for _, name in COMMANDS])
def test_pictures_are_current(
    words: str, name: str, run: Command, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    path = FOLDER / name if request.config.getoption("--update") else tmp_path / name
    assert run(*shlex.split(words), "-o", path).code == 0
    assert path.read_bytes() == (FOLDER / name).read_bytes()
    check_layout(path.read_text("utf-8"))


def test_texts_are_current(run: Command, request: pytest.FixtureRequest) -> None:
    def shown(block: re.Match[str]) -> str:
        line = block[0].splitlines()[0]
        if TO_A_FILE.match(line):
            return f"{line}\n"
        return f"{line}\n{run(*shlex.split(line)[2:]).out.rstrip()}\n"

    text = PAGE.read_text("utf-8")
    true = CONSOLE.sub(shown, text)
    if request.config.getoption("--update"):
        PAGE.write_text(true, "utf-8")
    assert PAGE.read_text("utf-8") == true


def test_examples() -> None:
    result = doctest.testfile(str(PAGE), module_relative=False)
    assert result.attempted > 4
    assert result.failed == 0


def test_the_page_has_every_kind_and_every_picture() -> None:
    text = PAGE.read_text("utf-8")
    assert re.findall(r"^\| `(\w+)[ `]", text, re.MULTILINE) == [*KINDS]
    assert {path.name for path in FOLDER.iterdir()} == {name for _, name in COMMANDS}
    assert all(f"](pictures/{name})" in text for _, name in COMMANDS)
