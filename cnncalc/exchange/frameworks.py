"""Models that are in memory: from_torch and from_keras.

Neither framework is imported here: whoever has a model has imported its framework.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from cnncalc.exchange import keras, pt2
from cnncalc.exchange.model import Model, ModelError
from cnncalc.network.model import Network
from cnncalc.volume import Volume

Shape = str | Volume | Sequence[int]


def from_torch(model: Any, *inputs: Shape, name: str = "", allow_custom: bool = False) -> Network:
    """The network of a PyTorch model that reads volumes such as "224x224x3".

    A tuple is a shape as PyTorch has it, with the batch first. The model is exported on the meta
    device, where no numbers are worked out, and else as it is. With `allow_custom` operations that
    no kind stands for are layers whose numbers are stated. Raises ModelError for what cannot be
    exported or read, and TypeError for a model that is none.
    """
    found = torch_model(model, inputs, name or type(model).__name__)
    return found.network(allow_custom=allow_custom)


def from_keras(
    model: Any, *, input: Shape | None = None, name: str = "", allow_custom: bool = False
) -> Network:
    """The network of a Keras model; `input` is needed where the model does not say its size.

    With `allow_custom` layers that no kind stands for are layers whose numbers are stated. Raises
    ModelError for layers that no kind stands for, and TypeError for a model that is none.
    """
    volume = None if input is None else _volume(input)
    found = keras_model(model, name or str(getattr(model, "name", "")))
    return found.network(input=volume, allow_custom=allow_custom)


def keras_model(model: Any, name: str) -> Model:
    """The model of a Keras model. Raises ModelError, and TypeError."""
    if not hasattr(model, "to_json"):
        raise TypeError(f"from_keras takes a Keras model, not {type(model).__name__}")
    return keras.from_config(json.loads(model.to_json()), name)


def torch_model(model: Any, inputs: Sequence[Shape], name: str) -> Model:
    """The model of a PyTorch model. Raises ModelError, and TypeError."""
    torch: Any = sys.modules.get("torch")
    if torch is None or not isinstance(model, torch.nn.Module):
        raise TypeError(f"from_torch takes a torch.nn.Module, not {type(model).__name__}")
    if not inputs:
        raise TypeError('from_torch needs the input: from_torch(model, "224x224x3")')
    shapes = [with_batch(given) for given in inputs]
    return pt2.from_program(exported(torch, model, shapes), name)


def _volume(given: Shape) -> Volume:
    if isinstance(given, Volume):
        return given
    if isinstance(given, str):
        return Volume.parse(given)
    _, *rest = given
    return Volume.parse("x".join(map(str, rest)))


def with_batch(given: Shape) -> tuple[int, ...]:
    """A shape as PyTorch has it: the batch, the channels, the sizes."""
    if isinstance(given, (str, Volume)):
        volume = _volume(given)
        return (1, volume.channels, *volume.sizes)
    shape = tuple(given)
    if not all(isinstance(size, int) and size > 0 for size in shape) or len(shape) < 2:
        raise TypeError(f"a shape is whole numbers with the batch first, not {shape}")
    return shape


def exported(torch: Any, model: Any, shapes: list[tuple[int, ...]]) -> dict[str, Any]:
    """The program that torch.export makes of a model, in the form of a .pt2 file's JSON."""
    was_training = model.training
    model.eval()
    try:
        with torch.no_grad():
            values = tuple(torch.zeros(shape, device=_device(model)) for shape in shapes)
            program = torch.export.export(model, values)
    except Exception as error:  # whatever the model or the exporter raises
        first = str(error).strip().partition("\n")[0]
        raise ModelError(
            f"torch.export cannot export the model: {type(error).__name__}: {first}"
        ) from error
    finally:
        model.train(was_training)
    return as_json(program, torch.__version__)


def _device(model: Any) -> Any:
    first = next(iter(model.parameters()), None)
    return "cpu" if first is None else first.device


def as_json(program: Any, version: str) -> dict[str, Any]:
    """An ExportedProgram as far as the reader of .pt2 files looks at it."""
    nodes, values = [], {}
    for node in program.graph.nodes:
        for name, value in _results(node):
            values[name] = {"sizes": [{"as_int": int(size)} for size in value.shape]}
        if node.op == "call_function":
            nodes.append(_node(node))
    return {
        "torch_version": version,
        "graph_module": {
            "graph": {"nodes": nodes, "tensor_values": values},
            "signature": {
                "input_specs": [*_inputs(program.graph_signature)],
                "output_specs": [
                    {"user_output": {"arg": {"as_tensor": {"name": spec.arg.name}}}}
                    for spec in program.graph_signature.output_specs
                    if spec.kind.name == "USER_OUTPUT" and hasattr(spec.arg, "name")
                ],
            },
        },
    }


def _inputs(signature: Any) -> Iterator[dict[str, Any]]:
    for spec in signature.input_specs:
        if spec.kind.name == "USER_INPUT":
            yield {"user_input": {"arg": {"as_tensor": {"name": spec.arg.name}}}}
        elif spec.kind.name == "PARAMETER":
            yield {"parameter": {"arg": {"name": spec.arg.name}, "parameter_name": spec.target}}


def _results(node: Any) -> Iterator[tuple[str, Any]]:
    """The tensors that a node gives, by name; of several each is a node that takes it out."""
    value = node.meta.get("val")
    if hasattr(value, "shape"):
        yield node.name, value


def _node(node: Any) -> dict[str, Any]:
    target = node.target
    schema = getattr(target, "_schema", None)
    names = [argument.name for argument in schema.arguments] if schema is not None else []
    given = [*zip(names, node.args, strict=False), *node.kwargs.items()]
    stack = node.meta.get("nn_module_stack") or {}
    modules = ";".join(f"{key},{path},{_class(kind)}" for key, (path, kind) in stack.items())
    value = node.meta.get("val")
    outputs: list[dict[str, Any]] = [{"as_tensor": {"name": node.name}}]
    if isinstance(value, (tuple, list)):
        parts = {use.args[1]: use.name for use in node.users if len(use.args) > 1}
        outputs = [{"as_tensors": [{"name": parts.get(i, "")} for i in range(len(value))]}]
    return {
        "target": f"torch.ops.{target if schema is not None else f'python.{target.__name__}'}",
        "inputs": [{"name": name, "arg": _argument(value)} for name, value in given],
        "outputs": outputs,
        "metadata": {"nn_module_stack": modules},
    }


def _class(kind: Any) -> str:
    return kind if isinstance(kind, str) else f"{kind.__module__}.{kind.__qualname__}"


def _argument(value: Any) -> dict[str, Any]:
    """An argument, under the name of its type as the JSON has it."""
    if value is None:
        return {"as_none": True}
    if hasattr(value, "op"):
        return {"as_tensor": {"name": value.name}}
    if isinstance(value, (list, tuple)):
        if any(hasattr(part, "op") for part in value):
            return {"as_tensors": [{"name": part.name} for part in value if part is not None]}
        return {"as_ints": [*value]}
    kind = {bool: "as_bool", int: "as_int", float: "as_float", str: "as_string"}
    return {kind.get(type(value), "as_other"): value}
