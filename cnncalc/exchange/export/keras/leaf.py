"""Leaf: a layer of a spec, as the writers of each kind see it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from cnncalc.exchange.export.keras.classes import LOCAL
from cnncalc.exchange.export.keras.flow import Flow
from cnncalc.exchange.export.layout import Code, call, row
from cnncalc.exchange.export.targets import NotExported
from cnncalc.language.expressions import Silenced
from cnncalc.language.located import Value
from cnncalc.language.model import Item, LayerOp
from cnncalc.problems import Reject

if TYPE_CHECKING:
    from cnncalc.exchange.export.record import Copy
    from cnncalc.network.model import Layer

# Kinds whose class in Keras, or whose arguments, go by the number of axes.


BY_RANK = ("conv", "local_conv", "depthwise_conv", "separable_conv", "transposed_conv", "max_pool",
            "avg_pool", "subsample", "global_avg_pool", "global_max_pool", "adaptive_avg_pool",
            "adaptive_max_pool", "upsample", "resize", "zero_pad", "crop", "slice", "drop_path",
            "attention", "prelu", "layer_norm", "reshape")  # fmt: skip


class Leaf:
    """An item that is a layer, and all layers that it is in the network."""

    def __init__(
        self, flow: Flow, item: Item, op: LayerOp, path: str, built: list[tuple[Copy, Layer]]
    ) -> None:
        self.flow = flow
        self.steps = 0  # layers before it
        self.ends_with = ""  # a function of its output
        self.item = item
        self.op = op
        self.path = path
        self.copies = [copy for copy, _ in built]
        self.layers = [layer for _, layer in built]
        self.operations: list[Any] = [layer.operation for layer in self.layers]
        self.first: Any = self.operations[0]
        ranks = {len(operation.input.sizes) for operation in self.operations}
        if len(ranks) > 1 and op.kind in BY_RANK:
            raise self.refused("stands on volumes with different numbers of axes")
        self.rank = len(self.first.input.sizes)
        self.trained = any(layer.operation.parameters for layer in self.layers)

    def refused(self, why: str, help: str = "") -> NotExported:
        return NotExported(f"{self.op.kind} {why}", self.item, help)

    @property
    def x(self) -> str:
        """The variable that holds what it reads."""
        return self.flow.text(self.flow.current)

    def step(self, layer: Code) -> None:
        """A layer before the one that it is about."""
        self.steps += 1
        self.flow.write(call(layer, self.x))

    def layer(self, cls: str, *parts: Code, suffix: Any = "", **named: Any) -> Code:
        """A layer of Keras, or of the file where Keras has none, with its name.

        ND at the end of a class stands for the number of axes.
        """
        if self.flow.trainable and self.trained:
            named["trainable"] = self.flow.trainable
        name = self.flow.quoted(f"{self.path}{suffix}")
        own = cls in LOCAL
        found = self.flow.file.new_class(cls) if own else f"layers.{cls}"
        return call(found.replace("ND", f"{self.rank}D"), *parts, **named, name=name)

    def step_if(self, condition: str, layer: Code) -> None:
        """A layer before, which is there only where a condition holds."""
        self.flow.settle()
        with self.flow.suite(f"if {condition}:"):
            self.step(layer)
        self.flow.current = self.flow.function.write(self.flow.target)

    # Arguments.

    def written(self, name: str) -> Value | None:
        """What stands in the spec for an argument; None where the kind's default holds."""
        value = self.op.arguments.get(name)
        if value is None or all(self.is_none(value, copy) for copy in self.copies):
            value = self.op.defaults.get(name)
        return value

    @staticmethod
    def is_none(value: Value, copy: Copy) -> bool:
        try:
            return value.evaluate(copy.values) is None
        except (Reject, Silenced):
            return False

    def number(self, name: str) -> Code:
        """A number, or one per axis; "" where it is not written."""
        value = self.written(name)
        if value is None:
            return ""
        if "$" in str(value.plain()):
            return self.or_default(name, value, self.flow.value(value))
        return per_axis(self.first.value_of(name))

    def or_default(self, name: str, value: Value, code: Code) -> Code:
        """An argument that is none in some places, where the default holds."""
        if not any(self.is_none(value, copy) for copy in self.copies):
            return code
        default = self.op.defaults.get(name)
        other = default.evaluate({}) if default is not None else self.op.cls.arguments[name].default
        if other is None or isinstance(other, bool):
            return code
        shown = "0" if name == "padding" and not isinstance(other, int) else per_axis(other)
        return f"{shown} if {code} is None else {code}"

    def stride(self, name: str = "stride") -> Code:
        """A number, "" where it is 1 for all."""
        code = self.number(name)
        return "" if code == "1" else code

    def flag(self, name: str) -> Code:
        """True, False or a condition; "" where the kind's default holds."""
        value = self.written(name)
        if value is None:
            return ""
        text = self.flow.condition(value)
        return "" if text == str(self.op.cls.arguments[name].default) else text

    def activation(self, name: str = "activation") -> Code:
        value = self.written(name)
        found = {getattr(operation, name) for operation in self.operations}
        if value is None or found == {None}:
            return ""
        if found == {"abs"}:
            self.ends_with = "keras.ops.abs"  # which is no activation of Keras
            return ""
        if "abs" in found:
            raise self.refused("has abs as activation only sometimes")
        if "$" in str(value.plain()):
            return self.flow.value(value, whole=False)
        return f'"{found.pop()}"'

    def rate(self) -> Code:
        value = self.written("rate")
        if value is None or "$" not in str(value.plain()):
            return repr(float(self.first.rate))
        return self.flow.rate(value)

    def all_agree(self, name: str) -> bool:
        values = [getattr(operation, name) for operation in self.operations]
        return all(value == values[0] for value in values)

    def common(self, name: str) -> Any:
        """What is the same at every place that the item stands, or the refusal of it."""
        if not self.all_agree(name):
            raise self.refused(f"has another {name} at every place that it stands",
                               "write a block of its own for each")  # fmt: skip
        return getattr(self.first, name)


def per_axis(value: Any) -> Code:
    """3 where all axes agree, else (1, 3)."""
    if not isinstance(value, tuple):
        return str(value)
    return str(value[0]) if len(set(value)) == 1 else row(map(str, value))


Kind = Callable[[Leaf], Code]
