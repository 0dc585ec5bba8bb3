"""The pages that the site makes of the program, the notebook, and what other tools print.

The site itself is built by `.ci/run`, strictly. docs/generated.py needs no Sphinx, so that its
pages are read here.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import click
import pytest

import cnncalc
from cnncalc.commands.lookup.json_schemas import SCHEMAS
from cnncalc.commands.main import cli
from cnncalc.language.composites import COMPOSITES
from cnncalc.layers import KINDS
from cnncalc.quantities import QUANTITIES

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
NOTEBOOK = DOCS / "notebook.ipynb"


def module() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generated", DOCS / "generated.py")
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


GENERATED = module()
PAGES: dict[str, str] = GENERATED.pages()


def headings(name: str) -> list[str]:
    text = re.sub(r"^```.*?^```$", "", PAGES[f"{name}.md"], flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"^#{2,} (\S+)", text, re.MULTILINE)


def test_every_command_has_its_help() -> None:
    top = click.Context(cli, info_name="cnncalc", **cli.context_settings)
    names = cli.list_commands(top)
    assert headings("options") == names
    for name in names:
        command = cli.get_command(top, name)
        assert command is not None
        for parameter in command.params:
            if isinstance(parameter, click.Option) and not parameter.hidden:
                assert parameter.opts[0] in PAGES["options.md"]


def test_every_kind_quantity_and_code_is_there() -> None:
    assert {*KINDS, *(each.kind for each in COMPOSITES.values())} <= {*headings("kinds")}
    escaped = PAGES["quantities.md"].replace("\\", "")
    assert all(f"| {name} |" in escaped for name in QUANTITIES)
    pages = {path.stem for path in (ROOT / "cnncalc" / "rules").glob("*.md")}
    assert {*headings("codes")} >= pages
    assert len(pages) > 40


def keys(schema: Any) -> Iterator[str]:
    """Every key that a schema describes."""
    if isinstance(schema, list):
        for part in schema:
            yield from keys(part)
    elif isinstance(schema, dict):
        yield from schema.get("properties", {})
        for part in schema.values():
            yield from keys(part)


def test_every_key_of_the_json_is_there() -> None:
    sections = PAGES["schemas.md"].replace("\\", "").split("\n## ")[1:]
    assert [section.partition("\n")[0] for section in sections] == [*SCHEMAS]
    for section, make in zip(sections, SCHEMAS.values(), strict=True):
        listed = {path.rpartition(".")[2] for path in re.findall(r"^\| (\S+) \|", section, re.M)}
        assert {*keys(make())} <= listed
        assert "|  |" not in section.replace("|  |\n", "")  # a type for each


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere(name: str) -> None:
    folder = DOCS / GENERATED.FOLDER
    for path in re.findall(
        r"(?:\]\(|^\[[^\]]+\]: )(?!http|#)([^)\s#]+)", PAGES[name], re.MULTILINE
    ):
        assert (folder / path).resolve().exists() or path in PAGES, path


def test_pages_are_written_only_where_they_change(tmp_path: Path) -> None:
    (tmp_path / "old.md").write_text("left over", "utf-8")
    GENERATED.write(tmp_path)
    times = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert times.keys() == PAGES.keys()
    GENERATED.write(tmp_path)
    assert {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == times


def test_every_page_is_in_the_contents() -> None:
    index = (DOCS / "index.md").read_text("utf-8")
    names = [line for block in re.findall(r"^:::\{toctree\}\n(.*?)^:::", index, re.M | re.S)
             for line in block.splitlines() if line and not line.startswith(":")]  # fmt: skip
    own = [path.stem for path in DOCS.glob("*.md") if path.stem != "index"]
    made = [f"{GENERATED.FOLDER}/{Path(name).stem}" for name in PAGES]
    assert sorted(names) == sorted([*own, *made, "api"])


def test_llms() -> None:
    text = GENERATED.llms([("start.html", "Start", "Python 3.11 is all that is needed.")])
    assert text.startswith("# cnncalc\n\n> ")
    assert "- [Start](start.html): Python 3.11 is all that is needed.\n" in text


# The notebook.


def test_notebook(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its cells run one after the other and print what is kept below them."""
    monkeypatch.chdir(ROOT)
    text = NOTEBOOK.read_text("utf-8")
    notebook = json.loads(text)
    names: dict[str, Any] = {}
    printed = 0
    for cell in notebook["cells"]:
        if cell["cell_type"] != "code":
            continue
        with contextlib.redirect_stdout(io.StringIO()) as out:
            exec(compile("".join(cell["source"]), cell["id"], "exec"), names)
        lines = out.getvalue().splitlines(keepends=True)
        stream = {"name": "stdout", "output_type": "stream", "text": lines}
        cell["outputs"] = [stream] if lines else []
        printed += bool(lines)
    true = json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
    if request.config.getoption("--update"):
        NOTEBOOK.write_text(true, "utf-8", newline="\n")
        text = true
    assert text == true
    assert printed >= 6


# What other tools print for MobileNetV2, in docs/counting.md.


def printed_by_tools() -> dict[str, int]:
    """The numbers of the table, by the tool and what it calls them."""
    _, _, text = (DOCS / "counting.md").read_text("utf-8").partition("## One network, six tools")
    found, tool = {}, ""
    for row in re.findall(r"^\| (.*?) ?\| (.*?) \| ([\d,]+) \|", text, re.MULTILINE):
        tool = row[0] or tool
        found[f"{tool}: {row[1]}"] = int(row[2].replace(",", ""))
    return found


def test_what_other_tools_print() -> None:
    """Each number is made of this network's own layers, in the way that the page says."""
    net = cnncalc.load("mobilenet_v2")
    norms = [layer for layer in net if layer.kind == "batch_norm"]
    scales = sum(layer.parameters for layer in norms)
    normed = sum(layer.output.values for layer in norms)
    bent = sum(layer.output.values for layer in net if layer.kind == "relu6")
    (pooled,) = (layer.input.values for layer in net if layer.kind == "global_avg_pool")
    biases = net["fc1"].biases
    learners = [layer for layer in net if layer.parameters]
    fvcore = net.macs + 2 * normed + pooled
    assert printed_by_tools() == {
        "cnncalc: Parameters": net.parameters,
        "cnncalc: MACs": net.macs,
        "PyTorch's FlopCounterMode: FLOPs": net.flops,
        "torchinfo: Total params": net.parameters,
        "torchinfo: Total mult-adds": net.macs + scales + biases,
        "torchinfo: Forward/backward pass size": 2
        * 4
        * sum(each.output.values for each in learners),
        "fvcore: flops": fvcore,
        'ptflops, `backend="pytorch"`: MACs': fvcore + bent + biases,
        'ptflops, `backend="aten"`: MACs': net.macs + biases,
        "Keras, `summary()`: Total params": net.parameters + net.statistics,
        "Keras, `summary()`: Trainable params": net.trainable,
        "Keras, `summary()`: Non-trainable params": net.statistics,
    }
