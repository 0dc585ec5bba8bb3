"""Padding: what stands before a window where Keras cannot say its padding."""

from __future__ import annotations

from typing import Any

from cnncalc.exchange.export.keras import windows
from cnncalc.exchange.export.keras.leaf import Leaf
from cnncalc.exchange.export.layout import Code, row
from cnncalc.language.located import Value
from cnncalc.layers.window import Window
from cnncalc.network.model import Layer


def padded(leaf: Leaf, words: tuple[str, ...] = ()) -> Code:
    """Pad what a window reads, if Keras cannot; what its `padding` is then."""
    found: list[Window] = leaf.operations
    if all(map(windows.is_valid, found)):
        return ""
    if all(map(windows.is_same, found)):
        return '"same"'
    if "causal" in words and all(window.padding == "causal" for window in found):
        return '"causal"'
    value = leaf.written("padding")
    if value is not None and _is_word(leaf, value):
        return leaf.flow.value(value, whole=False)
    pads = pads_of(leaf, found)
    lowest = leaf.op.kind == "max_pool" and not all(map(_not_negative, leaf.layers))
    code = leaf.layer("LowestPadding" if lowest else "ZeroPaddingND", pads, suffix="_pad")
    if isinstance(pads, str) and " if " not in pads and any(map(windows.is_valid, found)):
        leaf.step_if(pads, code)
    else:
        leaf.step(code)
    return ""


def _is_word(leaf: Leaf, value: Value) -> bool:
    """Whether a name stands for `same` or `valid` everywhere."""
    if value.word is None:
        return False
    words = [value.evaluate(copy.values) for copy in leaf.copies]
    exact = all(windows.needed(window) == window.pads for window in leaf.operations)
    return exact and all(word in ("same", "valid") for word in words)


def pads_of(leaf: Leaf, found: list[Window]) -> Code:
    """The rows of zeros that windows need, as an argument of a layer of padding."""
    if (pads := windows.common(found)) is not None:
        return windows.pads_code(pads)
    if (code := _rounded_up(leaf, found)) is not None:
        return code
    value = leaf.written("padding")
    exact = all(windows.needed(window) == window.pads for window in found)
    if value is not None and exact and not any(isinstance(w.padding, str) for w in found):
        return leaf.or_default("padding", value, leaf.flow.value(value))
    raise leaf.refused("is padded with other rows at every place that it stands",
                       "write a block of its own for each, or padding: same")  # fmt: skip


def _rounded_up(leaf: Leaf, found: list[Window]) -> Code | None:
    """The rows at the end that a last window needs where sizes differ from place to place."""
    alike = leaf.all_agree("kernel") and leaf.all_agree("stride") and leaf.all_agree("dilation")
    if not alike or any(map(any, (pad for window in found for pad in window.pads))):
        return None
    steps = [*zip(windows.reaches(found[0]), found[0].stride, strict=True)]
    for window in found:
        ends = [(r - n) % s for n, (r, s) in zip(window.input.sizes, steps, strict=True)]
        if [after for _, after in windows.needed(window)] != ends:
            return None
    x = leaf.x
    ends_text = [f"({r} - {x}.shape[{axis}]) % {s}" for axis, (r, s) in enumerate(steps, 1)]
    pairs = [row(["0", text]) for text in ends_text]
    return pairs[0] if len(pairs) == 1 else row(pairs)


def _not_negative(layer: Layer) -> bool:
    """Whether nothing that a layer reads is below 0, so that zeros are no maximum."""
    return all(_gives_no_negative(source) for source in layer.sources)


_NOT_NEGATIVE = ("relu", "relu6", "sigmoid", "softmax", "abs", "hard_sigmoid", "softplus")


_KEEPING = ("max_pool", "avg_pool", "concat", "add", "dropout", "multiply", "average", "maximum",
            "zero_pad", "identity")  # fmt: skip


def _gives_no_negative(signal: Any, depth: int = 20) -> bool:
    kind = getattr(signal, "kind", "")
    if not kind or depth == 0:
        return False
    if kind in _NOT_NEGATIVE or getattr(signal.operation, "activation", None) in _NOT_NEGATIVE:
        return True
    return kind in _KEEPING and all(
        _gives_no_negative(source, depth - 1) for source in signal.sources
    )
