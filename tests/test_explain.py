"""explain: every derivation leads from its letters through its numbers to the engine's count.

The formulas are read back from their texts by a reader that knows nothing of the program. In
cases/explain each NAME.txt is a command on its first line and what it prints below; a new case
needs only the first line and `pytest --update`.
"""

import json
import re
import shlex
from collections.abc import Iterator
from fractions import Fraction
from math import ceil, floor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from running import Command
from strategies import Item, build, pairs, per_axis, volume, whole

import cnncalc
from cnncalc.commands.explain.explanation import Explanation, Overview, explain
from cnncalc.commands.explain.field_steps import field_sections
from cnncalc.layers import KINDS
from cnncalc.layers.activation import Activation
from cnncalc.layers.derivation import Derivation, Items, Step
from cnncalc.layers.derivation import derivation as derivation_of
from cnncalc.network.build import SpecError
from cnncalc.network.model import Group, Layer, Network
from cnncalc.quantities import QUANTITIES
from cnncalc.render.formats import formats_of

ROOT = Path(__file__).parent.parent
CASES = sorted((Path(__file__).parent / "cases" / "explain").glob("*.txt"))
OK = sorted((Path(__file__).parent / "cases" / "ok").glob("*.yaml"))
COUNTED = [name for name in QUANTITIES if name != "receptive_field"]


# Formulas read back.

TOKEN = re.compile(r"\s*([\d,]+|[A-Za-z]\w*(?: [a-z]\w*)*|[-+−·/()⌊⌋⌈⌉])")
CLOSING = {"(": ")", "⌊": "⌋", "⌈": "⌉"}


class Reader:
    """Works a formula out: sums of products of numbers, letters and brackets, from the left."""

    def __init__(self, text: str, letters: dict[str, Fraction]) -> None:
        self.tokens = TOKEN.findall(text)
        assert "".join(self.tokens).replace(" ", "") == text.replace(" ", "")
        self.letters = letters

    def take(self, *signs: str) -> str:
        return self.tokens.pop(0) if self.tokens and self.tokens[0] in signs else ""

    def sum(self) -> Fraction:
        value = -self.product() if self.take("−") else self.product()
        while sign := self.take("+", "−"):
            value += self.product() * (1 if sign == "+" else -1)
        return value

    def product(self) -> Fraction:
        value = self.one()
        while sign := self.take("·", "/"):
            value = value * self.one() if sign == "·" else value / self.one()
        return value

    def one(self) -> Fraction:
        bracket = self.take(*CLOSING)
        if not bracket:
            token = self.tokens.pop(0)
            number = token.replace(",", "")
            return Fraction(number) if number.isdigit() else self.letters[token]
        value = self.sum()
        assert self.take(CLOSING[bracket])
        return Fraction({"(": Fraction, "⌊": floor, "⌈": ceil}[bracket](value))


def worked_out(text: str, letters: dict[str, Fraction] | None = None) -> Fraction:
    reader = Reader(text, letters or {})
    value = reader.sum()
    assert not reader.tokens, text
    return value


def agrees(derivation: Derivation, letters: dict[str, Fraction]) -> None:
    """Letters, numbers and every step between have the derivation's result."""
    result = Fraction(derivation.result)
    assert worked_out(derivation.numbers()) == result
    if derivation.symbols():
        assert worked_out(derivation.symbols(), letters) == result
    *steps, shown = derivation.steps()
    assert all(worked_out(step, letters) == result for step in steps)
    assert shown_as(shown, result)


def shown_as(text: str, result: Fraction) -> bool:
    """Whether a result is shown as it is, or rounded and says so."""
    digits = re.sub("about |[,%]", "", text).replace("−", "-")
    unit = Fraction(1, 100 if text.endswith("%") else 1)
    number = Fraction(digits) * unit
    if not text.startswith("about "):
        return number == result
    last_digit = unit / 10 ** len(digits.partition(".")[2])
    return abs(number - result) <= last_digit / 2


def derivations(found: Explanation) -> Iterator[Derivation]:
    for section in found.sections:
        yield from (entry for entry in section.entries if isinstance(entry, Derivation))


