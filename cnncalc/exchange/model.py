"""Model: the operations of a file that a framework wrote, in the terms of our kinds.

A reader (keras.py, pt2.py, onnx.py) makes a Model of a file; `build` makes the network of it. What
the file says of volumes and parameters is compared with what the network comes to.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from cnncalc import problems as codes
from cnncalc.language.source import Source
from cnncalc.layers.arguments import NotInSpecs
from cnncalc.network.build import Build, Foreign, Inputs, SpecError, given_inputs, of_network
from cnncalc.network.builder import Builder, BuilderError, automatic_name
from cnncalc.network.model import Layer, Network, Signal
from cnncalc.problems import Problem
from cnncalc.volume import Volume
from cnncalc.wording import count, line_start, quote, visible

MAX_AXES = 16  # of a tensor
_MAX_LISTED = 20
_LONGEST_NAME = 200
_ALLOW = "--allow-custom takes what the file says of them, without working it out"


class ModelError(ValueError):
    """A file of a model that cannot be read; the text says why, `help` what would help."""

    def __init__(self, message: str, help: str = "") -> None:
        super().__init__(message)
        self.help = help


@dataclass(frozen=True, slots=True)
class Scope:
    """A module that holds others: its name, and its class as a kind of group."""

    name: str
    kind: str


@dataclass(slots=True)
class Node:
    """One operation: our kind and arguments, what it reads, and what the file says of it."""

    name: str  # that other nodes read it by
    kind: str
    arguments: dict[str, Any]
    sources: list[str]
    label: str = ""  # the name of its module; "" for a function
    scopes: tuple[Scope, ...] = ()
    output: Volume | None = None
    parameters: int | None = None
    shares: str = ""  # the name of the node whose weights it uses
    folded: int = 0  # parameters lost to the folding of a batch norm into its weights
    called: str = ""  # what it is named after where it has no name, by default its kind

    @property
    def lacks_bias(self) -> bool:
        """Whether it could have a bias and has none."""
        return self.arguments.get("bias") is False

    def scope(self, depth: int) -> Scope | None:
        """The module at a depth, from 0, that it stands in."""
        return self.scopes[depth] if depth < len(self.scopes) else None


@dataclass(slots=True)
class Model:
    """The operations of a file, in an order in which each comes after what it reads."""

    name: str
    inputs: dict[str, Volume | None] = field(default_factory=dict)  # None: the file says no size
    nodes: list[Node] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    source: str = ""  # what wrote the file
    unknown: list[tuple[str, str]] = field(default_factory=list)  # operations, and where
    remarks: list[str] = field(default_factory=list)

    def network(
        self, input: Inputs | None = None, *, allow_custom: bool = False, **about: Any
    ) -> Network:
        """The network of the model, on other inputs if they are given; `about` as of a Builder.

        With `allow_custom` operations that no kind stands for are layers whose numbers are those
        of the file. Raises ModelError for such operations, and where the network differs from what
        the file says of it; OverrideError for an input that the model does not have.
        """
        if self.unknown and not allow_custom:
            raise ModelError(self.unknown_text(), _ALLOW)
        if not self.outputs or not self.nodes:
            raise ModelError("the file holds no layers")
        volumes = {**self.inputs, **given_inputs(input, self.inputs)}
        known = {name: _checked(name, volume) for name, volume in volumes.items() if volume}
        if missing := volumes.keys() - known.keys():
            named = sorted(missing)[0]
            raise ModelError(
                f"the input {visible(named)} has no fixed size", "--input says one: 224x224x3"
            )
        try:
            return _Building(self, known, about, allow_custom).network()
        except KeyError as error:
            raise ModelError(f"nothing in the file gives {visible(str(error))}") from None

    def unknown_text(self) -> str:
        """The operations that no kind stands for, how often they are there, and where first."""
        first: dict[str, str] = {}
        for operation, where in self.unknown:
            first.setdefault(operation, where)
        counts = Counter(operation for operation, _ in self.unknown).most_common(_MAX_LISTED)
        listed = [
            f"{visible(name)} ×{number} (first in {visible(first[name])})"
            for name, number in counts
        ]
        more = f", and {len(first) - len(listed)} more" if len(first) > len(listed) else ""
        what = count(len(first), "operation")
        return f"no kind of layer stands for {what}: {', '.join(listed)}{more}"

    def unfold_batch_norm(self) -> None:
        """Put back the batch norms that an exporter folded into convolutions."""
        nodes: list[Node] = []
        names: dict[str, str] = {}
        for node in self.nodes:
            node.sources = [names.get(source, source) for source in node.sources]
            nodes.append(node)
            if not node.folded:
                continue
            node.arguments["bias"] = False
            node.parameters = None
            norm = Node(f"{node.name}:norm", "batch_norm", {}, [node.name], scopes=node.scopes)
            norm.label = f"{node.label}_norm" if node.label else ""
            names[node.name] = norm.name
            nodes.append(norm)
        self.nodes = nodes
        self.outputs = [names.get(name, name) for name in self.outputs]
        self.remarks.clear()


class ModelSpec(Foreign):
    """A model where a spec is wanted: it has a network, and no text, vars or variants."""

    def __init__(self, model: Model, shown: str) -> None:
        super().__init__(Source(shown, ""))
        self.model = model
        self.name = os.path.basename(model.name)
        self.source = model.source
        self.remarks = tuple(model.remarks)

    def found(
        self, input: Inputs | None, max_layers: int, *, allow_custom: bool = False, **about: Any
    ) -> Build:
        """The Build of its network. Raises SpecError."""
        if len(self.model.nodes) > max_layers:
            error = ModelError(
                f"the model has {len(self.model.nodes):,} layers, more than {max_layers:,}",
                "allow more with --limit layers=N",
            )
            raise refused(self.text.name, error)
        try:
            network = self.model.network(input, allow_custom=allow_custom, **about)
        except ModelError as error:
            raise refused(self.text.name, error) from None
        return of_network(network, self)


def _checked(name: str, volume: Volume) -> Volume:
    """The volume of an input, which is what a file says. Raises ModelError."""
    try:
        if not all(type(size) is int for size in volume.shape):
            raise ValueError("every size of a volume is a whole number")
        return Volume.of(volume.shape)
    except ValueError as error:
        raise ModelError(f"the input {visible(name)}: {error}") from None


def refused(name: str, error: ModelError) -> SpecError:
    """The error of a file of a model, at the file."""
    span = Source(name, "").span(0)
    return SpecError([Problem(codes.MODEL, str(error), span, help=error.help)])


class _Building:
    """Builds the network of one model."""

    def __init__(
        self,
        model: Model,
        inputs: Mapping[str, Volume],
        about: Mapping[str, Any],
        allow_custom: bool,
    ) -> None:
        self.model = model
        self.allow_custom = allow_custom
        name = os.path.basename(model.name)
        names = _Names([])
        shown = {names.named(name): volume for name, volume in inputs.items()}
        self.builder = Builder(name, shown, source=visible(model.source), **about)
        self.as_stated = inputs == model.inputs
        self.made: dict[str, Signal] = dict(zip(inputs, self.builder.inputs.values(), strict=True))

    def network(self) -> Network:
        self.add_all(self.model.nodes, 0)
        ends = [self.made[name] for name in dict.fromkeys(self.model.outputs)]
        return self.builder.network(ends[0] if len(ends) == 1 else {end.path: end for end in ends})

    def add_all(self, nodes: Iterable[Node], depth: int) -> None:
        """Add nodes whose first `depth` scopes are open: those of one scope as a group."""
        runs = [(scope, [*run]) for scope, run in groupby(nodes, lambda node: node.scope(depth))]
        names = _Names({node.label for scope, run in runs if scope is None for node in run})
        for scope, run in runs:
            if scope is None:
                for node in run:
                    self.add(node, node.label, names)
            elif len(run) == 1 and not run[0].label:  # all that is left of the module
                self.add(run[0], scope.name, names)
            else:
                source = self.made[run[0].sources[0]]
                with self.builder.group(_safe(scope.kind), source, names.named(scope.name)):
                    self.add_all(run, depth + 1)

    def add(self, node: Node, label: str, names: _Names) -> None:
        if self.allow_custom and node.output is not None:
            node = self.fitting(node, node.output)
        shared = self.made.get(node.shares)
        try:
            layer = self.builder.layer(
                node.kind,
                *(self.made[source] for source in node.sources),
                name=names.named(label) if label else names.numbered(node.called or node.kind),
                shares=shared if isinstance(shared, Layer) else None,
                **node.arguments,
            )
        except BuilderError as error:
            raise ModelError(str(error)) from None
        except NotInSpecs as error:
            raise ModelError(f"{visible(node.label or node.kind)}: {error}") from None
        if self.as_stated:
            _compare(layer, node)
        self.made[node.name] = layer

    def fitting(self, node: Node, output: Volume) -> Node:
        """The node, or where its kind gives other numbers than the file one that states those."""
        shared = self.made.get(node.shares)
        if isinstance(shared, Layer) and shared.kind != node.kind:
            node = replace(node, parameters=0, shares="")  # those are the other's
            return _stated(node, output)
        trial = Builder("", {f"x{n}": self.made[s].output for n, s in enumerate(node.sources)})
        with suppress(BuilderError, ModelError, NotInSpecs):
            _compare(trial.layer(node.kind, *trial.inputs.values(), **node.arguments), node)
            return node
        return _stated(node, output)


def _stated(node: Node, output: Volume) -> Node:
    """A node whose numbers are those of the file."""
    numbers = {"output": output.text("x"), "parameters": node.parameters or 0}
    return replace(node, kind="custom", arguments=numbers, shares="", called=node.kind)


def _safe(text: str) -> str:
    """A name from a file, which may hold anything, as one that terminals and runners can show."""
    return line_start(quote(text, _LONGEST_NAME))


class _Names:
    """Gives the parts of one group names of their own."""

    def __init__(self, labels: Iterable[str]) -> None:
        self.labels = set(labels)  # that no automatic name may equal
        self.used: Counter[str] = Counter()
        self.numbers: Counter[str] = Counter()

    def named(self, label: str) -> str:
        """The label, with a number where it was used before: relu, relu_2."""
        return self.unused(_safe(label))

    def unused(self, name: str) -> str:
        """The name, or it with the first number that makes another one of it."""
        self.used[name] += 1
        return name if self.used[name] == 1 else self.unused(f"{name}_{self.used[name]}")

    def numbered(self, kind: str) -> str:
        """The kind with the next number that no label has: add1."""
        self.numbers[kind] += 1
        name = automatic_name(kind, self.numbers[kind])
        return self.numbered(kind) if name in self.labels else self.unused(name)


def _compare(layer: Layer, node: Node) -> None:
    """Raises ModelError where a layer differs from what the file says of it."""
    about = f"{layer.path} ({layer.label})"
    if node.output is not None and layer.output != node.output:
        found, said = layer.output.text(), node.output.text()
        raise ModelError(f"{about} gives {found}, in the file {said}")
    parameters = layer.operation.parameters
    if node.parameters not in (None, parameters):
        raise ModelError(f"{about} has {parameters:,} parameters, in the file {node.parameters:,}")
