"""check --format github, sarif, junit, gitlab: valid by their schemas, whatever the names."""

import json
import os
import re
import tomllib
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes

import pytest
from running import Command, Compare
from test_imports import loaded

import cnncalc
from cnncalc.checks.rules import all_codes
from cnncalc.commands.check import github as check_github
from cnncalc.commands.check import gitlab as check_gitlab
from cnncalc.commands.check import junit as check_junit
from cnncalc.commands.check import sarif as check_sarif
from cnncalc.commands.check.discovery import NO_SPEC, Found
from cnncalc.commands.check.finding import FileReport, Finding, Place, RelatedPlace
from cnncalc.commands.check.run import Summary, Tally
from cnncalc.commands.check.text import summary_line
from cnncalc.problems import SEVERITIES

CODES = all_codes()
CASES = Path(__file__).parent / "cases" / "machine"
ROOT = Path(__file__).parent.parent
HOSTILE: list[str] = json.loads((CASES / "hostile.json").read_text("utf-8"))

Reports = list[FileReport]
Render = Callable[[Reports], str]


def with_summary(render: Any) -> Render:
    return lambda reports: render(reports, total(reports))


FORMATS = {
    "github.txt": with_summary(check_github.render),
    "summary.md": with_summary(check_github.render_table),
    "sarif.json": with_summary(check_sarif.render),
    "junit.xml": with_summary(check_junit.render),
    "gitlab.json": with_summary(check_gitlab.render),
}
github, summary_table, sarif_text, junit_text, gitlab_text = FORMATS.values()

# The corpora.


def total(reports: Reports) -> Summary:
    tally = Tally()
    for report in reports:
        tally.add(report)
    return tally.summary(Found([], [], dict.fromkeys(("a.yaml", "b.yaml"), NO_SPEC), []))


def read_report(values: dict[str, Any]) -> FileReport:
    return FileReport(**values | {"findings": tuple(map(read_finding, values["findings"]))})


def read_finding(values: dict[str, Any]) -> Finding:
    related = [RelatedPlace(one["message"], Place(**one["place"])) for one in values["related"]]
    return Finding(**values | {"place": Place(**values["place"]), "related": tuple(related)})


def small() -> Reports:
    return [read_report(values) for values in json.loads((CASES / "small.json").read_text("utf-8"))]


def finding(path: str, severity: str = "error", words: str = "x", line: int = 3) -> Finding:
    code = CODES[{"error": "CNN201", "warning": "CNN304", "note": "CNN301"}[severity]]
    return Finding(
        path=path,
        code=code.code,
        name=code.name,
        severity=severity,
        message=words,
        place=Place(line, 5, line, 9),
        layer="Stage1.conv2",
        help=words,
        detail="",
        expected="",
        actual="",
        related=(RelatedPlace(words, Place(1, 1, 1, 2)),),
        text=f"{severity}[{code.code}]: {words}\n --> {path}\n{words}\n",
    )


def report(path: str, *findings: Finding, status: str = "problems") -> FileReport:
    return FileReport(path, status, "Net", 2, {}, findings)


def hostile() -> Reports:
    """A file for each text, with the text in its path and wherever else a spec can bring it in."""
    paths = [path for text in HOSTILE for path in (f"specs/{text}.yaml", text)]
    words = [text for text in HOSTILE for _ in range(2)]
    return [
        report(path, *(finding(path, severity, text) for severity in SEVERITIES))
        for path, text in zip(paths, words, strict=True)
    ]


def many(number: int, words: str = "x") -> Reports:
    """Errors, warnings and notes in turn, all of one layer, in three files."""
    return [
        report(
            path,
            *(finding(path, SEVERITIES[line % 3], words, line) for line in range(1, number + 1)),
        )
        for path in ("a.yaml", "b.yaml", "c.yaml")
    ]


def number_of(number: int, severity: str) -> Reports:
    findings = (finding("net.yaml", severity, line=line) for line in range(1, number + 1))
    return [report("net.yaml", *findings)]


CORPORA = {
    "empty": list,
    "clean": lambda: [report("net.yaml", status="ok")],
    "small": small,
    "hostile": hostile,
    "many": lambda: many(100),
}


