"""Counts against layers that are written out unit by unit.

A graph lists every unit of a layer with its links. A link is the place it reads, which may lie in
the padding, and the weight it goes through; weights are shared by being the same one. Whatever is
counted is then counted there, without any formula.
"""

from collections.abc import Iterable
from itertools import product
from math import ceil, floor
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import Pair, build, pairs, per_axis, volume, whole

import cnncalc
from cnncalc.network.model import Layer

Unit = tuple[Any, ...]
Link = tuple[Unit, Any]  # what is read, and the weight


class Graph(NamedTuple):
    """Every unit with its links, and the bias that it has, if it has one."""

    links: dict[Unit, list[Link]]
    biases: dict[Unit, Any]

    @property
    def all_links(self) -> list[Link]:
        return [link for links in self.links.values() for link in links]

    def counts(self) -> dict[str, int | None]:
        links, biases = self.all_links, self.biases
        fan_ins = {len({read for read, _ in links}) for links in self.links.values()}
        return {
            "neurons": len(self.links),
            "weights": len({weight for _, weight in links}),
            "biases": len(set(biases.values())),
            "connections": len(links) + len(biases),
            "macs": len(links),
            "fan_in": fan_ins.pop() if len(fan_ins) == 1 else None,
            "positions": len({position for position, _ in self.links}),
            "without_sharing": len(links) + len(biases),
        }


class Slide(NamedTuple):
    """A layer with windows: one entry an axis, and the channels."""

    sizes: list[int]
    kernel: list[int]
    stride: list[int]
    padding: list[Pair]
    dilation: list[int]
    channels: int

    @property
    def input(self) -> str:
        return volume(self.sizes, self.channels)

    def arguments(self, *names: str) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("kernel", "stride", "padding", *names)}

    def windows(self) -> list[list[Unit]]:
        """For every position of the output the places of its window."""
        axes = zip(*self[:5], strict=True)
        along = [windows_along(*numbers) for numbers in axes]
        return [list(product(*rows)) for rows in product(*along)]

    def offsets(self) -> Iterable[Unit]:
        return product(*map(range, self.kernel))


def windows_along(
    size: int, kernel: int, stride: int, padding: Pair, dilation: int
) -> list[list[int]]:
    """The rows of every window that lies in the padded input."""
    rows = range(-padding[0], size + padding[1])
    found = [[start + dilation * k for k in range(kernel)] for start in rows[::stride]]
    return [window for window in found if window[-1] in rows]


