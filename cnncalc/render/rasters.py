"""PNG and PDF out of SVG, by two small packages of the optional extra `pictures`.

Neither needs a browser or a library of the system. They find the fonts of the system themselves.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

EXTRA = "pip install 'cnncalc[pictures]'"
PDF_UNIT = 0.75  # svg2pdf makes a point of 1/72 inch of every px of 1/96


class Missing(Exception):
    """A package of the extra that is not there."""


def png(svg: str, dpi: float = 192) -> bytes:
    """A picture with `dpi` pixels to the inch, of which it has 96 px."""
    data: bytes = _package("resvg_py", "PNG").svg_to_bytes(
        svg_string=svg, zoom=dpi / 96, sans_serif_family="DejaVu Sans"
    )
    return bytes(data)


def pdf(svg: str) -> bytes:
    """A page of the size of the picture, with text that can be searched."""
    package = _package("svg2pdf_py", "PDF")
    data: bytes = package.svg_to_pdf(svg, package.FontDatabase.system())
    return data


def _package(name: str, what: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        wheel = name.replace("_", "-")
        raise Missing(
            f"{what} needs the package {wheel}: {EXTRA}. Where there is no wheel of it for this "
            "system, write SVG, which browsers and Inkscape turn into it"
        ) from None
