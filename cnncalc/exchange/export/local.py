"""Local: functions and classes that a framework lacks, of which a file takes what it uses.

They stand in one text of Python for each framework, local.txt.
"""

import ast
import re
from functools import cache
from pathlib import Path

from cnncalc.exchange.export.layout import Suite


@cache
def definitions(path: Path) -> dict[str, str]:
    """The functions and classes of a text by name, in its order."""
    text = path.read_text("utf-8")
    found = [n for n in ast.parse(text).body if isinstance(n, (ast.FunctionDef, ast.ClassDef))]
    return {node.name: ast.get_source_segment(text, node) or "" for node in found}


def defined(text: str) -> Suite:
    """A function or class that is written already."""
    header, _, rest = text.partition("\n")
    lines = [line.removeprefix("    ") for line in rest.split("\n")]
    return Suite(header, ["\n".join(lines)])


def used(known: dict[str, str], text: str) -> list[str]:
    """The names that a text calls, each after those that it calls itself."""
    found: dict[str, None] = {}
    for name in known:
        if re.search(rf"(?<![\w.]){name}\(", text):
            others = {other: known[other] for other in known if other != name}
            found |= dict.fromkeys(used(others, known[name].partition("\n")[2]))
            found[name] = None
    return [*found]
