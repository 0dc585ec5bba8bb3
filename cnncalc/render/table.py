"""A table of texts, and how it looks on a terminal; the only importer of rich.

Every tabular format is written from a `Table`. rich draws what has colours, but for very long
tables: it measures every cell several times and would take seconds. What has no colours, as in a
pipe, is written plainly in the same form.
"""

from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from typing import NamedTuple

from cnncalc.render.palette import FAMILIES
from cnncalc.render.stream import encodable
from cnncalc.render.text import paragraph
from cnncalc.render.tree import SIGNS, guides
from cnncalc.wording import fill, line_start, width_of_text

LONG = 1_000  # rows from which a table is written plainly
ALWAYS = 9  # the `keep` of a column that is never left out
AFTER_NAMES = 8  # of one that is left out only where shorter names do not make room enough
LEAST_NAME = 7  # columns that a name of a layer has at least
_LEAST_TEXT = 24  # columns that a text has at least which goes on in further lines
_GAP = 3  # spaces between columns
_MARGIN = 2

Cells = Sequence[str]


class Column(NamedTuple):
    """What stands above the cells of a column, and how they stand below it."""

    heading: str
    right: bool = False  # aligned to the right, as numbers are
    tree: bool = False  # indented by the depth of the row
    colored: bool = False  # in the colour of the row's family
    wraps: bool = False  # goes on in further lines where room is short, see folded_lines
    keep: int = ALWAYS  # where room is short, columns with the lowest number are left out first


class Row(NamedTuple):
    """A line of the table."""

    cells: Cells
    depth: int = 0
    bold: bool = False
    family: str = ""  # of kinds of layers, see palette.py


class Remark(NamedTuple):
    """A line below the table, and what to do about it at the command line."""

    text: str
    hint: str = ""


class Table(NamedTuple):
    """Cells that are safe to print; a format only escapes its own signs."""

    columns: Sequence[Column]
    rows: Sequence[Row]
    total: Cells | None = None
    title: str = ""
    about: str = ""  # beside the title
    remarks: Sequence[Remark] = ()


def aligned(
    lines: Sequence[Cells], right: Sequence[bool], widths: Sequence[int] = (), gap: int = _GAP
) -> Iterator[str]:
    """Lines of cells, each column as wide as its widest cell."""
    sizes = widths or _widths(lines)
    between = " " * gap
    for line in lines:
        cells = between.join(map(fill, line, sizes, right))
        yield f"{' ' * _MARGIN}{cells}".rstrip()


def _widths(lines: Iterable[Cells]) -> list[int]:
    return [max(map(width_of_text, texts)) for texts in zip(*lines, strict=True)]


def render_text(
    table: Table, *, width: int | None = None, color: bool = False, encoding: str | None = None
) -> tuple[str, list[str]]:
    """The table as text, and the headings of columns that were left out to fit it into `width`.

    What `encoding` does not have is replaced before anything is measured.
    """
    columns = list(table.columns)
    lines = [[encodable(text, encoding) for text in line] for line in _lines(table, color)]
    left_out = _make_room(columns, lines, width, encodable("…", encoding)) if width else []
    widths = _widths(lines)
    if color and len(lines) <= LONG:
        drawn = _draw_with_rich(lines, columns, widths, table)
    else:
        drawn = _draw_plainly(lines, columns, widths)
    return "".join(
        f"{line}\n" for line in (*_title(table, width), *drawn, *_remarks(table))
    ), left_out


def _lines(table: Table, with_guides: bool = False) -> list[list[str]]:
    """The texts of headings, rows and total, names indented by their depth."""
    lines = [[column.heading for column in table.columns]]
    tree = _trees(table.columns)
    depths = [row.depth for row in table.rows]
    indents = guides(depths) if with_guides else ["  " * depth for depth in depths]
    for row, indent in zip(table.rows, indents, strict=True):
        texts = list(row.cells)
        for index in tree:
            texts[index] = indent + texts[index]
        lines.append(texts)
    if table.total is not None:
        lines.append(list(table.total))
    return lines


def _make_room(
    columns: list[Column], lines: list[list[str]], width: int, mark: str = "…"
) -> list[str]:
    """Leave out columns and shorten names until the lines fit; the headings that are gone."""
    left_out: list[str] = []
    widths = _widths(lines)
    while (excess := _width(widths) - width) > 0:
        victim = _next_to_go(columns)
        if victim is None or (
            columns[victim].keep >= AFTER_NAMES and excess <= _slack(columns, lines, mark)
        ):
            if excess > _slack(columns, lines, mark):
                _indent_less(columns, lines)
                excess = _width(_widths(lines)) - width
            _shorten_names(columns, lines, excess, mark)
            break
        left_out.append(columns.pop(victim).heading)
        del widths[victim]
        for line in lines:
            del line[victim]
    return left_out


def folded_lines(
    columns: Sequence[Column], lines: list[list[str]], width: int | None, mark: str = "…"
) -> list[list[list[str]]]:
    """Each line as one or several that fit: names shortened, then texts that wrap in lines."""
    wrapping = next((index for index, column in enumerate(columns) if column.wraps), None)
    excess = _width(_widths(lines)) - (width or 0)
    if wrapping is None or not width or excess <= 0:
        return [[line] for line in lines]
    own = _widths(lines)[wrapping]
    missing = excess - (own - _LEAST_TEXT)
    if missing > 0:
        _shorten_names(columns, lines, missing, mark)
        excess = _width(_widths(lines)) - width
    return [_folded(line, wrapping, max(own - excess, _LEAST_TEXT)) for line in lines]


