"""Items: how each kind of item, repeated or not, becomes statements of a flow."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cnncalc.exchange.export.identifiers import Identifiers, snake
from cnncalc.exchange.export.keras.file import OWN, RESERVED, Domain, File, is_fraction
from cnncalc.exchange.export.keras.flow import Flow, Function, enter, lower, scope_of
from cnncalc.exchange.export.keras.layers import write_layer, write_merge
from cnncalc.exchange.export.keras.values import Ref, Result, Written
from cnncalc.exchange.export.layout import Code, Line, Suite, call, listing, mapping, row
from cnncalc.exchange.export.targets import NotExported
from cnncalc.language.composites import Branches, Gate, Layers, Residual, Reuse
from cnncalc.language.located import Value
from cnncalc.language.model import Call, Item, Items, LayerOp
from cnncalc.language.networks import NetworkItem
from cnncalc.layers.activation import Activation
from cnncalc.layers.merge import Add, Gating, Merge
from cnncalc.network.model import Group, Layer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cnncalc.exchange.export.record import Copy, Run, Visit


def write_items(flow: Flow, items: Items, runs: list[Run]) -> None:
    """Write a list of items; `runs` are the times that it was built."""
    enter(flow.scope, items)
    flow.flat |= _flat_heads(flow, items, runs)
    for place, item in enumerate(items):
        visits = [run.visits[place] for run in runs if place < len(run.visits)]
        if not visits:
            return  # what a network is taken in for stands before
        _write_item(flow, item, visits)


# What does the same to vectors as to maps of size 1.
_ANY_RANK = ("dropout", "batch_norm", "identity", "layer_norm")


def _flat_heads(flow: Flow, items: Items, runs: list[Run]) -> set[int]:
    """From a global pool to the layer that flattens: vectors do, as Keras gives them."""
    flat: set[int] = set()
    since: list[Item] = []  # a pool and what follows it
    for place, item in enumerate(items):
        if not any(run.visits[place].copies for run in runs if place < len(run.visits)):
            continue
        plain = item.source is None and item.repeat is None and item.each is None
        op = item.op if plain and not flow.file.knows("kept", id(item)) else None
        kind = op.kind if isinstance(op, LayerOp) else ""
        if kind in ("global_avg_pool", "global_max_pool"):
            since = [] if item.written("keep") is not None else [item]
        elif kind in ("fc", "flatten", "rbf") and since:
            flat |= {id(found) for found in [*since, item]}
            since = []
        elif since and isinstance(op, LayerOp) and _takes_vectors(op):
            since.append(item)
        else:
            since = []
    return flat


def _takes_vectors(op: LayerOp) -> bool:
    known = op.kind in _ANY_RANK or (issubclass(op.cls, Activation) and op.kind != "softmax")
    return known and "axes" not in op.arguments


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
    if item.when is not None and item.each is None and skipped and not _changes(flow, item):
        flow.settle()
        with flow.suite(f"if {flow.condition(item.when)}:"):
            _write_shared(flow, item, path, copies)
            flow.settle()
        # What is read after it may be what was read before it.
        flow.current = flow.function.write(flow.target)
    else:
        _write_shared(flow, item, path, copies)
    result = flow.function.results.get(id(item))
    gives = result._replace(ref=flow.current) if result is not None else Result(flow.current)
    flow.function.results[id(item)] = gives
    _keep(flow, item)


def _changes(flow: Flow, item: Item) -> bool:
    """Whether the condition of a repeated item is another one for every copy."""
    condition = item.when.word or "" if item.when is not None and item.repeat is not None else ""
    return "$prev" in condition or (flow.at_top and re.search(r"\$in\b", condition) is not None)


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
        variable = _variable(flow, item)
        flow.body.append(f"{variable} = {flow.target}")
        result = flow.function.results[id(item)]
        flow.function.results[id(item)] = result._replace(ref=flow.function.write(variable))


def _variable(flow: Flow, item: Item) -> str:
    """A variable that is called as an item is."""
    name = flow.called.get(id(item)) or (item.name.text if item.name is not None else item.kind)
    return flow.function.identifiers.new(snake(name), "volume")


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
    head.target = _variable(flow, item)
    head.owner = item
    path = flow.path_of(item)
    head.body = flow.body
    _write_copies(head, item, path, copies)
    head.settle()
    flow.function.results[id(item)] = Result(head.current)
    flow.heads[path] = item
    flow.current = before


# Copies.


def _write_copies(flow: Flow, item: Item, path: str, copies: list[Copy]) -> None:
    trainable = flow.trainable
    if item.trainable is not None and item.each is None and item.repeat is None:
        flow.trainable = _trainable(flow, item, copies)
    if item.each is not None:
        _write_each(flow, item, path, copies)
    elif item.repeat is not None:
        _write_repeat(flow, item, path, copies)
    else:
        _write_once(flow, item, path, copies, item.name is not None)
    flow.trainable = trainable


def _trainable(flow: Flow, item: Item, copies: list[Copy]) -> str:
    """Whether an item is trained, as Python; nothing where it is, as ever."""
    assert item.trainable is not None
    frozen = [copy.element.frozen for copy in copies if copy.element is not None]
    if all(frozen):
        return "False"
    return flow.condition(item.trainable) if any(frozen) else flow.trainable


def _write_repeat(flow: Flow, item: Item, path: str, copies: list[Copy]) -> None:
    assert item.repeat is not None
    count = flow.value(item.repeat)
    if count == "1" and not _changes(flow, item):
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
    if item.when is not None and (in_row or _changes(flow, item)):
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
        _write_once(flow, item, path, copies, True)


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
    before = f"for {index}, {_targets(names)} in "
    if len(f"{before}enumerate({table}, 1):") > 72 and str(table).startswith("["):
        rows = flow.function.identifiers.new("rows")
        flow.body.append(Line(f"{rows} = ", table))
        table = rows
    return Line(before, call("enumerate", table, "1"), ":")


def _targets(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"({', '.join(names)})"


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


# What an item is.


def _write_once(flow: Flow, item: Item, path: str, copies: list[Copy], named: bool) -> None:
    op = item.op
    if isinstance(op, LayerOp):
        _write_layer(flow, item, op, path, copies)
    elif isinstance(op, (Call, NetworkItem)):
        _write_call(flow, item, op, path)
    elif isinstance(op, Reuse):
        _write_reuse(flow, item, copies)
    elif isinstance(op, Residual):
        _write_residual(flow, item, op, path, copies, named)
    elif isinstance(op, Branches):
        _write_branches(flow, item, op, path, copies, named)
    elif isinstance(op, Gate):
        _write_gate(flow, item, op, path, copies, named)
    else:
        assert isinstance(op, Layers)
        runs = _runs(copies, op.items)
        group = flow.inner(runs, path, flow.target, flow.current)
        _into(flow, group, op.items, runs)


def _own(flow: Flow, item: Item) -> str:
    """The variable that a single statement writes: that of the item, if it has one."""
    in_loop = item.repeat is not None or item.each is not None
    if flow.is_shared or in_loop or item.when is not None or not flow.file.knows("kept", id(item)):
        return ""
    return _variable(flow, item)


def _write_layer(flow: Flow, item: Item, op: LayerOp, path: str, copies: list[Copy]) -> None:
    layers = [copy.element for copy in copies if isinstance(copy.element, Layer)]
    write_layer(flow, item, op, path, [*zip(copies, layers, strict=True)], lambda: _own(flow, item))


def _runs(copies: list[Copy], items: Items) -> list[Run]:
    return [run for copy in copies for run in copy.runs if run.items is items]


def _into(flow: Flow, part: Flow, items: Items, runs: list[Run]) -> None:
    """Write a part among the statements of a flow, which goes on with what it gives."""
    _part(flow, part, items, runs)
    flow.current = part.current


def _part(flow: Flow, part: Flow, items: Items, runs: list[Run]) -> str:
    part.body = flow.body
    write_items(part, items, runs)
    flow.body = part.body
    return part.text(part.current)


def _write_residual(
    flow: Flow, item: Item, op: Residual, path: str, copies: list[Copy], named: bool
) -> None:
    labels = flow.labels(item, path, named, ("body", "shortcut", "add"))
    merges = [_merge_of(copy, Add) for copy in copies]
    source = flow.current
    shortcut, new = source, ""
    projection = op.projection or Items()
    runs = _runs(copies, projection)
    if any(merges):
        built = any(visit.copies for run in runs for visit in run.visits)
        if built or flow.current.variable == flow.target:
            shortcut, new = _shortcut(flow, op, labels, runs if built else [], source)
    body_runs = _runs(copies, op.body)
    body = flow.inner(body_runs, labels + "body", flow.target, source)
    _into(flow, body, op.body, body_runs)
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
    _part(flow, part, op.projection or Items(), runs)
    return part.current, new


def _merge_of(copy: Copy, cls: type[Merge]) -> Layer | None:
    """The merge at the end of a composite, where there is one."""
    children = copy.element.children if isinstance(copy.element, Group) else []
    last = children[-1] if children else None
    ends = isinstance(last, Layer) and type(last.operation) is cls and last is copy.result
    return last if ends and isinstance(last, Layer) else None


def _write_gate(
    flow: Flow, item: Item, op: Gate, path: str, copies: list[Copy], named: bool
) -> None:
    labels = flow.labels(item, path, named, ("body", "multiply"))
    new = flow.function.identifiers.new("gate")
    runs = _runs(copies, op.body)
    source = flow.current
    part = flow.inner(runs, labels + "body", new, source)
    gate = _part(flow, part, op.body, runs)
    merges = [merge for copy in copies if (merge := _merge_of(copy, Gating))]
    write_merge(flow, Gating, [flow.text(source), gate], labels + "multiply", merges,
                lambda: _own(flow, item))  # fmt: skip
    flow.function.identifiers.taken.discard(new)


def _write_branches(
    flow: Flow, item: Item, op: Branches, path: str, copies: list[Copy], named: bool
) -> None:
    labels = flow.labels(item, path, named, (*op.branches, op.merge.kind))
    source, made, ways = flow.current, [], []
    for label, items in op.branches.items():
        runs = _runs(copies, items)
        if not runs:
            continue
        new = flow.function.identifiers.new(snake(label), "branch")
        made.append(new)
        part = flow.inner(runs, labels + label, new, source)
        if len(runs) < len(copies) and label in op.conditional:
            raise NotExported("a branch that is dropped only sometimes", item,
                              "write the block twice, with and without it")  # fmt: skip
        ways.append(_part(flow, part, items, runs))
    merges = [merge for copy in copies if (merge := _merge_of(copy, op.merge))]
    if len(ways) == 1:
        flow.write(ways[0])
    else:
        write_merge(flow, op.merge, ways, labels + op.merge.kind, merges, lambda: _own(flow, item))
    flow.function.identifiers.taken -= {*made}


# Calls of blocks, and networks that are taken in.


def _write_call(flow: Flow, item: Item, op: Call | NetworkItem, path: str) -> None:
    written, arguments = _called_function(flow, op)
    key = _key(flow, op)
    source = flow.text(flow.current) if written.reads_input else ""
    named = dict(arguments)
    if flow.trainable:
        flow.file.learn("frozen", *key)
        named["trainable"] = flow.trainable
    positional = [named.pop(name) for name in [*named] if name.startswith("*")]
    if written.names_layers:
        named["name"] = flow.quoted(path)
    code = call(written.name, source, *positional, **named)
    variable = _own(flow, item)
    if not written.gives:
        flow.write(code, variable)
        flow.function.results[id(item)] = Result(flow.current, called=key)
        return
    variable = variable or _variable(flow, item)
    flow.write(code, variable)
    flow.function.results[id(item)] = Result(flow.current, variable, key)
    flow.current = flow.current._replace(key=written.gives[0])


def _key(flow: Flow, op: Call | NetworkItem) -> tuple[int, int]:
    if isinstance(op, NetworkItem):
        assert op.spec is not None
        return id(op), id(op.spec.items)
    return id(flow.function.domain.taken_in), id(op.block.items)


def _called_function(flow: Flow, op: Call | NetworkItem) -> tuple[Written, dict[str, Code]]:
    """The function that is called, and what it is given; required arguments have a * before."""
    file = flow.file
    if isinstance(op, NetworkItem):
        return network_function(file, file.domains[id(op)], op), {}
    written = block_function(file, flow.function.domain, op)
    names = parameter_names(op)
    runs = file.runs_of(flow.function.domain, op.block.items)
    given: dict[str, Code] = {}
    for name in written.parameters:
        default = op.block.parameters[name]
        owner = ("param", *_key(flow, op), name)
        if name in op.arguments:
            whole = not is_fraction(runs, name)
            code = flow.argument(op.arguments[name], owner, whole=whole)
            given[f"*{name}" if default is None else names[name]] = code
    return written, given


def parameter_names(op: Call) -> dict[str, str]:
    """The Python names of a block's arguments."""
    identifiers = Identifiers((*OWN, *RESERVED))
    return {name: identifiers.new(lower(name), "value") for name in op.block.parameters}


