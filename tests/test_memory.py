"""Memory of a run, of training and of weights at another precision, against a run step by step."""

import re
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from running import Command
from strategies import boxes, build, repeating, spec, stacks

import cnncalc
from cnncalc.network.model import Layer, Network
from cnncalc.quantities import BITS_OF


def alive_at_each_step(network: Network) -> list[int]:
    """Run the layers in order, and free a volume as soon as no later layer reads it.

    What works in place goes on in the memory of its input.
    """
    memory: dict[Any, set[Any]] = {given: {given} for given in network.input_signals.values()}
    ends = set(network.output_signals.values())
    found = []
    for step, layer in enumerate(network.layers):
        if layer.operation.in_place and len(layer.sources) == 1:
            home = next(home for home, names in memory.items() if layer.sources[0] in names)
            memory[home].add(layer)
        else:
            memory[layer] = {layer}
        found.append(sum(network.bytes_of(home.output) for home in memory))
        needed = ends | {s for later in network.layers[step + 1 :] for s in later.sources}
        memory = {home: names for home, names in memory.items() if names & needed}
    return found


def compare(network: Network) -> None:
    expected = alive_at_each_step(network)
    assert [layer.peak_memory for layer in network] == expected
    size = sum(map(network.bytes_of, network.inputs.values()))
    assert network.peak_memory == max(expected, default=size)


@given(repeating())
def test_peak_memory_of_branches_and_skips(keys: dict[str, Any]) -> None:
    layers = keys.pop("layers")
    network = cnncalc.build(cnncalc.read_text(spec(keys.pop("input"), *layers, **keys))).network
    compare(network)


@given(boxes(), stacks(1, 5))
def test_peak_memory_of_stacks(box: Any, layers: list[Any]) -> None:
    compare(build(box.input, *layers))


@pytest.mark.parametrize("name", ["lenet", "googlenet", "unet", "siamese"])
def test_peak_memory_of_bundled_networks(name: str) -> None:
    network = cnncalc.load(name, dtype="float16", batch=3)
    compare(network)
    assert network.peak_memory <= network.memory


def test_peak_memory_by_hand() -> None:
    """A skip is kept: 192 of the input, 192 + 256 with the conv, 256 + 192 still at the concat."""
    net = build("8x8x3", {"conv": "4@1x1"}, "relu", {"concat": ["input", "prev"]}, {"fc": 2})
    assert [layer.peak_memory for layer in net] == [1792, 1792, 3584, 1800]
    assert net.peak_memory == 3584
    assert build("8x8x3", {"layers": []}).peak_memory == 768


def test_training_memory_is_a_lower_bound_by_hand() -> None:
    """Parameters, gradients, state, and what layers with trainable weights read, each once."""
    layers = [
        {"conv": {"filters": 4, "kernel": 1}},  # 12 + 4, reads 192 values
        "relu",  # in place
        {"conv": {"filters": 2, "kernel": 1}},  # 8 + 2, reads 256
        {"max_pool": 2},  # its input is not needed for the gradient of a weight
        {"fc": 5},  # 160 + 5, reads 32
    ]
    weights = (12 + 4) + (8 + 2) + (160 + 5)
    for optimizer, copies in (("sgd", 2), ("momentum", 3), ("adam", 4)):
        net = cnncalc.loads(spec("8x8x3", *layers), optimizer=optimizer, batch=2)
        assert net.training_memory == 4 * (weights * copies + 2 * (192 + 256 + 32))
    meaning = cnncalc.quantities.QUANTITIES["training_memory"].meaning
    assert meaning.startswith("a lower bound")


def test_a_table_says_that_training_memory_is_a_lower_bound(run: Command) -> None:
    """And its rows add up to its total: the input is kept for the first layer's gradients."""
    words = ("describe", "lenet", "--columns", "layer,training_memory", "--dtype", "int8")
    out = run(*words, "--batch", "64").out
    assert "  training memory is a lower bound, without workspace\n" in out
    assert re.search(r"^  input +64\.0 KiB$", out, re.MULTILINE)
    assert "lower bound" not in run("describe", "lenet", "--columns", "layer,memory").out


def test_frozen_layers_have_no_gradients() -> None:
    conv = {"conv": {"filters": 4, "kernel": 1}}
    net = build("8x8x3", {**conv, "trainable": False}, {**conv, "name": "last"}, {"reuse": "last"})
    assert net.trainable == 20
    # 16 fixed, 20 with gradients, and the two volumes that the trained one reads; not the input.
    assert net.training_memory == 4 * (16 + 2 * 20 + 2 * 256)


def test_heads_that_run_in_training_count_in_training_memory() -> None:
    text = spec("8x8x3", {"conv": "4@1x1"}, {"layers": [{"fc": 9}], "only": "training"}, {"fc": 2})
    idle, run = cnncalc.loads(text), cnncalc.loads(text, training=True)
    assert idle.training_memory == run.training_memory
    assert idle.memory < run.memory


@given(st.sampled_from([*BITS_OF]), st.integers(1, 9), st.integers(1, 9))
def test_weights_at_another_precision(dtype: str, units: int, size: int) -> None:
    net = cnncalc.loads(spec(str(size), {"fc": units}), weight_dtype=dtype)
    bits = (units * size + units) * BITS_OF[dtype]
    assert net.parameter_memory == (bits + 7) // 8
    assert net.memory == 4 * (size + units)


def test_int4() -> None:
    assert cnncalc.load("lenet", weight_dtype="int4").parameter_memory == 61706 // 2


def test_arithmetic_intensity_is_of_whole_batches() -> None:
    """2·macs / bytes of inputs, output and parameters; of totals the ratio of the sums."""
    for batch in (1, 32):
        net = cnncalc.load("lenet", batch=batch)
        rows = [(2 * batch * layer.macs, layer.traffic) for layer in net]
        first = net.layers[0]
        assert first.traffic == 4 * (batch * (1024 + 4704) + 156)
        assert first.arithmetic_intensity == Fraction(*rows[0])
        assert net.arithmetic_intensity == Fraction(
            sum(t for t, _ in rows), sum(b for _, b in rows)
        )
        assert net["softmax1"].arithmetic_intensity == 0
        assert isinstance(net["softmax1"], Layer)


def test_layers_and_weight_layers_are_quantities_like_all_others() -> None:
    net = cnncalc.load("resnet50")
    assert (net.quantity("weight_layers"), net.weight_layers) == (50, 50)
    assert net.quantity("layers") == net.layer_count == len(net.layers)
    group = net.groups[0]
    assert group.layer_count == len(group.layers)
    totals = cnncalc.to_dict(net)["totals"]
    assert (totals["layers"], totals["weight_layers"]) == (len(net), 50)
    text = spec("8x8x3", {"conv": "4@1x1", "expect": {"layers": 1, "weight_layers": 1}}, "relu")
    assert not [p for p in cnncalc.check(cnncalc.read_text(text)) if p.severity == "error"]
