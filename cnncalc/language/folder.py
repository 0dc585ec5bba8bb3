"""Folder: where a spec finds the other files that it names, and what it may not name.

`network: {spec: ./other.yaml}` names a spec, `against: net.pt2` a model.


A spec may come from a stranger. So a path is relative to the file that it stands in, and leads,
links resolved, to a regular file below the nearest folder that holds .git, else below the file's
own folder; no part of it begins with a dot. What is said of a file that is no spec quotes none of
it.
"""

import os
import stat
from functools import cached_property
from typing import NamedTuple, Protocol

from cnncalc.repository import repository_root

SUFFIXES = (".yaml", ".yml")
_SAFE = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


class Refused(Exception):
    """Why a file is not opened."""


class Folder(Protocol):
    """Where the paths in a file begin."""

    def key(self, name: str) -> str:
        """The key of a file that is in it under this name, in whatever folder the name is."""

    def open(self, path: str, most: int) -> "Opened":
        """The file at a path, at most so many bytes of it. Raises Refused."""


class Opened(NamedTuple):
    """A file that was found."""

    key: str  # the same for the same file
    shown: str  # how it is reported
    data: bytes  # at most as much as was asked for
    folder: Folder  # in which its own paths begin


class Disk:
    """A folder of the file system; `shown` is what files in it are reported under."""

    def __init__(self, path: str, shown: str) -> None:
        self.given = path
        self.shown = shown

    @cached_property
    def path(self) -> str:
        """Without links; asked for only where a spec names another."""
        return os.path.realpath(self.given or ".")

    @cached_property
    def top(self) -> str:
        """The folder that no path leads out of."""
        return repository_root(self.path) or self.path

    @classmethod
    def of(cls, file: str, shown: str | None = None) -> "Disk":
        """The folder of a file, which is reported under `shown`."""
        return cls(os.path.dirname(file), os.path.dirname(file if shown is None else shown))

    def key(self, name: str) -> str:
        return os.path.join(self.path, os.path.basename(name))

    def open(self, path: str, most: int) -> Opened:
        place = self.find(path, SUFFIXES)
        try:
            data = _read_regular(place, most)
        except OSError as error:
            raise _refused(error) from None
        shown = os.path.normpath(os.path.join(self.shown, path)).replace(os.sep, "/")
        return Opened(place, shown, data, Disk.of(place, shown))

    def find(self, path: str, suffixes: tuple[str, ...]) -> str:
        """Where the regular file at a path is, links resolved. Raises Refused."""
        try:
            place = os.path.realpath(os.path.join(self.path, path))
            below = os.path.relpath(place, self.top)
            check_place(below, "it leads out of its repository or folder", suffixes)
            if not stat.S_ISREG(os.stat(place).st_mode):
                raise Refused("it is not a regular file")
        except (OSError, ValueError) as error:  # ValueError: a character that no path may have
            raise _refused(error) from None
        return place


def _refused(error: OSError | ValueError) -> Refused:
    reason = getattr(error, "strerror", None) or str(error)
    return Refused(reason[:1].lower() + reason[1:])


def check_place(below: str, outside: str, suffixes: tuple[str, ...] = SUFFIXES) -> None:
    """Refuse what is not below the top, or is hidden. Raises Refused."""
    parts = below.replace("\\", "/").split("/")
    if parts[0] == ".." or os.path.isabs(below):
        raise Refused(outside)
    if any(part.startswith(".") for part in parts):
        raise Refused("a part of its path begins with a dot")
    if not below.endswith(suffixes):
        raise Refused(f"its name does not end in {' or '.join(suffixes)}")


def _read_regular(place: str, most: int) -> bytes:
    """A regular file; a pipe is opened without waiting for its other end, and not read."""
    with open(place, "rb", opener=lambda name, flags: os.open(name, _SAFE)) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise Refused("it is not a regular file")
        return file.read(most + 1)
