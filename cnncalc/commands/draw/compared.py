"""Two networks drawn over each other: what both have, what came, what went, what changed.

Groups in which nothing changed are one box, and so are neighbours that did not; a changed group is
opened. Edges that only one of the networks has are drawn as its boxes are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain

from cnncalc.commands.diff.compare import (
    ADDED,
    CHANGED,
    REMOVED,
    Change,
    Comparison,
    Element,
    Total,
)
from cnncalc.commands.draw.graph import BOLD, PLAIN, Label, amount
from cnncalc.commands.draw.parts import MARGIN, Block, heading, legend, paragraph
from cnncalc.commands.draw.union import SAME, Both, Union
from cnncalc.network.model import Group, Input, Layer, Signal
from cnncalc.quantities import QUANTITIES
from cnncalc.render import scene
from cnncalc.render.fonts import shortened, text_width
from cnncalc.render.geometry import shown
from cnncalc.render.layered.boxes import Box, Edge, Node
from cnncalc.render.layered.layout import layout
from cnncalc.render.scene import Line, Rect, Scene, Style, Text
from cnncalc.render.stream import Paper
from cnncalc.render.svg import render
from cnncalc.render.titles import title_of
from cnncalc.wording import count, show

STYLES = {
    SAME: Style("page", "muted"),
    ADDED: Style("dense", "dense", 1.5, tint=0.85),
    REMOVED: Style("pool", "pool", 1.5, dash=True, tint=0.85),
    CHANGED: Style("norm", "ink", 1.5, tint=0.8),
}
SIGNS = {SAME: "", ADDED: "+", REMOVED: "−", CHANGED: "≠"}
_STRIP, _PAD, _WIDEST, _LONGEST = 14.0, 8.0, 260.0, 1400.0
_QUANTITIES = ("parameters", "macs")  # that boxes show
_TOTALS = ("layers", *_QUANTITIES, "memory")


def render_svg(found: Comparison, paper: Paper) -> str:
    """The picture as a file."""
    return render(scene_of(found))


def scene_of(found: Comparison) -> Scene:
    """The picture of a comparison."""
    union = Union(found)
    labels = {both.key: label_of(both) for both in union.boxes.values()}
    placed = layout([_node(both, labels) for both in union.roots], longest=_LONGEST)
    names = f"{shown(found.names[0])} → {shown(found.names[1])}"
    room = max(placed.width, 420.0)
    head = heading(names, _titles(found), room)
    top = MARGIN + head.height + 8
    shapes = [*_frames(union, labels, placed.boxes), *_edges(union, placed.edges)]
    shapes += _boxes(union, labels, placed.boxes)
    below = _below(found, top + placed.height + 10, room)
    body = scene.moved(shapes, MARGIN + (room - placed.width) / 2, top)
    return Scene(
        room + 2 * MARGIN,
        top + placed.height + 10 + below.height + MARGIN,
        f"{names}: what changed",
        _words(found),
        [*head.items, *body, *below.items],
    )


def _titles(found: Comparison) -> str:
    titles = [title_of(network) for network in (found.before, found.after) if network]
    return " → ".join(dict.fromkeys(titles))


def _words(found: Comparison) -> str:
    said = [f"{count(len(found.changes), 'difference')}."]
    said += (f"{change.kind}: {change.path}." for change in found.changes[:30])
    return " ".join([*said, *(f"{_total(total)}." for total in found.differing)])


def _total(total: Total) -> str:
    known = QUANTITIES.get(total.name)
    texts = [
        amount(known, number) if known else f"{number:,}" for number in (total.before, total.after)
    ]
    return f"{total.name.replace('_', ' ')} {texts[0]} → {texts[1]}"


# The look.


def label_of(both: Both) -> Label:
    """Name and kind, and before → after of what differs."""
    label = Label()
    if len(both.pairs) > 1:
        last = both.pairs[-1][1] or both.pairs[-1][0]
        assert last is not None
        label.add(_text(f"{both.first.path} … {last.path}", bold=True))
        label.add(_text(f"{len(both.pairs):,} neighbours, unchanged", ink="muted"))
        return label
    before, after = both.pairs[0]
    label.add(_text(_change(before, after, lambda e: e.path.rpartition(".")[2]), bold=True))
    kind = _change(before, after, lambda e: "input" if isinstance(e, Input) else e.label)
    volume = _change(before, after, lambda e: e.output.text() if e.output else "nothing")
    label.add(_text(kind, ink="muted"), _text(volume))
    if both.state != SAME and both.inside is None:
        for line in chain(_arguments(before, after), _differences(before, after)):
            label.add(_text(line, ink="muted"))
    return label


def _arguments(before: object, after: object) -> Iterator[str]:
    """Arguments that differ and are not said with the kind."""
    if isinstance(before, Layer) and isinstance(after, Layer) and before.label == after.label:
        for name, values in Change(before, after).arguments().items():
            old, new = (value if isinstance(value, str) else show(value) for value in values)
            yield f"{name} {old} → {new}"
        if before.output == after.output and before.inputs != after.inputs:
            old, new = (", ".join(v.text() for v in layer.inputs) for layer in (before, after))
            yield f"reads {old} → {new}"


def _differences(before: object, after: object) -> Iterator[str]:
    """Quantities that differ."""
    for name in _QUANTITIES:
        numbers = [
            element.quantity(name) if isinstance(element, (Layer, Group)) else 0
            for element in (before, after)
        ]
        if numbers[0] != numbers[1]:
            yield f"{QUANTITIES[name].header} {numbers[0]:,} → {numbers[1]:,}"


def _change(
    before: Signal | Element | None,
    after: Signal | Element | None,
    of: Callable[[Signal | Element], str],
) -> str:
    texts = [of(element) for element in (before, after) if element is not None]
    return texts[0] if texts[0] == texts[-1] else f"{texts[0]} → {texts[-1]}"


def _text(text: str, *, bold: bool = False, ink: str = "ink") -> Text:
    size = BOLD if bold else PLAIN
    return Text(0, 0, shortened(shown(text), _WIDEST, size, bold), size, bold=bold, ink=ink)


def _node(both: Both, labels: dict[int, Label]) -> Node:
    label = labels[both.key]
    if both.inside is not None:
        inside = [_node(part, labels) for part in both.inside]
        caption = text_width(label.lines[0][0].text, BOLD, bold=True) + 2 * _PAD
        return Node(both.key, inside=inside, framed=not both.clear, caption=caption)
    reads = sorted(both.reads[0] | both.reads[1])
    width = label.width + _STRIP + 2 * _PAD
    return Node(both.key, width, label.height + 8, reads)


def _frames(union: Union, labels: dict[int, Label], boxes: dict[int, Box]) -> Iterator[scene.Item]:
    for key, both in union.boxes.items():
        if both.inside is not None and not both.clear:
            box = boxes[key]
            yield Rect(*_corners(box), Style("muted", "muted", tint=0.93), 4)
            title = labels[key].lines[0][0]
            yield Text(box.x + _PAD, box.y + 13, title.text, BOLD, bold=True)


def _boxes(union: Union, labels: dict[int, Label], boxes: dict[int, Box]) -> Iterator[scene.Item]:
    for key, both in union.boxes.items():
        if both.inside is not None:
            continue
        box, label = boxes[key], labels[key]
        shapes: list[scene.Item] = [Rect(*_corners(box), STYLES[both.state], 2)]
        if SIGNS[both.state]:
            middle = box.y + box.height / 2 + 5
            shapes.append(Text(box.x + 10, middle, SIGNS[both.state], 14, "middle", bold=True))
        left = box.x + _STRIP + _PAD
        top = box.y + (box.height - label.height) / 2
        shapes += label.placed(left, top, box.width - _STRIP - 2 * _PAD)
        yield scene.Group(shapes, layer=both.first.path, title=both.state)


def _corners(box: Box) -> tuple[float, float, float, float]:
    return box.x, box.y, box.width, box.height


def _edges(union: Union, edges: Sequence[Edge]) -> Iterator[Line]:
    looks = {
        (True, True): Style(line="muted"),
        (False, True): Style(line="dense", width=1.5),
        (True, False): Style(line="pool", width=1.5, dash=True),
    }
    for edge in edges:
        before, after = (edge.source in reads for reads in union.boxes[edge.target].reads)
        yield Line(edge.points, looks[before, after], arrow=True, rounded=5)


def _below(found: Comparison, top: float, room: float) -> Block:
    """The legend, and those of the totals that most ask for."""
    looks = [(STYLES[state], f"{SIGNS[state]} {state}") for state in (ADDED, REMOVED, CHANGED)]
    blocks = [legend(looks, top, room)]
    height = blocks[0].height
    said = [_total(total) for total in found.differing if total.name in _TOTALS]
    if said:
        blocks.append(paragraph(" · ".join(said), MARGIN, top + height + 2, room))
        height += blocks[-1].height
    return Block([item for block in blocks for item in block.items], height + 2)