def block_function(file: File, domain: Domain, op: Call) -> Written:
    """The function of a block, which stands in the file once."""
    block = op.block
    key = (id(domain.taken_in), id(block.items))
    if key in file.functions:
        return file.functions[key]
    runs = file.runs_of(domain, block.items)
    names = parameter_names(op)
    function = Function(file, domain, block.items, tuple(names.values()))
    function.env = {name: (names[name], ("param", *key, name)) for name in names}
    flow = _begin(function, block.items, runs)
    defaults = [*_defaults(flow, op, names)]
    write_items(flow, block.items, runs)
    ends = {label: flow.reference(value) for label, value in block.outputs.items()}
    end = next(iter(ends.values()), None) or flow.text(flow.current)
    gives = _gives(flow, next(iter(ends), "output"), end, ends)
    for name, reads, suite in reversed(defaults):
        if name in function.read:
            function.read |= reads
            flow.body.insert(0, suite)
    prefix = "" if domain.taken_in is None else f"{domain.prefix}_"
    called = file.identifiers.new(snake(f"{prefix}{block.name}"), "block")
    parameters = [p for p in block.parameters if p in function.read]
    parameters.sort(key=lambda p: block.parameters[p] is not None)  # those without default first
    signature = [_parameter(flow, op, names, p) for p in parameters]
    return _finish(flow, called, signature, tuple(parameters), gives)


