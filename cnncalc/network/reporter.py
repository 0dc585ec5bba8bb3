"""Reporter: the boundary at which a refusal gets its place in the file.

Layers and expressions refuse with what is wrong; here come in the line and column, the chain of
block calls that led there, and the volume it was about.
"""

from __future__ import annotations

import re
from typing import Any

from cnncalc import problems as codes
from cnncalc.network.network import Leaf, Network, Signal
from cnncalc.network.scope import Place, Scope
from cnncalc.problems import Key, Problem, Reject
from cnncalc.spec.model import LayerOp
from cnncalc.spec.node import Mapping, Node, Scalar, Sequence
from cnncalc.wording import quote, show


class Reported(Exception):
    """What is wrong has been reported; give up on the item."""


class Reporter:
    """Collects the problems of one network."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.text = network.spec.text

    def span(self, node: Node) -> Any:
        return self.text.span(node.start, node.end)

    def problem(
        self,
        code: codes.Code,
        node: Node,
        message: str,
        help: str = "",
        related: Any = (),
        scope: Scope | None = None,
    ) -> None:
        span = self.span(node)
        if not self.network.problems.has(code, span):  # in a block it is met at every call
            facts = self.chain(scope)
            self.network.problems.add(
                Problem(code, message, span, facts=facts, help=help, related=related)
            )

    def reported(
        self,
        code: codes.Code,
        node: Node,
        message: str,
        help: str = "",
        related: Any = (),
        scope: Scope | None = None,
    ) -> Reported:
        """Report, and give back the exception that says so."""
        self.problem(code, node, message, help, related, scope)
        return Reported()

    def blamed(self, node: Node, reject: Reject, scope: Scope | None) -> tuple[int, int]:
        """The stretch of text that a refusal is about: from the node along the path."""
        for step in reject.path:
            node = self.origin(node, scope)
            if isinstance(node, Sequence) and isinstance(step, int) and step < len(node.items):
                node = node.items[step]
            elif isinstance(node, Mapping) and isinstance(step, Key):
                node = next((key for key, _ in node.pairs if key.text == step), node)
            elif isinstance(node, Mapping) and (inner := node.get(str(step))) is not None:
                node = inner
        text = self.network.spec.text
        if reject.offset is None:
            node = self.origin(node, scope)
            return node.start, node.end
        start = node.start + (isinstance(node, Scalar) and node.quoted)
        if isinstance(node, Scalar) and not text.has(node.text, start):
            return node.start, node.end
        start = min(start + reject.offset, node.end)
        return start, node.end if reject.width is None else min(start + reject.width, node.end)

    def origin(self, node: Node, scope: Scope | None) -> Node:
        """Where a word or list that came in as an argument was written."""
        if scope is not None and isinstance(node, Scalar) and node.text.startswith("$"):
            binding = scope.bindings.get(node.text[1:])
            if binding is not None and isinstance(binding.value, (str, list, dict)):
                return binding.node
        return node

    def report_layer(
        self, reject: Reject, op: LayerOp, place: Place, sources: tuple[Signal, ...]
    ) -> None:
        """Report what a layer refused, at the argument it blames."""
        written = op.arguments.get(reject.argument or "")
        if reject.argument == "from" and op.sources is not None:
            node: Node = op.sources
        else:
            node = written.value if written else place.item.key
        facts = tuple(self.input_fact(source) for source in sources if source.output)
        self.report(reject, self.blamed(node, reject, place.scope), place.scope, facts, place.path)

    def input_fact(self, source: Signal) -> str:
        """`input: 5×5×16 from max_pool2 (line 13)`."""
        assert source.output is not None
        if isinstance(source, Leaf):
            place = f"from {source.path} (line {source.line})"
        else:
            several = len(self.network.input_signals) > 1
            place = f"the network's input {source.path}" if several else "the network's input"
        return f"input: {source.output.text()} {place}"

    def report(
        self,
        reject: Reject,
        stretch: tuple[int, int],
        scope: Scope | None,
        facts: tuple[str, ...] = (),
        layer: str = "",
    ) -> None:
        span = self.text.span(*stretch)
        if self.network.problems.has(reject.code, span):
            return
        self.network.problems.add(
            Problem(
                reject.code,
                reject.message,
                span,
                detail=reject.detail,
                facts=(*facts, *self.settings(stretch), *self.chain(scope)),
                help=reject.help or self.names_meant(reject, stretch, scope),
                layer=layer,
            )
        )

    def settings(self, stretch: tuple[int, int]) -> tuple[str, ...]:
        """`classes is set to "abc"`, where the text to blame names a var that has another value."""
        text = self.text.text[slice(*stretch)]
        named = re.findall(r"\$(\w+)", text) if "$" in text else ()
        given = self.network.settings["vars"] or {}
        values = {name: given[name] for name in named if name in given}
        return tuple(
            f"{name} is set to {value.what if isinstance(value, Node) else show(value)}"
            for name, value in values.items()
        )

    def chain(self, scope: Scope | None) -> tuple[str, ...]:
        """The calls that led to a scope, the innermost first."""
        return tuple(
            f"in: {frame.text()} (line {self.span(frame.item.key).line})"
            for frame in reversed(scope.frames if scope is not None else ())
        )

    def names_meant(self, reject: Reject, stretch: tuple[int, int], scope: Scope | None) -> str:
        """`write 2*$width` for 2*width, where there is such a var or argument."""
        text = self.text.text[slice(*stretch)]
        if scope is None or reject.code not in (codes.BAD_VALUE, codes.EXPRESSION):
            return ""
        names = scope.values
        meant = re.sub(
            r"(?<![\w$.])[A-Za-z_]\w*",
            lambda found: f"${found[0]}" if found[0] in names else found[0],
            text[:100],
        )
        return "" if meant == text[:100] else f"vars and arguments have a $: write {quote(meant)}"
