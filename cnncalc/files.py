"""The one place that writes files: tables, reports, and specs that `check --update` changes.

A repository may come from a stranger, with links, pipes and files of any name where something is
to be written. So a link that lies in the working tree is never followed; a text is written into a
new file beside the old one, which it replaces in one step; and a file that is read is not written.

The working tree is the git repository round the current folder, else the current folder. A file
keeps its permissions, but it is a new file: it belongs to whoever runs cnncalc, and other hard
links to the old one keep the old text.
"""

import errno
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO, NamedTuple

from cnncalc.repository import repository_root
from cnncalc.wording import visible

STDIN = "-"  # how standard input and output are called
_DESCRIPTORS = ("/proc/", "/dev/fd/")  # links in there lead to open files, not to paths
_MAX_LINKS = 40  # of links that lead to links, as on Linux
_NONBLOCK, _BINARY = getattr(os, "O_NONBLOCK", 0), getattr(os, "O_BINARY", 0)
_TO_APPEND = os.O_WRONLY | os.O_APPEND | os.O_CREAT | _NONBLOCK | _BINARY


class CannotWrite(OSError):
    """A file that is not written; it stays as it was."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"cannot write {visible(path)}: {reason}")
        self.reason = reason


def check(outputs: Iterable[str], inputs: Iterable[str] = ()) -> None:
    """Refuse, before any work, outputs that could not be written or are read or written as well.

    Two spellings of one file are found out: ./a and a, links, hard links, upper and lower case.
    """
    known = {_identity(path): (path, "read") for path in inputs}
    known.pop(None, None)
    for path in outputs:
        with _refusals(path):
            _place(path)
            identity = _identity(path)
            if identity in known:
                other, use = known[identity]
                raise OSError(f"{visible(other)} is the same file, and is {use} too")
            if identity is not None:
                known[identity] = (path, "written")


def write(path: str, data: bytes, old: bytes | None = None) -> None:
    """Make `data` all that a file holds; where `old` is given, only if it still holds that.

    What exists and is no regular file, such as /dev/stdout or a pipe of the shell, is written to
    as it is. Raises CannotWrite.
    """
    with _refusals(path):
        place = _place(path)
        if place.is_file:
            _replace(place, data, old)
        else:
            with _open_to_append(place) as file:
                file.write(data)


def open_to_append(path: str) -> BinaryIO:
    """A file, open at its end. Raises CannotWrite."""
    with _refusals(path):
        return _open_to_append(_place(path))


# Where a path leads.


class _Place(NamedTuple):
    """A path without links in it, and what is there."""

    path: str
    mode: int | None  # None: nothing

    @property
    def is_file(self) -> bool:
        """Whether a regular file is there or can be made."""
        named = not self.path.startswith(_DESCRIPTORS)
        return named and (self.mode is None or stat.S_ISREG(self.mode))


@contextmanager
def _refusals(path: str) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:  # ValueError: a character that no path may have
        reason = getattr(error, "strerror", None) or str(error)
        raise CannotWrite(path, reason) from None


def _place(path: str) -> _Place:
    """Where to write; raises OSError for what is not to be written."""
    tree = _working_tree()
    place = _without_links(path, tree)
    if not os.path.isdir(os.path.dirname(place)):
        raise OSError(f"no folder {visible(os.path.dirname(path))}")
    try:
        found = _Place(place, os.stat(place).st_mode)
    except FileNotFoundError:
        return _Place(place, None)
    if stat.S_ISDIR(found.mode or 0):
        raise OSError("not a file")
    if found.is_file and not (stat.S_IMODE(found.mode or 0) & 0o222 and os.access(place, os.W_OK)):
        raise OSError("the file is read-only")
    if not found.is_file and _below(place, tree):
        raise OSError("it lies in the working tree and is no regular file")
    return found


def _working_tree() -> str:
    """The git repository round the current folder, else the current folder."""
    try:
        here = os.getcwd()
    except FileNotFoundError:
        raise OSError("the current folder does not exist") from None
    return repository_root(here) or here


def _without_links(path: str, tree: str) -> str:
    """The path with its links followed, one after the other, but for those of the tree."""
    place = os.path.abspath(path)
    for _ in range(_MAX_LINKS):
        way = [place, *_folders_above(place)]
        link = next((part for part in reversed(way) if os.path.islink(part)), None)
        if link is None or (link == place and link.startswith(_DESCRIPTORS)):
            return place
        if _below(link, tree):
            shown = visible(os.path.relpath(link))
            raise OSError(f"{shown} is a link in the working tree; name the file it leads to")
        target = os.path.join(os.path.dirname(link), os.readlink(link))
        place = os.path.normpath(target + place[len(link) :])
    raise OSError(os.strerror(errno.ELOOP))


def _folders_above(place: str) -> Iterator[str]:
    folder = os.path.dirname(place)
    while folder != place:
        yield folder
        place, folder = folder, os.path.dirname(folder)


def _below(place: str, tree: str) -> bool:
    """Whether a path without links lies in the tree; in / nothing does, which is nobody's tree."""
    is_top = os.path.dirname(tree) == tree
    return not is_top and any(os.path.samefile(above, tree) for above in _folders_above(place))


def _identity(path: str) -> tuple[object, ...] | None:
    """What all spellings of a file have in common; None for what is no regular file."""
    try:
        found = os.stat(0 if path == STDIN else path)
    except (OSError, ValueError):
        folder, name = os.path.split(os.path.abspath(path))
        with suppress(OSError, ValueError):
            found = os.stat(folder)
            return found.st_dev, found.st_ino, name.casefold()
        return None
    return (found.st_dev, found.st_ino) if stat.S_ISREG(found.st_mode) else None


# Writing.


def _replace(place: _Place, data: bytes, old: bytes | None) -> None:
    """Put a new file in the place; what goes wrong leaves the old one and nothing beside it."""
    name = f".cnncalc-{os.urandom(8).hex()}"  # short, however long the file's own name is
    new = os.path.join(os.path.dirname(place.path), name)
    mode = 0o666 if place.mode is None else stat.S_IMODE(place.mode)
    try:
        with open(new, "xb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
            file.write(data)
        if place.mode is not None:
            os.chmod(new, mode)
        if old is not None:
            _check_unchanged(place.path, old)
        os.replace(new, place.path)
    except BaseException:
        with suppress(OSError):
            os.unlink(new)
        raise


def _check_unchanged(path: str, old: bytes) -> None:
    with open(path, "rb") as file:
        if file.read(len(old) + 1) != old:
            raise OSError("it was changed by another program meanwhile")


def _open_to_append(place: _Place) -> BinaryIO:
    """What is written stands behind all that others have written; a pipe has to have a reader."""
    try:
        number = os.open(place.path, _TO_APPEND, 0o666)
    except OSError as error:
        if error.errno == errno.ENXIO:
            raise OSError("nobody reads this pipe") from None
        raise
    if _NONBLOCK:  # which was for the opening only
        os.set_blocking(number, True)
    return os.fdopen(number, "ab")
