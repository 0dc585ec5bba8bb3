"""The graph for terminals and for Markdown: an indented tree of its boxes, and Mermaid."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cnncalc.commands.draw.graph import MOST, amount, merge_sign, quantities
from cnncalc.commands.draw.item_maker import items_of
from cnncalc.commands.draw.items import Item, Items, every, in_place
from cnncalc.commands.draw.options import Options
from cnncalc.commands.draw.page import about
from cnncalc.network.model import Input, Network
from cnncalc.render.geometry import shown
from cnncalc.render.stream import Paper
from cnncalc.render.table import aligned
from cnncalc.render.titles import title_of
from cnncalc.wording import line_start, visible

MOST_EDGES, MOST_SIGNS = 400, 40_000  # of Mermaid: GitHub draws no more than 500 and 50,000


# The terminal.


def text(network: Network, options: Options, paper: Paper) -> str:
    """The graph as an indented tree; what reads something else than the line above it says so."""
    items = items_of(network, options, most=MOST, hides=in_place)
    shows = quantities(options.show)
    rows = [
        [branch + _name(item, paper), item.words[1], _volume(item), _reads(item, before)]
        + [_amount(item, known.name) for known in shows]
        for branch, item, before in _lines(items.roots, "", [])
    ]
    lines = aligned(rows, [False] * 4 + [True] * len(shows), gap=2)
    title = paper.style(line_start(visible(title_of(network))), bold=True)
    notes = "".join(f"  {note}\n" for note in items.notes)
    return f"{title}   {visible(about(network))}\n\n" + "".join(f"{x}\n" for x in lines) + notes


def _name(item: Item, paper: Paper) -> str:
    times = f" ×{item.times:,}" if item.times > 1 else ""
    return line_start(visible(item.name)) + times


def _volume(item: Item) -> str:
    return item.output.text() if item.output else ""


def _amount(item: Item, quantity: str) -> str:
    value = item.quantity(quantity)
    return amount(quantities([quantity])[0], value) if value else "–"


def _reads(item: Item, before: Item | None) -> str:
    """What an item reads, unless that is the line above it; seen from where it stands."""
    if item.inside is not None or not item.reads or item.reads == [before]:
        return ""
    sign = merge_sign(item)
    joint = f" {sign} " if sign is not None and len(sign) == 1 else ", "
    outer = item.path.rpartition(".")[0]
    paths = [source.path.removeprefix(f"{outer}." if outer else "") for source in item.reads]
    return "← " + joint.join(map(visible, paths))


def _lines(
    items: Sequence[Item], indent: str, above: list[Item]
) -> Iterator[tuple[str, Item, Item | None]]:
    """Each item with the branch before it and the box above it; `above` has the last box."""
    shown_items = list(_without_clear(items))
    for item in shown_items:
        end = item is shown_items[-1]
        yield f"{indent}{'└ ' if end else '├ '}", item, above[-1] if above else None
        if item.inside is not None:
            yield from _lines(item.inside, f"{indent}{'  ' if end else '│ '}", above)
        else:
            above[:] = [item]


def _without_clear(items: Sequence[Item]) -> Iterator[Item]:
    """What is in groups that are no more than how their parent is built, in their place."""
    for item in items:
        if item.clear and item.inside is not None:
            yield from _without_clear(item.inside)
        else:
            yield item


# Mermaid.


def mermaid(network: Network, options: Options) -> str:
    """A flowchart that GitHub and GitLab show in Markdown."""
    most = options.max_items or MOST
    while True:
        items = items_of(network, options, most=most, hides=in_place)
        drawn = _flowchart(network, items, options)
        edges = sum(len(item.reads) for item in every(items.roots))
        if most <= 1 or (edges <= MOST_EDGES and len(drawn) <= MOST_SIGNS):
            return drawn
        most //= 2


def _flowchart(network: Network, items: Items, options: Options) -> str:
    keys = {id(item): f"n{number}" for number, item in enumerate(every(items.roots))}
    lines = [
        f"flowchart {options.direction}",
        f"accTitle: {_words(title_of(network))}",
        f"accDescr: {_words(about(network))}",
    ]
    lines += _nodes(items.roots, keys, options, "    ")
    for item in every(items.roots):
        lines += (f"    {keys[id(source)]} --> {keys[id(item)]}" for source in item.reads)
    for number, (name, end) in enumerate(network.output_signals.items()):
        label = name if len(network.output_signals) > 1 else "output"
        lines.append(f'    out{number}(["{_escaped(label)}"])')
        lines.append(f"    {keys[id(items.owner[end])]} --> out{number}")
    lines += (f"    %% {_words(note)}" for note in items.notes)
    return "\n".join(lines) + "\n"


def _nodes(
    items: Sequence[Item], keys: dict[int, str], options: Options, indent: str
) -> Iterator[str]:
    for item in items:
        key, label = keys[id(item)], _label(item, options)
        if item.inside is None:
            opening, closing = ("([", "])") if isinstance(item.element, Input) else ("[", "]")
            if merge_sign(item) is not None:
                opening, closing = "((", "))"
                label = _escaped(merge_sign(item) or "")
            yield f'{indent}{key}{opening}"{label}"{closing}'
        elif item.clear:
            yield from _nodes(item.inside, keys, options, indent)
        else:
            yield f'{indent}subgraph {key}["{label}"]'
            yield from _nodes(item.inside, keys, options, indent + "    ")
            yield f"{indent}end"


def _label(item: Item, options: Options) -> str:
    """Name, kind and volume in lines."""
    times = f" ×{item.times:,}" if item.times > 1 else ""
    parts = [item.name + times]
    if item.inside is None:
        parts += [item.words[1], _volume(item)]
        shows = ((known, item.quantity(known.name)) for known in quantities(options.show))
        parts += (f"{amount(q, value)} {q.name}" for q, value in shows if value)
    return "<br/>".join(_escaped(part) for part in parts if part)


def _words(text: str) -> str:
    """Text in a line of its own, which a semicolon or a brace would end."""
    return shown(text).translate({ord(sign): " " for sign in ';{}#"<>'}).strip()


def _escaped(text: str) -> str:
    """Text inside quotes: signs that mean something to Markdown or HTML by their numbers."""
    return "".join(
        char if char.isalnum() or char in " .,×/−·_-+:" or ord(char) > 255 else f"#{ord(char)};"
        for char in shown(text)
    )
