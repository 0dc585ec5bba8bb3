"""Explanations as documents: Markdown, LaTeX and HTML are written from the same blocks."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from cnncalc.commands.explain.explanation import Explanation, Overview
from cnncalc.commands.explain.shared import (
    Sections,
    derivations_in,
    once,
    place_text,
    title_text,
    volumes_text,
)
from cnncalc.commands.formulas import LATEX, formula, worked
from cnncalc.layers.derivation import Derivation, Items, Letter, Section, Step
from cnncalc.render.blocks import Block, Heading, Listing, Math, Paragraph
from cnncalc.render.stream import Paper
from cnncalc.render.table import Column, Row, Table
from cnncalc.wording import minus

if TYPE_CHECKING:
    from cnncalc.network.model import Network

_LETTERS = (Column("Letter"), Column("Value", right=True), Column("Meaning", wraps=True))
_STEPS = (Column("Layer"), Column("Kind"), Column("r"), Column("j"), Column(""))


def render_markdown(network: Network, found: Explanation | Overview, paper: Paper) -> str:
    from cnncalc.render.markdown import render_blocks  # one format at a time

    return render_blocks(blocks(network, found, paper))


def render_latex(network: Network, found: Explanation | Overview, paper: Paper) -> str:
    from cnncalc.render.latex import render_blocks  # one format at a time

    return render_blocks(blocks(network, found, paper), paper.handout)


def render_html(network: Network, found: Explanation | Overview, paper: Paper) -> str:
    from cnncalc.render.html import render_blocks  # one format at a time

    return render_blocks(blocks(network, found, paper))


def blocks(network: Network, found: Explanation | Overview, paper: Paper) -> list[Block]:
    """The whole explanation."""
    if isinstance(found, Explanation):
        parts = [*_layer(network, found, paper)]
    else:
        parts = [*_overview(network, found)]
    return [*parts, *_sections(found.sections)]


def _layer(network: Network, found: Explanation, paper: Paper) -> Iterator[Block]:
    volumes = volumes_text(found.inputs, found.output)
    yield Heading(found.path)
    place = place_text(network, found) if paper.handout.lines else ""
    yield Paragraph(", ".join(filter(None, (found.label, volumes, place))))
    if found.short:
        yield Paragraph(found.short, strong=True)
    yield Paragraph(found.summary)
    if found.letters:
        yield Table(_LETTERS, [Row(_letter(letter)) for letter in found.letters])
        if found.shared:
            yield Paragraph(found.shared)


def _letter(letter: Letter) -> tuple[str, ...]:
    name = Math(letter.name, LATEX.letter(letter.name))
    return name, minus(f"{letter.value:,}"), letter.meaning


def _overview(network: Network, found: Overview) -> Iterator[Block]:
    yield Heading(title_text(network, found))
    yield Paragraph(volumes_text(found.inputs, found.output))
    if found.short:
        yield Paragraph(found.short, strong=True)
    brief = once(_brief)
    for layer in found.layers:
        parts = (layer.label, volumes_text(layer.inputs, layer.output))
        yield Heading(f"{layer.path}: {', '.join(filter(None, parts))}", 2)
        yield from brief(layer.sections)


def _brief(sections: Sections) -> list[Block]:
    return [
        formula(entry._replace(words="", letter=""), True) for entry in derivations_in(sections)
    ]


def _sections(sections: Sections) -> Iterator[Block]:
    for section in sections:
        yield from _section(section)


def _section(section: Section) -> Iterator[Block]:
    if section.title:
        yield Heading(section.title, 2)
    for are_steps, entries in groupby(section.entries, lambda entry: isinstance(entry, Step)):
        if are_steps:
            yield Table(_STEPS, [Row(_step(step)) for step in entries if isinstance(step, Step)])
            continue
        for entry in entries:
            if isinstance(entry, str):
                yield Paragraph(entry)
            elif isinstance(entry, Items):
                yield Listing([f"- {text}" for text in entry.texts])
            elif isinstance(entry, Derivation):
                yield formula(entry)


def _step(step: Step) -> tuple[str, ...]:
    """A row of the table of steps."""
    on = f"on {step.source} " if step.source else ""
    jump = worked(step.jump) if step.jump else ""
    return step.name, step.label, worked(step.size), jump, f"{on}{step.words}".strip()
