"""Derivations as parts of documents, with their formulas as text and in LaTeX."""

from __future__ import annotations

import re

from cnncalc.layers.derivation import Derivation
from cnncalc.layers.term import PLAIN, Notation, Written
from cnncalc.render.blocks import Formula, Math
from cnncalc.render.latex import escape


class _Latex(Notation):
    r"""Formulas in LaTeX: \frac{W - F + 2 \cdot P}{S} + 1."""

    plus, minus, times = " + ", " - ", r" \cdot "
    floor = (r"\left\lfloor ", r" \right\rfloor")
    ceil = (r"\left\lceil ", r" \right\rceil")
    about, percent = r"\text{about } ", r"\%"

    def letter(self, name: str) -> str:
        found = re.fullmatch(r"([A-Za-z])(?:_([a-z0-9]+))?", name)
        if not found:
            return rf"\text{{{escape(name)}}}"
        index = found[2] or ""
        if not index:
            return found[1]
        return f"{found[1]}_{{{index}}}" if len(index) == 1 else rf"{found[1]}_{{\text{{{index}}}}}"

    def number(self, value: int) -> str:
        return f"{value:,}".replace(",", "{,}")

    def fraction(self, top: Written, bottom: Written) -> Written:
        return Written(rf"\frac{{{top.text}}}{{{bottom.text}}}", 3)


LATEX = _Latex()


def formula(found: Derivation, in_short: bool = False) -> Formula:
    """A number with every step, or in short the numbers and the result alone."""
    if found.blank:
        return Formula(found.name, found.words, (), ())
    if in_short:
        worked_out = worked(found)
        return Formula(found.name, found.words, [worked_out], [worked_out.tex], found.remarks)
    letter = found.letter
    steps = [letter] * bool(letter) + found.steps()
    tex = [LATEX.letter(letter)] * bool(letter) + found.steps(LATEX)
    return Formula(found.name, found.words, steps, tex, found.remarks)


def worked(found: Derivation) -> Math:
    """The numbers and the result, without letters and steps between."""
    text, tex = (
        " = ".join(dict.fromkeys((found.numbers(notation), found.result_text(notation))))
        for notation in (PLAIN, LATEX)
    )
    return Math(text, tex)
