"""Two ways to say the same must count the same."""

import json
from math import prod
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import Box, Item, boxes, build, per_axis, spec, stackable, stacks, volume, whole

import cnncalc
from cnncalc.arithmetic import same_padding
from cnncalc.network.model import Group, Layer

SHARED = ("weights", "biases", "parameters", "trainable", "statistics", "parameter_memory")
EVERY_USE = ("connections", "neurons", "macs", "flops", "memory", "without_sharing")
SUMS = (*SHARED, *EVERY_USE)
SINGLE = ("fan_in", "positions")


def totals(element: Any, *but: str) -> dict[str, Any]:
    """All that adds up, and the receptive field."""
    numbers = {name: getattr(element, name) for name in SUMS if name not in but}
    return numbers | ({} if "field" in but else {"field": element.receptive_field.text()})


def facts(layer: Layer) -> dict[str, Any]:
    """All there is to say of a layer, but for its name and place."""
    single = {name: getattr(layer, name) for name in SINGLE}
    volumes = {"inputs": layer.inputs, "output": layer.output}
    return {"kind": layer.kind, "arguments": layer.arguments, **volumes, **single, **totals(layer)}


def same_layers(one: cnncalc.Network, other: cnncalc.Network) -> None:
    assert list(map(facts, one)) == list(map(facts, other))
    same_totals(one, other)


def same_totals(one: cnncalc.Network, other: cnncalc.Network, *but: str) -> None:
    assert totals(one, *but) == totals(other, *but)
    if "output" not in but:
        assert one.output == other.output


# Kinds that are others in disguise.


def only(network: cnncalc.Network) -> Layer:
    (layer,) = network
    return layer


@given(boxes(), whole(1, 5), st.booleans())
def test_fc_is_conv_whose_kernel_covers_its_input(box: Box, units: int, bias: bool) -> None:
    fc = build(box.input, {"fc": {"units": units, "bias": bias}})
    shared = {"filters": units, "kernel": box.sizes, "bias": bias}
    for kind in ("conv", "local_conv"):
        conv = build(box.input, {kind: shared})
        same_totals(fc, conv, "output")
        assert (conv.output.shape_without_ones or (1,)) == (fc.output.shape_without_ones or (1,))
        assert facts(only(fc))["fan_in"] == facts(only(conv))["fan_in"]
        assert (only(fc).positions, only(conv).positions) == (1, 1)


@st.composite
def slides(draw: st.DrawFn, box: Box) -> dict[str, Any]:
    """Arguments of a window that fits into the volume."""
    axes = len(box.sizes)
    return {
        "kernel": draw(per_axis(axes, whole(1, 3))),
        "stride": draw(per_axis(axes, whole(1, 3))),
        "padding": draw(
            st.one_of(
                st.sampled_from([0, 1, "same", "full"]),
                per_axis(axes, st.tuples(whole(0, 2), whole(0, 2))),
            )
        ),
    }


@given(boxes(), st.data(), whole(1, 3), st.booleans())
def test_depthwise_conv_is_conv_with_a_group_a_channel(
    box: Box, data: st.DataObject, multiplier: int, bias: bool
) -> None:
    arguments = {**data.draw(slides(box)), "bias": bias}
    depthwise = build(box.input, {"depthwise_conv": {**arguments, "multiplier": multiplier}})
    groups = {"groups": box.channels, "filters": box.channels * multiplier}
    conv = build(box.input, {"conv": {**arguments, **groups}})
    same_totals(depthwise, conv)
    for name in SINGLE:
        assert getattr(only(depthwise), name) == getattr(only(conv), name)


@given(boxes(), st.data(), whole(1, 3), whole(1, 3), st.booleans())
def test_separable_conv_is_depthwise_then_pointwise(
    box: Box, data: st.DataObject, multiplier: int, filters: int, bias: bool
) -> None:
    """But for the memory of the volume in between."""
    arguments = {**data.draw(slides(box)), "multiplier": multiplier}
    separable = {"separable_conv": {**arguments, "filters": filters, "bias": bias}}
    parts = [
        {"depthwise_conv": {**arguments, "bias": False}},
        {"conv": {"filters": filters, "kernel": 1, "bias": bias}},
    ]
    same_totals(build(box.input, separable), build(box.input, *parts), "memory")


