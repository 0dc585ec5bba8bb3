"""Files of frameworks stand where specs stand, and come back as short specs.

The files are those that the frameworks wrote, without weights and without the traces of code; see
expected.json for what the frameworks count.
"""

import json
import random
import re
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from running import Command

import cnncalc
from cnncalc.exchange import read_model
from cnncalc.exchange.model import Model, ModelError
from cnncalc.exchange.recovery import NotRecovered, spec_text
from cnncalc.limits import MAX_SIZE
from cnncalc.render.formats import formats_of

FILES = Path(__file__).parent / "files"
EXPECTED = json.loads((Path(__file__).parent / "expected.json").read_text())
NAMES = [name for name in EXPECTED if name != "about"]


def model_of(name: str) -> Model:
    return read_model(str(FILES / name), MAX_SIZE)


def network_of(name: str) -> cnncalc.Network:
    return cnncalc.load(FILES / name)


@pytest.mark.parametrize("name", NAMES)
def test_every_parameter_is_counted(name: str) -> None:
    """The network has what the framework counts, but for what the file says is not in it."""
    expected, network = EXPECTED[name], network_of(name)
    missing = sum(expected.get(key, 0) for key in ("unread", "statistics", "other", "folded"))
    assert network.parameters == expected["parameters"] - missing
    assert network.statistics == expected.get("statistics", network.statistics)
    assert network.output.text("x") == "1000"


@pytest.mark.parametrize("name", NAMES)
def test_what_a_file_lacks_is_said(name: str) -> None:
    remarks = " ".join(model_of(name).remarks)
    lacks = [EXPECTED[name][key] for key in ("unread", "folded") if key in EXPECTED[name]]
    assert all(f"{number:,} parameters" in remarks for number in lacks)
    assert bool(remarks) == any(key in EXPECTED[name] for key in ("unread", "folded", "other"))


@pytest.mark.parametrize("name", NAMES)
def test_the_recovered_spec_is_short_and_gives_the_network(name: str) -> None:
    network = network_of(name)
    text = spec_text(network)
    assert cnncalc.loads(text).parameters == network.parameters
    body = [line for line in text.splitlines() if not line.startswith("expect")]
    assert len(body) <= EXPECTED[name]["lines"]
    assert max(map(len, body)) <= 100


@pytest.mark.parametrize("name", ["resnet50.pt2", "ResNet50.keras"])
def test_the_block_of_resnet_50_comes_out(name: str) -> None:
    text = spec_text(network_of(name))
    assert "shortcut:" in text
    assert "4*$width" in text
    assert "repeat: 5" in text


def test_a_flat_spec_has_one_item_a_layer() -> None:
    text = spec_text(network_of("resnet18.pt2"), flat=True)
    assert "blocks:" not in text
    assert "repeat:" not in text
    assert text.count("- conv:") == 20


def test_batch_norms_are_put_back() -> None:
    for name in ("resnet18_ts.onnx", "resnet18_dyn.onnx", "mobilenet_v2_ts.onnx"):
        model = model_of(name)
        model.unfold_batch_norm()
        assert model.network().parameters == EXPECTED[name]["parameters"]
        assert not model.remarks


def test_layers_keep_their_names() -> None:
    network = network_of("resnet18.pt2")
    assert network["layer2.0.downsample.0"].parameters == 64 * 128
    assert network["layer1.0"].kind == "BasicBlock"
    assert [layer.path for layer in network][:4] == ["conv1", "bn1", "relu", "maxpool"]
    assert network_of("ResNet50.keras")["conv2_block1_1_conv"].parameters == 4160


def test_another_input() -> None:
    path = FILES / "resnet18.pt2"
    assert cnncalc.load(path, input="64x64x3")["layer4"].output.text("x") == "2x2x512"
    with pytest.raises(cnncalc.OverrideError, match="the spec has no var width; it has none"):
        cnncalc.load(path, vars={"width": 3})
    with pytest.raises(cnncalc.OverrideError, match="the spec has no variant x; it has none"):
        cnncalc.load(path, variant="x")


