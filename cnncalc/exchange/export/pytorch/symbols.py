"""Numbers of a network as Python texts: put together, tidied, and worked out to be compared.

A text such as `4 * width` is written only where it comes to the number that the network has, at
every place that the code stands for.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import lru_cache
from types import CodeType
from typing import Any

from cnncalc.arithmetic import divisible
from cnncalc.exchange.export.layout import literal

_KNOWN = {
    "math": math, "Fraction": Fraction, "divisible": divisible, "min": min, "max": max, "int": int,
    "round_half_up": lambda number: int((2 * number + 1) // 2), "__builtins__": {},
}  # fmt: skip
_WORK: dict[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
}  # fmt: skip
# What changes nothing on the right of a sign.
_NOTHING: dict[type[ast.operator], int] = {ast.Add: 0, ast.Sub: 0, ast.Mult: 1, ast.FloorDiv: 1}


def value(text: str, values: Mapping[str, object]) -> Any:
    """What a text comes to; raises NameError and others where it comes to nothing."""
    return eval(_compiled(text), _KNOWN, values)  # of texts that were written here alone


@lru_cache(4096)
def _compiled(text: str) -> CodeType:
    return compile(text, "expression", "eval")


@lru_cache(4096)
def free_names(text: str) -> frozenset[str]:
    """The names that stand in an expression."""
    return frozenset(node.id for node in ast.walk(_tree(text)) if isinstance(node, ast.Name))


def has_names(text: str) -> bool:
    """Whether a name stands in an expression that is no function's."""
    return not free_names(text) <= _KNOWN.keys()


@lru_cache(4096)
def tidy(text: str) -> str:
    """An expression without brackets, factors and summands that change nothing."""
    return ast.unparse(_Tidy().visit(_tree(text)))


def product(*texts: str) -> str:
    """All multiplied."""
    return tidy(" * ".join(f"({text})" for text in texts))


def total(*texts: str) -> str:
    """All added up."""
    return tidy(" + ".join(f"({text})" for text in texts))


def replaced(text: str, names: Mapping[str, str]) -> str:
    """The expression with other expressions in the place of names; a number if no name is left."""
    if not free_names(text) & names.keys():
        return text
    found = ast.unparse(_Tidy().visit(_Replace(names).visit(_tree(text))))
    if not has_names(found) and type(number := value(found, {})) is int:
        return str(number)
    return found


def is_simple(text: str) -> bool:
    """Whether it is a number, a name or a call, without a sign."""
    return isinstance(_tree(text), (ast.Name, ast.Constant, ast.Call))


def _tree(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


class _Replace(ast.NodeTransformer):
    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return _tree(self.names[node.id]) if node.id in self.names else node


class _Tidy(ast.NodeTransformer):
    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        """Texts keep the quotes that formatters prefer."""
        return ast.Name(literal(node.value)) if isinstance(node.value, str) else node

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        left: ast.expr = self.visit(node.left)
        right: ast.expr = self.visit(node.right)
        sign = type(node.op)
        first, second = _number(left), _number(right)
        if (
            first is not None
            and second is not None
            and sign in _WORK
            and (second or sign is not ast.FloorDiv)
        ):
            return _constant(_WORK[sign](first, second))
        if sign in _NOTHING and second == _NOTHING[sign]:
            return left
        if sign in (ast.Add, ast.Mult) and first == _NOTHING[sign]:
            return right
        return ast.BinOp(left, node.op, right)


def _number(node: ast.expr) -> int | None:
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = _number(node.operand)
        return None if inner is None else -inner
    return None


def _constant(number: int) -> ast.expr:
    return ast.Constant(number) if number >= 0 else ast.UnaryOp(ast.USub(), ast.Constant(-number))
