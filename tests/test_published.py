"""Figures that papers and courses print, digit for digit."""

from pathlib import Path
from typing import Any

import pytest

import cnncalc
from cnncalc.network.model import Layer

LENET_1998 = [
    ("C1", "28x28x6", 156, 122_304),
    ("S2", "14x14x6", 12, 5_880),
    ("C3", "10x10x16", 1_516, 151_600),
    ("S4", "5x5x16", 32, 2_000),
    ("C5", "1x1x120", 48_120, 48_120),
    ("F6", "84", 10_164, 10_164),
    ("OUTPUT", "10", 840, 840),
]


@pytest.mark.parametrize(("path", "output", "parameters", "connections"), LENET_1998)
def test_lenet_row_by_row(path: str, output: str, parameters: int, connections: int) -> None:
    layer = cnncalc.load("lenet-1998")[path]
    assert str(layer.output) == output
    assert (layer.parameters, layer.connections) == (parameters, connections)


def test_lenet_in_all() -> None:
    """60,000 trainable parameters, and the 840 of the centres, which are fixed."""
    network = cnncalc.load("lenet-1998")
    assert (network.trainable, network.connections) == (60_000, 340_908)
    assert network.parameters - network.trainable == network["OUTPUT"].parameters == 840


def test_what_tools_call_the_operations_of_lenets_first_layer() -> None:
    layer = cnncalc.load("lenet").layers[0]
    assert (layer.macs, layer.connections, layer.flops) == (117_600, 122_304, 235_200)
    assert layer.flops + layer.neurons == 239_904


def the_layers(name: str, kind: str) -> list[Layer]:
    return [layer for layer in cnncalc.load(name) if layer.kind == kind]


def test_vit_b16_as_flop_counter_mode_counts() -> None:
    """torch 2.13: get_total_flops() is 35,127,656,448; 16.85 G of the 17.56 G are with weights."""
    net = cnncalc.load(Path(__file__).parent / "cases/published/vit-b16.yaml")
    assert net.flops == 35_127_656_448
    assert net.parameters == 86_567_656
    of_values = sum(
        layer.macs - layer.operation.links for layer in net if layer.kind == "attention"
    )
    assert of_values == 12 * 2 * 197 * 197 * 768
    assert round((net.macs - of_values) / 1e9, 2) == 16.85


def test_the_example_of_a_course() -> None:
    """26 · 10 · 784 links: the course counts the bias among 26 input weights."""
    conv, pool, fc = (the_layers("course-example", kind)[0] for kind in ("conv", "max_pool", "fc"))
    assert str(conv.output) == "28x28x10"
    assert (conv.fan_in, conv.positions, conv.arguments["filters"]) == (25, 784, 10)
    assert conv.connections == 203_840 == 26 * 10 * 784
    assert str(pool.output) == "14x14x10"
    assert (fc.output.channels, fc.parameters, fc.connections) == (200, 392_200, 392_200)


def test_alexnets_first_layer() -> None:
    conv = the_layers("alexnet-2012", "conv")[0]
    assert (str(conv.input), str(conv.output)) == ("227x227x3", "55x55x96")
    assert (conv.neurons, conv.fan_in) == (290_400, 363)
    assert (conv.weights, conv.biases, conv.parameters) == (34_848, 96, 34_944)
    assert conv.without_sharing == conv.connections == 105_705_600 == 290_400 * 364


ALEXNET = [
    ("conv", "parameters", [34_944, 307_456, 885_120, 663_936, 442_624]),
    ("conv", "neurons", [290_400, 186_624, 64_896, 64_896, 43_264]),
    ("fc", "parameters", [37_752_832, 16_781_312, 4_097_000]),
    ("fc", "neurons", [4_096, 4_096, 1_000]),
]


@pytest.mark.parametrize(("kind", "quantity", "numbers"), ALEXNET)
def test_alexnet_layer_by_layer(kind: str, quantity: str, numbers: list[int]) -> None:
    assert [getattr(layer, quantity) for layer in the_layers("alexnet-2012", kind)] == numbers


TOTALS: list[tuple[str, dict[str, Any]]] = [
    ("alexnet-2012", {"neurons": 659_272, "parameters": 60_965_224, "weight_layers": 8}),
    ("vgg16", {"parameters": 138_357_544, "macs": 15_470_264_320, "weight_layers": 16}),
]


@pytest.mark.parametrize(("name", "numbers"), TOTALS)
def test_totals(name: str, numbers: dict[str, Any]) -> None:
    network = cnncalc.load(name)
    assert {quantity: getattr(network, quantity) for quantity in numbers} == numbers


VGG16 = [
    ("conv1_1", "224x224x64", 1_728),
    ("conv1_2", "224x224x64", 36_864),
    ("pool1", "112x112x64", 0),
    ("conv2_1", "112x112x128", 73_728),
    ("conv2_2", "112x112x128", 147_456),
    ("pool2", "56x56x128", 0),
    ("conv3_1", "56x56x256", 294_912),
    ("conv3_2", "56x56x256", 589_824),
    ("conv3_3", "56x56x256", 589_824),
    ("pool3", "28x28x256", 0),
    ("conv4_1", "28x28x512", 1_179_648),
    ("conv4_2", "28x28x512", 2_359_296),
    ("conv4_3", "28x28x512", 2_359_296),
    ("pool4", "14x14x512", 0),
    ("conv5_1", "14x14x512", 2_359_296),
    ("conv5_2", "14x14x512", 2_359_296),
    ("conv5_3", "14x14x512", 2_359_296),
    ("pool5", "7x7x512", 0),
    ("fc6", "4096", 102_760_448),
    ("fc7", "4096", 16_777_216),
    ("fc8", "1000", 4_096_000),
]


@pytest.mark.parametrize(("path", "output", "weights"), VGG16)
def test_vgg16_as_a_course_lists_it(path: str, output: str, weights: int) -> None:
    """CS231n: the volumes and the weights, biases left out."""
    layer = cnncalc.load("vgg16")[path]
    assert (str(layer.output), layer.weights) == (output, weights)


def test_the_values_in_vgg16s_volumes() -> None:
    """The input included; a value of float32 is 4 bytes."""
    assert cnncalc.load("vgg16").memory == 4 * 15_237_608
    assert cnncalc.load("vgg16", dtype="int8").memory == 15_237_608


@pytest.mark.parametrize("depth", [20, 32, 44, 56, 110, 1202])
def test_the_shortcuts_of_cifars_resnets_have_no_links(depth: int) -> None:
    """Option A takes every second pixel and pads the channels: only the last pool has links."""
    network = cnncalc.load(f"resnet{depth}")
    pooled = sum(layer.connections for layer in network if not layer.weights)
    assert pooled == 8 * 8 * 64
    assert {layer.kind for layer in network if layer.connections} == {
        "conv", "global_avg_pool", "fc"
    }  # fmt: skip