def follow(found: Explanation) -> None:
    """Read an explanation from top to bottom, with the letters that have been introduced."""
    letters = {letter.name: Fraction(letter.value) for letter in found.letters}
    for derivation in derivations(found):
        agrees(derivation, letters)
        letters[derivation.name] = Fraction(derivation.result)
        if derivation.letter:
            assert letters.get(derivation.letter, derivation.result) == derivation.result
            letters[derivation.letter] = Fraction(derivation.result)


# Every kind, over drawn arguments.

WINDOW_PADDING = ("same", "full", "valid")


@st.composite
def window(draw: st.DrawFn, **more: st.SearchStrategy[Any]) -> tuple[str, dict[str, Any]]:
    """The input and arguments of a window that fits, one to three axes, all alike or not."""
    axes = draw(whole(1, 3))

    def numbers(most: int) -> Any:
        return draw(st.one_of(whole(1, most), per_axis(axes, whole(1, most))))

    arguments = {
        "kernel": numbers(4),
        "stride": numbers(3),
        "padding": draw(
            st.one_of(
                whole(0, 2), st.lists(pairs(2).map(list), min_size=axes, max_size=axes),
                st.sampled_from(WINDOW_PADDING),
            )
        ),
        **{name: draw(strategy) for name, strategy in more.items()},
    }  # fmt: skip
    sizes = draw(
        st.one_of(whole(4, 12).map(lambda size: [size] * axes), per_axis(axes, whole(4, 12)))
    )
    return volume(sizes, draw(st.sampled_from((1, 2, 4, 6)))), arguments


DILATION = whole(1, 2)
ROUNDING = st.sampled_from(("floor", "ceil"))
FILTERS = {"filters": whole(1, 4).map(lambda number: 2 * number), "bias": st.booleans()}
WINDOWS = {
    "conv": {**FILTERS, "dilation": DILATION, "groups": whole(1, 2), "rounding": ROUNDING},
    "local_conv": {**FILTERS, "dilation": DILATION, "rounding": ROUNDING},
    "depthwise_conv": {"multiplier": whole(1, 2), "bias": st.booleans(), "dilation": DILATION},
    "separable_conv": {**FILTERS, "multiplier": whole(1, 2), "dilation": DILATION},
    "transposed_conv": {**FILTERS, "groups": whole(1, 2), "dilation": DILATION},
    "max_pool": {"dilation": DILATION, "rounding": ROUNDING},
    "avg_pool": {"rounding": ROUNDING},
    "subsample": {"rounding": ROUNDING},
}
MERGES = ("add", "subtract", "multiply", "average", "maximum", "concat")
OTHERS: dict[str, Any] = {
    "fc": st.builds(lambda units, bias: {"units": units, "bias": bias}, whole(1, 9), st.booleans()),
    "rbf": whole(1, 9),
    "adaptive_avg_pool": whole(1, 9),
    "adaptive_max_pool": whole(1, 9),
    "global_avg_pool": st.builds(lambda keep: {"keep": keep}, st.booleans()),
    "global_max_pool": st.builds(lambda keep: {"keep": keep}, st.booleans()),
    "batch_norm": st.builds(lambda a, b: {"scale": a, "center": b}, st.booleans(), st.booleans()),
    "layer_norm": st.builds(lambda axes: {"axes": axes}, st.sampled_from(("channels", "all"))),
    "group_norm": whole(1, 4),
    "instance_norm": st.builds(lambda affine: {"affine": affine}, st.booleans()),
    "lrn": whole(1, 5),
    "scale": st.builds(lambda bias: {"bias": bias}, st.booleans()),
    "prelu": st.builds(lambda shared: {"shared": shared}, st.booleans()),
    "dropout": st.just(0.5),
    "drop_path": st.just(0.5),
    "attention": st.builds(
        lambda share, bias, output, window: {
            "heads": 2,
            "dimensions": 2 * share,
            "bias": bias,
            "output": output,
            **window,
        },
        whole(1, 5),
        st.booleans(),
        st.booleans(),
        st.sampled_from(({}, {"window": 1})),
    ),
    "custom": st.builds(lambda p, m: {"parameters": p, "macs": m}, whole(0, 9), whole(0, 9)),
    "upsample": st.builds(
        lambda factor, method: {"factor": factor, "method": method},
        whole(1, 3),
        st.sampled_from(("nearest", "bilinear")),
    ),
    "resize": whole(1, 9),
    "pixel_shuffle": whole(1, 2),
    "space_to_depth": whole(1, 2),
    "channel_shuffle": whole(1, 2),
    "slice": st.builds(
        lambda n, at, every: {"channels": n, "start": at, "every": every},
        whole(1, 3),
        whole(0, 2),
        whole(1, 3),
    ),
    "crop": whole(1, 5),
    "zero_pad": whole(0, 3),
    "activation": st.sampled_from(("relu", "none")),
    "flatten": st.none(),
    "identity": st.none(),
}


