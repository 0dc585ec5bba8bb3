"""draw --as maps: the numbers of a picture are those of trace."""

from __future__ import annotations

from typing import Any

import pytest
from pictures import SVG, check_layout, frames, layers, parse, texts

import cnncalc
from cnncalc.commands.draw.options import CannotDraw
from cnncalc.commands.trace.grids import show_number
from cnncalc.language.bundled import all_names
from cnncalc.render.palette import THEMES, color_of

TRACED = [name for name in all_names() if name.startswith("trace-")]


def cells(svg: str, size: str = "9") -> list[str]:
    """The texts in cells: those that are in the middle of something."""
    nodes = parse(svg).iter(f"{SVG}text")
    return [
        n.text or ""
        for n in nodes
        if n.get("text-anchor") == "middle" and n.get("font-size") == size
    ]


@pytest.mark.parametrize("width", [None, 317.0])
@pytest.mark.parametrize("name", TRACED)
def test_all_numbers_are_there(name: str, width: float | None) -> None:
    traced = cnncalc.trace(name)
    svg = cnncalc.draw(name, "maps", width=width, theme="light").svg()
    assert layers(check_layout(svg)) == [layer.path for layer in traced.network]
    shown = [float(text.replace("−", "-")) for text in cells(svg) if "/" not in text]
    numbers = [number for array in traced.arrays.values() for number in array.numbers()]
    whole = [float(number) for number in numbers if float(number).is_integer()]
    assert sorted(number for number in shown if number.is_integer()) == sorted(whole)


@pytest.mark.parametrize("name", TRACED)
def test_every_step_lays_out(name: str) -> None:
    traced = cnncalc.trace(name)
    layer = traced.network.layers[0]
    sizes = layer.output.sizes
    at = tuple(1 for _ in sizes) or (1,)
    root = check_layout(cnncalc.draw(name, "maps", layer.path, at=at).svg())
    words = " ".join(box.text for box in texts(root))
    assert show_number(traced[layer.path].numbers()[0]) in words


def test_the_products_and_their_sum(run: Any) -> None:
    """Each line of the sum is one that trace prints."""
    svg = cnncalc.draw("trace-two-filters", "maps", "conv1", at=(2, 1, 2), theme="light").svg()
    root = check_layout(svg)
    printed = run("trace", "trace-two-filters", "conv1", "--at", "2,1,2").out.splitlines()
    sums = [line.strip() for line in printed if " = " in line and "×" not in line]
    drawn = [box.text for box in texts(root)]
    assert sums
    assert [line for line in drawn if line in sums] == sums
    assert "conv1 at row 2, column 1, filter 2: rows 2 to 4, columns 1 to 2 of its input" in drawn


def test_the_frame_is_round_the_window() -> None:
    svg = cnncalc.draw("trace-vertical-line", "maps", "conv1", at=(1, 3), theme="light").svg()
    frame = next(n for n in parse(svg).iter(f"{SVG}rect") if n.get("stroke") == "#aa3377")
    assert (frame.get("x"), frame.get("width"), frame.get("height")) == ("52", "54", "54")


def test_colours_follow_the_numbers() -> None:
    """The further from 0, the further from the page; above and below have colours of their own."""
    root = parse(cnncalc.draw("trace-edges", "maps", "conv1", theme="light").svg())
    found: dict[str, str] = {}
    rect = None
    for node in root.iter():
        if node.tag == f"{SVG}rect":
            rect = node
        elif node.tag == f"{SVG}text" and node.get("text-anchor") == "middle" and rect is not None:
            found[node.text or ""] = rect.get("fill", "")
    assert found["0"] == "#ffffff"
    assert found["45"] == color_of("above", THEMES["light"].colors, tint=0.4)
    assert found["−27"] == color_of("below", THEMES["light"].colors, tint=0.64)
    assert len(set(found.values())) == len(found)


def test_a_picture_that_moves_shows_every_step() -> None:
    picture = cnncalc.draw("trace-two-filters", "maps", "conv1", animate=True)
    assert len(frames(check_layout(picture.svg()))) == 18


def test_large_volumes_are_named(tmp_path: Any) -> None:
    row = "[" + ", ".join("0" for _ in range(60)) + "]"
    spec = tmp_path / "net.yaml"
    rows = ", ".join([row] * 60)
    spec.write_text(f"input: {{shape: 60x60x1, values: [{rows}]}}\nlayers: [max_pool: 4]\n")
    picture = cnncalc.draw(spec, "maps")
    assert picture.scene.notes == ["input has 3,600 numbers; name it to see them"]
    assert layers(check_layout(picture.svg())) == ["max_pool1"]
    whole = check_layout(cnncalc.draw(spec, "maps", "input").svg())
    assert len([n for n in whole.iter(f"{SVG}rect") if n.get("width") == "6.7"]) > 1000


def refusal(*args: Any, **options: Any) -> str:
    with pytest.raises(CannotDraw) as caught:
        cnncalc.draw(*args, **options)
    return str(caught.value)


def test_refusals() -> None:
    assert refusal("lenet", "maps").startswith(
        "the spec carries no numbers to trace; write input: "
    )
    assert refusal(cnncalc.load("lenet"), "maps") == (
        "maps draws numbers of a spec, which a network does not know: call cnncalc.draw with the "
        "path, the Spec or the Build"
    )
    line = "trace-vertical-line"
    assert refusal(line, "maps", "conv1", at=(7, 1)) == "conv1 has 6 rows, no row 7"
    assert "conv1" in refusal(line, "maps", "conv9")
