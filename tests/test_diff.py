"""diff: what changed is found, and an insertion shifts nothing."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from running import Command
from systems import needs_git

import cnncalc
from cnncalc.commands.diff.compare import ADDED, CHANGED, REMOVED, compare, totals

ITEMS = [
    "conv: {filters: 4, kernel: 3, padding: 1}",
    "conv: {filters: 8, kernel: 3, padding: 1}",
    "relu",
    "batch_norm",
    "max_pool: {kernel: 3, stride: 1, padding: 1}",
    "repeat: 2, conv: {filters: 6, kernel: 1}",
    "residual: [batch_norm, relu]",
]


def network(*items: str) -> cnncalc.Network:
    lines = [item if ":" not in item else f"{{{item}}}" for item in items]
    return cnncalc.loads("input: 16x16x4\nlayers:\n" + "".join(f"  - {line}\n" for line in lines))


def found(old: cnncalc.Network, new: cnncalc.Network) -> list[tuple[str, str]]:
    return [(change.kind, change.path) for change in compare(old, new)]


lists = st.lists(st.sampled_from(ITEMS), min_size=1, max_size=8)


@given(lists)
def test_nothing_differs_from_itself(items: list[str]) -> None:
    assert compare(network(*items), network(*items)) == []


@given(lists, st.data())
def test_an_insertion_shifts_nothing(items: list[str], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(items)))
    longer = [*items[:place], "lrn", *items[place:]]
    changes = compare(network(*items), network(*longer))
    assert [(change.kind, change.path) for change in changes] == [(ADDED, "lrn1")]
    back = compare(network(*longer), network(*items))
    assert [(change.kind, change.path) for change in back] == [(REMOVED, "lrn1")]


@given(lists, lists)
def test_differences_of_layers_add_up(old: list[str], new: list[str]) -> None:
    before, after = network(*old), network(*new)
    for name in ("parameters", "macs"):
        by_layer = sum(change.difference(name) for change in compare(before, after))
        total = next(total for total in totals(before, after) if total.name == name)
        assert by_layer == total.difference == after.quantity(name) - before.quantity(name)


def test_an_argument() -> None:
    old = network("conv: {filters: 4, kernel: 3}", "relu")
    (change,) = compare(old, network("conv: {filters: 4, kernel: 5, padding: 1}", "relu"))
    assert change.kind == CHANGED
    assert change.arguments() == {
        "kernel": ([3, 3], [5, 5]),
        "padding": ([[0, 0], [0, 0]], [[1, 1], [1, 1]]),
    }


def test_copies_are_one_line() -> None:
    old, new = cnncalc.load("resnet50"), cnncalc.load("resnet101")
    assert found(old, new) == [(CHANGED, "Stage3.Bottleneck2")]


def test_what_changed_in_copies_adds_up() -> None:
    def net(filters: int) -> cnncalc.Network:
        conv = f"conv: {{filters: {filters}, kernel: 3, padding: 1}}"
        body = f"residual: [{conv}, batch_norm], shortcut: [conv: {filters}@1x1], repeat: 3"
        return network(body, "conv: 8@3x3")

    before, after = net(8), net(16)
    changes = compare(before, after)
    assert changes[0].path == "residual1"
    assert [change.detail for change in changes[1:-1]] == [True] * (len(changes) - 2)
    total = sum(change.difference("parameters") for change in changes)
    assert total == after.parameters - before.parameters


def test_names_hold_layers_together() -> None:
    old = network("conv: {filters: 4, kernel: 3}, name: stem", "relu")
    new = network("batch_norm", "conv: {filters: 8, kernel: 5}, name: stem", "relu")
    assert found(old, new)[:2] == [(ADDED, "batch_norm1"), (CHANGED, "stem")]


def test_text(run: Command) -> None:
    done = run("diff", "resnet50", "resnet101")
    assert done.code == 0
    assert "Bottleneck ×5 → Bottleneck ×22   +18,992,128" in done.out
    row = "Parameters 25,557,032 44,549,160 +18,992,128 +74.3%"
    assert row in [" ".join(line.split()) for line in done.out.splitlines()]


def test_exit_code(run: Command) -> None:
    assert run("diff", "lenet", "lenet", "--exit-code").code == 0
    assert run("diff", "lenet", "lenet-1998", "--exit-code").code == 1
    assert run("diff", "lenet", "lenet-1998").code == 0


def test_settings(run: Command) -> None:
    done = run("diff", "resnet50", "resnet50", "--set-b", "classes=10")
    assert "units 1000 → 10, output 1000 → 10   −2,028,510" in done.out


def test_json(run: Command) -> None:
    document = json.loads(run("diff", "vgg11", "vgg13", "--format", "json").out)
    assert list(document) == ["schema_version", "tool", "before", "after", "changes", "totals"]
    assert document["totals"]["parameters"] == {
        "before": 132_863_336,
        "after": 133_047_848,
        "difference": 184_512,
    }
    assert [change["change"] for change in document["changes"]] == [CHANGED, CHANGED]


def test_markdown(run: Command) -> None:
    lines = run("diff", "alexnet", "alexnet-2012", "--format", "markdown").out.splitlines()
    tables = [line for line in lines if line.startswith("|")]
    assert len({line.replace("\\|", "").count("|") for line in tables}) == 1
    assert "| Parameters | 61,100,840 | 60,965,224 | −135,616 | −0.2% |" in lines


@needs_git
def test_git_revision(run: Command, here: Path) -> None:
    def git(*words: str) -> None:
        own = ("-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false")
        subprocess.run(["git", *own, *words], cwd=here, check=True, capture_output=True)

    spec = here / "net.yaml"
    spec.write_text("input: 8x8x1\nlayers: [conv: 4@3x3]\n")
    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "a net")
    spec.write_text("input: 8x8x1\nlayers: [conv: 8@3x3]\n")
    done = run("diff", "HEAD:net.yaml", "net.yaml")
    assert done.out.startswith("HEAD:net.yaml → net.yaml\n")
    assert "conv1   filters 4 → 8, output 6×6×4 → 6×6×8          +40   +1,296" in done.out
    assert "HEAD:nix.yaml: " in run("diff", "HEAD:nix.yaml", "net.yaml").err
    assert run("diff", "--", "--output=x:net.yaml", "net.yaml").code == 2


BAD = {
    "lenet nix.yaml": (2, "no file nix.yaml"),
    "lenet lenett": (2, "did you mean lenet?"),
    "- -": (2, "only one of the two"),
    "lenet lenet --set-b width=3": (2, "the spec has no var width"),
    "resnet50 resnet50 --set-b classes=1,2": (2, "no lists"),
}


@pytest.mark.parametrize("call", BAD)
def test_refused(call: str, run: Command) -> None:
    done = run("diff", *call.split())
    code, message = BAD[call]
    assert message in " ".join(done.err.split())
    assert done.code == code


def test_a_side_with_errors(run: Command, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("input: 8x8x1\nlayers: [covn: 4]\n")
    done = run("diff", "lenet", str(tmp_path / "bad.yaml"))
    assert done.code == 1
    assert "did you mean conv?" in done.err
    assert done.out == ""


def test_a_share_that_rounds_to_nothing_is_not_said_to_be_nothing(run: Command) -> None:
    out = run.output("diff", "resnet50", "resnet50", "--set-b", "classes=10")
    assert [line.split()[-2:] for line in out.splitlines() if "MACs" in line][-1] == ["<", "0.1%"]
    assert "0.0%" not in out


def test_rows_of_a_table_are_named_by_their_numbers(run: Command, tmp_path: Path) -> None:
    """A row that is skipped keeps its number."""
    item = "conv: {filters: $w, kernel: 3}\n    each: {w: [4, 8, 16]}"
    text = f"input: 32x32x3\nlayers:\n  - {item}\n"
    (tmp_path / "a.yaml").write_text(text)
    (tmp_path / "b.yaml").write_text(f"{text}    when: $w != 8\n")
    shown = run("diff", tmp_path / "a.yaml", tmp_path / "b.yaml").out
    assert "conv ×3 → conv ×2" in shown
    assert "in copy 3" in shown
