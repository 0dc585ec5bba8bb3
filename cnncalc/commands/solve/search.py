"""The windows that lead from one size to another along an axis.

The search proposes, the engine decides: every answer has been put through the layer's own class,
so that no second arithmetic has to be trusted.
"""

from collections.abc import Iterator
from typing import NamedTuple

from cnncalc import problems as codes
from cnncalc.arithmetic import Fits, Pair, extent, nearby_fits, unread
from cnncalc.commands.solve.numbers import Numbers
from cnncalc.layers import find_kind
from cnncalc.layers.window import Window as WindowLayer
from cnncalc.problems import Reject
from cnncalc.volume import MAX_NUMBER, Volume

MAX_CANDIDATES = 100_000  # windows put through the engine in one search
MAX_STEPS = 500_000  # of looking for them

Candidate = tuple[int, int, int, Pair, int]  # W, F, S, P before and after, d


class QuestionError(ValueError):
    """What is known does not make a question that can be answered."""


class TooManyError(QuestionError):
    """The ranges allow more combinations than can be tried."""


class Window(NamedTuple):
    """One axis: W, F, S, P before and after, d, and the O that the engine gives."""

    size: int
    kernel: int
    stride: int
    padding: Pair
    dilation: int
    output: int
    exact: bool

    @property
    def numbers(self) -> Candidate:
        """W, F, S, P and d, as the formulas take them."""
        return self.size, self.kernel, self.stride, self.padding, self.dilation

    @property
    def unread(self) -> int:
        """The rows of the padded input that no window reads."""
        return unread(*self.numbers)

    @property
    def effort(self) -> tuple[object, ...]:
        """The simplest first: even, symmetric, small."""
        before, after = self.padding
        skips = self.stride > self.kernel
        return (not self.exact, before != after, skips, self.kernel, before, self.stride, self.size)


class Axis(NamedTuple):
    """What is known of an axis: for each letter the values allowed, None where it is asked for."""

    sizes: Numbers | None
    kernels: Numbers | None
    strides: Numbers | None
    paddings: Numbers | None
    outputs: Numbers | None
    dilations: Numbers

    @property
    def known(self) -> int:
        """How many of W, F, S, P and O are known."""
        return sum(numbers is not None for numbers in self[:5])


def window(size: int, kernel: int, stride: int, padding: Pair, dilation: int = 1) -> Window | None:
    """The window as the engine works it out, rounded down; None where it does not fit."""
    arguments = {
        "kernel": (kernel,), "stride": (stride,), "padding": (padding,), "dilation": (dilation,)
    }  # fmt: skip
    layer = make("conv", Volume((size,), 1), filters=1, **arguments)
    if layer is None:
        return None
    exact = all(note.code is not codes.UNEVEN for note in layer.notes)
    return Window(size, kernel, stride, padding, dilation, layer.output.sizes[0], exact)


def make(kind: str, volume: Volume, **given: object) -> WindowLayer | None:
    """A layer of the engine, or None where it refuses."""
    found = find_kind(kind)
    assert found is not None
    cls = found[0]
    assert issubclass(cls, WindowLayer)
    arguments = {
        name: given.get(name, declared.default) for name, declared in cls.arguments.items()
    }
    try:
        return cls(arguments, volume)
    except Reject:
        return None


def solve_axis(axis: Axis) -> list[Window]:
    """All windows that the known values allow, the simplest first. Raises TooManyError.

    What is asked for is tried in the ranges that make sense: F up to 11 or the input, S up to F, P
    up to half of the window, W up to what the largest O can come from.
    """
    tried = (window(*candidate) for candidate in candidates(axis))
    outputs = axis.outputs
    found = (one for one in tried if one and (outputs is None or one.output in outputs))
    return sorted(found, key=lambda one: one.effort)


def candidates(axis: Axis) -> list[Candidate]:
    """What is to be tried, counted before any of it is. Raises TooManyError."""
    found: list[Candidate] = []
    for step, candidate in enumerate(_steps(axis)):
        if candidate is not None:
            found.append(candidate)
        if step >= MAX_STEPS or len(found) > MAX_CANDIDATES:
            raise TooManyError(
                f"more than {MAX_CANDIDATES:,} combinations; say more, such as -F 1..11 -S 1..4"
            )
    return found


def _steps(axis: Axis) -> Iterator[Candidate | None]:
    """Candidates, each once, and None for a step that has led to none yet."""
    for dilation in axis.dilations:
        for kernel in axis.kernels or _kernels(axis):
            for padding in _paddings(axis, kernel, dilation):
                yield None
                covered = extent(kernel, dilation) - sum(padding)
                for sizes, strides in _sizes_and_strides(axis, kernel, covered):
                    yield None
                    for size in sizes:
                        for stride in strides:
                            yield size, kernel, stride, padding, dilation


def _kernels(axis: Axis) -> range:
    """Up to 11, the largest that networks have; all that can lead there where W and O are known."""
    if axis.sizes is None or axis.outputs is None:
        return range(1, 12)
    return range(1, axis.sizes.most + 1)


def _paddings(axis: Axis, kernel: int, dilation: int) -> Iterator[Pair]:
    """Those that are known, on both sides; else each also with one row more after."""
    if axis.paddings is not None:
        yield from ((rows, rows) for rows in axis.paddings)
    else:
        for rows in range(extent(kernel, dilation) // 2 + 1):
            yield from ((rows, rows), (rows, rows + 1))


def _sizes_and_strides(axis: Axis, kernel: int, covered: int) -> Iterator[tuple[range, range]]:
    """W and S that may go together, where a window reaches `covered` rows beyond the padding."""
    if axis.sizes is not None:
        for size in axis.sizes:
            yield from (
                (range(size, size + 1), strides)
                for strides in _strides(axis, kernel, size - covered)
            )
        return
    assert axis.outputs is not None
    for stride in axis.strides or range(1, kernel + 1):
        for outputs in axis.outputs.ranges:
            # S inputs come to the same O; the first of them evenly.
            least, last = ((output - 1) * stride + covered for output in (outputs[0], outputs[-1]))
            sizes = range(max(1, least), min(last + stride, MAX_NUMBER + 1))
            yield sizes, range(stride, stride + 1)


def _strides(axis: Axis, kernel: int, free: int) -> Iterator[range]:
    """The strides that lead to an O over `free` rows; all up to F where O is free too."""
    if free < 0:
        return
    if axis.strides is not None:
        yield from axis.strides.ranges
    elif axis.outputs is None:
        yield range(1, kernel + 1)
    else:
        for outputs in axis.outputs.ranges:
            if 1 in outputs:
                yield range(free + 1, max(free + 1, kernel) + 1)
            if (least := max(outputs[0], 2)) in outputs:
                yield range(free // outputs[-1] + 1, free // (least - 1) + 1)


def remedies(found: Window) -> list[Window]:
    """What would make an uneven window even, each with the O it then has."""
    size, kernel, stride, padding, dilation = found.numbers
    fits: Fits = nearby_fits(size, kernel, stride, padding, dilation)
    before, after = (have + extra for have, extra in zip(padding, fits.extra_padding, strict=True))
    proposals = [
        *((other, kernel, stride, padding, dilation) for other in fits.sizes),
        *((size, other, stride, padding, dilation) for other in fits.kernels),
        *((size, kernel, other, padding, dilation) for other in fits.strides),
        (size, kernel, stride, (before, after), dilation),
    ]
    return [better for better in (window(*numbers) for numbers in proposals) if better]
