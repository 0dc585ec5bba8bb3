"""Merges: several volumes become one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from cnncalc.exchange.export.keras.flow import Flow
from cnncalc.exchange.export.layout import Code, call, listing, row
from cnncalc.layers.merge import Merge, Multiply

if TYPE_CHECKING:
    from cnncalc.network.model import Layer


Own = Callable[[], str]


_MERGES = {"concat": "concatenate"}


def write_merge(
    flow: Flow,
    cls: type[Merge],
    parts: list[str] | str,
    path: str,
    layers: list[Layer],
    own: Own = str,
) -> None:
    """Write a merge of variables, or of the list that a variable holds."""
    kind = "multiply" if issubclass(cls, Multiply) else cls.kind
    operations: list[Any] = [layer.operation for layer in layers]
    code: Code = parts if isinstance(parts, str) else listing(parts)
    if kind == "multiply" and isinstance(parts, list):
        code = listing(_stretched(parts, operations, flow, path))
    if any(operation.crop for operation in operations):
        flow.file.expressions.need("crop_to_smallest")
        least = "2" if kind == "multiply" else ""  # what has size 1 is stretched
        code = call("crop_to_smallest", code, least=least)
    function = f"layers.{_MERGES.get(kind, kind)}"
    flow.write(call(function, code, name=flow.quoted(path)), own())


def _stretched(parts: list[str], operations: list[Any], flow: Flow, path: str) -> list[Code]:
    """The factors of a product, vectors with axes of size 1."""
    volumes = operations[0].inputs
    axes = max(len(volume.sizes) for volume in volumes)
    return [
        call(
            call("layers.Reshape", row(["1"] * axes + ["-1"]), name=flow.quoted(f"{path}_axes")),
            part,
        )
        if not volume.sizes and axes
        else part
        for part, volume in zip(parts, volumes, strict=True)
    ]
