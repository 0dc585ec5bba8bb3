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
from cnncalc.problems import Problem, Problems, Related, TooManyErrors
from cnncalc.spec.node import Broken, Mapping, Node, Scalar, Sequence
from cnncalc.spec.source import Source, Span
from cnncalc.wording import quote, visible

MAX_NESTING = 60
MAX_SCALAR = 4_000
MAX_EVENTS = 1_000_000  # words and brackets; what has more would take all memory to be refused
_YAML_TAG = "tag:yaml.org,2002:"

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# What YAML does not allow; written as the few that are bad, since a class of all good ones takes
# milliseconds to compile.
_UNPRINTABLE = "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]"


class _UnreadableError(Exception):
    """Nothing after this point can be read."""


def parse(source: Source, problems: Problems) -> Node | None:
    """The tree of the only document in `source`, or None where it cannot be read at all."""
    if unprintable := _unprintable(source.text):
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
    except (_UnreadableError, TooManyErrors):
        return None
    except yaml.MarkedYAMLError as error:
        problems.add(_syntax_problem(source, error))
        return None


def _unprintable(text: str) -> re.Match[str] | None:
    """The first character that YAML does not allow."""
    if all(map(str.isprintable, set(text) - {"\n"})):  # nearly always, and known at once
        return None
    return re.search(_UNPRINTABLE, text)


