"""Receptive fields against networks in which each unit is asked which inputs reach it.

Along one axis, a volume is a number of rows and, for any row, the set of input rows that it sees.
Rows beyond the border see what they would if everything went on there: that is what "not clipped"
means.
"""

from collections.abc import Callable, Iterable
from fractions import Fraction
from functools import cache
from math import ceil, floor, gcd
from typing import Any, NamedTuple

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import Item, Pair, build, per_axis, volume, whole

import cnncalc

See = Callable[[int], frozenset[int]]


class Rows(NamedTuple):
    """One axis of a volume."""

    size: int
    see: See
    phases: int = 1  # after so many rows, what they see repeats


def rows_of_input(size: int) -> Rows:
    return Rows(size, lambda row: frozenset([row]))


def reading(below: Rows, size: int, read: Callable[[int], Iterable[int]], phases: int = 1) -> Rows:
    """Rows that each read some rows below."""

    @cache
    def see(row: int) -> frozenset[int]:
        return frozenset().union(*map(below.see, read(row)))

    return Rows(size, see, below.phases * phases)


def slid(below: Rows, kernel: int, stride: int, padding: Pair, dilation: int = 1) -> Rows:
    def read(row: int) -> list[int]:
        return [row * stride - padding[0] + dilation * k for k in range(kernel)]

    padded = range(-padding[0], below.size + padding[1])
    return reading(below, sum(read(row)[-1] in padded for row in range(len(padded))), read)