@st.composite
def drawn(draw: st.DrawFn, kind: str) -> tuple[str, list[Item]]:
    """An input, and items of which the last is of the kind."""
    if kind in WINDOWS:
        given, arguments = draw(window(**dict(WINDOWS[kind])))
        if kind == "subsample":
            del arguments["padding"]
        return given, [{kind: arguments}]
    if kind == "class_token":
        return volume([draw(whole(1, 8))], draw(whole(1, 8))), ["class_token"]
    if kind == "embedding":
        words = {"vocabulary": draw(whole(1, 9)), "dimensions": draw(whole(1, 9))}
        return str(draw(whole(1, 9))), [{kind: words}]
    sizes = draw(per_axis(draw(whole(1, 3)), whole(2, 8)))
    given = volume(sizes, draw(st.sampled_from((1, 3, 4, 8))))
    if kind == "reshape":
        flat = 1
        for size in (*sizes, int(given.partition("@")[0])):
            flat *= size
        return given, [{kind: flat}]
    if kind in MERGES:
        other: Item = {"conv": {"filters": draw(whole(1, 8)), "kernel": 1}}
        first: Item = {"identity": None, "name": "first"}
        return given, [first, other if kind == "concat" else "relu", {kind: ["first", "prev"]}]
    return given, [{kind: draw(OTHERS.get(kind, st.none()))}]


def last_layer(case: tuple[str, list[Item]]) -> Layer:
    given, items = case
    try:
        return build(given, *items).layers[-1]
    except SpecError:
        assume(False)
        raise


def one_of_each() -> list[str]:
    """Every kind; one activation stands for all that take no arguments."""
    plain = [
        kind for kind, cls in KINDS.items() if issubclass(cls, Activation) and not cls.arguments
    ]
    return [kind for kind in KINDS if kind not in plain[1:]]


@pytest.mark.parametrize("kind", one_of_each())
@given(data=st.data())
def test_every_kind_explains_its_counts(kind: str, data: st.DataObject) -> None:
    layer = last_layer(data.draw(drawn(kind)))
    assert layer.kind == kind
    for name in COUNTED:
        found = explain(layer, name)
        assert isinstance(found, Explanation)
        (derivation,) = derivations(found)
        assert derivation.name == name
        assert derivation.result == (layer.quantity(name) or 0)
        follow(found)


@pytest.mark.parametrize("kind", one_of_each())
@given(data=st.data())
def test_every_kind_can_be_followed_from_top_to_bottom(kind: str, data: st.DataObject) -> None:
    layer = last_layer(data.draw(drawn(kind)))
    found = explain(layer)
    assert isinstance(found, Explanation)
    follow(found)
    sizes = [each.result for each in derivations(found) if each.name == "output size"]
    assert set(sizes) <= set(layer.output.sizes)
    by_name = {each.name: each.result for each in derivations(found)}
    for name, value in (
        ("output channels", layer.output.channels),
        ("output values", layer.output.channels),
        ("connections", layer.connections),
        ("without sharing", layer.without_sharing),
        ("with sharing", layer.parameters),
    ):
        assert by_name.get(name, value) == value


@pytest.mark.parametrize("kind", one_of_each())
@given(data=st.data())
def test_the_layers_own_class_derives_its_counts(kind: str, data: st.DataObject) -> None:
    layer = last_layer(data.draw(drawn(kind))).operation
    for name in ("neurons", "weights", "biases", "parameters", "connections", "macs", "fan_in"):
        derivation = derivation_of(layer, name)
        assert (derivation.result if derivation else None) == getattr(layer, name)


OWN_NUMBERS = ("embedding", "custom")  # custom's are stated, and no formula


