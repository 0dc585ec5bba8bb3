"""Explanations as Markdown."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

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
from cnncalc.render.markdown import escape, table_lines
from cnncalc.render.stream import Paper
from cnncalc.render.table import Column
from cnncalc.wording import minus

if TYPE_CHECKING:
    from cnncalc.network.model import Network


_LETTERS = (Column("Letter"), Column("Value", right=True), Column("Meaning"))
_STEPS = (Column("Layer"), Column(""), Column("r"), Column("j"), Column(""))


def render_markdown(network: Network, found: Explanation | Overview, paper: Paper) -> str:
    """Headings, lists and tables, with formulas as code."""
    lines = _layer(network, found) if isinstance(found, Explanation) else _overview(network, found)
    lines += [line for section in found.sections for line in _section(section)]
    return "\n".join(lines) + "\n"


def _layer(network: Network, found: Explanation) -> list[str]:
    place = f", {escape(place_text(network, found))}" if network.name else ""
    lines = [
        f"## {escape(found.path)}",
        "",
        f"{escape(found.label)}, {volumes_text(found.inputs, found.output)}{place}",
        "",
        *([f"**{escape(found.short)}**", ""] if found.short else []),
        escape(found.summary),
    ]
    if found.letters:
        lines += ["", *table_lines(_LETTERS, map(_letter, found.letters))]
        lines += ["", found.shared] if found.shared else []
    return lines


def _letter(letter: Letter) -> list[str]:
    return [f"`{letter.name}`", minus(f"{letter.value:,}"), escape(letter.meaning)]


def _overview(network: Network, found: Overview) -> list[str]:
    title = escape(title_text(network, found))
    lines = [f"## {title}", "", volumes_text(found.inputs, found.output)]
    lines += ["", f"**{escape(found.short)}**"] if found.short else []
    brief = once(_brief)
    for layer in found.layers:
        volumes = volumes_text(layer.inputs, layer.output)
        lines += ["", f"### {escape(layer.path)}: {escape(layer.label)}, {volumes}", ""]
        lines += brief(layer.sections)
    return lines


def _brief(sections: Sections) -> list[str]:
    return [f"- {entry.name}: `{worked_text(entry)}`" for entry in derivations_in(sections)]


def _section(section: Section) -> list[str]:
    lines = ["", f"### {escape(section.title)}", ""] if section.title else [""]
    for steps, entries in groupby(section.entries, lambda entry: isinstance(entry, Step)):
        if steps:
            lines += ["", *table_lines(_STEPS, map(_step, entries)), ""]
        else:
            lines += [line for entry in entries for line in _entry(entry)]
    return lines if lines[-1] else lines[:-1]


def _entry(entry: Any) -> list[str]:
    if isinstance(entry, str):
        return [f"- {escape(entry)}"]
    if isinstance(entry, Items):
        return ["", "  ```yaml", *(f"  - {text}" for text in entry.texts), "  ```"]
    return _derivation(entry)


def _derivation(entry: Derivation) -> list[str]:
    words = f": {escape(entry.words)}" if entry.words else ""
    start = f"{entry.letter} = " if entry.letter else ""
    return [
        f"- **{escape(entry.name)}**{words}  ",
        f"  `{start}{entry.equation()}`" + "  " * bool(entry.remarks),
        *(f"  {escape(remark)}" for remark in entry.remarks),
    ]


def _step(step: Any) -> list[str]:
    """A row of the table of steps."""
    on = f"on {step.source} " if step.source else ""
    return [
        escape(step.name),
        escape(step.label),
        f"`{worked_text(step.size)}`",
        f"`{worked_text(step.jump)}`" if step.jump else "",
        escape(on + step.words),
    ]
