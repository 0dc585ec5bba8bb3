"""PyTorch code of specs, run by PyTorch: it has what the spec has, in all and layer by layer."""

import functools
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import assume, given
from strategies import Box, Item, boxes, repeating, spec, stacks, tabled
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
