"""What a reader chose not to hear of: --select, --ignore, and comments in the spec.

    - conv: {filters: 8, kernel: 2, stride: 3}    # cnncalc: ignore[skipped-pixels]

A comment is about the findings of its own line, and names them by code or name. Errors of a spec
that cannot be built are always heard of: without a network nothing else has been checked.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from typing import NamedTuple

from cnncalc import problems as codes
from cnncalc.problems import Code, Problem, Problems, TooManyErrors, by_place
from cnncalc.spec.node import Mapping, Node, Sequence
from cnncalc.spec.source import Source
from cnncalc.wording import did_you_mean, fold, quote

_PREFIX = r"CNN\d\d?"
_COMMENT = r"#[ \t]*cnncalc:[ \t]*(?P<word>[\w-]*)[ \t]*(?P<codes>\[[^\]\r\n]*\]?)?"


class UnknownCode(ValueError):
    """A code or name that no problem has, or one that nobody can choose not to hear of."""


def find_codes(word: str) -> list[Code]:
    """What CNN301, uneven-window or CNN3 stand for; raises UnknownCode."""
    from cnncalc.checks.rules import all_codes  # which imports every rule

    known, upper = all_codes(), word.upper()
    if upper in known:
        return [known[upper]]
    found = [code for code in known.values() if fold(code.name) == fold(word)]
    if re.fullmatch(_PREFIX, upper):
        found = [code for code in known.values() if code.code.startswith(upper)]
    if not found:
        words = [*known, *(code.name for code in known.values())]
        guess = did_you_mean(f"CNN{word}" if word.isdecimal() else word[:40], words)
        guess = guess or "cnncalc rules lists them"
        raise UnknownCode(f"no problem has the code or name {quote(word)}; {guess}")
    return found


class Selection(NamedTuple):
    """Which problems are reported: those selected (None: all) but for those ignored, by code."""

    select: frozenset[str] | None = None
    ignore: frozenset[str] = frozenset()

    @classmethod
    def parse(cls, select: Iterable[str] = (), ignore: Iterable[str] = ()) -> "Selection":
        """From codes, their beginnings (CNN3) or names, also several with commas between.

        Raises UnknownCode, whose text says what to write instead.
        """
        selected = [code.code for word in _split(select) for code in find_codes(word)]
        ignored = [code.code for word in _split(ignore) for code in _ignorable(word)]
        return cls(frozenset(selected) if selected else None, frozenset(ignored))

    def keeps(self, problem: Problem) -> bool:
        """Whether a problem is reported."""
        code = problem.code
        selected = self.select is None or code.code in self.select
        return code.fatal or (selected and code.code not in self.ignore)


def _split(words: Iterable[str]) -> list[str]:
    parts = [part.strip() for word in words for part in word.split(",")]
    return [part for part in parts if part]


def _ignorable(word: str) -> list[Code]:
    found = [code for code in find_codes(word) if not code.fatal]
    if not found:
        raise UnknownCode(_never_ignored(word))
    return found


def _never_ignored(word: str) -> str:
    return f"{quote(word)} cannot be ignored: nothing is checked of a spec that cannot be built"


class Ignore(NamedTuple):
    """One code in an ignore comment."""

    code: Code
    line: int
    start: int  # of its word in the text
    end: int


def without_ignored(source: Source, problems: list[Problem]) -> list[Problem]:
    """The problems that no comment of the source silences."""
    silent = {(ignore.line, ignore.code) for ignore in _Comments(source, problems).ignores}
    return [problem for problem in problems if (problem.line, problem.code) not in silent]


def apply_ignores(source: Source, problems: list[Problem]) -> list[Problem]:
    """The problems that no comment silences, and what is wrong with the comments, by place.

    `problems` are all that was found in the source, in every variant: a comment that silences none
    of them is reported.
    """
    comments = _Comments(source, problems)
    if not comments.ignores and not len(comments.refused):
        return problems
    silent = {(ignore.line, ignore.code) for ignore in comments.ignores}
    kept = [problem for problem in problems if (problem.line, problem.code) not in silent]
    kept += comments.refused.sorted()
    # Where no network could be built the rules have not seen everything.
    if not any(problem.code.fatal for problem in problems):
        found = {(problem.line, problem.code) for problem in problems}
        unused = (ig for ig in comments.ignores if (ig.line, ig.code) not in found)
        kept += [_unused(source, ignore) for ignore in islice(unused, codes.MAX_ERRORS)]
    return sorted(kept, key=by_place)


def _unused(source: Source, ignore: Ignore) -> Problem:
    alone = source.line(ignore.line).lstrip().startswith("#")
    return Problem(
        codes.UNUSED_IGNORE,
        f"nothing on this line is {ignore.code.code} ({ignore.code.name})",
        source.span(ignore.start, ignore.end),
        help="put it at the end of the line it is about" if alone else "delete it",
    )


class _Comments:
    """The ignore comments of a source, and those that are refused."""

    def __init__(self, source: Source, problems: list[Problem]) -> None:
        self.source = source
        self.problems = problems
        self.ignores: list[Ignore] = []
        self.refused = Problems()
        # Nearly all files have none and need not be read a second time.
        if "cnncalc:" in source.text:
            with suppress(TooManyErrors):
                for found in _find(source):
                    self.read(found)

    def read(self, found: re.Match[str]) -> None:
        word, written = found["word"], found["codes"] or ""
        names = list(re.finditer(r"[^\s,\[\]][^,\[\]]*(?<!\s)", written))
        if word == "ignore" and names and written.endswith("]"):
            shift = found.start("codes")
            for name in names:
                self.name(name[0], shift + name.start(), shift + name.end())
        elif word == "ignore":
            message = "an ignore without codes in brackets would hide everything on its line"
            self.refuse(found.start(), found.end(), message, self.example(found))
        elif written:
            message = f"{quote(word)} is nothing that a comment can ask for"
            self.refuse(found.start(), found.end(), message, self.example(found))

    def example(self, found: re.Match[str]) -> str:
        """What to write, with the codes of what was found on the line."""
        line = self.source.span(found.start()).line
        names = {p.code.code: 0 for p in self.problems if p.line == line and not p.code.fatal}
        return f"write # cnncalc: ignore[{', '.join(names) or 'CODE'}]"

    def name(self, word: str, start: int, end: int) -> None:
        try:
            code, *more = find_codes(word)
        except UnknownCode as error:
            message, _, help = str(error).partition("; ")
            self.refuse(start, end, message, help)
            return
        if more:
            help = f"name those that are meant: {code.code}, {more[0].code}, ..."
            self.refuse(start, end, f"{quote(word)} stands for several codes", help)
        elif code.fatal:
            self.refuse(start, end, _never_ignored(word))
        else:
            self.ignores.append(Ignore(code, self.source.span(start).line, start, end))

    def refuse(self, start: int, end: int, message: str, help: str = "") -> None:
        span = self.source.span(start, end)
        self.refused.add(Problem(codes.BAD_IGNORE, message, span, help=help))


def _find(source: Source) -> Iterator[re.Match[str]]:
    """The comments that speak to cnncalc; a # inside a text begins none."""
    from cnncalc.spec.syntax import parse

    root = parse(source, Problems())
    if root is None:
        return
    texts = sorted(_texts(root, source.text))
    line, comment = 0, 0  # where the comment of the line begins
    for found in re.finditer(_COMMENT, source.text):
        if line != (line := source.span(found.start()).line):
            comment = _comment(source, line, texts)
        if found.start() >= comment:
            yield found


def _comment(source: Source, line: int, texts: list[tuple[int, int]]) -> int:
    """Where the comment of a line begins; its end where it has none."""
    start, text = source.offset(line), source.line(line)
    signs = (start + sign.start() for sign in re.finditer(r"(?<!\S)#", text))
    return next((sign for sign in signs if not _inside(sign, texts)), start + len(text))


def _texts(root: Node, text: str) -> Iterator[tuple[int, int]]:
    """The stretches of all words and texts."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Sequence):
            waiting += node.items
        elif isinstance(node, Mapping):
            waiting += [part for pair in node.pairs for part in pair]
        elif node.end > node.start:
            on_the_next_line = text[node.start] in "|>"
            yield text.find("\n", node.start) if on_the_next_line else node.start, node.end


def _inside(offset: int, stretches: list[tuple[int, int]]) -> bool:
    index = bisect_right(stretches, offset, key=lambda stretch: stretch[0])
    return index > 0 and offset < stretches[index - 1][1]
