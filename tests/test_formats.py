"""describe --format json, csv, markdown, latex: valid by their own rules, whatever the names."""

import csv
import json
import re
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from pictures import check_layout
from running import Command

import cnncalc
from cnncalc.quantities import NONE, ONCE, QUANTITIES, SUM
from cnncalc.render.formats import formats_of

OK = sorted((Path(__file__).parent / "cases" / "ok").glob("*.yaml"))
NAMES = [path.stem for path in OK]
SUMMED = [name for name, quantity in QUANTITIES.items() if quantity.adds in (SUM, ONCE)]

HOSTILE = (
    "::error::", "##[group]x", "| a | b |", "`code`", "<script>alert(1)</script>", "&lt;b&gt;",
    "=cmd()", "+1", "-1", "@sum", "[x](http://a.b)", "![x](y)", "**bold** _it_ ~~no~~", "# head",
    ":smile:", "conv[/] [red]", "\x1b[31mred", "a\u202eb", "a\nb", "a\tb", 'quo"te', "com,ma",
    "back\\slash", "$x^2$ 100% {y} #1 ~", "\\input{x}", "网络", "ﬁ é ß", "*", "www.evil.example",
)  # fmt: skip


def named(name: str, folder: Path) -> Path:
    """A spec with a name, written as YAML reads it back."""
    path = folder / "net.yaml"
    layers = "[conv: {filters: 2, kernel: 3, stride: 2}, {layers: [relu], name: a_b-c}]"
    path.write_text(f"name: {json.dumps(name)}\ninput: 8x8x1\nlayers: {layers}\n", encoding="utf-8")
    return path


