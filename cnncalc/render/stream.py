"""How text reaches a stream: colour, width, and signs that the stream cannot encode.

Remarks and refusals go through `say`, which shows whatever stands in them, so that a message may
quote an argument, a file name or a setting as it is.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TextIO

from cnncalc.render.handout import PLAIN
from cnncalc.wording import harmless

Style = Callable[..., str]  # click.style, or unstyled: style("text", bold=True, fg="red")

# What stands in for a sign where the stream's encoding does not have it.
_PLAIN = str.maketrans(
    {
        "×": "x", "→": "->", "←": "<-", "−": "-", "–": "-", "·": "*", "─": "-", "…": "...",
        "├": "|", "└": "`", "│": "|",
        **dict.fromkeys("█▉▊▋▌", "#"), **dict.fromkeys("▍▎▏", "."),
        "≥": ">=", "≤": "<=", "⌊": "floor(", "⌋": ")", "⌈": "ceil(", "⌉": ")",
    }
)  # fmt: skip


def wants_color(choice: str, stream: TextIO) -> bool:
    """--color, then NO_COLOR, FORCE_COLOR, TERM=dumb, then whether it is a terminal."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    return os.environ.get("TERM") != "dumb" and stream.isatty()


def unstyled(text: str, **style: object) -> str:
    """The style of a stream without colours: the text as it is."""
    return text


def style_of(choice: str, stream: TextIO) -> Style:
    """How text on a stream is styled under --color."""
    if not wants_color(choice, stream):
        return unstyled
    from click import style  # the library is imported without click

    return style


def plain_text(text: str) -> str:
    """A styled text without its colours."""
    from click import unstyle  # the library is imported without click

    return unstyle(text)


def width_of(choice: int | None, stream: TextIO) -> int | None:
    """--width, then COLUMNS, then the terminal's; None, the natural width, where unknown."""
    if choice is not None:
        return choice or None
    columns = os.environ.get("COLUMNS", "")
    if columns.isdecimal() and (width := int(columns[:9])):
        return width
    try:
        return os.get_terminal_size(stream.fileno()).columns or None
    except (OSError, ValueError):
        return None


def say(text: str) -> None:
    """Lines on standard error, for people."""
    sys.stderr.write(encodable(f"{harmless(text)}\n", sys.stderr.encoding))


class Paper:
    """What a text is written on: how wide it is (None: as wide as the text), how it is styled."""

    def __init__(
        self, width: int | None = None, style: Style = unstyled, encoding: str | None = None
    ) -> None:
        self.width = width
        self.style = style
        self.encoding = encoding  # None: it has every sign
        self.handout = PLAIN
        self.remarks: list[str] = []  # what a writer left out, for standard error

    @property
    def colored(self) -> bool:
        return self.style is not unstyled


def paper_of(width: int | None, color: str, stream: TextIO) -> Paper:
    """The paper that a stream is under --width and --color."""
    return Paper(width_of(width, stream), style_of(color, stream), stream.encoding)


def write(text: str) -> None:
    """To standard output, with what its encoding cannot say replaced."""
    sys.stdout.write(encodable(text, sys.stdout.encoding))


def encodable(text: str, encoding: str | None) -> str:
    """The text with what `encoding` cannot say replaced."""
    encoding = encoding or "utf-8"
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return text.translate(_PLAIN).encode(encoding, "backslashreplace").decode(encoding)
    return text
