"""Runs the command line inside the test's own process."""

import gc
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TypeAlias

import click
import pytest

from cnncalc.commands.main import cli, main

Compare: TypeAlias = Callable[[Path, str], None]  # a text with its golden file

_USAGE = re.compile(r"^Usage: .*\n(?:Try .*\n)?\n(?=Error: )", re.MULTILINE)
_INVALID = re.compile(r"(?<=^Error: )Invalid value for '(.+?)'(?=: )", re.MULTILINE)


def git(folder: Path, *words: str) -> str:
    """What git says, as somebody whom no settings of this machine know."""
    own = ("-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false")
    done = subprocess.run(["git", *own, *words], cwd=folder, check=True, capture_output=True)
    return done.stdout.decode().strip()


def command(name: str) -> click.Command:
    """A command as click has it."""
    found = cli.get_command(click.Context(cli), name)
    assert found is not None
    return found


class Result(NamedTuple):
    """What a user sees of a command."""

    code: int
    out: str
    err: str

    def own_words(self) -> str:
        """What stands on stderr, without the words that click puts around a usage error.

        Those differ between the releases of click.
        """
        return _INVALID.sub(r"\1", _USAGE.sub("", self.err))


class Command:
    """`run("describe", "lenet")` as `cnncalc describe lenet` on a pipe."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def __call__(self, *words: object) -> Result:
        self.capsys.readouterr()
        gc.disable()  # as in the process of a command
        try:
            with pytest.raises(SystemExit) as left:
                main([str(word) for word in words])
        finally:
            gc.enable()
        return Result(int(left.value.code or 0), *self.capsys.readouterr())

    def output(self, *words: object) -> str:
        """What a command prints that succeeds and has nothing to say on stderr."""
        code, out, errors = self(*words)
        assert (code, errors) == (0, "")
        return out

    def refusal(self, *words: object, code: int = 2) -> str:
        """What stands on stderr when a command prints nothing: 1 of a spec, 2 of its words."""
        found, out, errors = self(*words)
        assert (found, out) == (code, "")
        return errors
