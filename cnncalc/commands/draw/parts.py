"""What pictures of several kinds have: a heading, paragraphs, a legend, the layer they are of."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from cnncalc.commands.draw.options import CannotDraw
from cnncalc.layers.window import ROW
from cnncalc.network.model import Layer, Network
from cnncalc.render.fonts import shortened, text_width, wrapped
from cnncalc.render.geometry import shown
from cnncalc.render.scene import Item, Rect, Style, Text, everything
from cnncalc.wording import count, did_you_mean, quote

MARGIN = 16.0
TITLE, BODY = 12.0, 10.0  # sizes of text
LEADING = 15.0  # from one line of text to the next
TEXT_ROOM = 520.0  # px that lines of text are wide where nothing else says


class Block(NamedTuple):
    """Items that take some height from a place on."""

    items: list[Item]
    height: float


def heading(title: str, about: str, room: float, top: float = MARGIN) -> Block:
    """The name of what is drawn in bold, and behind it, or below it, what that is."""
    name = shortened(shown(title), room, TITLE, bold=True)
    items: list[Item] = [Text(MARGIN, top + 9, name, TITLE, bold=True)]
    after = text_width(name, TITLE, bold=True) + 10
    about = shown(about)
    if not about:
        return Block(items, LEADING)
    if after + text_width(about, BODY) <= room:
        items.append(Text(MARGIN + after, top + 9, about, BODY, ink="muted"))
        return Block(items, LEADING)
    below = paragraph(about, MARGIN, top + LEADING, room, ink="muted")
    return Block([*items, *below.items], LEADING + below.height)


def paragraph(
    text: str, x: float, y: float, room: float, *, ink: str = "ink", bold: bool = False
) -> Block:
    """A text in as many lines as it takes; y is the top of the first."""
    lines = wrapped(shown(text), room, BODY, bold)
    items: list[Item] = [
        Text(x, y + 10 + number * LEADING, line, BODY, ink=ink, bold=bold)
        for number, line in enumerate(lines)
    ]
    return Block(items, len(lines) * LEADING)


def legend(entries: Iterable[tuple[Style, str]], y: float, room: float) -> Block:
    """What the looks of cells mean, in as many rows as it takes."""
    items: list[Item] = []
    at, row = 0.0, 0
    for style, words in entries:
        width = 15 + text_width(words, BODY)
        if at and at + width > room:
            at, row = 0.0, row + 1
        top = y + row * LEADING
        items.append(Rect(MARGIN + at, top + 1.5, 10, 10, style))
        items.append(Text(MARGIN + at + 15, top + 10, words, BODY, ink="muted"))
        at += width + 16
    return Block(items, (row + 1) * LEADING if items else 0)


def right_of(items: Sequence[Item]) -> float:
    """How far rectangles and texts reach to the right."""
    right = 0.0
    for item in everything(items):
        if isinstance(item, Rect):
            right = max(right, item.x + item.width)
        elif isinstance(item, Text) and item.anchor == "start":
            right = max(right, item.x + text_width(item.text, item.size, item.bold))
    return right


def layer_of(network: Network, path: str | None) -> Layer:
    """The layer that a picture is of; raises CannotDraw with a suggestion."""
    paths = [layer.path for layer in network]
    found = network.by_path.get(path or "")
    if isinstance(found, Layer):
        return found
    if found is not None:
        inside = ", ".join(layer.path for layer in found.layers[:6])
        raise CannotDraw(f"{quote(found.path)} is a group of layers; the layers in it: {inside}")
    last = [known for known in paths if known.rpartition(".")[2] == path]
    if last:
        raise CannotDraw(f"no layer {quote(path or '')}; there is {', '.join(last[:4])}")
    hint = did_you_mean(path or "", paths) or f"the layers are {some(paths)}"
    raise CannotDraw(f"no layer {quote(path or '')}; {hint}")


def place_in(layer: Layer, at: Sequence[int], sizes: Sequence[int]) -> tuple[int, ...]:
    """A place of the output that is asked for, from 0; raises CannotDraw if it is not there."""
    names = ROW[len(sizes)]
    if len(at) != len(sizes):
        wanted = ",".join(map(str.upper, names)) or "not chosen: it is a vector"
        raise CannotDraw(f"a place in {layer.path}, {layer.output.text()}, is {wanted}")
    for name, number, size in zip(names, at, sizes, strict=True):
        if not 1 <= number <= size:
            raise CannotDraw(f"{layer.path} has {count(size, name)}, no {name} {number:,}")
    return tuple(number - 1 for number in at)


def some(paths: Sequence[str]) -> str:
    """The first few of them."""
    return ", ".join(map(quote, paths[:6])) + (", ..." if len(paths) > 6 else "")


def enough(width: float | None, least: float) -> None:
    """Refuse a width in which nothing fits."""
    if width is not None and width < least:
        raise CannotDraw(
            f"a width of {width:.0f} px ({width / 96 * 25.4:.0f} mm) has no room for this picture; "
            f"it takes {least:.0f} px ({least / 96 * 25.4:.0f} mm)"
        )
