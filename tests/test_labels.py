"""What Kind says of a layer: all that the size of its output depends on."""

from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

import cnncalc
from cnncalc.language.bundled import all_names
from cnncalc.layers.shape import ChannelPadding, CropSize
from cnncalc.layers.sizes import Padding
from cnncalc.layers.values import Whole
from cnncalc.network.model import Layer

CASES = sorted((Path(__file__).parent / "cases" / "ok").glob("*.yaml"))
SIZES = (Whole, Padding, CropSize, ChannelPadding)


@pytest.mark.parametrize(
    ("item", "label"),
    [
        ("conv: 6@5x5", "conv 5×5"),
        ("conv: {filters: 6, kernel: 3, stride: 2, padding: 1}", "conv 3×3/2 pad 1"),
        ("conv: {filters: 6, kernel: 3, padding: same}", "conv 3×3 same"),
        ("conv: {filters: 6, kernel: 3, padding: full}", "conv 3×3 full"),
        ("conv: {filters: 6, kernel: 3, padding: valid}", "conv 3×3"),
        ("conv: {filters: 6, kernel: 3, dilation: 2}", "conv 3×3 dil 2"),
        ("conv: {filters: 6, kernel: 3x1, padding: 1x0}", "conv 3×1 pad 1×0"),
        ("conv: {filters: 6, kernel: 3, padding: [[0, 1], [0, 1]]}", "conv 3×3 pad 0 + 1"),
        ("conv: {filters: 8, kernel: 3, padding: 1, groups: 4}", "conv 3×3 pad 1, 4 groups"),
        ("conv: {filters: 6, kernel: 3, stride: 2, rounding: ceil}", "conv 3×3/2 ceil"),
        ("conv: {filters: 6, kernel: 3, rounding: ceil}", "conv 3×3"),
        (
            "separable_conv: {filters: 6, kernel: 3, multiplier: 2}",
            "separable_conv 3×3, multiplier 2",
        ),
        (
            "transposed_conv: {filters: 6, kernel: 3, stride: 2, padding: 1, output_padding: 1}",
            "transposed_conv 3×3/2 pad 1 out pad 1",
        ),
        (
            "transposed_conv: {filters: 6, kernel: 3, dilation: 2, groups: 2}",
            "transposed_conv 3×3 dil 2, 2 groups",
        ),
        ("max_pool: {kernel: 3, stride: 2, padding: 1}", "max_pool 3×3/2 pad 1"),
        ("max_pool: {kernel: 3, stride: 1}", "max_pool 3×3/1"),
        ("adaptive_avg_pool: 7", "adaptive_avg_pool 7×7"),
        ("upsample: 2", "upsample 2×2"),
        ("pixel_shuffle: 2", "pixel_shuffle 2"),
        ("channel_shuffle: 2", "channel_shuffle 2"),
        ("group_norm: 2", "group_norm 2"),
        ("lrn", "lrn 5"),
        ("slice: {channels: 2, start: 1}", "slice 1 to 2"),
        ("crop: 29", "crop 1 + 2"),
        ("crop: {top: 1}", "crop (1 + 0)×0"),
        ("zero_pad: 1", "zero_pad 1"),
        ("zero_pad: {padding: 0, channels: [2, 3]}", "zero_pad, channels 2 + 3"),
        ("fc: 10", "fc"),
    ],
)
def test_label(item: str, label: str) -> None:
    assert cnncalc.loads(f"input: 32x32x4\nlayers:\n  - {item}\n").layers[0].label == label


def sizes_of(layer: Layer) -> tuple[Any, ...]:
    operation = layer.operation
    return tuple(
        getattr(operation, name)
        for name, declared in sorted(operation.arguments.items())
        if isinstance(declared.type, SIZES)
    )


@pytest.mark.parametrize("place", [*all_names(), *CASES], ids=lambda place: Path(place).stem)
def test_layers_that_differ_in_a_size_do_not_look_alike(place: str | Path) -> None:
    seen = defaultdict(set)
    for layer in cnncalc.load(place):
        key = (layer.label, layer.output, *layer.inputs)
        seen[key].add(str(sizes_of(layer)))
    assert {key: sizes for key, sizes in seen.items() if len(sizes) > 1} == {}
