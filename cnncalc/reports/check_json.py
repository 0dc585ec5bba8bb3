"""`check` as JSON, for programs; cnncalc/schemas/check.json describes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cnncalc.reports.machine import json_lines, json_text
from cnncalc.version import __version__

if TYPE_CHECKING:
    from cnncalc.checks.finding import FileReport, Finding, Place
    from cnncalc.checks.run import Summary

SCHEMA_VERSION = 1


def render(reports: Sequence[FileReport], summary: Summary) -> str:
    """One object, ASCII, with a file or a problem a line; it only grows within a version."""
    head = json_text(
        {
            "schema_version": SCHEMA_VERSION,
            "tool": {"name": "cnncalc", "version": __version__},
            "summary": summary._asdict(),
        }
    )
    files = json_lines(map(_file, reports))
    problems = json_lines(_problem(finding) for report in reports for finding in report.findings)
    return f'{head[:-1]},\n"files": {files},\n"problems": {problems}}}\n'


def _file(report: FileReport) -> dict[str, Any]:
    return {
        "path": report.path,
        "status": report.status,
        "network": report.network,
        "layers": report.layers,
        "totals": report.totals,
    }


def _problem(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity,
        "message": finding.message,
        "detail": finding.detail,
        "help": finding.help,
        "path": finding.path,
        **_place(finding.place),
        "layer": finding.layer,
        "expected": finding.expected,
        "actual": finding.actual,
        "related": [
            {"message": related.message, **_place(related.place)} for related in finding.related
        ],
    }


def _place(place: Place) -> dict[str, int]:
    return place._asdict()