@given(boxes(), st.sampled_from(["avg", "max"]))
def test_a_global_pool_is_a_pool_that_covers_its_input(box: Box, what: str) -> None:
    every = build(box.input, f"global_{what}_pool")
    ones = {f"adaptive_{what}_pool": 1}
    for item in ({f"{what}_pool": box.sizes}, ones):
        other = build(box.input, item)
        same_totals(every, other)
        assert only(every).fan_in == only(other).fan_in


@given(boxes(1, 4), st.lists(whole(1, 3), min_size=3, max_size=3))
def test_an_adaptive_pool_to_a_divisor_is_a_pool(box: Box, factors: list[int]) -> None:
    factors = factors[: len(box.sizes)]
    sizes = [size * factor for size, factor in zip(box.sizes, factors, strict=True)]
    adaptive = build(volume(sizes, box.channels), {"adaptive_max_pool": box.sizes})
    pool = build(volume(sizes, box.channels), {"max_pool": factors})
    same_totals(adaptive, pool)
    for name in SINGLE:
        assert getattr(only(adaptive), name) == getattr(only(pool), name)


@given(boxes(), st.data(), whole(1, 4))
def test_a_full_connection_table_is_no_table(box: Box, data: st.DataObject, filters: int) -> None:
    arguments = {**data.draw(slides(box)), "filters": filters}
    full = [list(range(box.channels))] * filters
    conv = build(box.input, {"conv": arguments})
    table = build(box.input, {"conv": {**arguments, "connection_table": full}})
    same_totals(conv, table)
    assert only(conv).fan_in == only(table).fan_in


@given(boxes(), st.data(), whole(2, 3), whole(1, 2))
def test_groups_are_a_table_and_are_convolutions_of_slices(
    box: Box, data: st.DataObject, groups: int, filters: int
) -> None:
    input = volume(box.sizes, box.channels * groups)
    arguments = data.draw(slides(box))
    whole_conv = {**arguments, "filters": filters * groups}
    starts = range(0, box.channels * groups, box.channels)
    table = [list(range(first, first + box.channels)) for first in starts for _ in range(filters)]
    grouped = build(input, {"conv": {**whole_conv, "groups": groups}})
    same_totals(grouped, build(input, {"conv": {**whole_conv, "connection_table": table}}))
    parts = [
        [
            {"slice": {"channels": box.channels, "start": first}},
            {"conv": {**arguments, "filters": filters}},
        ]
        for first in starts
    ]
    same_totals(grouped, build(input, {"branches": parts}), "memory")


@given(boxes(1, 4), whole(1, 3), whole(1, 3), st.booleans())
def test_windows_that_tile_are_space_to_depth_and_a_1x1_convolution(
    box: Box, factor: int, filters: int, bias: bool
) -> None:
    input = volume([size * factor for size in box.sizes], box.channels)
    shared = {"filters": filters, "bias": bias}
    tiling = build(input, {"conv": {**shared, "kernel": factor, "stride": factor}})
    items = [{"space_to_depth": factor}, {"conv": {**shared, "kernel": 1}}]
    same_totals(tiling, build(input, *items), "memory")
    reads = build(input, {"avg_pool": factor})
    assert reads.connections == reads.inputs["input"].values


@given(boxes(), st.data(), whole(1, 3))
def test_same_padding_is_the_padding_it_resolves_to(
    box: Box, data: st.DataObject, filters: int
) -> None:
    arguments = data.draw(slides(box)) | {"filters": filters}
    axes = zip(box.sizes, arguments["kernel"], arguments["stride"], strict=True)
    written_out = [same_padding(*numbers) for numbers in axes]
    one = build(box.input, {"conv": {**arguments, "padding": "same"}})
    same_totals(one, build(box.input, {"conv": {**arguments, "padding": written_out}}))


@given(boxes(), st.data(), whole(1, 3), st.booleans())
def test_a_transposed_conv_is_a_conv_backwards(
    box: Box, data: st.DataObject, filters: int, bias: bool
) -> None:
    """From the larger volume back: the same weights, and the same links but for the biases."""
    arguments = data.draw(slides(box)) | {"padding": 0}
    up = build(box.input, {"transposed_conv": {**arguments, "filters": filters, "bias": bias}})
    down = {"conv": {**arguments, "filters": box.channels, "bias": False}}
    back = build(volume(up.output.sizes, filters), down)
    assert back.output == up.inputs["input"]
    assert (up.weights, up.macs) == (back.weights, back.macs)
    assert up.connections == back.connections + (up.neurons if bias else 0)


