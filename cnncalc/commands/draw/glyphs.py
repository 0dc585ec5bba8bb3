"""The glyphs of volumes: boxes in oblique projection, bars for vectors.

The front of a box is its channels by its height; its width runs backwards, to the upper right.
How long a size is drawn stands in `Scale`, and below every picture.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import log2, sqrt

from cnncalc.render.scene import Item, Point, Polygon, Rect, Style
from cnncalc.volume import Volume

TALLEST = 120.0  # px, of the largest size along a spatial axis
SLANT = 0.3  # px to the right, and up, for each px that the width would be tall
_BAR = 10.0  # the thickness of a vector
_GHOSTS = 2  # boxes behind one with frames, at most
_GHOST = 5.0  # px between them
LIGHTER, DARKER = 0.35, -0.25  # top and side of a box


@dataclass(frozen=True, slots=True)
class Scale:
    """How numbers become px; the largest size of the network is `tallest` px tall."""

    how: str  # linear, sqrt, log
    largest: int
    most: int  # channels
    tallest: float = TALLEST

    def height(self, size: int) -> float:
        """The px of a size along a spatial axis."""
        return self.tallest * self.part(size, self.largest)

    def part(self, number: int, largest: int) -> float:
        match self.how:
            case "linear":
                return number / largest
            case "log":
                return log2(1 + number) / log2(1 + largest)
            case _:
                return sqrt(number / largest)

    def width(self, channels: int) -> float:
        """The px of a number of channels."""
        factor = self.tallest / 24
        if self.how == "linear":
            return 12 * factor * channels / self.most
        return factor * log2(1 + channels)

    def length(self, values: int) -> float:
        """The px of a vector."""
        if self.how == "linear":
            return self.tallest * values / self.most
        return self.tallest / 15 * log2(1 + values)

    def depth(self, size: int) -> float:
        """The px to the right, and up, that a width takes."""
        return SLANT * self.height(size)

    def words(self, volumes: list[Volume]) -> list[str]:
        """The mapping, as it stands below the picture."""
        laws = {"linear": "size", "sqrt": "square root of the size", "log": "log2(1 + size)"}
        said = []
        if any(volume.sizes for volume in volumes):
            said.append(
                f"height and depth: {laws[self.how]}, {self.largest:,} is {self.tallest:g} px tall"
            )
            said.append(f"width: {self._law(self.width, 'channels')}")
        if not all(volume.sizes for volume in volumes):
            said.append(f"length of vectors: {self._law(self.length, 'values')}")
        if any(len(volume.sizes) == 3 for volume in volumes):
            said.append("boxes behind for further frames, two at most")
        return ["; ".join(said)]

    def _law(self, px: Callable[[int], float], what: str) -> str:
        """How a number of channels becomes px."""
        if self.how == "linear":
            return f"{what}, {self.most:,} is {px(self.most):g} px"
        return f"{px(1):g}·log2(1 + {what}) px"


@dataclass(frozen=True, slots=True)
class Glyph:
    """How a volume looks: its front is `front` by `height` px, `depth` px lie behind it."""

    front: float
    height: float
    depth: float = 0
    ghosts: int = 0

    @property
    def width(self) -> float:
        return self.front + self.depth + self.ghosts * _GHOST

    @property
    def tall(self) -> float:
        return self.height + self.depth + self.ghosts * _GHOST

    def shapes(self, x: float, y: float, style: Style) -> list[Item]:
        """The faces; x, y is the upper left corner of all of it."""
        found: list[Item] = []
        for behind in range(self.ghosts, -1, -1):
            found += self._box(x + behind * _GHOST, y + (self.ghosts - behind) * _GHOST, style)
        return found

    def _box(self, x: float, y: float, style: Style) -> list[Item]:
        d, w, h = self.depth, self.front, self.height
        front = Rect(x, y + d, w, h, style)
        if not d:
            return [front]
        top: tuple[Point, ...] = ((x, y + d), (x + d, y), (x + w + d, y), (x + w, y + d))
        side: tuple[Point, ...] = (
            (x + w, y + d), (x + w + d, y), (x + w + d, y + h), (x + w, y + d + h),
        )  # fmt: skip
        return [Polygon(top, shaded(style, LIGHTER)), Polygon(side, shaded(style, DARKER)), front]


def shaded(style: Style, shade: float) -> Style:
    """The style of a face that catches more light, or less."""
    if style.fill == "page":
        return style
    return Style(style.fill, style.line, style.width, style.dash, style.hatch, shade, style.tint)


def glyph_of(volume: Volume, scale: Scale) -> Glyph:
    """The glyph of a volume."""
    match volume.sizes:
        case ():
            return Glyph(_BAR, scale.length(volume.channels), 0.4 * _BAR)
        case (length,):
            return Glyph(scale.width(volume.channels), scale.height(length))
        case (height, width):
            return Glyph(scale.width(volume.channels), scale.height(height), scale.depth(width))
        case (frames, height, width):
            front = scale.width(volume.channels)
            ghosts = min(frames - 1, _GHOSTS)
            return Glyph(front, scale.height(height), scale.depth(width), ghosts)
        case _:
            raise AssertionError(volume)