class _Builder:
    """Puts the nodes together and refuses what a spec does not need of YAML."""

    def __init__(self, source: Source, problems: Problems) -> None:
        self.source = source
        self.problems = problems
        self.root: Node | None = None
        self.open: list[tuple[Mapping | Sequence, Node | None]] = []  # with a mapping's open key
        self.refused: set[Node] = set()  # of those that are open
        self.anchors: set[str] = set()

    def build(self, events: Iterator[Any]) -> Node | None:
        for number, event in enumerate(events):
            kind = type(event)
            if number == MAX_EVENTS:
                self.refuse(
                    event, codes.LIMIT, f"more than {MAX_EVENTS:,} words and brackets", "use blocks"
                )
                raise _UnreadableError
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
        plain = (event.anchor is None and event.tag is None) or self.check_plain(event)
        if len(text) > MAX_SCALAR:
            self.refuse(event, codes.LIMIT, f"a text of {len(text):,} characters, more than 4,000")
            plain = False
        self.add(Scalar(start, end, text, bool(event.style)) if plain else Broken(start, end))

    def enter(self, event: Any, node: Mapping | Sequence) -> None:
        if (event.anchor is not None or event.tag is not None) and not self.check_plain(event):
            self.refused.add(node)
        if len(self.open) >= MAX_NESTING:
            self.refuse(
                event, codes.LIMIT, f"nested deeper than {MAX_NESTING} levels", "use blocks"
            )
            raise _UnreadableError
        self.open.append((node, None))

    def leave(self, event: Any) -> None:
        node, _ = self.open.pop()
        node.end = max(node.start, event.end_mark.index)
        opening = self.source.text[node.start]
        if isinstance(node, Mapping):
            if opening == "{" and any(map(_is_empty, node.pairs)):
                self.join_pairs(node)
            if len({key.text for key, _ in node.pairs}) < len(node.pairs):
                self.drop_duplicates(node)
        elif opening == "[":
            self.join_items(node)
        self.add(Broken(node.start, node.end) if node in self.refused else node)

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
            if isinstance(key, Scalar) and key.text != "<<":
                parent.pairs.append((key, node))
            else:
                self.refuse_key(parent, key, node)

    def refuse_key(self, mapping: Mapping, key: Node, value: Node) -> None:
        """What is no word cannot be a key; the mapping is then not mentioned again."""
        self.refused.add(mapping)
        if isinstance(key, Mapping):
            inner = " ".join(self.source.text[key.start + 1 : key.end - 1].split())
            self.problem(
                key,
                codes.EXPRESSION,
                f"{{{{{quote(inner)}}}}} is not how names are written",
                f"write ${quote(inner)}",
            )
        elif isinstance(key, Scalar) and not isinstance(value, Broken):
            self.problem(
                key, codes.UNSUPPORTED_YAML, "a merge key", "write a block or defaults instead"
            )
        elif isinstance(key, Sequence):
            self.problem(key, codes.STRUCTURE, f"a key must be a word, not {key.what}")

    def drop_duplicates(self, mapping: Mapping) -> None:
        mapping.incomplete = True
        first: dict[str, Scalar] = {}
        pairs, mapping.pairs = mapping.pairs, []
        for key, value in pairs:
            if first.setdefault(key.text, key) is key:
                mapping.pairs.append((key, value))
            else:
                self.duplicate(first[key.text], key)

    def duplicate(self, first: Scalar, second: Scalar) -> None:
        earlier = self.source.span(first.start, first.end)
        self.problems.add(
            Problem(
                codes.DUPLICATE_KEY,
                f"the key {quote(second.text)} stands twice",
                self.source.span(second.start, second.end),
                help="keep one of the two",
                related=(Related("the first", earlier),),
            )
        )

    # A comma inside { } or [ ] splits what was meant as one value.

    def join_pairs(self, mapping: Mapping) -> None:
        """`{filters: max($a, 8)}` and `{parameters: 60,000}` read as two keys."""
        parts = [(pair[0], True) if _is_empty(pair) else (pair[1], False) for pair in mapping.pairs]
        joined = zip(mapping.pairs, self.join(parts, numbers=True), strict=True)
        mapping.pairs = [
            (key, value if part is key else part) for (key, value), part in joined if part
        ]

    def join_items(self, sequence: Sequence) -> None:
        """`[max($a, 8), 3]` reads as three values."""
        if any(type(item) is Scalar and "(" in item.text for item in sequence.items):
            parts = self.join([(item, True) for item in sequence.items], numbers=False)
            sequence.items = [part for part in parts if part]

    def join(self, parts: list[tuple[Node, bool]], numbers: bool) -> list[Node | None]:
        """Parts that a comma split, put together and refused; None where one was taken in.

        Each part comes with whether it may be the rest of the one before.
        """
        result: list[Node | None] = []
        whole: Broken | None = None
        head, depth, digits = Node(0, 0), 0, False
        for node, may_go_on in parts:
            plain = isinstance(node, Scalar) and not node.quoted
            text = self.source.text[node.start : node.end] if plain else ""
            grouped = digits and re.fullmatch(r"\d{3}", text)
            if may_go_on and result and (depth > 0 or grouped):
                if whole is None:
                    whole = Broken(head.start, node.end)
                    result[-1] = whole
                whole.end = node.end
                depth += text.count("(") - text.count(")")
                result.append(None)
                continue
            if whole is not None:
                self.split_by_comma(whole)
            whole, head, depth = None, node, text.count("(") - text.count(")")
            digits = numbers and re.fullmatch(r"[1-9]\d{0,2}", text) is not None
            result.append(node)
        if whole is not None:
            self.split_by_comma(whole)
        return result

    def split_by_comma(self, node: Broken) -> None:
        text = " ".join(self.source.text[node.start : node.end].split())
        help = "quote the expression"
        if text[0].isdigit():
            help = f"write {text.replace(',', '')}"
        elif re.fullmatch(r"\([^()]*\)", text):
            help = f"write [{quote(text[1:-1])}]"
        message = f"the comma splits {quote(text)} in two"
        if text.count(",") > 1:
            message = f"the commas split {quote(text)}"
        self.problem(node, codes.EXPRESSION, message, help)

    # Anchors, aliases and tags.

    def alias(self, event: Any) -> None:
        if event.anchor not in self.anchors:  # else the anchor is refused already
            name = quote(event.anchor)
            self.refuse(
                event,
                codes.UNSUPPORTED_YAML,
                f"*{name} is a YAML alias",
                f"the value of a var or argument is written ${name}",
            )
        self.add(Broken(event.start_mark.index, event.end_mark.index))

    def check_plain(self, event: Any) -> bool:
        """Refuse an anchor or tag; whether what has it can be read all the same."""
        if event.anchor is not None:
            self.anchors.add(event.anchor)
            self.refuse(
                event,
                codes.UNSUPPORTED_YAML,
                f"&{quote(event.anchor)} is a YAML anchor",
                "write a block or defaults instead",
            )
        if event.tag is None:
            return True
        tag = quote(event.tag.replace(_YAML_TAG, "!!"))
        help = f"write {tag[1:]}: ..."
        if tag.startswith("!!"):
            help = "leave it out"
        elif tag.startswith("!="):
            help = "quote the expression"
        elif tag.startswith("!$"):
            help = f"write not {tag[1:]}"
        self.refuse(event, codes.UNSUPPORTED_YAML, f"{tag} is a YAML tag", help)
        return False

    def refuse(self, event: Any, code: codes.Code, message: str, help: str = "") -> None:
        start, end = event.start_mark.index, event.end_mark.index
        span = self.source.span(start, end)
        if span.end_line != span.line:
            span = self.source.span(start)
        self.problems.add(Problem(code, message, span, help=help))

    def problem(self, node: Node, code: codes.Code, message: str, help: str = "") -> None:
        self.problems.add(Problem(code, message, self.source.span(node.start, node.end), help=help))


def _is_empty(pair: tuple[Scalar, Node]) -> bool:
    """A key without a value."""
    value = pair[1]
    return type(value) is Scalar and not value.text and not value.quoted


