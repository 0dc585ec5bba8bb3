"""The codes of problems as text: all of them, and the page of one."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import indent

from cnncalc.checks.pages import findings, page_of
from cnncalc.problems import ERROR, UNUSED_IGNORE, Code
from cnncalc.render.diagnostics import render_problems
from cnncalc.render.stream import Style, unstyled
from cnncalc.render.text import hanging, paragraph

_MARGIN = "  "
_CHAPTERS = {
    "CNN1": "The file and its words",
    "CNN2": "Volumes and layers",
    "CNN3": "Rules: what works but is rarely meant",
    "CNN4": "Expectations, budgets, and the code of a network",
}
_FATAL = "An error, which cannot be ignored: no network can be built of such a spec."


def list_codes(codes: Iterable[Code], width: int | None = None) -> str:
    """Codes, names and meanings, a line each, by chapter."""
    listed = list(codes)
    size = max(len(code.name) for code in listed)
    lines = []
    for beginning, title in _CHAPTERS.items():
        chapter = [code for code in listed if code.code.startswith(beginning)]
        if chapter:
            lines.append(title)
            for code in chapter:
                head = f"{_MARGIN}{code.code}  {code.name:<{size}}  "
                severity = "" if code.severity == ERROR else f" ({code.severity})"
                lines += hanging(head, code.meaning + severity, width)
            lines.append("")
    lines.append("All are errors but those that say otherwise. cnncalc rules CODE explains one.")
    return "\n".join(lines) + "\n"


def explain_code(code: Code, width: int | None = None, style: Style = unstyled) -> str:
    """What it means, why it is what it is, and a spec with it and one without."""
    page = page_of(code.code)
    columns = min(width or 80, 100)
    parts = [style(page.title, bold=True)]
    parts += [_paragraph(text, columns) for text in (*page.why, page.severity or _FATAL)]
    if page.fires:
        found = [problem for problem in findings(page.fires) if problem.code is code]
        parts += [
            f"{_MARGIN}With it",
            indent(page.fires.rstrip(), 2 * _MARGIN),
            indent(render_problems(found, style).rstrip(), 2 * _MARGIN),
            f"{_MARGIN}Without it",
            indent(page.passes.rstrip(), 2 * _MARGIN),
        ]
    if code.demanded:
        silent = "No comment in a spec can ignore it"
    else:
        silent = f"Where it is meant, # cnncalc: ignore[{code.code}] at the end of the line says so"
    if not code.fatal and code is not UNUSED_IGNORE:
        silent += f"; cnncalc check --ignore {code.code} leaves it out everywhere."
        parts.append(_paragraph(silent, columns))
    return "\n\n".join(parts) + "\n"


def _paragraph(text: str, columns: int) -> str:
    return "\n".join(paragraph(text, columns, _MARGIN))
