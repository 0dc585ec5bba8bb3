"""Slips of YAML: what was probably meant where a text cannot be read any further.

Told from the place where the parser stopped and the text around it. What the parser says is not
read: its wording differs from one version to the next.
"""

from __future__ import annotations

import re
from typing import Any

from cnncalc import problems as codes
from cnncalc.advice import Edit
from cnncalc.language.expressions import HELPS
from cnncalc.language.nodes import MAX_NESTING
from cnncalc.language.source import Source
from cnncalc.problems import Problem
from cnncalc.wording import visible

# Where a pattern looks: on the line of the stop, on the last line before it that is not blank, at
# the characters around it (\0 marks it), at what was being read, from its first character on.
_LINE, _BEFORE, _AROUND, _READ = "line", "before", "around", "read"

# What was being read, see _reading.
_ANY = ("",)
_WORDS = ("second colon", "key", "quote")
_PARTS = ("{", "[", "items", "keys", "value")

# What holds brackets that are none: quoted texts and comments.
_NO_BRACKETS = r"""(?<![^\s,:{}[\]])(?:"(?:[^"\\]|\\.)*+"|'[^']*+'|#.*)"""

# What was being read, where to look, what it looks like there -> what is wrong, how to mend it.
# The first row that fits counts. Group 1 is what is wrong, and where there is none the stop. With
# one more text in its row, that is what to write for the group `old`; a guess says False.
_SLIPS: tuple[tuple[Any, ...], ...] = (
    (
        _ANY, _LINE, r"^[ ?-]*()(?P<old>\t)", "a tab in the indentation", "indent with spaces",
        "  ", False,
    ),
    (
        ("quote",), _AROUND, r"(\\)[uU]\0(?:0000)?[dD][89a-fA-F]",
        r"an escape from \\ud800 to \\udfff is only half a character",
        "write the character itself",
    ),
    (
        ("quote", "sign"), _AROUND, r"(?<!\\)(?:\\\\)*(\\)[xuU]?\0|\0\\",
        "a backslash that YAML does not know", "use single quotes",
    ),
    (
        ("quote",), _READ, r"""(?s)^(["'])(?:(?<=")(?:[^"\\]|\\.)*+|(?<=')(?:[^']|'')*+)$""",
        "a quote that is not closed", "close it",
    ),
    (
        ("second colon",), _LINE, r"^\s*+- ++(\w{1,40})(?P<old> ?)([{\[].{0,80})",
        r"a colon is missing after \1", r"write \1: \3", ": ",
    ),
    (
        ("second colon",), _LINE, r"^\s*+- ++(\w{1,40}:)(?P<old>)([{\[].{0,80})",
        r"a blank is missing after \1", r"write \1 \3", " ",
    ),
    (
        ("second colon",), _LINE, r"^\s*+(-)(?P<old>)(\w{1,40})",
        "a blank is missing after the -", r"write - \3", " ",
    ),
    (
        _WORDS, _BEFORE, r"^\s*+(-)(?P<old>)(\w[\w ]{0,40})$",
        "a blank is missing after the -", r"write - \3", " ",
    ),
    (
        _WORDS, _BEFORE, r"^\s*+(?:- ++)?([\w-]{1,40})(?P<old>:)([^\s:].{0,80})$",
        "a space is missing after the colon", r"write \1: \3", ": ",
    ),
    (
        _WORDS, _BEFORE, r"^\s*+- ++([\w ]{1,40}?)(?P<old>)\s*$",
        r"\1 has keys below it but no colon", r"write - \1:", ":",
    ),
    (
        _WORDS, _BEFORE, r"^\s*+(\w{1,40})\s*$",
        r"\1 has no colon", r"write \1: if it is a key, - \1 if it is an item",
    ),
    (
        _PARTS, _AROUND, r"[^\s,{\[-](?= +(\w{1,40})\0:)(?P<old> +)",
        r"a comma is missing before \1", "part keys by commas", ", ",
    ),
    (_PARTS, _AROUND, r"\0(?=([}\]]))(?P<old>.)", r"a \1 too many", "delete it", ""),
    (
        _PARTS, _AROUND, r"(')\0\w",
        "the quote ends here", "use double quotes, or write '' for an apostrophe",
    ),
    (
        _ANY, _LINE, r"[:,{\[]\s*(\*)",
        "a value that begins with * is a YAML alias",
        "names of vars and arguments are written $name",
    ),
    (
        _ANY, _LINE, r"\$(?=\{\s*(\w{1,40}))(?P<old>\{\s*\w+\s*\})?",
        r"${\1} is not how names are written", r"write $\1", r"\1",
    ),
    (
        _ANY, _LINE, r"(?=\{\{\s*(\w{1,40}))(?P<old>\{\{\s*\w+\s*\}\})?",
        r"{{\1}} is not how names are written", r"write $\1", r"$\1",
    ),
    (
        _ANY, _LINE, r"(?=([<>]=?) *([\d.]{1,20}[kMGBT]?)\b)(?P<old>[<>=]+ *[\w.]+)",
        r"an unquoted \1 starts something else in YAML", r'quote the bound: "\1 \2"',
        r'"\1 \2"',
    ),
    (
        ("second colon",), _LINE, r"^.*()(?<=: )(?P<old>\w[^\"'#{}\[\]]*: [^\"'#{}\[\]]*?)\s*$|",
        "a second colon in one value",
        "quote a text with a colon in it, or put the key on a line of its own",
        r"'\g<old>'", False,
    ),
    (
        ("dash",), _LINE, "", "a list item that begins on the line of its key",
        "put the - on a line of its own",
    ),
    (("{", "["), _AROUND, r"\0\?", "a ? in an unquoted value", "quote the value"),
    (
        ("{", "["), _AROUND, r"\b(in) *\0\[", 'found "in" where an operator is expected',
        HELPS["in"],
    ),
    (
        ("{", "["), _AROUND, r"\$\w{1,40}\0(\[)", 'found "[" where an operator is expected',
        HELPS["["],
    ),
    (
        ("other",), _READ, r"^(?P<old>!) *([$(]\S{0,80})$", r"!\2 is a YAML tag",
        r"write not \2", "not ",
    ),
    (
        ("{",), _READ, r"(.)[^\n#]*?(?P<old>)[ \t]*(?=$|\n|#)", "a { that is not closed",
        "close it with }, and part its keys by commas", "}", False,
    ),
    (
        ("[",), _READ, r"(.)[^\n#]*?(?P<old>)[ \t]*(?=$|\n|#)", "a [ that is not closed",
        "close it with ], and part its items by commas", "]", False,
    ),
    (
        ("items",), _LINE, r"^ *(-) ", "this item is not aligned with those above",
        "indent all items of a list alike",
    ),
    (
        ("items",), _LINE, "", "a key among the items of a list",
        "indent it as the items' own keys, or begin it with -",
    ),
    (
        ("keys",), _LINE, "", "this line does not continue what stands before it",
        "align it with the lines it belongs to",
    ),
    (("key", "quote"), _LINE, "", "a key without its colon", "write key: value"),
    (("bracket",), _LINE, "", f"nested deeper than {MAX_NESTING} levels", "use blocks"),
    (("sign",), _LINE, "", "a character that cannot begin a value", "quote the value"),
    (
        _ANY, _LINE, "", "this is not YAML",
        "check the indentation, brackets and quotes near here",
    ),
)  # fmt: skip


