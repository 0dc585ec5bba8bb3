"""solve: what is known leads to what is not.

Three questions, a function each: a window along one axis, a layer between two volumes, and the
inputs of a spec. All are asked in whole numbers: sizes and padding in rows (or columns, slices),
the kernel in weights along an axis.

    from cnncalc.commands.solve.model import solve_layers
    found = solve_layers("227x227x3", "55x55x96")
    print(found.answers[0].layer.label())  # conv 11×11/4
"""

import os
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from cnncalc import api
from cnncalc.commands.solve.inputs import InputSize, Trial
from cnncalc.commands.solve.layers import KINDS, Answer, solve_sizes, solve_volumes
from cnncalc.commands.solve.numbers import Numbers
from cnncalc.commands.solve.search import (
    Axis,
    QuestionError,
    TooManyError,
    Window,
    remedies,
    solve_axis,
)
from cnncalc.language.given import read_input
from cnncalc.language.model import Spec
from cnncalc.limits import MAX_ITEMS
from cnncalc.network.build import Override
from cnncalc.volume import MAX_NUMBER, Volume

Values = int | Iterable[int] | Numbers | None  # one number or several; None is asked for

_MAX_NEAREST = 5
_ONE = Numbers.of(1)
_ZERO = Numbers.of(0)


class WindowAnswers(NamedTuple):
    """The windows that lead from W to O along an axis."""

    axis: Axis  # what was known
    windows: list[Window]  # the simplest first
    others: list[Window]  # the nearest where there is none; what would fit for a verdict

    @property
    def verdict(self) -> Window | None:
        """The only window, where O is asked for: does it fit, and if not, what would?"""
        return self.windows[0] if len(self.windows) == 1 and self.axis.outputs is None else None

    @property
    def fits(self) -> bool:
        """Whether there is an answer; a verdict has to be even."""
        return self.verdict.exact if self.verdict else bool(self.windows)


class LayerAnswers(NamedTuple):
    """The layers of a kind that lead from one volume to another."""

    kind: str
    input: Volume
    output: Volume
    answers: list[Answer]  # the simplest first
    blocked: list[tuple[int, int]]  # where there is none: W and O that no window leads between

    @property
    def fits(self) -> bool:
        """Whether there is an answer."""
        return bool(self.answers)


class InputAnswers(NamedTuple):
    """How a network takes square inputs."""

    tried: list[InputSize]  # in rising order
    smallest: int | None  # the smallest input that it accepts at all, if that is 1,000 or less

    @property
    def fits(self) -> bool:
        """Whether a size fits evenly through the whole network."""
        return any(size.even for size in self.tried)


def solve_windows(
    *,
    size: Values = None,
    kernel: Values = None,
    stride: Values = None,
    padding: Values = None,
    dilation: Values = 1,
    output: Values = None,
) -> WindowAnswers:
    """What leads from a size to another along one axis: W, F, S, P, d and O.

    Each is a number, several (a range is fine) or, where it is asked for, None; of W, F, S, P and O
    at least two are known, W or O among them. `padding` is on both sides. Where O is asked for, a
    stride of 1 and a padding of 0 are what is not said.

    Raises QuestionError, a ValueError, for a question that cannot be answered, and its subclass
    TooManyError for ranges with too many combinations.

    >>> solve_windows(size=224, kernel=[7, 8], stride=2, padding=3, output=112).windows[0].kernel
    8
    """
    axis = _axis(size, kernel, stride, padding, dilation, output)
    if axis.known < 2:
        raise QuestionError("at least two of size, kernel, stride, padding and output")
    if axis.sizes is None and axis.outputs is None:
        raise QuestionError("say the size or the output: what is before or after the window")
    if axis.outputs is None:
        # Every framework gives these defaults.
        axis = axis._replace(strides=axis.strides or _ONE, paddings=axis.paddings or _ZERO)
    found = WindowAnswers(axis, solve_axis(axis), [])
    if found.verdict is not None:
        return found._replace(others=[] if found.fits else remedies(found.verdict))
    return found if found.windows else found._replace(others=_nearest(axis))


