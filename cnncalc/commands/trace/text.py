"""A trace as text: inputs and feature maps as grids, with the filters between them."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from cnncalc.commands.trace.arrays import Array, Number
from cnncalc.commands.trace.compute import Found, Weights, reads
from cnncalc.commands.trace.engine import Trace
from cnncalc.commands.trace.grids import (
    DECIMALS,
    EMPTY,
    NARROW,
    Block,
    fits,
    flow,
    grid,
    is_rounded,
    slices,
    texts,
)
from cnncalc.commands.trace.parts import parts
from cnncalc.commands.trace.showing import Shown, Traces
from cnncalc.commands.trace.step_text import render_step
from cnncalc.commands.trace.weights import Need, need
from cnncalc.layers import Operation
from cnncalc.layers.conv import Conv
from cnncalc.layers.norm import BatchNorm, LocalResponseNorm, Norm
from cnncalc.layers.pool import AvgPool
from cnncalc.layers.separable import SeparableConv
from cnncalc.layers.transposed import TransposedConv
from cnncalc.network.model import Layer, Signal
from cnncalc.render.stream import Paper
from cnncalc.render.titles import inputs_text, title_of
from cnncalc.wording import line_start, times, visible

LARGE = 2_000  # numbers from which a volume is printed only when it is asked for by name
_FEW = 200  # weights up to which they are printed with what they make


class Part(NamedTuple):
    """Lines about one volume or step, below a heading."""

    title: str
    lines: list[str]


def render_traces(found: Traces, paper: Paper) -> str:
    """Traces one below the other, without those of which nothing is shown."""
    return "\n".join(_text(title, parts) for title, parts in traces(found, paper))


def traces(found: Traces, paper: Paper) -> Iterator[tuple[str, list[Part]]]:
    """The title and the parts of each trace of which something is shown."""
    for shown in found.shown:
        if shown.steps or shown.volumes:
            network = shown.trace.network
            title = f"{line_start(visible(title_of(network)))}   {inputs_text(network.inputs)}"
            yield title, list(_parts(shown, found.whole, paper))


def _text(title: str, parts: list[Part]) -> str:
    texts = ["\n".join(filter(None, (part.title, "\n".join(part.lines)))) for part in parts]
    return "\n\n".join((title, *texts)) + "\n"


def _parts(shown: Shown, whole: bool, paper: Paper) -> Iterator[Part]:
    """The volumes, and steps below them; `whole` has large volumes too."""
    blank = "output" in paper.handout.blanks
    for signal in shown.volumes:
        title, *lines = _volume(shown.trace, signal, whole, paper.width, blank)
        yield Part(title, lines)
    for step in shown.steps:
        title, *lines = render_step(step, paper.width, blank)
        yield Part(title, lines)
    numbers = [number for step in shown.steps for number in (step.before, step.result)]
    if (remark := _remark(numbers)) and not blank:
        yield Part("", [remark])


def _remark(numbers: Sequence[Number]) -> str:
    """What is not exact about numbers as they are shown."""
    rounded = f"rounded to {DECIMALS} decimals"
    if any(isinstance(number, float) for number in numbers):
        return f"worked out in floating point, {rounded}"
    return f"{rounded}; --format json has the fractions" if any(map(is_rounded, numbers)) else ""


# Volumes.


def _volume(trace: Trace, signal: Signal, whole: bool, width: int | None, blank: bool) -> list[str]:
    array, layer = trace.arrays[signal], signal if isinstance(signal, Layer) else None
    kind = [layer.label] if layer else []
    lines = ["   ".join([signal.path, *kind, times(array.shape)])]
    lines += [f"  {note}" for note in (_notes(trace, layer) if layer else [])]
    if len(array.values) > LARGE and not whole:
        return [*lines, f"  {len(array.values):,} numbers; name {signal.path} to see them"]
    blank &= layer is not None
    remark = "" if blank else _remark(array.numbers())
    lines += [f"  {remark}"] if remark else []
    learned = _learned(trace.weights[layer], layer.operation, width) if layer else []
    between = [] if blank else _between(trace.on_the_way(signal), width)
    blocks = volume_blocks(array, "output" if learned or between else "", width, blank=blank)
    if between:
        parts = (learned, between, blocks)
        return [*lines, *(line for part in parts if part for line in (*flow(part, width), ""))][:-1]
    if learned and not fits([*learned, *blocks], width):
        return [*lines, *flow(learned, width), "", *flow(blocks, width)]
    return [*lines, *flow([*learned, *blocks], width)]


def _notes(trace: Trace, layer: Layer) -> list[str]:
    """What a reader may take for granted and should not."""
    operation = layer.operation
    notes = [*_assumed(operation)]
    if isinstance(operation, Conv) and trace.is_correlation(layer):
        notes += _turned(operation, trace.flip)
    learned = trace.weights[layer]
    with_biases = any(part.biases for part in (learned, *learned.parts.values()))
    if with_biases and getattr(operation, "bias_values", None) is None:
        biases = "the bias is" if operation.biases == 1 else f"the {operation.biases} biases are"
        notes.append(f"without bias_values {biases} 0")
    if isinstance(operation, AvgPool) and any(map(any, operation.pads)):
        notes.append("padding is not part of a mean (count_include_pad=False in PyTorch)")
    return notes


def _assumed(layer: Operation) -> Iterator[str]:
    """What holds where the spec says nothing."""
    if isinstance(layer, BatchNorm | Norm) and layer.epsilon is None:
        yield "epsilon is 0.00001, as in PyTorch (Keras takes 0.001)"
    written = getattr(layer, "values", None) or {}
    assumed = [
        f"{name} is {own.default}"
        for name, own in parts(layer).items()
        if own.default is not None and name not in written
    ]
    if assumed:
        yield f"{' and '.join(assumed)}, as its values name none"
    if isinstance(layer, LocalResponseNorm):
        yield "alpha times the sum of the squares; PyTorch divides alpha by the size"


def _turned(layer: Conv, flip: bool) -> list[str]:
    """Which of the two things called convolution this is."""
    one, it = ("the filter is", "it") if layer.filters == 1 else ("the filters are", "them")
    if flip:
        return [f"a convolution in the strict sense: {one} turned over"]
    if isinstance(layer, TransposedConv):
        return []  # it spreads the filter as it stands
    return [f"a cross-correlation: {one} not turned over (--flip turns {it} over)"]


def volume_blocks(
    array: Array, title: str, width: int | None, *, blank: bool = False
) -> list[Block]:
    """A grid for each map, or for each slice of each map; sequences and vectors as rows."""
    *sizes, channels = array.shape
    cells = [EMPTY] * len(array.values) if blank else texts(array.numbers())
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


def _between(found: list[Found], width: int | None) -> list[Block]:
    """What is worked out on the way, unless it is much."""
    few = [(name, array) for name, array in found if len(array.values) <= _FEW]
    return [block for name, array in few for block in volume_blocks(array, name, width)]


def _learned(weights: Weights, layer: Operation, width: int | None) -> list[Block]:
    """The weights and biases of a layer, unless they are many."""
    if weights.parts:
        return list(_learned_parts(weights.parts, layer, width))
    wanted = need(layer)
    if wanted is None or len(weights.values.values) > _FEW:
        return []
    return _filters(layer, weights) if isinstance(layer, Conv) else _table(weights, wanted, width)


def _learned_parts(
    all: Mapping[str, Weights], layer: Operation, width: int | None
) -> Iterator[Block]:
    """Part by part; of norms a row each."""
    if sum(len(part.values.values) for part in all.values()) > _FEW:
        return
    wanted = parts(layer)
    if isinstance(layer, SeparableConv):
        for block in _filters(layer.depthwise, all["depthwise"]):
            yield block._replace(title=f"depthwise {block.title}")
        all = {"pointwise": all["pointwise"]}
    elif all.keys() <= {"scale", "shift"} and layer.values is None:  # type: ignore[attr-defined]
        return
    single = {name: each for name, each in all.items() if wanted[name].one in ("channel", "number")}
    if single:
        rows = [texts(each.values.numbers()) for each in single.values()]
        yield from grid("", rows, labels=[*single], columns="channels", width=width or NARROW)
    for name, each in all.items():
        if name not in single:
            for block in _table(each, wanted[name], width):
                yield block._replace(title=block.title.replace("weights", name, 1))


def _table(weights: Weights, wanted: Need, width: int | None) -> list[Block]:
    """The weights of units in a row each, or one for each channel; words count from 0."""
    numbers = texts(weights.values.numbers())
    biases = [] if weights.biases is None else texts(weights.biases.numbers())
    if wanted.one == "channel":
        title = "coefficient" if len(numbers) == 1 else "coefficients"
        return [
            *grid(title, [numbers], columns="channels", width=width),
            *grid("bias", [biases], columns="channels", width=width),
        ]
    size, first = weights.sizes[0], 0 if wanted.one == "word" else 1
    rows = [numbers[start : start + size] for start in range(0, len(numbers), size)]
    labels = [f"{wanted.one} {number}" for number in range(first, first + len(rows))]
    if len(rows) == 1:
        labels = []
    blocks = grid("weights", rows, labels=labels, columns="numbers", width=width or NARROW)
    return [*blocks, *grid("bias", [[text] for text in biases])]


def _filters(layer: Conv, weights: Weights) -> list[Block]:
    cells = iter(texts(weights.values.numbers()))
    written = [] if weights.biases is None else texts(weights.biases.numbers())
    blocks = []
    for filter, size in enumerate(weights.sizes):
        own = [*islice(cells, size)]
        maps = reads(layer, filter)
        name = f"filter {filter + 1}" if len(weights.sizes) > 1 else "filter"
        for index, map in enumerate(maps):
            title = f"{name}, map {map + 1}" if len(maps) > 1 else name
            blocks += slices(own[index :: len(maps)], layer.kernel, title)
        if written:
            blocks.append(Block("bias", [written[filter]]))
    return blocks
