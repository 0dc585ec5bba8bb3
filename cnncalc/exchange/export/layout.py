"""Python source as formatters leave it: lines of at most 88 columns, brackets opened where needed.

Code is a text that is not broken, or brackets with parts. A statement is a text, a line in which
brackets may be opened, or a suite: a header and what stands below it.
"""

import textwrap
from collections.abc import Iterable, Iterator
from typing import NamedTuple, TypeAlias

COLUMNS = 88
_INDENT = "    "


class Brackets(NamedTuple):
    """A call, a list, a tuple or a mapping; `head` is what is called."""

    head: "Code"
    parts: tuple[tuple[str, "Code"], ...]  # each with what stands before it, such as `filters=`
    ends: str = "()"
    is_row: bool = False  # a tuple, where one part has a comma behind it

    @property
    def is_display(self) -> bool:
        """Whether it is a list, tuple or mapping of several parts: open, each has a line."""
        return len(self.parts) > 1 and (self.is_row or self.ends != "()")

    @property
    def inside(self) -> str:
        """What stands between the brackets, on one line."""
        inside = ", ".join(f"{before}{part}" for before, part in self.parts)
        return f"{inside}," if self.is_row and len(self.parts) == 1 else inside

    def __str__(self) -> str:
        return f"{self.head}{self.ends[0]}{self.inside}{self.ends[1]}"


class Line(NamedTuple):
    """A statement with brackets in it: `x = `, the code, and what stands after it."""

    before: str
    code: "Code"
    after: str = ""


class Suite(NamedTuple):
    """A statement with others below it, such as `if` and `def`."""

    header: str | Line
    body: "list[Statement]"


Code: TypeAlias = "str | Brackets"
Statement: TypeAlias = "str | Line | Suite"


def call(function: Code, *parts: Code, **named: Code) -> Brackets:
    """A call; a part that is "" is left out."""
    both = [*(("", part) for part in parts), *((f"{name}=", part) for name, part in named.items())]
    return Brackets(function, tuple(pair for pair in both if pair[1] != ""))


def listing(parts: Iterable[Code]) -> Brackets:
    """[a, b]"""
    return Brackets("", tuple(("", part) for part in parts), "[]")


def row(parts: Iterable[Code]) -> Brackets:
    """(a, b)"""
    return Brackets("", tuple(("", part) for part in parts), is_row=True)


def mapping(parts: Iterable[tuple[str, Code]]) -> Brackets:
    """{key: value}; the keys are Python texts."""
    return Brackets("", tuple((f"{key}: ", part) for key, part in parts), "{}")


def source(statements: Iterable[Statement]) -> str:
    """The text of a file. Functions and classes stand two lines apart."""
    return "\n".join(_spaced([*statements], "", 2)) + "\n"


def _spaced(statements: list[Statement], indent: str, gap: int) -> Iterator[str]:
    """The lines of statements, with `gap` empty lines around functions and classes."""
    before: Statement | None = None
    for statement in statements:
        if before is not None and (_is_definition(statement) or _is_definition(before)):
            decorated = isinstance(before, str) and before.startswith("@")
            yield from [""] * (0 if decorated else gap)
        yield from _lines(statement, indent)
        before = statement


def _is_definition(statement: Statement) -> bool:
    if isinstance(statement, str):
        return statement.startswith("@")
    if isinstance(statement, Line):
        return False
    header = statement.header
    text = header if isinstance(header, str) else header.before
    return text.startswith(("def ", "class "))


def _lines(statement: Statement, indent: str) -> Iterator[str]:
    if isinstance(statement, str):
        for line in statement.split("\n"):
            yield f"{indent}{line}" if line else ""
    elif isinstance(statement, Line):
        yield from _broken(indent, *statement)
    else:
        yield from _lines(statement.header, indent)
        yield from _spaced(statement.body, indent + _INDENT, 1)


def _broken(indent: str, before: str, code: Code, after: str) -> Iterator[str]:
    """A line, with its brackets opened where it is too long."""
    flat = f"{indent}{before}{code}{after}"
    if len(flat) <= COLUMNS or isinstance(code, str) or not _opens(code):
        yield flat
    elif isinstance(code.head, Brackets) and _opens(code.head):
        yield from _broken(indent, before, code.head, f"{code._replace(head='')}{after}")
    else:
        yield f"{indent}{before}{code.head}{code.ends[0]}"
        inside = f"{indent}{_INDENT}{code.inside}"
        # Formatters would rather break the call that follows, where that is enough.
        follows = after.startswith("(") and len(flat) - len(after) < COLUMNS
        if len(inside) <= COLUMNS and not code.is_display and not follows:
            yield inside
        else:
            for name, part in code.parts:
                yield from _broken(indent + _INDENT, name, part, ",")
        yield f"{indent}{code.ends[1]}{after}"


def _opens(code: Brackets) -> bool:
    """Whether there are brackets with something in them."""
    return bool(code.parts) or (isinstance(code.head, Brackets) and _opens(code.head))


def literal(text: str) -> str:
    """A text as a Python literal on one line, in the quotes that formatters prefer."""
    double = text.count('"') <= text.count("'")
    quote = '"' if double else "'"
    inside = _escaped(text).replace(quote, f"\\{quote}")
    return f"{quote}{inside}{quote}"


def _escaped(text: str) -> str:
    """Without a sign that is not printed, that ends a line or that has a meaning in a literal."""
    return "".join(
        sign if sign.isprintable() and sign != "\\" else sign.encode("unicode_escape").decode()
        for sign in text
    )


def docstring(paragraphs: Iterable[str], indent: int = 0) -> str:
    """A docstring, each paragraph a text of any content."""
    width = COLUMNS - len(_INDENT) * indent
    texts = [_plain(text) for text in paragraphs]
    wrapped = [_wrapped(text, width - 3 * (not place)) for place, text in enumerate(texts) if text]
    if not wrapped:
        return '""""""'
    if len(wrapped) == 1 and len(wrapped[0]) == 1:
        wrapped = [_wrapped(texts[0], width - 6)]
        if len(wrapped[0]) == 1:
            return f'"""{wrapped[0][0]}"""'
    return '"""' + "\n\n".join("\n".join(lines) for lines in wrapped) + '\n"""'


def _plain(text: str) -> str:
    """A paragraph in which nothing can end the docstring."""
    return _escaped(" ".join(text.split())).replace('"', "'")


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)
