"""specs/ERRATA.md: what is printed where, what is true, and the command that shows it.

errata.json has the quotes and words, by group and source; the true numbers come out of cnncalc,
asked as the facts ask it. `plus` adds to an answer what a kinder reading counts as well.
"""

from __future__ import annotations

import json
from functools import reduce
from typing import Any

from page_tools import data, facts, folded, table

from cnncalc.arithmetic import exact_text
from cnncalc.wording import show_bytes

Erratum = dict[str, Any]

HEAD = """\
# Errata

Numbers in papers, courses and documentation that do not come out. An erratum stands here only if
the print was seen in a source that is named and quoted to the letter, if the true number follows
under the source's own convention, and if each kinder reading was tried and is mentioned. Where a
source does not say what it counts, the true number is that of the network's layers, as
`cnncalc quantities` defines it. Quotes of tables have | between the cells and … where cells are
left out.

The test suite holds {all} printed facts, checks {checked} of them, and asks cnncalc for every
number below. Rounding is no erratum. What is cut instead of rounded, and what only looks wrong,
stands at the end. These sources are here because they are read and mostly right.
"""

CUT = """\
## Cut, not rounded

These numbers are right, and rounded they would be one more in the last digit.

{table}
"""

RIGHT = """\
## Right by another convention

These numbers differ from those of the layers, and a convention explains them.

{table}
"""


def text() -> str:
    return "\n".join([head(), *map(group_text, data("errata.json")), cut(), right()])


def head() -> str:
    printed = [fact for fact in facts().FACTS if not fact["printed"].startswith("(not")]
    checked = [fact for fact in printed if "checks" in fact]
    return HEAD.format(all=len(printed), checked=len(checked))


def misprinted(fact: dict[str, Any]) -> list[dict[str, Any]]:
    """The checks that say what a printed number should be."""
    return [check for check in fact.get("checks", ()) if "misprinted" in check]


def group_text(group: dict[str, Any]) -> str:
    return "\n".join([f"## {group['group']}\n", *map(source_text, group["sources"])])


def source_text(source: dict[str, Any]) -> str:
    seen = f", {source['read']}" if "read" in source else ""
    link = folded(f"<{source['url']}>{seen}") + "\n"
    return "\n".join([f"### {source['title']}\n", link, *map(erratum_text, source["errata"])])


def erratum_text(erratum: Erratum) -> str:
    found = true_values(erratum)
    parts = [f"**{erratum['what']}**\n", *map(quoted, erratum["quote"]), ""]
    if "rows" in erratum:
        rows = [
            [row["at"], row["printed"], row["true"].format_map(found)] for row in erratum["rows"]
        ]
        parts += [table(["", "Printed", "True"], rows), ""]
    else:
        parts += [f"- Printed: {erratum['printed']}"]
        parts += [f"- True: {erratum['true'].format_map(found)}"]
    for label, key in (("Why", "why"), ("Read kindly", "kindly")):
        parts += [folded(f"- {label}: {erratum[key].format_map(found)}", "  ")]
    return "\n".join([*parts, "", "```sh", *erratum["commands"], "```", ""])


def quoted(line: str) -> str:
    """A line of the print, as it stands there."""
    return f"    {line}"


def cut() -> str:
    rows = [
        [entry["what"], entry["printed"], shown(entry["value"]), f"`{entry['command']}`"]
        for entry in data("cut.json")
    ]
    return CUT.format(table=table(["Where", "Printed", "In full", "Shown by"], rows, right=[1, 2]))


def right() -> str:
    rows = [
        [
            entry["what"],
            entry["printed"],
            shown(entry["layers"]),
            entry["because"].format(by=shown(entry["by"])),
        ]
        for entry in data("right.json")
    ]
    heads = ["Where", "Printed", "The layers", "Why"]
    return RIGHT.format(table=table(heads, rows, right=[1, 2]))


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
    asked = {key: part for key, part in value.items() if key not in ("as", "plus")}
    found = facts().ask(asked)
    return found + sum(addend(asked, *part) for part in value["plus"]) if "plus" in value else found


def addend(asked: dict[str, Any], factor: int, quantity: str, where: str = "") -> int:
    """So many times a quantity of the layers of a kind, or below a name; without one, of all."""
    given = {key: part for key, part in asked.items() if key not in ("path", "quantity")}
    network = facts().build(json.dumps(given))
    layers = [layer for layer in network if where in (layer.kind, *layer.path.split("."))]
    found = [reduce(facts().step, quantity.split("."), one) for one in layers or [network]]
    return factor * sum(found)


def errata() -> list[Erratum]:
    groups = data("errata.json")
    return [one for group in groups for source in group["sources"] for one in source["errata"]]
