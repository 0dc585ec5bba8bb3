"""A network made in Python is the one that its spec describes, in every quantity and report."""

from __future__ import annotations

import copy
import pickle
import threading
from typing import Any

import pytest
import yaml

import cnncalc
from cnncalc import Builder, BuilderError
from cnncalc.commands.describe.sheet import COLUMNS, network_sheet
from cnncalc.commands.diff.compare import compare, totals
from cnncalc.commands.explain.explanation import explain
from cnncalc.layers import KINDS, Operation
from cnncalc.layers.merge import Merge
from cnncalc.quantities import QUANTITIES

every_kind = pytest.mark.parametrize("cls", KINDS.values(), ids=list(KINDS))


def assert_same(by_hand: cnncalc.Network, from_text: cnncalc.Network) -> None:
    """Equal in everything but the lines that only a text has."""
    mine, theirs = cnncalc.to_dict(by_hand), cnncalc.to_dict(from_text)
    for row in (*mine["layers"], *theirs["layers"]):
        del row["line"]
    assert mine == theirs
    assert compare(by_hand, from_text) == []
    assert all(total.difference == 0 for total in totals(by_hand, from_text))
    columns = list(COLUMNS.values())
    for expand in (1, 9):
        rows = [network_sheet(net, columns, expand).rows for net in (by_hand, from_text)]
        assert [row.cells for row in rows[0]] == [row.cells for row in rows[1]]
    for one, other in zip(by_hand.elements(), from_text.elements(), strict=True):
        assert explain(one)._replace(**_no_line(one)) == explain(other)._replace(**_no_line(one))


def _no_line(element: object) -> dict[str, Any]:
    return {"line": None} if isinstance(element, cnncalc.Layer) else {"layers": ()}


def by_hand(cls: type[Operation]) -> cnncalc.Network:
    """The example of a kind as a program makes it, its arguments read by PyYAML."""
    net = Builder("example", input=cls.example_input)
    one = two = net.input
    if issubclass(cls, Merge):
        one = net.layer("identity", net.input, name="one")
        two = net.layer("identity", one, name="two")
    item = yaml.safe_load(cls.example)
    arguments = item[cls.kind] if isinstance(item, dict) else {}
    if issubclass(cls, Merge):
        return net.network(net.layer(cls.kind, one, two))
    if not isinstance(arguments, dict) or _gives_sides(cls, arguments):
        assert cls.primary is not None
        arguments = {cls.primary: arguments}
    return net.network(net.layer(cls.kind, net.input, **arguments))


def _gives_sides(cls: type[Operation], arguments: dict[str, Any]) -> bool:
    return not any(name in cls.arguments for name in arguments) and bool(arguments)


def from_text(cls: type[Operation]) -> cnncalc.Network:
    before = "  - {identity: , name: one}\n  - {identity: , name: two}\n"
    before = before if issubclass(cls, Merge) else ""
    return cnncalc.loads(
        f"name: example\ninput: {cls.example_input}\nlayers:\n{before}  - {cls.example}\n"
    )


@every_kind
def test_every_kind_is_the_same_by_hand(cls: type[Operation]) -> None:
    assert_same(by_hand(cls), from_text(cls))


def test_groups_frozen_and_shared_weights_by_hand() -> None:
    text = """
name: groups
input: 16x16x3
layers:
  - conv: {filters: 3, kernel: 3, padding: same}
    name: stem
    trainable: false
  - layers:
      - conv: {filters: 4, kernel: 3, stride: 2, padding: 1}
      - relu
    name: Stage
  - fc: 10
  - reuse: stem
    name: again
    from: stem
outputs: [fc1, again]
"""
    net = Builder("groups", input="16x16x3")
    stem = net.layer(
        "conv", net.input, name="stem", trainable=False, filters=3, kernel=3, padding="same"
    )
    with net.group("layers", stem, name="Stage"):
        x = net.layer("conv", stem, filters=4, kernel=3, stride=2, padding=1)
        x = net.layer("relu", x)
    fc = net.layer("fc", x, units=10)
    again = net.layer(
        "conv", stem, name="again", shares=stem, trainable=False,
        filters=3, kernel=3, padding="same",
    )  # fmt: skip
    network = net.network({"fc1": fc, "again": again})
    assert_same(network, cnncalc.loads(text))
    assert (network.parameters, network.trainable) == (84 + 112 + 2570, 112 + 2570)