def test_options_of_a_network_hold_for_a_model() -> None:
    path = FILES / "resnet18.pt2"
    half = cnncalc.load(path, dtype="float16", batch=2)
    assert half.parameter_memory == 2 * EXPECTED["resnet18.pt2"]["parameters"]
    assert half.memory == cnncalc.load(path).memory
    with pytest.raises(cnncalc.SpecError, match="does not come out even"):
        cnncalc.load(path, strict=True)
    with pytest.raises(cnncalc.SpecError, match="the model has 69 layers, more than 60"):
        cnncalc.build(cnncalc.read(path), max_layers=60)


def test_an_input_without_a_size_must_be_given() -> None:
    path = FILES / "MobileNetV3Small.keras"
    with pytest.raises(cnncalc.SpecError, match="the input input_layer_48 has no fixed size"):
        cnncalc.load(path)
    assert cnncalc.load(path, input="224x224x3").parameters + 12_112 == 2554968


def test_operations_without_a_kind_are_listed_all_at_once() -> None:
    with pytest.raises(cnncalc.SpecError) as caught:
        cnncalc.load(FILES / "swin_t.pt2")
    (problem,) = caught.value.problems
    assert problem.code.code == "CNN105"
    assert problem.message == (
        "no kind of layer stands for 2 operations: attention with biases of positions ×12 (first "
        "in features.1.0.attn), aten.roll.default ×10 (first in features.1.1.attn)"
    )
    assert problem.help.startswith("--allow-custom takes what the file says of them")


# What the frameworks count, and how many layers are stated, and in how many lines.
STATED = {
    "swin_t.pt2": (28288354, 22, 56),
    "levit_128s.pt2": (7777058, 11, 74),
    "convnextv2_atto.pt2": (3708400, 48, 55),
}


@pytest.mark.parametrize("name", STATED)
def test_with_allow_custom_the_numbers_of_a_file_are_stated(name: str) -> None:
    parameters, stated, lines = STATED[name]
    network = cnncalc.load(FILES / name, allow_custom=True)
    assert network.parameters == parameters
    assert network.output.text("x") == "1000"
    found = [layer for layer in network if layer.operation.stated]
    assert len(found) == stated
    assert all(layer.label == "custom, as stated" for layer in found)
    text = spec_text(network)
    assert cnncalc.loads(text).parameters == parameters
    assert text.count("\n") <= lines + 1


def test_allow_custom_stands_where_a_model_file_can(run: Command) -> None:
    path = str(FILES / "swin_t.pt2")
    for command in (["describe"], ["check"], ["import"], ["diff", path]):
        assert run(*command, path).code == 1
        assert run(*command, path, "--allow-custom").code == 0
    assert "error[CNN105]: no kind of layer stands for" in run("check", path).out
    explained = run("explain", path, "features.1.0.attn_2", "--allow-custom")
    assert "Its numbers are those that the spec states" in explained.out


def test_attention_is_what_projections_and_products_make() -> None:
    """torchvision's ViT as the bundled spec has it, layer by layer."""
    network, bundled = network_of("vit_b_16.pt2"), cnncalc.load("vit_b_16")
    assert network.macs == bundled.macs
    mine, theirs = (
        [(layer.kind, layer.output.values, layer.parameters) for layer in one if layer.weights]
        for one in (network, bundled)
    )
    assert mine == theirs
    attention = network["encoder.layers.encoder_layer_0.self_attention"]
    assert attention.label == "attention, 12 heads"
    assert "attention: 12" in spec_text(network)


@pytest.mark.parametrize("name", ["transformer_ts.onnx", "transformer_dyn.onnx"])
def test_attention_in_onnx_is_products_of_values(name: str) -> None:
    """Two encoder layers of PyTorch: 32 channels, 4 heads, 64 units, 17,088 parameters."""
    network = network_of(name)
    assert network.parameters == 17_088
    assert network.input.text("x") == network.output.text("x") == "16x32"
    kinds = [layer.kind for layer in network if layer.weights]
    assert kinds == ["layer_norm", "attention", "layer_norm", "conv", "conv"] * 2
    assert "repeat: 2" in spec_text(network)


