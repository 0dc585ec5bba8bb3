"""What stands round a picture of a whole network: title, legend, what is folded, the words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice

from cnncalc.commands.draw.items import Item, Items
from cnncalc.commands.draw.parts import MARGIN, Block, heading, legend, paragraph
from cnncalc.language.composites import COMPOSITES
from cnncalc.network.model import Group, Input, Layer, Network
from cnncalc.render import scene
from cnncalc.render.geometry import shown
from cnncalc.render.scene import Scene, Style
from cnncalc.render.titles import inputs_text, title_of
from cnncalc.wording import count

FAMILIES = {
    "conv": "convolution",
    "pool": "pooling",
    "dense": "fully connected, embedding",
    "norm": "normalisation",
    "activation": "activation, dropout",
    "merge": "merge",
    "other": "other layers",
}
_MOST_BLOCKS = 12  # that the legend explains
_MOST_WORDS = 30  # items that a description says
_MOST_PARTS = 30  # of a block
_DEEPEST = 3  # levels of a block that the legend says


def page_of(
    network: Network,
    items: Items,
    body: Sequence[scene.Item],
    width: float,
    height: float,
    *,
    what: str,
    remarks: Iterable[str] = (),
    widest: float | None = None,
) -> Scene:
    """A picture whose body is `width` by `height`, with what stands above and below it."""
    shown_items = list(items.leaves())
    room = max(width, min(widest - 2 * MARGIN, 420.0) if widest else 420.0)
    head = heading(title_of(network), about(network), room)
    top = MARGIN + head.height + 8
    below = _below(shown_items, [*remarks, *items.notes], top + height + 10, room)
    total = max(width, room)
    left = MARGIN + (total - width) / 2
    moved = scene.moved(body, left, top)
    return Scene(
        total + 2 * MARGIN,
        top + height + 10 + below.height + MARGIN,
        f"{title_of(network)}: {what}",
        description(network, shown_items, items.notes),
        [*head.items, *moved, *below.items],
        notes=items.notes,
    )


def about(network: Network) -> str:
    """What goes in and comes out, and how many parameters lie between."""
    outputs = ", ".join(volume.text() for volume in network.outputs.values())
    return f"{inputs_text(network.inputs)} → {outputs} · {count(network.parameters, 'parameter')}"


def _below(items: Sequence[Item], remarks: Iterable[str], top: float, room: float) -> Block:
    """The legend of colours, what is in folded blocks, and remarks."""
    roles = {item.role for item in items}
    looks = [(Style(role, "ink"), words) for role, words in FAMILIES.items() if role in roles]
    blocks = [legend(looks, top, room)]
    lines = [(text, "ink") for text in contents(items)]
    lines += [(text, "muted") for text in remarks]
    height = blocks[0].height
    for text, ink in lines:
        blocks.append(paragraph(text, MARGIN, top + height + 2, room, ink=ink))
        height += blocks[-1].height
    return Block([item for block in blocks for item in block.items], height + 2)


def contents(items: Iterable[Item]) -> list[str]:
    """What is in the folded blocks, those with the same contents together."""
    found: dict[str, dict[str, list[Item]]] = {}
    plain: dict[str, set[str]] = {}
    for item in items:
        element = item.element
        if item.folded and isinstance(element, Group):
            inside = sequence(element.children, _DEEPEST)
            found.setdefault(element.kind, {}).setdefault(inside, []).append(item)
            kinds = sequence(element.children, _DEEPEST, plain=True)
            plain.setdefault(element.kind, set()).add(kinds)
    lines = []
    for kind, contents in found.items():
        if len(contents) == 1 or len(plain[kind]) == 1:
            lines.append(f"{kind}: {next(iter(contents if len(contents) == 1 else plain[kind]))}")
        else:
            lines += (f"{text}: {inside}" for text, inside in _named(contents))
    if len(lines) > _MOST_BLOCKS:
        lines[_MOST_BLOCKS:] = [f"and {count(len(lines) - _MOST_BLOCKS, 'other block')}"]
    return lines


def _named(contents: dict[str, list[Item]]) -> Iterator[tuple[str, str]]:
    """What blocks of one kind contain, with their names; paths where names are not enough."""
    names = [{item.name for item in items} for items in contents.values()]
    unique = sum(map(len, names)) == len(set().union(*names))
    for inside, items in contents.items():
        called = list(dict.fromkeys(item.name if unique else item.path for item in items))
        more = f" and {len(called) - 3:,} more" if len(called) > 4 else ""
        yield ", ".join(called[:3] if more else called) + more, inside


def sequence(children: Sequence[Layer | Group], depth: int, plain: bool = False) -> str:
    """Layers and groups behind one another: conv 3×3, relu, 2 × Unit; `plain` without sizes."""
    parts = []
    shown_ones = children[:_MOST_PARTS]
    for text, run in groupby(_said(child, depth, plain) for child in shown_ones):
        times = sum(1 for _ in run)
        parts.append(text if times == 1 else f"{times} × {text}")
    if len(children) > len(shown_ones):
        parts.append(f"and {len(children) - len(shown_ones):,} more")
    return ", ".join(parts)


def _said(element: Layer | Group, depth: int, plain: bool) -> str:
    if isinstance(element, Layer):
        return element.kind if plain else element.label
    if element.copies and element.children:
        times = len(element.children)
        one = _said(element.children[0], depth, plain)
        return one if times == 1 else f"{times:,} × {one}"
    if depth <= 1:
        return element.kind
    parts = [child for child in element.children if isinstance(child, Group)]
    if element.kind in COMPOSITES and len(parts) == 1:  # its body need not be named
        inside = sequence(parts[0].children, depth - 1, plain)
        return f"{element.kind} ({inside})"
    return f"{element.kind} ({sequence(element.children, depth - 1, plain)})"


def description(network: Network, items: Sequence[Item], notes: Sequence[str]) -> str:
    """The picture in words: what each item is, what it reads, what it gives."""
    said = [f"{title_of(network)}: {about(network)}."]
    said += (sentence(item) for item in islice(items, _MOST_WORDS))
    if len(items) > _MOST_WORDS:
        said.append(f"And {len(items) - _MOST_WORDS:,} more.")
    said += (f"{note}." for note in notes)
    return " ".join(said)


def sentence(item: Item) -> str:
    """One item in words."""
    name, what = item.words
    text = name if not what else f"{name} ({what})"
    if item.times > 1:
        text = f"{item.times:,} × {text}"
    if isinstance(item.element, Input):
        return f"{text}: {item.element.output.text()}."
    sources = ", ".join(source.name for source in item.reads)
    output = item.output.text() if item.output else "nothing"
    return f"{text} reads {sources or 'nothing'} and gives {output}."


def tooltip(item: Item) -> str:
    """What is said of an item where the mouse rests on it."""
    if isinstance(item.element, Input):
        return f"{item.path}: {item.element.output.text()}"
    hidden = ", ".join(layer.kind for layer in item.hidden)
    parts = [
        f"{item.path}: {item.element.label} → {item.output.text() if item.output else 'nothing'}",
        f"×{item.times:,}" if item.times > 1 else "",
        f"then {hidden}" if hidden else "",
        count(item.quantity("parameters") or 0, "parameter"),
    ]
    return ", ".join(filter(None, map(shown, parts)))