@st.composite
def slides(draw: st.DrawFn, groups: int = 1, pool: bool = False) -> Slide:
    """A layer on one to three axes, the fewer the larger, whose windows fit."""
    axes = draw(whole(1, 3))
    most = (4, 3, 2)[axes - 1]
    kernel = draw(per_axis(axes, whole(1, most)))
    stride = draw(per_axis(axes, whole(1, 3)))
    dilation = [1] * axes if pool else draw(per_axis(axes, whole(1, 2)))
    padding = draw(per_axis(axes, pairs(most - 1)))
    if pool:
        padding = [
            (min(before, k // 2), min(after, k // 2))
            for (before, after), k in zip(padding, kernel, strict=True)
        ]
    spans = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
    sizes = [draw(whole(span, span + most)) for span in spans]
    return Slide(sizes, kernel, stride, padding, dilation, groups * draw(whole(1, 3)))


def convolution(slide: Slide, reads: list[Iterable[int]], *, bias: bool) -> Graph:
    """A unit for every position and filter; each filter reads the channels it is given."""
    links = {
        (position, filter): [
            ((*place, channel), (filter, offset, channel))
            for place, offset in zip(window, slide.offsets(), strict=True)
            for channel in channels
        ]
        for position, window in enumerate(slide.windows())
        for filter, channels in enumerate(reads)
    }
    return Graph(links, {unit: unit[1] for unit in links} if bias else {})


def everything(slide: Slide, filters: int) -> list[Iterable[int]]:
    return [range(slide.channels)] * filters


def counted(layer: Layer, *names: str) -> dict[str, Any]:
    return {name: getattr(layer, name) for name in names}


def compare(slide: Slide, item: Any, graph: Graph, *, but: tuple[str, ...] = ()) -> None:
    """Every count of the layer is that of its graph."""
    expected = {name: number for name, number in graph.counts().items() if name not in but}
    layer = build(slide.input, item).layers[0]
    assert counted(layer, *expected) == expected
    assert layer.parameters == layer.weights + layer.biases
    assert layer.output.values == len(graph.links)
    places = [read[:-1] for read, _ in graph.all_links]
    assert layer.operation.links_outside == outside(places, layer.input.sizes)


def outside(places: Iterable[Unit], sizes: Iterable[int]) -> int:
    """How many of the places are none of a volume's, but padding or beyond its edge."""
    inside = set(product(*map(range, sizes)))
    return sum(place not in inside for place in places)


# Convolutions.


@st.composite
def grouped(draw: st.DrawFn) -> tuple[Slide, int, int]:
    """A layer with its number of groups and filters."""
    groups = draw(whole(1, 3))
    return draw(slides(groups)), groups, groups * draw(whole(1, 2))


@given(grouped(), st.booleans())
def test_conv(layer: tuple[Slide, int, int], bias: bool) -> None:
    slide, groups, filters = layer
    parts = [range(slide.channels)[part::groups] for part in range(groups)]
    reads: list[Iterable[int]] = [parts[filter % groups] for filter in range(filters)]
    arguments = slide.arguments("dilation") | {"filters": filters, "groups": groups, "bias": bias}
    compare(slide, {"conv": arguments}, convolution(slide, reads, bias=bias))


@given(slides(), st.data(), st.booleans(), st.booleans())
def test_conv_with_a_connection_table(
    slide: Slide, data: st.DataObject, bias: bool, as_rows: bool
) -> None:
    subsets = st.sets(whole(0, slide.channels - 1), min_size=1).map(sorted)
    reads = data.draw(st.lists(subsets, min_size=1, max_size=4))
    rows = ["".join(".X"[c in channels] for channels in reads) for c in range(slide.channels)]
    table = rows if as_rows else reads
    arguments = slide.arguments("dilation") | {"filters": len(reads), "bias": bias}
    item = {"conv": {**arguments, "connection_table": table}}
    compare(slide, item, convolution(slide, list(reads), bias=bias))


@given(slides(), whole(1, 3), st.booleans())
def test_local_conv_shares_nothing(slide: Slide, filters: int, bias: bool) -> None:
    shared = convolution(slide, everything(slide, filters), bias=bias)
    links = {
        unit: [(read, (unit, weight)) for read, weight in links]
        for unit, links in shared.links.items()
    }
    graph = Graph(links, {unit: unit for unit in shared.biases})
    item = {"local_conv": slide.arguments("dilation") | {"filters": filters, "bias": bias}}
    compare(slide, item, graph)


@given(slides(), whole(1, 2), st.booleans())
def test_depthwise_conv_sees_one_channel(slide: Slide, multiplier: int, bias: bool) -> None:
    reads: list[Iterable[int]] = [[c] for c in range(slide.channels) for _ in range(multiplier)]
    arguments = slide.arguments("dilation") | {"multiplier": multiplier, "bias": bias}
    compare(slide, {"depthwise_conv": arguments}, convolution(slide, reads, bias=bias))


@given(slides(), whole(1, 3), whole(1, 2), st.sampled_from([True, False, "both"]))
def test_separable_conv_is_both_parts(
    slide: Slide, filters: int, multiplier: int, bias: bool | str
) -> None:
    """The 1×1 part reads the units of the depthwise one; `bias: both` gives that biases too."""
    middle = range(slide.channels * multiplier)
    first = convolution(slide, [[channel // multiplier] for channel in middle], bias=bias == "both")
    positions = {position for position, _ in first.links}
    links: dict[Unit, list[Link]] = {
        (position, filter): [((position, m), (filter, m)) for m in middle]
        for position in positions
        for filter in range(filters)
    }
    second = Graph(links, {unit: unit[1] for unit in links} if bias else {})
    one, two = first.counts(), second.counts()
    both = {name: (one[name] or 0) + (two[name] or 0) for name in one}
    arguments = {"filters": filters, "multiplier": multiplier, "bias": bias}
    item = {"separable_conv": slide.arguments("dilation") | arguments}
    layer = build(slide.input, item).layers[0]
    expected = {**both, "fan_in": None, "positions": len(positions)}
    assert counted(layer, *expected) == expected
    places = [read[:-1] for read, _ in first.all_links]
    assert layer.operation.links_outside == outside(places, layer.input.sizes)
    assert layer.output.values == len(second.links)


# Attention: projections at every position, and products of values with each other.


@given(
    st.lists(whole(1, 2), min_size=1, max_size=3),
    st.lists(whole(1, 3), min_size=3, max_size=3),
    whole(1, 3),
    whole(1, 3),
    whole(1, 2),
    st.tuples(st.booleans(), st.booleans(), st.booleans()),
)
def test_attention(
    windows: list[int],
    window: list[int],
    channels: int,
    share: int,
    heads: int,
    flags: tuple[bool, bool, bool],
) -> None:
    """Neurons N·(3D + C), weights 4·C·D, and so on, unit by unit and product by product."""
    bias, output, windowed = flags
    window = window[: len(windows)]
    sizes = [number * size for number, size in zip(windows, window, strict=True)]
    dimensions = share * heads
    spots = list(product(*map(range, sizes)))
    links: dict[Unit, list[Link]] = {
        (spot, (projection, unit)): [((spot, c), (projection, unit, c)) for c in range(channels)]
        for spot in spots
        for projection in "qkv"
        for unit in range(dimensions)
    }
    if output:
        links |= {
            (spot, ("out", unit)): [((spot, "av", d), ("out", unit, d)) for d in range(dimensions)]
            for spot in spots
            for unit in range(channels)
        }
    graph = Graph(links, {unit: unit[1] for unit in links} if bias else {})

    def place(spot: Unit) -> Unit:
        return tuple(at // size for at, size in zip(spot, window, strict=True))

    pairs = [
        (one, two) for one in spots for two in spots if not windowed or place(one) == place(two)
    ]
    products = sum(
        1
        for _ in pairs
        for _ in range(heads)
        for _ in range(share)  # of q and k, added up to one score
        for _ in ("qk", "av")
    )
    numbers = {"heads": heads, "dimensions": dimensions, "bias": bias, "output": output}
    numbers |= {"window": window} if windowed else {}
    layer = build(volume(sizes, channels), {"attention": numbers}).layers[0]
    expected = graph.counts() | {"macs": len(graph.all_links) + products}
    assert counted(layer, *expected) == expected
    assert layer.output.shape == (*sizes, channels if output else dimensions)


def test_what_is_added_to_a_sequence_has_weights_and_no_links() -> None:
    """position_embedding has N·C, class_token C; neither makes connections or multiplies."""
    net = build("196x64", {"class_token": None}, {"position_embedding": None})
    assert [layer.weights for layer in net] == [64, 197 * 64]
    for name in ("neurons", "biases", "connections", "macs", "without_sharing", "statistics"):
        assert [getattr(layer, name) for layer in net] == [0, 0]


def test_a_custom_layer_has_the_numbers_that_are_stated() -> None:
    numbers = {"output": "5x6x7", "parameters": 11, "macs": 13, "connections": 17}
    layer = build("8x8x3", {"custom": numbers}).layers[0]
    assert layer.output.shape == (5, 6, 7)
    assert (layer.parameters, layer.trainable, layer.macs, layer.flops) == (11, 11, 13, 26)
    assert (layer.connections, layer.neurons) == (17, 0)


# Transposed convolutions: every input value spreads a kernel, some of it beyond the output.


class Spread(NamedTuple):
    """The links of a transposed convolution, whether they end in the output or are cut off."""

    links: set[tuple[Unit, Unit, Any]]  # input value, output value, weight
    output: list[range]


def spread(slide: Slide, groups: int, filters: int, extra: list[int]) -> Spread:
    links = {
        ((*place, channel), (*target(slide, place, offset), filter), (channel, filter, offset))
        for place in product(*map(range, slide.sizes))
        for offset in slide.offsets()
        for channel in range(slide.channels)
        for filter in range(filters)
        if channel % groups == filter % groups
    }
    output = []
    for axis, ((before, after), more) in enumerate(zip(slide.padding, extra, strict=True)):
        rows = [written[axis] for _, written, _ in links]
        output.append(range(min(rows) + before, max(rows) + 1 - after + more))
    return Spread(links, output)


def target(slide: Slide, place: Unit, offset: Unit) -> Unit:
    steps = zip(place, slide.stride, offset, slide.dilation, strict=True)
    return tuple(row * stride + k * dilation for row, stride, k, dilation in steps)


def compare_spread(slide: Slide, item: dict[str, Any], found: Spread, *, bias: bool) -> None:
    filters = next(iter(item.values()))["filters"]
    units = set(product(*found.output, range(filters)))
    links = len(found.links)
    expected = {
        "neurons": len(units),
        "weights": len({weight for _, _, weight in found.links}),
        "biases": filters if bias else 0,
        "connections": links + (len(units) if bias else 0),
        "macs": links,
        "positions": len({place[:-1] for place, _, _ in found.links}),
    }
    layer = build(slide.input, item).layers[0]
    assert layer.output.sizes == tuple(map(len, found.output))
    assert layer.output.channels == filters
    assert counted(layer, *expected) == expected
    assert layer.without_sharing == layer.connections
    written = set(product(*found.output))
    lost = sum(place[:-1] not in written for _, place, _ in found.links)
    assert layer.operation.links_outside == lost


@given(grouped(), st.data(), st.booleans())
def test_transposed_conv(layer: tuple[Slide, int, int], data: st.DataObject, bias: bool) -> None:
    slide, groups, filters = layer
    less_than = [max(s, d) for s, d in zip(slide.stride, slide.dilation, strict=True)]
    extra = [data.draw(whole(0, bound - 1)) for bound in less_than]
    found = spread(slide, groups, filters, extra)
    if not all(found.output):  # the padding cuts everything off
        slide = slide._replace(padding=[(0, 0) for _ in slide.padding])
        found = spread(slide, groups, filters, extra)
    arguments = {"filters": filters, "groups": groups, "bias": bias, "output_padding": extra}
    item = {"transposed_conv": slide.arguments("dilation") | arguments}
    compare_spread(slide, item, found, bias=bias)


@given(slides(), whole(1, 2), st.booleans())
def test_transposed_conv_with_same_padding(slide: Slide, filters: int, bias: bool) -> None:
    """Where the stride is larger than the kernel, rows are added instead of cut off."""
    uncut = spread(
        slide._replace(padding=[(0, 0)] * len(slide.sizes)), 1, filters, [0] * len(slide.sizes)
    )
    cut = [
        (d * (k - 1) + 1 - s) // 2
        for k, s, d in zip(slide.kernel, slide.stride, slide.dilation, strict=True)
    ]
    output = [
        range(before, before + size * stride)
        for before, size, stride in zip(cut, slide.sizes, slide.stride, strict=True)
    ]
    arguments = {"filters": filters, "bias": bias, "padding": "same"}
    item = {"transposed_conv": slide.arguments("dilation") | arguments}
    compare_spread(slide, item, uncut._replace(output=output), bias=bias)


# Pools: links, but neither units of their own nor weights.


def pooling(connections: int, fan_in: int | None, positions: int) -> dict[str, int | None]:
    nothing = dict.fromkeys(("neurons", "weights", "biases", "macs", "without_sharing"), 0)
    return {**nothing, "connections": connections, "fan_in": fan_in, "positions": positions}


def compare_pool(input: str, item: Any, windows: list[list[Unit]], channels: int) -> None:
    links = sum(map(len, windows)) * channels
    fan_ins = {len(window) for window in windows}
    fan_in = fan_ins.pop() if len(fan_ins) == 1 else None
    expected = pooling(links, fan_in, len(windows))
    layer = build(input, item).layers[0]
    assert counted(layer, *expected) == expected
    assert layer.output.values == len(windows) * channels
    places = [place for window in windows for place in window]
    assert layer.operation.links_outside == channels * outside(places, layer.input.sizes)


@given(slides(pool=True), st.sampled_from(["max_pool", "avg_pool"]))
def test_pools(slide: Slide, kind: str) -> None:
    compare_pool(slide.input, {kind: slide.arguments()}, slide.windows(), slide.channels)


@given(slides())
def test_dilated_max_pool(slide: Slide) -> None:
    padding = [(0, 0) for _ in slide.padding]
    slide = slide._replace(padding=padding)
    item = {"max_pool": slide.arguments("dilation")}
    compare_pool(slide.input, item, slide.windows(), slide.channels)


PADDED_POOLS = [
    ({"kernel": 2, "padding": 1}, {"kernel": 2, "padding": 2}),
    ({"kernel": 3, "padding": 1}, {"kernel": 3, "padding": 2}),
    ({"kernel": 3, "padding": 2, "dilation": 2}, {"kernel": 3, "padding": 3, "dilation": 2}),
    ({"kernel": 5, "padding": [[0, 2]]}, {"kernel": 5, "padding": [[0, 3]]}),
]


@pytest.mark.parametrize(("largest", "too_large"), PADDED_POOLS, ids=str)
def test_the_padding_of_a_pool_is_at_most_half_its_window(largest: Any, too_large: Any) -> None:
    assert build("1@9", {"max_pool": largest}).output.values
    with pytest.raises(cnncalc.SpecError) as caught:
        build("1@9", {"max_pool": too_large})
    assert [problem.code.name for problem in caught.value.problems] == ["padding-too-large"]


@given(slides(), st.sampled_from(["global_avg_pool", "global_max_pool"]), st.booleans())
def test_global_pools_read_everything(slide: Slide, kind: str, keep: bool) -> None:
    everywhere = list(product(*map(range, slide.sizes)))
    compare_pool(slide.input, {kind: {"keep": keep}}, [everywhere], slide.channels)


@given(
    st.lists(st.tuples(whole(1, 9), whole(1, 9)), min_size=1, max_size=3),
    whole(1, 3),
    st.sampled_from(["adaptive_avg_pool", "adaptive_max_pool"]),
)
def test_adaptive_pools(axes: list[Pair], channels: int, kind: str) -> None:
    along = [
        [range(floor(i * size / out), ceil((i + 1) * size / out)) for i in range(out)]
        for size, out in axes
    ]
    windows = [list(product(*rows)) for rows in product(*along)]
    input = volume([size for size, _ in axes], channels)
    compare_pool(input, {kind: [out for _, out in axes]}, windows, channels)


@given(slides())
def test_subsample_has_one_coefficient_and_one_bias_a_map(slide: Slide) -> None:
    """The sum of the window is multiplied once."""
    ones = [1] * len(slide.sizes)
    slide = slide._replace(padding=[(0, 0) for _ in ones], dilation=ones)
    windows = slide.windows()
    maps = range(slide.channels)
    units = [(position, channel) for position in range(len(windows)) for channel in maps]
    expected = {
        "neurons": len(units),
        "weights": len(maps),
        "biases": len(maps),
        "connections": sum(len(windows[position]) + 1 for position, _ in units),
        "macs": len(units),
        "without_sharing": sum(1 + 1 for _ in units),
        "fan_in": len(windows[0]),
        "positions": len(windows),
    }
    item = {"subsample": {"kernel": slide.kernel, "stride": slide.stride}}
    assert counted(build(slide.input, item).layers[0], *expected) == expected


# Layers that see everything, and those that act on values in place.


@given(slides(), whole(1, 4), st.booleans())
def test_fc(slide: Slide, units: int, bias: bool) -> None:
    values = list(product(*map(range, slide.sizes), range(slide.channels)))
    links: dict[Unit, list[Link]] = {
        ((), unit): [(value, (value, unit)) for value in values] for unit in range(units)
    }
    graph = Graph(links, {unit: unit for unit in links} if bias else {})
    compare(slide, {"fc": {"units": units, "bias": bias}}, graph)
    compare(slide, {"rbf": units}, graph._replace(biases={}))


OWN = [
    ("batch_norm", "c", "c", 2),
    ({"batch_norm": {"scale": False}}, "", "c", 2),
    ({"batch_norm": {"center": False}}, "c", "", 2),
    ("layer_norm", "c", "c", 0),
    ({"layer_norm": {"axes": "all"}}, "hwc", "hwc", 0),
    ({"layer_norm": {"affine": False}}, "", "", 0),
    ({"group_norm": 3}, "c", "c", 0),
    ({"group_norm": {"groups": 3, "affine": False}}, "", "", 0),
    ("instance_norm", "c", "c", 0),
    ("lrn", "", "", 0),
    ("scale", "c", "", 0),
    ({"scale": {"bias": True}}, "c", "c", 0),
    ("prelu", "c", "", 0),
    ("relu", "", "", 0),
    ("softmax", "", "", 0),
    ("dropout", "", "", 0),
    ("flatten", "", "", 0),
    ("identity", "", "", 0),
    ({"reshape": "5x4x6"}, "", "", 0),
    ({"upsample": 2}, "", "", 0),
    ({"crop": 2}, "", "", 0),
    ({"zero_pad": 2}, "", "", 0),
    ({"space_to_depth": 1}, "", "", 0),
    ({"channel_shuffle": 2}, "", "", 0),
    ({"slice": 2}, "", "", 0),
    ({"add": ["prev", "input"]}, "", "", 0),
]


@pytest.mark.parametrize(("item", "weights", "biases", "statistics"), OWN, ids=str)
def test_values_in_place_have_weights_of_their_own_and_no_links(
    item: Any, weights: str, biases: str, statistics: int
) -> None:
    """One weight for every index of the axes named: c a channel, hwc a value."""
    axes = {"h": range(5), "w": range(4), "c": range(6)}

    def indices(names: str) -> list[Unit]:
        return list(product(*(axes[name] for name in names))) if names else []

    layer = build("5x4x6", item).layers[0]
    expected = pooling(0, None, 0) | {
        "weights": len(indices(weights)),
        "biases": len(indices(biases)),
        "statistics": statistics * len(axes["c"]),
    }
    del expected["positions"]
    assert counted(layer, *expected) == expected


def test_shared_prelu_has_a_single_weight() -> None:
    layer = build("5x4x6", {"prelu": {"shared": True}}).layers[0]
    assert (layer.weights, layer.biases, layer.connections) == (1, 0, 0)


def test_embedding_is_a_table_of_vectors() -> None:
    """It is looked up, not multiplied: no links."""
    layer = build("50", {"embedding": {"vocabulary": 300, "dimensions": 7}}).layers[0]
    expected = pooling(0, None, 0) | {"weights": len(list(product(range(300), range(7))))}
    del expected["positions"]
    assert counted(layer, *expected) == expected
    assert str(layer.output) == "50x7"