@pytest.fixture(params=CORPORA)
def reports(request: pytest.FixtureRequest) -> Reports:
    return CORPORA[request.param]()


def findings_of(reports: Reports) -> list[Finding]:
    return [finding for report in reports for finding in report.findings]


# All formats.


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("corpus", ["small", "empty"])
def test_golden(
    corpus: str, format_: str, compare: Compare, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("cnncalc.version", "cnncalc.render.json", "cnncalc.commands.check.sarif"):
        monkeypatch.setattr(f"{module}.__version__", "1.2.3")
    reports = CORPORA[corpus]()
    text = FORMATS[format_](reports)
    if format_ == "sarif.json":
        text = without_rules(text)
    if format_ == "summary.md":  # so is the line that sums all up
        text = text.replace(summary_line(total(reports), notes=True), "...")
    compare(CASES / "golden" / f"{corpus}.{format_}", text)


def without_rules(text: str) -> str:
    """The rules are tested by themselves; a new one does not change every golden."""
    text = re.sub(r'"rules": \[\n.*?\n\]', '"rules": [...]', text, flags=re.DOTALL)
    return re.sub(r'"ruleIndex": \d+', '"ruleIndex": N', text)


@pytest.mark.parametrize("format_", FORMATS)
def test_same_input_same_bytes(format_: str, reports: Reports) -> None:
    assert FORMATS[format_](reports) == FORMATS[format_](reports)


@pytest.mark.parametrize("format_", FORMATS)
def test_text_that_every_stream_and_terminal_can_take(format_: str, reports: Reports) -> None:
    text = FORMATS[format_](reports)
    assert text.endswith("\n") or not text
    assert all(char.isprintable() for char in text.replace("\n", ""))
    assert text.isascii() or format_ in ("github.txt", "summary.md")


@pytest.mark.parametrize("format_", [name for name in FORMATS if name != "github.txt"])
def test_no_line_is_a_command_of_a_runner(format_: str) -> None:
    """Whoever prints a report into the log of a job runs what stands in it."""
    assert not list(commands(FORMATS[format_](hostile())))
    assert "##vso[" not in FORMATS[format_](hostile())


@pytest.mark.parametrize("format_", FORMATS)
def test_imports_only_what_it_writes_with(format_: str) -> None:
    name = "github" if format_ == "summary.md" else format_.partition(".")[0]
    modules = loaded(f"import cnncalc.commands.check.{name}")
    needed = {"json", "hashlib"} if format_.endswith(".json") else set()
    assert not modules & ({"json", "xml", "csv", "hashlib", "html", "urllib"} - needed)


def test_the_command_imports_no_format_before_it_is_chosen() -> None:
    modules = loaded("import cnncalc.commands.check.command")
    assert {"json", "xml", "csv", "hashlib", "html", "urllib"}.isdisjoint(modules)


# github

UNESCAPED = {"%0D": "\r", "%0A": "\n", "%3A": ":", "%2C": ",", "%25": "%"}


class Annotation(NamedTuple):
    """What a GitHub runner reads out of a line."""

    name: str
    properties: dict[str, str]
    data: str


def commands(text: str) -> Iterator[Annotation]:
    """The commands in a log: lines that begin with `::`, and, the older form, `##[` anywhere."""
    for line in re.split(r"\r\n|\r|\n", text):
        match = re.fullmatch(r"\s*::(\w[\w-]*)(?: (.*?))?::(.*)", line)
        if match:
            pairs = [pair.partition("=") for pair in (match[2] or "").split(",") if pair]
            values = {
                name: unescape(value, ("%0D", "%0A", "%3A", "%2C", "%25"))
                for name, _, value in pairs
            }
            yield Annotation(match[1], values, unescape(match[3], ("%0D", "%0A", "%25")))
        elif match := re.search(r"##\[(\w[\w-]*).*?\](.*)", line):
            yield Annotation(match[1], {}, match[2])


def unescape(text: str, signs: tuple[str, ...]) -> str:
    for sign in signs:
        text = text.replace(sign, UNESCAPED[sign])
    return text


def is_plain(text: str) -> bool:
    return text.isprintable() and "##" not in text


def test_github_says_where_and_what() -> None:
    for one in findings_of(hostile()):
        (command,) = commands(github([report(one.path, one)]))
        assert (
            command.name == {"error": "error", "warning": "warning", "note": "notice"}[one.severity]
        )
        assert command.properties | {"file": ""} == {
            "title": f"cnncalc ({one.code})",
            "file": "",
            "line": "3",
            "col": "5",
            "endLine": "3",
            "endColumn": "9",
        }
        if is_plain(re.sub("[\r\n]", "", one.path)):
            assert command.properties["file"] == one.path
        first, *more = command.data.split("\n")
        if is_plain(one.path) and is_plain(one.message):
            assert first == f"{one.path}:3:5: {one.code} {one.message}"
        if is_plain(one.help):
            assert more[-1:] == ([f"help: {one.help}"] if one.help else [])
        assert not any(line.startswith("::") for line in more)
        assert command.data.replace("\n", "").isprintable()


def test_github_escapes_by_its_rules() -> None:
    path = "a%b:c,d\r\ne.yaml"
    (line,) = github([report(path, finding(path, words="50%: a, b"))]).splitlines()
    assert line == (
        "::error title=cnncalc (CNN201),file=a%25b%3Ac%2Cd%0D%0Ae.yaml,"
        "line=3,col=5,endLine=3,endColumn=9"
        "::a%25b:c,d\\r\\ne.yaml:3:5: CNN201 50%25: a, b%0Ahelp: 50%25: a, b"
    )


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (Place(3, 5, 3, 9), {"line": "3", "col": "5", "endLine": "3", "endColumn": "9"}),
        (Place(3, 5, 4, 2), {"line": "3", "endLine": "4"}),
        (Place(3, 5, 5, 1), {"line": "3", "endLine": "4"}),
        (Place(3, 5, 4, 1), {"line": "3", "endLine": "3"}),
    ],
)
def test_github_has_columns_only_within_a_line(place: Place, expected: dict[str, str]) -> None:
    (command,) = commands(github([report("a", finding("a")._replace(place=place))]))
    found = command.properties
    assert {name: found[name] for name in found if name not in ("title", "file")} == expected


