"""SVG: a scene as a file that stands alone, without scripts and without references to others.

Colours are presentation attributes, so that every program shows them; in the theme `auto` a style
sheet has the colours for readers who prefer dark pages. All ids begin with a hash of the picture,
so that two pictures on one page do not mix.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape as _escape
from math import ceil
from typing import TypeAlias
from zlib import crc32

from cnncalc.render.fonts import FAMILY, SYMBOL_FAMILY, SYMBOLS
from cnncalc.render.geometry import arrow_head, corner_points, px, shown
from cnncalc.render.palette import MONO_LINES, THEMES, Theme, color_of
from cnncalc.render.scene import Circle, Group, Item, Line, Point, Polygon, Rect, Scene, Style, Text

_SYMBOLS = frozenset(SYMBOLS)
_ID = "@@"  # stands for the hash until the whole picture is known
_HATCH = (45.0, 4.0)  # degrees and px between two lines
_Colors: TypeAlias = tuple[str, str]  # of an attribute: the light one, the dark one


def render(scene: Scene, theme: str = "auto", unit: float = 1) -> str:
    """The picture as the text of an SVG file; `unit` is the length of a px of the scene."""
    return _Writer(THEMES[theme]).picture(scene, unit)


def escape(text: str) -> str:
    """Text of a spec inside SVG."""
    return _escape(shown(text)).replace(_ID, "@&#64;")


class _Writer:
    """Writes items; styles and patterns are collected as they are met."""

    def __init__(self, theme: Theme) -> None:
        self.theme = theme
        self.dark = theme.dark or theme.colors
        self.lines: list[str] = []
        self.classes: dict[tuple[tuple[str, str], ...], str] = {}  # dark colours by attribute
        self.patterns: dict[tuple[object, ...], str] = {}
        self.defs: list[str] = []

    def picture(self, scene: Scene, unit: float) -> str:
        width, height = ceil(scene.width), ceil(scene.height)
        if self.theme.background:
            self.rect(Rect(0, 0, width, height, Style(fill="page")))
        self.items(scene.items)
        lines = [
            f'<svg xmlns="http://www.w3.org/2000/svg" id="{_ID}" width="{width * unit:g}" '
            f'height="{height * unit:g}" viewBox="0 0 {width} {height}" role="img" '
            f'aria-labelledby="{_ID}-title {_ID}-desc" font-family="{FAMILY}">',
            f'<title id="{_ID}-title">{escape(scene.title)}</title>',
            f'<desc id="{_ID}-desc">{escape(scene.description)}</desc>',
            *self.style_sheet(scene),
            *(["<defs>", *self.defs, "</defs>"] if self.defs else []),
            *self.lines,
            "</svg>\n",
        ]
        text = "\n".join(lines)
        return text.replace(_ID, f"c{crc32(text.encode('utf-8')):08x}")

    def style_sheet(self, scene: Scene) -> list[str]:
        dark = "".join(
            f"#{_ID} .{name}{{{';'.join(f'{key}:{value}' for key, value in colors)}}}"
            for colors, name in self.classes.items()
        )
        rules = [f"@media (prefers-color-scheme: dark){{{dark}}}"] if dark else []
        if scene.frames > 1:
            rules += _moving(scene)
        return ["<style>", *rules, "</style>"] if rules else []

    def items(self, items: Sequence[Item]) -> None:
        for item in items:
            match item:
                case Text():
                    self.text(item)
                case Rect():
                    self.rect(item)
                case Polygon():
                    points = " ".join(f"{px(x)},{px(y)}" for x, y in item.points)
                    self.lines.append(f'<polygon points="{points}"{self.look(item.style)}/>')
                case Line():
                    self.line(item)
                case Circle():
                    place = f'cx="{px(item.x)}" cy="{px(item.y)}" r="{px(item.r)}"'
                    self.lines.append(f"<circle {place}{self.look(item.style)}/>")
                case Group():
                    self.group(item)

    def rect(self, item: Rect) -> None:
        # The far edges are rounded too, so that neighbours meet.
        x, y = round(item.x, 1), round(item.y, 1)
        width, height = round(item.x + item.width, 1) - x, round(item.y + item.height, 1) - y
        place = f'x="{px(x)}" y="{px(y)}" width="{px(width)}" height="{px(height)}"'
        radius = f' rx="{px(item.radius)}"' if item.radius else ""
        self.lines.append(f"<rect {place}{radius}{self.look(item.style)}/>")

    def line(self, item: Line) -> None:
        parts = arrow_head(item) if item.arrow else None
        line = parts[0] if parts else item
        self.lines.append(f'<path d="{_path(line)}"{self.look(line.style, open_=True)}/>')
        if parts:
            self.items([parts[1]])

    def text(self, item: Text) -> None:
        anchor = f' text-anchor="{item.anchor}"' if item.anchor != "start" else ""
        bold = ' font-weight="bold"' if item.bold else ""
        symbols = not _SYMBOLS.isdisjoint(item.text)
        family = f' font-family="{SYMBOL_FAMILY}"' if symbols else ""
        quantity = f' data-quantity="{escape(item.quantity)}"' if item.quantity else ""
        look = self.colored([("fill", self.both(item.ink))])
        self.lines.append(
            f'<text x="{px(item.x)}" y="{px(item.y)}" font-size="{px(item.size)}"'
            f"{anchor}{bold}{family}{look}{quantity}>{escape(item.text)}</text>"
        )

    def group(self, item: Group) -> None:
        words = ""
        if item.layer is not None:
            words += f' data-layer="{escape(item.layer)}"'
        if item.frame is not None:
            hidden = ' visibility="hidden"' if item.frame else ""
            words += f' class="f f{item.frame}"{hidden}'
        self.lines.append(f"<g{words}>")
        if item.title:
            self.lines.append(f"<title>{escape(item.title)}</title>")
        self.items(item.items)
        self.lines.append("</g>")

    # Looks.

    def both(self, role: str, shade: float = 0, tint: float = 0) -> _Colors:
        return (
            color_of(role, self.theme.colors, shade, tint),
            color_of(role, self.dark, shade, tint),
        )

    def look(self, style: Style, open_: bool = False) -> str:
        """The attributes of a style; those of a line have no filling."""
        attributes: list[tuple[str, _Colors]] = []
        if open_ or style.fill is None:
            attributes.append(("fill", ("none", "none")))
        elif style.hatch or (self.theme.lines and not style.tint and style.fill in MONO_LINES):
            reference = f"url(#{_ID}-{self.pattern(style)})"
            attributes.append(("fill", (reference, reference)))
        else:
            attributes.append(("fill", self.both(style.fill, style.shade, style.tint)))
        if style.line is None:
            return self.colored(attributes)
        attributes.append(("stroke", self.both(style.line)))
        dash = ' stroke-dasharray="3 2"' if style.dash else ""
        width = f' stroke-width="{style.width:g}"' if style.width != 1 else ""
        return f"{self.colored(attributes)}{width}{dash}"

    def colored(self, attributes: list[tuple[str, _Colors]]) -> str:
        written = "".join(f' {name}="{light}"' for name, (light, _) in attributes)
        dark = tuple((name, dark) for name, (light, dark) in attributes if light != dark)
        if not dark:
            return written
        name = self.classes.setdefault(dark, f"d{len(self.classes)}")
        return f'{written} class="{name}"'

    def pattern(self, style: Style) -> str:
        """The name of a pattern of lines over a colour."""
        role = style.fill or "page"
        angle, distance = _HATCH if style.hatch else MONO_LINES[role]
        key = (role, style.shade, style.tint, angle, distance)
        if key not in self.patterns:
            self.patterns[key] = f"p{len(self.patterns)}"
            size, ink = px(distance), "muted" if style.hatch else "ink"
            fill = self.colored([("fill", self.both(role, style.shade, style.tint))])
            stroke = self.colored([("stroke", self.both(ink))])
            self.defs.append(
                f'<pattern id="{_ID}-{self.patterns[key]}" patternUnits="userSpaceOnUse" '
                f'width="{size}" height="{size}" patternTransform="rotate({px(angle)})">'
                f'<rect width="{size}" height="{size}"{fill}/>'
                f'<path d="M{px(distance / 2)} 0V{size}"{stroke} stroke-width="0.6"/></pattern>'
            )
        return self.patterns[key]


def _path(line: Line) -> str:
    points: tuple[Point, ...] = tuple(line.points)
    parts = [f"M{_at(points[0])}"]
    if line.rounded:
        for begin, corner, end in corner_points(points, line.rounded):
            parts.append(f"L{_at(begin)}Q{_at(corner)} {_at(end)}")
        parts.append(f"L{_at(points[-1])}")
    else:
        parts += [f"L{_at(point)}" for point in points[1:]]
    return "".join(parts)


def _at(point: Point) -> str:
    return f"{px(point[0])},{px(point[1])}"


def _moving(scene: Scene) -> list[str]:
    """One frame after the other; readers who prefer no motion see the first."""
    total = scene.frames * scene.seconds
    delays = "".join(
        f"#{_ID} .f{number}{{animation-delay:{number * scene.seconds - total:g}s}}"
        for number in range(scene.frames)
    )
    return [
        f"@keyframes {_ID}-f{{0%{{visibility:visible}}"
        f"{100 / scene.frames:.4g}%,100%{{visibility:hidden}}}}",
        f"@media (prefers-reduced-motion: no-preference){{#{_ID} .f{{animation:{_ID}-f "
        f"{total:g}s step-end infinite}}{delays}}}",
        f"#{_ID}:hover .f{{animation-play-state:paused}}",
    ]