def test_a_group_norm_in_onnx_is_an_instance_norm_of_groups() -> None:
    network = network_of("group_norm_ts.onnx")
    assert [layer.label for layer in network if layer.kind == "group_norm"] == [
        "group_norm 4",
        "group_norm 2",
    ]
    assert network.parameters == 8 * 3 * 9 + 2 * 8 + 8 * 8 * 9 + 2 * 8


def test_windows_are_followed_through_views() -> None:
    """Swin's windows of 7×7 are seen in what its attention costs."""
    attention = cnncalc.load(FILES / "swin_t.pt2", allow_custom=True)["features.1.0.attn_2"]
    assert attention.output.text("x") == "56x56x96"
    assert attention.macs == 2 * 56 * 56 * 49 * 96
    assert attention.parameters == 13 * 13 * 3


# The commands.


def test_describe_check_explain_and_diff_take_a_model(run: Command) -> None:
    path = str(FILES / "resnet18.pt2")
    described = run("describe", path)
    assert "11,689,512" in described.out
    assert "layer1      Sequential" in described.out
    checked = run("check", path, "--max", "parameters=5M")
    assert checked.code == 1
    assert "parameters of the network is 11,689,512, over the budget of 5M" in checked.out
    assert run("check", path, "--max", "parameters=12M").code == 0
    assert "⌊(56 − 3 + 2·1)/2⌋ + 1" in run("explain", path, "layer2.0.conv1").out
    assert run("diff", path, path).code == 0


def test_import_writes_a_spec_and_says_what_was_proved(run: Command, tmp_path: Path) -> None:
    spec = tmp_path / "net.yaml"
    result = run("import", str(FILES / "resnet50.pt2"), "-o", str(spec))
    assert result.code == 0
    assert "175 layers in " in result.err
    assert run("check", str(spec)).code == 0
    assert "name: resnet50\n" in spec.read_text()


def test_import_of_a_folded_model_says_what_is_missing(run: Command) -> None:
    path = str(FILES / "resnet18_ts.onnx")
    assert "4,800 parameters are missing" in run("import", path).err
    result = run("import", path, "--unfold-batch-norm")
    assert "missing" not in result.err
    assert "parameters: 11689512" in result.out


def test_import_of_specs_recovers_them() -> None:
    """Every bundled network without its text comes back with all its layers."""
    for name in ("lenet", "resnet50", "unet", "googlenet", "densenet121", "siamese", "textcnn"):
        network = cnncalc.load(name)
        assert cnncalc.loads(spec_text(network)).parameters == network.parameters


def test_a_shared_layer_without_weights_is_written_like_any_other() -> None:
    network = cnncalc.loads(
        "input: 8x8x3\n"
        "layers:\n"
        "  - conv: {filters: 4, kernel: 1}\n"
        "  - relu\n"
        "  - reuse: relu1\n"
        "  - {batch_norm: {scale: false, center: false}, name: norm}\n"
        "  - {reuse: norm, name: again}\n"
    )
    text = spec_text(network)
    assert text.startswith("input: 8x8x3\n")  # a network without a name
    assert "relu1" not in text
    assert "reuse: norm" in text
    found = cnncalc.loads(text)
    assert (found.parameters, found.statistics) == (network.parameters, network.statistics)
    assert [layer.kind for layer in found] == ["conv", "relu", "batch_norm", "batch_norm"]


@pytest.mark.parametrize(
    "after",
    [
        ["reuse: c", "relu"], ["relu", "reuse: c"], ["reuse: c"] * 3, ["reuse: c"] * 2 + ["relu"],
        ["relu", "reuse: c", "relu"], ["zero_pad: 1", "reuse: c"],
    ],
)  # fmt: skip
def test_what_stands_around_a_reuse_is_no_argument_of_it(after: list[str]) -> None:
    """A reuse has the padding and the activation of the first use."""
    lines = ["conv: {filters: 3, kernel: 3}", "  name: c", *(f"- {item}" for item in after)]
    text = "input: 19x19x3\nlayers:\n- " + "\n".join(lines)
    network = cnncalc.loads(text)
    found = cnncalc.loads(spec_text(network))
    assert [layer.kind for layer in found] == [layer.kind for layer in network]
    assert [layer.output for layer in found] == [layer.output for layer in network]
    assert found.parameters == network.parameters


