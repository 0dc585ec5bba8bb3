"""Source: the text of one spec and where its lines begin; Span: a stretch of it."""

import re
from bisect import bisect_right
from functools import cached_property
from typing import NamedTuple

# What YAML takes for the end of a line; \r\n is one.
_LINE_END = "\r\n|[\r\n\x85\u2028\u2029]"
_NEXT_SIGN = r"(?:\s|#[^\r\n\x85\u2028\u2029]*+)*+(?=[,\]}])"


class Source:
    """A text and the name to report it under (a path as the user wrote it, or `<stdin>`)."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer(_LINE_END, self.text))]

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column, both from 1, the column in code points."""
        index = bisect_right(self._line_starts, offset) - 1
        return index + 1, offset - self._line_starts[index] + 1

    def offset(self, line: int) -> int:
        """The offset of the first character of a line (from 1)."""
        return self._line_starts[line - 1]

    def line(self, number: int) -> str:
        """The text of a line (from 1) without its end."""
        start = self._line_starts[number - 1]
        end = self._line_starts[number] if number < len(self._line_starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n\x85\u2028\u2029")

    def has(self, text: str, offset: int) -> bool:
        """Whether a text stands there as it reads, without escapes and breaks of the line."""
        return self.text.startswith(text, offset)

    def next_sign(self, offset: int) -> int:
        """Where the , ] or } is that comes next but for blanks and comments, else `offset`."""
        found = re.compile(_NEXT_SIGN).match(self.text, offset)
        return found.end() if found else offset

    def span(self, start: int, end: int | None = None) -> "Span":
        """The stretch from `start` up to `end`, one character long if that is not given."""
        return Span(self, start, max(start + 1, start if end is None else end))


class Span(NamedTuple):
    """The characters from offset `start` up to, not including, `end` of a source."""

    source: Source
    start: int
    end: int

    @property
    def text(self) -> str:
        """What stands there."""
        return self.source.text[self.start : self.end]

    @property
    def line(self) -> int:
        return self.source.position(self.start)[0]

    @property
    def column(self) -> int:
        return self.source.position(self.start)[1]

    @property
    def end_line(self) -> int:
        return self.source.position(self.end)[0]

    @property
    def end_column(self) -> int:
        """The column after the last character."""
        return self.source.position(self.end)[1]