def network_function(file: File, domain: Domain, op: NetworkItem) -> Written:
    """The function of another spec that is taken in."""
    assert op.spec is not None
    assert op.name is not None
    key = (id(op), id(op.spec.items))
    if key in file.functions:
        return file.functions[key]
    items = op.spec.items
    runs = file.runs_of(domain, items)
    function = Function(file, domain, items, ())
    flow = _begin(function, items, runs)
    flow.at_top = True
    for name in op.spec.inputs:
        function.inputs[name] = function.inputs["input"]
    write_items(flow, items, runs)
    gives = _gives(flow, "output", flow.text(flow.current), {})
    name = file.identifiers.new(snake(domain.prefix), "network")
    return _finish(flow, name, [], (), gives)


def _begin(function: Function, items: Items, runs: list[Run]) -> Flow:
    keeps = function.file.knows("input", *function.key)
    start = function.write("inputs" if keeps else "x")
    function.inputs["input"] = start
    flow = Flow(function, runs, start, "x", scope_of(items, "{name}."), [])
    if function.file.knows("frozen", *function.key):
        flow.trainable = "trainable"
    return flow


def _gives(flow: Flow, first: str, end: str, ends: dict[str, str]) -> dict[str, str]:
    """What a function returns by key, beside its end, where its callers read more than that."""
    key = flow.function.key
    wanted = sorted(
        str(fact[2]) for fact in flow.file.facts if fact[0] == "gives" and fact[1] == key
    )
    others = {label: ends.get(label) or flow.at_path(label) for label in wanted if label != first}
    missing = [label for label, text in others.items() if text is None]
    if missing:
        assert flow.owner is not None
        raise NotExported(f"{missing[0]} cannot be told from outside", flow.owner)
    return (
        {first: end, **{label: str(text) for label, text in others.items()}}
        if others
        else {"": end}
    )


