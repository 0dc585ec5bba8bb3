"""The command line: exit codes, what a SPEC may be, options, and what they refuse."""

import csv
import io
import json
import os
import re
import subprocess
import sys
from importlib import import_module
from io import StringIO
from pathlib import Path
from typing import Any

import click
import pytest
from running import Command
from running import command as command_of
from systems import needs_closed_streams, needs_devices, needs_full_device

import cnncalc
from cnncalc.commands.draw.kinds import KINDS
from cnncalc.commands.entries import ENTRIES
from cnncalc.commands.main import cli
from cnncalc.language.bundled import all_names
from cnncalc.render.formats import formats_of

OK = Path(__file__).parent / "cases" / "ok"
FAMILY = OK / "family.yaml"
TWO_INPUTS = OK / "reuse.yaml"
UNEVEN = OK / "uneven.yaml"

WIDE = """\
name: Wide
input: 32x32x3
vars: {width: 4, size: 3}
layers:
  - conv: {filters: 4*$width, kernel: $size, padding: same}
    expect: {output: 32x32x16}
  - fc: 10
"""


@pytest.fixture
def wide(tmp_path: Path) -> Path:
    return spec(tmp_path, WIDE)


def spec(folder: Path, text: str, name: str = "net.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def type_in(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


def totals(run: Command, *words: object) -> list[dict[str, str]]:
    """One row for each network and setting."""
    code, out, _ = run("describe", *words, "--expand", 0, "--format", "csv")
    assert code == 0
    return list(csv.DictReader(StringIO(out)))


def networks(run: Command, *words: object) -> list[dict[str, Any]]:
    code, out, _ = run("describe", *words, "--format", "json")
    assert code == 0
    found: list[dict[str, Any]] = json.loads(out)["networks"]
    return found


# Help


def test_version(run: Command) -> None:
    assert run("--version") == (0, f"cnncalc {cnncalc.__version__}\n", "")


COMMANDS = sorted(cli.list_commands(click.Context(cli)))


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_of_every_command(command: str, option: str, run: Command) -> None:
    assert run.output(command, option).startswith(f"Usage: cnncalc {command}")


@pytest.mark.parametrize("command", COMMANDS)
def test_the_list_of_commands_has_the_first_sentence_of_each(command: str, run: Command) -> None:
    first = " ".join((command_of(command).help or "").split("\n\n")[0].split())
    assert first == ENTRIES[command].meaning
    assert (first in run("--help").out) == bool(ENTRIES[command].group)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_says_what_it_does(command: str) -> None:
    found = command_of(command)
    assert found.help
    for parameter in found.params:
        assert isinstance(parameter, click.Argument) or getattr(parameter, "help", None), parameter


def test_as_a_module_without_the_current_folder(tmp_path: Path) -> None:
    (tmp_path / "click.py").write_text("raise SystemExit('a stranger's module')\n")
    command = [sys.executable, "-I", "-m", "cnncalc", "--version"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=True)
    assert done.stdout.decode() == f"cnncalc {cnncalc.__version__}\n"


# Numbers in options


def options_with_a_number() -> list[tuple[str, str]]:
    return [
        (command, parameter.opts[-1])
        for command in COMMANDS
        for parameter in command_of(command).params
        if parameter.metavar in ("N", "BYTES") or "NUMBERS" in parameter.type.name
    ]


# A call of the command to which the option belongs.
CALLS = {
    "diff": ["lenet", "lenet"],
    "solve": ["-W", "32", "-F", "5"],
    "trace": ["trace-vertical-line"],
    "rules": [],
}


def call_of(command: str, option: str) -> list[str]:
    """The words of a call that takes the option; of pictures a kind that does."""
    if command == "draw":
        name = option.removeprefix("--").replace("-", "_")
        return ["draw", "lenet", "--as", next(k.name for k in KINDS.values() if name in k.options)]
    return [command, *CALLS.get(command, ["lenet"])]


@pytest.mark.parametrize(("command", "option"), options_with_a_number())
def test_a_number_is_in_range_or_refused(command: str, option: str, run: Command) -> None:
    words = call_of(command, option)
    for number in ("9" * 5_000, "1" + 20 * "0", "-1", "1.5", "", "x"):
        errors = run.refusal(*words, f"{option}={number}")
        assert "Error: Invalid value for '" in errors
        assert len(errors) < 400
    if command != "solve":  # where every number is one of a sum
        assert run(*words, f"{option}=1_000").code in (0, 1)
        assert run(*words, f"{option}={10**12}").code in (0, 1)


def test_a_number_says_what_it_may_be(run: Command) -> None:
    errors = run.refusal("describe", "lenet", "--expand", 20 * "9")
    assert errors.endswith(
        "Error: Invalid value for '--expand': '99999999999999999999' is not "
        "a whole number from 0 to 1,000,000,000,000 or all\n"
    )


def test_help_at_the_top(run: Command) -> None:
    out = run.output("-h")
    for command in COMMANDS:
        assert (f"\n  {command} " in out) == bool(ENTRIES[command].group)


def test_no_command_is_a_usage_error(run: Command) -> None:
    assert run.refusal().count("\n  cnncalc ") == 3


# What people type instead


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["net.yaml"], "Did you mean cnncalc describe net.yaml?"),
        (["net.yml"], "Did you mean cnncalc describe net.yml?"),
        (["summary", "lenet"], "Did you mean describe?"),
        (["descrbe", "lenet"], "Did you mean describe?"),
        (["layer"], "Did you mean layers?"),
        (["describe", "lenett"], "did you mean lenet?"),
        (["describe", "squezenet"], "did you mean squeezenet?"),
        (["describe", "lenet", "--colums", "kind"], "--columns"),
        (["describe", "lenet", "--columns", "paramters"], "did you mean parameters?"),
        (["describe", "lenet", "--columns", "layer,knid"], "did you mean kind?"),
        (["describe", "lenet", "--sort", "wieghts"], "did you mean weights?"),
        (["describe", FAMILY, "--set", "widht=3"], "did you mean width?"),
        (["describe", FAMILY, "--variant", "wde"], "did you mean wide?"),
        (["layers", "covn"], "did you mean conv?"),
        (["layers", "residul"], "did you mean residual?"),
    ],
)
def test_did_you_mean(words: list[object], hint: str, run: Command) -> None:
    assert hint in run.refusal(*words)