def _nearest(axis: Axis) -> list[Window]:
    """The windows whose O is the nearest to those wanted."""
    wanted = axis.outputs
    if axis.sizes is None or wanted is None:
        return []
    strides, paddings = axis.strides or _ONE, axis.paddings or _ZERO
    try:
        found = solve_axis(axis._replace(outputs=None, strides=strides, paddings=paddings))
    except TooManyError:
        return []
    return sorted(found, key=lambda window: wanted.distance(window.output))[:_MAX_NEAREST]


def solve_layers(
    input: Volume | str,
    output: Volume | str,
    *,
    kind: str | None = None,
    kernel: Values = None,
    stride: Values = None,
    padding: Values = None,
    dilation: Values = 1,
) -> LayerAnswers:
    """The layers of a kind that turn a volume into another, such as 227x227x3 into 55x55x96.

    Volumes are read as `input:` of a spec is, channels last. `kind` is conv, depthwise_conv,
    max_pool, avg_pool or transposed_conv; unless said max_pool if the channels agree, else conv.
    The others are as for `solve_windows` and hold of every axis.

    Raises QuestionError, a ValueError, for a question that cannot be answered, and its subclass
    TooManyError for ranges with too many combinations.
    """
    before, after = read_volume(input), read_volume(output)
    if not before.sizes or len(before.sizes) != len(after.sizes):
        raise QuestionError(
            f"{before} and {after} have different numbers of axes; "
            "fc leads from any volume to a vector"
        )
    kind = kind or ("max_pool" if before.channels == after.channels else "conv")
    if kind not in KINDS:
        raise QuestionError(f"kind is one of {', '.join(KINDS)}, not {kind}")
    known = _axis(None, kernel, stride, padding, dilation, None)
    answers = solve_volumes(kind, before, after, known)
    pairs = dict.fromkeys(zip(before.sizes, after.sizes, strict=True))
    blocked = [] if answers else [pair for pair in pairs if not solve_sizes(kind, *pair, known)]
    return LayerAnswers(kind, before, after, answers, blocked)


def read_volume(volume: Volume | str) -> Volume:
    """A volume, read as `input:` of a spec is; raises QuestionError with what to write instead."""
    if isinstance(volume, Volume):
        return volume
    try:
        return read_input(volume)
    except ValueError as error:
        raise QuestionError(str(error)) from None


def solve_inputs(
    spec: "Spec | str | os.PathLike[str]",
    sizes: int | Iterable[int],
    *,
    vars: "Mapping[str, Override] | None" = None,
    variant: str | None = None,
    training: bool = False,
    max_layers: int = MAX_ITEMS,
    say: "Callable[[str], None] | None" = None,
) -> InputAnswers:
    """How a network takes square inputs of these sizes, in rows, with its own channels.

    `spec` is a Spec, a path or a bundled network's name; `vars`, `variant` and `training` are as
    for `cnncalc.load`, which also says what is raised; `max_layers` is the most items of the spec,
    and `say` is told how far it is.
    QuestionError, a ValueError, is raised for a size that cannot be one, and for a network that
    reads a vector; its subclass TooManyError for more sizes than can be tried.
    """
    if not isinstance(spec, Spec):
        spec, own = api.find(spec)
        variant = variant or own
    numbers = _numbers("sizes", sizes, 1)
    assert numbers is not None
    trial = Trial(spec, vars=vars, variant=variant, training=training, max_layers=max_layers)
    return InputAnswers(trial.all(numbers, say), trial.smallest())


def _axis(
    size: Values, kernel: Values, stride: Values, padding: Values, dilation: Values, output: Values
) -> Axis:
    return Axis(
        _numbers("size", size, 1),
        _numbers("kernel", kernel, 1),
        _numbers("stride", stride, 1),
        _numbers("padding", padding, 0),
        _numbers("output", output, 1),
        _numbers("dilation", dilation, 1) or _ONE,
    )


def _numbers(name: str, values: Values, least: int) -> Numbers | None:
    """The numbers of an argument; raises QuestionError for those that are out of range."""
    if values is None:
        return None
    numbers = Numbers.of(values)
    if not numbers or numbers.least < least or numbers.most > MAX_NUMBER:
        raise QuestionError(f"{name} is a number from {least} to 10^12, or several")
    return numbers
