"""The formats of pictures: of a Picture each makes the contents of a file."""

from __future__ import annotations

from cnncalc.commands.draw.kinds import function_of
from cnncalc.commands.draw.picture import Picture
from cnncalc.render.stream import Paper


def write_svg(picture: Picture, paper: Paper) -> str:
    """A file that stands alone, and follows the reader's choice of a dark page."""
    from cnncalc.render.svg import render  # texts need no shapes

    return render(picture.scene, picture.theme or "auto")


def write_png(picture: Picture, paper: Paper) -> bytes:
    """Pixels; a dark page only where it is asked for."""
    from cnncalc.render import rasters, svg  # few ask for pixels

    return rasters.png(svg.render(picture.scene, picture.theme or "light"), picture.dpi)


def write_pdf(picture: Picture, paper: Paper) -> bytes:
    """A page without a margin, of the lengths in which the picture was laid out."""
    from cnncalc.render import rasters, svg  # few ask for pages

    return rasters.pdf(svg.render(picture.scene, picture.theme or "paper", rasters.PDF_UNIT))


def write_tikz(picture: Picture, paper: Paper) -> str:
    """A picture to \\input, or a document that compiles as it stands."""
    from cnncalc.render.tikz import render  # few write LaTeX

    return render(picture.scene, picture.theme or "paper", standalone=picture.standalone)


def write_text(picture: Picture, paper: Paper) -> str:
    """The picture for a terminal."""
    text: str = function_of(picture.kind.text or "")(picture.network, picture.options, paper)
    return text


def write_mermaid(picture: Picture, paper: Paper) -> str:
    """The graph for a README."""
    text: str = function_of(picture.kind.mermaid or "")(picture.network, picture.options)
    return text
