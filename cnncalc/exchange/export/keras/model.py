"""Model: the function that makes the whole network."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cnncalc.exchange.export.identifiers import snake
from cnncalc.exchange.export.keras.file import File
from cnncalc.exchange.export.keras.flow import Flow, scope_of
from cnncalc.exchange.export.keras.function import Function
from cnncalc.exchange.export.layout import (
    Code,
    Line,
    Statement,
    Suite,
    call,
    docstring,
    listing,
    literal,
    mapping,
    row,
)
from cnncalc.exchange.export.targets import NotExported
from cnncalc.language.model import Item
from cnncalc.language.written import Word
from cnncalc.network.model import Layer
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnncalc.network.build import Build


def write_model(file: File) -> Suite:
    """Write the function `build`, and those that it calls."""
    spec, build = file.build.spec, file.build
    function = Function(file, file.domain, spec.items, ())
    function.vars = {}
    flow = _with_inputs(function)
    flow.at_top = True
    given = [f"{ref.variable}" for ref in function.inputs.values()]
    file.write_items(flow, spec.items, [file.run])
    outputs = _outputs(flow, build)
    _check_all_read(build, flow)
    inputs: Code = given[0] if len(given) == 1 else listing(given)
    made = call("keras.Model", inputs, outputs, name=literal(_name(build)))
    flow.body.append(Line("return ", made))
    about = f"{spec.name or 'The network'} as a functional model."
    body = [docstring([about], 1), *_depth(build), *flow.body]
    return Suite(Line("def ", call("build", *_arguments(function)), ":"), body)


# Keras goes from layer to layer by recursion, which Python ends after 1000 of its own steps.
_DEEP = 600


def _depth(build: Build) -> list[Statement]:
    """What lets Keras go through a network of very many layers."""
    layers = len(build.network.root.layers)
    if layers <= _DEEP:
        return []
    return [f"sys.setrecursionlimit({10 * layers})  # Keras goes through layers by recursion"]


def _arguments(function: Function) -> Iterator[str]:
    """The vars that the function alone reads, with their values."""
    for name in function.domain.spec.vars:
        if variable := (function.vars or {}).get(name):
            owner = ("var", id(None), name)
            code = function.file.plain(function.domain.values[name], owner, row)
            yield f"{variable}={code}"


def _name(build: Build) -> str:
    name = build.network.variant or build.spec.name
    return re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_").lower() or "model"


def _with_inputs(function: Function) -> Flow:
    """The flow of the network, after its inputs."""
    file = function.file
    statements = []
    for name, volume in file.build.network.inputs.items():
        wanted = "inputs" if name == "input" else name
        variable = (
            "inputs" if name == "input" else function.identifiers.new(snake(wanted), "inputs")
        )
        code = call("keras.Input", _shape(volume), name=literal(name), **_dtype(file, name))
        statements.append(Line(f"{variable} = ", code))
        function.inputs[name] = function.write(variable)
    first = next(iter(function.inputs.values()))
    runs = [file.run]
    return Flow(function, runs, first, "x", scope_of(file.build.spec.items, ""), [*statements])


def _shape(volume: Volume) -> Code:
    return row(map(str, volume.shape))


def _dtype(file: File, name: str) -> dict[str, Code]:
    """Word numbers are whole."""
    readers = file.build.network.readers.get(file.build.network.input_signals[name], [])
    words = bool(readers) and all(layer.kind == "embedding" for layer in readers)
    return {"dtype": '"int32"'} if words else {}


def _outputs(flow: Flow, build: Build) -> Code:
    """What the model gives: a volume, or several by their labels; heads for training last."""
    spec = build.spec
    found: dict[str, str] = {}
    if not spec.outputs:
        found["output"] = flow.text(flow.current)
    for label, word in spec.outputs:
        if label in build.network.output_signals:
            found[label] = _output(flow, build, word)
    for path, item in flow.heads.items():
        label = next((label for label, word in spec.outputs if word.text == path), path)
        found[label] = flow.result_of(item)
    if len(found) == 1:
        return next(iter(found.values()))
    return mapping([(literal(label), text) for label, text in found.items()])


def _output(flow: Flow, build: Build, word: Word) -> str:
    item = Item(word, build.spec.text.position(word.start)[0], "", None, build.spec.text)
    flow.owner = item
    text = flow.at_path(word.text)
    if text is None:
        message = f"the output {word.text} stands where code cannot tell it"
        raise NotExported(message, item, "name an item under layers: or an output of a block")
    return text


def _check_all_read(build: Build, flow: Flow) -> None:
    """Refuse what no output comes from, as a functional model has no such layers."""
    read: set[object] = set()
    waiting = [*build.network.output_signals.values()]
    by_path = build.network.by_path
    for path in flow.heads:
        element = by_path[path]
        waiting += [element if isinstance(element, Layer) else element.result]  # type: ignore[list-item]
    while waiting:
        signal = waiting.pop()
        if signal not in read:
            read.add(signal)
            waiting += getattr(signal, "sources", ())
    for layer in build.network:
        if layer not in read and layer.operation.parameters:
            message = f"nothing reads {layer.path}, and a functional model has no such layers"
            raise NotExported(message, build.origins[layer], "name it under outputs:")
