"""Rule: the base class of all rules, and the registry that the classes fill."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from cnncalc.problems import Code, Problem, Related
from cnncalc.spec.model import LayerOp

if TYPE_CHECKING:
    from cnncalc.layers.base import Layer, Note
    from cnncalc.network.network import Leaf, Network
    from cnncalc.spec.node import Node
    from cnncalc.spec.source import Span

RULES: dict[str, type[Rule]] = {}  # by code


class Rule:
    """Something that works but is most likely not meant.

    Its page, cnncalc/rules/CODE.md, says what is wrong with it, and shows a spec that breaks it.
    """

    code: ClassVar[Code]
    whole: ClassVar[bool] = False  # makes no sense of a network of which a part is missing

    def __init_subclass__(cls) -> None:
        if "code" in vars(cls):
            RULES[cls.code.code] = cls

    def check(self, network: Network) -> Iterator[Problem]:
        """The places where the network breaks the rule."""
        raise NotImplementedError

    def problem(
        self,
        network: Network,
        node: Node,
        message: str,
        help: str = "",
        *,
        detail: str = "",
        layer: str = "",
        related: tuple[Related, ...] = (),
    ) -> Problem:
        span = span_of(network, node)
        return Problem(
            self.code, message, span, detail=detail, help=help, layer=layer, related=related
        )


class LayerRule(Rule):
    """A rule about single layers, whatever stands around them."""

    def look(self, layer: Layer) -> Note | None:
        """What there is to say of a layer."""
        raise NotImplementedError

    def meant(self, leaf: Leaf) -> bool:
        """Whether the way it is written says that it is meant."""
        return False

    def check(self, network: Network) -> Iterator[Problem]:
        seen: dict[Layer, Note | None] = {}  # equal layers are one object
        for leaf in network:
            layer = leaf.layer
            if layer not in seen:
                seen[layer] = self.look(layer)
            note = seen[layer]
            if note is not None and not self.meant(leaf):
                yield self.problem(
                    network,
                    written(leaf, note.argument),
                    f"{leaf.path}: {note.message}",
                    note.help,
                    detail=note.detail,
                    layer=leaf.path,
                )


def written(leaf: Leaf, argument: str) -> Node:
    """Where an argument of a layer is written; its kind where it is not."""
    op = leaf.item.op
    found = op.arguments.get(argument) if isinstance(op, LayerOp) else None
    return found.value if found else leaf.item.key


def span_of(network: Network, node: Node) -> Span:
    return network.spec.text.span(node.start, node.end)
