"""The formulas of sliding windows against windows that are put down one by one."""

from collections.abc import Callable
from fractions import Fraction
from math import ceil, floor
from typing import Any, NamedTuple

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import Pair, pairs, whole

import cnncalc
from cnncalc import arithmetic as a
from cnncalc.language.expressions import compile_expression
from cnncalc.wording import show


class Slide(NamedTuple):
    """A window and what it slides over, along one axis."""

    size: int
    kernel: int
    stride: int
    padding: Pair
    dilation: int


@st.composite
def slides(draw: st.DrawFn) -> Slide:
    size, kernel, stride = draw(whole(1, 24)), draw(whole(1, 6)), draw(whole(1, 5))
    return Slide(size, kernel, stride, draw(pairs(5)), draw(whole(1, 4)))


def rows_of_window(start: int, slide: Slide) -> set[int]:
    return {start + slide.dilation * place for place in range(slide.kernel)}


def last_row(start: int, slide: Slide) -> int:
    return max(rows_of_window(start, slide))


def padded_rows(slide: Slide) -> range:
    return range(-slide.padding[0], slide.size + slide.padding[1])


def windows(slide: Slide) -> list[int]:
    """Where the windows start that lie in the padded input."""
    rows = padded_rows(slide)
    return [start for start in rows[:: slide.stride] if last_row(start, slide) in rows]


def windows_rounded_up(slide: Slide) -> list[int]:
    """The same with the one that reads what is left, if it starts before the padding after."""
    rows, starts = padded_rows(slide), windows(slide)
    following = starts[-1] + slide.stride
    something_left = last_row(starts[-1], slide) < rows[-1]
    return [*starts, following] if something_left and following < slide.size else starts


@given(slides())
def test_extent_is_what_a_kernel_spans(slide: Slide) -> None:
    rows = rows_of_window(0, slide)
    assert a.extent(slide.kernel, slide.dilation) == max(rows) - min(rows) + 1


@given(slides())
def test_window_size_counts_windows(slide: Slide) -> None:
    assert max(a.window_size(*slide), 0) == len(windows(slide))


@given(slides())
def test_ceil_adds_the_window_that_reads_the_rest(slide: Slide) -> None:
    """PyTorch's rule is for pools, whose padding is smaller than their window."""
    assume(windows(slide) and slide.padding[1] < a.extent(slide.kernel, slide.dilation))
    assert a.window_size(*slide, a.CEIL) == len(windows_rounded_up(slide))


@given(slides())
def test_unread_rows_lie_behind_the_last_window(slide: Slide) -> None:
    starts = windows(slide)
    assume(starts)
    end = padded_rows(slide)[-1]
    assert a.unread(*slide) == end - last_row(starts[-1], slide)
    exact = Fraction(a.exact_text(*slide))
    assert floor(exact) == len(starts)
    assert (exact == len(starts)) == (a.unread(*slide) == 0)


@given(slides())
def test_the_formula_as_text_comes_to_the_size(slide: Slide) -> None:
    text = a.window_formula(*slide).replace("−", "-").replace("·", "*")
    assert [show(value) for value in compile_expression(text)] == [a.exact_text(*slide)]


@given(slides())
def test_nearby_fits_really_fit(slide: Slide) -> None:
    assume(windows(slide) and a.unread(*slide))
    fits = a.nearby_fits(*slide)
    before, after = (sum(both) for both in zip(slide.padding, fits.extra_padding, strict=True))
    offered = [
        slide._replace(padding=(before, after)),
        *(slide._replace(size=size) for size in fits.sizes),
        *(slide._replace(kernel=kernel) for kernel in fits.kernels),
        *(slide._replace(stride=stride) for stride in fits.strides),
    ]
    assert [fit for fit in offered if not windows(fit) or a.unread(*fit)] == []
    assert slide.size not in fits.sizes
    assert slide.kernel not in fits.kernels
    assert slide.stride not in fits.strides


