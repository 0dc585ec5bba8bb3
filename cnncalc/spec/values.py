"""Numbers that a spec carries for `cnncalc trace`: as plain data, and where each part stands."""

from __future__ import annotations

import re
from typing import Any

from cnncalc.spec.model import Item, LayerOp
from cnncalc.spec.node import Mapping, Node, Scalar, Sequence
from cnncalc.spec.source import Source, Span

Path = tuple[object, ...]  # of indices and keys, from a value to a part of it

_WHOLE = re.compile(r"-?(?:0|[1-9]\d{0,17})")


def plain(node: Node) -> Any:
    """Nested lists and dicts of whole numbers and, for all else, the texts as they are written.

    Nothing is None, and so is what was refused already.
    """
    if isinstance(node, Sequence):
        return [plain(part) for part in node.items]
    if isinstance(node, Mapping):
        return {key.text: plain(value) for key, value in node.pairs}
    if not isinstance(node, Scalar) or node.is_null:
        return None
    return int(node.text) if _WHOLE.fullmatch(node.text) else node.text


def written_in_input(node: Node) -> Node | None:
    """The numbers of an input or the name of their file, if it has any."""
    if not isinstance(node, Mapping):
        return None
    found = node.get("values") or node.get("file")
    return None if found is None or (isinstance(found, Scalar) and found.is_null) else found


def written_in_item(item: Item, argument: str | None) -> Node:
    """The value of an argument, or the item where that is not written."""
    written = item.op.arguments.get(argument or "") if isinstance(item.op, LayerOp) else None
    return item.key if written is None else written.value


def span_of(source: Source, node: Node, path: Path = ()) -> Span:
    """Where a value stands, or the part of it that a path leads to, as far as it goes."""
    for step in path:
        if isinstance(node, Sequence) and isinstance(step, int) and step < len(node.items):
            node = node.items[step]
        elif isinstance(node, Mapping) and (inner := node.get(str(step))) is not None:
            node = inner
    return source.span(node.start, node.end)
