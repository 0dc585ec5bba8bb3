"""PyTorch code of a spec."""

from __future__ import annotations

import re

from cnncalc.exchange.export.expressions import HELPERS, IMPORTS
from cnncalc.exchange.export.identifiers import Identifiers
from cnncalc.exchange.export.layout import Line, Statement, Suite, docstring, literal, mapping
from cnncalc.exchange.export.layout import source as source_of
from cnncalc.exchange.export.local import defined, used
from cnncalc.exchange.export.pytorch.classes import class_name, free_in, renamed
from cnncalc.exchange.export.pytorch.file import File
from cnncalc.exchange.export.pytorch.known import LOCAL
from cnncalc.exchange.export.pytorch.names import Entry, identifier
from cnncalc.exchange.export.pytorch.parts import visits_of
from cnncalc.exchange.export.pytorch.signatures import Parameter, signature
from cnncalc.exchange.export.pytorch.spots import Differs, Instance, values_of
from cnncalc.exchange.export.pytorch.writer import Writer
from cnncalc.exchange.export.record import Run
from cnncalc.exchange.export.targets import NotExported
from cnncalc.network.build import Build
from cnncalc.version import __version__
from cnncalc.volume import Volume


def source(build: Build, run: Run) -> str:
    """The text of a Python file that builds the network. Raises NotExported."""
    try:
        return written(build, run)[0]
    except Differs:  # where even one place alone, or one copy, finds no text
        message = "what is built here differs from place to place as PyTorch code cannot say"
        raise NotExported(message, build.spec.items[0]) from None


def written(build: Build, run: Run) -> tuple[str, dict[str, str]]:
    """The text, and the module of each layer by the layer's path."""
    file = File(build.spec, run)
    name, suite = _network(file, build, run)
    definitions = [*_reached(file.definitions, suite), suite]
    text = source_of(definitions)
    helpers = [LOCAL[name] for name in used(LOCAL, text)]
    helpers += [HELPERS[name] for name in HELPERS if f"{name}(" in text]
    body: list[Statement] = [*map(defined, helpers), *definitions, _main(name, build)]
    whole = source_of(body)
    heading = [docstring(_about(build)), "", *_imports(whole), "", ""]
    return "\n".join(heading) + "\n" + whole, {
        layer.path: file.key(layer.path) for layer in build.network.root.layers
    }


def _network(file: File, build: Build, run: Run) -> tuple[str, Suite]:
    """The class of the whole network."""
    spec, network = build.spec, build.network
    values = {file.python(n): values_of(v) for n, v in run.scope.values.items() if n != "in"}
    at = Instance(values, "")
    names = file.names_of([at], run.scope.values)
    names.is_outside = True
    visits = visits_of([(at, run)])
    several = len(network.inputs) > 1
    outputs = [(label, word.text) for label, word in spec.outputs]
    is_chain = (
        not several
        and [*network.output_signals.values()] == [run.result]
        and file.is_chain(spec.items, visits, names)
    )
    first = str(network.input.channels)
    names.entering = first
    writer = Writer(
        file, class_name(spec.name or "Network"), [at], names, Identifiers(file.names.taken),
        is_chain=is_chain, channels=first,
    )  # fmt: skip
    if several:
        writer.inputs = [writer.variables.new(identifier(name)) for name in network.inputs]
    for variable, (name, volume) in zip(writer.inputs, network.inputs.items(), strict=True):
        if name != "input":
            names.entries[name] = Entry(writer, variable, str(volume.channels))
            writer.current = names.entries[next(iter(network.inputs))]
    writer.referred |= {path.partition(".")[0] for _, path in outputs}
    writer.run(spec.items, visits)
    if not writer.is_chain:
        writer.forward += _returns(writer, build, outputs)
    file.place_class(writer)
    needed = free_in(file.class_suite(writer, []))
    parameters = [
        Parameter(python, "var", name, file.texts.literal(values[python]))
        for name, python in names.values.items()
        if python in needed
    ]
    doc = docstring([_volumes(build)], 1)
    suite = file.class_suite(writer, signature(parameters), doc=doc)
    name = file.names.new(writer.name)
    return name, renamed(suite, name)


def _returns(writer: Writer, build: Build, outputs: list[tuple[str, str]]) -> list[Statement]:
    """What forward gives: a volume, or several by their labels; in training the heads too."""
    if not outputs:
        return [f"return {writer.current.variable}"]
    found: dict[str, str] = {}
    heads: dict[str, str] = {}
    for label, path in outputs:
        element = build.network.by_path.get(path)
        if element is None:
            continue
        entry = writer.names.find(path)
        if entry is None:
            item = build.origins[element]
            raise NotExported(f"the output {path} lies inside of a module", item)
        (heads if element.training_only else found)[label] = entry.variable
    lines: list[Statement] = []
    if heads:
        lines.append(Suite("if self.training:", [_given({**found, **heads}, always=True)]))
    return [*lines, _given(found)]


def _given(found: dict[str, str], *, always: bool = False) -> Statement:
    if len(found) == 1 and not always:
        return f"return {next(iter(found.values()))}"
    return Line("return ", mapping((literal(label), name) for label, name in found.items()))


def _volumes(build: Build) -> str:
    network = build.network
    inputs = [
        _shape(volume) if len(network.inputs) == 1 else f"{name} {_shape(volume)}"
        for name, volume in network.inputs.items()
    ]
    outputs = [
        _shape(volume) if len(network.outputs) == 1 else f"{name} {_shape(volume)}"
        for name, volume in network.outputs.items()
    ]
    return f"Reads {', '.join(inputs)}; gives {', '.join(outputs)}."


def _shape(volume: Volume) -> str:
    """A volume as PyTorch has it, the channels behind the number of examples."""
    return f"(N, {', '.join(map(str, (volume.channels, *volume.sizes)))})"


def _about(build: Build) -> list[str]:
    network = build.network
    title = network.name or "A network"
    if network.variant:
        title += f", {network.variant}"
    return [
        f"{title}: {network.parameters:,} parameters.",
        network.source,
        f"Written by cnncalc {__version__}.",
    ]


def _reached(definitions: dict[str, Suite], network: Suite) -> list[Suite]:
    """The classes that the network is made of: others were tried and would not do."""
    texts = {name: source_of([suite]) for name, suite in definitions.items()}
    todo = [source_of([network])]
    reached: set[str] = set()
    while todo:
        called = {*re.findall(r"(?<![\w.])(\w+)\(", todo.pop())} & texts.keys()
        todo += [texts[name] for name in called - reached]
        reached |= called
    return [suite for name, suite in definitions.items() if name in reached]


def _imports(text: str) -> list[str]:
    """The imports of what a text uses."""
    signs = {
        "import functools": r"\bfunctools\.",
        "import math": r"\bmath\.",
        "from collections import OrderedDict": r"\bOrderedDict\(",
        IMPORTS["Fraction"]: r"\bFraction\(",
    }
    standard = [line for line, sign in signs.items() if re.search(sign, text)]
    functional = ["import torch.nn.functional as F"] if re.search(r"\bF\.", text) else []
    gap = [""] if standard else []
    return [*standard, *gap, "import torch", *functional, "from torch import nn"]


def _main(name: str, build: Build) -> Suite:
    body: list[Statement] = [
        Suite('with torch.device("meta"):  # which takes no memory', [f"network = {name}()"]),
        "parameters = sum(parameter.numel() for parameter in network.parameters())",
        'print(f"{parameters:,} parameters")',
        f"assert parameters == {build.network.parameters:_}",
    ]
    return Suite('if __name__ == "__main__":', body)
