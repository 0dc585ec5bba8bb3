"""diff REVISION -- PATHS: one report of all specs that differ from a revision of git."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft7Validator
from running import Command, git
from systems import needs_git

import cnncalc
from cnncalc.commands.diff.compare import compare
from cnncalc.commands.lookup.json_schemas import SCHEMAS

pytestmark = needs_git

A = "input: 8x8x1\nlayers:\n  - conv: {filters: 4, kernel: 3}\n  - relu\n"
OLD = "name: old\ninput: 9x9x1\nlayers:\n  - conv: 7@3x3\n  - relu\n  - fc: 33\nnote: a long text\n"
FAMILY = "input: 8x8x1\nvars: {w: 2}\nlayers: [fc: $w]\nvariants:\n  a: {vars: {w: 3}}\n"


def write(folder: Path, **texts: str) -> None:
    for name, text in texts.items():
        path = folder / f"{name.replace('__', '/')}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.fixture
def repository(here: Path) -> Path:
    """A commit on main, and in the working tree a spec of each fate."""
    git(here, "init", "-q", "-b", "main")
    write(here, m__a=A, m__gone=A, m__old=OLD, m__family=FAMILY, m__data="k: v\n")
    write(here, m__same=A + "# a\n", m__comment=A + "# b\n", else__a=A)
    git(here, "add", ".")
    git(here, "commit", "-qm", "specs")
    write(here, m__a=A.replace("4", "8"), m__data="k: w\n", m__fresh=A + "# c\n")
    write(here, m__family=FAMILY.replace("w: 3", "w: 4"), m__comment=A + "# other\n")
    write(here, else__a=A.replace("4", "8"))
    (here / "m/gone.yaml").unlink()
    git(here, "mv", "m/old.yaml", "m/new.yaml")
    (here / "m/new.yaml").write_text(OLD.replace("33", "34"))
    return here


def report(run: Command, *words: str) -> dict[str, dict[str, object]]:
    document = json.loads(run("diff", "--json", *words).out)
    assert list(Draft7Validator(SCHEMAS["diff"]()).iter_errors(document)) == []
    return {spec["path"]: spec for spec in document["specs"]}


def test_every_fate(run: Command, repository: Path) -> None:
    specs = report(run, "main", "--", "m/")
    assert {path: spec["change"] for path, spec in specs.items()} == {
        "m/a.yaml": "changed",
        "m/comment.yaml": "changed",
        "m/family.yaml": "changed",
        "m/fresh.yaml": "added",
        "m/gone.yaml": "removed",
        "m/new.yaml": "renamed",
    }
    assert specs["m/new.yaml"]["was"] == "m/old.yaml"
    assert specs["m/comment.yaml"]["networks"] == []


def test_text(run: Command, repository: Path) -> None:
    result = run("diff", "main", "--", "m")
    assert (result.code, result.err) == (0, "")
    head, _, rest = result.out.partition("\n\nmain:m/a.yaml → m/a.yaml\n")
    assert [line.rstrip() for line in head.splitlines()] == [
        "1 spec added, 1 spec removed, 1 spec renamed, 3 specs changed since main",
        "",
        "  Spec                Change                      Parameters                     MACs",
        "  m/a.yaml            changed                             80   +40 (+100.0%)    2,592"
        "   +1,296 (+100.0%)",
        "  m/comment.yaml      changed, the same numbers",
        "  m/family.yaml (a)   changed                            260    +65 (+33.3%)      256"
        "       +64 (+33.3%)",
        "  m/fresh.yaml        added                               40             +40    1,296"
        "             +1,296",
        "  m/gone.yaml         removed                              –   −40 (−100.0%)        –"
        "   −1,296 (−100.0%)",
        "  m/new.yaml          renamed, was m/old.yaml         11,766    +344 (+3.0%)   14,749"
        "       +343 (+2.4%)",
    ]
    assert "\nmain:m/old.yaml → m/new.yaml\n" in rest
    assert "\nmain:m/family.yaml (a) → m/family.yaml (a)\n" in rest


def test_markdown_is_one_comment(run: Command, repository: Path) -> None:
    lines = run("diff", "--format", "markdown", "main", "--", "m").out.splitlines()
    assert lines[0].startswith("### 1 spec added, 1 spec removed")
    assert lines.count("</details>") == 3
    assert "| m/gone.yaml | removed | – | −40 (−100.0%) | – | −1,296 (−100.0%) |" in lines


def test_html(run: Command, repository: Path) -> None:
    page = run("diff", "--format", "html", "main", "--", "m").out
    assert page.startswith("<!DOCTYPE html>")
    assert page.endswith("</html>\n")
    assert page.count("<table>") == 7  # the overview, and two for each of three networks


def test_a_markdown_comment_has_an_end(run: Command, repository: Path) -> None:
    write(repository, m__a="input: 8x8x1\nlayers:\n" + "  - relu\n" * 700)
    page = run("diff", "--format", "markdown", "main", "--", "m").out
    assert "more changes not listed." in page
    assert len(page) < 65_536


@pytest.mark.parametrize(
    ("folder", "path"),
    [(".", "m/a.yaml"), ("m", "a.yaml"), ("m", "m/a.yaml"), ("else", "../m/a.yaml")],
)
def test_paths_are_those_of_git_or_of_the_folder(
    run: Command, repository: Path, monkeypatch: pytest.MonkeyPatch, folder: str, path: str
) -> None:
    monkeypatch.chdir(repository / folder)
    assert list(report(run, "main", "--", path)) == ["m/a.yaml"]


@pytest.mark.parametrize("path", ["m/gone.yaml", "gone.yaml"])
def test_the_path_of_a_file_that_is_gone(
    run: Command, repository: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.chdir(repository / "m")
    assert list(report(run, "main", "--", path)) == ["m/gone.yaml"]


def test_no_path_is_the_current_folder(
    run: Command, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(report(run, "main")) == 7
    monkeypatch.chdir(repository / "else")
    assert list(report(run, "main")) == ["else/a.yaml"]


def test_exit_codes(run: Command, repository: Path) -> None:
    assert run("diff", "main", "--", "m").code == 0
    assert run("diff", "--exit-code", "main", "--", "m").code == 1
    assert run("diff", "--exit-code", "main", "--", "m/same.yaml").code == 0
    assert run("diff", "main", "--", "m/same.yaml").out == "no spec differs since main\n"
    assert run("diff", "--set", "w=3", "main", "--", "m").code == 2


def test_a_spec_with_errors_is_said_and_the_others_are_compared(
    run: Command, repository: Path
) -> None:
    write(repository, m__fresh="input: 8x8x1\nlayers: [covn: 3]\n")
    result = run("diff", "main", "--", "m")
    assert result.code == 1
    assert "m/fresh.yaml cannot be built: m/fresh.yaml:2:10: error[CNN113]: covn" in result.out
    assert "filters 4 → 8" in result.out


def test_links_are_not_followed(run: Command, repository: Path, tmp_path: Path) -> None:
    (repository / "m/a.yaml").unlink()
    (repository / "m/a.yaml").symlink_to("same.yaml")
    assert report(run, "main", "--", "m")["m/a.yaml"]["trouble"] == "cannot be read: a link"


def test_nothing_of_the_repository_is_run(run: Command, repository: Path) -> None:
    (repository / ".gitattributes").write_text("*.yaml diff=own\n")
    for name in ("diff.external", "diff.own.command", "diff.own.textconv", "core.fsmonitor"):
        git(repository, "config", name, f"touch '{repository}/ran'; false")
    assert len(report(run, "main", "m")) == 6
    assert not (repository / "ran").exists()


# What is missing.


def test_a_new_file_compares_with_nothing(run: Command, repository: Path) -> None:
    result = run("diff", "main:m/fresh.yaml", "m/fresh.yaml")
    assert result.code == 0
    assert result.err == "main:m/fresh.yaml: not there, compared with nothing\n"
    assert "+   conv1   conv 3×3 → 6×6×4          +40   +1,296" in result.out
    back = run("diff", "m/fresh.yaml", "main:m/fresh.yaml")
    assert "-   conv1   conv 3×3 → 6×6×4          −40   −1,296" in back.out
    assert run("diff", "main:x.yaml", "main:y.yaml").code == 2
    assert run("diff", "nix:m/fresh.yaml", "m/fresh.yaml").code == 2


def test_a_revision_that_is_not_there(run: Command, repository: Path) -> None:
    result = run("diff", "nix", "--", "m")
    assert (result.code, result.own_words()) == (2, "Error: no revision nix\n")
    assert run("diff", "--output=x", "--", "m").code == 2


def test_a_shallow_clone_gets_the_line_that_says_what_to_fetch(
    run: Command, repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(repository, "checkout", "-q", "-b", "work")
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "more")
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", "--depth", "1", "-b", "work", f"file://{repository}", str(clone))
    monkeypatch.chdir(clone)
    result = run("diff", "main", "--", "m")
    assert result.code == 2
    said = result.err.rpartition("Error: ")[2].strip()
    assert said == (
        "no revision main; this clone does not have the whole history: git fetch --unshallow; "
        "if it is a branch: git fetch --depth 1 origin main, and compare with FETCH_HEAD"
    )
    git(clone, *said.rpartition(": git ")[2].partition(",")[0].split())
    assert len(report(run, "FETCH_HEAD", "m")) == 5  # one more is renamed
    assert "git fetch --unshallow" in run("diff", "HEAD~1", "--", "m").err
    git(clone, "fetch", "--unshallow")
    assert len(report(run, "HEAD~1", "m")) == 5


def test_outside_of_a_repository(run: Command, here: Path) -> None:
    assert "in no git repository" in run("diff", "main", "--", "x").err


# Who reads whom, and copies.


def texts(old: str, new: str) -> list[tuple[str, str]]:
    from cnncalc.commands.diff.text import what

    before, after = (cnncalc.loads(f"input: 8x8x4\nlayers:\n{text}") for text in (old, new))
    return [(change.path, what(change)) for change in compare(before, after)]


CHAIN = "  - relu: {}\n    name: a\n  - tanh: {}\n    name: b\n  - add: [a, b]\n"


def test_who_reads_whom_counts_as_a_change() -> None:
    other = CHAIN.replace("[a, b]", "[input, b]")
    assert texts(CHAIN, other) == [("add1", "reads a and b → input and b")]
    assert texts(CHAIN, CHAIN) == []


def test_what_stands_between_is_no_other_reader() -> None:
    more = CHAIN.replace("  - tanh", "  - batch_norm\n  - tanh")
    assert texts(CHAIN, more) == [("batch_norm1", "batch_norm → 8×8×4")]
    assert texts(more, CHAIN) == [("batch_norm1", "batch_norm → 8×8×4")]


COPIES = "  - layers: [conv: {filters: $in + 4, kernel: 3, padding: 1}, relu]\n    repeat: 3\n"


def test_what_is_said_of_copies_is_true_of_every_copy() -> None:
    alike = "  - layers: [conv: {filters: 4, kernel: 3, padding: 1}, relu]\n    repeat: 3\n"
    assert texts(alike, alike.replace("kernel: 3, padding: 1", "kernel: 1"))[0] == (
        "layers1", "layers ×3, each as the first below",
    )  # fmt: skip
    (_, said), *details = texts(COPIES, COPIES.replace("kernel: 3, padding: 1", "kernel: 1"))
    assert said == "layers ×3, not all alike, see below"
    assert [(path, text.rpartition(", ")[2]) for path, text in details] == [
        ("layers1.1.conv1", "in copy 1"),
        ("layers1.2.conv1", "in copy 2"),
        ("layers1.3.conv1", "in copy 3"),
    ]


def test_copies_that_differ_from_some_on() -> None:
    """The first copy has another input, as in a stage that halves its sizes."""
    old = "  - layers: [conv: {filters: 8, kernel: 3, padding: 1}]\n    repeat: 4\n"
    _, *details = texts(old, old.replace("kernel: 3, padding: 1", "kernel: 1"))
    assert [text.rpartition(", ")[2] for _, text in details] == ["in copy 1", "in copies 2 to 4"]
