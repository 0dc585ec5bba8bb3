"""The table of a network in a notebook."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from cnncalc.reports.sheet import network_sheet
from cnncalc.wording import visible

if TYPE_CHECKING:
    from cnncalc.network.network import Network


def network_html(network: Network) -> str:
    """An HTML table with a row for each line of the spec, and the totals."""
    sheet = network_sheet(network, None, 1)

    def row(cells: list[str], tag: str) -> str:
        sides = ("right" if column.number else "left" for column in sheet.columns)
        aligned = (
            f'<{tag} style="text-align: {side}">{escape(cell)}</{tag}>'
            for cell, side in zip(cells, sides, strict=True)
        )
        return f"<tr>{''.join(aligned)}</tr>"

    lines = [
        f"<p><b>{escape(visible(sheet.title))}</b> &nbsp; {escape(sheet.inputs_text())}</p>",
        "<table>",
        f"<thead>{row([column.header for column in sheet.columns], 'th')}</thead>",
        "<tbody>",
        *(row(sheet.texts(line), "td") for line in sheet.rows),
        "</tbody>",
        f"<tfoot>{row(sheet.total_texts(), 'th')}</tfoot>",
        "</table>",
        *(f"<p>{escape(line)}</p>" for line in sheet.footer),
    ]
    return "\n".join(lines)
