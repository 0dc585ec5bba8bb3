"""`check` as JSON, for programs; cnncalc/schemas/check.json describes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cnncalc.render.json import document

if TYPE_CHECKING:
    from cnncalc.commands.check.finding import FileReport, Finding, Replacement
    from cnncalc.commands.check.run import Summary


def render(reports: Sequence[FileReport], summary: Summary) -> str:
    """A file or a problem a line."""
    parts = {
        "summary": summary._asdict(),
        "files": map(_file, reports),
        "problems": (_problem(finding) for report in reports for finding in report.findings),
    }
    return document(parts, {"files": {}, "problems": {}})


def _file(report: FileReport) -> dict[str, Any]:
    return {
        "path": report.path,
        "status": report.status,
        "name": report.network,
        "layers": report.layers,
        "totals": report.totals,
    }


def _fix(fix: Replacement) -> dict[str, Any]:
    return {"range": fix.place._asdict(), "text": fix.text, "safe": fix.safe}


def _problem(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity,
        "message": finding.message,
        "detail": finding.detail,
        "help": finding.help,
        "path": finding.path,
        **finding.place._asdict(),
        "layer": finding.layer,
        "expected": finding.expected,
        "actual": finding.actual,
        "fix": None if finding.fix is None else _fix(finding.fix),
        "related": [
            {"message": related.message, **related.place._asdict()} for related in finding.related
        ],
    }
