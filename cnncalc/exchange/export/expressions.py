"""Expressions of a spec as Python: $width*4 becomes `width * 4`, and stays exact.

The two grammars agree but for names, words and division, so that the tokens make a Python
expression, and Python's own `ast` reads it. Numbers are whole or `Fraction`s.
"""

import ast
import re
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple, Protocol

from cnncalc.exchange.export.layout import literal
from cnncalc.language.expressions import FUNCTIONS, NONE, TOKEN, compile_expression
from cnncalc.problems import Reject
from cnncalc.wording import show_fraction

# What a file defines for functions that Python has not, and what it imports.
HELPERS = {
    "divisible": '''\
def divisible(number, divisor):
    """The multiple of the divisor nearest to a number, never less than 90% of it."""
    rounded = max(divisor, int((2 * number + divisor) // (2 * divisor)) * divisor)
    return rounded + divisor if 10 * rounded < 9 * number else rounded''',
    "round_half_up": '''\
def round_half_up(number):
    """The nearest whole number; a half is rounded up."""
    return int((2 * number + 1) // 2)''',
}
IMPORTS = {"math": "import math", "Fraction": "from fractions import Fraction"}


class Names(Protocol):
    """What the names in expressions are in Python: each a Python expression."""

    def name(self, name: str) -> str:
        """What stands for $name."""

    def size(self, name: str, measure: str) -> str:
        """What stands for $name.height."""

    def is_fraction(self, name: str) -> bool:
        """Whether $name may be a number that is not whole."""


class Expressions:
    """Translates for one file, and remembers what that file has to import and define."""

    def __init__(self) -> None:
        self.needs: set[str] = set()  # keys of IMPORTS and HELPERS

    def text(self, written: str, names: Names, *, whole: bool = False) -> str:
        """A word, number or expression of a spec; a text that is none of them is a literal.

        `whole` is for numbers that have to be whole: there `/` comes out even.
        """
        if written in ("", "~", "null", NONE):
            return "None"
        if written in ("true", "false"):
            return written.title()
        if written.isdecimal():
            return written
        if _is_text(written):
            return literal(written)
        lowering = _Lowering(self, _Tokens(written, names))
        tree = ast.parse(lowering.tokens.text, mode="eval").body
        return (lowering.floor(tree, "int") if whole else lowering.term(tree)).text

    def number(self, value: int | Fraction) -> str:
        """5, Fraction("1.4"), or Fraction(1, 3) where the decimals do not end."""
        if value.denominator == 1:
            return str(int(value))
        shown = show_fraction(value)
        parts = f"{value.numerator}, {value.denominator}" if "/" in shown else f'"{shown}"'
        return f"{self.need('Fraction')}({parts})"

    def need(self, name: str) -> str:
        """The name, which the file imports or defines then."""
        self.needs.add(name)
        return name


def _is_text(written: str) -> bool:
    """Whether something is a word or another text, not an expression."""
    if written.isidentifier():
        return True
    try:
        compile_expression(written)
    except Reject:
        return True
    return False


class Term(NamedTuple):
    """A Python expression, how strongly it binds, and whether its value may not be whole."""

    text: str
    level: int = 8  # of an atom
    fraction: bool = False
    opposite: str = ""  # of a comparison

    def within(self, level: int) -> str:
        """As it stands beside a sign that binds so strongly."""
        return self.text if self.level >= level else f"({self.text})"


