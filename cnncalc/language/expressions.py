"""Expressions: 4*$width, $stride != 1 or $in != 4*$width, $enc4.height. Never Python, always exact.

A value inside is a whole number, an exact fraction or a boolean. A node becomes a plain value by
one rule: a scalar that parses as an expression is worked out, any other stays text.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator
from collections.abc import Mapping as MappingType
from itertools import islice
from math import ceil, floor
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from cnncalc import problems as codes
from cnncalc.advice import Edit
from cnncalc.arithmetic import divisible
from cnncalc.language.nodes import Broken, Mapping, Node, Scalar, Sequence
from cnncalc.language.sizes import Keyed, Parts, limited
from cnncalc.problems import Reject
from cnncalc.volume import MAX_NUMBER, MEASURES, Volume
from cnncalc.wording import did_you_mean, enumerated, is_fraction, quote, show

if TYPE_CHECKING:
    from fractions import Fraction

Number: TypeAlias = "int | Fraction"


class Names(Protocol):
    """Values by name. Where there are volumes too, `volume` gives that of an item by its name."""

    def __getitem__(self, name: str, /) -> Any: ...
    def __iter__(self) -> Iterator[str]: ...


Evaluate = Callable[[Names], Any]

NONE = "none"  # the word that means the same as nothing at all
MAX_LENGTH = 200
_MAX_RESULT = MAX_NUMBER**2  # of any step on the way: keeps chains of products small

TOKEN = (
    r"(?s)\s*(?:(?P<number>\d+(?:\.\d+)?)(?![\w.])"
    r"|(?P<size>\$(?:[A-Za-z_]\w*|\([A-Za-z_][\w-]*\))\.[A-Za-z_]\w*)"
    r"|\$(?P<name>[A-Za-z_]\w*)|(?P<word>[A-Za-z_]\w*)"
    r"|(?P<sign>//|[=!<>]=|[-+*/%<>(),])|(?P<end>\Z)|(?P<bad>.))"
)
_NUMBER = re.compile(r"[1-9]\d{0,11}|0")
# A text that fails to parse but was clearly meant as an expression: it is not taken for a word.
_SURELY_MEANT = (
    r"(?s).*(?:\$|\{\{)|.*\b(?:min|max|floor|ceil|round|divisible)\s*\("
    r"|[-+*/%<>=() .]*\d[-+*/%<>=()^ \d.]*\Z"
)


# A size of an item with a - in its name, which is written in brackets.
_DASHED = rf"\$([A-Za-z_]\w*(?:-[A-Za-z_0-9]+)+)(\.(?:{'|'.join(MEASURES)})\b)"

NOTHING: dict[str, str] = {}
# Why a sign cannot stand where an operator is expected, and what to write for signs of others.
_NO_OPERATOR = {
    ")": "a ) without its (",
    **dict.fromkeys(("<", "<=", ">", ">=", "==", "!="), "comparisons cannot be chained"),
}
HELPS: dict[str, str] = {
    "<>": "unequal is written !=",
    "[": "a list is gone through by each: {name: $list}, which gives one value after the other",
    "in": "compare with each value: $name == 3 or $name == 4",
    "=": Edit("compare with ==", "==", "="),
    "&": Edit("write and", "and", "&&"),
    "|": Edit("write or", "or", "||"),
    "!": Edit("write not", "not ", "!"),
    "^": "there is no power; write a product",
    "**": "there is no power; write a product",
    "%": "write a percentage as a decimal, such as 0.5",
    **dict.fromkeys(("<", "<=", ">", ">=", "==", "!="), "join two comparisons with and"),
}

_EQUALITY = ("==", "!=")
LATER = object()  # the value of a name that is worked out after what asks for it
UNKNOWN = object()  # the value of a name that depends on something already reported


class Silenced(Exception):
    """An expression needs an UNKNOWN value: nobody mentions that again."""


def evaluate(node: Node, names: Names) -> Any:
    """The plain value of a node: number, boolean, text, None, list or dict of those.

    Raises Reject with the path inside the node and the offset inside the scalar.
    """
    plan = node.plan or planned(node)
    return plan[0] if type(plan) is tuple else plan(names)


def planned(node: Node) -> Any:
    """The plan of a node: a function of the names in scope, or a tuple that holds its value."""
    if node.plan is None:
        node.plan = _plan(node)
    return node.plan


def constant(node: Node) -> Any:
    """The plain value of a node in which no name stands, else None. Raises Reject."""
    plan = planned(node)
    if isinstance(plan, _Refusal):
        raise plan.reject
    return None if callable(plan) else plan[0]


class _Refusal:
    """The plan of a text that was meant as an expression and is none."""

    def __init__(self, reject: Reject) -> None:
        self.reject = reject

    def __call__(self, names: Names) -> Any:
        kept = self.reject
        raise Reject(kept.code, kept.message, help=kept.help, offset=kept.offset, width=kept.width)


def _plan(node: Node) -> Any:
    if isinstance(node, Scalar):
        return _plan_scalar(node)
    if isinstance(node, Broken):
        return silence
    if isinstance(node, Sequence):
        return _plan_parts(list(enumerate(node.items)), _as_list)
    assert isinstance(node, Mapping)
    return _plan_parts([(key.text, value) for key, value in node.pairs], Keyed)


def _as_list(values: list[tuple[int, Any]]) -> Parts:
    return Parts([value for _, value in values])


def _plan_parts(parts: list[tuple[Any, Node]], kind: Callable[..., Parts | Keyed]) -> Any:
    def collect(names: Names) -> Parts | Keyed:
        values = []
        for place, part in parts:
            try:
                values.append((place, evaluate(part, names)))
            except Reject as reject:
                reject.path = (place, *reject.path)
                raise
        return kind(values)

    if all(isinstance(planned(part), tuple) for _, part in parts):
        return (collect({}),)  # no larger than its text, which has limits of its own
    return lambda names: limited(collect(names))


def silence(names: Names) -> Any:
    """The plan of a node that was refused."""
    raise Silenced


def _plan_scalar(node: Scalar) -> Any:
    text = node.text
    if node.is_null:
        return (None,)
    if _NUMBER.fullmatch(text):
        return (int(text),)
    if text in ("true", "false"):
        return (text == "true",)
    if text == NONE:
        return (None,)
    if text.isidentifier():  # one word is no expression
        return (text,)
    try:
        return compile_expression(text)
    except Reject as reject:
        if re.match(_SURELY_MEANT, text):
            return _Refusal(reject)
        return (text,)


def compile_expression(text: str) -> Any:
    """A function of the names in scope, or a tuple that holds the only value of a constant."""
    if len(text) > MAX_LENGTH:
        if text.isdecimal():
            raise Reject(codes.LIMIT, f"a number of {len(text):,} digits is larger than 10^12")
        raise Reject(codes.LIMIT, f"an expression of {len(text):,} characters, more than 200")
    if found := "{" in text and re.search(r"\$\{\s*(\w*).*?\}?|\{\{\s*(\w*).*?\}\}", text):
        raise Reject(
            codes.EXPRESSION,
            f"{quote(found[0])} is not how names are written",
            help=_named_so(found),
            offset=found.start(),
            width=len(found[0]),
        )
    if found := re.search(_DASHED, text):
        written = f"$({found[1]}){found[2]}"
        raise Reject(
            codes.EXPRESSION,
            f"{quote(found[0])}: a - in a name reads as minus here",
            help=Edit(f"write {quote(written)}", written, found[0]),
            offset=found.start(),
            width=len(found[0]),
        )
    parser = _Parser(text)
    run = parser.whole()
    return run if parser.uses_names else (run({}),)


def _named_so(found: re.Match[str]) -> str:
    """How the name in ${name} or {{ name }} is written."""
    name = found[1] or found[2]
    if not name:
        return "write $name"
    whole = re.sub(r"[${}\s]", "", found[0]) == name
    return Edit(f"write ${name}", f"${name}", found[0]) if whole else f"write ${name}"


def parses(text: str) -> bool:
    """Whether a text is an expression."""
    try:
        compile_expression(text)
    except Reject:
        return False
    return True


class _Parser:
    """Precedence climbing over the tokens; every method returns a function of the names."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.uses_names = False
        self.depth = 0
        self.tokens: list[tuple[str, str, int]] = []
        for match in re.finditer(TOKEN, text):
            kind = str(match.lastgroup)
            self.tokens.append((kind, match[kind], match.start(kind)))
            if kind == "end":
                break
        self.index = 0

    def whole(self) -> Evaluate:
        run = self.disjunction()
        if self.kind != "end":
            raise self.unexpected("an operator", _NO_OPERATOR)
        return run

    @property
    def kind(self) -> str:
        return self.tokens[self.index][0]

    @property
    def word(self) -> str:
        return self.tokens[self.index][1]

    def take(self, *words: str) -> str | None:
        """Step over the next token if it is one of these signs or words."""
        if self.kind in ("sign", "word") and self.word in words:
            self.index += 1
            return self.tokens[self.index - 1][1]
        return None

    def expect(self, sign: str) -> None:
        if not self.take(sign):
            messages = {"": "a ( that is not closed"} if sign == ")" else NOTHING
            raise self.unexpected(f'"{sign}"', messages)

    def unexpected(self, wanted: str, messages: MappingType[str, str] = NOTHING) -> Reject:
        """The refusal of the next token; `messages` are for tokens that tell more of a mistake."""
        kind, word, offset = self.tokens[self.index]
        before = self.tokens[self.index - 1][1] if self.index else ""
        if kind == "bad" and word.isdigit():
            word = str(re.match(r"[\w.]+", self.text[offset:])[0])  # type: ignore[index]
            help = "write whole numbers and decimals in plain digits"
            if ".." in word:
                help = "there are no ranges: write out the values"
        elif kind == "name":
            word, offset, help = f"${word}", offset - 1, "a sign between them, as in 2*$name"
        elif word in "\"'" and before in _EQUALITY:
            help = self.unquoted(offset)
            messages = {word: "words are compared without quotes"}
        elif kind == "word" and self.text[offset - 1 : offset] == before == "-":
            help = "names of vars and arguments have no -, but _"
        else:
            help = HELPS.get(before + word) or HELPS.get(word, "")
        found = f'found "{quote(word)}"' if kind != "end" else "the expression ends"
        message = messages.get(word, f"{found} where {wanted} is expected")
        return Reject(codes.EXPRESSION, message, help=help, offset=offset, width=len(word))

    def unquoted(self, offset: int) -> str:
        """What to write for `"fcn"`, a word in quotes."""
        quoted = re.match(r"(['\"])([A-Za-z_]\w*)\1", self.text[offset:])
        if quoted is None:
            return "only a word of letters, digits and _ can be compared"
        return Edit(f"write {quote(quoted[2])}", quoted[2], quoted[0])

    def disjunction(self) -> Evaluate:
        run = self.conjunction()
        while self.take("or"):
            run = _logic(run, self.conjunction(), stop=True)
        return run

    def conjunction(self) -> Evaluate:
        run = self.negation()
        while self.take("and"):
            run = _logic(run, self.negation(), stop=False)
        return run

    def negation(self) -> Evaluate:
        if self.take("not"):
            with_not = self.nested(self.negation)
            return lambda names: not _boolean(with_not(names))
        return self.comparison()

    def comparison(self) -> Evaluate:
        left = self.sum()
        sign = self.take("==", "!=", "<", "<=", ">", ">=")
        return _binary(sign, left, self.sum()) if sign else left

    def sum(self) -> Evaluate:
        run = self.product()
        while sign := self.take("+", "-"):
            run = _binary(sign, run, self.product())
        return run

    def product(self) -> Evaluate:
        run = self.unary()
        while sign := self.take("*", "//", "/", "%"):
            run = _binary(sign, run, self.unary())
        return run

    def unary(self) -> Evaluate:
        if self.take("-"):
            positive = self.nested(self.unary)
            return lambda names: -_number(positive(names))
        return self.atom()

    def atom(self) -> Evaluate:
        kind, word, offset = self.tokens[self.index]
        if kind == "number":
            self.index += 1
            value = _literal(word, offset)
            return lambda names: value
        if kind == "name":
            self.index += 1
            self.uses_names = True
            return _name(word, offset - 1)
        if kind == "size":
            self.index += 1
            self.uses_names = True
            return _size(word, offset)
        if self.take("("):
            inside = self.nested(self.disjunction)
            self.expect(")")
            return inside
        if kind == "word" and word in ("true", "false"):
            self.index += 1
            return lambda names: word == "true"
        if kind == "word" and self.is_compared():
            self.index += 1
            return lambda names: None if word == NONE else word
        if kind == "word" and word in FUNCTIONS:
            return self.call(word, offset)
        if kind == "word" and self.tokens[self.index + 1][1] == "(":
            functions = enumerated([*FUNCTIONS])
            raise self.unexpected(
                "a number", {word: f"there is no function {quote(word)}; there are {functions}"}
            )
        raise self.unexpected("a number")

    def is_compared(self) -> bool:
        """Whether the next token stands alone on one side of == or !=, where it may be a word."""
        signs = {self.tokens[i][1] for i in (self.index - 1, self.index + 1) if i >= 0}
        return not signs.isdisjoint(_EQUALITY) and self.tokens[self.index + 1][1] != "("

    def call(self, word: str, offset: int) -> Evaluate:
        self.index += 1
        self.expect("(")
        arguments = [self.nested(self.disjunction)]
        while self.take(","):
            arguments.append(self.nested(self.disjunction))
        self.expect(")")
        function, least, most = FUNCTIONS[word]
        if not least <= len(arguments) <= most:
            wanted = "one number" if most == 1 else "two numbers"
            raise Reject(codes.EXPRESSION, f"{word} takes {wanted}", offset=offset)
        return lambda names: _checked(function(*[_number(run(names)) for run in arguments]))

    def nested(self, rule: Callable[[], Evaluate]) -> Evaluate:
        self.depth += 1
        if self.depth > 30:
            raise Reject(codes.LIMIT, "an expression nested deeper than 30 levels")
        run = rule()
        self.depth -= 1
        return run