def test_a_network_by_hand_is_checked() -> None:
    """With the findings of its spec, at the layers instead of at lines."""
    net = Builder("by hand", input="32x32x3")
    x = net.layer("conv", net.input, filters=8, kernel=2, stride=3)
    x = net.layer("max_pool", x, kernel=1, stride=2)
    net.layer("conv", x, name="unread", filters=8, kernel=3)
    network = net.network(net.layer("fc", x, units=10))
    text = (
        "input: 32x32x3\nlayers: [conv: {filters: 8, kernel: 2, stride: 3}, "
        "max_pool: {kernel: 1, stride: 2}, {conv: {filters: 8, kernel: 3}, name: unread}, "
        "{fc: 10, from: max_pool1}]"
    )
    found = cnncalc.check(network)
    known = cnncalc.check(cnncalc.read_text(text))
    codes = [
        (problem.code.code, problem.layer) for problem in known if "CNN316" not in str(problem)
    ]
    assert sorted((problem.code.code, problem.layer) for problem in found) == sorted(codes)
    assert "unread" in {problem.layer for problem in found}
    cnncalc.check(cnncalc.load("resnet50"))


def test_a_copy_is_the_same() -> None:
    net = Builder("net", input={"left": "8x8x1", "right": "8x8x1"})
    left = net.layer("conv", net.inputs["left"], filters=2, kernel=3)
    right = net.layer("conv", net.inputs["right"], shares=left, filters=2, kernel=3)
    network = net.network(net.layer("add", left, right))
    for again in (copy.deepcopy(network), pickle.loads(pickle.dumps(network))):
        assert_same(again, network)
        assert again["conv2"].shares is again["conv1"]
    element = pickle.loads(pickle.dumps(network["conv2"]))
    assert element.path == "conv2"
    assert element.shares.path == "conv1"


@pytest.mark.parametrize(
    ("kind", "arguments", "says"),
    [
        ("cnov", {}, "no kind 'cnov'; did you mean conv?"),
        ("conv", {"filters": 2}, "conv1: conv needs kernel"),
        ("conv", {"kernell": 3}, "conv has no argument 'kernell'; did you mean kernel?"),
        ("conv", {"filters": 0, "kernel": 3}, "conv1: filters takes a whole number of at least 1"),
        ("conv", {"filters": 2, "kernel": 9}, "kernel 9×9 does not fit into the 8×8×1 input"),
        ("conv1d", {"filters": 2, "kernel": 3}, "conv1d works on 1 axis"),
    ],
)  # fmt: skip
def test_what_cannot_be_made_is_refused(kind: str, arguments: dict[str, Any], says: str) -> None:
    net = Builder(input="8x8x1")
    with pytest.raises(BuilderError) as refused:
        net.layer(kind, net.input, **arguments)
    assert says in str(refused.value)


def test_weights_are_shared_only_where_they_fit() -> None:
    net = Builder(input="8x8x1")
    first = net.layer("conv", net.input, filters=2, kernel=3)
    with pytest.raises(BuilderError, match="conv1 has 18 weights on 8×8×1"):
        net.layer("conv", first, shares=first, filters=2, kernel=3)
    with pytest.raises(BuilderError, match="another kind"):
        net.layer("relu", first, shares=first)
    assert [*net.network(first)] == [first]


def test_an_empty_network_is_a_network() -> None:
    net = Builder("empty", input="8x8x1")
    network = net.network(net.input)
    assert (network.parameters, network.connections, len(network)) == (0, 0, 0)
    assert network.output == network.input
    assert "0 layers" in repr(network)


def test_every_quantity_is_a_documented_attribute() -> None:
    network = cnncalc.load("lenet")
    for key, quantity in QUANTITIES.items():
        name = "layer_count" if key == "layers" else key  # network.layers are the layers
        assert name in dir(network)
        assert getattr(type(network), name).__doc__ == quantity.meaning
        with pytest.raises(AttributeError, match="cannot be set"):
            setattr(network, name, 1)


def test_networks_are_built_in_threads() -> None:
    """Many at a time, from one Spec; each comes out as it does alone."""
    spec = cnncalc.read_text(
        "input: 32x32x3\nvars: {n: 1}\nlayers:\n  - conv: {filters: $n, kernel: 3}\n"
    )
    found: dict[int, int] = {}

    def work(n: int) -> None:
        for _ in range(20):
            found[n] = cnncalc.build(spec, vars={"n": n}).network.parameters

    threads = [threading.Thread(target=work, args=(n,)) for n in range(1, 7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {n: 28 * n for n in range(1, 7)}
