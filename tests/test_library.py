"""The library: everything that the command line does, in a few lines of Python."""

import copy
import pickle
import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

import cnncalc
from cnncalc.checks.expectations import judge
from cnncalc.quantities import QUANTITIES

OK = Path(__file__).parent / "cases" / "ok"
FAMILY = OK / "family.yaml"
UNEVEN = OK / "uneven.yaml"

WIDE = """\
name: Wide
input: 32x32x3
vars: {width: 4}
layers:
  - conv: {filters: 4*$width, kernel: 3, padding: same, activation: relu}
    name: first
    expect: {output: 32x32x16}
  - max_pool: 2
  - fc: 10
expect: {parameters: 41418}
"""
WIDE_PARAMETERS = 16 * 28 + 10 * (16 * 16 * 16 + 1)


# Loading


def test_load_a_bundled_name() -> None:
    network = cnncalc.load("lenet")
    assert network.parameters == 61706
    assert network.name == "LeNet-5"
    assert network["C1"].output == cnncalc.Volume((28, 28), 6)


@pytest.mark.parametrize("kind", [str, Path])
def test_load_a_path(kind: Any) -> None:
    assert cnncalc.load(kind(FAMILY)).name == "A family"


def test_load_a_variant_by_its_name() -> None:
    network = cnncalc.load("resnet101")
    assert (network.variant, network.parameters) == ("resnet101", 44549160)


def test_load_what_is_not_there() -> None:
    with pytest.raises(FileNotFoundError):
        cnncalc.load("nowhere.yaml")
    with pytest.raises(OSError, match="no-such-network"):
        cnncalc.load("no-such-network")


def test_loads() -> None:
    network = cnncalc.loads(WIDE)
    assert network.parameters == WIDE_PARAMETERS
    assert network.source == ""
    assert network.inputs == {"input": cnncalc.Volume((32, 32), 3)}
    assert network.output == cnncalc.Volume((), 10)
    assert network.outputs == {"fc1": cnncalc.Volume((), 10)}


def test_loads_a_text_with_a_byte_order_mark() -> None:
    assert cnncalc.loads("\ufeff" + WIDE).name == "Wide"


def test_vars() -> None:
    assert cnncalc.loads(WIDE, vars={"width": 2})["first"].output == cnncalc.Volume((32, 32), 8)
    assert cnncalc.loads(WIDE, vars={"width": "1+1"}).parameters == (
        cnncalc.loads(WIDE, vars={"width": 2}).parameters
    )


@pytest.mark.parametrize(
    ("value", "said"), [(-1, "-1"), ("no", '"no"'), (0.3, "0.3"), ([1, 2], "[1, 2]")]
)
def test_a_problem_names_the_var_that_was_set(value: object, said: str) -> None:
    with pytest.raises(cnncalc.SpecError) as refused:
        cnncalc.loads(WIDE, vars={"width": value})
    (problem,) = (one for one in refused.value.problems if one.severity == "error")
    assert problem.facts[-1] == f"width is set to {said}"


def test_input() -> None:
    for given in ("16x16x3", cnncalc.Volume((16, 16), 3), {"input": "16x16x3"}):
        network = cnncalc.loads(WIDE, input=given)
        assert network["first"].output == cnncalc.Volume((16, 16), 16)


def test_variant() -> None:
    assert cnncalc.load(FAMILY, variant="wide").parameters == 554
    assert cnncalc.load(FAMILY).variant is None


def test_strict() -> None:
    with pytest.raises(cnncalc.SpecError) as raised:
        cnncalc.load(UNEVEN, strict=True)
    assert "54.25" in raised.value.problems[0].detail


