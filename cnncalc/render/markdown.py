"""Tables in Markdown, as GitHub and most others draw them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from cnncalc.render.blocks import BLANK, Block, Formula, Heading, Listing, Math, Paragraph
from cnncalc.render.table import Column, Table


def escape(text: str) -> str:
    """Markdown's and HTML's own signs as what they are; a name such as www.x.y is no link."""
    escaped = re.sub(r"([\\`*_{}\[\]<>#|~!@:]|(?i:(?<=www))\.)", r"\\\1", text)
    return escaped.replace("&", "&amp;")


def table_lines(columns: Sequence[Column], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table of cells that are Markdown already."""
    head = [escape(column.heading) for column in columns]
    rule = ["---:" if column.right else "---" for column in columns]
    return [f"| {' | '.join(cells)} |" for cells in (head, rule, *rows)]


def render_markdown(tables: Iterable[Table]) -> str:
    """The tables, with a heading for each."""
    return "\n".join("".join(f"{line}\n" for line in _lines(table)) for table in tables)


def _lines(table: Table) -> list[str]:
    title = [f"### {escape(table.title)}", "", escape(table.about), ""] if table.title else []
    remarks = [f"- {escape(remark.text)}" for remark in table.remarks]
    return [*title, *table_lines(table.columns, _rows(table)), *([""] if remarks else []), *remarks]


def _rows(table: Table) -> Iterator[list[str]]:
    for row in table.rows:
        indent = "&nbsp;" * (4 * row.depth)
        yield [
            (indent if column.tree else "") + _cell(text)
            for column, text in zip(table.columns, row.cells, strict=True)
        ]
    if table.total is not None:
        texts = map(_cell, table.total)
        yield [f"**{text}**" if text else "" for text in texts]


def _cell(text: str) -> str:
    return f"`{text}`" if isinstance(text, Math) and text else escape(text.strip())


# Documents of blocks.


def render_blocks(blocks: Iterable[Block]) -> str:
    """Headings, lists and tables, with formulas as code."""
    parts = ["\n".join(_block(block)) for block in blocks]
    return "\n\n".join(parts) + "\n"


def _block(block: Block) -> list[str]:
    if isinstance(block, Heading):
        return [f"{'#' * (block.level + 1)} {escape(block.text)}"]
    if isinstance(block, Paragraph):
        return [f"**{escape(block.text)}**" if block.strong else escape(block.text)]
    if isinstance(block, Listing):
        return ["```text", *(line.rstrip() for line in block.lines), "```"]
    if isinstance(block, Formula):
        return _formula(block)
    return _lines(block)


def _formula(block: Formula) -> list[str]:
    words = f": {escape(block.words)}" if block.words else ""
    steps = f"`{' = '.join(block.steps)}`" if block.steps else escape(BLANK)
    return [
        f"**{escape(block.name)}**{words}  ",
        steps + "  " * bool(block.remarks),
        *map(escape, block.remarks),
    ]
