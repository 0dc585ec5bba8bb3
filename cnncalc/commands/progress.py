"""How far long work is, on a terminal only."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from threading import Event

# Seconds: work that takes longer says how far it is, and how often.
AFTER = 0.5
EVERY = 0.1


class Progress:
    """A line on standard error that is written again and again, and gone at the end."""

    def __init__(self, wanted: bool = True) -> None:
        self.wanted = wanted and sys.stderr.isatty()
        self.next = monotonic() + AFTER
        self.shown = ""  # what stands on the terminal
        self._said = ""
        self._watched = False

    def say(self, text: str) -> None:
        """Show how far it is, unless that was done a moment ago."""
        self._said = text
        if not self._watched:
            self._show()

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Have a thread show what was said last, as a single layer may take seconds."""
        if not self.wanted:
            yield
            return
        from threading import Event, Thread  # most commands start none

        done = Event()
        thread = Thread(target=self._watch, args=(done,), daemon=True)
        self._watched = True
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()
            self._watched = False
            self._show()
            self.clear()

    def _watch(self, done: Event) -> None:
        while not done.wait(max(EVERY, 0.01)):
            self._show()

    def _show(self) -> None:
        if self.wanted and self._said and monotonic() > self.next:
            self.next = monotonic() + EVERY
            self.clear()
            self.shown = self._said
            sys.stderr.write(self.shown)
            sys.stderr.flush()

    def clear(self) -> None:
        """Make room for other lines."""
        if self.shown:
            sys.stderr.write(f"\r{' ' * len(self.shown)}\r")
            sys.stderr.flush()
            self.shown = ""
