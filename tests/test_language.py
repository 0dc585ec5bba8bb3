"""What the sentences of the language mean, each held against the same said in another way."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from running import Command
from strategies import build, read, repeating, tabled
from test_identities import same_layers

import cnncalc
from cnncalc.language.bundled import files
from cnncalc.network.model import Group

BUNDLED = [
    pytest.param(Path(path), variant, id=variant or Path(path).stem)
    for path in files()
    for variant in (*cnncalc.read_text(Path(path).read_text("utf-8")).variants, None)
]
every_spec = pytest.mark.parametrize(("path", "variant"), BUNDLED)
KEPT = ("from", "name", "repeat")


# "repeat: n means the item written n times, up to names".


def unrolled(node: Any, most: int) -> Any:
    """The tree of a spec with every repeated item written out.

    As counts are expressions, the item stands there `most` times, each but for a condition.
    """
    if isinstance(node, list):
        return [copy for part in node for copy in copies(unrolled(part, most), most)]
    if isinstance(node, dict):
        return {key: unrolled(value, most) for key, value in node.items() if key != "expect"}
    return node


def copies(item: Any, most: int) -> list[Any]:
    if not isinstance(item, dict) or "repeat" not in item:
        return [item]
    bare = {key: value for key, value in item.items() if key not in KEPT}
    when = f"({item['when']}) and " if "when" in item else ""
    result = [{**bare, "when": f"{when}({item['repeat']}) > {n}"} for n in range(max(most, 1))]
    if "from" in item:
        result[0]["from"] = item["from"]
    if "name" in item:
        result[-1]["name"] = item["name"]
    return result


def most_copies(network: cnncalc.Network) -> int:
    groups = [group for group in network.elements() if isinstance(group, Group) and group.copies]
    return max((len(group.children) for group in groups), default=0)


def same_unrolled(text: str, most: int, **options: Any) -> None:
    written_out = json.dumps(unrolled(yaml.safe_load(text), most))
    same_layers(cnncalc.loads(text, **options), cnncalc.loads(written_out, **options))


@every_spec
def test_a_bundled_network_is_its_copies_written_out(path: Path, variant: str | None) -> None:
    text = path.read_text(encoding="utf-8")
    same_unrolled(text, most_copies(cnncalc.loads(text, variant=variant)), variant=variant)


@given(repeating())
def test_a_drawn_network_is_its_copies_written_out(keys: dict[str, Any]) -> None:
    same_unrolled(json.dumps(keys), 3)


def channels(network: cnncalc.Network) -> list[int]:
    return [layer.output.channels for layer in network]


DOUBLING = {"conv": {"filters": "2*$in", "kernel": 1}}


def test_every_copy_reads_the_one_before() -> None:
    assert channels(build("8x8x4", {**DOUBLING, "repeat": 3})) == [8, 16, 32]
    halving = {"args": {"mid": "$in//4"}, "layers": [{"conv": {"filters": "$mid", "kernel": 1}}]}
    network = build("8x8x64", {"Half": None, "repeat": 3}, blocks={"Half": halving})
    assert channels(network) == [16, 4, 1]
    a = {"identity": None, "name": "a"}
    added = build("8x8x4", a, {"concat": ["a", "prev"], "repeat": 3})
    assert channels(added) == [4, 8, 12, 16]
    assert [layer.sources[1].path for layer in added.layers[2:]] == ["concat1.1", "concat1.2"]


def test_a_default_is_worked_out_inside_the_block_that_is_called() -> None:
    inner = {"args": {"mid": "$in//4"}, "layers": [{"conv": {"filters": "$mid", "kernel": 1}}]}
    blocks = {"Inner": inner, "Outer": [DOUBLING, {"Inner": None, "repeat": 2}]}
    assert channels(build("8x8x8", "Outer", blocks=blocks)) == [16, 4, 1]


def test_the_count_is_worked_out_once_and_the_condition_for_each_copy() -> None:
    network = build("8x8x2", {**DOUBLING, "repeat": "$in + 1", "when": "$in < 8", "name": "C"})
    assert [layer.path for layer in network] == ["C.1", "C.2"]
    by_count = build("8x8x2", {**DOUBLING, "repeat": "$in + 1"})
    assert channels(by_count) == [4, 8, 16]
    frozen = build("8x8x2", {**DOUBLING, "repeat": 2, "trainable": "$in > 2"})
    assert frozen.trainable == frozen.layers[1].parameters


def test_from_feeds_the_first_copy() -> None:
    items = [{"identity": None, "name": "a"}, DOUBLING, {**DOUBLING, "repeat": 2, "from": "a"}]
    assert channels(build("8x8x4", *items)) == [4, 8, 8, 16]


def test_a_reuse_has_the_copies_and_arguments_of_the_first_use() -> None:
    items = [{**DOUBLING, "repeat": 2, "name": "C"}, {"reuse": "C", "from": "input", "name": "D"}]
    network = build("8x8x4", *items, {"concat": ["C", "D"]})
    assert channels(network) == [8, 16, 8, 16, 32]
    assert network["D"].parameters == 0


def test_equal_copies_share_one_operation() -> None:
    conv = {"conv": {"filters": "$in", "kernel": 3, "padding": 1}}
    network = build("8x8x4", {"layers": [conv, "relu"], "repeat": 4})
    assert len({layer.operation for layer in network}) == 2
    assert Counter(layer.kind for layer in network) == {"conv": 4, "relu": 4}
    halves = {"branches": {"a": {"conv": {"filters": "$f", "kernel": 1}}, "b": []}, "merge": "add"}
    block = {"B": {"args": {"f": "$in", "g": 1}, "layers": [halves, {"gate": "sigmoid"}]}}
    network = build("8x8x4", {"B": None, "repeat": 3}, {"B": [4, 1]}, blocks=block)
    assert len({layer.operation for layer in network}) == len({layer.kind for layer in network})


def test_1_and_true_are_two_arguments() -> None:
    """They are equal in Python, and told apart where arguments are worked out only once."""
    conv = {"conv": {"filters": 4, "kernel": 1, "groups": "$g"}}
    spec = read(
        "8x8x4", {"B": "$v"}, vars={"v": 1}, blocks={"B": {"args": ["g"], "layers": [conv]}}
    )
    for _ in range(2):
        assert len(cnncalc.build(spec).network) == 1
        with pytest.raises(cnncalc.SpecError) as caught:
            cnncalc.build(spec, vars={"v": True})
        (problem,) = caught.value.problems
        assert problem.message == "groups takes a whole number of at least 1, not true"


# "each is the item once for every row of a table, in a chain, with the row's names bound inside
# it".


def written_out(node: Any, vars: dict[str, Any]) -> Any:
    """The tree of a spec with an item for every row of a table."""
    if isinstance(node, list):
        return [copy for part in node for copy in row_by_row(written_out(part, vars), vars)]
    if isinstance(node, dict):
        return {
            key: value if key == "each" else written_out(value, vars)
            for key, value in node.items()
            if key != "expect"
        }
    return node


def row_by_row(item: Any, vars: dict[str, Any]) -> list[Any]:
    if not isinstance(item, dict) or "each" not in item:
        return [item]
    rows = item["each"]
    if isinstance(rows, dict):
        lists = [vars[part[1:]] if isinstance(part, str) else part for part in rows.values()]
        rows = [dict(zip(rows, row, strict=True)) for row in zip(*lists, strict=True)]
    bare = {key: value for key, value in item.items() if key not in ("each", "name", "from")}
    result = [filled_in(bare, row) for row in rows]
    if "from" in item and result:
        result[0]["from"] = item["from"]
    if "name" in item and result:
        result[-1]["name"] = item["name"]
    return result


def filled_in(node: Any, row: dict[str, Any]) -> Any:
    """The tree with the values of a row for their names."""
    if isinstance(node, list):
        return [filled_in(part, row) for part in node]
    if isinstance(node, dict):
        return {key: filled_in(value, row) for key, value in node.items()}
    if isinstance(node, str) and node[1:] in row:
        return row[node[1:]]
    for name, value in row.items() if isinstance(node, str) else ():
        node = re.sub(rf"\${name}\b", f"({value})", node)
    return node


def same_written_out(text: str, variant: str | None = None) -> None:
    tree = yaml.safe_load(text)
    vars = {**tree.get("vars", {})}
    if variant is not None:
        vars |= tree["variants"][variant].get("vars", {})
    rows = json.dumps(written_out(tree, vars))
    same_layers(cnncalc.loads(text, variant=variant), cnncalc.loads(rows, variant=variant))


@every_spec
def test_a_bundled_table_is_its_rows_written_out(path: Path, variant: str | None) -> None:
    text = path.read_text(encoding="utf-8")
    if "each:" in text:
        same_written_out(text, variant=variant)


@given(tabled())
def test_a_drawn_table_is_its_rows_written_out(keys: dict[str, Any]) -> None:
    same_written_out(json.dumps(keys))
    written = written_out(keys, keys["vars"])
    same_unrolled(json.dumps(written), 3)


CONV = {"conv": {"filters": "$w", "kernel": 1}}
TABLE = (
    "input: 8x8x3\nvars: {ws: [4, 5], ks: [1, 3]}\nlayers:\n  - conv: {filters: $w, kernel: $k}\n"
)


@pytest.mark.parametrize(
    "each", ["{w: [4, 5], k: [1, 3]}", "{w: $ws, k: [1, 3]}", "[{w: 4, k: 1}, {k: 3, w: 5}]"]
)
def test_columns_and_rows_say_the_same(each: str) -> None:
    network = cnncalc.loads(f"{TABLE}    each: {each}\n")
    assert [str(layer.output) for layer in network] == ["8x8x4", "6x6x5"]


def test_with_both_each_is_outside_and_repeat_inside() -> None:
    item = {**CONV, "each": {"w": [4, 5], "n": [1, 2]}, "repeat": "$n", "name": "C"}
    network = build("8x8x3", item)
    assert [(layer.path, layer.output.channels) for layer in network] == [
        ("C.1.1", 4), ("C.2.1", 5), ("C.2.2", 5),
    ]  # fmt: skip


def test_no_rows_skip_the_item() -> None:
    items = [{"relu": None, "each": {"w": []}}, {"relu": None, "each": []}, "flatten"]
    assert [layer.path for layer in build("8x8x3", *items)] == ["flatten1"]


def test_numbers_are_kept_where_when_skips_a_row() -> None:
    network = build("8x8x3", {**CONV, "each": {"w": [4, 5, 6]}, "when": "$w != 5"}, {"fc": 2})
    assert [layer.path for layer in network] == ["conv1.1", "conv1.3", "fc1"]
    none = build("8x8x3", {**CONV, "each": {"w": [4, 5]}, "when": "$w > 5"}, CONV4)
    assert [layer.path for layer in none] == ["conv1"]


CONV4 = {"conv": {"filters": 4, "kernel": 1}}


def test_a_table_is_worked_out_once_before_the_first_copy() -> None:
    item = {**CONV, "each": {"w": ["2*$in", "2*$in"]}}
    assert channels(build("8x8x3", item)) == [6, 6]


def test_a_row_may_freeze_and_name_items() -> None:
    items = [
        {**CONV4, "name": "a"},
        {**CONV4, "name": "b"},
        {"concat": ["prev", "$skip"], "each": {"skip": ["a", "b"]}, "name": "joined"},
        {**CONV, "each": {"w": [4, 5]}, "trainable": "$w > 4"},
    ]
    network = build("8x8x3", *items)
    assert [str(layer.output) for layer in network.layers[2:4]] == ["8x8x8", "8x8x12"]
    assert [layer.frozen for layer in network.layers[4:]] == [True, False]


def test_a_reuse_has_the_rows_of_the_first_use() -> None:
    items = [
        {**CONV, "each": {"w": [4, 3]}, "name": "T"},
        {"reuse": "T", "name": "again"},
        {"reuse": "again"},
    ]
    network = build("8x8x3", *items)
    assert channels(network) == [4, 3] * 3
    assert network.parameters == network["T"].parameters


def test_a_var_that_is_a_list_can_be_set_from_outside(run: Command, tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(f"{TABLE}    each: {{w: $ws, k: $ks}}\n")
    assert channels(cnncalc.load(path, vars={"ws": [7, 9], "ks": [1, 1]})) == [7, 9]
    words = ["--set", "ws=[7, 9], [6, 2]", "--columns", "output", "--expand", "0"]
    shown = run("describe", str(path), *words).out
    assert re.findall("6×6×9|6×6×2", shown) == ["6×6×9", "6×6×2"]


# "$x.height and the like: x is a block argument that names an item, else an item, or prev, input,
# in".


def test_sizes_and_channels_of_a_volume() -> None:
    up = {"args": ["skip"], "layers": [
        {"conv": {"filters": "$skip.channels + $in.channels", "kernel": 1}},
        {"adaptive_avg_pool": ["$skip.height", "$skip.width"]},
    ]}  # fmt: skip
    items = [
        {"conv": {"filters": 5, "kernel": 1}, "name": "enc-1"},
        {"max_pool": 2, "name": "low"},
        {"Up": ["enc-1"]},
        {"fc": "$(enc-1).channels + $low.height + $prev.width + $input.channels + $in.channels"},
    ]
    network = build("8x6x3", *items, blocks={"Up": up})
    assert str(network["Up1"].output) == "8x6x10"
    assert network.output.channels == 5 + 4 + 6 + 3 + 10


def test_sizes_of_sequences_and_scans() -> None:
    assert build({"length": 9, "channels": 2}, {"fc": "$prev.length"}).output.channels == 9
    assert build("4x8x6x3", {"fc": "100*$prev.depth + $prev.width"}).output.channels == 406


def test_composites_inside_a_block_do_not_change_what_enters_it() -> None:
    body = [{"conv": {"filters": 5, "kernel": 3}}, {"fc": "$in.height + $in.channels"}]
    network = build("8x8x3", "Part", blocks={"Part": [{"layers": body}]})
    assert network.output.channels == 8 + 3


# "Words. A bare word stands as a whole value and beside == or !=; none and an empty value are one."


def test_words_are_compared() -> None:
    items = [{"fc": 3, "when": "$mode == fcn"}, {"fc": 4, "when": "none != $mode and $mode != fcn"}]
    for mode, units in (("fcn", 3), ("unet", 4), ("none", "8x8x2")):
        network = build("8x8x2", "relu", *items, vars={"mode": mode})
        assert str(network.output) == str(units)
    assert channels(build("8x8x2", {"relu": None, "when": "2 == word"}, {"fc": 5})) == [5]


def test_a_text_whose_only_fault_is_a_word_in_arithmetic_stays_a_text() -> None:
    network = build(
        "8x8x2",
        {"identity": None, "name": "enc-4"},
        {"Join": "enc-4"},
        blocks={"Join": {"args": ["other"], "layers": [{"concat": ["prev", "$other"]}]}},
    )
    assert network.output.channels == 4


def test_none_is_as_if_the_argument_were_not_written() -> None:
    conv = {"filters": 4, "kernel": 3, "padding": "none", "bias": None, "activation": "none"}
    same_layers(
        build("8x8x2", {"conv": conv}, defaults={"conv": {"padding": 1, "activation": "relu"}}),
        build("8x8x2", {"conv": {"filters": 4, "kernel": 3, "padding": 1}}),
    )
    same_layers(
        build("8x8x2", {"max_pool": {"kernel": 2, "stride": "none"}}),
        build("8x8x2", {"max_pool": 2}),
    )


def test_a_shortcut_of_none_is_no_shortcut() -> None:
    body = {"residual": {"conv": {"filters": 5, "kernel": 1}}}
    for none in ("none", None, "$way"):
        network = build("8x8x2", {**body, "shortcut": none}, vars={"way": "none"})
        assert [layer.kind for layer in network] == ["conv"]


def test_an_argument_with_the_default_none_is_optional() -> None:
    layers = [
        {"conv": {"filters": "$mid", "kernel": 1}},
        {"concat": ["prev", "$skip"], "when": "$skip != none"},
    ]
    blocks = {"Up": {"args": {"mid": "2*$in", "skip": "none"}, "layers": layers}}
    calls = [{"Up": 4}, {"Up": [4, "a"]}, {"Up": ["none", "a"]}, {"Up": {"skip": "none", "mid": 2}}]
    network = build("8x8x2", {"identity": None, "name": "a"}, *calls, blocks=blocks)
    assert [str(network[f"Up{n}"].output) for n in range(1, 5)] == [
        "8x8x4", "8x8x6", "8x8x14", "8x8x2",
    ]  # fmt: skip


# "when: false: the item is skipped and passes its input on".


def codes(text: str) -> list[str]:
    found = [problem.code.code for problem in cnncalc.build(cnncalc.read_text(text)).problems]
    return [code for code in found if code != "CNN302"]


A_AND_B = """
input: 8x8x3
vars: {deep: false}
layers:
  - {conv: 4@1x1, name: a}
  - {conv: 5@1x1, name: b, when: $deep}
