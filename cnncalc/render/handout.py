"""What a lecturer asks of a document: a caption, whole or to be included, and what is left out."""

from typing import NamedTuple


class Handout(NamedTuple):
    """How a table, a derivation or a traced example becomes part of other material."""

    caption: str = ""  # of LaTeX
    label: str = ""  # of LaTeX
    standalone: bool = False  # LaTeX that compiles as it stands
    lines: bool = True  # whether it says where in a file a layer stands
    blanks: tuple[str, ...] = ()  # what is left for students to fill in


PLAIN = Handout()
