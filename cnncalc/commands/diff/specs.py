"""What became of all specs since a revision: `cnncalc diff main -- specs/`.

Git says which files differ, renamed ones too; those that are specs, before or now, are compared. A
family is compared network by network. What cannot be built is said, and the others are compared.
"""

import os
import re
from collections.abc import Iterator
from typing import NamedTuple

from cnncalc import api
from cnncalc.commands.diff.compare import ADDED, CHANGED, REMOVED, Comparison
from cnncalc.commands.diff.revision import Revision
from cnncalc.commands.options import Limits
from cnncalc.language.folder import Disk, Folder
from cnncalc.language.model import Spec
from cnncalc.language.recognition import has_both_keys
from cnncalc.network.build import SpecError, build
from cnncalc.network.model import Network
from cnncalc.problems import ERROR
from cnncalc.repository import GitError, ask, read_blob
from cnncalc.wording import count

RENAMED = "renamed"
_SUFFIXES = (".yaml", ".yml")
_SAID_BY_NAME = (".cnn.yaml", ".cnn.yml")
MAX_FILES = 1_000  # in one report


class SpecChange(NamedTuple):
    """What became of one file."""

    path: str  # from the top of the repository, with /
    was: str  # the same; another one if it was renamed
    kind: str  # ADDED, REMOVED, RENAMED or CHANGED
    networks: list[Comparison]  # those that differ
    trouble: str = ""  # why it is not compared

    @property
    def differs(self) -> bool:
        return self.kind != CHANGED or bool(self.networks) or bool(self.trouble)


class SpecChanges(NamedTuple):
    """What became of all specs."""

    revision: str
    specs: list[SpecChange]
    left: int = 0  # files beyond the limit, which are not compared

    @property
    def differs(self) -> bool:
        return any(spec.differs for spec in self.specs)


def spec_changes(revision: str, paths: tuple[str, ...], root: str, limits: Limits) -> SpecChanges:
    """The specs below the paths that differ from a revision. Raises GitError."""
    commit = _commit(revision, root)
    files = sorted(_files(commit, _pathspecs(paths, root), root))
    found = (_change(revision, commit, *file, root, limits) for file in files[:MAX_FILES])
    specs = [change for change in found if change is not None]
    return SpecChanges(revision, specs, max(0, len(files) - MAX_FILES))


def _commit(revision: str, root: str) -> str:
    """The commit that a revision names. Raises GitError, which says what to fetch."""
    name = f"{revision}^{{commit}}"
    try:
        found = ask("rev-parse", "--verify", "--quiet", "--end-of-options", name, folder=root)
    except GitError as error:
        advice = [str(error).lstrip("; ")] if str(error) else []
        remotes = ask("remote", folder=root).decode("utf-8", "replace").split()
        if remotes and re.fullmatch(r"[\w./-]+", revision):
            fetch = f"git fetch --depth 1 {remotes[0]} {revision.removeprefix(f'{remotes[0]}/')}"
            advice.append(f"if it is a branch: {fetch}, and compare with FETCH_HEAD")
        raise GitError("; ".join((f"no revision {revision}", *advice))) from None
    return found.decode().strip()


def _pathspecs(paths: tuple[str, ...], root: str) -> list[str]:
    """The paths as seen from the top, for git."""
    found = [where for path in paths for where in _from_top(path, root)]
    return [":(top)" if where == "." else f":(top,literal){where}" for where in found]


def _from_top(path: str, root: str) -> list[str]:
    """A path as seen from the current folder if it is there, else from the top, as git prints it.

    One that is in neither place may have been in both.
    """
    here = os.path.relpath(os.path.realpath(path), root).replace(os.sep, "/")
    top = os.path.normpath(path).replace(os.sep, "/")
    there = [where for where in (here, top) if os.path.lexists(os.path.join(root, where))]
    return there[:1] or list(dict.fromkeys((here, top)))


