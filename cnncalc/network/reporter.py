"""Reporter: the boundary at which a refusal gets its place in the file.

Layers and expressions refuse with what is wrong; here come in the line and column, the chain of
block calls that led there, and the volume it was about.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from cnncalc import problems as codes
from cnncalc.advice import Edit
from cnncalc.language.expressions import parses
from cnncalc.language.located import Value
from cnncalc.language.model import Item, LayerOp, Spec
from cnncalc.language.source import Span
from cnncalc.language.written import Expect, Word
from cnncalc.network.model import Layer
from cnncalc.network.scope import Found, Place, Scope
from cnncalc.problems import Code, Problem, Problems, Reject, Related
from cnncalc.wording import quote, show


class Reported(Exception):
    """What is wrong has been reported; give up on the item."""


class Reporter:
    """Collects the problems of one build."""

    def __init__(
        self, spec: Spec, given: Mapping[str, object], problems: Problems | None = None
    ) -> None:
        self.spec = spec
        self.given = given  # the vars that were set from outside
        self.is_top = problems is None  # not of a spec that another takes in
        self.problems = Problems(stops=True) if problems is None else problems

    def problem(
        self,
        code: Code,
        place: Value | Word | Item | Expect,
        message: str,
        help: str = "",
        related: tuple[Related, ...] = (),
        scope: Scope | None = None,
    ) -> Reported:
        """Report something; returns the exception that gives up on the item."""
        span = self.spec.span(place)
        if not self.problems.has(code, span):  # in a block it is met at every call
            facts = self.chain(scope)
            self.problems.add(Problem(code, message, span, facts=facts, help=help, related=related))
        return Reported()

    def blamed(self, value: Value, reject: Reject, scope: Scope | None) -> Span:
        """The stretch of text that a refusal is about: from the value along its path."""
        for step in reject.path:
            value = self.origin(value, scope).within((step,))
        if reject.offset is None:
            value = self.origin(value, scope)
        file = value.file or self.spec.text
        return file.span(*value.stretch(file, reject))

    def origin(self, value: Value, scope: Scope | None) -> Value:
        """Where a word or list that came in as an argument was written."""
        if scope is not None and (name := value.argument) is not None:
            binding = scope.bound(name)
            if binding is not None and isinstance(binding.value, (str, list, dict)):
                return binding.written
        return value

    def refused(self, reject: Reject, value: Value, scope: Scope | None) -> Reported:
        """Report the refusal of a value."""
        return self.report(reject, self.blamed(value, reject, scope), scope)

    def report_layer(
        self, reject: Reject, op: LayerOp, place: Place, sources: tuple[Found, ...]
    ) -> Reported:
        """Report what a layer refused, at the argument it blames."""
        value = op.arguments.get(reject.argument or "")
        if reject.argument == "from" and op.sources is not None:
            value = op.sources
        item = place.item
        span = self.spec.span(item) if value is None else self.blamed(value, reject, place.scope)
        facts = tuple(self.input_fact(source) for source in sources if source.output)
        return self.report(reject, span, place.scope, facts, place.path)

    def input_fact(self, source: Found) -> str:
        """`input: 5×5×16 from max_pool2 (line 13)`."""
        assert source.output is not None
        if isinstance(source, Layer):
            where = f"from {source.path}"
            where += f" (line {source.line})" if self.is_top else ""
        else:
            several = len(self.spec.inputs) > 1
            where = f"the network's input {source.path}" if several else "the network's input"
        return f"input: {source.output.text()} {where}"

    def report(
        self,
        reject: Reject,
        span: Span,
        scope: Scope | None,
        facts: tuple[str, ...] = (),
        layer: str = "",
    ) -> Reported:
        """Report a refusal that is about a stretch of the text."""
        if not self.problems.has(reject.code, span):
            self.problems.add(
                Problem(
                    reject.code,
                    reject.message,
                    span,
                    detail=reject.detail,
                    facts=(*facts, *self.settings(span), *self.chain(scope)),
                    help=reject.help or self.names_meant(reject, span, scope),
                    layer=layer,
                )
            )
        return Reported()

    def settings(self, span: Span) -> tuple[str, ...]:
        """`classes is set to "abc"`, where the text to blame names a var that has another value."""
        text = span.text
        named = re.findall(r"\$(\w+)", text) if "$" in text else ()
        return tuple(
            f"{name} is set to {show(self.given[name])}" for name in named if name in self.given
        )

    def chain(self, scope: Scope | None) -> tuple[str, ...]:
        """The calls that led to a scope, the innermost first."""
        return tuple(
            f"in: {frame.text()} ({self.line_of(frame.item)})"
            for frame in reversed(scope.frames if scope is not None else ())
        )

    def line_of(self, item: Item) -> str:
        """Its line; of another file than the spec's, with the name of that."""
        if item.file is None or item.file is self.spec.text:
            return f"line {item.line}"
        return f"line {item.line} of {quote(item.file.name)}"

    def names_meant(self, reject: Reject, span: Span, scope: Scope | None) -> str:
        """`write 2*$width` for 2*width, where there is such a var or argument."""
        text = span.text
        if (
            not span.start
            or scope is None
            or reject.code not in (codes.BAD_VALUE, codes.EXPRESSION)
        ):
            return ""
        names: dict[str, Any] = scope.values
        meant = re.sub(
            r"(?<![\w$.])[A-Za-z_]\w*",
            lambda found: f"${found[0]}" if found[0] in names else found[0],
            text[:100],
        )
        if meant == text[:100] or (len(text) <= 100 and not parses(meant)):
            return ""
        help = f"vars and arguments have a $: write {quote(meant)}"
        return Edit(help, meant) if len(text) <= 100 else help
