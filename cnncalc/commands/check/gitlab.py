"""`check` for GitLab: a code quality report, which merge requests show beside their changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cnncalc.commands.check.fingerprints import identified
from cnncalc.problems import ERROR, NOTE, WARNING
from cnncalc.render.json import json_lines
from cnncalc.wording import visible

if TYPE_CHECKING:
    from cnncalc.commands.check.finding import FileReport, Finding
    from cnncalc.commands.check.run import Summary

_SEVERITIES = {ERROR: "major", WARNING: "minor", NOTE: "info"}


def render(reports: Sequence[FileReport], summary: Summary) -> str:
    """A JSON array with one issue a line; an empty one where all is well."""
    issues = (_issue(finding, fingerprint) for finding, fingerprint in identified(reports))
    return json_lines(issues) + "\n"


def _issue(finding: Finding, fingerprint: str) -> dict[str, Any]:
    return {
        # Merge requests show the description and nothing else, hence the code in it.
        "description": f"{finding.code}: {visible(finding.message)}",
        "check_name": finding.code,
        "fingerprint": fingerprint,
        "severity": _SEVERITIES[finding.severity],
        "location": {"path": _path(finding.path), "lines": {"begin": finding.place.line}},
    }


def _path(path: str) -> str:
    """The path as it is, but for what GitLab stops reading at: NUL and bytes that are no text."""
    return "".join(
        visible(char) if char == "\0" or "\ud800" <= char <= "\udfff" else char for char in path
    )