@pytest.mark.parametrize("kind", [kind for kind in one_of_each() if kind not in OWN_NUMBERS])
@given(data=st.data())
def test_formulas_have_letters_for_all_sizes(kind: str, data: st.DataObject) -> None:
    """A number in a formula of letters is a number of the formula, not of this layer."""
    found = explain(last_layer(data.draw(drawn(kind))))
    assert isinstance(found, Explanation)
    for derivation in derivations(found):
        if derivation.symbols():
            numbers = set(re.findall(r"(?<![A-Za-z_])\d+", derivation.symbols()))
            few = {"1", "2", *(("3", "4") if kind == "attention" else ())}  # projections
            assert numbers <= few, derivation


# What the windows say of themselves.


@given(window(rounding=ROUNDING, dilation=DILATION))
def test_rows_that_no_window_reads(case: tuple[str, dict[str, Any]]) -> None:
    layer = last_layer((case[0], [{"conv": {"filters": 1, **case[1]}}]))
    found = explain(layer, "output")
    assert isinstance(found, Explanation)
    unread = [each.result for each in derivations(found) if each.name == "unread"]
    inside = layer.operation
    expected = set()
    for size, kernel, stride, pads, dilation, output in zip(
        inside.input.sizes, inside.kernel, inside.stride, inside.pads, inside.dilation,  # type: ignore[attr-defined]
        inside.output.sizes, strict=True,
    ):  # fmt: skip
        last = (output - 1) * stride + dilation * (kernel - 1)
        expected |= {size + sum(pads) - 1 - last} - {0}
    assert set(unread) == {rows for rows in expected if rows > 0}


# Equivalents are measured like any other layer.


@pytest.mark.parametrize("kind", one_of_each())
@given(data=st.data())
def test_equivalents_count_the_same(kind: str, data: st.DataObject) -> None:
    layer = last_layer(data.draw(drawn(kind))).operation
    found = layer.equivalent()
    if found is None:
        return
    shape = (
        volume(found.input.sizes, found.input.channels)
        if found.input.sizes
        else str(found.input.channels)
    )
    text = f"input: {shape}\nlayers:\n" + "".join(f"  - {item}\n" for item in found.items)
    other = cnncalc.loads(text)
    assert (other.weights, other.biases) == (layer.weights, layer.biases)
    assert other.connections * found.times == layer.connections
    assert other.macs * found.times == layer.macs
    assert other.output.values * found.times == layer.output.values


HAVE_EQUIVALENTS = {
    "fc: 3": "8x8x4", "conv: 3@1x1": "8x8x4", "conv: 3@8x8": "8x8x4", "depthwise_conv: 3": "8x8x4",
    "separable_conv: 3@3x3": "8x8x4", "global_avg_pool": "8x8x4", "adaptive_max_pool: 4": "8x8x4",
    "depthwise_conv: {kernel: 3, padding: [[0, 1], [1, 2]]}": "8x8x4",
}  # fmt: skip


@pytest.mark.parametrize("item", HAVE_EQUIVALENTS)
def test_these_have_equivalents(item: str) -> None:
    layer = cnncalc.loads(f"input: {HAVE_EQUIVALENTS[item]}\nlayers:\n  - {item}\n").layers[0]
    found = explain(layer)
    assert isinstance(found, Explanation)
    assert any(isinstance(entry, Items) for part in found.sections for entry in part.entries)


# Receptive fields, step by step.


def chains(found: Explanation | Overview) -> Iterator[list[Step]]:
    for section in found.sections:
        steps = [entry for entry in section.entries if isinstance(entry, Step)]
        if steps:
            yield steps


@pytest.mark.parametrize("path", OK, ids=lambda path: path.stem)
def test_receptive_fields_step_by_step(path: Path) -> None:
    network = cnncalc.load(path)
    for leaf in network:
        for steps in chains(explain(leaf, "receptive_field")):
            check_chain(network, steps)
            reached = {size for sizes in leaf.receptive_field.sizes.values() for size in sizes}
            assert steps[-1].size.result in reached


