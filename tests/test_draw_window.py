"""draw --as window: cells and windows against windows that are counted one by one."""

from __future__ import annotations

import random
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pictures import SVG, check_layout, elements, frames, parse, texts
from strategies import build, volume

import cnncalc
from cnncalc.commands.draw.options import CannotDraw
from cnncalc.commands.draw.window import windowed
from cnncalc.commands.draw.windows import BEYOND, INPUT, PADDING, ZERO, Axis, axes_of
from cnncalc.commands.explain.text import render_text
from cnncalc.language.bundled import all_names
from cnncalc.network.model import Layer
from cnncalc.render.stream import Paper

SIZES = st.tuples(*[st.integers(1, 16)] * 2)


def layer(input: str, item: Any) -> Layer:
    return build(input, item).layers[0]


# Which cells the windows read.


def test_windows_are_those_of_numpy() -> None:
    """Of 2,000 windows: as many as NumPy finds, at the same places."""
    drawn = random.Random(1)
    for _ in range(2_000):
        size, kernel, stride = drawn.randint(1, 20), drawn.randint(1, 6), drawn.randint(1, 5)
        dilation, pads = drawn.randint(1, 3), (drawn.randint(0, 4), drawn.randint(0, 4))
        extent = dilation * (kernel - 1) + 1
        if size + sum(pads) < extent:
            continue
        cells = np.pad(np.arange(size), pads, constant_values=-1)
        there = np.arange(-pads[0], size + pads[1])
        found = np.lib.stride_tricks.sliding_window_view(there, extent)[::stride, ::dilation]
        (axis,) = axes_of(
            layer(
                volume([size], 1),
                {
                    "conv": {
                        "filters": 1, "kernel": kernel, "stride": stride, "dilation": dilation,
                        "padding": [list(pads)],
                    }
                },
            ).operation
        )  # fmt: skip
        assert [list(axis.taps(k)) for k in range(axis.output)] == found.tolist()
        assert axis.cells == len(cells)
        read = set(found.ravel().tolist())
        assert [axis.is_read(cell) for cell in there] == [cell in read for cell in there]
        assert [axis.what(cell) == INPUT for cell in there] == (cells >= 0).tolist()


