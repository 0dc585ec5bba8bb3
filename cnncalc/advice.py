"""Advice: a help that is an edit, as a text for people and as data for `check --fix`."""

from __future__ import annotations


class Edit(str):
    """The help of a problem, with what to write instead of what is to blame.

    Where `old` is given, it is replaced by `new` where it begins in the stretch to blame, and not
    at all where it does not stand there as it reads; else the whole stretch is, or the one `at`
    other offsets. An edit is safe if its author can have meant nothing else.
    """

    new: str
    old: str
    safe: bool
    at: tuple[int, int] | None

    def __new__(
        cls,
        help: str,
        new: str,
        old: str = "",
        *,
        safe: bool = True,
        at: tuple[int, int] | None = None,
    ) -> Edit:
        edit = super().__new__(cls, help)
        edit.new, edit.old, edit.safe, edit.at = new, old, safe, at
        return edit

    def __getnewargs_ex__(self) -> tuple[tuple[str, str, str], dict[str, object]]:
        return (str(self), self.new, self.old), {"safe": self.safe, "at": self.at}

    def stretch(self, text: str, start: int, end: int) -> tuple[int, int] | None:
        """What is replaced in a text whose characters from `start` to `end` are to blame."""
        if self.at is not None:
            return self.at
        if not self.old:
            return start, end
        place = text.find(self.old, start, end - 1 + len(self.old))
        return None if place < 0 else (place, place + len(self.old))


def is_slip(word: str, meant: str) -> bool:
    """Whether two words differ in one letter, missing from one perhaps, or in two swapped ones."""
    first = 0
    while first < min(len(word), len(meant)) and word[first] == meant[first]:
        first += 1
    last = 0
    rest = min(len(word), len(meant)) - first
    while last < rest and word[-1 - last] == meant[-1 - last]:
        last += 1
    one, two = word[first : len(word) - last], meant[first : len(meant) - last]
    return max(len(one), len(two)) < 2 or (len(one) == 2 and one == two[::-1])
