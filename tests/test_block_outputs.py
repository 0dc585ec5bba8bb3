"""Blocks with several outputs: `outputs: {label: name, ...}`, read as `Call.label`."""

import pytest

import cnncalc

BLOCK = """\
input: 16x16x4
blocks:
  Encoder:
    args: {w}
    layers:
      - {conv: {filters: $w, kernel: 3, padding: 1}, name: c1}
      - {max_pool: 2, name: p1}
      - {relu: null, name: r}
    outputs: {deep: p1, skip: c1}
  Up: {args: {skip}, layers: [{upsample: 2, name: u}, concat: [u, $skip]]}
layers:
"""


def load(*items: str) -> cnncalc.Network:
    return cnncalc.loads(BLOCK + "".join(f"  - {item}\n" for item in items))


def sources(network: cnncalc.Network, path: str) -> list[str]:
    layer = network[path]
    assert isinstance(layer, cnncalc.Layer)
    return [source.path for source in layer.sources]


# "The first is what the call hands on".


def test_the_first_is_what_the_call_hands_on() -> None:
    network = load("{Encoder: 8, name: enc}", "{relu: null, name: next}")
    assert network["enc"].output == cnncalc.Volume((8, 8), 8)
    assert sources(network, "next") == ["enc.p1"]


# "`Call.label` names the others in `from`, merges and arguments".


def test_a_label_in_from() -> None:
    network = load("{Encoder: 8, name: enc}", "{relu: null, name: next, from: enc.skip}")
    assert sources(network, "next") == ["enc.c1"]


def test_labels_in_a_merge() -> None:
    network = load(
        "{Encoder: 8, name: a}",
        "{Encoder: 8, name: b, from: input}",
        "{add: [a.skip, b.skip], name: sum}",
        "{add: {from: [a.deep, prev], crop: true}, name: cut}",
    )
    assert sources(network, "sum") == ["a.c1", "b.c1"]
    assert sources(network, "cut") == ["a.p1", "sum"]


def test_a_label_as_an_argument() -> None:
    network = load("{Encoder: 8, name: enc}", "{Up: enc.skip, name: up}")
    assert sources(network, "up.concat1") == ["up.u", "enc.c1"]


def test_a_label_handed_on_from_block_to_block() -> None:
    calls = "  - {Encoder: 8, name: enc}\n  - {Twice: enc.skip, name: twice}\n"
    text = (BLOCK + calls).replace(
        "  Up:", "  Twice: {args: {s}, layers: [{Up: $s, name: up}]}\n  Up:"
    )
    assert sources(cnncalc.loads(text), "twice.up.concat1") == ["twice.up.u", "enc.c1"]


# "no other dotted path".


@pytest.mark.parametrize("name", ["enc.c1", "enc.p1", "plain.c1", "enc.deep.x"])
def test_no_other_dotted_path(name: str) -> None:
    with pytest.raises(cnncalc.SpecError) as failed:
        load(
            "{Encoder: 8, name: enc}",
            "{layers: [{relu: null, name: c1}], name: plain}",
            f"{{relu: null, from: {name}}}",
        )
    assert [problem.code.code for problem in failed.value.problems] == ["CNN118"]


# "A label differs from the names of items in the block and from channels, height, width, depth,
# length."


@pytest.mark.parametrize("label", ["c1", "channels", "height", "width", "depth", "length", "prev"])
def test_a_label_differs_from_names_and_sizes(label: str) -> None:
    text = BLOCK.replace("skip: c1", f"{label}: c1") + "  - {Encoder: 8, name: enc}\n"
    with pytest.raises(cnncalc.SpecError) as failed:
        cnncalc.loads(text)
    assert [problem.line for problem in failed.value.problems if problem.severity == "error"] == [9]


# "A repeated call's are its last copy's".


def test_of_a_repeated_call_the_last_copys() -> None:
    network = load("{Encoder: 8, name: enc, repeat: 3}", "{relu: null, name: n, from: enc.skip}")
    assert sources(network, "n") == ["enc.3.c1"]


# "naming a label of a skipped call is an error".


@pytest.mark.parametrize("skip", ["when: false", "repeat: 0"])
def test_naming_a_label_of_a_skipped_call_is_an_error(skip: str) -> None:
    with pytest.raises(cnncalc.SpecError, match=r"enc is skipped \(line 12\), so it has no output"):
        load(f"{{Encoder: 8, name: enc, {skip}}}", "{relu: null, from: enc.skip}")


# Fields and weights go through labels; a reuse has outputs of its own.


def test_a_reuse_of_a_call_has_its_own_outputs() -> None:
    network = load(
        "{Encoder: 4, name: a}", "{reuse: a, name: b}", "{relu: null, name: n, from: b.skip}"
    )
    assert sources(network, "n") == ["b.c1"]
    assert network["n"].output == cnncalc.Volume((8, 8), 4)
    assert network["b"].parameters == 0


def test_the_field_behind_a_label_is_that_of_its_layer() -> None:
    network = load("{Encoder: 8, name: enc}", "{conv: 2@3x3, from: enc.skip, name: n}")
    field = network["n"].receptive_field
    assert field is not None
    assert field.sizes == {"input": (5, 5)}


def test_a_label_that_came_in_as_an_argument_has_sizes() -> None:
    up = "{args: {skip}, layers: [{conv: {filters: 2*$skip.channels, kernel: 1}, name: c}]}"
    text = BLOCK.replace("  Up: {", f"  Wide: {up}\n  Up: {{")
    network = cnncalc.loads(text + "  - {Encoder: 8, name: enc}\n  - {Wide: enc.skip, name: w}\n")
    assert network["w"].output == cnncalc.Volume((8, 8), 16)
