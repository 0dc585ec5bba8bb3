"""The pictures of README.md and docs/*.md are those that the commands above them make.

`pytest --update` makes them anew. tests/test_readme.py tests the rest of these pages.
"""

from __future__ import annotations

import io
import re
import shlex
from pathlib import Path

import pytest
from pictures import check_layout
from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text
from running import Command

from cnncalc.commands.draw.kinds import KINDS

ROOT = Path(__file__).parent.parent
PAGE, FOLDER = ROOT / "docs" / "pictures.md", ROOT / "docs" / "pictures"
TO_A_FILE = re.compile(r"^\$ cnncalc ((?:draw|diff) .*) -o docs/pictures/(\S+)$", re.MULTILINE)
TEXTS = [path.read_text("utf-8") for path in [ROOT / "README.md", *ROOT.glob("docs/*.md")]]
COMMANDS = sorted({found for text in TEXTS for found in TO_A_FILE.findall(text)})
WIDTH = 97  # of the table, in characters
TABLE = ("describe", "lenet-1998")  # at the top of the README


@pytest.mark.parametrize(("words", "name"), COMMANDS, ids=[name for _, name in COMMANDS])
def test_pictures_are_current(
    words: str, name: str, run: Command, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    path = FOLDER / name if request.config.getoption("--update") else tmp_path / name
    assert run(*shlex.split(words), "-o", path).code == 0
    assert path.read_bytes() == (FOLDER / name).read_bytes()
    check_layout(path.read_text("utf-8"))


def test_the_picture_of_a_table_is_current(run: Command, request: pytest.FixtureRequest) -> None:
    out = run(*TABLE, "--color", "always").out
    console = Console(record=True, width=WIDTH, file=io.StringIO(), color_system="256")
    console.print(Text.from_ansi(out.rstrip("\n")))
    title = " ".join(("cnncalc", *TABLE))
    svg = console.export_svg(title=title, theme=MONOKAI, unique_id="table")
    path = FOLDER / "table.svg"
    if request.config.getoption("--update"):
        path.write_text(svg, "utf-8", newline="\n")
    assert path.read_text("utf-8") == svg


def test_the_page_has_every_kind() -> None:
    assert re.findall(r"^\| `(\w+)[ `]", PAGE.read_text("utf-8"), re.MULTILINE) == [*KINDS]


def test_every_picture_is_made_and_shown() -> None:
    names = {name for _, name in COMMANDS}
    assert len(COMMANDS) == len(names)
    assert {path.name for path in FOLDER.iterdir()} == {*names, "table.svg"}
    assert all(any(f"pictures/{path.name})" in text for text in TEXTS) for path in FOLDER.iterdir())