@given(slides())
def test_no_size_and_kernel_nearer_than_the_nearby_ones_fits(slide: Slide) -> None:
    assume(windows(slide) and a.unread(*slide))
    fits = a.nearby_fits(*slide)

    def nearest(change: Callable[[int], Slide], value: int) -> tuple[int, ...]:
        """The next below and the next above that come out even."""
        even = [n for n in range(1, 80) if windows(change(n)) and not a.unread(*change(n))]
        below, above = [n for n in even if n < value], [n for n in even if n > value]
        return (*below[-1:], *above[:1])

    assert fits.sizes == nearest(lambda n: slide._replace(size=n), slide.size)
    offered = nearest(lambda n: slide._replace(kernel=n), slide.kernel)
    if slide.dilation == 1:
        assert fits.kernels == offered
    assert set(fits.kernels) <= set(offered)


def test_nearby_fits_of_alexnet_on_224() -> None:
    assert a.nearby_fits(224, 11, 4, (0, 0)) == ((223, 227), (8, 12), (1, 3), (1, 2))


# Named paddings.


@given(slides())
def test_same_is_the_least_padding_that_keeps_every_stride(slide: Slide) -> None:
    size, kernel, stride, _, dilation = slide
    before, after = a.same_padding(size, kernel, stride, dilation)
    outputs = len(range(0, size, stride))
    assert a.same_size(size, stride) == outputs
    assert len(windows(slide._replace(padding=(before, after)))) == outputs
    assert after - before in (0, 1)
    if after:
        assert len(windows(slide._replace(padding=(before, after - 1)))) < outputs


@given(slides())
def test_full_is_every_place_where_window_and_input_overlap(slide: Slide) -> None:
    size, kernel, _, _, dilation = slide
    padded = slide._replace(stride=1, padding=a.full_padding(kernel, dilation))
    overlapping = [
        start for start in range(-100, 100) if start < size and last_row(start, slide) >= 0
    ]
    assert windows(padded) == overlapping


@given(slides())
def test_causal_windows_end_at_their_own_row(slide: Slide) -> None:
    padded = slide._replace(stride=1, padding=a.causal_padding(slide.kernel, slide.dilation))
    ends = [last_row(start, slide) for start in windows(padded)]
    assert ends == list(range(slide.size))


# Transposed windows.


@given(slides())
def test_transposed_is_the_inverse_of_a_window(slide: Slide) -> None:
    """Rows that the window does not read come back as output_padding."""
    size, kernel, stride, padding, dilation = slide
    outputs = len(windows(slide))
    assume(outputs)
    extra = a.unread(*slide)
    assert extra < stride
    assert a.transposed_size(outputs, kernel, stride, padding, dilation, extra) == size


@given(slides(), whole(0, 3))
def test_transposed_counts_the_rows_that_inputs_spread_over(slide: Slide, extra: int) -> None:
    size, kernel, stride, (before, after), dilation = slide
    spread = {row * stride + dilation * k for row in range(size) for k in range(kernel)}
    kept = max(spread) + 1 - before - after + extra
    assert a.transposed_size(size, kernel, stride, (before, after), dilation, extra) == kept


@given(slides())
def test_transposed_same_multiplies_by_the_stride(slide: Slide) -> None:
    size, kernel, stride, _, dilation = slide
    before, after = a.transposed_same_padding(kernel, stride, dilation)
    assert a.transposed_size(size, kernel, stride, (before, after), dilation) == size * stride
    assert after - before in (0, 1)


# Adaptive pools.


def adaptive_rows(index: int, size: int, output: int) -> range:
    step = Fraction(size, output)
    return range(floor(index * step), ceil((index + 1) * step))


@given(whole(1, 60), whole(1, 60))
def test_adaptive_windows_and_the_rows_they_cover(size: int, output: int) -> None:
    covered = [adaptive_rows(index, size, output) for index in range(output)]
    found = [range(*a.adaptive_window(index, size, output)) for index in range(output)]
    assert found == covered
    assert a.adaptive_coverage(size, output) == sum(map(len, covered))
    assert {row for rows in covered for row in rows} == set(range(size))


# Rounding to multiples.


