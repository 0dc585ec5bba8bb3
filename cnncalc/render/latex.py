"""LaTeX: the one preamble, and tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from cnncalc.render.blocks import BLANK, Block, Formula, Heading, Listing, Math, Paragraph
from cnncalc.render.handout import PLAIN, Handout
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
_TABLES = (
    "[T1]{fontenc}",
    "[utf8]{inputenc}",
    "{amsmath}",
    "{booktabs}",
    "{graphicx}",
    "{longtable}",
)
_NEEDS = (
    "% needs \\usepackage[T1]{fontenc} and the packages amsmath, booktabs, graphicx and longtable\n"
)
_RULE = r"\underline{\hspace{3em}}"
_LONG = 45  # rows that a page has room for
_TEXT = 60  # characters of a table that the text of an article has room for
# A table that is wider than the text around it is made as wide.
_FITTED = "\\resizebox{\\ifdim\\width>\\linewidth\\linewidth\\else\\width\\fi}{!}{%"


def document(body: str, page: str = "margin=2.5cm", packages: Sequence[str] = _TABLES) -> str:
    """A document that compiles as it stands."""
    used = "".join(f"\\usepackage{package}\n" for package in packages)
    return f"{_PREAMBLE.format(page=page, packages=used)}{body}\\end{{document}}\n"


def fragment(body: str) -> str:
    """A part of a document, which includes it and needs these packages."""
    return f"{_NEEDS}{body}"


def escape(text: str) -> str:
    """LaTeX's own signs as what they are; what its usual fonts lack as a code."""
    return "".join(
        _TEX.get(char, char if ord(char) < 0x100 else f"\\texttt{{U+{ord(char):04X}}}")
        for char in text
    )


def render_latex(tables: Sequence[Table], handout: Handout = PLAIN) -> str:
    """The tables: to be included in a document, or one that compiles as it stands."""
    body = "\n\\bigskip\n\n".join(
        table_text(table, handout, titled=handout.standalone or len(tables) > 1) for table in tables
    )
    whole = handout.standalone
    return document(body, "margin=1cm,landscape") if whole else fragment(body)


# Classes leave no room between a caption and the rule below it.
_ABOVE = "\\centering\\small\\setlength{\\belowcaptionskip}{6pt}"


def table_text(table: Table, handout: Handout = PLAIN, *, titled: bool = False) -> str:
    """One table, floating where it has a caption or label; a long one goes on over pages."""
    alignment = "".join("r" if column.right else "l" for column in table.columns)
    long = len(table.rows) > _LONG
    name = "longtable" if long else "tabular"
    captioned = bool(handout.caption or handout.label)
    caption = _caption(handout)
    title = f"{escape(line_start(table.title))} \\quad {escape(table.about)} \\\\[1ex]"
    floating = captioned and not long
    fitted = _is_wide(table) and not (long or handout.standalone)  # which has a wider page
    lines = [
        *([title] if table.title and titled and not captioned else []),
        *(["\\begin{table}", _ABOVE, *caption] if floating else []),
        *([_FITTED] if fitted else []),
        f"\\begin{{{name}}}{{{alignment}}}",
        *([f"{''.join(caption)} \\\\"] if captioned and long else []),
        "\\toprule",
        _line(escape(column.heading) for column in table.columns),
        "\\midrule",
        *(["\\endhead"] if long else []),
        *(_line(_cells(table.columns, row)) for row in table.rows),
        *([] if table.total is None else ["\\midrule", _line(map(_cell, table.total))]),
        "\\bottomrule",
        f"\\end{{{name}}}{'}' if fitted else ''}",
        *(f"\n{escape(remark.text)}" for remark in table.remarks),
        *(["\\end{table}"] if floating else []),
    ]
    return "".join(f"{line}\n" for line in lines)


