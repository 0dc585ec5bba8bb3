"""Models that the frameworks make here and now: what they count, and what is read of them."""

import random
from math import prod
from pathlib import Path
from typing import Any

import keras
import onnx
import pytest
import torch
from torch import nn

import cnncalc
from cnncalc.exchange.recovery import spec_text

SEEDS = range(12)


class Residual(nn.Module):
    """body(x) + shortcut(x)."""

    def __init__(self, channels: int, filters: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, filters, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(filters)
        self.conv2 = nn.Conv2d(filters, filters, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(filters)
        self.project = nn.Identity()
        if stride != 1 or channels != filters:
            self.project = nn.Conv2d(channels, filters, 1, stride)

    def forward(self, x: Any) -> Any:
        body = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
        return torch.relu(body + self.project(x))


class Gated(nn.Module):
    """x · gate(x), squeeze and excitation."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.squeeze = nn.Conv2d(channels, max(1, channels // 4), 1)
        self.excite = nn.Conv2d(max(1, channels // 4), channels, 1)

    def forward(self, x: Any) -> Any:
        mean = x.mean((2, 3), keepdim=True)
        return x * torch.sigmoid(self.excite(torch.relu(self.squeeze(mean))))


class Branches(nn.Module):
    """Two ways, one behind the other."""

    def __init__(self, channels: int, filters: int) -> None:
        super().__init__()
        self.one = nn.Conv2d(channels, filters, 1)
        self.three = nn.Conv2d(channels, filters, 3, padding=1, groups=1)

    def forward(self, x: Any) -> Any:
        return torch.cat([self.one(x), self.three(x), x], 1)


def drawn(seed: int, kinds: int = 7) -> tuple[nn.Module, str]:
    """A network of random parts, of the first kinds of them, and the volume that it reads."""
    rng = random.Random(seed)
    size, channels = rng.randint(24, 40), rng.choice((1, 3, 4))
    volume = f"{size}x{size}x{channels}"
    parts: list[nn.Module] = []
    for _ in range(rng.randint(2, 7)):
        filters = rng.choice((4, 8, 12))
        kind = rng.randrange(kinds)
        if kind == 0:
            kernel = rng.choice((1, 3, 5))
            parts += [nn.Conv2d(channels, filters, kernel, 1, kernel // 2), nn.ReLU()]
        elif kind == 1:
            filters = channels
            parts += [nn.Conv2d(channels, channels, 3, 1, 1, groups=channels), nn.Hardswish()]
        elif kind == 2:
            parts += [Residual(channels, filters, rng.choice((1, 2)))]
        elif kind == 3:
            filters = channels
            parts += [Gated(channels)]
        elif kind == 4:
            parts += [Branches(channels, filters)]
            filters = 2 * filters + channels
        elif kind == 5:
            filters = channels
            parts += [nn.AvgPool2d(2, ceil_mode=rng.random() < 0.5), nn.BatchNorm2d(channels)]
        else:
            parts += [
                nn.Conv2d(channels, filters, 3, padding=1),
                nn.PReLU(),
                nn.GroupNorm(2, filters),
            ]
        channels = filters
    parts += [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(), nn.Linear(channels, 10)]
    return nn.Sequential(*parts), volume


def count(model: nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


@pytest.mark.parametrize("seed", SEEDS)
def test_what_pytorch_counts(seed: int, tmp_path: Path) -> None:
    """In memory, as an archive, and as the spec that comes back."""
    model, volume = drawn(seed)
    network = cnncalc.from_torch(model, volume)
    assert network.parameters == count(model)
    assert network.output.text("x") == "10"
    assert model.training
    size, _, channels = map(int, volume.split("x"))
    program = torch.export.export(model.eval(), (torch.zeros(1, channels, size, size),))
    torch.export.save(program, tmp_path / "net.pt2")
    read = cnncalc.load(tmp_path / "net.pt2")
    assert [layer.label for layer in read] == [layer.label for layer in network]
    assert [layer.path for layer in read] == [layer.path for layer in network]
    assert cnncalc.loads(spec_text(network)).parameters == count(model)


@pytest.mark.parametrize("seed", SEEDS[:4])
def test_the_numbers_that_onnx_reads(seed: int, tmp_path: Path) -> None:
    """As many weights as the initialisers have.

    Without pools that round up and group norms, which the exporter writes as other operations.
    """
    model, volume = drawn(seed, kinds=5)
    size, _, channels = map(int, volume.split("x"))
    path = tmp_path / "net.onnx"
    value = torch.zeros(1, channels, size, size)
    torch.onnx.export(model.eval(), (value,), path, dynamo=False)
    network = cnncalc.load(path)
    stored = onnx.load(path).graph.initializer
    wanted = sum(prod(tensor.dims) for tensor in stored if len(tensor.dims) > 1)
    kinds = ("conv", "depthwise_conv", "fc")
    assert sum(layer.weights for layer in network if layer.kind in kinds) == wanted
    assert network.output.text("x") == "10"


class Mixer(nn.Module):
    """Windows of 4×4 that attend, as Swin cuts them, and space put in channels."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(channels)
        self.qkv = nn.Linear(channels, 3 * channels)
        self.proj = nn.Linear(channels, channels)
        self.reduce = nn.Linear(4 * channels, 2 * channels, bias=False)

    def forward(self, x: Any) -> Any:
        x = x.permute(0, 2, 3, 1)
        n, h, w, c = x.shape
        y = self.norm(x).view(n, h // 4, 4, w // 4, 4, c).permute(0, 1, 3, 2, 4, 5)
        q, k, v = self.qkv(y.reshape(-1, 16, c)).view(-1, 16, 3, 2, c // 2).permute(2, 0, 3, 1, 4)
        y = nn.functional.scaled_dot_product_attention(q, k, v).transpose(1, 2)
        y = self.proj(y.reshape(-1, 16, c)).view(n, h // 4, w // 4, 4, 4, c)
        x = x + y.permute(0, 1, 3, 2, 4, 5).reshape(n, h, w, c)
        parts = [x[:, i::2, j::2] for j in (0, 1) for i in (0, 1)]
        return self.reduce(torch.cat(parts, -1)).permute(0, 3, 1, 2)


def test_attention_in_windows() -> None:
    model = nn.Sequential(nn.Conv2d(3, 16, 1), Mixer(16), nn.BatchNorm2d(32))
    network = cnncalc.from_torch(model, "16x16x3")
    assert network.parameters == count(model)
    (attention,) = [layer for layer in network if layer.kind == "attention"]
    assert attention.label == "attention, 2 heads, window 4×4"
    assert attention.macs == 16 * 16 * (4 * 16 * 16 + 2 * 16 * 16)
    assert "space_to_depth: 2" in spec_text(network)


def encoder() -> nn.Module:
    layer = nn.TransformerEncoderLayer(32, 4, 64, batch_first=True)
    return nn.TransformerEncoder(layer, 2).eval()


def test_transformers_of_pytorch(tmp_path: Path) -> None:
    """As it is exported, and by ONNX's exporters, which write products of values."""
    model = encoder()
    for parameter in model.parameters():
        nn.init.uniform_(parameter)
    network = cnncalc.from_torch(model, (1, 16, 32))
    assert network.parameters == count(model)
    assert sum(layer.kind == "attention" for layer in network) == 2
    for exporter in ({"dynamo": False}, {"dynamo": True}, {"dynamo": True, "optimize": False}):
        path = tmp_path / "net.onnx"
        torch.onnx.export(model, (torch.zeros(1, 16, 32),), path, verbose=False, **exporter)
        read = cnncalc.load(path)
        assert read.parameters == count(model)
        assert read.macs == network.macs


def test_group_norms_in_onnx(tmp_path: Path) -> None:
    model = nn.Sequential(nn.Conv2d(3, 8, 3, bias=False), nn.GroupNorm(4, 8), nn.ReLU()).eval()
    nn.init.uniform_(model[1].weight)
    nn.init.uniform_(model[1].bias)
    for dynamo in (False, True):
        path = tmp_path / "net.onnx"
        torch.onnx.export(model, (torch.zeros(1, 3, 9, 9),), path, dynamo=dynamo, verbose=False)
        network = cnncalc.load(path)
        assert network.parameters == count(model)
        assert "group_norm" in [layer.kind for layer in network]


def test_products_without_a_softmax_are_no_attention() -> None:
    class Linear(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.qkv = nn.Linear(32, 96)

        def forward(self, x: Any) -> Any:
            q, k, v = self.qkv(x).chunk(3, -1)
            return (q @ k.transpose(1, 2) / 16) @ v

    with pytest.raises(cnncalc.ModelError, match="attention without softmax ×1"):
        cnncalc.from_torch(Linear(), (1, 16, 32))
    network = cnncalc.from_torch(Linear(), (1, 16, 32), allow_custom=True)
    assert network.macs == 16 * 32 * 96 + 2 * 16 * 16 * 32


def test_operations_without_a_kind_are_stated() -> None:
    """A recurrent layer has none."""

    class Recurrent(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.lstm = nn.LSTM(8, 16, batch_first=True)
            self.head = nn.Linear(16, 3)

        def forward(self, x: Any) -> Any:
            return self.head(self.lstm(x)[0][:, -1])

    model = Recurrent()
    with pytest.raises(cnncalc.ModelError, match=r"aten\.lstm\.input ×1 \(first in lstm\)"):
        cnncalc.from_torch(model, (1, 10, 8))
    network = cnncalc.from_torch(model, (1, 10, 8), allow_custom=True)
    assert network.parameters == count(model)
    assert cnncalc.loads(spec_text(network)).parameters == count(model)


def test_self_attention_of_keras() -> None:
    layers = keras.layers
    start = keras.Input((16, 24))
    x = layers.Add()([start, layers.MultiHeadAttention(4, 8)(start, start)])
    model = keras.Model(start, layers.Dense(5)(layers.LayerNormalization()(x)))
    network = cnncalc.from_keras(model)
    assert network.parameters == model.count_params()
    assert network["multi_head_attention"].label == "attention, 4 heads"


def keras_models() -> list[Any]:
    layers = keras.layers
    start = keras.Input((32, 32, 3))
    x = layers.Conv2D(8, 3, padding="same", use_bias=False)(start)
    x = layers.BatchNormalization()(x)
    shared = layers.Conv2D(8, 3, padding="same", activation="relu")
    y = shared(shared(x))
    x = layers.Add()([x, y])
    x = layers.SeparableConv2D(12, 3, strides=2, padding="same")(x)
    x = layers.Concatenate()([x, layers.DepthwiseConv2D(3, padding="same")(x)])
    x = layers.GlobalAveragePooling2D()(x)
    functional = keras.Model(start, layers.Dense(10, activation="softmax")(x))
    inner = keras.Sequential([keras.Input((16, 16, 4)), layers.Conv2D(4, 3), layers.ReLU(6.0)])
    outer = keras.Input((16, 16, 4))
    nested = keras.Model(outer, layers.Flatten()(inner(outer)))
    sequence = keras.Sequential([
        keras.Input((40, 8)), layers.Conv1D(16, 5, padding="causal"), layers.MaxPooling1D(2),
        layers.LayerNormalization(), layers.Dense(4), layers.Flatten(), layers.Dense(3),
    ])  # fmt: skip
    up = keras.Sequential([
        keras.Input((8, 8, 6)), layers.Conv2DTranspose(3, 4, strides=2, padding="same"),
        layers.UpSampling2D(2), layers.ZeroPadding2D(((1, 2), (0, 1))), layers.Cropping2D(1),
    ])  # fmt: skip
    return [functional, nested, sequence, up]


@pytest.mark.parametrize("place", range(4))
def test_what_keras_counts(place: int, tmp_path: Path) -> None:
    model = keras_models()[place]
    network = cnncalc.from_keras(model)
    assert network.parameters + network.statistics == model.count_params()
    assert list(network.output.shape) == list(model.output_shape[1:])
    model.save(tmp_path / "net.keras")
    read = cnncalc.load(tmp_path / "net.keras")
    assert [layer.label for layer in read] == [layer.label for layer in network]
    assert cnncalc.loads(spec_text(network)).parameters == network.parameters


def test_a_function_that_returns_a_model_is_run(here: Path) -> None:
    (here / "mynets.py").write_text(
        "import torch\n\n\ndef small():\n    print('noise')\n"
        "    return torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3), torch.nn.ReLU())\n"
    )
    assert cnncalc.load("mynets:small", input="8x8x3").parameters == 224
    with pytest.raises(cnncalc.SpecError, match="does not say its input"):
        cnncalc.load("mynets:small")
    with pytest.raises(cnncalc.SpecError, match="cannot import nowhere"):
        cnncalc.load("nowhere:at_all", input="8x8x3")


def test_what_is_no_model_is_refused() -> None:
    with pytest.raises(TypeError, match=r"from_torch takes a torch\.nn\.Module, not str"):
        cnncalc.from_torch("resnet", "8x8x3")
    with pytest.raises(TypeError, match="from_keras takes a Keras model, not int"):
        cnncalc.from_keras(3)
    with pytest.raises(TypeError, match="needs the input"):
        cnncalc.from_torch(nn.ReLU())
