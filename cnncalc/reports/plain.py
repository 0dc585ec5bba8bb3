"""Sheets as CSV, Markdown and LaTeX."""

from __future__ import annotations

import csv
import re
from io import StringIO

from cnncalc.reports.sheet import Sheet, plain, written
from cnncalc.wording import visible

_FORMULA_START = ("=", "+", "-", "@", "\t", "\r")


def render_csv(sheets: list[Sheet]) -> str:
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
            if row.opened:
                continue
            cells = [plain(cell) for cell in row.cells]
            line = [sheet.title, *cells] if several else cells
            writer.writerow([_csv_cell(cell) for cell in line])
    return out.getvalue()


def _csv_cell(cell: str | int) -> str | int:
    """A spreadsheet runs what begins like a formula; an apostrophe keeps it text."""
    if not isinstance(cell, str):
        return cell
    cell = visible(cell)
    return "'" + cell if cell.startswith(_FORMULA_START) else cell


def render_markdown(sheets: list[Sheet], channels_first: bool = False) -> str:
    """Tables that GitHub and most others draw, with a heading for each network."""
    return "\n".join(_markdown(sheet, channels_first) for sheet in sheets)


def _markdown(sheet: Sheet, channels_first: bool) -> str:
    lines = []
    if sheet.title:
        lines += [
            f"### {escape_markdown(visible(sheet.title))}",
            "",
            escape_markdown(visible(sheet.inputs)),
            "",
        ]
    lines.append(_md_row([column.header for column in sheet.columns]))
    lines.append(_md_row(["---:" if column.number else "---" for column in sheet.columns], True))
    for row in sheet.rows:
        cells = [
            escape_markdown(written(cell, column, channels_first).strip())
            for cell, column in zip(row.cells, sheet.columns, strict=True)
        ]
        cells[0] = "&nbsp;" * (4 * row.depth) + cells[0] + (" \\*" if row.mark else "")
        lines.append(_md_row(cells, True))
    if sheet.total is not None:
        texts = _total_texts(sheet, channels_first)
        lines.append(
            _md_row([f"**{escape_markdown(text)}**" if text else "" for text in texts], True)
        )
    if sheet.footer:
        lines += ["", *(f"- {escape_markdown(line)}" for line in sheet.footer)]
    return "\n".join(lines) + "\n"


def _total_texts(sheet: Sheet, channels_first: bool) -> list[str]:
    assert sheet.total is not None
    texts = [
        written(cell, column, channels_first).strip()
        for cell, column in zip(sheet.total, sheet.columns, strict=True)
    ]
    texts[0] = texts[0] or "Total"
    return texts


def escape_markdown(text: str) -> str:
    """Markdown's and HTML's own signs as what they are."""
    return re.sub(r"([\\`*_{}\[\]<>#|~!@:])", r"\\\1", text)


def _md_row(cells: list[str], ready: bool = False) -> str:
    return "| " + " | ".join(cells if ready else map(escape_markdown, cells)) + " |"


_TEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#",
    "%": r"\%", "_": r"\_", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}",
    "×": r"$\times$", "−": "$-$", "·": r"$\cdot$", "→": r"$\to$", "–": "--", "…": r"\dots{}",
    "▇": r"\rule{0.5em}{1ex}",
}  # fmt: skip


def render_latex(sheets: list[Sheet], channels_first: bool = False) -> str:
    """A document that compiles as it stands; a paper takes the tabular out of it."""
    tables = "\n\\bigskip\n\n".join(_latex(sheet, channels_first) for sheet in sheets)
    return (
        "\\documentclass{article}\n"
        "\\usepackage[T1]{fontenc}\n"
        "\\usepackage[utf8]{inputenc}\n"
        "\\usepackage{booktabs}\n"
        "\\usepackage[margin=1cm,landscape]{geometry}\n"
        "\\begin{document}\n"
        "\\noindent\n"
        f"{tables}"
        "\\end{document}\n"
    )


def _latex(sheet: Sheet, channels_first: bool) -> str:
    alignment = "".join("r" if column.number else "l" for column in sheet.columns)
    lines = []
    if sheet.title:
        lines.append(f"{_tex(visible(sheet.title))} \\quad {_tex(sheet.inputs)} \\\\[1ex]")
    lines += [f"\\begin{{tabular}}{{{alignment}}}", "\\toprule"]
    lines.append(_tex_row([_tex(column.header) for column in sheet.columns]))
    lines.append("\\midrule")
    for row in sheet.rows:
        cells = [
            _tex(written(cell, column, channels_first).strip())
            for cell, column in zip(row.cells, sheet.columns, strict=True)
        ]
        cells[0] = f"\\hspace*{{{row.depth}em}}{cells[0]}" if row.depth else cells[0]
        lines.append(_tex_row(cells))
    if sheet.total is not None:
        lines += [
            "\\midrule",
            _tex_row([_tex(text) for text in _total_texts(sheet, channels_first)]),
        ]
    lines += ["\\bottomrule", "\\end{tabular}"]
    return "\n".join(lines) + "\n"


def _tex(text: str) -> str:
    """LaTeX's own signs as what they are; other scripts as their code, which every engine sets."""
    return "".join(
        _TEX.get(char, char if ord(char) < 0x250 else f"\\texttt{{U+{ord(char):04X}}}")
        for char in text
    )


def _tex_row(cells: list[str]) -> str:
    return " & ".join(cells) + " \\\\"
