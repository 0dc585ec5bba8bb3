"""The layout of boxes in boxes, for every bundled network and for drawn ones."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from strategies import read, repeating

import cnncalc
from cnncalc.commands.draw.graph import Graph
from cnncalc.commands.draw.item_maker import items_of
from cnncalc.commands.draw.items import in_place
from cnncalc.commands.draw.options import EVERY_LEVEL, Options
from cnncalc.network.model import Network
from cnncalc.render.layered.boxes import Box, Edge, Node, Placed
from cnncalc.render.layered.layout import layout

SPECS = sorted(Path(__file__).parents[1].glob("specs/**/*.yaml"))
CLOSE = 0.05  # px


def nodes_of(network: Network, expand: int | None = None) -> list[Node]:
    options = Options(expand=expand)
    return Graph(network, items_of(network, options, most=45, hides=in_place), []).nodes


def every(nodes: list[Node]) -> Iterator[Node]:
    for node in nodes:
        yield node
        yield from every(node.inside or [])


def meet(one: Box, two: Box) -> bool:
    return (
        min(one.x + one.width, two.x + two.width) - max(one.x, two.x) > CLOSE
        and min(one.y + one.height, two.y + two.height) - max(one.y, two.y) > CLOSE
    )


def holds(outer: Box, inner: Box) -> bool:
    return (
        outer.x <= inner.x + CLOSE
        and outer.y <= inner.y + CLOSE
        and inner.x + inner.width <= outer.x + outer.width + CLOSE
        and inner.y + inner.height <= outer.y + outer.height + CLOSE
    )


def on_border(x: float, y: float, box: Box) -> bool:
    inside = box.x - CLOSE <= x <= box.x + box.width + CLOSE
    beside = box.y - CLOSE <= y <= box.y + box.height + CLOSE
    ends = {abs(x - box.x), abs(x - box.x - box.width)}
    tops = {abs(y - box.y), abs(y - box.y - box.height)}
    return inside and beside and (min(ends) <= CLOSE or min(tops) <= CLOSE)


def crosses(edge: Edge, box: Box) -> bool:
    """Whether a stretch of an edge runs through the inside of a box."""
    for (x0, y0), (x1, y1) in zip(edge.points, edge.points[1:], strict=False):
        assert abs(x0 - x1) <= CLOSE or abs(y0 - y1) <= CLOSE, "edges run along the axes"
        span = Box(min(x0, x1), min(y0, y1), abs(x0 - x1), abs(y0 - y1))
        if (
            span.x < box.x + box.width - CLOSE
            and box.x + CLOSE < span.x + span.width
            and span.y < box.y + box.height - CLOSE
            and box.y + CLOSE < span.y + span.height
        ):
            return True
    return False


def check(nodes: list[Node], placed: Placed) -> None:
    """No boxes overlap, frames hold what is in them, edges run between the right borders."""
    leaves = [node for node in every(nodes) if node.inside is None]
    boxes = placed.boxes
    for number, node in enumerate(leaves):
        for other in leaves[:number]:
            assert not meet(boxes[node.key], boxes[other.key])
    for node in every(nodes):
        for child in node.inside or []:
            assert holds(boxes[node.key], boxes[child.key])
    page = Box(0, 0, placed.width, placed.height)
    assert all(holds(page, box) for box in boxes.values())
    wanted = sorted((source, node.key) for node in leaves for source in node.reads)
    assert sorted((edge.source, edge.target) for edge in placed.edges) == wanted
    for edge in placed.edges:
        assert on_border(*edge.points[0], boxes[edge.source])
        assert on_border(*edge.points[-1], boxes[edge.target])
        assert all(holds(page, Box(x, y, 0, 0)) for x, y in edge.points)
        assert not [node.key for node in leaves if crosses(edge, boxes[node.key])]


@pytest.mark.parametrize("across", [False, True], ids=["down", "across"])
@pytest.mark.parametrize("path", SPECS, ids=[path.stem for path in SPECS])
def test_bundled_networks(path: Path, across: bool) -> None:
    nodes = nodes_of(cnncalc.load(path))
    check(nodes, layout(nodes, across, 1200))


@pytest.mark.parametrize("name", ["googlenet", "unet", "mobilenet_v3", "shufflenet_v2"])
def test_with_every_group_opened(name: str) -> None:
    nodes = nodes_of(cnncalc.load(name), EVERY_LEVEL)
    check(nodes, layout(nodes, longest=1000))


@given(repeating(), st.booleans())
@settings(max_examples=60)
def test_drawn_networks(keys: dict[str, object], across: bool) -> None:
    layers = keys.pop("layers")
    try:
        network = cnncalc.build(read(keys.pop("input"), *layers, **keys)).network  # type: ignore[misc]
    except cnncalc.SpecError:
        assume(False)
    nodes = nodes_of(network)
    check(nodes, layout(nodes, across, 600))


@st.composite
def graphs(draw: st.DrawFn) -> list[Node]:
    """Boxes in boxes that read earlier ones anywhere."""
    nodes: list[Node] = []
    earlier: list[int] = []
    keys = iter(range(1000))

    def add(into: list[Node], depth: int) -> None:
        for _ in range(draw(st.integers(1, 4))):
            node = Node(next(keys), draw(st.sampled_from([18, 60, 120])), 18 if depth else 36)
            into.append(node)
            if depth < 2 and draw(st.integers(0, 2)) == 0:
                node.inside, node.framed = [], draw(st.booleans())
                add(node.inside, depth + 1)
                continue
            if earlier:
                count = draw(st.integers(0, 3))
                reads = {draw(st.sampled_from(earlier)) for _ in range(count)}
                node.reads = sorted(reads)
            earlier.append(node.key)

    add(nodes, 0)
    return nodes


@given(graphs(), st.booleans())
@settings(max_examples=300)
def test_any_graph(nodes: list[Node], across: bool) -> None:
    check(nodes, layout(nodes, across))


@given(graphs())
@settings(max_examples=100)
def test_any_graph_in_columns(nodes: list[Node]) -> None:
    check(nodes, layout(nodes, longest=150))


def test_a_chain_is_straight() -> None:
    nodes = [Node(n, 50 + n, 20, [n - 1] if n else []) for n in range(5)]
    assert all(len(edge.points) == 2 for edge in layout(nodes).edges)


def test_an_edge_past_a_box_runs_at_its_right() -> None:
    placed = layout([Node(0, 50, 20), Node(1, 50, 20, [0]), Node(2, 18, 18, [1, 0])])
    (skip,) = [edge for edge in placed.edges if (edge.source, edge.target) == (0, 2)]
    box, end = placed.boxes[1], placed.boxes[2]
    assert max(x for x, _ in skip.points) > box.x + box.width
    assert skip.points[-1] == (end.x + end.width, end.y + end.height / 2)


def test_deep_nests_are_laid_out() -> None:
    """As deep as specs may nest, every level with an edge that passes it."""
    inner = [Node(0, 10, 10)]
    for key in range(1, 200, 2):
        inner = [Node(key, inside=inner, framed=True), Node(key + 1, 10, 10, [0])]
    check(inner, layout(inner))
