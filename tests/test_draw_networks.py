"""Pictures of whole networks: every label and length compared with the network itself."""

import math
import re
import time
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pictures import SVG, check_layout, elements, layers, parse, quantities, view_box
from strategies import build, read, repeating

import cnncalc
from cnncalc.commands.draw import graph, profile, volumes
from cnncalc.commands.draw.item_maker import items_of
from cnncalc.commands.draw.items import in_place, never, norm_or_in_place
from cnncalc.commands.draw.options import EVERY_LEVEL, CannotDraw, Options
from cnncalc.commands.draw.profile import percent, profile_of
from cnncalc.network.model import Group, Input, Network
from cnncalc.quantities import QUANTITIES
from cnncalc.render.palette import THEMES
from cnncalc.wording import show_bytes

SPECS = sorted(Path(__file__).parents[1].glob("specs/**/*.yaml"))
IDS = [path.stem for path in SPECS]
KINDS = ("volumes", "graph", "profile")


def drawn(network: Network | str, kind: str, **options: Any) -> ElementTree.Element:
    """The picture, its layout checked."""
    return check_layout(cnncalc.draw(network, kind, **options).svg())


def signal(network: Network, path: str) -> Any:
    """What a path of a picture stands for."""
    return network.input_signals.get(path) or (network[path] if path else network)


def compare(network: Network, root: ElementTree.Element) -> None:
    """Every number that is marked is that of the layer round it."""
    for path, name, text in quantities(root):
        element = signal(network, path)
        if name == "output":
            assert text == element.output.text(), path
        elif isinstance(element, Input):
            assert text == show_bytes(network.bytes_of(element.output)), path
        else:
            value = element.quantity(name)
            written = show_bytes(value) if QUANTITIES[name].is_bytes else f"{value:,}"
            assert text == written, (path, name)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("path", SPECS, ids=IDS)
def test_every_label_is_that_of_the_network(path: Path, kind: str) -> None:
    network = cnncalc.load(path)
    root = drawn(network, kind)
    compare(network, root)
    assert quantities(root)


@pytest.mark.parametrize("path", SPECS, ids=IDS)
def test_the_layers_drawn_are_the_items(path: Path) -> None:
    network = cnncalc.load(path)
    found = items_of(network, Options(), most=graph.MOST, hides=in_place)
    opened = [i.path for i in _every(found.roots) if not (i.clear and i.inside is not None)]
    assert sorted(layers(drawn(network, "graph"))) == sorted(opened)
    flat = items_of(network, Options(), most=volumes.MOST, hides=norm_or_in_place, open_runs=False)
    assert layers(drawn(network, "volumes")) == [item.path for item in flat.leaves()]


def _every(items: list[Any]) -> Any:
    for item in items:
        yield item
        yield from _every(item.inside or [])


@pytest.mark.parametrize("path", SPECS, ids=IDS)
def test_items_stand_for_every_layer_once(path: Path) -> None:
    """With the copies that ×n stands for, as many layers as the network has."""
    network = cnncalc.load(path)
    for options in (Options(), Options(expand=1), Options(expand=2), Options(expand=EVERY_LEVEL)):
        items = items_of(network, options, most=45, hides=never)
        assert _layers(items.roots) == len(network)


def _layers(items: list[Any]) -> int:
    total = 0
    for item in items:
        if item.inside is not None:
            total += item.times * _layers(item.inside)
        elif not isinstance(item.element, Input):
            total += item.times * len(item.element.layers)
    return total


@given(repeating(), st.sampled_from(KINDS), st.booleans(), st.sampled_from([None, 1, 3]))
@settings(max_examples=80)
def test_drawn_specs(keys: dict[str, Any], kind: str, every: bool, expand: int | None) -> None:
    items = keys.pop("layers")
    try:
        network = cnncalc.build(read(keys.pop("input"), *items, **keys)).network
    except cnncalc.SpecError:
        assume(False)
    options: dict[str, Any] = {"expand": expand}
    if kind != "profile":
        options["all"] = every
    compare(network, drawn(network, kind, **options))


# Lengths.


def glyphs(root: ElementTree.Element) -> dict[str, ElementTree.Element]:
    return {
        node.get("data-layer", ""): node for node in elements(root) if "data-layer" in node.attrib
    }


def front(node: ElementTree.Element) -> tuple[float, float]:
    """The width and height of the front of a box."""
    *_, rect = node.iter(f"{SVG}rect")
    return float(rect.get("width", "")), float(rect.get("height", ""))


