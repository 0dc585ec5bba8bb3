"""check --fix: edits that problems carry, the files they are made in, and their diff."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from running import Command

from cnncalc.advice import Edit, is_slip
from cnncalc.checks.rules import all_codes
from cnncalc.commands.check.discovery import Target
from cnncalc.commands.check.finding import FileReport
from cnncalc.commands.check.fix import fixed
from cnncalc.commands.check.run import check_target
from cnncalc.commands.check.settings import Settings
from cnncalc.problems import NOTE
from cnncalc.wording import did_you_mean

CASES = Path(__file__).parent / "cases"
BAD = sorted((CASES / "bad").glob("*.yaml"))


def report(data: bytes, name: str = "net.yaml") -> FileReport:
    return check_target(Target(name, name, None, data), Settings())


def mended(data: bytes, *, unsafe: bool = False) -> bytes:
    return fixed(data, Target("net.yaml", "net.yaml", None, data), Settings(), unsafe=unsafe)


def stages(found: FileReport) -> tuple[int, int, int]:
    """Problems of the text, with those of the network, with those of rules and expectations."""
    codes = [all_codes()[f.code] for f in found.findings if f.severity != NOTE]
    return sum(c.code < "CNN2" for c in codes), sum(c.fatal for c in codes), len(codes)


WITH_FIX = [path for path in BAD if any(f.fix for f in report(path.read_bytes()).findings)]


def test_many_mistakes_have_a_fix() -> None:
    assert len(WITH_FIX) >= 120


@pytest.mark.parametrize("path", WITH_FIX, ids=lambda path: path.stem)
def test_a_fixed_file_has_fewer_problems(path: Path) -> None:
    data = path.read_bytes()
    before = report(data)
    if not any(f.fix.safe for f in before.findings if f.fix):
        assert mended(data) == data
    new = mended(data, unsafe=True)
    if all(finding.severity == NOTE for finding in before.findings if finding.fix):
        return
    assert stages(report(new)) < stages(before)
    comments = [line.partition("# ")[2] for line in data.decode().splitlines() if "# " in line]
    assert all(comment in new.decode() for comment in comments if "cnncalc:" not in comment)


@pytest.mark.parametrize("path", WITH_FIX, ids=lambda path: path.stem)
def test_what_is_good_is_left_as_it_is(path: Path) -> None:
    """Fixing twice changes nothing more, and what is fixed differs only on lines with problems."""
    new = mended(path.read_bytes())
    assert mended(new) == new


@pytest.mark.parametrize(
    ("written", "fixed_as"),
    [
        ("- covn: {filters: 3, kernel: 3}  # kept", "- conv: {filters: 3, kernel: 3}  # kept"),
        ("- conv: {fliters: 3,  kernel: 3}", "- conv: {filters: 3,  kernel: 3}"),
        ("- 'covn': 3@3x3", "- 'conv': 3@3x3"),
        ("- conv:3@3x3", "- conv: 3@3x3"),
        ("- fc: {units: 3, bias: False}", "- fc: {units: 3, bias: false}"),
        ("- fc: {units: 3, bias: no}", "- fc: {units: 3, bias: false}"),
        ("- fc: 1e3", "- fc: 1000"),
        ("- fc: !!int 3", "- fc: 3"),
        ("- nn.MaxPool2d(2)", "- max_pool: 2"),
        ("- conv: {in_channels: 1, filters: 3, kernel: 3}", "- conv: {filters: 3, kernel: 3}"),
        ("- conv: {filters: 3, kernel: 3, in_channels: 1}", "- conv: {filters: 3, kernel: 3}"),
        ("- relu:\n    expect: {parameters: >= 0}", '- relu:\n    expect: {parameters: ">= 0"}'),
        ("- type: conv\n    filters: 3\n    kernel: 3", "- conv: {filters: 3, kernel: 3}"),
        ("- conv:\n    filters: 3\n    kernel: 3", "- conv:\n      filters: 3\n      kernel: 3"),
        ("- relu # cnncalc: ignore[CNN301] once", "- relu"),
        ("- relu # cnncalc: ignore[CNN301, CNN302]", "- relu"),
        ("- relu # why # cnncalc: ignore[CNN301]", "- relu # why"),
        ("- conv: 3@3x3\n    padding: 1", "- conv: {filters: 3, kernel: 3x3, padding: 1}"),
    ],
)
def test_safe_fixes(written: str, fixed_as: str) -> None:
    text = "input: 8x8x1\nlayers:\n  {}\n  - relu\n"
    assert mended(text.format(written).encode()).decode() == text.format(fixed_as)


@pytest.mark.parametrize(
    ("written", "fixed_as"),
    [
        ("- resudial: [conv: 1@1x1]", "- residual: [conv: 1@1x1]"),
        ("- dropout: 50", "- dropout: 0.5"),
        ("- conv: {filters: 3, kernel: 3", "- conv: {filters: 3, kernel: 3}"),
        ("- fc: 010", "- fc: 10"),
    ],
)
def test_guesses_are_unsafe(written: str, fixed_as: str) -> None:
    text = "input: 8x8x1\nlayers:\n  {}\n  - relu\n"
    old = text.format(written).encode()
    assert mended(old) == old
    assert mended(old, unsafe=True).decode() == text.format(fixed_as)


@pytest.mark.parametrize("data", [b"\xef\xbb\xbf%s", b"%s"], ids=["byte order mark", "plain"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_marks_and_line_ends_stay(data: bytes, end: bytes) -> None:
    text = end.join([b"input: 8x8x1", b"layers:", b"  - covn: 3@3x3", b"  - fc: 3"])
    assert mended(data % text) == data % text.replace(b"covn", b"conv")


def test_a_slip_is_one_letter() -> None:
    assert all(is_slip(word, "conv") for word in ("covn", "con", "convv", "conc", "onv"))
    assert not any(is_slip(word, "conv") for word in ("cnvo", "co", "convvv", "vnoc"))


@pytest.mark.parametrize(
    ("word", "known", "safe"),
    [
        ("covn", ["conv", "relu"], True),
        ("re1u", ["relu"], None),  # a digit
        ("conv2", ["conv1", "conv3"], None),
        ("blod", ["blood", "bold"], False),  # which?
        ("resudial", ["residual"], False),  # two slips
        ("xyz", ["conv"], None),
    ],
)
def test_a_guess_is_safe_if_nothing_else_is_as_near(
    word: str, known: list[str], safe: bool | None
) -> None:
    guess = did_you_mean(word, known)
    assert (guess.safe if isinstance(guess, Edit) else None) == safe


def test_an_edit_is_made_where_its_word_stands_as_it_reads() -> None:
    """An expression or a var that came to the value is not overwritten."""
    text = (
        "input: 8x8x1\nvars: {p: smae}\nlayers:\n  - conv: {filters: 3, kernel: 3, padding: $p}\n"
    )
    assert report(text.encode()).findings[0].help == "did you mean same?"
    assert mended(text.encode(), unsafe=True) == text.encode()


# Files.

BROKEN = "input: 8x8x1\nlayers:\n  - covn: 3@3x3  # first\n  - fc: 10\n"


@pytest.fixture
def folder(here: Path) -> Path:
    (here / "a.cnn.yaml").write_text(BROKEN)
    (here / "b.cnn.yaml").write_text("input: 8x8x1\nlayers: [relu]\n")
    return here


def test_fix(run: Command, folder: Path) -> None:
    result = run("check", "--fix")
    assert (result.code, result.err) == (0, "fixed a.cnn.yaml\n")
    assert result.out.startswith("2 files, 3 layers: no problems")
    assert (folder / "a.cnn.yaml").read_text() == BROKEN.replace("covn", "conv")


def test_the_summary_says_what_can_be_fixed(run: Command, folder: Path) -> None:
    assert "1 error; 1 fixable with --fix" in run("check").out


def test_dry_run_is_a_diff_that_git_applies(run: Command, folder: Path) -> None:
    (folder / "b.cnn.yaml").write_text("input: 8x8x1\nlayers: [rleu]")  # no end of line
    result = run("check", "--fix", "--dry-run")
    assert result.code == 1
    assert "-  - covn: 3@3x3  # first\n+  - conv: 3@3x3  # first\n" in result.out
    assert (folder / "a.cnn.yaml").read_text() == BROKEN
    subprocess.run(["git", "apply", "-"], input=result.out, text=True, check=True, cwd=folder)
    assert run("check").code == 0
    again = run("check", "--fix", "--dry-run")
    assert (again.code, again.out) == (0, "")


def test_dry_run_of_update(run: Command, folder: Path) -> None:
    text = "input: 8x8x1\nlayers: [fc: 10]\nexpect: {parameters: 1}\n"
    (folder / "a.cnn.yaml").write_text(text)
    (folder / "b.cnn.yaml").unlink()
    result = run("check", "--update", "--dry-run")
    assert (result.code, result.err) == (1, "")
    assert "+expect: {parameters: 650}\n" in result.out
    assert (folder / "a.cnn.yaml").read_text() == text


def test_fix_and_update(run: Command, folder: Path) -> None:
    (folder / "a.cnn.yaml").write_text(BROKEN + "expect: {parameters: 1}\n")
    result = run("check", "--fix", "--update", "a.cnn.yaml")
    assert (result.code, result.err) == (0, "fixed and updated a.cnn.yaml\n")
    assert "expect: {parameters: 1_120}" in (folder / "a.cnn.yaml").read_text().replace(
        "1120", "1_120"
    )


def test_dry_run_alone(run: Command, folder: Path) -> None:
    result = run("check", "--dry-run")
    assert (result.code, result.own_words()) == (
        2, "Error: --dry-run shows what --fix, --unsafe-fixes or --update would change\n"
    )  # fmt: skip


def test_a_problem_that_is_not_reported_is_not_fixed(run: Command, folder: Path) -> None:
    text = "input: 8x8x1\nlayers:\n  - relu  # cnncalc: ignore[CNN301]\n"
    (folder / "a.cnn.yaml").write_text(text)
    assert run("check", "--fix", "--ignore", "CNN317").code == 0
    assert (folder / "a.cnn.yaml").read_text() == text


def test_what_cannot_be_written_is_said(run: Command, folder: Path) -> None:
    (folder / "a.cnn.yaml").unlink()
    (folder / "real.txt").write_text(BROKEN)
    (folder / "a.cnn.yaml").symlink_to("real.txt")
    result = run("check", "--fix")
    assert result.code == 2
    assert "cannot check a.cnn.yaml: not updated: a.cnn.yaml is a link" in result.err
    assert (folder / "real.txt").read_text() == BROKEN


# Reports.


def test_json_and_sarif_say_where_and_what(run: Command, folder: Path) -> None:
    problem = json.loads(run("check", "--format", "json").out)["problems"][0]
    place = {"line": 3, "column": 5, "end_line": 3, "end_column": 9}
    assert problem["fix"] == {"range": place, "text": "conv", "safe": True}
    result = json.loads(run("check", "--format", "sarif").out)["runs"][0]["results"][0]
    (fix,) = result["fixes"]
    (change,) = fix["artifactChanges"]
    assert fix["description"] == {"text": "did you mean conv?"}
    assert change["artifactLocation"] == {"uri": "a.cnn.yaml"}
    assert change["replacements"] == [
        {
            "deletedRegion": {"startLine": 3, "startColumn": 5, "endLine": 3, "endColumn": 9},
            "insertedContent": {"text": "conv"},
        }
    ]
