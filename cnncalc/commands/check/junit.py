"""`check` as JUnit XML: a file is a test suite, and an error in it a test that failed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from cnncalc.problems import ERROR
from cnncalc.wording import visible

if TYPE_CHECKING:
    from cnncalc.commands.check.finding import FileReport, Finding
    from cnncalc.commands.check.run import Summary

_SIGNS = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"})


def render(reports: Sequence[FileReport], summary: Summary) -> str:
    """A suite for every file, a test for every error in it; without errors one that passes."""
    names: Counter[tuple[str, str]] = Counter()
    suites = "".join(_suite(report, names) for report in reports)
    counts = [_counts(report) for report in reports]
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<testsuites name="cnncalc check" {_count_attributes(counts)}>\n{suites}</testsuites>\n'
    )
    # ASCII, so that the encoding it names is right whatever that of the stream is.
    return text.encode("ascii", "xmlcharrefreplace").decode("ascii")


def _suite(report: FileReport, names: Counter[tuple[str, str]]) -> str:
    cases = "".join(_case(report, finding, names) for finding in _failed(report))
    if not cases:
        cases = f"{_case_start(report.path, 'cnncalc check', names)}/>\n"
    remarks = [finding.text for finding in report.findings if finding.severity != ERROR]
    output = f"<system-out>{_text(chr(10).join(remarks))}</system-out>\n" if remarks else ""
    head = f"name={_attribute(report.path)} {_count_attributes([_counts(report)])}"
    return f"<testsuite {head}>\n{cases}{output}</testsuite>\n"


def _case(report: FileReport, finding: Finding, names: Counter[tuple[str, str]]) -> str:
    # No line: an edit further up must not look like another test to whoever compares reports.
    name = " ".join(filter(None, (finding.code, finding.layer)))
    tag = "error" if report.status == "unreadable" else "failure"
    return (
        f"{_case_start(report.path, name, names)}>\n"
        f"<{tag} message={_attribute(finding.message)} type={_attribute(finding.code)}>"
        f"{_text(finding.text)}</{tag}>\n"
        "</testcase>\n"
    )


def _case_start(path: str, name: str, names: Counter[tuple[str, str]]) -> str:
    """The tag of a test up to its end; of tests with one name GitLab keeps only one."""
    path, name = visible(path), visible(name)
    names[path, name] += 1
    if names[path, name] > 1:
        name += f" ({names[path, name]})"
    return f'<testcase classname={_attribute(path)} name={_attribute(name)} time="0"'


def _failed(report: FileReport) -> list[Finding]:
    return [finding for finding in report.findings if finding.severity == ERROR]


def _counts(report: FileReport) -> tuple[int, int, int]:
    """Tests, failures and errors."""
    failed = len(_failed(report))
    return (failed, 0, failed) if report.status == "unreadable" else (failed or 1, failed, 0)


def _count_attributes(counts: Sequence[tuple[int, int, int]]) -> str:
    tests, failures, errors = (sum(column) for column in zip((0, 0, 0), *counts, strict=True))
    return f'tests="{tests}" failures="{failures}" errors="{errors}" time="0"'


def _attribute(text: str) -> str:
    return f'"{visible(text).translate(_SIGNS)}"'


def _text(text: str) -> str:
    """Several lines, none of which a CI runner takes for a command where this is its log."""
    lines = [visible(line).translate(_SIGNS) for line in text.split("\n")]
    return "\n".join(
        line.replace("::", "&#58;:", 1) if line.lstrip().startswith("::") else line
        for line in lines
    )
