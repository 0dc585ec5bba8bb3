"""What git knows, asked for so that a stranger's repository can run nothing and fetch nothing.

Files of a checkout can look like a bare repository, with a configuration that names commands; and
a promised object that is missing would be fetched with a command of that configuration.
"""

from __future__ import annotations

import os

_OPTIONS = (
    "--no-optional-locks",
    "-c", "safe.bareRepository=explicit",  # git 2.38 and later
    "-c", "protocol.allow=never",
    "-c", "core.bigFileThreshold=1m",  # a larger file is passed on as it is read
)  # fmt: skip
_ENVIRONMENT = {
    "GIT_ALLOW_PROTOCOL": "none",  # stands above what a configuration allows
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_TERMINAL_PROMPT": "0",
}


class GitError(Exception):
    """Why git does not have what was asked for, in its own words."""


def command(*words: str) -> list[str]:
    """The command line of git."""
    return ["git", *_OPTIONS, *words]


def environment() -> dict[str, str]:
    """The environment of git."""
    return os.environ | _ENVIRONMENT


def read_blob(name: str, max_size: int) -> bytes:
    """The file that REVISION:PATH names, at most `max_size` + 1 bytes of it. Raises GitError."""
    import subprocess  # slow, and few sides of a diff are revisions

    null, pipe = subprocess.DEVNULL, subprocess.PIPE
    words = command("cat-file", "blob", name)
    try:
        process = subprocess.Popen(words, stdin=null, stdout=pipe, stderr=null, env=environment())
    except OSError as error:
        raise GitError(_not_started(error)) from None
    with process:
        assert process.stdout is not None
        data = process.stdout.read(max_size + 1)
        if len(data) > max_size:
            process.kill()
            return data
    if process.returncode:
        raise GitError(_reason(words))
    return data


def _not_started(error: OSError) -> str:
    missing = isinstance(error, FileNotFoundError)
    return "git is not installed" if missing else f"git cannot be started: {error.strerror}"


def _reason(words: list[str]) -> str:
    """What git says of a command that fails."""
    said = _said(words).removeprefix("fatal: ")
    if _said(command("rev-parse", "--is-shallow-repository")) == "true":
        said += "; this clone does not have the whole history: git fetch --unshallow"
    return said


def _said(words: list[str]) -> str:
    """The first line of what a command prints."""
    from subprocess import DEVNULL, PIPE, STDOUT, run  # only after a failure

    done = run(
        words, stdin=DEVNULL, stdout=PIPE, stderr=STDOUT, env=environment(), check=False
    )  # fmt: skip
    return done.stdout.decode("utf-8", "replace").strip().partition("\n")[0]