@pytest.mark.parametrize(
    ("severity", "name"), [("error", "error"), ("warning", "warning"), ("note", "notice")]
)
def test_github_says_how_many_more_there_are(severity: str, name: str) -> None:
    shown = list(commands(github(number_of(10, severity))))
    assert [command.name for command in shown] == [name] * 10
    assert not any("more" in command.data for command in shown)
    shown = list(commands(github(number_of(1234, severity))))
    assert [command.name for command in shown] == [name] * 10
    assert [command.properties["line"] for command in shown] == [str(line) for line in range(1, 11)]
    firsts = [command.data.partition("\n")[0] for command in shown]
    assert [first for first in firsts if "more" in first] == [
        f"net.yaml:10:5: {shown[9].data.split()[1]} x (and 1,224 more {severity}s in the summary)"
    ]


def test_github_errors_come_first_and_the_log_has_the_rest() -> None:
    lines = github(many(25)).splitlines()
    names = [line.split()[0] for line in lines[:30]]
    assert names == ["::error"] * 10 + ["::warning"] * 10 + ["::notice"] * 10
    rest = [line for one in findings_of(many(25)) for line in lines[30:] if line_of(one) == line]
    assert sorted(rest) == sorted(lines[30:])
    assert Counter(line.split()[1] for line in rest) == {
        "error[CNN201]:": 3 * 8 - 10,
        "warning[CNN304]:": 3 * 9 - 10,
    }


def line_of(one: Finding) -> str:
    return f"{one.path}:{one.place.line}:5: {one.severity}[{one.code}]: x"


def test_github_lines_of_the_log_are_no_commands() -> None:
    assert len(list(commands(github(hostile())))) == 30


CELL_BORDER = re.compile(r"(?<!\\)(?:\\\\)*\|")


