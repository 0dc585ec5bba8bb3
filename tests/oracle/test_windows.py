"""Single layers: for every call PyTorch or Keras answers, the same volume and parameters; what they
refuse is refused here. Where this language deliberately differs, `not-binding.json` says why.
"""

import json
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

import cnncalc

FOLDER = Path(__file__).parent

Case = dict[str, Any]

KINDS = {
    "Conv": "conv",
    "ConvTranspose": "transposed_conv",
    "DepthwiseConv": "depthwise_conv",
    "SeparableConv": "separable_conv",
    "MaxPool": "max_pool",
    "MaxPooling": "max_pool",
    "AvgPool": "avg_pool",
    "AveragePooling": "avg_pool",
    "AdaptiveAvgPool": "adaptive_avg_pool",
    "AdaptiveMaxPool": "adaptive_max_pool",
    "GlobalAveragePooling": "global_avg_pool",
    "Cropping": "crop",
    "ZeroPadding": "zero_pad",
    "UpSampling": "upsample",
    "Dense": "fc",
}

ARGUMENTS = {
    "out_channels": "filters",
    "kernel_size": "kernel",
    "pool_size": "kernel",
    "strides": "stride",
    "dilation_rate": "dilation",
    "use_bias": "bias",
    "depth_multiplier": "multiplier",
    "output_size": "size",
    "keepdims": "keep",
    "cropping": "size",
    "size": "factor",
    "ceil_mode": "rounding",
}

# in_channels comes from the volume here; the others change values, never a volume or a count.
UNSAID = {"in_channels", "padding_mode", "count_include_pad", "divisor_override", "interpolation"}

SIZES: dict[int, list[str]] = {
    0: [],
    1: ["length"],
    2: ["height", "width"],
    3: ["depth", "height", "width"],
}


def load(framework: str) -> list[Case]:
    """What the framework answered, after a line with the versions that did."""
    text = (FOLDER / f"windows-{framework}.jsonl").read_text(encoding="utf-8")
    head, *lines = map(json.loads, text.splitlines())
    assert head["version"]
    return [{"framework": framework} | line for line in lines]


CASES = {framework: load(framework) for framework in ("pytorch", "keras")}
NOT_BINDING = json.loads((FOLDER / "not-binding.json").read_text(encoding="utf-8"))
LISTED = {(entry["framework"], number) for entry in NOT_BINDING for number in entry["ids"]}


def is_binding(case: Case) -> bool:
    return (case["framework"], case["id"]) not in LISTED


# From a framework's call to a spec in this language


def kind_and_axes(layer: str) -> tuple[str, int | None]:
    """`Conv2DTranspose` and `ConvTranspose2d` are the same kind; a Dense layer names no axes."""
    match = re.fullmatch(r"([A-Za-z]+?)(?:([123])[dD])?(Transpose)?", layer)
    assert match is not None, layer
    stem, axes, transpose = match.groups()
    return KINDS[stem + (transpose or "")], int(axes) if axes else None


def sizes_and_channels(case: Case, shape: list[int]) -> tuple[list[int], int]:
    """Drop the batch. PyTorch puts channels first and also takes an example without a batch."""
    if case["framework"] == "keras":
        return shape[1:-1], shape[-1]
    _, axes = kind_and_axes(case["layer"])
    unbatched = axes is not None and len(shape) == axes + 1
    channels, *sizes = shape if unbatched else shape[1:]
    return sizes, channels


def argument(name: str, value: Any, sizes: list[int]) -> Any:
    """The value as this language writes it."""
    if name == "ceil_mode":
        return "ceil" if value else "floor"
    if name == "cropping":
        pairs = value if isinstance(value, list) else [value, value]
        (top, bottom), (left, right) = (p if isinstance(p, list) else [p, p] for p in pairs)
        return {"top": top, "bottom": bottom, "left": left, "right": right}
    if name == "output_size" and isinstance(value, list):
        # PyTorch's None keeps the size that comes in
        return [size if n is None else n for n, size in zip(value, sizes, strict=True)]
    return value


def spec(case: Case) -> str:
    """One layer in flow style, its kind with the number of axes the framework's class asserts."""
    kind, axes = kind_and_axes(case["layer"])
    sizes, channels = sizes_and_channels(case, case["input"])
    arguments = {
        ARGUMENTS.get(name, name): argument(name, value, sizes)
        for name, value in case["kwargs"].items()
        if name not in UNSAID
    }
    item = {kind + (f"{axes}d" if axes else ""): arguments}
    return json.dumps({"input": written_volume(sizes, channels), "layers": [item]})


def written_volume(sizes: list[int], channels: int) -> Any:
    """By name, so that no size can be mistaken for the channels."""
    if len(sizes) in SIZES:
        return dict(zip(SIZES[len(sizes)], sizes, strict=True)) | {"channels": channels}
    return "x".join(map(str, [*sizes, channels]))


# The comparison

REFUSED = "refused"


def expected(case: Case) -> str:
    if "refused" in case:
        return REFUSED
    sizes, channels = sizes_and_channels(case, case["output"])
    return f"{'x'.join(map(str, [*sizes, channels]))}, {case['params']} parameters"


def found(case: Case) -> str:
    try:
        network = cnncalc.loads(spec(case))
    except cnncalc.SpecError:
        return REFUSED
    return f"{network.output}, {network.parameters} parameters"


def differences(cases: list[Case]) -> list[str]:
    return [
        f"{case['framework']} {case['id']}: {spec(case)}\n    {wanted} there, {got} here"
        for case in cases
        if (wanted := expected(case)) != (got := found(case))
    ]


def families() -> list[Any]:
    groups: dict[tuple[str, str], list[Case]] = defaultdict(list)
    for case in CASES["pytorch"] + CASES["keras"]:
        if is_binding(case):
            groups[case["framework"], case["layer"]].append(case)
    return [pytest.param(cases, id="-".join(key)) for key, cases in sorted(groups.items())]


@pytest.mark.parametrize("cases", families())
def test_layers_answer_as_the_framework_does(cases: list[Case]) -> None:
    wrong = differences(cases)
    assert not wrong, f"{len(wrong)} of {len(cases)} differ:\n" + "\n".join(wrong)


@pytest.mark.parametrize("entry", NOT_BINDING, ids=lambda entry: entry["reason"][:60])
def test_what_is_not_binding_really_differs(entry: dict[str, Any]) -> None:
    """A case that agrees has no business in the list."""
    cases = [case for case in CASES[entry["framework"]] if case["id"] in entry["ids"]]
    agreeing = [case["id"] for case in cases if expected(case) == found(case)]
    assert not agreeing, f"{entry['framework']} {agreeing} agree: {entry['reason']}"


# What was found binding when the list was made; a longer list would weaken the test silently.
BINDING = {"pytorch": 964, "keras": 362}


@pytest.mark.parametrize("framework", ["pytorch", "keras"])
def test_every_case_is_binding_or_listed_once(framework: str) -> None:
    ids = [case["id"] for case in CASES[framework]]
    entries = [entry for entry in NOT_BINDING if entry["framework"] == framework]
    listed = [number for entry in entries for number in entry["ids"]]
    assert len(set(ids)) == len(ids)
    assert len(set(listed)) == len(listed)
    assert set(listed) <= set(ids)
    binding = sum(map(is_binding, CASES[framework]))
    print(f"{framework}: {binding} of {len(ids)} binding, {len(listed)} listed")
    assert binding >= BINDING[framework]
