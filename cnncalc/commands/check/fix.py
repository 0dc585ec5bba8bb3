"""check --fix: the edits that problems carry, made in the text of a spec.

What is reported is fixed, and by what is reported: the place and the text of each edit are those of
the JSON and SARIF reports. A mended text may show what could not be seen before, so it is checked
again, and only one with fewer problems takes the place of the old one.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from cnncalc.checks.rules import all_codes
from cnncalc.commands.check.run import check_target
from cnncalc.language.rewrite import Edit, edited
from cnncalc.language.source import Source
from cnncalc.problems import NOTE

if TYPE_CHECKING:
    from cnncalc.commands.check.discovery import Target
    from cnncalc.commands.check.finding import FileReport, Place
    from cnncalc.commands.check.settings import Settings

_MARK = b"\xef\xbb\xbf"  # of the byte order
MAX_ROUNDS = 10  # of checking and fixing


def fixed(data: bytes, target: Target, settings: Settings, *, unsafe: bool) -> bytes:
    """The contents of a file with its fixes made, or as they are."""
    mark = _MARK if data.startswith(_MARK) else b""
    report = _check(data, target, settings)
    best, fewest = data, _problems(report)
    for _ in range(MAX_ROUNDS):
        text = data.decode("utf-8", "replace").removeprefix("\ufeff")
        edits = _edits(report, Source("", text), unsafe)
        if not edits:
            break
        data = mark + edited(text, edits).encode("utf-8")
        report = _check(data, target, settings)
        if _problems(report) < fewest:
            best, fewest = data, _problems(report)
    return best


def _check(data: bytes, target: Target, settings: Settings) -> FileReport:
    return check_target(target._replace(data=data), settings)


def _problems(report: FileReport) -> tuple[int, int, int]:
    """How many the text has, the network with it, and the rules and expectations with these.

    Those of the text hide others, and so do those of the network, so that the first number that
    differs tells whether there are fewer. A note is no problem.
    """
    codes = all_codes()
    found = [finding for finding in report.findings if finding.severity != NOTE]
    of_text = sum(finding.code.startswith("CNN1") for finding in found)
    return of_text, sum(codes[finding.code].fatal for finding in found), len(found)


def _edits(report: FileReport, source: Source, unsafe: bool) -> list[Edit]:
    """The edits of a report, by place; of those that overlap, the first."""
    own = (finding for finding in report.findings if finding.path == report.path)
    fixes = (finding.fix for finding in own if finding.fix)
    found = sorted({(*_stretch(source, f.place), f.text) for f in fixes if f.safe or unsafe})
    apart = {two for one, two in pairwise(found) if two[0] >= one[1] and two[:2] != one[:2]}
    return [edit for edit in found if edit in apart or edit == found[0]]


def _stretch(source: Source, place: Place) -> tuple[int, int]:
    start = source.offset(place.line) + place.column - 1
    return start, source.offset(place.end_line) + place.end_column - 1
