"""Items: how each becomes statements of a flow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.exchange.export.keras.composites import (
    into,
    runs_in,
    write_branches,
    write_gate,
    write_residual,
)
from cnncalc.exchange.export.keras.copies import changes, write_copies
from cnncalc.exchange.export.keras.flow import Flow, enter
from cnncalc.exchange.export.keras.functions import write_call
from cnncalc.exchange.export.keras.layers import write_layer
from cnncalc.exchange.export.keras.shared import write_reuse, write_shared
from cnncalc.exchange.export.keras.values import Ref, Result
from cnncalc.exchange.export.keras.vectors import flat_heads
from cnncalc.exchange.export.targets import NotExported
from cnncalc.language.composites import Branches, Gate, Layers, Residual, Reuse
from cnncalc.language.model import Call, Item, Items, LayerOp
from cnncalc.language.networks import NetworkItem
from cnncalc.network.model import Layer

if TYPE_CHECKING:
    from cnncalc.exchange.export.record import Copy, Run, Visit


def write_items(flow: Flow, items: Items, runs: list[Run]) -> None:
    """Write a list of items; `runs` are the times that it was built."""
    enter(flow.scope, items)
    flow.flat |= flat_heads(flow, items, runs)
    for place, item in enumerate(items):
        visits = [run.visits[place] for run in runs if place < len(run.visits)]
        if not visits:
            return  # what a network is taken in for stands before
        _write_item(flow, item, visits)


def _write_item(flow: Flow, item: Item, visits: list[Visit]) -> None:
    flow.owner = item
    before = flow.current
    if item.source is not None:
        flow.previous = flow.current
        flow.current = _read(flow, flow.reference(item.source))
    if item.only is not None:
        _write_head(flow, item, visits, before)
        return
    copies = [copy for visit in visits for copy in visit.copies]
    if not copies:
        flow.function.results[id(item)] = Result(flow.current)
        _keep(flow, item)
        return
    copies += flow.file.reused.get(id(item), [])
    flow.begin(item, held=item.repeat is None and item.each is None)
    path = flow.path_of(item)
    skipped = any(not visit.copies for visit in visits)
    if item.when is not None and item.each is None and skipped and not changes(flow, item):
        flow.settle()
        with flow.suite(f"if {flow.condition(item.when)}:"):
            write_shared(flow, item, path, copies)
            flow.settle()
        # What is read after it may be what was read before it.
        flow.current = flow.function.write(flow.target)
    else:
        write_shared(flow, item, path, copies)
    result = flow.function.results.get(id(item))
    gives = result._replace(ref=flow.current) if result is not None else Result(flow.current)
    flow.function.results[id(item)] = gives
    _keep(flow, item)


def _read(flow: Flow, text: str) -> Ref:
    """A volume by the text of its variable, which has just been asked for."""
    variable = text.partition("[")[0]
    return (
        Ref(text, flow.function.versions.get(text, 0)) if variable == text else _fixed(flow, text)
    )


def _fixed(flow: Flow, text: str) -> Ref:
    flow.function.versions.setdefault(text, 1)
    return Ref(text, flow.function.versions[text])


def _keep(flow: Flow, item: Item) -> None:
    """Give what an item gives a variable of its own, where it is read when x is another volume."""
    knows = flow.file.knows("kept", id(item))
    if knows and flow.current.variable == flow.target:
        variable = flow.variable(item)
        flow.body.append(f"{variable} = {flow.target}")
        result = flow.function.results[id(item)]
        flow.function.results[id(item)] = result._replace(ref=flow.function.write(variable))


def _write_head(flow: Flow, item: Item, visits: list[Visit], before: Ref) -> None:
    """A head that runs in training only: a further output of the model."""
    copies = [copy for visit in visits for copy in visit.copies]
    if not copies:
        flow.current = before
        return
    if not flow.at_top:
        message = "a head for training inside a block cannot be an output of the model"
        raise NotExported(message, item, "put it under layers:")
    head = flow.inner(flow.runs, flow.scope.prefix, "", flow.current)
    head.scope, head.at_top = flow.scope, True
    head.entering = head.previous = head.current
    head.target = flow.variable(item)
    head.owner = item
    path = flow.path_of(item)
    head.body = flow.body
    write_copies(head, item, path, copies)
    head.settle()
    flow.function.results[id(item)] = Result(head.current)
    flow.heads[path] = item
    flow.current = before


def write_once(flow: Flow, item: Item, path: str, copies: list[Copy], named: bool) -> None:
    op = item.op
    if isinstance(op, LayerOp):
        _write_layer(flow, item, op, path, copies)
    elif isinstance(op, (Call, NetworkItem)):
        write_call(flow, item, op, path)
    elif isinstance(op, Reuse):
        write_reuse(flow, item, copies)
    elif isinstance(op, Residual):
        write_residual(flow, item, op, path, copies, named)
    elif isinstance(op, Branches):
        write_branches(flow, item, op, path, copies, named)
    elif isinstance(op, Gate):
        write_gate(flow, item, op, path, copies, named)
    else:
        assert isinstance(op, Layers)
        runs = runs_in(copies, op.items)
        into(flow, flow.inner(runs, path, flow.target, flow.current), op.items, runs)


def _write_layer(flow: Flow, item: Item, op: LayerOp, path: str, copies: list[Copy]) -> None:
    layers = [copy.element for copy in copies if isinstance(copy.element, Layer)]
    write_layer(flow, item, op, path, [*zip(copies, layers, strict=True)], lambda: flow.own(item))
