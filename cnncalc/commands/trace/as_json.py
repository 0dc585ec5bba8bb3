"""Traces as JSON: every number of every volume shown, and the steps."""

from collections.abc import Sequence
from fractions import Fraction
from math import isfinite, prod
from typing import Any

from cnncalc.commands.trace.arrays import Array, Number
from cnncalc.commands.trace.compute import Found
from cnncalc.commands.trace.formulas import Numbers
from cnncalc.commands.trace.showing import Shown, Traces
from cnncalc.commands.trace.steps import Part, Step
from cnncalc.network.model import Layer, Signal
from cnncalc.render.json import Opened, document
from cnncalc.render.stream import Paper


def render_traces(found: Traces, paper: Paper) -> str:
    """One or several traces, a volume and a step a line."""
    opened: Opened = {"traces": {"volumes": {}, "steps": {}}}
    return document({"traces": map(_trace, found.shown)}, opened)


def _trace(shown: Shown) -> dict[str, Any]:
    """A trace as dicts, lists, numbers and texts."""
    trace, network = shown.trace, shown.trace.network
    return {
        "name": network.name,
        "source": network.source,
        "variant": network.variant,
        "flip": trace.flip,
        "volumes": [
            _volume(signal, trace.arrays[signal], trace.on_the_way(signal))
            for signal in shown.volumes
        ],
        "steps": [_step(step) for step in shown.steps],
    }


def _volume(signal: Signal, array: Array, between: Sequence[Found]) -> dict[str, Any]:
    """An input or what a layer hands on; nested lists, channels last."""
    layer = signal if isinstance(signal, Layer) else None
    return {
        "path": signal.path,
        "kind": layer.kind if layer else "input",
        "line": layer.line if layer else None,
        "shape": list(array.shape),
        "exact": array.exact,
        **_numbers(array.numbers(), array.shape),
        "between": [
            {"name": found.name, "shape": list(found.array.shape), "exact": found.array.exact,
             **_numbers(found.array.numbers(), found.array.shape)}
            for found in between
        ],
    }  # fmt: skip


def _numbers(numbers: Sequence[Number], shape: tuple[int, ...]) -> dict[str, Any]:
    """`values` as JSON numbers, and `fractions` as texts where some are no decimals."""
    rough = [_rough(number) for number in numbers]
    exact = all(map(_is_decimal, numbers))
    fractions = None if exact else _nested([str(number) for number in numbers], shape)
    return {"values": _nested(rough, shape), "fractions": fractions}


def _rough(number: Number) -> int | float | None:
    """A whole number, or the nearest double; null for what is not finite."""
    if not isinstance(number, float) and number.denominator == 1:
        return int(number)
    try:
        found = float(number)
    except OverflowError:
        return None
    return found if isfinite(found) else None


def _is_decimal(number: Number) -> bool:
    """Whether a double prints as the number itself."""
    if not isinstance(number, Fraction):
        return True
    found = _rough(number)
    return found is not None and Fraction(repr(found)) == number


def _nested(flat: Sequence[Any], shape: tuple[int, ...]) -> Any:
    if not shape:
        return flat[0]
    size = prod(shape[1:])
    return [_nested(flat[start : start + size], shape[1:]) for start in range(0, len(flat), size)]


def _step(step: Step) -> dict[str, Any]:
    """A window; places are counted from 1, as in --at, and padding is null."""
    return {
        "path": step.layer.path,
        "part": step.part or None,
        "at": [index + 1 for index in step.at],
        "map": step.channel + 1,
        "rule": step.rule,
        "rows": [
            [row + 1 if 0 <= row < size else None for row in along]
            for along, size in zip(step.rows, step.source.shape, strict=False)
        ],
        "parts": [_part(part, step.sizes) for part in step.parts],
        "coefficient": _plain(step.coefficient),
        "bias": _plain(step.bias),
        "before_activation": _plain(step.before),
        "activation": step.activation,
        "result": _plain(step.result),
        "formula_numbers": _named(step.formula.numbers) if step.formula else {},
    }


def _named(numbers: Numbers) -> dict[str, Any]:
    """The numbers in a formula by name."""
    return {
        name: [*map(_plain, each)] if isinstance(each, list) else _plain(each)
        for name, each in numbers.items()
    }


def _part(part: Part, sizes: tuple[int, ...]) -> dict[str, Any]:
    def grid(numbers: Sequence[Number | None] | None) -> Any:
        return numbers and _nested([_plain(number) for number in numbers], sizes)

    return {
        "map": part.map + 1,
        "window": grid(part.patch),
        "filter": grid(part.filter),
        "products": grid(part.filter and part.terms),
    }


def _plain(number: Number | None) -> int | float | str | None:
    """A number, or the text of a fraction that is no decimal; null for padding."""
    if number is None:
        return None
    return _rough(number) if _is_decimal(number) else str(number)
