"""Which problems are left out: --select, --ignore, and comments in the spec.

    - conv: {filters: 8, kernel: 2, stride: 3}    # cnncalc: ignore[skipped-pixels]

A comment is about the findings of its own line, and names them by code or name. It reaches rules
and the spec's own expectations. Errors of a spec that cannot be built are always reported: without
a network nothing else has been checked. So are budgets, which are the project's and not the spec's.
"""

import re
from collections.abc import Iterable
from contextlib import suppress
from itertools import islice
from typing import NamedTuple

from cnncalc import problems as codes
from cnncalc.advice import Edit
from cnncalc.checks.rules import all_codes
from cnncalc.language.source import Source
from cnncalc.problems import Code, Problem, Problems, TooManyErrors, by_place
from cnncalc.wording import did_you_mean, fold, quote

_PREFIX = r"CNN\d\d?"
_COMMENT = r"#[ \t]*cnncalc:[ \t]*(?P<word>[\w-]*)[ \t]*(?P<codes>\[[^\]\r\n]*\]?)?"


class UnknownCode(ValueError):
    """A code or name that no problem has, or that of a problem which cannot be ignored."""

    def __init__(self, message: str, help: str = "") -> None:
        super().__init__(f"{message}; {help}" if help else message)
        self.message = message
        self.help = help


def find_codes(word: str) -> list[Code]:
    """What CNN301, uneven-window or CNN3 stand for; raises UnknownCode."""
    known, upper = all_codes(), word.upper()
    if upper in known:
        return [known[upper]]
    found = [code for code in known.values() if fold(code.name) == fold(word)]
    if re.fullmatch(_PREFIX, upper):
        found = [code for code in known.values() if code.code.startswith(upper)]
    if not found:
        words = [*known, *(code.name for code in known.values())]
        guess = did_you_mean(f"CNN{word}" if word.isdecimal() else word[:40], words)
        message = f"no problem has the code or name {quote(word)}"
        raise UnknownCode(message, guess or "cnncalc rules lists them")
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

    def over(self, other: "Selection") -> "Selection":
        """This one, and where it says nothing the other."""
        select = other.select if self.select is None else self.select
        return Selection(select, self.ignore | other.ignore)

    def wants(self, code: Code) -> bool:
        """Whether a code is selected and not ignored."""
        return (self.select is None or code.code in self.select) and code.code not in self.ignore

    def keeps(self, problem: Problem) -> bool:
        """Whether a problem is reported: budgets that nobody wants are not even judged."""
        return problem.code.fatal or problem.code.demanded or self.wants(problem.code)


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
    alone: bool  # whether its comment names no other code


def without_ignored(source: Source, problems: list[Problem]) -> list[Problem]:
    """The problems that no comment of the source silences."""
    silent = {(ignore.line, ignore.code) for ignore in _Comments(source, problems).ignores}
    return [problem for problem in problems if not _is_silent(problem, source, silent)]


def _is_silent(problem: Problem, source: Source, silent: set[tuple[int, Code]]) -> bool:
    """Whether a comment of the source is on its line; one of another file has its own comments."""
    return problem.span.source is source and (problem.line, problem.code) in silent


def apply_ignores(
    source: Source, problems: list[Problem], *, compared: bool = False
) -> tuple[list[Problem], list[Problem]]:
    """The problems to report, and those that a comment silences.

    To report are also what is wrong with the comments, by place. `problems` are all that was found
    in the source, in every variant: a comment that silences none of them is reported. `compared`
    says whether the spec was compared with the code of its network.
    """
    comments = _Comments(source, problems)
    if not comments.ignores and not len(comments.refused):
        return problems, []
    silent = {(ignore.line, ignore.code) for ignore in comments.ignores}
    kept: list[Problem] = []
    ignored: list[Problem] = []
    for problem in problems:
        (ignored if _is_silent(problem, source, silent) else kept).append(problem)
    kept += comments.refused.sorted()
    # Where no network could be built the rules have not seen everything.
    if not any(problem.code.fatal for problem in problems):
        found = {(problem.line, problem.code) for problem in problems}
        unused = (
            ig for ig in comments.ignores
            if (ig.line, ig.code) not in found and (compared or not ig.code.compared)
        )  # fmt: skip
        kept += [_unused(source, ignore) for ignore in islice(unused, codes.MAX_ERRORS)]
    return sorted(kept, key=by_place), ignored


def _unused(source: Source, ignore: Ignore) -> Problem:
    alone = source.line(ignore.line).lstrip().startswith("#")
    return Problem(
        codes.UNUSED_IGNORE,
        f"nothing on this line is {ignore.code.code} ({ignore.code.name})",
        source.span(ignore.start, ignore.end),
        help="put it at the end of the line it is about" if alone else _deletion(source, ignore),
    )


def _deletion(source: Source, ignore: Ignore) -> Edit:
    """The advice to delete a code from its comment; the whole comment where no other is in it."""
    start, end = ignore.start, ignore.end
    if ignore.alone:
        line = source.offset(ignore.line)
        comment = source.text.rindex("#", line, start)
        start = line + len(source.text[line:comment].rstrip())
        end = line + len(source.line(ignore.line))
    elif comma := re.compile(r"\s*,\s*").match(source.text, end):
        end = comma.end()
    else:  # the last of several
        start = source.text.rindex(",", 0, start)
    return Edit("delete it", "", at=(start, end))


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
                from cnncalc.language.comments import in_comments  # reads the text once more

                for found in in_comments(source, _COMMENT):
                    self.read(found)

    def read(self, found: re.Match[str]) -> None:
        word, written = found["word"], found["codes"] or ""
        names = list(re.finditer(r"[^\s,\[\]][^,\[\]]*(?<!\s)", written))
        if word == "ignore" and names and written.endswith("]"):
            shift = found.start("codes")
            for name in names:
                place = shift + name.start(), shift + name.end()
                self.name(name[0], *place, alone=len(names) == 1)
        elif word == "ignore":
            message = "an ignore without codes in brackets would hide everything on its line"
            self.refuse(found.start(), found.end(), message, self.example(found))
        elif written:
            message = f"{quote(word)} is nothing that a comment can ask for"
            self.refuse(found.start(), found.end(), message, self.example(found))

    def example(self, found: re.Match[str]) -> str:
        """What to write, with the codes of what was found on the line."""
        line = self.source.span(found.start()).line
        names = {
            problem.code.code: 0
            for problem in self.problems
            if problem.line == line and not (problem.code.fatal or problem.code.demanded)
        }
        return f"write # cnncalc: ignore[{', '.join(names) or 'CODE'}]"

    def name(self, word: str, start: int, end: int, *, alone: bool) -> None:
        try:
            code, *more = find_codes(word)
        except UnknownCode as error:
            self.refuse(start, end, error.message, error.help)
            return
        if more:
            help = f"name those that are meant: {code.code}, {more[0].code}, ..."
            self.refuse(start, end, f"{quote(word)} stands for several codes", help)
        elif code.fatal:
            self.refuse(start, end, _never_ignored(word))
        elif code.demanded:
            why, help = "the model is not compared", "delete this, and mend what the message says"
            if code is codes.BUDGET:
                why = "its budgets are set by the project"
                help = "delete this, and raise the budget where it is set"
            self.refuse(start, end, f"a spec cannot ignore {quote(word)}: {why}", help)
        else:
            self.ignores.append(Ignore(code, self.source.span(start).line, start, end, alone))

    def refuse(self, start: int, end: int, message: str, help: str = "") -> None:
        span = self.source.span(start, end)
        self.refused.add(Problem(codes.BAD_IGNORE, message, span, help=help))
