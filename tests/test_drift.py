"""check --against: every kind of difference, wherever it is, is found once and at its line."""

# ruff: noqa: E501  # a case a line
from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import Item, build, stacks

import cnncalc
from cnncalc.commands.check.drift import judge_drift
from cnncalc.exchange.drift.differences import differences
from cnncalc.problems import Problem

SPEC = """\
name: base
input: 32x32x3
blocks:
  Basic:
    args: [width, {stride: 1}]
    layers:
      - residual:
          - conv: {filters: $width, kernel: 3, stride: $stride, padding: 1}  # block conv
          - batch_norm  # block norm
          - relu  # block relu
          - conv: {filters: $width, kernel: 3, padding: 1}  # block last
        shortcut:
          - conv: {filters: $width, kernel: 1, stride: $stride}  # shortcut
            when: $stride > 1
      - relu  # block end
layers:
  - conv: {filters: 16, kernel: 3, padding: 1}  # first
    name: stem
  - batch_norm  # second
  - relu  # third
  - max_pool: {kernel: 3, stride: 2, padding: 1}  # pool
    name: pool
  - conv: {filters: 16, kernel: 1}  # before blocks
  - Basic: 16  # blocks
    repeat: 3
  - Basic: [32, 2]  # down
  - conv: {filters: 48, kernel: 3, padding: 1, groups: 4}  # middle
    name: middle
  - relu  # middle relu
  - depthwise_conv: {kernel: 3, padding: 1}  # depthwise
  - branches:
    - - conv: {filters: 8, kernel: 1}  # one
    - - conv: {filters: 12, kernel: 1}  # narrow
      - relu  # branch relu
      - conv: {filters: 16, kernel: 3, padding: 1}  # three
    - - max_pool: {kernel: 3, stride: 1, padding: 1}  # branch pool
      - conv: {filters: 6, kernel: 1}  # pooled
  - batch_norm  # after branches
  - global_avg_pool  # mean
  - fc: {units: 40, activation: relu}  # hidden
    name: hidden
  - fc: 10  # last
    name: logits
"""
LINES = SPEC.splitlines()


def place(mark: str) -> int:
    """The number of the line that ends with a mark."""
    (found,) = (n for n, line in enumerate(LINES, 1) if line.endswith(f"# {mark}"))
    return found


def problems(code: str, spec: str = SPEC) -> list[Problem]:
    """What is found where a network is compared with another text of it."""
    build = cnncalc.build(cnncalc.read_text(spec, "net.yaml"))
    return judge_drift(build, cnncalc.loads(code, name="code"), "code")


def changed(mark: str, old: str, new: str) -> str:
    """The text with a line changed."""
    line = LINES[place(mark) - 1]
    assert old in line
    return SPEC.replace(line, line.replace(old, new), 1)


def without(mark: str) -> str:
    line = LINES[place(mark) - 1]
    if LINES[place(mark)].lstrip().startswith("name:"):
        line = f"{line}\n{LINES[place(mark)]}"
    return SPEC.replace(f"{line}\n", "", 1)


def after(mark: str, *items: str) -> str:
    """The text with items behind a line."""
    line = LINES[place(mark) - 1]
    indent = " " * line.index("-")
    if line.count("- ") == 2:
        indent = " " * line.rindex("- ")
    if LINES[place(mark)].lstrip().startswith(("name:", "repeat:")):
        line = f"{line}\n{LINES[place(mark)]}"
    return SPEC.replace(line, "\n".join([line, *(f"{indent}- {item}" for item in items)]), 1)


def swapped(mark: str, other: str) -> str:
    """The text with the kinds on two lines in each other's place."""
    one, two = LINES[place(mark) - 1], LINES[place(other) - 1]
    first, second = (line[line.rindex("- ") :].partition("  #")[0] for line in (one, two))
    text = SPEC.replace(one, one.replace(first, second), 1)
    return text.replace(two, two.replace(second, first), 1)


CONV = "conv: {filters: 20, kernel: 5, padding: 2}"