def _folded(line: list[str], index: int, room: int) -> list[list[str]]:
    """The line, with what does not fit of one of its texts in lines below it."""
    first, *others = paragraph(line[index], room) or [""]
    blank = [""] * len(line)
    below = [[*blank[:index], text, *blank[index + 1 :]] for text in others]
    return [[*line[:index], first, *line[index + 1 :]], *below]


def _width(widths: Sequence[int]) -> int:
    """The columns that a line takes, and one that stays free."""
    return 1 + _MARGIN + sum(widths) + _GAP * (len(widths) - 1)


def _next_to_go(columns: list[Column]) -> int | None:
    """The index of the column to leave out next, the last among those that matter least."""
    least = min(column.keep for column in columns)
    if least >= ALWAYS:
        return None
    return max(index for index, column in enumerate(columns) if column.keep == least)


def _slack(columns: list[Column], lines: list[list[str]], mark: str) -> int:
    """How much narrower the table can get by shorter names."""
    slack = 0
    for index in _trees(columns):
        names = [line[index] for line in lines]
        least = max(width_of_text(shortened(name, 0, mark)) for name in names)
        slack += max(map(width_of_text, names)) - least
    return slack


def _indent_less(columns: Sequence[Column], lines: list[list[str]]) -> None:
    """Names that are indented by one column a level, not by two."""
    for index in _trees(columns):
        for line in lines:
            indent = _indent(line[index])
            line[index] = indent[::2] + line[index][len(indent) :]


def _shorten_names(
    columns: Sequence[Column], lines: list[list[str]], excess: int, mark: str
) -> None:
    """Names, indentation included, that are narrower by the excess where that will do."""
    for index in _trees(columns):
        room = max(width_of_text(line[index]) for line in lines) - max(excess, 0)
        for line in lines:
            line[index] = shortened(line[index], room, mark)


def _trees(columns: Sequence[Column]) -> list[int]:
    """The indices of columns with names of layers, which is at most one."""
    return [index for index, column in enumerate(columns) if column.tree]


def shortened(text: str, room: int, mark: str = "…") -> str:
    """The text without its middle; never less than LEAST_NAME columns of the name itself."""
    indent = _indent(text)
    name = text[len(indent) :]
    room = max(room - len(indent), LEAST_NAME)
    if width_of_text(name) <= room:
        return text
    start, end = len(name) // 2, len(name) // 2
    while width_of_text(name[:start]) + len(mark) + width_of_text(name[end:]) > room:
        if start > len(name) - end:
            start -= 1
        else:
            end += 1
    return f"{indent}{name[:start]}{mark}{name[end:]}"


def _indent(text: str) -> str:
    """What stands before a name."""
    return text[: len(text) - len(text.lstrip(f" {SIGNS}"))]


def _title(table: Table, width: int | None) -> list[str]:
    """In one line, or what stands beside the title below it where that is too wide."""
    if not table.title:
        return []
    title = line_start(table.title)
    line = f"{title}   {table.about}"
    if width is None or width_of_text(line) <= width:
        return [line, ""]
    return [*paragraph(title, width), *paragraph(table.about, width, "  "), ""]


def _remarks(table: Table) -> Iterator[str]:
    for remark in table.remarks:
        yield "  " + "; ".join(filter(None, remark))


def _draw_plainly(
    lines: list[list[str]], columns: list[Column], widths: list[int]
) -> Iterator[str]:
    drawn = aligned(lines, [column.right for column in columns], widths)
    yield next(drawn)
    yield " " + "─" * (sum(widths) + _GAP * (len(widths) - 1) + 2)
    yield from drawn


def _draw_with_rich(
    lines: list[list[str]], columns: list[Column], widths: list[int], table: Table
) -> Iterator[str]:
    from rich.box import Box
    from rich.console import Console
    from rich.table import Table as RichTable
    from rich.text import Text

    header_rule = Box("    \n    \n ── \n    \n    \n    \n    \n    \n")
    grid = RichTable(box=header_rule, padding=(0, 1), header_style="bold")
    for column, text, size in zip(columns, lines[0], widths, strict=True):
        grid.add_column(
            Text(text), justify="right" if column.right else "left", no_wrap=True, width=size
        )
    total = Row((), bold=True)
    for line, row in zip(lines[1:], [*table.rows, total], strict=False):
        cells = [
            Text(text, _style(text, column, row))
            for text, column in zip(line, columns, strict=True)
        ]
        for index in _trees(columns):
            cells[index].stylize("dim not bold", 0, len(_indent(line[index])))
        grid.add_row(*cells, style="bold" if row.bold else "")
    out = StringIO()
    console = Console(
        file=out, width=sum(widths) + (_GAP + 1) * len(widths) + _MARGIN, force_terminal=True,
        color_system="256", legacy_windows=False, highlight=False, markup=False, emoji=False,
        _environ={},
    )  # fmt: skip
    console.print(grid)
    yield from (text.rstrip() for text in out.getvalue().splitlines() if text.strip())


def _style(text: str, column: Column, row: Row) -> str:
    """Zeros are dim, kinds have the colour of their family."""
    if text == "–":
        return "dim"
    number = FAMILIES.get(row.family) if column.colored else None
    return "" if number is None else f"color({number})"
