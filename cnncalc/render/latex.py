"""LaTeX: the one preamble, and tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from cnncalc.render.table import Column, Row, Table
from cnncalc.wording import line_start

_TEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#",
    "%": r"\%", "_": r"\_", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}",
    "×": r"$\times$", "−": "$-$", "·": r"$\cdot$", "→": r"$\to$", "–": "--", "…": r"\dots{}",
    "⊕": r"$\oplus$", "⊗": r"$\otimes$", "√": r"$\surd$", "∝": r"$\propto$", "∑": r"$\sum$",
    "≥": r"$\geq$", "≤": r"$\leq$", "←": r"$\leftarrow$", "↑": r"$\uparrow$",
    "↓": r"$\downarrow$", "∞": r"$\infty$", "≈": r"$\approx$", "Σ": r"$\Sigma$",
    **{sign: f"$_{{{digit}}}$" for digit, sign in enumerate("₀₁₂₃₄₅₆₇₈₉")},
    "⌊": r"$\lfloor$", "⌋": r"$\rfloor$", "⌈": r"$\lceil$", "⌉": r"$\rceil$",
    **{sign: rf"\rule{{{part / 16}em}}{{1ex}}" for part, sign in enumerate("▏▎▍▌▋▊▉█", 1)},
}  # fmt: skip
_PREAMBLE = r"""\documentclass{{article}}
{packages}\usepackage[{page}]{{geometry}}
\setlength{{\parindent}}{{0pt}}
\raggedright
\begin{{document}}
"""
_TABLES = ("[T1]{fontenc}", "[utf8]{inputenc}", "{amsmath}", "{booktabs}", "{longtable}")
_LONG = 45  # rows that a page has room for


def document(body: str, page: str = "margin=2.5cm", packages: Sequence[str] = _TABLES) -> str:
    """A document that compiles as it stands; a paper takes the body out of it."""
    used = "".join(f"\\usepackage{package}\n" for package in packages)
    return f"{_PREAMBLE.format(page=page, packages=used)}{body}\\end{{document}}\n"


def escape(text: str) -> str:
    """LaTeX's own signs as what they are; what its usual fonts lack as a code."""
    return "".join(
        _TEX.get(char, char if ord(char) < 0x100 else f"\\texttt{{U+{ord(char):04X}}}")
        for char in text
    )


def render_latex(tables: Iterable[Table]) -> str:
    """The tables as a document."""
    return document("\n\\bigskip\n\n".join(map(_table, tables)), "margin=1cm,landscape")


def _table(table: Table) -> str:
    alignment = "".join("r" if column.right else "l" for column in table.columns)
    name = "tabular" if len(table.rows) <= _LONG else "longtable"
    title = f"{escape(line_start(table.title))} \\quad {escape(table.about)} \\\\[1ex]"
    lines = [
        *([title] if table.title else []),
        f"\\begin{{{name}}}{{{alignment}}}",
        "\\toprule",
        _line(escape(column.heading) for column in table.columns),
        "\\midrule",
        *(_line(_cells(table.columns, row)) for row in table.rows),
        *([] if table.total is None else ["\\midrule", _line(map(_cell, table.total))]),
        "\\bottomrule",
        f"\\end{{{name}}}",
        *(f"\n{escape(remark.text)}" for remark in table.remarks),
    ]
    return "".join(f"{line}\n" for line in lines)


def _cells(columns: Sequence[Column], row: Row) -> Iterator[str]:
    indent = f"\\hspace*{{{row.depth}em}}" if row.depth else ""
    for column, text in zip(columns, row.cells, strict=True):
        yield indent + _cell(text) if column.tree else _cell(text)


def _cell(text: str) -> str:
    return escape(text.strip())


def _line(cells: Iterable[str]) -> str:
    line = f"{' & '.join(cells)} \\\\"
    # The end of the line before would take a [ or * for its argument.
    return "{}" + line if line.startswith(("[", "*")) else line