def _is_wide(table: Table) -> bool:
    """Whether a table may stick out of the text of a page."""
    headings = [column.heading for column in table.columns]
    columns = zip(headings, *(row.cells for row in table.rows), strict=True)
    return sum(max(map(len, column)) + 2 for column in columns) > _TEXT


def _caption(handout: Handout) -> list[str]:
    """As it is given, but for signs that LaTeX would obey."""
    caption = [f"\\caption{{{escape(handout.caption)}}}"] if handout.caption else []
    return [*caption, *([f"\\label{{{handout.label}}}"] if handout.label else [])]


def _cells(columns: Sequence[Column], row: Row) -> Iterator[str]:
    indent = f"\\hspace*{{{row.depth}em}}" if row.depth else ""
    for column, text in zip(columns, row.cells, strict=True):
        yield indent + _cell(text) if column.tree else _cell(text)


def _cell(text: str) -> str:
    if isinstance(text, Math):
        return f"${text.tex}$"
    return _RULE if text == BLANK else escape(text.strip())


def _line(cells: Iterable[str]) -> str:
    line = f"{' & '.join(cells)} \\\\"
    # The end of the line before would take a [ or * for its argument.
    return "{}" + line if line.startswith(("[", "*")) else line


# Documents of blocks.

_SECTIONS = ("", r"\section*", r"\subsection*", r"\subsubsection*")
_WIDE = 90  # characters of a formula that no longer fits into a displayed line
# Signs of one width each, in the font of typewriters.
_MONO = {
    "×": r"\texttimes{}", "−": r"\textminus{}", "·": r"\textperiodcentered{}", "→": "->",
    " ": "~", "-": r"{-}",
}  # fmt: skip


def render_blocks(blocks: Sequence[Block], handout: Handout = PLAIN) -> str:
    """A document that compiles as it stands, or the part of one."""
    lines = [line for block in blocks for line in _block(block)]
    caption = _caption(handout)
    if caption:  # a figure of its own; what is longer than a page has no caption
        lines = [r"\begin{figure}", *lines, *caption, r"\end{figure}"]
    body = "".join(f"{line}\n" for line in lines)
    if handout.standalone:
        return document(body)
    grouped = f"\\begingroup\n\\raggedright\\setlength{{\\parindent}}{{0pt}}\n{body}\\endgroup\n"
    return fragment(grouped)


def _block(block: Block) -> list[str]:
    if isinstance(block, Heading):
        return [rf"{_SECTIONS[block.level]}{{{escape(block.text)}}}"]
    if isinstance(block, Paragraph):
        text = escape(line_start(block.text))
        return ["", rf"\textbf{{{text}}}" if block.strong else text, ""]
    if isinstance(block, Listing):
        return ["", *_listing(block), ""]
    if isinstance(block, Formula):
        return _formula(block)
    return ["", r"\medskip", *table_text(block).splitlines(), r"\par\medskip", ""]


def _listing(block: Listing) -> Iterator[str]:
    yield r"{\ttfamily\small"
    for line in block.lines:
        signs = "".join(_MONO.get(char, escape(char)) for char in line.rstrip())
        yield rf"\mbox{{{signs}}}\\"
    yield r"\par}"


def _formula(block: Formula) -> list[str]:
    words = f": {escape(block.words)}" if block.words else ""
    lines = ["", rf"\textbf{{{escape(block.name)}}}{words}"]
    lines += _equation(list(block.tex)) if block.tex else [rf"\quad {_RULE}", ""]
    return [*lines, *map(escape, block.remarks)]


def _equation(steps: list[str]) -> list[str]:
    first, *others = steps
    if not others:
        return [rf"\[ {first} \]"]
    if any(len(step) > _WIDE for step in steps):  # which inline breaks at its signs
        return ["", "$" + " = ".join(steps) + "$"]
    lines = [f"{first} &= {others[0]}", *(f"&= {step}" for step in others[1:])]
    return [r"\begin{align*}", *(rf"{line} \\" for line in lines[:-1]), lines[-1], r"\end{align*}"]
