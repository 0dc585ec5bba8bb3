"""Expressions against trees that Python works out with fractions."""

from collections.abc import Callable
from fractions import Fraction
from math import ceil, floor
from typing import Any, NamedTuple

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import whole

import cnncalc
from cnncalc.language.expressions import compile_expression
from cnncalc.problems import Reject

NAMES = {"w": 12, "half": Fraction(1, 2), "minus": -7, "in": 3, "on": True, "off": False}


def work_out(text: str) -> Any:
    run = compile_expression(text)
    return run(NAMES) if callable(run) else run[0]


# Trees: how they are written, and what they come to.

OR, AND, NOT, COMPARISON, SUM, PRODUCT, UNARY, ATOM = range(8)


class Tree(NamedTuple):
    """A drawn expression: its tokens, how tightly it binds, and its value."""

    tokens: list[str]
    level: int
    value: Callable[[], Any]

    def at(self, level: int) -> list[str]:
        """The tokens, in brackets where it binds less tightly than `level`."""
        return self.tokens if self.level >= level else ["(", *self.tokens, ")"]


def divided(work: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    return lambda left, right: work(Fraction(left), right)


WORK: dict[str, tuple[int, Callable[[Any, Any], Any]]] = {
    "+": (SUM, lambda left, right: left + right),
    "-": (SUM, lambda left, right: left - right),
    "*": (PRODUCT, lambda left, right: left * right),
    "/": (PRODUCT, divided(lambda left, right: left / right)),
    "//": (PRODUCT, divided(lambda left, right: left // right)),
    "%": (PRODUCT, divided(lambda left, right: left % right)),
    "<": (COMPARISON, lambda left, right: left < right),
    "<=": (COMPARISON, lambda left, right: left <= right),
    ">": (COMPARISON, lambda left, right: left > right),
    ">=": (COMPARISON, lambda left, right: left >= right),
    "==": (COMPARISON, lambda left, right: left == right),
    "!=": (COMPARISON, lambda left, right: left != right),
}
ARITHMETIC = [sign for sign, (level, _) in WORK.items() if level != COMPARISON]
COMPARISONS = [sign for sign, (level, _) in WORK.items() if level == COMPARISON]
FUNCTIONS: dict[str, tuple[int, Callable[..., Any]]] = {
    "min": (2, min),
    "max": (3, max),
    "floor": (1, floor),
    "ceil": (1, ceil),
    "round": (1, lambda number: floor(2 * number + 1) // 2),
}


def binary(sign: str, left: Tree, right: Tree) -> Tree:
    """Signs of one level group from the left; comparisons do not chain."""
    level, work = WORK[sign]
    first = left.at(level + 1 if level == COMPARISON else level)
    tokens = [*first, sign, *right.at(level + 1)]
    return Tree(tokens, level, lambda: work(left.value(), right.value()))


def called(name: str, parts: list[Tree]) -> Tree:
    arity, function = FUNCTIONS[name]
    tokens = [name, "("]
    for part in parts[:arity]:
        tokens += [*part.tokens, ","]
    tokens[-1] = ")"
    return Tree(tokens, ATOM, lambda: function(*(part.value() for part in parts[:arity])))


def logic(word: str, left: Tree, right: Tree) -> Tree:
    """The right side is not worked out where the left one decides."""
    level = OR if word == "or" else AND
    tokens = [*left.at(level), word, *right.at(level + 1)]
    if word == "or":
        return Tree(tokens, level, lambda: left.value() or right.value())
    return Tree(tokens, level, lambda: left.value() and right.value())


def negative(tree: Tree) -> Tree:
    return Tree(["-", *tree.at(UNARY)], UNARY, lambda: -tree.value())


def negated(tree: Tree) -> Tree:
    return Tree(["not", *tree.at(NOT)], NOT, lambda: not tree.value())


def leaf(text: str, value: Any) -> Tree:
    return Tree([text], ATOM, lambda: value)


DECIMALS = ["0", "1", "2", "8", "64", "1.5", "0.25", "3.10", "1000"]
number_leaves = st.sampled_from(
    [
        *(leaf(text, Fraction(text)) for text in DECIMALS),
        *(leaf(f"${name}", v) for name, v in NAMES.items() if not isinstance(v, bool)),
    ]
)
numbers = st.recursive(
    number_leaves,
    lambda parts: st.one_of(
        st.builds(binary, st.sampled_from(ARITHMETIC), parts, parts),
        st.builds(called, st.sampled_from(sorted(FUNCTIONS)), st.lists(parts, min_size=3)),
        st.builds(negative, parts),
    ),
    max_leaves=6,
)
flag_leaves = st.sampled_from(
    [leaf("true", True), leaf("false", False), leaf("$on", True), leaf("$off", False)]
)
flags = st.recursive(
    st.one_of(flag_leaves, st.builds(binary, st.sampled_from(COMPARISONS), numbers, numbers)),
    lambda parts: st.one_of(
        st.builds(logic, st.sampled_from(["and", "or"]), parts, parts),
        st.builds(binary, st.sampled_from(["==", "!="]), parts, parts),
        st.builds(negated, parts),
    ),
    max_leaves=5,
)


def written(tokens: list[str], draw: Callable[[st.SearchStrategy[int]], int]) -> str:
    """The tokens with blanks between them where there must be or may be some."""
    text = ""
    for token in tokens:
        glued = text[-1:].isalnum() and token[0].isalnum()
        text += " " * draw(whole(int(glued), 2)) + token
    return text + " " * draw(whole(0, 1))


def check(tree: Tree, data: st.DataObject) -> None:
    text = written(tree.tokens, data.draw)
    assume(len(text) <= 200)
    try:
        expected = tree.value()
    except ZeroDivisionError:
        with pytest.raises(Reject, match="division by zero"):
            work_out(text)
        return
    found = work_out(text)
    assert found == expected
    assert isinstance(found, bool) == isinstance(expected, bool)
    if found == floor(found):
        assert isinstance(found, int)


@given(numbers, st.data())
def test_numbers_come_to_what_python_works_out(tree: Tree, data: st.DataObject) -> None:
    check(tree, data)


@given(flags, st.data())
def test_conditions_come_to_what_python_works_out(tree: Tree, data: st.DataObject) -> None:
    check(tree, data)


VALUES = [
    ("2 + 3 * 4", 14),
    ("(2 + 3) * 4", 20),
    ("10 - 4 - 3", 3),
    ("64 / 4 / 2", 8),
    ("64 / (4 / 2)", 32),
    ("-7 // 2", -4),
    ("-(7 // 2)", -3),
    ("-7 % 3", 2),
    ("7 % -3", -2),
    ("2 - -3", 5),
    ("--3", 3),
    ("1 / 3 * 3", 1),
    ("1.10 * 10", 11),
    ("0.1 + 0.2 == 0.3", True),
    ("7.5 // 2", 3),
    ("7.5 % 2", Fraction(3, 2)),
    ("1 / 3", Fraction(1, 3)),
    ("not 1 == 2", True),
    ("not true or true", True),
    ("not (true or true)", False),
    ("true or true and false", True),
    ("(true or true) and false", False),
    ("(1 < 2) == true", True),
    ("$w == 12 and not $off", True),
    ("false and 1 / 0 == 1", False),
    ("true or 1 / 0 == 1", True),
    ("round(2.5)", 3),
    ("round(-2.5)", -2),
    ("round(2.4)", 2),
    ("floor(-2.5)", -3),
    ("ceil(-2.5)", -2),
    ("floor(7)", 7),
    ("min(3, 1, 2)", 1),
    ("max($w, 2 * $w, 1)", 24),
    ("divisible(32 * 0.75, 8)", 24),
    ("divisible(18, 8)", 24),
    ("divisible(1, 8)", 8),
    ("divisible(24 * 1.1, 8)", 24),
    ("$in * 2", 6),
]


@pytest.mark.parametrize(("text", "value"), VALUES)
def test_value(text: str, value: Any) -> None:
    found = work_out(text)
    assert (found, type(found)) == (value, type(value))


# Errors: the mark shows which character is blamed.

ERRORS = [
    ("‸", "the expression ends where a number is expected"),
    ("4 *‸", "the expression ends where a number is expected"),
    ("4 * ‸* 2", 'found "*" where a number is expected'),
    ("4 ‸= 2", 'found "=" where an operator is expected'),
    ("4 ‸5", 'found "5" where an operator is expected'),
    ("(4 + 2‸", "a ( that is not closed"),
    ("4 + 2‸)", "a ) without its ("),
    ("4 * ‸width", 'found "width" where a number is expected'),
    ("1 < 2 ‸< 3", "comparisons cannot be chained"),
    ("1 < 2 ‸== true", "comparisons cannot be chained"),
    ("2 *‸* 3", 'found "*" where a number is expected'),
    ("2‸^3", 'found "^" where an operator is expected'),
    ("2 * ‸'a'", 'found "\'" where a number is expected'),
    ("2 * ‸$", 'found "$" where a number is expected'),
    ("min‸", 'the expression ends where "(" is expected'),
    ("2 + ‸min(1)", "min takes two numbers"),
    ("‸floor(1, 2)", "floor takes one number"),
    ("‸divisible(1, 2, 3)", "divisible takes two numbers"),
    ("max(1, 2‸", "a ( that is not closed"),
    ("max(1, ‸)", 'found ")" where a number is expected'),
    ("2 * ‸$widht", "$widht is not known here"),
    ("2 * ‸010", "010 has a leading zero"),
    ("2 * ‸1_000", 'found "1_000" where a number is expected'),
    ("2 * ‸0x10", 'found "0x10" where a number is expected'),
    ("2 * ‸1e5", 'found "1e5" where a number is expected'),
    ("2 * ‸1.", 'found "1." where a number is expected'),
    ("2 * ‸.5", 'found "." where a number is expected'),
    ("2 * ‸12345678901234", "12345678901234 is larger than 10^12"),
]


@pytest.mark.parametrize(("marked", "message"), ERRORS)
def test_an_error_says_what_and_where(marked: str, message: str) -> None:
    with pytest.raises(Reject) as caught:
        work_out(marked.replace("‸", ""))
    assert caught.value.message == message
    assert caught.value.offset == marked.index("‸")


TYPE_ERRORS = [
    ("1 + true", "true is not a number"),
    ("-true", "true is not a number"),
    ("true < 1", "true is not a number"),
    ("not 1", "1 is neither true nor false"),
    ("1 and true", "1 is neither true nor false"),
    ("false or 2", "2 is neither true nor false"),
    ("true == 1", "1 is neither true nor false"),
    ("floor($on)", "true is not a number"),
    ("1 / 0", "1 / 0: division by zero"),
    ("$w // ($w - 12)", "12 // 0: division by zero"),
    ("3 % 0", "3 % 0: division by zero"),
    ("divisible(3, 0)", "divisible rounds to a multiple of a whole number above 0"),
    ("divisible(3, 1.5)", "divisible rounds to a multiple of a whole number above 0"),
]


@pytest.mark.parametrize(("text", "message"), TYPE_ERRORS)
def test_values_of_the_wrong_sort_are_refused(text: str, message: str) -> None:
    with pytest.raises(Reject) as caught:
        work_out(text)
    assert caught.value.message == message


@pytest.mark.parametrize("text", ["${w}", "4*${w}", "{{w}}", "{{ w }}"])
def test_other_ways_to_write_names_are_explained(text: str) -> None:
    with pytest.raises(Reject) as caught:
        work_out(text)
    assert caught.value.help.startswith("write $") or "write $w" in caught.value.help


# Limits.

MOST = 10**12

LIMITS = [
    (f"{'1':<200}", 1, f"{'1':<201}", "an expression of 201 characters, more than 200"),
    ("(" * 30 + "1" + ")" * 30, 1, "(" * 31 + "1" + ")" * 31, "nested deeper than 30 levels"),
    ("-" * 30 + "1", 1, "-" * 31 + "1", "nested deeper than 30 levels"),
    (str(MOST), MOST, str(MOST + 1), "1000000000001 is larger than 10^12"),
    (f"{MOST} * {MOST}", MOST**2, f"{MOST} * {MOST} + 1", "a number beyond 10^24"),
    (f"-{MOST} * {MOST}", -(MOST**2), f"-{MOST} * {MOST} - 1", "a number beyond 10^24"),
    (f"1 / {MOST}", Fraction(1, MOST), f"1 / {MOST} / {MOST} / 2", "a number beyond 10^24"),
]


@pytest.mark.parametrize(("allowed", "value", "too_much", "message"), LIMITS)
def test_limits(allowed: str, value: Any, too_much: str, message: str) -> None:
    assert work_out(allowed) == value
    with pytest.raises(Reject) as caught:
        work_out(too_much)
    assert message in caught.value.message
    assert caught.value.code.name == "limit"


# In a spec.


def problems(text: str) -> list[str]:
    with pytest.raises(cnncalc.SpecError) as caught:
        cnncalc.loads(text)
    return [f"{p.line}:{p.column} {p.message}" for p in caught.value.problems]


@pytest.mark.parametrize(
    ("marked", "message"),
    [
        ("4*‸$q", "$q is not known here"),
        ("'4*‸$q'", "$q is not known here"),
        ("4*(2‸", "a ( that is not closed"),
        ("‸9/2", "filters comes to 4.5; a whole number is wanted"),
    ],
)
def test_a_problem_in_a_spec_has_its_place(marked: str, message: str) -> None:
    line = f"layers: [conv: {{kernel: 1, filters: {marked}}}]"
    text = f"input: 8x8x1\n{line.replace('‸', '')}\n"
    assert problems(text) == [f"2:{line.index('‸') + 1} {message}"]


def test_any_argument_takes_an_expression() -> None:
    network = cnncalc.loads(
        """
        input: 32x32x4
        vars: {w: 8, big: $w >= 8, f: $w // 2 - 1}
        layers:
          - conv: {filters: 2*$w, kernel: [$f, $f + 2], bias: not $big, padding: same}
            when: $in == 4
          - residual: [conv: {filters: $in, kernel: 1}]
            shortcut: $big and $in == 2 * $w
            repeat: divisible(1, 2)
          - dropout: 1/$w
        """
    )
    conv = network.layers[0]
    assert (conv.arguments["filters"], conv.arguments["kernel"]) == (16, [3, 5])
    assert conv.arguments["bias"] is False
    assert [layer.kind for layer in network].count("add") == 2
    assert network.layers[-1].arguments["rate"] == 0.125


def test_an_unknown_var_is_mentioned_once() -> None:
    """What depends on it keeps silent."""
    text = "input: 8x8x1\nvars: {a: $none, b: 2*$a}\nlayers: [conv: {filters: $b, kernel: $a}]\n"
    assert problems(text) == ["2:11 $none is not known here"]
