"""Picture: a picture of a network, which can be written in several formats."""

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING, Any

from cnncalc import files
from cnncalc.commands.draw.kinds import Kind, check_options, find_kind, function_of
from cnncalc.commands.draw.options import CannotDraw, Options
from cnncalc.network.build import Build
from cnncalc.network.model import Network
from cnncalc.render.formats import format_of_file, formats_of, writer_of
from cnncalc.render.palette import THEMES
from cnncalc.render.stream import Paper
from cnncalc.wording import did_you_mean, quote, visible

if TYPE_CHECKING:
    from cnncalc.render.scene import Scene


class Picture:
    """A picture of a network.

    A notebook shows it; `svg()` is its text, `save("net.pdf")` writes the format of the suffix.
    """

    def __init__(
        self,
        build: Build | Network,
        kind: Kind,
        options: Options,
        theme: str | None = None,
        *,
        dpi: float = 192,
        standalone: bool = False,
    ) -> None:
        self.build = build
        self.kind = kind
        self.options = options
        self.theme = theme
        self.dpi = dpi
        self.standalone = standalone

    @property
    def network(self) -> Network:
        return self.build.network if isinstance(self.build, Build) else self.build

    @cached_property
    def scene(self) -> Scene:
        """The shapes and texts."""
        subject = self.build if self.kind.of_build else self.network
        scene: Scene = function_of(self.kind.scene)(subject, self.options)
        return scene

    def svg(self) -> str:
        """The text of an SVG file."""
        return str(self.write("svg"))

    def write(self, format: str, paper: Paper | None = None) -> str | bytes:
        """The picture in a format by its name; raises CannotDraw where the kind has no such."""
        if format not in self.formats():
            known = ", ".join(self.formats())
            raise CannotDraw(f"{self.kind.name} is not drawn as {format}; it is as {known}")
        written: str | bytes = writer_of("draw", format)(self, paper or Paper())
        return written

    def formats(self) -> list[str]:
        """The formats that there are of this kind."""
        own = {"text": self.kind.text, "mermaid": self.kind.mermaid}
        return [name for name in formats_of("draw") if own.get(name, True)]

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a file in the format that its suffix names."""
        name = os.fspath(path)
        data = self.write(format_named_by(name))
        files.write(name, data if isinstance(data, bytes) else data.encode("utf-8"))

    def _repr_svg_(self) -> str:
        return self.svg()

    def __repr__(self) -> str:
        return f"<Picture: {self.kind.name} of {quote(self.network.name)!r}>"


def format_named_by(path: str) -> str:
    """The format of a file's suffix; raises CannotDraw where it names none."""
    found = format_of_file("draw", path)
    if found is None:
        suffixes = ", ".join(format.suffix for format in formats_of("draw").values())
        raise CannotDraw(f"{visible(path)}: the suffix names no picture; use {suffixes}")
    return found


def picture_of(
    build: Build | Network,
    kind: str | None = None,
    layer: str | None = None,
    *,
    theme: str | None = None,
    **options: Any,
) -> Picture:
    """The picture of a network; options and errors as for `draw`."""
    network = build.network if isinstance(build, Build) else build
    found = find_kind(kind, network)
    if found.of_build and isinstance(build, Network):
        raise CannotDraw(
            f"{found.name} draws numbers of a spec, which a network does not know: call "
            "cnncalc.draw with the path, the Spec or the Build"
        )
    given = {name: value for name, value in options.items() if value is not None}
    check_options(found, {**given, "layer": layer})
    if theme is not None and theme not in THEMES:
        hint = did_you_mean(theme, THEMES) or f"the themes are {', '.join(THEMES)}"
        raise ValueError(f"no theme is called {theme!r}; {hint}")
    picture = Picture(build, found, Options(layer=layer, **given), theme)
    _ = picture.scene  # what cannot be drawn is said here, not where the picture is shown
    return picture
