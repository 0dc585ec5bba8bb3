"""How each composite, block call and reuse is put together from its parts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from cnncalc import problems as codes
from cnncalc.language.composites import Branches, Gate, Layers, Residual, Reuse
from cnncalc.language.expressions import LATER, UNKNOWN, Silenced
from cnncalc.language.located import Value
from cnncalc.language.model import Call, Items, Op
from cnncalc.language.networks import NetworkItem
from cnncalc.layers.merge import Add, Gating
from cnncalc.network.included import network
from cnncalc.network.model import Group, Layer
from cnncalc.network.reporter import Reported
from cnncalc.network.scope import (
    FAILED,
    Again,
    Binding,
    Entry,
    Failed,
    Found,
    Frame,
    Place,
    Scope,
    channels,
)
from cnncalc.network.walk import Compose, Todo, Walk, close, is_named
from cnncalc.problems import Reject
from cnncalc.wording import quote

# What the merge at the end of a composite is told beyond its inputs.
_ENDS = {
    "crop": False,
    "composite": "residual",
    "parts": ("the body", "the shortcut"),
    "strided": "",
    "upsampled": "",
    "helps": (
        "flatten belongs in both or neither",
        "padding: same keeps the size in the body; a stride there belongs in the shortcut too",
        "a shortcut that gives VOLUME, such as shortcut: [PROJECTION]",
    ),
}
_IDENTITY = {
    **_ENDS,
    "strided": "a shortcut that gives VOLUME, such as "
    "shortcut: [conv: {filters: CHANNELS, kernel: 1, stride: STRIDE}]",
}
_BRANCHES = {
    "crop": False,
    "composite": "branches",
    "strided": "",
    "upsampled": "",
    "helps": (
        "flatten belongs in all branches or none",
        "padding: same keeps the size in a branch, and strides must agree",
        "end all branches with as many filters",
    ),
}
_GATED = {"crop": False}


@lru_cache(256)
def _end_of_branches(parts: tuple[str, ...]) -> dict[str, Any]:
    """One object for equal parts, so that equal merges are one layer."""
    return {**_BRANCHES, "parts": parts}


def residual(walk: Walk, op: Residual, place: Place, signal: Found) -> Found:
    group = walk.open(place, op.kind, signal)
    labels = prefix(place, group, ("body", "shortcut", "add"))
    body = walk.part(place, group, labels, "body", op.body, signal)
    if not _condition(walk, place, op.condition):
        return close(group, body)
    shortcut = signal
    if op.projection is not None:
        shortcut = walk.part(place, group, labels, "shortcut", op.projection, signal)
    ends = _ENDS if op.projection else _IDENTITY
    return close(group, walk.merge(place, group, labels + "add", Add, (body, shortcut), ends))


def _condition(walk: Walk, place: Place, value: Value | None) -> bool:
    """Whether there is a shortcut: yes where no key is written, none where it is none."""
    if value is not None and walk.value(value, place.scope) is None:
        return False
    return walk.flag(value, place.scope, "shortcut")


def branches(walk: Walk, op: Branches, place: Place, signal: Found) -> Found:
    if len(op.branches) < 2:
        raise Silenced
    group = walk.open(place, op.kind, signal)
    labels = prefix(place, group, (*op.branches, op.merge.kind))
    kept = [
        (label, name)
        for label, name in zip(op.branches, op.labels, strict=True)
        if label not in op.conditional
        or not _is_dropped(walk, op.branches[label], place.scope.inner(labels + label), signal)
    ]
    if not kept:
        message = "every branch is dropped"
        help = "a branch without when: keeps what comes in, such as keep: []"
        raise walk.reporter.problem(codes.STRUCTURE, place.item, message, help, scope=place.scope)
    ends = tuple(
        walk.part(place, group, labels, label, op.branches[label], signal) for label, _ in kept
    )
    if len(ends) == 1:
        return close(group, ends[0])
    path = labels + op.merge.kind
    merged = _end_of_branches(tuple(name for _, name in kept))
    return close(group, walk.merge(place, group, path, op.merge, ends, merged))


def _is_dropped(walk: Walk, branch: Items, scope: Scope, signal: Found) -> bool:
    """Whether a branch that is one item is left out, as its condition is false."""
    (item,) = branch
    scope.previous = signal
    if walk.is_there(item, scope):
        return False
    walk.visit(item)
    walk.skip(item, scope, signal)
    return True


def gate(walk: Walk, op: Gate, place: Place, signal: Found) -> Found:
    group = walk.open(place, op.kind, signal)
    labels = prefix(place, group, ("body", "multiply"))
    body = walk.part(place, group, labels, "body", op.body, signal)
    path = labels + "multiply"
    return close(group, walk.merge(place, group, path, Gating, (signal, body), _GATED))


def layers(walk: Walk, op: Layers, place: Place, signal: Found) -> Found:
    group = walk.open(place, op.kind, signal)
    return close(group, walk.run(op.items, place.scope.inner(group.path), signal, group))


def prefix(place: Place, group: Group, labels: tuple[str, ...]) -> str:
    """What stands before the labels of a composite's parts.

    The parts of an unnamed composite stand directly in its scope, as `body`; where one of the
    labels is or may become another path there, under the composite's own name, as
    `residual2.body`.
    """
    scope = place.scope
    if place.named or any(map(scope.is_taken, labels)):
        return group.path + "."
    scope.labels.update(labels)
    return scope.prefix


def call(walk: Walk, op: Call, place: Place, signal: Found) -> Found:
    """Build a block: its items see its arguments, its input and nothing outside."""
    caller = place.scope
    group = walk.open(place, op.block.name, signal)
    scope = Scope({**walk.vars, "in": channels(signal)}, signal, place.path + ".", caller)
    scope.caller = caller
    if op.block.parameters:
        _bind(walk, op, caller, scope)
    scope.frames = (*caller.frames, Frame(op, place.item, scope.bindings, signal))
    end = walk.run(op.block.items, scope, signal, group)
    outputs = op.block.outputs
    return close(group, hand_on(walk, outputs, scope, group) if outputs else end)


def hand_on(walk: Walk, outputs: Mapping[str, Value], scope: Scope, group: Group) -> Found:
    """What a call hands on, the first of its outputs; `Call.label` names all of them."""
    found: dict[str, Found] = {}
    for label, name in outputs.items():
        try:
            found[label] = walk.names.signal(name, scope)
        except (Silenced, Reported):
            found[label] = FAILED
    scope.outputs[group] = found
    group.labelled = {
        label: signal for label, signal in found.items() if not isinstance(signal, Failed)
    }
    return next(iter(found.values()))


def _bind(walk: Walk, op: Call, caller: Scope, own: Scope) -> None:
    """Give the block's `own` scope the arguments of a call.

    What is written is worked out where the caller stands, a default in the block. Both are known
    where the names in them had the same values.
    """
    known = walk.maker.known(op)
    key = None if known is None else caller.key(op.names, own.values["in"])
    bindings = None if known is None else known.get(key)
    if bindings is None:
        bindings = _bindings(walk, op, caller, own)
        worked = all(binding.value is not UNKNOWN for binding in bindings.values())
        if known is not None and key is not None and worked:
            known[key] = bindings
    own.bindings = bindings
    for name, binding in bindings.items():
        own.values[name] = binding.value


def _bindings(walk: Walk, op: Call, caller: Scope, own: Scope) -> dict[str, Binding]:
    own.values.update(dict.fromkeys(op.block.parameters, LATER))
    bindings: dict[str, Binding] = {}
    for name, default in op.block.parameters.items():
        binding = None
        if name in op.arguments:
            binding = _worked_out(walk, op.arguments[name], caller, caller)
            if binding.value is None and default is None:
                message = f"{op.block.name} needs {name}, which is none here"
                help = f"args: {{{name}: none}} makes it optional"
                walk.reporter.problem(
                    codes.BLOCK_CALL, binding.written, message, help, scope=caller
                )
                binding.value = UNKNOWN
        if default is not None and (binding is None or binding.value is None):
            binding = _worked_out(walk, default, own, caller)
            binding = bindings.get(default.argument or "", binding)  # means what that one does
        assert binding is not None  # calls without an argument that they need are refused
        bindings[name] = binding
        own.values[name] = binding.value
    return bindings


def _worked_out(walk: Walk, written: Value, names: Scope, caller: Scope) -> Binding:
    """An argument's value; what is wrong with it is reported where the caller stands."""
    value: Any = UNKNOWN
    try:
        value = walk.names.evaluate(written, names)
    except Reject as reject:
        walk.reporter.refused(reject, written, caller)
    except Silenced:
        pass
    return Binding(value, written, by_caller=names is caller)