def _finish(
    flow: Flow,
    name: str,
    signature: list[str],
    parameters: tuple[str, ...],
    gives: dict[str, str],
) -> Written:
    """The function as it stands in the file."""
    file = flow.file
    start = flow.function.inputs["input"].variable
    last = ["trainable=True"] if file.knows("frozen", *flow.function.key) else []
    given: Code = (
        gives[""]
        if "" in gives
        else mapping([(f'"{label}"', text) for label, text in gives.items()])
    )
    flow.body.append(Line("return ", given))
    function = flow.function
    first = start if function.reads_input else ""
    named = f'name="{name}"' if function.names_layers else ""
    header = Line("def ", call(name, first, *signature, *last, named), ":")
    keys = () if "" in gives else tuple(gives)
    takes = function.reads_input, function.names_layers
    written = Written(name, parameters, *takes, keys, Suite(header, flow.body))
    file.functions[flow.function.key] = written
    return written


def _parameter(flow: Flow, op: Call, names: dict[str, str], name: str) -> str:
    """A parameter with its default; one that follows from others is worked out inside."""
    default = op.block.parameters[name]
    if default is None:
        return names[name]
    if _is_constant(default):
        return f"{names[name]}={flow.argument(default, ('param', *flow.function.key, name))}"
    return f"{names[name]}=None"