def test_github_summary_is_one_table() -> None:
    head, scope, *table = [line for line in summary_table(hostile()).splitlines() if line]
    assert head == "### cnncalc check"
    assert scope == summary_line(total(hostile()), notes=True)
    rows = [[cell.strip() for cell in CELL_BORDER.split(line)[1:-1]] for line in table]
    assert {len(row) for row in rows} == {4}
    assert Counter(row[0] for row in rows[2:]) == dict.fromkeys(SEVERITIES, len(hostile()))
    assert [row[0] for row in rows[2:]] == sorted(
        (row[0] for row in rows[2:]), key=SEVERITIES.index
    )


def test_github_summary_escapes_markdown_and_html() -> None:
    for row in summary_table(hostile()).splitlines()[6:]:
        row = row.replace("<br>help: ", "")
        assert not re.search(r"(?<!\\)(?:\\\\)*[`*_\[\]<>~@]", row), row
        assert not re.search(r"&(?!amp;)", row), row


def test_github_summary_stays_below_the_size_that_is_shown() -> None:
    reports = many(1500, words="×" * 200)
    text = summary_table(reports)
    assert 1024**2 - 2000 < len(text.encode()) <= 1024**2
    rows = sum(line.startswith(("| error", "| warning", "| note")) for line in text.splitlines())
    last = text.splitlines()[-1]
    assert last == f"{4500 - rows:,} more findings, for which a summary has no room."
    for size in (0, 10, 200, 1000):
        assert len(check_github.render_table(reports, total(reports), size).encode()) <= size


def test_github_summary_is_appended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "summary.md"
    path.write_text("before\n", "utf-8")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(path))
    check_github.publish(small(), total(small()))
    assert path.read_text("utf-8") == f"before\n\n{summary_table(small())}"
    path.write_text("x" * 1024**2, "utf-8")
    check_github.publish(small(), total(small()))
    assert path.stat().st_size == 1024**2


def test_github_without_a_summary_writes_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("builtins.open", None)
    check_github.publish(small(), total(small()))


# sarif


@cache
def sarif_schema() -> Any:
    from jsonschema import Draft4Validator

    schema = json.loads((CASES / "schemas" / "sarif-2.1.0-rtm.5.json").read_text("utf-8"))
    Draft4Validator.check_schema(schema)
    return Draft4Validator(schema)


def sarif_run(reports: Reports) -> dict[str, Any]:
    document = json.loads(sarif_text(reports))
    assert document["version"] == "2.1.0"
    (run,) = document["runs"]
    return run


def test_sarif_is_valid(reports: Reports) -> None:
    errors = list(sarif_schema().iter_errors(json.loads(sarif_text(reports))))
    assert not errors, errors[0]


def test_sarif_schema_refuses_what_is_wrong() -> None:
    document = json.loads(sarif_text(small()))
    document["runs"][0]["results"][0]["level"] = "severe"
    assert not sarif_schema().is_valid(document)


def test_sarif_has_every_rule() -> None:
    run = sarif_run([])
    assert run["results"] == []
    assert run["columnKind"] == "unicodeCodePoints"
    driver = run["tool"]["driver"]
    assert (driver["name"], driver["semanticVersion"]) == ("cnncalc", cnncalc.__version__)
    assert [rule["id"] for rule in driver["rules"]] == list(CODES)
    for rule in driver["rules"]:
        code = CODES[rule["id"]]
        assert rule["name"] == code.name
        assert rule["defaultConfiguration"] == {"level": code.severity}
        assert rule["shortDescription"]["text"].lower() == f"{code.meaning}.".lower()
        assert len(rule["fullDescription"]["text"]) <= 1024  # GitHub shows no more
        assert rule["help"]["text"].startswith(rule["fullDescription"]["text"])
        assert rule["help"]["text"].endswith(f"cnncalc rules {code.code}")


def test_sarif_says_where_to_read_on() -> None:
    urls = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["urls"]
    driver = json.loads(sarif_text([]))["runs"][0]["tool"]["driver"]
    assert driver["informationUri"] == urls["Repository"]
    assert driver["version"] == driver["semanticVersion"]
    start = f"{urls['Repository']}/blob/main/"
    assert all(rule["helpUri"].startswith(start) for rule in driver["rules"])
    pages = {rule["id"]: rule["helpUri"].removeprefix(start) for rule in driver["rules"]}
    assert all((ROOT / page).stem == code for code, page in pages.items())
    assert all((ROOT / page).is_file() for page in pages.values())


