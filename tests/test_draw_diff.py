"""diff -o diff.svg: two networks over each other."""

from pathlib import Path

import pytest
from pictures import SVG, check_layout, elements, layers
from running import Command
from strategies import build

import cnncalc
from cnncalc.commands.diff.compare import ADDED, CHANGED, REMOVED, Comparison
from cnncalc.commands.draw.compared import render_svg
from cnncalc.commands.draw.union import SAME
from cnncalc.network.model import Network
from cnncalc.render.stream import Paper

PAIRS = [
    ("lenet", "lenet-1998"), ("resnet50", "resnet101"), ("resnet50", "resnet50v2"),
    ("vgg16", "vgg19"), ("alexnet", "alexnet-2012"), ("googlenet", "googlenet-2014"),
    ("unet", "unet-keras"), ("siamese", "lenet"), ("densenet", "densenet169"),
]  # fmt: skip


def picture(before: Network, after: Network) -> str:
    return render_svg(Comparison.of(before, after, ("a", "b")), Paper())


def states(svg: str) -> dict[str, str]:
    """The state of each box by its path, as its tooltip says it."""
    root = check_layout(svg)
    marked = [node for node in elements(root) if "data-layer" in node.attrib]
    return {n.get("data-layer", ""): n.findtext(f"{SVG}title") or "" for n in marked}


@pytest.mark.parametrize(("one", "two"), PAIRS)
def test_what_came_and_went_is_what_diff_finds(one: str, two: str) -> None:
    found = Comparison.of(cnncalc.load(one), cnncalc.load(two), (one, two))
    root = check_layout(render_svg(found, Paper()))
    marked = [node for node in elements(root) if "data-layer" in node.attrib]
    drawn = [(n.findtext(f"{SVG}title"), n.get("data-layer")) for n in marked]
    for state in (ADDED, REMOVED):
        paths = sorted(change.path for change in found.changes if change.kind == state)
        shown = {path for kind, path in drawn if kind in (state, CHANGED)}
        inside = [p for p in paths if not any(p.startswith(f"{box}.") for box in shown)]
        assert found.before
        assert found.after
        inputs = {*found.before.inputs, *found.after.inputs}  # which diff says nothing of
        assert sorted(p for kind, p in drawn if kind == state and p not in inputs) == inside


@pytest.mark.parametrize("name", ["lenet", "unet", "siamese"])
def test_a_network_and_itself_differ_in_nothing(name: str) -> None:
    network = cnncalc.load(name)
    assert set(states(picture(network, network)).values()) == {SAME}


def test_an_edge_of_one_network_alone_is_drawn_as_its_boxes() -> None:
    conv = {"conv": {"filters": 4, "kernel": 3, "padding": 1}, "name": "one"}
    more = {"conv": {"filters": 4, "kernel": 5, "padding": 2}, "name": "two"}
    before = build("8x8x3", conv, "global_avg_pool")
    svg = picture(before, build("8x8x3", conv, more, "global_avg_pool"))
    assert states(svg) == {
        "input": SAME, "one": SAME, "two": ADDED, "global_avg_pool1": SAME,
    }  # fmt: skip
    lines = [node for node in elements(check_layout(svg)) if node.tag == f"{SVG}path"]
    dashed = [node for node in lines if node.get("stroke-dasharray")]
    assert (len(lines), len(dashed)) == (4, 1)


def test_neighbours_without_changes_are_one_box() -> None:
    convs = [{"conv": {"filters": n, "kernel": 1}} for n in range(1, 6)]
    before = build("8x8x3", *convs, {"fc": 10})
    after = build("8x8x3", *convs, {"fc": 20})
    assert layers(check_layout(picture(before, after))) == ["input", "conv1", "fc1"]


def test_the_command_writes_it(run: Command, tmp_path: Path) -> None:
    path = tmp_path / "diff.svg"
    assert run("diff", "lenet", "lenet-1998", "-o", path).code == 0
    check_layout(path.read_text("utf-8"))


def test_a_network_that_came_is_all_new() -> None:
    svg = render_svg(Comparison.of(None, cnncalc.load("lenet"), ("/dev/null", "lenet")), Paper())
    assert set(states(svg).values()) == {ADDED}


def test_a_report_of_many_specs_is_no_picture(run: Command, tmp_path: Path) -> None:
    found = run("diff", "HEAD", "tests", "specs", "-o", tmp_path / "diff.svg")
    assert found.code == 2
    assert "a picture shows two networks: name both of them" in found.err