@given(boxes(), whole(2, 3))
def test_what_is_enlarged_comes_back(box: Box, factor: int) -> None:
    parts = factor ** len(box.sizes)
    channels = volume(box.sizes, box.channels * parts)
    larger = volume([size * factor for size in box.sizes], box.channels)
    shuffled = build(channels, {"pixel_shuffle": factor}, {"space_to_depth": factor})
    assert shuffled.output == shuffled.inputs["input"]
    assert set(shuffled.receptive_field.sizes["input"]) == {1}
    deep = build(larger, {"space_to_depth": factor}, {"pixel_shuffle": factor})
    assert deep.output == deep.inputs["input"]
    assert set(deep.receptive_field.sizes["input"]) == {factor}
    pooled = build(box.input, {"upsample": factor}, {"avg_pool": factor})
    assert pooled.output == pooled.inputs["input"]
    assert set(pooled.receptive_field.sizes["input"]) == {1}
    padded = build(box.input, {"zero_pad": factor}, {"crop": box.sizes})
    assert padded.output == padded.inputs["input"]


# Axes.


def turned(item: Item) -> Item:
    """The item with its axes in the opposite order."""
    if isinstance(item, list):
        return item[::-1]
    if isinstance(item, dict):
        return {key: turned(value) for key, value in item.items()}
    return item


@given(boxes(5, 8), st.data(), whole(1, 3))
def test_the_order_of_the_axes_does_not_matter(box: Box, data: st.DataObject, filters: int) -> None:
    kind = data.draw(st.sampled_from(["conv", "local_conv", "transposed_conv"]))
    item = {kind: data.draw(slides(box)) | {"filters": filters}}
    one = build(box.input, item)
    other = build(volume(box.sizes[::-1], box.channels), turned(item))
    same_totals(one, other, "output", "field")
    assert one.output.sizes == other.output.sizes[::-1]
    fields = [network.receptive_field.sizes["input"] for network in (one, other)]
    assert fields[0] == fields[1][::-1]


@given(boxes(), st.data(), whole(1, 3))
def test_an_axis_of_size_1_changes_nothing(box: Box, data: st.DataObject, filters: int) -> None:
    box = box._replace(sizes=box.sizes[:2])
    arguments = data.draw(slides(box)) | {"filters": filters}
    flat = {"kernel": 1, "stride": 1}
    more = {name: [*arguments[name], value] for name, value in flat.items()}
    if isinstance(arguments["padding"], list):
        more["padding"] = [*arguments["padding"], (0, 0)]
    elif arguments["padding"] == 1:
        more["padding"] = [*[1] * len(box.sizes), 0]
    one = build(box.input, {"conv": arguments})
    other = build(volume([*box.sizes, 1], box.channels), {"conv": arguments | more})
    same_totals(one, other, "output", "field")
    assert (*one.output.sizes, 1) == other.output.sizes


# Groups, copies, blocks.


@given(boxes(), stacks(), whole(1, 3))
def test_a_repetition_is_its_copies_written_out(box: Box, items: list[Item], n: int) -> None:
    group = {"layers": items}
    repeated = build(box.input, {**group, "repeat": n})
    same_layers(repeated, build(box.input, *[group] * n))
    same_layers(repeated, build(box.input, *items * n))


@given(boxes(), stackable(), whole(1, 3))
def test_a_repeated_layer_is_its_copies(box: Box, item: Item, n: int) -> None:
    item = {item: None} if isinstance(item, str) else item
    same_layers(build(box.input, {**item, "repeat": n}), build(box.input, *[item] * n))


@given(boxes(), stacks(), stacks())
def test_skipped_items_are_not_there(box: Box, items: list[Item], others: list[Item]) -> None:
    without = build(box.input, *items)
    for skip in ({"repeat": 0}, {"when": False}, {"when": "$in > 100"}):
        skipped = {"layers": others, **skip}
        same_layers(build(box.input, skipped, *items), without)
        same_layers(build(box.input, *items, skipped), without)
    same_layers(build(box.input, {"layers": items, "when": "$in < 100"}), without)


@given(boxes(), stacks())
def test_a_block_call_is_its_items_written_out(box: Box, items: list[Item]) -> None:
    blocks = {"Part": items, "Outer": [{"Part": None}, "relu"]}
    same_layers(build(box.input, "Part", blocks=blocks), build(box.input, *items))
    same_layers(build(box.input, "Outer", blocks=blocks), build(box.input, *items, "relu"))


