"""Traces as JSON: every number of every volume shown, and the steps."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import prod
from typing import TYPE_CHECKING, Any

import cnncalc
from cnncalc.network.network import Leaf, Signal
from cnncalc.render.json import json_text

if TYPE_CHECKING:
    from cnncalc.trace.arrays import Array, Number
    from cnncalc.trace.engine import Trace
    from cnncalc.trace.steps import Part, Step

SCHEMA_VERSION = 1


def render_traces(traces: Sequence[tuple[Trace, Sequence[Signal], Sequence[Step]]]) -> str:
    """One object for one or several traces; ASCII only, a volume and a step a line."""
    tool = {"name": "cnncalc", "version": cnncalc.__version__}
    head = json_text({"schema_version": SCHEMA_VERSION, "tool": tool})[:-1]
    texts = (_lines(_trace(*parts)) for parts in traces)
    return f'{head}, "traces": [{",".join(texts)}\n]}}\n'


def _lines(trace: dict[str, Any]) -> str:
    parts = []
    for key, value in trace.items():
        text = json_text(value)
        if isinstance(value, list) and value:
            rows = ",".join(f"\n    {json_text(part)}" for part in value)
            text = f"[{rows}\n  ]"
        parts.append(f'\n  "{key}": {text}')
    return f"\n {{{','.join(parts)}\n }}"


def _trace(trace: Trace, shown: Sequence[Signal], steps: Sequence[Step]) -> dict[str, Any]:
    """A trace as dicts, lists, numbers and texts."""
    network = trace.network
    return {
        "name": network.name,
        "source": network.source,
        "variant": network.variant,
        "flip": trace.flip,
        "volumes": [
            _volume(signal, trace.arrays[signal]) for signal in shown if signal in trace.arrays
        ],
        "steps": [_step(step) for step in steps],
    }


def _volume(signal: Signal, array: Array) -> dict[str, Any]:
    """An input or what a layer hands on; nested lists, channels last."""
    layer = signal if isinstance(signal, Leaf) else None
    return {
        "path": signal.path,
        "kind": layer.kind if layer else "input",
        "line": layer.line if layer else None,
        "shape": list(array.shape),
        "exact": array.exact,
        **_numbers(array.numbers(), array.shape),
    }


def _numbers(numbers: Sequence[Number | None], shape: tuple[int, ...]) -> dict[str, Any]:
    """`values` as JSON numbers, and `fractions` as texts where some are no decimals."""
    rough = [_number(number) for number in numbers]
    exact = all(map(_is_decimal, numbers))
    fractions = None if exact else _nested([_text(number) for number in numbers], shape)
    return {"values": _nested(rough, shape), "fractions": fractions}


def _number(number: Number | None) -> int | float | None:
    """The nearest double of a fraction; null for padding and for what is not finite."""
    if number is None or isinstance(number, int):
        return number
    try:
        found = float(number)
    except OverflowError:
        return None
    return found if abs(found) < float("inf") else None


def _is_decimal(number: Number | None) -> bool:
    """Whether a double prints as the number itself."""
    if not isinstance(number, Fraction):
        return True
    found = _number(number)
    return found is not None and Fraction(repr(found)) == number


def _text(number: Number | None) -> str | None:
    return None if number is None else str(number)


def _nested(flat: Sequence[Any], shape: tuple[int, ...]) -> Any:
    if not shape:
        return flat[0]
    size = prod(shape[1:])
    return [_nested(flat[start : start + size], shape[1:]) for start in range(0, len(flat), size)]


def _step(step: Step) -> dict[str, Any]:
    """A window; places are counted from 1, as in --at, and padding is null."""
    return {
        "path": step.leaf.path,
        "at": [index + 1 for index in step.at],
        "map": step.channel + 1,
        "rule": step.rule,
        "rows": [[row + 1 if row >= 0 else None for row in along] for along in step.rows],
        "parts": [_part(part, step.sizes) for part in step.parts],
        "coefficient": _plain(step.coefficient),
        "bias": _plain(step.bias),
        "before_activation": _plain(step.before),
        "activation": step.activation,
        "result": _plain(step.result),
    }


def _part(part: Part, sizes: tuple[int, ...]) -> dict[str, Any]:
    own = part.filter
    return {
        "map": part.map + 1,
        "window": _nested([_plain(number) for number in part.patch], sizes),
        "filter": _nested([_plain(number) for number in own], sizes) if own else None,
        "products": _nested([_plain(number) for number in part.products], sizes) if own else None,
    }


def _plain(number: Number | None) -> int | float | str | None:
    """A number, or the text of a fraction that is no decimal."""
    return _number(number) if _is_decimal(number) else _text(number)
