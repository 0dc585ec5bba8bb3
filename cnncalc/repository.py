"""The git repository that a folder lies in: where it is, and what git knows of it.

Git is called so that a stranger's repository can run nothing and fetch nothing. Files of a checkout
can look like a bare repository, with a configuration that names commands; and a promised object
that is missing would be fetched with a command of that configuration.
"""

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import subprocess

_OPTIONS = (
    "--no-optional-locks",
    "-c", "safe.bareRepository=explicit",  # git 2.38 and later
    "-c", "protocol.allow=never",
    "-c", "core.fsmonitor=false",  # which may be a command
    "-c", "core.quotePath=false",
    "-c", "core.bigFileThreshold=1m",  # a larger file is passed on as it is read
)  # fmt: skip
_ENVIRONMENT = {
    "GIT_ALLOW_PROTOCOL": "none",  # stands above what a configuration allows
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_TERMINAL_PROMPT": "0",
}
_WHOLE_HISTORY = "this clone does not have the whole history: git fetch --unshallow"


# Without git.


def repository_root(start: str) -> str | None:
    """The nearest folder from `start` upwards that has a .git."""
    folder = start
    while not is_top(folder):
        folder = os.path.dirname(folder)
    return folder if _has_git(folder) else None


def is_top(folder: str) -> bool:
    """Whether a folder is that of a repository, or the top of the file system."""
    return _has_git(folder) or os.path.dirname(folder) == folder


def _has_git(folder: str) -> bool:
    return os.path.lexists(os.path.join(folder, ".git"))


# With git.


class GitError(Exception):
    """Why git does not have what was asked for, in its own words."""


def command(*words: str) -> list[str]:
    """The command line of git."""
    return ["git", *_OPTIONS, *words]


def environment() -> dict[str, str]:
    """The environment of git."""
    return os.environ | _ENVIRONMENT


def read_blob(name: str, max_size: int, folder: str | None = None) -> bytes:
    """The file that REVISION:PATH names, at most `max_size` + 1 bytes of it. Raises GitError."""
    import subprocess  # slow, and few commands ask git

    null, pipe = subprocess.DEVNULL, subprocess.PIPE
    words = command("cat-file", "blob", name)
    try:
        process = subprocess.Popen(
            words, stdin=null, stdout=pipe, stderr=null, env=environment(), cwd=folder
        )
    except OSError as error:
        raise GitError(_not_started(error)) from None
    with process:
        assert process.stdout is not None
        data = process.stdout.read(max_size + 1)
        if len(data) > max_size:
            process.kill()
            return data
    if process.returncode:
        raise GitError(_reason(words, folder))
    return data


def has_commit(revision: str) -> bool:
    """Whether a revision names a commit."""
    return has_object(f"{revision}^{{commit}}")


def has_object(name: str) -> bool:
    """Whether there is what REVISION or REVISION:PATH names; paths are seen from here."""
    try:
        ask("rev-parse", "--verify", "--quiet", "--end-of-options", name, folder=os.getcwd())
    except GitError:
        return False
    return True


def ignored(paths: Iterable[str], root: str) -> set[str]:
    """Which paths git ignores and does not track; none where git cannot say."""
    # Behind ./ no path is an option, nor a pattern of git's that begins with a colon.
    listed = b"".join(b"./%b\0" % os.fsencode(os.path.relpath(path, root)) for path in paths)
    try:
        found = ask("check-ignore", "--stdin", "-z", folder=root, data=listed, good=(0, 1))
    except GitError:
        return set()
    return {os.path.join(root, os.fsdecode(path[2:])) for path in found.split(b"\0") if path}


def ask(*words: str, folder: str, data: bytes = b"", good: tuple[int, ...] = (0,)) -> bytes:
    """What a command of git prints. Raises GitError where it ends with none of the good codes."""
    try:
        done = _run(command(*words), folder, data)
    except OSError as error:
        raise GitError(_not_started(error)) from None
    if done.returncode not in good:
        raise GitError(_with_advice(_first_line(done.stderr), folder))
    return done.stdout


def _not_started(error: OSError) -> str:
    missing = isinstance(error, FileNotFoundError)
    return "git is not installed" if missing else f"git cannot be started: {error.strerror}"


def _reason(words: list[str], folder: str | None) -> str:
    """What git says of a command that fails."""
    return _with_advice(_said(words, folder), folder)


def _with_advice(said: str, folder: str | None) -> str:
    said = said.removeprefix("fatal: ")
    if _said(command("rev-parse", "--is-shallow-repository"), folder) == "true":
        said += f"; {_WHOLE_HISTORY}"
    return said


def _said(words: list[str], folder: str | None) -> str:
    """The first line of what a command prints."""
    done = _run(words, folder)
    return _first_line(done.stdout or done.stderr)


def _run(
    words: list[str], folder: str | None, data: bytes = b""
) -> "subprocess.CompletedProcess[bytes]":
    import subprocess  # slow, and few commands ask git

    return subprocess.run(
        words, input=data, capture_output=True, env=environment(), cwd=folder, check=False
    )


def _first_line(output: bytes) -> str:
    return output.decode("utf-8", "replace").strip().partition("\n")[0]