@pytest.fixture(params=HOSTILE, ids=ascii)
def hostile(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return named(request.param, tmp_path)


def written(run: Command, path: Path, format_: str, *options: object) -> str:
    return run.output("describe", path, "--format", format_, *options)


# JSON


def document(text: str) -> dict[str, Any]:
    assert text.isascii()
    found: dict[str, Any] = json.loads(text)
    return found


def test_json_says_what_it_is(run: Command) -> None:
    found = document(written(run, OK[0], "json"))
    assert list(found) == ["schema_version", "tool", "networks"]
    assert found["schema_version"] == 1
    assert found["tool"] == {"name": "cnncalc", "version": cnncalc.__version__}
    assert len(found["networks"]) == 1


NETWORK_KEYS = {"name", "source", "inputs", "outputs", "layers", "totals"}
LAYER_KEYS = {
    "path", "level", "kind", "line", "inputs", "input", "output", "arguments", "group", "notes",
    *QUANTITIES,
}  # fmt: skip


@pytest.mark.parametrize("path", OK, ids=NAMES)
def test_json_keys_are_always_there(path: Path, run: Command) -> None:
    (network,) = document(written(run, path, "json"))["networks"]
    assert set(network) >= NETWORK_KEYS
    assert {frozenset(layer) for layer in network["layers"]} == {
        frozenset(network["layers"][0]) | LAYER_KEYS
    }
    assert set(network["totals"]) >= set(QUANTITIES)


@pytest.mark.parametrize("path", OK, ids=NAMES)
def test_json_totals_add_up(path: Path, run: Command) -> None:
    (network,) = document(written(run, path, "json"))["networks"]
    leaves = [layer for layer in network["layers"] if not layer["group"]]
    for name in SUMMED:
        total = sum(layer[name] for layer in leaves)
        if name == "memory":  # the inputs have no row
            total += 4 * sum(product(shape) for shape in network["inputs"].values())
        assert network["totals"][name] == total, name


def product(shape: list[int]) -> int:
    result = 1
    for size in shape:
        result *= size
    return result


@pytest.mark.parametrize("path", OK, ids=NAMES)
def test_json_groups_are_the_sums_of_their_layers(path: Path, run: Command) -> None:
    (network,) = document(written(run, path, "json"))["networks"]
    rows = network["layers"]
    for index, group in enumerate(rows):
        if not group["group"]:
            continue
        inside = []
        for row in rows[index + 1 :]:
            if row["level"] <= group["level"]:
                break
            inside += [] if row["group"] else [row]
        for name in SUMMED:
            assert group[name] == sum(row[name] for row in inside), (group["path"], name)


@pytest.mark.parametrize("path", OK, ids=NAMES)
def test_json_volumes_agree_with_the_library(path: Path, run: Command) -> None:
    (found,) = document(written(run, path, "json"))["networks"]
    network = cnncalc.load(path)
    assert found["inputs"] == {name: list(volume.shape) for name, volume in network.inputs.items()}
    assert found["outputs"] == {
        name: list(volume.shape) for name, volume in network.outputs.items()
    }
    leaves = [row for row in found["layers"] if not row["group"]]
    assert [(row["path"], row["kind"], row["line"]) for row in leaves] == [
        (layer.path, layer.kind, layer.line) for layer in network.root.layers
    ]
    for row, layer in zip(leaves, network.root.layers, strict=True):
        assert row["output"] == list(layer.output.shape)
        assert row["input"] == [list(volume.shape) for volume in layer.inputs]


@pytest.mark.parametrize("path", OK, ids=NAMES)
def test_json_paths_are_unique_and_inputs_are_earlier_layers(path: Path, run: Command) -> None:
    (found,) = document(written(run, path, "json"))["networks"]
    paths = [row["path"] for row in found["layers"]]
    assert len(set(paths)) == len(paths)
    leaves = [row for row in found["layers"] if not row["group"]]
    seen = set(found["inputs"])
    for row in leaves:
        assert row["inputs"]
        assert set(row["inputs"]) <= seen, row["path"]
        seen.add(row["path"])


def test_json_keeps_a_name_as_it_is(hostile: Path, run: Command) -> None:
    (found,) = document(written(run, hostile, "json"))["networks"]
    assert found["name"] == cnncalc.load(hostile).name


def test_json_of_several_specs_and_settings(run: Command, tmp_path: Path) -> None:
    family = next(path for path in OK if path.stem == "family")
    out = run.output("describe", family, "lenet", "--format", "json")
    assert [network["name"] for network in document(out)["networks"]] == ["A family", "LeNet-5"]
    code, out, _ = run("describe", family, "--set", "width=1,2,3", "--format", "json")
    assert code == 0
    filters = [network["layers"][1]["output"] for network in document(out)["networks"]]
    assert filters == [[8, 8, 1], [8, 8, 2], [8, 8, 3]]


def test_json_same_input_same_bytes(run: Command) -> None:
    assert written(run, OK[0], "json") == written(run, OK[0], "json")


# CSV


def rows_of(text: str) -> list[dict[str, str]]:
    rows = list(csv.DictReader(StringIO(text), strict=True))
    assert all(None not in row and None not in row.values() for row in rows)
    return rows


@pytest.mark.parametrize("path", OK, ids=NAMES)
def test_csv_has_raw_numbers_that_add_up(path: Path, run: Command) -> None:
    rows = rows_of(written(run, path, "csv", "--expand", "all", "--columns", "all"))
    network = cnncalc.load(path)
    assert len(rows) == len(network.root.layers)
    for name in SUMMED:
        if name != "memory":
            assert sum(int(row[name]) for row in rows) == network.quantity(name), name


def test_csv_of_the_default_columns(run: Command) -> None:
    lines = written(run, Path("lenet"), "csv").splitlines()
    assert lines[0] == "layer,kind,output,weights,biases,parameters,connections"
    assert lines[1] == "C1,conv 5×5,28x28x6,150,6,156,122304"
    assert len(lines) == 10


def test_csv_names_layers_by_their_path(run: Command) -> None:
    """A row stands alone: two rows called conv1 could not be told apart."""
    rows = rows_of(written(run, Path("resnet50"), "csv", "--expand", "all"))
    assert [row["layer"] for row in rows] == [layer.path for layer in cnncalc.load("resnet50")]


def test_csv_of_one_level_keeps_the_groups(run: Command) -> None:
    rows = rows_of(written(run, Path("resnet50"), "csv"))
    assert [row["layer"] for row in rows][:5] == [
        "ConvBN1", "relu1", "max_pool1", "Stage1", "Stage2",
    ]  # fmt: skip
    assert sum(int(row["parameters"]) for row in rows) == 25557032


def test_csv_does_not_start_a_formula(hostile: Path, run: Command) -> None:
    for options in (["--expand", "0"], []):
        out = run.output("describe", hostile, hostile, "--format", "csv", *options)
        for row in rows_of(out):
            assert row["network"][0] not in "=+-@"


def test_csv_keeps_commas_and_quotes(run: Command, tmp_path: Path) -> None:
    path = named('a "quoted", name', tmp_path)
    (row,) = rows_of(written(run, path, "csv", "--expand", 0))
    assert row["network"] == 'a "quoted", name'


# Markdown

CELL_BORDER = re.compile(r"(?<!\\)(?:\\\\)*\|")


def markdown_tables(text: str) -> list[list[list[str]]]:
    """The tables of a text as GitHub reads them: unescaped pipes part cells."""
    tables: list[list[list[str]]] = [[]]
    for line in text.splitlines():
        if line.startswith("|"):
            assert line.endswith("|")
            tables[-1].append([cell.strip() for cell in CELL_BORDER.split(line)[1:-1]])
        elif tables[-1]:
            tables.append([])
    return [table for table in tables if table]


@pytest.mark.parametrize("path", OK, ids=NAMES)
def test_markdown_rows_have_the_same_cells(path: Path, run: Command) -> None:
    (table,) = markdown_tables(written(run, path, "markdown", "--expand", "all"))
    head, rule, *rows = table
    assert {len(row) for row in table} == {len(head)}
    assert all(re.fullmatch(r"-{3,}:?", cell) for cell in rule)
    assert rows[-1][0] == "**Total**"
    total = cnncalc.load(path).parameters
    assert rows[-1][head.index("Parameters")] == (f"**{total:,}**" if total else "**–**")


MARKDOWN_SIGNS = re.compile(r"(?<!\\)(?:\\\\)*[`*_\[\]<>|~]")


def test_markdown_escapes_names(hostile: Path, run: Command) -> None:
    title, *rest = written(run, hostile, "markdown").splitlines()
    assert title.startswith("### ")
    assert not MARKDOWN_SIGNS.search(title)
    assert "\x1b" not in title
    assert "\u202e" not in title
    assert "&lt;" not in title  # an entity would be read as the sign it stands for
    assert "www." not in title  # GitHub makes a link of it
    assert not any(line.startswith(("::", "##[")) for line in [title, *rest])


def test_markdown_of_totals_escapes_names(hostile: Path, run: Command) -> None:
    (table,) = markdown_tables(written(run, hostile, "markdown", "--expand", 0))
    assert len(table) == 3
    assert {len(row) for row in table} == {len(table[0])}


def test_markdown_shows_the_tree_and_the_marks(run: Command) -> None:
    uneven = next(path for path in OK if path.stem == "residual")
    (table,) = markdown_tables(written(run, uneven, "markdown", "--expand", "all"))
    names = [row[0] for row in table]
    assert "&nbsp;" * 12 + r"conv1 \*" in names


# HTML


def test_html_is_escaped_and_says_its_encoding(hostile: Path, run: Command) -> None:
    text = written(run, hostile, "html")
    assert '<meta charset="utf-8">' in text
    tags = set(re.findall(r"<(!?\w+)", text))
    assert tags == {
        "!DOCTYPE", "html", "head", "meta", "title", "style", "body", "div", "table", "caption",
        "b", "span", "thead", "tbody", "tfoot", "tr", "th", "td", "p",
        "svg", "desc", "g", "rect", "polygon", "path", "text",
    }  # fmt: skip
    assert not re.search(r"&(?!(amp|lt|gt|quot|#x27|nbsp|emsp);)", text)


def test_html_has_a_picture_of_each_network(run: Command) -> None:
    pictures = re.findall(
        r"<svg.*?</svg>", run("describe", "lenet", "unet", "--format", "html").out, re.DOTALL
    )
    assert [check_layout(picture)[0].text for picture in pictures] == [
        "LeNet-5: its volumes", "U-Net: its layers as a graph",
    ]  # fmt: skip
    assert "<svg" not in run("describe", "lenet", "unet", "--expand", "0", "--format", "html").out


def test_html_shows_the_tree(run: Command) -> None:
    uneven = next(path for path in OK if path.stem == "residual")
    assert "&emsp;&emsp;&emsp;conv1 *<" in written(run, uneven, "html", "--expand", "all")


# LaTeX

TEX_SPECIAL = re.compile(r"(?<!\\)[#$%&_^~{}]")


def tex_rows(text: str) -> list[str]:
    body = text.partition("\\midrule\n")[2].partition("\\bottomrule")[0]
    return [line for line in body.splitlines() if line != "\\midrule"]


@pytest.mark.parametrize("path", OK, ids=NAMES)
def test_latex_rows_have_the_same_cells(path: Path, run: Command) -> None:
    text = written(run, path, "latex", "--expand", "all", "--standalone")
    alignment = re.search(r"\\begin\{tabular\}\{([lr]+)\}", text)
    assert alignment
    for row in tex_rows(text):
        assert row.endswith(" \\\\")
        assert len(re.split(r"(?<!\\)&", row)) == len(alignment[1])
    for name in ("document", "tabular"):
        assert text.count(f"\\begin{{{name}}}") == text.count(f"\\end{{{name}}}") == 1
    for rule in ("toprule", "midrule", "bottomrule"):
        assert f"\\{rule}" in text
    assert "\\usepackage{booktabs}" in text


COMMANDS = re.compile(
    r"\\(?:textbackslash|textasciicircum|textasciitilde|dots|textless|textgreater|textbar)\{\}"
    r"|\\texttt\{U\+[0-9A-F]+\}|\$(?:\\times|\\cdot|\\to|-)\$|\\[{}$&#%_ ]"
)


def test_latex_escapes_names(hostile: Path, run: Command) -> None:
    text = written(run, hostile, "latex", "--standalone")
    title = next(line for line in text.splitlines() if "\\quad input" in line)
    name = COMMANDS.sub("", title.partition("\\quad")[0])
    assert not re.search(r"[\\#$%&_^~{}]", name), name
    assert "\x1b" not in text


def test_latex_has_no_signs_that_its_font_lacks(run: Command, tmp_path: Path) -> None:
    """pdflatex stops at a sign outside T1; letters such as é and ß are in it."""
    text = written(run, named("Ħ ſ ƀ é ß", tmp_path), "latex", "--standalone")
    assert not set("Ħſƀ") & set(text)
    assert {"é", "ß"} <= set(text)


def test_latex_row_that_begins_with_a_bracket(run: Command, tmp_path: Path) -> None:
    r"""`\\` takes what follows in brackets, or a star, even on the next line, as its argument."""
    for name in ("[2ex] net", "*net"):
        path = named(name, tmp_path)
        text = run.output("describe", "lenet", path, "--format", "latex", "--expand", 0)
        assert not any(row.startswith(("[", "*")) for row in tex_rows(text))


# All of them

# What GitHub's runner takes for a command in a log. It looks for ##[ anywhere in a line.
RUNNER = re.compile(r"^\s*::|##\[", re.MULTILINE)


@pytest.mark.parametrize("format_", formats_of("describe"))
def test_no_control_characters_in_any_format(format_: str, hostile: Path, run: Command) -> None:
    for options in ([], ["--expand", 0], ["--expand", "all", "--columns", "all"]):
        out = written(run, hostile, format_, *options)
        assert all(char.isprintable() for char in out.replace("\n", ""))


@pytest.mark.parametrize("format_", formats_of("describe"))
def test_no_line_is_a_command_of_a_runner(format_: str, hostile: Path, run: Command) -> None:
    for options in ([], ["--expand", 0]):
        code, out, errors = run("describe", hostile, hostile, "--format", format_, *options)
        assert code == 0
        assert not RUNNER.search(out + errors)


CELLS: dict[str, Callable[[str], list[tuple[str, ...]]]] = {
    "csv": lambda text: [(row["layer"], row["parameters"]) for row in rows_of(text)],
    "markdown": lambda text: [tuple(row) for row in markdown_tables(text)[0][2:-1]],
    "latex": lambda text: [tuple(row[:-3].split(" & ")) for row in tex_rows(text)[:-1]],
}


@pytest.mark.parametrize("format_", CELLS)
def test_formats_agree_on_the_numbers(format_: str, run: Command) -> None:
    out = written(run, Path("lenet"), format_, "--columns", "layer,parameters")
    found = [
        (name.replace("\\", ""), int(re.sub("^(–|--)$", "0", number).replace(",", "")))
        for name, number in CELLS[format_](out)
    ]
    assert found == [(layer.path, layer.parameters) for layer in cnncalc.load("lenet")]


def test_json_has_every_quantity_that_only_single_layers_have(run: Command) -> None:
    single = [name for name, quantity in QUANTITIES.items() if quantity.adds == NONE]
    (network,) = document(written(run, Path("lenet"), "json"))["networks"]
    assert [network["totals"][name] for name in single] == [None] * len(single)
    assert [network["layers"][0][name] for name in ("fan_in", "positions")] == [25, 784]
