"""Reads .pt2 archives, as `torch.export.save` writes them: a zip file with the graph in JSON.

The archive's format is documented (docs.pytorch.org, "PT2 Archive Spec"); the weights in it are
not read. Operations have named arguments, tensors their sizes, and modules their class. What the
operations mean is in pt2_operations.py.
"""

from __future__ import annotations

from math import prod

from cnncalc.exchange.archive import Json, read_json
from cnncalc.exchange.model import Model, ModelError
from cnncalc.exchange.pt2_graph import Call, Graph
from cnncalc.exchange.pt2_operations import OPERATIONS
from cnncalc.exchange.tensor import Constant, Unknown
from cnncalc.wording import visible

# What an operation raises that no kind stands for, or whose arguments are used in another way.
_NO_USE = (
    KeyError, IndexError, StopIteration, TypeError, ValueError, ZeroDivisionError, Unknown,
)  # fmt: skip
_MADE = ("new_", "zeros", "ones", "full", "empty", "arange")  # what reads no values of a tensor


def read(path: str, max_size: int) -> Model:
    """The model of a .pt2 file. Raises ModelError, and OSError."""
    return from_program(read_json(path, "models/model.json", max_size), path)


def from_program(program: Json, name: str) -> Model:
    """The model of what a .pt2 file holds as JSON. Raises ModelError."""
    try:
        version = str(program.get("torch_version", "")).partition("+")[0]
        model = Model(name, source=f"torch.export of PyTorch {version}".strip())
        _read(Graph(program, model))
    except (*_NO_USE, AttributeError, OverflowError) as error:
        if isinstance(error, ModelError):
            raise
        raise ModelError(
            f"{visible(name)} is not as torch.export writes it: {type(error).__name__} {error}"
        ) from None
    return model


def _read(graph: Graph) -> None:
    """Add every operation to the model."""
    for call in graph.calls:
        if not _is_constant(call):
            _add(call)
    tensors, model = graph.tensors, graph.tensors.model
    model.outputs = [*map(tensors.result, graph.results)]
    rest = [name for name in graph.parameters if name not in tensors.users]
    if rest and not model.unknown:
        number = sum(prod(graph.sizes[name]) for name in rest)
        first = visible(graph.parameters[rest[0]])
        model.remarks.append(
            f"{number:,} parameters of the file are read by no operation: {first} ..."
        )


def _add(call: Call) -> None:
    """Add one operation: the layer that it is, or one whose numbers are stated."""
    graph, tensors = call.graph, call.graph.tensors
    before = len(tensors.model.nodes)
    try:
        OPERATIONS[call.operation](call)
    except ModelError:
        raise
    except _NO_USE:
        tensors.undo(before)
        results = {name: graph.sizes.get(name) for name in call.outputs if name in graph.used}
        tensors.unknown(
            call.target.removeprefix("torch.ops."), call.where, call.place, call.reads, results,
            graph.weights(call), may_follow=call.operation in OPERATIONS,
        )  # fmt: skip


def _is_constant(call: Call) -> bool:
    """Work out what depends on weights and numbers alone; whether it did."""
    graph = call.graph
    is_made = call.operation.startswith(_MADE) or call.operation.endswith("_like")
    if not is_made and graph.reads_values(call):
        return False
    for name in call.outputs:
        sizes = graph.sizes.get(name, ())
        graph.tensors.constants[name] = Constant(sizes, graph.weights(call))
    return True
