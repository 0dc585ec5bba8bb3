"""The key to a table with blanks: the table as it is, and how each of the numbers comes about."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.commands.describe.described import Described
from cnncalc.commands.describe.sheet import COLUMNS, Element, network_sheet
from cnncalc.commands.describe.sheet_texts import table_of
from cnncalc.commands.describe.tables import sheets_of
from cnncalc.commands.formulas import formula
from cnncalc.layers.derivation import Derivation, Page, derivation
from cnncalc.layers.term import total
from cnncalc.network.model import Layer, Network
from cnncalc.quantities import QUANTITIES
from cnncalc.render.blocks import Block, Formula, Heading, Paragraph
from cnncalc.volume import Volume
from cnncalc.wording import line_start, visible


def answers(found: Described, blanks: tuple[str, ...]) -> Iterator[Block]:
    """The tables, and below each what was worked out of every row."""
    for index, sheet in enumerate(sheets_of(found)):
        yield Heading(line_start(visible(sheet.title)) or "Answers")
        yield table_of(sheet, found.channels_first)._replace(title="", about="")
        if found.expand:
            yield from _network(found.networks[index], found.expand, blanks)


def _network(network: Network, expand: int, blanks: tuple[str, ...]) -> Iterator[Block]:
    for row in network_sheet(network, [COLUMNS["layer"]], expand).rows:
        if row.opened:
            continue
        element = network.by_path[row.cells[0]]
        found = [block for name in blanks for block in _answer(element, name)]
        if found:
            yield Heading(f"{element.path}: {element.label}", 2)
            yield from found
    sums = [name for name in blanks if name in QUANTITIES and QUANTITIES[name].adds_up]
    if sums:
        yield Heading("Total", 2)
    for name in sums:
        parts = [value for child in network.root.children if (value := child.quantity(name))]
        yield formula(Derivation(name, total(tuple(parts)), QUANTITIES[name].meaning))


def _answer(element: Element, name: str) -> Iterator[Block]:
    """How one cell of the table comes about; nothing where it is empty or zero."""
    if name == "output" and isinstance(element, Layer):
        yield from _output(element)
    elif name in QUANTITIES and isinstance(value := element.quantity(name), int) and value:
        yield formula(_count(element, name, value))
    elif name not in QUANTITIES or element.quantity(name):
        yield _plain(name, COLUMNS[name].of(element))


def _output(layer: Layer) -> Iterator[Block]:
    page = Page(layer.operation)
    page.section("")
    page.layer.explain_output(page)
    for section in page.sections:
        for entry in section.entries:
            if isinstance(entry, Derivation):
                yield formula(entry)
    text = layer.output.text()
    yield Paragraph(f"The output is {text}.")


def _count(element: Element, name: str, value: int) -> Derivation:
    """With its formula, a group's as the sum of its parts; as it is where there is none."""
    if isinstance(element, Layer):
        known = derivation(element.operation, name) if hasattr(element.operation, name) else None
        if known is not None and known.result == value:
            words = known.words or QUANTITIES[name].of_one
            return known._replace(words=words[:1].lower() + words[1:])
    elif QUANTITIES[name].adds_up:
        parts = tuple(part for child in element.children if (part := child.quantity(name)))
        if sum(parts) == value:
            return Derivation(name, total(parts), "the sum of its parts")
    return Derivation(name, value, QUANTITIES[name].of_one)


def _plain(name: str, value: object) -> Formula:
    text = value.text() if isinstance(value, Volume) else visible(str(value))
    return Formula(name, COLUMNS[name].meaning, [text], [rf"\text{{{text}}}"])