"""


def test_the_name_of_a_skipped_item_means_what_passes_through() -> None:
    items = [
        {"conv": "4@1x1", "name": "a"},
        {"conv": "5@1x1", "name": "b", "when": False},
        {"conv": {"filters": "$b.channels", "kernel": 1}, "from": "b"},
        {"Join": "b"},
    ]
    blocks = {"Join": {"args": ["other"], "layers": [{"concat": ["prev", "$other"]}]}}
    network = build("8x8x3", *items, blocks=blocks)
    assert channels(network) == [4, 4, 8]
    assert network.layers[1].sources[0].path == "a"


def test_a_merge_that_gets_one_volume_twice_in_this_way_is_a_warning() -> None:
    for merge in ("concat: [a, b]", "concat: [a, prev]", "add: [b, prev, a]"):
        assert codes(f"{A_AND_B}  - {merge}\n") == ["CNN319"]
        assert codes(f"{A_AND_B}  - {{{merge}, when: $deep}}\n") == []
    assert codes(f"{A_AND_B}  - concat: [a, a]\n") == []
    assert codes(f"{A_AND_B}  - relu\n  - concat: [a, prev]\n") == []
    for parts in ("{x: [{relu: , when: $deep}], y: []}", "[[], {relu: , repeat: 0}]"):
        assert codes(f"{A_AND_B}  - branches: {parts}\n") == ["CNN319"]
    assert codes(f"{A_AND_B}  - {{residual: [{{relu: , when: $deep}}]}}\n") == ["CNN319"]
    assert codes(f"{A_AND_B}  - {{residual: [relu], shortcut: [{{relu: , when: $deep}}]}}\n") == []
    assert codes(f"{A_AND_B}  - branches: [[], []]\n") == []


def test_a_skipped_output_is_left_out_with_a_note() -> None:
    text = f"{A_AND_B}  - fc: 2\noutputs: {{main: fc1, other: b, inside: b.conv1}}\n"
    assert codes(text) == ["CNN318", "CNN318"]
    assert list(cnncalc.loads(text).outputs) == ["main"]
    with pytest.raises(cnncalc.SpecError, match="every output is skipped, so that none is left"):
        cnncalc.loads(f"{A_AND_B}outputs: b\n")


def test_a_branch_that_is_one_mapping_with_when_is_dropped_when_false() -> None:
    conv = {"conv": "4@1x1"}
    maybe = {"conv": "5@1x1", "when": "$in > 5", "name": "maybe"}
    dropped = build("8x8x3", {"branches": {"a": conv, "b": maybe, "c": "relu"}})
    same_layers(dropped, build("8x8x3", {"branches": {"a": conv, "c": "relu"}}))
    kept = build("8x8x6", {"branches": {"a": conv, "b": maybe}})
    assert kept.output.channels == 9
    last = build("8x8x3", {"branches": {"a": conv, "b": maybe}}, "relu")
    same_layers(last, build("8x8x3", conv, "relu"))
    in_a_list = build("8x8x3", {"branches": {"a": conv, "b": [maybe]}})
    assert in_a_list.output.channels == 7
    with pytest.raises(cnncalc.SpecError, match="every branch is dropped"):
        build("8x8x3", {"branches": {"a": maybe, "b": {**conv, "when": False}}})


# "A composite's parts stand under the composite's name wherever leaving it out would make two
# paths equal."


def same_paths(network: cnncalc.Network) -> list[str]:
    paths = [element.path for element in network.elements()]
    counted = Counter([*paths, *network.inputs])
    return [path for path, number in counted.items() if number > 1]


@every_spec
def test_paths_of_a_bundled_network_are_distinct(path: Path, variant: str | None) -> None:
    assert same_paths(cnncalc.load(str(path), variant=variant)) == []


@given(repeating())
def test_paths_of_a_drawn_network_are_distinct(keys: dict[str, Any]) -> None:
    assert same_paths(cnncalc.loads(json.dumps(keys))) == []


KEEPING = {"conv": {"filters": "$in", "kernel": 1}}
CLASHES: dict[str, list[Any]] = {
    "a group before": [{"layers": [KEEPING], "name": "body"}, {"residual": [KEEPING]}],
    "a group after": [{"residual": [KEEPING]}, {"layers": [KEEPING], "name": "body"}],
    "the merge": [{"residual": [KEEPING]}, {**KEEPING, "name": "add"}],
    "an automatic name": [{"branches": {"conv2": KEEPING, "b": []}}, KEEPING, KEEPING],
    "one that ends in a digit": [{"branches": {"relu6_1": KEEPING, "b": []}}, "relu6"],
    "a number passed over": [
        {"branches": {"conv2": KEEPING, "b": []}},
        {"relu": None, "name": "conv1"},
        KEEPING,
    ],
    "two composites": [{"residual": [KEEPING]}, {"residual": [KEEPING]}],
}


@pytest.mark.parametrize("items", CLASHES.values(), ids=list(CLASHES))
def test_parts_stand_under_the_composite_where_their_paths_are_taken(items: list[Any]) -> None:
    assert same_paths(build("8x8x4", *items)) == []


def test_parts_stand_apart_from_inputs() -> None:
    branches = {"branches": {"left": KEEPING, "b": []}, "from": "left", "merge": "add"}
    network = build({"left": "8x8x4", "right": "8x8x4"}, branches, {"add": ["branches1", "right"]})
    assert same_paths(network) == []


# "variants": a file that cannot be read is not said to have none.


def test_a_variant_of_a_file_with_an_error_is_not_said_to_be_missing() -> None:
    for text in ("input: 8x8x3\nlayers: [relu\nvariants: {a: {}}\n", "variants: {a: &x {}}\n"):
        with pytest.raises(cnncalc.SpecError) as without:
            cnncalc.loads(text)
        with pytest.raises(cnncalc.SpecError) as chosen:
            cnncalc.loads(text, variant="a")
        assert list(map(str, chosen.value.problems)) == list(map(str, without.value.problems))
    with pytest.raises(cnncalc.OverrideError, match="no variant b"):
        cnncalc.loads("input: 8x8x3\nlayers: [relu]\nvariants: {a: {}}\n", variant="b")


# "3x224x224 and 3x225x197: channels come last here; whatever is suggested must be accepted when
# it is typed".


@pytest.mark.parametrize("text", ["3x224x224", "3x225x197", "[3, 225, 197]", "1x28x28", "28x28"])
def test_what_is_suggested_for_an_input_is_accepted(text: str) -> None:
    with pytest.raises(cnncalc.OverrideError) as by_hand:
        cnncalc.loads("input: 8x8x3\nlayers: [relu]", input=text)
    with pytest.raises(cnncalc.SpecError) as refused:
        cnncalc.loads(f"input: {text}\nlayers: [relu]")
    help = refused.value.problems[0].help
    assert help in str(by_hand.value)
    suggested = re.findall(r"\{[^}]*\}|\d+(?:x\d+)+", help)
    assert suggested
    for other in suggested:
        cnncalc.loads(f"input: {other}\nlayers: [relu]")
        cnncalc.loads("input: 8x8x3\nlayers: [relu]", input=other)


def test_narrow_and_shallow_volumes_are_no_images_with_channels_first() -> None:
    for text in ("3x5x64", "3x64x16", "1x100x64", "225x197x3", "3@225x197"):
        cnncalc.loads(f"input: {text}\nlayers: [relu]")


# "An --input with another number of axes than the spec's own input is refused unless it is written
# as a mapping."

OTHER_AXES = {
    "225x197": ["225x197x3", "{length: 225, channels: 197}"],
    "1x3x224x224": ["224x224x3", "{depth: 1, height: 3, width: 224, channels: 224}"],
    "1x224x224x3": ["224x224x3", "{depth: 1, height: 224, width: 224, channels: 3}"],
    "[2, 16, 16, 3]": ["{depth: 2, height: 16, width: 16, channels: 3}"],
    "300": ["{channels: 300}"],
}


@pytest.mark.parametrize("text", OTHER_AXES)
def test_an_input_with_another_number_of_axes_is_refused(text: str, tmp_path: Path) -> None:
    spec = "input: 32x32x3\nlayers: [flatten, fc: 2]"
    with pytest.raises(cnncalc.OverrideError) as caught:
        cnncalc.loads(spec, input=text)
    message = str(caught.value)
    help = message.partition("write ")[2].removesuffix(" if that is meant")
    assert help.split(", or ") == OTHER_AXES[text]
    for suggested in help.split(", or "):
        assert cnncalc.loads(spec, input=suggested).output.channels == 2


def test_a_mapping_may_have_another_number_of_axes(run: Command) -> None:
    volume = "{length: 225, channels: 197}"
    words = ["--expand", "0", "--columns", "input,output"]
    shown = run("describe", "lenet", "--input", volume, *words)
    assert "225×197" in shown.out + shown.err
    refused = run("describe", "lenet", "--input", "225x197", *words)
    assert refused.code == 2
    assert "write 225x197x1, or {length: 225, channels: 197} if that is meant" in refused.err


# "With several inputs the first item that reads one says `from:`."


@pytest.mark.parametrize(
    "item",
    [
        "relu",
        "add: [left, prev]",
        "{relu: null, from: prev}",
        "{relu: null, from: input}",
        "{conv: {filters: $prev.channels, kernel: 1}, from: left}",
        "{conv: {filters: $input.channels, kernel: 1}, from: left}",
        "{resize: {like: prev}, from: left}",
        "{Reader: prev, from: left}",
        "{add: [left, right], when: $in == 1}",
    ],
)
def test_nothing_stands_before_the_first_item_of_several_inputs(item: str) -> None:
    text = (
        "input: {left: 8x8x1, right: 8x8x1}\n"
        "blocks: {Reader: {args: [volume], layers: [{relu: null, from: $volume}]}}\n"
        f"layers:\n  - {item}\n"
    )
    with pytest.raises(cnncalc.SpecError, match=r"several inputs|\$in is not known here"):
        cnncalc.loads(text)


@pytest.mark.parametrize(
    "item",
    [
        "{add: [left, right], when: false}",
        "{add: [left, right], repeat: 0}",
        "{add: [left, right], each: {n: []}}",
        "{relu: null, from: left, only: training}",
    ],
)
def test_of_several_inputs_one_is_read(item: str) -> None:
    text = f"input: {{left: 8x8x1, right: 8x8x1}}\nlayers:\n  - {item}\n"
    with pytest.raises(cnncalc.SpecError, match="every item that reads one is skipped"):
        cnncalc.loads(text)
