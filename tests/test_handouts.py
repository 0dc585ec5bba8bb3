"""Handouts: fragments of LaTeX, pages, exercise sheets with their keys, blanks in a spec."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest
from running import Command
from test_readme import CONSOLE, shown

import cnncalc
from cnncalc.render.formats import formats_of

CALLS = {
    "describe": ("lenet",),
    "explain": ("lenet", "C1"),
    "trace": ("trace-vertical-line", "conv1", "--at", "1,3"),
}
needs_latex = pytest.mark.skipif(not shutil.which("pdflatex"), reason="no pdflatex")


# LaTeX


@pytest.mark.parametrize("command", CALLS)
def test_latex_is_a_fragment(command: str, run: Command) -> None:
    out = run(command, *CALLS[command], "--format", "latex").out
    assert "\\documentclass" not in out
    assert "\\begin{document}" not in out
    whole = run(command, *CALLS[command], "--format", "latex", "--standalone").out
    assert whole.startswith("\\documentclass")
    assert whole.endswith("\\end{document}\n")


def test_a_captioned_table(run: Command) -> None:
    words = ("--caption", "50% of {it}", "--label", "tab:lenet")
    out = run("describe", "lenet", "--format", "latex", *words).out
    lines = out.splitlines()
    assert lines[1:5] == [
        r"\begin{table}", r"\centering\small\setlength{\belowcaptionskip}{6pt}",
        r"\caption{50\% of \{it\}}", r"\label{tab:lenet}",
    ]  # fmt: skip
    assert lines[-1] == r"\end{table}"
    out = run("describe", "resnet50", "--expand", "all", "--format", "latex", *words).out
    assert r"\begin{longtable}" in out  # which floats nowhere, and has its caption inside
    assert out.index(r"\begin{longtable}") < out.index(r"\caption{") < out.index(r"\toprule")


@needs_latex
@pytest.mark.parametrize("blank", [(), ("--blank", "output")])
def test_fragments_in_a_document(blank: tuple[str, ...], run: Command, tmp_path: Path) -> None:
    names = []
    for command, words in CALLS.items():
        for more in ((), ("--caption", "A caption", "--label", f"x:{command}")):
            name = f"{command}{len(more)}"
            answers = ("--answers", tmp_path / f"{name}key.tex") if blank else ()
            path = tmp_path / f"{name}.tex"
            assert run(command, *words, *more, *blank, *answers, "-o", path).code == 0
            names += [name, f"{name}key"] if blank and not more else [name]
    document = (
        "\\documentclass{article}\n\\usepackage[T1]{fontenc}\n"
        "\\usepackage{amsmath,booktabs,graphicx,longtable}\n\\begin{document}\nBefore.\n"
        + "".join(f"\\input{{{name}}}\n" for name in names)
        + "After.\n\\end{document}\n"
    )
    compiles(document, tmp_path)


@needs_latex
@pytest.mark.parametrize("name", ["lenet", "resnet50", "vit_b_16"])
def test_a_table_sticks_out_of_no_text(name: str, run: Command, tmp_path: Path) -> None:
    assert run("describe", name, "-o", tmp_path / "table.tex").code == 0
    packages = "\\usepackage[T1]{fontenc}\\usepackage{amsmath,booktabs,graphicx,longtable}"
    inside = "\\begin{document}\\noindent\\input{table}\\end{document}\n"
    compiles(f"\\documentclass{{article}}{packages}{inside}", tmp_path)
    assert "Overfull" not in (tmp_path / "main.log").read_text("latin-1")


@needs_latex
@pytest.mark.parametrize("command", CALLS)
def test_a_document_that_stands_alone(command: str, run: Command, tmp_path: Path) -> None:
    words = (*CALLS[command], "--format", "latex", "--standalone")
    compiles(run(command, *words).out, tmp_path)


def compiles(document: str, folder: Path) -> None:
    (folder / "main.tex").write_text(document, "utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "main.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout.decode("latin-1")[-2000:]
    assert (folder / "main.pdf").stat().st_size > 1000


@pytest.mark.parametrize("option", [("--caption", "x"), ("--label", "x"), ("--standalone",)])
def test_options_of_latex_alone(option: tuple[str, ...], run: Command) -> None:
    errors = run.refusal("describe", "lenet", *option)
    assert f"{option[0]} is for --format latex, not table" in errors


def test_a_label_that_latex_would_obey(run: Command) -> None:
    errors = run.refusal("describe", "lenet", "--format", "latex", "--label", "a}b")
    assert "LaTeX takes no such label" in errors


# HTML


class Page(HTMLParser):
    """What a page holds, and whether its tags are closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.links: list[str] = []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