# The text of the code, the codes that are found, the line, and a part of the message.
CASES: dict[str, tuple[str, str, str, str]] = {
    # Another argument.
    "wider first": (changed("first", "16", "24"), "CNN405", "first", "stem has filters 16, in the code 24"),
    "wider middle": (changed("middle", "48", "64"), "CNN405", "middle", "middle has filters 48, in the code 64 (middle)"),
    "wider last": (changed("last", "10", "100"), "CNN405", "last", "logits has units 10, in the code 100"),
    "wider hidden": (changed("hidden", "40", "80"), "CNN405", "hidden", "hidden has units 40, in the code 80"),
    "wider in a branch": (changed("narrow", "12", "14"), "CNN405", "narrow", "2.conv1 has filters 12, in the code 14"),
    "wider end of a branch": (changed("pooled", "6", "7"), "CNN405", "pooled", "has filters 6, in the code 7"),
    "kernel in a block": (changed("block last", "kernel: 3, padding: 1", "kernel: 5, padding: 2"), "CNN405", "block last", "has kernel 3 and padding 1, in the code 5 and 2"),
    "stride first": (changed("first", "3, padding", "3, stride: 2, padding"), "CNN405", "first", "has stride 1, in the code 2"),
    "stride of a pool": (changed("pool", "stride: 2", "stride: 3"), "CNN405", "pool", "pool has stride 2, in the code 3"),
    "padding middle": (changed("middle", "padding: 1", "padding: 0"), "CNN405", "middle", "has padding 1, in the code 0"),
    "groups": (changed("middle", "groups: 4", "groups: 2"), "CNN405", "middle", "has groups 4, in the code 2"),
    "multiplier": (changed("depthwise", "kernel: 3", "kernel: 3, multiplier: 2"), "CNN405", "depthwise", "has multiplier 1, in the code 2"),
    "bias": (changed("first", "padding: 1", "padding: 1, bias: false"), "CNN405", "first", "has bias true, in the code false"),
    "activation": (changed("hidden", "relu", "gelu"), "CNN405", "hidden", "the relu of hidden is the gelu of hidden in the code"),
    "other activation": (changed("third", "relu", "gelu"), "CNN405", "third", "relu1 (relu) is gelu1 (gelu) in the code"),
    "other norm in a block": (changed("block norm", "batch_norm", "layer_norm"), "CNN405", "block norm", "(batch_norm) is "),
    "other pool in a branch": (changed("branch pool", "max_pool", "avg_pool"), "CNN405", "branch pool", "(max_pool 3×3/1 pad 1) is "),
    "rounding": (changed("pool", "padding: 1", "padding: 1, rounding: ceil"), "CNN405", "pool", "pool has output 16×16×16, in the code 17×17×16"),
    # A layer less.
    "removed first": (without("first"), "CNN406", "first", "the code does not have stem (conv 3×3 pad 1)"),
    "removed second": (without("second"), "CNN406", "second", "does not have batch_norm1 (batch_norm)"),
    "removed middle": (without("middle"), "CNN406", "middle", "does not have middle (conv 3×3 pad 1, 4 groups)"),
    "removed last": (without("last"), "CNN406", "last", "does not have logits (fc)"),
    "removed in a block": (without("block norm"), "CNN406", "block norm", "Basic1.1.body.batch_norm1 (batch_norm); 3 more differences"),
    "removed weights in a block": (without("block last"), "CNN406", "block last", "; 3 more differences here"),
    "removed in a branch": (without("branch relu"), "CNN406", "branch relu", "does not have"),
    "removed weights in a branch": (without("three"), "CNN406", "three", "does not have 2.conv2"),
    "removed activation": (changed("hidden", ", activation: relu", ""), "CNN406", "hidden", "the code does not have the relu of hidden"),
    "a copy less": (SPEC.replace("repeat: 3", "repeat: 2"), "CNN406", "blocks", "does not have Basic1.3 (Basic, 6 layers)"),
    "a block less": (without("down"), "CNN406", "down", "does not have Basic2 (Basic, 7 layers)"),
    # A layer more.
    "added first": (SPEC.replace("layers:\n  - conv", f"layers:\n  - {CONV}\n  - conv"), "CNN407", "first", "before stem the code has conv1 (conv 5×5 pad 2)"),
    "added second": (after("first", CONV), "CNN407", "first", "after stem the code has conv2 (conv 5×5 pad 2), and the spec does not"),
    "added norm": (after("middle", "batch_norm"), "CNN407", "middle", "after middle the code has batch_norm2 (batch_norm)"),
    "added last": (after("last", "fc: 5"), "CNN407", "last", "after logits the code has fc3 (fc)"),
    "added run": (after("middle relu", CONV, "batch_norm", "relu"), "CNN407", "middle relu", "after relu2 the code has conv4 (conv 5×5 pad 2), batch_norm2 (batch_norm) and relu3 (relu)"),
    "added in a block": (after("block relu", "conv: {filters: 9, kernel: 3, padding: 1}", "relu"), "CNN407", "block relu", "after Basic1.1.body.relu1 the code has Basic1.1.body.conv2"),
    "added in a branch": (after("branch relu", CONV), "CNN407", "branch relu", "after 2.relu1 the code has 2.conv2 (conv 5×5 pad 2)"),
    "added at the end of a branch": (after("three", "relu"), "CNN407", "three", "after 2.conv2 the code has 2.relu2 (relu)"),
    "a copy more": (SPEC.replace("repeat: 3", "repeat: 5"), "CNN407", "blocks", "after Basic1 the code has Basic1.4 (Basic, 6 layers) and Basic1.5 (Basic, 6 layers)"),
    "a branch more": (after("pooled", "relu").replace("  - batch_norm  # after", "    - conv: {filters: 3, kernel: 7, padding: 3}\n  - batch_norm  # after").replace("      - relu\n    - conv: {filters: 3", "    - conv: {filters: 3"), "CNN407", "depthwise", "the code has 4.conv1 (conv 7×7 pad 3)"),
    # Another order.
    "swapped first": (swapped("second", "third"), "CNN408", "third", "stands"),
    "swapped in a block": (swapped("block norm", "block relu"), "CNN408", "block relu", "stands"),
    "swapped middle": (swapped("middle relu", "depthwise"), "CNN408", "middle relu", "stands after depthwise_conv1"),
    "swapped last": (swapped("after branches", "mean"), "CNN408", "mean", "stands"),
    "swapped in a branch": (swapped("branch pool", "pooled"), "CNN408", "branch pool", "stands"),
    # Another input.
    "smaller input": (SPEC.replace("32x32x3", "28x28x3"), "CNN405", "input", "the input is 32×32×3, in the code 28×28×3"),
    "more channels": (SPEC.replace("32x32x3", "32x32x4"), "CNN405", "input", "the input is 32×32×3, in the code 32×32×4"),
    # Another name.
    "renamed": (SPEC.replace("name: stem", "name: entry"), "CNN409", "first", "stem is called entry in the code"),
    "renamed middle": (SPEC.replace("name: middle", "name: mid"), "CNN409", "middle", "middle is called mid in the code"),
    "renamed last": (SPEC.replace("name: logits", "name: head"), "CNN409", "last", "logits is called head in the code"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_difference_is_found_once_and_at_its_line(name: str) -> None:
    text, code, mark, message = CASES[name]
    assert text != SPEC
    found = problems(text)
    assert [(problem.code.code, problem.line) for problem in found] == [
        (code, 2 if mark == "input" else place(mark))
    ], [str(problem) for problem in found]
    assert message.lower() in found[0].message.lower()
    assert found[0].facts[0] == "code: code"


@pytest.mark.parametrize("name", [name for name in CASES if "renamed" not in name])
def test_names_are_not_needed(name: str) -> None:
    """The same where the code has other names, or none."""
    text, code, mark, _ = CASES[name]
    found = problems(re.sub(r"^ +name: .*\n", "", text, flags=re.MULTILINE))
    assert [(problem.code.code, problem.line) for problem in found] == [
        (code, 2 if mark == "input" else place(mark))
    ], [str(problem) for problem in found]


# What is written in other ways, and is no difference.

WAYS = {
    "an activation of its own": (
        "layers: [conv: {filters: 8, kernel: 3, activation: relu}]",
        "layers: [conv: {filters: 8, kernel: 3}, relu]",
    ),
    "padding of its own": (
        "layers: [conv: {filters: 8, kernel: 3, padding: 1}]",
        "layers: [zero_pad: 1, conv: {filters: 8, kernel: 3}]",
    ),
    "padding of a pool of its own": (
        "layers: [relu, max_pool: {kernel: 3, stride: 2, padding: 1}]",
        "layers: [relu, zero_pad: 1, max_pool: {kernel: 3, stride: 2}]",
    ),
    "padding by its name": (
        "layers: [conv: {filters: 8, kernel: 5, stride: 2, padding: same}]",
        "layers: [conv: {filters: 8, kernel: 5, stride: 2, padding: [[1, 2], [1, 2]]}]",
    ),
    "separable in two steps": (
        "layers: [separable_conv: {filters: 8, kernel: 3, padding: 1}]",
        "layers: [depthwise_conv: {kernel: 3, padding: 1, bias: false}, conv: {filters: 8, kernel: 1}]",
    ),
    "a group for each channel": (
        "layers: [depthwise_conv: {kernel: 3, multiplier: 2}]",
        "layers: [conv: {filters: 8, kernel: 3, groups: 4}]",
    ),
    "dropout": (
        "layers: [flatten, dropout: 0.5, fc: 8, drop_path: 0.2, identity]",
        "layers: [fc: 8]",
    ),
    "softmax at the end": ("layers: [fc: 8, softmax]", "layers: [fc: 8]"),
    "one place": (
        "layers: [global_avg_pool, conv: {filters: 8, kernel: 1}, flatten]",
        "layers: [global_avg_pool: {keep: false}, fc: 8]",
    ),
    "pools over everything": (
        "layers: [adaptive_avg_pool: 1, flatten, fc: 3]",
        "layers: [avg_pool: 16, fc: 3]",
    ),
    "a pool that changes nothing": (
        "layers: [max_pool: 2, adaptive_avg_pool: 8, fc: 3]",
        "layers: [max_pool: 2, fc: 3]",
    ),
    "rounding that changes nothing": (
        "layers: [max_pool: {kernel: 2, rounding: ceil}]",
        "layers: [max_pool: 2]",
    ),
    "sums one by one": (
        "layers: [relu: , tanh: , sigmoid: , {add: [relu1, tanh1, sigmoid1]}]",
        "layers: [relu: , tanh: , sigmoid: , {add: [tanh1, relu1], name: sum}, {add: [sum, sigmoid1]}]",
    ),
    "the other way first": (
        "layers: [{residual: [{conv: {filters: 4, kernel: 3, padding: 1}}], "
        "shortcut: [{conv: {filters: 4, kernel: 1}}]}]",
        "layers: [{conv: {filters: 4, kernel: 1}, name: short}, {conv: {filters: 4, kernel: 3, "
        "padding: 1}, name: long, from: input}, {add: [short, long]}]",
    ),
    "branches in another order": (
        "layers: [{branches: [[{conv: {filters: 4, kernel: 1}}], [{conv: {filters: 6, kernel: 1}}, "
        "relu], [max_pool: {kernel: 3, stride: 1, padding: 1}]]}, fc: 5]",
        "layers: [{branches: [[max_pool: {kernel: 3, stride: 1, padding: 1}], [{conv: {filters: 6, "
        "kernel: 1}}, relu], [{conv: {filters: 4, kernel: 1}}]]}, fc: 5]",
    ),
    "one concat a step": (
        "layers: [relu: , {tanh: , from: relu1}, {concat: [relu1, tanh1], name: one}, sigmoid: , "
        "{concat: [one, sigmoid1]}]",
        "layers: [relu: , {tanh: , from: relu1}, {concat: [relu1, tanh1]}, sigmoid: , "
        "{concat: [relu1, tanh1, sigmoid1]}]",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WAYS)
def test_two_ways_to_write_one_network_are_equal(name: str) -> None:
    one, other = (f"input: 16x16x4\n{text.replace(': ,', ',')}" for text in WAYS[name])
    assert problems(one, other) == []
    assert problems(other, one) == []


# Other texts.


def test_what_a_layer_reads_is_compared() -> None:
    spec = (
        "input: 8x8x4\nlayers:\n- {relu: , name: a}\n- {tanh: , name: b}\n"
        "- {sigmoid: , name: c}\n- add: [a, c]\n- conv: 3@3x3\n- fc: 5\n"
    )
    (found,) = problems(spec.replace("[a, c]", "[b, c]"), spec)
    assert (found.code.code, found.line) == ("CNN408", 6)
    assert found.message == "add1 reads a and c, in the code b and c (add1)"


def test_other_results_are_found() -> None:
    spec = (
        "name: two\ninput: 8x8x4\nlayers: [{relu: , name: a}, {fc: 3, name: b}]\noutputs: [a, b]\n"
    )
    (found,) = problems(spec.replace("[a, b]", "b"), spec)
    assert (found.code.code, found.line) == ("CNN408", 1)
    assert found.message == "the result is that of a and b, in the code of b"


def test_a_stride_in_the_call_of_a_block_is_that_of_two_layers() -> None:
    found = problems(changed("down", "[32, 2]", "[32, 4]"))
    assert [problem.line for problem in found] == [place("block conv"), place("shortcut")]


def test_every_copy_is_named() -> None:
    (found,) = problems(changed("block last", "kernel: 3, padding: 1", "kernel: 5, padding: 2"))
    assert found.message.endswith("(Basic1.1.body.conv2); 3 more differences here")
    also = "also: Basic1.2.body.conv2, Basic1.3.body.conv2 and Basic2.body.conv2"
    assert found.facts == ("code: code", also)


def test_what_to_write_is_said_where_a_number_stands() -> None:
    (found,) = problems(changed("middle", "48", "64"))
    assert found.help == "if the code is right, write filters: 64"
    assert found.span.source.text[found.span.start : found.span.end] == "48"
    for found in problems(changed("down", "[32, 2]", "[64, 2]")):
        assert found.help == ""
        assert "has filters 32, in the code 64" in found.message


def test_names_are_compared_where_most_are_kept() -> None:
    """A spec with names of its own is not asked to have those of the code."""
    other = SPEC
    for name in ("stem", "pool", "middle", "hidden", "logits"):
        other = other.replace(f"name: {name}", f"name: {name}_x")
    assert problems(other) == []


def test_shared_weights_are_compared() -> None:
    spec = (
        "input: 8x8x4\nlayers:\n- {conv: {filters: 4, kernel: 3, padding: 1}, name: a}\n"
        "- relu\n- reuse: a\n- relu\n"
    )
    other = spec.replace("reuse: a", "conv: {filters: 4, kernel: 3, padding: 1}")
    (found,) = problems(other, spec)
    assert (found.code.code, found.line) == ("CNN405", 5)
    assert "has shared true, in the code none" in found.message


@pytest.mark.parametrize(
    "name", ["resnet50", "googlenet", "densenet121", "unet", "yolov3", "siamese"]
)
def test_a_network_is_equal_to_itself(name: str) -> None:
    assert differences(cnncalc.load(name), cnncalc.load(name)) == []


@given(stacks(), st.data())
def test_without_a_difference_all_numbers_are_equal(
    layers: list[Item], data: st.DataObject
) -> None:
    """Whatever is changed in a drawn network, it is found, or changes no number."""
    network = build("12x12x3", *layers)
    assert differences(network, build("12x12x3", *layers)) == []
    other = [*layers]
    place = data.draw(st.integers(0, len(other) - 1))
    change = data.draw(st.sampled_from(["drop", "copy", "swap"]))
    if change == "drop" and len(other) > 1:
        del other[place]
    elif change == "copy":
        other.insert(place, other[place])
    else:
        other[place], other[place - 1] = other[place - 1], other[place]
    code = build("12x12x3", *other)
    if not differences(network, code):
        for quantity in ("parameters", "statistics", "macs"):
            assert network.quantity(quantity) == code.quantity(quantity)
        assert network.output.values == code.output.values
