"""The command line as a whole: groups, short help, topics, first specs, files, options."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import click
import pytest
from running import Command, command

from cnncalc.commands.entries import ENTRIES
from cnncalc.render.formats import formats_of

NAMES = list(ENTRIES)


# Help


def test_the_list_of_commands_is_in_groups_on_one_screen(run: Command) -> None:
    lines = run("-h").out.splitlines()
    groups = list(dict.fromkeys(entry.group for entry in ENTRIES.values() if entry.group))
    assert [line[:-1] for line in lines if line[:-1] in groups] == groups
    assert groups[0] == "Calculate"
    assert groups[-1] == "Look up"
    assert len(lines) <= 24
    assert max(map(len, lines)) < 80


@pytest.mark.parametrize("name", NAMES)
def test_short_help_fits_a_screen(name: str, run: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = run(name, "-h").out.splitlines()
    assert len(lines) < 24  # the last line is the prompt's
    assert max(map(len, lines)) <= 80
    for heading, options in ENTRIES[name].brief.items():
        assert f"{heading}:" in lines
        assert all(any(word in line for line in lines) for word in options.split())
    assert lines[-1] == f"cnncalc {name} --help has everything."


@pytest.mark.parametrize("name", NAMES)
def test_help_has_every_option(name: str, run: Command) -> None:
    out = run(name, "--help").out
    options = [param for param in command(name).params if isinstance(param, click.Option)]
    assert all(option in out for param in options for option in param.opts)


@pytest.mark.parametrize("name", NAMES)
def test_help_of_a_command(name: str, run: Command) -> None:
    assert run("help", name).out.startswith(run(name, "--help").out)


@pytest.mark.parametrize("name", NAMES)
def test_a_page_of_docs_has_it(name: str) -> None:
    docs = Path(__file__).parent.parent / "docs"
    assert any(f"cnncalc {name}" in page.read_text("utf-8") for page in docs.glob("*.md"))


TOPICS = {
    "conv": "Convolution", "conv2d": "also called", "macs": "products of values with weights",
    "multiply-adds": "products of values with weights", "CNN201": "window-does-not-fit",
    "skipped-pixels": "CNN304", "CNN3": "uneven-window", "lenet": "LeCun", "resnet18": "variants",
    "branches": "branches", "receptive field": "receptive_field",
}  # fmt: skip


@pytest.mark.parametrize(("topic", "words"), TOPICS.items())
def test_help_of_a_topic(topic: str, words: str, run: Command) -> None:
    assert words in run.output("help", *topic.split())


def test_help_without_a_topic_is_the_list(run: Command) -> None:
    assert run("help").out == run("-h").out


def test_help_of_a_misspelled_topic(run: Command) -> None:
    errors = run.refusal("help", "conection")
    assert errors.endswith(
        "no command, kind, quantity, code or bundled network is called conection; "
        "did you mean connections?\n"
    )


def test_a_topic_with_two_meanings(run: Command) -> None:
    out = run("help", "layers").out
    assert out.startswith("Usage: cnncalc layers")
    assert "\n\nlayers\n" in out
    out = run("help", "reuse").out
    assert out.startswith("reuse\n")
    assert "CNN208" in out


@pytest.mark.parametrize("word", ["CNN201", "macs", "conv", "multiply_adds"])
def test_explain_answers_for_words(word: str, run: Command) -> None:
    assert run("explain", word) == run("help", word)


def test_explain_prefers_a_file(run: Command, here: Path) -> None:
    Path("macs").write_text("input: 4x4x1\nlayers: [relu]\n")
    assert "relu" in run("explain", "macs").out


@pytest.mark.parametrize(
    ("word", "meant"),
    {
        "params": "describe", "shape": "describe", "summary": "describe", "flops": "describe",
        "convert": "import", "lint": "check", "validate": "check", "run": "trace",
        "compare": "diff", "Compare": "diff", "new": "init",
    }.items(),
)  # fmt: skip
def test_what_people_type(word: str, meant: str, run: Command) -> None:
    errors = run.refusal(word, "lenet")
    assert f"no command {word!r}. Did you mean {meant}? {ENTRIES[meant].meaning}\n" in errors


def test_no_word_means_two_commands() -> None:
    words = [word for entry in ENTRIES.values() for word in entry.words.split()]
    assert len(words) == len(set(words))
    assert not set(words) & ENTRIES.keys()


# Options


def test_an_option_has_one_meaning() -> None:
    """Options of one name take the same kind of value in every command.

    But for --width, which of a text picture is a number of columns too.
    """
    forms: dict[str, set[str]] = defaultdict(set)
    for name in NAMES:
        for param in command(name).params:
            if isinstance(param, click.Option):
                form = "flag" if param.is_flag else str(param.metavar or param.type)
                for option in param.opts:
                    forms[option].add(form)
    assert forms.pop("--width") == {"N", "LENGTH"}
    assert {option: found for option, found in forms.items() if len(found) > 1} == {}


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("init", "help")])
def test_every_command_writes_to_a_file(name: str) -> None:
    options = {option for param in command(name).params for option in param.opts}
    assert {"-o", "--output-file"} <= options


CALLS = {
    "describe": ["lenet"], "explain": ["lenet", "C1"], "trace": ["trace-two-filters"],
    "check": ["lenet"], "diff": ["lenet", "vgg16"], "solve": ["-W", "8", "-F", "2"],
}  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
def test_the_suffix_names_the_format(name: str, run: Command, tmp_path: Path) -> None:
    by_suffix = {format.suffix: key for key, format in reversed(formats_of(name).items())}
    for suffix, format_ in by_suffix.items():
        path = tmp_path / f"x{suffix}"
        assert run(name, *CALLS[name], "-o", path).out == ""
        out = run(name, *CALLS[name], "--format", format_).out
        written = path.read_text("utf-8")
        assert written == out or out.startswith(written)  # the log of check ends with a summary
        assert run(name, *CALLS[name], "--format", format_, "-o", "-").out == out


@pytest.mark.parametrize("name", CALLS)
def test_json(name: str, run: Command) -> None:
    out = run(name, *CALLS[name], "--json").out
    assert out == run(name, *CALLS[name], "--format", "json").out
    assert json.loads(out)["tool"]["name"] == "cnncalc"


@pytest.mark.parametrize("name", CALLS)
def test_two_formats(name: str, run: Command) -> None:
    other = next(format_ for format_ in formats_of(name) if format_ != "json")
    errors = run.refusal(name, *CALLS[name], "--json", "--format", other)
    assert f"--json and --format {other} are two formats" in errors


@pytest.mark.parametrize("name", CALLS)
def test_a_spec_is_not_written_over(name: str, run: Command, here: Path) -> None:
    text = "input: 4x4x1\nlayers: [relu]\n"
    Path("net.yaml").write_text(text)
    words = {"diff": ["net.yaml", "lenet"], "solve": ["net.yaml", "--inputs", "3"]}
    call = words.get(name, ["net.yaml"])
    errors = run.refusal(name, *call, "--format", "json", "-o", "net.yaml")
    assert "net.yaml is the same file" in errors
    assert Path("net.yaml").read_text() == text


@pytest.mark.parametrize(
    ("name", "words"), {"schema": (), "specs": (), "layers": ("conv",)}.items()
)
def test_a_page_in_a_file(name: str, words: tuple[str, ...], run: Command, tmp_path: Path) -> None:
    path = tmp_path / "page"
    assert run(name, *words, "-o", path) == (0, "", "")
    assert path.read_text("utf-8") == run(name, *words).out


def test_limits(run: Command) -> None:
    assert run("describe", "lenet", "--limit", "layers=100,size=1MiB").code == 0
    assert "CNN104" in run("describe", "lenet", "--limit", "layers=3,size=1MiB").err
    assert "larger than 100 bytes" in run("describe", "lenet", "--limit", "size=100B").err
    for name, more in {"explain": (), "check": (), "trace": (), "diff": ("lenet",)}.items():
        out, err = run(name, "lenet", *more, "--limit", "layers=3")[1:]
        assert "CNN104" in out + err
    assert "CNN104" in run("solve", "lenet", "--inputs", "32", "--limit", "layers=3").err


def first_cells(out: str) -> list[str]:
    return [line.split(",")[0] for line in out.splitlines()[1:]]


def test_sorting(run: Command) -> None:
    def rows(sort: str) -> list[str]:
        return first_cells(run("describe", "lenet", "--sort", sort, "--format", "csv").out)

    largest = rows("parameters")
    assert largest[:3] == ["fc1", "fc2", "conv2"]
    sizes = {name: index for index, name in enumerate(largest)}
    assert rows("parameters:desc") == largest
    smallest = rows("parameters:asc")
    assert smallest[-3:] == ["conv2", "fc2", "fc1"]
    assert sizes.keys() == set(smallest)
    assert rows("kind") == rows("kind:asc")
    assert rows("kind")[0] == "avg_pool1"
    assert rows("kind:desc")[-1] == "avg_pool2"
    totals = run(
        "describe", "vgg16", "lenet", "--expand", 0, "--sort", "macs:asc", "--format", "csv"
    )
    assert first_cells(totals.out) == ["LeNet-5", "VGG-16"]


# First specs


def test_init(run: Command, here: Path) -> None:
    code, out, errors = run("init", "net.yaml")
    assert (code, out) == (0, "")
    assert errors == (
        "wrote net.yaml; try: cnncalc describe net.yaml\n"
        "for completion in an editor: cnncalc schema -o cnncalc.schema.json\n"
    )
    text = Path("net.yaml").read_text("utf-8")
    assert text.startswith("# yaml-language-server: $schema=cnncalc.schema.json\n")
    assert run("check", "net.yaml").code == 0
    assert run("init", "-").out == text
    assert "net.yaml exists" in run.refusal("init", "net.yaml")
    run("schema", "-o", "cnncalc.schema.json")
    assert run("init").err == "wrote net.cnn.yaml; try: cnncalc describe net.cnn.yaml\n"


def test_init_from_a_bundled_network(run: Command, tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    assert run("init", path, "--from", "lenet").code == 0
    mine, theirs = (json.loads(run("describe", net, "--json").out) for net in (path, "lenet"))
    for network in (*mine["networks"], *theirs["networks"]):
        for layer in network["layers"]:
            del layer["line"]
    assert mine == theirs
    code, out, errors = run("init", "-", "--from", "resnet18")
    assert code == 0
    assert "variants:" in out
    assert errors == "resnet18 is a variant of the spec: cnncalc describe FILE --variant resnet18\n"


@pytest.mark.parametrize(
    ("words", "hint"),
    {
        ("lenet",): "lenet does not end in .yaml; did you mean --from lenet?",
        ("net",): "net does not end in .yaml; write net.yaml",
        ("-", "--from", "lenett"): "no bundled network is called lenett; did you mean lenet?",
    }.items(),
)
def test_init_refuses(words: tuple[str, ...], hint: str, run: Command) -> None:
    assert hint in run.refusal("init", *words)
