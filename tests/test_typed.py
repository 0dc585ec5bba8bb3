"""The library is typed: type checkers accept right uses, and find slips.

mypy and basedpyright read the same two files, as somebody's editor would.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent / "typed"
# As a user has it: all checks, but for remarks that are no errors.
PYRIGHT = ("--outputjson", "--level", "error", "--pythonpath", sys.executable)


def mypy(path: Path, cache: Path) -> set[int]:
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--cache-dir"]
    done = subprocess.run(
        [*command, str(cache), "--config-file", "", str(path)],
        capture_output=True, text=True, check=False, cwd=cache,
    )  # fmt: skip
    assert done.stderr == ""
    lines = (line.split(":") for line in done.stdout.splitlines() if ": error:" in line)
    return {int(parts[-3 if parts[-3].strip().isdigit() else 1]) for parts in lines}


def basedpyright(path: Path, cache: Path) -> set[int]:
    done = subprocess.run(
        [sys.executable, "-m", "basedpyright", *PYRIGHT, str(path)],
        capture_output=True, text=True, check=False, cwd=cache,
    )  # fmt: skip
    found = json.loads(done.stdout)["generalDiagnostics"]
    return {problem["range"]["start"]["line"] + 1 for problem in found}


@pytest.mark.parametrize("checker", [mypy, basedpyright])
def test_right_uses_are_accepted(checker: type, tmp_path: Path) -> None:
    assert checker(HERE / "right.py", tmp_path) == set()


@pytest.mark.parametrize("checker", [mypy, basedpyright])
def test_slips_are_found(checker: type, tmp_path: Path) -> None:
    path = HERE / "wrong.py"
    lines = enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
    assert checker(path, tmp_path) == {number for number, line in lines if "# wrong" in line}
