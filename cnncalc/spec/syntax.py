"""From text to a tree of nodes, by the YAML parser's events; the only importer of yaml.

Events, not `yaml.load` or `yaml.compose`: those recurse until the interpreter crashes, drop
duplicate keys, lose positions and type scalars by YAML 1.1 (010 is 8, 3:30 is 210, no is false).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from cnncalc import problems as codes
from cnncalc.problems import Problem, Problems, Related
from cnncalc.spec.node import Broken, Mapping, Node, Scalar, Sequence
from cnncalc.spec.source import Source
from cnncalc.wording import quote

MAX_NESTING = 60
MAX_SCALAR = 4_000

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# What YAML does not allow; written as the few that are bad, since a class of all good ones takes
# milliseconds to compile.
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]"
)


class _UnreadableError(Exception):
    """Nothing after this point can be read."""


def parse(source: Source, problems: Problems) -> Node | None:
    """The tree of the only document in `source`, or None where it cannot be read at all."""
    unprintable = _UNPRINTABLE.search(source.text)
    if unprintable:
        problems.add(
            Problem(
                codes.SYNTAX,
                f"a control character, {ascii(unprintable[0])[1:-1]}",
                source.span(unprintable.start()),
                help="delete it; it may be invisible in an editor",
            )
        )
        return None
    try:
        return _Builder(source, problems).build(yaml.parse(source.text, Loader=_LOADER))
    except _UnreadableError:
        return None
    except yaml.MarkedYAMLError as error:
        problems.add(_syntax_problem(source, error))
        return None


class _Builder:
    """Puts the nodes together and refuses what a spec does not need of YAML."""

    def __init__(self, source: Source, problems: Problems) -> None:
        self.source = source
        self.problems = problems
        self.root: Node | None = None
        self.open: list[tuple[Mapping | Sequence, Node | None]] = []  # with a mapping's open key

    def build(self, events: Iterator[Any]) -> Node | None:
        for event in events:
            kind = type(event)
            if kind is ScalarEvent:
                self.scalar(event)
            elif kind is MappingStartEvent:
                self.enter(event, Mapping(event.start_mark.index, event.end_mark.index))
            elif kind is SequenceStartEvent:
                self.enter(event, Sequence(event.start_mark.index, event.end_mark.index))
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                self.leave(event)
            elif kind is AliasEvent:
                self.alias(event)
            elif kind is DocumentStartEvent and self.root is not None:
                self.refuse(
                    event, codes.UNSUPPORTED_YAML, "a second document", "one file is one spec"
                )
                break
        return self.root

    def scalar(self, event: Any) -> None:
        start, end = event.start_mark.index, event.end_mark.index
        text = event.value
        if event.anchor is not None or event.tag is not None:
            self.check_plain(event)
        if len(text) > MAX_SCALAR:
            self.refuse(event, codes.LIMIT, f"a text of {len(text):,} characters, more than 4,000")
            self.add(Broken(start, end))
        else:
            self.add(Scalar(start, end, text, bool(event.style)))

    def enter(self, event: Any, node: Mapping | Sequence) -> None:
        if event.anchor is not None or event.tag is not None:
            self.check_plain(event)
        if len(self.open) >= MAX_NESTING:
            self.refuse(
                event, codes.LIMIT, f"nested deeper than {MAX_NESTING} levels", "use blocks"
            )
            raise _UnreadableError
        self.open.append((node, None))

    def leave(self, event: Any) -> None:
        node, _ = self.open.pop()
        node.end = max(node.start, event.end_mark.index)
        self.add(node)

    def add(self, node: Node) -> None:
        if not self.open:
            self.root = node
            return
        parent, key = self.open[-1]
        if isinstance(parent, Sequence):
            parent.items.append(node)
        elif key is None:
            self.open[-1] = (parent, node)
        else:
            self.open[-1] = (parent, None)
            self.add_pair(parent, key, node)

    def add_pair(self, mapping: Mapping, key: Node, value: Node) -> None:
        if isinstance(key, Broken):
            return
        if not isinstance(key, Scalar):
            curly = isinstance(key, Mapping)
            self.problem(
                key,
                codes.STRUCTURE,
                f"a key must be a word, not {key.what}",
                "names of vars and arguments are written $name" if curly else "",
            )
        elif key.text == "<<" and not key.quoted:
            self.problem(
                key, codes.UNSUPPORTED_YAML, "a merge key", "write a block or defaults instead"
            )
        else:
            first = next((name for name, _ in mapping.pairs if name.text == key.text), None)
            if first is None:
                mapping.pairs.append((key, value))
            else:
                self.duplicate(first, key)

    def duplicate(self, first: Scalar, second: Scalar) -> None:
        name = quote(second.text)
        earlier = self.source.span(first.start, first.end)
        self.problems.add(
            Problem(
                codes.DUPLICATE_KEY,
                f"the key {name} stands twice, here and on line {earlier.line}",
                self.source.span(second.start, second.end),
                help="keep one of the two",
                related=(Related(f"the first {name}", earlier),),
            )
        )

    def alias(self, event: Any) -> None:
        self.refuse(
            event,
            codes.UNSUPPORTED_YAML,
            f"*{quote(event.anchor)} is a YAML alias",
            "write a block instead, or quote a text that begins with *",
        )
        self.add(Broken(event.start_mark.index, event.end_mark.index))

    def check_plain(self, event: Any) -> None:
        if event.anchor is not None:
            self.refuse(
                event,
                codes.UNSUPPORTED_YAML,
                f"&{quote(event.anchor)} is a YAML anchor",
                "write a block instead",
            )
        if event.tag is not None:
            self.refuse(
                event,
                codes.UNSUPPORTED_YAML,
                f"{quote(event.tag)} is a YAML tag",
                "leave it out; to write !=, quote the expression",
            )

    def refuse(self, event: Any, code: codes.Code, message: str, help: str = "") -> None:
        start, end = event.start_mark.index, event.end_mark.index
        span = self.source.span(start, end)
        if span.end_line != span.line:
            span = self.source.span(start)
        self.problems.add(Problem(code, message, span, help=help))

    def problem(self, node: Node, code: codes.Code, message: str, help: str = "") -> None:
        self.problems.add(Problem(code, message, self.source.span(node.start, node.end), help=help))


# What the parser says, or the line it stopped at looks like -> what the writer meant, and a fix.
# The first that matches counts; %s is the first group of the pattern on the line.
_EXPLANATIONS: tuple[tuple[str, str, str, str], ...] = (
    ("", r"^ *\t", "a tab in the indentation", "indent with spaces"),
    (
        "",
        r"[:,{\[]\s*\*",
        "a value that begins with * is a YAML alias",
        "names of vars and arguments are written $name",
    ),
    ("", r"\$\{\s*(\w+)", "${%s} is not how names are written", "write $%s"),
    ("", r"\{\{\s*(\w+)", "{{%s}} is not how names are written", "write $%s"),
    (
        "",
        r"([<>]=?) *[\d.]+[kMGBT]?\b",
        "an unquoted %s starts something else in YAML",
        'quote the bound: "%s ..."',
    ),
    (
        "mapping values",
        "",
        "a second colon in one value",
        "quote a text with a colon in it, or put the key on a line of its own",
    ),
    (
        "sequence entries",
        "",
        "a list item that begins on the line of its key",
        "put the - on a line of its own",
    ),
    ("',' or '}'", "", "a { that is not closed", "close it with }, and part its keys by commas"),
    ("',' or ']'", "", "a [ that is not closed", "close it with ], and part its items by commas"),
    ("end of stream", "", "the file ends inside a text or bracket", "close the quote or bracket"),
    (
        "'-' indicator",
        "",
        "a key among the items of a list",
        "indent it as the items' own keys, or begin it with -",
    ),
    (
        "expected key",
        "",
        "this line does not continue what stands before it",
        "align it with the lines it belongs to",
    ),
    ("expected ':'", "", "a key without its colon", "write key: value"),
    ("escape character", "", "a backslash that YAML does not know", "use single quotes"),
    (
        "cannot start any token",
        "",
        "a character that cannot begin a value",
        "quote the value",
    ),
)


def _syntax_problem(source: Source, error: yaml.MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    offset = min(mark.index, len(source.text)) if mark else 0
    span = source.span(offset)
    line = source.line(span.line)
    word = _word_without_colon(source, span.line)
    if word and "mapping values" in (error.problem or ""):
        return Problem(
            codes.SYNTAX,
            f"{quote(word[1])} has keys below it but no colon",
            source.span(word[0], word[0] + len(word[1])),
            help=f"a colon after {quote(word[1])}: - {quote(word[1])}:",
        )
    message, help = _explain(error.problem or "", line)
    # A bracket or quote that is never closed is best shown where it opens.
    if "not closed" in message and error.context_mark is not None:
        span = source.span(error.context_mark.index)
    return Problem(codes.SYNTAX, message, span, help=help)


def _explain(said: str, line: str) -> tuple[str, str]:
    for parser_words, pattern, message, help in _EXPLANATIONS:
        found = re.search(pattern, line)
        if parser_words in said and found:
            word = quote(found[1]) if found.groups() else ""
            return message.replace("%s", word), help.replace("%s", word)
    return "this is not YAML", "check the indentation, brackets and quotes near here"


def _word_without_colon(source: Source, line: int) -> tuple[int, str] | None:
    """`- relu` above an indented key: the parser reads on and trips over the key's colon."""
    for number in range(line - 1, 0, -1):
        text = source.line(number)
        if text.strip():
            found = re.fullmatch(r"\s*-\s+([\w ]+?)\s*", text)
            return (source.offset(number) + found.start(1), found[1]) if found else None
    return None
