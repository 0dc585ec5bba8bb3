"""Reader: what the readers of a spec's parts have in common."""

from __future__ import annotations

import re
from collections.abc import Iterable

from cnncalc import problems as codes
from cnncalc.advice import Edit
from cnncalc.language.model import InputVolume, Spec
from cnncalc.language.nodes import Broken, Mapping, Node, Scalar, Sequence
from cnncalc.language.written import Word
from cnncalc.problems import Problem, Related
from cnncalc.wording import did_you_mean, nearest, quote

NAME = r"[A-Za-z_][A-Za-z0-9_-]{0,63}"
VAR = r"[A-Za-z_][A-Za-z0-9_]{0,63}"
VARIANT = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}"
_NAMES = {
    NAME: "a letter or _ first, then letters, digits, _ and -, 64 at most",
    VAR: "a letter or _ first, then letters, digits and _, 64 at most",
    VARIANT: "letters, digits, _, - and ., 64 at most",
}


class Reader:
    """Reads a part of one spec and collects what is wrong with it."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec

    def refuse(
        self,
        node: Node | Word,
        code: codes.Code,
        message: str,
        help: str = "",
        related: tuple[Related, ...] = (),
    ) -> None:
        """Report a problem, but not of what is reported already."""
        if not isinstance(node, Broken):
            span = self.spec.text.span(node.start, node.end)
            self.spec.problems.add(Problem(code, message, span, help=help, related=related))

    def related(self, message: str, place: Node | Word | InputVolume) -> Related:
        return Related(message, self.spec.text.span(place.start, place.end))

    def known_keys(self, node: Mapping, known: Iterable[str], where: str) -> dict[str, Node]:
        """The values by key; keys that are not known are refused.

        One that is close to a known key counts as that, so that nothing else is said of it.
        """
        values = {key.text: value for key, value in node.pairs if key.text in known}
        for key, value in node.pairs:
            if key.text not in known:
                self.refuse(
                    key,
                    codes.UNKNOWN_KEY,
                    f"{quote(key.text)} is not a key {where}",
                    respelt(key.text, known) or f"known: {', '.join(known)}",
                )
                values.setdefault(nearest(key.text, known) or key.text, value)
        return values

    def pairs(self, node: Node | None, what: str, example: str) -> list[tuple[Scalar, Node]]:
        """The definitions in a mapping; one in a list is refused, and known all the same."""
        if node is None:
            return []
        if isinstance(node, Sequence):
            self.refuse(node, codes.STRUCTURE, f"{what} takes a mapping, not a list", example)
            found = []
            for part in node.items:
                if isinstance(part, Mapping):
                    found += part.pairs
                elif isinstance(part, Scalar) and re.fullmatch(VAR, part.text):
                    found.append((part, Broken(part.start, part.end)))
            return found
        mapping = self.mapping(node, what)
        return mapping.pairs if mapping else []

    def text(self, node: Node | None, what: str) -> str:
        if node is None or (isinstance(node, Scalar) and node.is_null):
            return ""
        if isinstance(node, Scalar):
            return node.text.strip()
        self.refuse(node, codes.STRUCTURE, f"{what} takes a text, not {node.what}")
        return ""

    def check_name(self, node: Node, name: str, what: str, pattern: str = NAME) -> bool:
        reserved = ("in",) if pattern == VAR else ("prev", "input", "in")
        if re.fullmatch(pattern, name) and name not in reserved:
            return True
        what = f"an {what}" if what[0] in "aeiou" else f"a {what}"
        if name in reserved:
            self.refuse(node, codes.BAD_NAME, f"{name} is reserved and cannot name {what}")
        elif not name:
            self.refuse(node, codes.BAD_NAME, f"the name of {what} is missing")
        else:
            help = _NAMES[pattern]
            if name[0] == "$" and what == "a layer":
                word = quote(name[1:])
                help = f"write {word}: a name is the same in all copies, {word}.1 and {word}.2"
                help = Edit(help, name[1:], name, safe=False)
            elif name[0] == "$":
                help = f"write {quote(name[1:])} here and {quote(name)} where it is used"
                help = Edit(help, name[1:], name)
            self.refuse(node, codes.BAD_NAME, f'"{quote(name)}" cannot name {what}', help)
        return False

    def mapping(self, node: Node, what: str) -> Mapping | None:
        if isinstance(node, Mapping):
            return node
        if not isinstance(node, Broken) and not (isinstance(node, Scalar) and node.is_null):
            self.refuse(node, codes.STRUCTURE, f"{what} takes a mapping, not {node.what}")
        return None

    def without(self, help: str, node: Mapping, key: Node, *, safe: bool = True) -> str:
        """The advice to delete a key with its value; an edit where others and no comment go on."""
        place = next(i for i, (other, _) in enumerate(node.pairs) if other is key)
        last = place + 1 == len(node.pairs)
        if len(node.pairs) == 1:
            return help
        start = node.pairs[place - 1][1].end if last else key.start
        end = node.pairs[place][1].end if last else node.pairs[place + 1][0].start
        return (
            help
            if "#" in self.spec.text.text[start:end]
            else Edit(help, "", safe=safe, at=(start, end))
        )

    def written(self, node: Node) -> str:
        """A value as the file has it, on one line."""
        return " ".join(self.spec.text.text[node.start : node.end].split())


def respelt(word: str, known: Iterable[str]) -> str:
    """What to write instead of a word that is not known: `filters: 6` for `filters:6`, a guess."""
    glued = re.fullmatch(r"\s*([\w-]+)\s*[:=]\s*(\S.*)", word[:80])
    if glued and (meant := nearest(glued[1], known)):
        help = f"write {meant}: {quote(glued[2])}"
        return Edit(help, f"{meant}: {glued[2]}", word, safe=meant == glued[1])
    return did_you_mean(word, known)


def is_null(node: Node) -> bool:
    return isinstance(node, Scalar) and node.is_null
