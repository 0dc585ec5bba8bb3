"""The tables of `describe` in all formats; what only one of them needs is imported there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.commands.describe.sheet import Sheet, network_sheet, totals_sheet
from cnncalc.commands.describe.sheet_texts import raw_rows, table_of

if TYPE_CHECKING:
    from cnncalc.commands.describe.described import Described
    from cnncalc.render.stream import Paper
    from cnncalc.render.table import Table


def sheets_of(found: Described) -> list[Sheet]:
    """A sheet for each network, or one of their totals."""
    if found.expand == 0:
        return [totals_sheet(found.networks, found.settings, found.columns, found.sort)]
    sheets = []
    for network, setting in zip(found.networks, found.settings, strict=True):
        sheet = network_sheet(network, found.columns, found.expand, found.sort)
        if setting:
            values = ", ".join(f"{name}={value}" for name, value in setting.items())
            sheet.title += f" ({values})"
        sheets.append(sheet)
    return sheets


def tables_of(found: Described, paper: Paper) -> list[Table]:
    """What all formats but CSV, which has raw numbers, are written from."""
    blanks = paper.handout.blanks
    return [table_of(sheet, found.channels_first, blanks) for sheet in sheets_of(found)]


def render_table(found: Described, paper: Paper) -> str:
    """Tables for people; columns that do not fit on the paper are left out."""
    from cnncalc.render.table import render_text  # one format at a time

    texts = []
    for table in tables_of(found, paper):
        text, left_out = render_text(
            table, width=paper.width, color=paper.colored, encoding=paper.encoding
        )
        texts.append(text)
        if left_out:
            names = ", ".join(left_out)
            paper.remarks.append(f"left out for want of room: {names} (--width, --columns)")
    return "\n".join(texts)


def render_csv(found: Described, paper: Paper) -> str:
    from cnncalc.render.csv import render_csv  # one format at a time

    return render_csv(raw_rows(sheets_of(found), found.channels_first))


def render_markdown(found: Described, paper: Paper) -> str:
    from cnncalc.render.markdown import render_markdown  # one format at a time

    return render_markdown(tables_of(found, paper))


def render_html(found: Described, paper: Paper) -> str:
    """A page with a picture of each network above its table; totals and exercises have none."""
    from cnncalc.render.html import render_html  # one format at a time

    has_none = found.expand == 0 or paper.handout.blanks  # a picture would fill blanks in
    pictures = [] if has_none else [network.draw().svg() for network in found.networks]
    return render_html(tables_of(found, paper), pictures)


def render_latex(found: Described, paper: Paper) -> str:
    from cnncalc.render.latex import render_latex  # one format at a time

    return render_latex(tables_of(found, paper), paper.handout)
