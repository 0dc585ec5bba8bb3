"""Standard streams that are closed, full or read by nobody, and few open files: never a bug."""

from __future__ import annotations

import os
import resource
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from test_cli import start

BAD = str(Path(__file__).parent / "cases/bad/reuse-itself.yaml")
STREAMS: Any = {
    "stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE,
}  # fmt: skip


def closing(*numbers: int) -> Callable[[], None]:
    return lambda: [os.close(number) for number in numbers] and None


@pytest.mark.parametrize("words", [["describe", "-"], ["diff", "-", "lenet"], ["explain", "-"]])
def test_standard_input_that_is_closed(words: list[str]) -> None:
    process = start(*words, **STREAMS, preexec_fn=closing(0))
    out, errors = process.communicate()
    assert (process.returncode, out) == (2, b"")
    assert errors.endswith(b"Error: cannot read -: standard input is closed\n")


@pytest.mark.parametrize("command", ["describe", "check"])
def test_standard_input_that_cannot_be_read(command: str, tmp_path: Path) -> None:
    with open(tmp_path / "only-written", "wb") as file:
        process = start(command, "-", **STREAMS | {"stdin": file})
        out, errors = process.communicate()
    assert (process.returncode, out) == (2, b"")
    assert errors.endswith(b": Bad file descriptor\n")


@pytest.mark.parametrize("closed", [(1,), (2,), (1, 2), (0, 1, 2)])
@pytest.mark.parametrize(
    ("words", "code"), [(["describe", "lenet"], 0), (["check", "lenet"], 0), (["check", BAD], 1)]
)
def test_output_that_is_closed(
    words: list[str], code: int, closed: tuple[int, ...], tmp_path: Path
) -> None:
    report = tmp_path / "report.json"
    options = ["--report", f"json={report}"] if words[0] == "check" else []
    process = start(*words, *options, **STREAMS, preexec_fn=closing(*closed))
    out, errors = process.communicate()
    assert process.returncode == code
    assert b"bug" not in errors
    assert bool(out) == (1 not in closed)
    if options:
        assert report.read_bytes().endswith(b"}\n")


@pytest.fixture(params=["closed", "full"])
def unheard(request: pytest.FixtureRequest) -> Iterator[int]:
    """A stream that takes nothing."""
    if request.param == "full":
        number = os.open("/dev/full", os.O_WRONLY)
    else:
        reader, number = os.pipe()
        os.close(reader)
    yield number
    os.close(number)


@pytest.mark.parametrize(
    ("words", "code"), [(["describe", "nix.yaml"], 2), (["describe", BAD], 1), (["check", BAD], 1)]
)
def test_errors_that_nobody_hears_leave_the_exit_code(
    words: list[str], code: int, unheard: int
) -> None:
    process = start(*words, **STREAMS | {"stderr": unheard})
    process.communicate()
    assert process.returncode == code


def test_processes_that_cannot_be_started(tmp_path: Path) -> None:
    for name in "abcdefgh":
        (tmp_path / f"{name}.yaml").write_text("input: 8x8x1\nlayers: [fc: 10]\n")

    def few_files() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (8, 8))

    process = start("check", str(tmp_path), "--jobs", "5", **STREAMS, preexec_fn=few_files)
    out, errors = process.communicate()
    assert (process.returncode, out) == (2, b"")
    assert errors == (
        b"Error: cannot start 5 processes: Too many open files; try --jobs 1\n"
    )  # fmt: skip
    process = start("check", str(tmp_path), **STREAMS, preexec_fn=few_files)
    out, errors = process.communicate()
    assert (process.returncode, errors) == (0, b"")
