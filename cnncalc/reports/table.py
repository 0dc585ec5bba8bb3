"""Tables for the terminal; the only importer of rich.

rich draws what has colours, but for very long tables: it measures every cell several times and
would take seconds. What has no colours, as in a pipe, is written plainly in the same form.
"""

from __future__ import annotations

from cnncalc.reports.sheet import Column, Sheet
from cnncalc.wording import fill, line_start, visible, width_of_text

LONG = 1_000  # rows from which a table is written plainly
_GAP = 3  # spaces between columns
_MARGIN = 2


def render_table(
    sheet: Sheet, *, width: int | None = None, color: bool = False, channels_first: bool = False
) -> tuple[str, list[Column]]:
    """The table as text, and the columns that had to go to fit it into `width`."""
    columns = list(sheet.columns)
    lines = _lines(sheet, channels_first)
    widths = [max(map(width_of_text, texts)) for texts in zip(*lines, strict=True)]
    dropped = []
    while width and 1 + _MARGIN + sum(widths) + _GAP * (len(widths) - 1) > width:
        victim = _next_to_go(columns)
        if victim is None:
            break
        dropped.append(columns.pop(victim))
        del widths[victim]
        for line in lines:
            del line[victim]
    # rich takes its time, and without colours there is nothing for it to do.
    draw = _draw_with_rich if color and len(lines) <= LONG else _draw_plainly
    text = draw(lines, columns, widths, sheet)
    return _title(sheet, channels_first) + text + _footer(sheet), dropped


def _lines(sheet: Sheet, channels_first: bool) -> list[list[str]]:
    """The texts of header, rows and total, names indented by their level."""
    lines = [[visible(column.header) for column in sheet.columns]]
    layer = next((i for i, column in enumerate(sheet.columns) if column.name == "layer"), None)
    for row in sheet.rows:
        texts = sheet.texts(row, channels_first)
        if layer is not None:
            texts[layer] = "  " * row.depth + texts[layer]
        lines.append(texts)
    if sheet.total is not None:
        lines.append(sheet.total_texts(channels_first))
    return lines


def _next_to_go(columns: list[Column]) -> int | None:
    """The index of the column to drop next, the last among those that matter least."""
    least = min(column.keep for column in columns)
    if least >= 9:
        return None
    return max(index for index, column in enumerate(columns) if column.keep == least)


def _title(sheet: Sheet, channels_first: bool) -> str:
    if not sheet.title:
        return ""
    return f"{line_start(visible(sheet.title))}   {sheet.inputs_text(channels_first)}\n\n"


def _footer(sheet: Sheet) -> str:
    return "".join(f"  {line}\n" for line in sheet.footer)


def _draw_plainly(
    lines: list[list[str]], columns: list[Column], widths: list[int], sheet: Sheet
) -> str:
    gap = " " * _GAP
    drawn = []
    for line in lines:
        cells = (
            fill(text, size, column.number)
            for text, column, size in zip(line, columns, widths, strict=True)
        )
        drawn.append(f"{' ' * _MARGIN}{gap.join(cells)}".rstrip() + "\n")
    rule = "─" * (sum(widths) + _GAP * (len(widths) - 1) + 2)
    return "".join((drawn[0], f" {rule}\n", *drawn[1:]))


def _draw_with_rich(
    lines: list[list[str]], columns: list[Column], widths: list[int], sheet: Sheet
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
            Text(text), justify="right" if column.number else "left", no_wrap=True, width=size
        )
    for number, line in enumerate(lines[1:]):
        is_total = number == len(sheet.rows)
        bold = is_total or sheet.rows[number].opened
        cells = (Text(text, "dim" if text == "–" else "") for text in line)
        table.add_row(*cells, style="bold" if bold else "")
    out = StringIO()
    console = Console(
        file=out, width=sum(widths) + (_GAP + 1) * len(widths) + _MARGIN, force_terminal=True,
        color_system="standard", legacy_windows=False, highlight=False, markup=False, emoji=False,
        _environ={},
    )  # fmt: skip
    console.print(table)
    drawn = out.getvalue().splitlines()
    return "".join(line.rstrip() + "\n" for line in drawn if line.strip())
