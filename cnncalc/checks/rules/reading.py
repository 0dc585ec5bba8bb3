"""Rules about which layer reads which."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate

from cnncalc import problems as codes
from cnncalc.checks.rules.base import Rule
from cnncalc.language.located import Value
from cnncalc.language.model import Item
from cnncalc.language.source import Source
from cnncalc.language.written import Word
from cnncalc.layers.base import Operation, find_kind
from cnncalc.layers.merge import Merge
from cnncalc.network.build import Build
from cnncalc.network.model import Element, Group, Layer, Network
from cnncalc.problems import WARNING, Problem, Related, declare


class UnreadLayer(Rule):
    """Nothing reads the layer and it is no output, so that nothing depends on its weights."""

    code = declare(
        "CNN302", "unread-layer", "a layer that nothing reads and that is no output", WARNING
    )
    whole = True

    def check(self, build: Build) -> Iterator[Problem]:
        ends = set(build.network.output_signals.values())
        for layer in build.network:
            if layer not in build.read and layer not in ends:
                yield self.problem(
                    build,
                    build.origins[layer],
                    f"nothing reads {layer.path}, and it is no output",
                    "name it under outputs:, or delete it",
                    layer=layer.path,
                )


class DoubledVolume(Rule):
    """A merge gets one volume twice, as the name of a skipped item means what that would read."""

    code = codes.DOUBLED

    def check(self, build: Build) -> Iterator[Problem]:
        """Nothing more: it is said where the merge is built."""
        yield from ()


class InnerSoftmax(Rule):
    """A layer with weights, or another softmax, reads what a softmax gives."""

    code = declare("CNN312", "inner-softmax", "a softmax in the middle of a network", WARNING)
    whole = True

    def check(self, build: Build) -> Iterator[Problem]:
        for layer in build.network:
            if not _gives_shares(layer.operation):
                continue
            reader = _learner(build.network, layer)
            if reader is not None:
                name = "activation" if "activation" in layer.operation.arguments else "function"
                yield self.problem(
                    build,
                    build.origins[layer].span(name),
                    f"a softmax in the middle: {reader.path} goes on from {layer.path}",
                    "a softmax at the end only; relu, for example, in between",
                    layer=layer.path,
                )


def _gives_shares(layer: Operation) -> bool:
    name = getattr(layer, "activation", None) or getattr(layer, "function", None)
    found = find_kind(name) if name else None
    return (found[0] if found else type(layer)).distribution


def _learner(network: Network, layer: Layer) -> Layer | None:
    """The first layer with weights, or softmax, that reads the layer through others without."""
    waiting = [layer]
    while waiting:
        for reader in network.readers.get(waiting.pop(), ()):
            if reader.operation.weights or _gives_shares(reader.operation):
                return reader
            if not isinstance(reader.operation, Merge):
                waiting.append(reader)
    return None


class NumberedName(Rule):
    """Something refers to an item by a name that it has only by its number."""

    code = declare(
        "CNN316", "numbered-name", "an automatic name that an insertion renumbers", WARNING
    )

    def check(self, build: Build) -> Iterator[Problem]:
        numbered: list[tuple[Value | Word, Layer | Group]] = [*build.numbered]
        for place, element in (*numbered, *_numbered_outputs(build)):
            item = build.origins[element]
            yield self.problem(
                build,
                place,
                f"{element.name} is an automatic name: another {item.kind} above it would "
                "take it over",
                f"give the item of line {element.line} a name:, and refer to that",
                related=(Related(f"the item {element.name}", build.spec.span(item)),),
            )


def _numbered_outputs(build: Build) -> Iterator[tuple[Word, Layer | Group]]:
    """The automatic names in the paths of `outputs:`."""
    if not build.spec.outputs:
        return
    elements = build.network.elements()
    numbered = {
        each.path: each
        for each in elements
        if _is_numbered(each, build.origins[each], build.spec.text)
    }
    for _, word in build.spec.outputs:
        for path in accumulate(word.text.split("."), "{}.{}".format):
            if path in numbered:
                yield word, numbered[path]


def _is_numbered(element: Element, item: Item, file: Source) -> bool:
    """Whether an item of this file, and not of one that is taken in, has its name by a number."""
    number = element.name.removeprefix(item.kind)
    return item.file is file and item.name is None and number != element.name and number.isdecimal()