@given(boxes(), whole(1, 4), whole(1, 3))
def test_arguments_of_a_block_are_its_text_with_the_values(
    box: Box, filters: int, kernel: int
) -> None:
    def part(filters: Any, kernel: Any, scale: Any, channels: Any) -> list[Item]:
        return [
            {"conv": {"filters": filters, "kernel": kernel, "padding": "same"}},
            {"batch_norm": {"scale": scale}},
            {"conv": {"filters": channels, "kernel": 1}},
        ]

    parameters = {"filters": 2, "kernel": 3, "scale": "$kernel > 1"}
    blocks = {"Part": {"args": parameters, "layers": part("$filters", "$kernel", "$scale", "$in")}}
    written_out = build(box.input, *part(filters, kernel, kernel > 1, box.channels))
    calls = [
        [filters, kernel],
        {"kernel": kernel, "filters": filters},
        [filters, kernel, kernel > 1],
    ]
    for arguments in calls:
        same_layers(build(box.input, {"Part": arguments}, blocks=blocks), written_out)
    defaults = build(box.input, "Part", blocks=blocks)
    same_layers(defaults, build(box.input, *part(2, 3, True, box.channels)))


# Several ways for one volume.

KEEPING = {"conv": {"filters": "$in", "kernel": 3, "padding": 1}}


@given(boxes(), stacks(1, 2))
def test_a_residual_is_an_addition(box: Box, items: list[Item]) -> None:
    here = {"identity": None, "name": "here"}
    added = build(box.input, *items, here, KEEPING, "relu", {"add": ["prev", "here"]})
    for beside in ({}, {"shortcut": True}, {"shortcut": "$in > 0"}):
        residual = {"residual": [KEEPING, "relu"], **beside}
        same_totals(build(box.input, *items, residual), added)
    without = build(box.input, *items, {"residual": [KEEPING, "relu"], "shortcut": False})
    same_totals(without, build(box.input, *items, KEEPING, "relu"))


@given(boxes(), stacks(1, 2), stacks(1, 2), st.sampled_from(["concat", "add", "maximum"]))
def test_branches_are_items_that_are_merged(
    box: Box, one: list[Item], two: list[Item], merge: str
) -> None:
    """Pooled to one size, and made one depth, so that they can be merged."""
    end = [{"adaptive_avg_pool": 2}, {"conv": {"filters": 3, "kernel": 1}}]
    first, second = [*one, *end], [*two, *end]
    expected = build(
        box.input,
        {"layers": first, "name": "one"},
        {"layers": second, "name": "two", "from": "input"},
        {merge: ["one", "two"]},
    )
    same_layers(build(box.input, {"branches": [first, second], "merge": merge}), expected)
    labels = {"left": first, "right": second}
    same_layers(build(box.input, {"branches": labels, "merge": merge}), expected)
    if merge == "concat":
        same_layers(build(box.input, {"branches": labels}), expected)
    if merge == "add":
        same_layers(build(box.input, {"residual": first, "shortcut": second}), expected)


@given(st.lists(stackable(), min_size=1, max_size=3))
def test_a_gate_on_one_position_is_a_product(items: list[Item]) -> None:
    body = [*items, "global_max_pool", {"conv": {"filters": 4, "kernel": 1}}, "sigmoid"]
    gate = build("1x1x4", {"gate": body})
    product = build("1x1x4", {"branches": {"keep": [], "body": body}, "merge": "multiply"})
    same_totals(gate, product, "field")


# Shared weights.


@given(boxes(), stacks(1, 3))
def test_reuse_shares_parameters_and_repeats_the_work(box: Box, items: list[Item]) -> None:
    tower = {"layers": items, "name": "tower"}
    once = build(box.input, tower)
    twice = build(
        {"left": box.input, "right": box.input},
        {**tower, "from": "left"},
        {"reuse": "tower", "name": "again", "from": "right"},
        outputs=["tower", "again"],
    )
    for name in SHARED:
        assert getattr(twice, name) == getattr(once, name)
        assert getattr(twice["again"], name) == 0
    for name in EVERY_USE:
        assert getattr(twice, name) == 2 * getattr(once, name)
        assert getattr(twice["again"], name) == getattr(twice["tower"], name)
    assert [str(volume) for volume in twice.outputs.values()] == [str(once.output)] * 2


