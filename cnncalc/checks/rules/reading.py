"""Rules about which layer reads which."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate

from cnncalc.checks.rules.base import Rule, span_of, written
from cnncalc.layers.base import Layer, find_kind
from cnncalc.layers.merge import Merge
from cnncalc.network.network import Element, Leaf, Network
from cnncalc.problems import WARNING, Problem, Related, declare
from cnncalc.spec.node import Node


class UnreadLayer(Rule):
    """Nothing reads the layer and it is no output, so that nothing depends on its weights."""

    code = declare(
        "CNN302", "unread-layer", "a layer that nothing reads and that is no output", WARNING
    )
    whole = True

    def check(self, network: Network) -> Iterator[Problem]:
        ends = set(network.output_signals.values())
        for leaf in network:
            if not leaf.read and leaf not in ends:
                yield self.problem(
                    network,
                    leaf.item.key,
                    f"nothing reads {leaf.path}, and it is no output",
                    "name it under outputs:, or delete it",
                    layer=leaf.path,
                )


class InnerSoftmax(Rule):
    """A layer with weights, or another softmax, reads what a softmax gives."""

    code = declare("CNN312", "inner-softmax", "a softmax in the middle of a network", WARNING)
    whole = True

    def check(self, network: Network) -> Iterator[Problem]:
        for leaf in network:
            if not _gives_shares(leaf.layer):
                continue
            reader = _learner(network, leaf)
            if reader is not None:
                name = "activation" if "activation" in leaf.layer.arguments else "function"
                yield self.problem(
                    network,
                    written(leaf, name),
                    f"a softmax in the middle: {reader.path} goes on from {leaf.path}",
                    "a softmax at the end only; relu, for example, in between",
                    layer=leaf.path,
                )


def _gives_shares(layer: Layer) -> bool:
    name = getattr(layer, "activation", None) or getattr(layer, "function", None)
    found = find_kind(name) if name else None
    return (found[0] if found else type(layer)).distribution


def _learner(network: Network, leaf: Leaf) -> Leaf | None:
    """The first layer with weights, or softmax, that reads the layer through others without."""
    waiting = [leaf]
    while waiting:
        for reader in network.readers.get(waiting.pop(), ()):
            if reader.layer.weights or _gives_shares(reader.layer):
                return reader
            if not isinstance(reader.layer, Merge):
                waiting.append(reader)
    return None


class NumberedName(Rule):
    """Something refers to an item by a name that it has only by its number."""

    code = declare(
        "CNN316", "numbered-name", "an automatic name that an insertion renumbers", WARNING
    )

    def check(self, network: Network) -> Iterator[Problem]:
        for node, element in (*network.numbered, *_numbered_outputs(network)):
            yield self.problem(
                network,
                node,
                f"{element.name} is an automatic name: another {element.item.kind} above it would "
                "take it over",
                f"give the item of line {element.line} a name:, and refer to that",
                related=(Related(f"the item {element.name}", span_of(network, element.item.key)),),
            )


def _numbered_outputs(network: Network) -> Iterator[tuple[Node, Element]]:
    """The automatic names in the paths of `outputs:`."""
    if not network.spec.outputs:
        return
    numbered = {element.path: element for element in network.elements() if _is_numbered(element)}
    for _, node in network.spec.outputs:
        for path in accumulate(node.text.split("."), "{}.{}".format):
            if path in numbered:
                yield node, numbered[path]


def _is_numbered(element: Element) -> bool:
    item = element.item
    number = element.name.removeprefix(item.kind)
    return item.name is None and number != element.name and number.isdecimal()
