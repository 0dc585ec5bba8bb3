"""A table of 10,000 rows, against the time to work the network out."""

from __future__ import annotations

from common import seconds, verdict
from growth import text_of

import cnncalc
from cnncalc.commands.describe.sheet import network_sheet
from cnncalc.commands.describe.sheet_texts import table_of
from cnncalc.render.table import render_text


def main() -> None:
    network = cnncalc.loads(text_of(9_999))
    table = seconds(lambda: render_text(table_of(network_sheet(network, None, 1))))
    verdict("a table of 9,999 rows", table, 1, " s")
    work = seconds(lambda: cnncalc.loads(text_of(9_999)).parameters)
    print(f"{'':4}{table / work:.2f}× the time to read and work out the network")


if __name__ == "__main__":
    main()
