"""The numbers inside small examples, as they are written and as they are printed.

cases/trace/NAME.yaml begins with the commands to run, `# $ NAME.yaml conv1 --at 1,3`; NAME.txt is
what they print and how they end. A new case needs only a spec; `pytest --update` writes its text,
to be read before it is committed.
"""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from running import Command, Compare
from strategies import read

import cnncalc
from cnncalc import trace
from cnncalc.commands.trace.steps import has_steps, step
from cnncalc.language.bundled import files
from cnncalc.network.model import Layer

CASES = Path(__file__).parent / "cases" / "trace"
NAMES = sorted(path.stem for path in CASES.glob("*.yaml"))
WORKED = [path for path in files() if Path(path).name.startswith("trace-")]


# As it is printed.


def transcript(run: Command, path: Path) -> str:
    """What the commands of a case print, and how they end."""
    texts = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("# $ "):
            break
        words = line.removeprefix("# $ ").split()
        result = run("trace", "--color", "never", *words)
        printed = result.out + result.own_words()
        texts.append(f"$ cnncalc trace {' '.join(words)}\n{printed}exit {result.code}\n")
    assert texts, "a case begins with its commands"
    return "\n".join(texts)


@pytest.mark.parametrize("name", NAMES)
def test_transcript(
    name: str, run: Command, compare: Compare, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(CASES)  # so that no path of this machine enters the text
    compare(CASES / f"{name}.txt", transcript(run, CASES / f"{name}.yaml"))


def test_no_transcript_is_left_over() -> None:
    assert sorted(path.stem for path in CASES.glob("*.txt")) == NAMES


@pytest.mark.parametrize("golden", sorted(CASES.glob("*.txt")), ids=lambda path: path.stem)
def test_words_are_the_users(golden: Path) -> None:
    text = golden.read_text(encoding="utf-8")
    strange = ("Traceback", "NoneType", "object at", "ndarray", "dtype", "Fraction(")
    assert not [word for word in strange if word in text]
    assert "exit 3" not in text


@pytest.mark.parametrize("path", WORKED, ids=lambda path: Path(path).stem)
def test_worked_examples_hold(path: str, run: Command) -> None:
    built = cnncalc.build(cnncalc.read(path))
    said = [each.values for _, each in built.expectations if each.values is not None]
    assert said, "a worked example says what comes out"
    traced = trace(built)
    assert traced.problems.sorted() == []
    assert traced.check() == []
    assert run("trace", path)[::2] == (0, "")


def test_worked_examples_are_not_green_by_chance() -> None:
    """Any other number in their place is found."""
    for path in WORKED:
        text = Path(path).read_text(encoding="utf-8")
        head, expected, tail = text.rpartition("values:")
        changed = head + expected + tail.replace("[", "[9", 1).replace("[9[", "[[9")
        assert changed != text
        assert trace(cnncalc.read_text(changed, path)).check(), path


def test_course_examples() -> None:
    """The feature maps as the courses print them."""
    assert trace("trace-bump-1d")["conv1"].numbers() == [0, 0, 1, 1, 0, 0]
    assert trace("trace-vertical-line")["conv1"].numbers() == [0, 0, 3, 3, 0, 0] * 6
    lying = trace("trace-horizontal-line")["detector"]
    assert lying.numbers() == [row for row in (0, 0, 3, 3, 0, 0) for _ in range(6)]


# Numbers as they are written.


def test_numbers_are_plain_data() -> None:
    """As written: whole numbers, and texts for everything else."""
    written = "[[[1, -2]], [[0.50, 1/9]], [[010, '7']], [[~, $x]]]"
    spec = cnncalc.read_text(
        f"input: {{shape: 3x2, values: {{maps: [[1, .5], x.csv]}}}}\n"
        f"layers: [conv: {{filters: 4, kernel: 1, values: {written}}}]"
    )
    given = spec.inputs["input"].values
    assert given is not None
    assert given.plain() == {"maps": [[1, ".5"], "x.csv"]}
    net = cnncalc.build(spec).network
    plain = [[[1, -2]], [["0.50", "1/9"]], [["010", 7]], [[None, "$x"]]]
    (layer,) = net.layers
    assert layer.operation.values == plain
    assert cnncalc.to_dict(net)["layers"][0]["arguments"]["values"] == plain


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("3", 3), ("-3", -3), ("+3", 3), ("−3", -3), ("0.25", Fraction(1, 4)),
        (".5", Fraction(1, 2)), ("5.", 5), ("1/9", Fraction(1, 9)), ("-2/4", Fraction(-1, 2)),
        ("1e3", 1000),
        ("25e-2", Fraction(1, 4)), ("-0", 0), ("1.50", Fraction(3, 2)), ('"7"', 7),
    ],
)  # fmt: skip
def test_numbers(written: str, number: Any) -> None:
    text = f"input: {{shape: 2, values: [0, {written}]}}\nlayers: [relu]"
    found = trace(cnncalc.read_text(text))
    assert found.problems.sorted() == []
    assert found["input"].numbers() == [0, number]


