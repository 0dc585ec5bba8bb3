"""check --update: only the numbers of expectations change."""

from __future__ import annotations

from pathlib import Path

import pytest
from running import Command

import cnncalc
from cnncalc import bundled
from cnncalc.checks.update import refreshed


def networks(text: str) -> list[cnncalc.Network]:
    spec = cnncalc.read_text(text)
    return [cnncalc.build(spec, variant=variant) for variant in (None, *spec.variants)]


@pytest.mark.parametrize("path", bundled.files(), ids=bundled.stem)
def test_bundled_specs_stay_as_they_are(path: str) -> None:
    text = Path(path).read_text("utf-8")
    assert refreshed(networks(text)) == text


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

    assert refreshed(networks(spec(written))) == spec(refreshed_as)


def test_a_spec_that_expects_nothing() -> None:
    text = "input: 8x8x1\nlayers: [conv: 4@3x3]\n"
    assert refreshed(networks(text)) == text + "expect: {output: 6x6x4, parameters: 40}\n"


def test_different_values_are_left() -> None:
    text = (
        "input: 8x8x1\nblocks: {B: [{conv: 4@3x3, expect: {parameters: 7}}]}\nlayers: [B, B]\n"
        "expect: {output: 4x4x4}\n"
    )
    assert refreshed(networks(text)) == text


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
    assert refreshed(networks(text)) == true


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
