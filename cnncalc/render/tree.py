"""The tree of opened rows, as lines before their names."""

from __future__ import annotations

from collections.abc import Sequence

BRANCH, LAST, THROUGH, NOTHING = "├ ", "└ ", "│ ", "  "
SIGNS = "├└│"  # that indentation is made of, beside blanks


def guides(depths: Sequence[int]) -> list[str]:
    """What stands before the name of each row: as wide as two blanks a level."""
    found = []
    below: set[int] = set()  # the levels at which another row follows under the same parent
    for depth in reversed(depths):
        through = [THROUGH if level in below else NOTHING for level in range(1, depth)]
        own = [BRANCH if depth in below else LAST] if depth else []
        found.append("".join((*through, *own)))
        below = {level for level in below if level < depth} | {depth}
    return found[::-1]
