"""PyTorch code of specs, run by PyTorch: it has what the spec has, in all and layer by layer."""

import functools
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from strategies import repeating, spec, stacks, tabled
from torch import nn

import cnncalc
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
        torch.zeros(2, *channels_first(volume), device="meta")
        for volume in network.inputs.values()
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
    read, variant = cnncalc.api.find(name)
    check(*code_of(read, variant=variant))