@given(st.fractions(min_value=0, max_value=500, max_denominator=12), whole(1, 32))
def test_divisible_is_the_nearest_multiple_that_loses_less_than_a_tenth(
    number: Fraction, divisor: int
) -> None:
    multiples = range(divisor, 600, divisor)
    nearest = min(multiples, key=lambda multiple: (abs(multiple - number), -multiple))
    keeps = nearest >= Fraction(9, 10) * number
    assert a.divisible(number, divisor) == (nearest if keeps else nearest + divisor)


@pytest.mark.parametrize(
    ("number", "rounded"),
    [(1, 8), (11, 16), (12, 16), (18, 24), (19, 24), (Fraction(36, 5), 8), (Fraction(63, 5), 16)],
)
def test_divisible_by_8(number: Fraction, rounded: int) -> None:
    """Among them 18: 16 would be less than 0.9 · 18."""
    assert a.divisible(number, 8) == rounded


def test_divisible_may_lose_just_a_tenth() -> None:
    assert (a.divisible(10, 9), a.divisible(100, 90)) == (9, 90)


# What users call.


@given(slides())
def test_output_size_takes_keywords(slide: Slide) -> None:
    size, kernel, stride, padding, dilation = slide
    expected = len(windows(slide))
    assume(expected)
    keywords: dict[str, Any] = {"stride": stride, "padding": padding, "dilation": dilation}
    assert cnncalc.output_size(size, kernel, **keywords) == expected
    assert cnncalc.output_size(size, kernel, stride=stride, padding="same") == -(-size // stride)
    causal = cnncalc.output_size(size, kernel, padding="causal", dilation=dilation)
    full = cnncalc.output_size(size, kernel, padding="full", dilation=dilation)
    assert (causal, full) == (size, size + dilation * (kernel - 1))


@pytest.mark.parametrize(
    ("numbers", "keywords", "size"),
    [
        ((32, 5), {}, 28),
        ((227, 11), {"stride": 4}, 55),
        ((224, 11), {"stride": 4}, 54),
        ((224, 11), {"stride": 4, "rounding": "ceil"}, 55),
        ((227, 11), {"stride": 4, "rounding": "exact"}, 55),
        ((224, 7), {"stride": 2, "padding": 3}, 112),
        ((224, 3), {"padding": "same"}, 224),
        ((5, 3), {"padding": "valid"}, 3),
        ((5, 3), {"padding": (0, 1)}, 4),
    ],
)
def test_output_size(numbers: Pair, keywords: dict[str, Any], size: int) -> None:
    assert cnncalc.output_size(*numbers, **keywords) == size


ERRORS = [
    ((3, 5), {}, "the window does not fit: (3 − 5 + 2·0)/1 + 1 = "),
    ((1, 2), {"stride": 3}, "the window does not fit: (1 − 2 + 2·0)/3 + 1 = 0"),
    (
        (224, 11),
        {"stride": 4, "rounding": "exact"},
        "the window does not come out even: (224 − 11 + 2·0)/4 + 1 = 54.25",
    ),
    ((0, 1), {}, "size, kernel, stride and dilation are at least 1"),
    ((5, 0), {}, "size, kernel, stride and dilation are at least 1"),
    ((5, 1), {"stride": 0}, "size, kernel, stride and dilation are at least 1"),
    ((5, 1), {"dilation": 0}, "size, kernel, stride and dilation are at least 1"),
    ((5, 1), {"padding": -1}, "padding is at least 0"),
    ((5, 1), {"padding": (0, -1)}, "padding is at least 0"),
    ((5, 1), {"padding": "some"}, "padding is a number, a pair, or one of same, valid, full, "),
    ((5, 1), {"rounding": "up"}, "rounding is floor, ceil or exact, not 'up'"),
]


@pytest.mark.parametrize(("numbers", "keywords", "message"), ERRORS)
def test_output_size_refuses(numbers: Pair, keywords: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 the message is what is tested
        cnncalc.output_size(*numbers, **keywords)
    assert str(caught.value).startswith(message)
