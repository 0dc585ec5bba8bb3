"""Reader: what the readers of a spec's parts have in common."""

from __future__ import annotations

import re
from collections.abc import Iterable

from cnncalc import problems as codes
from cnncalc.problems import Problem, Related
from cnncalc.spec.model import Spec
from cnncalc.spec.node import Broken, Mapping, Node, Scalar
from cnncalc.wording import did_you_mean, quote

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
VAR = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
VARIANT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}")


class Reader:
    """Reads a part of one spec and collects what is wrong with it."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec

    def refuse(
        self,
        node: Node,
        code: codes.Code,
        message: str,
        help: str = "",
        related: tuple[Related, ...] = (),
    ) -> None:
        span = self.spec.text.span(node.start, node.end)
        self.spec.problems.add(Problem(code, message, span, help=help, related=related))

    def related(self, message: str, node: Node) -> Related:
        return Related(message, self.spec.text.span(node.start, node.end))

    def known_keys(self, node: Mapping, known: Iterable[str], where: str) -> dict[str, Node]:
        """The values by key; keys that are not known are refused."""
        values = {}
        for key, value in node.pairs:
            if key.text in known:
                values[key.text] = value
            else:
                self.refuse(
                    key,
                    codes.UNKNOWN_KEY,
                    f"{quote(key.text)} is not a key {where}",
                    did_you_mean(key.text, known) or f"known: {', '.join(known)}",
                )
        return values

    def text(self, node: Node | None, what: str) -> str:
        if node is None or (isinstance(node, Scalar) and node.is_null):
            return ""
        if isinstance(node, Scalar):
            return node.text.strip()
        self.refuse(node, codes.STRUCTURE, f"{what} takes a text, not {node.what}")
        return ""

    def check_name(self, node: Node, name: str, what: str, pattern: re.Pattern[str] = NAME) -> bool:
        reserved = ("in",) if pattern is VAR else ("prev", "input")
        if pattern.fullmatch(name) and name not in reserved:
            return True
        if name in reserved:
            self.refuse(node, codes.BAD_NAME, f"{name} is reserved and cannot name a {what}")
        else:
            signs = "digits and _" if pattern is VAR else "digits, _ and -"
            self.refuse(
                node,
                codes.BAD_NAME,
                f'"{quote(name)}" cannot name a {what}',
                f"a letter or _ first, then letters, {signs}, 64 at most",
            )
        return False

    def mapping(self, node: Node, what: str) -> Mapping | None:
        if isinstance(node, Mapping):
            return node
        if not isinstance(node, Broken) and not (isinstance(node, Scalar) and node.is_null):
            self.refuse(node, codes.STRUCTURE, f"{what} takes a mapping, not {node.what}")
        return None

    def written(self, node: Node) -> str:
        """A value as the file has it, on one line."""
        return " ".join(self.spec.text.text[node.start : node.end].split())


def is_null(node: Node) -> bool:
    return isinstance(node, Scalar) and node.is_null