class _Tokens:
    """The tokens of an expression as Python; names and decimals are numbered places in it."""

    def __init__(self, written: str, names: Names) -> None:
        self.names = names
        self.places: dict[str, Term] = {}
        self.decimals: dict[str, Fraction] = {}
        matches = [*re.finditer(TOKEN, written)]
        words = [(str(found.lastgroup), found[str(found.lastgroup)]) for found in matches]
        parts = [
            self.token(kind, word, followed_by)
            for (kind, word), (_, followed_by) in pairwise([*words, ("end", "")])
        ]
        self.text = " ".join(parts).strip()

    def token(self, kind: str, word: str, followed_by: str) -> str:
        place = f"place_{len(self.places) + len(self.decimals)}"
        if kind == "name":
            fraction = self.names.is_fraction(word)
            self.places[place] = _parsed(self.names.name(word))._replace(fraction=fraction)
        elif kind == "size":
            name, _, measure = word[1:].rpartition(".")
            self.places[place] = _parsed(self.names.size(name.strip("()"), measure))
        elif "." in word:
            self.decimals[place] = Fraction(word)
        else:
            return self.word(word, followed_by) if kind == "word" else word
        return place

    def word(self, word: str, followed_by: str) -> str:
        if word in ("and", "or", "not") or (word in FUNCTIONS and followed_by == "("):
            return word
        if word in ("true", "false", NONE):
            return word.title()
        return repr(word)


class _Lowering:
    """Writes a tree, with divisions and decimals made exact."""

    def __init__(self, owner: Expressions, tokens: _Tokens) -> None:
        self.owner = owner
        self.tokens = tokens

    def term(self, node: ast.expr) -> Term:
        if isinstance(node, ast.Name):
            return self.name(node.id)
        if isinstance(node, ast.Constant):
            return Term(literal(node.value) if isinstance(node.value, str) else str(node.value))
        if isinstance(node, ast.UnaryOp):
            inner = self.term(node.operand)
            return _negated(inner) if isinstance(node.op, ast.Not) else _minus(inner)
        if isinstance(node, ast.BoolOp):
            return _joined(type(node.op), *map(self.term, node.values))
        if isinstance(node, ast.Compare):
            return self.comparison(node)
        if isinstance(node, ast.BinOp):
            return self.operation(node)
        assert isinstance(node, ast.Call)
        return self.call(node)

    def name(self, place: str) -> Term:
        if place in self.tokens.places:
            return self.tokens.places[place]
        value = self.tokens.decimals[place]
        return Term(self.owner.number(value), fraction=value.denominator != 1)

    def comparison(self, node: ast.Compare) -> Term:
        left, right = self.term(node.left), self.term(node.comparators[0])
        kind = type(node.ops[0])
        if isinstance(node.left, ast.Constant):  # none == $x
            left, right, kind = right, left, _FLIPPED.get(kind, kind)
        equal = kind is ast.Eq
        if right.text == "None":
            return _joined(ast.Is if equal else ast.IsNot, left, right)
        if right.text in ("True", "False"):
            return left if (right.text == "True") is equal else _negated(left)
        return _joined(kind, left, right)

    def operation(self, node: ast.BinOp) -> Term:
        if ratio := self.ratio(node):
            return _called(self.owner.need("Fraction"), *ratio, fraction=True)
        left, right = self.term(node.left), self.term(node.right)
        fraction = left.fraction or right.fraction
        exact = left.level == _ATOM and left.text.startswith("Fraction(")
        if isinstance(node.op, ast.Div) and not exact:  # both may be whole after all
            left = _called(self.owner.need("Fraction"), left)
        found = _joined(type(node.op), left, right)
        return found._replace(fraction=fraction and not isinstance(node.op, ast.FloorDiv))

    def ratio(self, node: ast.expr) -> tuple[Term, Term] | None:
        """The two whole numbers whose quotient it is, as of `a / b` and `a * 0.75`."""
        if not isinstance(node, ast.BinOp) or not isinstance(node.op, (ast.Div, ast.Mult)):
            return None
        left, right = self.term(node.left), self.term(node.right)
        if isinstance(node.op, ast.Div):
            return None if left.fraction or right.fraction else (left, right)
        for factor, other in ((node.left, right), (node.right, left)):
            value = self.tokens.decimals.get(getattr(factor, "id", ""))
            if value is not None and not other.fraction:
                one = value.numerator == 1
                times = other if one else _joined(ast.Mult, Term(str(value.numerator)), other)
                return times, Term(str(value.denominator))
        return None

    def call(self, node: ast.Call) -> Term:
        function = node.func.id if isinstance(node.func, ast.Name) else ""
        if function == "floor":
            return self.floor(node.args[0], "math.floor")
        terms = [self.term(part) for part in node.args]
        fraction = any(term.fraction for term in terms)
        if function in ("min", "max"):
            return _called(function, *terms, fraction=fraction)
        if function == "divisible":
            return _called(self.owner.need(function), *terms)
        if not fraction:
            return terms[0]
        if function == "round":
            return _called(self.owner.need("round_half_up"), *terms)
        if ratio := self.ratio(node.args[0]):
            return _minus(_joined(ast.FloorDiv, _minus(ratio[0]), ratio[1]))
        self.owner.need("math")
        return _called("math.ceil", *terms)

    def floor(self, node: ast.expr, function: str) -> Term:
        """The number rounded down: `//` where that does it, else the function."""
        if ratio := self.ratio(node):
            return _joined(ast.FloorDiv, *ratio)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("min", "max"):
            parts = [self.floor(part, function) for part in node.args]
            return _called(getattr(node.func, "id", ""), *parts)
        term = self.term(node)
        if not term.fraction:
            return term
        if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub)):
            right = self.term(node.right)
            if not right.fraction:
                return _joined(type(node.op), self.floor(node.left, function), right)
        if function.startswith("math"):
            self.owner.need("math")
        return _called(function, term)


