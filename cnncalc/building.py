"""build: a Spec, and what is to be different about it, become a Network with its expectations."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeAlias

from cnncalc.accepted import checked
from cnncalc.arithmetic import EXACT, FLOOR
from cnncalc.checks.expectations import read_all, report_unjudged
from cnncalc.collector import collector_paused
from cnncalc.network.elaborate import MAX_DEPTH, MAX_ITEMS, Choice, Walk
from cnncalc.network.network import Network
from cnncalc.problems import Problems, SpecError, TooManyErrors
from cnncalc.quantities import BYTES_OF
from cnncalc.spec.inputs import InputReader
from cnncalc.spec.model import InputVolume, Spec
from cnncalc.spec.node import Mapping as MappingNode
from cnncalc.spec.node import Node, Scalar, Sequence
from cnncalc.spec.source import Source
from cnncalc.spec.syntax import parse
from cnncalc.volume import Volume
from cnncalc.wording import did_you_mean, quote

if TYPE_CHECKING:
    from fractions import Fraction

Override: TypeAlias = "int | bool | str | float | Fraction | Node"


class OverrideError(ValueError):
    """A var, input or variant asked for that the spec does not have."""


@checked
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
    network.settings = {
        "vars": vars, "input": input, "variant": variant, "strict": strict, "dtype": dtype,
        "batch": batch,
    }  # fmt: skip
    rounding = EXACT if strict and spec.rounding == FLOOR else spec.rounding
    walk = Walk(network, rounding, max_layers)
    choice = _choose(spec, vars or {}, input, variant, network)
    with suppress(TooManyErrors), _deep_recursion(), collector_paused():
        network.problems.extend(spec.problems.sorted())
        walk.whole(choice)
        read_all(network)
    network.visited = walk.visited
    if network.problems.errors:
        report_unjudged(network)
        raise SpecError(network.problems.sorted(), network)
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
    network.overridden = bool(vars or input or network.dtype != "float32" or network.batch != 1)
    return Choice(nodes, inputs, expect)


def _unknown(what: str, name: str, known: Mapping[str, Any]) -> OverrideError:
    guess = did_you_mean(name, known)
    has = f"it has {', '.join(known)}" if known else "it has none"
    return OverrideError(f"the spec has no {what} {quote(name)}; {guess or has}")


def _written(value: Override) -> Node:
    """A value given by hand, as if it stood in the file."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if not text.startswith(("[", "{")):
        return Scalar(0, 0, text, False)
    problems = Problems()
    node = parse(Source("a setting", text), problems)
    if node is None or len(problems):
        message = problems.sorted()[0].message if len(problems) else "nothing"
        raise OverrideError(f"{quote(text)}: {message}")
    return _without_place(node)


def _without_place(node: Node) -> Node:
    """The node of a value that stands in no file, so that nothing in the file is blamed for it."""
    parts = node.items if isinstance(node, Sequence) else []
    if isinstance(node, MappingNode):
        parts = [part for pair in node.pairs for part in pair]
    node.start = node.end = 0
    for part in parts:
        _without_place(part)
    return node


def _read_input(text: str) -> Volume:
    """A volume given by hand, read as `input:` is, with the questions that it asks back."""
    spec = Spec(Source("a setting", text))
    node = parse(spec.text, spec.problems)
    volume = InputReader(spec).one_input(node) if node is not None else None
    if volume is None:
        first = spec.problems.sorted()[0] if len(spec.problems) else None
        why = f"{first.message}; {first.help}".rstrip("; ") if first else "nothing"
        raise OverrideError(why.removeprefix("input: ") if text else "input is empty")
    return volume


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
        volume = value if isinstance(value, Volume) else _read_input(value)
        read[name] = InputVolume(volume, own[name].node)
    return read
