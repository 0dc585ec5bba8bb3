"""check --update: only the numbers of expectations change."""

from __future__ import annotations

import json
import os
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from running import Command

import cnncalc
from cnncalc.checks.expectations import judge
from cnncalc.commands.check.update import refreshed
from cnncalc.language import bundled
from cnncalc.language.rewrite import CannotUpdate


def builds(text: str) -> list[cnncalc.Build]:
    spec = cnncalc.read_text(text)
    return [cnncalc.build(spec, variant=variant) for variant in (None, *spec.variants)]


@pytest.mark.parametrize("path", bundled.files(), ids=bundled.stem)
def test_bundled_specs_stay_as_they_are(path: str) -> None:
    text = Path(path).read_text("utf-8")
    assert refreshed(builds(text)) == text


SPEC = """\
input: 8x8x1   # small
layers:
  - conv: {filters: 4, kernel: 3}   # a comment
    expect: {output: OUTPUT, parameters: PARAMETERS, memory: "MEMORY"}
expect:
  connections:   CONNECTIONS   # odd spaces stay
  macs: "<= 1k"
"""
TRUE = {"OUTPUT": "6x6x4", "PARAMETERS": "40", "MEMORY": "576 B", "CONNECTIONS": "1440"}


@pytest.mark.parametrize(
    ("name", "written", "refreshed_as"),
    [
        ("OUTPUT", "5x5x4", "6x6x4"),
        ("OUTPUT", "[5, 5, 4]", "[6, 6, 4]"),
        ("PARAMETERS", "41", "40"),
        ("PARAMETERS", "40", "40"),
        ("CONNECTIONS", "1_441", "1_440"),
        ("CONNECTIONS", '"1,441"', '"1,440"'),
        ("CONNECTIONS", "1.5k", "1.4k"),
        ("CONNECTIONS", "2k", "1k"),
        ("CONNECTIONS", "~3k", "~1k"),
        ("CONNECTIONS", "~1k", "~1k"),
        ("CONNECTIONS", "1.44k", "1.44k"),
        ("CONNECTIONS", "9e2", "1440"),
        ("MEMORY", "2KiB", "1KiB"),
        ("MEMORY", "0.5KiB", "0.6KiB"),
        ("PARAMETERS", "100..200", "100..200"),
        ("PARAMETERS", '"<= 3"', '"<= 3"'),
    ],
)
def test_numbers_keep_their_form(name: str, written: str, refreshed_as: str) -> None:
    def spec(value: str) -> str:
        text = SPEC
        for key, true in {**TRUE, name: value}.items():
            text = text.replace(key, true)
        return text

    assert refreshed(builds(spec(written))) == spec(refreshed_as)


def test_a_spec_that_expects_nothing() -> None:
    text = "input: 8x8x1\nlayers: [conv: 4@3x3]\n"
    assert refreshed(builds(text)) == text + "expect: {output: 6x6x4, parameters: 40}\n"


# A spec that expects nothing, in all the ways that a text can begin and end.
HEADS = ["", "# a comment\n", "---\n", "\n\n"]
TAILS = [
    "",
    "\n",
    "   # a comment",
    "\n# more\n",
    "\n\n\n",
    "\n...\n",
    "\n...\n# more",
    "\n...  \n",
]
BODIES = [
    "input: 8x8x1\nlayers: [conv: 4@3x3]",
    "  input: 8x8x1\n  layers:\n    - conv: 4@3x3",
    "{input: 8x8x1, layers: [conv: 4@3x3]}",
    "{\n  layers: [conv: 4@3x3],\n  input: 8x8x1, # small\n}",
    "layers: [conv: 4@3x3]\ninput: 8x8x1\nnote: |+\n  a text\n\n",
    "layers: [conv: 4@3x3]\ninput: 8x8x1\nnote: >\n  a text\n  in two lines\n",
]


