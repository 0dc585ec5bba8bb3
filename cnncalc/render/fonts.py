"""How wide texts are, before anything is drawn.

Pictures name Helvetica, Arial, Liberation Sans and DejaVu Sans: whichever a system has renders
them. The tables have the largest advance width of each sign among Helvetica, Liberation Sans (which
has those of Arial) and DejaVu Sans, in thousandths of the size of the text.
"""

from functools import lru_cache
from unicodedata import combining, east_asian_width

# Signs that Helvetica's relatives lack. A text with one of them is written in another font as a
# whole, since programs such as resvg do that too, but with a font that they choose.
SYMBOLS = "⌊⌋⌈⌉⊕⊗⊙∝↳↵₀₁₂₃₄₅₆₇₈₉"
SYMBOL_FAMILY = "'DejaVu Sans', 'Segoe UI Symbol', 'Apple Symbols', sans-serif"
FAMILY = "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"

# The signs of the tables: ASCII, Latin-1, and what pictures write beside them.
_OTHERS = "−–—‘’“”…→←↑↓↳↵⊕⊗⊙√∝∑Σ≥≤≈∞₀₁₂₃₄₅₆₇₈₉⌊⌋⌈⌉"
_SIGNS = "".join(map(chr, (*range(32, 127), *range(160, 256)))) + _OTHERS

_REGULAR = (
    "318 401 460 838 637 951 780 275 391 391 500 838 318 361 318 337 637 637 637 637 637 637 "
    "637 637 637 637 337 337 838 838 838 557 1016 685 687 723 771 667 611 778 752 295 500 667 "
    "558 863 749 788 667 788 723 667 611 732 685 989 686 667 686 391 337 391 838 557 500 613 "
    "635 550 635 616 353 635 634 278 278 580 278 975 634 612 635 635 412 521 393 634 592 818 "
    "592 592 525 637 337 637 838 318 401 637 637 637 637 337 557 500 1000 472 612 838 361 1000 "
    "553 500 838 401 401 500 637 637 318 500 401 472 612 970 970 970 611 685 685 685 685 685 "
    "685 1000 723 667 667 667 667 295 295 295 295 775 749 788 788 788 788 788 838 788 732 732 "
    "732 732 667 667 630 613 613 613 613 613 613 982 550 616 616 616 616 278 278 278 278 612 "
    "634 612 612 612 612 612 838 612 634 634 634 634 592 635 592 838 557 1000 318 318 519 519 "
    "1000 1000 1000 838 838 838 838 838 838 838 638 715 713 632 838 838 838 834 401 401 401 "
    "401 401 401 401 401 401 401 391 391 391 391"
)
_BOLD = (
    "349 457 521 838 696 1002 873 307 458 458 523 838 380 416 380 366 696 696 696 696 696 696 "
    "696 696 696 696 400 400 838 838 838 611 1000 774 763 734 831 684 684 821 837 373 557 775 "
    "638 996 837 851 733 851 771 721 683 813 774 1104 771 725 726 458 366 458 838 557 500 675 "
    "716 593 716 679 436 716 712 343 343 666 343 1042 712 688 716 716 494 596 479 712 652 924 "
    "646 652 583 712 366 712 838 349 457 696 696 637 696 366 557 500 1000 564 646 838 416 1000 "
    "553 500 838 438 438 500 736 637 380 500 438 564 646 1036 1036 1036 611 774 774 774 774 "
    "774 774 1085 734 684 684 684 684 373 373 373 373 838 837 851 851 851 851 851 838 851 813 "
    "813 813 813 725 738 720 675 675 675 675 675 675 1048 593 679 679 679 679 343 343 343 343 "
    "688 712 688 688 688 688 688 838 688 712 712 712 712 652 716 652 838 557 1000 380 380 658 "
    "658 1000 1000 1000 838 838 838 838 838 838 838 667 712 718 684 838 838 838 834 438 438 "
    "438 438 438 438 438 438 438 438 458 458 458 458"
)


def _table(widths: str) -> dict[str, int]:
    return dict(zip(_SIGNS, map(int, widths.split()), strict=True))


_TABLES = {False: _table(_REGULAR), True: _table(_BOLD)}


@lru_cache(4096)
def text_width(text: str, size: float, bold: bool = False) -> float:
    """The px that a line of text takes at most."""
    table = _TABLES[bold]
    return sum(table[char] if char in table else _other(char) for char in text) * size / 1000


def _other(char: str) -> int:
    """A sign beyond the tables: nothing for one over another, else as wide as any letter is."""
    if combining(char):
        return 0
    return 1400 if east_asian_width(char) in "WF" else 1100


def shortened(text: str, room: float, size: float, bold: bool = False) -> str:
    """The text, its middle left out where it is wider than `room` px."""
    if text_width(text, size, bold) <= room:
        return text
    for kept in range(min(len(text) - 1, 200), 0, -1):
        short = f"{text[: kept - kept // 2]}…{text[len(text) - kept // 2 :]}"
        if text_width(short, size, bold) <= room:
            return short
    return "…"


def wrapped(text: str, room: float, size: float, bold: bool = False) -> list[str]:
    """The text in lines no wider than `room` px; a word that is wider loses its middle."""
    lines: list[str] = []
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size, bold) <= room:
            lines[-1] = longer
        else:
            lines.append(shortened(word, room, size, bold))
    return lines
