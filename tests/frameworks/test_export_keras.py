"""Keras code of specs, built by Keras: what it counts, gives and calls its layers."""

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from functools import partial
from math import prod
from pathlib import Path
from typing import Any

import keras
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import boxes, repeating, spec, stacks, tabled

import cnncalc
from cnncalc.commands.options import read_spec
from cnncalc.exchange.export.record import recorded
from cnncalc.exchange.export.targets import TARGETS, NotExported
from cnncalc.language.bundled import all_names
from cnncalc.network.build import Build

CASES = sorted((Path(__file__).parents[1] / "cases" / "ok").glob("*.yaml"))
# These state numbers of layers that no kind says.
CUSTOM = ("cbam_resnet50", "coatnet_0", "attention")
# Every 9th network, and those that a person would look at first.
SAMPLE = {*all_names()[::9], "lenet-1998", "alexnet", "resnet50", "mobilenet_v2", "inception_v3",
          "densenet121", "unet", "yolov3", "resnet50_fpn", "convnext_tiny", "vit_b_16",
          "googlenet_aux", "siamese", "textcnn-static"}  # fmt: skip


@pytest.fixture(autouse=True)
def without_random_numbers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Weights are zeros, which takes no time; what is counted is the same."""
    for name in ("GlorotUniform", "RandomUniform"):
        monkeypatch.setattr(getattr(keras.initializers, name), "__call__", _zeros)
    before = sys.getrecursionlimit()
    yield
    sys.setrecursionlimit(before)
    keras.backend.clear_session()


def _zeros(self: object, shape: Any, dtype: Any = None) -> torch.Tensor:
    return torch.zeros(tuple(shape))


def made(build: Any) -> tuple[Build, Any]:
    """What a spec comes to, and the model that its code makes."""
    found, run = recorded(build)
    code = TARGETS["keras"].source(found, run)
    names: dict[str, Any] = {"__name__": "net"}
    exec(compile(code, "net.py", "exec"), names)
    return found, names["build"]()


def of_name(name: str) -> Any:
    read, variant = read_spec(name, 10**8)
    return partial(cnncalc.build, read, variant=variant)


def layers_of(model: Any) -> Iterator[Any]:
    """All layers, those of models inside it too."""
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from layers_of(layer)
        else:
            yield layer


def sizes(shapes: Any) -> list[tuple[int, ...]]:
    """Shapes without their ones: what Keras pools over all positions is a vector."""
    return [tuple(size for size in shape if size != 1) for shape in shapes]


def check_counts(build: Build, model: Any) -> None:
    """Parameters, statistics, what is trained, and the volumes that come out."""
    network = build.network
    parameters, statistics = network.quantity("parameters"), network.quantity("statistics")
    assert model.count_params() == parameters + statistics
    assert sum(prod(w.shape) for w in model.trainable_weights) == network.quantity("trainable")
    given = model.output
    given = [*given.values()] if isinstance(given, dict) else model.outputs
    wanted = [volume.shape for volume in network.outputs.values()]
    assert sizes(out.shape[1:] for out in given)[: len(wanted)] == sizes(wanted)


# What Keras has in two layers, and the end of the name of the other one.
TWO = re.compile(r"_(depthwise|\d+)$")


def check_names(build: Build, model: Any) -> None:
    """Layer for layer the same number of parameters, by their paths."""
    found: Counter[str] = Counter()
    wanted: Counter[str] = Counter()
    for layer in layers_of(model):
        found[numberless(layer.name)] += layer.count_params()
    for layer in build.network.root.layers:
        if not layer.shares:
            counts = layer.operation.parameters + layer.operation.statistics
            wanted[numberless(layer.path.replace(".", "_"))] += counts
    merged = Counter({name: count for name, count in found.items() if count})
    for name in [name for name in merged if name.endswith("_depthwise") and name not in wanted]:
        merged[name.removesuffix("_depthwise")] += merged.pop(name)
    assert merged == Counter({name: count for name, count in wanted.items() if count})


def numberless(name: str) -> str:
    """A name without automatic numbers, which count what is skipped in code, too."""
    return re.sub(r"\d+(?=_|$)", "#", name)


@pytest.mark.parametrize("name", sorted(SAMPLE - {*CUSTOM}))
def test_bundled_networks(name: str) -> None:
    build, model = made(of_name(name))
    check_counts(build, model)
    check_names(build, model)


@pytest.mark.parametrize("path", [path for path in CASES if path.stem not in CUSTOM], ids=str)
def test_what_the_language_says(path: Path) -> None:
    """Every construct of the language and every kind, as the cases of the tables have them."""
    build, model = made(partial(cnncalc.build, cnncalc.read(path)))
    check_counts(build, model)
    if path.stem != "dilated":  # a transposed convolution in groups is a layer for each
        check_names(build, model)


@pytest.mark.parametrize("name", ["resnet50", "mobilenet_v2", "vgg16", "densenet121", "unet"])
def test_names_are_the_paths_of_the_spec(name: str) -> None:
    """Exactly, where no item is skipped in one place and built in another."""
    build, model = made(of_name(name))
    found = {layer.name for layer in layers_of(model) if layer.count_params()}
    paths = {layer.path.replace(".", "_") for layer in build.network if layer.operation.parameters}
    if name == "mobilenet_v2":  # the first row has no expansion
        paths = {*map(numberless, paths)}
        found = {*map(numberless, found)}
    assert found == paths


def test_values_agree_where_keras_says_them_itself() -> None:
    """The classes that a file brings along compute what they say."""
    layers: list[Any] = [
        {"max_pool": {"kernel": 3, "stride": 2, "padding": 1}},
        {"lrn": 3},
        {"channel_shuffle": 2},
        {"space_to_depth": 2},
        {"pixel_shuffle": 2},
        {"resize": {"to": [6, 5], "method": "bilinear"}},
    ]
    build = partial(cnncalc.build, cnncalc.read_text(spec("8x8x4", *layers)))
    _, model = made(build)
    x = torch.arange(256.0).reshape(1, 8, 8, 4) - 300
    out = model(x)
    pooled = torch.nn.functional.max_pool2d(x.permute(0, 3, 1, 2), 3, 2, 1)
    normed = torch.nn.functional.local_response_norm(pooled, 3)
    shuffled = torch.nn.functional.channel_shuffle(normed, 2)
    there = torch.nn.functional.pixel_unshuffle(shuffled, 2)
    back = torch.nn.functional.pixel_shuffle(there, 2)
    wanted = torch.nn.functional.interpolate(back, (6, 5), mode="bilinear")
    assert torch.allclose(out, wanted.permute(0, 2, 3, 1), atol=1e-3)


# Random specs.

RANDOM = settings(max_examples=60, deadline=None)


def random_model(text: str) -> tuple[Build, Any] | None:
    """None for a spec that the language refuses, as a volume that is too small."""
    try:
        return made(partial(cnncalc.build, cnncalc.read_text(text)))
    except (cnncalc.SpecError, NotExported):
        return None


@RANDOM
@given(boxes(), stacks(1, 5))
def test_random_stacks(box: Any, layers: list[Any]) -> None:
    if found := random_model(spec(box.input, *layers)):
        check_counts(*found)
        check_names(*found)


@RANDOM
@given(st.one_of(repeating(), tabled()))
def test_random_blocks_and_loops(keys: dict[str, Any]) -> None:
    if found := random_model(json.dumps(keys)):
        check_counts(*found)
