"""solve: the hyperparameters that lead from one volume to another.

The search proposes, the engine decides: every answer has been put through the layer's own class,
so that no second arithmetic has to be trusted.
"""

from collections.abc import Iterable, Iterator
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from cnncalc.arithmetic import Fits, Pair, extent, nearby_fits
from cnncalc.layers import Operation, find_kind
from cnncalc.problems import Reject
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from cnncalc.language.model import Spec

MAX_CANDIDATES = 100_000  # tried in one search, in some seconds


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
    def effort(self) -> tuple[object, ...]:
        """The simplest first: even, symmetric, small."""
        before, after = self.padding
        skips = self.stride > self.kernel
        return (not self.exact, before != after, skips, self.kernel, before, self.stride, self.size)


class Axis(NamedTuple):
    """What is known of an axis: for each letter the values allowed, None where it is asked for."""

    sizes: tuple[int, ...] | None
    kernels: tuple[int, ...] | None
    strides: tuple[int, ...] | None
    paddings: tuple[int, ...] | None
    outputs: tuple[int, ...] | None
    dilations: tuple[int, ...] = (1,)


class TooManyError(ValueError):
    """The ranges allow more combinations than can be tried."""


def window(size: int, kernel: int, stride: int, padding: Pair, dilation: int = 1) -> Window | None:
    """The window as the engine works it out, rounded down; None where it does not fit."""
    arguments = {
        "kernel": (kernel,), "stride": (stride,), "padding": (padding,), "dilation": (dilation,)
    }  # fmt: skip
    layer = make("conv", Volume((size,), 1), filters=1, **arguments)
    if layer is None:
        return None
    exact = make("conv", Volume((size,), 1), filters=1, rounding="exact", **arguments) is not None
    return Window(size, kernel, stride, padding, dilation, layer.output.sizes[0], exact)


def make(kind: str, volume: Volume, **given: object) -> Operation | None:
    """A layer of the engine, or None where it refuses."""
    found = find_kind(kind)
    assert found is not None
    cls = found[0]
    arguments = {
        name: given.get(name, declared.default) for name, declared in cls.arguments.items()
    }
    try:
        return cls(arguments, volume)
    except Reject:
        return None


def solve_axis(axis: Axis) -> list[Window]:
    """All windows that the known values allow, the simplest first.

    What is asked for is tried in the ranges that make sense: F up to 11 or the input, S up to F, P
    up to half of the window, W up to what the largest O can come from.
    """
    found = {}
    for number, candidate in enumerate(_candidates(axis)):
        if number >= MAX_CANDIDATES:
            raise TooManyError(f"more than {MAX_CANDIDATES:,} combinations; narrow the ranges")
        if candidate in found:
            continue
        found[candidate] = result = window(*candidate)
        if result is not None and axis.outputs is not None and result.output not in axis.outputs:
            found[candidate] = None
    return sorted(filter(None, found.values()), key=lambda result: result.effort)


