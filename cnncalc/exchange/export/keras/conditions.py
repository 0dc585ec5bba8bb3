"""Conditions: suites under one condition are one, and those under its opposite its `else`."""

from __future__ import annotations

import re

from cnncalc.exchange.export.layout import Statement, Suite

_OPPOSITES = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


def joined(body: list[Statement], suite: Suite) -> None:
    """Append a suite, together with the one before it where that has the same condition."""
    condition = _condition(suite)
    places = [*range(len(body) - 1, max(len(body) - 3, -1), -1)]
    if len(places) > 1 and not _is_else(body[-1]):
        places.pop()
    for place in places if condition and _is_fixed(condition) else ():
        before = body[place]
        if not isinstance(before, Suite):
            break
        opposite = _opposite(_condition(before))
        if _condition(before) == condition or (_is_else(before) and _opens(body, condition)):
            body[place] = Suite(before.header, [*before.body, *suite.body])
            return
        if opposite == condition and place == len(body) - 1:
            body.append(Suite("else:", suite.body))
            return
    body.append(suite)


def _is_else(statement: Statement) -> bool:
    return isinstance(statement, Suite) and statement.header == "else:"


def _opens(body: list[Statement], condition: str) -> bool:
    """Whether a condition is that of the `else` at the end."""
    first = body[-2]
    return isinstance(first, Suite) and _opposite(_condition(first)) == condition


def _condition(suite: Suite) -> str:
    """The condition of an `if`; nothing for other suites."""
    header = suite.header if isinstance(suite.header, str) else ""
    return header[3:-1] if header.startswith("if ") else ""


def _is_fixed(condition: str) -> bool:
    """Whether what stands below it cannot change it, as what enters a function cannot."""
    return "shape" not in re.sub(r"\binputs\.shape", "", condition)


def _opposite(condition: str) -> str:
    """`not a` of `a`, and `a != 1` of `a == 1`; nothing for what has several parts."""
    if re.search(r"\b(and|or)\b", condition):
        return ""
    if condition.startswith("not "):
        return condition[4:]
    parts = re.split(r" (==|!=|<=|>=|<|>) ", condition)
    if len(parts) == 3:
        return f"{parts[0]} {_OPPOSITES[parts[1]]} {parts[2]}"
    return f"not {condition}" if condition.isidentifier() else ""
