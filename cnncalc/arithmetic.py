"""The arithmetic of sliding windows: pure functions on whole numbers.

W input size along an axis, F kernel, S stride, d dilation, P padding (before, after), O output
size. No other module holds one of these formulas. Sources: Dumoulin and Visin 2016, "A guide to
convolution arithmetic"; PyTorch's and Keras's documentation for `ceil`, `same` and transposed
windows.
"""

from math import gcd
from typing import TYPE_CHECKING, NamedTuple

from cnncalc.wording import show_ratio

if TYPE_CHECKING:
    from fractions import Fraction

Pair = tuple[int, int]  # padding before and after

FLOOR, CEIL, EXACT = "floor", "ceil", "exact"


def extent(kernel: int, dilation: int = 1) -> int:
    """How many rows a kernel spans: d(F − 1) + 1."""
    return dilation * (kernel - 1) + 1


def window_size(
    size: int, kernel: int, stride: int, padding: Pair, dilation: int = 1, rounding: str = FLOOR
) -> int:
    """O of a sliding window, rounded down or (rounding "ceil") up.

    Rounded up, the last window must start inside the input or the padding before it (PyTorch's
    rule), else it is dropped. A result below 1 means that the window does not fit.
    """
    free = size - extent(kernel, dilation) + sum(padding)
    if rounding != CEIL or free % stride == 0:
        return free // stride + 1
    rounded_up = -(-free // stride) + 1
    starts_outside = (rounded_up - 1) * stride >= size + padding[0]
    return rounded_up - 1 if starts_outside else rounded_up


def span(output: int, kernel: int, stride: int, dilation: int = 1) -> int:
    """The rows from the first to the last that O windows read: (O − 1)S + d(F − 1) + 1."""
    return (output - 1) * stride + extent(kernel, dilation)


def unread(size: int, kernel: int, stride: int, padding: Pair, dilation: int = 1) -> int:
    """How many rows at the end of the padded input no window reads when O is rounded down."""
    return (size + sum(padding) - extent(kernel, dilation)) % stride


def window_formula(size: int, kernel: int, stride: int, padding: Pair, dilation: int = 1) -> str:
    """The formula with its numbers: (32 − 5 + 2·0)/1 + 1."""
    before, after = padding
    padded = f"2·{before}" if before == after else f"{before} + {after}"
    span = f"{kernel}" if dilation == 1 else f"({dilation}·({kernel} − 1) + 1)"
    return f"({size} − {span} + {padded})/{stride} + 1"


def exact_text(size: int, kernel: int, stride: int, padding: Pair, dilation: int = 1) -> str:
    """What the formula comes to before any rounding, as 54.25 or 163/3."""
    free = size + sum(padding) - extent(kernel, dilation)
    return show_ratio(free + stride, stride)


class Fits(NamedTuple):
    """Values near the ones of an uneven window that would make it even."""

    sizes: tuple[int, ...]
    kernels: tuple[int, ...]
    strides: tuple[int, ...]
    extra_padding: Pair  # on top of the padding there is


def nearby_fits(size: int, kernel: int, stride: int, padding: Pair, dilation: int = 1) -> Fits:
    """Which W, F, S or added P would make an uneven window come out even, nearest first down."""
    free = size + sum(padding) - extent(kernel, dilation)
    left_over = free % stride
    missing = stride - left_over
    kernels = [
        kernel + rows // dilation
        for rows in (-missing, left_over)
        if rows % dilation == 0 and kernel + rows // dilation >= 1
    ]
    divisors = [
        number
        for number in range(1, min(extent(kernel, dilation), free, 1000) + 1)
        if free % number == 0
    ]
    smaller = [number for number in divisors if number < stride][-2:]
    larger = [number for number in divisors if number > stride][:1]
    return Fits(
        tuple(number for number in (size - left_over, size + missing) if number >= 1),
        tuple(kernels),
        (*smaller, *larger),
        (missing // 2, missing - missing // 2),
    )


def passed_over(kernel: int, stride: int, dilation: int = 1) -> int:
    """How many of `stride` neighbouring rows no window reads, however often it slides.

    The rows that are read leave the remainders of 0, d, ..., d(F − 1) when divided by S.
    """
    return stride - min(kernel, stride // gcd(stride, dilation))


def same_size(size: int, stride: int) -> int:
    """O under `same` padding: ceil(W/S)."""
    return -(-size // stride)


def same_padding(size: int, kernel: int, stride: int, dilation: int = 1) -> Pair:
    """The padding `same` stands for in Keras, TensorFlow and ONNX SAME_UPPER.

    In all max((O − 1)S + d(F − 1) + 1 − W, 0); the odd row goes after. At stride 1 it is exactly
    PyTorch's padding='same'.
    """
    total = max(span(same_size(size, stride), kernel, stride, dilation) - size, 0)
    return total // 2, total - total // 2


def full_padding(kernel: int, dilation: int = 1) -> Pair:
    """d(F − 1) on both sides: every position at which kernel and input overlap at all."""
    return dilation * (kernel - 1), dilation * (kernel - 1)


def causal_padding(kernel: int, dilation: int = 1) -> Pair:
    """d(F − 1) before: an output sees nothing that comes after it."""
    return dilation * (kernel - 1), 0


def transposed_size(
    size: int, kernel: int, stride: int, padding: Pair, dilation: int = 1, output_padding: int = 0
) -> int:
    """O = (W − 1)S − P_before − P_after + d(F − 1) + 1 + output_padding."""
    return (size - 1) * stride - sum(padding) + extent(kernel, dilation) + output_padding


def transposed_same_padding(kernel: int, stride: int, dilation: int = 1) -> Pair:
    """The padding that makes O = W·S: in all d(F − 1) + 1 − S, which may be negative."""
    total = extent(kernel, dilation) - stride
    return total // 2, total - total // 2


def adaptive_window(index: int, size: int, output: int) -> Pair:
    """The rows [first, end) that output `index` of an adaptive pool covers."""
    return index * size // output, -(-(index + 1) * size // output)


def adaptive_length(size: int, output: int) -> int | None:
    """The rows of every window of an adaptive pool, None where the windows differ in length.

    With W/O in lowest terms w/o, all are alike if o is 1 or 2, or w leaves 1 when divided by o:
    only then do no two borders fall so that a window between them needs a row more.
    """
    common = gcd(size, output)
    rows, windows = size // common, output // common
    return -(-size // output) if windows <= 2 or rows % windows == 1 else None


def touching(count: int, kernel: int, stride: int, dilation: int, rows: Pair) -> int:
    """How often a weight of `count` windows meets one of the rows from `rows[0]` up to `rows[1]`.

    The pairs of o < count and k < F with rows[0] ≤ o·S + k·d < rows[1].
    """
    first, end = (_meeting_below(row, count, kernel, stride, dilation) for row in rows)
    return end - first


def _meeting_below(row: int, count: int, kernel: int, stride: int, dilation: int) -> int:
    """The pairs of o < count and k < F with o·S + k·d < row."""
    whole = min(max(-(-(row - dilation * (kernel - 1)) // stride), 0), count)  # all F are below
    some = min(max(-(-row // stride), 0), count)  # windows that begin below
    last = row - (some - 1) * stride
    return whole * kernel + _sum_of_quotients(some - whole, stride, last + dilation - 1, dilation)


def _sum_of_quotients(count: int, step: int, start: int, divisor: int) -> int:
    """The sum of (start + i·step) // divisor for i < count, in as many steps as a gcd takes."""
    total = 0
    while count > 0:
        total += count * (count - 1) // 2 * (step // divisor) + count * (start // divisor)
        step, start = step % divisor, start % divisor
        end = start + step * count
        count, start, step, divisor = end // divisor, end % divisor, divisor, step
    return total


def adaptive_coverage(size: int, output: int, common: int | None = None) -> int:
    """The rows of all windows of an adaptive pool along one axis, added up.

    Neighbouring windows share a row wherever i·W/O is not whole, that is at all inner borders
    but those at the O/b-th parts, b = O/gcd(W, O).
    """
    return size + output - (common or gcd(size, output))


def nearest_stretch(index: int, size: int, output: int) -> Pair:
    """The row ⌊i·W/O⌋ that row i of a resized volume repeats (PyTorch's nearest)."""
    row = index * size // output
    return row, row


def linear_stretch(index: int, size: int, output: int) -> Pair:
    """The first and last row that row i of a volume resized bilinearly lies between.

    Row i lies at (i + 1/2)·W/O − 1/2 of the input, "half-pixel" or align_corners false; on a row
    exactly it has only that one. Not clipped at the border, where frameworks repeat the last row.
    """
    place = (2 * index + 1) * size - output  # over 2·O
    return place // (2 * output), -(-place // (2 * output))


def divisible(number: "Fraction | int", divisor: int) -> int:
    """Round to a multiple of `divisor` as MobileNet and EfficientNet do, never 10% below."""
    rounded = max(divisor, int((2 * number + divisor) // (2 * divisor)) * divisor)
    return rounded + divisor if 10 * rounded < 9 * number else rounded


def output_size(
    size: int,
    kernel: int,
    *,
    stride: int = 1,
    padding: int | Pair | str = 0,
    dilation: int = 1,
    rounding: str = FLOOR,
) -> int:
    """O = (W − F + 2P)/S + 1 along one axis.

    `padding` is a number for both sides, a pair (before, after), or "valid", "same", "full" or
    "causal". Raises ValueError where the window does not fit, or does not come out even under
    rounding="exact", or an argument is out of range.

    >>> output_size(227, 11, stride=4)
    55
    """
    if min(size, kernel, stride, dilation) < 1:
        raise ValueError("size, kernel, stride and dilation are at least 1")
    if rounding not in (FLOOR, CEIL, EXACT):
        raise ValueError(f"rounding is {FLOOR}, {CEIL} or {EXACT}, not {rounding!r}")
    if padding == "same":
        return same_size(size, stride)
    pair = padding_pair(padding, kernel, dilation)
    result = window_size(size, kernel, stride, pair, dilation, rounding)
    formula = window_formula(size, kernel, stride, pair, dilation)
    if result < 1:
        raise ValueError(f"the window does not fit: {formula} = {result}")
    if rounding == EXACT and unread(size, kernel, stride, pair, dilation):
        exact = exact_text(size, kernel, stride, pair, dilation)
        raise ValueError(f"the window does not come out even: {formula} = {exact}")
    return result


def padding_pair(padding: int | Pair | str, kernel: int, dilation: int = 1) -> Pair:
    """The rows before and after that a padding other than `same` stands for."""
    if isinstance(padding, int):
        padding = (padding, padding)
    elif isinstance(padding, str):
        named = {
            "valid": (0, 0),
            "full": full_padding(kernel, dilation),
            "causal": causal_padding(kernel, dilation),
        }
        if padding not in named:
            raise ValueError(f"padding is a number, a pair, or one of same, {', '.join(named)}")
        padding = named[padding]
    if min(padding) < 0:
        raise ValueError("padding is at least 0")
    return padding
