"""PNG and PDF out of SVG, by a small package each, of the optional extras `pictures` and `pdf`.

Neither needs a browser or a library of the system. They find the fonts of the system themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from types import ModuleType

from cnncalc.render.fonts import FAMILY

PDF_UNIT = 0.75  # svg2pdf makes a point of 1/72 inch of every px of 1/96
_FALLBACK = "DejaVu Sans"  # of the fonts that pictures name the one that Linux has
_SVG = "http://www.w3.org/2000/svg"
_NO_FONT = (
    "this system has no font for the texts: install DejaVu Sans, Liberation Sans or Arial, or draw "
    "SVG"
)


class Missing(Exception):
    """A package of an optional extra that is not there."""


def png(svg: str, dpi: float = 192) -> bytes:
    """A picture with `dpi` pixels to the inch, of which it has 96 px."""
    convert = _package("resvg_py", "PNG", "pictures").svg_to_bytes
    if _pixels(convert, "x") == _pixels(convert, ""):
        raise Missing(_NO_FONT)
    return bytes(convert(svg_string=svg, zoom=dpi / 96, sans_serif_family=_FALLBACK))


def _pixels(convert: Callable[..., bytes], text: str) -> bytes:
    """A small picture of a text, which is empty where there is no font for it."""
    svg = f'<svg xmlns="{_SVG}" width="9" height="9" font-family="{FAMILY}">'
    svg += f'<text y="9">{text}</text></svg>'
    return bytes(convert(svg_string=svg, sans_serif_family=_FALLBACK))


def pdf(svg: str) -> bytes:
    """A page of the size of the picture, with text that can be searched."""
    package = _package("svg2pdf_py", "PDF", "pdf")
    data = bytes(package.svg_to_pdf(svg, package.FontDatabase.system()))
    if b"/FontDescriptor" not in data:  # every picture has texts, whose fonts are part of the file
        raise Missing(_NO_FONT)
    return data


def _package(name: str, what: str, extra: str) -> ModuleType:
    try:
        return import_module(name)
    except ImportError:
        raise Missing(
            f"{what} needs the package {name.replace('_', '-')}: pip install 'cnncalc[{extra}]'; "
            "where there is none for this system, draw SVG, which browsers and Inkscape turn into "
            f"{what}"
        ) from None