def _literal(word: str, offset: int) -> Number:
    if len(word) > 1 and word[0] == "0" and word[1] != ".":
        raise Reject(
            codes.EXPRESSION,
            f"{quote(word)} has a leading zero",
            help=Edit(
                "write the number without it; some YAML readers take it for base 8",
                word.lstrip("0") or "0",
                word,
                safe=False,
            ),
            offset=offset,
            width=len(word),
        )
    whole = word.split(".")[0]
    if len(whole) > 13 or int(whole) > MAX_NUMBER:
        shown = whole if len(whole) <= 20 else f"a number of {len(whole):,} digits"
        raise Reject(codes.LIMIT, f"{shown} is larger than 10^12", offset=offset)
    if len(word) > 40:
        raise Reject(codes.LIMIT, f"a decimal of {len(word):,} digits is too long", offset=offset)
    if word.isdigit():
        return int(word)
    from fractions import Fraction

    return _checked(Fraction(word))


def _name(name: str, offset: int) -> Evaluate:
    """`$name`: its value among the names in scope."""

    def run(names: Names) -> Any:
        try:
            value = names[name]
        except KeyError:
            raise refusal(*_unknown(name, names)) from None
        if value is UNKNOWN:
            raise Silenced
        if value is LATER:
            help = "values are worked out from the top to the bottom"
            raise refusal(f"${name} stands further down", help)
        return value

    def refusal(message: str, help: str) -> Reject:
        return Reject(codes.EXPRESSION, message, help=help, offset=offset, width=len(name) + 1)

    return run


