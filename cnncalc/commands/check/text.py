"""`check` for people: every finding with its line, or a line each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cnncalc.commands.check.run import OK, UNREADABLE
from cnncalc.problems import ERROR, NOTE, WARNING
from cnncalc.render.stream import Style, unstyled
from cnncalc.wording import count, defuse, line_start, visible

if TYPE_CHECKING:
    from cnncalc.commands.check.finding import FileReport, Finding
    from cnncalc.commands.check.run import Summary


def render_text(reports: Sequence[FileReport], summary: Summary) -> str:
    """The log for people as a file."""
    return "".join(map(text_of, reports)) + summary_line(summary, any_notes(reports)) + "\n"


def render_concise(reports: Sequence[FileReport], summary: Summary) -> str:
    """A line a finding as a file."""
    return "".join(map(concise_of, reports)) + summary_line(summary, any_notes(reports)) + "\n"


def any_notes(reports: Sequence[FileReport]) -> bool:
    """Whether notes fail in some file, so that they are shown there."""
    return any(report.fail_on == NOTE for report in reports)


def text_of(
    report: FileReport, notes: bool = False, verbose: bool = False, style: Style = unstyled
) -> str:
    """The findings in one file, in full, a blank line after each."""
    texts = (f"{finding.text}\n" for finding in _shown(report, notes))
    return _about(report, verbose, style) + "".join(texts)


def concise_of(
    report: FileReport, notes: bool = False, verbose: bool = False, style: Style = unstyled
) -> str:
    """The findings in one file, a line each: `specs/net.yaml:14:21: error[CNN201]: ...`."""
    return _about(report, verbose, style) + "".join(map(_line, _shown(report, notes)))


def _shown(report: FileReport, notes: bool) -> list[Finding]:
    notes = notes or report.fail_on == NOTE  # what fails is shown
    return [finding for finding in report.findings if notes or finding.severity != NOTE]


def _line(finding: Finding) -> str:
    place = f"{visible(finding.path)}:{finding.place.line}:{finding.place.column}"
    detail = f" [{visible(finding.detail)}]" if finding.detail else ""
    message = f"{finding.severity}[{finding.code}]: {visible(finding.message)}{detail}"
    return defuse(line_start(f"{place}: {message}\n"))


def _about(report: FileReport, verbose: bool, style: Style) -> str:
    """What a file is, and what its bounds leave it: for -v."""
    if not verbose or report.status == UNREADABLE:
        return ""
    name = f" {visible(report.network)}," if report.network else ""
    built = report.layers or report.status == OK
    layers = f"{name} {count(report.layers, 'layer')}" if built else " not built"
    head = style(line_start(visible(report.path)) + ":", bold=True)
    return f"{head}{layers}\n" + "".join(f"  {visible(line)}\n" for line in report.headroom)


def summary_line(summary: Summary, notes: bool = False, style: Style = unstyled) -> str:
    """`12 files, 148 layers: no problems (2 ignored); 3 other YAML files passed over`."""
    errors = summary.errors - summary.unreadable
    found = [
        style(count(number, severity), fg=color, bold=True)
        for number, severity, color in (
            (errors, ERROR, "red"), (summary.warnings, WARNING, "yellow"),
        )
        if number
    ]  # fmt: skip
    if summary.notes and notes:
        found.append(count(summary.notes, NOTE))
    if summary.unreadable:
        found.append(style(f"{summary.unreadable:,} could not be checked", fg="red", bold=True))
    verdict = ", ".join(found) or style("no problems", fg="green", bold=True)
    layers = f", {count(summary.layers, 'layer')}" if summary.layers else ""
    ignored = f" ({summary.ignored:,} ignored)" if summary.ignored else ""
    parts = [f"{count(summary.files, 'file')}{layers}: {verdict}{ignored}"]
    if summary.fixable:
        parts.append(f"{summary.fixable:,} fixable with --fix")
    if summary.passed_over:
        parts.append(f"{count(summary.passed_over, 'other YAML file')} passed over")
    if summary.excluded:
        parts.append(f"{summary.excluded:,} excluded")
    if summary.git_ignored:
        parts.append(f"{summary.git_ignored:,} ignored by git")
    if summary.skipped:
        parts.append(f"{count(summary.skipped, 'folder')} of packages skipped")
    if summary.notes and not notes:
        parts.append(f"{count(summary.notes, 'note')}, shown with -v")
    return "; ".join(parts)
