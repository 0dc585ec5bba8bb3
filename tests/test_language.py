"""What the sentences of the language mean, each held against the same said in another way."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from strategies import build, repeating
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
