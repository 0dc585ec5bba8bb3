"""The git repository that a folder lies in, found without git."""

import os


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
