"""HTML: tables for a notebook, and pages that stand alone, light or dark as their reader is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from cnncalc.render.blocks import BLANK, Block, Formula, Heading, Listing, Math, Paragraph
from cnncalc.render.palette import FAMILIES
from cnncalc.render.table import Column, Row, Table

_STYLE = """\
:root {{ color-scheme: light dark; --ink: #1f2328; --page: #fff; --line: #d0d7de; --soft: #59636e }}
@media (prefers-color-scheme: dark) {{
  :root {{ --ink: #e6edf3; --page: #0d1117; --line: #3d444d; --soft: #9198a1 }}
}}
body {{ font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page);
  max-width: 72rem; margin: 0 auto; padding: 1rem }}
h1 {{ font-size: 1.5rem }} h2 {{ font-size: 1.2rem }} h3 {{ font-size: 1rem }}
.wide {{ overflow-x: auto }} svg {{ max-width: 100%; height: auto }}
table {{ border-collapse: collapse; font-variant-numeric: tabular-nums; margin: .5rem 0 }}
caption {{ text-align: left; padding-bottom: .5rem }} caption span {{ color: var(--soft) }}
th, td {{ padding: .2rem .75rem; text-align: left; white-space: nowrap }}
thead th {{ border-bottom: 2px solid var(--line) }}
tfoot th {{ border-top: 2px solid var(--line) }}
tbody tr:nth-child(even) {{ background: color-mix(in srgb, var(--line) 25%, transparent) }}
.n {{ text-align: right }} .w {{ white-space: normal }} .zero {{ color: var(--soft) }}
.blank {{ display: inline-block; min-width: 4rem; border-bottom: 1px solid var(--ink) }}
p.remark {{ color: var(--soft); margin: .25rem 0 }}
pre, code {{ font-family: ui-monospace, monospace }} pre {{ overflow-x: auto }}
dl.f {{ margin: .75rem 0 }} dl.f dt {{ font-weight: 600 }} dl.f dd {{ margin-left: 1.5rem }}
dt span {{ font-weight: 400 }}
{colors}
@media print {{ body {{ max-width: none }} .wide {{ overflow: visible }} }}"""


def page(title: str, parts: Iterable[str]) -> str:
    """A page that needs no other file."""
    # Darker or lighter than on terminals, for the contrast of small letters.
    colors = "\n".join(
        f".{name} {{ color: color-mix(in srgb, {_hex(code)} 75%, var(--ink)) }}"
        for name, code in FAMILIES.items()
    )
    head = (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>\n{_STYLE.format(colors=colors)}\n</style>\n"
        "</head>\n<body>"
    )
    return "\n".join((head, *parts, "</body>\n</html>\n"))


def _hex(code: int) -> str:
    """One of the 256 colours of terminals, from 16 on a cube of six steps."""
    steps = divmod(code - 16, 36)[0], (code - 16) // 6 % 6, (code - 16) % 6
    return "#" + "".join(f"{55 + 40 * step if step else 0:02x}" for step in steps)


def render_html(tables: Sequence[Table], pictures: Sequence[str] = ()) -> str:
    """A page with the tables, each below its picture, an SVG."""
    parts: list[str] = []
    for number, table in enumerate(tables):
        parts += [*pictures[number : number + 1], table_part(table)]
    return page(tables[0].title or "cnncalc", parts)


def render_blocks(blocks: Sequence[Block]) -> str:
    """A page of blocks, called by its first heading."""
    title = next((block.text for block in blocks if isinstance(block, Heading)), "cnncalc")
    return page(title, map(_block, blocks))


def table_part(table: Table) -> str:
    """A table in a page, which scrolls by itself where the page is narrow."""
    caption = ""
    if table.title:
        caption = (
            f"<caption><b>{escape(table.title)}</b> <span>{escape(table.about)}</span></caption>"
        )
    return "\n".join(
        filter(
            None,
            (
                '<div class="wide"><table>',
                caption,
                f"<thead>{_cells(table.columns, _heads(table), 'th')}</thead>",
                "<tbody>",
                *(_cells(table.columns, row.cells, "td", row) for row in table.rows),
                "</tbody>",
                _foot(table),
                "</table></div>",
                *(f'<p class="remark">{escape(remark.text)}</p>' for remark in table.remarks),
            ),
        )
    )


def _heads(table: Table) -> list[str]:
    return [column.heading for column in table.columns]


def _foot(table: Table) -> str:
    if table.total is None:
        return ""
    return f"<tfoot>{_cells(table.columns, table.total, 'th')}</tfoot>"


def _cells(
    columns: Sequence[Column], texts: Sequence[str], tag: str, row: Row | None = None
) -> str:
    row = row or Row(texts)
    found = []
    for column, text in zip(columns, texts, strict=True):
        kinds = ["n"] if column.right else ["w"] if column.wraps else []
        kinds += [row.family] if column.colored and row.family in FAMILIES else []
        kinds += ["zero"] if text == "–" else []
        name = f' class="{" ".join(kinds)}"' if kinds else ""
        indent = "&emsp;" * row.depth if column.tree else ""
        found.append(f"<{tag}{name}>{indent}{_cell(text)}</{tag}>")
    return f"<tr>{''.join(found)}</tr>"


def _cell(text: str) -> str:
    if text.strip() == BLANK:
        return '<span class="blank">&nbsp;</span>'
    return f"<code>{escape(text)}</code>" if isinstance(text, Math) and text else escape(text)


def _block(block: Block) -> str:
    if isinstance(block, Heading):
        return f"<h{block.level}>{escape(block.text)}</h{block.level}>"
    if isinstance(block, Paragraph):
        text = escape(block.text)
        return f"<p><strong>{text}</strong></p>" if block.strong else f"<p>{text}</p>"
    if isinstance(block, Listing):
        lines = "\n".join(escape(line.rstrip()) for line in block.lines)
        return f"<pre>{lines}</pre>"
    if isinstance(block, Formula):
        return _formula(block)
    return table_part(block)


def _formula(block: Formula) -> str:
    words = f" <span>{escape(block.words)}</span>" if block.words else ""
    steps = f"<code>{escape(' = '.join(block.steps))}</code>" if block.steps else _cell(BLANK)
    remarks = "".join(f"<dd>{escape(remark)}</dd>" for remark in block.remarks)
    return f'<dl class="f"><dt>{escape(block.name)}{words}</dt><dd>{steps}</dd>{remarks}</dl>'


# In a notebook, which has its own style.


def fragment(table: Table) -> str:
    """A title, the table, and the remarks below it."""
    cells = table.columns
    parts = [
        f"<p><b>{escape(table.title)}</b> &nbsp; {escape(table.about)}</p>" if table.title else "",
        "<table>",
        f"<thead>{_row(cells, _heads(table), 'th')}</thead>",
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