def check_chain(network: Network, steps: list[Step]) -> None:
    """Each step has the engine's size, by a formula that begins with the size it builds on."""
    seen: dict[str, Step] = {}
    before = ""
    for step in steps:
        if step.name in network.inputs:
            assert step.size.result == 1
        else:
            sizes = network[step.name].receptive_field.sizes.values()
            assert step.size.result in {size for axes in sizes for size in axes}
            letters = {}
            below = seen[step.source or before]
            letters["r"] = Fraction(below.size.result)
            letters["j"] = Fraction(below.jump.result if below.jump else 0)
            for derivation in filter(None, (step.size, step.jump)):
                assert worked_out(derivation.numbers()) == derivation.result
            if step.size.symbols().startswith("r +"):
                assert worked_out(re.split(r" \+ ", step.size.numbers())[0]) == letters["r"]
                assert step.size.numbers().endswith(f"·{int(letters['j']):,}")
        seen[step.name] = step
        before = step.name


def test_branches_are_united() -> None:
    """The wider branch decides; padding is what keeps both centred."""
    network = cnncalc.loads(
        "input: 32x32x3\nlayers:\n  - residual: [conv: {filters: 3, kernel: 5, padding: 2}]\n"
    )
    (steps,) = chains(explain(network, "receptive_field"))
    union = steps[-1]
    assert (union.size.numbers(), union.size.result) == ("3 − (−1) + 1", 5)
    assert union.words == "what body.conv1 and input see together: row −1 to row 3"


GATED = (
    "input: 9x9x4\nlayers:\n  - conv: {filters: 4, kernel: 3, padding: 1}\n"
    "  - gate: [global_avg_pool: {keep: true}, conv: {filters: 4, kernel: 1}]\n"
    "  - {conv: {filters: 4, kernel: 3, padding: 1}, name: end}\n"
    "  - global_avg_pool\n"
)
GATES = "A gate on the way sees more, mostly the whole input: the number leaves it out."


def test_the_receptive_field_says_that_gates_see_everything() -> None:
    network = cnncalc.loads(GATED)
    (steps,) = chains(explain(network["end"], "receptive_field"))
    union = next(step for step in steps if step.name == "multiply")
    assert union.words == "what conv1 sees, without the gate body.global_avg_pool1: row 0 to row 2"
    assert steps[-1].size.result == 5
    [section] = field_sections(network, network["end"], every_step=True)
    assert section.entries[-1] == GATES
    for other in ("conv1", "body.conv1", "global_avg_pool1"):  # before it, in it; sees all
        [section] = field_sections(network, network[other], every_step=True)
        assert GATES not in section.entries


def test_a_table_of_receptive_fields_says_so_too(run: Command, tmp_path: Path) -> None:
    spec = tmp_path / "net.yaml"
    spec.write_text(GATED, encoding="utf-8")
    says = "  gates see the whole input, which receptive fields leave out\n"
    assert says in run("describe", str(spec), "--columns", "basic,receptive_field").out
    assert says not in run("describe", str(spec)).out
    assert says not in run("describe", "lenet", "--columns", "all").out


# Several layers, and their sums.


def elements(network: Network) -> Iterator[Group | Network]:
    yield network
    yield from (element for element in network.elements() if isinstance(element, Group))


@pytest.mark.parametrize("path", OK, ids=lambda path: path.stem)
def test_sums_are_those_of_the_engine(path: Path) -> None:
    network = cnncalc.load(path)
    for element in elements(network):
        found = explain(element)
        assert isinstance(found, Overview)
        leaves = network.root.layers if isinstance(element, Network) else element.layers
        assert [layer.path for layer in found.layers] == [leaf.path for leaf in leaves]
        for layer in found.layers:
            follow(layer)
        for section in found.sections:
            if section.title == "Outputs":  # what a block hands on by label, in words
                continue
            for total in section.entries:
                assert isinstance(total, Derivation)
                assert worked_out(total.numbers()) == total.result
                assert total.result == element.quantity(total.name)


@pytest.mark.parametrize("path", OK, ids=lambda path: path.stem)
def test_every_layer_of_every_case_can_be_followed(path: Path) -> None:
    for leaf in cnncalc.load(path):
        found = explain(leaf)
        assert isinstance(found, Explanation)
        if leaf.shares is None:
            follow(found)


# Published numbers, as the command prints them.

