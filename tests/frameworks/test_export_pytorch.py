"""PyTorch code of specs, run by PyTorch: it has what the spec has, in all and layer by layer."""

import functools
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import Box, Item, boxes, repeating, spec, stacks, tabled
from test_export_keras import blocky, slid
from torch import nn

import cnncalc
from cnncalc import api
from cnncalc.exchange.export.pytorch import written
from cnncalc.exchange.export.record import recorded
from cnncalc.exchange.export.targets import NotExported
from cnncalc.language.bundled import all_names
from cnncalc.layers.base import KINDS
from cnncalc.network.build import Build, build

STATED = {"cbam_resnet50", "coatnet_0"}  # with a custom layer
CASES = Path(__file__).parents[1] / "cases" / "ok"


def code_of(read: cnncalc.Spec, **options: Any) -> tuple[Build, str, dict[str, str]]:
    found, run = recorded(functools.partial(build, read, **options))
    return found, *written(found, run)


def module_of(text: str) -> nn.Module:
    """The network that the code builds, on the meta device."""
    names: dict[str, Any] = {"__name__": "net"}
    exec(compile(text, "net.py", "exec"), names)
    classes = [
        value
        for value in names.values()
        if isinstance(value, type) and issubclass(value, nn.Module) and value.__module__ == "net"
    ]
    with torch.device("meta"):
        found: nn.Module = classes[-1]()
    return found.eval()


def size(tensors: Any) -> int:
    return sum(tensor.numel() for tensor in tensors)


def channels_first(volume: cnncalc.Volume) -> tuple[int, ...]:
    return (volume.channels, *volume.sizes)


def check(found: Build, text: str, keys: dict[str, str]) -> nn.Module:
    """Compare what PyTorch builds with the network."""
    network, module = found.network, module_of(text)
    assert size(module.parameters()) == network.parameters
    trainable = [one for one in module.parameters() if one.requires_grad]
    assert size(trainable) == network.trainable
    buffers = [one for name, one in module.named_buffers() if "num_batches" not in name]
    assert size(buffers) == network.statistics
    volumes = [
        torch.zeros(2, *channels_first(volume), device="meta") for volume in network.inputs.values()
    ]
    result = module(*volumes)
    given = [*result.values()] if isinstance(result, dict) else [result]
    assert [tuple(one.shape[1:]) for one in given] == [
        channels_first(volume) for volume in network.outputs.values()
    ]
    if isinstance(result, dict):
        assert [*result] == [*network.outputs]
    modules = dict(module.named_modules())
    for layer in network.root.layers:
        if layer.operation.parameters and layer.shares is None:
            own = size(modules[keys[layer.path]].parameters())
            assert own == layer.operation.parameters, layer.path
    return module


@pytest.mark.parametrize("name", sorted({*all_names()} - STATED))
def test_every_bundled_network(name: str) -> None:
    read, variant = api.find(name)
    check(*code_of(read, variant=variant))


def test_black_leaves_the_code_of_every_network(tmp_path: Path) -> None:
    for name in sorted({*all_names()} - STATED):
        read, variant = api.find(name)
        (tmp_path / f"{name}.py").write_text(code_of(read, variant=variant)[1], "utf-8")
    black = [sys.executable, "-m", "black", "--check", "--quiet", str(tmp_path)]
    assert subprocess.run(black).returncode == 0


@pytest.mark.parametrize("path", sorted(CASES.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_case(path: Path) -> None:
    read = cnncalc.read(path)
    if "custom:" in path.read_text():
        with pytest.raises(NotExported):
            code_of(read)
    else:
        check(*code_of(read))


@pytest.mark.parametrize("kind", sorted({*KINDS} - {"custom"}))
def test_every_kind(kind: str) -> None:
    """The example of a kind, on the volume that it is for."""
    cls = KINDS[kind]
    named = "- {identity: , name: one}\n- {identity: , name: two}\n"
    before = named if "one, two" in cls.example else ""
    text = f"input: {cls.example_input}\nlayers:\n{before}- {cls.example}\n"
    check(*code_of(cnncalc.read_text(text)))


@given(repeating())
def test_items_that_are_repeated_and_skipped(keys: dict[str, Any]) -> None:
    check_any(keys)


@given(tabled())
def test_items_of_tables(keys: dict[str, Any]) -> None:
    check_any(keys)


@given(boxes(), stacks(1, 6))
def test_layers_on_one_another(box: Box, layers: list[Item]) -> None:
    check_any({"input": box.input, "layers": layers})


def check_any(keys: dict[str, Any]) -> None:
    """Compare the network of a drawn spec, if there is one."""
    read = cnncalc.read_text(spec(keys.pop("input"), *keys.pop("layers"), **keys))
    try:
        found = build(read)
    except cnncalc.SpecError:
        assume(False)
    assume(found.network.layers)
    check(*code_of(read))


@given(blocky())
def test_blocks_that_are_called_with_other_arguments(keys: dict[str, Any]) -> None:
    check_any(keys)


@given(slid())
def test_windows_of_any_padding(keys: dict[str, Any]) -> None:
    check_any(keys)


# What PyTorch's graph has other operations for, which no kind stands for.
UNREAD = {"local_conv", "subsample", "rbf"}
# What the code has as rows around a window, or not at all; volumes that differ in ones only.
LOWERED = {"zero_pad", "crop", "identity", "flatten"}


def table(network: cnncalc.Network) -> Counter[tuple[object, ...]]:
    """Every layer: its kind, output, weights, biases, connections and multiply-adds.

    A separable convolution counts as the two that it is, an activation as a layer of its own.
    """
    found: Counter[tuple[object, ...]] = Counter()
    for layer in network:
        for part in parts_of(layer.operation):
            kind = KINDS_READ.get(part.kind, part.kind)
            if kind not in LOWERED:
                shape = tuple(number for number in part.output.shape if number != 1)
                found[kind, shape, part.weights, part.biases, part.macs] += 1
        if name := getattr(layer.operation, "activation", None):
            found[name, tuple(n for n in layer.output.shape if n != 1), 0, 0, 0] += 1
    return found


KINDS_READ = {"depthwise_conv": "conv", "global_avg_pool": "adaptive_avg_pool",
              "global_max_pool": "adaptive_max_pool"}  # fmt: skip


def parts_of(operation: Any) -> list[Any]:
    if operation.kind == "activation":
        return [KINDS[operation.function]({}, operation.input)] if operation.function else []
    if operation.kind == "separable_conv":
        return [operation.depthwise, operation.pointwise]
    return [operation]


def is_cropped(operation: Any) -> bool:
    """Whether PyTorch makes a larger volume first."""
    return operation.kind == "transposed_conv" and any(a != b for a, b in operation.pads)


@given(st.one_of(blocky(), slid(), repeating(), tabled()))
def test_there_and_back(keys: dict[str, Any]) -> None:
    """A spec, its code, PyTorch's graph of it, and what is read of that: the same layers."""
    read = cnncalc.read_text(spec(keys.pop("input"), *keys.pop("layers"), **keys))
    try:
        network = build(read).network
    except cnncalc.SpecError:
        assume(False)
    assume(network.parameters and UNREAD.isdisjoint(layer.kind for layer in network))
    assume(not any(is_cropped(layer.operation) for layer in network))
    found, text, paths = code_of(read)
    module = check(found, text, paths)
    volumes = [volume.text("x") for volume in network.inputs.values()]
    again = cnncalc.from_torch(module, *volumes)
    assert table(again) == table(network)
    assert again.macs == network.macs