def test_sarif_says_what_could_not_be_checked() -> None:
    one = finding("gone.yaml")
    reports = [report("a.yaml", status="ok"), report("gone.yaml", one, status="unreadable")]
    (invocation,) = json.loads(sarif_text(reports))["runs"][0]["invocations"]
    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (False, 2)
    (notification,) = invocation["toolExecutionNotifications"]
    assert notification["message"]["text"] == one.message
    (place,) = notification["locations"]
    assert place["physicalLocation"]["artifactLocation"] == {"uri": "gone.yaml"}
    (invocation,) = json.loads(sarif_text(reports[:1]))["runs"][0]["invocations"]
    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (True, 0)


def test_junit_names_do_not_move_with_lines() -> None:
    def names(line: int) -> list[str]:
        place = Place(line, 1, line, 2)
        found = [finding("a.yaml")._replace(place=place), finding("a.yaml")._replace(place=place)]
        root = ElementTree.fromstring(junit_text([report("a.yaml", *found)]))
        return [case.attrib["name"] for case in root.iter("testcase")]

    assert names(3) == names(4)
    assert len(set(names(3))) == 2


def test_sarif_results_say_where_and_what(reports: Reports) -> None:
    run = sarif_run(reports)
    for result, one in zip(run["results"], findings_of(reports), strict=True):
        assert result["ruleId"] == one.code
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == one.code
        assert result["level"] == one.severity
        (location,) = result["locations"]
        assert location["physicalLocation"]["region"] == {
            "startLine": one.place.line,
            "startColumn": one.place.column,
            "endLine": one.place.end_line,
            "endColumn": one.place.end_column,
        }
        if one.layer:
            assert location["logicalLocations"] == [
                {"name": one.layer.split(".")[-1], "fullyQualifiedName": one.layer}
            ]
        related = result.get("relatedLocations", [])
        assert [place["id"] for place in related] == list(range(1, len(one.related) + 1))
        uris = {place["physicalLocation"]["artifactLocation"]["uri"] for place in related}
        assert uris <= {location["physicalLocation"]["artifactLocation"]["uri"]}


def test_sarif_names_the_file_by_its_bytes() -> None:
    for result, one in zip(sarif_run(hostile())["results"], findings_of(hostile()), strict=True):
        artifact = result["locations"][0]["physicalLocation"]["artifactLocation"]
        assert list(artifact) == ["uri"]
        assert re.fullmatch(r"(?:[A-Za-z0-9._~/-]|%[0-9A-F]{2})*", artifact["uri"])
        if "\ud800" not in one.path:  # no file is called so
            assert unquote_to_bytes(artifact["uri"]) == os.fsencode(one.path)


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("specs/net.yaml", "specs/net.yaml"),
        ("../net.yaml", "../net.yaml"),
        ("/tmp/a net.yaml", "file:///tmp/a%20net.yaml"),
        ("a:b#c?d%20.yaml", "a%3Ab%23c%3Fd%2520.yaml"),
        ("网.yaml", "%E7%BD%91.yaml"),
        ("\udcff.yaml", "%FF.yaml"),
        ("<stdin>", "%3Cstdin%3E"),
    ],
)
def test_sarif_uris(path: str, uri: str) -> None:
    assert check_sarif.uri(path) == uri


PLACEHOLDER = re.compile(r"(?<!\{)\{\d+\}")
LINK = re.compile(r"\[[^]]*\]\(")


def test_sarif_messages_have_no_placeholders_and_no_links() -> None:
    for result, one in zip(sarif_run(hostile())["results"], findings_of(hostile()), strict=True):
        texts = [result["message"]["text"], result["relatedLocations"][0]["message"]["text"]]
        assert not any(PLACEHOLDER.search(text) or LINK.search(text) for text in texts), texts
        if is_plain(one.message) and not re.search(r"\{\d+\}|\]\(", one.message):
            assert texts == [f"{one.message}\nhelp: {one.help}", one.message]


# junit


@cache
def junit_schema() -> Any:
    from xmlschema import XMLSchema

    return XMLSchema(CASES / "schemas" / "junit-10.xsd")


