"""PyTorch code of specs, run by PyTorch: it has what the spec has, in all and layer by layer."""

import functools
import math
import subprocess
import sys
from collections import Counter
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from strategies import boxes, repeating, spec, stacks, tabled
from test_export_keras import blocky, slid
from torch import nn
from torch.nn import functional

import cnncalc
from cnncalc import api
from cnncalc.arithmetic import same_padding
from cnncalc.exchange.export.pytorch import written
from cnncalc.exchange.export.pytorch.known import LOCAL
from cnncalc.exchange.export.record import recorded
from cnncalc.exchange.export.targets import NotExported
from cnncalc.exchange.recovery import spec_text
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


DRAWN: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "items that are repeated and skipped": repeating(),
    "items of tables": tabled(),
    "layers on one another": st.builds(
        lambda box, layers: {"input": box.input, "layers": layers}, boxes(), stacks(1, 6)
    ),
    "blocks that are called with other arguments": blocky(),
    "windows of any padding": slid(),
}


@pytest.mark.parametrize("what", DRAWN)
@given(data=st.data())
def test_drawn_specs(what: str, data: st.DataObject) -> None:
    """Compare the network of a drawn spec, if there is one."""
    keys = data.draw(DRAWN[what])
    read = cnncalc.read_text(spec(keys.pop("input"), *keys.pop("layers"), **keys))
    try:
        found = build(read)
    except cnncalc.SpecError:
        assume(False)
    assume(found.network.layers)
    check(*code_of(read))


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


KINDS_READ = {
    "depthwise_conv": "conv",
    "global_avg_pool": "adaptive_avg_pool",
    "global_max_pool": "adaptive_max_pool",
    "upsample": "resize",
}


def parts_of(operation: Any) -> list[Any]:
    if operation.kind == "activation":
        return [KINDS[operation.function]({}, operation.input)] if operation.function else []
    if operation.kind == "separable_conv":
        return [operation.depthwise, operation.pointwise]
    return [operation]


def is_cropped(operation: Any) -> bool:
    """Whether PyTorch makes a larger volume first."""
    return operation.kind == "transposed_conv" and any(a != b for a, b in operation.pads)


@settings(max_examples=30)  # each takes PyTorch a second
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


@pytest.mark.parametrize(
    "name", ["resnet50", "vgg16", "mobilenet_v2", "densenet121", "squeezenet1_0", "googlenet"]
)
def test_an_imported_export_is_about_as_short_as_the_spec(name: str) -> None:
    """What the recovery makes of the code's graph, against what a person wrote."""
    read, variant = api.find(name)
    found, text, _ = code_of(read, variant=variant)
    network = cnncalc.from_torch(module_of(text), found.network.input.text("x"))
    assert network.parameters == found.network.parameters
    lines = [line for line in spec_text(network).splitlines() if not line.startswith("expect")]
    assert len(lines) <= 1.3 * Path(api.locate(name)[0]).read_text().count("\n")


# What the local classes compute.

NAMES: dict[str, Any] = {"torch": torch, "nn": nn, "F": functional, "math": math}
exec("\n\n\n".join(LOCAL.values()), NAMES)


def same(found: torch.Tensor, wanted: torch.Tensor) -> None:
    assert found.shape == wanted.shape
    assert torch.allclose(found, wanted, atol=1e-4)


