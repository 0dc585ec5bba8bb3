"""Discovery: from the paths that were named to the files that are checked.

Everything in a folder may come from a stranger: links that loop or lead elsewhere, pipes, files
of any size and name. Links to folders are not followed, and links to files only inside the
repository. A folder is skipped for its name, never for a file in it.
"""

import os
import stat
import sys
from collections.abc import Iterable, Iterator
from itertools import takewhile
from typing import NamedTuple

from cnncalc.files import STDIN
from cnncalc.limits import MAX_SIZE
from cnncalc.repository import ignored, repository_root
from cnncalc.wording import did_you_mean, visible

_SUFFIXES = (".yaml", ".yml")
_SPEC_SUFFIXES = (".cnn.yaml", ".cnn.yml")
_SKIPPED = ("node_modules", "site-packages")  # installed packages; hidden folders are skipped too


class Target(NamedTuple):
    """A file that is to be checked."""

    path: str  # as it is opened
    shown: str  # as it is reported
    variant: str | None = None  # the only one to check, where the name asked for it
    data: bytes | None = None  # what a pipe held; it can be read only once
    home: str = ""  # the folder whose settings hold, where it is not that of the path
    why: str = "named"  # why it is checked


# Why a file is checked, and why one is left out.
BY_NAME = "called *.cnn.yaml"
BY_KEYS = "has input and layers at its top"
NO_SPEC = "has not both input and layers at its top"
EXCLUDED = "excluded"
IGNORED = "ignored by git"
PACKAGES = "a folder of installed packages"


class Unreadable(NamedTuple):
    """Something that was to be checked and cannot be."""

    shown: str
    reason: str
    help: str = ""


class Found(NamedTuple):
    """What the paths came to, by reported path."""

    targets: list[Target]
    unreadable: list[Unreadable]
    left_out: dict[str, str]  # YAML files and folders that are not checked, and why
    remarks: list[str]  # on what was skipped and why

    def count(self, why: str) -> int:
        """How many files or folders were left out for a reason."""
        return sum(reason == why for reason in self.left_out.values())

    def without(self, failed: "list[Unreadable]") -> "Found":
        """With these among what cannot be checked."""
        names = {what.shown for what in failed}
        targets = [target for target in self.targets if target.shown not in names]
        return self._replace(targets=targets, unreadable=sorted((*self.unreadable, *failed)))


def show_path(path: str, root: str) -> str:
    """A path relative to the root where it lies below it, else in full; with /, as UTF-8."""
    full = os.path.abspath(path)
    inside = full.startswith(os.path.join(root, ""))
    text = os.path.relpath(full, root) if inside or full == root else full
    # A file name may be no text at all: what cannot be encoded is written out.
    return text.replace(os.sep, "/").encode("utf-8", "backslashreplace").decode("utf-8")


def matches(path: str, pattern: str) -> bool:
    """Whether a path with / is meant by a pattern: its whole, its file name or a folder above it.

    `*` stands for any characters, / too.
    """
    from fnmatch import fnmatchcase  # only for patterns

    pattern = pattern.rstrip("/")
    whole = fnmatchcase(path, pattern) or fnmatchcase(path, f"{pattern}/*")
    return whole or ("/" not in pattern and fnmatchcase(path.rpartition("/")[2], pattern))


class Excluded(NamedTuple):
    """Patterns of what is not looked for in folders; what is named is checked all the same."""

    patterns: tuple[str, ...]
    folder: str  # what they are seen from

    def has(self, path: str) -> bool:
        shown = show_path(path, self.folder)
        return any(matches(shown, pattern.removeprefix("./")) for pattern in self.patterns)


def discover(
    paths: Iterable[str],
    root: str,
    stdin_name: str = "",
    max_size: int = MAX_SIZE,
    excluded: Iterable[Excluded] = (),
) -> Found:
    """The files behind the paths: files, folders, - and the names of bundled networks."""
    search = _Search(root, max_size, excluded)
    for path in paths:
        if path == STDIN:
            search.standard_input(stdin_name)
        else:
            search.named(path)
    return search.found()


def discover_patterns(
    patterns: Iterable[str],
    folder: str,
    root: str,
    max_size: int = MAX_SIZE,
    excluded: Iterable[Excluded] = (),
) -> Found:
    """The files behind paths and patterns of a project, relative to `folder` and below it."""
    search = _Search(root, max_size, excluded)
    by_top: dict[str, list[str]] = {}
    for pattern in patterns:
        path = os.path.join(folder, pattern)
        if any(sign in pattern for sign in "*?[") and not os.path.lexists(path):
            by_top.setdefault(_literal_folder(pattern, folder), []).append(pattern)
        else:
            search.of_project(path, folder)
    for top, several in by_top.items():
        search.patterns(several, folder, top)
    return search.found()