def test_junit_is_valid(reports: Reports) -> None:
    junit_schema().validate(ElementTree.fromstring(junit_text(reports)))


def test_junit_schema_refuses_what_is_wrong() -> None:
    root = ElementTree.fromstring(junit_text(small()))
    del root[0].attrib["tests"]
    assert not junit_schema().is_valid(root)


def test_junit_counts(reports: Reports) -> None:
    root = ElementTree.fromstring(junit_text(reports))
    assert [suite.tag for suite in root] == ["testsuite"] * len(reports)
    for part in (root, *root):
        assert (
            part.attrib.items()
            >= {
                "tests": str(len(list(part.iter("testcase")))),
                "failures": str(len(list(part.iter("failure")))),
                "errors": str(len(list(part.iter("error")))),
                "time": "0",
            }.items()
        )
    wrong = sum(one.severity == "error" for one in findings_of(reports))
    assert int(root.attrib["failures"]) + int(root.attrib["errors"]) == wrong


def test_junit_names_are_unique(reports: Reports) -> None:
    cases = ElementTree.fromstring(junit_text([*reports, *reports])).iter("testcase")
    names = [(case.attrib["classname"], case.attrib["name"]) for case in cases]
    assert len(set(names)) == len(names)


def test_junit_a_clean_file_has_a_test_that_passes() -> None:
    (suite,) = ElementTree.fromstring(junit_text([report("specs/a.yaml", status="ok")]))
    assert suite.attrib["name"] == "specs/a.yaml"
    (case,) = suite
    assert case.attrib == {"classname": "specs/a.yaml", "name": "cnncalc check", "time": "0"}
    assert not list(case)


def test_junit_warnings_and_notes_do_not_fail() -> None:
    remarks = finding("a.yaml", "warning"), finding("a.yaml", "note")
    (suite,) = ElementTree.fromstring(junit_text([report("a.yaml", *remarks)]))
    case, output = suite
    assert (case.tag, list(case), output.tag) == ("testcase", [], "system-out")
    assert output.text == "\n".join(remark.text for remark in remarks)


def test_junit_an_unreadable_file_is_an_error() -> None:
    one = finding("a.yaml")
    (suite,) = ElementTree.fromstring(junit_text([report("a.yaml", one, status="unreadable")]))
    ((error,),) = suite
    assert (error.tag, error.attrib["type"], error.text) == ("error", one.code, one.text)


def test_junit_keeps_names_and_texts() -> None:
    root = ElementTree.fromstring(junit_text(hostile()))
    for suite, file in zip(root, hostile(), strict=True):
        (failure,) = suite.iter("failure")
        one = file.findings[0]
        if is_plain(file.path):
            assert suite.attrib["name"] == suite[0].attrib["classname"] == file.path
        if is_plain(one.message):
            assert failure.attrib == {"message": one.message, "type": one.code}
        if is_plain(one.text.replace("\n", "")):
            assert failure.text == one.text
        assert suite[0].attrib["name"] == "CNN201 Stage1.conv2"


# gitlab


@cache
def gitlab_schema() -> Any:
    from jsonschema import Draft202012Validator

    schema = json.loads((CASES / "schemas" / "gitlab-codequality-issue.json").read_text("utf-8"))
    return Draft202012Validator(schema)


def issues_of(reports: Reports) -> list[dict[str, Any]]:
    issues = json.loads(gitlab_text(reports))
    assert isinstance(issues, list)
    return issues


def test_gitlab_is_valid(reports: Reports) -> None:
    for issue in issues_of(reports):
        gitlab_schema().validate(issue)


def test_gitlab_schema_refuses_what_is_wrong() -> None:
    assert not gitlab_schema().is_valid(issues_of(small())[0] | {"fingerprint": 1})


def test_gitlab_issues_say_where_and_what(reports: Reports) -> None:
    for issue, one in zip(issues_of(reports), findings_of(reports), strict=True):
        assert list(issue) == ["description", "check_name", "fingerprint", "severity", "location"]
        assert issue["check_name"] == one.code
        assert (
            issue["severity"]
            == {"error": "major", "warning": "minor", "note": "info"}[one.severity]
        )
        assert issue["location"]["lines"] == {"begin": one.place.line}
        if not re.search("[\0\ud800-\udfff]", one.path):
            assert issue["location"]["path"] == one.path
        if is_plain(one.message):
            assert issue["description"] == f"{one.code}: {one.message}"


