"""Reads .onnx files: their graph, not their weights.

What the operators mean is in onnx_operators.py; what a graph works out of constants is worked out
in onnx_constants.py.
"""

from __future__ import annotations

import os
import struct
from mmap import ACCESS_READ, mmap

from cnncalc.exchange.model import Model, ModelError
from cnncalc.exchange.onnx_file import Limit, parse
from cnncalc.exchange.onnx_graph import Call, Graph
from cnncalc.exchange.onnx_operators import OPERATORS
from cnncalc.exchange.protobuf import Malformed, Message
from cnncalc.exchange.tensor import Unknown
from cnncalc.wording import count, visible

# What an operator raises that no kind stands for, or whose inputs are used in another way.
_NO_USE = (
    KeyError, IndexError, StopIteration, TypeError, ValueError, ZeroDivisionError, Unknown,
)  # fmt: skip
_KEEP = (
    "torch.onnx.export(model, x, path, dynamo=True, optimize=False) keeps them, and "
    "--unfold-batch-norm puts them back"
)


def read(path: str, max_size: int) -> Model:
    """The model of an .onnx file. Raises ModelError, and OSError."""
    with open(path, "rb") as file:
        if os.fstat(file.fileno()).st_size == 0:
            raise ModelError(f"{visible(path)} is empty")
        with mmap(file.fileno(), 0, access=ACCESS_READ) as data:
            try:
                found = parse(Message(data, 0, len(data)), Limit(max_size))
            except (Malformed, ValueError, struct.error) as error:
                if isinstance(error, ModelError):
                    raise
                raise ModelError(f"{visible(path)} is not a whole ONNX file: {error}") from None
    model = Model(path, source=f"ONNX of {found.producer}" if found.producer else "ONNX")
    _read(Graph(found, model))
    return model


def _read(graph: Graph) -> None:
    """Add every operator to the model."""
    for name in graph.file.inputs:
        graph.tensors.input(name, graph.input_sizes(name))
    for operator in graph.file.operators:
        _add(Call(operator, graph))
    known = [name for name in graph.file.outputs if name in graph.tensors.values]
    graph.model.outputs = [*map(graph.tensors.result, known)]
    _remark_folded(graph.model)


def _add(call: Call) -> None:
    """Add one operator: the layer that it is, or one whose numbers are stated."""
    operator, graph = call.operator, call.graph
    before = len(graph.model.nodes)
    try:
        if not call.folded():
            OPERATORS[operator.type](call)
    except ModelError:
        raise
    except _NO_USE:
        graph.tensors.undo(before)
        known = [graph.weights[name] for name in operator.inputs if name in graph.weights]
        graph.tensors.unknown(
            operator.type, call.where, call.place, operator.inputs,
            {name: graph.sizes(name) for name in operator.outputs if name in graph.used},
            {key: size for weight in known for key, size in weight.weights.items()
             if weight.values is None},
            may_follow=operator.type in OPERATORS,
        )  # fmt: skip


def _remark_folded(model: Model) -> None:
    """Say how many parameters the folding of batch norms into convolutions took away."""
    if folded := [node for node in model.nodes if node.folded]:
        fewer = sum(node.folded for node in folded)
        what = count(len(folded), "batch norm")
        model.remarks.append(
            f"{what} {'is' if len(folded) == 1 else 'are'} folded into convolutions, so that "
            f"{fewer:,} parameters are missing; {_KEEP}"
        )
