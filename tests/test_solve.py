"""solve: what it finds is all there is, and what it says of it is true."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import islice, product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from running import Command, Compare

import cnncalc
from cnncalc.commands.solve import search
from cnncalc.commands.solve.model import (
    InputAnswers,
    LayerAnswers,
    solve_inputs,
    solve_layers,
    solve_windows,
)
from cnncalc.commands.solve.numbers import Numbers
from cnncalc.commands.solve.search import QuestionError, TooManyError, remedies, window
from cnncalc.volume import Volume

CASES = Path(__file__).parent / "cases" / "solve"


def windows_counted(
    size: int, kernel: int, stride: int, before: int, after: int
) -> tuple[int, bool]:
    """The windows that fit into the padded rows, put down one by one; whether all rows are read."""
    rows = before + size + after
    starts = [start for start in range(0, rows, stride) if start + kernel <= rows]
    return len(starts), bool(starts) and starts[-1] + kernel == rows


@pytest.mark.parametrize(("size", "output"), list(product(range(1, 10), range(1, 6))))
def test_finds_all_windows(size: int, output: int) -> None:
    found = solve_windows(size=size, output=output).windows
    numbers = {(w.kernel, w.stride, w.padding): w.exact for w in found}
    wanted = {}
    for kernel in range(1, size + 1):
        for before, extra in product(range(kernel // 2 + 1), (0, 1)):
            for stride in range(1, size + 2 * kernel):
                count, even = windows_counted(size, kernel, stride, before, before + extra)
                if count == output and (
                    output > 1 or stride in strides_of_one(size, kernel, before, extra)
                ):
                    wanted[kernel, stride, (before, before + extra)] = even
    assert numbers == wanted


def strides_of_one(size: int, kernel: int, before: int, extra: int) -> range:
    """Where one window is wanted any larger stride would do: from the least one up to F."""
    free = size + 2 * before + extra - kernel
    return range(free + 1, max(free + 1, kernel) + 1)


@given(st.integers(1, 12), st.integers(1, 5), st.integers(0, 3), st.integers(1, 9))
def test_finds_all_inputs(kernel: int, stride: int, padding: int, output: int) -> None:
    found = solve_windows(kernel=kernel, stride=stride, padding=padding, output=output).windows
    wanted = {
        size
        for size in range(1, 100)
        if windows_counted(size, kernel, stride, padding, padding)[0] == output
    }
    assert {w.size for w in found} == wanted


@given(st.integers(5, 300), st.integers(1, 12), st.integers(2, 6), st.integers(0, 3))
def test_remedies_fit(size: int, kernel: int, stride: int, padding: int) -> None:
    found = window(size, kernel, stride, (padding, padding))
    if found is None or found.exact:
        return
    better = remedies(found)
    assert better
    for fits in better:
        before, after = fits.padding
        assert windows_counted(fits.size, fits.kernel, fits.stride, before, after) == (
            fits.output,
            True,
        )


@given(
    st.lists(st.integers(1, 9), min_size=1, max_size=4, unique=True),
    st.lists(st.integers(1, 40), min_size=1, max_size=3, unique=True),
)
def test_several_outputs_are_the_sum_of_each(outputs: list[int], sizes: list[int]) -> None:
    together = solve_windows(size=sizes, kernel=range(1, 6), output=outputs).windows
    each = [
        window
        for size, output in product(sizes, outputs)
        for window in solve_windows(size=size, kernel=range(1, 6), output=output).windows
    ]
    assert sorted(together) == sorted(each)
    assert len(set(together)) == len(together)


def test_volumes() -> None:
    answers = solve_layers("227x227x3", "55x55x96").answers
    first = answers[0]
    assert first.exact
    assert (first.layer.kernel, first.layer.stride) == ((11, 11), (4, 4))  # AlexNet's
    assert first.layer.weights == 34_848
    assert all(str(answer.layer.output) == "55x55x96" for answer in answers)
    assert [answer.exact for answer in answers] == sorted((a.exact for a in answers), reverse=True)


def test_unlike_axes() -> None:
    answers = solve_layers("100x7x1", "20x7x4", padding=0).answers
    assert answers[0].layer.kernel == (5, 1)
    assert answers[0].layer.stride == (5, 1)


# W, F, S, P, output_padding and O of layers that networks have.
TRANSPOSED = [
    (7, 4, 2, 1, 0, 14),  # DCGAN
    (14, 2, 2, 0, 0, 28),  # U-Net
    (16, 3, 2, 1, 1, 32),
    (34, 16, 8, 0, 0, 280),
    (5, 3, 1, 0, 0, 7),
]


@pytest.mark.parametrize("numbers", TRANSPOSED)
def test_finds_transposed_convolutions(numbers: tuple[int, ...]) -> None:
    size, kernel, stride, padding, extra, output = numbers
    answers = solve_layers(
        Volume((size,), 3), Volume((output,), 5), kind="transposed_conv", padding=padding
    ).answers
    found = [
        answer
        for answer in answers
        if (answer.layer.kernel, answer.layer.stride) == ((kernel,), (stride,))
    ]
    (answer,) = found
    assert answer.layer.shown_arguments["output_padding"] == [extra]
    assert answer.exact == (extra == 0)


@pytest.mark.parametrize(("size", "output"), list(product(range(2, 6), range(1, 9))))
def test_finds_all_transposed_convolutions(size: int, output: int) -> None:
    """Those with S above output_padding; a larger one would do only under a dilation."""
    answers = solve_layers(
        Volume((size,), 1), Volume((output,), 1), kind="transposed_conv", padding=0
    ).answers
    found = {
        (a.layer.kernel[0], a.layer.stride[0], a.layer.shown_arguments["output_padding"][0])
        for a in answers
    }
    wanted = {
        (kernel, stride, extra)
        for kernel, stride in product(range(1, output + 1), range(1, output + 1))
        for extra in range(stride)
        if (size - 1) * stride + kernel + extra == output
    }
    assert found == wanted


def test_inputs_of_a_spec() -> None:
    found = solve_inputs("alexnet-2012", range(190, 262))
    assert [size.size for size in found.tried if size.even] == [195, 227, 259]


CALLS = {
    "-W 224 -F 11 -S 4": "54.25",
    "-W 227 -F 11 -S 4": "It fits: O = 55.",
    "-W 32 -O 28 -S 1 -P 0": "  32   5   1   0   28",
    "--input 227x227x3 --output 55x55x96": "  conv   11   4    0    34,848     105,415,200      11",
    "alexnet-2012 --inputs 200..260": "Fit evenly through the whole network: 227, 259.",
    "-W 10 -F 3 -O 50": "The nearest:",
    "--input 10x10x3 --output 20x20x3": "No max_pool leads from 10×10×3 to 20×20×3.",
    "-W 4 -F 7": "The kernel is larger than the padded input.",
    "resnet50 --inputs 224 --set classes=7": "The smallest input it accepts is 1.",
    "--input 8x8x4 --output 15x15x4 --kind transposed_conv -P 1 -F 2": "output_padding 1",
    "--input 2x64x64 --output 1x32x64 -F 2": "2×64×64 → 1×32×64",
    "--input 8x8x4 --output 15x15x4": "only transposed_conv and upsample enlarge",
}


@pytest.mark.parametrize("call", CALLS)
def test_command(call: str, run: Command) -> None:
    done = run("solve", *call.split())
    assert CALLS[call] in done.out
    assert done.err == ""


REFUSED = {
    "-W 224": "at least two of",
    "-W x -F 3": "'x' is no number",
    "-W 0 -F 3": "between 1 and 10^12",
    "-W 1..999999999 -F 3": "a range of more than",
    "-F 3 -S 1": "say -W or -O",
    "--input 3x3x1": "two volumes are --input and --output",
    "--input 3x3x1 --output 7": "different numbers of axes",
    "alexnet": "say which --inputs",
    "alexnet -W 3": "solved for --inputs only",
    "alexnett --inputs 3": "did you mean alexnet",
    "alexnet --inputs 3 --variant vgg": "no variant",
    "alexnet --inputs 3 --set widht=3": "the spec has no var widht",
    "alexnet --inputs 3 --set widht=3,4": "no lists in --set",
    "alexnet --inputs 1..100000": "100,000 sizes to try; for this network at most",
    "-W 3 -F 3 --set a=3": "are about a SPEC",
    "-W 3 -F 3 --inputs 3": "are about a SPEC",
    "-W 3 -F 3 --kind conv": "--kind is of the layer between two volumes",
    "--input 3x64x64 --output 9x9x9": "write 64x64x3",
    "--input 3x224x224 --output 9x9x9": "write 224x224x3",
    "--input 64x64x3 --output 9x9": "9x9 has no channels",
}


@pytest.mark.parametrize("call", REFUSED)
def test_refused(call: str, run: Command) -> None:
    done = run("solve", *call.split())
    assert REFUSED[call] in " ".join(done.err.split())
    assert done.code == 2


# Forms.

# What each question and outcome looks like, as text and JSON.
GOLDEN = {
    "verdict": "-W 224 -F 11 -S 4",
    "fits": "-W 227 -F 11 -S 4",
    "windows": "-F 3,5,7 -S 2 -P 1 -d 1,2 -O 112",
    "nearest": "-W 10 -F 3 -O 50",
    "layers": "--input 227x227x3 --output 55x55x96 -F 1..13",
    "transposed": "--input 8x8x4 --output 15x15x4 --kind transposed_conv -F 3,4",
    "no-layer": "--input 10x10x3 --output 20x20x4 --kind max_pool",
    "inputs": "alexnet-2012 --inputs 225..228",
}


@pytest.mark.parametrize("name", GOLDEN)
@pytest.mark.parametrize("format_", ["text", "json"])
def test_golden(
    name: str, format_: str, run: Command, compare: Compare, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cnncalc.render.json.__version__", "1.2.3")
    code, out, errors = run("solve", *GOLDEN[name].split(), "--format", format_)
    assert errors == ""
    compare(CASES / f"{name}.{format_}.txt", out)
    if format_ == "json":
        assert json.loads(out)["fits"] == (code == 0)


def test_no_golden_is_left_over() -> None:
    wanted = {f"{name}.{format_}.txt" for name, format_ in product(GOLDEN, ("text", "json"))}
    assert {path.name for path in CASES.iterdir()} == wanted


# Python.


def test_three_lines_do_what_the_command_does(run: Command) -> None:
    layers: LayerAnswers = solve_layers("227x227x3", "55x55x96", kernel=range(1, 14))
    out = json.loads(run("solve", *GOLDEN["layers"].split(), "--format", "json").out)
    assert [one["label"] for one in out["candidates"]] == [a.layer.label() for a in layers.answers]
    inputs: InputAnswers = solve_inputs("alexnet-2012", range(225, 229))
    assert [size.size for size in inputs.tried if size.even] == [227]
    assert inputs.smallest == 67


def test_vars_of_a_spec() -> None:
    text = "vars: {k: 3}\ninput: 9x9x1\nlayers:\n  - max_pool: {kernel: $k, stride: 2}\n"
    spec = cnncalc.read_text(text)
    even = solve_inputs(spec, [8, 9]).tried, solve_inputs(spec, [8, 9], vars={"k": 2}).tried
    assert [[size.size for size in tried if size.even] for tried in even] == [[9], [8]]


def test_questions_without_an_answer() -> None:
    with pytest.raises(QuestionError, match="at least two of size, kernel"):
        solve_windows(size=3)
    with pytest.raises(QuestionError, match="say the size or the output"):
        solve_windows(kernel=3, stride=1)
    with pytest.raises(QuestionError, match="kernel is a number from 1 to"):
        solve_windows(size=3, kernel=0)
    with pytest.raises(QuestionError, match="stride is a number from 1 to"):
        solve_windows(size=3, kernel=1, stride=[])
    with pytest.raises(QuestionError, match="not fc"):
        solve_layers("3x3x1", "1x1x1", kind="fc")
    with pytest.raises(QuestionError, match="the input 7 is a vector"):
        solve_inputs(cnncalc.read_text("input: 7\nlayers: [fc: 3]\n"), 5)
    with pytest.raises(QuestionError, match="write 64x64x3"):
        solve_layers("3x64x64", "8x8x8")


# Bounds.


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 9)), max_size=9), st.integers(-9, 80))
def test_numbers_are_a_set(parts: list[tuple[int, int]], number: int) -> None:
    ranges = [range(first, first + length) for first, length in parts]
    numbers, wanted = Numbers(ranges), {number for part in ranges for number in part}
    assert list(numbers) == sorted(wanted)
    assert numbers.count == len(wanted)
    assert (number in numbers) == (number in wanted)
    if wanted:
        assert numbers.distance(number) == min(abs(one - number) for one in wanted)


def test_numbers_stay_ranges() -> None:
    numbers = Numbers.of(range(1, 10**12))
    assert numbers.ranges == [range(1, 10**12)]
    assert (numbers.least, numbers.most) == (1, 10**12 - 1)
    assert list(islice(numbers, 3)) == [1, 2, 3]


LARGE = {
    "-W 1000000000000 -F 1000000000 -O 2": "more than 100,000 combinations",
    "-W 1000000000000 -O 1..100000": "more than 100,000 combinations",
    "-W 1000000000000 -d 1..100000 -O 5": "more than 100,000 combinations",
    "-O 1..100000 -F 1000000000000": "more than 100,000 combinations",
    "-W 1..100000 -F 3 -O 7..90000": "more than 100,000 combinations",
    "-W 1000000000000 -O 1..100001": "a range of more than 100,000",
    "-W 1000000000000 -d 1..100001 -O 5": "a range of more than 100,000",
    "-O 1..100001 -F 1000000000000": "a range of more than 100,000",
}


@pytest.mark.parametrize("call", LARGE)
def test_large_numbers_are_refused_before_any_work(
    call: str, run: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def work(*numbers: object) -> None:
        raise AssertionError("a window was tried")

    monkeypatch.setattr(search, "window", work)
    done = run("solve", *call.split())
    assert LARGE[call] in done.err
    assert (done.code, done.out) == (2, "")


def test_steps_that_lead_nowhere_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every other number as a list of O, none of which a stride leads to."""
    monkeypatch.setattr(search, "MAX_STEPS", 1_000)
    with pytest.raises(TooManyError):
        solve_windows(size=range(10, 20), stride=None, output=range(1001, 90_000, 2))


MEMORY = 400 * 2**20


@pytest.mark.skipif(sys.platform != "linux", reason="macOS and Windows have no such limit")
@pytest.mark.parametrize("call", LARGE)
def test_large_numbers_take_little_memory(call: str) -> None:
    limited = (
        f"import resource; resource.setrlimit(resource.RLIMIT_AS, ({MEMORY}, {MEMORY}))\n"
        "import sys; from cnncalc.commands.main import main; main(sys.argv[1:])"
    )
    words = [sys.executable, "-c", limited, "solve", *call.split()]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert LARGE[call] in done.stderr
