"""Rewriting: the text of a spec with other expected values, and nothing else changed.

Values are replaced where they stand, so that comments, order and layout stay; then the new text is
read, and must say what the old one said but for these values.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from cnncalc.language.model import Spec
from cnncalc.language.nodes import Mapping as MappingNode
from cnncalc.language.nodes import Node, Scalar, Sequence, everything
from cnncalc.language.source import Source
from cnncalc.language.syntax import parse
from cnncalc.problems import Problems

Stretch = tuple[int, int]  # from the first character of a value to the one after its last
Texts = tuple[str, ...]  # of a number the one, of a list all
Edit = tuple[int, int, str]  # characters from the first up to the second become the text


class CannotUpdate(ValueError):
    """A text in which the numbers cannot be changed without changing more."""


def rewrite(spec: Spec, changes: Mapping[Stretch, Texts], new: Mapping[str, str]) -> str:
    """The text with these values in their places, and with a new `expect:` of these pairs.

    Raises CannotUpdate.
    """
    source, root = spec.text, spec.root
    assert isinstance(root, MappingNode)  # else nothing could have been built
    nodes = {(node.start, node.end): node for node in everything(root)}
    edits = [e for place in changes for e in _edits(source.text, nodes[place], changes[place])]
    if new:
        edits.append(_insertion(source, root, new))
    if not edits:
        return source.text
    text = edited(source.text, edits)
    added = [("expect", tuple(new.items()))] if new else []
    if _content_of(text) != (*_content(root, changes), *added):
        raise CannotUpdate("its numbers cannot be changed without changing more; edit it by hand")
    return text


def _edits(text: str, node: Node, values: Texts) -> list[Edit]:
    """What to put in the place of a value, or of every value of a list."""
    parts = node.items if isinstance(node, Sequence) else [node]
    if len(parts) != len(values):
        return [(node.start, node.end, f"[{', '.join(values)}]")]
    edits = []
    for part, new in zip(parts, values, strict=True):
        old = part.text.strip() if isinstance(part, Scalar) else ""
        # Behind a quote or the sign of a folded text; with escapes it is not found.
        start = text.find(old, part.start, part.end)
        edits.append((start, start + len(old), new) if start >= 0 else (part.start, part.end, new))
    return edits


def _insertion(source: Source, root: MappingNode, pairs: Mapping[str, str]) -> Edit:
    """A new `expect:` behind all other keys."""
    text = source.text
    line = f"expect: {{{', '.join(f'{name}: {value}' for name, value in pairs.items())}}}"
    if text[root.start] == "{":
        end = root.pairs[-1][1].end
        return end, end, f", {line}"
    document_end = re.compile(r"^\.\.\.(?!\S)", re.MULTILINE).search(text, root.start)
    end = document_end.start() if document_end else len(text)
    line_end = "\r\n" if "\r\n" in text else "\n"
    before = "" if text[end - 1] in "\r\n" else line_end
    indentation = " " * (source.position(root.start)[1] - 1)
    return end, end, f"{before}{indentation}{line}{line_end}"


def edited(text: str, edits: list[Edit]) -> str:
    """A text with edits made that do not overlap."""
    parts, place = [], 0
    for start, end, new in sorted(edits):
        parts += [text[place:start], new]
        place = end
    return "".join((*parts, text[place:]))


def _content(node: Node, changes: Mapping[Stretch, Texts]) -> Any:
    """What a node says, wherever it stands, with some values in the place of others."""
    if isinstance(node, MappingNode):
        return tuple((key.text, _content(value, changes)) for key, value in node.pairs)
    values = changes.get((node.start, node.end))
    if isinstance(node, Sequence):
        return list(values or (_content(item, changes) for item in node.items))
    text = node.text if isinstance(node, Scalar) else ""
    return text.replace(text.strip(), values[0]) if values else text


def _content_of(text: str) -> Any:
    """What a text says; None for one that is no YAML."""
    problems = Problems()
    root = parse(Source("", text), problems)
    return None if root is None or len(problems) else _content(root, {})
