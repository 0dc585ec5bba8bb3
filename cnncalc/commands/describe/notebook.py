"""The table of a network in a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.commands.describe.sheet import network_sheet
from cnncalc.commands.describe.sheet_texts import table_of
from cnncalc.render.html import fragment

if TYPE_CHECKING:
    from cnncalc.network.model import Network


def network_html(network: Network) -> str:
    """An HTML table with a row for each line of the spec, and the totals."""
    return fragment(table_of(network_sheet(network, None, 1)))