def test_dtype_and_batch() -> None:
    plain = cnncalc.loads(WIDE)
    values = 32 * 32 * 3 + 32 * 32 * 16 + 16 * 16 * 16 + 10
    assert plain.memory == 4 * values
    assert cnncalc.loads(WIDE, dtype="float64", batch=3).memory == 24 * values
    assert cnncalc.loads(WIDE, dtype="int8").parameter_memory == WIDE_PARAMETERS


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"vars": {"widht": 3}}, "did you mean width?"),
        ({"variant": "wde"}, "no variant wde"),
        ({"dtype": "float"}, "float32"),
        ({"input": {"left": "3x3x1"}}, "no input left"),
        ({"input": "axb"}, "axb"),
    ],
)
def test_options_that_the_spec_does_not_have(options: dict[str, Any], words: str) -> None:
    with pytest.raises(cnncalc.OverrideError, match=re.escape(words)):
        cnncalc.loads(WIDE, **options)


def test_an_unknown_option() -> None:
    with pytest.raises(TypeError):
        cnncalc.loads(WIDE, inputs="3x3x1")


# Read once, build often


def test_build_does_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = cnncalc.read(FAMILY)
    from cnncalc.language import syntax

    def refuse(*args: object, **options: object) -> None:
        raise AssertionError("the text was read again")

    for module in list(sys.modules.values()):
        if getattr(module, "__name__", "").startswith("cnncalc"):
            for name, value in list(vars(module).items()):
                if value is syntax.parse:
                    monkeypatch.setattr(module, name, refuse)
    monkeypatch.setattr("builtins.open", refuse)
    widths = [cnncalc.build(spec, vars={"width": width}).network.parameters for width in (1, 2, 3)]
    assert widths == [140, 278, 416]
    assert cnncalc.build(spec).network.parameters == 278
    assert cnncalc.build(spec, variant="large").network.parameters == 1082
    assert cnncalc.build(spec, input="4x4x1").network.parameters == 86


def test_networks_of_one_spec_do_not_disturb_each_other() -> None:
    spec = cnncalc.read_text(WIDE)
    small = cnncalc.build(spec, vars={"width": 1}).network
    large = cnncalc.build(spec, vars={"width": 64}).network
    assert small["first"].output == cnncalc.Volume((32, 32), 4)
    assert large["first"].output == cnncalc.Volume((32, 32), 256)
    assert cnncalc.build(spec).network.parameters == WIDE_PARAMETERS


# Problems


BAD = """\
input: 8x8x1
layers:
  - conv: {filters: 2, kernel: 9}
    name: first
  - covn: 3
  - max_pool: {kernel: 2, sride: 1}
"""


def test_every_problem_with_its_place() -> None:
    with pytest.raises(cnncalc.SpecError) as raised:
        cnncalc.loads(BAD, name="net.yaml")
    found = [(p.line, p.column, p.code.code, p.severity) for p in raised.value.problems]
    assert found == [
        (3, 32, "CNN201", "error"), (5, 5, "CNN113", "error"), (6, 27, "CNN114", "error"),
    ]  # fmt: skip
    assert all(isinstance(problem, cnncalc.Problem) for problem in raised.value.problems)
    assert raised.value.problems[0].message == "kernel 9×9 does not fit into the 8×8×1 input"
    lines = str(raised.value).splitlines()
    assert [line.partition(": ")[0] for line in lines] == [
        "net.yaml:3:32", "net.yaml:5:5", "net.yaml:6:27",
    ]  # fmt: skip
    assert not isinstance(raised.value, cnncalc.OverrideError)


def test_a_spec_error_can_be_pickled() -> None:
    with pytest.raises(cnncalc.SpecError) as raised:
        cnncalc.loads(BAD)
    again = pickle.loads(pickle.dumps(raised.value))
    assert str(again) == str(raised.value)
    assert list(map(str, again.problems)) == list(map(str, raised.value.problems))


def test_check() -> None:
    assert judge(cnncalc.build(cnncalc.read_text(WIDE))) == []
    wrong = WIDE.replace("41418", "1").replace("32x32x16", "1x1x1")
    found = [problem for problem in cnncalc.check(cnncalc.read_text(wrong)) if problem.expected]
    assert [problem.line for problem in found] == [7, 10]
    assert {problem.code.code for problem in found} == {"CNN401"}
    (note,) = judge(cnncalc.build(cnncalc.read_text(wrong), vars={"width": 1}))
    assert (note.code.code, note.severity) == ("CNN403", "note")