PUBLISHED = {
    ("--input", "227x227x3", "conv: {filters: 96, kernel: 11, stride: 4}"): (
        "(227 − 11 + 2·0)/4 + 1",
        "O·O·K = 55·55·96 = 290,400",
        "F·F·C + 1 = 11·11·3 + 1 = 363 + 1 = 364",
        "290,400·364 = 105,705,600",
        "weights + biases = 34,848 + 96 = 34,944",
    ),
    ("--input", "224x224x3", "conv: {filters: 96, kernel: 11, stride: 4}"): (
        "The exact value 54.25 is rounded down to 54.",
        "W 223 or 227, F 8 or 12, S 1 or 3, or a padding of 1 + 2.",
    ),
    ("--input", "8x8x16", "conv: {filters: 8, kernel: 3}"): (
        "8 filters of 3×3×16 give 8 maps and have 8·(3·3·16 + 1) = 1,160 parameters.",
    ),
    ("lenet", "C1"): (
        "O = (W − F + 2·P)/S + 1",
        "F − S = 5 − 1 = 4",
        "each of them reads 25 of the 1,024 inputs",
        "k·n = 25·4,704 = 117,600",
        "m·n = 1,024·4,704 = 4,816,896",
        "4,704·26 = 122,304",
    ),
    ("lenet-1998", "C3"): ("L = 3·6 + 4·9 + 6·1", "F·F·L + K = 5·5·60 + 16 = 1,500 + 16 = 1,516"),
    ("lenet-1998", "S2"): ("1,176·5 = 5,880", "3,528/4,704 = 75%"),
    ("--input", "28x28x10", "max_pool: 2"): ("= 75%",),
    ("--input", "7x7x512", "fc: 4096"): ("- conv: {filters: 4096, kernel: 7}", "102,764,544"),
    ("alexnet-2012", "fc6"): ("r = 195 + (6 − 1)·32 = 355",),
}  # fmt: skip


@pytest.mark.parametrize("words", PUBLISHED, ids=" ".join)
def test_published_numbers(words: tuple[str, ...], run: Command) -> None:
    text = " ".join(run.output("explain", *words).split())
    for line in PUBLISHED[words]:
        assert line in text


