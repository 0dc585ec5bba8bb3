"""What both targets of `cnncalc export` write with: expressions, names and the layout of lines."""

import ast
import keyword
import math
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cnncalc.exchange.export.expressions import HELPERS, Expressions
from cnncalc.exchange.export.identifiers import Identifiers, camel, constant, snake
from cnncalc.exchange.export.layout import (
    Line,
    Suite,
    call,
    docstring,
    listing,
    literal,
    row,
    source,
)
from cnncalc.language.expressions import compile_expression
from cnncalc.problems import Reject

VALUES: dict[str, Any] = {"a": 6, "b": 4, "half": Fraction(1, 2), "yes": True, "no": False,
                          "word": "relu", "nothing": None, "in": 12}  # fmt: skip


class Plain:
    """Names stand for themselves."""

    def name(self, name: str) -> str:
        return "x.shape[-1]" if name == "in" else name

    def size(self, name: str, measure: str) -> str:
        return f"{name}.{measure}"

    def is_fraction(self, name: str) -> bool:
        return name == "half"


class Volume:
    """A volume of Keras with 12 channels."""

    shape = (None, 8, 8, 12)


TEXTS = {
    "4*$a": "4 * a",
    "$a/2": "a // 2",
    "$in*0.25": "x.shape[-1] // 4",
    "$in*0.75": "3 * x.shape[-1] // 4",
    "max(1, $a/$b)": "max(1, a // b)",
    "$a/2 + 1": "a // 2 + 1",
    "$a*$half": "int(a * half)",
    "ceil($a/4)": "-(-a // 4)",
    "floor($a*$half)": "math.floor(a * half)",
    "-($a + $b)*2": "-(a + b) * 2",
    "$a - ($b - 1)": "a - (b - 1)",
    "(($a))": "a",
}


@pytest.mark.parametrize("written", TEXTS)
def test_whole_numbers(written: str) -> None:
    assert Expressions().text(written, Plain(), whole=True) == TEXTS[written]


CONDITIONS = {
    "$a != 1 or $in != 4*$b": "a != 1 or x.shape[-1] != 4 * b",
    "$nothing != none": "nothing is not None",
    "none == $nothing": "nothing is None",
    "not ($nothing == none)": "nothing is not None",
    "not ($a == 1)": "a != 1",
    "$yes == true": "yes",
    "$yes == false": "not yes",
    "not ($yes or $no) and $a > 3": "not (yes or no) and a > 3",
    "$word == relu": 'word == "relu"',
    "$a.height > 3": "a.height > 3",
    "relu": '"relu"',
    "none": "None",
    "true": "True",
}


@pytest.mark.parametrize("written", CONDITIONS)
def test_conditions_and_words(written: str) -> None:
    assert Expressions().text(written, Plain()) == CONDITIONS[written]


NUMBERS = st.sampled_from(["$a", "$b", "$half", "$in", "2", "3", "0.25", "1.5"])


def deeper(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Expressions of expressions."""
    signs = st.sampled_from(["+", "-", "*", "/", "//", "%"])
    functions = st.sampled_from(["floor", "ceil", "round"])
    return st.one_of(
        st.tuples(inner, signs, inner).map(" ".join),
        inner.map("({})".format),
        inner.map("-({})".format),
        st.tuples(functions, inner).map(lambda pair: f"{pair[0]}({pair[1]})"),
        st.tuples(inner, inner).map(lambda pair: f"max({pair[0]}, {pair[1]})"),
        inner.map("divisible({}, 8)".format),
    )


@example("$b / max($a, $half)")  # whole numbers, as it turns out
@example("max($b, $half) / $a")
@given(st.recursive(NUMBERS, deeper, max_leaves=6))
def test_expressions_come_to_the_same_in_python(written: str) -> None:
    """Exactly: a spec's numbers are fractions, and so are Python's here."""
    try:
        plan = compile_expression(written)
        wanted = plan(VALUES) if callable(plan) else plan[0]
    except Reject:
        return  # a division by zero, or a number too large
    translated = Expressions()
    text = translated.text(written, Plain(), whole=wanted == int(wanted))
    names: dict[str, Any] = {"math": math, "Fraction": Fraction, "x": Volume, **VALUES}
    for helper in HELPERS.values():
        exec(helper, names)
    assert eval(text, names) == wanted
    assert ast.unparse(ast.parse(text, mode="eval")) is not None


def test_names() -> None:
    assert [snake(name) for name in ("ConvBN", "BasicBlock", "SE-3", "enc-1")] == [
        "conv_bn", "basic_block", "se_3", "enc_1",
    ]  # fmt: skip
    assert constant("width_mult") == "WIDTH_MULT"
    assert camel("basic_block") == "BasicBlock"


@given(st.lists(st.from_regex(r"[A-Za-z_][A-Za-z0-9_-]{0,9}", fullmatch=True), max_size=20))
def test_identifiers_are_valid_and_unlike(names: list[str]) -> None:
    identifiers = Identifiers(("layers", "x"))
    made = [identifiers.new(snake(name), "value") for name in names]
    assert len({*made, "layers", "x"}) == len(made) + 2
    assert all(name.isidentifier() and not keyword.iskeyword(name) for name in made)


@given(st.text())
def test_a_literal_is_its_text(text: str) -> None:
    written = literal(text)
    assert ast.literal_eval(written) == text
    assert written.isprintable()


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=3))
def test_a_docstring_is_one_statement(paragraphs: list[str]) -> None:
    tree = ast.parse(source([docstring(paragraphs), "x = 1"]))
    assert [type(node) for node in tree.body] == [ast.Expr, ast.Assign]


def test_long_lines_are_opened() -> None:
    short = call("f", "a", b="1")
    long = call("function", *[f"argument_{number}" for number in range(7)], name='"n"')
    text = source([
        Line("x = ", call(short, "x")),
        Line("x = ", call(long, "x")),
        Line("x = ", call("g", long, listing([row(["1", "2"]), row(["3"])]))),
        Suite("def f(x):", [Line("return ", long)]),
    ])  # fmt: skip
    assert text == (
        'x = f(a, b=1)(x)\n'
        "x = function(\n"
        "    argument_0,\n    argument_1,\n    argument_2,\n    argument_3,\n    argument_4,\n"
        '    argument_5,\n    argument_6,\n    name="n",\n)(x)\n'
        "x = g(\n"
        "    function(\n"
        "        argument_0,\n        argument_1,\n        argument_2,\n        argument_3,\n"
        "        argument_4,\n        argument_5,\n        argument_6,\n"
        '        name="n",\n    ),\n    [(1, 2), (3,)],\n)\n'
        "\n\ndef f(x):\n    return function(\n"
        "        argument_0,\n        argument_1,\n        argument_2,\n        argument_3,\n"
        "        argument_4,\n        argument_5,\n        argument_6,\n"
        '        name="n",\n    )\n'
    )  # fmt: skip
