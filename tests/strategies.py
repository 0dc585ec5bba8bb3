"""What several tests share: what hypothesis draws, and how a drawn network becomes a spec."""

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from hypothesis import strategies as st

import cnncalc

Item = Any  # as it stands in a spec: a word or a mapping
Pair = tuple[int, int]


def spec(input: Any, *layers: Item, **keys: Any) -> str:
    """The text of a spec: JSON is YAML too."""
    return json.dumps({"input": input, **keys, "layers": list(layers)})


def read(input: Any, *layers: Item, **keys: Any) -> cnncalc.Spec:
    return cnncalc.read_text(spec(input, *layers, **keys))


def build(input: Any, *layers: Item, **keys: Any) -> cnncalc.Network:
    return cnncalc.build(read(input, *layers, **keys)).network


def volume(sizes: Iterable[int], channels: int) -> str:
    """In LeCun's notation 3@8x8, as 8x8 would be asked for its channels."""
    return f"{channels}@{'x'.join(map(str, sizes))}"


def whole(least: int, most: int) -> st.SearchStrategy[int]:
    return st.integers(least, most)


def pairs(most: int) -> st.SearchStrategy[Pair]:
    """Padding before and after."""
    return st.tuples(whole(0, most), whole(0, most))


def per_axis(axes: int, numbers: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(numbers, min_size=axes, max_size=axes)


@st.composite
def stackable(draw: st.DrawFn) -> Item:
    """A layer that works on any volume with spatial axes, however small."""
    slides = {"kernel": draw(whole(1, 3)), "stride": draw(whole(1, 2)), "padding": "same"}
    filters = {"filters": draw(whole(1, 4)), "bias": draw(st.booleans())}
    return draw(
        st.sampled_from(
            [
                {"conv": {**slides, **filters, "activation": "relu"}},
                {"depthwise_conv": {**slides, "multiplier": 2}},
                {"separable_conv": {**slides, **filters}},
                {"local_conv": {**slides, **filters}},
                {"transposed_conv": {"filters": 2, "kernel": 2, "stride": 2}},
                {"max_pool": slides},
                {"avg_pool": {**slides, "stride": 1}},
                {"adaptive_avg_pool": draw(whole(1, 6))},
                {"batch_norm": {"scale": draw(st.booleans())}},
                {"zero_pad": 1},
                "layer_norm",
                "prelu",
                "scale",
                "relu",
                "dropout",
                "global_max_pool",
            ]
        )
    )


def stacks(least: int = 1, most: int = 4) -> st.SearchStrategy[list[Item]]:
    """Layers that may stand on one another, on any volume with spatial axes."""
    return st.lists(stackable(), min_size=least, max_size=most)


class Box(NamedTuple):
    """A small volume."""

    sizes: list[int]
    channels: int

    @property
    def input(self) -> str:
        return volume(self.sizes, self.channels)


@st.composite
def boxes(draw: st.DrawFn, least: int = 3, most: int = 8) -> Box:
    """Volumes with one to three spatial axes."""
    return Box(draw(per_axis(draw(whole(1, 3)), whole(least, most))), draw(whole(1, 4)))


NARROW = "$in < 30"  # a condition that copies may come to break


@st.composite
def chained(draw: st.DrawFn, name: str, blocks: Iterable[str] = ()) -> list[Item]:
    """Items whose copies differ: by `$in`, by `prev`, by the defaults of a block."""
    filters = draw(st.sampled_from(["2*$in", "$in + 1", 3]))
    conv = {"conv": {"filters": filters, "kernel": 1}}
    keeping = {"conv": {"filters": "$in", "kernel": 3, "padding": 1}}
    item = draw(
        st.sampled_from(
            [
                conv,
                {"concat": [name, "prev"]},
                {"layers": [conv, "relu"]},
                {"branches": [conv, []]},
                {"branches": {"conv1": conv, "body": "relu"}, "merge": "concat"},
                {"residual": keeping, "shortcut": "$in > 2"},
                {"gate": ["global_avg_pool", {"conv": {"filters": "$in", "kernel": 1}}]},
                *({block: None} for block in blocks),
                *({block: ["$in + 1"]} for block in blocks),
            ]
        )
    )
    if draw(st.booleans()) and not name.startswith("inner"):
        item = {**item, "when": NARROW}
    if draw(st.booleans()):
        item = {**item, "trainable": "$in > 3"}
    if draw(st.booleans()):
        item = {**item, "name": draw(st.sampled_from(["body", "add", "conv2"])) + name}
    return [{"identity": None, "name": name}, {**item, "repeat": draw(whole(0, 3))}, "relu"]


@st.composite
def repeating(draw: st.DrawFn) -> dict[str, Any]:
    """The keys of a spec with blocks and with items that are repeated and skipped."""
    body = [{"conv": {"filters": "$mid", "kernel": 1}}, *draw(chained("inner"))]
    blocks = {"Part": {"args": {"mid": "$in // 2 + 1"}, "layers": body}}
    layers = [
        part
        for number in range(draw(whole(1, 3)))
        for part in draw(chained(f"here{number}", ["Part"]))
    ]
    return {"input": draw(boxes()).input, "blocks": blocks, "layers": layers}


@st.composite
def tabled(draw: st.DrawFn) -> dict[str, Any]:
    """The keys of a spec with items for every row of a table, repeated and skipped too."""
    widths = draw(st.lists(whole(1, 4), max_size=3))
    counts = draw(per_axis(len(widths), whole(0, 2)))
    tables = [
        {"w": widths, "n": counts},
        {"w": "$widths", "n": counts},
        [{"w": width, "n": count} for width, count in zip(widths, counts, strict=True)],
    ]
    conv = {"conv": {"filters": "$in + $w", "kernel": 1}}
    layers: list[Item] = [{"identity": None, "name": "start"}]
    for number in range(draw(whole(1, 2))):
        item = draw(
            st.sampled_from(
                [
                    conv,
                    {"Part": "$w"},
                    {"layers": [conv, {**conv, "repeat": "$n"}]},
                    {"concat": ["start", "prev"]},
                    {"branches": [conv, []]},
                ]
            )
        )
        if draw(st.booleans()):
            item = {**item, "repeat": "$n"}
        if draw(st.booleans()):
            item = {**item, "when": "$w != 2"}
        if draw(st.booleans()):
            item = {**item, "trainable": "$w > 1"}
        layers.append({**item, "each": draw(st.sampled_from(tables)), "name": f"item{number}"})
    part = {"args": ["width"], "layers": [{"conv": {"filters": "$width", "kernel": 1}}]}
    input = draw(boxes()).input
    return {"input": input, "vars": {"widths": widths}, "blocks": {"Part": part}, "layers": layers}
