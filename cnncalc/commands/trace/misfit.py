"""Misfit: the refusal of numbers that cannot be read or do not fit their volume or layer."""

from cnncalc import problems as codes
from cnncalc.problems import Reject


class Misfit(Reject):
    """A refusal that learns from its callers, one after the other, in which part it arose.

    The message reads `row 2, column 1 is "x"; ...`, or, of the whole value, `"x"; ...`.
    """

    def __init__(self, text: str, help: str = "", *, joint: str = " is ") -> None:
        super().__init__(codes.BAD_VALUE, text, help=help)
        self._parts: tuple[str, ...] = ()
        self._joint = joint  # between the part and the text
        self._text = text

    def inside(self, name: str, *path: object) -> "Misfit":
        """The same, raised in a part: `row 2`, and the step that leads to it."""
        self._parts = (name, *self._parts)
        self.path = (*path, *self.path)
        self.message = f"{', '.join(self._parts)}{self._joint}{self._text}"
        return self

    def inside_file(self, name: str) -> "Misfit":
        """The same, raised in a file, whose name is all that stands in the spec."""
        self.inside(name)
        self.path = ()
        return self
