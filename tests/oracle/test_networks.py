"""Whole networks, layer by layer, as torchvision, timm and Keras report them.

In order, every layer with parameters (volume, parameters, statistics, multiply-adds) and every
pooling layer; then the totals. Pools that a framework calls as functions inside a model's forward
pass leave no layer there: `hidden-pools.json` says where they are and why. Layers without
parameters that are no pools (activations, dropout, additions, concatenations, flatten, padding,
slices) are free: every framework cuts them differently. A layer that is used a second time has its
multiply-adds there, and no parameters.
"""

import json
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import cnncalc

FOLDER = Path(__file__).parent

BUNDLED = {
    "keras-ConvNeXtLarge": "convnext_large",
    "keras-ConvNeXtTiny": "convnext_tiny",
    "keras-DenseNet121": "densenet121",
    "keras-DenseNet201": "densenet201",
    "keras-EfficientNetV2L": "efficientnet_v2_l",
    "keras-EfficientNetV2M": "efficientnet_v2_m",
    "keras-EfficientNetV2S": "efficientnet_v2_s",
    "keras-MobileNet": "mobilenet",
    "keras-MobileNetV2": "mobilenet_v2",
    "keras-MobileNetV3Large": "mobilenet_v3_large",
    "keras-MobileNetV3Small": "mobilenet_v3_small",
    "keras-ResNet50": "resnet50_keras",
    "keras-ResNet50V2": "resnet50v2",
    "keras-VGG16": "vgg16",
    "keras-VGG19": "vgg19",
    "keras-Xception": "xception",
    "timm-cbam_resnet50": "cbam_resnet50",
    "timm-coatnet_0": "coatnet_0",
    "timm-darknet53": "darknet53",
    "timm-regnet_x_400mf": "regnet_x_400mf",
    "timm-regnet_x_8gf": "regnet_x_8gf",
    "timm-regnet_y_32gf": "regnet_y_32gf",
    "timm-regnet_y_400mf": "regnet_y_400mf",
    "timm-regnet_y_8gf": "regnet_y_8gf",
    "torch-yolov3": "yolov3",
    "torchvision-alexnet": "alexnet",
    "torchvision-convnext_base": "convnext_base",
    "torchvision-convnext_large": "convnext_large",
    "torchvision-convnext_small": "convnext_small",
    "torchvision-convnext_tiny": "convnext_tiny",
    "torchvision-deeplabv3_resnet101": "deeplabv3_resnet101",
    "torchvision-deeplabv3_resnet50": "deeplabv3_resnet50",
    "torchvision-densenet121": "densenet121",
    "torchvision-densenet169": "densenet169",
    "torchvision-densenet201": "densenet201",
    "torchvision-efficientnet_b0": "efficientnet_b0",
    "torchvision-efficientnet_v2_l": "efficientnet_v2_l",
    "torchvision-efficientnet_v2_m": "efficientnet_v2_m",
    "torchvision-efficientnet_v2_s": "efficientnet_v2_s",
    "torchvision-googlenet_noaux": "googlenet",
    "torchvision-inception_v3_aux_trainpath": "inception_v3_aux",
    "torchvision-inception_v3_noaux": "inception_v3",
    "torchvision-mnasnet1_0": "mnasnet1_0",
    "torchvision-mobilenet_v2": "mobilenet_v2",
    "torchvision-mobilenet_v3_large": "mobilenet_v3_large",
    "torchvision-mobilenet_v3_small": "mobilenet_v3_small",
    "torchvision-r3d_18": "r3d_18",
    "torchvision-resnet101": "resnet101",
    "torchvision-resnet152": "resnet152",
    "torchvision-resnet18": "resnet18",
    "torchvision-resnet34": "resnet34",
    "torchvision-resnet50": "resnet50",
    "torchvision-resnet50_fpn": "resnet50_fpn",
    "torchvision-resnext50_32x4d": "resnext50_32x4d",
    "torchvision-shufflenet_v2_x1_0": "shufflenet_v2_x1_0",
    "torchvision-squeezenet1_0": "squeezenet1_0",
    "torchvision-squeezenet1_1": "squeezenet1_1",
    "torchvision-vgg11": "vgg11",
    "torchvision-vgg13": "vgg13",
    "torchvision-vgg16": "vgg16",
    "torchvision-vgg16_bn": "vgg16_bn",
    "torchvision-vgg19": "vgg19",
    "torchvision-vit_b_16": "vit_b_16",
    "torchvision-wide_resnet50_2": "wide_resnet50_2",
}

# Run as in training, with the auxiliary classifier.
TRAINING = {"torchvision-inception_v3_aux_trainpath"}

