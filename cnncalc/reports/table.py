"""Tables for the terminal; the only importer of rich.

rich draws them, but for very long ones, which are written plainly in the same form: rich measures
every cell several times and would take seconds.
"""

from __future__ import annotations

from cnncalc.reports.sheet import Column, Row, Sheet, written
from cnncalc.wording import line_start, visible

LONG = 1_000  # rows from which a table is written plainly
_GAP = 3  # spaces between columns
_MARGIN = 2


def render_table(
    sheet: Sheet, *, width: int | None = None, color: bool = False, channels_first: bool = False
) -> tuple[str, list[Column]]:
    """The table as text, and the columns that had to go to fit it into `width`."""
    columns, cells = _texts(sheet, channels_first)
    dropped = []
    widths = [max(map(len, column)) for column in cells]
    while width and _MARGIN + sum(widths) + _GAP * (len(widths) - 1) > width:
        victim = _next_to_go(columns)
        if victim is None:
            break
        dropped.append(columns.pop(victim))
        del widths[victim], cells[victim]
    body = zip(*cells, strict=True)
    lines = [list(line) for line in body]
    draw = _draw_plainly if len(lines) > LONG else _draw_with_rich
    text = draw(lines, columns, widths, sheet, color)
    return _title(sheet) + text + _footer(sheet), dropped


def _texts(sheet: Sheet, channels_first: bool) -> tuple[list[Column], list[list[str]]]:
    """Column by column the texts of header, rows and total."""
    columns = list(sheet.columns)
    table = []
    for index, column in enumerate(columns):
        texts = [visible(column.header)]
        for row in sheet.rows:
            text = written(row.cells[index], column, channels_first)
            texts.append(_named(text, row) if index == 0 else text)
        if sheet.total is not None:
            text = written(sheet.total[index], column, channels_first)
            texts.append("Total" if index == 0 and not text else text)
        table.append(texts)
    return columns, table


def _named(text: str, row: Row) -> str:
    """The first cell: indented by its level, marked if it has a note."""
    return "  " * row.depth + text + (" *" if row.mark else "")


def _next_to_go(columns: list[Column]) -> int | None:
    """The index of the column to drop next, the last among those that matter least."""
    least = min(column.keep for column in columns)
    if least >= 9:
        return None
    return max(index for index, column in enumerate(columns) if column.keep == least)


def _title(sheet: Sheet) -> str:
    if not sheet.title:
        return ""
    return f"{line_start(visible(sheet.title))}   {sheet.inputs}\n\n"


def _footer(sheet: Sheet) -> str:
    return "".join(f"  {line}\n" for line in sheet.footer)


def _draw_plainly(
    lines: list[list[str]], columns: list[Column], widths: list[int], sheet: Sheet, color: bool
) -> str:
    aligned = [
        "".join(
            (text.rjust(size) if column.number else text.ljust(size)) + " " * _GAP
            for text, column, size in zip(line, columns, widths, strict=True)
        ).rstrip()
        for line in lines
    ]
    rule = " " + "─" * (sum(widths) + _GAP * (len(widths) - 1) + 2)
    return (
        "".join(f"{' ' * _MARGIN}{line}\n" for line in aligned[:1])
        + f"{rule}\n"
        + "".join(f"{' ' * _MARGIN}{line}\n" for line in aligned[1:])
    )


def _draw_with_rich(
    lines: list[list[str]], columns: list[Column], widths: list[int], sheet: Sheet, color: bool
) -> str:
    from io import StringIO

    from rich.box import Box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    header_rule = Box("    \n    \n ── \n    \n    \n    \n    \n    \n")
    table = Table(box=header_rule, padding=(0, 1), header_style="bold")
    for column, text, size in zip(columns, lines[0], widths, strict=True):
        table.add_column(
            Text(text), justify="right" if column.number else "left", no_wrap=True, min_width=size
        )
    has_total = sheet.total is not None
    for number, line in enumerate(lines[1:]):
        is_total = has_total and number == len(lines) - 2
        opened = not is_total and sheet.rows[number].opened
        style = "bold" if is_total or opened else ""
        table.add_row(*(Text(text, "dim" if text == "–" else "") for text in line), style=style)
    out = StringIO()
    console = Console(
        file=out, width=sum(widths) + (_GAP + 1) * len(widths) + _MARGIN, force_terminal=color,
        color_system="standard" if color else None, no_color=not color, legacy_windows=False,
        highlight=False, markup=False, emoji=False, _environ={},
    )  # fmt: skip
    console.print(table)
    drawn = out.getvalue().splitlines()
    return "".join(line.rstrip() + "\n" for line in drawn if line.strip())