def _files(commit: str, pathspecs: list[str], root: str) -> Iterator[tuple[str, str, str]]:
    """The path of each file that differs, what it was, and what became of it."""
    options = ("--name-status", "-z", "-M", "--no-ext-diff", "--no-textconv", "--ignore-submodules")
    said = _texts(ask("diff", *options, commit, "--", *pathspecs, folder=root))
    while said:
        letter, was = said.pop(0)[:1], said.pop(0)
        path = said.pop(0) if letter in "RC" else was
        kind = {"A": ADDED, "C": ADDED, "D": REMOVED, "R": RENAMED}.get(letter, CHANGED)
        yield from _yaml(path, was if letter != "C" else path, kind)
    untracked = ("ls-files", "--others", "--exclude-standard", "-z")
    for path in _texts(ask(*untracked, "--", *pathspecs, folder=root)):
        yield from _yaml(path, path, ADDED)


def _yaml(path: str, was: str, kind: str) -> Iterator[tuple[str, str, str]]:
    if path.lower().endswith(_SUFFIXES) or was.lower().endswith(_SUFFIXES):
        yield path, was, kind


def _texts(output: bytes) -> list[str]:
    return [os.fsdecode(part) for part in output.split(b"\0") if part]


def _change(
    revision: str, commit: str, path: str, was: str, kind: str, root: str, limits: Limits
) -> SpecChange | None:
    """What became of a file; None if it neither is nor was a spec."""
    try:
        old = None if kind == ADDED else read_blob(f"{commit}:{was}", limits.size, root)
        new = None if kind == REMOVED else _read(os.path.join(root, path), limits.size)
    except (GitError, OSError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        return SpecChange(path, was, kind, [], f"cannot be read: {reason}")
    if not any(
        data is not None and _is_spec(name, data) for name, data in ((was, old), (path, new))
    ):
        return None
    try:
        there, here = Revision(f"{commit}:{was}"), Disk.of(os.path.join(root, path), path)
        before = _spec(old, f"{revision}:{was}", limits, there)
        networks = list(_compared(before, _spec(new, path, limits, here), limits))
    except _CannotBuildError as error:
        return SpecChange(path, was, kind, [], str(error))
    changed = networks or kind != CHANGED or old != new
    return SpecChange(path, was, kind, networks) if changed else None


def _read(path: str, limit: int) -> bytes:
    if os.path.islink(path):
        raise OSError("a link")
    with open(path, "rb") as file:
        return file.read(limit + 1)


def _is_spec(path: str, data: bytes) -> bool:
    return path.lower().endswith(_SAID_BY_NAME) or has_both_keys(data)


class _CannotBuildError(Exception):
    """A side that is no network, with the first reason."""


def _spec(data: bytes | None, name: str, limits: Limits, folder: Folder) -> Spec | None:
    if data is None:
        return None
    try:
        return api.read_bytes(data, name, limits.size, folder)
    except SpecError as error:
        raise _CannotBuildError(_first_of(error)) from None


def _compared(old: Spec | None, new: Spec | None, limits: Limits) -> Iterator[Comparison]:
    """The networks of a spec, or of its family, that differ."""
    variants = {None: 0} | {name: 0 for spec in (old, new) if spec for name in spec.variants}
    for variant in variants:
        before, after = (_network(spec, variant, limits) for spec in (old, new))
        if before is not None or after is not None:
            found = Comparison.of(before, after, _names(old, new, variant))
            if found.differs or before is None or after is None:
                yield found


def _network(spec: Spec | None, variant: str | None, limits: Limits) -> Network | None:
    if spec is None or (variant is not None and variant not in spec.variants):
        return None
    try:
        return build(spec, variant=variant, max_layers=limits.layers).network
    except SpecError as error:
        raise _CannotBuildError(_first_of(error)) from None


def _names(old: Spec | None, new: Spec | None, variant: str | None) -> tuple[str, str]:
    own = f" ({variant})" if variant else ""
    before, after = (f"{spec.text.name}{own}" if spec else "nothing" for spec in (old, new))
    return before, after


def _first_of(error: SpecError) -> str:
    errors = [problem for problem in error.problems if problem.severity == ERROR]
    return f"cannot be built: {errors[0]}{_more(len(errors) - 1)}"


def _more(number: int) -> str:
    return f" (and {count(number, 'more error')})" if number else ""