def volume(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_a_local_convolution_with_one_kernel_is_a_convolution(axes: int) -> None:
    x = volume(2, 3, *(9, 8, 7)[:axes])
    plain = (nn.Conv1d, nn.Conv2d, nn.Conv3d)[axes - 1](3, 4, 2, stride=2, dilation=2)
    wanted = plain(x)
    window = {"stride": (2,) * axes, "dilation": (2,) * axes}
    local = NAMES["LocalConv"](3, 4, (2,) * axes, tuple(wanted.shape[2:]), **window)
    with torch.no_grad():
        local.weight.copy_(plain.weight.flatten(1).expand_as(local.weight))
        local.bias.copy_(plain.bias.view(-1, *[1] * axes).expand_as(local.bias))
    same(local(x), wanted)


def test_a_convolution_by_a_table_is_one_without_some_weights() -> None:
    x = volume(2, 3, 8, 7)
    table = [(0, 1, 2), (1,), (0, 2)]
    own = NAMES["TableConv"](3, table, (3, 2), stride=2, padding=1)
    plain = nn.Conv2d(3, 3, (3, 2), stride=2, padding=1)
    with torch.no_grad():
        plain.weight.zero_()
        links = [(row, maps) for row, listed in enumerate(table) for maps in listed]
        for (row, maps), weights in zip(links, own.weight, strict=True):
            plain.weight[row, maps] = weights
        plain.bias.copy_(own.bias)
    same(own(x), plain(x))


@pytest.mark.parametrize("window", [None, (4, 6)])
def test_attention_is_that_of_pytorch(window: tuple[int, ...] | None) -> None:
    x = volume(2, 8, 4, 6)
    theirs = nn.MultiheadAttention(8, 2, batch_first=True)
    own = NAMES["Attention"](8, 8, 2, window=window)
    with torch.no_grad():
        own.qkv.weight.copy_(theirs.in_proj_weight)
        own.qkv.bias.copy_(theirs.in_proj_bias)
        own.project.load_state_dict(theirs.out_proj.state_dict())
    row = x.flatten(2).movedim(1, -1)
    same(own(x), theirs(row, row, row)[0].movedim(-1, 1).reshape(x.shape))


def test_attention_in_windows_is_attention_of_each() -> None:
    x = volume(2, 8, 4, 6)
    own = NAMES["Attention"](8, 4, 2, window=(2, 3))
    parts = [x[:, :, r : r + 2, c : c + 3] for r in (0, 2) for c in (0, 3)]
    done = [own(part) for part in parts]
    same(own(x), torch.cat([torch.cat(done[:2], 3), torch.cat(done[2:], 3)], 2))


def test_rows_of_the_same_padding() -> None:
    for size, kernel, stride, dilation in product((7, 8, 9), (1, 2, 3, 5), (1, 2, 3), (1, 2)):
        x = volume(1, 1, size, size + 1)
        pad = NAMES["SamePad"](*[(number,) * 2 for number in (kernel, stride, dilation)])
        wanted = [same_padding(n, kernel, stride, dilation) for n in (size, size + 1)]
        same(pad(x), functional.pad(x, (*wanted[1], *wanted[0])))


def test_moves_of_values() -> None:
    x = volume(2, 8, 4, 6)
    same(NAMES["PixelShuffle"](2)(x), functional.pixel_shuffle(x, 2))
    same(NAMES["SpaceToDepth"](2)(x), functional.pixel_unshuffle(x, 2))
    same(NAMES["ChannelShuffle"](4)(x), functional.channel_shuffle(x, 4))
    same(NAMES["Slice"](2, 3, (2, 1))(x), x[:, 2:5, ::2])
    same(NAMES["Crop"]((1, 0), (2, 1))(x), x[:, :, 1:, 2:5])
    same(NAMES["Reshape"](12, 4, 4)(x)[0, :, 0, 1], x.movedim(1, -1)[0].flatten()[12:24])
    large, small = NAMES["cropped"](x, x[:, :, 1:3, 2:5])
    same(large, x[:, :, 1:3, 1:4])
    same(small, x[:, :, 1:3, 2:5])


def test_means_and_sums_of_windows() -> None:
    x = volume(2, 3, 7, 8)
    own = NAMES["MeanInside"](nn.ZeroPad2d(1), nn.AvgPool2d(3, 2))
    same(own(x), functional.avg_pool2d(x, 3, 2, 1, count_include_pad=False))
    sums = NAMES["Subsample"](3, nn.AvgPool2d(2), values=4)
    same(sums(x), 4 * functional.avg_pool2d(x, 2))
    norm = NAMES["ChannelNorm"](3)
    same(norm(x), functional.group_norm(x.movedim(1, -1).reshape(-1, 3), 1)
         .reshape(2, 7, 8, 3).movedim(-1, 1))  # fmt: skip