def _unknown(name: str, names: Names) -> tuple[str, str]:
    """What is wrong with a name that nothing has, and what was meant."""
    known = ", ".join(f"${known}" for known in islice(names, 8))
    help = "declare it under vars:" if known in ("", "$in") else f"known: {known}"
    if name == "in":
        help = (
            "it is the channels of the one volume that enters; $name.channels are those of another"
        )
    return f"${name} is not known here", did_you_mean(name, names, "$") or help


def _size(text: str, offset: int) -> Evaluate:
    """`$x.height`: a size or the channels of the volume that x gives."""
    name, _, measure = text[1:].rpartition(".")
    if measure not in MEASURES:
        raise Reject(
            codes.EXPRESSION,
            f"a volume has {enumerated([*MEASURES])}, not {quote(measure)}",
            help=did_you_mean(measure, MEASURES),
            offset=offset + len(text) - len(measure),
            width=len(measure),
        )
    name = name.strip("()")

    def run(names: Names) -> int:
        volume_of: Callable[[str], Volume] | None = getattr(names, "volume", None)
        try:
            if volume_of is None:
                raise Reject(codes.EXPRESSION, "volumes are known among the items only")
            volume = volume_of(name)
            if measure not in volume.measures:
                has = enumerated([*volume.measures])
                message = f"{quote(name)} gives {volume.text()}, which has {has}, no {measure}"
                raise Reject(codes.EXPRESSION, message)
        except Reject as reject:
            reject.offset, reject.width = offset, len(text)
            raise
        return volume.measures[measure]

    return run


