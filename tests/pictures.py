"""What tests ask of pictures: an SVG read back, the boxes of its texts, what lies over what."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple
from xml.etree import ElementTree

from cnncalc.render.fonts import text_width

SVG = "{http://www.w3.org/2000/svg}"
ASCENT, DESCENT = 0.75, 0.22  # of the size of a text: capitals are 0.73 high
SLACK = 0.2  # px: coordinates are rounded to 0.1


class Box(NamedTuple):
    """A rectangle in px, with what it is of."""

    left: float
    top: float
    right: float
    bottom: float
    text: str = ""

    def meets(self, other: Box, slack: float = SLACK) -> bool:
        """Whether they have more in common than an edge."""
        return (
            min(self.right, other.right) - max(self.left, other.left) > slack
            and min(self.bottom, other.bottom) - max(self.top, other.top) > slack
        )

    def inside(self, other: Box, slack: float = SLACK) -> bool:
        return (
            self.left >= other.left - slack
            and self.top >= other.top - slack
            and self.right <= other.right + slack
            and self.bottom <= other.bottom + slack
        )


def parse(svg: str) -> ElementTree.Element:
    """The root of a picture; raises ParseError if it is not well-formed."""
    return ElementTree.fromstring(svg)


def frames(root: ElementTree.Element) -> list[str]:
    """The classes of the frames of a picture that moves."""
    return sorted(
        {name for g in root.iter(f"{SVG}g") if (name := g.get("class", "")).startswith("f ")}
    )


def elements(root: ElementTree.Element, frame: int = 0) -> Iterator[ElementTree.Element]:
    """All that is seen in one frame; in a picture that does not move, everything."""
    for child in root:
        shown = re.search(r"\bf(\d+)$", child.get("class", "")) if child.tag == f"{SVG}g" else None
        if child.tag == f"{SVG}defs" or (shown and int(shown[1]) != frame):
            continue
        yield child
        yield from elements(child, frame)


def texts(root: ElementTree.Element, frame: int = 0) -> list[Box]:
    """The boxes of all texts, as wide as the widest font that may render them."""
    return [box_of(node) for node in elements(root, frame) if node.tag == f"{SVG}text"]


def box_of(node: ElementTree.Element) -> Box:
    """The box of one <text>."""
    size, text = float(node.get("font-size", "10")), node.text or ""
    width = text_width(text, size, node.get("font-weight") == "bold")
    x, y = float(node.get("x", "0")), float(node.get("y", "0"))
    left = x - width * {"start": 0, "middle": 0.5, "end": 1}[node.get("text-anchor", "start")]
    return Box(left, y - ASCENT * size, left + width, y + DESCENT * size, text)


def view_box(root: ElementTree.Element) -> Box:
    return Box(*map(float, root.get("viewBox", "").split()))


def overlaps(boxes: list[Box]) -> list[tuple[str, str]]:
    """The pairs that lie over one another."""
    found, open_ = [], []
    for box in sorted(boxes, key=lambda box: box.top):
        open_ = [other for other in open_ if other.bottom > box.top]
        found += [(other.text, box.text) for other in open_ if other.meets(box)]
        open_.append(box)
    return found


def layers(root: ElementTree.Element) -> list[str]:
    """The paths of the layers that have a glyph, in the order of the picture."""
    return [node.get("data-layer", "") for node in elements(root) if "data-layer" in node.attrib]


def quantities(root: ElementTree.Element) -> list[tuple[str, str, str]]:
    """Every number that is a quantity: the path of its layer, the quantity, the text."""
    return list(_quantities(root, ""))


def _quantities(node: ElementTree.Element, path: str) -> Iterator[tuple[str, str, str]]:
    path = node.get("data-layer", path)
    if "data-quantity" in node.attrib:
        yield path, node.get("data-quantity", ""), node.text or ""
    for child in node:
        yield from _quantities(child, path)


def check_layout(svg: str) -> ElementTree.Element:
    """A picture is well-formed, says what it shows, and no text is cut or lies over another."""
    root = parse(svg)
    assert root.get("role") == "img"
    assert [child.tag for child in root][:2] == [f"{SVG}title", f"{SVG}desc"]
    assert all(root[i].text for i in (0, 1))
    page = view_box(root)
    for frame in range(max(1, len(frames(root)))):
        found = texts(root, frame)
        assert overlaps(found) == []
        assert [box.text for box in found if not box.inside(page)] == []
    return root
