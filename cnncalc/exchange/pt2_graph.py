"""The graph in a .pt2 archive: operations with named arguments, tensors with sizes, modules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import prod
from typing import Any

from cnncalc.exchange.archive import Json
from cnncalc.exchange.model import MAX_AXES, Model, ModelError, Scope
from cnncalc.exchange.tensor import Constant, Sizes, Tensor, Unknown, Where
from cnncalc.exchange.tensors import Tensors
from cnncalc.volume import MAX_NUMBER


class Call:
    """One operation of the graph: its arguments, and the tensors that it reads and gives."""

    def __init__(self, node: dict[str, Json], graph: Graph) -> None:
        self.graph = graph
        self.target = str(node["target"])
        self.given = {given["name"]: given["arg"] for given in node["inputs"]}
        self.outputs = [*_tensors(node["outputs"])]
        self.stack = _modules(node.get("metadata", {}).get("nn_module_stack", ""))
        self.reads = [*_tensors(self.given.values())]

    @property
    def operation(self) -> str:
        """conv2d of torch.ops.aten.conv2d.default; in place or not is one."""
        parts = self.target.split(".")
        return (parts[3] if len(parts) > 3 else self.target).rstrip("_")

    @property
    def place(self) -> str:
        """The module that it is in, for messages."""
        return (self.stack[-1][0] if self.stack else "") or "the model"

    def value(self, name: str, default: Json = None) -> Json:
        """An argument: a number, words, a list of numbers; the default where it is not given."""
        ((kind, value),) = self.given[name].items() if name in self.given else (("", default),)
        return default if kind == "as_none" else value

    def name(self, name: str) -> str:
        """The name of the tensor that an argument is; "" for none."""
        given = self.given.get(name, {}).get("as_tensor")
        return given["name"] if given else ""

    def tensor(self, name: str = "") -> Tensor:
        """The value that an argument, by default the first, is. Unknown for a weight or number."""
        found = self.graph.tensors.values.get(self.name(name or next(iter(self.given))))
        if found is None:
            raise Unknown
        return found

    def is_value(self, name: str) -> bool:
        """Whether an argument is a value, not a weight or a number."""
        return self.name(name) in self.graph.tensors.values

    def constant(self, name: str) -> Constant | None:
        """The weights that an argument is; None where it is not given. Raises KeyError."""
        found = self.name(name)
        return self.graph.tensors.constants[found] if found else None

    def shape(self, name: str) -> Sizes:
        """The sizes of weights; none where they are not given."""
        found = self.constant(name)
        return found.sizes if found else ()

    def weights(self, *names: str) -> dict[str, int]:
        """The weights among arguments, each with how many values it has."""
        found = [self.constant(name) for name in names]
        return {key: size for one in found if one for key, size in one.weights.items()}

    def axis(self, name: str, default: int = 0) -> int:
        """An argument that is an axis of the first value, counted from the front."""
        axis: int = self.value(name, default)
        return axis % len(self.tensor().axes)

    @property
    def sizes(self) -> Sizes:
        """The sizes of the result."""
        return self.graph.sizes[self.outputs[0]]

    @property
    def where(self) -> Where:
        """Where the operation stands among the modules."""
        return self.graph.where(self)

    # Layers that the operation is.

    def slide(self, kind: str, **arguments: Any) -> None:
        """A layer along spatial axes."""
        self.graph.tensors.slide(self.where, kind, self.tensor(), self.sizes, **arguments)

    def pointwise(self, kind: str, **arguments: Any) -> None:
        """A layer that does the same at every position."""
        self.graph.tensors.pointwise(self.where, kind, self.tensor(), **arguments)

    def alias(self, tensor: Tensor | None = None) -> None:
        """No layer: the result is the first value."""
        self.graph.tensors.alias(self.outputs[0], tensor or self.tensor())


class Graph:
    """The graph of one file while it is read."""

    def __init__(self, program: dict[str, Json], model: Model) -> None:
        module = program["graph_module"]
        graph = module["graph"]
        self.tensors = Tensors(model)
        self.sizes = {name: _sizes(meta) for name, meta in graph["tensor_values"].items()}
        self.calls = [Call(node, self) for node in graph["nodes"]]
        self.parameters: dict[str, str] = {}
        for spec in module["signature"]["input_specs"]:
            ((kind, given),) = spec.items()
            name = given.get("arg", {}).get("name", "")
            if kind == "user_input" and (tensor := given["arg"].get("as_tensor")):
                self.tensors.input(tensor["name"], self.sizes[tensor["name"]])
            elif kind == "parameter":
                self.parameters[name] = given["parameter_name"]
                own = {name: prod(self.sizes[name])}
                self.tensors.constants[name] = Constant(self.sizes[name], own)
            elif name in self.sizes:
                self.tensors.constants[name] = Constant(self.sizes[name])
        self.results = [
            given["user_output"]["arg"]["as_tensor"]["name"]
            for given in module["signature"]["output_specs"]
            if "as_tensor" in given.get("user_output", {}).get("arg", {})
        ]
        # A module with one operation and no module in it is that operation; others are groups.
        self.used = {name for call in self.calls for name in call.reads} | {*self.results}
        self.outer = {path for call in self.calls for path, _ in call.stack[:-1]}

    def where(self, call: Call) -> Where:
        """Where an operation stands among the modules."""
        *outer, last = call.stack or [("", "")]
        is_leaf = last[0] not in self.outer and last[0] != ""
        stack = outer if is_leaf else call.stack
        scopes = tuple(Scope(path.rpartition(".")[2], kind) for path, kind in stack if path)
        label = last[0].rpartition(".")[2] if is_leaf else ""
        return Where(call.outputs[0] if call.outputs else "", label, scopes)

    def reads_values(self, call: Call) -> bool:
        """Whether an operation reads values, not weights and numbers alone."""
        tensors = self.tensors
        return any(name in tensors.values or name in tensors.scores for name in call.reads)

    def weights(self, call: Call) -> dict[str, int]:
        """The weights that an operation reads, as they are or in another form."""
        constants = self.tensors.constants
        known = [constants[name] for name in call.reads if name in constants]
        return {key: size for one in known for key, size in one.weights.items()}


def _tensors(given: Iterable[dict[str, Json]]) -> Iterator[str]:
    """The names of tensors among arguments or results, those in lists too."""
    for one in given:
        for kind, value in one.items():
            if kind == "as_tensor":
                yield value["name"]
            elif kind == "as_tensors":
                yield from (tensor["name"] for tensor in value)
            elif kind == "as_optional_tensors":
                for tensor in value:
                    if "as_tensor" in tensor:
                        yield tensor["as_tensor"]["name"]


def _modules(text: str) -> list[tuple[str, str]]:
    """The path and class of each module round an operation: `key,layer1.0,pkg.BasicBlock;...`."""
    modules = []
    for part in text.split(";") if text else ():
        _, path, kind = part.split(",", 2)
        modules.append((path.partition("@")[0], kind.rpartition(".")[2]))
    return modules


def _sizes(meta: dict[str, Json]) -> Sizes:
    """The sizes of a tensor. A size that is not a number, but a symbol, raises ModelError."""
    if len(meta["sizes"]) > MAX_AXES:
        raise ModelError(f"the file has a tensor of more than {MAX_AXES} axes")
    sizes = [size.get("as_int") for size in meta["sizes"]]
    if None in sizes:
        raise ModelError("the model was exported with dynamic shapes; export it with fixed ones")
    if not all(type(size) is int and 0 <= size <= MAX_NUMBER for size in sizes):
        raise ModelError("the file has a tensor whose sizes are no whole numbers up to 10^12")
    return tuple(sizes)
