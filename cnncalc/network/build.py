"""build: a Spec and what is to be different about it become a Network."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

from cnncalc.arithmetic import EXACT, FLOOR
from cnncalc.checks.expectations import read_all
from cnncalc.checks.rules import report_unread
from cnncalc.collector import collector_paused
from cnncalc.network.elaborate import MAX_DEPTH, MAX_ITEMS, Choice, Walk
from cnncalc.network.network import Network
from cnncalc.problems import SpecError
from cnncalc.quantities import BYTES_OF
from cnncalc.spec.model import InputVolume, Spec
from cnncalc.spec.node import Node, Scalar
from cnncalc.volume import Volume
from cnncalc.wording import did_you_mean, quote

Override = int | bool | str | float | Fraction | Node


class OverrideError(ValueError):
    """A var, input or variant asked for that the spec does not have."""


def build(
    spec: Spec,
    *,
    vars: Mapping[str, Override] | None = None,
    input: str | Volume | Mapping[str, str | Volume] | None = None,
    variant: str | None = None,
    strict: bool = False,
    dtype: str = "float32",
    batch: int = 1,
    max_layers: int = MAX_ITEMS,
) -> Network:
    """The network that a spec describes, with `vars` and `input` in place of its own.

    Raises SpecError with every problem found, and OverrideError for a var, input, variant or
    dtype that does not exist.
    """
    if dtype not in BYTES_OF:
        raise OverrideError(f"dtype is one of {', '.join(BYTES_OF)}, not {dtype}")
    network = Network(spec, dtype, batch)
    network.problems.extend(spec.problems.sorted())
    rounding = EXACT if strict and spec.rounding == FLOOR else spec.rounding
    walk = Walk(network, rounding, max_layers)
    with _deep_recursion(), collector_paused():
        walk.whole(_choose(spec, vars or {}, input, variant, network))
    read_all(network)
    if network.problems.errors:
        raise SpecError(network.problems.sorted())
    report_unread(network)
    return network


@contextmanager
def _deep_recursion() -> Iterator[None]:
    """Room for MAX_DEPTH levels of blocks, at a few Python calls a level."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, 20 * MAX_DEPTH))
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)


def _choose(
    spec: Spec,
    vars: Mapping[str, Override],
    input: str | Volume | Mapping[str, str | Volume] | None,
    variant: str | None,
    network: Network,
) -> Choice:
    nodes, inputs, expect = dict(spec.vars), dict(spec.inputs), spec.expect
    if variant is not None:
        if variant not in spec.variants:
            raise _unknown("variant", variant, spec.variants)
        chosen = spec.variants[variant]
        network.variant = variant
        nodes.update(chosen.vars)
        inputs.update(chosen.inputs)
        expect = chosen.expect
    for name, value in vars.items():
        if name not in nodes:
            raise _unknown("var", name, spec.vars)
        nodes[name] = value if isinstance(value, Node) else _written(value)
    inputs.update(_read_inputs(input, inputs))
    network.overridden = bool(vars) or input is not None
    return Choice(nodes, inputs, expect)


def _unknown(what: str, name: str, known: Mapping[str, Any]) -> OverrideError:
    guess = did_you_mean(name, known)
    has = f"it has {', '.join(known)}" if known else "it has none"
    return OverrideError(f"the spec has no {what} {quote(name)}; {guess or has}")


def _written(value: Override) -> Node:
    """A value given by hand, as if it stood in the file."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return Scalar(0, 0, text, False)


def _read_inputs(
    input: str | Volume | Mapping[str, str | Volume] | None, own: dict[str, InputVolume]
) -> dict[str, InputVolume]:
    if input is None:
        return {}
    if not isinstance(input, Mapping):
        if len(own) != 1:
            raise OverrideError(f"say which input: {', '.join(f'{n}=VOLUME' for n in own)}")
        input = dict.fromkeys(own, input)
    read = {}
    for name, value in input.items():
        if name not in own:
            raise _unknown("input", name, own)
        try:
            volume = value if isinstance(value, Volume) else Volume.parse(value)
        except ValueError as error:
            raise OverrideError(f"{quote(str(value))} is not a volume: {error}") from None
        read[name] = InputVolume(volume, own[name].node)
    return read
