"""specs/README.md: all bundled networks with their totals, and the worked examples."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from typing import Any

from page_tools import data, facts, folded, oracles, table

import cnncalc
from cnncalc.language import bundled
from cnncalc.language.bundled import Entry
from cnncalc.wording import count

FRAMEWORKS = {
    "torchvision": "PyTorch",
    "timm": "timm",
    "keras": "Keras",
    "torch": "PyTorch by hand",
}
BY_HAND = "by hand"
DRAW = ("cnncalc", "draw", "NAME", "--expand", "1", "--max-items", "12")  # a small picture
IN_A_ROW = 3

Prints = list[tuple[str, str, str, str]]  # source, path, quantity, and how closely it was compared

INTRO = """\
# Networks and worked examples

These are the networks that come with cnncalc, one file a network or family, each with its source
and with expectations that are checked. `worked/` holds the worked examples of courses, books and
papers. Where print has another number, [ERRATA.md](ERRATA.md) says which is right, and why.

A file answers to its name, and to those of its variants, in any directory:

```sh
cnncalc describe resnet152     # the table of a network
cnncalc specs mobilenet        # which there are, found by any word
```
"""

# Where a worked example comes from, by words of its source; papers are what is left.
ORIGINS = {
    "Stanford's CS231n": ["Stanford CS231n"],
    "Dive into Deep Learning": ["Dive into Deep Learning"],
    "Machine Learning Mastery": ["machinelearningmastery.com"],
    "An introductory lesson, after the notes of CS231n": ["introductory lesson"],
    "Other courses": ["EECS 498", "Andrew Ng", "open course"],
    "A guide to convolution arithmetic": ["Dumoulin"],
    "Tutorials, documentation and code": [
        "tutorial", "a student's notes", "examples/mnist", "zhixuhao", "Edifice", "mlq.ai", "slim",
        "receptive field arithmetic",
    ],
    "Papers": [""],
}  # fmt: skip


@cache
def text() -> str:
    return "\n".join([INTRO, networks(), pictures(), worked_examples(), targets()])


@cache
def load(name: str) -> cnncalc.Network:
    return cnncalc.load(name)


# The networks.


def networks() -> str:
    heads = ["Name", "Input", "Layers", "Parameters", "MACs", "Connections", "Receptive field"]
    rows = [network_row(name, entry) for entry in of_group("Networks") for name in names(entry)]
    files = len(list(of_group("Networks")))
    return f"""\
## Networks

{len(rows)} names in {files} files; the variants of a family are below it.

{table([*heads, "Checked against"], rows, right=range(2, 6))}

{legend()}
"""


def pictures() -> str:
    """Each file as a small picture that leads to it."""
    cells = [
        f'<a href="{entry.name}.yaml"><img src="../docs/thumbnails/{entry.name}.svg" width="230" '
        f'alt="{entry.name}"></a>'
        for entry in of_group("Networks")
    ]
    rows = [cells[start : start + IN_A_ROW] for start in range(0, len(cells), IN_A_ROW)]
    lines = [f"| {' | '.join(row + [''] * (IN_A_ROW - len(row)))} |" for row in rows]
    rule = "|" + " --- |" * IN_A_ROW
    head = "|" + "   |" * IN_A_ROW
    return "\n".join(["## Pictures", "", f"By `{' '.join(DRAW)}`.", "", head, rule, *lines, ""])


def legend() -> str:
    versions = framework_versions()
    return "\n".join(
        folded(line, "  ")
        for line in (
            "- Layers are all layers, activations too. What parameters, MACs (multiply-adds) and "
            "connections are, `cnncalc quantities` says.",
            f"- PyTorch ({versions['PyTorch']}), timm ({versions['timm']}) and Keras "
            f"({versions['Keras']}), layer by layer: the volume, parameters, statistics and "
            "multiply-adds of every layer with parameters and the volume of every pool, one after "
            "the other, are those that the framework reports, and so are the totals. YOLOv3 is in "
            "none of them as published: it was built by hand in PyTorch, from the paper and its "
            "authors' configuration; its Darknet-53 has the parameters of timm's.",
            "- A source and what was compared with it: quantities of the whole network, or "
            "outputs, parameters and so on of so many layers. They come out as printed, rounded "
            "to the digits of the print. ≈ marks those that are off by less than one in its last "
            "digit that is not 0, such as numbers that a paper cuts; < those that are less than "
            "the print, which is a bound or counts more.",
            "- A total of torchvision, timm or Keras is that of the model which the same release "
            "builds.",
            "- By hand: the file's expectations were worked out on paper; nobody printed them.",
        )
    )


def framework_versions() -> dict[str, str]:
    """Those of the oracles."""
    versions: dict[str, set[str]] = defaultdict(set)
    for name in oracles().BUNDLED:
        found = oracles().oracle(name)["version"]
        words = ", ".join(f"{part} {number.split('+')[0]}" for part, number in found.items())
        versions[framework(name)].add(words)
    return {name: " or ".join(sorted(found)) for name, found in versions.items()}


def framework(oracle: str) -> str:
    return FRAMEWORKS[oracle.partition("-")[0]]


def network_row(name: str, entry: Entry) -> list[str]:
    network = load(name)
    numbers = (len(network), network.parameters, network.macs, network.connections)
    return [
        f"[{name}]",
        ", ".join(volume.text() for volume in network.inputs.values()),
        *(f"{number:,}" for number in numbers),
        network.receptive_field.text(),
        "; ".join(checked_against(name, entry)),
    ]


def checked_against(name: str, entry: Entry) -> list[str]:
    """What a network was compared with, the strongest first."""
    twin = next((other for other in entry.variants if name == entry.name and same(name, other)), "")
    if twin:
        return [f"the same as {twin}"]
    given = sorted({framework(key) for key, value in oracles().BUNDLED.items() if value == name})
    found = [f"{' and '.join(reversed(given))}, layer by layer"] if given else []
    printed = [
        (
            check["by"],
            figure.get("path", ""),
            figure["quantity"],
            "≈" * (figure["printed"][0] == "~"),
        )
        for check in data("published.json").get(name, [])
        for figure in check["figures"]
    ]
    printed += printed_in().get(signature(load(name)), [])
    sources = dict.fromkeys(source for source, *_ in printed)
    found += [f"{source}: {compared(printed, source)}" for source in sources]
    return found or [BY_HAND]


def compared(printed: Prints, source: str) -> str:
    """The quantities that were compared with a source: of the whole, then of how many layers."""
    layers: dict[str, set[str]] = defaultdict(set)
    for by, path, quantity, sign in printed:
        if by == source:
            layers[sign + quantity.partition(".")[0].replace("_", " ")].add(path)
    whole = [words for words, paths in layers.items() if "" in paths]
    parts = [
        f"{words} of {count(len(paths - {''}), 'layer')}"
        for words, paths in layers.items()
        if paths - {""}
    ]
    return ", ".join([*whole, *parts])


def closeness(printed: str, value: Any) -> str:
    """No sign where a print is the value, rounded to the print's digits."""
    if printed[0] in "<>":
        return printed[0]
    return "≈" if printed[0] == "~" and not facts().agrees(printed[1:], value) else ""