def explain(source: Source, at: int, begun: int, between_words: bool) -> Problem:
    """What the first row that fits says.

    The parser stopped at one place, and what it was reading begins at another, or at the same where
    the parser names none. It stopped between words, or else within one.
    """
    reading = _reading(source.text, at, begun, between_words)
    code = codes.LIMIT if reading == "bracket" else codes.SYNTAX
    stretches = _stretches(source, at, begun)
    for readings, where, pattern, message, help, *new in _SLIPS:
        text, offset = stretches[where]
        if readings is not _ANY and reading not in readings:
            continue
        if found := re.search(pattern, text):
            span = source.span(at)
            if found.re.groups and found[1]:
                span = source.span(*_place(found, 1, offset))
            advice = visible(found.expand(help))
            if new and found["old"] is not None:
                written, safe = found.expand(new[0]), new[-1] is not False
                advice = Edit(advice, written, safe=safe, at=_place(found, "old", offset))
            return Problem(code, visible(found.expand(message)), span, help=advice)
    raise AssertionError("the last row fits always")


def _place(found: re.Match[str], group: int | str, offset: int) -> tuple[int, int]:
    """Where a group stands in the source, of which the mark of the stop is no character."""
    start, end = (offset + i - ("\0" in found.string[:i]) for i in found.span(group))
    return start, end


def _reading(text: str, at: int, begun: int, between_words: bool) -> str:
    """What the parser was reading, by the signs where that begins and where it stopped."""
    read, stop = text[begun:at], text[at : at + 1]
    first = read[:1]
    if between_words:
        if first in ("", "!", "&"):
            return "value"
        if first in "{[" and not _is_closed(read):
            return first
        return "items" if read[:2].rstrip() == "-" else "keys"
    if first == "":  # at a bracket only a limit of the parser can be the reason
        return {":": "second colon", "-": "dash", "{": "bracket", "[": "bracket"}.get(stop, "sign")
    if first in "\"'":
        return "quote"
    return "other" if re.match(r"[|>%]|[*&!]\S*$", read) else "key"


def _is_closed(text: str) -> bool:
    """Whether every bracket is closed."""
    signs = re.sub(_NO_BRACKETS, "", text)
    return sum(map(signs.count, "{[")) <= sum(map(signs.count, "}]"))


def _stretches(source: Source, at: int, begun: int) -> dict[str, tuple[str, int]]:
    """The texts to look at, each with its offset."""
    line = source.position(at)[0]
    start = max(0, at - 50)
    return {
        _LINE: (source.line(line), source.offset(line)),
        _BEFORE: _line_before(source, line),
        _AROUND: (source.text[start:at] + "\0" + source.text[at : at + 50], start),
        _READ: (source.text[begun:at], begun),
    }


def _line_before(source: Source, line: int) -> tuple[str, int]:
    """The last of the 50 lines before one that is not blank."""
    for number in range(line - 1, max(0, line - 50), -1):
        if source.line(number).strip():
            return source.line(number), source.offset(number)
    return "", 0