# What the parser says, and what the line it stopped at looks like -> what the writer meant, and a
# fix. The first that matches counts. A group of the pattern is what is wrong on the line, else the
# place where the parser stopped; \1, \2 and \3 are the groups.
_EXPLANATIONS: tuple[tuple[str, str, str, str], ...] = (
    ("", r"^ *\t", "a tab in the indentation", "indent with spaces"),
    (
        "",
        r"[:,{\[]\s*(\*)",
        "a value that begins with * is a YAML alias",
        "names of vars and arguments are written $name",
    ),
    ("", r"\$\{\s*(\w{1,40})", r"${\1} is not how names are written", r"write $\1"),
    ("", r"\{\{\s*(\w{1,40})", r"{{\1}} is not how names are written", r"write $\1"),
    (
        "",
        r"([<>]=?) *([\d.]{1,20}[kMGBT]?)\b",
        r"an unquoted \1 starts something else in YAML",
        r'quote the bound: "\1 \2"',
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
    ("end of stream", "", "a quote or bracket that is not closed", "close it"),
    (
        "'-' indicator",
        r"^ *(-) ",
        "this item is not aligned with those above",
        "indent all items of a list alike",
    ),
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
# The same for the text round the place where the parser stopped, marked \0: a group is to blame.
_NEARBY: tuple[tuple[str, str, str], ...] = (
    (r"[^\s,{\[-] +(\w{1,40})\0:", r"a comma is missing before \1", "part keys by commas"),
    (r"\0([}\]])", r"a \1 too many", "delete it"),
    (r"(')\0\w", "the quote ends here", "use double quotes, or write '' for an apostrophe"),
)
# And for the last line before that one with anything on it, where the parser read on.
_LINE_BEFORE: tuple[tuple[str, str, str], ...] = (
    (
        r"\s*(?:- +)?([\w-]{1,40}):([^\s:].{0,80})",
        "a space is missing after the colon",
        r"write \1: \2",
    ),
    (r"\s*- +([\w ]{1,40}?)\s*", r"\1 has keys below it but no colon", r"write - \1:"),
    (r"\s*(\w{1,40})\s*", r"\1 has no colon", r"write \1: if it is a key, - \1 if it is an item"),
)


def _syntax_problem(source: Source, error: yaml.MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    offset = min(mark.index, len(source.text)) if mark else 0
    said = _said(error)
    span = source.span(offset)
    near = source.text[max(0, offset - 50) : offset] + "\0" + source.text[offset : offset + 50]
    found = None
    if "mapping values" in said or "expected ':'" in said:
        found = _line_before(source, span.line)
    elif "expected" in said:
        found = _first(_NEARBY, near, max(0, offset - 50))
    if found is None:
        return _explained(source, error, span)
    message, help, start, end = found
    if source.text[offset : offset + 1] in "}]":  # which stands behind the mark in `near`
        start, end = offset, offset + 1
    return Problem(codes.SYNTAX, visible(message), source.span(start, end), help=help)


def _said(error: yaml.MarkedYAMLError) -> str:
    """What is wrong in the words of the C parser; the one in Python has fewer."""
    if "<block end>" not in (error.problem or ""):
        return error.problem or ""
    in_list = "collection" in (error.context or "")
    return "did not find expected " + ("'-' indicator" if in_list else "key")


Found = tuple[str, str, int, int]


def _first(table: tuple[tuple[str, str, str], ...], text: str, offset: int) -> Found | None:
    """What the first matching row says, and the stretch that its first group is."""
    for pattern, message, help in table:
        found = re.search(pattern, text)
        if found:
            start, end = found.span(1)
            return found.expand(message), found.expand(help), offset + start, offset + end
    return None


def _line_before(source: Source, line: int) -> Found | None:
    for number in range(line - 1, max(0, line - 50), -1):
        text = source.line(number)
        if text.strip():
            table = tuple((rf"^{pattern}$", *rest) for pattern, *rest in _LINE_BEFORE)
            return _first(table, text, source.offset(number))  # type: ignore[arg-type]
    return None


def _explained(source: Source, error: yaml.MarkedYAMLError, span: Span) -> Problem:
    """What the table says of the parser's words."""
    line = source.line(span.line)
    for said, pattern, message, help in _EXPLANATIONS:
        found = re.search(pattern, line)
        if said in _said(error) and found:
            if found.groups():
                message, help = found.expand(message), found.expand(help)
                start = source.offset(span.line) + found.start(1)
                span = source.span(start, start + len(found[1]))
            # A bracket or quote that is never closed is best shown where it opens.
            elif "not closed" in message and error.context_mark is not None:
                span = source.span(error.context_mark.index)
            return Problem(codes.SYNTAX, message, span, help=help)
    help = "check the indentation, brackets and quotes near here"
    return Problem(codes.SYNTAX, "this is not YAML", span, help=help)
