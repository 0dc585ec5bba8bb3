"""What holds of every format of every command, by the registry; a new one is met here first.

cases/formats/COMMAND.FORMAT.txt is what a command writes about net.yaml beside it. A new format
needs `pytest --update`, and its golden file to be read before it is committed.
"""

import inspect
import json
import re
from pathlib import Path
from typing import Any

import click
import pytest
from click.shell_completion import ShellComplete
from running import Command, Compare
from running import command as command_of

from cnncalc.commands.main import cli
from cnncalc.render.formats import FORMATS, commands, format_of_file, formats_of, writer_of

ROOT = Path(__file__).parent.parent
CASES = Path(__file__).parent / "cases" / "formats"
NET = "net.yaml"
# How each command is called about one spec.
WORDS = {
    "describe": ("describe", NET),
    "explain": ("explain", NET),
    "trace": ("trace", NET),
    "check": ("check", NET, "-v"),
    "diff": ("diff", NET, "after.yaml"),
    "solve": ("solve", NET, "--inputs", "1..9"),
    "draw": ("draw", NET, "--as", "graph"),
}


def writes(command: str, name: str) -> str:
    """What a writer returns."""
    found = inspect.signature(writer_of(command, name)).return_annotation
    return found if isinstance(found, str) else str(found.__name__)


ALL = [(command, name) for command in commands() for name in formats_of(command)]
EACH = [pair for pair in ALL if writes(*pair) == "str"]  # PNG and PDF are in test_draw.py
HOSTILE: list[str] = json.loads((CASES.parent / "machine" / "hostile.json").read_text("utf-8"))
IN_A_SPEC = [text for text in HOSTILE if not re.search("[\ud800-\udfff]", text)]


@pytest.mark.parametrize("command", WORDS)
def test_a_command_offers_the_formats_of_the_registry(command: str) -> None:
    (option,) = (param for param in command_of(command).params if param.name == "format_")
    assert isinstance(option.type, click.Choice)
    assert list(option.type.choices) == list(formats_of(command))


def test_every_command_with_a_choice_of_formats_is_here() -> None:
    context = click.Context(cli)
    offering = [
        name
        for name in cli.list_commands(context)
        if (found := cli.get_command(context, name))
        and any(param.name == "format_" for param in found.params)
    ]
    assert sorted(offering) == sorted(commands()) == sorted(WORDS)


@pytest.mark.parametrize(("command", "name"), ALL)
def test_there_is_a_writer(command: str, name: str) -> None:
    assert writes(command, name) in ("str", "bytes")


@pytest.mark.parametrize("command", WORDS)
def test_suffixes(command: str) -> None:
    for name, format_ in formats_of(command).items():
        first = format_of_file(command, f"folder/net{format_.suffix.upper()}")
        assert first is not None
        assert list(formats_of(command)).index(first) <= list(formats_of(command)).index(name)
    assert format_of_file(command, "net") is None
    assert format_of_file(command, "net.yaml") is None


def test_completion_of_a_report() -> None:
    found = ShellComplete(cli, {}, "cnncalc", "_CNNCALC_COMPLETE")
    words = found.get_completions(["check", "--report"], "s")
    assert [item.value for item in words] == ["sarif="]


# Documentation.


def formats_table() -> str:
    """The table of formats, as docs/commands.md has it."""
    rows = [
        f"| `{name}` | {', '.join(format_.writers)} | {format_.meaning} |"
        for name, format_ in FORMATS.items()
    ]
    return "\n".join(("| format | commands | what it is |", "|---|---|---|", *rows))


def test_the_page_of_commands_has_every_format(request: pytest.FixtureRequest) -> None:
    path = ROOT / "docs" / "commands.md"
    text = path.read_text("utf-8")
    if request.config.getoption("--update"):
        pattern = r"\| format \| commands \| .*\n(?:\|.*\n)+"
        text = re.sub(pattern, lambda _: formats_table() + "\n", text)
        path.write_text(text, "utf-8")
    assert f"\n\n{formats_table()}\n\n" in text


# Cases.


@pytest.mark.parametrize(("command", "name"), EACH)
def test_golden(
    command: str, name: str, run: Command, compare: Compare, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(CASES)
    for module in ("cnncalc.version", "cnncalc.render.json", "cnncalc.commands.check.sarif"):
        monkeypatch.setattr(f"{module}.__version__", "1.2.3")
    out = run(*WORDS[command], "--format", name).out
    if name == "sarif":  # the rules are tested by themselves
        out = re.sub(r'"rules": \[\n.*?\n\]', '"rules": [...]', out, flags=re.DOTALL)
    compare(CASES / f"{command}.{name}.txt", out)


def test_no_golden_is_left_over() -> None:
    found = {path.name for path in CASES.glob("*.txt")}
    assert found == {f"{command}.{name}.txt" for command, name in EACH}


# Hostile names.

RUNNER = re.compile(r"^\s*::|##\[|##vso\[", re.MULTILINE)
OURS = re.compile(r"^::(error|warning|notice) title=cnncalc ", re.MULTILINE)


def write_hostile(path: Path, text: str) -> None:
    """A spec with the text wherever free text may stand."""
    quoted = "".join(char if char.isalnum() else f"\\U{ord(char):08x}" for char in text)
    path.write_text(
        f"""name: "{quoted}"
source: "{quoted}"
note: "{quoted}"
input: {{shape: 2x2x1, values: [[1, 2], [3, 4]]}}
layers:
  - max_pool: {{kernel: 1, stride: 2}}
    note: "{quoted}"
""",
        "utf-8",
    )


def words_for(command: str, path: Path) -> list[Any]:
    return [{NET: path, "after.yaml": "lenet"}.get(word, word) for word in WORDS[command]]


@pytest.mark.parametrize(("command", "name"), EACH)
@pytest.mark.parametrize("text", IN_A_SPEC, ids=ascii)
def test_hostile_names(command: str, name: str, text: str, run: Command, tmp_path: Path) -> None:
    """No control signs, and no line that a CI runner would take for a command."""
    path = tmp_path / "net.yaml"
    write_hostile(path, text)
    code, out, errors = run(*words_for(command, path), "--format", name)
    assert code == 0
    assert all(char.isprintable() for char in (out + errors).replace("\n", ""))
    assert not RUNNER.search(OURS.sub("", out) + errors)


@pytest.mark.parametrize(("command", "name"), EACH)
def test_no_colour_but_for_people(command: str, name: str, run: Command, tmp_path: Path) -> None:
    """--color always is about tables and texts."""
    path = tmp_path / "net.yaml"
    write_hostile(path, "x")
    out = run(*words_for(command, path), "--format", name, "--color", "always").out
    assert "\x1b" not in out or FORMATS[name].suffix == ".txt"