PAGES = {**CALLS, "diff": ("lenet", "vgg16"), "solve": ("-W", "224", "-F", "11", "-S", "4")}


@pytest.mark.parametrize("command", PAGES)
def test_a_page_stands_alone(command: str, run: Command) -> None:
    text = run(command, *PAGES[command], "--format", "html").out
    page = Page(text)
    assert not page.links
    assert "script" not in page.seen
    assert {"html", "head", "title", "style", "body"} <= page.seen
    assert "prefers-color-scheme: dark" in text
    assert 'name="viewport"' in text
    assert "url(" not in text


def test_all_that_has_a_table_has_html() -> None:
    tabular = {name for name in PAGES if {"table", "text"} & formats_of(name).keys()}
    assert tabular == set(PAGES)
    assert all("html" in formats_of(name) for name in tabular)


def test_kinds_have_the_colours_of_their_family(run: Command) -> None:
    text = run("describe", "lenet", "--format", "html").out
    assert '<td class="conv">conv 5×5</td>' in text
    assert '<td class="pool">avg_pool 2×2/2</td>' in text
    assert ".conv { color: color-mix(in srgb, #0087d7" in text  # 32 of the 256 colours


# Where a layer stands


@pytest.mark.parametrize("format_", ["text", "markdown", "latex", "html"])
def test_without_lines(format_: str, run: Command) -> None:
    words = ("explain", "lenet", "C1", "--format", format_)
    assert "on line 5" in run(*words).out
    assert "on line" not in run(*words, "--no-lines").out


# Exercises


SHOWN = ("table", "text", "markdown", "latex", "html")
BLANKS = {"latex": r"\underline{\hspace{3em}}", "html": 'class="blank"', "markdown": r"\_\_\_\_"}
EACH = [(command, name) for command in CALLS for name in formats_of(command) if name in SHOWN]


@pytest.mark.parametrize(("command", "name"), EACH)
def test_blanks(command: str, name: str, run: Command, tmp_path: Path) -> None:
    words = ("lenet",) if command != "trace" else ("trace-vertical-line",)
    out = run(command, *words, "--blank", "output", "--format", name).out
    blank = BLANKS.get(name, "____") if command != "trace" else "__"
    assert blank in out or command == "trace"
    for volume in cnncalc.load("lenet").layers:
        for sign in ("×", r"$\times$"):
            if command != "trace" and "1" in volume.output.text() and volume.output.sizes:
                assert volume.output.text(sign) not in out


@pytest.mark.parametrize("suffix", ["md", "tex", "html"])
@pytest.mark.parametrize("command", CALLS)
def test_the_key_has_the_derivations(
    command: str, suffix: str, run: Command, tmp_path: Path
) -> None:
    key = tmp_path / f"key.{suffix}"
    words = ("lenet",) if command != "trace" else ("trace-vertical-line",)
    blank = "output,parameters" if command != "trace" else "output"
    run.output(command, *words, "--blank", blank, "--answers", key)
    text = key.read_text("utf-8")
    if command == "trace":
        assert text.count("conv1 at row") == 36
        return
    assert "____" not in text
    layers = [layer for layer in cnncalc.load("lenet") if layer.parameters]
    for layer in layers:
        number = f"{layer.parameters:,}"
        assert number in text or number.replace(",", "{,}") in text
    step = {
        "md": "6·(5·5·1 + 1)",
        "tex": r"6 \cdot (5 \cdot 5 \cdot 1 + 1)",
        "html": "6·(5·5·1 + 1)",
    }
    assert step[suffix] in text


