"""`check` as SARIF 2.1.0, the format of code scanning and of editors' problem lists."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cnncalc.checks.pages import page_of
from cnncalc.checks.rules import all_codes
from cnncalc.commands.check.fingerprints import identified
from cnncalc.commands.check.run import UNREADABLE
from cnncalc.problems import Code
from cnncalc.render.json import json_lines, json_text
from cnncalc.version import HOME, __version__
from cnncalc.wording import visible

if TYPE_CHECKING:
    from cnncalc.commands.check.finding import FileReport, Finding, Place, Replacement
    from cnncalc.commands.check.run import Summary

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/")


def render(reports: Sequence[FileReport], summary: Summary) -> str:
    """One run with every rule and every finding, a line each."""
    codes = all_codes()
    indices = {code: index for index, code in enumerate(codes)}
    rules = json_lines(map(_rule, codes.values()))
    results = json_lines(
        _result(finding, indices[finding.code], fingerprint)
        for finding, fingerprint in identified(reports)
    )
    version = json_text(__version__)
    return (
        f'{{"$schema": "{_SCHEMA}", "version": "2.1.0", "runs": [{{\n'
        f'"tool": {{"driver": {{"name": "cnncalc", "version": {version}, '
        f'"semanticVersion": {version}, "informationUri": {json_text(HOME)},\n'
        f'"rules": {rules}}}}},\n'
        f'"invocations": {json_text([_invocation(reports, summary)])},\n'
        '"columnKind": "unicodeCodePoints",\n'
        f'"results": {results}}}]}}\n'
    )


def _invocation(reports: Sequence[FileReport], summary: Summary) -> dict[str, Any]:
    """Whether all could be checked, and why the others could not."""
    missed = [report for report in reports if report.status == UNREADABLE]
    return {
        "executionSuccessful": summary.exit_code != 2,
        "exitCode": summary.exit_code,
        "toolExecutionNotifications": [
            {
                "level": "error",
                "message": _message(visible(report.findings[0].message)),
                "locations": [
                    {"physicalLocation": {"artifactLocation": {"uri": uri(report.path)}}}
                ],
            }
            for report in missed
        ],
    }


def _rule(code: Code) -> dict[str, Any]:
    page = page_of(code.code)
    examples = f"With examples: cnncalc rules {code.code}"
    return {
        "id": code.code,
        "name": code.name,
        "helpUri": f"{HOME}/blob/main/cnncalc/rules/{code.code}.md",
        "shortDescription": _message(f"{code.meaning[0].upper()}{code.meaning[1:]}."),
        "fullDescription": _message("\n\n".join(page.why)),
        "help": _message("\n\n".join(filter(None, (*page.why, page.severity, examples)))),
        "defaultConfiguration": {"level": code.severity},
    }


def _result(finding: Finding, index: int, fingerprint: str) -> dict[str, Any]:
    location: dict[str, Any] = _location(finding.path, finding.place)
    if finding.layer:
        path = visible(finding.layer)
        name = path.rpartition(".")[2]
        location["logicalLocations"] = [{"name": name, "fullyQualifiedName": path}]
    advice = f"\nhelp: {visible(finding.help)}" if finding.help else ""
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": index,
        "level": finding.severity,
        "message": _message(visible(finding.message) + advice),
        "locations": [location],
        "partialFingerprints": {"cnncalc/v1": fingerprint},
    }
    if finding.fix is not None:
        result["fixes"] = [_fix(finding, finding.fix)]
    if finding.related:
        result["relatedLocations"] = [
            {
                "id": number,
                **_location(finding.path, related.place),
                "message": _message(visible(related.message)),
            }
            for number, related in enumerate(finding.related, 1)
        ]
    return result


def _fix(finding: Finding, fix: Replacement) -> dict[str, Any]:
    replacement = {"deletedRegion": _region(fix.place), "insertedContent": {"text": fix.text}}
    change = {"artifactLocation": {"uri": uri(finding.path)}, "replacements": [replacement]}
    return {"description": _message(visible(finding.help)), "artifactChanges": [change]}


def _location(path: str, place: Place) -> dict[str, Any]:
    return {"physicalLocation": {"artifactLocation": {"uri": uri(path)}, "region": _region(place)}}


def _region(place: Place) -> dict[str, int]:
    return {
        "startLine": place.line,
        "startColumn": place.column,
        "endLine": place.end_line,
        "endColumn": place.end_column,
    }


def uri(path: str) -> str:
    """The path as a URI: relative as it is given, every byte that has a meaning there encoded."""
    try:
        octets = path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        octets = path.encode("utf-8", "surrogatepass")
    coded = "".join(chr(byte) if byte in _UNRESERVED else f"%{byte:02X}" for byte in octets)
    return f"file://{coded}" if path.startswith("/") else coded


def _message(text: str) -> dict[str, str]:
    """A text in which a viewer finds neither a placeholder, {0}, nor a link, [a](b)."""
    text = re.sub(r"\{(\d+)\}", r"{{\1}}", text)
    return {"text": text.replace("](", "]\\(")}
