"""Keras code of specs, built by Keras: what it counts, gives and calls its layers."""

import json
import re
import runpy
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
from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import boxes, repeating, spec, stacks, tabled

import cnncalc
from cnncalc.commands.options import read_spec
from cnncalc.exchange.export.record import recorded
from cnncalc.exchange.export.targets import TARGETS
from cnncalc.language.bundled import all_names
from cnncalc.network.build import Build

# Those that state numbers of layers that no kind says are refused.
TESTS = Path(__file__).parents[1]
ALL_CASES = sorted([
    *(TESTS / "cases" / "ok").glob("*.yaml"), *(TESTS / "exchange" / "export").glob("*.yaml"),
])  # fmt: skip
CASES = [path for path in ALL_CASES if "custom" not in path.read_text("utf-8")]
CUSTOM = ("cbam_resnet50", "coatnet_0")
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


@pytest.mark.parametrize(
    "path", [path for path in CASES if "custom" not in path.read_text("utf-8")], ids=str
)
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
    _, model = made(partial(cnncalc.build, cnncalc.read_text(spec("8x8x4", *layers))))
    x = torch.arange(256.0).reshape(1, 8, 8, 4) - 300
    out = model(x)
    pooled = torch.nn.functional.max_pool2d(x.permute(0, 3, 1, 2), 3, 2, 1)
    normed = torch.nn.functional.local_response_norm(pooled, 3)
    shuffled = torch.nn.functional.channel_shuffle(normed, 2)
    there = torch.nn.functional.pixel_unshuffle(shuffled, 2)
    back = torch.nn.functional.pixel_shuffle(there, 2)
    wanted = torch.nn.functional.interpolate(back, (6, 5), mode="bilinear")
    assert torch.allclose(out, wanted.permute(0, 2, 3, 1), atol=1e-3)