def test_reuse_on_a_larger_volume_works_as_often_as_there_are_positions() -> None:
    twice = build(
        {"small": "8x8x3", "large": "16x24x3"},
        {"conv": {"filters": 5, "kernel": 3, "padding": 1}, "name": "conv", "from": "small"},
        {"reuse": "conv", "name": "again", "from": "large"},
        {"reuse": "again", "name": "once_more", "from": "large"},
        outputs=["conv", "again", "once_more"],
    )
    assert twice.parameters == 5 * (3 * 3 * 3 + 1)
    assert twice["again"].macs == 6 * twice["conv"].macs
    assert twice["once_more"].connections == 6 * twice["conv"].connections
    assert (twice["again"].parameters, twice["once_more"].parameters) == (0, 0)


# Freezing.


@given(boxes(), stacks(), stacks())
def test_freezing_changes_only_what_is_trainable(
    box: Box, items: list[Item], others: list[Item]
) -> None:
    frozen = {"layers": items, "trainable": False, "name": "frozen"}
    free = build(box.input, {**frozen, "trainable": True}, *others)
    fixed = build(box.input, frozen, *others)
    same_totals(free, fixed, "trainable")
    assert free.trainable == free.parameters
    assert fixed.trainable == free.parameters - free["frozen"].parameters
    assert fixed["frozen"].trainable == 0
    nested = {"layers": [{"layers": items, "trainable": True}], "trainable": "1 == 2"}
    assert build(box.input, nested, *others).trainable == fixed.trainable


@given(boxes(), stacks())
def test_everything_inside_a_frozen_item_is_frozen(box: Box, items: list[Item]) -> None:
    end = [{"adaptive_avg_pool": 2}, {"conv": {"filters": 3, "kernel": 1}}]
    held = [
        {"Part": None, "trainable": False},
        {"layers": items, "repeat": 2, "trainable": False},
        {"branches": [[*items, *end], end], "trainable": False},
        {"residual": [*items, *end], "shortcut": end, "trainable": False},
    ]
    for item in held:
        network = build(box.input, item, {"fc": 3}, blocks={"Part": items})
        assert network.trainable == network.layers[-1].parameters


# Arguments.


@given(boxes())
def test_defaults_are_arguments_written_out(box: Box) -> None:
    """What an item says itself goes first; kinds and arguments answer to all their names."""
    defaults = {
        "Convolution": {"kernel_size": 3, "padding": "same", "bias": False},
        "dropout": {"rate": 0.25},
    }
    short = [
        {"conv": 2},
        {"conv": {"filters": 4, "kernel": 1}},
        {"convolution": {"K": 1, "use_bias": True}},
        "dropout",
        {"dropout": 0.75},
    ]
    written_out = [
        {"conv": {"filters": 2, "kernel": 3, "padding": "same", "bias": False}},
        {"conv": {"filters": 4, "kernel": 1, "padding": "same", "bias": False}},
        {"conv": {"filters": 1, "kernel": 3, "padding": "same", "bias": True}},
        {"dropout": 0.25},
        {"dropout": 0.75},
    ]
    same_layers(build(box.input, *short, defaults=defaults), build(box.input, *written_out))


@given(boxes(), st.data(), st.sampled_from(["floor", "ceil"]))
def test_rounding_of_the_network_is_that_of_every_window(
    box: Box, data: st.DataObject, rounding: str
) -> None:
    window = {"kernel": 2, "stride": data.draw(whole(1, 3))}
    plain = [{"max_pool": window}, {"conv": {"filters": 2, "kernel": 1, "stride": 2}}]
    said = [{kind: {**item[kind], "rounding": rounding}} for item in plain for kind in item]
    same_layers(build(box.input, *plain, rounding=rounding), build(box.input, *said))
    ceil_mode = {"max_pool": {**window, "ceil_mode": rounding == "ceil"}}
    same_totals(build(box.input, ceil_mode), build(box.input, said[0]))


