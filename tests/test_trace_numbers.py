"""The numbers of feature maps: against scipy, window by window, and by identities.

All but those of sigmoid and its like are exact, for whole numbers of any size and fractions.
"""

import json
from collections.abc import Callable
from fractions import Fraction
from itertools import product
from math import lcm
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import signal
from strategies import build, pairs, per_axis, read, volume, whole

from cnncalc import Trace, trace
from cnncalc.commands.trace.activations import ACTIVATIONS, activate
from cnncalc.commands.trace.arrays import array_of
from cnncalc.commands.trace.compute import NotTraced, compute, is_computed
from cnncalc.commands.trace.step_text import result_lines
from cnncalc.commands.trace.steps import has_window, places, step, steps
from cnncalc.layers import KINDS
from cnncalc.layers.activation import Activation
from cnncalc.layers.separable import SeparableConv
from cnncalc.layers.window import Window


def numbers(large: bool = False) -> st.SearchStrategy[Any]:
    """Whole numbers and fractions; large ones are beyond 64 bits when multiplied."""
    small = st.integers(-9, 9)
    if not large:
        return small
    fractions = st.builds(Fraction, st.integers(-99, 99), st.integers(1, 12))
    return st.one_of(small, st.integers(-(10**15), 10**15), fractions)


def text(value: Any) -> Any:
    """Numbers as they stand in a spec: nested lists, fractions as texts."""
    if isinstance(value, list):
        return [text(part) for part in value]
    return str(value) if isinstance(value, Fraction) else value


@st.composite
def drawn_array(draw: st.DrawFn, *shape: int, large: bool = False) -> Any:
    size = int(np.prod(shape))
    flat = np.empty(size, dtype=object)
    flat[:] = draw(st.lists(numbers(large), min_size=size, max_size=size))
    return flat.reshape(shape)


def given_input(array: Any) -> dict[str, Any]:
    """An input with its numbers."""
    sizes, channels = array.shape[:-1], array.shape[-1]
    return {"shape": volume(sizes, channels) if sizes else channels, "values": text(array.tolist())}


class Sliding(NamedTuple):
    """A convolution on a volume, in the words of a spec and in numbers."""

    input: Any
    filters: Any  # filter, window, channel of its group
    biases: Any
    stride: list[int]
    dilation: list[int]
    pads: list[tuple[int, int]]
    groups: int

    def item(self, **more: Any) -> dict[str, Any]:
        return {
            "filters": len(self.filters),
            "kernel": list(self.filters.shape[1:-1]),
            "stride": self.stride,
            "dilation": self.dilation,
            "groups": self.groups,
            "values": text(self.filters.tolist()),
            "bias_values": text(self.biases.tolist()),
            **more,
        }

    def result(self, combine: Callable[..., Any]) -> Any:
        """Map by map, by scipy: `combine` is signal.correlate or signal.convolve."""
        own = len(self.filters) // self.groups
        depth = self.filters.shape[-1]
        maps = []
        for number, (filter, bias) in enumerate(zip(self.filters, self.biases, strict=True)):
            first = number // own * depth
            total = sum(
                combine(self.padded(first + index), self.spread(filter[..., index]))
                for index in range(depth)
            )
            maps.append(total[tuple(slice(None, None, step) for step in self.stride)] + bias)
        return np.stack(maps, axis=-1)

    def padded(self, channel: int) -> Any:
        return np.pad(self.input[..., channel], self.pads, constant_values=0)

    def spread(self, kernel: Any) -> Any:
        """The kernel with zeros between its weights."""
        return with_zeros(kernel, self.dilation)


def with_zeros(array: Any, distance: list[int]) -> Any:
    sizes = [step * (size - 1) + 1 for size, step in zip(array.shape, distance, strict=True)]
    wide = np.zeros(sizes, dtype=object)
    wide[tuple(slice(None, None, step) for step in distance)] = array
    return wide


BASE = 10**5