# Golden texts.


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(
    path: Path, run: Command, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.chdir(ROOT)
    command, _, expected = path.read_text(encoding="utf-8").partition("\n")
    program, *words = shlex.split(command.removeprefix("$ "))
    assert program == "cnncalc"
    result = run(*words)
    errors = result.own_words()
    printed = result.out + errors
    if request.config.getoption("--update"):
        path.write_text(f"{command}\n{printed}", encoding="utf-8", newline="\n")
        expected = printed
    assert printed == expected
    assert result.code == (2 if errors.startswith("Error: ") else 1 if errors else 0)


# Formats.

HOSTILE = 'a_b % & # $ ~ ^ \\ {x} <b> *y* `z` [w](u) | ::error:: \x1b[31m \u202e 网 "q"'


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    path = tmp_path / "net.yaml"
    path.write_text(
        f"name: {json.dumps(HOSTILE)}\ninput: 30x31x4\nlayers:\n"
        "  - conv: {filters: 6, kernel: 3x5, stride: 2, rounding: ceil, padding: same}\n"
        "    name: c_1-a\n"
        "  - adaptive_avg_pool: 4x5\n"
        "  - branches: {a: [conv: 4@1x1], b: [identity]}\n"
        "  - fc: 10\n",
        encoding="utf-8",
    )
    return path


RUNNER = re.compile(r"^\s*::|##\[", re.MULTILINE)


@pytest.mark.parametrize("format_", formats_of("explain"))
@pytest.mark.parametrize("words", [(), ("c_1-a",), ("fc1",), ("fc1", "receptive_field")])
def test_hostile_names(format_: str, words: tuple[str, ...], hostile: Path, run: Command) -> None:
    out = run.output("explain", hostile, *words, "--format", format_)
    assert all(char.isprintable() for char in out.replace("\n", ""))
    assert not RUNNER.search(out)


@pytest.mark.parametrize("words", [(), ("c_1-a",), ("adaptive_avg_pool1",), ("fc1",)])
def test_latex_is_balanced(words: tuple[str, ...], hostile: Path, run: Command) -> None:
    _, out, _ = run("explain", hostile, *words, "--format", "latex", "--standalone")
    opened = []
    for begin, end in re.findall(r"\\begin\{([a-z*]+)\}|\\end\{([a-z*]+)\}", out):
        if begin:
            opened.append(begin)
        else:
            assert opened.pop() == end
    assert not opened
    bare = re.sub(r"\\[\\{}$%&#_]", "", out)
    assert bare.count("{") == bare.count("}")
    assert out.count("\\left") == out.count("\\right")
    for line in bare.splitlines():
        assert line.count("$") % 2 == 0
    assert "\\usepackage{amsmath}" in out
    assert not set("×·−→⌊⌋⌈⌉") & set(out)
    assert max(map(ord, out)) < 0x250


@pytest.mark.parametrize("words", [(), ("c_1-a",), ("fc1",)])
def test_markdown_code_is_closed(words: tuple[str, ...], hostile: Path, run: Command) -> None:
    _, out, _ = run("explain", hostile, *words, "--format", "markdown")
    for line in out.splitlines():
        assert line.replace("\\`", "").count("`") % 2 == 0 or line.strip().startswith("```")
    for table in re.findall(r"(?:^\|.*\|\n)+", out, re.MULTILINE):
        rows = [re.split(r"(?<!\\)\|", row) for row in table.splitlines()]
        assert len({len(row) for row in rows}) == 1


def test_json_is_one_object_with_raw_numbers(run: Command) -> None:
    _, out, _ = run("explain", "lenet", "C1", "--format", "json")
    assert out.isascii()
    document = json.loads(out)
    (layer,) = document["layers"]
    assert (document["name"], layer["path"], layer["output"]) == ("LeNet-5", "C1", [28, 28, 6])
    entries = [entry for section in layer["sections"] for entry in section["entries"]]
    by_name = {entry["name"]: entry for entry in entries if entry["type"] == "derivation"}
    assert by_name["weights"]["symbols"] == "K·F·F·C"
    assert by_name["weights"]["numbers"] == "6·5·5·1"
    assert by_name["weights"]["result"] == 150
    assert {"type", "layer", "size", "jump"} <= set(entries[-2])


@pytest.mark.parametrize("width", [40, 60, 80, 120])
@pytest.mark.parametrize("words", [("lenet",), ("lenet", "C1"), ("lenet-1998", "C3")], ids=" ".join)
def test_lines_fit(words: tuple[str, ...], width: int, run: Command) -> None:
    out = run.output("explain", *words, "--width", width)
    long = [line for line in out.splitlines() if len(line) > width]
    assert all("→" in line for line in long)  # the volumes of a heading stay together


def test_color_changes_nothing_but_the_color(run: Command) -> None:
    _, plain, _ = run("explain", "lenet", "C1")
    _, colored, _ = run("explain", "lenet", "C1", "--color", "always")
    assert re.sub("\x1b\\[[0-9;]*m", "", colored) == plain
    assert colored != plain


def test_links_to_padding_count_and_it_says_how_many(run: Command) -> None:
    """VGG-16: 14,989,502,184 of the 15,489,942,504 links that the textbooks' formula gives."""
    text = " ".join(run("explain", "vgg16", "connections").out.split())
    assert "= 15,489,942,504 500,440,320 of them lead outside the volume, into padding" in text
    assert "and count; without them there are 14,989,502,184." in text
    assert "those to padding count too" in " ".join(run("quantities").out.split())


def test_products_that_padding_takes_off_count(run: Command) -> None:
    item = "transposed_conv: {filters: 3, kernel: 3, stride: 2, padding: 1, bias: false}"
    text = " ".join(run("explain", "--input", "4x4x5", item, "connections").out.split())
    assert "= 2,160 660 of them lead outside" in text
    assert "without them there are 1,500." in text
    meaning = " ".join(run("quantities").out.split())
    assert "and those that a transposed convolution's padding cuts off" in meaning


def test_links_of_a_head_that_does_not_run_are_none_to_padding(
    run: Command, tmp_path: Path
) -> None:
    """Of a group, as of the whole network, only the links that count lead into padding."""
    conv = "conv: {filters: 4, kernel: 3, padding: 1}"
    head = f"{{layers: [{conv}], name: aux, only: training}}"
    path = tmp_path / "net.yaml"
    path.write_text(f"input: 8x8x3\nlayers: [{{layers: [{conv}, {head}], name: stage}}, relu]\n")
    for words, outside in (((), "1,104"), (("--training",), "2,576")):
        text = " ".join(run("explain", path, "stage", "connections", *words).out.split())
        assert f" {outside} of them lead outside the volume" in text


def test_library() -> None:
    network = cnncalc.load("lenet")
    derivation = derivation_of(network["C1"].operation, "connections")
    assert derivation.equation() == ("O·O·K·(F·F·C + 1) = 28·28·6·(5·5·1 + 1) = 4,704·26 = 122,304")
    assert cnncalc.explain(network["C1"]) == explain(network["C1"])


# What a student asks


def test_the_short_answer_comes_first(run: Command) -> None:
    lines = run("explain", "lenet", "C1").out.splitlines()
    assert lines[:5] == [
        "C1   conv 5×5   32×32×1 → 28×28×6",
        "in LeNet-5, on line 5",
        "",
        "28×28×6 = 4,704 values, 156 parameters (150 weights and 6 biases), 122,304",
        "connections.",
    ]
    assert "1000 values" not in run("explain", "lenet", "C1", "output").out
    short = "10 values, 61,706 parameters (61,470 weights and 236 biases), 429,342"
    assert short in run("explain", "lenet").out.splitlines()


POOLS = {
    "max_pool: 2": "the largest value of each window", "avg_pool: 2": "the mean of each window",
    "global_avg_pool": "the mean of each map", "global_max_pool": "the largest value of each map",
    "adaptive_avg_pool: 3": "the mean of each window",
}  # fmt: skip


@pytest.mark.parametrize(("item", "takes"), POOLS.items())
def test_why_a_pool_has_no_parameters(item: str, takes: str, run: Command) -> None:
    out = " ".join(run("explain", item, "--input", "8x8x3").out.split())
    assert f"It has no parameters: it takes {takes}, which follows from the input alone." in out
    assert "no parameters, " in out


@pytest.mark.parametrize("layer", ["fc", "flatten, fc"])
def test_an_fc_over_maps_is_the_convolution_with_their_kernel_size(layer: str) -> None:
    items = layer.replace("fc", "fc: 7").replace(", ", "\n  - ")
    network = cnncalc.loads(f"input: 6x5x4\nlayers:\n  - {items}\n")
    (found,) = [
        section
        for section in explained(network.layers[-1]).sections
        if section.title == "The same in other words"
    ]
    sentence, spelled = found.entries
    assert sentence == (
        "The same as a convolution of the 6×5×4 volume whose kernel is as large as its maps:"
    )
    assert isinstance(spelled, Items)
    conv = cnncalc.loads(f"input: 6x5x4\nlayers:\n  - {spelled.texts[0]}\n")
    assert conv.parameters == network.parameters
    assert conv.connections == network.connections
    assert conv.output.values == network.output.values


def explained(layer: Layer) -> Explanation:
    found = explain(layer)
    assert isinstance(found, Explanation)
    return found


@pytest.mark.parametrize("layer", ["C1", "avg_pool1", "fc1", "softmax1"])
def test_it_answers_to_its_own_headings(layer: str, run: Command) -> None:
    whole = run("explain", "lenet", layer).out
    network = cnncalc.load("lenet")
    for section in explained(network.by_path[layer]).sections:  # type: ignore[arg-type]
        out = run.output("explain", "lenet", layer, section.title.upper())
        part = whole[whole.index(f"\n{section.title}\n") :].split("\n\n")[0].strip()
        assert part in out or section.title in ("Output", "Receptive field")
        for entry in section.entries:
            if isinstance(entry, Derivation):
                assert entry.result_text() in run("explain", "lenet", layer, entry.name).out


def test_the_letters_alone(run: Command) -> None:
    out = run("explain", "lenet", "C1", "letters").out
    assert "W = 32" in out
    assert "Counts" not in out
    out = run("explain", "lenet", "C1", "overlap").out
    assert "F − S = 5 − 1 = 4" in out
    assert "W = 32" not in out


def test_rows_are_counted_from_1(run: Command) -> None:
    out = " ".join(run("explain", "lenet", "C1", "receptive_field").out.split())
    assert "the first unit on rows 1 to 5, its neighbour on those 1 further on" in out
    out = " ".join(run("explain", "vgg16", "conv1_1", "receptive_field").out.split())
    assert "the first unit on rows 0 to 2 (what lies before 1 is padding)" in out
    assert "counted from 0" not in out
