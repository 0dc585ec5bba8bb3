"""Classes as text: which names they need, and lines without what is not used."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from cnncalc.exchange.export.identifiers import camel
from cnncalc.exchange.export.layout import Line, Statement, Suite, source
from cnncalc.exchange.export.pytorch.names import Entry

MAX_NAME = 60  # letters of a class's name


def class_name(name: str) -> str:
    """LeNet5_1998 for LeNet-5 (1998)."""
    parts = re.split(r"(?<=\d)[^A-Za-z0-9]+(?=\d)", name)
    return "_".join(map(camel, parts))[:MAX_NAME] or "Network"


def joined(*parts: str) -> str:
    return ".".join(filter(None, parts))


def returned(entries: Sequence[Entry]) -> str:
    return f"return {', '.join(entry.variable for entry in entries)}"


def is_return(statement: Statement) -> bool:
    if isinstance(statement, Suite):
        return False
    text = statement if isinstance(statement, str) else statement.before
    return text.startswith("return ")


def folded(lines: list[Statement]) -> list[Statement]:
    """`return f(x)` for `x = f(x)` and `return x`."""
    if len(lines) > 1 and isinstance(lines[-2], Line) and lines[-1] == "return x":
        before = lines[-2]
        if before.before == "x = ":
            return [*lines[:-2], before._replace(before="return ")]
    return lines


def used(lines: list[Statement]) -> list[Statement]:
    """The lines without those whose result no other line reads."""
    tree = ast.parse(source([Suite("def f():", lines)]))
    names = (node for node in ast.walk(tree) if isinstance(node, ast.Name))
    loaded = {node.id for node in names if isinstance(node.ctx, ast.Load)}
    kept = [line for line in (_used(line, loaded) for line in lines) if line is not None]
    return kept if kept == lines else used(kept)


def _used(line: Statement, loaded: set[str]) -> Statement | None:
    """A line with `_` for what is not read; None where that is all of it."""
    if isinstance(line, Suite):
        body = [inner for inner in (_used(part, loaded) for part in line.body) if inner is not None]
        return Suite(line.header, body) if body else None
    text = line if isinstance(line, str) else line.before
    target, sign, rest = text.partition(" = ")
    if not sign or not re.fullmatch(r"\w+(, \w+)*", target):
        return line
    names = [name if name in loaded or name == "x" else "_" for name in target.split(", ")]
    if set(names) == {"_"}:
        return None
    text = f"{', '.join(names)} = {rest}"
    return text if isinstance(line, str) else line._replace(before=text)


def renamed(suite: Suite, name: str) -> Suite:
    header = str(suite.header)
    return Suite(f"class {name}{header[header.index('(') :]}", suite.body)


def free_in(suite: Suite) -> list[str]:
    """The names that a class needs from around it, in the order of its text."""
    tree = ast.parse(source([suite]))
    found: dict[str, None] = {}
    for definition in (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)):
        if definition.name != "__init__":
            continue
        names = [n for n in ast.walk(definition) if isinstance(n, ast.Name)]
        names.sort(key=lambda node: (node.lineno, node.col_offset))
        stored = {node.id for node in names if isinstance(node.ctx, ast.Store)}
        for node in names:
            if node.id not in stored:
                found[node.id] = None
    return [*found]
