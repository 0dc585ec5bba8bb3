"""Window: what convolutions and pools have in common, a kernel that slides over the volume."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from cnncalc import problems as codes
from cnncalc.arithmetic import (
    CEIL,
    EXACT,
    Pair,
    causal_padding,
    exact_text,
    extent,
    full_padding,
    nearby_fits,
    same_padding,
    same_size,
    span,
    touching,
    unread,
    window_formula,
    window_size,
)
from cnncalc.layers.arguments import argument
from cnncalc.layers.base import Note, Operation, positions
from cnncalc.layers.reach import Reach, window
from cnncalc.layers.sizes import Padding, PerAxis
from cnncalc.layers.values import Rounding
from cnncalc.problems import Reject
from cnncalc.volume import AXIS_NAMES, Volume
from cnncalc.wording import enumerated, minus, padding_text, per_axis_text, times

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnncalc.layers.derivation import Page

# What the sizes along the axes count.
ROWS = {"length": "positions", "depth": "slices", "height": "rows", "width": "columns"}
# What one of them is called, by the number of axes.
ROW = {0: (), 1: ("position",), 2: ("row", "column"), 3: ("slice", "row", "column")}


class Window(Operation):
    """A kernel that slides along every spatial axis of the volume."""

    rank = (1, 3)
    shows_unit_stride = False

    kernel: tuple[int, ...] = argument(PerAxis(), "size of the window, F")
    stride: tuple[int, ...] = argument(PerAxis(), "step from one window to the next, S", 1)
    padding: str | tuple[Pair, ...] = argument(
        Padding(), "rows of zeros around the input, P", ((0, 0),)
    )
    dilation: tuple[int, ...] = argument(PerAxis(), "distance between neighbouring weights", 1)
    rounding: str | None = argument(
        Rounding(), "what becomes of a fraction in the output size [as the network says]", None
    )

    pads: tuple[Pair, ...]  # the padding as rows before and after, per axis

    def measure(self) -> Volume:
        sizes = self.input.sizes
        if isinstance(self.padding, str):
            self.pads = tuple(map(self.resolve, sizes, self.kernel, self.stride, self.dilation))
        else:
            self.pads = self.padding
        self.check_padding()
        if self.padding == "same":
            return self.volume(tuple(map(same_size, sizes, self.stride)))
        rounding = self.rounding or "floor"
        result = tuple(
            window_size(size, kernel, stride, pads, dilation, rounding)
            for size, kernel, stride, pads, dilation in self.per_axis_numbers()
        )
        if min(result) < 1:
            raise self.does_not_fit(result)
        if rounding != CEIL:
            self.look_for_remainders(rounding)
        return self.volume(result)

    def check_padding(self) -> None:
        """Refuse a padding, worked out in rows, that makes no sense for the kind."""

    def volume(self, sizes: tuple[int, ...]) -> Volume:
        """The output for these sizes; pools keep the channels."""
        return Volume(sizes, self.input.channels)

    def per_axis_numbers(self) -> zip[tuple[int, int, int, Pair, int]]:
        """W, F, S, P and d of each axis."""
        return zip(
            self.input.sizes, self.kernel, self.stride, self.pads, self.dilation, strict=True
        )

    def resolve(self, size: int, kernel: int, stride: int, dilation: int) -> Pair:
        if self.padding == "same":
            return same_padding(size, kernel, stride, dilation)
        if self.padding == "causal":
            if len(self.input.sizes) != 1:
                raise Reject(
                    codes.AXES,
                    f"causal padding is for one axis, and the input {self.input.text()} has "
                    f"{len(self.input.sizes)}",
                    argument="padding",
                )
            return causal_padding(kernel, dilation)
        return full_padding(kernel, dilation)

    def does_not_fit(self, result: tuple[int, ...]) -> Reject:
        axes = list(self.per_axis_numbers())
        worst = axes[next(axis for axis, size in enumerate(result) if size < 1)]
        largest = tuple(
            (size + sum(pads) - 1) // dilation + 1 for size, _, _, pads, dilation in axes
        )
        missing = max(extent(kernel, dilation) - size for size, kernel, _, _, dilation in axes)
        help = f"a kernel of at most {per_axis_text(largest)}"
        if "padding" in self.arguments:
            help += f", or padding: {-(-missing // 2)}"
        return Reject(
            codes.WINDOW,
            f"kernel {times(self.kernel)} does not fit into the {self.input.text()} input",
            argument="kernel",
            detail=minus(f"{window_formula(*worst)} = {exact_text(*worst)}"),
            help=help,
        )

    def look_for_remainders(self, rounding: str) -> None:
        axes = list(self.per_axis_numbers())
        uneven = [axis for axis, numbers in enumerate(axes) if unread(*numbers)]
        if uneven and rounding == EXACT:
            raise self.inexact(*axes[uneven[0]])
        if uneven:
            self.notes = (self.uneven(uneven),)

    def inexact(self, size: int, kernel: int, stride: int, pads: Pair, dilation: int) -> Reject:
        formula = window_formula(size, kernel, stride, pads, dilation)
        exact = exact_text(size, kernel, stride, pads, dilation)
        return Reject(
            codes.INEXACT,
            f"a kernel of {kernel} with stride {stride} does not come out even on "
            f"{self.which(size)}{size}",
            argument="kernel",
            detail=f"{formula} = {exact}",
            # A stride that is not written follows the kernel.
            help=what_fits(
                size, kernel, stride, pads, dilation, other_kernels=self.stride is not self.kernel
            ),
        )

    def which(self, size: int) -> str:
        """`a width of `, where not all axes have that size."""
        sizes = self.input.sizes
        names = AXIS_NAMES[len(sizes)]
        return "" if len(set(sizes)) == 1 else f"a {names[sizes.index(size)]} of "

    def uneven(self, axes: list[int]) -> Note:
        """What is not read along these axes; those that leave as many rows are named together."""
        numbers = list(self.per_axis_numbers())
        names: dict[int, list[str]] = {}
        for axis in axes:
            rows = ROWS[AXIS_NAMES[len(numbers)][axis]]
            names.setdefault(unread(*numbers[axis]), []).append(rows)
        last = [
            f"the last {enumerated([rows.removesuffix('s') for rows in alike])}"
            if left == 1
            else f"the last {left} {enumerated(alike)}"
            for left, alike in names.items()
        ]
        differing = list(dict.fromkeys(numbers[axis] for axis in axes))
        results = dict.fromkeys((exact_text(*each), str(window_size(*each))) for each in differing)
        exact, rounded = (enumerated([*texts]) for texts in zip(*results, strict=True))
        verb = "is" if len(axes) == 1 and 1 in names else "are"
        return Note(
            codes.UNEVEN,
            f"{exact} rounded down to {rounded}: {enumerated(last)} of the padded input {verb} "
            "not read",
            "kernel",
            "; ".join(f"{window_formula(*each)} = {exact_text(*each)}" for each in differing),
        )

    # What follows holds for every sliding window.

    @property
    def window_values(self) -> int:
        """F·F, the positions of one window."""
        return prod(self.kernel)

    @property
    def positions(self) -> int:
        return positions(self.output)

    @property
    def links_outside(self) -> int:
        """Of padding, and of windows that reach over the edge where O is rounded up."""
        inside = prod(
            touching(output, kernel, stride, dilation, (pads[0], pads[0] + size))
            for output, (size, kernel, stride, pads, dilation) in zip(
                self.output.sizes, self.per_axis_numbers(), strict=True
            )
        )
        return self.links - self.links * inside // (self.positions * self.window_values)

    def reach(self) -> tuple[Reach, ...]:
        return tuple(
            window(kernel, stride, pads[0], dilation)
            for _, kernel, stride, pads, dilation in self.per_axis_numbers()
        )

    def formula(self) -> str:
        texts = [
            f"{window_formula(*numbers)} = {size}"
            if exact_text(*numbers) == str(size)
            else f"{window_formula(*numbers)} = {exact_text(*numbers)} → {size}"
            for numbers, size in zip(self.per_axis_numbers(), self.output.sizes, strict=True)
        ]
        return per_axis_text(texts, "; ")

    def numbers(self) -> dict[str, object]:
        """With the rows that `same` came to; `full` and `causal` are formulas of the kernel."""
        is_formula = self.padding in ("full", "causal")
        return {**super().numbers(), "padding": self.padding if is_formula else self.pads}

    def slides(self) -> dict[str, object]:
        """What it takes to spell a window that slides as this one."""
        slides = {name: getattr(self, name) for name in ("kernel", "stride", "dilation")}
        return {**slides, "padding": self.pads, "rounding": self.rounding or "floor"}

    def explain_output(self, page: Page) -> None:
        for axis, along in page.axes():
            self.explain_axis(page, axis, " and ".join(ROWS[name] for name in along.split(" and ")))

    def explain_axis(self, page: Page, axis: int, rows: str) -> None:
        plain = page.plain
        assert isinstance(plain, Window)
        if plain.padding == "same":
            self.explain_same(page, axis, rows, plain.pads[axis])
        elif isinstance(plain.padding, str):
            where = "before" if plain.padding == "causal" else "on both sides of"
            words = f"{rows} of zeros that padding: {plain.padding} puts {where} the input"
            page.derive("padding", self.pads[axis][0], words)
        page.size(axis)
        self.explain_fit(page, axis, rows, plain)

    def explain_same(self, page: Page, axis: int, rows: str, pads: Pair) -> None:
        size, kernel, stride, _, dilation = list(self.per_axis_numbers())[axis]
        words, letter = "what padding: same asks for", page.letter_of(axis)
        page.derive("windows", same_size(size, stride), words, letter=letter)
        needed = span(self.output.sizes[axis], kernel, stride, dilation)
        if needed > size:
            page.derive("padding", needed - size, f"{rows} of zeros that they need")
            page.say(f"That is {pads[0]} before the input and {pads[1]} after it.")
        else:
            page.say("They do not reach beyond the input, so that no padding is needed.")

    def explain_fit(self, page: Page, axis: int, rows: str, window: Window) -> None:
        """Whether the windows fit evenly, and how they lie beside one another."""
        plain = list(window.per_axis_numbers())[axis]
        size, kernel, stride, pads, dilation = list(self.per_axis_numbers())[axis]
        output = self.output.sizes[axis]
        read = span(output, kernel, stride, dilation)
        if unread(*plain):
            exact = exact_text(*plain)
            left = size + sum(pads) - read
            if left > 0 and window.rounding == CEIL:
                page.say(
                    f"The exact value {exact} would be rounded up to {output + 1}, "
                    "but the last window would start outside the input, and is left out."
                )
            else:
                up = "up" if left < 0 else "down"
                page.say(f"The exact value {exact} is rounded {up} to {output}.")
            if left > 0:
                page.derive("unread", left, f"last {rows} of the padded input that no window reads")
            else:
                beyond = read - (size + sum(pads))
                page.derive("beyond", beyond, f"{rows} by which the last window reaches too far")
            if window.padding != "same":
                fits = what_fits(*plain).removeprefix("what fits: ")
                page.say(f"What would come out even: {fits}.")
        elif stride > 1:
            page.say(f"The windows fit evenly: no {rows.replace('and', 'or')} are left over.")
        if output > 1:
            overlap = extent(kernel, dilation) - stride
            if overlap >= 0:
                common = "have in common" if dilation == 1 else "span both, gaps included"
                page.derive("overlap", overlap, f"{rows} that neighbouring windows {common}")
            else:
                gap = stride - extent(kernel, dilation)
                page.derive("gap", gap, f"{rows} between neighbouring windows that none reads")

    def label(self) -> str:
        text = f"{self.kind} {times(self.kernel)}"
        if self.shows_unit_stride or set(self.stride) != {1}:
            text += f"/{per_axis_text(self.stride)}"
        return " ".join((text, *self.placing()))

    def placing(self) -> Iterator[str]:
        """What else decides how many windows there are: padding, dilation, rounding up."""
        if isinstance(self.padding, str):
            yield self.padding
        elif any(map(any, self.padding)):
            yield f"pad {padding_text(self.padding)}"
        if set(self.dilation) != {1}:
            yield f"dil {per_axis_text(self.dilation)}"
        if self.rounding == CEIL and set(self.stride) != {1} and self.padding != "same":
            yield CEIL


def what_fits(
    size: int, kernel: int, stride: int, pads: Pair, dilation: int, *, other_kernels: bool = True
) -> str:
    """Which other numbers would make an uneven window come out even."""
    fits = nearby_fits(size, kernel, stride, pads, dilation)
    before, after = pads[0] + fits.extra_padding[0], pads[1] + fits.extra_padding[1]
    options = [
        f"{name} {' or '.join(map(str, values))}"
        for name, values in (("W", fits.sizes), ("F", fits.kernels), ("S", fits.strides))
        if values and (other_kernels or name != "F")
    ]
    return f"what fits: {', '.join(options)}, or a padding of {before} + {after}"