def _literal_folder(pattern: str, folder: str) -> str:
    """The folder that a pattern names before its first sign."""
    parts = pattern.split("/")[:-1]
    named = takewhile(lambda part: not any(sign in part for sign in "*?["), parts)
    return os.path.normpath(os.path.join(folder, "".join(f"{part}/" for part in named)))


class _Search:
    """Collects what several paths come to; a file that is reached twice counts once."""

    def __init__(
        self, root: str, max_size: int = MAX_SIZE, excluded: Iterable[Excluded] = ()
    ) -> None:
        self.root = root
        self.max_size = max_size
        self.excluded = tuple(excluded)
        self.targets: dict[tuple[str, str | None], Target] = {}
        self.unreadable: dict[str, Unreadable] = {}
        self.left_out: dict[str, str] = {}
        self.remarks: dict[str, str] = {}

    def found(self) -> Found:
        # A network that is checked as a whole is not checked again for one of its variants.
        targets = [
            target
            for (shown, variant), target in self.targets.items()
            if variant is None or (shown, None) not in self.targets
        ]
        ignored = self.ignored(targets)
        targets = [target for target in targets if target.path not in ignored]
        left_out = self.left_out | {show_path(path, self.root): IGNORED for path in ignored}
        for target in targets:
            left_out.pop(target.shown, None)
        return Found(
            sorted(targets, key=lambda target: (target.shown, target.variant or "")),
            sorted(self.unreadable.values()),
            dict(sorted(left_out.items())),
            [self.remarks[shown] for shown in sorted(self.remarks)],
        )

    def ignored(self, targets: list[Target]) -> set[str]:
        """Of the files that were found in folders, those that git ignores and does not track."""
        by_root: dict[str, list[str]] = {}
        roots: dict[str, str] = {}
        for target in targets:
            if target.why in (BY_NAME, BY_KEYS):
                folder = os.path.dirname(os.path.abspath(target.path))
                if folder not in roots:
                    roots[folder] = repository_root(folder) or ""
                by_root.setdefault(roots[folder], []).append(target.path)
        by_root.pop("", None)
        found: set[str] = set()
        for root, paths in by_root.items():
            full = {os.path.abspath(path): path for path in paths}
            found |= {full[path] for path in ignored(full, root) if path in full}
        return found

    def add(
        self,
        path: str,
        variant: str | None = None,
        data: bytes | None = None,
        home: str = "",
        why: str = Target._field_defaults["why"],
    ) -> None:
        shown = show_path(path, self.root)
        known = self.targets.get((shown, variant))
        if known is None or known.why in (BY_NAME, BY_KEYS):  # what is named as well, is named
            self.targets[shown, variant] = Target(path, shown, variant, data, home, why)

    def cannot(self, path: str, reason: str, help: str = "") -> None:
        shown = show_path(path, self.root)
        self.unreadable.setdefault(shown, Unreadable(shown, reason, help))

    def skip(self, path: str, reason: str) -> None:
        shown = show_path(path, self.root)
        self.remarks[shown] = f"skipped {visible(shown)}: {reason}"

    # What is named.

    def standard_input(self, name: str) -> None:
        if sys.stdin is None:
            self.unreadable["<stdin>"] = Unreadable("<stdin>", "standard input is closed")
            return
        data = sys.stdin.buffer.read(self.max_size + 1)
        shown = show_path(name, self.root) if name else "<stdin>"
        home = os.path.dirname(os.path.abspath(name)) if name else os.getcwd()
        self.targets.setdefault((shown, None), Target(STDIN, shown, None, data, home))

    def named(self, path: str) -> None:
        """A path that somebody wrote down: whatever it is, it is to be checked."""
        try:
            mode = os.stat(path).st_mode
        except FileNotFoundError:
            self.bundled(path)
        except (OSError, ValueError) as error:
            self.cannot(path, _reason(error))
        else:
            if stat.S_ISDIR(mode):
                for file, why in self.walk(path):
                    self.add(file, why=why)
            elif stat.S_ISREG(mode):
                self.add(path)
            else:
                self.pipe(path)

    def pipe(self, path: str) -> None:
        try:
            with open(path, "rb") as file:
                self.add(path, data=file.read(self.max_size + 1))
        except OSError as error:
            self.cannot(path, _reason(error))

    def bundled(self, name: str) -> None:
        """The network of that name, as for every SPEC: only without a suffix; or a function."""
        if ":" in name:
            from cnncalc.exchange.factory import is_factory  # only for a name that may be one

            if is_factory(name):
                self.add(name, home=os.getcwd())
                return
        plain = not os.path.splitext(name)[1] and os.sep not in name
        if plain and not os.path.lexists(name):
            from cnncalc.language.bundled import all_names, locate  # only for a name

            found = locate(name)
            if found is not None:
                self.add(found[0], found[1], home=os.getcwd())
                return
            self.cannot(
                name or '""',
                "no file and no bundled network has this name",
                did_you_mean(name, all_names()),
            )
        elif os.path.islink(name):
            self.cannot(name, "a link that leads nowhere")
        else:
            self.cannot(name, "no such file or folder", self.neighbour(name))

    def neighbour(self, path: str) -> str:
        """What in the same folder was most likely meant."""
        folder, name = os.path.split(path)
        try:
            guess = did_you_mean(name, os.listdir(folder or "."))
        except OSError:
            return ""
        return visible(guess)

    # What settings name: only what lies below their folder, since a pull request may change them.

    def of_project(self, path: str, folder: str) -> None:
        """A path in the settings."""
        if not _below(os.path.realpath(path), os.path.realpath(folder)):
            self.cannot(path, "outside of the project: settings name what lies below their folder")
        elif os.path.exists(path) and not (os.path.isfile(path) or os.path.isdir(path)):
            self.cannot(path, "not a regular file")
        else:
            self.named(path)

    def patterns(self, patterns: list[str], folder: str, top: str) -> None:
        """Patterns in the settings that begin with the same folder."""
        if not os.path.isdir(top):
            self.cannot(top, f"no such folder, for the pattern {visible(patterns[0])}")
            return
        if not _below(os.path.realpath(top), os.path.realpath(folder)):
            self.of_project(top, folder)
            return
        base = show_path(folder, self.root)
        matched = set()
        for file, why in self.walk(top):
            path = relative_to(show_path(file, self.root), base)
            found = [pattern for pattern in patterns if matches(path, pattern)]
            matched.update(found)
            if found:
                self.add(file, why=why)
        for pattern in patterns:
            if pattern not in matched:
                self.cannot(os.path.join(folder, pattern), "no spec matches this pattern")

    # What is in a folder.

    def walk(self, top: str) -> Iterator[tuple[str, str]]:
        """The specs in a folder and below it, and why each is one.

        The stack is our own, however deep it goes.
        """
        bound = os.path.realpath(top)
        if _below(bound, self.root):
            bound = self.root
        folders = [top]
        while folders:
            folder = folders.pop()
            try:
                with os.scandir(folder) as listing:
                    entries = sorted(listing, key=lambda entry: entry.name)
            except OSError as error:
                self.cannot(folder, _reason(error))
                continue
            for entry in entries:
                if self.is_folder(entry):
                    folders.append(entry.path)
                elif entry.name.lower().endswith(_SUFFIXES) and self.is_spec(entry, bound):
                    by_name = entry.name.lower().endswith(_SPEC_SUFFIXES)
                    yield entry.path, BY_NAME if by_name else BY_KEYS

    def is_folder(self, entry: os.DirEntry[str]) -> bool:
        """Whether to look into it."""
        if entry.name.startswith("."):
            return False
        try:
            if entry.name in _SKIPPED and entry.is_dir():
                self.left_out[show_path(entry.path, self.root)] = PACKAGES
                return False
            if entry.is_symlink():
                if entry.is_dir():
                    self.skip(entry.path, "links to folders are not followed; name it to check it")
                return False
            return entry.is_dir()
        except OSError:
            return False

    def is_spec(self, entry: os.DirEntry[str], bound: str) -> bool:
        """Whether a YAML file in a folder is to be checked; what cannot be, is reported."""
        from cnncalc.language import recognition  # only where a folder is searched

        says_so = entry.name.lower().endswith(_SPEC_SUFFIXES)
        path = entry.path
        if any(excluded.has(path) for excluded in self.excluded):
            self.left_out[show_path(path, self.root)] = EXCLUDED
            return False
        try:
            mode = os.stat(path).st_mode
            if not stat.S_ISREG(mode):
                if not stat.S_ISDIR(mode):
                    self.skip(path, "not a regular file; name it to read it")
                return False
            if not says_so and not recognition.looks_like_spec(path, self.max_size):
                self.left_out[show_path(path, self.root)] = NO_SPEC
                return False
        except OSError as error:
            if says_so or not entry.is_symlink():
                self.cannot(path, _reason(error))
            else:
                self.skip(path, "a link that leads nowhere")
            return False
        if entry.is_symlink() and not _below(os.path.realpath(path), bound):
            self.cannot(path, "a link that leaves the folder", "name the file it leads to")
            return False
        return True


def _below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(os.path.join(folder, ""))


def relative_to(shown: str, base: str) -> str:
    """A reported path as seen from a reported folder."""
    return shown if base == "." else shown.removeprefix(f"{base}/")


def _reason(error: OSError | ValueError) -> str:
    """Why the system would not read it, in lower case."""
    said = getattr(error, "strerror", None) or str(error)
    return said[:1].lower() + said[1:]
