"""The graph in an .onnx file while it is read: operators, constants, sizes and modules."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cnncalc.exchange.model import Model, ModelError, Scope
from cnncalc.exchange.onnx_constants import expanded, folded, stated
from cnncalc.exchange.onnx_file import File, Operator, Weight, names_in
from cnncalc.exchange.tensor import Tensor, Unknown, Where
from cnncalc.exchange.tensors import Tensors
from cnncalc.wording import visible


class Graph:
    """The graph of one file while it is read."""

    def __init__(self, file: File, model: Model) -> None:
        self.file = file
        self.model = model
        self.tensors = Tensors(model)
        self.weights = dict(file.weights)
        self.sequences: dict[str, list[Tensor]] = {}
        read = {name for operator in file.operators for name in operator.inputs}
        self.used = read | {*file.outputs}
        self.outer = {scope for operator in file.operators for scope in _scopes(operator)[:-1]}

    def input_sizes(self, name: str) -> tuple[int, ...]:
        """The sizes of an input; a batch that is no number is one example."""
        batch, *rest = self.file.sizes.get(name) or [None, None]
        if None in rest:
            raise ModelError(f"the input {visible(name)} has no fixed size; export it with one")
        return (batch or 1, *(size for size in rest if size is not None))

    def sizes(self, name: str) -> tuple[int, ...] | None:
        """The sizes that the file states for a value, where it does."""
        found = self.file.sizes.get(name)
        if not found or len(found) < 2 or None in found[1:]:
            return None
        return (found[0] or 1, *(size for size in found[1:] if size is not None))


def _scopes(operator: Operator) -> list[str]:
    """The modules round an operator, the outer first, the last its own."""
    if noted := operator.metadata.get("pkg.torch.onnx.name_scopes"):
        return [name for name in names_in(noted)[:-1] if name]
    parts = operator.name.split("/") if operator.name.startswith("/") else []
    return [part for part in parts[1:-1] if part]


def _classes(operator: Operator) -> list[str]:
    """The classes of those modules, where the exporter noted them."""
    noted = operator.metadata.get("pkg.torch.onnx.class_hierarchy", "")
    return [name.rpartition(".")[2] for name in names_in(noted)[1:-1]] if noted else []


class Call:
    """One operator: its attributes, and what it reads and gives."""

    def __init__(self, operator: Operator, graph: Graph) -> None:
        self.operator = operator
        self.graph = graph
        self.result = operator.outputs[0] if operator.outputs else ""
        self.place = operator.name or "the graph"

    def attribute(self, name: str, default: Any = None) -> Any:
        return self.operator.attributes.get(name, default)

    def name(self, place: int) -> str:
        """The name of an input; "" for one that is left out."""
        return self.operator.inputs[place] if place < len(self.operator.inputs) else ""

    def tensor(self, place: int = 0) -> Tensor:
        """The value that an input is. Raises Unknown for a weight."""
        found = self.graph.tensors.values.get(self.name(place))
        if found is None:
            raise Unknown
        return found

    def is_value(self, place: int) -> bool:
        return self.name(place) in self.graph.tensors.values

    def weight(self, place: int) -> Weight | None:
        """The weight that an input is; None where it is left out. Raises Unknown for a value."""
        if not self.name(place):
            return None
        found = self.graph.weights.get(self.name(place))
        if found is None:
            raise Unknown
        return found

    def shape(self, place: int) -> tuple[int, ...]:
        """The sizes of a weight."""
        found = self.weight(place)
        if found is None:
            raise Unknown
        return found.sizes

    def numbers(self, place: int, attribute: str = "", default: Any = None) -> Any:
        """Constant numbers: an input, or the attribute that older versions have instead."""
        if attribute and attribute in self.operator.attributes:
            return self.attribute(attribute)
        found = self.graph.weights.get(self.name(place)) if self.name(place) else None
        if found is None:
            if self.name(place):
                raise Unknown
            return default
        if found.values is None:
            raise Unknown
        return found.values

    def weights(self, *places: int) -> dict[str, int]:
        """The weights among inputs, each with how many values it has."""
        found = [weight for weight in map(self.bias, places) if weight is not None]
        return {key: size for weight in found for key, size in weight.weights.items()}

    def bias(self, place: int) -> Weight | None:
        """A weight that need not be there; zeros that operators make are none."""
        found = self.weight(place)
        return None if found is None or not found.weights else found

    @property
    def where(self) -> Where:
        """Where the operator stands among the modules."""
        scopes = _scopes(self.operator)
        classes = _classes(self.operator)
        is_leaf = bool(scopes) and scopes[-1] not in self.graph.outer
        outer = scopes[:-1] if is_leaf else scopes
        kinds = classes if len(classes) == len(scopes) else ["module"] * len(scopes)
        return Where(
            self.result,
            scopes[-1].rpartition(".")[2] if is_leaf else "",
            tuple(
                Scope(path.rpartition(".")[2], kind)
                for path, kind in zip(outer, kinds, strict=False)
            ),
        )

    # Layers that the operator is.

    def slide(self, kind: str, **arguments: Any) -> None:
        """A layer along spatial axes."""
        sizes = self.graph.sizes(self.result)
        self.graph.tensors.slide(self.where, kind, self.tensor(), sizes, **arguments)

    def pointwise(self, kind: str, **arguments: Any) -> None:
        """A layer that does the same at every position."""
        self.graph.tensors.pointwise(self.where, kind, self.tensor(), **arguments)

    def alias(self, source: Tensor | None = None) -> None:
        """No layer: the result is the first value."""
        self.graph.tensors.alias(self.result, source or self.tensor())

    def folded(self) -> bool:
        """Work out what depends on constants alone; whether it did."""
        weights, kind = self.graph.weights, self.operator.type
        if kind == "Constant":
            weights[self.result] = stated(self.operator, self.result)
            return True
        if kind == "Shape":
            whole = self.tensor().sizes if self.is_value(0) else self.shape(0)
            start, end = self.attribute("start", 0), self.attribute("end", len(whole))
            sizes = Weight("", (), [*whole[start:end]])
            weights[self.result] = expanded(self.result, (len(whole[start:end]),), sizes)
            return True
        inputs = [weights.get(name) for name in self.operator.inputs if name]
        known = [weight for weight in inputs if weight is not None]
        if kind == "CastLike" and inputs[0] is not None:
            weights[self.result] = inputs[0]
            return True
        if kind == "Identity" and inputs and inputs[0] is not None:
            # PyTorch's older exporter writes equal weights once, and each by the name that it had.
            weights[self.result] = replace(inputs[0], name=self.result)
            return True
        if not known or len(known) < len(inputs):
            return False
        weights[self.result] = folded(self.operator, self.result, known) or self.derived(known)
        return True

    def derived(self, known: list[Weight]) -> Weight:
        """A weight of another form, with the sizes that the file states for it."""
        sizes = self.graph.file.sizes.get(self.result) or []
        made_of = {key: size for weight in known for key, size in weight.weights.items()}
        shape = tuple(size for size in sizes if size is not None)
        return Weight(self.result, shape, None, computed=True, made_of=tuple(made_of.items()))