def same(one: str, two: str) -> bool:
    return layers(one) == layers(two)


def layers(name: str) -> list[Any]:
    network = load(name)
    every = network.root.layers  # those of training too
    return [(layer.path, layer.output, layer.parameters, layer.trainable) for layer in every]


def signature(network: cnncalc.Network) -> tuple[Any, ...]:
    """By this a fact about `mobilenet` with half of its width is one about `mobilenet_050`."""
    return (
        tuple(network.inputs.values()),
        len(network),
        network.parameters,
        network.macs,
        network.connections,
    )


@cache
def printed_in() -> dict[tuple[Any, ...], Prints]:
    """The printed numbers that were checked, by the signature of the network."""
    labels = data("sources.json")
    found: dict[tuple[Any, ...], Prints] = defaultdict(list)
    for fact in facts().CHECKED:
        for check in fact["checks"]:
            if fact["source"] in labels and "spec" in check and "printed_as" in check:
                sign = closeness(check["printed_as"], facts().value_of(check))
                where = str(check.get("path", ""))
                print_ = (labels[fact["source"]], where, check["quantity"], sign)
                found[signature(network_of(check))].append(print_)
    order = list(labels.values())
    return {key: sorted(value, key=lambda one: order.index(one[0])) for key, value in found.items()}


def network_of(check: dict[str, Any]) -> cnncalc.Network:
    given = {key: check[key] for key in ("spec", "set", "input", "variant") if key in check}
    network: cnncalc.Network = facts().build(json.dumps(given))
    return network


# The worked examples.


def worked_examples() -> str:
    parts = ["## Worked examples", ""]
    entries = list(of_group("Worked examples"))
    for origin in ORIGINS:
        rows = [
            [f"[{entry.name}]", entry.title, entry.source]
            for entry in entries
            if origin_of(entry) == origin
        ]
        parts += [f"### {origin}", "", table(["Name", "What it shows", "Source"], rows), ""]
    return "\n".join(parts)


def origin_of(entry: Entry) -> str:
    return next(
        origin for origin, words in ORIGINS.items() if any(word in entry.source for word in words)
    )


# Names, and where they lead.


def of_group(group: str) -> Iterator[Entry]:
    return (entry for entry in bundled.catalogue() if entry.group == group)


def names(entry: Entry) -> list[str]:
    return [entry.name, *entry.variants]


def targets() -> str:
    """What the names in brackets link to; apart from the tables, so that these can be read."""
    lines = [
        f"[{name}]: {entry.name}.yaml" for entry in of_group("Networks") for name in names(entry)
    ]
    lines += [f"[{entry.name}]: worked/{entry.name}.yaml" for entry in of_group("Worked examples")]
    return "\n".join(lines) + "\n"