@given(st.integers(1, 9), st.integers(1, 4), st.integers(1, 4), st.integers(0, 2), st.data())
def test_a_transposed_window_reads_what_reaches_it(
    size: int, kernel: int, stride: int, padding: int, data: st.DataObject
) -> None:
    """Each value puts down a patch of the kernel; the picture turns that round."""
    output = (size - 1) * stride - 2 * padding + kernel
    if output < 1:
        return
    item = {"transposed_conv": {"filters": 1, "kernel": kernel, "stride": stride,
                                "padding": padding}}  # fmt: skip
    (axis,) = axes_of(layer(volume([size], 1), item).operation)
    assert axis.output == output
    for out in range(output):
        reached = [i for i in range(size) for k in range(kernel) if i * stride + k - padding == out]
        taps = [cell for cell in axis.taps(out) if axis.what(cell) == INPUT]
        assert [cell // stride for cell in taps] == reached
        assert len(axis.taps(out)) == kernel


@given(st.integers(1, 20), st.integers(1, 12))
def test_adaptive_windows(size: int, output: int) -> None:
    (axis,) = axes_of(layer(volume([size], 1), {"adaptive_avg_pool": output}).operation)
    for out in range(output):
        # PyTorch's rule, in its own words: start floor(i·W/O), end ceil((i + 1)·W/O).
        assert list(axis.taps(out)) == [
            row
            for row in range(size)
            if out * size < (row + 1) * output and row * output < (out + 1) * size
        ]


def test_rounding_up_reaches_beyond() -> None:
    item = {"max_pool": {"kernel": 3, "stride": 2, "rounding": "ceil"}}
    axis = axes_of(layer("6x6x1", item).operation)[0]
    assert (axis.output, axis.end, axis.what(6)) == (3, 7, BEYOND)


def test_large_axes_are_not_counted_through() -> None:
    axis = Axis(10**12, 3, 3, 10**12, kernel=7, dilation=3, first=-3)
    assert axis.is_read(10**11)
    assert axis.cells == 10**12 + 18  # from −3 to the last tap of the last window


# What is drawn.


def hatched_cells(root: Any, cell: float, bottom: float) -> float:
    """The area of the hatched cells, in cells."""
    area = 0.0
    for node in elements(root):
        own = node.tag == f"{SVG}rect" and node.get("fill", "").startswith("url(")
        if own and float(node.get("y", "0")) < bottom:
            area += float(node.get("width", "0")) * float(node.get("height", "0"))
    return area / cell**2


@given(SIZES, st.integers(1, 5), st.integers(1, 4), st.integers(0, 3), st.integers(1, 3))
def test_unread_cells_are_hatched(
    sizes: tuple[int, int], kernel: int, stride: int, padding: int, dilation: int
) -> None:
    extent = dilation * (kernel - 1) + 1
    if min(sizes) + 2 * padding < extent:
        return
    item = {"conv": {"filters": 1, "kernel": kernel, "stride": stride, "padding": padding,
                     "dilation": dilation}}  # fmt: skip
    net = build(volume(sizes, 1), item)
    root = check_layout(cnncalc.draw(net, "window", "conv1", theme="light").svg())
    padded = [size + 2 * padding for size in sizes]
    unread = 0
    for cell in product(*map(range, padded)):
        taps = [
            any(place - k * dilation >= 0 and (place - k * dilation) % stride == 0
                and place - k * dilation + extent <= whole for k in range(kernel))
            for place, whole in zip(cell, padded, strict=True)
        ]  # fmt: skip
        unread += not all(taps)
    cell = min(22.0, 440 / max(padded))
    (legend,) = [box.top for box in texts(root) if box.text == "input"]
    # Those of the input are drawn twice, over the padding and by themselves.
    own = product(*(range(padding, padding + size) for size in sizes))
    twice = sum(not _read(place, padded, extent, stride, dilation, kernel) for place in own)
    expected = unread + (twice if padding else 0)
    assert hatched_cells(root, cell, legend - 4) == pytest.approx(
        expected, abs=0.02 * expected + 0.1
    )


def _read(
    place: tuple[int, ...], padded: list[int], extent: int, stride: int, dilation: int, kernel: int
) -> bool:
    return all(
        any(
            at - k * dilation >= 0
            and (at - k * dilation) % stride == 0
            and at - k * dilation + extent <= whole
            for k in range(kernel)
        )
        for at, whole in zip(place, padded, strict=True)
    )


@given(SIZES, st.integers(1, 4), st.integers(1, 3), st.integers(0, 2), st.data())
def test_the_window_at_a_place_is_where_it_slides_to(
    sizes: tuple[int, int], kernel: int, stride: int, padding: int, data: st.DataObject
) -> None:
    if min(sizes) + 2 * padding < kernel:
        return
    item = {"conv": {"filters": 1, "kernel": kernel, "stride": stride, "padding": padding}}
    net = build(volume(sizes, 1), item)
    at = tuple(data.draw(st.integers(1, size)) for size in net.output.sizes)
    root = parse(cnncalc.draw(net, "window", "conv1", at=at, theme="light").svg())
    accent = [n for n in elements(root) if n.get("stroke-width") == "2"]
    frame, target = accent[:2]
    cell = min(22.0, 440 / (max(sizes) + 2 * padding))
    caption = next(box for box in texts(root) if box.text.startswith("input "))
    left, top = 16.0, float(frame.get("y", "0")) - (at[0] - 1) * stride * cell
    assert float(frame.get("x", "0")) == pytest.approx(left + (at[1] - 1) * stride * cell, abs=0.1)
    assert float(frame.get("width", "0")) == pytest.approx(kernel * cell, abs=0.11)
    assert float(frame.get("height", "0")) == pytest.approx(kernel * cell, abs=0.11)
    assert top == pytest.approx(caption.bottom + 3.8, abs=0.3)
    assert float(target.get("width", "0")) == pytest.approx(cell, abs=0.11)


def test_taps_of_a_dilated_window() -> None:
    net = build("9x9x1", {"conv": {"filters": 1, "kernel": 3, "dilation": 2}})
    root = parse(cnncalc.draw(net, "window", "conv1", theme="light", at=(2, 3)).svg())
    cell, inset = 22.0, 2.0
    taps = {
        (round((float(n.get("y", "0")) - inset) / cell, 2),
         round((float(n.get("x", "0")) - inset - 16) / cell, 2))
        for n in elements(root)
        if n.get("fill") == "#4477aa" and n.get("width") == "18" and n.tag == f"{SVG}rect"
    }  # fmt: skip
    top = min(row for row, _ in taps)
    assert {(row - top, column) for row, column in taps} == {*product((0, 2, 4), (2, 4, 6))}


EXPLAINED = [
    ("lenet", "C1"), ("alexnet", "conv1"), ("alexnet", "max_pool1"),
    ("unet", "dec4.transposed_conv1"),
    ("resnet50", "ConvBN1.conv1"), ("textcnn", "three.Window1.conv1"), ("c3d", "conv1a"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "path"), EXPLAINED)
def test_the_equations_are_those_of_explain(name: str, path: str) -> None:
    """Letter for letter: each step of them stands on the page of explain."""
    net = cnncalc.load(name)
    page = render_text(net, cnncalc.explain(net[path], "output"), Paper(200))
    said = " ".join(page.split())
    root = parse(cnncalc.draw(net, "window", path).svg())
    lines = [box.text for box in texts(root)]
    equations = [line for line in lines if " = " in line]
    assert any(line.startswith("O") for line in equations)
    for line in equations:
        assert line in said


# Over everything that there is.


@pytest.fixture(scope="module")
def every_window() -> list[Layer]:
    """Each window of the bundled networks once."""
    found: dict[object, Layer] = {}
    for name in all_names():
        for layer in cnncalc.load(name):
            axes = axes_of(layer.operation)
            if axes:
                found.setdefault((layer.kind, *axes), layer)
    return list(found.values())


@pytest.mark.parametrize("width", [None, 317.0, 240.0])
def test_no_text_is_cut_or_lies_over_another(
    width: float | None, every_window: list[Layer]
) -> None:
    assert len(every_window) > 150
    for layer in every_window:
        picture = cnncalc.draw(layer.network, "window", layer.path, width=width, theme="light")
        root = check_layout(picture.svg())
        assert width is None or float(root.get("width", "0")) <= width + 1, layer


def test_a_long_axis_shows_both_ends_and_the_place() -> None:
    net = build("1000x1", {"conv": {"filters": 1, "kernel": 5, "stride": 3}})
    root = check_layout(cnncalc.draw(net, "window", "conv1", at=(170,)).svg())
    words = [box.text for box in texts(root)]
    assert {"1", "2", "3", "4", "170", "330", "331", "332", "… and 324 windows in between"} <= {
        *words
    }


def test_legend_names_only_what_is_there() -> None:
    def words(item: Any, input: str = "6x6x1") -> set[str]:
        net = build(input, item)
        root = parse(cnncalc.draw(net, "window", net.layers[0].path).svg())
        return {box.text for box in texts(root)}

    plain = words({"conv": {"filters": 1, "kernel": 3}})
    assert not {"padding, 0", "no window reads it", "0 put in between"} & plain
    uneven = words({"conv": {"filters": 1, "kernel": 3, "stride": 2, "padding": 1}})
    assert {"padding, 0", "no window reads it"} <= uneven
    assert "0 put in between" in words(
        {"transposed_conv": {"filters": 1, "kernel": 2, "stride": 2}}
    )


def test_a_picture_that_moves_has_a_frame_for_each_place() -> None:
    net = build("5x5x1", {"conv": {"filters": 1, "kernel": 3, "padding": 1, "stride": 2}})
    svg = cnncalc.draw(net, "window", "conv1", animate=True).svg()
    root = check_layout(svg)
    assert len(frames(root)) == 9
    hidden = [g.get("visibility") for g in root.iter(f"{SVG}g") if g.get("class", "")[:2] == "f "]
    assert hidden == [None, *["hidden"] * 8]  # who prefers no motion sees the first
    assert "prefers-reduced-motion: no-preference" in svg
    assert "<script" not in svg


# What cannot be drawn.


def refusal(*args: Any, **options: Any) -> str:
    with pytest.raises(CannotDraw) as caught:
        cnncalc.draw(*args, **options)
    return str(caught.value)


def test_refusals() -> None:
    net = cnncalc.load("alexnet")
    assert refusal(net, "window", "fc1") == (
        "fc1 (fc) has no window; layers with one: "
        "conv1, max_pool1, conv2, max_pool2, conv3, conv4, ..."
    )
    assert refusal(net, "window", "conv9") == "no layer conv9; did you mean conv5?"
    assert refusal(net, "window") == "window is a picture of one layer: name it"
    assert refusal(net, "window", "conv1", at=(56, 1)) == "conv1 has 55 rows, no row 56"
    assert refusal(net, "window", "conv1", at=(1,)) == "a place in conv1, 55×55×64, is ROW,COLUMN"
    assert refusal(net, "window", "conv1", width=40) == (
        "a width of 40 px (11 mm) has no room for this picture; it takes 240 px (64 mm)"
    )
    assert refusal(net, "window", "conv1", animate=True) == (
        "conv1 has 55×55 places, and a picture that moves shows at most 400; name one with --at"
    )
    assert refusal(cnncalc.load("mlp"), "window", "fc1").endswith(
        "has no window; no layer of this network has one"
    )
    assert refusal(cnncalc.load("resnet50"), "window", "Stage1").startswith(
        "Stage1 is a group of layers; the layers in it: "
    )


def test_every_layer_with_a_window_says_so() -> None:
    for layer in cnncalc.load("googlenet"):
        if hasattr(layer.operation, "kernel"):
            assert len(windowed(layer)) == len(layer.inputs[0].sizes)


def test_zero_and_padding_are_told_apart() -> None:
    item = {"transposed_conv": {"filters": 1, "kernel": 3, "stride": 2}}
    axis = axes_of(layer("3x3x1", item).operation)[0]
    assert [axis.what(cell) for cell in range(axis.start, axis.end)] == [
        PADDING, PADDING, INPUT, ZERO, INPUT, ZERO, INPUT, PADDING, PADDING,
    ]  # fmt: skip
