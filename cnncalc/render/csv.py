"""Rows as CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from io import StringIO

_FORMULA_START = ("=", "+", "-", "@", "\t", "\r")


def render_csv(rows: Iterable[Sequence[str | int]]) -> str:
    """Lines of cells that a spreadsheet reads as texts and numbers."""
    out = StringIO()
    csv.writer(out, lineterminator="\n").writerows(map(_guarded, row) for row in rows)
    return out.getvalue()


def _guarded(cell: str | int) -> str | int:
    """A spreadsheet runs what begins like a formula; an apostrophe keeps it text."""
    return "'" + cell if isinstance(cell, str) and cell.startswith(_FORMULA_START) else cell