def of_two_inputs(*names: str) -> bytes:
    """A .keras file of a sum of convolutions of two inputs."""
    layers: list[dict[str, Any]] = [
        {"class_name": "InputLayer", "config": {"name": name, "batch_shape": [None, 8, 8, 3]}}
        for name in names
    ]
    for number, name in enumerate(names):
        cls, config = conv(f"c{number}")
        reads = [[[name, 0, 0, {}]]]
        layers.append({"class_name": cls, "config": config, "inbound_nodes": reads})
    reads = [[["c0", 0, 0, {}], ["c1", 0, 0, {}]]]
    layers.append({"class_name": "Add", "config": {"name": "a"}, "inbound_nodes": reads})
    ends = {"input_layers": [[name, 0, 0] for name in names], "output_layers": [["a", 0, 0]]}
    model = {"class_name": "Functional", "config": {"layers": layers, **ends}}
    return zipped("config.json", json.dumps(model).encode())


@pytest.mark.parametrize(
    ("names", "written"),
    [
        (("left", "right-eye"), ("left", "right-eye")),
        (("input.1", "input.2"), ("input_1", "input_2")),  # as torch.onnx.export calls them
        (("a:0", "a 0"), ("a_0", "a_0_2")),
        (("1", "$x"), ("input_1", "x")),
        (("prev", "é"), ("prev_2", "input_2")),
    ],
)
def test_inputs_have_names_that_a_spec_takes(
    names: tuple[str, ...], written: tuple[str, ...], tmp_path: Path
) -> None:
    path = tmp_path / "two.keras"
    path.write_bytes(of_two_inputs(*names))
    assert [*cnncalc.load(path).inputs] == [*names]
    text = spec_text(cnncalc.load(path))
    assert [*cnncalc.loads(text).inputs] == [*written]


def test_a_spec_that_cannot_be_written_is_said_on_one_line() -> None:
    sizes = f"{10**12}x{10**12}x{10**12}"
    huge = f"input: {sizes}\nlayers:\n  - conv: {{filters: {10**12}, kernel: {10**12}}}\n  - relu\n"
    with pytest.raises(
        NotRecovered, match=r"^the recovered spec has an error: .* is not a number$"
    ):
        spec_text(cnncalc.loads(huge))


CELLS = """
input: 16x16x8
blocks:
  Cell:
    args: [width, skip]
    layers:
      - conv: {filters: $width, kernel: 1}
        name: left
      - conv: {filters: $width, kernel: 1}
        from: $skip
        name: right
      - depthwise_conv: {kernel: 3, padding: 1}
      - add: [left, prev]
        name: low
      - avg_pool: {kernel: 3, stride: 1, padding: 1}
        from: left
      - concat: [prev, right, low]
layers:
  - conv: {filters: 8, kernel: 3, padding: 1}
    name: a
  - conv: {filters: 8, kernel: 3, padding: 1}
    name: b
  - Cell: [4, a]
    name: c
  - Cell: [8, b]
    name: d
  - Cell: [8, c]
    name: e
  - Cell: [6, d]
  - fc: 10
"""


def test_cells_that_read_two_items_are_one_block() -> None:
    """NASNet's form: no part of it is series and parallel ways, and each cell reads two before."""
    network = cnncalc.loads(CELLS)
    text = spec_text(network)
    assert text.count("- depthwise_conv") == 1
    assert "from: $skip" in text
    assert len(text.splitlines()) <= len(CELLS.splitlines()) + 2
    assert cnncalc.loads(text).macs == network.macs


def test_a_block_that_is_read_from_outside_is_none() -> None:
    """The sums in the middle are read at the end, so that no block may hide them."""
    text = "input: 8x8x4\nlayers:\n"
    for number in range(4):
        text += (
            f"  - {{relu: null, name: r{number}}}\n"
            "  - conv: {filters: 4, kernel: 3, padding: 1}\n"
            f"  - {{add: [prev, r{number}], name: s{number}}}\n"
            f"  - {{batch_norm: null}}\n"
        )
    text += "  - concat: [s0, s1, s2, s3]\n"
    network = cnncalc.loads(text)
    found = cnncalc.loads(spec_text(network))
    assert [layer.kind for layer in found] == [layer.kind for layer in network]