def test_check_tells_what_may_surprise() -> None:
    assert [note.line for note in cnncalc.check(UNEVEN)] == [5, 7, 9]


# Layers


def test_iteration_is_over_layers_in_order() -> None:
    network = cnncalc.loads(WIDE)
    assert [layer.path for layer in network] == ["first", "max_pool1", "fc1"]
    assert network.layers == list(network)
    assert len(network) == 3
    assert bool(network)


def test_groups_are_elements_but_no_layers() -> None:
    network = cnncalc.load(OK / "residual.yaml")
    assert "plain" not in [layer.path for layer in network]
    group = network["plain"]
    assert (group.kind, group.level, group.parameters) == ("residual", 1, 148)
    assert group.output == cnncalc.Volume((8, 8), 4)
    assert network["Block2.shortcut.conv1"].parameters == 32


def test_a_layer_says_everything() -> None:
    layer = cnncalc.loads(WIDE)["first"]
    assert (layer.path, layer.name, layer.kind, layer.level, layer.line) == (
        "first", "first", "conv", 1, 5,
    )  # fmt: skip
    assert layer.input == cnncalc.Volume((32, 32), 3)
    assert layer.inputs == (layer.input,)
    assert layer.output == cnncalc.Volume((32, 32), 16)
    arguments = layer.arguments
    assert (arguments["filters"], arguments["kernel"], arguments["stride"]) == (16, [3, 3], [1, 1])
    assert (arguments["padding"], arguments["activation"]) == ("same", "relu")
    assert (layer.weights, layer.biases, layer.parameters) == (432, 16, 448)
    assert (layer.neurons, layer.connections) == (16384, 16384 * 28)
    assert (layer.fan_in, layer.positions) == (27, 1024)


@pytest.mark.parametrize("name", QUANTITIES)
def test_every_quantity_is_an_attribute(name: str) -> None:
    network = cnncalc.load(OK / "residual.yaml")
    for element in (network, network["plain"], network["plain.body.conv1"]):
        attribute = "layer_count" if name == "layers" else name  # layers are the layers themselves
        assert getattr(element, attribute) == element.quantity(name)


def test_other_names_of_quantities() -> None:
    network = cnncalc.load("lenet")
    assert network.params == network.parameters == 61706
    assert network["C1"].multiply_adds == network["C1"].macs == 117600


def test_a_layer_that_is_not_there() -> None:
    network = cnncalc.load("lenet")
    with pytest.raises(KeyError, match=r"did you mean C1\?"):
        network["c_1"]
    with pytest.raises(KeyError, match="no layer"):
        network["something entirely different"]


@pytest.mark.parametrize(
    ("name", "words"),
    [("paramters", "did you mean parameters?"), ("wieghts", "did you mean weights?")],
)
def test_an_attribute_that_is_not_there(name: str, words: str) -> None:
    network = cnncalc.load("lenet")
    for element in (network, network["C1"]):
        assert not hasattr(element, name)
        with pytest.raises(AttributeError, match=re.escape(words)):
            getattr(element, name)


def test_unknown_names_are_not_there() -> None:
    network = cnncalc.load(OK / "residual.yaml")
    for thing in (cnncalc, network, network["plain"], network["plain.add"]):
        for name in ("nonsense", "_nonsense", "__nonsense__", "_ipython_display_", "shape"):
            assert not hasattr(thing, name)
    with pytest.raises(AttributeError, match="'cnncalc' has no attribute 'lod'"):
        cnncalc.lod  # noqa: B018


def test_public_names() -> None:
    for name in cnncalc.__all__:
        assert getattr(cnncalc, name) is not None
    assert set(cnncalc.__all__) <= set(dir(cnncalc))
    promised = {"load", "loads", "read", "build", "output_size", "Network", "Volume", "SpecError"}
    assert promised <= set(cnncalc.__all__)


# Other forms


