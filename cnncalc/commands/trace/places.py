"""Where the numbers of a network are written: the only part of trace that asks the spec."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from cnncalc.network.network import Element, Input, Leaf, Network
from cnncalc.spec.source import Span
from cnncalc.spec.values import Path, plain, span_of, written_in_input, written_in_item

Blame = Callable[[Path], Span]  # the place of a value, or of the part of it at the end of a path


class Expected(NamedTuple):
    """Numbers that `expect:` has."""

    about: Element | Network
    values: Any  # as plain data
    blame: Blame


def expected(network: Network) -> list[Expected]:
    """All numbers that the spec expects."""
    text = network.spec.text
    return [
        Expected(about, plain(node), partial(span_of, text, node))
        for about, node in network.expected_values
    ]


def of_input(network: Network, given: Input) -> Blame:
    """The numbers of an input, or the whole input where it has none."""
    node = written_in_input(given.given.node) or given.given.node
    return partial(span_of, network.spec.text, node)


def of_argument(leaf: Leaf, name: str | None) -> Blame:
    """An argument of a layer, or the item where it is not written."""
    node = written_in_item(leaf.item, name)
    return partial(span_of, leaf.network.spec.text, node)