def test_a_word_that_means_nothing(run: Command) -> None:
    errors = run.refusal("frobnicate")
    assert errors.endswith("Error: no command 'frobnicate'. cnncalc -h lists the commands.\n")


# What a SPEC may be


def test_a_path(run: Command, wide: Path) -> None:
    assert run.output("describe", wide).startswith("Wide   input 32×32×3\n")


@pytest.mark.parametrize("name", ["lenet", "resnet101", "course-example"])
def test_a_bundled_name(name: str, run: Command) -> None:
    assert "Total" in run.output("describe", name)


def test_a_file_comes_before_a_bundled_name(run: Command, here: Path) -> None:
    spec(here, WIDE, "lenet")
    assert run("describe", "lenet").out.startswith("Wide ")


@pytest.mark.parametrize("name", ["lenet.yaml", "specs/lenet.yaml", "./lenet", "nowhere/lenet"])
def test_a_path_never_falls_back(name: str, run: Command, here: Path) -> None:
    assert f"no file {name}" in run.refusal("describe", name)


def test_standard_input(run: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    type_in(WIDE.encode(), monkeypatch)
    assert run("describe", "-").out.startswith("Wide ")


def test_standard_input_with_a_fault(run: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    type_in(b"input: 3x3x1\nlayers: [conv: 2@5x5]\n", monkeypatch)
    assert "--> <stdin>:2:" in run.refusal("describe", "-", code=1)


def test_standard_input_is_read_once(run: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    type_in(WIDE.encode(), monkeypatch)
    assert "file is empty" not in run.refusal("describe", "-", "-")


@needs_devices
def test_a_pipe_given_by_name(run: Command) -> None:
    read, write = os.pipe()
    os.write(write, WIDE.encode())
    os.close(write)
    try:
        code, out, _ = run("describe", f"/dev/fd/{read}")
    finally:
        os.close(read)
    assert code == 0
    assert out.startswith("Wide ")


@pytest.mark.parametrize("name", [".", "", "no\0file", "\x1b[31mred.yaml", "::error::x.yaml"])
def test_what_is_no_spec(name: str, run: Command) -> None:
    errors = run.refusal("describe", name)
    assert "\x1b" not in errors
    assert "\0" not in errors
    assert not any(line.startswith("::") for line in errors.splitlines())


def test_no_spec_at_all(run: Command) -> None:
    assert run("describe").code == 2


def test_an_unreadable_file(run: Command, wide: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **more: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", refuse)
    assert "Permission denied" in run.refusal("describe", wide)


def test_a_binary_file(run: Command, tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_bytes(b"\x89PNG\0\xff")
    assert "CNN100" in run.refusal("describe", path, code=1)


def test_max_size(run: Command, wide: Path) -> None:
    assert "--limit size=" in run.refusal("describe", wide, "--limit", "size=20", code=1)


def test_max_layers(run: Command, wide: Path) -> None:
    assert "--limit layers=" in run.refusal("describe", wide, "--limit", "layers=1", code=1)


def test_several_specs(run: Command, wide: Path) -> None:
    out = run.output("describe", wide, "lenet", "vgg16")
    titles = [line for line in out.splitlines() if "   input " in line]
    assert titles == [
        "Wide   input 32×32×3", "LeNet-5   input 32×32×1", "VGG-16   input 224×224×3",
    ]  # fmt: skip


def test_a_spec_with_errors_does_not_hide_the_others(run: Command, tmp_path: Path) -> None:
    bad = spec(tmp_path, "input: 3x3x1\nlayers: [conv: 2@5x5, covn: 3]\n")
    code, out, errors = run("describe", bad, "lenet")
    assert code == 1
    assert out.startswith("LeNet-5 ")
    assert "2 errors" in errors


# --set, --input, --variant


def test_set(run: Command, wide: Path) -> None:
    (network,) = networks(run, wide, "--set", "width=2")
    assert network["outputs"] == {"fc1": [10]}
    assert network["layers"][0]["output"] == [32, 32, 8]


@pytest.mark.parametrize(
    ("value", "kernel"),
    [
        ("size=5", [5, 5]), ("size = 5", [5, 5]), ("size=3x5", [3, 5]), ("size=[3, 5]", [3, 5]),
        ("size=max(3, 5)", [5, 5]), ("size=2*2+1", [5, 5]),
    ],
)  # fmt: skip
def test_set_takes_what_the_spec_takes(
    value: str, kernel: list[int], run: Command, wide: Path
) -> None:
    (network,) = networks(run, wide, "--set", value)
    assert network["layers"][0]["arguments"]["kernel"] == kernel


def test_lists_multiply(run: Command, wide: Path) -> None:
    options = ["--set", "width=16,32,64", "--input", "128x128x3,224x224x3"]
    rows = totals(run, wide, *options)
    assert [(row["width"], row["input"]) for row in rows] == [
        (width, volume) for width in ("16", "32", "64") for volume in ("128x128x3", "224x224x3")
    ]
    # 4·width filters of 3·3·3 weights and a bias; each of 10 units reads all values of their maps
    assert [int(row["parameters"]) for row in rows] == [
        4 * width * 28 + 10 * (side * side * 4 * width + 1)
        for width in (16, 32, 64)
        for side in (128, 224)
    ]


def test_ranges_are_lists(run: Command, wide: Path) -> None:
    """language.md: "in `--set` commas outside brackets and ranges are alternatives"."""
    rows = totals(run, wide, "--set", "width=2..4,16")
    assert [row["width"] for row in rows] == ["2", "3", "4", "16"]
    assert totals(run, wide, "--set", "width=2..4,16") == totals(
        run, wide, "--set", "width=2,3,4,16"
    )
    code, _, errors = run("explain", wide, "--set", "width=2..4")
    assert (code, "explain takes one network" in errors) == (2, True)


@pytest.mark.parametrize("value", ["4..2", "1..1001", "0..999999999999"])
def test_ranges_count_up(value: str, run: Command, wide: Path) -> None:
    code, out, errors = run("describe", wide, "--set", f"width={value}")
    assert (code, out) == (2, "")
    assert (
        f"--set width: a range counts up, through at most 1,000 values: 1..4, not {value}" in errors
    )


def test_lists_multiply_to_tables(run: Command, wide: Path) -> None:
    code, out, _ = run("describe", wide, "--set", "width=1,2", "--set", "size=1,3")
    assert code == 0
    assert [line.partition("   ")[0] for line in out.splitlines() if "   input " in line] == [
        "Wide (width=1, size=1)", "Wide (width=1, size=3)",
        "Wide (width=2, size=1)", "Wide (width=2, size=3)",
    ]  # fmt: skip


def test_a_table_of_another_input_says_so(run: Command, wide: Path) -> None:
    assert run("describe", wide, "--input", "16x16x3").out.startswith("Wide   input 16×16×3\n")


def test_a_name_set_twice(run: Command, wide: Path) -> None:
    assert "width" in run.refusal("describe", wide, "--set", "width=1,2", "--set", "width=3")


@pytest.mark.parametrize("text", ["width", "width=", "=3", " = ", "width=1,,2"])
def test_set_without_a_name_or_value(text: str, run: Command, wide: Path) -> None:
    assert repr(text) in run.refusal("describe", wide, "--set", text)


def test_set_of_a_spec_without_vars(run: Command) -> None:
    assert "no var width" in run.refusal("describe", "lenet", "--set", "width=3")


def test_set_to_what_no_layer_takes(run: Command, wide: Path) -> None:
    assert "net.yaml:5:" in run.refusal("describe", wide, "--set", "width=0", code=1)


def test_input(run: Command) -> None:
    (network,) = networks(run, "lenet", "--input", "28x28x1")
    assert network["inputs"] == {"input": [28, 28, 1]}
    assert network["layers"][0]["output"] == [24, 24, 6]


def test_input_as_a_list_and_in_figure_notation(run: Command) -> None:
    for text in ("[28, 28, 1]", "1@28x28", "28X28X1", "28×28×1"):
        (network,) = networks(run, "lenet", "--input", text)
        assert network["inputs"] == {"input": [28, 28, 1]}


def test_input_by_name(run: Command) -> None:
    (network,) = networks(run, TWO_INPUTS, "--input", "left=14x14x1", "--input", "right=14x14x1")
    assert network["inputs"] == {"left": [14, 14, 1], "right": [14, 14, 1]}


@pytest.mark.parametrize(
    ("path", "text", "words"),
    [
        ("lenet", "28x28", "28x28x1"),  # the question that `input: 28x28` in a spec meets
        ("lenet", "axb", "axb"),
        ("lenet", "left=28x28x1", "no input left"),
        (TWO_INPUTS, "28x28x1", "left=VOLUME, right=VOLUME"),
        (TWO_INPUTS, "middle=28x28x1", "no input middle"),
        (TWO_INPUTS, "left=", "NAME=VALUE"),
    ],
)
def test_input_refused(path: object, text: str, words: str, run: Command) -> None:
    assert words in run.refusal("describe", path, "--input", text)


def test_input_too_small_for_the_network(run: Command) -> None:
    errors = run.refusal("describe", "lenet", "--input", "3x3x1", code=1)
    assert "kernel 5×5 does not fit into the 3×3×1 input" in errors


@pytest.mark.parametrize(("variant", "parameters"), [("wide", 554), ("deep", 354), ("large", 1082)])
def test_variant(variant: str, parameters: int, run: Command) -> None:
    (network,) = networks(run, FAMILY, "--variant", variant)
    assert network["variant"] == variant
    assert network["totals"]["parameters"] == parameters


def test_variant_by_the_name_of_a_bundled_one(run: Command) -> None:
    (one,) = networks(run, "resnet101")
    (other,) = networks(run, "resnet", "--variant", "resnet101")
    assert one == other
    assert one["totals"]["parameters"] == 44549160


def test_variant_in_the_title(run: Command) -> None:
    assert run("describe", FAMILY, "--variant", "wide").out.startswith("A family · wide   ")


def test_variant_with_other_vars(run: Command) -> None:
    (network,) = networks(run, FAMILY, "--variant", "deep", "--set", "width=4")
    assert network["totals"]["parameters"] == 40 + 2 * 148 + 514


# --strict, --dtype, --batch, --layout


def test_strict(run: Command) -> None:
    assert "54.25" in run.refusal("describe", UNEVEN, "--strict", code=1)


def test_strict_does_not_touch_an_explicit_rounding(run: Command) -> None:
    assert run("describe", OK / "rounding.yaml", "--strict").code == 0


def test_dtype_and_batch(run: Command) -> None:
    (plain,) = networks(run, "lenet")
    (half,) = networks(run, "lenet", "--dtype", "float16")
    (many,) = networks(run, "lenet", "--batch", 64)
    assert half["totals"]["memory"] * 2 == plain["totals"]["memory"]
    assert half["totals"]["parameter_memory"] * 2 == plain["totals"]["parameter_memory"]
    assert many["totals"]["memory"] == 64 * plain["totals"]["memory"]
    assert many["totals"]["parameter_memory"] == plain["totals"]["parameter_memory"]
    assert many["totals"]["macs"] == plain["totals"]["macs"]


@pytest.mark.parametrize(
    "words",
    [
        ["--batch", "0"], ["--batch", "x"], ["--dtype", "float"], ["--layout", "cwh"],
        ["--expand", "-1"], ["--expand", "some"], ["--format", "xml"], ["--width", "-3"],
        ["--color", "red"], ["--limit", "size=0"], ["--limit", "layers=0"], ["--limit", "9"],
        ["--limit", "size=2GiB"], ["--limit", "layers=1MiB"], ["--sort", "kind:up"],
    ],
)  # fmt: skip
def test_values_that_options_refuse(words: list[str], run: Command) -> None:
    assert words[0] in run.refusal("describe", "lenet", *words)


def test_layout(run: Command) -> None:
    out = run.output("describe", "lenet", "--layout", "chw", "--columns", "layer,input,output")
    lines = [line.split() for line in out.splitlines()]
    assert lines[0] == ["LeNet-5", "input", "1×32×32"]
    assert lines[4] == ["C1", "1×32×32", "6×28×28"]
    assert lines[-2] == ["softmax1", "10", "10"]


def test_layout_of_a_csv(run: Command) -> None:
    out = run("describe", "lenet", "--layout", "chw", "--format", "csv").out
    assert next(csv.DictReader(StringIO(out)))["output"] == "6x28x28"


def test_layout_of_the_totals(run: Command) -> None:
    (row,) = totals(run, "course-example", "--layout", "chw")
    assert row["input"] == "1x32x32"


# --expand, --columns, --sort


def names(out: str) -> list[str]:
    """The names of the rows, indented by their level, without marks."""
    head, _, body = out.partition("─\n")
    size = re.search(r"^  (\S+ +)", head, re.MULTILINE)
    assert size
    rows = [line[2 : 2 + len(size[1])].rstrip(" *") for line in body.splitlines()]
    return rows[: rows.index("Total")] if "Total" in rows else rows


def test_expand_levels(run: Command) -> None:
    path = OK / "residual.yaml"
    closed = names(run("describe", path).out)
    assert closed == ["plain", "Block1", "Block2", "Inverted1", "Inverted2"]
    two = names(run("describe", path, "--expand", 2).out)
    assert two[:5] == ["plain", "  body", "  add", "Block1", "  residual1"]
    opened = names(run("describe", path, "--expand", "all").out)
    assert opened[:4] == ["plain", "  body", "    conv1", "    tanh1"]
    assert opened == names(run("describe", path, "--expand", 99).out)
    assert len(opened) == len(list(cnncalc.load(path).elements()))


def test_expand_does_not_change_the_totals(run: Command) -> None:
    tables = [run("describe", "resnet50", "--expand", n).out for n in (1, 2, 3, "all")]
    found = {
        " ".join(line.split())
        for table in tables
        for line in table.splitlines()
        if line.startswith("  Total")
    }
    assert len(found) == 1


def test_numbers_of_layers_are_columns(run: Command) -> None:
    columns = "layer,layers,weight-layers"
    totals = run("describe", "resnet50", "--expand", 0, "--columns", columns).out
    assert totals.splitlines()[-1].split() == ["ResNet-50", "224×224×3", "1000", "174", "50"]
    lines = run("describe", "resnet50", "--columns", columns).out.splitlines()
    assert "  Stage1                 32               9" in lines
    assert "  relu1                   1               –" in lines
    assert "  Total                 174              50" in lines


def test_the_footer_counts_what_is_folded(run: Command) -> None:
    path = OK / "residual.yaml"
    network = cnncalc.load(path)
    folded = f"{len(network)} layers folded into {len(network.root.children)} rows"
    assert f"  {folded}; --expand all opens them\n" in run("describe", path).out
    assert f">{folded}<" in network._repr_html_()  # a notebook has no options
    assert "folded" not in run("describe", path, "--expand", "all").out


def test_expand_0_is_a_row_for_each_spec(run: Command, wide: Path) -> None:
    out = run.output("describe", wide, "lenet", "vgg16", "--expand", 0)
    assert names(out) == ["Wide", "LeNet-5", "VGG-16"]


def header(out: str) -> list[str]:
    line = next(line for line in out.splitlines() if line.startswith("  "))
    return line.replace("Receptive field", "Field").replace("Param. memory", "Parameters'").split()


@pytest.mark.parametrize(
    ("columns", "heads"),
    [
        ("layer,kind", ["Layer", "Kind"]),
        ("kind,layer", ["Kind", "Layer"]),
        ("layer, MACs ,params", ["Layer", "MACs", "Parameters"]),
        ("layer,multiply-adds,fan_in", ["Layer", "MACs", "Fan-in"]),
        ("basic", ["Layer", "Kind", "Output", "Weights", "Biases", "Parameters", "Connections"]),
        ("basic,macs", [
            "Layer", "Kind", "Output", "Weights", "Biases", "Parameters", "Connections", "MACs",
        ]),
        ("layer,layer,kind,layer", ["Layer", "Kind"]),
    ],
)  # fmt: skip
def test_columns(columns: str, heads: list[str], run: Command) -> None:
    assert header(run.output("describe", "lenet", "--columns", columns)) == heads


@pytest.mark.parametrize("name", ["basic", "counts", "cost", "all"])
def test_sets_of_columns(name: str, run: Command) -> None:
    out = run.output("describe", "lenet", "--columns", name)
    assert {"Layer", "Kind", "Output", "Parameters"} <= set(header(out))


def test_all_columns_are_all_quantities_and_more(run: Command) -> None:
    from cnncalc.quantities import QUANTITIES

    out = run("describe", "lenet", "--columns", "all", "--format", "csv").out
    found = next(csv.reader(StringIO(out)))
    more = {"layer", "kind", "input", "output", "kernel", "stride", "padding", "filter"}
    assert set(found) == {*QUANTITIES, *more, "percent", "formula"}


@pytest.mark.parametrize("columns", ["", ",", "layer,,kind", "layer;kind"])
def test_columns_that_are_none(columns: str, run: Command) -> None:
    assert "known: " in run.refusal("describe", "lenet", "--columns", columns)


def test_the_mark_stands_with_the_name(run: Command) -> None:
    """Wherever the column stands; a number stays a number."""
    out = run("describe", UNEVEN, "--columns", "fan_in,layer", "--width", 0).out
    rows = [line.split() for line in out.splitlines()[4:]]
    assert rows[0] == ["363", "conv1", "*"]


def test_no_marks_among_numbers_alone(run: Command) -> None:
    out = run("describe", UNEVEN, "--columns", "fan_in,positions").out
    assert out.splitlines()[4].split() == ["363", "2,916"]


def test_expand_0_takes_the_numbers_in_their_order(run: Command) -> None:
    out = run.output("describe", "lenet", "--expand", 0, "--columns", "macs,layer,biases")
    assert header(out)[-2:] == ["MACs", "Biases"]
    assert "Parameters" not in out


def test_trainable_is_shown_where_it_differs(run: Command) -> None:
    assert "Trainable" in run("describe", "lenet-1998").out
    assert "60,000 trainable, 840 fixed" in run("describe", "lenet-1998").out
    assert "rainable" not in run("describe", "lenet").out


@pytest.mark.parametrize("column", ["parameters", "connections", "macs", "memory", "percent"])
def test_sort_by_numbers(column: str, run: Command) -> None:
    out = run.output(
        "describe",
        "resnet50",
        "--expand",
        "all",
        "--sort",
        column,
        "--format",
        "csv",
        "--columns",
        f"layer,{column}",
    )
    rows = list(csv.DictReader(StringIO(out)))
    found = [float(row[column]) for row in rows]
    assert found == sorted(found, reverse=True)
    assert sorted(row["layer"] for row in rows) == sorted(
        layer.path for layer in cnncalc.load("resnet50")
    )


def test_sort_by_volume(run: Command) -> None:
    out = run.output("describe", "lenet", "--sort", "output", "--columns", "layer,output")
    assert names(out)[:4] == ["C1", "conv2", "avg_pool1", "avg_pool2"]


def test_sort_by_a_word_that_is_not_one_column(run: Command) -> None:
    for word in ("basic", "", "layer,kind"):
        assert run("describe", "lenet", "--sort", word).code == 2


# -o


FIRST = {
    "x.json": "{", "x.csv": "layer,kind,", "x.md": "### LeNet-5\n", "x.tex": "% needs \\usepackage",
    "x.html": "<!DOCTYPE html>", "x.txt": "LeNet-5   input 32×32×1\n", "X.JSON": "{",
}  # fmt: skip


@pytest.mark.parametrize("name", FIRST)
def test_output_file(name: str, run: Command, tmp_path: Path) -> None:
    path = tmp_path / name
    assert run("describe", "lenet", "-o", path) == (0, "", "")
    assert path.read_text(encoding="utf-8").startswith(FIRST[name])


def test_output_file_has_what_stdout_has(run: Command, tmp_path: Path) -> None:
    for format_ in formats_of("describe"):
        path = tmp_path / "file.dat"
        assert run("describe", "lenet", "-o", path, "--format", format_).code == 0
        assert path.read_text(encoding="utf-8") == run("describe", "lenet", "--format", format_).out


def test_output_format_before_suffix(run: Command, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    assert run("describe", "lenet", "-o", path, "--format", "json").code == 0
    json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["x.foo", "x", "x.", ".json", "folder/x.json"])
def test_output_file_refused(name: str, run: Command, tmp_path: Path) -> None:
    assert name in run.refusal("describe", "lenet", "-o", tmp_path / name)
    assert not (tmp_path / name).exists()


def test_output_is_refused_before_the_work(run: Command, tmp_path: Path) -> None:
    bad = spec(tmp_path, "layers: []\n")
    assert run("describe", bad, "-o", tmp_path / "x.foo").code == 2


# Notes and expectations


def test_notes_are_marked_and_summed_up(run: Command) -> None:
    out = run.output("describe", UNEVEN)
    assert "  conv1 * " in out
    assert "  max_pool2  " in out
    assert out.endswith("  * 2 windows do not fit evenly\n")


def test_a_folded_group_is_marked_for_what_is_in_it(run: Command) -> None:
    out = run("describe", OK / "residual.yaml").out
    assert re.findall(r"^  (\w+) \*", out, re.MULTILINE) == ["Block2"]
    assert "* 2 windows do not fit evenly" in out


def test_notes_in_full(run: Command) -> None:
    code, out, errors = run("describe", UNEVEN, "--notes")
    assert code == 0
    assert out == run("describe", UNEVEN).out
    assert errors.count("note[CNN301]") == 2
    assert "54.25" in errors
    assert "uneven.yaml:5:" in errors


def test_a_failed_expectation(run: Command, tmp_path: Path) -> None:
    path = spec(tmp_path, WIDE + "expect: {parameters: 61_706}\n")
    code, out, errors = run("describe", path)
    # 16 filters of 3·3·3 weights and a bias; 32·32·16 values to each of 10 units, and a bias
    right = 16 * 28 + 10 * (32 * 32 * 16 + 1)
    assert code == 1
    assert f" {right:,} " in out
    assert errors.startswith("error[CNN401]: ")
    assert f"{right:,}" in errors
    assert "net.yaml:8:22" in errors


def test_a_failed_expectation_in_every_format(run: Command, tmp_path: Path) -> None:
    path = spec(tmp_path, WIDE + "expect: {parameters: 1}\n")
    for format_ in formats_of("describe"):
        code, out, errors = run("describe", path, "--format", format_)
        assert code == 1
        assert out == run("describe", path, "--format", format_).out != ""
        assert "CNN401" in errors


@pytest.mark.parametrize(
    "options", [["--set", "width=8"], ["--input", "16x16x3"], ["--set", "width=8,16"]]
)
def test_expectations_are_not_judged_under_other_values(
    options: list[str], run: Command, tmp_path: Path
) -> None:
    path = spec(tmp_path, WIDE + "expect: {parameters: 1, output: 3}\n")
    code, _, errors = run("describe", path, *options)
    assert code == 0
    assert errors.count("not judged") == 1


def test_a_warning_does_not_fail(run: Command, tmp_path: Path) -> None:
    path = spec(tmp_path, "input: 8x8x1\nlayers:\n  - relu\n  - conv: 2@3x3\n    from: input\n")
    code, out, errors = run("describe", path)
    assert code == 0
    assert "Total" in out
    assert "warning[CNN302]" in errors


# Exit codes


def test_a_spec_with_errors_is_1(run: Command, tmp_path: Path) -> None:
    path = spec(tmp_path, "input: 8x8x1\nlayers:\n  - conv: {filters: 2, kernel: 9}\n  - covn: 3\n")
    errors = run.refusal("describe", path, code=1)
    assert errors.count("error[") == 2
    assert errors.endswith("\n2 errors\n")


def test_a_yaml_error_is_1(run: Command, tmp_path: Path) -> None:
    assert "CNN101" in run.refusal("describe", spec(tmp_path, "input: [1, 2\n"), code=1)


def break_it(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def fail(*args: object, **options: object) -> None:
        raise error

    import_module("cnncalc.api")  # a module that is first imported now would keep the broken build
    monkeypatch.setattr("cnncalc.network.build.build", fail)


def test_a_bug_is_3_in_one_line(run: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    break_it(monkeypatch, ZeroDivisionError("kernel\n::error::panic"))
    code, out, errors = run("describe", "lenet")
    assert (code, out) == (3, "")
    assert "Traceback" not in errors
    assert "ZeroDivisionError" in errors.splitlines()[0]
    assert "--debug" in errors
    assert not any(line.startswith("::") for line in errors.splitlines())


def test_a_bug_with_debug(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    break_it(monkeypatch, ZeroDivisionError("kernel"))
    from cnncalc.commands.main import main

    with pytest.raises(ZeroDivisionError):
        main(["--debug", "describe", "lenet"])


def test_without_docstrings_it_says_what_is_missing() -> None:
    explain = ["-m", "cnncalc", "explain", "lenet", "C1"]
    environment = os.environ | {"PYTHONPATH": str(Path(cnncalc.__file__).parents[1])}
    whole, less = (
        subprocess.run(
            [sys.executable, *options, *explain], env=environment, capture_output=True, text=True
        )
        for options in ([], ["-OO"])
    )
    assert (whole.returncode, whole.stderr) == (0, "")
    assert (less.returncode, less.stdout == whole.stdout) == (0, False)
    assert less.stderr.startswith("note: Python runs without docstrings (-OO, PYTHONOPTIMIZE=2), ")


@pytest.mark.parametrize("error", [MemoryError(), RecursionError(), AssertionError()])
def test_other_bugs_are_3(error: Exception, run: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    break_it(monkeypatch, error)
    assert run("describe", "lenet").code == 3


def test_interrupted_is_130(run: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    break_it(monkeypatch, KeyboardInterrupt())
    code, out, errors = run("describe", "lenet")
    assert (code, out, errors.strip()) == (130, "", "")


# Streams, each in a process of its own


def start(*words: str, env: dict[str, str] | None = None, **streams: Any) -> Any:
    """The command as it is installed."""
    return subprocess.Popen(
        [sys.executable, "-c", "from cnncalc.__main__ import run; run()", *words],
        env=os.environ | {"PYTHONPATH": str(Path(cnncalc.__file__).parents[1])} | (env or {}),
        **streams,
    )


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["describe", "resnet152", "--format", "json"], 0),
        (["describe", "alexnet", "--set", "x=1"], 2),
        (["explain", "no-such.yaml"], 2),
        (["check", str(Path(__file__).parent / "cases/bad/reuse-itself.yaml")], 1),
    ],
)
def test_the_process_leaves_when_all_is_written(words: list[str], code: int, run: Command) -> None:
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process = start(*words, **pipes)
    out, errors = process.communicate()
    assert (process.returncode, out.decode(), errors.decode()) == tuple(run(*words))


@pytest.mark.parametrize(
    "words",
    [["describe", "resnet152", "--format", "json"], ["layers"]],
    ids=["more than a pipe holds", "less"],
)
def test_a_closed_pipe_is_silent(words: list[str]) -> None:
    read, write = os.pipe()
    os.close(read)
    process = start(*words, stdout=write, stderr=subprocess.PIPE)
    os.close(write)
    _, errors = process.communicate()
    assert errors == b""
    assert process.returncode == 0


@needs_full_device
def test_a_full_disk_is_2() -> None:
    with open("/dev/full", "wb") as full:
        process = start("describe", "lenet", stdout=full, stderr=subprocess.PIPE)
        _, errors = process.communicate()
    assert process.returncode == 2
    assert b"No space left" in errors
    assert b"bug" not in errors


@needs_closed_streams
def test_without_a_stdout() -> None:
    process = start("describe", "lenet", stderr=subprocess.PIPE, preexec_fn=lambda: os.close(1))
    _, errors = process.communicate()
    assert b"Traceback" not in errors
    assert process.returncode in (0, 2)


def printed(words: list[str], encoding: str, monkeypatch: pytest.MonkeyPatch) -> tuple[int, str]:
    """The exit code, and everything that streams of an encoding get."""
    from cnncalc.commands.main import main

    data = io.BytesIO()
    streams = [io.TextIOWrapper(data, encoding, write_through=True) for _ in range(2)]
    monkeypatch.setattr(sys, "stdout", streams[0])
    monkeypatch.setattr(sys, "stderr", streams[1])
    with pytest.raises(SystemExit) as left:
        main(words)
    for stream in streams:
        stream.detach()
    return int(left.value.code or 0), data.getvalue().decode(encoding)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "cp437"])
@pytest.mark.parametrize(
    "words",
    [
        ["describe", "resnet50", "--columns", "layer,kind,output,percent,formula"],
        ["describe", "lenet", "--input", "3x3x1"],
        ["layers"],
        ["layers", "conv"],
        ["quantities"],
        ["specs"],
        ["-h"],
    ],
    ids=lambda words: "-".join(words[:2]),
)
def test_signs_that_a_stream_cannot_encode(
    encoding: str, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """× becomes x where it must, and never a question mark, a code or a traceback."""
    code, text = printed(words, encoding, monkeypatch)
    expected, whole = printed(words, "utf-8", monkeypatch)
    assert code == expected
    assert "\\u" not in text
    assert text.count("?") == whole.count("?")
    assert len(text.splitlines()) == len(whole.splitlines())


def test_no_banner(run: Command) -> None:
    assert run.output("describe", "lenet", "--format", "csv").startswith("layer,")


# layers, quantities, specs


def test_layers_lists_every_kind(run: Command) -> None:
    from cnncalc.language.composites import COMPOSITES
    from cnncalc.layers import KINDS

    out = run.output("layers")
    for kind in (*KINDS, *COMPOSITES):
        assert f"\n  {kind} " in out


def test_layers_of_every_name(run: Command) -> None:
    from cnncalc.language.composites import COMPOSITES
    from cnncalc.layers import KINDS

    for kind, cls in KINDS.items():
        for name in (kind, *vars(cls).get("aliases", ())):
            assert run.output("layers", name).startswith(f"{kind}\n"), name
    for kind in COMPOSITES:
        assert run("layers", kind).out.startswith(f"{kind}\n")


@pytest.mark.parametrize(("name", "kind"), [("Conv2D", "conv"), ("max pool", "max_pool")])
def test_layers_by_other_names(name: str, kind: str, run: Command) -> None:
    assert run("layers", name).out.startswith(f"{kind}\n")


def test_quantities_lists_all(run: Command) -> None:
    from cnncalc.quantities import QUANTITIES

    lines = run.output("quantities").splitlines()
    assert all(any(line.startswith(f"{name} ") for line in lines) for name in QUANTITIES)


def test_specs_lists_names_that_can_be_described(run: Command) -> None:
    out = run.output("specs")
    found = re.findall(r"^  (\S+)", out, re.MULTILINE)
    assert {"lenet", "resnet50", "vgg16", "course-example"} <= set(found)
    assert len(found) == len(set(found))
    for name in all_names():
        assert re.search(rf"\b{name}\b", out)


def test_specs_says_where_a_network_is_from(run: Command) -> None:
    """In words: not the sign with which a long text begins in YAML."""
    for line in run("specs").out.splitlines():
        assert not line.rstrip().endswith((">-", ">", "|", "|-"))


def test_specs_by_words(run: Command) -> None:
    out = run.output("specs", "LENET", "1998")
    assert "lenet-1998 " in out
    assert "vgg" not in out
    assert "\x1b" not in run.refusal("specs", "\x1b[31m", code=1)
