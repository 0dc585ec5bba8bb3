"""Explanations as LaTeX."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from cnncalc.commands.explain.explanation import Explanation, Overview
from cnncalc.commands.explain.shared import Sections, once, place_text, title_text
from cnncalc.layers.derivation import Derivation, Items, Letter, Section, Step
from cnncalc.layers.term import Notation, Written
from cnncalc.render.latex import document, escape
from cnncalc.render.stream import Paper

if TYPE_CHECKING:
    from cnncalc.network.model import Network
    from cnncalc.volume import Volume


class Latex(Notation):
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


_LATEX = Latex()
_LONG = 90  # characters of a formula that no longer fits into a displayed line


def render_latex(network: Network, found: Explanation | Overview, paper: Paper) -> str:
    """A document that compiles as it stands."""
    lines = _layer(network, found) if isinstance(found, Explanation) else _overview(network, found)
    lines += _sections(found.sections)
    return document("".join(f"{line}\n" for line in lines))


def _layer(network: Network, found: Explanation) -> list[str]:
    return [
        rf"\section*{{{escape(found.path)}: {escape(found.label)}}}",
        escape(place_text(network, found)),
        "",
        f"${_volumes(found.inputs, found.output)}$.",
        *([rf"\textbf{{{escape(found.short)}}}", ""] if found.short else []),
        escape(found.summary),
        *_letters(found.letters),
        *(["", escape(found.shared)] if found.shared else []),
    ]


def _overview(network: Network, found: Overview) -> list[str]:
    title = escape(title_text(network, found))
    lines = [rf"\section*{{{title}}}", f"${_volumes(found.inputs, found.output)}$"]
    lines += [rf"\\ \textbf{{{escape(found.short)}}}"] if found.short else []
    sections = once(_sections)
    for layer in found.layers:
        lines.append(rf"\subsection*{{{escape(layer.path)}: {escape(layer.label)}}}")
        lines.append(f"${_volumes(layer.inputs, layer.output)}$")
        lines += sections(layer.sections)
    return lines


def _sections(sections: Sections) -> list[str]:
    return [line for section in sections for line in _section(section)]


def _volumes(inputs: tuple[Volume, ...], output: Volume | None) -> str:
    sign = r" \times "
    before = r",\ ".join(volume.text(sign) for volume in inputs)
    return rf"{before} \to {output.text(sign)}" if output else before


def _letters(letters: tuple[Letter, ...]) -> list[str]:
    if not letters:
        return []
    rows = [
        f"${_LATEX.letter(letter.name)}$ & ${_LATEX.number(letter.value)}$ & "
        rf"{escape(letter.meaning)} \\"
        for letter in letters
    ]
    return ["", r"\medskip", r"\begin{tabular}{lrl}", *rows, r"\end{tabular}"]


def _section(section: Section) -> list[str]:
    lines = [rf"\subsection*{{{escape(section.title)}}}"] if section.title else []
    for entry in section.entries:
        if isinstance(entry, str):
            lines += ["", escape(entry)]
        elif isinstance(entry, Derivation):
            words = f": {escape(entry.words)}" if entry.words else ""
            lines += ["", rf"\textbf{{{escape(entry.name)}}}{words}"]
            lines += _equation(entry)
            lines += [escape(remark) for remark in entry.remarks]
        elif isinstance(entry, Items):
            lines += [rf"\\ \texttt{{- {escape(text)}}}" for text in entry.texts]
        else:
            lines += ["", *_step(entry)]
    return lines


def _equation(derivation: Derivation) -> list[str]:
    steps = derivation.steps(_LATEX)
    first = _LATEX.letter(derivation.letter) if derivation.letter else steps.pop(0)
    if not steps:
        return [rf"\[ {first} \]"]
    if any(len(step) > _LONG for step in (first, *steps)):  # which inline breaks at its signs
        return ["", "$" + " = ".join((first, *steps)) + "$"]
    lines = [f"{first} &= {steps[0]}", *(f"&= {step}" for step in steps[1:])]
    return [r"\begin{align*}", *(rf"{line} \\" for line in lines[:-1]), lines[-1], r"\end{align*}"]


def _step(step: Step) -> Iterator[str]:
    on = f", on {step.source}" if step.source else ""
    words = f"; {step.words}" if step.words else ""
    yield rf"\textbf{{{escape(step.name)}}} {escape(step.label + on + words)}:"
    for name, derivation in (("r", step.size), ("j", step.jump)):
        if derivation:
            steps = [derivation.numbers(_LATEX), _LATEX.number(int(derivation.value))]
            yield rf"\quad ${' = '.join((name, *dict.fromkeys(steps)))}$"
