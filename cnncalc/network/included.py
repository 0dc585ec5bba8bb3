"""`network:`: the items of another spec are built as a part of this network."""

from __future__ import annotations

from typing import Any

from cnncalc import problems as codes
from cnncalc.language.expressions import UNKNOWN, Silenced
from cnncalc.language.model import Included, Spec
from cnncalc.network.model import Group, Layer
from cnncalc.network.reporter import Reported
from cnncalc.network.scope import Found, Place, Scope, Taken
from cnncalc.network.values import values_of
from cnncalc.network.walk import Walk, close
from cnncalc.wording import did_you_mean, quote


def network(walk: Walk, op: Included, place: Place, signal: Found) -> Found:
    """Build the items of the other spec, up to `to`, in a scope of their own."""
    spec = op.spec
    if spec is None or op.name is None:
        raise Silenced
    group = walk.open(place, op.kind, signal, label=f"{op.kind} {op.name.text}")
    inner = walk.inside(spec, group)
    scope = _scope(walk, inner, op, place, signal)
    last = op.to.word if op.to is not None else None
    end = inner.run(spec.items, scope, signal, group, last)
    walk.visited = inner.visited
    if last is not None and last not in scope.entries:
        if not walk.reporter.problems.failed:
            _no_end(walk, op, spec, scope)
        raise Reported
    at_top = {
        name: (found, element)
        for name, (found, item, element) in scope.entries.items()
        if item is not None and item.only is None  # no head of training's
    }
    copies = {name: _copies(element) for name, (_, element) in at_top.items()}
    scope.outputs[group] = {
        **{name: found for name, (found, _) in at_top.items()},
        **{f"{name}.{copy}": of for name in copies for copy, of in copies[name].items()},
    }
    _read_outputs(walk, spec, group)
    return close(group, end)


def _copies(element: Layer | Group | None) -> dict[str, Found]:
    """What the copies of an item with `repeat` or `each` give: they can be read too, stage.4."""
    children = element.children if isinstance(element, Group) and element.copies else []
    given = {c.name: c.result if isinstance(c, Group) else c for c in children}
    return {name: signal for name, signal in given.items() if signal is not None}


def _scope(walk: Walk, inner: Walk, op: Included, place: Place, signal: Found) -> Scope:
    """What its items see: its own vars and input, and nothing of the spec that takes it in."""
    caller, spec = place.scope, inner.reporter.spec
    own = dict(spec.vars)
    if op.variant is not None:
        own.update(spec.variants[op.variant.text].vars)
    known: dict[str, Any] = {}
    for name, value in op.vars.items():
        try:
            known[name] = walk.value(value, caller)
        except (Reported, Silenced):
            known[name] = UNKNOWN
    inner.vars = values_of(own, inner.reporter, known)
    scope = Scope(dict(inner.vars), signal, f"{place.path}.", caller)
    scope.outside = True  # `$in` is as in its own file
    assert op.name is not None
    scope.frames = (*caller.frames, Taken(op.name.text, place.item, signal))
    for name in spec.inputs:
        if name != "input":
            scope.entries[name] = (signal, None, None)
    return scope


def _no_end(walk: Walk, op: Included, spec: Spec, scope: Scope) -> None:
    assert op.to is not None and op.name is not None  # noqa: PT018  # both are read
    word = quote(op.to.word or "")
    names = [name for name, (_, item, _) in scope.entries.items() if item is not None]
    message = f"{quote(op.name.text)} has no item {word} at its top"
    help = did_you_mean(op.to.word or "", names) or f"it has {', '.join(names[:12])}"
    walk.reporter.problem(codes.UNKNOWN_NAME, op.to, message, help)


def _read_outputs(walk: Walk, spec: Spec, group: Group) -> None:
    """What is an output of the other spec is meant to be read by whom it concerns."""
    wanted = {f"{group.path}.{word.text}" for _, word in spec.outputs}
    for element in group.elements() if wanted else ():
        signal = element.result if isinstance(element, Group) else element
        if element.path in wanted and signal is not None:
            walk.read.add(signal)