# Files that are not as they should be.


def zipped(name: str, data: bytes, packed: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w", packed) as archive:
        archive.writestr(name, data)
    return file.getvalue()


def sequential(shape: list[Any], *layers: tuple[str, dict[str, Any]], name: str = "x") -> bytes:
    """A .keras file of an input and these layers."""
    given = ("InputLayer", {"name": name, "batch_shape": [None, *shape]})
    parts = [{"class_name": cls, "config": config} for cls, config in (given, *layers)]
    model = {"class_name": "Sequential", "config": {"name": "s", "layers": parts}}
    return zipped("config.json", json.dumps(model).encode())


def conv(name: str = "c", filters: object = 4) -> tuple[str, dict[str, Any]]:
    return "Conv2D", {"name": name, "filters": filters, "kernel_size": [1, 1]}


def damaged(data: bytes) -> bytes:
    """A zip file whose packed data can no longer be unpacked."""
    return data[:60] + bytes(byte ^ 0x5A for byte in data[60:80]) + data[80:]


def of_many_axes(name: str) -> bytes:
    """A .pt2 file, in which the first tensor has 300,000 sizes of a billion."""
    with zipfile.ZipFile(FILES / name) as archive:
        program = json.loads(archive.read(archive.namelist()[0]))
    tensors = program["graph_module"]["graph"]["tensor_values"]
    tensors[next(iter(tensors))]["sizes"] = [{"as_int": 10**9}] * 300_000
    return zipped("net/models/model.json", json.dumps(program).encode())


def with_a_short_float() -> bytes:
    """An .onnx file whose operator has a float of no bytes among its attributes."""
    attribute = b"\x0a\x01a\x12\x00"  # name: a, f: of length 0
    operator = b"\x2a" + bytes([len(attribute)]) + attribute
    graph = b"\x0a" + bytes([len(operator)]) + operator
    return b"\x3a" + bytes([len(graph)]) + graph


def bad_files() -> Iterator[tuple[str, bytes, str]]:
    whole = (FILES / "resnet18_ts.onnx").read_bytes()
    yield "empty.onnx", b"", "is empty"
    yield "text.onnx", b"hello, world", "is not a whole ONNX file"
    yield "cut.onnx", whole[: len(whole) // 2], "is not a whole ONNX file"
    yield "text.keras", b"hello", "is not a whole zip file"
    yield "other.keras", zipped("readme.txt", b""), "has no config.json in it"
    yield "no.keras", zipped("config.json", b"{"), "holds no JSON that can be read"
    yield "list.keras", zipped("config.json", b"[1, 2]"), "is not as Keras writes it"
    yield "deep.keras", zipped("config.json", b"[" * 100_000), "holds no JSON that can be read"
    yield "bomb.keras", zipped("config.json", b" " * (MAX_SIZE + 9)), "is larger than 16,777,216"
    subclassed = b'{"class_name": "MyModel", "config": {}}'
    yield "sub.keras", zipped("config.json", subclassed), "sub.keras is a subclassed model"
    yield "damaged.keras", damaged(sequential([8, 8, 3], conv())), "is not a whole zip file"
    unusual = zipped("config.json", b"{}", zipfile.ZIP_LZMA)
    yield "lzma.keras", unusual, "config.json in .* is packed in an unusual way"
    axes = "the input x: a volume has one to four sizes, not 1001"
    yield "axes.keras", sequential([2] * 1000 + [3], conv()), axes
    huge = "the input x: a volume has one to four sizes, not 100000"
    yield "huge.keras", sequential([10**12] * 100_000, conv()), huge
    whole_number = "the input x: every size of a volume is a whole number"
    yield "half.keras", sequential([8.5, 8, 3], conv()), whole_number
    yield "true.keras", sequential([8, 8, True], conv()), whole_number
    yield "nan.keras", sequential([8, 8, 3], conv(filters=float("nan"))), "c: no spec can hold nan"
    yield "axes.pt2", of_many_axes("vgg11_bn.pt2"), "has a tensor of more than 16 axes"
    yield "float.onnx", with_a_short_float(), "is not a whole ONNX file"
    yield "no.pt2", zipped("x/models/model.json", b"{}"), "is not as torch.export writes it"


@pytest.mark.parametrize(("name", "data", "message"), [*bad_files()])
def test_a_bad_file_is_a_clear_error(
    run: Command, name: str, data: bytes, message: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(cnncalc.SpecError, match=message):
        cnncalc.load(path)
    result = run("describe", str(path))
    assert result.code == 1
    assert "error[CNN105]" in result.err


@pytest.mark.parametrize("name", ["resnet18_ts.onnx", "resnet18_dyn.onnx"])
def test_a_damaged_onnx_file_is_never_more_than_an_error(name: str, tmp_path: Path) -> None:
    whole = (FILES / name).read_bytes()
    path = tmp_path / "net.onnx"
    for place in range(0, len(whole), max(1, len(whole) // 150)):
        for damaged in (
            whole[:place],
            whole[:place] + bytes([whole[place] ^ 255]) + whole[place + 1 :],
            whole[:place] + b"\xff" * 12 + whole[place:],
        ):
            path.write_bytes(damaged)
            with suppress(cnncalc.SpecError):
                cnncalc.load(path)


def changed(value: Any, rng: random.Random, chance: float) -> Any:
    """JSON with some numbers, words and parts of lists replaced."""
    if isinstance(value, dict):
        return {key: changed(part, rng, chance) for key, part in value.items()}
    if isinstance(value, list):
        kept = [changed(part, rng, chance) for part in value if rng.random() > chance / 4]
        return kept if rng.random() > chance / 4 else kept[::-1]
    if rng.random() < chance:
        return rng.choice([0, -1, 3, 10**15, None, "x", True, [], {}, 0.5, float("nan")])
    return value


@pytest.mark.parametrize(
    "name",
    [
        "MobileNetV2.keras", "ResNet50.keras", "Xception.keras",
        "vit_b_16.pt2", "levit_128s.pt2", "shufflenet_v2_x1_0.pt2",
    ],
)  # fmt: skip
def test_a_changed_file_is_never_more_than_an_error(name: str, tmp_path: Path) -> None:
    with zipfile.ZipFile(FILES / name) as archive:
        (inner,) = (
            one for one in archive.namelist() if one.endswith(("config.json", "model.json"))
        )
        model = json.loads(archive.read(inner))
    path = tmp_path / f"net{Path(name).suffix}"
    for seed in range(25):
        rng = random.Random(seed)
        other = changed(model, rng, rng.choice([0.0002, 0.002, 0.05]))
        path.write_bytes(zipped(inner, json.dumps(other).encode()))
        for allow_custom in (False, True):
            with suppress(cnncalc.SpecError):
                cnncalc.load(path, allow_custom=allow_custom)


def test_a_model_of_huge_sizes_is_refused(tmp_path: Path) -> None:
    config = json.dumps(
        {
            "class_name": "Sequential",
            "config": {
                "layers": [
                    {"class_name": "InputLayer",
                     "config": {"name": "x", "batch_shape": [None, 10**9, 10**9, 3]}},
                    {"class_name": "Conv2D",
                     "config": {"name": "c", "filters": 10**14, "kernel_size": [3, 3]}},
                ]
            },
        }
    )  # fmt: skip
    path = tmp_path / "huge.keras"
    path.write_bytes(zipped("config.json", config.encode()))
    with pytest.raises(cnncalc.SpecError, match="larger than 10\\^12"):
        cnncalc.load(path)


def test_a_cycle_of_layers_is_refused(tmp_path: Path) -> None:
    node = [[["b", 0, 0, {}]]]
    layers = [
        {"class_name": "ReLU", "config": {"name": "a"}, "inbound_nodes": node},
        {"class_name": "ReLU", "config": {"name": "b"}, "inbound_nodes": [[["a", 0, 0, {}]]]},
    ]
    config = {"layers": layers, "input_layers": [], "output_layers": [["b", 0, 0]]}
    path = tmp_path / "cycle.keras"
    text = json.dumps({"class_name": "Functional", "config": config})
    path.write_bytes(zipped("config.json", text.encode()))
    with pytest.raises(cnncalc.SpecError, match="is not as Keras writes it"):
        cnncalc.load(path)


def test_names_from_a_file_are_data(run: Command, tmp_path: Path) -> None:
    config = (
        '{"class_name": "Sequential", "config": {"layers": ['
        '{"class_name": "InputLayer", "config": {"name": "x", "batch_shape": [null, 8, 8, 3]}},'
        '{"class_name": "\\u001b[31mEvil[/]", "config": {"name": "::error::\\u202e"}}]}}'
    )
    path = tmp_path / "evil.keras"
    path.write_bytes(zipped("config.json", config.encode()))
    result = run("describe", str(path))
    assert result.code == 1
    assert "\x1b" not in result.err
    assert "\u202e" not in result.err


HOSTILE = "a\n::error::x\r\x1b[31m\u202e\u2066##[error]|<b>`$x_{[red]=1+1\\input{x}\x07\x85\u2028"


@pytest.mark.parametrize(
    "words",
    [
        *(("describe", "--expand", "all", "--format", f) for f in formats_of("describe")),
        *(("explain", "--format", name) for name in formats_of("explain")),
        *(("diff", "lenet", "--format", name) for name in formats_of("diff")),
        *(("draw", "--expand", "all", "--as", kind) for kind in ("graph", "volumes", "field")),
        ("check", "-v", "--max", "parameters=1"),
        ("import",),
        ("import", "--flat"),
        ("trace",),
    ],
)
def test_names_of_layers_are_shown_and_never_obeyed(
    words: tuple[str, ...], run: Command, tmp_path: Path
) -> None:
    inner = {
        "name": f"m{HOSTILE}",
        "layers": [dict(zip(("class_name", "config"), conv(HOSTILE), strict=True))],
    }
    data = sequential(
        [8, 8, 3], conv(HOSTILE), conv(f"::error::{HOSTILE}"), ("Sequential", inner),
        ("ReLU", {"name": HOSTILE * 100}), ("ReLU", {"name": HOSTILE * 100}), name=HOSTILE,
    )  # fmt: skip
    path = tmp_path / "evil.keras"
    path.write_bytes(data)
    command, *options = words
    code, out, err = run(command, path, *options)
    assert code in (0, 1)
    for line in (out + err).split("\n"):
        assert line.isprintable(), line
        assert not re.search(r"##\w*\[", line), line
        assert not line.lstrip().startswith("::"), line


def test_long_names_that_are_equal_are_numbered(tmp_path: Path) -> None:
    path = tmp_path / "long.keras"
    path.write_bytes(
        sequential([8, 8, 3], *(conv("c" * length) for length in (199, 300, 300, 400)))
    )
    names = [layer.name for layer in cnncalc.load(path)]
    assert names == ["c" * 199, *("c" * 199 + end for end in ("…", "…_2", "…_3"))]


def test_a_model_has_no_numbers_to_trace(run: Command) -> None:
    code, _, err = run("trace", FILES / "resnet18.pt2")
    assert code == 1
    assert err.startswith("error[CNN112]: a model carries no numbers to trace\n")
    assert f"cnncalc import {FILES / 'resnet18.pt2'} -o net.yaml makes a spec of it" in err
    code, _, err = run("draw", FILES / "resnet18.pt2", "--as", "maps")
    assert (code, "a model carries no numbers to trace" in err) == (2, True)


def test_the_limit_of_a_file_s_size_holds() -> None:
    with pytest.raises(ModelError, match="larger than 10 bytes"):
        read_model(str(FILES / "vit_b_16.pt2"), 10)
    with pytest.raises(ModelError, match="larger than the limit"):
        read_model(str(FILES / "resnet18_ts.onnx"), 1000)