def _candidates(axis: Axis) -> Iterator[tuple[int, int, int, Pair, int]]:
    for dilation in axis.dilations:
        for kernel in axis.kernels or _kernels(axis):
            for padding in axis.paddings or range(extent(kernel, dilation) // 2 + 1):
                # An asymmetric padding has one row more after, where P is asked for.
                for after in (padding,) if axis.paddings else (padding, padding + 1):
                    yield from _windows(axis, kernel, (padding, after), dilation)


def _windows(
    axis: Axis, kernel: int, padding: Pair, dilation: int
) -> Iterator[tuple[int, int, int, Pair, int]]:
    covered = extent(kernel, dilation) - sum(padding)
    for size in axis.sizes or ():
        for stride in axis.strides or _strides(axis, kernel, size - covered):
            yield size, kernel, stride, padding, dilation
    for stride in () if axis.sizes else axis.strides or range(1, kernel + 1):
        for output in axis.outputs or ():
            # S inputs come to the same O; the first of them evenly.
            least = (output - 1) * stride + covered
            for size in range(max(1, least), least + stride):
                yield size, kernel, stride, padding, dilation


def _strides(axis: Axis, kernel: int, free: int) -> Iterable[int]:
    """The strides that lead to an O over `free` rows; all up to F where O is free too."""
    if axis.outputs is None or free < 0:
        return range(1, kernel + 1)
    found: set[int] = set()
    for output in axis.outputs:
        if output == 1:
            found.update(range(free + 1, max(free + 1, kernel) + 1))
        else:
            found.update(range(free // output + 1, free // (output - 1) + 1))
    return sorted(found)


def _kernels(axis: Axis) -> range:
    """Up to 11, the largest that networks have; all that can lead there where W and O are known."""
    if axis.sizes is None or axis.outputs is None:
        return range(1, 12)
    return range(1, max(axis.sizes) + 1)


def remedies(found: Window) -> list[Window]:
    """What would make an uneven window even, each with the O it then has."""
    size, kernel, stride, padding, dilation, _, _ = found
    fits: Fits = nearby_fits(size, kernel, stride, padding, dilation)
    before, after = (have + extra for have, extra in zip(padding, fits.extra_padding, strict=True))
    proposals = [
        *((other, kernel, stride, padding, dilation) for other in fits.sizes),
        *((size, other, stride, padding, dilation) for other in fits.kernels),
        *((size, kernel, other, padding, dilation) for other in fits.strides),
        (size, kernel, stride, (before, after), dilation),
    ]
    return [better for better in (window(*numbers) for numbers in proposals) if better]


class Answer(NamedTuple):
    """A layer that leads from one volume to another."""

    layer: Operation
    exact: bool

    @property
    def effort(self) -> tuple[object, ...]:
        pads = self.layer.pads  # type: ignore[attr-defined]
        kernel = self.layer.kernel  # type: ignore[attr-defined]
        stride = self.layer.stride  # type: ignore[attr-defined]
        uneven = any(before != after for before, after in pads)
        unlike = len(set(zip(kernel, stride, pads, strict=True))) > 1
        skips = any(step > size for step, size in zip(stride, kernel, strict=True))
        padding = max(map(max, pads))
        return (not self.exact, unlike, uneven, skips, sum(kernel), padding, sum(stride))


def solve_volumes(
    kind: str, volume: Volume, output: Volume, axes: list[Axis], limit: int = 10_000
) -> list[Answer]:
    """All layers of a kind that turn `volume` into `output`, the simplest first.

    Axes are alike where that is possible at all, as in nearly every network; else each has its own.
    """
    per_axis = [solve_axis(axis) for axis in axes]
    alike = _common(per_axis)
    choices: Iterable[tuple[Window, ...]] = alike or product(*(found[:20] for found in per_axis))
    answers = []
    for windows in choices:
        answer = _answer(kind, volume, output, windows)
        if answer is not None:
            answers.append(answer)
        if len(answers) >= limit:
            break
    return sorted(answers, key=lambda answer: answer.effort)


def _common(per_axis: list[list[Window]]) -> list[tuple[Window, ...]]:
    """The windows whose F, S, P and d are found on every axis."""
    tables = [{(w.kernel, w.stride, w.padding, w.dilation): w for w in found} for found in per_axis]
    return [
        tuple(table[numbers] for table in tables)
        for numbers in tables[0]
        if all(numbers in table for table in tables)
    ]


def _answer(
    kind: str, volume: Volume, output: Volume, windows: tuple[Window, ...]
) -> Answer | None:
    arguments = {
        "filters": output.channels,
        "kernel": tuple(w.kernel for w in windows),
        "stride": tuple(w.stride for w in windows),
        "padding": tuple(w.padding for w in windows),
        "dilation": tuple(w.dilation for w in windows),
    }
    layer = make(kind, volume, **arguments)
    if layer is None or layer.output != output:
        return None
    return Answer(layer, all(w.exact for w in windows))


class InputSize(NamedTuple):
    """How a network takes an input of a size."""

    size: int
    output: Volume | None  # None where it refuses
    even: bool
    reason: str  # of the refusal, or the first window that is not even


def try_inputs(spec: "Spec", variant: str | None, sizes: Iterable[int]) -> Iterator[InputSize]:
    """What a network makes of square inputs of these sizes."""
    from cnncalc.network.build import SpecError, build

    own = build(spec, variant=variant).network.input
    for size in sizes:
        volume = Volume((size,) * len(own.sizes), own.channels)
        try:
            network = build(spec, variant=variant, input=volume).network
        except SpecError as error:
            first = next(p for p in error.problems if p.severity == "error")
            yield InputSize(size, None, False, f"{first.layer}: {first.message}".lstrip(": "))
            continue
        uneven = next((layer for layer in network if layer.notes), None)
        reason = f"{uneven.path}: {uneven.notes[0]}" if uneven else ""
        yield InputSize(size, network.output, uneven is None, reason)


def smallest_input(spec: "Spec", variant: str | None, up_to: int = 1_000) -> int | None:
    """The smallest square input that a network accepts at all."""
    tried = try_inputs(spec, variant, range(1, up_to + 1))
    return next((size.size for size in tried if size.output is not None), None)
