"""Comments of a spec: a # inside a text begins none."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

from cnncalc.language.nodes import Mapping, Node, Sequence, everything
from cnncalc.language.source import Source
from cnncalc.language.syntax import parse
from cnncalc.problems import Problems


def in_comments(source: Source, pattern: str) -> Iterator[re.Match[str]]:
    """What a pattern finds in the comments of a text; nothing in a text that is not YAML."""
    root = parse(source, Problems())
    if root is None:
        return
    texts = sorted(_texts(root, source.text))
    line, comment = 0, 0  # where the comment of the line begins
    for found in re.finditer(pattern, source.text):
        if line != (line := source.span(found.start()).line):
            comment = _comment(source, line, texts)
        if found.start() >= comment:
            yield found


def _comment(source: Source, line: int, texts: list[tuple[int, int]]) -> int:
    """Where the comment of a line begins; its end where it has none."""
    start, text = source.offset(line), source.line(line)
    signs = (start + sign.start() for sign in re.finditer(r"(?<!\S)#", text))
    return next((sign for sign in signs if not _inside(sign, texts)), start + len(text))


def _texts(root: Node, text: str) -> Iterator[tuple[int, int]]:
    """The stretches of all words and texts."""
    for node in everything(root):
        if not isinstance(node, (Sequence, Mapping)) and node.end > node.start:
            on_the_next_line = text[node.start] in "|>"
            yield text.find("\n", node.start) if on_the_next_line else node.start, node.end


def _inside(offset: int, stretches: list[tuple[int, int]]) -> bool:
    index = bisect_right(stretches, offset, key=lambda stretch: stretch[0])
    return index > 0 and offset < stretches[index - 1][1]