_FLIPPED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.Gt, ast.LtE: ast.GtE, ast.Gt: ast.Lt, ast.GtE: ast.LtE,
}  # fmt: skip
_OPPOSITES: dict[type[ast.AST], type[ast.AST]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
    ast.Lt: ast.GtE, ast.GtE: ast.Lt, ast.Gt: ast.LtE, ast.LtE: ast.Gt,
}  # fmt: skip
_ATOM, _UNARY = 8, 7
_SIGNS: dict[type[ast.AST], tuple[str, int]] = {  # with how strongly they bind
    ast.Or: ("or", 1), ast.And: ("and", 2), ast.Not: ("not", 3),
    ast.Eq: ("==", 4), ast.NotEq: ("!=", 4), ast.Lt: ("<", 4), ast.LtE: ("<=", 4),
    ast.Gt: (">", 4), ast.GtE: (">=", 4), ast.Is: ("is", 4), ast.IsNot: ("is not", 4),
    ast.Add: ("+", 5), ast.Sub: ("-", 5),
    ast.Mult: ("*", 6), ast.Div: ("/", 6), ast.FloorDiv: ("//", 6), ast.Mod: ("%", 6),
    ast.USub: ("-", _UNARY),
}  # fmt: skip
_COMPARES = 4


def _joined(kind: type[ast.AST], *terms: Term) -> Term:
    """Terms with a sign between them, in brackets where they bind less; the left one goes first."""
    sign, level = _SIGNS[kind]
    first, *others = terms
    start = first.within(level + (level == _COMPARES))  # comparisons of Python are chained
    parts = [start, *(other.within(level + 1) for other in others)]
    opposite = f" {_SIGNS[_OPPOSITES[kind]][0]} ".join(parts) if kind in _OPPOSITES else ""
    return Term(f" {sign} ".join(parts), level, opposite=opposite)


def _called(function: str, *terms: Term, fraction: bool = False) -> Term:
    return Term(f"{function}({', '.join(term.text for term in terms)})", fraction=fraction)


def _minus(term: Term) -> Term:
    return Term(f"-{term.within(_UNARY)}", _UNARY, term.fraction)


def _negated(term: Term) -> Term:
    """What is not so: `a != b` for `not a == b`, as linters want it."""
    sign, level = _SIGNS[ast.Not]
    if term.opposite:
        return Term(term.opposite, _COMPARES, opposite=term.text)
    return Term(f"{sign} {term.within(level)}", level)


def _parsed(text: str) -> Term:
    """The term of a Python text that is given."""
    tree = ast.parse(text, mode="eval").body
    if isinstance(tree, (ast.BoolOp, ast.BinOp, ast.UnaryOp)):
        return Term(text, _SIGNS[type(tree.op)][1])
    return Term(text, _COMPARES if isinstance(tree, ast.Compare) else _ATOM)
