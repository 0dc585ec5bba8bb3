"""solve: what it finds is all there is, and what it says of it is true."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from running import Command

import cnncalc
from cnncalc.commands.solve.solve import (
    Axis,
    remedies,
    solve_axis,
    solve_volumes,
    try_inputs,
    window,
)
from cnncalc.volume import Volume


def windows_counted(
    size: int, kernel: int, stride: int, before: int, after: int
) -> tuple[int, bool]:
    """The windows that fit into the padded rows, put down one by one; whether all rows are read."""
    rows = before + size + after
    starts = [start for start in range(0, rows, stride) if start + kernel <= rows]
    return len(starts), bool(starts) and starts[-1] + kernel == rows


@pytest.mark.parametrize(("size", "output"), list(product(range(1, 10), range(1, 6))))
def test_finds_all_windows(size: int, output: int) -> None:
    found = solve_axis(Axis((size,), None, None, None, (output,)))
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
    found = solve_axis(Axis(None, (kernel,), (stride,), (padding,), (output,)))
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


def test_volumes() -> None:
    axes = [Axis((227,), None, None, None, (55,))] * 2
    answers = solve_volumes("conv", Volume.parse("227x227x3"), Volume.parse("55x55x96"), axes)
    first = answers[0]
    assert first.exact
    assert (first.layer.kernel, first.layer.stride) == ((11, 11), (4, 4))  # AlexNet's
    assert first.layer.weights == 34_848
    assert all(str(answer.layer.output) == "55x55x96" for answer in answers)
    assert [answer.exact for answer in answers] == sorted((a.exact for a in answers), reverse=True)


def test_unlike_axes() -> None:
    axes = [Axis((100,), None, None, (0,), (20,)), Axis((7,), None, None, (0,), (7,))]
    answers = solve_volumes("conv", Volume.parse("100x7x1"), Volume.parse("20x7x4"), axes)
    assert answers[0].layer.kernel == (5, 1)
    assert answers[0].layer.stride == (5, 1)


def test_inputs_of_a_spec() -> None:
    spec = cnncalc.read("alexnet-2012")
    even = [size.size for size in try_inputs(spec, None, range(190, 262)) if size.even]
    assert even == [195, 227, 259]


CALLS = {
    "-W 224 -F 11 -S 4": "54.25",
    "-W 227 -F 11 -S 4": "It fits: O = 55.",
    "-W 32 -O 28 -S 1 -P 0": "  32   5   1   0   28",
    "--input 227x227x3 --output 55x55x96": "  conv   11   4    0    34,848     105,415,200      11",
    "alexnet-2012 --inputs 200..260": "Fit evenly through the whole network: 227, 259.",
    "-W 10 -F 3 -O 50": "The nearest:",
    "--input 10x10x3 --output 20x20x3": "No max_pool leads from 10×10×3 to 20×20×3.",
    "-W 4 -F 7": "The kernel is larger than the padded input.",
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
}


@pytest.mark.parametrize("call", REFUSED)
def test_refused(call: str, run: Command) -> None:
    done = run("solve", *call.split())
    assert REFUSED[call] in " ".join(done.err.split())
    assert done.code == 2
