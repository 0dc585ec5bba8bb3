"""`only: training`: an auxiliary head belongs to the network but does not run at inference."""

import pickle
from typing import Any

import pytest
from running import Command

import cnncalc
from cnncalc.quantities import ONCE, QUANTITIES

HEAD = "{layers: [global_avg_pool, {fc: 10, name: f}], name: aux, only: training}"
BODY = """\
input: 8x8x3
layers:
  - {{conv: {{filters: 4, kernel: 3, padding: 1}}, name: c1}}
{head}
  - {{conv: {{filters: 6, kernel: 3, padding: 1}}, name: c2}}
outputs: {outputs}
"""
WITHOUT = BODY.format(head="", outputs="[c2]")
WITH = BODY.format(head=f"  - {HEAD}", outputs="[c2, aux]")
ORDINARY = BODY.format(
    head=f"  - {HEAD.replace(', only: training', '')}", outputs="[c2, aux]"
).replace("padding: 1}, name: c2", "padding: 1}, name: c2, from: c1")
STORED = [name for name, quantity in QUANTITIES.items() if quantity.adds == ONCE]
# The memory that training takes is that of all that is trained, heads too.
COSTS = [
    name
    for name, quantity in QUANTITIES.items()
    if quantity.adds_up and name not in (*STORED, "training_memory")
]


# "It hands its input on: `prev` after it is `prev` before it."


def test_it_hands_its_input_on() -> None:
    network = cnncalc.loads(WITH)
    layer = network["c2"]
    assert isinstance(layer, cnncalc.Layer)
    assert layer.sources == (network["c1"],)


def test_prev_in_a_merge_is_what_stands_before_the_head() -> None:
    text = WITH.replace(
        "{conv: {filters: 6, kernel: 3, padding: 1}, name: c2}", "{add: [c1, prev], name: c2}"
    )
    layer = cnncalc.loads(text)["c2"]
    assert isinstance(layer, cnncalc.Layer)
    assert [source.path for source in layer.sources] == ["c1", "c1"]


@pytest.mark.parametrize("when", ["true", "false"])
@pytest.mark.parametrize("meta", ["", ", repeat: 2", ", each: {n: [1, 2]}"])
def test_prev_after_a_head_further_up_is_prev_before_it(when: str, meta: str) -> None:
    """`from:` says what the head reads, and nothing of what follows."""
    head = f"  - {{conv: 4@1, from: c1, name: aux, only: training, when: {when}{meta}}}\n"
    text = WITHOUT.replace("outputs:", f"{head}  - {{relu: null, name: end}}\noutputs:")
    end = cnncalc.loads(text.replace("[c2]", "[end]"))["end"]
    assert isinstance(end, cnncalc.Layer)
    assert [source.path for source in end.sources] == ["c2"]


def test_dollar_in_after_it_is_that_of_the_item_before() -> None:
    text = WITH.replace("filters: 6", "filters: 2*$in")
    assert cnncalc.loads(text)["c2"].output == cnncalc.Volume((8, 8), 8)


# "Items inside it and `outputs:` may name it, nothing else (an output only under `--training`)."


def test_items_inside_may_name_one_another() -> None:
    head = "{layers: [{fc: 4, name: a}, {fc: 4, name: b}, add: [a, b]], name: aux, only: training}"
    network = cnncalc.loads(WITH.replace(HEAD, head))
    assert network["aux.add1"].output == cnncalc.Volume((), 4)


def test_an_output_only_under_training() -> None:
    assert list(cnncalc.loads(WITH).outputs) == ["c2"]
    assert list(cnncalc.loads(WITH, training=True).outputs) == ["c2", "aux"]


def test_a_head_alone_is_no_output_at_inference() -> None:
    text = WITH.replace("[c2, aux]", "[aux]")
    with pytest.raises(cnncalc.SpecError, match="every output runs in training only"):
        cnncalc.loads(text)
    assert list(cnncalc.loads(text, training=True).outputs) == ["aux"]


@pytest.mark.parametrize(
    "reader",
    [
        "relu: null, from: aux",
        "add: [c1, aux]",
        "reuse: aux",
        "conv: {filters: $aux.channels, kernel: 1}",
    ],
)
def test_nothing_else_names_it(reader: str) -> None:
    with pytest.raises(cnncalc.SpecError, match="aux runs in training only"):
        cnncalc.loads(WITH.replace("outputs:", f"  - {{{reader}}}\noutputs:"))


TWO = """\
input: 32x32x1
blocks:
  Two: {{layers: [{{conv: 3@1, name: c}}, {{relu: null, name: r}}], outputs: {{end: r, early: c}}}}
  Reader: {{args: [volume], layers: [{{conv: {{filters: $volume.channels, kernel: 1}}}}]}}
layers:
  - {{{head}, name: aux, only: training}}
  - {{{reader}}}
"""


@pytest.mark.parametrize("head", ["Two: null", "network: {spec: lenet, to: avg_pool1}"])
@pytest.mark.parametrize(
    "reader", ["relu: null, from: LABEL", "add: [LABEL, prev]", "Reader: LABEL", "resize: LABEL"]
)
def test_nothing_else_names_its_labels(head: str, reader: str) -> None:
    label = "aux.early" if head.startswith("Two") else "aux.C1"
    reader = reader.replace("resize: LABEL", f"resize: {{like: {label}}}").replace("LABEL", label)
    with pytest.raises(cnncalc.SpecError, match=f"{label} runs in training only"):
        cnncalc.loads(TWO.format(head=head, reader=reader))


