"""Sentences of the language at their edges: limits, names, amounts, variants, single items."""

from pathlib import Path

import pytest
from running import Command

import cnncalc
from cnncalc.language.amounts import read_expected
from cnncalc.limits import MAX_ITEMS
from cnncalc.network.build import build

CONV = "conv: {filters: 3, kernel: 1}"


def spec(*items: str, top: str = "input: 8x8x3") -> str:
    return f"{top}\nlayers:\n" + "".join(f"  - {item}\n" for item in items)


def refusal(text: str) -> str:
    with pytest.raises(cnncalc.SpecError) as caught:
        cnncalc.loads(text)
    assert len(caught.value.problems) == 1, str(caught.value)
    return caught.value.problems[0].message


# "Limits, each with a located error: ... nesting 60 as written ..., 200,000 items visited, skipped
# and empty copies counted, ... a scalar 4,000 characters."


def test_sixty_levels_as_written_and_no_more() -> None:
    def nested(levels: int) -> str:  # the spec and its vars are two of them
        return f"input: 8\nlayers: [relu]\nvars: {{a: {'[' * levels}1{']' * levels}}}\n"

    assert cnncalc.loads(nested(58)).layers
    assert refusal(nested(59)) == "nested deeper than 60 levels"


@pytest.mark.parametrize(
    ("item", "blocks"),
    [
        ("{relu: null, repeat: COUNT}", ""),
        ("{Empty: null, repeat: COUNT}", "Empty: []"),
        ("{Skips: null, repeat: COUNT // 2}", "Skips: [{relu: null, when: false}]"),
        ("{layers: [], each: {n: $rows}}", ""),
        ("{branches: {a: [], b: {relu: null, when: false}}, repeat: COUNT // 2}", ""),
    ],
)
def test_every_item_that_is_visited_counts(item: str, blocks: str) -> None:
    def text(count: int) -> str:
        top = f"input: 8\nblocks: {{{blocks}}}\nvars: {{rows: {[*range(count)]}}}"
        return spec(item.replace("COUNT", str(count)), top=top)

    build(cnncalc.read_text(text(500)), max_layers=500)
    with pytest.raises(cnncalc.SpecError, match="the spec expands to more than 500 items"):
        build(cnncalc.read_text(text(502)), max_layers=500)
    assert MAX_ITEMS == 200_000


def test_a_text_of_4000_characters_and_no_more() -> None:
    assert cnncalc.loads(spec("relu", top=f"input: 8\nnote: {'a' * 4000}")).layers
    text = spec("relu", top=f"input: 8\nnote: {'a' * 4001}")
    assert refusal(text) == "a text of 4,001 characters, more than 4,000"


# "Names of layers: a letter or _, then letters, digits, _ or -, 64 at most; `prev` and `input` are
# reserved. ... `in` cannot name a layer."


@pytest.mark.parametrize("name", ["a", "_", "_9", "a-b", "A_1-", "x" * 64])
def test_names_of_layers(name: str) -> None:
    network = cnncalc.loads(spec(f"{{{CONV}, name: {name}}}", f"{{relu: null, from: {name}}}"))
    assert network.layers[0].path == name


@pytest.mark.parametrize("name", ["9a", "-a", "a.b", "ä", "a b", "x" * 65, "prev", "input", "in"])
def test_what_cannot_name_a_layer(name: str) -> None:
    assert refusal(spec(f'{{{CONV}, name: "{name}"}}')).endswith("cannot name a layer")


# "An unnamed item is called by its canonical kind and a number among that kind in its scope, every
# active item counting whether named or not".


def test_every_active_item_counts_among_its_kind() -> None:
    items = f"{{{CONV}, name: first}}", f"Conv2D: {CONV[6:]}", f"{{{CONV}, when: false}}", CONV
    group = f"layers: [{CONV}, relu]"
    paths = [layer.path for layer in cnncalc.loads(spec(*items, "ReLU", group)).layers]
    assert paths == ["first", "conv2", "conv3", "relu1", "layers1.conv1", "layers1.relu1"]


# "A single item may stand where a list of items is wanted."


