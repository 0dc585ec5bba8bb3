"""Explanations as text, Markdown, LaTeX and JSON.

A report visits an explanation part by part; what differs between the formats is how a heading, a
sentence, a derivation and a list of steps are written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from cnncalc.layers.derivation import Derivation, Items, Letter, Section, Step
from cnncalc.layers.term import Notation, Ratio, Written, letters_in
from cnncalc.network.explanation import Explanation, Overview
from cnncalc.render.latex import document
from cnncalc.render.latex import escape as escape_latex
from cnncalc.render.markdown import escape as escape_markdown
from cnncalc.render.stream import unstyled
from cnncalc.render.text import hanging, paragraph
from cnncalc.reports.machine import json_text
from cnncalc.wording import line_start, minus, visible

if TYPE_CHECKING:
    from cnncalc.network.network import Network
    from cnncalc.render.stream import Style
    from cnncalc.volume import Volume

SCHEMA_VERSION = 1

Sections = tuple[Section, ...]
Lines = TypeVar("Lines")


def once(work: Callable[[Sections], Lines]) -> Callable[[Sections], Lines]:
    """`work`, done once for the sections that equal layers share."""
    done: dict[int, Lines] = {}

    def look_up(sections: Sections) -> Lines:
        if id(sections) not in done:
            done[id(sections)] = work(sections)
        return done[id(sections)]

    return look_up


def _volumes(inputs: tuple[Volume, ...], output: Volume | None) -> str:
    """32×32×1 → 28×28×6"""
    before = ", ".join(volume.text() for volume in inputs)
    return f"{before} → {output.text()}" if output else before


def _title(network: Network, found: Explanation | Overview) -> str:
    """The name of the network, and of the group in it."""
    name = visible(network.name or "unnamed network")
    name = f"{name} · {visible(network.variant)}" if network.variant else name
    group = found.title if isinstance(found, Overview) else ""
    return f"{name}: {group}" if group and group != network.name else name


def _place(network: Network, found: Explanation) -> str:
    return f"in {_title(network, found)}, on line {found.line}" if network.name else ""


# Text.


def render_text(
    network: Network,
    found: Explanation | Overview,
    *,
    width: int | None = None,
    style: Style = unstyled,
) -> str:
    text = Text(width or 80, style)
    if isinstance(found, Explanation):
        text.layer(found, _place(network, found))
    else:
        text.overview(found, _title(network, found))
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
        self.lines.append(f"{head}   {_volumes(found.inputs, found.output)}")
        self.lines += [place] * bool(place)
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
        rows = [
            (step.name, step.label, f"r = {_worked(step.size)}", f"j = {_worked(step.jump)}")
            if step.jump
            else (step.name, step.label, f"r = {_worked(step.size)}", "")
            for step in steps
        ]
        sizes = [max(map(len, column)) for column in zip(*rows, strict=True)]
        in_one_line = 2 + sum(sizes) + 2 * 3 <= self.width
        for step, (name, label, size, jump) in zip(steps, rows, strict=True):
            if in_one_line:
                first = f"  {name:<{sizes[0]}}  {label:<{sizes[1]}}  "
                self.lines.append(f"{first}{size:<{sizes[2]}}  {jump}")
            else:
                self.lines.append(f"  {name}   {label}")
                together = f"    {size:<{sizes[2]}}   {jump}".rstrip()
                fits = len(together) <= self.width
                self.lines += [together] if fits else [f"    {size}", f"    {jump}"]
            self.step_words(step)

    def step_words(self, step: Step) -> None:
        if step.source:
            self.paragraph(f"on {step.source}", "      ")
        if step.words:
            self.paragraph(step.words, "      ")

    def overview(self, found: Overview, title: str) -> None:
        head = self.style(line_start(title), bold=True)
        self.lines.append(f"{head}   {_volumes(found.inputs, found.output)}")
        brief = once(self.brief)
        for layer in found.layers:
            self.lines.append("")
            name = self.style(layer.path, bold=True)
            self.lines.append(f"{name}   {layer.label}   {_volumes(layer.inputs, layer.output)}")
            self.lines += brief(layer.sections)
        for section in found.sections:
            self.section(section)

    def brief(self, sections: Sections) -> list[str]:
        text = Text(self.width, self.style)
        for derivation in _derivations(sections):
            text.hanging(f"  {derivation.name:<16}", _worked(derivation))
        return text.lines


def _derivations(sections: Sections) -> Iterator[Derivation]:
    for section in sections:
        yield from (entry for entry in section.entries if isinstance(entry, Derivation))


def _worked(derivation: Derivation) -> str:
    """The numbers and the result, without letters and steps between."""
    texts = (derivation.numbers(), derivation.result_text())
    return " = ".join(dict.fromkeys(texts))


# Markdown.


def render_markdown(network: Network, found: Explanation | Overview) -> str:
    """Headings, lists and tables, with formulas as code."""
    title = escape_markdown(_title(network, found))
    if isinstance(found, Explanation):
        lines = [f"## {escape_markdown(found.path)}", ""]
        lines.append(f"{escape_markdown(found.label)}, {_volumes(found.inputs, found.output)}")
        if network.name:
            lines[-1] += f", {escape_markdown(_place(network, found))}"
        lines += ["", escape_markdown(found.summary)]
        if found.letters:
            lines += ["", "| Letter | Value | Meaning |", "| --- | ---: | --- |"]
            lines += [
                f"| `{letter.name}` | {letter.value:,} | {escape_markdown(letter.meaning)} |"
                for letter in found.letters
            ]
            lines += ["", found.shared] if found.shared else []
        for section in found.sections:
            lines += _markdown_section(section)
    else:
        lines = [f"## {title}", "", _volumes(found.inputs, found.output)]
        brief = once(_markdown_brief)
        for layer in found.layers:
            volumes = _volumes(layer.inputs, layer.output)
            head = f"{escape_markdown(layer.path)}: {escape_markdown(layer.label)}, {volumes}"
            lines += ["", f"### {head}", ""]
            lines += brief(layer.sections)
        for section in found.sections:
            lines += _markdown_section(section)
    return "\n".join(lines) + "\n"


def _markdown_brief(sections: Sections) -> list[str]:
    return [f"- {entry.name}: `{_worked(entry)}`" for entry in _derivations(sections)]


def _markdown_section(section: Section) -> list[str]:
    lines = ["", f"### {escape_markdown(section.title)}", ""] if section.title else [""]
    in_table = False
    for entry in section.entries:
        if isinstance(entry, str):
            lines += [""] * in_table
            lines.append(f"- {escape_markdown(entry)}")
        elif isinstance(entry, Derivation):
            words = f": {escape_markdown(entry.words)}" if entry.words else ""
            start = f"{entry.letter} = " if entry.letter else ""
            lines.append(f"- **{escape_markdown(entry.name)}**{words}  ")
            lines.append(f"  `{start}{entry.equation()}`" + "  " * bool(entry.remarks))
            lines += [f"  {escape_markdown(remark)}" for remark in entry.remarks]
        elif isinstance(entry, Items):
            lines += ["", "  ```yaml", *(f"  - {text}" for text in entry.texts), "  ```"]
        else:
            if not in_table:
                lines += ["", "| Layer | | r | j | |", "| --- | --- | --- | --- | --- |"]
            in_table = True
            lines.append(_markdown_step(entry))
    return lines


def _markdown_step(step: Step) -> str:
    on = f"on {step.source} " if step.source else ""
    cells = [
        escape_markdown(step.name),
        escape_markdown(step.label),
        f"`{_worked(step.size)}`",
        f"`{_worked(step.jump)}`" if step.jump else "",
        escape_markdown(on + step.words),
    ]
    return f"| {' | '.join(cells)} |"


# LaTeX.


class Latex(Notation):
    r"""Formulas in LaTeX: \frac{W - F + 2 \cdot P}{S} + 1."""

    plus, minus, times = " + ", " - ", r" \cdot "
    floor = (r"\left\lfloor ", r" \right\rfloor")
    ceil = (r"\left\lceil ", r" \right\rceil")
    about, percent = r"\text{about } ", r"\%"

    def letter(self, name: str) -> str:
        found = re.fullmatch(r"([A-Za-z])(?:_([a-z0-9]+))?", name)
        if not found:
            return rf"\text{{{escape_latex(name)}}}"
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


def render_latex(network: Network, found: Explanation | Overview) -> str:
    """A document that compiles as it stands."""
    title = escape_latex(_title(network, found))
    body: list[str] = []
    if isinstance(found, Explanation):
        head = f"{escape_latex(found.path)}: {escape_latex(found.label)}"
        body += [rf"\section*{{{head}}}", escape_latex(_place(network, found)), ""]
        body += [f"${_latex_volumes(found.inputs, found.output)}$.", escape_latex(found.summary)]
        body += _latex_letters(found.letters)
        body += ["", escape_latex(found.shared)] if found.shared else []
        for section in found.sections:
            body += _latex_section(section)
    else:
        body += [rf"\section*{{{title}}}", f"${_latex_volumes(found.inputs, found.output)}$"]
        sections = once(_latex_sections)
        for layer in found.layers:
            head = f"{escape_latex(layer.path)}: {escape_latex(layer.label)}"
            body.append(rf"\subsection*{{{head}}}")
            body.append(f"${_latex_volumes(layer.inputs, layer.output)}$")
            body += sections(layer.sections)
        for section in found.sections:
            body += _latex_section(section)
    return document("".join(f"{line}\n" for line in body))


def _latex_sections(sections: Sections) -> list[str]:
    return [line for section in sections for line in _latex_section(section)]


def _latex_volumes(inputs: tuple[Volume, ...], output: Volume | None) -> str:
    sign = r" \times "
    before = r",\ ".join(volume.text(sign) for volume in inputs)
    return rf"{before} \to {output.text(sign)}" if output else before


def _latex_letters(letters: tuple[Letter, ...]) -> list[str]:
    if not letters:
        return []
    rows = [
        f"${_LATEX.letter(letter.name)}$ & ${_LATEX.number(letter.value)}$ & "
        rf"{escape_latex(letter.meaning)} \\"
        for letter in letters
    ]
    return ["", r"\medskip", r"\begin{tabular}{lrl}", *rows, r"\end{tabular}"]


def _latex_section(section: Section) -> list[str]:
    lines = [rf"\subsection*{{{escape_latex(section.title)}}}"] if section.title else []
    for entry in section.entries:
        if isinstance(entry, str):
            lines += ["", escape_latex(entry)]
        elif isinstance(entry, Derivation):
            words = f": {escape_latex(entry.words)}" if entry.words else ""
            lines += ["", rf"\textbf{{{escape_latex(entry.name)}}}{words}"]
            lines += _latex_equation(entry)
            lines += [escape_latex(remark) for remark in entry.remarks]
        elif isinstance(entry, Items):
            lines += [rf"\\ \texttt{{- {escape_latex(text)}}}" for text in entry.texts]
        else:
            lines += ["", *_latex_step(entry)]
    return lines


def _latex_equation(derivation: Derivation) -> list[str]:
    steps = derivation.steps(_LATEX)
    first = _LATEX.letter(derivation.letter) if derivation.letter else steps.pop(0)
    if not steps:
        return [rf"\[ {first} \]"]
    if any(len(step) > _LONG for step in (first, *steps)):  # which inline breaks at its signs
        return ["", "$" + " = ".join((first, *steps)) + "$"]
    lines = [f"{first} &= {steps[0]}", *(f"&= {step}" for step in steps[1:])]
    return [r"\begin{align*}", *(rf"{line} \\" for line in lines[:-1]), lines[-1], r"\end{align*}"]


def _latex_step(step: Step) -> Iterator[str]:
    on = f", on {step.source}" if step.source else ""
    words = f"; {step.words}" if step.words else ""
    yield rf"\textbf{{{escape_latex(step.name)}}} {escape_latex(step.label + on + words)}:"
    for name, derivation in (("r", step.size), ("j", step.jump)):
        if derivation:
            steps = [derivation.numbers(_LATEX), _LATEX.number(int(derivation.value))]
            yield rf"\quad ${' = '.join((name, *dict.fromkeys(steps)))}$"


# JSON.


def render_json(network: Network, found: Explanation | Overview) -> str:
    """Every derivation with its formula, numbers, steps and result; ASCII, an entry a line."""
    import cnncalc

    layers = (found,) if isinstance(found, Explanation) else found.layers
    sections = () if isinstance(found, Explanation) else found.sections
    written = once(_sections)
    document: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "cnncalc", "version": cnncalc.__version__},
        "network": network.name,
        "source": network.source,
        "variant": network.variant,
        "layers": [_layer_dict(layer, written) for layer in layers],
        "sections": _sections(sections),
    }
    return _json(document, "") + "\n"


def _json(value: Any, indent: str) -> str:
    """Lists and objects over several lines down to the entries, each of which is one."""
    deeper = indent + " "
    if isinstance(value, dict) and "type" not in value and "meaning" not in value:
        pairs = (f"{deeper}{json_text(key)}: {_json(part, deeper)}" for key, part in value.items())
        return "{\n" + ",\n".join(pairs) + f"\n{indent}}}"
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "[\n" + ",\n".join(deeper + _json(part, deeper) for part in value) + f"\n{indent}]"
    return json_text(value)


def _sections(sections: Sections) -> list[dict[str, Any]]:
    return [
        {"title": section.title, "entries": [_entry_dict(entry) for entry in section.entries]}
        for section in sections
    ]


def _layer_dict(
    found: Explanation, sections: Callable[[Sections], list[dict[str, Any]]]
) -> dict[str, Any]:
    return {
        "path": found.path,
        "kind": found.label,
        "line": found.line,
        "inputs": [list(volume.shape) for volume in found.inputs],
        "output": list(found.output.shape) if found.output else None,
        "summary": found.summary,
        "shared": found.shared,
        "letters": [letter._asdict() for letter in found.letters],
        "sections": sections(found.sections),
    }


def _entry_dict(entry: Any) -> dict[str, Any]:
    if isinstance(entry, str):
        return {"type": "text", "text": entry}
    if isinstance(entry, Items):
        return {"type": "items", "items": list(entry.texts)}
    if isinstance(entry, Derivation):
        return {"type": "derivation", **_derivation_dict(entry)}
    return {
        "type": "step",
        "layer": entry.name,
        "kind": entry.label,
        "on": entry.source,
        "words": entry.words,
        "size": _derivation_dict(entry.size),
        "jump": _derivation_dict(entry.jump) if entry.jump else None,
    }


def _derivation_dict(derivation: Derivation) -> dict[str, Any]:
    value = derivation.value
    return {
        "name": derivation.name,
        "words": derivation.words,
        "letter": derivation.letter,
        "symbols": derivation.symbols(),
        "numbers": derivation.numbers(),
        "steps": derivation.steps(),
        "letters": letters_in(value),
        "result": str(derivation.result) if isinstance(value, Ratio) else int(value),
        "remarks": list(derivation.remarks),
    }
