"""Grids: numbers in rows and columns, aligned, several side by side as far as the width goes."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import NamedTuple

from cnncalc.commands.trace.arrays import Number
from cnncalc.wording import show_fraction

PADDING = "·"
EMPTY = "__"  # where an exercise leaves room for a number
DECIMALS = 4
TERMS = 30  # up to which a sum is written out
NARROW = 80  # where no width is known, grids are not put side by side beyond this
_LONGEST = 12  # characters of a fraction that is written as one
_GAP = "  "
_BETWEEN = "    "  # grids side by side


# Numbers.


def is_rounded(number: Number) -> bool:
    """Whether a number is shown with fewer decimals than it has."""
    if isinstance(number, float):
        return round(number, DECIMALS) != number
    return number.denominator > 1 and len(show_fraction(number)) > _LONGEST


def texts(numbers: Iterable[Number | None]) -> list[str]:
    """The numbers as texts with the same number of decimals; None is a dot."""
    known = list(numbers)
    digits = _digits([number for number in known if number is not None])
    return [PADDING if number is None else _text(number, digits) for number in known]


def show_number(number: Number) -> str:
    """One number on its own."""
    return texts([number])[0]


def factor(number: Number) -> str:
    """A number that something is multiplied by."""
    return f"({show_number(number)})" if number < 0 else show_number(number)


def terms(numbers: Sequence[Number]) -> list[str]:
    """3, + 4, − 5"""
    first, *rest = numbers
    signs = (
        f"{'−' if number < 0 else '+'} {show_number(-number if number < 0 else number)}"
        for number in rest
    )
    return [show_number(first), *signs]


def _digits(numbers: list[Number]) -> int | None:
    """How many decimals they all get; None where some are fractions such as 1/9."""
    if any(isinstance(number, float) or is_rounded(number) for number in numbers):
        return DECIMALS
    exact = [show_fraction(number) for number in numbers if not isinstance(number, float)]
    if any("/" in text for text in exact):
        return None
    return max((len(text.partition(".")[2]) for text in exact), default=0)


def _text(number: Number, digits: int | None) -> str:
    if digits is None:
        assert not isinstance(number, float)
        text = show_fraction(number)
    elif isinstance(number, float):
        text = f"{number:.{digits}f}" if abs(number) < 1e12 else f"{number:.{digits}e}"
        text = text.lstrip("-") if not text.strip("-0.") else text
    else:
        shown = round(Fraction(number) * 10**digits)
        figures = str(abs(shown)).rjust(digits + 1, "0")
        sign = "-" if shown < 0 else ""
        text = f"{sign}{figures[:-digits]}.{figures[-digits:]}" if digits else f"{sign}{figures}"
    return text.replace("-", "−")


# Blocks of lines.


class Block(NamedTuple):
    """Lines below a title."""

    title: str
    lines: list[str]

    @property
    def width(self) -> int:
        return max(map(len, (self.title, *self.lines)))


def grid(
    title: str,
    rows: Sequence[Sequence[str]],
    *,
    labels: Sequence[str] = (),
    columns: str = "columns",
    width: int | None = None,
) -> list[Block]:
    """Rows of cells, all of one width; several blocks of columns where they are too wide."""
    if not any(rows):
        return []
    cell = max(len(text) for row in rows for text in row)
    label = max(map(len, labels)) + 3 if labels else 0
    heads = [f"{text}:".ljust(label) for text in labels] or [""] * len(rows)
    whole = len(rows[0])
    fits = max(1, (width - 2 - label + len(_GAP)) // (cell + len(_GAP))) if width else whole
    blocks = []
    for start in range(0, whole, fits):
        end = min(start + fits, whole)
        part = f"{columns} {start + 1} to {end}" if fits < whole else ""
        part = part if end > start + 1 else part.rpartition(" to ")[0]
        lines = [
            head + _GAP.join(text.rjust(cell) for text in row[start:end])
            for head, row in zip(heads, rows, strict=True)
        ]
        blocks.append(Block(", ".join(filter(None, (title, part))), lines))
    return blocks


def slices(
    cells: list[str], sizes: tuple[int, ...], title: str, width: int | None = None
) -> list[Block]:
    """The grid of a map, or one for each of its slices."""
    rows = [cells[start : start + sizes[-1]] for start in range(0, len(cells), sizes[-1])]
    if len(sizes) < 3:
        return grid(title, rows, width=width)
    blocks = []
    for number in range(sizes[0]):
        name = ", ".join(filter(None, (title, f"slice {number + 1}")))
        blocks += grid(name, rows[number * sizes[1] : (number + 1) * sizes[1]], width=width)
    return blocks


def joined(blocks: Sequence[Block], signs: Sequence[str]) -> Block:
    """Blocks with a sign between each two of them, as an equation."""
    height = max(len(block.lines) for block in blocks)
    lines = _columns(blocks[0], height)
    for block, sign in zip(blocks[1:], signs, strict=True):
        middle = [" " * len(sign)] * (height + 1)
        middle[1 + (height - 1) // 2] = sign
        right = _columns(block, height)
        lines = [
            f"{one} {between} {other}"
            for one, between, other in zip(lines, middle, right, strict=True)
        ]
    return Block(lines[0].rstrip(), [line.rstrip() for line in lines[1:]])


def _columns(block: Block, height: int) -> list[str]:
    """Title and lines, all as wide as the block and as many as wanted."""
    lines = [block.title, *block.lines, *[""] * (height - len(block.lines))]
    return [line.ljust(block.width) for line in lines]


def flow(blocks: Sequence[Block], width: int | None) -> list[str]:
    """Blocks side by side, as many in a row as fit; an empty line between the rows."""
    limit = (width or NARROW) - 2
    rows: list[list[Block]] = []
    used = 0
    for block in blocks:
        if rows and used + len(_BETWEEN) + block.width <= limit:
            rows[-1].append(block)
            used += len(_BETWEEN) + block.width
        else:
            rows.append([block])
            used = block.width
    lines: list[str] = []
    for row in rows:
        height = max(len(block.lines) for block in row)
        columns = [_columns(block, height) for block in row]
        found = [_BETWEEN.join(parts).rstrip() for parts in zip(*columns, strict=True)]
        if not found[0]:
            del found[0]  # no titles
        lines += ([""] if lines else []) + [f"  {line}".rstrip() for line in found]
    return lines


def fits(blocks: Sequence[Block], width: int | None) -> bool:
    """Whether all blocks stand side by side."""
    together = sum(block.width for block in blocks) + len(_BETWEEN) * (len(blocks) - 1)
    return together + 2 <= (width or NARROW)


def wrapped(parts: Sequence[str], width: int | None, indent: str = "  ") -> list[str]:
    """Words put into lines, the later ones indented a little further."""
    lines = [indent]
    for part in parts:
        more = part if lines[-1].isspace() else f" {part}"
        if len(lines[-1]) + len(more) > (width or NARROW) and not lines[-1].isspace():
            lines.append(f"{indent}  ")
            more = part
        lines[-1] += more
    return lines