@pytest.mark.parametrize(
    ("one", "several"),
    [
        ("layers: relu", "layers: [relu]"),
        (f"residual: {{{CONV}}}", f"residual: [{CONV}]"),
        (f"{{residual: relu, shortcut: {{{CONV}}}}}", f"{{residual: [relu], shortcut: [{CONV}]}}"),
        (f"branches: {{a: relu, b: {{{CONV}}}}}", f"branches: {{a: [relu], b: [{CONV}]}}"),
        (f"branches: [relu, {{{CONV}}}]", f"branches: [[relu], [{CONV}]]"),
        ("gate: sigmoid", "gate: [sigmoid]"),
    ],
)
def test_a_single_item_stands_for_a_list(one: str, several: str) -> None:
    rows = [
        [(layer.path, layer.parameters) for layer in cnncalc.loads(spec(item)).layers]
        for item in (one, several)
    ]
    assert rows[0] == rows[1]


def test_a_single_item_is_a_block_and_a_network() -> None:
    top = f"input: 8x8x3\nblocks: {{One: {{{CONV}}}, Two: {{layers: relu}}}}\nlayers: "
    assert [layer.path for layer in cnncalc.loads(top + "[One, Two]").layers] == [
        "One1.conv1",
        "Two1.relu1",
    ]
    assert cnncalc.loads(top + "One").parameters == 12


# "The count, `each` and `expect` are evaluated once, before the first copy".


