"""Text wrapped to a width, and bars.

Words are never cut: a name or a number is worth more than a margin.
"""

from __future__ import annotations

from textwrap import wrap

LEAST = 20  # columns that a text gets beside its head, however narrow the terminal is


def paragraph(text: str, width: int, indent: str = "") -> list[str]:
    """The lines of a text, each behind the indent."""
    return _wrapped(text, width, indent, indent)


def hanging(head: str, text: str, width: int | None) -> list[str]:
    """A text beside its head, its further lines below its first; in one line without a width."""
    if width is None:
        return [head + text]
    return _wrapped(text, width, head, " " * len(head)) or [head.rstrip()]


def _wrapped(text: str, width: int, first: str, others: str) -> list[str]:
    return wrap(
        text,
        max(width, len(first) + LEAST),
        initial_indent=first,
        subsequent_indent=others,
        break_long_words=False,
        break_on_hyphens=False,
    )


def bar(part: float, width: int = 8) -> str:
    """A bar of `width` signs, of which 1 fills all; every sign has eight widths."""
    whole, eighths = divmod(round(part * 8 * width), 8)
    return f"{'█' * whole}{' ▏▎▍▌▋▊▉'[eighths]}"[:width].ljust(width)