def reuse(walk: Walk, op: Reuse, place: Place, signal: Found) -> Found:
    """Build an earlier item again; its layers share the weights of the first ones.

    Of a chain of reuses each builds the first item at once, not the others in between.
    """
    name, frames = op.name, place.scope.frames
    if name is None or name.word is None:
        raise Silenced
    if any(isinstance(frame, Again) and frame.item is place.item for frame in frames):
        raise Silenced  # of two items with one name, which is reported, one reuses the other
    entry = walk.names.entry(name, name.word, place.scope)
    shown = quote(name.word)
    if not isinstance(entry, Entry):
        raise walk.reporter.problem(codes.REUSE, name, f"{shown} is not an item to reuse")
    if isinstance(entry.signal, Failed):
        raise Silenced
    if entry.item is None or entry.element is None:
        what = "an input" if entry.item is None else f"skipped (line {entry.item.line})"
        message = f"{shown} is {what}, so there is nothing to reuse"
        raise walk.reporter.problem(codes.REUSE, name, message)
    first = walk.firsts.get(entry.element, entry)
    assert first.item is not None
    scope = _where_it_stood(first.scope, place.path, signal)
    scope.depth = max(scope.depth, place.scope.depth + 1)
    scope.frames = (*frames, Again(shown, place.item, signal))
    again = place._replace(
        item=first.item, scope=scope, named=True, frozen=entry.element.frozen or place.frozen
    )
    children = place.parent.children
    before = len(children)
    todo: Todo = None
    if first.item.each is not None:
        todo = walk.rows(first.item, scope, signal)
    elif first.item.repeat is not None and isinstance(entry.element, Group):
        todo = len(entry.element.children)
    if todo == []:
        raise walk.reporter.problem(codes.REUSE, name, f"{shown} has other layers on this volume")
    result = walk.built(again, signal, todo)
    if len(children) == before or isinstance(result, Failed):
        raise Silenced
    _share(walk, children[before], entry.element, name)
    walk.origins[children[before]] = place.item  # the line that reuses, not the first one
    children[before].line = walk.line or place.item.line
    children[before].named = is_named(place.item, place.path)
    if place.item.when is None:
        walk.firsts[children[before]] = first
    return result