def test_the_expectation_of_a_repeated_item_covers_the_group(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    item = f"{{{CONV}, repeat: 3, expect: {{parameters: 36, layers: 3, output: 8x8x3}}}}"
    path.write_text(spec(item))
    cnncalc.assert_valid(path)


# "Given to an argument `none` means as if not written, so that `defaults:` and then the kind's own
# default apply, except that for `activation` and `shortcut` it means none."


def test_none_leaves_defaults_but_for_activation() -> None:
    top = "input: 8x8x3\ndefaults: {conv: {padding: same, bias: false, activation: relu}}"
    arguments = "filters: 3, kernel: 3, padding: none, bias: none, stride: none, activation: none"
    layer = cnncalc.loads(spec(f"conv: {{{arguments}}}", top=top)).layers[0]
    assert (str(layer.output), layer.parameters) == ("8x8x3", 81)
    assert layer.arguments["activation"] in (None, "none")


# "With `repeat` all copies share. Reusing a skipped item is an error."


def test_copies_of_a_reuse_share() -> None:
    network = cnncalc.loads(spec(f"{{{CONV}, name: a}}", "{reuse: a, repeat: 3}"))
    assert network.parameters == 12
    assert network.macs == 4 * network["a"].macs
    assert [layer.path for layer in network.layers[1:]] == [f"reuse1.{n}" for n in (1, 2, 3)]


def test_a_reuse_of_rows_that_are_skipped_on_this_volume_is_refused() -> None:
    table = "{conv: 8@1, each: {n: [1, 2]}, name: a, when: $in > 2}"
    message = refusal(spec(table, "conv: 2@1", "reuse: a", "relu"))
    assert message == "a has other layers on this volume"


# "A variant without `expect` inherits none."


def test_a_variant_without_expect_inherits_none(run: Command, tmp_path: Path) -> None:
    path = tmp_path / "family.yaml"
    variants = "variants: {wide: {vars: {w: 4}}, wrong: {vars: {w: 5}, expect: {parameters: 1}}}\n"
    top = "input: 8x8x3\nvars: {w: 3}\nexpect: {parameters: 12}"
    path.write_text(spec("conv: {filters: $w, kernel: 1}", top=top) + variants)
    assert run("describe", path, "--variant", "wide").code == 0
    assert run("describe", path, "--variant", "wrong").code == 1
    found = run("check", path)
    assert "1 error" in found.out
    assert "parameters of the network is 20, expected 1" in found.out


# The table of `expect:`: "equal", "equal after rounding to the digits given", "within one unit of
# the last digit given", "within the bound: a budget".

AMOUNTS = [
    ("61706", [61_706], [61_705, 61_707]),
    ("61_706", [61_706], [61_705]),
    ("61,706", [61_706], [61_707]),
    ("138M", [137_500_000, 138_499_999], [137_499_999, 138_500_000]),
    ("4.2M", [4_150_000, 4_249_999], [4_149_999, 4_250_000]),
    ("25.6G", [25_550_000_000, 25_649_999_999], [25_549_999_999, 25_650_000_000]),
    ("25.6B", [25_600_000_001], [25_650_000_000]),
    ("300k", [299_500, 300_499], [299_499, 300_500]),
    ("5e6", [4_500_000, 5_499_999], [4_499_999, 5_500_000]),
    ("1T", [999_999_999_999], [1_500_000_000_000]),
    ("~60M", [59_000_000, 61_000_000], [58_999_999, 61_000_001]),
    ("~60.0M", [59_900_000, 60_100_000], [59_899_999, 60_100_001]),
    ("<= 5M", [0, 5_000_000], [5_000_001]),
    ("< 5M", [4_999_999], [5_000_000]),
    (">= 1M", [1_000_000], [999_999]),
    ("> 1M", [1_000_001], [1_000_000]),
    ("5M..6M", [5_000_000, 6_000_000], [4_999_999, 6_000_001]),
]


@pytest.mark.parametrize(("written", "holding", "failing"), AMOUNTS)
def test_amounts(written: str, holding: list[int], failing: list[int]) -> None:
    holds, _ = read_expected("parameters", written)
    assert [number for number in (*holding, *failing) if holds(number)] == holding


def test_memory_is_written_in_1024s() -> None:
    holds, _ = read_expected("memory", "40MiB")
    assert holds(40 * 2**20)
    assert not holds(40_000_000)
    holds, _ = read_expected("memory", "<= 1GiB")
    assert holds(2**30)
    assert not holds(2**30 + 1)


# "the same volume; a difference only in sizes of 1 fails with a hint".


def test_a_difference_only_in_sizes_of_1_has_a_hint() -> None:
    holds, hint = read_expected("output", "1x1x120")
    found = cnncalc.Volume((), 120)
    assert not holds(found)
    assert hint(found) == "only sizes of 1 differ: write 120"


# "Names of layers outside come in as arguments": also in a default that is another argument, and
# in a list.

NAMES = """\
input: 8x8x3
blocks:
  Join: {{args: {args}, layers: [{{conv: 2@1, name: own}}, {{concat: {merged}, name: end}}]}}
layers:
  - {{conv: 4@1, name: outer}}
  - {{Join: {call}, name: join}}
"""


@pytest.mark.parametrize(
    ("args", "call", "merged", "read"),
    [
        ("[skip]", "outer", "[prev, $skip]", ["join.own", "outer"]),
        ("{skip: input}", "null", "[prev, $skip]", ["join.own", "outer"]),
        ("{skip: own}", "null", "[input, $skip]", ["outer", "join.own"]),
        ("{skip: none, also: $skip}", "outer", "[own, $also]", ["join.own", "outer"]),
        ("{skip: input, also: $skip}", "{skip: outer}", "[own, $also]", ["join.own", "outer"]),
        ("[all]", "{all: [outer, outer]}", "$all", ["outer", "outer"]),
        ("{all: [own, input]}", "null", "$all", ["join.own", "outer"]),
        ("{all: [own, input], same: $all}", "null", "$same", ["join.own", "outer"]),
        ("{all: none, same: $all}", "{all: [outer, outer]}", "$same", ["outer", "outer"]),
    ],
)
def test_names_in_arguments_and_defaults(
    args: str, call: str, merged: str, read: list[str]
) -> None:
    layer = cnncalc.loads(NAMES.format(args=args, call=call, merged=merged))["join.end"]
    assert isinstance(layer, cnncalc.Layer)
    assert [source.path for source in layer.sources] == read


def test_a_list_of_names_in_a_var_is_refused() -> None:
    items = "{relu: null, name: a}", "{tanh: null, name: b}", "concat: $both"
    message = refusal(spec(*items, top="input: 8x8x3\nvars: {both: [a, b]}"))
    assert message == "concat takes a list of names that is written, not a var"


# "Its `expect` is not judged, with one note": also where the network's names it by its path.


def test_an_expectation_by_the_path_of_what_is_skipped_is_not_judged(
    run: Command, tmp_path: Path
) -> None:
    path = tmp_path / "net.yaml"
    items = f"{{{CONV}, name: on}}", f"{{layers: [{{{CONV}, name: c}}], name: off, when: false}}"
    path.write_text(spec(*items) + "expect: {on: {parameters: 12}, off.c: {parameters: 1}}\n")
    found = run("check", "-v", path)
    assert found.code == 0
    assert found.out.count("off.c is skipped, its expect is not judged") == 1
