"""Rules about the kernel, stride and padding of single layers."""

from __future__ import annotations

import re

from cnncalc.arithmetic import CEIL, extent, passed_over, window_size
from cnncalc.checks.rules.base import LayerRule
from cnncalc.language.model import Item, Spec
from cnncalc.language.usage import texts_for
from cnncalc.layers.base import Note, Operation
from cnncalc.layers.transposed import TransposedConv
from cnncalc.layers.window import ROWS, Window
from cnncalc.problems import WARNING, Code, declare
from cnncalc.volume import AXIS_NAMES
from cnncalc.wording import enumerated, per_axis_text, times


class SkippedPixels(LayerRule):
    """The windows leave gaps between them: some pixels of the input are read by none of them."""

    code = declare("CNN304", "skipped-pixels", "a stride larger than its kernel", WARNING)

    def look(self, layer: Operation) -> Note | None:
        if not isinstance(layer, Window) or set(layer.kernel) == {1}:
            return None
        return gaps(self.code, layer)


def gaps(code: Code, layer: Window) -> Note | None:
    """What the stride of a layer passes over."""
    spreads = isinstance(layer, TransposedConv)
    slid = layer.input.sizes if spreads else layer.output.sizes
    axes = [
        axis
        for axis, (_, kernel, stride, _, dilation) in enumerate(layer.per_axis_numbers())
        if slid[axis] > 1 and passed_over(kernel, stride, dilation)
    ]
    if not axes:
        return None
    kernel, stride, dilation = layer.kernel[axes[0]], layer.stride[axes[0]], layer.dilation[axes[0]]
    missed = passed_over(kernel, stride, dilation)
    rows = enumerated([ROWS[AXIS_NAMES[len(slid)][axis]] for axis in axes])
    dilated = f", dilation {per_axis_text(layer.dilation)}" if dilation > 1 else ""
    verb = "is" if missed == 1 else "are"
    says = f"of the output {verb} never reached" if spreads else f"{verb} never read"
    return Note(
        code,
        f"with kernel {times(layer.kernel)}{dilated} and stride {per_axis_text(layer.stride)}, "
        f"{missed} of every {stride} {rows} {says}",
        "stride",
        help=(not spreads and _pool_instead(layer))
        or f"a stride of at most {per_axis_text(layer.kernel)}"
        + (f" that has no factor in common with the dilation {dilation}" if dilation > 1 else ""),
    )


def _pool_instead(layer: Window) -> str:
    """A pool that makes of the input what the stride on a kernel of one pixel makes of it."""
    if set(layer.kernel) != {1}:
        return ""
    for rounding in ("floor", CEIL):
        pooled = tuple(
            window_size(size, stride, stride, (0, 0), 1, rounding)
            for size, stride in zip(layer.input.sizes, layer.stride, strict=True)
        )
        if pooled == layer.output.sizes:
            kernel = per_axis_text(layer.stride, "x")
            pool = f"{{kernel: {kernel}, rounding: ceil}}" if rounding == CEIL else kernel
            return f"avg_pool: {pool} in place of the stride reads them all"
    return ""


class AllPadding(LayerRule):
    """A window at the border lies in the padding alone, and gives its bias whatever the input."""

    code = declare("CNN306", "all-padding", "a padding at least as large as the kernel", WARNING)

    def look(self, layer: Operation) -> Note | None:
        if not isinstance(layer, Window):
            return None
        for _, kernel, _, pads, dilation in layer.per_axis_numbers():
            span = extent(kernel, dilation)
            if max(pads) >= span:
                spreads = isinstance(layer, TransposedConv)
                says = (
                    f"a padding of {max(pads)} cuts off all that the outermost rows of the input "
                    f"give to a window of {span}"
                    if spreads
                    else f"with a padding of {max(pads)}, windows of {span} at the border lie in "
                    "the padding alone"
                )
                most = f"a padding of at most {span - 1}" if span > 1 else "no padding"
                return Note(self.code, says, "padding", help=most)
        return None


class OneInputFilters(LayerRule):
    """As many groups as input channels: every filter reads one channel and sees nothing else."""

    code = declare(
        "CNN310", "one-input-filters", "groups that leave every filter one input channel", WARNING
    )

    def look(self, layer: Operation) -> Note | None:
        groups = getattr(layer, "groups", 1)
        if "groups" not in layer.arguments or groups == 1 or groups != layer.input.channels:
            return None
        spelling = "groups: $in" if isinstance(layer, TransposedConv) else "depthwise_conv"
        return Note(
            self.code,
            f"{groups} groups of {groups} channels leave every filter one of them to read",
            "groups",
            help=f"fewer groups, or, if it is meant, {spelling}",
        )

    def meant(self, spec: Spec, item: Item) -> bool:
        groups = item.written("groups")
        words = texts_for(spec, item, groups.word or "") if groups is not None else ()
        return any(re.search(r"\$in(?:\.channels)?(?![\w.])", word) for word in words)
