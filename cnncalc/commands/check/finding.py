"""Finding and FileReport: what `check` found, as plain values that reports are made from.

A Problem knows its source text; a Finding is what is left of it when the file is closed: small,
picklable, the same in every process, so that thousands of files need no more memory than one.
"""

from typing import NamedTuple

from cnncalc.problems import ERROR


class Place(NamedTuple):
    """A stretch of a file: lines and columns from 1, in code points, the end exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


class RelatedPlace(NamedTuple):
    """Another place that has to do with a finding."""

    message: str
    place: Place


class Replacement(NamedTuple):
    """An edit that mends a finding."""

    place: Place  # what is replaced
    text: str
    safe: bool  # whether nothing else can be meant


class Finding(NamedTuple):
    """One problem in one file."""

    path: str  # relative to the repository root, with /
    code: str  # CNN201
    name: str  # window-does-not-fit
    severity: str  # error, warning or note
    message: str
    place: Place
    layer: str  # the path of the layer it is about, else ""
    help: str
    detail: str
    expected: str
    actual: str
    related: tuple[RelatedPlace, ...]
    text: str  # the whole diagnostic, as `check` prints it without colour
    fix: Replacement | None = None


class FileReport(NamedTuple):
    """What is known of one file after checking it."""

    path: str
    status: str  # "ok", "problems", or "unreadable" where it could not be checked at all
    network: str  # its name
    layers: int
    totals: dict[str, int]  # of every quantity that adds up; empty where it could not be built
    findings: tuple[Finding, ...]
    headroom: tuple[str, ...] = ()  # what is left of bounds that hold, where it was asked for
    ignored: int = 0  # findings that comments in the file silence
    fail_on: str = ERROR  # the mildest severity that fails