def _checked(value: Number) -> Number:
    """Whole results as int; numbers beyond all use are refused before they grow further."""
    if type(value) is int and -_MAX_RESULT <= value <= _MAX_RESULT:
        return value
    if abs(value.numerator) > _MAX_RESULT or value.denominator > _MAX_RESULT:
        raise Reject(codes.LIMIT, "the expression comes to a number beyond 10^24")
    return value.numerator if value.denominator == 1 else value


def _number(value: Any) -> Number:
    if isinstance(value, bool) or not (isinstance(value, int) or is_fraction(value)):
        raise Reject(codes.EXPRESSION, f"{show(value)} is not a number")
    return value


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Reject(codes.EXPRESSION, f"{show(value)} is neither true nor false")
    return value


def _logic(left: Evaluate, right: Evaluate, stop: bool) -> Evaluate:
    """`or` stops at true, `and` at false; both sides must be booleans where they are read."""

    def run(names: Names) -> bool:
        return stop if _boolean(left(names)) is stop else _boolean(right(names))

    return run


def _binary(sign: str, left: Evaluate, right: Evaluate) -> Evaluate:
    if sign in ("==", "!="):
        return lambda names: _equal(left(names), right(names)) is (sign == "==")
    work = _WORK[sign]
    divides = sign in ("/", "//", "%")

    def run(names: Names) -> Any:
        first = left(names)
        if type(first) is not int:
            first = _number(first)
        second = right(names)
        if type(second) is not int:
            second = _number(second)
        if divides and second == 0:
            raise Reject(codes.EXPRESSION, f"{show(first)} {sign} 0: division by zero")
        result = work(first, second)
        return result if type(result) is bool else _checked(result)

    return run


def _fraction(number: Number, divisor: Number) -> Fraction:
    from fractions import Fraction

    return Fraction(number) / divisor


def _equal(left: Any, right: Any) -> bool:
    if type(left) is type(right) is int:
        return left == right
    if any(value is None or isinstance(value, str) for value in (left, right)):
        return bool(left == right)
    if isinstance(left, bool) or isinstance(right, bool):
        return _boolean(left) is _boolean(right)
    return _number(left) == _number(right)


_WORK: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": _fraction,
    "//": operator.floordiv,
    "%": operator.mod,
}


def _divisible(number: Number, divisor: Number) -> int:
    if not isinstance(divisor, int) or divisor < 1:
        raise Reject(codes.EXPRESSION, "divisible rounds to a multiple of a whole number above 0")
    return divisible(number, divisor)


FUNCTIONS: dict[str, tuple[Callable[..., Number], int, int]] = {
    "min": (min, 2, 99),
    "max": (max, 2, 99),
    "floor": (floor, 1, 1),
    "ceil": (ceil, 1, 1),
    "round": (lambda number: (2 * number + 1) // 2, 1, 1),  # half up
    "divisible": (_divisible, 2, 2),
}
