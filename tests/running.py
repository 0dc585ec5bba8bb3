"""Runs the command line inside the test's own process."""

from typing import NamedTuple

import pytest

from cnncalc.cli.main import main


class Result(NamedTuple):
    """What a user sees of a command."""

    code: int
    out: str
    err: str


class Command:
    """`run("describe", "lenet")` as `cnncalc describe lenet` on a pipe."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def __call__(self, *words: object) -> Result:
        self.capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main([str(word) for word in words])
        return Result(int(left.value.code or 0), *self.capsys.readouterr())