def test_a_file_is_a_program(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It builds the model and compares the number of parameters."""
    path = tmp_path / "net.py"
    code = TARGETS["keras"].source(*recorded(of_name("lenet-1998")))
    path.write_text(code, encoding="utf-8")
    runpy.run_path(str(path), run_name="__main__")
    assert "60,840 parameters, 60,840 expected" in capsys.readouterr().out
    path.write_text(code.replace("Conv2D(6, 5,", "Conv2D(7, 5,"), encoding="utf-8")
    with pytest.raises((AssertionError, ValueError)):
        runpy.run_path(str(path), run_name="__main__")


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_models_can_be_made_again_from_their_configuration(path: Path) -> None:
    """The classes of the file say their arguments, so that Keras can save a model."""
    found, run = recorded(partial(cnncalc.build, cnncalc.read(path)))
    names: dict[str, Any] = {"__name__": "net"}
    exec(compile(TARGETS["keras"].source(found, run), "net.py", "exec"), names)
    model = names["build"]()
    again = keras.Model.from_config(model.get_config(), custom_objects=names)
    assert again.count_params() == model.count_params()
    assert again.output_shape == model.output_shape


def layer_of(item: Any, volume: str) -> Any:
    """The model of a single item."""
    return made(partial(cnncalc.build, cnncalc.read_text(spec(volume, item))))[1]


def test_pools_of_the_file_compute_what_pytorch_computes() -> None:
    x = torch.randn(2, 11, 9, 3)
    first = x.permute(0, 3, 1, 2)
    adaptive = layer_of({"adaptive_avg_pool": [4, 5]}, "11x9x3")(x)
    wanted = torch.nn.functional.adaptive_avg_pool2d(first, (4, 5))
    assert torch.allclose(adaptive, wanted.permute(0, 2, 3, 1), atol=1e-5)
    pool = {"max_pool": {"kernel": 3, "stride": 2, "dilation": 2, "padding": 1}}
    dilated = layer_of(pool, "11x9x3")(x)
    wanted = torch.nn.functional.max_pool2d(first, 3, 2, 1, 2)
    assert torch.allclose(dilated, wanted.permute(0, 2, 3, 1))
    linear = layer_of({"resize": {"to": 7, "method": "bilinear"}}, "12x3")(
        x[:, :, 0].repeat(1, 2, 1)[:, :12]
    )
    wanted = torch.nn.functional.interpolate(
        x[:, :, 0].repeat(1, 2, 1)[:, :12].permute(0, 2, 1), 7, mode="linear"
    )
    assert torch.allclose(linear, wanted.permute(0, 2, 1), atol=1e-5)


def test_convolutions_of_the_file_compute_what_they_say() -> None:
    """A full table is a convolution; where all positions have one kernel, so is a local_conv."""
    x = torch.randn(2, 8, 7, 3)
    kernel = torch.randn(3, 2, 3, 4)  # rows, columns, maps, filters
    slides = {"filters": 4, "kernel": [3, 2], "stride": 2, "bias": False}
    plain = layer_of({"conv": slides}, "8x7x3")
    plain.layers[-1].set_weights([kernel.numpy()])
    table = layer_of({"conv": {**slides, "connection_table": [[0, 1, 2]] * 4}}, "8x7x3")
    links = kernel.permute(3, 2, 0, 1).reshape(12, 3, 2)  # filter by filter, map by map
    table.layers[-1].set_weights([links.numpy()])
    assert torch.allclose(table(x), plain(x), atol=1e-4)
    local = layer_of({"local_conv": slides}, "8x7x3")
    shape = local.layers[-1].kernel.shape
    local.layers[-1].set_weights([kernel.reshape(18, 4).expand(tuple(shape)).numpy()])
    assert torch.allclose(local(x), plain(x), atol=1e-4)


def test_attention_of_the_file_computes_what_keras_computes() -> None:
    """A window that is as large as the maps is no window."""
    x = torch.randn(2, 4, 6, 8)
    own = layer_of({"attention": {"heads": 2, "window": [4, 6]}}, "4x6x8").layers[-1]
    keras_own = layer_of({"attention": 2}, "4x6x8")
    theirs = keras_own.layers[-1]
    values = {w.path.split("/", 1)[1]: torch.randn(tuple(w.shape)) for w in theirs.weights}
    theirs.set_weights([values[w.path.split("/", 1)[1]].numpy() for w in theirs.weights])
    names = ("query", "key", "value")
    kernel = torch.cat([values[f"{name}/kernel"].reshape(8, 8) for name in names], 1)
    bias = torch.cat([values[f"{name}/bias"].reshape(8) for name in names])
    last = values["attention_output/kernel"].reshape(8, 8), values["attention_output/bias"]
    own.set_weights([part.numpy() for part in (kernel, bias, *last)])
    assert torch.allclose(own(x), keras_own(x), atol=1e-4)


# Random specs.


def random_model(text: str) -> tuple[Build, Any] | None:
    """None for a spec that the language refuses, as a volume that is too small."""
    try:
        build = partial(cnncalc.build, cnncalc.read_text(text))
        build()
    except cnncalc.SpecError:
        return None
    return made(build)


@given(boxes(), stacks(1, 5))
def test_random_stacks(box: Any, layers: list[Any]) -> None:
    if found := random_model(spec(box.input, *layers)):
        check_counts(*found)
        check_names(*found)


@given(st.one_of(repeating(), tabled()))
def test_random_blocks_and_loops(keys: dict[str, Any]) -> None:
    if found := random_model(json.dumps(keys)):
        check_counts(*found)


PAIR = st.lists(st.integers(0, 2), min_size=2, max_size=2)


@st.composite
def windows(draw: st.DrawFn) -> Any:
    """A convolution or pool with any padding, stride, dilation and rounding."""
    kind = draw(st.sampled_from(["conv", "depthwise_conv", "separable_conv", "max_pool", "avg_pool",
                                 "transposed_conv", "local_conv", "subsample"]))  # fmt: skip
    slides = {"kernel": draw(st.integers(1, 4)), "stride": draw(st.integers(1, 3))}
    if kind in ("conv", "separable_conv", "local_conv", "transposed_conv"):
        slides["filters"] = draw(st.integers(1, 4))
    if kind not in ("avg_pool", "subsample") and draw(st.booleans()):
        slides["dilation"] = draw(st.integers(1, 2))
    if kind != "transposed_conv":
        slides["rounding"] = draw(st.sampled_from(["floor", "ceil"]))
    padding = st.one_of(
        st.sampled_from(["same", "valid", 0, 1]), st.lists(PAIR, min_size=2, max_size=2)
    )
    if kind != "subsample":
        slides["padding"] = draw(padding)
    if kind == "transposed_conv" and slides["padding"] != "same":
        slides["output_padding"] = draw(st.integers(0, slides["stride"] - 1))
    return {kind: slides}


def says_it_cannot(item: Any) -> bool:
    (slides,) = item.values()
    return "transposed_conv" in item and slides.get("dilation", 1) > 1 < slides["stride"]


def slid() -> st.SearchStrategy[dict[str, Any]]:
    """The keys of a spec of windows."""
    can = windows().filter(lambda item: not says_it_cannot(item))
    stacks = st.lists(can, min_size=1, max_size=3)
    return stacks.map(lambda layers: {"input": "9x8x3", "layers": layers})


@given(slid())
def test_random_windows(keys: dict[str, Any]) -> None:
    if found := random_model(json.dumps(keys)):
        check_counts(*found)
        check_names(*found)


ACTIVATIONS = st.sampled_from(["relu", "swish", "none", "hard_sigmoid"])
CONV = {"filters": "$f", "kernel": "$k", "stride": "$s", "padding": "$k//2", "bias": False}
INNER: list[Any] = [
    {"conv": CONV},
    {"conv": {"filters": "2*$f", "kernel": 1, "activation": "$act"}},
    {"residual": [{"conv": {"filters": "$f", "kernel": "$k", "padding": "same"}}, "batch_norm"],
     "shortcut": [{"conv": {"filters": "$f", "kernel": 1}, "when": "$in != $f"}]},
    {"residual": [{"conv": CONV}, "batch_norm"], "shortcut": "$s == 1 and $in == $f"},
    {"gate": ["global_avg_pool", {"conv": {"filters": "$prev.channels//2 + 1", "kernel": 1}},
              {"conv": {"filters": "$in", "kernel": 1}}]},
    {"branches": {"a": [{"conv": {"filters": "$f", "kernel": 1}}], "keep": []}},
    {"layers": [{"conv": {"filters": "$prev.channels", "kernel": 1}}, "relu"], "repeat": "$n"},
    {"conv": {"filters": "$f + $w", "kernel": 1}, "each": {"w": [1, "$n + 2"]}},
    {"dropout": "$rate"},
    {"activation": "$act"},
    {"conv": {"filters": "$f*1.5 + 1/2", "kernel": 1}, "when": "$f % 2 == 1"},
    {"conv": {"filters": "max($f, 4)/2 + 1/2*$n", "kernel": 1}, "when": "$n == 2 and $f % 2 == 0"},
    {"concat": ["prev", "$skip"], "when": "$skip != none"},
    {"resize": {"like": "input"}},
]  # fmt: skip


@st.composite
def blocky(draw: st.DrawFn) -> dict[str, Any]:
    """The keys of a spec with a block of many parts, called with other arguments each time."""
    inner = draw(st.lists(st.sampled_from(INNER), min_size=1, max_size=4))
    args = {"f": None, "k": 3, "s": 1, "act": "relu", "rate": 0.1, "n": 1, "skip": "none"}
    block = {"args": ["f", *({name: args[name]} for name in [*args][1:])], "layers": inner}
    layers: list[Any] = [
        {"conv": {"filters": draw(st.integers(1, 3)), "kernel": 1}, "name": "first"}
    ]
    for number in range(draw(st.integers(1, 3))):
        given = {"f": draw(st.integers(1, 6)), "k": draw(st.sampled_from([1, 3])),
                 "s": draw(st.integers(1, 2)), "act": draw(ACTIVATIONS),
                 "rate": draw(st.sampled_from([0.2, 0.5])), "n": draw(st.integers(0, 2)),
                 "skip": draw(st.sampled_from(["first", "none"]))}  # fmt: skip
        chosen = draw(st.sets(st.sampled_from([*given][1:])))
        call = {"Unit": {name: given[name] for name in ("f", *sorted(chosen))}}
        layers.append({**call, "name": f"unit{number}"} if draw(st.booleans()) else call)
    return {"input": "8x8x2", "blocks": {"Unit": block}, "layers": [*layers, {"fc": 3}]}


@given(blocky())
def test_random_blocks(keys: dict[str, Any]) -> None:
    if found := random_model(json.dumps(keys)):
        check_counts(*found)
        check_names(*found)


def weighted(network: cnncalc.Network) -> Counter[tuple[object, ...]]:
    """What has weights: its kind, output without ones, weights, biases and multiply-adds."""
    return Counter(
        (layer.kind, *sizes([layer.output.shape]), layer.weights, layer.biases, layer.macs)
        for layer in network
        if layer.weights
    )


@given(st.one_of(blocky(), slid()))
def test_there_and_back(keys: dict[str, Any]) -> None:
    """A spec, its code, what Keras saves, and what is read of that: the same layers.

    Without what has no class in Keras: layers of the file itself, slices, resizing, and rows that
    a transposed convolution leaves away.
    """
    found = random_model(json.dumps(keys))
    if found is None:
        return
    build, model = found
    own = {type(operation).__name__ for operation in model.operations}
    assume(all(hasattr(keras.layers, name) for name in own))
    assume(own.isdisjoint({"Resizing", "Cropping2D"}))
    read = cnncalc.from_keras(model)
    assert weighted(read) == weighted(build.network)
    assert read.macs == build.network.quantity("macs")
