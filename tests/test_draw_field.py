"""draw --as field: what a unit depends on, against networks in which each unit is followed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pictures import SVG, check_layout, layers, parse, quantities, texts
from strategies import build, volume

import cnncalc
from cnncalc.commands.draw.fields import rows_below, steps_to
from cnncalc.commands.draw.options import CannotDraw
from cnncalc.language.bundled import all_names
from cnncalc.network.model import Layer, Network

KINDS = ("conv", "max_pool", "transposed_conv", "upsample", "zero_pad", "relu")


@st.composite
def item(draw: st.DrawFn) -> Any:
    """A layer, small enough for 40 pixels."""
    kind = draw(st.sampled_from(KINDS))
    kernel, stride = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    if kind == "relu":
        return kind
    if kind in ("upsample", "zero_pad"):
        return {kind: draw(st.integers(1, 2))}
    found: dict[str, Any] = {"kernel": kernel, "stride": stride}
    if kind != "max_pool":
        found |= {"filters": 1, "dilation": draw(st.integers(1, 3))}
    if kind == "conv":
        found["padding"] = draw(st.integers(0, 2))
    return {kind: found}


def reads(layer: Layer, row: int) -> set[int]:
    """The rows of its input that a row of a layer reads, counted one by one."""
    given = layer.arguments
    size = layer.inputs[0].sizes[0]
    kernel, stride = first(given.get("kernel", 1)), first(given.get("stride", 1))
    dilation, padding = first(given.get("dilation", 1)), first(given.get("padding", 0))
    taps = [dilation * k for k in range(kernel)]
    if layer.kind == "transposed_conv":
        return {i for i in range(size) if any(i * stride + tap == row for tap in taps)}
    if layer.kind == "upsample":
        return {row // first(given["factor"])}
    found = {row * stride - padding + tap for tap in taps}
    return found & {*range(size)}


def first(value: Any) -> int:
    while isinstance(value, list | tuple):
        value = value[0]
    return int(value)


@given(st.integers(4, 40), st.lists(item(), min_size=1, max_size=4), st.data())
def test_rows_are_those_that_are_reached(size: int, items: list[Any], data: st.DataObject) -> None:
    try:
        net = build(volume([size], 1), *items)
    except cnncalc.SpecError:
        return  # a window that does not fit
    end = net.layers[-1]
    if end.output.sizes[0] > 120:
        return
    at = data.draw(st.integers(0, end.output.sizes[0] - 1))
    found = rows_below(net, end, "input", 0, at)
    rows = {at}
    for layer in reversed(net.layers):
        assert set(found.get(layer, ())) == rows
        rows = set().union(*(reads(layer, row) for row in rows)) if rows else set()
    assert set(found.get(net.input_signals["input"], ())) == rows


@given(st.integers(6, 30), st.integers(1, 4), st.integers(1, 4), st.integers(0, 3))
def test_branches_are_seen_together(size: int, one: int, other: int, at: int) -> None:
    def conv(kernel: int) -> Any:
        return {"conv": {"filters": 1, "kernel": kernel, "padding": "same", "dilation": 2}}

    net = build(volume([size], 1), {"branches": [[conv(one)], [conv(other), conv(other)]],
                                    "merge": "add"})  # fmt: skip

    def seen(kernel: int, rows: set[int]) -> set[int]:
        before = 2 * (kernel - 1) // 2
        taps = {row - before + 2 * k for row in rows for k in range(kernel)}
        return taps & {*range(size)}

    expected = seen(one, {at}) | seen(other, seen(other, {at}))
    found = rows_below(net, net.layers[-1], "input", 0, at)
    assert set(found[net.input_signals["input"]]) == expected


def test_sizes_and_jumps_are_those_of_the_network() -> None:
    for name in ("alexnet", "unet", "resnet50", "textcnn", "c3d"):
        net = cnncalc.load(name)
        (end,) = net.output_signals.values()
        for step in steps_to(net, end, "input", 0, 0, [[part] for part in net.root.children]):
            seen = net.receptive_fields[step.signal]["input"]
            assert step.size == seen.sizes[0]
            assert step.jump == seen.reaches[0].step / seen.reaches[0].period


# What is drawn.


def units(svg: str, path: str | None) -> list[tuple[float, float]]:
    """The filled units of a row: where each begins, and how wide it is."""
    for group in parse(svg).iter(f"{SVG}g"):
        title = group.find(f"{SVG}title")
        wanted = path or "input"
        if title is not None and (title.text or "").startswith(f"{wanted}: "):
            rects = [n for n in group if n.tag == f"{SVG}rect" and n.get("stroke") == "#222222"]
            return [(float(n.get("x", "0")), float(n.get("width", "0"))) for n in rects]
    raise AssertionError(path)


def test_holes_of_a_dilated_window_are_drawn() -> None:
    net = build("21x21x1", {"conv": {"filters": 1, "kernel": 3, "dilation": 4}})
    found = units(cnncalc.draw(net, "field", "conv1", at=(3, 3), theme="light").svg(), None)
    step = (found[1][0] - found[0][0]) / 4
    assert len(found) == 3
    assert found[2][0] - found[1][0] == pytest.approx(4 * step, abs=0.11)
    assert found[0][1] == pytest.approx(step, abs=0.11)


def test_the_row_of_the_input_is_to_scale() -> None:
    """The filled part of the input is as large a part of it as the field of its rows."""
    net = build("64x64x1", {"conv": {"filters": 1, "kernel": 15}},
                {"max_pool": {"kernel": 2, "stride": 2}})  # fmt: skip
    svg = cnncalc.draw(net, "field", "max_pool1", theme="light").svg()
    found = units(svg, None)
    (whole,) = [
        float(n.get("width", "0"))
        for group in parse(svg).iter(f"{SVG}g")
        if (title := group.find(f"{SVG}title")) is not None
        and (title.text or "").startswith("input: ")
        for n in group
        if n.tag == f"{SVG}rect" and n.get("fill") == "#ffffff"
    ]
    drawn = found[-1][0] + found[-1][1] - found[0][0]
    assert drawn / whole == pytest.approx(16 / 64, abs=0.002)


NETS = [name for name in all_names() if not name.startswith("resnet1202")]


@pytest.mark.parametrize("width", [None, 317.0])
@pytest.mark.parametrize("name", NETS)
def test_layout_and_labels(name: str, width: float | None) -> None:
    """No text is cut or covered, and every number is the network's."""
    net = cnncalc.load(name)
    root = check_layout(cnncalc.draw(net, "field", width=width, theme="light").svg())
    assert width is None or float(root.get("width", "0")) <= width
    shown = layers(root)
    assert shown
    assert {*shown} <= {*net.by_path}
    for path, quantity, text in quantities(root):
        signal = net.by_path[path]
        found = net.receptive_fields[getattr(signal, "result", signal)]
        assert (quantity, text) == ("receptive_field", found.text())


