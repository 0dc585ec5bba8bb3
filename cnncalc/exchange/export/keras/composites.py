"""Composites: residuals, gates and branches."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

from cnncalc.exchange.export.identifiers import snake
from cnncalc.exchange.export.keras.flow import Flow
from cnncalc.exchange.export.keras.merges import write_merge
from cnncalc.exchange.export.keras.values import Ref
from cnncalc.language.composites import Branches, Gate, Residual
from cnncalc.language.model import Item, Items
from cnncalc.layers.merge import Add, Gating, Merge
from cnncalc.network.model import Group, Layer

if TYPE_CHECKING:
    from cnncalc.exchange.export.record import Copy, Run


def runs_in(copies: list[Copy], items: Items) -> list[Run]:
    return [run for copy in copies for run in copy.runs if run.items is items]


def into(flow: Flow, part: Flow, items: Items, runs: list[Run]) -> None:
    """Write a part among the statements of a flow, which goes on with what it gives."""
    part_of(flow, part, items, runs)
    flow.current = part.current


def part_of(flow: Flow, part: Flow, items: Items, runs: list[Run]) -> str:
    part.body = flow.body
    flow.file.write_items(part, items, runs)
    flow.body = part.body
    return part.text(part.current)


def write_residual(
    flow: Flow, item: Item, op: Residual, path: str, copies: list[Copy], named: bool
) -> None:
    labels = flow.labels(item, path, named, ("body", "shortcut", "add"))
    merges = [_merge_of(copy, Add) for copy in copies]
    source = flow.current
    shortcut, new = source, ""
    projection = op.projection or Items()
    runs = runs_in(copies, projection)
    if any(merges):
        built = any(visit.copies for run in runs for visit in run.visits)
        if built or flow.current.variable == flow.target:
            shortcut, new = _shortcut(flow, op, labels, runs if built else [], source)
    body_runs = runs_in(copies, op.body)
    body = flow.inner(body_runs, labels + "body", flow.target, source)
    into(flow, body, op.body, body_runs)
    if any(merges):
        both = [flow.text(flow.current), flow.text(shortcut)]
        if all(merges):
            write_merge(flow, Add, both, labels + "add", [merge for merge in merges if merge])
        else:
            assert op.condition is not None
            flow.settle()
            with flow.suite(f"if {flow.condition(op.condition)}:"):
                write_merge(flow, Add, [flow.target, both[1]], labels + "add",
                            [merge for merge in merges if merge])  # fmt: skip
            flow.current = flow.function.write(flow.target)
    flow.function.identifiers.taken.discard(new)


def _shortcut(
    flow: Flow, op: Residual, labels: str, runs: list[Run], source: Ref
) -> tuple[Ref, str]:
    """The other way of a residual; and the variable that is made for it."""
    function = flow.function
    if not runs and source == function.inputs.get("input"):
        flow.file.learn("input", *function.key)  # so that it has a variable of its own
        return source, ""
    new = function.identifiers.new("shortcut")
    if not runs:
        before = flow.current
        flow.write(source.variable, new)
        shortcut, flow.current = flow.current, before
        return shortcut, new
    part = flow.inner(runs, labels + "shortcut", new, source)
    part_of(flow, part, op.projection or Items(), runs)
    return part.current, new


def _merge_of(copy: Copy, cls: type[Merge]) -> Layer | None:
    """The merge at the end of a composite, where there is one."""
    children = copy.element.children if isinstance(copy.element, Group) else []
    last = children[-1] if children else None
    ends = isinstance(last, Layer) and type(last.operation) is cls and last is copy.result
    return last if ends and isinstance(last, Layer) else None


def write_gate(
    flow: Flow, item: Item, op: Gate, path: str, copies: list[Copy], named: bool
) -> None:
    labels = flow.labels(item, path, named, ("body", "multiply"))
    new = flow.function.identifiers.new("gate")
    runs = runs_in(copies, op.body)
    source = flow.current
    gate = part_of(flow, flow.inner(runs, labels + "body", new, source), op.body, runs)
    merges = [merge for copy in copies if (merge := _merge_of(copy, Gating))]
    write_merge(flow, Gating, [flow.text(source), gate], labels + "multiply", merges,
                lambda: flow.own(item))  # fmt: skip
    flow.function.identifiers.taken.discard(new)


def write_branches(
    flow: Flow, item: Item, op: Branches, path: str, copies: list[Copy], named: bool
) -> None:
    labels = flow.labels(item, path, named, (*op.branches, op.merge.kind))
    merges = [merge for copy in copies if (merge := _merge_of(copy, op.merge))]
    built = {label: runs_in(copies, items) for label, items in op.branches.items()}
    built = {label: runs for label, runs in built.items() if runs}
    new = {label: flow.function.identifiers.new(snake(label), "branch") for label in built}
    sometimes = {label for label in built if len(built[label]) < len(copies)} & op.conditional
    parts = {
        label: flow.inner(runs, labels + label, new[label], flow.current)
        for label, runs in built.items()
    }
    if sometimes:
        _write_list(flow, op, parts, sometimes, labels, merges)
    else:
        ways = [part_of(flow, part, op.branches[label], built[label])
                for label, part in parts.items()]  # fmt: skip
        if len(ways) == 1:
            flow.write(ways[0])
        else:
            end = labels + op.merge.kind
            write_merge(flow, op.merge, ways, end, merges, lambda: flow.own(item))
    flow.function.identifiers.taken -= {*new.values()}


def _write_list(
    flow: Flow,
    op: Branches,
    parts: dict[str, Flow],
    sometimes: set[str],
    labels: str,
    merges: list[Layer],
) -> None:
    """Branches of which some are there only sometimes: a list that is merged."""
    ways = flow.function.identifiers.new("branches")
    flow.body.append(f"{ways} = []")
    for label, part in parts.items():
        items = op.branches[label]
        condition = items[0].when if label in sometimes else None
        header = f"if {part.condition(condition)}:" if condition is not None else ""
        with flow.suite(header) if header else nullcontext():
            flow.body.append(f"{ways}.append({part_of(flow, part, items, part.runs)})")
    if len(merges) == len(parts[next(iter(parts))].runs) and len(parts) - len(sometimes) > 1:
        write_merge(flow, op.merge, ways, labels + op.merge.kind, merges)
        return
    with flow.suite(f"if len({ways}) > 1:"):
        write_merge(flow, op.merge, ways, labels + op.merge.kind, merges)
        flow.settle()
    with flow.suite("else:"):
        flow.write(f"{ways}[0]")
