"""specs/ERRATA.md: what is printed where, what is true, and the command that shows it.

errata.json has the words, by group and source; the true numbers come out of cnncalc, asked as the
facts ask it.
"""

from __future__ import annotations

from typing import Any

from page_tools import data, facts, folded, table

from cnncalc.arithmetic import exact_text
from cnncalc.wording import show_bytes

Erratum = dict[str, Any]

HEAD = """\
# Errata

Numbers in papers, in courses and on the web that do not come out: what is printed, what is true,
why, and a command that shows it. Of {all} printed facts that were looked at the test suite checks
{checked}, and all but {wrong} hold; these sources are here because they are read and mostly right.

Rounding is no erratum, and what is cut instead of rounded stands at the end. Where a source does
not say what it counts, the true number is that of the network's layers, as `cnncalc quantities`
defines it.
"""

CUT = """\
## Cut, not rounded

These numbers are right, and rounded they would be one more in the last digit.

{table}
"""

TAIL = """\
## Not numbers

Two slips that no calculator can show: the introductory lesson dates VGGNet to 2013, and its paper
is of September 2014; Machine Learning Mastery's page on convolutional layers moves a filter "one
column to the left", and the windows it prints move to the right.
"""
NOT_NUMBERS = {"COURSE4-025", "COURSE1-008"}  # the facts of the tail


def text() -> str:
    return "\n".join([head(), *map(group_text, data("errata.json")), cut(), TAIL])


def head() -> str:
    found = facts()
    wrong = [fact for fact in found.CHECKED if misprinted(fact)]
    return HEAD.format(all=len(found.FACTS), checked=len(found.CHECKED), wrong=len(wrong))


def misprinted(fact: dict[str, Any]) -> list[dict[str, Any]]:
    """The checks that say what a printed number should be."""
    return [check for check in fact.get("checks", ()) if "misprinted" in check]


def group_text(group: dict[str, Any]) -> str:
    return "\n".join([f"## {group['group']}\n", *map(source_text, group["sources"])])


def source_text(source: dict[str, Any]) -> str:
    link = [f"<{source['url']}>\n"] if source["url"] else []
    return "\n".join([f"### {source['title']}\n", *link, *map(erratum_text, source["errata"])])


def erratum_text(erratum: Erratum) -> str:
    found = true_values(erratum)
    parts = [f"**{erratum['what']}**\n"]
    if "rows" in erratum:
        rows = [
            [row["at"], row["printed"], row["true"].format_map(found)] for row in erratum["rows"]
        ]
        parts += [table(["", "Printed", "True"], rows), ""]
    else:
        parts += [f"- Printed: {erratum['printed']}"]
        parts += [f"- True: {erratum['true'].format_map(found)}"]
    parts += [folded(f"- Why: {erratum['why'].format_map(found)}", "  ")]
    return "\n".join([*parts, "", "```sh", *erratum["commands"], "```", ""])


def cut() -> str:
    rows = [
        [entry["what"], entry["printed"], shown(entry["value"]), f"`{entry['command']}`"]
        for entry in data("cut.json")
    ]
    return CUT.format(table=table(["Where", "Printed", "In full", "Shown by"], rows, right=[1, 2]))


def true_values(erratum: Erratum) -> dict[str, str]:
    return {name: shown(value) for name, value in erratum["values"].items()}


def shown(value: dict[str, Any]) -> str:
    """What cnncalc answers, as its tables write it."""
    found = answer(value)
    if value.get("as") == "bytes":
        return show_bytes(found)
    if isinstance(found, int) and value.get("quantity") != "receptive_field":
        return f"{found:,}"
    return str(found).replace("x", "×")


def answer(value: dict[str, Any]) -> Any:
    if "exact_size" in value:
        return exact_text(**{"padding": (0, 0), **value["exact_size"]})
    return facts().ask({key: asked for key, asked in value.items() if key != "as"})


def errata() -> list[Erratum]:
    groups = data("errata.json")
    return [one for group in groups for source in group["sources"] for one in source["errata"]]
