"""How far long work is, on a terminal only."""

from __future__ import annotations

import sys
from time import monotonic

# Seconds: work that takes longer says how far it is, and how often.
AFTER = 1.0
EVERY = 0.1


class Progress:
    """A line on standard error that is written again and again, and gone at the end."""

    def __init__(self, wanted: bool = True) -> None:
        self.wanted = wanted and sys.stderr.isatty()
        self.next = monotonic() + AFTER
        self.shown = ""  # what stands on the terminal

    def say(self, text: str) -> None:
        """Show how far it is, unless that was done a moment ago."""
        if self.wanted and monotonic() > self.next:
            self.next = monotonic() + EVERY
            self.clear()
            self.shown = text
            sys.stderr.write(text)
            sys.stderr.flush()

    def clear(self) -> None:
        """Make room for other lines."""
        if self.shown:
            sys.stderr.write(f"\r{' ' * len(self.shown)}\r")
            sys.stderr.flush()
            self.shown = ""
