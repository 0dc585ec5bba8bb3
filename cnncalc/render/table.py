"""A table of texts, and how it looks on a terminal; the only importer of rich.

Every tabular format is written from a `Table`. rich draws what has colours, but for very long
tables: it measures every cell several times and would take seconds. What has no colours, as in a
pipe, is written plainly in the same form.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from cnncalc.wording import fill, line_start, width_of_text

LONG = 1_000  # rows from which a table is written plainly
ALWAYS = 9  # the `keep` of a column that is never left out
_GAP = 3  # spaces between columns
_MARGIN = 2

Cells = Sequence[str]


class Column(NamedTuple):
    """What stands above the cells of a column, and how they stand below it."""

    heading: str
    right: bool = False  # aligned to the right, as numbers are
    tree: bool = False  # indented by the depth of the row
    keep: int = ALWAYS  # where room is short, columns with the lowest number are left out first


class Row(NamedTuple):
    """A line of the table."""

    cells: Cells
    depth: int = 0
    bold: bool = False


class Remark(NamedTuple):
    """A line below the table, and what to do about it at the command line."""

    text: str
    hint: str = ""


class Table(NamedTuple):
    """Cells that are safe to print; a format only escapes its own signs."""

    columns: Sequence[Column]
    rows: Sequence[Row]
    total: Cells | None = None
    title: str = ""
    about: str = ""  # beside the title
    remarks: Sequence[Remark] = ()


def aligned(
    lines: Sequence[Cells], right: Sequence[bool], widths: Sequence[int] = (), gap: int = _GAP
) -> Iterator[str]:
    """Lines of cells, each column as wide as its widest cell."""
    sizes = widths or _widths(lines)
    between = " " * gap
    for line in lines:
        cells = between.join(map(fill, line, sizes, right))
        yield f"{' ' * _MARGIN}{cells}".rstrip()


def _widths(lines: Iterable[Cells]) -> list[int]:
    return [max(map(width_of_text, texts)) for texts in zip(*lines, strict=True)]


def render_text(
    table: Table, *, width: int | None = None, color: bool = False
) -> tuple[str, list[str]]:
    """The table as text, and the headings of columns that were left out to fit it into `width`."""
    columns, lines = list(table.columns), _lines(table)
    widths = _widths(lines)
    left_out = []
    while width and 1 + _MARGIN + sum(widths) + _GAP * (len(widths) - 1) > width:
        victim = _next_to_go(columns)
        if victim is None:
            break
        left_out.append(columns.pop(victim).heading)
        del widths[victim]
        for line in lines:
            del line[victim]
    if color and len(lines) <= LONG:
        drawn = _draw_with_rich(lines, columns, widths, table)
    else:
        drawn = _draw_plainly(lines, columns, widths)
    return "".join(f"{line}\n" for line in (*_title(table), *drawn, *_remarks(table))), left_out


def _lines(table: Table) -> list[list[str]]:
    """The texts of headings, rows and total, names indented by their depth."""
    lines = [[column.heading for column in table.columns]]
    tree = [index for index, column in enumerate(table.columns) if column.tree]
    for row in table.rows:
        texts = list(row.cells)
        for index in tree:
            texts[index] = "  " * row.depth + texts[index]
        lines.append(texts)
    if table.total is not None:
        lines.append(list(table.total))
    return lines


def _next_to_go(columns: list[Column]) -> int | None:
    """The index of the column to leave out next, the last among those that matter least."""
    least = min(column.keep for column in columns)
    if least >= ALWAYS:
        return None
    return max(index for index, column in enumerate(columns) if column.keep == least)


def _title(table: Table) -> list[str]:
    return [f"{line_start(table.title)}   {table.about}", ""] if table.title else []


def _remarks(table: Table) -> Iterator[str]:
    for remark in table.remarks:
        yield "  " + "; ".join(filter(None, remark))


def _draw_plainly(
    lines: list[list[str]], columns: list[Column], widths: list[int]
) -> Iterator[str]:
    drawn = aligned(lines, [column.right for column in columns], widths)
    yield next(drawn)
    yield " " + "─" * (sum(widths) + _GAP * (len(widths) - 1) + 2)
    yield from drawn


def _draw_with_rich(
    lines: list[list[str]], columns: list[Column], widths: list[int], table: Table
) -> Iterator[str]:
    from io import StringIO  # what rich writes to

    from rich.box import Box
    from rich.console import Console
    from rich.table import Table as RichTable
    from rich.text import Text

    header_rule = Box("    \n    \n ── \n    \n    \n    \n    \n    \n")
    grid = RichTable(box=header_rule, padding=(0, 1), header_style="bold")
    for column, text, size in zip(columns, lines[0], widths, strict=True):
        grid.add_column(
            Text(text), justify="right" if column.right else "left", no_wrap=True, width=size
        )
    bold = [*(row.bold for row in table.rows), True]  # the total
    for line, strong in zip(lines[1:], bold, strict=False):
        cells = (Text(text, "dim" if text == "–" else "") for text in line)
        grid.add_row(*cells, style="bold" if strong else "")
    out = StringIO()
    console = Console(
        file=out, width=sum(widths) + (_GAP + 1) * len(widths) + _MARGIN, force_terminal=True,
        color_system="standard", legacy_windows=False, highlight=False, markup=False, emoji=False,
        _environ={},
    )  # fmt: skip
    console.print(grid)
    yield from (text.rstrip() for text in out.getvalue().splitlines() if text.strip())
