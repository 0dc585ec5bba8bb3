"""Files of numbers beside a spec.

A file is read only from the folder of the spec or below it, links followed: a spec may come from a
stranger, and must not look about on the machine that traces it. For the same reason there is a
limit to the size of all files together. Each is read once.
"""

import os
import stat
from typing import Any

from cnncalc import problems as codes
from cnncalc.commands.trace.file_formats import FILE_FORMATS, FileFormat
from cnncalc.commands.trace.misfit import Misfit
from cnncalc.problems import Reject
from cnncalc.wording import did_you_mean, quote


class Folder:
    """Where the files of a spec are."""

    def __init__(self, path: str, max_size: int) -> None:
        self.path = path or os.curdir
        self.max_size = max_size  # of all files together, in bytes
        self._size = 0  # of those that were read
        self._known: dict[str, Any] = {}

    def read(self, name: str, wanted: int) -> Any:
        """The numbers of a file, whole ones or texts, in nested lists.

        Raises Misfit for what is in the file, without its name, and else Reject.
        """
        path = self._resolved(name)
        if path not in self._known:
            self._known[path] = self._read(path, name, wanted)
        return self._known[path]

    def _read(self, path: str, name: str, wanted: int) -> Any:
        file_format = FILE_FORMATS[_suffix(name)]
        try:
            self._check_file(os.stat(path), name)
            return file_format.read(path, wanted)
        except Reject:
            raise
        except FileNotFoundError:
            raise self._missing(name) from None
        except Exception as error:  # damaged files make the readers fail in all sorts of ways
            raise _refused(error, file_format, name) from None

    def _check_file(self, found: os.stat_result, name: str) -> None:
        if not stat.S_ISREG(found.st_mode):
            raise Reject(codes.BAD_VALUE, f"{quote(name)} is not a file")
        size = self._size + found.st_size
        if size > self.max_size:
            alone = found.st_size > self.max_size
            too_large = "is larger" if alone else "makes the files of numbers larger"
            message = f"{quote(name)} {too_large} than {self.max_size:,} bytes"
            raise Reject(codes.BAD_VALUE, message, help="allow more with --limit size=64MiB")
        self._size = size

    def _resolved(self, name: str) -> str:
        try:
            top = os.path.realpath(self.path)
            path = os.path.realpath(os.path.join(top, name))
            inside = os.path.commonpath([top, path]) == top
        except ValueError:  # another drive, or a character that no path may have
            inside = False
        if not inside:
            raise Reject(
                codes.BAD_VALUE,
                f"{quote(name)} is outside the folder of the spec",
                help="copy it beside the spec, and name it without a folder",
            )
        return path

    def _missing(self, name: str) -> Reject:
        folder = os.path.dirname(os.path.join(self.path, name))
        try:
            known = [entry for entry in os.listdir(folder) if _suffix(entry) in FILE_FORMATS]
        except OSError:
            known = []
        guess = did_you_mean(os.path.basename(name), known)
        return Reject(codes.BAD_VALUE, f"no file {quote(name)} beside the spec", help=guess)


def _suffix(name: str) -> str:
    return os.path.splitext(name)[1].lower()


def _refused(error: Exception, file_format: FileFormat, name: str) -> Reject:
    """What to say of a file whose reader failed."""
    if isinstance(error, ImportError):
        help = "pip install 'cnncalc[trace]', or save the numbers as CSV"
        return Misfit(f"read with {file_format.needs}, which is not installed", help)
    if isinstance(error, OSError) and error.strerror:
        return Reject(codes.BAD_VALUE, f"cannot read {quote(name)}: {error.strerror}")
    return Misfit(file_format.damaged)