def test_numbers_do_not_grow_for_ever() -> None:
    items: list[Any] = [{"multiply": ["prev", "prev"]}] * 40
    spec = read({"shape": 1, "values": ["1/3"]}, {"identity": None, "name": "first"}, *items)
    (problem,) = trace(spec).problems.sorted()
    assert problem.code.code == "CNN104"
    assert problem.message == "the numbers grow to more than 1,000 digits; fewer layers"


def test_long_numbers_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused before they are worked out; moving numbers counts as well."""
    monkeypatch.setattr("cnncalc.commands.trace.limits.MAX_DIGITS", 4 * 4 * 300)
    long = {"shape": "4x1", "values": ["1e299"] * 4}
    squares = {"multiply": ["first", "first"]}
    spec = read(long, {"identity": None, "name": "first"}, squares, squares)
    (problem,) = trace(spec).problems.sorted()
    assert problem.code.code == "CNN104"
    assert problem.layer == "multiply2"
    found = "up to multiply2 the numbers take as many as 5,960 digits"
    assert problem.message == f"{found}, more than 4,800"


@pytest.mark.parametrize("kind", ["swish", "softmax", "tanh"])
def test_numbers_beyond_floating_point(kind: str) -> None:
    squares = [{"multiply": ["prev", "prev"]}] * 5
    first = {"identity": None, "name": "first"}
    found = trace(read({"shape": 2, "values": [10**17, -(10**17)]}, first, *squares, kind))
    assert found.arrays[found.network.layers[-2]].exact
    messages = [problem.message for problem in found.problems.sorted()]
    beyond = [f"{kind}1 comes to numbers beyond floating point"]
    assert messages == ([] if kind == "tanh" else beyond)  # tanh of whatever is at most 1


def test_huge_layers_without_values_are_refused_at_once() -> None:
    one = {"shape": "1x1x1", "values": 1}
    for item in ({"fc": 10**12}, {"conv": {"filters": 10**12, "kernel": 1}}):
        (problem,) = trace(read(one, item)).problems.sorted()
        assert problem.message.endswith("has no values")
    for kind in ("zero_pad", "upsample"):
        (problem,) = trace(read(one, {kind: 10**6})).problems.sorted()
        assert problem.code.code == "CNN104"


ANYTHING = st.recursive(
    st.one_of(
        st.integers(-3, 3),
        st.sampled_from(["1/2", "x", "", "-", ".nan", "1/0", "$x", "a.csv", "a.npy", ".", "1e999"]),
        st.none(),
        st.booleans(),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(["maps", "x"]), inner)
    ),
    max_leaves=12,
)


@given(ANYTHING, ANYTHING, ANYTHING, ANYTHING)
def test_whatever_stands_there_is_read_or_refused(
    given: Any, filters: Any, biases: Any, expected: Any
) -> None:
    """Never an exception, and every refusal is inside the text."""
    conv = {"filters": 2, "kernel": 1, "values": filters, "bias_values": biases}
    item = {"conv": conv, "expect": {"values": expected}}
    text = json.dumps({"input": {"shape": "2x1", "values": given}, "layers": [item]}, indent=1)
    found = trace(cnncalc.read_text(text, "nowhere/spec.yaml"))
    problems = [*found.problems.sorted(), *found.check()]
    assert all(0 <= problem.span.start < problem.span.end <= len(text) for problem in problems)
    assert problems or found["conv1"].exact


# The command.


def test_json_has_the_exact_numbers(run: Command, tmp_path: Path) -> None:
    spec = tmp_path / "spec.yaml"
    third = {"filters": 1, "kernel": 2, "values": ["1/3", "0.1"], "padding": "same"}
    layers = [{"conv": third}, "sigmoid"]
    spec.write_text(
        json.dumps({"input": {"shape": "2x1", "values": [1, 10**30]}, "layers": layers})
    )
    out = run.output("trace", spec, "--format", "json", "--steps")
    assert out.isascii()
    whole = json.loads(out)
    assert whole["schema_version"] == 1
    (found,) = whole["traces"]
    given, conv, sigmoid = found["volumes"]
    assert given["values"] == [[1], [10**30]]
    assert given["fractions"] is None
    assert (conv["path"], conv["kind"], conv["line"], conv["shape"]) == ("conv1", "conv", 1, [2, 1])
    assert (conv["exact"], sigmoid["exact"]) == (True, False)
    fractions = [[Fraction(part) for part in row] for row in conv["fractions"]]
    assert fractions == [[Fraction(1, 3) + 10**29], [Fraction(10**30, 3)]]
    assert conv["values"] == [[float(part) for part in row] for row in fractions]
    first, second = found["steps"]
    assert first["at"] == [1]
    assert second["rows"] == [[2, None]]
    assert second["parts"][0]["window"] == [10**30, None]
    assert second["parts"][0]["filter"] == ["1/3", 0.1]


def test_several_settings_are_traced_one_after_the_other(run: Command, tmp_path: Path) -> None:
    spec = tmp_path / "spec.yaml"
    text = "input: {shape: 2x1, values: [1, 2]}\nvars: {k: 1}\nlayers: [upsample: $k]\n"
    spec.write_text(text)
    out = run.output("trace", spec, "upsample1", "--set", "k=1,2", "--format", "json")
    volumes = [part["volumes"][0]["values"] for part in json.loads(out)["traces"]]
    assert volumes == [[[1], [2]], [[1], [1], [2], [2]]]


def test_nothing_on_an_ascii_terminal_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    from cnncalc.commands.trace.showing import Shown, Traces
    from cnncalc.commands.trace.text import render_traces
    from cnncalc.render.stream import Paper, encodable

    found = trace("trace-two-filters")
    (leaf,) = found.network.layers
    shown = Shown(found, [leaf], [step(found, leaf, (0, 0), 0)])
    text = render_traces(Traces([shown], whole=False), Paper(80))
    plain = encodable(text, "ascii")
    assert plain.isascii()
    assert "\\u" not in plain
    assert len(plain.splitlines()) == len(text.splitlines())


@pytest.mark.parametrize("width", [20, 40, 60, 80, 200])
def test_lines_keep_to_the_width(width: int) -> None:
    """Grids that are too wide are broken into columns; only titles and remarks may be longer."""
    from cnncalc.commands.trace.showing import Shown, Traces
    from cnncalc.commands.trace.text import render_traces
    from cnncalc.render.stream import Paper

    found = trace("trace-edges")
    shown = list(found.arrays)
    leaf = found.network.layers[0]
    assert isinstance(leaf, Layer)
    assert has_steps(leaf.operation)
    text = render_traces(Traces([Shown(found, shown, [])], whole=False), Paper(width))
    grids = [
        line
        for line in text.splitlines()
        if line.startswith("  ") and not line.strip()[0].isalpha()
    ]
    assert max(map(len, grids)) <= width


def test_hostile_names_are_data(run: Command, tmp_path: Path) -> None:
    spec = tmp_path / "spec.yaml"
    given = {"shape": 1, "values": ["\u202e::error::x"]}
    spec.write_text(json.dumps({"name": "::error::\u202e", "input": given, "layers": ["relu"]}))
    _, out, err = run("trace", spec)
    given["values"] = [1]
    spec.write_text(json.dumps({"name": "::error::\u202e", "input": given, "layers": ["relu"]}))
    more = run("trace", spec)
    assert not [line for line in (out + err + more.out).splitlines() if line.startswith("::")]
    assert "\u202e" not in out + err + more.out
