"""Shared: items that are used again, each a layer or a model that is called twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.exchange.export.keras.copies import write_copies
from cnncalc.exchange.export.keras.flow import Flow
from cnncalc.exchange.export.layout import Code, Line, call, row
from cnncalc.exchange.export.targets import NotExported
from cnncalc.language.model import Item, LayerOp

if TYPE_CHECKING:
    from cnncalc.exchange.export.record import Copy


def write_shared(flow: Flow, item: Item, path: str, copies: list[Copy]) -> None:
    """An item that is used again is a layer or a model of its own, which is called twice."""
    uses = flow.file.reused.get(id(item))
    if uses is None:
        write_copies(flow, item, path, copies)
        return
    alone = item.repeat is None and item.each is None and isinstance(item.op, LayerOp)
    if alone and not _needs_steps(flow, item, path, copies):
        write_copies(flow, item, path, copies)
        return
    given = flow.text(flow.current)
    name = flow.share(item, "model")
    start = flow.share(item, "input")
    flow.function.shared[id(item)] = name
    flow.body.append(Line(f"{start} = ", call("keras.Input", _common_shape(copies))))
    inner = flow.inner(flow.runs, "", "y", flow.function.write(start))
    inner.scope, inner.body, inner.at_top = flow.scope, flow.body, flow.at_top
    inner.target = flow.function.identifiers.new("y")
    inner.entering = inner.previous = inner.current
    inner.is_shared, inner.called = True, flow.called
    write_copies(inner, item, path, copies)
    made = call("keras.Model", start, inner.text(inner.current), name=flow.quoted(path))
    flow.body.append(Line(f"{name} = ", made))
    flow.function.identifiers.taken -= {start, inner.target}
    flow.function.results.pop(id(item), None)
    flow.write(call(name, given), flow.own(item))


def _needs_steps(flow: Flow, item: Item, path: str, copies: list[Copy]) -> bool:
    """Whether a layer is more than one in Keras: it is written to see, and taken back."""
    function, before = flow.function, flow.current
    body, flow.body = flow.body, []
    versions, shared = dict(function.versions), dict(function.shared)
    taken = set(function.identifiers.taken)
    write_copies(flow, item, path, copies)
    found = id(item) not in function.shared
    flow.body, flow.current = body, before
    function.versions, function.shared = versions, shared
    function.identifiers.taken = taken
    return found


def _common_shape(copies: list[Copy]) -> Code:
    """The shape that all uses read; None for a size that differs."""
    shapes = [copy.source.output.shape for copy in copies if copy.source.output is not None]
    sizes = [
        str(along[0]) if len(set(along)) == 1 else "None" for along in zip(*shapes, strict=True)
    ]
    return row(sizes)


def write_reuse(flow: Flow, item: Item, copies: list[Copy]) -> None:
    """Call the layer or model that an earlier item is."""
    shared = flow.function.shared.get(id(copies[0].again[0].item))
    if shared is None:
        raise NotExported("what is used again stands in another function", item)
    flow.write(call(shared, flow.text(flow.current)), flow.own(item))
