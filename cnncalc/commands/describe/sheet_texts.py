"""Sheets as tables for people, and as rows of raw values for machines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cnncalc.commands.describe.sheet import Column, Row, Sheet
from cnncalc.render.blocks import BLANK
from cnncalc.render.table import Column as Heading
from cnncalc.render.table import Row as Line
from cnncalc.render.table import Table
from cnncalc.render.text import bar
from cnncalc.render.titles import inputs_text
from cnncalc.volume import Volume
from cnncalc.wording import is_fraction, line_start, rounded, show_bytes, visible


def table_of(sheet: Sheet, channels_first: bool = False, blanks: tuple[str, ...] = ()) -> Table:
    """The sheet with its cells written for people; `blanks` are columns left for them to fill in.

    What stands below the table, and marks in it, could give answers away, and is left out then.
    """
    total = None
    if sheet.total is not None:
        total = _texts(sheet.columns, sheet.total, channels_first, "Total")
    return Table(
        columns=[
            Heading(
                visible(column.header),
                column.number,
                tree=column.name in ("layer", "network"),
                keep=column.keep,
                colored=column.name == "kind",
            )
            for column in sheet.columns
        ],
        rows=[
            _blanked(sheet.columns, _line(sheet.columns, row, channels_first), blanks)
            for row in sheet.rows
        ],
        total=None if total is None else _blanked(sheet.columns, Line(total), blanks).cells,
        title=visible(sheet.title),
        about=visible(inputs_text(sheet.inputs, channels_first)),
        remarks=[] if blanks else sheet.footer,
    )


def _blanked(columns: list[Column], line: Line, blanks: tuple[str, ...]) -> Line:
    """The line with nothing in the columns that are to be filled in."""
    if not blanks:
        return line
    cells = [
        BLANK if column.name in blanks and text else text
        for column, text in zip(columns, line.cells, strict=True)
    ]
    names = (index for index, column in enumerate(columns) if column.name == "layer")
    for index in names:
        cells[index] = cells[index].removesuffix(" *")
    return line._replace(cells=cells)


def _line(columns: list[Column], row: Row, channels_first: bool) -> Line:
    when = " (training)" if row.training_only else ""
    name = f"{row.name}{when} *" if row.mark else f"{row.name}{when}"
    texts = _texts(columns, row.cells, channels_first, name)
    return Line(texts, row.depth, row.opened, row.family)


def _texts(
    columns: list[Column], cells: list[object], channels_first: bool, name: str
) -> list[str]:
    """The cells of a line, with its name in the column of layers."""
    return [
        name if column.name == "layer" else _written(cell, column, channels_first)
        for column, cell in zip(columns, cells, strict=True)
    ]


def raw_rows(sheets: list[Sheet], channels_first: bool = False) -> Iterator[list[str | int]]:
    """Raw whole numbers, volumes as 28x28x6; no totals, so that columns can be added up.

    Several sheets with the same columns become one table with the network in front.
    """
    several = len(sheets) > 1
    if sheets:
        yield [*(["network"] if several else []), *(column.name for column in sheets[0].columns)]
    for sheet in sheets:
        for row in sheet.rows:
            if not (row.opened or row.is_input):
                cells = [_raw(cell, channels_first) for cell in row.cells]
                yield [line_start(visible(sheet.title)), *cells] if several else cells


def _raw(value: Any, channels_first: bool = False) -> str | int:
    """A cell for machines: raw numbers, volumes as 28x28x6."""
    if value is None:
        return ""
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return f"{value:.2f}"
    if is_fraction(value):
        return repr(float(value))
    if isinstance(value, Volume):
        return value.text("x", channels_first)
    if isinstance(value, tuple):
        return ", ".join(volume.text("x", channels_first) for volume in value)
    if isinstance(value, dict):
        return str(value.text("x"))  # type: ignore[attr-defined]  # a Field, not imported
    return line_start(visible(str(value)))


def _written(value: Any, column: Column, channels_first: bool = False) -> str:
    """A cell for people."""
    if value is None:
        return ""
    if isinstance(value, Volume):
        return value.text(channels_first=channels_first)
    if isinstance(value, tuple):
        return ", ".join(volume.text(channels_first=channels_first) for volume in value)
    if column.unit == "percent":
        return f"{bar(value / 100)} {value:5.1f}%"
    if isinstance(value, dict):
        return str(value.text())  # type: ignore[attr-defined]  # a Field, not imported
    if is_fraction(value):
        return rounded(value)[0] if value else "–"
    if isinstance(value, int):
        if value == 0:
            return "–"
        return show_bytes(value) if column.unit == "bytes" else f"{value:,}"
    return line_start(visible(str(value)))