def spread(below: Rows, kernel: int, stride: int, padding: Pair, dilation: int = 1) -> Rows:
    """Transposed: a row reads those whose kernel reaches it."""

    def read(row: int) -> list[int]:
        places = [row + padding[0] - dilation * k for k in range(kernel)]
        return [place // stride for place in places if place % stride == 0]

    size = (below.size - 1) * stride + dilation * (kernel - 1) + 1 - sum(padding)
    return reading(below, size, read, stride)


def enlarged(below: Rows, factor: int) -> Rows:
    return reading(below, below.size * factor, lambda row: [row // factor], factor)


def resized(below: Rows, size: int, linear: bool) -> Rows:
    """Row i lies at i·W/O for nearest, at (i + 1/2)·W/O − 1/2 for bilinear."""

    def read(row: int) -> set[int]:
        if not linear:
            return {floor(Fraction(row * below.size, size))}
        place = Fraction(2 * row + 1, 2) * Fraction(below.size, size) - Fraction(1, 2)
        return {floor(place), ceil(place)}

    return reading(below, size, read, size // gcd(size, below.size))


def in_windows(below: Rows, window: int) -> Rows:
    """Rows that see those of their window."""

    def read(row: int) -> range:
        first = row // window * window
        return range(first, first + window)

    return reading(below, below.size, read, window)


def shifted(below: Rows, size: int, by: int) -> Rows:
    return reading(below, size, lambda row: [row + by])


def centred(below: Rows, size: int) -> Rows:
    return shifted(below, size, (below.size - size) // 2)


def everything(below: Rows) -> Rows:
    return Rows(1, cache(lambda row: frozenset().union(*map(below.see, range(below.size)))))


def pooled_to(below: Rows, size: int) -> Rows:
    def read(row: int) -> range:
        return range(floor(row * below.size / size), ceil((row + 1) * below.size / size))

    return reading(below, size, read, size // gcd(size, below.size))


def merged(one: Rows, other: Rows) -> Rows:
    assert one.size == other.size
    return Rows(one.size, lambda row: one.see(row) | other.see(row), one.phases * other.phases)


def stretch(rows: Rows, row: int) -> Pair | None:
    seen = rows.see(row)
    return (min(seen), max(seen)) if seen else None


def largest(rows: Rows) -> int:
    stretches = [stretch(rows, row) for row in range(min(rows.size, 64))]
    return max((last - first + 1 for first, last in filter(None, stretches)), default=0)


# Drawn networks: items, and what they make of the rows along each axis.

Axes = list[Rows]
Step = tuple[list[Item], Axes]
Draw = Any


def windows(draw: Draw, below: Axes, *, stride: int = 2) -> tuple[dict[str, Any], Axes]:
    """The arguments of a window and its output."""
    axes = len(below)
    numbers = {
        "kernel": draw(per_axis(axes, whole(1, 4))),
        "stride": draw(per_axis(axes, whole(1, stride))),
        "padding": draw(per_axis(axes, st.tuples(whole(0, 2), whole(0, 2)))),
        "dilation": draw(per_axis(axes, whole(1, 2))),
    }
    return numbers, [slid(*per) for per in zip(below, *numbers.values(), strict=True)]


def conv(draw: Draw, below: Axes) -> Step:
    numbers, above = windows(draw, below)
    kind = draw(st.sampled_from(["conv", "local_conv", "separable_conv"]))
    return [{kind: {"filters": 4, **numbers}}], above


def depthwise(draw: Draw, below: Axes) -> Step:
    numbers, above = windows(draw, below)
    return [{"depthwise_conv": numbers}], above


def pool(draw: Draw, below: Axes) -> Step:
    size, stride = draw(whole(2, 4)), draw(whole(1, 3))
    padding = draw(st.tuples(whole(0, size // 2), whole(0, size // 2)))
    item = {"kernel": size, "stride": stride, "padding": [padding] * len(below)}
    kind = draw(st.sampled_from(["max_pool", "avg_pool"]))
    return [{kind: item}], [slid(rows, size, stride, padding) for rows in below]


def transposed(draw: Draw, below: Axes) -> Step:
    axes = len(below)
    numbers = {
        "kernel": draw(per_axis(axes, whole(1, 4))),
        "stride": draw(per_axis(axes, whole(1, 3))),
        "padding": draw(per_axis(axes, st.tuples(whole(0, 2), whole(0, 2)))),
        "dilation": draw(per_axis(axes, whole(1, 3))),
    }
    above = [spread(*per) for per in zip(below, *numbers.values(), strict=True)]
    return [{"transposed_conv": {"filters": 4, **numbers}}], above


def larger(draw: Draw, below: Axes) -> Step:
    factor = draw(whole(2, 3))
    above = [enlarged(rows, factor) for rows in below]
    method = draw(st.sampled_from(["nearest", "bilinear", None]))
    if method:
        item = {"upsample": {"factor": factor, "method": method}}
        return [item], [resized(r, r.size * factor, method == "bilinear") for r in below]
    channels = {"conv": {"filters": factor ** len(below), "kernel": 1}}
    return [channels, {"pixel_shuffle": factor}], above


def smaller(draw: Draw, below: Axes) -> Step:
    """space_to_depth, after a crop to a multiple."""
    factor = draw(whole(2, 3))
    sizes = [rows.size // factor * factor for rows in below]
    cropped = [centred(rows, size) for rows, size in zip(below, sizes, strict=True)]
    above = [slid(rows, factor, factor, (0, 0)) for rows in cropped]
    return [{"crop": sizes}, {"space_to_depth": factor}], above


def padded(draw: Draw, below: Axes) -> Step:
    pads = draw(per_axis(len(below), st.tuples(whole(0, 3), whole(0, 3))))
    above = [shifted(r, r.size + b + a, -b) for r, (b, a) in zip(below, pads, strict=True)]
    return [{"zero_pad": pads}], above


def cropped(draw: Draw, below: Axes) -> Step:
    """Rows off the sides, which only an image has four of."""
    if len(below) != 2:
        size = below[0].size - draw(whole(0, 3))
        return [{"crop": size}], [centred(rows, size) for rows in below]
    sides = {side: draw(whole(0, 3)) for side in ("top", "bottom", "left", "right")}
    height, width = below
    return [{"crop": {"size": sides}}], [
        shifted(height, height.size - sides["top"] - sides["bottom"], sides["top"]),
        shifted(width, width.size - sides["left"] - sides["right"], sides["left"]),
    ]


def pooled(draw: Draw, below: Axes) -> Step:
    """A third or half as many rows, or three quarters."""
    top, bottom = draw(st.sampled_from([(1, 2), (1, 3), (3, 4), (2, 3)]))
    sizes = [max(rows.size // bottom * top, 1) for rows in below]
    exact = [centred(rows, rows.size // bottom * bottom) for rows in below]
    items = [{"crop": [rows.size for rows in exact]}, {"adaptive_avg_pool": sizes}]
    return items, [pooled_to(rows, size) for rows, size in zip(exact, sizes, strict=True)]


def centred_conv(rows: Rows, kernel: int, stride: int = 1, dilation: int = 1) -> Rows:
    around = dilation * (kernel - 1) // 2
    return slid(rows, kernel, stride, (around, around), dilation)


def around(kernel: int, stride: int = 1, dilation: int = 1) -> Item:
    """The convolution of `centred_conv`."""
    padding = dilation * (kernel - 1) // 2
    numbers = {"kernel": kernel, "stride": stride, "dilation": dilation, "padding": padding}
    return {"conv": {"filters": 4, **numbers}}


def residual(draw: Draw, below: Axes) -> Step:
    kernels = draw(st.tuples(st.sampled_from([1, 3, 5]), st.sampled_from([1, 3])))
    stride, dilation = draw(whole(1, 2)), draw(whole(1, 3))
    item = {
        "residual": [around(kernels[0], stride), "relu", around(kernels[1], 1, dilation)],
        "shortcut": [around(1, stride)],
    }
    return [item], [
        merged(
            centred_conv(centred_conv(rows, kernels[0], stride), kernels[1], 1, dilation),
            centred_conv(rows, 1, stride),
        )
        for rows in below
    ]


def branches(draw: Draw, below: Axes) -> Step:
    """Windows that are not centred alike, and the identity."""
    kernel = draw(whole(1, 5))
    before = draw(whole(0, kernel - 1))
    padding = (before, kernel - 1 - before)
    one = {"conv": {"filters": 2, "kernel": kernel, "padding": [padding] * len(below)}}
    other = [around(3, 1, 2), {"max_pool": {"kernel": 3, "stride": 1, "padding": 1}}]
    merged_rows = [
        merged(
            merged(slid(rows, kernel, 1, padding), rows),
            centred_conv(centred_conv(rows, 3, 1, 2), 3),
        )
        for rows in below
    ]
    return [{"branches": {"one": [one], "keep": [], "other": other}}], merged_rows


def u_shape(draw: Draw, below: Axes) -> Step:
    """Down, up again, and beside what was there, cropped to the smaller of the two."""
    items = [
        {"identity": None, "name": "skip"},
        {"max_pool": 2},
        {"conv": {"filters": 4, "kernel": 3}},
        {"transposed_conv": {"filters": 4, "kernel": 2, "stride": 2}},
        {"concat": {"from": ["skip", "prev"], "crop": True}},
    ]
    ups = [spread(slid(slid(rows, 2, 2, (0, 0)), 3, 1, (0, 0)), 2, 2, (0, 0)) for rows in below]
    above = [merged(centred(rows, up.size), up) for rows, up in zip(below, ups, strict=True)]
    return [{"layers": items}], above


def resizing(draw: Draw, below: Axes) -> Step:
    """To half as many rows again, or three quarters, or two thirds."""
    top, bottom = draw(st.sampled_from([(3, 2), (3, 4), (2, 3)]))
    exact = [centred(rows, rows.size // bottom * bottom) for rows in below]
    sizes = [rows.size // bottom * top for rows in exact]
    method = draw(st.sampled_from(["nearest", "bilinear"]))
    items = [{"crop": [rows.size for rows in exact]}, {"resize": {"to": sizes, "method": method}}]
    pairs = zip(exact, sizes, strict=True)
    return items, [resized(rows, size, method == "bilinear") for rows, size in pairs]


def every(draw: Draw, below: Axes) -> Step:
    steps = draw(per_axis(len(below), whole(1, 3)))
    above = [slid(rows, 1, step, (0, 0)) for rows, step in zip(below, steps, strict=True)]
    return [{"slice": {"every": steps}}], above


def attention(draw: Draw, below: Axes) -> Step:
    """Attention within windows, after a crop to a multiple."""
    window = draw(whole(2, 4))
    exact = [centred(rows, rows.size // window * window) for rows in below]
    items = [{"conv": "4@1"} if len(below) == 1 else {"conv": "4@1x1"}]
    items += [
        {"crop": [rows.size for rows in exact]},
        {"attention": {"heads": 2, "window": window}},
    ]
    return items, [in_windows(rows, window) for rows in exact]


def spatial_gate(draw: Draw, below: Axes) -> Step:
    """A gate of one map, as CBAM's: it is stretched along the channels alone."""
    body = [around(3), {"conv": {"filters": 1, "kernel": 1}}, "sigmoid"]
    return [{"gate": body}], [merged(rows, centred_conv(rows, 3)) for rows in below]


def same(draw: Draw, below: Axes) -> Step:
    return [draw(st.sampled_from(["relu", "batch_norm", "dropout", "prelu"]))], below


STEPS = [
    conv, conv, depthwise, pool, transposed, larger, smaller, padded, cropped, pooled, residual,
    branches, u_shape, resizing, every, attention, spatial_gate, same,
]  # fmt: skip

LEAST = 12  # rows that must be left for a further step


@st.composite
def networks(draw: Draw, axes: int, steps: int) -> tuple[str, list[Item], Axes]:
    sizes = draw(per_axis(axes, whole(30, 60)))
    items, rows = [], list(map(rows_of_input, sizes))
    for _ in range(draw(whole(1, steps))):
        if min(r.size for r in rows) < LEAST or max(r.size for r in rows) > 300:
            break
        more, rows = draw(st.sampled_from(STEPS))(draw, rows)
        items += more
    return volume(sizes, 4), items, rows


def ending(items: list[Item], rows: Axes, name: str) -> Step:
    """The network with a last layer that sees everything."""
    last = {"fc": [{"fc": 3}], "flatten": ["flatten", "relu", {"fc": 3}]}
    if name in last:
        return [*items, *last[name]], list(map(everything, rows))
    return [*items, {name: {"keep": False}}], list(map(everything, rows))


def compare(network: cnncalc.Network, rows: Axes) -> None:
    field = network.receptive_field
    assert field.aligned
    assert field.sizes == {"input": tuple(map(largest, rows))}
    assert field.text("x") == "x".join(str(largest(r)) for r in rows)


def enough(rows: Axes) -> bool:
    """Whether there is a unit of every phase."""
    return all(r.phases <= min(r.size, 64) for r in rows)


@pytest.mark.parametrize(("axes", "steps"), [(1, 5), (2, 4)])
def test_drawn_networks(axes: int, steps: int) -> None:
    @given(networks(axes, steps))
    def draw_and_compare(drawn: tuple[str, list[Item], Axes]) -> None:
        input, items, rows = drawn
        assume(enough(rows))
        network = build(input, *items)
        assert network.output.sizes == tuple(r.size for r in rows)
        compare(network, rows)

    draw_and_compare()


@given(networks(1, 4))
def test_every_row_sees_the_very_rows(drawn: tuple[str, list[Item], Axes]) -> None:
    """Not only how many but which: what crops, merges and full connections build on."""
    input, items, (rows,) = drawn
    assume(rows.phases <= 64)
    (reach,) = build(input, *items).receptive_field["input"].reaches
    found = [reach.stretch(row) for row in range(min(rows.size, 80))]
    assert found == [stretch(rows, row) for row in range(min(rows.size, 80))]


@given(networks(2, 3), st.sampled_from(["fc", "flatten", "global_avg_pool", "global_max_pool"]))
def test_full_connections_see_what_all_units_see(
    drawn: tuple[str, list[Item], Axes], last: str
) -> None:
    input, items, rows = drawn
    items, rows = ending(items, rows, last)
    compare(build(input, *items), rows)


GATES: list[Item] = [
    {"gate": ["global_avg_pool", {"conv": {"filters": "$in", "kernel": 1}}, "sigmoid"]},
    {"gate": [{"adaptive_max_pool": 1}, "sigmoid"]},
    {"gate": ["flatten", {"fc": "$in"}]},
    {"gate": [{"global_avg_pool": {"keep": False}}, {"fc": "$in"}]},
    {"layers": [{"identity": None, "name": "x"}, "global_max_pool", {"multiply": ["prev", "x"]}]},
]


@given(networks(2, 2), st.sampled_from(GATES))
def test_the_global_view_of_a_gate_is_left_out(
    drawn: tuple[str, list[Item], Axes], gate: Item
) -> None:
    """However the gate is written; a remark says that gates see everything."""
    input, items, _ = drawn
    plain = build(input, *items, around(3))
    gated = build(input, *items, gate, around(3))
    assert gated.receptive_field.sizes == plain.receptive_field.sizes
    assert gated.receptive_field.aligned
    assert gated.receptive_field.gated
    assert not plain.receptive_field.gated


def test_a_gate_is_left_out_along_the_axes_it_is_stretched_on() -> None:
    """Coordinate attention (Hou et al. 2021): a value a row, of all columns."""
    gate = {"gate": [{"adaptive_avg_pool": [10, 1]}, {"conv": {"filters": 1, "kernel": [3, 1],
            "padding": [1, 0]}}]}  # fmt: skip
    found = build("10x20x4", gate).receptive_field
    assert (found.sizes, found.gated) == ({"input": (3, 1)}, True)


@given(networks(2, 2), st.sampled_from(["nearest", "bilinear"]))
def test_a_global_branch_that_is_resized_counts_as_the_whole_input(
    drawn: tuple[str, list[Item], Axes], method: str
) -> None:
    """Atrous spatial pyramid pooling (Chen et al. 2017)."""
    input, items, rows = drawn
    pooled = ["global_avg_pool", {"resize": {"like": "x", "method": method}}]
    aspp = {"branches": [[], [around(3, 1, 4)], pooled]}
    network = build(input, *items, {"identity": None, "name": "x"}, aspp)
    sees = [everything(r).see(0) for r in rows]
    sizes = tuple(max(seen) - min(seen) + 1 for seen in sees)
    whole_input = all(
        {*range(size)} <= {*range(min(seen), max(seen) + 1)}
        for size, seen in zip(network.input.sizes, sees, strict=True)
    )
    assume(whole_input)
    found = network.receptive_field
    assert (found.sizes["input"], found.aligned, found.gated) == (sizes, True, False)


@pytest.mark.parametrize("written", ["global_avg_pool", "adaptive_avg_pool: 1", "max_pool: 9x7"])
def test_the_same_operation_has_the_same_field_however_it_is_written(written: str) -> None:
    """fc and global pools, adaptive ones to 1 included, are windows with F = W.

    So is what lies beside them: a padded window behind them sees a whole map more on each side.
    """
    conv = "conv: {filters: 4, kernel: 3, padding: 1}"
    text = f"input: 9x7x4\nlayers:\n- {conv}\n- {written}\n"
    found = cnncalc.loads(text).receptive_field
    assert (found.sizes["input"], found.aligned) == ((11, 9), True)
    found = cnncalc.loads(f"{text}- {conv}\n").receptive_field
    assert (found.sizes["input"], found.aligned) == ((29, 23), True)


def test_attention_over_all_positions_sees_the_whole_input() -> None:
    """Patches in a row, a class token, attention: what was scattered is all seen again."""
    patches = [{"conv": {"filters": 8, "kernel": 4, "stride": 4}}, {"reshape": "20x8"}]
    assert field("16x20x3", *patches) == ((4, 4), False)
    token = [*patches, {"class_token": None}, {"position_embedding": None}]
    assert field("16x20x3", *token, {"attention": 2}, {"slice": 4}) == ((16, 20), True)


def test_what_a_custom_layer_sees_is_unknown() -> None:
    assert field("9x9x4", {"conv": "4@3x3"}, {"custom": {"macs": 7}}) == ((3, 3), False)
    assert field("9x9x4", {"custom": {"output": "9x9x1"}}, "global_avg_pool") == ((9, 9), False)


@given(networks(1, 3), networks(1, 3), whole(1, 2))
def test_each_of_several_inputs_has_its_own_field(
    left: tuple[str, list[Item], Axes], right: tuple[str, list[Item], Axes], stride: int
) -> None:
    """Two towers, made one row long and merged, with a window on top of them."""
    (one, first, (rows,)), (two, second, (others,)) = left, right
    assume(rows.size >= 4 and others.size >= 4 and enough([rows]) and enough([others]))
    size = min(rows.size, others.size)
    layers = [
        {"layers": [*first, {"crop": size}], "name": "tower1", "from": "left"},
        {"layers": [*second, {"crop": size}], "name": "tower2", "from": "right"},
        {"concat": ["tower1", "tower2"]},
        {"conv": {"filters": 1, "kernel": 3, "stride": stride}},
    ]
    field = build({"left": one, "right": two}, *layers).receptive_field
    ends = [slid(centred(end, size), 3, stride, (0, 0)) for end in (rows, others)]
    assume(enough(ends))
    expected = {"left": (largest(ends[0]),), "right": (largest(ends[1]),)}
    assert (field.aligned, field.sizes) == (True, expected)
    assert field.plain() == {name: list(sizes) for name, sizes in expected.items()}
    assert field.text("x") == f"left {largest(ends[0])}, right {largest(ends[1])}"


# Cases that drawing passes over.


def field(input: Any, *layers: Item) -> tuple[tuple[int, ...], bool]:
    found = build(input, *layers).receptive_field
    return next(iter(found.sizes.values())), found.aligned


EDGES = [
    # Of the phases of an enlarged volume only the first has a unit.
    ("1@2", [{"upsample": 2}, {"conv": {"filters": 1, "kernel": 4}}], 2),
    ("1@3", [{"transposed_conv": {"filters": 1, "kernel": 3, "stride": 2}}, {"crop": 1}], 1),
    # Between two values that a stride leaves apart a unit sees nothing.
    ("7x3", [{"transposed_conv": {"filters": 1, "kernel": 1, "stride": 2}}], 1),
    # Of three rows that a dilated window reads, two apart, one sees something.
    (
        "7x3",
        [
            {"transposed_conv": {"filters": 1, "kernel": 1, "stride": 3}},
            {"conv": {"filters": 1, "kernel": 3, "dilation": 2}},
        ],
        1,
    ),
    # Merged with its input, the larger volume is cropped by a row on both sides.
    (
        "20x4",
        [
            {"conv": {"filters": 1, "kernel": 3, "padding": [[4, 0]]}},
            {"concat": {"from": ["input", "prev"], "crop": True}},
        ],
        4,
    ),
    # A vector is an axis of its own.
    ("10", [{"slice": {"channels": 4, "start": 3}}, {"fc": 1}], 4),
    ("50", [{"embedding": {"vocabulary": 9, "dimensions": 4}}, {"conv": "4@3"}], 3),
    # What sees everything goes on seeing everything.
    ("10", [{"fc": 3}, {"slice": 1}], 10),
    ("7x3", ["global_avg_pool", {"upsample": 5}, {"conv": {"filters": 1, "kernel": 3}}], 7),
    # More phases than are followed, but all of them together see the input and no more.
    ("7x3", [{"upsample": 70}, {"fc": 1}], 7),
    ("7x3", [*[{"upsample": 5}] * 3, {"fc": 1}], 7),
    ("7x3", [{"transposed_conv": {"filters": 1, "kernel": 70, "stride": 70}}, {"fc": 1}], 7),
]


@pytest.mark.parametrize(("input", "layers", "size"), EDGES, ids=str)
def test_edges(input: str, layers: list[Item], size: int) -> None:
    assert field(input, *layers)[0] == (size,)


def test_strides_beyond_all_meaning() -> None:
    conv = "conv: {filters: 1, kernel: 3, padding: 1, stride: 2}"
    net = cnncalc.loads(f"{{input: 1x1x1, layers: [{{{conv}, repeat: 20000}}]}}")
    assert not net.receptive_field.aligned
    assert cnncalc.to_dict(net)["totals"]["receptive_field"][0] > 10**29


def test_part_of_a_flattened_volume() -> None:
    """Which positions those values are of is not followed: the report says so."""
    part = "slice: {channels: 4, start: 16}"
    net = cnncalc.loads(f"{{input: 10x2, layers: [flatten, {{{part}}}, fc: 1]}}")
    assert not net.receptive_field.aligned


NOT_ALIGNED = [
    ("32x4", {"branches": [[{"conv": "1@17"}], [{"max_pool": 2}]]}, (17,)),
    ("32x4", {"branches": [[{"crop": 16}], [{"max_pool": 2}]]}, (2,)),
    ("32x4", {"branches": [[{"max_pool": 2}], [{"crop": 16}]]}, (2,)),
]


@pytest.mark.parametrize(("input", "layer", "sizes"), NOT_ALIGNED, ids=str)
def test_of_unequal_steps_the_largest_is_given(
    input: str, layer: Item, sizes: tuple[int, ...]
) -> None:
    assert field(input, layer) == (sizes, False)
    assert build(input, layer).receptive_field.text() == f"{sizes[0]}, not aligned"


MANY_PHASES = [
    ("7x3", {"upsample": 65}, 2),
    ("7x3", {"upsample": {"factor": 65, "method": "bilinear"}}, 3),
    ("70x3", {"resize": {"to": [71]}}, 3),
    ("70x3", {"resize": {"to": [71], "method": "bilinear"}}, 4),
    ("130x4", {"attention": {"heads": 2, "window": 65}}, 130),
]


@pytest.mark.parametrize(("input", "layer", "size"), MANY_PHASES, ids=str)
def test_of_too_many_phases_the_largest_is_given(input: str, layer: Item, size: int) -> None:
    """A window of three rows on more than 64 phases: exact here, and said to be not aligned."""
    assert field(input, layer, {"conv": {"filters": 4, "kernel": 3}}) == ((size,), False)


@given(whole(70, 130), whole(70, 130), whole(1, 5), st.booleans())
def test_of_too_many_phases_the_size_is_near_the_largest(
    size: int, output: int, kernel: int, linear: bool
) -> None:
    """Resized, then read by a window, against the rows that reach each of its units."""
    rows = slid(resized(rows_of_input(size), output, linear), kernel, 1, (0, 0))
    method = "bilinear" if linear else "nearest"
    found, aligned = field(
        f"{size}x3",
        {"resize": {"to": [output], "method": method}},
        {"conv": {"filters": 1, "kernel": kernel}},
    )
    true = max(largest_at(rows, row) for row in range(rows.size))
    if aligned:
        assert found == (true,)
    assert true <= found[0] <= true + 1


def largest_at(rows: Rows, row: int) -> int:
    first, last = stretch(rows, row) or (1, 0)
    return last - first + 1


def test_a_reshape_loses_the_axes() -> None:
    assert field("8x8x4", {"reshape": "16x4x4"}, {"conv": "1@3"})[1] is False


# Published fields.


def endpoints(network: cnncalc.Network, *kinds: str) -> list[int]:
    """The fields of all layers of these kinds."""
    sizes = [layer.receptive_field.sizes["input"] for layer in network if layer.kind in kinds]
    assert all(len(set(size)) == 1 for size in sizes)
    return [size[0] for size in sizes]


def test_alexnet() -> None:
    """The first fully connected layer sees more than the image has: 355 of 227 rows."""
    found = endpoints(cnncalc.load("alexnet-2012"), "conv", "max_pool", "fc")
    assert found == [11, 19, 51, 67, 99, 131, 163, 195, 355, 355, 355]


def test_vgg16() -> None:
    """Araujo, Norris and Sim 2019."""
    found = endpoints(cnncalc.load("vgg16"), "conv", "max_pool")
    assert found == [
        3, 5, 6, 10, 14, 16, 24, 32, 40, 44, 60, 76, 92, 100, 132, 164, 196, 212,
    ]  # fmt: skip


def resnet(depths: tuple[int, ...], stride_in: str) -> list[int]:
    """The field after each stage; the stride stands in the first 1×1 or in the 3×3."""
    width = {"filters": 4, "bias": False}
    inner = [
        {"conv": {**width, "kernel": 1, "stride": "$stride" if stride_in == "1x1" else 1}},
        {
            "conv": {
                **width,
                "kernel": 3,
                "padding": 1,
                "stride": "$stride" if stride_in == "3x3" else 1,
            }
        },
        {"conv": {**width, "kernel": 1}},
    ]
    project = [{"conv": {**width, "kernel": 1, "stride": "$stride"}}]
    blocks = {"Unit": {"args": {"stride": 1}, "layers": [{"residual": inner, "shortcut": project}]}}
    layers: list[Item] = [
        {"conv": {**width, "kernel": 7, "stride": 2, "padding": 3}},
        {"max_pool": {"kernel": 3, "stride": 2, "padding": 1}},
    ]
    for stage, depth in enumerate(depths):
        units = [{"Unit": 2 if stage else 1}, {"Unit": None, "repeat": depth - 1}]
        layers.append({"layers": units, "name": f"stage{stage}"})
    network = build("224x224x3", *layers, blocks=blocks)
    return [network[f"stage{n}"].receptive_field.sizes["input"][0] for n in range(len(depths))]


@pytest.mark.parametrize(
    ("depths", "stride_in", "fields"),
    [
        ((3, 4, 6, 3), "1x1", [35, 99, 291, 483]),
        ((3, 4, 6, 3), "3x3", [35, 91, 267, 427]),
        ((3, 4, 23, 3), "1x1", [35, 99, 835, 1027]),
        ((3, 24, 36, 3), "1x1", [35, 419, 1571, 1763]),
    ],
)
def test_resnets(depths: tuple[int, ...], stride_in: str, fields: list[int]) -> None:
    """Araujo et al. 2019 for the paper's stride in the 1×1, 427 where the 3×3 has it."""
    assert resnet(depths, stride_in) == fields


def test_efficientnet_b0_without_its_gates() -> None:
    """The windows of Tan and Le 2019, table 1: kernel, stride and number of each stage's blocks."""
    stages = [(3, 1, 1), (3, 2, 2), (5, 2, 2), (3, 2, 3), (5, 1, 3), (5, 2, 4), (3, 1, 1)]
    size, step = 3, 2
    for kernel, stride, blocks in stages:
        for n in range(blocks):
            size += (kernel - 1) * step
            step *= 1 if n else stride
    size += (224 // step - 1) * step  # the global pool before the classifier
    network = cnncalc.load("efficientnet_b0")
    assert network.receptive_field.sizes == {"input": (size, size)} == {"input": (1043, 1043)}
    assert any(field.gated for field in network.receptive_fields.values())


def test_what_deeplabs_branches_see_beyond_the_whole_input_is_left_out() -> None:
    network = cnncalc.load("deeplabv3_resnet50")
    found = {
        path: network[path].receptive_field.sizes["input"]
        for path in ("aspp.rate36", "aspp.image", "aspp")
    }
    assert found == {"aspp.rate36": (1003,) * 2, "aspp.image": (939,) * 2, "aspp": (939,) * 2}


def test_mobilenet() -> None:
    """Araujo et al. 2019."""
    strides = [1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1]
    units = [
        {"separable_conv": {"filters": 4, "kernel": 3, "padding": "same", "stride": stride}}
        for stride in strides
    ]
    network = build(
        "224x224x3", {"conv": {"filters": 4, "kernel": 3, "stride": 2, "padding": "same"}}, *units
    )
    found = endpoints(network, "conv", "separable_conv")
    assert found == [3, 7, 11, 19, 27, 43, 59, 91, 123, 155, 187, 219, 251, 315]


@pytest.mark.parametrize(
    ("kernel", "dilations", "convs", "size"),
    [
        (2, [2**n for n in range(10)], 1, 1024),  # van den Oord et al. 2016
        (3, [1, 2, 4, 8], 2, 61),
        (3, [2**n for n in range(8)], 2, 1021),
    ],
)
def test_dilated_causal_stacks(kernel: int, dilations: list[int], convs: int, size: int) -> None:
    """1 + c(F − 1)·Σd."""
    layers = [
        {"conv": {"filters": 1, "kernel": kernel, "dilation": dilation, "padding": "causal"}}
        for dilation in dilations
        for _ in range(convs)
    ]
    assert field("2000x1", *layers) == ((size,), True)
    assert size == 1 + convs * (kernel - 1) * sum(dilations)
