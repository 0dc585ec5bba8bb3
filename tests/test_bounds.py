"""What a small file can cost: values, references and words that grow by naming one another."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from difflib import SequenceMatcher, get_close_matches
from pathlib import Path
from random import Random
from typing import Any

import pytest
from running import Command

from cnncalc import SpecError, build, loads, read_text
from cnncalc.commands.lookup.vocabulary import kind_names
from cnncalc.language.sizes import MAX_PARTS
from cnncalc.network.model import Group, Layer, Network
from cnncalc.network.walk import Walk
from cnncalc.problems import Problem
from cnncalc.quantities import QUANTITIES
from cnncalc.wording import MAX_COMPARED, fold, nearest, show

ITEMS = "layers:\n  - conv: {filters: 1, kernel: 1}\n"


def problems_of(text: str) -> list[Problem]:
    with pytest.raises(SpecError) as caught:
        loads(text)
    return caught.value.problems


# Values that share what they hold.


def doubling(first: str, names: int) -> str:
    """`a1: [$a0, $a0]`, `a2: [$a1, $a1]` and so on."""
    lines = [f"  a{n}: [$a{n - 1}, $a{n - 1}]" for n in range(1, names)]
    return "\n".join(["input: 8x8x1", "vars:", f"  a0: {first}", *lines, ""])


def test_a_var_is_limited_where_it_gets_too_large(run: Command, tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(doubling("[1, 1]", 28) + ITEMS)
    assert run("check", path).out == (
        "error[CNN104]: a value of 16,384 numbers and words in all, more than 10,000\n"
        f"  --> {path}:16:8\n"
        "   |\n"
        "16 |   a13: [$a12, $a12]\n"
        "   |        ^^^^^^^^^^^^\n"
        "   |\n"
        "   = help: a list that names other lists holds all of theirs; name fewer of them\n"
        "\n1 file: 1 error\n"
    )


def test_mappings_count_too(run: Command, tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    text = doubling("[1, 1]", 20) + ITEMS
    path.write_text(text.replace("[$a9, $a9]", "{x: $a9, y: $a9}"))
    assert "net.yaml:16:8\n" in run("check", path).out


def test_an_argument_of_a_block_is_limited(run: Command, tmp_path: Path) -> None:
    calls = "".join(f"  B{n}: {{args: [x], layers: [B{n + 1}: [[$x, $x]]]}}\n" for n in range(25))
    path = tmp_path / "net.yaml"
    path.write_text(
        f"input: 8x8x1\nblocks:\n{calls}  B25: {{args: [x], layers: [fc: $x]}}\n"
        "layers:\n  - B0: [[1, 1]]\n"
    )
    out = run("check", path).out
    assert "error[CNN104]: a value of 16,384 numbers and words in all" in out
    assert out.count("error[") == 1


def test_a_setting_is_limited(run: Command, tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(doubling("[1, 1]", 13) + "  last: 1\n" + ITEMS)
    code, out, _ = run("check", path, "--set", "last=[$a12, $a12]")
    assert code == 1
    assert "error[CNN104]: last is set to a list: a value of 16,384 numbers and words in all" in out


def test_lists_in_one_another_are_limited(run: Command, tmp_path: Path) -> None:
    lines = "".join(f"  a{n + 1}: [$a{n}]\n" for n in range(3000))
    path = tmp_path / "net.yaml"
    path.write_text(f"input: 8x8x1\nvars:\n  a0: [1]\n{lines}{ITEMS}")
    out = run("check", path).out
    assert "error[CNN104]: a value nested deeper than 60 levels\n" in out
    assert "net.yaml:63:8\n" in out


def test_what_is_written_out_may_be_larger() -> None:
    rows = "[" + ", ".join(["1"] * (MAX_PARTS + 1)) + "]"
    assert loads(f"input: 8x8x1\nvars: {{a: {rows}, b: $a}}\n{ITEMS}").parameters == 2


def test_a_message_shows_the_beginning_of_a_list_only() -> None:
    shown = 0

    class Counted(int):
        @property
        def numerator(self) -> int:
            nonlocal shown
            shown += 1
            return int(self)

    assert show([Counted(7)] * 1000) == "[" + "7, " * 12 + "7,…"
    assert shown < 20


# Reuses of reuses.


FIRST = "input: 8x8x3\nlayers:\n  - {conv: {filters: 3, kernel: 1}, name: r0}\n"


def reuses(number: int, more: str = "") -> str:
    lines = (f"  - {{reuse: r{n}, name: r{n + 1}{more}}}\n" for n in range(number))
    return f"{FIRST}{''.join(lines)}"


def test_a_chain_of_reuses_takes_one_step_each(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = 0
    one = Walk.one

    def counted(*arguments: Any) -> Any:
        nonlocal steps
        steps += 1
        return one(*arguments)

    monkeypatch.setattr(Walk, "one", counted)
    network = loads(reuses(5000))
    assert len(network) == 5001
    assert network.parameters == 12
    assert {layer.shares for layer in network.layers[1:]} == {network.layers[0]}
    assert steps == 2 * 5000 + 1


def test_a_problem_in_a_chain_names_what_is_written() -> None:
    text = reuses(1) + "  - {conv: {filters: 5, kernel: 1}}\n  - {reuse: r1, name: r2}\n"
    found = problems_of(text)
    assert [(one.code.code, one.line, one.message) for one in found] == [
        ("CNN208", 6, "r1 has 9 weights on 8×8×3, here it would have 15 weights on 8×8×5")
    ]


def test_a_chain_through_groups_is_limited(run: Command, tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    inner = "".join(f"  - {{layers: [reuse: r{n}], name: r{n + 1}}}\n" for n in range(1000))
    for text in (FIRST + inner, reuses(1000, ", repeat: 1")):
        path.write_text(text)
        out = run("check", path).out
        assert "error[CNN104]: nested deeper than 100 levels when expanded\n" in out
        assert out.endswith("\n1 file: 1 error\n")


# Guesses at misspelt words.


def misspelt(word: str) -> list[str]:
    """With a letter less, with two changed about, with one more."""
    places = range(len(word))
    return [
        *(word[:at] + word[at + 1 :] for at in places),
        *(word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :] for at in places),
        *(word[:at] + "e" + word[at:] for at in places),
    ]


NUMBERED = [f"conv{number}" for number in range(60)]


@pytest.mark.parametrize("known", [[*QUANTITIES], kind_names(), NUMBERED], ids=len)
def test_a_guess_is_the_one_of_difflib(known: list[str]) -> None:
    folded = {fold(word): word for word in known}
    for word in [wrong for right in known[:60] for wrong in misspelt(right)]:
        close = get_close_matches(fold(word), folded, n=1, cutoff=0.7)
        assert nearest(word, known) == (folded[close[0]] if close else None)


def test_the_work_of_a_guess_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = 0
    ratio = SequenceMatcher.ratio

    def counted(self: SequenceMatcher[str]) -> float:
        nonlocal compared
        compared += len(self.a) * len(self.b)
        return ratio(self)

    monkeypatch.setattr(SequenceMatcher, "ratio", counted)
    letters, rng = [*("abcdefghijklmnopqrstuvwxyz" * 3)], Random(1)
    words = ["".join(rng.sample(letters, 60)) for _ in range(500)]
    assert nearest("".join(rng.sample(letters, 60)), words) is None
    assert 0 < compared <= MAX_COMPARED
    assert nearest(f"{words[9]}x", words) == words[9]
    many = iter(words * 100)
    assert nearest("y" * 60, many) is None
    assert len(list(many)) > 49_000


# Variants and lists of settings.

FAMILY = (
    "input: 8x8x1\nvars: {width: 1}\n"
    "layers:\n  - repeat: 10\n    conv: {filters: $width, kernel: 1}\n"
    "variants:\n" + "".join(f"  v{number}: {{vars: {{width: 2}}}}\n" for number in range(9))
)
LISTS = ("--set", "width=1,2,3,4,5,6,7,8,9", "--limit", "layers=100")


@pytest.fixture
def family(here: Path) -> None:
    (here / "net.yaml").write_text(FAMILY)


@pytest.mark.usefixtures("family")
@pytest.mark.parametrize(
    ("words", "networks"),
    [(("--variant", "all", *LISTS), 6), (("--variant", "v3", *LISTS), 6), (LISTS, 6)],
)
def test_describe_is_bounded(words: tuple[str, ...], networks: int, run: Command) -> None:
    code, out, err = run("describe", "net.yaml", "--expand", "0", "--format", "csv", *words)
    assert code == 1
    assert len(out.splitlines()) == 1 + networks
    assert (
        "error[CNN104]: the networks asked for come to more than 100 items together; "
        f"{networks} tables can be made\n" in err
    )


@pytest.mark.usefixtures("family")
def test_check_is_bounded(run: Command) -> None:
    code, out, _ = run("check", "net.yaml", *LISTS)
    assert code == 1
    assert (
        "error[CNN104]: the variants and settings expand to more than 100 items together, "
        "84 networks are not checked\n" in out
    )


def test_expectations_find_their_layers_in_one_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    passes = 0
    elements = Network.elements

    def counted(network: Network) -> Iterator[Layer | Group]:
        nonlocal passes
        passes += 1
        return elements(network)

    def text(layers: int) -> str:
        names = range(layers)
        items = "".join(f"  - {{relu: {{}}, name: r{i}}}\n" for i in names)
        expect = "".join(f"  r{i}: {{output: 4x4x1}}\n" for i in names)
        return f"input: 4x4x1\nlayers:\n{items}expect:\n{expect}"

    monkeypatch.setattr(Network, "elements", counted)
    found = []
    for layers in (1, 50):
        passes = 0
        assert len(build(read_text(text(layers))).expectations) == layers
        found.append(passes)
    assert found[0] == found[1]


def test_a_merge_of_one_name_many_times_is_not_gone_through_for_each() -> None:
    """480,000 names fit into the limits of a spec: a pass for each of them would take minutes."""
    passes = 0

    def count_passes(_frame: object, event: str, called: object) -> None:
        nonlocal passes
        own = getattr(called, "__self__", None)
        if event == "c_call" and isinstance(own, (list, tuple)) and len(own) == 1000:
            passes += getattr(called, "__name__", "") in ("count", "index")

    names = ", ".join(["n"] * 1000)
    text = f"input: 8x8x3\nlayers:\n  - {{relu: null, name: n}}\n  - add: [{names}]\n"
    sys.setprofile(count_passes)
    try:
        network = loads(text)
    finally:
        sys.setprofile(None)
    assert len(network.layers[-1].sources) == 1000
    assert passes < 10