@pytest.mark.parametrize("scale", ["linear", "sqrt", "log"])
@pytest.mark.parametrize("path", SPECS, ids=IDS)
def test_boxes_have_the_size_of_the_stated_scale(path: Path, scale: str) -> None:
    """As it stands below the picture, worked out again from the numbers of the network."""
    network = cnncalc.load(path)
    root = drawn(network, "volumes", scale=scale)
    words = " ".join(node.text or "" for node in elements(root) if node.tag == f"{SVG}text")
    law = {"linear": float, "sqrt": math.sqrt, "log": lambda n: math.log2(1 + n)}[scale]
    for path_, node in glyphs(root).items():
        volume = signal(network, path_).output
        if list(node.iter(f"{SVG}circle")):
            continue
        width, height = front(node)
        if not volume.sizes:
            assert height == pytest.approx(
                _px(words, "length of vectors", volume.channels), abs=0.1
            )
            continue
        most, tallest = _groups(r"([\d,]+) is ([\d.]+) px tall", words)
        high = volume.sizes[-2:][0]
        assert height == pytest.approx(tallest * law(high) / law(most), abs=0.1)
        assert width == pytest.approx(_px(words, "width", volume.channels), abs=0.1)


def _groups(pattern: str, words: str) -> tuple[float, ...]:
    found = re.search(pattern, words)
    assert found, words
    return tuple(float(group.replace(",", "")) for group in found.groups())


def _px(words: str, what: str, number: int) -> float:
    """The length that the picture says a number of channels has."""
    if f"{what}: channels" in words or f"{what}: values" in words:
        most, long = _groups(rf"{what}: \w+, ([\d,]+) is ([\d.]+) px", words)
        return long * number / most
    (factor,) = _groups(rf"{what}: ([\d.]+)·log2", words)
    return factor * math.log2(1 + number)


@pytest.mark.parametrize("options", [{}, {"cumulative": True}, {"top": 3, "sort": "macs"}])
@pytest.mark.parametrize("path", SPECS, ids=IDS)
def test_bars_add_up_and_are_in_proportion(path: Path, options: dict[str, Any]) -> None:
    network = cnncalc.load(path)
    found = profile_of(network, Options(**options))
    for column, known in enumerate(found.shows):
        sums = sum(row.values[column] for row in found.rows)
        assert sums == found.totals[column] == network.quantity(known.name)
    root = drawn(network, "profile", **options)
    bars = [
        float(node.get("width", ""))
        for node in elements(root)
        if node.tag == f"{SVG}rect" and node.get("height") == "10" and node.get("stroke-width")
    ][: sum(bool(value) for row in found.rows for value in row.values)]
    wanted = [
        (value, found.largest(column))
        for row in found.rows
        for column, value in enumerate(row.values)
        if value
    ]
    assert len(bars) == len(wanted)
    longest = max(bars) if not options.get("cumulative") else None
    for width, (value, most) in zip(bars, wanted, strict=True):
        full = longest or profile._BAR
        assert width == pytest.approx(full * value / most, abs=0.5)


def test_a_percentage_is_rounded_half_up() -> None:
    assert [percent(1, 8), percent(1, 16), percent(0, 3), percent(5, 5), percent(1, 0)] == [
        "12.5%", "6.3%", "0.0%", "100.0%", "",
    ]  # fmt: skip


# What is folded.


def test_what_is_folded_is_said() -> None:
    found = cnncalc.draw("resnet50", "graph", expand=1).scene.notes
    assert found == ("5 blocks folded; --expand 2 shows 14 items",)


def test_equal_blocks_are_one_with_their_number() -> None:
    root = drawn("resnet50", "graph", expand=2)
    words = {node.text for node in elements(root) if node.tag == f"{SVG}text"}
    assert {"Bottleneck2 ×2", "Bottleneck2 ×3", "Bottleneck2 ×5"} <= words


def test_equal_layers_with_activations_between_are_one() -> None:
    conv = {"conv": {"filters": 4, "kernel": 3, "padding": "same"}}
    network = build("8x8x4", conv, "relu", conv, "relu", conv, "relu", {"fc": 3})
    items = items_of(network, Options(max_items=3), most=1, hides=in_place)
    assert [(item.path, item.times) for item in items.leaves()] == [
        ("input", 1), ("conv1", 3), ("fc1", 1),
    ]  # fmt: skip
    other = build("8x8x4", conv, "relu", conv, "tanh", conv, "relu", {"fc": 3})
    items = items_of(other, Options(max_items=3), most=1, hides=in_place)
    assert [item.times for item in items.leaves()] == [1, 2, 1, 1]


def test_alike_branches_are_not_one() -> None:
    """Two equal ones beside one another are not behind one another."""
    conv = {"conv": {"filters": 4, "kernel": 3, "padding": "same"}}
    network = build("8x8x4", {"branches": {"a": conv, "b": conv}})
    items = items_of(network, Options(), most=1, hides=in_place)
    assert all(item.times == 1 for item in _every(items.roots))


