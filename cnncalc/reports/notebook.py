"""The table of a network in a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.render.html import fragment
from cnncalc.reports.sheet import network_sheet
from cnncalc.reports.sheet_texts import table_of

if TYPE_CHECKING:
    from cnncalc.network.network import Network


def network_html(network: Network) -> str:
    """An HTML table with a row for each line of the spec, and the totals."""
    return fragment(table_of(network_sheet(network, None, 1)))