WINDOW_POOLS = {"max_pool", "avg_pool"}
# These give a size instead of a window, so at the right input they may leave a volume as it is.
SIZED_POOLS = {"adaptive_avg_pool", "adaptive_max_pool", "global_avg_pool", "global_max_pool"}


class Row(NamedTuple):
    output: str
    parameters: int
    statistics: int
    macs: int


Rows = list[tuple[str, Row]]


def oracle(name: str) -> dict[str, Any]:
    text = (FOLDER / "networks" / f"{name}.json").read_text(encoding="utf-8")
    data: dict[str, Any] = json.loads(text)
    return data


def hidden_pools(name: str) -> dict[str, str]:
    entries = json.loads((FOLDER / "hidden-pools.json").read_text(encoding="utf-8"))
    return {
        path: volume
        for entry in entries
        if name in entry["networks"]
        for path, volume in entry["before"].items()
    }


def expected_rows(name: str) -> Rows:
    hidden = hidden_pools(name)
    rows: Rows = []
    before = ""
    for path, kind, output, *counts in oracle(name)["layers"]:
        if path in hidden:
            rows.append((f"pool before {path}", Row(hidden.pop(path), 0, 0, 0)))
        # torchvision pools AlexNet and VGG to the size they have: only other images need it
        if not (kind.startswith("Adaptive") and output == before):
            rows.append((path, Row(output, *counts)))
        before = output
    assert not hidden, f"no such layers in {name}: {list(hidden)}"
    return rows


def found_rows(network: cnncalc.Network) -> Rows:
    return [
        (layer.path, Row(str(layer.output), layer.parameters, layer.statistics, layer.macs))
        for layer in network
        if layer.parameters or layer.statistics or layer.macs or is_working_pool(layer)
    ]


def is_working_pool(layer: Any) -> bool:
    """A pool to the size that comes in is left out on both sides: see `expected_rows`."""
    if layer.kind in SIZED_POOLS:
        return bool(layer.output != layer.input)
    return layer.kind in WINDOW_POOLS


def differences(expected: Rows, found: Rows) -> list[str]:
    nothing = ("nothing", None)
    return [
        f"{number}: {theirs} {wanted}\n    {ours} {got}"
        for number, ((theirs, wanted), (ours, got)) in enumerate(
            zip_longest(expected, found, fillvalue=nothing), 1
        )
        if wanted != got
    ]


def as_vectors(rows: Rows) -> Rows:
    """Maps of 1×1 as vectors: a global pool of Keras gives one where torchvision keeps the axes."""
    return [(path, row._replace(output=row.output.removeprefix("1x1x"))) for path, row in rows]


@pytest.mark.parametrize("name", BUNDLED)
def test_every_layer(name: str) -> None:
    network = cnncalc.load(BUNDLED[name], training=name in TRAINING)
    expected, found = expected_rows(name), found_rows(network)
    if oracle(name)["framework"] == "keras.applications":
        expected, found = as_vectors(expected), as_vectors(found)
    wrong = differences(expected, found)
    assert str(network.inputs["input"]) == oracle(name)["input"]
    assert not wrong, f"{len(wrong)} of {len(expected)} layers differ:\n" + "\n".join(wrong)


@pytest.mark.parametrize("name", BUNDLED)
def test_totals(name: str) -> None:
    network = cnncalc.load(BUNDLED[name], training=name in TRAINING)
    found = {quantity: getattr(network, quantity) for quantity in oracle(name)["totals"]}
    assert found == oracle(name)["totals"]


@pytest.mark.parametrize("name", BUNDLED)
def test_the_rows_of_an_oracle_add_up_to_its_totals(name: str) -> None:
    rows = [row for _, row in expected_rows(name)]
    sums = {total: sum(getattr(row, total) for row in rows) for total in oracle(name)["totals"]}
    assert sums == oracle(name)["totals"]


@pytest.mark.parametrize("name", BUNDLED)
def test_an_oracle_names_the_versions_that_it_was_made_with(name: str) -> None:
    version = oracle(name)["version"]
    assert {"torchvision", "timm", "keras", "torch"} & set(version)
    assert all(number[0].isdigit() for number in version.values())


def test_the_darknet_of_yolov3_is_that_of_timm() -> None:
    """No package has YOLOv3 as published, so that its oracle was built from the paper by hand."""
    weights = {
        name: [row[3:5] for row in oracle(name)["layers"][:104]]
        for name in ("torch-yolov3", "timm-darknet53")
    }
    assert weights["torch-yolov3"] == weights["timm-darknet53"]


def test_every_oracle_has_its_bundled_network() -> None:
    assert set(BUNDLED) == {path.stem for path in (FOLDER / "networks").glob("*.json")}