def test_everything_opens_with_all() -> None:
    network = cnncalc.load("resnet50")
    found = items_of(network, Options(expand=EVERY_LEVEL), most=5, hides=never)
    assert [i.element for i in found.leaves() if not isinstance(i.element, Input)] == network.layers
    assert found.notes == ()


def test_a_block_opens_with_its_residual() -> None:
    """Where nobody says how far, an opened block shows what it is made of."""
    items = items_of(cnncalc.load("resnet50"), Options(), most=45, hides=in_place)
    kinds = {item.element.kind for item in items.leaves() if isinstance(item.element, Group)}
    assert kinds == {"ConvBN"}


# Options and refusals.


@pytest.mark.parametrize(
    ("kind", "options", "says"),
    [
        ("volumes", {"width": 60}, r"a width of 60 px .* has no room .* takes \d+ px"),
        ("graph", {"width": 100}, r"a width of 100 px .* has no room"),
        ("profile", {"width": 130}, r"a width of 130 px .* has no room"),
        ("graph", {"show": ("parametres",)}, r"no quantity parametres to show; did you mean"),
        ("profile", {"sort": "biases"}, r"the bars are parameters, macs, memory"),
    ],
)
def test_what_cannot_be_drawn(kind: str, options: dict[str, Any], says: str) -> None:
    with pytest.raises(CannotDraw, match=says):
        cnncalc.draw("lenet", kind, **options).svg()


@pytest.mark.parametrize("width", [317, 661, 1200])
@pytest.mark.parametrize("name", ["lenet", "alexnet", "vgg16", "c3d"])
def test_a_picture_is_no_wider_than_asked(name: str, width: float) -> None:
    assert view_box(drawn(name, "volumes", width=width)).right <= width


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_theme(kind: str, theme: str) -> None:
    check_layout(cnncalc.draw("googlenet", kind, theme=theme).svg())


def test_left_to_right() -> None:
    page = view_box(drawn("lenet", "graph", direction="LR"))
    assert page.right > page.bottom


def test_kernels_are_drawn_where_windows_are() -> None:
    """A face and four rays for each of the four windows of LeNet-5."""
    plain = cnncalc.draw("lenet", "volumes").svg()
    more = cnncalc.draw("lenet", "volumes", kernels=True).svg()
    check_layout(more)
    assert more.count("<path") - plain.count("<path") == 4 * 4


# Bad input is normal input.

HOSTILE = ["<script>alert(1)</script>", "&amp;\"'", "a\u202eb", "🦊" * 9, "x" * 200, "]]>", "%%{"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names(name: str, kind: str) -> None:
    network = build("8x8x3", {"conv": {"filters": 4, "kernel": 3}, "name": "first"}, "relu")
    network.name = name
    network["first"].path = name  # names of layers are checked; those of other readers are not
    network.__dict__.pop("by_path", None)
    svg = cnncalc.draw(network, kind).svg()
    check_layout(svg)
    assert "<script" not in svg
    assert "\u202e" not in svg


@pytest.mark.parametrize("kind", KINDS)
def test_same_network_same_bytes(kind: str) -> None:
    assert cnncalc.draw("googlenet", kind).svg() == cnncalc.draw("googlenet", kind).svg()


def chain(layers: int) -> Network:
    conv = {"conv": {"filters": 8, "kernel": 3, "padding": 1}}
    return build("32x32x3", *([conv, "relu"] * (layers // 2)))


@pytest.mark.parametrize("kind", KINDS)
def test_a_thousand_layers(kind: str) -> None:
    network = chain(1_000)
    network.parameters  # noqa: B018  # worked out before
    best = 9.0
    for _ in range(3):
        before = time.process_time()
        svg = cnncalc.draw(network, kind, expand=EVERY_LEVEL).svg()
        best = min(best, time.process_time() - before)
    parse(svg)
    assert len(svg) < 1_000_000
    assert best < 0.3 * 3  # on a machine that is busy with other tests


@pytest.fixture(scope="module")
def enormous() -> Network:
    """20,000 layers, of 30,001 items: six times as many as a picture ever has."""
    conv = {"conv": {"filters": 8, "kernel": 1}}
    return build("4x4x8", {"layers": [conv, "relu"], "repeat": 10_000})


@pytest.mark.parametrize(
    ("kind", "expand"), [(kind, None) for kind in KINDS] + [("graph", EVERY_LEVEL)]
)
def test_items_by_the_ten_thousand_fold(enormous: Network, kind: str, expand: int | None) -> None:
    svg = cnncalc.draw(enormous, kind, expand=expand).svg()
    check_layout(svg)
    assert len(svg) < 100_000
