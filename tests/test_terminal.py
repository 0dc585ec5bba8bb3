"""How tables reach a stream: width, colour, and the two ways in which a table is drawn."""

import io
import json
import math
import os
import re
import struct
import subprocess
import sys
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import pytest
from running import Command
from systems import needs_terminals

import cnncalc
from cnncalc.commands.describe.sheet import SETS, Sheet, choose_columns, network_sheet, totals_sheet
from cnncalc.commands.describe.sheet_texts import _written, table_of
from cnncalc.language import bundled
from cnncalc.language.bundled import all_names
from cnncalc.render import table
from cnncalc.render.palette import FAMILIES
from cnncalc.render.stream import encodable, wants_color, width_of
from cnncalc.render.tree import guides
from cnncalc.wording import width_of_text

SPECS = sorted((Path(__file__).parent / "cases" / "ok").glob("*.yaml"))
NAMES = [path.stem for path in SPECS]
ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
NUMBER = re.compile(r"\d[\d,.]*")


def titled(name: str, folder: Path) -> Path:
    path = folder / "net.yaml"
    # Raw C1 controls are not YAML, and JSON leaves them as they are.
    title = json.dumps(name, ensure_ascii=False).replace("\x9b", "\\x9b")
    text = f"name: {title}\ninput: 8x8x1\nlayers: [conv: 2@3x3, fc: 1000]\n"
    path.write_text(text, encoding="utf-8")
    return path


# Width


class Screen(io.StringIO):
    """A stream that is a terminal or not."""

    def __init__(self, terminal: bool) -> None:
        super().__init__()
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal


