"""Copies: items once, in a loop, and for every row of a table."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cnncalc.exchange.export.identifiers import snake
from cnncalc.exchange.export.keras.flow import Flow
from cnncalc.exchange.export.layout import Code, Line, Suite, call, listing, row
from cnncalc.language.located import Value
from cnncalc.language.model import Item

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cnncalc.exchange.export.record import Copy


def write_copies(flow: Flow, item: Item, path: str, copies: list[Copy]) -> None:
    trainable = flow.trainable
    if item.trainable is not None and item.each is None and item.repeat is None:
        flow.trainable = _trainable(flow, item, copies)
    if item.each is not None:
        _write_each(flow, item, path, copies)
    elif item.repeat is not None:
        _write_repeat(flow, item, path, copies)
    else:
        flow.file.write_once(flow, item, path, copies, item.name is not None)
    flow.trainable = trainable


def _trainable(flow: Flow, item: Item, copies: list[Copy]) -> str:
    """Whether an item is trained, as Python; nothing where it is, as ever."""
    assert item.trainable is not None
    frozen = [copy.element.frozen for copy in copies if copy.element is not None]
    if all(frozen):
        return "False"
    return flow.condition(item.trainable) if any(frozen) else flow.trainable


def changes(flow: Flow, item: Item) -> bool:
    """Whether the condition of a repeated item is another one for every copy."""
    condition = item.when.word or "" if item.when is not None and item.repeat is not None else ""
    return "$prev" in condition or (flow.at_top and re.search(r"\$in\b", condition) is not None)


def _write_repeat(flow: Flow, item: Item, path: str, copies: list[Copy]) -> None:
    assert item.repeat is not None
    count = flow.value(item.repeat)
    if count == "1" and not changes(flow, item):
        before = flow.trainable
        _write_copy(flow, item, f"{path}.1", copies, False)
        flow.trainable = before
        return
    flow.settle()
    index = flow.index()
    fixed = str(count).isdecimal()
    loop = f"range(1, {int(str(count)) + 1})" if fixed else f"range({count})"
    number = f"{{{index}}}" if fixed else f"{{{index} + 1}}"
    if item.each is None:
        _collect(flow, item)
    with flow.suite(f"for {index} in {loop}:"):
        _write_loop(flow, item, f"{path}.{number}", copies)
    flow.function.identifiers.taken.discard(index)


def _collect(flow: Flow, item: Item) -> None:
    if flow.file.knows("listed", id(item)):
        name = flow.function.identifiers.new(f"{snake(flow.called[id(item)])}_copies")
        flow.function.lists[id(item)] = name
        flow.body.append(f"{name} = []")


def _write_loop(
    flow: Flow, item: Item, path: str, copies: list[Copy], *, in_row: bool = False
) -> None:
    """What stands in a loop: what is read the next time is what is written now."""
    flow.current = flow.function.write(flow.target)
    flow.begin(item)
    if item.when is not None and (in_row or changes(flow, item)):
        with flow.suite(f"if {flow.condition(item.when)}:"):
            _write_copy(flow, item, path, copies, in_row)
            flow.settle()
    else:
        _write_copy(flow, item, path, copies, in_row)
        flow.settle()
    outermost = in_row or item.each is None
    if outermost and (name := flow.function.lists.get(id(item))):
        flow.body.append(f"{name}.append({flow.target})")
    flow.current = flow.function.write(flow.target)


def _write_copy(flow: Flow, item: Item, path: str, copies: list[Copy], in_row: bool) -> None:
    if item.trainable is not None:
        flow.trainable = _trainable(flow, item, copies)
    if in_row and item.repeat is not None:
        _write_repeat(flow, item, path, copies)
    else:
        flow.file.write_once(flow, item, path, copies, True)


def _write_each(flow: Flow, item: Item, path: str, copies: list[Copy]) -> None:
    """A loop over the rows of a table; columns that nothing reads are left out."""
    assert item.each is not None
    function = flow.function
    flow.settle()
    index = flow.index()
    names = {name: function.identifiers.new(name.lower()) for name in item.each.columns}
    owners = {name: ("column", id(item), name) for name in names}
    _collect(flow, item)
    outer, body = flow.env, flow.body
    flow.env = {**outer, **{name: (names[name], owners[name]) for name in names}}
    flow.body = []
    _write_loop(flow, item, f"{path}.{{{index}}}", copies, in_row=True)
    written, flow.body, flow.env = flow.body, body, outer
    read = [name for name in names if name in function.read]
    function.read -= {*names}
    table = _table(flow, item, read, owners)
    header = _header(flow, index, [names[name] for name in read], table)
    flow.body.append(Suite(header, written))
    function.identifiers.taken -= {index, *names.values()}


def _header(flow: Flow, index: str, names: list[str], table: Code) -> str | Line:
    """The header of a loop over a table, which gets a variable where it is long."""
    if not names:
        return f"for {index} in range(1, len({table}) + 1):"
    targets = names[0] if len(names) == 1 else f"({', '.join(names)})"
    before = f"for {index}, {targets} in "
    if len(f"{before}enumerate({table}, 1):") > 72 and str(table).startswith("["):
        rows = flow.function.identifiers.new("rows")
        flow.body.append(Line(f"{rows} = ", table))
        table = rows
    return Line(before, call("enumerate", table, "1"), ":")


def _table(
    flow: Flow, item: Item, read: list[str], owners: Mapping[str, tuple[object, ...]]
) -> Code:
    """The columns that are read: a list of rows, or lists that are zipped."""
    assert item.each is not None
    columns = {name: item.each.columns[name] for name in read or list(owners)[:1]}
    if all(isinstance(part, list) for part in columns.values()):
        cells = [[flow.argument(cell, owners[name]) for cell in part]
                 for name, part in columns.items() if isinstance(part, list)]  # fmt: skip
        if len(cells) == 1:
            return listing(cells[0])
        return listing([row(part) for part in zip(*cells, strict=True)])
    texts = [_column(flow, part, owners[name]) for name, part in columns.items()]
    return texts[0] if len(texts) == 1 else call("zip", *texts)


def _column(flow: Flow, part: Value | list[Value], owner: tuple[object, ...]) -> Code:
    if isinstance(part, Value):
        return flow.argument(part, owner)
    return listing([flow.argument(cell, owner) for cell in part])