def test_only_what_is_near_a_small_field_is_shown() -> None:
    net = build("16000x1", {"conv": {"filters": 1, "kernel": 5}})
    root = check_layout(cnncalc.draw(net, "field", "conv1", at=(8000,)).svg())
    words = [box.text for box in texts(root)]
    # Rows 8,000 to 8,004 are seen, and as many are shown on either side.
    assert words[-2:] == ["7,995", "8,009"]
    assert words[-1:] != ["16,000"]


def test_groups_open_and_close() -> None:
    net = cnncalc.load("resnet50")
    closed = layers(parse(cnncalc.draw(net, "field", expand=1).svg()))
    opened = layers(parse(cnncalc.draw(net, "field", expand=3).svg()))
    assert "Stage4" in closed
    assert len(opened) > len(closed)
    picture = cnncalc.draw(net, "field", expand=1)
    assert picture.scene.notes == ["5 groups closed; --expand opens more"]


def test_a_place(run: Any) -> None:
    net = cnncalc.load("alexnet")
    words = [
        box.text for box in texts(parse(cnncalc.draw(net, "field", "conv3", at=(1, 13)).svg()))
    ]
    assert "along the height of input" in words  # the axes differ
    assert "along the width of input" in words
    for at, message in {
        (14, 1): "conv3 has 13 rows, no row 14",
        (1,): "a place in conv3, 13×13×384, is ROW,COLUMN",
    }.items():
        with pytest.raises(CannotDraw) as caught:
            cnncalc.draw(net, "field", "conv3", at=at)
        assert str(caught.value) == message
    code, out, _ = run("draw", "alexnet", "conv3", "--as", "field")
    assert code == 0
    (line,) = [line for line in out.splitlines() if line.startswith("    conv1 ")]
    assert "field 11×11 · jump 4 · offset 3" in line


def test_text_is_as_wide_as_asked_for(run: Any) -> None:
    for width in (60, 100):
        out = run("draw", "lenet", "--as", "field", "--width", width).out
        bars = [line for line in out.splitlines() if "█" in line and "depends" not in line]
        assert max(map(len, bars)) <= width
        assert any(len(line) > width - 6 for line in bars)


def test_several_inputs_have_a_panel_each() -> None:
    root = check_layout(cnncalc.draw("siamese", "field").svg())
    words = {box.text for box in texts(root)}
    assert {"along the height and width of left", "along the height and width of right"} <= words


def test_of_very_many_layers_neighbours_are_one_row() -> None:
    net = build("100000x1", *[{"conv": {"filters": 1, "kernel": 3}}] * 5000)
    picture = cnncalc.draw(net, "field", theme="light")
    root = check_layout(picture.svg())
    assert len(layers(root)) == 24
    assert layers(root)[0] == "conv5000"
    assert {text for _, _, text in quantities(root)} >= {"10001", "419"}
    assert picture.scene.notes == ["5,000 layers in 24 rows"]


def test_a_thousand_layers_and_long_axes() -> None:
    net: Network = build("100000x1", *[{"conv": {"filters": 1, "kernel": 3}}] * 1000)
    picture = cnncalc.draw(net, "field", theme="light")
    check_layout(picture.svg())
    assert len(layers(parse(picture.svg()))) == 1000
