"""Sheets as CSV, Markdown and LaTeX."""

from __future__ import annotations

import csv
import re
from io import StringIO

from cnncalc.reports.sheet import Sheet, plain
from cnncalc.wording import line_start, visible

_FORMULA_START = ("=", "+", "-", "@", "\t", "\r")


def render_csv(sheets: list[Sheet], channels_first: bool = False) -> str:
    """Raw whole numbers, volumes as 28x28x6; no totals, so that columns can be added up.

    Several sheets with the same columns become one table with the network in front.
    """
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    several = len(sheets) > 1
    if sheets:
        head = [column.name for column in sheets[0].columns]
        writer.writerow(["network", *head] if several else head)
    for sheet in sheets:
        for row in sheet.rows:
            if row.opened or row.is_input:
                continue
            cells = [plain(cell, channels_first) for cell in row.cells]
            line = [sheet.title, *cells] if several else cells
            writer.writerow([_csv_cell(cell) for cell in line])
    return out.getvalue()


def _csv_cell(cell: str | int) -> str | int:
    """A spreadsheet runs what begins like a formula; an apostrophe keeps it text."""
    if not isinstance(cell, str):
        return cell
    cell = line_start(visible(cell))
    return "'" + cell if cell.startswith(_FORMULA_START) else cell


def render_markdown(sheets: list[Sheet], channels_first: bool = False) -> str:
    """Tables that GitHub and most others draw, with a heading for each network."""
    return "\n".join(_markdown(sheet, channels_first) for sheet in sheets)


def _markdown(sheet: Sheet, channels_first: bool) -> str:
    lines = []
    if sheet.title:
        lines += [f"### {escape_markdown(visible(sheet.title))}", ""]
        lines += [escape_markdown(visible(sheet.inputs_text(channels_first))), ""]
    lines.append(_md_row([escape_markdown(column.header) for column in sheet.columns]))
    lines.append(_md_row(["---:" if column.number else "---" for column in sheet.columns]))
    for row in sheet.rows:
        cells = [escape_markdown(text.strip()) for text in sheet.texts(row, channels_first)]
        cells[0] = "&nbsp;" * (4 * row.depth) + cells[0]
        lines.append(_md_row(cells))
    if sheet.total is not None:
        texts = map(str.strip, sheet.total_texts(channels_first))
        lines.append(_md_row([f"**{escape_markdown(text)}**" if text else "" for text in texts]))
    if sheet.footer:
        lines += ["", *(f"- {escape_markdown(line)}" for line in _remarks(sheet))]
    return "\n".join(lines) + "\n"


def escape_markdown(text: str) -> str:
    """Markdown's and HTML's own signs as what they are; a name such as www.x.y is no link."""
    escaped = re.sub(r"([\\`*_{}\[\]<>#|~!@:]|(?i:(?<=www))\.)", r"\\\1", text)
    return escaped.replace("&", "&amp;")


def _remarks(sheet: Sheet) -> list[str]:
    """The footer without what only helps at the command line."""
    return [line.partition("; --")[0] for line in sheet.footer]


def _md_row(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


_TEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#",
    "%": r"\%", "_": r"\_", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}",
    "×": r"$\times$", "−": "$-$", "·": r"$\cdot$", "→": r"$\to$", "–": "--", "…": r"\dots{}",
    "⌊": r"$\lfloor$", "⌋": r"$\rfloor$", "⌈": r"$\lceil$", "⌉": r"$\rceil$",
    "▇": r"\rule{0.5em}{1ex}",
}  # fmt: skip


_LONG = 45  # rows that a page has room for


def render_latex(sheets: list[Sheet], channels_first: bool = False) -> str:
    """A document that compiles as it stands; a paper takes the tables out of it."""
    tables = "\n\\bigskip\n\n".join(_latex(sheet, channels_first) for sheet in sheets)
    return (
        "\\documentclass{article}\n"
        "\\usepackage[T1]{fontenc}\n"
        "\\usepackage[utf8]{inputenc}\n"
        "\\usepackage{booktabs}\n"
        "\\usepackage{longtable}\n"
        "\\usepackage[margin=1cm,landscape]{geometry}\n"
        "\\begin{document}\n"
        "\\noindent\n"
        f"{tables}"
        "\\end{document}\n"
    )


def _latex(sheet: Sheet, channels_first: bool) -> str:
    alignment = "".join("r" if column.number else "l" for column in sheet.columns)
    table = "tabular" if len(sheet.rows) <= _LONG else "longtable"
    lines = []
    if sheet.title:
        inputs = sheet.inputs_text(channels_first)
        title = escape_latex(line_start(visible(sheet.title)))
        lines.append(f"{title} \\quad {escape_latex(inputs)} \\\\[1ex]")
    lines += [f"\\begin{{{table}}}{{{alignment}}}", "\\toprule"]
    lines += [_tex_row([escape_latex(column.header) for column in sheet.columns]), "\\midrule"]
    for row in sheet.rows:
        cells = [escape_latex(text.strip()) for text in sheet.texts(row, channels_first)]
        cells[0] = f"\\hspace*{{{row.depth}em}}{cells[0]}" if row.depth else cells[0]
        lines.append(_tex_row(cells))
    if sheet.total is not None:
        texts = map(str.strip, sheet.total_texts(channels_first))
        lines += ["\\midrule", _tex_row(list(map(escape_latex, texts)))]
    lines += ["\\bottomrule", f"\\end{{{table}}}"]
    lines += [f"\n\\noindent {escape_latex(line)}" for line in _remarks(sheet)]
    return "\n".join(lines) + "\n"


def escape_latex(text: str) -> str:
    """LaTeX's own signs as what they are; what its usual fonts lack as a code."""
    return "".join(
        _TEX.get(char, char if ord(char) < 0x100 else f"\\texttt{{U+{ord(char):04X}}}")
        for char in text
    )


def _tex_row(cells: list[str]) -> str:
    row = " & ".join(cells) + " \\\\"
    # The end of the row before would take a [ or * for its argument.
    return "{}" + row if row.startswith(("[", "*")) else row
