"""A trace as text: inputs and feature maps as grids, with the filters between them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cnncalc.layers.conv import Conv, TransposedConv
from cnncalc.layers.pool import AvgPool
from cnncalc.network.network import Leaf, Signal
from cnncalc.reports.grids import (
    DECIMALS,
    NARROW,
    Block,
    Number,
    fits,
    flow,
    grid,
    is_rounded,
    slices,
    texts,
)
from cnncalc.reports.titles import inputs_text, title_of
from cnncalc.reports.trace_steps import render_step
from cnncalc.trace.compute import Weights, reads
from cnncalc.trace.steps import Step
from cnncalc.trace.weights import Need, need
from cnncalc.wording import line_start, visible

if TYPE_CHECKING:
    from cnncalc.trace.arrays import Array
    from cnncalc.trace.engine import Trace

LARGE = 2_000  # numbers from which a volume is printed only when it is asked for by name
_FEW = 200  # weights up to which they are printed with what they make


def render_trace(
    trace: Trace,
    shown: Sequence[Signal],
    steps: Sequence[Step],
    *,
    whole: bool,
    width: int | None,
) -> str:
    """The title, the volumes shown, and steps below them; `whole` prints large volumes too."""
    network = trace.network
    head = f"{line_start(visible(title_of(network)))}   {inputs_text(network.inputs)}"
    sections = [[head]]
    sections += [_volume(trace, signal, whole, width) for signal in shown if signal in trace.arrays]
    sections += [render_step(step, width) for step in steps]
    remark = _remark([number for step in steps for number in (step.before, step.result)])
    sections += [[remark]] if remark else []
    return "\n\n".join("\n".join(lines) for lines in sections) + "\n"


def _remark(numbers: Sequence[Number]) -> str:
    """What is not exact about numbers as they are shown."""
    rounded = f"rounded to {DECIMALS} decimals"
    if any(isinstance(number, float) for number in numbers):
        return f"worked out in floating point, {rounded}"
    return f"{rounded}; --format json has the fractions" if any(map(is_rounded, numbers)) else ""


# Volumes.


def _volume(trace: Trace, signal: Signal, whole: bool, width: int | None) -> list[str]:
    array = trace.arrays[signal]
    assert signal.output is not None
    head = [signal.path, signal.output.text()]
    if isinstance(signal, Leaf):
        head.insert(1, signal.label)
    lines = ["   ".join(head)]
    if isinstance(signal, Leaf):
        lines += [f"  {line}" for line in _notes(trace, signal)]
    if array.values.size > LARGE and not whole:
        return [*lines, f"  {array.values.size:,} numbers; name {signal.path} to see them"]
    remark = _remark(array.numbers())
    lines += [f"  {remark}"] if remark else []
    learned = _learned(trace, signal, width) if isinstance(signal, Leaf) else []
    blocks = volume_blocks(array, "output" if learned else "", width)
    if learned and fits([*learned, *blocks], width):
        return [*lines, *flow([*learned, *blocks], width)]
    if learned:
        lines += [*flow(learned, width), ""]
    return [*lines, *flow(blocks, width)]


def _notes(trace: Trace, leaf: Leaf) -> list[str]:
    """What a reader may take for granted and should not."""
    layer = leaf.layer
    notes = []
    if isinstance(layer, Conv) and trace.is_correlation(leaf):
        notes += _turned(layer, trace.flip)
    if leaf in trace.weights and layer.biases and getattr(layer, "bias_values", None) is None:
        biases = "the bias is" if layer.biases == 1 else f"the {layer.biases} biases are"
        notes.append(f"without bias_values {biases} 0")
    if isinstance(layer, AvgPool) and any(map(any, layer.pads)):
        notes.append("padding is not part of a mean (count_include_pad=False in PyTorch)")
    return notes


def _turned(layer: Conv, flip: bool) -> list[str]:
    """Which of the two things called convolution this is."""
    one, it = ("the filter is", "it") if layer.filters == 1 else ("the filters are", "them")
    if flip:
        return [f"a convolution in the strict sense: {one} turned over"]
    if isinstance(layer, TransposedConv):
        return []  # it spreads the filter as it stands
    return [f"a cross-correlation: {one} not turned over (--flip turns {it} over)"]


def volume_blocks(array: Array, title: str, width: int | None) -> list[Block]:
    """A grid for each map, or for each slice of each map; sequences and vectors as rows."""
    *sizes, channels = array.shape
    cells = texts(array.numbers())
    if not sizes:
        return grid(title, [cells], columns="numbers", width=width)
    maps = [cells[channel::channels] for channel in range(channels)]
    if len(sizes) == 1:
        labels = [f"map {number}" for number in range(1, channels + 1)] if channels > 1 else []
        return grid(title, maps, labels=labels, columns="positions", width=width)
    blocks = []
    for number, cells_of_map in enumerate(maps, 1):
        name = f"{title} map {number}".lstrip() if channels > 1 else title
        blocks += slices(cells_of_map, tuple(sizes), name, width)
    return blocks


def _learned(trace: Trace, leaf: Leaf, width: int | None) -> list[Block]:
    """The weights and biases of a layer, unless they are many."""
    weights = trace.weights.get(leaf)
    wanted = need(leaf.layer)
    if weights is None or weights.values is None or wanted is None:
        return []
    if weights.values.values.size > _FEW:
        return []
    if isinstance(leaf.layer, Conv):
        return _filters(leaf.layer, weights.values, weights.biases)
    return _table(weights, wanted, width)


def _table(weights: Weights, wanted: Need, width: int | None) -> list[Block]:
    """The weights of units in a row each, or one for each channel; words count from 0."""
    assert weights.values is not None
    numbers = texts(weights.values.numbers())
    biases = [] if weights.biases is None else texts(weights.biases.numbers())
    if wanted.one == "channel":
        title = "coefficient" if len(numbers) == 1 else "coefficients"
        blocks = grid(title, [numbers], columns="channels", width=width)
        return [
            *blocks,
            *(grid("bias", [biases], columns="channels", width=width) if biases else []),
        ]
    size = len(numbers) // wanted.number
    rows = [numbers[start : start + size] for start in range(0, len(numbers), size)]
    first = 0 if wanted.one == "word" else 1
    labels = [f"{wanted.one} {number + first}" for number in range(wanted.number)]
    blocks = grid(
        "weights",
        rows,
        labels=labels if len(rows) > 1 else [],
        columns="numbers",
        width=width or NARROW,
    )
    return [*blocks, *(grid("bias", [[text] for text in biases]) if biases else [])]


def _filters(layer: Conv, values: Array, biases: Array | None) -> list[Block]:
    cells = texts(values.numbers())
    written = texts(biases.numbers()) if biases is not None else []
    depth = values.shape[-1]
    size = len(cells) // layer.filters
    blocks = []
    for filter in range(layer.filters):
        own = cells[filter * size : (filter + 1) * size]
        maps = reads(layer, filter)
        name = f"filter {filter + 1}" if layer.filters > 1 else "filter"
        for index, map in enumerate(maps):
            place = map if len(maps) < depth else index
            title = f"{name}, map {map + 1}" if len(maps) > 1 else name
            blocks += slices(own[place::depth], layer.kernel, title)
        if written:
            blocks.append(Block("bias", [written[filter]]))
    return blocks
