"""Pictures of networks as text, and Mermaid."""

import re

import pytest
from strategies import build

import cnncalc
from cnncalc.commands.draw import profile, tree, volumes
from cnncalc.commands.draw.item_maker import items_of
from cnncalc.commands.draw.items import in_place
from cnncalc.commands.draw.options import Options
from cnncalc.render.stream import Paper, encodable

NETWORKS = ["lenet", "alexnet", "resnet50", "googlenet", "unet", "textcnn", "c3d", "siamese"]


@pytest.mark.parametrize("name", NETWORKS)
def test_bars_are_as_long_as_their_numbers(name: str) -> None:
    """Every number of the text is that of the row, and the largest bar of a column is full."""
    network = cnncalc.load(name)
    text = profile.text(network, Options(), Paper())
    found = profile.profile_of(network, Options())
    for row in found.rows:
        (line,) = [
            line for line in text.splitlines() if re.match(rf"  {re.escape(row.name)}\s", line)
        ]
        for value, known in zip(row.values, found.shows, strict=True):
            assert (profile.amount(known, value) if value else "–") in line
    assert text.count("█" * 10) >= len(found.shows)


@pytest.mark.parametrize("name", NETWORKS)
def test_the_tree_has_every_box_and_what_it_reads(name: str) -> None:
    network = cnncalc.load(name)
    items = items_of(network, Options(), most=45, hides=in_place)
    lines = tree.text(network, Options(), Paper()).splitlines()
    boxes = [item for item in items.leaves() if item.output is not None]
    assert sum(bool(re.match(r"  [│ ]*[├└]", line)) for line in lines) >= len(boxes)
    for item in boxes:
        line = [x for x in lines if item.name in x and item.output and item.output.text() in x]
        assert line, item.path


def test_a_merge_says_what_it_adds() -> None:
    conv = {"conv": {"filters": 3, "kernel": 1}}
    text = tree.text(build("8x8x3", {"residual": conv}), Options(), Paper())
    assert "← body.conv1 + input" in text


def test_bars_of_volumes_are_in_proportion() -> None:
    text = volumes.text(cnncalc.load("lenet"), Options(), Paper(width=80))
    bars = {line.split()[0]: line.count("█") for line in text.splitlines() if "█" in line}
    assert bars["input"] == max(bars.values())
    assert bars["avg_pool1"] == int(bars["input"] * (14 / 32) ** 0.5)


def test_plain_signs_where_the_stream_has_no_others() -> None:
    text = tree.text(cnncalc.load("unet"), Options(), Paper())
    text += profile.text(cnncalc.load("lenet"), Options(), Paper())
    assert "\\u" not in encodable(text, "ascii")


# Mermaid.


@pytest.mark.parametrize("name", [*NETWORKS, "densenet264", "inception_v3"])
def test_mermaid_has_every_edge_and_stays_below_its_limits(name: str) -> None:
    network = cnncalc.load(name)
    text = tree.mermaid(network, Options())
    nodes = set(re.findall(r"^ *(\w+)[\[(]", text, re.MULTILINE))
    edges = re.findall(r"^ *(\w+) --> (\w+)$", text, re.MULTILINE)
    assert {end for edge in edges for end in edge} <= nodes
    assert len(edges) <= tree.MOST_EDGES + len(network.outputs)
    assert len(text) <= tree.MOST_SIGNS
    assert text.count("subgraph ") == len(re.findall(r"^ *end$", text, re.MULTILINE))


def test_mermaid_reads_hostile_names_as_text() -> None:
    network = build("8x8x3", {"conv": {"filters": 4, "kernel": 3}, "name": "one"})
    network.name = 'x";\nclick n0 call alert(1)<script>'
    network["one"].path = '"]; A-->B %% <b> `x` #quot; end'
    network.__dict__.pop("by_path", None)
    text = tree.mermaid(network, Options())
    assert len(re.findall(r"^ *\w+ --> \w+$", text, re.MULTILINE)) == 2
    assert all(sign not in text.replace("<br/>", "") for sign in ("<", "%%", "`", "\nclick"))
