"""The window of a layer as it slides over its input, as Dumoulin and Visin draw it.

Small maps are drawn cell by cell, with the output beside them; of large ones each axis is drawn as
a strip. Below stands how `explain` works out the size of the output.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, product

from cnncalc.commands.draw import window_grid, window_strip
from cnncalc.commands.draw.options import CannotDraw, Options
from cnncalc.commands.draw.parts import (
    BODY,
    MARGIN,
    TEXT_ROOM,
    Block,
    enough,
    heading,
    layer_of,
    paragraph,
    place_in,
    right_of,
    some,
)
from cnncalc.commands.draw.windows import Axis, axes_of
from cnncalc.layers.derivation import Derivation, Page
from cnncalc.layers.window import ROW
from cnncalc.network.model import Layer, Network
from cnncalc.render.fonts import text_width
from cnncalc.render.scene import Group, Item, Scene
from cnncalc.wording import count, enumerated, times

NARROWEST = 240.0  # px
MAX_FRAMES = 400  # places of one picture that moves
_DERIVED = {"output size", "windows", "wanted", "padding", "unread", "beyond", "window"}


def scene(network: Network, options: Options) -> Scene:
    """The picture of one layer's window."""
    enough(options.width, NARROWEST)
    layer = layer_of(network, options.layer)
    axes = windowed(layer)
    at = place(layer, options.at)
    at_all = _every_place(layer) if options.animate else [at]
    room = (options.width or 10**6) - 2 * MARGIN
    head = heading(layer.path, _about(layer), min(room, TEXT_ROOM))
    drawn = window_grid.blocks(layer, axes, at_all, MARGIN + head.height + 8, room)
    if drawn is None:
        drawn = window_strip.blocks(layer, axes, at_all, MARGIN + head.height + 8, room)
    still, moving, width, bottom = drawn
    below = equations(layer, bottom + 4, max(width, min(room, TEXT_ROOM)))
    frames: list[Item] = [
        Group(items, frame=number if options.animate else None)
        for number, items in enumerate(moving)
    ]
    items: list[Item] = [*head.items, *still, *frames, *below.items]
    total = max(MARGIN + width, right_of([*head.items, *below.items])) + MARGIN
    return Scene(
        total,
        bottom + 4 + below.height + MARGIN,
        f"{layer.path}: the window of {layer.label}",
        describe(layer, axes, at),
        [Group(items, layer=layer.path)],
        frames=len(frames) if options.animate else 0,
    )


def windowed(layer: Layer) -> list[Axis]:
    """The axes of a layer with a window; raises CannotDraw for others."""
    axes = axes_of(layer.operation)
    if axes:
        return axes
    others = [other.path for other in layer.network if axes_of(other.operation)]
    hint = f"layers with one: {some(others)}" if others else "no layer of this network has one"
    raise CannotDraw(f"{layer.path} ({layer.label}) has no window; {hint}")


def place(layer: Layer, at: tuple[int, ...] | None) -> tuple[int, ...]:
    """A place of the output, from 0; raises CannotDraw for one that is not there."""
    sizes = _sizes(layer)
    return (0,) * len(sizes) if at is None else place_in(layer, at, sizes)


def _sizes(layer: Layer) -> tuple[int, ...]:
    """Of the output; that of a global pool has one place."""
    return layer.output.sizes or (1,) * len(layer.inputs[0].sizes)


def places(network: Network, options: Options) -> Iterator[tuple[int, ...]]:
    """Every place of the output, counted from 1, the last axis first."""
    layer = layer_of(network, options.layer)
    windowed(layer)
    return product(*(range(1, size + 1) for size in _sizes(layer)))


def _every_place(layer: Layer) -> list[tuple[int, ...]]:
    sizes = _sizes(layer)
    found = [*islice(product(*map(range, sizes)), MAX_FRAMES + 1)]
    if len(found) > MAX_FRAMES:
        raise CannotDraw(
            f"{layer.path} has {times(sizes)} places, and a picture that moves shows at most "
            f"{MAX_FRAMES}; name one with --at"
        )
    return found


def _about(layer: Layer) -> str:
    return f"{layer.label} · {layer.inputs[0].text()} → {layer.output.text()}"


def describe(layer: Layer, axes: list[Axis], at: tuple[int, ...]) -> str:
    """The picture in words."""
    names = ("height", "width") if len(axes) == 2 else ("depth", "height", "width")
    parts = [
        f"along the {name} {count(axis.output, 'window')} of {len(axis.taps(0)):,} over "
        f"{axis.size:,} + {axis.before + axis.after:,} cells"
        for name, axis in zip(names if len(axes) > 1 else ("length",), axes, strict=True)
    ]
    shown = ", ".join(
        f"{name} {number + 1}" for name, number in zip(ROW[len(axes)], at, strict=True)
    )
    text = f"{layer.path} is {layer.label} on {layer.inputs[0].text()}, and gives "
    text += f"{layer.output.text()}: {enumerated(parts)}. The window shown gives {shown}. "
    return text + " ".join(entry for entry, _ in sentences(layer))


def sentences(layer: Layer) -> list[tuple[str, bool]]:
    """What `explain` says of the output's size; True for equations."""
    page = Page(layer.operation)
    page.section("Output")
    page.layer.explain_output(page)
    found: list[tuple[str, bool]] = []
    for entry in page.sections[0].entries:
        if isinstance(entry, Derivation) and entry.name in _DERIVED:
            found.append((f"{entry.name}: {entry.words}" if entry.words else entry.name, False))
            found.append((" = ".join(filter(None, (entry.letter, *entry.steps()))), True))
        elif isinstance(entry, str) and "output is" not in entry and "come out" not in entry:
            found.append((entry, False))
    return found


def equations(layer: Layer, y: float, room: float) -> Block:
    """The derivation of the output's size, below the picture."""
    items: list[Item] = []
    top = y
    for text, is_equation in sentences(layer):
        if is_equation:
            for number, line in enumerate(_equation(text, room - 14)):
                indent = 14 + (text_width("O ", BODY) if number else 0)
                block = paragraph(line, MARGIN + indent, top, room - indent)
                items += block.items
                top += block.height
        else:
            block = paragraph(text, MARGIN, top, room, ink="muted")
            items += block.items
            top += block.height
    return Block(items, top - y)


def _equation(text: str, room: float) -> list[str]:
    """In one line where there is room, else a step a line, as `explain` has it."""
    if text_width(text, BODY) <= room:
        return [text]
    first, second, *rest = text.split(" = ")
    start = f"{first} = {second}"
    starts = [start] if text_width(start, BODY) <= room else [first, f"= {second}"]
    return [*starts, *(f"= {step}" for step in rest)]