WAYS_TO_WRITE = [
    ["conv: 10@5x5", "conv: {filters: 10, kernel: [5, 5]}", "Conv2d: {K: 10, F: 5}"],
    [
        "conv: {filters: 6, kernel: 3x5, stride: 2, padding: 1x2}",
        "conv: {out_channels: 6, kernel_size: [3, 5], strides: [2, 2], pad: [[1, 1], [2, 2]]}",
        "conv: {channels: 6, size: 3x5, S: 2, P: {top: 1, bottom: 1, left: 2, right: 2}}",
        "Convolution: {num_filters: 2*3, filter_size: 3x5, stride: 4/2, zero_padding: [1, 2]}",
    ],
    ["conv: {filters: 2, kernel: 3}", "conv: {filters: 2, kernel: 3, padding: valid, groups: 1}"],
    ["max_pool: 2", "MaxPool2d: {pool_size: 2, strides: 2}", "max pooling: 2x2"],
    ["fc: 10", "dense: {units: 10}", "Linear: {out_features: 10}", "fully connected: 10"],
    ["fc: {units: 3, bias: false}", "fc: {nodes: 3, use_bias: false, activation: none}"],
    ["dropout", "dropout: 0.5", "Dropout: {p: 0.5}", "spatial_dropout2d: {rate: 1/2}"],
    ["swish", "silu", "SiLU"],
    ["batch_norm", "bn", "BatchNorm2d:", "BatchNormalization: {scale: true, center: true}"],
    ["global_avg_pool", "gap", "GlobalAveragePooling2D: {keep: true}"],
]


@pytest.mark.parametrize("ways", WAYS_TO_WRITE, ids=lambda ways: ways[0])
def test_ways_to_write_a_layer(ways: list[str]) -> None:
    networks = [cnncalc.loads(f"input: 20x20x4\nlayers:\n  - {way}\n") for way in ways]
    for network in networks[1:]:
        same_layers(networks[0], network)


@given(boxes(), whole(1, 4), st.sampled_from(["relu", "tanh", "hard_swish"]))
def test_an_activation_counts_nothing(box: Box, filters: int, activation: str) -> None:
    """Neither as an argument nor as a layer, which works in place."""
    arguments = {"filters": filters, "kernel": 2}
    bare = build(box.input, {"conv": arguments})
    same_totals(bare, build(box.input, {"conv": {**arguments, "activation": activation}}))
    same_totals(bare, build(box.input, {"conv": arguments}, activation))
    same_totals(bare, build(box.input, {"conv": arguments}, {"activation": activation}))


# Sums.


def by_hand(element: Group | cnncalc.Network, name: str) -> int:
    return sum(getattr(leaf, name) for leaf in element.layers)


@given(boxes(), stacks(), stacks(), whole(1, 3))
def test_totals_are_the_sums_of_their_layers(
    box: Box, items: list[Item], others: list[Item], n: int
) -> None:
    network = build(
        box.input,
        {"layers": items, "name": "first", "repeat": n},
        {"layers": [*others, {"fc": 3}], "name": "second"},
        {"fc": {"units": 2, "bias": False}},
    )
    inputs = 4 * prod((*box.sizes, box.channels))
    for name in SUMS:
        given_values = inputs if name == "memory" else 0
        assert getattr(network, name) == by_hand(network, name) + given_values
        parts = [getattr(network[path], name) for path in ("first", "second")]
        assert sum(parts) + getattr(network.layers[-1], name) + given_values == getattr(
            network, name
        )
    assert network.parameters == network.weights + network.biases
    assert network.parameter_memory == 4 * network.parameters
    assert network.flops == 2 * network.macs


@given(boxes(), stacks(), whole(1, 5))
def test_memory_is_bytes_of_volumes(box: Box, items: list[Item], batch: int) -> None:
    text = spec(box.input, *items)
    network = cnncalc.loads(text)
    in_place = {"relu", "prelu", "dropout"}
    kept = [layer.output.values for layer in network if layer.kind not in in_place]
    assert network.memory == 4 * (sum(kept) + network.inputs["input"].values)
    for dtype, size in {"float64": 8, "float16": 2, "bfloat16": 2, "int8": 1}.items():
        other = cnncalc.loads(text, dtype=dtype, batch=batch)
        assert 4 * other.memory == size * batch * network.memory
        assert 4 * other.parameter_memory == size * network.parameter_memory
        assert other.parameters == network.parameters


# The same spec, asked differently.

