"""Scenes and their writers: fonts, SVG, TikZ, themes."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pictures import SVG, parse

from cnncalc.render import fonts, rasters, svg, tikz
from cnncalc.render.fonts import shortened, text_width, wrapped
from cnncalc.render.palette import THEMES, color_of
from cnncalc.render.scene import Circle, Group, Line, Polygon, Rect, Scene, Style, Text

HOSTILE: list[str] = json.loads(
    (Path(__file__).parent / "cases" / "machine" / "hostile.json").read_text("utf-8")
)
BOX = Style(fill="conv", line="ink")


def scene(*items: object, title: str = "A title", **more: object) -> Scene:
    return Scene(200, 100, title, "What it shows.", items, **more)  # type: ignore[arg-type]


EVERYTHING = scene(
    Rect(10.04, 10, 20, 20, BOX, radius=3),
    Circle(50, 20, 8, Style(fill="pool", hatch=True)),
    Polygon(((70, 10), (90, 10), (80, 30)), Style(fill="dense", shade=0.35)),
    Line(((100, 10), (120, 10), (120, 30)), Style(line="accent", dash=True), arrow=True, rounded=4),
    Group((Text(10, 60, "⌊28×28⌋ & <6>", quantity="parameters"),), layer="a.b", title="a tooltip"),
    Rect(130, 10, 20, 20, Style(fill="norm", hatch=True, tint=0.5)),
)


# Widths of texts.


def test_no_sign_is_wider_than_its_table_says() -> None:
    """Measured with whichever font renders here: the ink of 40 signs, between bars."""
    image = pytest.importorskip("PIL.Image")
    pytest.importorskip("resvg_py")
    # Signs beyond Latin-1 come out of whichever font has them; it is known on Linux.
    known = fonts._SIGNS if sys.platform == "linux" else fonts._SIGNS[:191]
    signs = [sign for sign in known if not sign.isspace() and sign != "\xad"]
    lines, size, height = [], 10, 16
    for number, (bold, sign) in enumerate(product((False, True), signs)):
        weight = ' font-weight="bold"' if bold else ""
        family = fonts.SYMBOL_FAMILY if sign in fonts.SYMBOLS else fonts.FAMILY
        text = sign * 40
        lines.append(
            f'<text x="4" y="{number * height + 12}" font-size="{size}"{weight} '
            f'font-family="{family}">{svg.escape(text)}</text>'
        )
    tall = 2 * len(signs) * height
    start = f'<svg xmlns="http://www.w3.org/2000/svg" width="600" height="{tall}">'
    page = f"{start}{''.join(lines)}</svg>"
    pixels = image.open(io.BytesIO(rasters.png(page, 96))).convert("RGBA")
    for number, (bold, sign) in enumerate(product((False, True), signs)):
        row = pixels.crop((0, number * height, 600, (number + 1) * height)).getchannel("A")
        box = row.getbbox()
        assert box is not None, sign
        # A sign may reach a little out of its own room.
        assert box[2] - 4 <= text_width(sign * 40, size, bold) + 3, (sign, bold)


@given(st.text(max_size=60), st.floats(5, 300))
def test_shortened_texts_fit(text: str, room: float) -> None:
    found = shortened(text, room, 10)
    assert found == text or text_width(found, 10) <= room or found == "…"


@given(st.text(st.sampled_from("abc defgh  "), max_size=80), st.floats(60, 300))
def test_wrapped_texts_keep_their_words(text: str, room: float) -> None:
    lines = wrapped(text, room, 10)
    assert all(text_width(line, 10) <= room for line in lines)
    if "…" not in "".join(lines):
        assert " ".join(lines).split() == text.split()


# SVG.


@pytest.mark.parametrize("theme", THEMES)
def test_svg_is_a_picture_by_itself(theme: str) -> None:
    text = svg.render(EVERYTHING, theme)
    root = parse(text)
    assert root.get("role") == "img"
    title, description = root[0], root[1]
    assert (title.text, description.text) == ("A title", "What it shows.")
    assert root.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
    assert "<script" not in text
    assert "href" not in text
    assert set(re.findall(r"https?://[^\"' ]+", text)) == {"http://www.w3.org/2000/svg"}
    prefix = root.get("id", "")
    ids = [node.get("id", "") for node in root.iter() if node.get("id")]
    assert len(ids) == len(set(ids)) > 3
    assert all(found.startswith(prefix) for found in ids)
    assert all(found in ids for found in re.findall(r"url\(#(.*?)\)", text))


def test_two_pictures_have_ids_of_their_own() -> None:
    one, other = svg.render(scene(Rect(0, 0, 1, 1, BOX))), svg.render(scene(Rect(0, 0, 2, 1, BOX)))
    assert parse(one).get("id") != parse(other).get("id")
    assert one == svg.render(scene(Rect(0, 0, 1, 1, BOX)))  # the same bytes each time


def test_layers_and_quantities_are_marked() -> None:
    root = parse(svg.render(EVERYTHING, "light"))
    (group,) = [g for g in root.iter(f"{SVG}g") if g.get("data-layer")]
    assert group.get("data-layer") == "a.b"
    assert group[0].tag == f"{SVG}title"
    assert (group[1].get("data-quantity"), group[1].text) == ("parameters", "⌊28×28⌋ & <6>")


def test_dark_pages() -> None:
    """The theme auto has both: light in attributes, dark where the reader prefers it."""
    auto, light, dark = (svg.render(EVERYTHING, theme) for theme in ("auto", "light", "dark"))
    assert "prefers-color-scheme: dark" in auto
    assert "<style>" not in light + dark
    page = THEMES["dark"].colors["page"]
    assert page in auto
    assert page in dark
    assert page not in light
    # Every colour that differs has a rule, so that the rules make of the light one the dark one.
    rules = dict(re.findall(r"\.(d\d+)\{(.*?)\}", auto))
    for node in parse(auto).iter():
        own = {k: v for k, v in node.attrib.items() if k in ("fill", "stroke") and v[0] == "#"}
        if (name := node.get("class")) in rules:
            own |= dict(part.split(":") for part in rules[name].split(";"))
        assert not {*own.values()} & {THEMES["light"].colors[r] for r in ("ink", "muted", "page")}


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_hostile_texts(text: str) -> None:
    marked = scene(
        Group((Text(1, 20, text, quantity=text), Rect(1, 1, 2, 2, BOX)), layer=text, title=text),
        title=text,
    )
    for written in (svg.render(marked), svg.render(marked, "mono")):
        root = parse(written)
        assert not [n for n in root.iter() if n.tag.rpartition("}")[2] in ("script", "image", "a")]
        assert written.replace("\n", "").isprintable()
    lines = tikz.render(marked).splitlines()
    body = "\n".join(line for line in lines if not line.startswith("%"))
    assert body.count("{") - body.count("\\{") == body.count("}") - body.count("\\}")


def contrast(one: str, other: str) -> float:
    """By WCAG 2."""

    def light(color: str) -> float:
        parts = [value / 255 for value in bytes.fromhex(color[1:])]
        r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("name", THEMES)
def test_contrast(name: str) -> None:
    """Text 4.5 to 1 on the page and on the cells of maps, lines 3 to 1: WCAG AA."""
    for colors in filter(None, (THEMES[name].colors, THEMES[name].dark)):
        for ink in ("ink", "muted"):
            assert contrast(colors[ink], colors["page"]) >= 4.5
        assert contrast(colors["accent"], colors["page"]) >= 3
        for sign in ("above", "below"):
            assert contrast(colors["ink"], color_of(sign, colors, tint=0.4)) >= 4.5


def test_rounding() -> None:
    root = parse(svg.render(scene(Rect(0.04, 0.06, 10.01, 5, BOX)), "light"))
    rect = [*root.iter(f"{SVG}rect")][-1]
    assert (rect.get("x"), rect.get("y"), rect.get("width")) == ("0", "0.1", "10")


def test_frames_move_without_a_script() -> None:
    moving = scene(Group((Circle(1, 1, 1, BOX),), frame=0), Group((Circle(2, 1, 1, BOX),), frame=1),
                   frames=2, seconds=0.5)  # fmt: skip
    text = svg.render(moving)
    assert "animation:" in text
    assert "1s step-end infinite" in text
    assert "-0.5s" in text
    # Those that know no animation show the first.
    hidden = [g.get("visibility") for g in parse(text).iter(f"{SVG}g")]
    assert hidden == [None, "hidden"]


# TikZ.


def test_tikz_has_what_the_picture_has() -> None:
    text = tikz.render(EVERYTHING)
    assert text.startswith("% A title; needs \\usepackage{tikz}\n\\begin{tikzpicture}")
    assert "% a.b" in text
    assert "$\\lfloor$28$\\times$28$\\rfloor$ \\& <6>" in text
    defined = set(re.findall(r"\\definecolor\{(\w+)\}", text))
    assert set(re.findall(r"(?:fill|draw|text)=(\w+)", text)) == defined


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="there is no LaTeX")
@pytest.mark.parametrize("theme", ["paper", "mono"])
def test_tikz_compiles_to_one_page(theme: str, tmp_path: Path) -> None:
    check_compiles(tikz.render(EVERYTHING, theme, standalone=True), tmp_path)


def check_compiles(document: str, folder: Path) -> None:
    (folder / "picture.tex").write_text(document, "utf-8")
    words = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "picture.tex"]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, errors="replace")
    assert done.returncode == 0, done.stdout[-2000:]
    assert "(1 page" in done.stdout
    assert "Overfull" not in done.stdout