@pytest.mark.parametrize(
    ("choice", "columns", "width"),
    [
        (None, None, None), (None, "", None), (None, "0", None), (None, "wide", None),
        (None, "-5", None), (None, "72", 72), (40, "72", 40), (0, "72", None),
        (None, 5_000 * "9", 999_999_999),
    ],
)  # fmt: skip
def test_width_of(
    choice: int | None, columns: str | None, width: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if columns is not None:
        monkeypatch.setenv("COLUMNS", columns)
    assert width_of(choice, Screen(False)) == width


def test_a_pipe_gets_the_natural_width(run: Command) -> None:
    assert max(map(len, run.output("describe", "vgg16", "--columns", "all").splitlines())) > 300


def kept_and_left_out(errors: str) -> list[str]:
    """The columns that a note on stderr says are missing."""
    found = re.fullmatch(r"left out for want of room: (.*) \(--width, --columns\)\n", errors)
    return found[1].split(", ") if found else []


@pytest.mark.parametrize("width", [200, 95, 80, 60, 40, 20, 1])
@pytest.mark.parametrize("spec", ["vgg16", "lenet-1998", "resnet50"])
def test_narrow(spec: str, width: int, run: Command) -> None:
    whole = run("describe", spec, "--width", 0).out
    code, out, errors = run("describe", spec, "--width", width)
    assert code == 0
    left_out = kept_and_left_out(errors)
    assert bool(left_out) == (max(map(len, lines_of(whole))) > width)
    order = ["Biases", "Weights", *(["Trainable"] if "Trainable" in whole else []), "Connections"]
    assert left_out == order[: len(left_out)]
    for column in {"Kind", "Output", "Parameters", "Connections"} - {*left_out}:
        assert cells(out, column) == cells(whole, column)
    if max(map(len, lines_of(out))) > width:
        assert left_out == order  # nothing else may go


def lines_of(out: str) -> list[str]:
    """The table's own lines, from the header to the total."""
    lines = out.splitlines()
    lines = lines[lines.index("") + 1 :]  # the title may take several
    last = next(number for number, line in enumerate(lines) if line.startswith("  Total"))
    return lines[: last + 1]


def cells(out: str, column: str) -> list[str]:
    """A column, cut out where its header stands."""
    head, _, *rows = lines_of(out)
    found = next(m for m in re.finditer(r"\S+(?: \S+)*", head) if m[0] == column)
    if column in ("Layer", "Kind", "Output"):
        return [re.split(r" {3,}", row[found.start() :])[0].rstrip() for row in rows]
    return [row[: found.end()].split()[-1] for row in rows]


def test_left_out_one_after_the_other(run: Command) -> None:
    """Less room takes more columns away, never others."""
    before: list[str] = []
    for width in range(330, 20, -10):
        code, _, errors = run("describe", "lenet", "--columns", "all", "--width", width)
        assert code == 0
        left_out = kept_and_left_out(errors)
        assert left_out[: len(before)] == before
        before = left_out
    kept = {"Layer", "Kind", "Output", "Parameters"}
    assert kept.isdisjoint(before)
    assert len(before) == len(SETS["all"]) - len(kept)


@pytest.mark.parametrize("name", all_names())
def test_bundled_networks_fit_a_terminal(name: str) -> None:
    """At 80 columns too, with Kind, Output and Parameters as they are."""
    network = cnncalc.load(name)
    for level in (1, 99):
        whole = table_of(network_sheet(network, None, level))
        for width in (80, 100):
            out, left_out = table.render_text(whole, width=width)
            assert max(map(len, lines_of(out))) <= width
            assert set(left_out) <= {"Biases", "Weights", "Trainable", "Connections"}
            for index, column in enumerate(whole.columns):
                if column.heading in ("Kind", "Output", "Parameters"):
                    cut = re.findall(rf"(?<=  ){re.escape(column.heading)}(?=  |$)", out, re.M)
                    assert len(cut) == 1
                    texts = {row.cells[index] for row in whole.rows}
                    assert {text for text in texts if text not in out} == set()


def test_deep_names_are_indented_by_one_column_where_shorter_ones_do_not_make_room() -> None:
    whole = table_of(network_sheet(cnncalc.load("regnet_y_128gf"), None, 99))
    for color in (False, True):
        out = ESCAPE.sub("", table.render_text(whole, width=80, color=color)[0])
        names = [line[2:24] for line in out.splitlines()]
        row = names.index(f"{'│││││└' if color else ' ' * 6}batch_norm1".ljust(22))
        assert names[row - 1].rstrip() == f"{'│││││├' if color else ' ' * 6}conv1"
        assert max(map(len, out.splitlines())) <= 80


def test_names_are_shortened_in_their_middle(run: Command) -> None:
    code, out, errors = run("describe", "resnet50", "--width", 80)
    assert (code, kept_and_left_out(errors)) == (0, ["Biases", "Weights"])
    assert "\n  global…pool1   global_avg_pool  " in out


def test_a_column_that_is_asked_for_by_name_stays(run: Command) -> None:
    whole = run("describe", "vgg16", "--columns", "basic,biases,weights", "--width", 0).out
    code, out, errors = run("describe", "vgg16", "--columns", "basic,biases", "--width", 60)
    assert (code, kept_and_left_out(errors)) == (0, ["Weights", "Connections"])
    assert cells(out, "Biases") == cells(whole, "Biases")


@pytest.mark.parametrize("name", ["网络网络网络网络网络", "e\u0301" * 12, "long_name_of_a_layer *"])
def test_a_name_in_little_room(name: str) -> None:
    for room in range(7, 30):
        short = table.shortened("  " + name, room)
        assert short.startswith("  ")
        assert width_of_text(short) <= max(room, 2 + table.LEAST_NAME)
        assert (short == "  " + name) == (width_of_text(name) <= max(room - 2, table.LEAST_NAME))


def test_exact_width_is_enough(run: Command) -> None:
    whole = run("describe", "vgg16", "--width", 0).out
    width = max(map(len, lines_of(whole)))
    assert run("describe", "vgg16", "--width", width) == (0, whole, "")


def test_columns_of_the_environment(run: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "70")
    assert run("describe", "vgg16") == run("describe", "vgg16", "--width", 70)


def test_files_have_the_natural_width(
    run: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    assert run("describe", "vgg16", "-o", tmp_path / "x.txt") == (0, "", "")
    whole = run("describe", "vgg16", "--width", 0).out
    assert (tmp_path / "x.txt").read_text(encoding="utf-8") == whole


@pytest.mark.parametrize(
    "name",
    ["网络" * 20, "e\u0301" * 30, "🙂" * 20, "한국어 " * 10, "x" * 300],
    ids=["Chinese", "combining", "emoji", "Korean", "long"],
)
def test_wide_signs_do_not_cut_numbers(name: str, run: Command, tmp_path: Path) -> None:
    path = titled(name, tmp_path)
    for width in (0, 80, 20):
        code, out, _ = run("describe", path, "lenet", "--expand", 0, "--width", width)
        assert code == 0
        may_go = [] if width else ["72,018", "61,470", "429,342"]
        for number in ("1000", "73,020", "61,706", *may_go):
            assert f" {number}" in out, number


# Colour


@pytest.mark.parametrize(
    ("choice", "environment", "terminal", "colored"),
    [
        ("auto", {}, True, True),
        ("auto", {}, False, False),
        ("auto", {"TERM": "xterm"}, True, True),
        ("auto", {"TERM": "dumb"}, True, False),
        ("auto", {"NO_COLOR": "1"}, True, False),
        ("auto", {"NO_COLOR": "0"}, True, False),
        ("auto", {"NO_COLOR": ""}, True, True),
        ("auto", {"FORCE_COLOR": "1"}, False, True),
        ("auto", {"FORCE_COLOR": "0"}, False, False),
        ("auto", {"FORCE_COLOR": "0"}, True, True),
        ("auto", {"FORCE_COLOR": ""}, False, False),
        ("auto", {"FORCE_COLOR": "1", "TERM": "dumb"}, False, True),
        ("auto", {"FORCE_COLOR": "1", "NO_COLOR": "1"}, True, False),
        ("always", {"NO_COLOR": "1", "TERM": "dumb"}, False, True),
        ("never", {"FORCE_COLOR": "1"}, True, False),
    ],
)
def test_wants_color(
    choice: str,
    environment: dict[str, str],
    terminal: bool,
    colored: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert wants_color(choice, Screen(terminal)) is colored


@pytest.mark.parametrize("words", [["describe", "lenet"], ["describe", "lenet", "--expand", "0"]])
def test_colour_changes_nothing_but_colour(words: list[str], run: Command) -> None:
    plain = run(*words, "--color", "never")
    colored = run(*words, "--color", "always")
    assert "\x1b" not in plain.out
    assert "\x1b[" in colored.out
    assert [line.rstrip() for line in ESCAPE.sub("", colored.out).splitlines()] == (
        plain.out.splitlines()
    )


def test_no_colours_that_a_light_theme_swallows(run: Command) -> None:
    """Numbers in the terminal's own colour, kinds in those of the palette; no background."""
    out = run("describe", "googlenet", "--expand", "all", "--color", "always").out
    codes = {found[2:-1] for found in ESCAPE.findall(out)}
    families = {f"38;5;{number}" for number in FAMILIES.values()}
    assert codes == {"0", "1", "2", *families}
    assert f"  \x1b[38;5;{FAMILIES['conv']}mconv 7×7/2 pad 3" in out


def rgb(number: int) -> list[float]:
    """Red, green and blue, linear, of one of a terminal's 216 colours from 16 on."""
    steps = (0, 95, 135, 175, 215, 255)
    parts = (steps[(number - 16) // size % 6] / 255 for size in (36, 6, 1))
    return [((part + 0.055) / 1.055) ** 2.4 if part > 0.04 else part / 12.92 for part in parts]


@pytest.mark.parametrize("number", FAMILIES.values(), ids=list(FAMILIES))
def test_the_palette_is_read_on_dark_and_light(number: int) -> None:
    """The contrast that WCAG asks of large signs, with white and with black."""
    assert 16 <= number < 232
    light = sum(map(float.__mul__, (0.2126, 0.7152, 0.0722), rgb(number)))
    assert 1.05 / (light + 0.05) >= 3
    assert (light + 0.05) / 0.05 >= 3


# How people see who lack one of the three receptors (Machado et al. 2009, severity 1).
BLINDNESS = {
    "protan": ((0.152, 1.053, -0.205), (0.115, 0.786, 0.099), (-0.004, -0.048, 1.052)),
    "deutan": ((0.367, 0.861, -0.228), (0.280, 0.673, 0.047), (-0.012, 0.043, 0.969)),
    "tritan": ((1.256, -0.077, -0.179), (-0.078, 0.931, 0.148), (0.005, 0.691, 0.304)),
}


@pytest.mark.parametrize("name", BLINDNESS)
def test_the_palette_is_kept_apart_by_the_colour_blind(name: str) -> None:
    seen = [
        [sum(map(float.__mul__, row, rgb(number))) for row in BLINDNESS[name]]
        for number in FAMILIES.values()
    ]
    assert min(math.dist(one, other) for one, other in combinations(seen, 2)) > 0.1


@pytest.mark.parametrize(
    ("percent", "bar"),
    [(0.0, ""), (1.5625, "▏"), (6.25, "▌"), (12.5, "█"), (50.0, "████"), (99.0, "███████▉")],
)
def test_bars_start_at_one_edge_in_eighths(percent: float, bar: str) -> None:
    assert _written(percent, choose_columns(["percent"])[0]) == f"{bar:8} {percent:5.1f}%"


def test_bars_where_the_encoding_has_none() -> None:
    assert encodable("█▌▏", "ascii") == "##."


@pytest.mark.parametrize("value", ["0", ""])
def test_force_color_off(value: str, run: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", value)
    assert "\x1b" not in run("describe", "lenet").out


def test_force_color_on_and_no_color(run: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b" in run("describe", "lenet").out
    assert "\x1b" in run("describe", "lenet", "--input", "3x3x1").err
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in run("describe", "lenet").out
    assert "\x1b" not in run("describe", "lenet", "--input", "3x3x1").err


def test_no_colour_in_a_file(run: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    run("describe", "lenet", "-o", tmp_path / "x.txt")
    assert "\x1b" not in (tmp_path / "x.txt").read_text(encoding="utf-8")


# Names are data


@pytest.mark.parametrize(
    "name",
    [":smile:", "conv[/]", "[bold red]x[/]", "[link=http://a.b]x[/link]", "a  b", "$", "%s {}"],
)
def test_no_markup_in_names(name: str, run: Command, tmp_path: Path) -> None:
    path = titled(name, tmp_path)
    assert run.output("describe", path).startswith(f"{name}   input 8×8×1\n")
    assert f"  {name} " in run("describe", path, "--expand", 0).out
    assert f"  {name} " in ESCAPE.sub(
        "", run("describe", path, "--expand", 0, "--color", "always").out
    )


@pytest.mark.parametrize("sign", ["\x1b[31m", "\u202e", "\u2066", "\x07", "\x9b", "\r", "\u2028"])
def test_control_signs_are_shown(sign: str, run: Command, tmp_path: Path) -> None:
    path = titled(f"a{sign}b", tmp_path)
    for options in ([], ["--expand", 0]):
        out = run.output("describe", path, *options)
        assert sign not in out
        assert "a\\" in out


def test_control_signs_in_messages(run: Command, tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text('input: 8x8x1\nlayers: ["co\\e[31m\u202env"]  # \u202e ##[error]x\n', "utf-8")
    errors = run.refusal("describe", path, code=1)
    assert "\x1b" not in errors
    assert "\u202e" not in errors


@pytest.mark.parametrize("line", ["- covn: 3 # ##[error]x", "::error::x", "  ::error::x"])
def test_a_spec_gives_no_commands_to_a_runner(line: str, run: Command, tmp_path: Path) -> None:
    """GitHub's runner looks for ##[ anywhere in a line, and messages quote the spec's lines."""
    path = tmp_path / "net.yaml"
    path.write_text(f"input: 8x8x1\nlayers:\n{line}\n", "utf-8")
    assert not re.search(r"^\s*::|##\[", run.refusal("describe", path, code=1), re.MULTILINE)


def test_values_of_set_are_shown_as_they_are(run: Command) -> None:
    family = next(path for path in SPECS if path.stem == "family")
    out = run("describe", family, "--set", "width=4/2").out
    assert out.startswith("A family (width=4/2)   input 8×8×1\n")


# The two ways of drawing


COLUMNS = (*SETS, "layer,percent,macs", "percent,layer", "macs", "memory,kind")
SHEETS = [
    *((str(path), "basic", level) for path in SPECS for level in (1, 99)),
    *((name, columns, 2) for name in ("resnet50", "lenet-1998") for columns in COLUMNS),
]


@pytest.mark.parametrize(
    ("spec", "columns", "level"),
    SHEETS,
    ids=[f"{Path(name).stem}-{columns}-{level}" for name, columns, level in SHEETS],
)
def test_long_tables_look_like_short_ones(
    spec: str, columns: str, level: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheet = network_sheet(cnncalc.load(spec), choose_columns(columns.split(",")), level)
    same_with_and_without_rich(sheet, monkeypatch)


def test_long_totals_look_like_short_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    networks = [cnncalc.load(name) for name in ("lenet", "vgg16")]
    same_with_and_without_rich(totals_sheet(networks, [{"w": "1"}, {"w": "2"}], None), monkeypatch)


def same_with_and_without_rich(sheet: Sheet, monkeypatch: pytest.MonkeyPatch) -> None:
    found = table_of(sheet)
    for width in (None, 80):
        colored, left_out = table.render_text(found, width=width, color=True)
        plain, left_out_plainly = table.render_text(found, width=width)
        assert "\x1b[" in colored
        bare = [line.rstrip() for line in without_guides(ESCAPE.sub("", colored)).splitlines()]
        assert (bare, left_out) == (plain.splitlines(), left_out_plainly)
    monkeypatch.setattr(table, "LONG", 0)
    assert without_guides(table.render_text(found, color=True)[0]) == table.render_text(found)[0]


def without_guides(text: str) -> str:
    """Terminals have lines for the tree of opened rows, where others have blanks."""
    return re.sub("[├└│]", " ", text)


def test_guides() -> None:
    depths = [0, 0, 1, 2, 2, 1, 2, 0, 1, 2, 3]
    drawn = ["", "", "├ ", "│ ├ ", "│ └ ", "└ ", "  └ ", "", "└ ", "  └ ", "    └ "]
    assert guides(depths) == drawn
    assert guides([]) == []


def test_guides_on_a_terminal(run: Command) -> None:
    out = run("describe", "resnet50", "--expand", 2, "--color", "always").out
    names = [line.split("   ")[0] for line in ESCAPE.sub("", out).splitlines()[4:8]]
    assert names == ["  ConvBN1", "  ├ conv1 *", "  └ batch_norm1", "  relu1"]
    assert "\x1b[2m├ \x1b[0mconv1 *" in out


@pytest.mark.parametrize("encoding", ["ascii", "utf-8", "cp437"])
@pytest.mark.parametrize("words", [("describe", "resnet50"), ("diff", "resnet50", "resnet101")])
def test_a_stream_without_all_signs_keeps_to_the_width(
    words: tuple[str, ...], encoding: str
) -> None:
    environment = os.environ | {"PYTHONIOENCODING": encoding, "COLUMNS": "80"}
    program = [sys.executable, "-m", "cnncalc", *words, "--color", "always"]
    out = subprocess.run(program, env=environment, capture_output=True, check=True).stdout
    lines = ESCAPE.sub("", out.decode(encoding)).splitlines()
    assert max(map(len, lines)) <= 80
    if encoding == "ascii":
        assert any("..." in line for line in lines)
    if words[0] == "describe":
        ends = [len(line) for line in lines if re.search(r"  [\d,]+$", line)]
        assert len(set(ends)) == 1


PAIRS = [
    ("resnet50", "resnet101"), ("vgg16", "vgg19"), ("mobilenet", "mobilenet_v2"),
    ("inception_v3", "googlenet"), ("lenet", "lenet-1998"),
]  # fmt: skip


@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
def test_diff_keeps_to_the_width(pair: tuple[str, str], run: Command) -> None:
    out = run("diff", *pair, "--width", 80).out
    assert max(map(len, out.splitlines())) <= 80
    whole = run("diff", *pair).out
    assert re.findall(r"[+−][\d,]+", out) == re.findall(r"[+−][\d,]+", whole)
    # Texts go on below, with all their words; only names of layers lose their middle.
    words = set(re.findall(r"[\w×/]+", whole)) - set(re.findall(r"[\w×/]+", out))
    assert not {word for word in words if "×" in word}


@pytest.mark.parametrize("name", [entry.name for entry in bundled.catalogue() if entry.variants])
def test_all_variants_fit_the_width(name: str, run: Command) -> None:
    out = run("describe", name, "--variant", "all", "--expand", 0, "--width", 80).out
    assert max(map(len, out.splitlines())) <= 80


@needs_terminals
def test_progress(run: Command) -> None:
    words = ("describe", "lenet", "--expand", "0", "--input", "32x32x1,64x64x1")
    program = (
        "from cnncalc.commands import progress; progress.AFTER = progress.EVERY = -1; "
        "from cnncalc.commands.main import main; main()"
    )
    shown = on_terminal(80, *words, program=["-c", program])
    assert "built 1 network" in shown
    assert "built 2 networks" in shown
    assert shown.index("built 2") < shown.index("LeNet-5")
    assert "built" not in run(*words).err


@needs_terminals
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("trace", "trace-bump-1d"), "working out conv1, 1 of 2"),
        (("solve", "lenet", "--inputs", "30..40"), "tried 11 of 11 sizes"),
        (("solve", "-W", "224", "-O", "112", "-S", "2"), "searching"),
    ],
    ids=["trace", "solve-inputs", "solve"],
)
def test_progress_of_work_that_is_silent_for_long(
    run: Command, words: tuple[str, ...], said: str
) -> None:
    program = (
        "from cnncalc.commands import progress; progress.AFTER = progress.EVERY = -1; "
        "from cnncalc.commands.main import main; main()"
    )
    shown = on_terminal(80, *words, program=["-c", program])
    assert f"{said}\r{' ' * len(said)}\r" in shown
    assert run(*words).err == ""


@pytest.mark.parametrize("name", [entry.name for entry in bundled.catalogue()])
def test_every_network_is_whole_at_80_columns(name: str, run: Command) -> None:
    lines = run("describe", name, "--width", 80).out.splitlines()
    assert max(map(len, lines)) <= 80
    head = lines[lines.index("") + 1].split()
    assert {"Kind", "Output", "Parameters"} <= {*head}


def test_long_table(run: Command, tmp_path: Path) -> None:
    path = tmp_path / "long.yaml"
    count = table.LONG + 1
    path.write_text(f"input: 8x8x1\nlayers: [{{relu: , repeat: {count}}}]\n", encoding="utf-8")
    assert len(run.output("describe", path, "--expand", "all").splitlines()) == 4 + 1 + count + 1


def test_no_trailing_blanks(run: Command) -> None:
    for words in (["lenet"], ["resnet50", "--expand", 2], ["lenet", "--columns", "all"]):
        assert not any(line != line.rstrip() for line in run("describe", *words).out.splitlines())


# A real terminal


def on_terminal(
    columns: int, *words: str, program: Sequence[str] = ("-m", "cnncalc"), **environment: str
) -> str:
    """What a terminal of so many columns gets, stdout and stderr."""
    import fcntl
    import pty
    import termios

    screen, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    root = str(Path(cnncalc.__file__).parents[1])
    process = subprocess.Popen(
        [sys.executable, *program, *words],
        stdout=terminal,
        stderr=terminal,
        env={**kept, "PYTHONPATH": root, "PYTHONUTF8": "1", "TERM": "xterm", **environment},
    )
    os.close(terminal)
    data = b""
    while chunk := read(screen):
        data += chunk
    os.close(screen)
    assert process.wait() == 0
    return data.decode().replace("\r\n", "\n")


def read(screen: int) -> bytes:
    """The next bytes; nothing when the other end is closed, which Linux reports as an error."""
    try:
        return os.read(screen, 65536)
    except OSError:
        return b""


@needs_terminals
def test_a_terminal_of_60_columns(run: Command) -> None:
    shown = ESCAPE.sub("", on_terminal(60, "describe", "vgg16", "--columns", "layer,kind,biases"))
    code, out, errors = run("describe", "vgg16", "--columns", "layer,kind,biases", "--width", 60)
    assert code == 0
    assert [line.rstrip() for line in shown.splitlines()] == (errors + out).splitlines()
    narrow = ESCAPE.sub("", on_terminal(60, "describe", "vgg16"))
    assert "left out for want of room: Biases, Weights" in narrow


@needs_terminals
def test_a_terminal_without_a_width(run: Command) -> None:
    shown = on_terminal(0, "describe", "vgg16", "--columns", "all", "--color", "never")
    assert shown == run("describe", "vgg16", "--columns", "all").out


@needs_terminals
def test_colour_on_a_terminal() -> None:
    assert "\x1b[" in on_terminal(100, "describe", "lenet")
    assert "\x1b" not in on_terminal(100, "describe", "lenet", NO_COLOR="1")
    assert "\x1b" not in on_terminal(100, "describe", "lenet", TERM="dumb")