def test_a_sheet_gives_nothing_away(run: Command) -> None:
    """Neither totals nor remarks nor marks of what is to be worked out."""
    out = run("describe", "lenet-1998", "--blank", "parameters").out
    assert "60,840" not in out
    assert "trainable" not in out
    assert "*" not in out
    out = run("explain", "vgg16", "--blank", "output").out
    assert "112" not in out
    out = run("explain", "vgg16", "conv1_1", "--blank", "output,parameters").out
    assert "1,792" not in out
    assert "O =" not in out
    assert "224×224×64" not in out


def test_a_sheet_of_numbers(run: Command) -> None:
    whole = run("trace", "trace-vertical-line").out
    blank = run("trace", "trace-vertical-line", "--blank", "output").out
    assert whole.splitlines()[:11] == blank.splitlines()[:11]  # the input stands
    assert re.findall("[3]", blank.partition("output")[2].partition("\n")[2]) == []
    assert blank.count("__") == 36


@pytest.mark.parametrize(
    ("words", "hint"),
    {
        ("describe", "lenet", "--blank", "memory"): "no column of the table; see --columns",
        ("describe", "lenet", "--blank", "outputt"): "did you mean output?",
        ("describe", "lenet", "--blank", "output", "--json"): "--blank is for people",
        (
            "describe",
            "lenet",
            "--answers",
            "k.md",
        ): "--answers is the key to what --blank leaves out",
        ("describe", "lenet", "--blank", "output", "--answers", "k.x"): "use .md, .tex, .html",
        ("explain", "lenet", "C1", "macs", "--blank", "output"): "leave the QUANTITY out",
        ("explain", "lenet", "--blank", "outputs"): "did you mean output?",
        ("trace", "trace-vertical-line", "--blank", "macs"): "--blank of trace takes output",
    }.items(),
)
def test_refused(words: tuple[str, ...], hint: str, run: Command) -> None:
    assert hint in run.refusal(*words)


# Blanks in a spec


SHEET = """input: 32x32x1
layers:
  - conv: {filters: 6, kernel: 5}
    expect: {output: "?", parameters: '?'}
expect: {output: "?", receptive_field: "?", macs: 117600}
"""


def test_a_blank_in_a_spec_is_listed(run: Command, tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(SHEET)
    code, out, _ = run("check", path)
    assert (code, out) == (0, "1 file, 1 layer: no problems; 5 notes, shown with -v\n")
    out = run("check", "-v", path).out
    for name in ("output of conv1", "parameters of conv1", "output of the network"):
        assert f"note[CNN403]: {name} is left blank\n" in out


def test_update_leaves_a_blank_alone(run: Command, tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(SHEET.replace("117600", "5"))
    assert run("check", "--update", path).code == 0
    assert path.read_text() == SHEET


# The page for lecturers

PAGE = Path(__file__).parent.parent / "docs" / "lecturers.md"


def test_the_page_is_true(
    run: Command, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(PAGE.parent.parent)
    text = PAGE.read_text("utf-8")
    true = CONSOLE.sub(lambda block: shown(block[0], run), text)
    if request.config.getoption("--update"):
        PAGE.write_text(true, "utf-8")
    assert text.count("$ cnncalc") >= 5
    assert PAGE.read_text("utf-8") == true


def test_the_commands_of_the_page_that_write_files(run: Command, here: Path) -> None:
    lines = re.findall(r"^cnncalc (.*)$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert len(lines) > 6
    for line in lines:
        assert run(*shlex.split(line))[::2] == (0, "")


def test_the_sheet_of_the_page(run: Command, tmp_path: Path) -> None:
    (text,) = re.findall(r"^```yaml\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    path = tmp_path / "exercise.yaml"
    path.write_text(text, "utf-8")
    assert run("check", path).code == 0
    assert run("check", "-v", path).out.count("is left blank") == 3
    path.write_text(text.replace('"?"', "28x28x5", 1), "utf-8")
    assert "output of C1 is 28×28×6, expected 28x28x5" in run("check", path).out