def test_to_dict_is_what_json_says(capsys: pytest.CaptureFixture[str]) -> None:
    import json

    from cnncalc.commands.main import main

    with pytest.raises(SystemExit):
        main(["describe", str(OK / "reuse.yaml"), "--format", "json"])
    (network,) = json.loads(capsys.readouterr().out)["networks"]
    assert json.loads(json.dumps(cnncalc.to_dict(cnncalc.load(OK / "reuse.yaml")))) == network


def test_repr() -> None:
    network = cnncalc.load("lenet")
    assert repr(network) == "<Network 'LeNet-5': 9 layers, 61,706 parameters>"
    assert "C1" in repr(network["C1"])
    assert "conv 5×5" in repr(network["C1"])
    for element in cnncalc.load(OK / "residual.yaml").elements():
        assert element.path in repr(element)


class Table(HTMLParser):
    """The cells of an HTML table by row, and every tag that was opened."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.tags: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)
        self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in ("td", "th"):
            self.rows[-1][-1] += data


@pytest.mark.parametrize("path", sorted(OK.glob("*.yaml")), ids=lambda path: path.stem)
def test_html_of_a_notebook(path: Path) -> None:
    network = cnncalc.load(path)
    table = Table(network._repr_html_())
    assert table.open == []
    assert len({len(row) for row in table.rows}) == 1
    total = table.rows[-1][table.rows[0].index("Parameters")]
    assert total == (f"{network.parameters:,}" if network.parameters else "–")


def test_html_is_escaped() -> None:
    name = '<script>alert(1)</script> & \\e[31m\\u202e\\" onload=x'
    text = cnncalc.loads(WIDE.replace("Wide", f'"{name}"'))._repr_html_()
    assert "script" not in Table(text).tags
    assert "&lt;script&gt;" in text
    assert "\x1b" not in text
    assert "\u202e" not in text


# Copies


def test_a_network_can_be_copied() -> None:
    network = cnncalc.loads(WIDE)
    for again in (copy.copy(network), copy.deepcopy(network)):
        assert cnncalc.to_dict(again) == cnncalc.to_dict(network)
        assert again["first"].path == "first"
    assert copy.deepcopy(network)["first"] is not network["first"]


def test_a_network_can_be_pickled() -> None:
    network = cnncalc.load("resnet50")
    assert cnncalc.to_dict(pickle.loads(pickle.dumps(network))) == cnncalc.to_dict(network)


def test_volumes_are_values() -> None:
    volume = cnncalc.Volume((28, 28), 6)
    assert volume == cnncalc.Volume.parse("28x28x6") == copy.deepcopy(volume)
    assert pickle.loads(pickle.dumps(volume)) == volume
    assert len({volume, cnncalc.Volume((28, 28), 6)}) == 1
    assert (str(volume), volume.sizes, volume.channels, volume.values) == (
        "28x28x6", (28, 28), 6, 4704,
    )  # fmt: skip
    assert str(cnncalc.Volume((), 120)) == "120"
    with pytest.raises(AttributeError):
        volume.channels = 3


# The formula


@pytest.mark.parametrize(
    ("arguments", "size"),
    [
        ({"size": 32, "kernel": 5, "stride": 1, "padding": 0}, 28),
        ({"size": 227, "kernel": 11, "stride": 4}, 55),
        ({"size": 224, "kernel": 11, "stride": 4}, 54),
        ({"size": 5, "kernel": 3, "stride": 2, "padding": 1}, 3),
        ({"size": 7, "kernel": 3, "dilation": 2}, 3),
        ({"size": 32, "kernel": 5, "padding": (2, 2)}, 32),
    ],
)
def test_output_size(arguments: dict[str, Any], size: int) -> None:
    assert cnncalc.output_size(**arguments) == size


def test_output_size_by_position() -> None:
    assert cnncalc.output_size(32, 5, stride=1, padding=0) == 28
    assert cnncalc.output_size(32, 5) == 28


def test_output_size_that_does_not_fit() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        cnncalc.output_size(3, 5)
