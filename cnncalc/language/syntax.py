"""From text to a tree of nodes, by the YAML parser's events; the only importer of yaml.

Events, not `yaml.load` or `yaml.compose`: those recurse until the interpreter crashes, drop
duplicate keys, lose positions and type scalars by YAML 1.1 (010 is 8, 3:30 is 210, no is false).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
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
from yaml.parser import ParserError

from cnncalc import problems as codes
from cnncalc.advice import Edit
from cnncalc.language.nodes import MAX_NESTING, Broken, Mapping, Node, Scalar, Sequence
from cnncalc.language.source import Source
from cnncalc.problems import Problem, Problems, Related, TooManyErrors
from cnncalc.wording import quote

MAX_SCALAR = 4_000
MAX_EVENTS = 1_000_000  # words and brackets; what has more would take all memory to be refused
_YAML_TAG = "tag:yaml.org,2002:"

_SLOW: Any = yaml.SafeLoader  # written in Python, and the same in every version of PyYAML
_FAST: Any = getattr(yaml, "CSafeLoader", _SLOW)  # libyaml, where PyYAML comes with it
_SLOW_READS = 100_000  # characters, half a second, that the slow parser reads after the fast one
# An escape of half a character, which libyaml refuses but the parser in Python reads; the half.
_ESCAPE, _HALF = r"\\[uU](?=(?:0000)?[dD][89a-fA-F])", "[\ud800-\udfff]"
# What YAML does not allow; written as the few that are bad, since a class of all good ones takes
# milliseconds to compile.
_UNPRINTABLE = "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]"


class _Stop(Exception):
    """A parser cannot read on."""

    def __init__(self, given: int, at: int, begun: int, between_words: bool) -> None:
        self.given = given  # events before
        self.at = at  # the first character that it cannot take
        self.begun = begun  # where what it was reading begins; `at` where it does not say
        self.between_words = between_words  # whether the words are good, but not in this order


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
    text = _with_blanks(source.text)
    try:
        try:
            return _Builder(source, problems).build(_events(_FAST, text))
        except _Stop as stop:  # what is found twice is reported once
            return _Builder(source, problems).build(_slow_events(text, stop))
    except (_UnreadableError, TooManyErrors):
        return None
    except _Stop as stop:
        from cnncalc.language.slips import explain  # only needed here, and seldom

        problems.add(explain(source, stop.at, stop.begun, stop.between_words))
        return None


def _unprintable(text: str) -> re.Match[str] | None:
    """The first character that YAML does not allow."""
    if all(map(str.isprintable, set(text) - {"\n"})):  # nearly always, and known at once
        return None
    return re.search(_UNPRINTABLE, text)


def _with_blanks(text: str) -> str:
    """A text with blanks for tabs, but for those in the indentation.

    YAML allows them, and libyaml, but not the parser in Python.
    """
    if "\t" not in text:
        return text
    return re.sub(r"(?m)^([ ?\t-]*)(.*)", lambda line: line[1] + line[2].replace("\t", " "), text)


def _events(loader_class: Any, text: str) -> Iterator[Any]:
    """The events of a text, then a _Stop where it is no YAML."""
    loader, given = loader_class(text), 0
    try:
        while loader.check_event():
            yield loader.get_event()
            given += 1
    except yaml.MarkedYAMLError as error:
        mark: Any = error.problem_mark
        begun = error.context_mark or mark
        raise _Stop(given, mark.index, begun.index, type(error) is ParserError) from None
    except (ValueError, OverflowError):  # the parser in Python, of an escape like \UFFFFFFFF
        raise _Stop(given, loader.index, loader.index, False) from None


def _slow_events(text: str, fast: _Stop) -> Iterator[Any]:
    """The events of the parser in Python, where the fast one stopped.

    Versions of libyaml differ in their limits, in how far they read ahead, and in the places and
    words of their errors. So the parser in Python has the last word, unless it would have to read
    for too long or stops where the fast one went on.
    """
    if _FAST is _SLOW or fast.at >= _SLOW_READS:
        raise fast
    try:
        for event in _events(_SLOW, text[:_SLOW_READS]):
            if event.end_mark.index >= _SLOW_READS:
                raise fast
            yield event
    except _Stop as slow:
        is_worse = slow.given < fast.given or slow.at >= _SLOW_READS
        raise (fast if is_worse else slow) from None


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
        for event in islice(events, MAX_EVENTS):
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
                return self.root
        for event in events:
            self.refuse(
                event, codes.LIMIT, f"more than {MAX_EVENTS:,} words and brackets", "use blocks"
            )
            raise _UnreadableError
        return self.root

    def scalar(self, event: Any) -> None:
        start, end = event.start_mark.index, event.end_mark.index
        text, style = event.value, event.style
        if start == end:  # nothing; libyaml has it before the next sign, the other after the colon
            start = end = self.source.next_sign(end)
        plain = (event.anchor is None and event.tag is None) or self.check_plain(event)
        if len(text) > MAX_SCALAR:
            self.refuse(event, codes.LIMIT, f"a text of {len(text):,} characters, more than 4,000")
            plain = False
        elif style == '"' and not text.isascii() and re.search(_HALF, text):
            escape = re.compile(_ESCAPE).search(self.source.text, start, end)
            raise _Stop(0, escape.end() if escape else start, start, False)
        self.add(Scalar(start, end, text, bool(style)) if plain else Broken(start, end))

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
        help: str = Edit("quote the expression", f'"{text}"')
        if text[0].isdigit():
            plain = text.replace(",", "")
            help = Edit(f"write {plain}", plain)
        elif re.fullmatch(r"\([^()]*\)", text):
            help = Edit(f"write [{quote(text[1:-1])}]", f"[{text[1:-1]}]")
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
                self.named(f"the value of a var or argument is written ${name}", event.anchor),
            )
        self.add(Broken(event.start_mark.index, event.end_mark.index))

    def named(self, help: str, name: str) -> str:
        """The advice to write $name, an edit where the text has such a key."""
        if name[0].isdigit():
            return "names of vars and arguments are written $name"
        known = re.search(rf"\b{re.escape(name)}:", self.source.text)
        return Edit(help, f"${name}", f"*{name}", safe=False) if known else help

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
            help = Edit("leave it out", "", f"{tag} ") if tag[2:].isalpha() else "leave it out"
        elif tag.startswith("!="):
            help = "quote the expression"
        elif (meant := f"{tag[1:]} {getattr(event, 'value', '')}".strip()).startswith(("$", "(")):
            help = Edit(f"write not {quote(meant)}", "not ", "!")
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
