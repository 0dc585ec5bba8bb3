"""Functions: those of blocks and of networks that are taken in, and their calls."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.exchange.export.identifiers import Identifiers, snake
from cnncalc.exchange.export.keras.file import Domain, File, is_fraction
from cnncalc.exchange.export.keras.flow import Flow, scope_of
from cnncalc.exchange.export.keras.function import Function, lower
from cnncalc.exchange.export.keras.values import Result, Written
from cnncalc.exchange.export.layout import Code, Line, Suite, call, mapping
from cnncalc.exchange.export.record import Run
from cnncalc.exchange.export.targets import NotExported
from cnncalc.language.expressions import NONE
from cnncalc.language.located import Value
from cnncalc.language.model import Call, Item, Items
from cnncalc.language.networks import NetworkItem


def write_call(flow: Flow, item: Item, op: Call | NetworkItem, path: str) -> None:
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
    variable = flow.own(item)
    if not written.gives:
        flow.write(code, variable)
        flow.function.results[id(item)] = Result(flow.current, called=key)
        return
    variable = variable or flow.variable(item)
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
    names = parameter_names(file, op)
    runs = file.runs_of(flow.function.domain, op.block.items)
    given: dict[str, Code] = {}
    for name in written.parameters:
        default = op.block.parameters[name]
        owner = ("param", *_key(flow, op), name)
        if name in op.arguments and not _is_default(op, name):
            whole = not is_fraction(runs, name)
            code = flow.argument(op.arguments[name], owner, whole=whole)
            given[f"*{name}" if default is None else names[name]] = code
    return written, given


def _is_default(op: Call, name: str) -> bool:
    """Whether a call says none, which leaves an argument its default."""
    written, default = op.arguments[name], op.block.parameters[name]
    return default is not None and written.word in (None, NONE) and written.parts is None


def parameter_names(file: File, op: Call) -> dict[str, str]:
    """The Python names of a block's arguments."""
    identifiers = Identifiers(file.names)
    return {name: identifiers.new(lower(name), "value") for name in op.block.parameters}


def block_function(file: File, domain: Domain, op: Call) -> Written:
    """The function of a block, which stands in the file once."""
    block = op.block
    key = (id(domain.taken_in), id(block.items))
    if key in file.functions:
        return file.functions[key]
    runs = file.runs_of(domain, block.items)
    names = parameter_names(file, op)
    function = Function(file, domain, block.items, tuple(names.values()))
    function.env = {name: (names[name], ("param", *key, name)) for name in names}
    flow = _begin(function, block.items, runs)
    defaults = [*_defaults(flow, op, names)]
    file.write_items(flow, block.items, runs)
    ends = {label: flow.reference(value) for label, value in block.outputs.items()}
    end = next(iter(ends.values()), None) or flow.text(flow.current)
    gives = _gives(flow, next(iter(ends), "output"), end, ends)
    for name, reads, suite in reversed(defaults):
        if name in function.read:
            function.read |= reads
            flow.body.insert(0, suite)
    prefix = "" if domain.taken_in is None else f"{domain.prefix}_"
    called = file.new_name(snake(f"{prefix}{block.name}"), "block")
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
    file.write_items(flow, items, runs)
    gives = _gives(flow, "output", flow.text(flow.current), {})
    name = file.new_name(snake(domain.prefix), "network")
    return _finish(flow, name, [], (), gives)


def _begin(function: Function, items: Items, runs: list[Run]) -> Flow:
    start = function.write("inputs" if function.file.knows("input", *function.key) else "x")
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
    flow: Flow, name: str, signature: list[str], parameters: tuple[str, ...], gives: dict[str, str]
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
    if not _is_constant(default):
        return f"{names[name]}=None"
    fact = ("param", *flow.function.key, name)
    if flow.file.knows("ref", *fact) and (default.parts or default.word not in (None, NONE)):
        assert flow.owner is not None
        message = f"{name} is a layer of the block by default, which Keras code cannot say"
        raise NotExported(message, flow.owner, "write it in the calls")
    return f"{names[name]}={flow.argument(default, fact)}"


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
