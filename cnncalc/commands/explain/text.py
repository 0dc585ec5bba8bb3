"""Explanations as text for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.commands.explain.explanation import Explanation, Overview
from cnncalc.commands.explain.shared import (
    Sections,
    derivations_in,
    once,
    place_text,
    title_text,
    volumes_text,
    worked_text,
)
from cnncalc.layers.derivation import Derivation, Items, Letter, Section, Step
from cnncalc.render.blocks import BLANK
from cnncalc.render.stream import Paper, Style
from cnncalc.render.table import aligned
from cnncalc.render.text import hanging, paragraph
from cnncalc.wording import line_start, minus

if TYPE_CHECKING:
    from cnncalc.network.model import Network


def render_text(network: Network, found: Explanation | Overview, paper: Paper) -> str:
    text = Text(paper.width or 80, paper.style)
    if isinstance(found, Explanation):
        text.layer(found, place_text(network, found) if paper.handout.lines else "")
    else:
        text.overview(found, title_text(network, found))
    return "\n".join(line.rstrip() for line in text.lines) + "\n"


class Text:
    """Lines for a terminal."""

    def __init__(self, width: int, style: Style) -> None:
        self.width = max(width, 40)
        self.style = style
        self.lines: list[str] = []

    def heading(self, text: str) -> None:
        self.lines += ["", self.style(text, bold=True)]

    def paragraph(self, text: str, indent: str = "  ") -> None:
        self.lines += paragraph(text, self.width, indent)

    def hanging(self, start: str, text: str) -> None:
        self.lines += hanging(start, text, self.width)

    def layer(self, found: Explanation, place: str) -> None:
        head = f"{self.style(found.path, bold=True)}   {found.label}"
        self.lines.append(f"{head}   {volumes_text(found.inputs, found.output)}")
        self.lines += [place] * bool(place)
        self.lines.append("")
        if found.short:
            self.paragraph(found.short, "")
            self.lines.append("")
        self.paragraph(found.summary, "")
        if found.letters:
            self.heading("Letters")
            self.letters(found.letters)
            if found.shared:
                self.paragraph(found.shared)
        for section in found.sections:
            self.section(section)

    def letters(self, letters: tuple[Letter, ...]) -> None:
        names = [minus(f"{letter.name} = {letter.value:,}") for letter in letters]
        size = max(map(len, names))
        for name, letter in zip(names, letters, strict=True):
            self.hanging(f"  {name:<{size}}   ", letter.meaning)

    def section(self, section: Section) -> None:
        if section.title:
            self.heading(section.title)
        else:
            self.lines.append("")
        steps = [entry for entry in section.entries if isinstance(entry, Step)]
        for entry in section.entries:
            if isinstance(entry, str):
                self.paragraph(entry)
            elif isinstance(entry, Derivation):
                self.derivation(entry)
            elif isinstance(entry, Items):
                self.lines += [f"    - {text}" for text in entry.texts]
            elif entry is steps[0]:
                self.steps(steps)

    def derivation(self, derivation: Derivation) -> None:
        name = self.style(derivation.name, bold=True)
        words = f": {derivation.words}" if derivation.words else ""
        first, *rest = paragraph(f"{derivation.name}{words}", self.width, "  ")
        self.lines += [first.replace(derivation.name, name, 1), *rest]
        if derivation.blank:
            self.lines += [f"    {BLANK}", ""]
            return
        self.equation(derivation, "    ")
        for remark in derivation.remarks:
            self.paragraph(remark, "    ")

    def equation(self, derivation: Derivation, indent: str) -> None:
        """In one line where it fits, else a step a line."""
        steps = derivation.steps()
        if derivation.letter:
            steps.insert(0, derivation.letter)
        line = " = ".join(steps)
        if len(indent + line) <= self.width and (len(steps) < 5 or len(line) < 50):
            self.lines.append(f"{indent}{line}")
            return
        before = f"{steps.pop(0)} " if derivation.letter else ""
        blank = indent + " " * len(before)
        for number, step in enumerate(steps):
            sign = "= " if number or before else ""
            self.hanging(f"{indent}{before}{sign}" if number == 0 else f"{blank}{sign}", step)

    def steps(self, steps: list[Step]) -> None:
        """A table where it fits, else two lines a step."""
        rows = list(map(_step_row, steps))
        lines = list(aligned(rows, [False] * 4, gap=2))
        if max(map(len, lines)) <= self.width:
            parts: list[list[str]] = [[line] for line in lines]
        else:
            parts = self.halves(rows)
        for step, part in zip(steps, parts, strict=True):
            self.lines += part
            self.step_words(step)

    def halves(self, rows: list[tuple[str, ...]]) -> list[list[str]]:
        """The layer above, and below it its numbers, in one line or two."""
        size = max(len(row[2]) for row in rows)
        parts = []
        for name, label, field, jump in rows:
            together = f"    {field:<{size}}   {jump}".rstrip()
            apart = [f"    {field}", f"    {jump}"]
            parts.append(
                [f"  {name}   {label}", *([together] if len(together) <= self.width else apart)]
            )
        return parts

    def step_words(self, step: Step) -> None:
        if step.source:
            self.paragraph(f"on {step.source}", "      ")
        if step.words:
            self.paragraph(step.words, "      ")

    def overview(self, found: Overview, title: str) -> None:
        head = self.style(line_start(title), bold=True)
        self.lines.append(f"{head}   {volumes_text(found.inputs, found.output)}")
        self.paragraph(found.short, "")
        brief = once(self.brief)
        for layer in found.layers:
            self.lines.append("")
            name, label = self.style(layer.path, bold=True), layer.label
            volumes = volumes_text(layer.inputs, layer.output)
            self.lines.append("   ".join(filter(None, (name, label, volumes))))
            self.lines += brief(layer.sections)
        for section in found.sections:
            self.section(section)

    def brief(self, sections: Sections) -> list[str]:
        text = Text(self.width, self.style)
        for derivation in derivations_in(sections):
            value = BLANK if derivation.blank else worked_text(derivation)
            text.hanging(f"  {derivation.name:<16}", value)
        return text.lines


def _step_row(step: Step) -> tuple[str, ...]:
    jump = f"j = {worked_text(step.jump)}" if step.jump else ""
    return step.name, step.label, f"r = {worked_text(step.size)}", jump
