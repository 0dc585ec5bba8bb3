"""Whatever stands in an argument, an option or a setting is shown, and never obeyed.

Terminals obey escapes, bidirectional signs turn a line round, and CI runners take a line that
begins with `::` or holds `##[` for a command.
"""

import io
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from running import Command, Result, command

from cnncalc.commands.main import cli

SPEC = "input: 8x8x1\nlayers:\n  - conv: {filters: 2, kernel: 3}\n"
HOSTILE = [
    "c\x1b]0;pwned\x07",
    "\x1b[31mred",
    "a\u202eb\u2066",
    "##[error]x",
    "##vso[task.complete]",
    "##teamcity[buildStop x]",
    "::error::x",
    "a\n::error::x",
    "a\r::error::x\x85\u2028",
]
COMMANDS = {
    "describe": ["lenet"],
    "explain": ["lenet"],
    "solve": ["-W", "5", "-O", "3"],
    "trace": ["trace-vertical-line"],
    "check": ["lenet"],
    "diff": ["lenet", "lenet"],
    "draw": ["lenet"],
    "import": ["net.yaml"],
    "export": ["lenet", "--to", "pytorch"],
    "specs": [],
    "init": ["-"],
    "help": ["conv"],
    "layers": [],
    "rules": [],
    "quantities": [],
    "schema": [],
}


OURS = re.compile(r"::(error|warning|notice) title=cnncalc \(")  # commands of --format github


def harmless(result: Result) -> None:
    for line in (result.out + result.err).split("\n"):
        assert line.isprintable(), line
        assert not re.search(r"##\w*\[", line), line
        assert OURS.match(line) or not line.lstrip().startswith(("::", "##")), line


@pytest.fixture(autouse=True)
def here(here: Path) -> Path:
    (here / "net.yaml").write_text(SPEC)
    return here


def places() -> Iterator[tuple[str, str]]:
    """Every command with each of its options and arguments, as far as the program knows them."""
    for name in cli.list_commands(click.Context(cli)):
        for param in command(name).params:
            yield name, param.opts[-1] if isinstance(param, click.Option) else ""
        yield name, "one argument too many"


def test_every_command_is_here() -> None:
    assert sorted(COMMANDS) == sorted(cli.list_commands(click.Context(cli)))


@pytest.mark.parametrize(("name", "option"), sorted(set(places())))
def test_arguments_and_options(
    name: str, option: str, run: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    for value in HOSTILE:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(SPEC.encode())))
        words = COMMANDS[name]
        if option.startswith("-"):
            forms = [[*words, f"{option}={value}"], [*words, option, value]]
            forms += [[*words, option, f"{kind}={value}"] for kind in ("json", "parameters")]
            forms += [[*words, f"{option}{value}"]]
        elif option:
            forms = [[*words, value], [*words, value, value, value]]
        else:
            forms = [[value, *words[1:]], [*words[:1], value, *words[2:]], ["--", value]]
        for form in forms:
            harmless(run(name, *form))
            if name == "check":
                harmless(run(name, *form, "--format", "github"))


@pytest.mark.parametrize("value", HOSTILE)
def test_names_of_commands_and_their_options(value: str, run: Command) -> None:
    for words in ([value], [f"--{value}"], [f"-{value}"], ["--debug", value]):
        harmless(run(*words))
    for name in COMMANDS:
        harmless(run(name, f"--{value}"))
        harmless(run(name, f"-{value}"))


# Names of files as options.


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_a_file_is_no_option(name: str, run: Command, here: Path) -> None:
    (here / "-v").write_text(SPEC)
    errors = run.refusal(name, *COMMANDS[name], "-v")
    assert errors.endswith(
        "Error: '-v' is also the name of a file here: "
        "write ./-v for the file, or -- before the paths\n"
    )


def test_a_folder_cannot_name_a_report(run: Command, here: Path) -> None:
    """As a hook passes the files of a commit, and a shell `*`."""
    for folder, file in (
        ("--report=json=other", "net.yaml"),
        ("--report=json=", str(here / "written.cnn.yaml")[1:]),
        ("-", "net.yaml"),
    ):
        path = Path(folder, file)
        path.parent.mkdir(parents=True)
        path.write_text("layers: [covn]\n")
        errors = run.refusal("check", str(path), "net.yaml")
        assert f"'{path}' is also the name of a file here: write ./{path} for the file" in errors
        assert run("check", f"./{path}").code == 1
        assert run("check", "net.yaml", "--", path).code == 1
    assert not (here / "other").exists()
    assert not (here / "written.cnn.yaml").exists()
    errors = run.refusal("check", "net.yaml", "-")
    assert "'-' is also the name of a folder here: write ./- for the folder, or --" in errors


def test_a_file_named_like_an_option_of_all_commands(run: Command, here: Path) -> None:
    (here / "--debug").symlink_to("nowhere")
    assert run("--debug", "describe", "lenet").code == 2
    assert run("describe", "lenet").code == 0


def test_values_of_options_may_be_files(run: Command, here: Path) -> None:
    run.output("describe", "lenet", "-o", "out.json")
    assert run("describe", "lenet", "-o", "out.json").code == 0


# Settings.

SETTINGS = [
    "specs = VALUE",
    "specs = [VALUE, 'net.yaml']",
    "select = VALUE",
    "ignore = VALUE",
    "fail-on = VALUE",
    "strict = VALUE",
    "VALUE = 1",
    "max.parameters = VALUE",
    "max.VALUE = 1",
    "min.VALUE = VALUE",
    "max = VALUE",
    "budgets.VALUE.max.parameters = 1",
    "budgets.VALUE.VALUE = 1",
    "budgets.'*'.max.parameters = VALUE",
    "budgets.'*'.max.VALUE = 1",
    "VALUE",
]


@pytest.mark.parametrize("line", SETTINGS)
def test_settings(line: str, run: Command, here: Path) -> None:
    for value in HOSTILE:
        text = line.replace("VALUE", json.dumps(value))
        (here / "pyproject.toml").write_text(f"[tool.cnncalc]\n{text}\n")
        for words in ([], ["--format", "github"], ["-v", "--format", "concise"]):
            result = run("check", *words)
            assert result.code != 3
            harmless(result)


@pytest.mark.parametrize("value", HOSTILE)
def test_folders_with_settings(value: str, run: Command, here: Path) -> None:
    folder = here / value
    folder.mkdir()
    (folder / "net.yaml").write_text(SPEC)
    (folder / "cnncalc.toml").touch()
    (folder / "node_modules").mkdir()
    for text, code in (("max.parameters = 19", 1), ("specs", 2)):
        (folder / "pyproject.toml").write_text(f"[tool.cnncalc]\n{text}\n")
        for words in ([], ["--config", folder / "pyproject.toml"]):
            result = run("check", ".", "-v", *words)
            assert result.code == code
            harmless(result)