def limbs(array: Any) -> tuple[list[Any], int]:
    """Whole arrays whose sum, each times its power of BASE, is the array times the number."""
    scale = lcm(*(number.denominator for number in array.ravel()))
    left, parts = array * scale, []
    while not parts or np.any(left):
        signs = np.where(left < 0, -1, 1)
        parts.append((signs * (abs(left) % BASE)).astype(np.int64))
        left = signs * (abs(left) // BASE)
    return parts, scale


def exactly(combine: Callable[..., Any], mode: str, one: Any, other: Any) -> Any:
    """What scipy makes of whole numbers and fractions of any size; it knows 64 bits only."""
    (left, below), (right, under) = limbs(one), limbs(other)
    parts = (
        combine(x, y, mode=mode, method="direct").astype(object) * BASE ** (i + j)
        for (i, x), (j, y) in product(enumerate(left), enumerate(right))
    )
    return sum(parts) * Fraction(1, below * under)


def valid(one: Any, other: Any) -> Any:
    return exactly(signal.correlate, "valid", one, other)


def valid_flipped(one: Any, other: Any) -> Any:
    return exactly(signal.convolve, "valid", one, other)


def full(one: Any, other: Any) -> Any:
    return exactly(signal.convolve, "full", one, other)


@st.composite
def slidings(draw: st.DrawFn, large: bool = False) -> Sliding:
    axes = draw(whole(1, 3))
    kernel = draw(per_axis(axes, whole(1, 3)))
    dilation = draw(per_axis(axes, whole(1, 2)))
    extra = draw(per_axis(axes, whole(0, 2)))
    sizes = [d * (f - 1) + 1 + more for f, d, more in zip(kernel, dilation, extra, strict=True)]
    groups, depth, own = draw(whole(1, 2)), draw(whole(1, 2)), draw(whole(1, 2))
    return Sliding(
        draw(drawn_array(*sizes, groups * depth, large=large)),
        draw(drawn_array(groups * own, *kernel, depth, large=large)),
        draw(drawn_array(groups * own, large=large)),
        draw(per_axis(axes, whole(1, 2))),
        dilation,
        draw(per_axis(axes, pairs(2))),
        groups,
    )


def traced(input: Any, *items: Any, flip: bool = False) -> Trace:
    found = trace(read(given_input(input), *items), flip=flip)
    assert found.problems.sorted() == []
    return found


def last(found: Trace) -> Any:
    """The numbers of the last layer, exact."""
    array = found.arrays[found.network.layers[-1]]
    assert array.exact
    exact = np.empty(len(array.values), dtype=object)
    exact[:] = array.numbers()
    return exact.reshape(array.shape)


def floats(found: Trace) -> list[float]:
    """The numbers of the last layer, exact or not."""
    return found.arrays[found.network.layers[-1]].floats()


def assert_same(one: Any, other: Any) -> None:
    assert one.shape == other.shape
    assert one.tolist() == other.tolist()


# Against scipy.


@given(slidings())
def test_conv(sliding: Sliding) -> None:
    item = sliding.item(padding=[list(pair) for pair in sliding.pads])
    assert_same(last(traced(sliding.input, {"conv": item})), sliding.result(valid))


@given(slidings(large=True))
def test_conv_with_numbers_that_int64_does_not_hold(sliding: Sliding) -> None:
    item = sliding.item(padding=[list(pair) for pair in sliding.pads])
    assert_same(last(traced(sliding.input, {"conv": item})), sliding.result(valid))


@given(slidings())
def test_flip_is_the_convolution_of_mathematics(sliding: Sliding) -> None:
    item = sliding.item(padding=[list(pair) for pair in sliding.pads])
    flipped = traced(sliding.input, {"conv": item}, flip=True)
    assert_same(last(flipped), sliding.result(valid_flipped))


@given(slidings(), st.sampled_from(["valid", "full", "causal", "same"]))
def test_conv_with_padding_by_name(sliding: Sliding, word: str) -> None:
    axes = len(sliding.stride)
    if word == "causal" and axes != 1:
        word = "full"
    kernel = sliding.filters.shape[1:-1]
    spans = [d * (f - 1) for f, d in zip(kernel, sliding.dilation, strict=True)]
    if word == "same":
        sliding = sliding._replace(stride=[1] * axes)  # for other strides see test_same
        pads = [(span // 2, span - span // 2) for span in spans]
    else:
        before = word in ("full", "causal")
        pads = [(span * before, span * (word == "full")) for span in spans]
    item = sliding.item(padding=word)
    expected = sliding._replace(pads=pads).result(valid)
    assert_same(last(traced(sliding.input, {"conv": item})), expected)


@given(slidings())
def test_same(sliding: Sliding) -> None:
    """Under `same` the windows lie as if their padding had been written out."""
    net = build(given_input(sliding.input), {"conv": sliding.item(padding="same")})
    expected = sliding._replace(pads=list(net.layers[0].operation.pads)).result(valid)
    assert_same(last(traced(sliding.input, {"conv": sliding.item(padding="same")})), expected)


@given(slidings(), st.data())
def test_depthwise_is_conv_with_as_many_groups_as_channels(
    sliding: Sliding, data: st.DataObject
) -> None:
    channels, multiplier = sliding.input.shape[-1], data.draw(whole(1, 2))
    kernel, filters = sliding.filters.shape[1:-1], channels * multiplier
    sliding = sliding._replace(
        filters=data.draw(drawn_array(filters, *kernel, 1)),
        biases=data.draw(drawn_array(filters)),
        groups=channels,
    )
    item = sliding.item(padding=[list(pair) for pair in sliding.pads], multiplier=multiplier)
    del item["filters"], item["groups"]
    assert_same(last(traced(sliding.input, {"depthwise_conv": item})), sliding.result(valid))


@given(slidings(), st.data())
def test_connection_table_is_conv_with_zeros(sliding: Sliding, data: st.DataObject) -> None:
    """A filter that does not read a map has zeros for it."""
    sliding = sliding._replace(groups=1)
    channels, count = sliding.input.shape[-1], len(sliding.filters)
    some = st.sets(whole(0, channels - 1), min_size=1)
    table = [sorted(data.draw(some)) for _ in range(count)]
    filters = np.zeros((*sliding.filters.shape[:-1], channels), dtype=object)
    for number, maps in enumerate(table):
        for channel in maps:
            filters[number, ..., channel] = sliding.filters[number, ..., 0] + channel
    written = [filters[number][..., maps].tolist() for number, maps in enumerate(table)]
    item = sliding.item(padding=[list(pair) for pair in sliding.pads])
    item |= {"values": text(written), "connection_table": table}
    expected = sliding._replace(filters=filters).result(valid)
    assert_same(last(traced(sliding.input, {"conv": item})), expected)


@given(slidings(), st.data())
def test_transposed_conv(sliding: Sliding, data: st.DataObject) -> None:
    """Zeros between the numbers of the input, then scipy's full convolution, cut to size."""
    kernel = sliding.filters.shape[1:-1]
    spans = [d * (f - 1) for f, d in zip(kernel, sliding.dilation, strict=True)]
    pads = [(data.draw(whole(0, span)), 0) for span in spans]
    axes = zip(sliding.stride, sliding.dilation, strict=True)
    extra = [data.draw(whole(0, max(s, d) - 1)) for s, d in axes]
    own, depth = len(sliding.filters) // sliding.groups, sliding.filters.shape[-1]
    item = sliding.item(padding=[list(pair) for pair in pads], output_padding=extra)
    maps = []
    for number, (filter, bias) in enumerate(zip(sliding.filters, sliding.biases, strict=True)):
        first = number // own * depth
        whole_map = sum(
            full(
                with_zeros(sliding.input[..., first + index], sliding.stride),
                sliding.spread(filter[..., index]),
            )
            for index in range(depth)
        )
        longer = np.pad(whole_map, [(0, more) for more in extra], constant_values=0)
        maps.append(longer[tuple(slice(before, None) for before, _ in pads)] + bias)
    found = last(traced(sliding.input, {"transposed_conv": item}))
    assert_same(found, np.stack(maps, axis=-1))


# Pools, window by window.


@st.composite
def pools(draw: st.DrawFn) -> tuple[Any, dict[str, Any]]:
    axes = draw(whole(1, 3))
    kernel = draw(per_axis(axes, whole(1, 3)))
    sizes = [f + draw(whole(0, 2)) for f in kernel]
    pads = [[draw(whole(0, f // 2)), draw(whole(0, f // 2))] for f in kernel]
    item = {
        "kernel": kernel,
        "stride": draw(per_axis(axes, whole(1, 3))),
        "padding": draw(st.sampled_from([pads, "same", "valid"])),
        "rounding": draw(st.sampled_from(["floor", "ceil"])),
    }
    return draw(drawn_array(*sizes, draw(whole(1, 2)), large=draw(st.booleans()))), item


def windows(layer: Any, array: Any) -> Any:
    """For every output the numbers of its window, found one by one."""
    found = np.empty(layer.output.shape, dtype=object)
    for place in product(*map(range, layer.output.sizes)):
        starts = [
            at * stride - pads[0]
            for at, stride, pads in zip(place, layer.stride, layer.pads, strict=True)
        ]
        spans = [
            range(max(start, 0), min(start + size, whole))
            for start, size, whole in zip(starts, layer.kernel, array.shape, strict=False)
        ]
        for channel in range(array.shape[-1]):
            found[(*place, channel)] = [array[(*spot, channel)] for spot in product(*spans)]
    return found


@given(pools())
def test_max_pool(drawn: tuple[Any, dict[str, Any]]) -> None:
    array, item = drawn
    found = traced(array, {"max_pool": item})
    expected = windows(found.network.layers[0].operation, array)
    assert_same(last(found), np.vectorize(max, otypes=[object])(expected))


@given(pools())
def test_avg_pool_leaves_the_padding_out(drawn: tuple[Any, dict[str, Any]]) -> None:
    array, item = drawn
    found = traced(array, {"avg_pool": item})
    expected = windows(found.network.layers[0].operation, array)
    mean = np.vectorize(lambda values: Fraction(sum(values)) / len(values), otypes=[object])
    assert_same(last(found), mean(expected))


@given(drawn_array(6, 4, 2), per_axis(2, whole(1, 6)))
def test_adaptive_pools(array: Any, size: list[int]) -> None:
    def cut(at: int, axis: int) -> slice:
        rows, out = array.shape[axis], size[axis]
        return slice(at * rows // out, -(-(at + 1) * rows // out))

    largest, mean = (np.empty((*size, 2), dtype=object) for _ in range(2))
    for row, column in product(*map(range, size)):
        window = array[cut(row, 0), cut(column, 1)]
        largest[row, column] = window.max(axis=(0, 1))
        mean[row, column] = window.sum(axis=(0, 1)) * Fraction(1, window.size // 2)
    assert_same(last(traced(array, {"adaptive_max_pool": size})), largest)
    assert_same(last(traced(array, {"adaptive_avg_pool": size})), mean)


CASES = Path(__file__).parent / "cases/trace/interpolate.json"
INTERPOLATED = json.loads(CASES.read_text(encoding="utf-8"))["cases"]


@pytest.mark.parametrize("case", INTERPOLATED, ids=lambda case: f"{case['method']}{case['size']}")
def test_resizing_against_torch(case: dict[str, Any]) -> None:
    """Bilinear is half-pixel, align_corners false."""
    array = np.array(case["input"], dtype=object)[..., None]
    resize = {"to": case["size"], "method": case["method"]}
    found = last(traced(array, {"resize": resize})).astype(float)
    np.testing.assert_allclose(found[..., 0], case["output"], rtol=0, atol=1e-8)


TORCH = json.loads((CASES.parent / "pytorch.json").read_text(encoding="utf-8"))["cases"]


SOFTMAX = [{"name": "softmax", "item": "softmax", "input": [[1, -2, 0.5], [3, 3, 0]]}]


@pytest.mark.parametrize("case", TORCH, ids=lambda case: case["name"])
def test_against_torch(case: dict[str, Any]) -> None:
    """Norms, separable convolutions and attention; every step leads to the same numbers."""
    spec = read(given_input(np.array(case["input"], dtype=object)), as_written(case["item"]))
    found = trace(spec)
    assert found.problems.sorted() == []
    (layer,) = found.network
    output = np.reshape(floats(found), layer.output.shape)
    np.testing.assert_allclose(output, case["output"], rtol=1e-12, atol=1e-12)
    shares = [each for each in found.between[layer] if each.name.startswith("weights")]
    for each, wanted in zip(shares, case.get("weights", shares), strict=True):
        if wanted is not each:
            own = np.array(each.array.floats()).reshape(np.shape(wanted))
            np.testing.assert_allclose(own, wanted, rtol=0, atol=1e-12)
    for at, channel in places(layer):
        *between, one = steps(found, layer, at, channel)
        assert (len(between) > 0) == (layer.kind == "separable_conv")
        assert abs(one.before - output[(*at, channel)]) < 1e-12


def as_written(value: Any) -> Any:
    """Decimals as texts, which are read exactly."""
    if isinstance(value, dict):
        return {key: as_written(part) for key, part in value.items()}
    if isinstance(value, list):
        return [as_written(part) for part in value]
    return str(value) if isinstance(value, float) else value


# By identities.


@st.composite
def sliding_separables(draw: st.DrawFn) -> tuple[Any, Any, Any, Any]:
    """An input, the two layers, and the one that stands for both."""
    array, weights = draw(drawn_array(4, 3, 2, large=True)), draw(drawn_array(4, 2, 2))
    mixing, biases = draw(drawn_array(3, 4)), text(draw(drawn_array(3)).tolist())
    slides = {"kernel": 2, "stride": draw(whole(1, 2)), "padding": draw(whole(0, 1))}
    own, units = text(weights.tolist()), text(mixing.tolist())
    depthwise = {**slides, "multiplier": 2, "bias": False, "values": own}
    pointwise = {"filters": 3, "kernel": 1, "values": units, "bias_values": biases}
    both = {
        **slides, "filters": 3, "multiplier": 2, "bias_values": biases, "activation": "relu",
        "values": {"depthwise": own, "pointwise": units},
    }  # fmt: skip
    return (
        array, {"depthwise_conv": depthwise}, {"conv": {**pointwise, "activation": "relu"}},
        {"separable_conv": both},
    )  # fmt: skip


@given(drawn_array(2, 3, 4, large=True), st.data())
def test_batch_norm_with_squares_is_exact(array: Any, data: st.DataObject) -> None:
    mean, root, scale, shift = (data.draw(drawn_array(4)) for _ in range(4))
    root = abs(root) + 1
    values = {
        "mean": text(mean.tolist()), "variance": text((root * root).tolist()),
        "scale": text(scale.tolist()), "shift": text(shift.tolist()),
    }  # fmt: skip
    found = traced(array, {"batch_norm": {"epsilon": 0, "values": values}})
    assert_same(last(found), (array - mean) * (Fraction(1) / root) * scale + shift)


@given(drawn_array(2, 3, 4), st.sampled_from(["channels", "all", 2, "instance"]))
def test_norms_have_mean_0_and_variance_1(array: Any, over: Any) -> None:
    """As far as there is any variance."""
    item, axes = {
        "channels": ({"layer_norm": {"epsilon": "1e-30"}}, (2,)),
        "all": ({"layer_norm": {"axes": "all", "epsilon": "1e-30"}}, (0, 1, 2)),
        2: ({"group_norm": {"groups": 2, "epsilon": "1e-30"}}, (0, 1, 3)),
        "instance": ({"instance_norm": {"epsilon": "1e-30"}}, (0, 1)),
    }[over]
    found = np.reshape(floats(traced(array, item)), array.shape)
    split = (lambda own: own.reshape(2, 3, 2, 2)) if over == 2 else (lambda own: own)
    found, given = split(found), split(array.astype(float))
    np.testing.assert_allclose(found.mean(axis=axes), 0, atol=1e-6)
    spread = found.var(axis=axes)
    flat = given.var(axis=axes) < 1e-6
    np.testing.assert_allclose(spread[~flat], 1, atol=1e-6)


@given(sliding_separables())
def test_separable_is_depthwise_and_then_1x1(item: Any) -> None:
    array, depthwise, pointwise, whole = item
    assert_same(last(traced(array, depthwise, pointwise)), last(traced(array, whole)))


def test_attention_on_one_position_is_its_values() -> None:
    """A softmax over one score is 1."""
    array = np.array([[2, 5, Fraction(1, 2)]], dtype=object)
    rows = np.array([[1, 2, 0], [0, 1, 1], [3, 0, -2]], dtype=object)
    values = dict.fromkeys(("query", "key", "value"), rows.tolist())
    found = traced(array, {"attention": {"heads": 1, "output": False, "values": values}})
    assert floats(found) == (array @ rows.T).astype(float).ravel().tolist()


@given(drawn_array(3, 4, 2, large=True), st.sampled_from(["nearest", "bilinear"]), whole(1, 3))
def test_upsample_is_a_resize(array: Any, method: str, factor: int) -> None:
    to = {"to": [3 * factor, 4 * factor], "method": method}
    upsampled = last(traced(array, {"upsample": {"factor": factor, "method": method}}))
    assert_same(upsampled, last(traced(array, {"resize": to})))


@given(drawn_array(5, 4, 3, large=True), per_axis(2, whole(1, 3)))
def test_slice_takes_each_nth_row(array: Any, every: list[int]) -> None:
    found = last(traced(array, {"slice": {"every": every, "channels": 2, "start": 1}}))
    assert_same(found, array[:: every[0], :: every[1], 1:])


@given(drawn_array(2, 3, 2, large=True), st.data())
def test_multiply_stretches_as_numpy_does(array: Any, data: st.DataObject) -> None:
    """What has size 1 along an axis, and a vector of C as 1x1xC."""
    kept = {"rows": [2, 1], "columns": [1, 3], "all": [1, 1]}
    axes = {"rows": 1, "columns": 0, "all": (0, 1)}
    name = data.draw(st.sampled_from([*kept]))
    pool = [{"adaptive_max_pool": kept[name]}]
    other = array.max(axis=axes[name], keepdims=True)
    if name == "all" and data.draw(st.booleans()):
        pool = [{"global_max_pool": {"keep": False}}]
    if data.draw(st.booleans()):
        pool, other = [*pool, {"slice": 1}], other[..., :1]
    assert_same(last(traced(array, {"gate": pool})), array * other)


@given(drawn_array(4, 3), drawn_array(3), drawn_array(5, 3))
def test_class_token_and_position_embedding(array: Any, token: Any, embedding: Any) -> None:
    values = {name: text(part.tolist()) for name, part in (("t", token), ("e", embedding))}
    first = {"class_token": {"values": [values["t"]]}}
    found = last(traced(array, first, {"position_embedding": {"values": values["e"]}}))
    assert_same(found, np.concatenate([token[None], array]) + embedding)


@given(drawn_array(3, 2, 2, large=True), drawn_array(2, 3, 2, 2, large=True))
def test_fc_is_the_convolution_that_covers_its_input(array: Any, weights: Any) -> None:
    values = text(weights.tolist())
    fc = last(traced(array, {"fc": {"units": 2, "values": values}}))
    conv = last(traced(array, {"conv": {"filters": 2, "kernel": [3, 2], "values": values}}))
    assert fc.tolist() == conv.ravel().tolist()
    flat = [part.ravel().tolist() for part in weights]
    assert_same(last(traced(array, {"fc": {"units": 2, "values": text(flat)}})), fc)


@given(drawn_array(4, 4, 3, large=True))
def test_global_pools_are_pools_over_everything(array: Any) -> None:
    for kind in ("max_pool", "avg_pool"):
        assert_same(last(traced(array, f"global_{kind}")), last(traced(array, {kind: 4})))


@given(drawn_array(2, 3, 8))
def test_shuffles_are_undone(array: Any) -> None:
    assert_same(last(traced(array, {"pixel_shuffle": 2}, {"space_to_depth": 2})), array)
    assert_same(last(traced(array, {"channel_shuffle": 2}, {"channel_shuffle": 4})), array)
    assert_same(last(traced(array, "flatten", {"reshape": "2x3x8"})), array)
    assert_same(last(traced(array, {"zero_pad": 2}, {"crop": "2x3"})), array)
    assert_same(last(traced(array, {"upsample": 3}, {"max_pool": 3})), array)


@given(drawn_array(2, 2, 2, large=True))
def test_merges(array: Any) -> None:
    def merged(kind: str) -> Any:
        branches = {"a": ["identity"], "b": [{"scale": {"values": [2, "-1/3"]}}]}
        return last(traced(array, {"branches": branches, "merge": kind}))

    other = array * np.array([2, Fraction(-1, 3)], dtype=object)
    assert_same(merged("add"), array + other)
    assert_same(merged("multiply"), array * other)
    assert_same(merged("average"), (array + other) * Fraction(1, 2))
    assert_same(merged("maximum"), np.maximum(array, other))
    assert_same(merged("concat"), np.concatenate([array, other], axis=-1))


# Activations.


def test_every_activation_is_worked_out() -> None:
    names = {
        kind for kind, cls in KINDS.items() if issubclass(cls, Activation) and not cls.arguments
    }
    assert set(ACTIVATIONS) == names


@given(st.lists(numbers(large=True), min_size=1, max_size=4))
def test_exact_activations(values: list[Any]) -> None:
    array = array_of(values, (len(values),))
    six = [min(max(Fraction(x) + 3, Fraction(0)), Fraction(6)) / 6 for x in values]
    assert activate(array, "relu").numbers() == [max(x, 0) for x in values]
    assert activate(array, "relu6").numbers() == [min(max(x, 0), 6) for x in values]
    assert activate(array, "abs").numbers() == [abs(x) for x in values]
    leaky = [x if x >= 0 else Fraction(x) / 100 for x in values]
    assert activate(array, "leaky_relu").numbers() == leaky
    assert activate(array, "hard_sigmoid").numbers() == six
    assert activate(array, "hard_swish").numbers() == [
        x * y for x, y in zip(values, six, strict=True)
    ]


@given(
    st.lists(st.integers(-(10**300), 10**300), min_size=1, max_size=4),
    st.sampled_from(sorted(ACTIVATIONS)),
)
def test_no_activation_overflows(values: list[int], name: str) -> None:
    found = activate(array_of(values, (len(values),)), name).numbers()
    assert not [number for number in found if number != number]  # none is NaN


def test_floating_activations_against_scipy() -> None:
    from scipy import special

    x = np.linspace(-6, 6, 25)
    array = array_of([Fraction(value) for value in x], (25,))
    references = {
        "sigmoid": special.expit(x),
        "tanh": np.tanh(x),
        "softmax": special.softmax(x),
        "log_softmax": special.log_softmax(x),
        "gelu": x * special.ndtr(x),
        "elu": np.where(x < 0, np.exp(x) - 1, x),
        "selu": 1.0507009873554805 * np.where(x < 0, 1.6732632423543772 * (np.exp(x) - 1), x),
        "swish": x * special.expit(x),
        "softplus": np.log(1 + np.exp(x)),
        "mish": x * np.tanh(np.log(1 + np.exp(x))),
    }
    assert references.keys() == {name for name in ACTIVATIONS if not activate(array, name).exact}
    for name, reference in references.items():
        found = activate(array, name).values
        # The formulas are written in another way, so that the last bits may differ.
        assert np.round(found, 12).tolist() == np.round(reference, 12).tolist(), name


# Steps.

WITH_STEPS: list[Any] = [
    {"conv": {"filters": 2, "kernel": 2, "padding": 1, "activation": "relu"}},
    {"conv": {"filters": 2, "kernel": [2, 1], "dilation": 2, "padding": "full", "groups": 2}},
    {"conv": {"filters": 2, "kernel": 2, "connection_table": [[1], [0, 1]], "bias": False}},
    {"depthwise_conv": {"kernel": 2, "multiplier": 2, "stride": 2, "padding": "same"}},
    {"transposed_conv": {"filters": 1, "kernel": 3, "stride": 2, "padding": 1}},
    {"max_pool": {"kernel": 3, "padding": 1, "stride": 2}},
    {"avg_pool": {"kernel": 2, "padding": 1, "stride": 1}},
    {"subsample": {"kernel": 2, "activation": "abs"}},
    {"adaptive_avg_pool": 2},
    {"adaptive_max_pool": [1, 3]},
    "global_avg_pool",
    {"global_max_pool": {"keep": False}},
    {"fc": {"units": 2, "activation": "leaky_relu"}},
]


def drawing(data: st.DataObject) -> Callable[[int], list[Any]]:
    """Draws so many numbers, as a spec has them."""
    number = numbers(large=True)
    return lambda count: text(data.draw(st.lists(number, min_size=count, max_size=count)))


def with_numbers(item: Any, draw: Callable[[int], list[Any]], volume: str = "3x4x2") -> Any:
    """The item with weights for an input of two channels."""
    layer = build(volume, item).layers[0].operation
    if not layer.weights:
        return item
    ((kind, arguments),) = item.items()
    if layer.filter_shape is not None:
        flat = draw(layer.weights)
        shape = (-1, *layer.filter_shape)
        values = np.array(flat, dtype=object).reshape(shape).tolist()
    elif kind == "conv":  # the table: filters of different depth
        values = [np.reshape(draw(4 * n), (2, 2, n)).tolist() for n in (1, 2)]
    else:
        per_row = layer.weights // layer.biases
        values = [draw(per_row) if per_row > 1 else draw(1)[0] for _ in range(layer.biases)]
    return (
        {kind: {**arguments, "values": values, "bias_values": draw(layer.biases)}}
        if (layer.biases)
        else {kind: {**arguments, "values": values}}
    )


@given(st.sampled_from(WITH_STEPS), drawn_array(3, 4, 2, large=True), st.data())
def test_steps_lead_to_the_feature_map(item: Any, array: Any, data: st.DataObject) -> None:
    found = traced(array, with_numbers(item, drawing(data)))
    (leaf,) = found.network.layers
    for at, channel in places(leaf):
        one = step(found, leaf, at, channel)
        before = array_of([one.before], (1,))
        assert activate(before, one.activation).numbers() == [one.result]
        for part in one.parts:
            for spot, number in zip(product(*one.rows), part.patch, strict=True):
                inside = all(0 <= row < size for row, size in zip(spot, array.shape, strict=False))
                assert number == (array[(*spot, part.map)] if inside else None)


@given(st.data())
def test_local_convolutions(data: st.DataObject) -> None:
    """At each place a filter and a bias of its own, window by window."""
    rows, columns, maps, filters, kernel = 4, 3, 2, 2, 2
    array = data.draw(drawn_array(rows, columns, maps, large=True))
    places_down, places_across = rows - kernel + 1, columns - kernel + 1
    number = places_down * places_across * filters
    weights = data.draw(drawn_array(number, kernel, kernel, maps))
    biases = data.draw(drawn_array(number))
    values = [{"maps": [text(own[:, :, map].tolist()) for map in range(maps)]} for own in weights]
    item = {
        "local_conv": {
            "filters": filters, "kernel": kernel, "values": values,
            "bias_values": text(biases.tolist()),
        }
    }  # fmt: skip
    traced = trace(read(given_input(array), item))
    assert not traced.problems
    own = iter(zip(weights, biases, strict=True))
    for row, column in product(range(places_down), range(places_across)):
        window = array[row : row + kernel, column : column + kernel]
        for filter in range(filters):
            numbers_of, bias = next(own)
            wanted = (window * numbers_of).sum() + bias
            assert traced["local_conv1"].number(row, column, filter) == wanted
            at = step(traced, traced.network.layers[0], (row, column), filter)
            assert at.result == at.before == wanted


@pytest.mark.parametrize("kind", [kind for kind, cls in KINDS.items() if issubclass(cls, Window)])
def test_every_kind_with_a_window_shows_it(kind: str) -> None:
    """A stack of two parts shows the windows of both."""
    operation = build("32x32x4", json_item(KINDS[kind].example)).layers[0].operation
    stages = [operation.depthwise] if isinstance(operation, SeparableConv) else [operation]
    assert all(map(has_window, stages)), kind


SLIDES = {"kernel": 2, "padding": 1}
IN_OTHER_DIMENSIONS: list[Any] = [
    {"conv": {**SLIDES, "filters": 1, "dilation": 2}},
    {"depthwise_conv": {**SLIDES, "stride": 2}},
    {"local_conv": {**SLIDES, "filters": 1, "stride": 2}},
    {"transposed_conv": {**SLIDES, "filters": 1, "stride": 2}},
    {"subsample": {"kernel": 2}},
    {"max_pool": SLIDES},
    {"avg_pool": {**SLIDES, "stride": 1}},
    {"adaptive_avg_pool": 2},
    "global_max_pool",
]


@pytest.mark.parametrize("shape", [(7,), (4, 3, 5)], ids=["1-D", "3-D"])
@pytest.mark.parametrize("item", IN_OTHER_DIMENSIONS, ids=lambda item: next(iter(item), ""))
def test_steps_in_one_and_three_dimensions(item: Any, shape: tuple[int, ...]) -> None:
    random = np.random.default_rng(7)

    def draw(count: int) -> list[int]:
        return [int(number) for number in random.integers(-9, 10, count)]

    array = np.array(draw(2 * int(np.prod(shape))), dtype=object).reshape(*shape, 2)
    found = traced(array, with_numbers(item, draw, "x".join(map(str, (*shape, 2)))))
    (leaf,) = found.network.layers
    for at, channel in places(leaf):
        one = step(found, leaf, at, channel)
        assert one.before == one.result


SIGNS = {
    "−": "-", "·": "*", "√(": "sqrt(", "²": "**2", "^": "**", "(scale)": "", "(shift)": "",
    "(bias)": "",
}  # fmt: skip


def value_of(words: str) -> float:
    """What a formula comes to, as it is printed."""
    for sign, python in SIGNS.items():
        words = words.replace(sign, python)
    found: float = eval(words, {"sqrt": np.sqrt, "e": np.e, "__builtins__": {}})
    return found


@pytest.mark.parametrize("case", [*TORCH, *SOFTMAX], ids=lambda case: case["name"])
def test_formulas_are_true_as_they_are_printed(case: dict[str, Any]) -> None:
    """Both sides of every sign of equality agree, as far as decimals are shown."""
    found = trace(
        read(given_input(np.array(case["input"], dtype=object)), as_written(case["item"]))
    )
    (layer,) = found.network
    if layer.kind == "separable_conv":
        return  # these have windows
    for at, channel in places(layer):
        lines = [
            " ".join(line.split()) for line in result_lines(step(found, layer, at, channel), 999)
        ]
        equations = [line.rpartition(": ")[2] for line in lines if " = " in line]
        assert equations
        for line in equations:
            sides = [value_of(side) for side in line.split(" = ")]
            largest = max(map(abs, sides), default=0)
            assert max(sides) - min(sides) <= 1e-3 * (1 + largest), line


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_worked_out_or_says_why_it_is_not(kind: str) -> None:
    cls = KINDS[kind]
    how = compute.dispatch(cls)
    assert how is not compute.dispatch(object), "register it in commands/trace"
    assert is_computed(cls) is not isinstance(how, NotTraced)
    if isinstance(how, NotTraced):
        spec = read(given_input(np.zeros((32, 32, 4), dtype=object)), json_item(cls.example))
        (problem,) = trace(spec).problems.sorted()
        assert problem.message == f"trace does not work out {kind}: {how.reason}"


def test_what_is_not_worked_out() -> None:
    """Only what the spec says nothing of but its costs."""
    assert {kind for kind, cls in KINDS.items() if not is_computed(cls)} == {"custom"}


def json_item(text: str) -> Any:
    import yaml

    return yaml.safe_load(text)