def _where_it_stood(scope: Scope, path: str, signal: Found) -> Scope:
    """The scope of an item that is built again: it sees what it saw, but stands on `signal`."""
    again = scope.inner(path)
    again.previous = signal
    again.values = dict(scope.values)
    again.outside = scope.outside
    again.enter(signal)
    return again


def _share(walk: Walk, new: Layer | Group, first: Layer | Group, name: Value) -> None:
    """Pair the layers of a reuse with the first ones; their weights must agree."""
    pairs = list(zip(new.layers, first.layers, strict=False))
    alike = len(new.layers) == len(first.layers)
    for mine, theirs in pairs:
        if type(mine.operation) is not type(theirs.operation):
            alike = False
        elif mine.operation.weight_shapes != theirs.operation.weight_shapes:
            raise walk.reporter.problem(
                codes.REUSE,
                name,
                f"{theirs.path} has {_weights(theirs)} on {_input(theirs)}, "
                f"here it would have {_weights(mine)} on {_input(mine)}",
                "weights can be shared only where their shapes agree",
            )
        mine.shares = theirs.shares or theirs
    if not alike:
        message = f"{quote(name.word or '')} has other layers on this volume"
        raise walk.reporter.problem(codes.REUSE, name, message)


def _weights(layer: Layer) -> str:
    return f"{layer.operation.weights:,} weights"


def _input(layer: Layer) -> str:
    return layer.inputs[0].text()


COMPOSE: Mapping[type[Op], Compose] = {
    Residual: residual, Branches: branches, Gate: gate, Layers: layers, Reuse: reuse, Call: call,
    NetworkItem: network,
}  # fmt: skip
