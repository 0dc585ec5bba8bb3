"""Numbers of channels that stand in a class again and again get a name of their own."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from cnncalc.exchange.export.layout import Brackets, Code, Line, Statement, Suite, source
from cnncalc.exchange.export.pytorch.symbols import free_names, is_simple

OFTEN = 3  # times that a number stands in a class


def with_names(lines: Sequence[Statement], names: Mapping[str, str]) -> list[Statement]:
    """The lines of an `__init__`, where some expressions of channels may get the names given."""
    counts = Counter(text for line in lines for text in _arguments(line))
    stored = _stored(lines)
    chosen = {
        text: name
        for text, name in names.items()
        if counts[text] >= OFTEN and not is_simple_number(text) and not free_names(text) & stored
    }
    named = [f"{name} = {text}" for text, name in chosen.items()]
    return [*named, *(_replaced(line, chosen) for line in lines)]


def is_simple_number(text: str) -> bool:
    """Whether a text is short enough to be written again: a name or a number."""
    return is_simple(text) and "(" not in text


def _codes(line: Statement) -> Iterator[Code]:
    if isinstance(line, Line):
        yield line.code
    elif isinstance(line, Suite):
        for inner in line.body:
            yield from _codes(inner)


def _arguments(line: Statement) -> Iterator[str]:
    """What stands in the calls of a line, call by call."""
    todo = [*_codes(line)]
    while todo:
        code = todo.pop()
        if isinstance(code, str):
            yield code
        else:
            todo += [part for _, part in code.parts]


def _stored(lines: Sequence[Statement]) -> set[str]:
    """The names that the lines give values to, so that they are not known before."""
    nodes = ast.walk(ast.parse(source(lines)))
    names = (node for node in nodes if isinstance(node, ast.Name))
    return {node.id for node in names if isinstance(node.ctx, ast.Store)}


def _replaced(line: Statement, names: Mapping[str, str]) -> Statement:
    if isinstance(line, Line):
        return line._replace(code=_in_code(line.code, names))
    if isinstance(line, Suite):
        return line._replace(body=[_replaced(inner, names) for inner in line.body])
    return line


def _in_code(code: Code, names: Mapping[str, str]) -> Code:
    if isinstance(code, Brackets):
        parts = tuple((before, _in_code(part, names)) for before, part in code.parts)
        return code._replace(parts=parts)
    return names.get(code, code)