def test_gitlab_can_read_every_text() -> None:
    """It refuses what its database cannot hold: NUL, and halves of a surrogate pair."""
    for issue in issues_of(hostile()):
        issue["location"]["path"].encode("utf-8")
        assert "\0" not in issue["location"]["path"]
        assert issue["description"].isprintable()


# Fingerprints


def fingerprints(reports: Reports) -> list[str]:
    found = [issue["fingerprint"] for issue in issues_of(reports)]
    assert [result["partialFingerprints"] for result in sarif_run(reports)["results"]] == [
        {"cnncalc/v1": fingerprint} for fingerprint in found
    ]
    return found


def test_fingerprints_are_unique(reports: Reports) -> None:
    found = fingerprints([*reports, *reports])
    assert len(set(found)) == len(found) == 2 * len(findings_of(reports))


def test_fingerprints_do_not_depend_on_lines_and_messages() -> None:
    def moved(one: Finding) -> Finding:
        line, column, end_line, end_column = one.place
        place = Place(line + 7, column + 2, end_line + 7, end_column + 2)
        return one._replace(place=place, message=f"{one.message}!", text=f"{one.text}!")

    later = [file._replace(findings=tuple(map(moved, file.findings))) for file in small()]
    assert fingerprints(later) == fingerprints(small())


@pytest.mark.parametrize("change", [{"path": "b"}, {"code": "CNN202"}, {"layer": "Stage1.conv3"}])
def test_fingerprints_depend_on(change: dict[str, str]) -> None:
    one = finding("a")
    assert fingerprints([report("a", one)]) != fingerprints([report("a", one._replace(**change))])


def test_fingerprints_are_for_good() -> None:
    """Another one for the same finding, and every old finding would be reported as new."""
    assert fingerprints([report("specs/net.yaml", finding("specs/net.yaml"))]) == [
        "f643d525c6b6b07d4725b3ecbe442c6f"
    ]


# From files to reports

BAD = """\
input: 28x28x1
layers:
  - conv: {filters: 2, kernel: 5, stride: 2}
  - max_pool: 40
  - conv: {filters: "]]>&amp;<b> ##[error] {0} [a](b) \\u202e", kernel: 3}
  - "::error::x": 3
"""


def test_check_reports_files_of_any_name(run: Command, here: Path) -> None:
    names = [f"{text}.cnn.yaml" for text in HOSTILE if not re.search("[/\0\ud800]", text)]
    names = [name for name in names if len(name) < 200]
    for name in names:
        here.joinpath(name).write_text(BAD, "utf-8")
    here.joinpath(".git").mkdir()
    kinds = ("github", "sarif", "junit", "gitlab")
    files = [word for kind in kinds for word in ("--report", f"{kind}=report.{kind}")]
    assert run("check", "--format", "concise", "--jobs", 1, *files).code == 1
    log, sarif, junit, gitlab = (here.joinpath(f"report.{kind}").read_text() for kind in kinds)

    assert Counter(command.name for command in commands(log)) == {"error": 10, "notice": 10}
    assert sarif_schema().is_valid(json.loads(sarif))
    results = json.loads(sarif)["runs"][0]["results"]
    errors = Counter(result["ruleId"] for result in results if result["level"] == "error")
    assert errors == dict.fromkeys(("CNN113", "CNN115", "CNN201"), len(names))
    root = ElementTree.fromstring(junit)
    assert junit_schema().is_valid(root)
    assert [suite.attrib["failures"] for suite in root] == ["3"] * len(names)
    issues = json.loads(gitlab)
    assert all(gitlab_schema().is_valid(issue) for issue in issues)
    assert len(issues) == len(results) == len({issue["fingerprint"] for issue in issues})


# Thousands


def test_thousands_of_findings() -> None:
    reports = many(2000)
    assert len(sarif_run(reports)["results"]) == len(issues_of(reports)) == 6000
    assert ElementTree.fromstring(junit_text(reports)).attrib["failures"] == "1998"
    assert len(list(commands(github(reports)))) == 30
