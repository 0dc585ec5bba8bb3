"""TikZ: a scene for a paper in LaTeX, as a picture to \\input or as a document of its own.

It needs the package tikz alone. Lines of hatching are drawn one by one, so that no library of
patterns has to be loaded; a px is 0.75 bp.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import cos, hypot, radians, sin

from cnncalc.render import latex
from cnncalc.render.geometry import arrow_head, px, shown
from cnncalc.render.palette import MONO_LINES, THEMES, Theme, color_of
from cnncalc.render.scene import Circle, Group, Item, Line, Point, Polygon, Rect, Scene, Style, Text

_ANCHORS = {"start": "base west", "middle": "base", "end": "base east"}
_BP = 0.75  # of a px


def render(scene: Scene, theme: str = "paper", *, standalone: bool = False) -> str:
    """The picture as LaTeX."""
    picture = _Writer(THEMES[theme]).picture(scene)
    if not standalone:
        return picture
    # The fonts of LaTeX's own encoding are outlines in every installation.
    size = f"{scene.width * _BP:.2f}bp", f"{scene.height * _BP + 0.1:.2f}bp"
    page = f"paperwidth={size[0]},paperheight={size[1]},margin=0bp"
    start = "\\pagestyle{empty}\\noindent%\n"
    return latex.document(start + picture, page, ("[utf8]{inputenc}", "{tikz}"))


class _Writer:
    """Writes items; colours are defined as they are met."""

    def __init__(self, theme: Theme) -> None:
        self.theme = theme
        self.lines: list[str] = []
        self.colors: dict[str, str] = {}

    def picture(self, scene: Scene) -> str:
        corner = f"({px(scene.width)},{px(scene.height)})"
        if self.theme.background:
            self.items([Rect(0, 0, scene.width, scene.height, Style(fill="page"))])
        self.items([item for item in scene.items if not getattr(item, "frame", 0)])
        return "\n".join(
            [
                f"% {_comment(scene.title)}; needs \\usepackage{{tikz}}",
                "\\begin{tikzpicture}[x=0.75bp, y=-0.75bp, font=\\sffamily, line cap=butt]",
                *(
                    f"\\definecolor{{{name}}}{{HTML}}{{{color[1:].upper()}}}"
                    for color, name in self.colors.items()
                ),
                f"\\useasboundingbox (0,0) rectangle {corner};",
                *self.lines,
                "\\end{tikzpicture}%\n",
            ]
        )

    def items(self, items: Sequence[Item]) -> None:
        for item in items:
            match item:
                case Text():
                    self.text(item)
                case Rect():
                    corners = f"({px(item.x)},{px(item.y)}) rectangle "
                    corners += f"({px(item.x + item.width)},{px(item.y + item.height)})"
                    self.path(corners, item.style, _corners(item), item.radius)
                case Circle():
                    place = f"({px(item.x)},{px(item.y)}) circle [radius={px(item.r * _BP)}bp]"
                    self.path(place, item.style, ())
                case Polygon():
                    self.path(" -- ".join(map(_at, item.points)) + " -- cycle", item.style,
                              item.points)  # fmt: skip
                case Line():
                    self.line(item)
                case Group():
                    if item.layer is not None:
                        self.lines.append(f"% {_comment(item.layer)}")
                    self.items(item.items)

    def line(self, item: Line) -> None:
        parts = arrow_head(item) if item.arrow else None
        line = parts[0] if parts else item
        self.path(" -- ".join(map(_at, line.points)), line.style, (), line.rounded, open_=True)
        if parts:
            self.items([parts[1]])

    def path(
        self,
        path: str,
        style: Style,
        outline: Sequence[Point],
        rounded: float = 0,
        open_: bool = False,
    ) -> None:
        options = (
            []
            if open_ or style.fill is None
            else [f"fill={self.color(style.fill, style.shade, style.tint)}"]
        )
        if style.line is not None:
            options += [f"draw={self.color(style.line)}", f"line width={style.width * _BP:g}bp"]
        if style.dash:
            options.append("dash pattern=on 2.25bp off 1.5bp")
        if rounded:
            options.append(f"rounded corners={px(rounded * _BP)}bp")
        self.lines.append(f"\\path[{', '.join(options)}] {path};")
        lines = self.lines_over(style)
        if lines and outline and not open_:
            self.hatching(outline, lines, "muted" if style.hatch else "ink")

    def lines_over(self, style: Style) -> tuple[float, float] | None:
        if style.hatch:
            return 45, 4
        own = self.theme.lines and not style.tint and style.fill in MONO_LINES
        return MONO_LINES[style.fill or ""] if own else None

    def hatching(self, outline: Sequence[Point], lines: tuple[float, float], ink: str) -> None:
        path = " -- ".join(map(_at, outline)) + " -- cycle"
        drawn = " ".join(f"{_at(start)} -- {_at(end)}" for start, end in _hatching(outline, *lines))
        self.lines.append(
            f"\\begin{{scope}}\\clip {path};"
            f"\\path[draw={self.color(ink)}, line width=0.45bp] {drawn};\\end{{scope}}"
        )

    def text(self, item: Text) -> None:
        size = f"\\fontsize{{{item.size * _BP:g}bp}}{{{item.size * _BP * 1.2:g}bp}}\\selectfont"
        bold = "\\bfseries" if item.bold else ""
        self.lines.append(
            f"\\node[anchor={_ANCHORS[item.anchor]}, inner sep=0, text={self.color(item.ink)}] "
            f"at ({px(item.x)},{px(item.y)}) {{{size}{bold} {latex.escape(shown(item.text))}}};"
        )

    def color(self, role: str, shade: float = 0, tint: float = 0) -> str:
        color = color_of(role, self.theme.colors, shade, tint)
        return self.colors.setdefault(color, f"cnncalc{color[1:]}")


def _at(point: Point) -> str:
    return f"({px(point[0])},{px(point[1])})"


def _comment(text: str) -> str:
    """Text behind a %, where nothing but the end of the line means anything."""
    return shown(text).encode("ascii", "backslashreplace").decode("ascii")


def _corners(item: Rect) -> tuple[Point, ...]:
    right, bottom = item.x + item.width, item.y + item.height
    return (item.x, item.y), (right, item.y), (right, bottom), (item.x, bottom)


def _hatching(
    outline: Sequence[Point], angle: float, distance: float
) -> Iterator[tuple[Point, Point]]:
    """Parallel lines over the circle round a shape; whoever draws them clips them to it."""
    xs, ys = zip(*outline, strict=True)
    x, y = (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2
    reach = hypot(max(xs) - min(xs), max(ys) - min(ys)) / 2
    dx, dy = -sin(radians(angle)), cos(radians(angle))  # along the lines
    number = int(reach / distance)
    for step in range(-number, number + 1):
        at = (x + dy * step * distance, y - dx * step * distance)
        yield (at[0] - dx * reach, at[1] - dy * reach), (at[0] + dx * reach, at[1] + dy * reach)
