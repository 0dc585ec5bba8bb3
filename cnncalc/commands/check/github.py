"""`check` on a GitHub runner: annotations in the pull request, and a table of everything.

A runner shows ten annotations of a sort for a step. The errors and warnings beyond them stand in
the log, and everything in the step's summary.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from cnncalc import files
from cnncalc.commands.check.text import summary_line
from cnncalc.problems import ERROR, NOTE, WARNING
from cnncalc.render.markdown import escape as escape_markdown
from cnncalc.wording import count, defuse, line_start, visible

if TYPE_CHECKING:
    from cnncalc.commands.check.finding import FileReport, Finding
    from cnncalc.commands.check.run import Summary

_COMMANDS = {ERROR: "error", WARNING: "warning", NOTE: "notice"}
_SHOWN = 10  # annotations of a sort
_SUMMARY_SIZE = 1024 * 1024  # bytes of a step's summary; of a longer one nothing is shown


def render(reports: Sequence[FileReport], summary: Summary) -> str:
    """Annotations, errors first, and then as plain lines what a runner would not show."""
    shown: list[str] = []
    rest: list[str] = []
    for severity in _COMMANDS:
        findings = [finding for finding in _findings(reports) if finding.severity == severity]
        more = len(findings) - _SHOWN
        for number, finding in enumerate(findings[:_SHOWN], 1):
            shown.append(_annotation(finding, more if number == _SHOWN else 0))
        if severity != NOTE:  # notes would flood the log; the summary has them
            rest += map(_log_line, findings[_SHOWN:])
    return "".join(f"{line}\n" for line in shown + rest)


def _findings(reports: Sequence[FileReport]) -> Iterator[Finding]:
    return (finding for report in reports for finding in report.findings)


def _annotation(finding: Finding, more: int = 0) -> str:
    """The command that shows a finding; the last of its sort says how many more there are."""
    place = finding.place
    # A stretch that ends at the start of a line does not reach into it.
    end_line = place.end_line - (place.end_column == 1 and place.end_line > place.line)
    properties = {
        "title": f"cnncalc ({finding.code})",
        "file": finding.path,
        "line": place.line,
        "col": place.column,
        "endLine": end_line,
        "endColumn": place.end_column,
    }
    if place.line != place.end_line:  # runners take columns only within one line
        del properties["col"], properties["endColumn"]
    words = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    told = f" (and {count(more, f'more {finding.severity}')} in the summary)" if more > 0 else ""
    lines = [f"{_place(finding)}: {finding.code} {visible(finding.message)}{told}"]
    lines += [line_start(visible(finding.detail))] if finding.detail else []
    lines += [f"help: {visible(finding.help)}"] if finding.help else []
    message = "\n".join(lines)
    return defuse(f"::{_COMMANDS[finding.severity]} {words}::{_data(message)}")


def _place(finding: Finding) -> str:
    return f"{visible(finding.path)}:{finding.place.line}:{finding.place.column}"


def _log_line(finding: Finding) -> str:
    """A finding on a line that no runner takes for a command."""
    message = visible(finding.message)
    return line_start(f"{_place(finding)}: {finding.severity}[{finding.code}]: {message}")


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """The value of a property; a file is found by its very name, line breaks in it included."""
    exact = "".join(char if char in "\r\n" else visible(char) for char in text)
    return _data(exact).replace(":", "%3A").replace(",", "%2C")


def publish(reports: Sequence[FileReport], summary: Summary) -> None:
    """Append the table of all findings to the step's summary, where a runner offers one."""
    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if path:
        with files.open_to_append(path) as file:
            size = file.tell()
            text = render_table(reports, summary, _SUMMARY_SIZE - size - 1)
            # A blank line parts it from what another command of the step has written.
            file.write((f"\n{text}" if text and size else text).encode("utf-8", "backslashreplace"))


def render_table(reports: Sequence[FileReport], summary: Summary, size: int = _SUMMARY_SIZE) -> str:
    """All findings, errors first, as Markdown of at most `size` bytes."""
    head = f"### cnncalc check\n\n{summary_line(summary, notes=True)}\n"
    findings = [
        finding
        for severity in _COMMANDS
        for finding in _findings(reports)
        if finding.severity == severity
    ]
    if findings:
        head += "\n| | Place | Code | Problem |\n| --- | --- | --- | --- |\n"
    rows: list[str] = []
    room = size - len(head.encode()) - 100  # for the last line
    for finding in findings:
        row = _row(finding)
        room -= len(row.encode())
        if room < 0:
            break
        rows.append(row)
    left = len(findings) - len(rows)
    tail = f"\n{count(left, 'more finding')}, for which a summary has no room.\n"
    text = head + "".join(rows) + (tail if left else "")
    return text if len(text.encode()) <= size else ""


def _row(finding: Finding) -> str:
    advice = f"<br>help: {escape_markdown(visible(finding.help))}" if finding.help else ""
    cells = (
        finding.severity,
        escape_markdown(_place(finding)),
        finding.code,
        escape_markdown(visible(finding.message)) + advice,
    )
    return f"| {' | '.join(cells)} |\n"
