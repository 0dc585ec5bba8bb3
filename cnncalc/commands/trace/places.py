"""Where the numbers of a network are written: the only part of trace that asks the spec."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from cnncalc.network.network import Element, Input, Leaf, Network
from cnncalc.problems import Reject
from cnncalc.spec.source import Span
from cnncalc.spec.values import Path, plain, span_of, written_in_input, written_in_item


class Expected(NamedTuple):
    """Numbers that `expect:` has."""

    about: Element | Network
    values: Any  # as plain data
    place: Callable[[Path], Span]  # of the part of them at the end of a path


def expected(network: Network) -> list[Expected]:
    """All numbers that the spec expects."""
    text = network.spec.text
    return [
        Expected(about, plain(node), partial(span_of, text, node))
        for about, node in network.expected_values
    ]


def place(network: Network, signal: Input | Leaf, reject: Reject) -> Span:
    """What a refusal is about: numbers that are written, or the whole input or item."""
    if isinstance(signal, Leaf):
        node = written_in_item(signal.item, reject.argument)
    else:
        node = written_in_input(signal.given.node) or signal.given.node
    return span_of(network.spec.text, node, reject.path)
