"""Numbers that a spec carries for `cnncalc trace`, as plain data."""

from __future__ import annotations

import re
from typing import Any

from cnncalc.language.nodes import Mapping, Node, Scalar, Sequence

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