@pytest.mark.parametrize("line_end", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("body", BODIES)
def test_a_new_line_changes_nothing_else(body: str, line_end: str) -> None:
    for head, tail in product(HEADS, TAILS):
        if body.endswith("\n") and tail.startswith(" "):
            continue  # no comment, but a line of the text
        text = f"{head}{body}{tail}".replace("\n", line_end)
        (old,) = builds(text)
        new = refreshed([old])
        more = len(new) - len(text)
        assert more > 0
        assert any(new[:at] + new[at + more :] == text for at in range(len(text) + 1))
        assert ("\n" in new.replace("\r\n", "")) == ("\n" in text.replace("\r\n", ""))
        (again,) = builds(new)
        assert len(again.expectations) == 2
        assert judge(again) == []
        assert again.spec.note == old.spec.note


def in_a_spec(value: str) -> str:
    return f"input: 8x8x1\nlayers: [conv: 4@3x3]\nexpect:\n  {value}\n  layers: 1\n"


@pytest.mark.parametrize(
    ("written", "refreshed_as"),
    [
        ("parameters: >-\n    40", "parameters: >-\n    40"),
        ("parameters: >-\n    41", "parameters: >-\n    40"),
        ("parameters: |\n    41\n\n", "parameters: |\n    40\n\n"),
        ("parameters: '41'   # why", "parameters: '40'   # why"),
        ('parameters: "4\\x31"', "parameters: 40"),
        ("output: [5, # rows\n    5, 4]", "output: [6, # rows\n    6, 4]"),
        (
            "output:\n    - 5   # rows\n    - 5\n    - 4",
            "output:\n    - 6   # rows\n    - 6\n    - 4",
        ),
        ("output: [5, 5]", "output: [6, 6, 4]"),
        ("receptive_field: [5, 5]", "receptive_field: [3, 3]"),
        ("receptive_field: [5]", "receptive_field: [3]"),
    ],
)
def test_values_in_all_styles(written: str, refreshed_as: str) -> None:
    assert refreshed(builds(in_a_spec(written))) == in_a_spec(refreshed_as)


@pytest.mark.parametrize(
    "written",
    ["parameters: >- # 41 was\n    41", "output:\n    - 5\n    - 5"],
    ids=["a number in a comment", "a list that has to grow"],
)
def test_what_cannot_be_changed_alone_is_left(written: str) -> None:
    with pytest.raises(CannotUpdate, match="without changing more; edit it by hand"):
        refreshed(builds(in_a_spec(written)))


def test_what_no_expectation_can_say_is_not_written() -> None:
    text = "input: {length: 1000000000000, channels: 1}\nlayers: [upsample: 10]\n"
    assert refreshed(builds(text)) == text + "expect: {parameters: 0}\n"
    assert refreshed(builds(text + "expect: {output: 5x1}\n")) == text + "expect: {output: 5x1}\n"


def test_a_spec_that_cannot_be_updated_is_not_checked(run: Command, tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    text = "input: 8x8x1\nlayers: [conv: 4@3x3]\nnote: |\n  no line end"
    path.write_text(text)
    report = tmp_path / "report.json"
    code, _, errors = run("check", path, "--update", "--report", f"json={report}")
    assert code == 2
    assert errors.startswith(f"cannot check {path}: not updated: its numbers cannot be changed")
    assert path.read_text() == text
    assert json.loads(report.read_text())["summary"]["exit_code"] == 2


def test_different_values_are_left() -> None:
    text = (
        "input: 8x8x1\nblocks: {B: [{conv: 4@3x3, expect: {parameters: 7}}]}\nlayers: [B, B]\n"
        "expect: {output: 4x4x4}\n"
    )
    assert refreshed(builds(text)) == text


def test_variants() -> None:
    text = """\
input: 8x8x1
vars: {filters: 4}
layers:
  - conv: {filters: $filters, kernel: 3}
expect: {parameters: 1}
variants:
  wide:
    vars: {filters: 8}
    expect: {parameters: 2}   # twice as many
"""
    true = text.replace("parameters: 1}", "parameters: 40}").replace(
        "parameters: 2}", "parameters: 80}"
    )
    assert refreshed(builds(text)) == true


def test_command(run: Command, tmp_path: Path) -> None:
    wrong, right, broken = (tmp_path / f"{name}.yaml" for name in ("wrong", "right", "broken"))
    wrong.write_text("input: 8x8x1\nlayers: [conv: 4@3x3]\nexpect: {parameters: 4}   # why\n")
    right.write_text("input: 8x8x1\nlayers: [conv: 4@3x3]\nexpect: {parameters: 40}\n")
    broken.write_text("input: 8x8x1\nlayers: [covn: 4@3x3]\nexpect: {parameters: 4}\n")
    before = broken.read_text()
    done = run("check", tmp_path, "--update")
    assert [line for line in done.err.splitlines() if "updated" in line] == [f"updated {wrong}"]
    assert wrong.read_text().endswith("expect: {parameters: 40}   # why\n")
    assert broken.read_text() == before
    assert done.code == 1  # for the broken one
    assert run("check", wrong, "--update", "--set", "x=1").code == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "broken.yaml", "right.yaml", "wrong.yaml",
    ]  # fmt: skip


# The file.

WRONG = "input: 8x8x1\nlayers: [conv: 4@3x3]\nexpect: {parameters: 4}\n"
RIGHT = WRONG.replace("4}", "40}")


@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["", "bom"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_bytes_around_the_numbers_stay(
    mark: str, line_end: str, run: Command, tmp_path: Path
) -> None:
    path = tmp_path / "net.yaml"
    path.write_bytes(f"{mark}{WRONG}".replace("\n", line_end).encode())
    path.chmod(0o750)
    assert run("check", path, "--update").code == 0
    assert path.read_bytes() == f"{mark}{RIGHT}".replace("\n", line_end).encode()
    assert path.stat().st_mode & 0o777 == 0o750


def test_an_edit_made_meanwhile_is_kept(
    run: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(WRONG)

    def edit_and_build(*words: Any, **options: Any) -> cnncalc.Network:
        path.write_text(WRONG + "# an edit\n")
        return cnncalc.build(*words, **options)

    monkeypatch.setattr("cnncalc.commands.check.update.build", edit_and_build)
    code, _, errors = run("check", path, "--update")
    assert code == 2
    assert errors.startswith(
        f"cannot check {path}: not updated: it was changed by another program meanwhile\n"
    )
    assert path.read_text() == WRONG + "# an edit\n"
    assert [name.name for name in tmp_path.iterdir()] == ["net.yaml"]


def test_links_planted_for_a_temporary_file(run: Command, tmp_path: Path) -> None:
    path, victim = tmp_path / "net.yaml", tmp_path / "victim"
    path.write_text(WRONG)
    victim.write_text("mine")
    (tmp_path / f"net.yaml.{os.getpid()}.tmp").symlink_to("victim")
    assert run("check", path, "--update").code == 0
    assert (path.read_text(), victim.read_text()) == (RIGHT, "mine")


def test_links_to_specs(run: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One in the tree leads to a spec of the tree, which is updated by its own name."""
    (tmp_path / "tree/.git").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "tree")
    for name in ("b.yaml", "d.yaml", "../e.yaml"):
        Path(name).write_text(WRONG)
    Path("a.yaml").symlink_to("b.yaml")
    assert run("check", ".", "--update").code == 0
    assert (Path("a.yaml").is_symlink(), Path("b.yaml").read_text()) == (True, RIGHT)
    Path("c.yaml").symlink_to("../e.yaml")
    code, _, errors = run("check", "c.yaml", "d.yaml", "--update")
    assert code == 2
    assert "cannot check c.yaml: not updated: c.yaml is a link in the working tree" in errors
    assert (Path("c.yaml").read_text(), Path("d.yaml").read_text()) == (WRONG, RIGHT)


def test_a_file_with_a_long_name(run: Command, tmp_path: Path) -> None:
    path = tmp_path / f"{'x' * 240}.yaml"
    path.write_text(WRONG)
    assert run("check", path, "--update").code == 0
    assert path.read_text() == RIGHT


def test_a_file_that_is_read_only(run: Command, tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(WRONG)
    path.chmod(0o444)
    code, _, errors = run("check", path, "--update")
    assert code == 2
    assert "not updated: the file is read-only" in errors
    assert path.read_text() == WRONG