def _is_constant(value: Value) -> bool:
    return "$" not in str(value.plain())


def _defaults(flow: Flow, op: Call, names: dict[str, str]) -> Iterator[tuple[str, set[str], Suite]]:
    """Defaults that follow from other arguments and from what enters, and what they read."""
    for name, default in op.block.parameters.items():
        if default is None or _is_constant(default):
            continue
        before, flow.function.read = flow.function.read, set()
        code = flow.argument(default, ("param", *flow.function.key, name))
        suite = Suite(f"if {names[name]} is None:", [Line(f"{names[name]} = ", code)])
        yield name, flow.function.read, suite
        flow.function.read = before


# Shared layers.


def _write_shared(flow: Flow, item: Item, path: str, copies: list[Copy]) -> None:
    """An item that is used again is a layer or a model of its own, which is called twice."""
    uses = flow.file.reused.get(id(item))
    if uses is None:
        _write_copies(flow, item, path, copies)
        return
    alone = item.repeat is None and item.each is None and isinstance(item.op, LayerOp)
    if alone and not _needs_steps(flow, item, path, copies):
        _write_copies(flow, item, path, copies)
        return
    given = flow.text(flow.current)
    name = flow.share(item, "model")
    start = flow.share(item, "input")
    flow.function.shared[id(item)] = name
    shape = _common_shape(copies)
    flow.body.append(Line(f"{start} = ", call("keras.Input", shape)))
    inner = flow.inner(flow.runs, "", "y", flow.function.write(start))
    inner.scope, inner.body, inner.at_top = flow.scope, flow.body, flow.at_top
    inner.target = flow.function.identifiers.new("y")
    inner.entering = inner.previous = inner.current
    inner.is_shared, inner.called = True, flow.called
    _write_copies(inner, item, path, copies)
    end = inner.text(inner.current)
    made = call("keras.Model", start, end, name=flow.quoted(path))
    flow.body.append(Line(f"{name} = ", made))
    flow.function.identifiers.taken -= {start, inner.target}
    flow.function.results.pop(id(item), None)
    flow.write(call(name, given), _own(flow, item))


def _needs_steps(flow: Flow, item: Item, path: str, copies: list[Copy]) -> bool:
    """Whether a layer is more than one in Keras: it is written to see, and taken back."""
    function, before = flow.function, flow.current
    body, flow.body = flow.body, []
    versions, shared = dict(function.versions), dict(function.shared)
    taken = set(function.identifiers.taken)
    _write_copies(flow, item, path, copies)
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


def _write_reuse(flow: Flow, item: Item, copies: list[Copy]) -> None:
    """Call the layer or model that an earlier item is."""
    first = copies[0].again[0].item
    shared = flow.function.shared.get(id(first))
    if shared is None:
        raise NotExported("what is used again stands in another function", item)
    flow.write(call(shared, flow.text(flow.current)), _own(flow, item))
