"""A document as blocks, which Markdown, LaTeX and HTML write each in its own way.

A text is plain and safe to print; a format only escapes its own signs. What has a formula carries
it in both notations.
"""

from collections.abc import Sequence
from typing import NamedTuple

from cnncalc.render.table import Table

BLANK = "____"  # where an exercise leaves room for an answer


class Math(str):
    """A cell of a table that is a formula: its text, and how LaTeX writes it."""

    tex: str

    def __new__(cls, text: str, tex: str) -> "Math":
        found = super().__new__(cls, text)
        found.tex = tex
        return found


class Heading(NamedTuple):
    """A heading: of the document at level 1, of parts below it."""

    text: str
    level: int = 1


class Paragraph(NamedTuple):
    """Sentences."""

    text: str
    strong: bool = False


class Formula(NamedTuple):
    """A number that is worked out: its name, what it is, and the steps to the result.

    The first step may be the letter that stands for it. Without steps it is to be filled in.
    """

    name: str
    words: str
    steps: Sequence[str]
    tex: Sequence[str]  # the same steps
    remarks: Sequence[str] = ()


class Listing(NamedTuple):
    """Lines whose columns stand one below the other."""

    lines: Sequence[str]


Block = Heading | Paragraph | Formula | Listing | Table