def test_a_head_of_a_network_that_is_taken_in_is_not_read() -> None:
    text = "input: 224x224x3\nlayers:\n  - {network: googlenet_aux, name: net}\n"
    assert cnncalc.loads(text).parameters == 13_004_888
    with pytest.raises(cnncalc.SpecError, match="net has no output aux1"):
        cnncalc.loads(f"{text}  - {{relu: null, from: net.aux1}}\n")


# "Weights, biases, parameters, statistics and parameter memory count it always; layers, costs and
# fields only under `--training`".


def test_what_is_stored_counts_always() -> None:
    head, ordinary = cnncalc.loads(WITH), cnncalc.loads(ORDINARY)
    for name in STORED:
        assert head.quantity(name) == ordinary.quantity(name), name


def test_what_a_run_costs_counts_under_training_only() -> None:
    without, head, ordinary = map(cnncalc.loads, (WITHOUT, WITH, ORDINARY))
    training = cnncalc.loads(WITH, training=True)
    for name in COSTS:
        assert head.quantity(name) == without.quantity(name), name
        assert head["aux"].quantity(name) == head["aux.f"].quantity(name) == 0, name
        assert training.quantity(name) == ordinary.quantity(name), name
    assert (len(head), head.weight_layers) == (len(without), without.weight_layers) == (2, 2)
    assert (len(training), training.weight_layers) == (len(ordinary), ordinary.weight_layers)


def test_fields_are_there_under_training_only() -> None:
    assert cnncalc.loads(WITH)["aux.f"].receptive_field is None
    field = cnncalc.loads(WITH, training=True)["aux.f"].receptive_field
    assert field == cnncalc.loads(ORDINARY)["aux.f"].receptive_field


def test_statistics_of_a_head_count() -> None:
    assert cnncalc.loads(WITH.replace("{fc: 10, name: f}", "batch_norm")).statistics == 8


def test_a_copy_knows_it() -> None:
    for training in (False, True):
        network = cnncalc.loads(WITH, training=training)
        copy: cnncalc.Network = pickle.loads(pickle.dumps(network))
        assert copy.macs == network.macs
        assert copy["aux"].training_only
        assert not copy["c2"].training_only


def test_torchvisions_googlenet_and_inception_v3() -> None:
    """torchvision: 13,004,888 and 27,161,264 parameters with auxiliary classifiers."""
    assert cnncalc.load("googlenet_aux").parameters == 13_004_888
    assert cnncalc.load("inception_v3_aux").parameters == 27_161_264
    assert cnncalc.load("googlenet_aux").macs == cnncalc.load("googlenet").macs
    assert cnncalc.load("inception_v3_aux", training=True).macs == 5_718_899_296


# "... only under `--training`, where expectations are not judged": one note says so.


def test_expectations_are_not_judged_under_training(run: Command, tmp_path: Any) -> None:
    spec = tmp_path / "net.yaml"
    spec.write_text(WITH + "expect: {macs: 3, output: 8x8x6}\n")
    assert run("check", spec).code == 1
    found = run("check", "-v", "--training", spec)
    assert found.code == 0
    assert found.out.count("under --training expectations are not judged") == 1
    assert run("describe", spec).code == 1
    assert run("describe", "--training", spec).code == 0
    assert "not judged" in run("describe", "--training", spec).err


def test_a_network_of_heads_alone_is_built(run: Command, tmp_path: Any) -> None:
    spec = tmp_path / "net.yaml"
    spec.write_text("input: 8x8x3\nlayers: [{fc: 10, only: training}]\n")
    assert "net.yaml: 0 layers\n" in run("check", "-v", spec).out


@pytest.mark.parametrize("command", ["describe", "explain", "check", "trace", "diff", "solve"])
def test_every_command_that_reads_a_spec_has_the_option(command: str, run: Command) -> None:
    assert "--training" in run(command, "--help").out


# In table, JSON, explain and diff it is marked.


def test_it_is_marked(run: Command, tmp_path: Any) -> None:
    spec, other = tmp_path / "net.yaml", tmp_path / "other.yaml"
    spec.write_text(WITH)
    other.write_text(ORDINARY)
    table = run("describe", spec).out
    assert "aux (training)" in table
    assert "--training counts what it costs" in table
    assert '"path": "aux.f"' in run("describe", spec, "--format", "json").out
    assert '"only": "training"' in run("describe", spec, "--format", "json").out
    assert "fc, in training only" in run("explain", spec).out
    assert "It runs in training only" in run("explain", spec, "aux.f").out
    assert "training → none" in run("diff", spec, other).out


@pytest.mark.parametrize("kind", ["volumes", "graph", "profile"])
def test_pictures_have_it_under_training_only(kind: str, run: Command, tmp_path: Any) -> None:
    spec = tmp_path / "net.yaml"
    spec.write_text(WITH)
    words = ("draw", spec, "--as", kind, "--format", "svg", "--expand", "all")
    assert run(*words).code == run(*words, "--training").code == 0
    assert run(*words).out != run(*words, "--training").out
