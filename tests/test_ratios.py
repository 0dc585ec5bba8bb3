"""Quantities that are a ratio: exact, in every command and format, and never cut to a whole one."""

import json
from fractions import Fraction
from pathlib import Path

import pytest
from running import Command

import cnncalc
from cnncalc.language.amounts import read_expected
from cnncalc.quantities import QUANTITIES, Quantities, Quantity, ratio
from cnncalc.wording import rounded

NAME = "macs_per_parameter"
EXACT = Fraction(416_520, 61_706)  # of LeNet-5: 6.75007...


def test_a_ratio_is_exact_and_that_of_the_totals() -> None:
    network = cnncalc.load("lenet")
    assert network.macs_per_parameter == EXACT
    assert network["C1"].macs_per_parameter == Fraction(117_600, 156)
    assert network["avg_pool1"].macs_per_parameter is None


def test_a_layer_that_shares_its_weights_has_none_of_its_own(tmp_path: Path, run: Command) -> None:
    path = tmp_path / "net.yaml"
    path.write_text("input: 8\nlayers:\n- {fc: 8, name: a}\n- {reuse: a, name: b}\n")
    network = cnncalc.load(path)
    assert network["b"].macs_per_parameter is None
    assert network.macs_per_parameter == Fraction(128, 72)
    assert "The weights are those of a, and count there." in run.output("explain", path, "b", NAME)


@pytest.mark.parametrize(
    ("written", "holds"),
    [
        ("7", True), ("6.8", True), ("6.75", True), ("6.7501", True), ("6.7500", False),
        ("6.7", False), ("6", False), ("~6.7", True), ("~6.6", False), ("<= 6.75", False),
        ("<= 6.76", True), (">= 6.75", True), ("> 6.75", True), ("< 6.75", False), ("6..7", True),
        ("<= 6", False), ("6.76..7", False),
    ],
)  # fmt: skip
def test_a_ratio_is_expected(written: str, holds: bool) -> None:
    assert read_expected(NAME, written)[0](EXACT) is holds
    assert not read_expected(NAME, written)[0](None)


def spec(folder: Path, expected: str) -> Path:
    path = folder / "net.yaml"
    path.write_text(
        f"input: 3x3x1\nexpect: {{{NAME}: {expected}}}\nlayers: [conv: {{filters: 1, kernel: 2}}]\n"
    )
    return path


def test_a_ratio_that_is_not_met_is_shown_with_its_fraction(tmp_path: Path, run: Command) -> None:
    code, out, errors = run("check", spec(tmp_path, "3.1"))
    assert code == 1
    assert f"{NAME} of the network is 3.2, expected 3.1" in out + errors
    assert run("check", spec(tmp_path, "3.2"))[0] == 0


def test_a_ratio_is_brought_up_to_date(tmp_path: Path, run: Command) -> None:
    for old, new in (("5", "3"), ("5.1", "3.2"), ("~5.25", "~3.20"), ('"<= 3"', '"<= 3"')):
        path = spec(tmp_path, old)
        run("check", "--update", path)
        assert f"{NAME}: {new}" in path.read_text(), old


def test_people_read_it_rounded_and_machines_the_nearest_double(run: Command) -> None:
    columns = ("--columns", f"layer,{NAME}")
    text = run("describe", "lenet", *columns)[1]
    assert {"753.8", "99.34", "0.9975"} <= set(text.split())
    assert "6.75" in text.splitlines()[-1]
    assert f"conv2,{240_000 / 2_416!r}" in run("describe", "lenet", *columns, "--format", "csv")[1]
    found = json.loads(run("describe", "lenet", "--format", "json")[1])["networks"][0]
    assert found["totals"][NAME] == 416_520 / 61_706
    assert found["layers"][1][NAME] is None


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (Fraction(9800, 13), "753.8"), (Fraction(48_000, 48_120), "0.9975"), (EXACT, "6.75"),
        (Fraction(1, 3000), "0.0003333"), (Fraction(99_995, 100), "1,000"), (3, "3"), (0, "0"),
        (Fraction(123_756_241_739, 10_000_000), "12,376"),
    ],
)  # fmt: skip
def test_a_ratio_has_four_significant_digits(number: Fraction, text: str) -> None:
    assert rounded(number)[0] == text


def test_a_ratio_has_no_budget(run: Command) -> None:
    assert f"{NAME} has no total" in run.refusal("check", "lenet", "--max", f"{NAME}=5")


def test_a_quotient_that_is_not_declared_as_a_ratio_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(QUANTITIES, "half", Quantity("Half", "", lambda of: of.operation.macs / 2))
    QUANTITIES["half"].name = "half"
    with pytest.raises(TypeError, match=r"half of conv is 58800.0, not a whole number; .*ratio"):
        cnncalc.load("lenet").quantity("half")


def test_a_new_ratio_needs_no_more_than_its_declaration(
    monkeypatch: pytest.MonkeyPatch, run: Command
) -> None:
    declared = ratio("Links/weight", "connections divided by weights", "connections", "weights")
    declared.name = "links_per_weight"
    monkeypatch.setitem(QUANTITIES, declared.name, declared)
    monkeypatch.setattr(Quantities, declared.name, declared, raising=False)
    assert cnncalc.load("lenet")["C1"].quantity(declared.name) == Fraction(122_304, 150)
    assert "122,304/150" in run.output("explain", "lenet", "C1", declared.name)