FAMILY = {
    "vars": {"width": 4, "deep": 2, "norm": True},
    "blocks": {
        "Unit": {
            "args": ["filters"],
            "layers": [
                {"conv": {"filters": "$filters", "kernel": 3, "padding": 1, "bias": "not $norm"}},
                {"batch_norm": None, "when": "$norm"},
                {"residual": [{"conv": {"filters": "$filters", "kernel": 1}}]},
            ],
        }
    },
    "variants": {
        "wide": {"vars": {"width": 16}},
        "deep": {"vars": {"deep": 3, "norm": False}, "input": "24x16x3"},
    },
}
LAYERS = [
    {"Unit": "2*$width", "repeat": "$deep"},
    {"max_pool": {"kernel": 3, "stride": 2}},
    {"Unit": "$width"},
    {"fc": "$width // 2"},
]


def family(**options: Any) -> cnncalc.Network:
    return cnncalc.loads(spec("32x32x3", *LAYERS, **FAMILY), **options)


def test_a_variant_is_its_vars_and_input() -> None:
    same_layers(family(variant="wide"), family(vars={"width": 16}))
    deep: dict[str, Any] = {"vars": {"deep": 3, "norm": False}, "input": "24x16x3"}
    same_layers(family(variant="deep"), family(**deep))
    both = family(variant="deep", vars={"deep": 1})
    same_layers(both, family(vars={"deep": 1, "norm": False}, input="24x16x3"))
    assert family(variant="wide").parameters != family().parameters


@given(whole(2, 40), whole(0, 4), st.booleans())
def test_vars_given_by_hand_are_vars_in_the_text(width: int, deep: int, norm: bool) -> None:
    values = {"width": width, "deep": deep, "norm": norm}
    written = cnncalc.loads(spec("32x32x3", *LAYERS, **{**FAMILY, "vars": values}))
    same_layers(family(vars=values), written)
    same_layers(family(vars={name: str(value).lower() for name, value in values.items()}), written)


@given(boxes(6, 12))
def test_an_input_given_by_hand_is_the_input_in_the_text(box: Box) -> None:
    items = [KEEPING, "global_avg_pool", {"fc": 3}]
    shape = cnncalc.Volume(tuple(box.sizes), box.channels)
    own = "x".join(["9"] * len(box.sizes) + ["3"])  # another has as many axes
    for given_input in (box.input, shape, {"input": shape}):
        network = cnncalc.loads(spec(own, *items), input=given_input)
        same_layers(network, build(box.input, *items))


def test_a_spec_built_again_gives_the_same() -> None:
    """Whatever was built from it in between."""
    text = spec("32x32x3", *LAYERS, **FAMILY)
    read = cnncalc.read_text(text)
    first = cnncalc.to_dict(cnncalc.build(read).network)
    others: list[dict[str, Any]] = [
        {"variant": "wide"},
        {"input": "17x9x3"},
        {"vars": {"norm": False}},
        {"batch": 3},
    ]
    for options in others:
        again = cnncalc.to_dict(cnncalc.build(read, **options).network)
        assert json.dumps(again) == json.dumps(cnncalc.to_dict(cnncalc.loads(text, **options)))
    with pytest.raises(cnncalc.SpecError):
        cnncalc.build(read, strict=True)
    assert json.dumps(cnncalc.to_dict(cnncalc.build(read).network)) == json.dumps(first)
    assert json.dumps(cnncalc.to_dict(family())) == json.dumps(first)


HALVING = {"max_pool": {"kernel": 3, "stride": 2}}


def test_strict_is_rounding_exact() -> None:
    strict = cnncalc.loads(spec("31x31x3", HALVING), strict=True)
    same_totals(strict, build("31x31x3", HALVING))
    with pytest.raises(cnncalc.SpecError) as refused:
        cnncalc.loads(spec("32x32x3", HALVING), strict=True)
    with pytest.raises(cnncalc.SpecError) as refused_too:
        build("32x32x3", HALVING, rounding="exact")
    messages = [problem.message for problem in refused.value.problems]
    assert messages
    assert messages == [problem.message for problem in refused_too.value.problems]


def test_strict_leaves_same_and_what_the_spec_says() -> None:
    said = {"max_pool": {"kernel": 3, "stride": 2, "rounding": "floor"}}
    same = {"max_pool": {"kernel": 3, "stride": 2, "padding": "same"}}
    for item, keys in ((said, {}), (same, {}), (HALVING, {"rounding": "ceil"})):
        text = spec("32x32x3", item, **keys)
        same_totals(cnncalc.loads(text, strict=True), cnncalc.loads(text))
