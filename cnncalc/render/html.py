"""Tables in HTML, for a page or a notebook."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from cnncalc.render.table import Column, Table

_STYLE = """<style>
:root { color-scheme: light dark; font-family: sans-serif }
svg { max-width: 100%; height: auto }
td, th { padding: 0 0.5em }
</style>"""


def render_html(tables: Sequence[Table], pictures: Sequence[str] = ()) -> str:
    """A page that stands alone, each table below its picture, an SVG."""
    title = escape(tables[0].title or "cnncalc")
    head = f'<!DOCTYPE html>\n<html lang="en">\n<meta charset="utf-8">\n<title>{title}</title>'
    parts = []
    for number, table in enumerate(tables):
        parts += [*pictures[number : number + 1], fragment(table)]
    return "\n".join((head, _STYLE, *parts, "</html>\n"))


def fragment(table: Table) -> str:
    """A title, the table, and the remarks below it."""
    cells = table.columns
    parts = [
        f"<p><b>{escape(table.title)}</b> &nbsp; {escape(table.about)}</p>" if table.title else "",
        "<table>",
        f"<thead>{_row(cells, [column.heading for column in cells], 'th')}</thead>",
        "<tbody>",
        *(_row(cells, row.cells, "td", row.depth) for row in table.rows),
        "</tbody>",
        f"<tfoot>{_row(cells, table.total, 'th')}</tfoot>" if table.total is not None else "",
        "</table>",
        *(f"<p>{escape(remark.text)}</p>" for remark in table.remarks),
    ]
    return "\n".join(filter(None, parts))


def _row(columns: Sequence[Column], texts: Sequence[str], tag: str, depth: int = 0) -> str:
    cells = []
    for column, text in zip(columns, texts, strict=True):
        side = "right" if column.right else "left"
        indent = "&emsp;" * depth if column.tree else ""
        cells.append(f'<{tag} style="text-align: {side}">{indent}{escape(text)}</{tag}>')
    return f"<tr>{''.join(cells)}</tr>"
