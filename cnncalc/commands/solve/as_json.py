"""What solve has found as JSON."""

from __future__ import annotations

from cnncalc.arithmetic import extent
from cnncalc.commands.solve.inputs import InputSize
from cnncalc.commands.solve.layers import Answer
from cnncalc.commands.solve.model import InputAnswers, LayerAnswers, WindowAnswers
from cnncalc.commands.solve.search import Window
from cnncalc.render.json import document, shape
from cnncalc.render.stream import Paper

_LISTS = ("windows", "alternatives", "candidates", "input_sizes")


def render_json(
    found: WindowAnswers | LayerAnswers | InputAnswers, paper: Paper, show_all: bool = True
) -> str:
    """All answers, one a line; the lists of the questions that were not asked are empty."""
    parts: dict[str, object] = {"question": "", "fits": found.fits, **{name: [] for name in _LISTS}}
    parts |= {"blocked": [], "smallest_input": None}
    if isinstance(found, WindowAnswers):
        parts |= {"question": "windows", "windows": map(_window, found.windows)}
        parts["alternatives"] = map(_window, found.others)
    elif isinstance(found, LayerAnswers):
        parts |= {"question": "layers", "candidates": map(_layer, found.answers)}
        parts["blocked"] = list(map(list, found.blocked))
    else:
        parts |= {"question": "inputs", "input_sizes": map(_input_size, found.tried)}
        parts["smallest_input"] = found.smallest
    return document(parts, {name: {} for name in _LISTS})


def _window(found: Window) -> dict[str, object]:
    return {
        "input_size": found.size,
        "kernel": found.kernel,
        "stride": found.stride,
        "padding": list(found.padding),
        "dilation": found.dilation,
        "output_size": found.output,
        "even": found.exact,
    }


def _layer(answer: Answer) -> dict[str, object]:
    layer = answer.layer
    return {
        "kind": layer.kind,
        "label": layer.label(),
        "input": [shape(layer.input)],
        "output": shape(layer.output),
        "arguments": layer.shown_arguments,
        "extent": list(map(extent, layer.kernel, layer.dilation)),
        "weights": layer.weights,
        "macs": layer.macs,
        "even": answer.exact,
    }


def _input_size(found: InputSize) -> dict[str, object]:
    return {
        "input_size": found.size,
        "output": shape(found.output),
        "even": found.even,
        "reason": found.reason,
    }
