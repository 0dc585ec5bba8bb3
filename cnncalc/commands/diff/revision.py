"""Revision: a folder of a git revision, in which `network:` items of a spec find other files."""

from __future__ import annotations

import posixpath

from cnncalc.language.folder import Opened, Refused, check_place
from cnncalc.repository import GitError, ask, read_blob


class Revision:
    """The folder of the file that REVISION:PATH names; ./ begins in the current folder."""

    def __init__(self, name: str) -> None:
        self.revision, _, self.path = name.partition(":")

    def key(self, name: str) -> str:
        return self.whole(self.path)

    def open(self, path: str, most: int) -> Opened:
        """A file of the revision at a path from this folder. Raises Refused."""
        try:
            here = posixpath.dirname(self.whole(self.path))
            place = posixpath.normpath(posixpath.join(here, path))
            check_place(place, "it leads out of the repository")
            name = f"{self.revision}:{place}"
            data = read_blob(name, most)
        except (GitError, ValueError) as error:  # ValueError: a character that no path may have
            raise Refused(str(error)) from None
        return Opened(place, name, data, Revision(name))

    def whole(self, path: str) -> str:
        """The path from the top of the repository."""
        if not path.startswith("./"):
            return path
        prefix = ask("rev-parse", "--show-prefix", folder=".").decode("utf-8", "replace")
        return posixpath.normpath(prefix.rstrip("\n") + path)
