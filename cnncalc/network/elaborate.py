"""From a Spec to a Network: blocks are expanded and volumes worked out in one walk.

Expressions may ask for the channels that enter a block, so neither can be done before the other.
"""

from __future__ import annotations

from itertools import chain, islice
from typing import Any

from cnncalc import problems as codes
from cnncalc.layers.arguments import meant_boolean
from cnncalc.layers.base import Layer
from cnncalc.layers.composite import Composite
from cnncalc.layers.merge import Merge
from cnncalc.network.network import Element, Failed, Group, Input, Leaf, Network, Signal
from cnncalc.network.reporter import Reported, Reporter
from cnncalc.network.scope import Again, Binding, Entry, Frame, Place, Scope
from cnncalc.problems import Reject, Related
from cnncalc.spec.expressions import LATER, UNKNOWN, Silenced, evaluate
from cnncalc.spec.model import Call, InputVolume, Item, LayerOp
from cnncalc.spec.node import Broken, Node, Scalar, Sequence
from cnncalc.volume import Volume
from cnncalc.wording import count, did_you_mean, is_fraction, quote, show

MAX_ITEMS = 200_000
MAX_DEPTH = 200


class Choice:
    """What is to be built: the spec's own vars and inputs with the overrides in their places."""

    __slots__ = ("expect", "inputs", "vars")

    def __init__(
        self, vars: dict[str, Node], inputs: dict[str, InputVolume], expect: Node | None
    ) -> None:
        self.vars = vars
        self.inputs = inputs
        self.expect = expect


class TooMany(Exception):
    """The limit on items is reached; give up on the network."""


class Walk:
    """One walk over the items of a spec."""

    def __init__(self, network: Network, rounding: str, max_items: int) -> None:
        self.network = network
        self.spec = network.spec
        self.reporter = Reporter(network)
        self.rounding = rounding
        self.max_items = max_items
        self.visited = 0
        self.no_input = Failed()  # what the first item reads where there are several inputs
        self.skipped: set[str] = set()  # paths of named items that are not there
        self.merges: dict[type[Merge], LayerOp] = {}
        # Empty, for who looks at a network whose text alone has too many errors.
        item = Item(Node(0, 0), "network", None)
        network.root = Group(network, "", 0, item, "network", self.no_input, False)

    # The network as a whole.

    def whole(self, choice: Choice) -> None:
        network = self.network
        for name, given in choice.inputs.items():
            network.input_signals[name] = Input(name, given)
        only = next(iter(network.input_signals.values())) if len(choice.inputs) == 1 else None
        scope = Scope(self.values_of_vars(choice.vars), only)
        signal: Signal = only or self.no_input
        item = network.root.item
        for name, given_signal in network.input_signals.items():
            if name != "input":
                scope.entries[name] = Entry(given_signal, item, scope, None)
        network.root = Group(network, "", 0, item, "network", signal, False)
        try:
            end = network.root.close(self.run(network.spec.items, scope, signal, network.root))
        except TooMany:
            return
        self.find_outputs(end)
        if choice.expect is not None:
            network.expectations.append((network, choice.expect))

    def values_of_vars(self, nodes: dict[str, Node]) -> dict[str, Any]:
        """The network's vars, each of which may use those before it."""
        values: dict[str, Any] = dict.fromkeys(nodes, LATER)
        for name, node in nodes.items():
            try:
                values[name] = evaluate(node, values)
                if values[name] is None:
                    self.reporter.problem(codes.MISSING, node, f"the var {name} has no value")
                    values[name] = UNKNOWN
            except Reject as reject:
                values[name] = UNKNOWN
                if not node.end:  # it was set from outside, and no place in the file is to blame
                    reject.message = f"{name} is set to {node.what}: {reject.message}"
                self.reporter.report(reject, self.reporter.blamed(node, reject, None), None)
            except Silenced:
                values[name] = UNKNOWN
        return values

    def find_outputs(self, end: Signal) -> None:
        network = self.network
        if not network.spec.outputs:
            network.output_signals = {end.path: end}
            return
        known = {element.path: element for element in network.elements()}
        failed = network.problems.failed  # what is named may be among what was not built
        for label, node in network.spec.outputs:
            element = known.get(node.text)
            if element is not None:
                signal = element.result if isinstance(element, Group) else element
                network.output_signals[label] = signal
                signal.read = True
            elif node.text not in self.skipped and not failed:
                self.reporter.problem(
                    codes.UNKNOWN_NAME,
                    node,
                    f"outputs: no layer is called {quote(node.text)}",
                    did_you_mean(node.text, known),
                )

    # Items.

    def run(self, items: list[Item], scope: Scope, signal: Signal, group: Group) -> Signal:
        """Build a list of items, one on top of the other."""
        scope.items = items
        scope.taken = {item.name.text for item in items if item.name is not None}
        scope.previous = signal
        for item in items:
            scope.previous = self.item(item, scope, group)
        return scope.previous

    def item(self, item: Item, scope: Scope, group: Group) -> Signal:
        self.visit(item)
        if item.op is None:
            return self.fail(item, scope)
        try:
            signal = self.source_of(item, scope)
            if scope.depth == 0:
                scope.values["in"] = signal.output.channels if signal.output else UNKNOWN
            copies = self.copies(item, scope)
            frozen = group.frozen or not self.flag(item.trainable, scope, "trainable", True)
        except (Silenced, Reported):
            return self.fail(item, scope)
        if copies == 0:
            return self.skip(item, scope, signal)
        name = scope.name_of(item)
        place = Place(item, scope, scope.prefix + name, group, item.name is not None, frozen)
        before = len(group.children)
        result = self.repeated(place, signal, copies)
        element = group.children[before] if len(group.children) > before else None
        if item.expect is not None and element is not None:
            self.network.expectations.append((element, item.expect))
        scope.entries[name] = Entry(result, item, scope, element)
        return result

    def visit(self, item: Item) -> None:
        """Count every item, skipped and empty ones too, so that no spec runs for ever."""
        self.visited += 1
        if self.visited > self.max_items:
            self.reporter.problem(
                codes.LIMIT,
                item.key,
                f"the spec expands to more than {self.max_items:,} items",
                "check repeat: and blocks that call blocks, or raise --max-layers",
            )
            raise TooMany

    def fail(self, item: Item, scope: Scope) -> Signal:
        """What could not be built still has its name, so that nobody misses it."""
        failed = Failed()
        if item.kind or item.name is not None:
            scope.entries[scope.name_of(item)] = Entry(failed, item, scope, None)
        return failed

    def skip(self, item: Item, scope: Scope, signal: Signal) -> Signal:
        if item.name is not None:
            self.skipped.add(scope.prefix + item.name.text)
        if item.expect is not None:
            self.reporter.problem(
                codes.NOT_JUDGED,
                item.expect,
                f"the {item.kind} is skipped, its expect is not judged",
            )
        if item.name is not None:
            scope.entries[item.name.text] = Entry(signal, item, scope, None)
        return signal

    def copies(self, item: Item, scope: Scope) -> int | None:
        """How often the item stands here; None where it is not repeated."""
        if not self.flag(item.when, scope, "when", True):
            return 0
        if item.repeat is None:
            return None
        value = self.value(item.repeat, scope)
        if type(value) is int and value >= 0:
            return value
        raise self.refuse_value(
            item.repeat,
            scope,
            f"repeat takes a whole number of at least 0, not {show(value)}",
            "// divides and rounds down" if is_fraction(value) else "",
        )

    def repeated(self, place: Place, signal: Signal, copies: int | None) -> Signal:
        if copies is None:
            return self.one(place, signal)
        item = place.item
        group = self.open(place, f"{item.kind} ×{copies}", signal)
        group.copies = True
        for number in range(1, copies + 1):
            if number > 1:
                self.visit(item)
                signal.read = True
            copy = place._replace(path=f"{place.path}.{number}", parent=group, named=True)
            signal = self.one(copy, signal)
            if isinstance(signal, Failed):
                break  # so are the others
        return group.close(signal)

    def one(self, place: Place, signal: Signal) -> Signal:
        """Build an item once."""
        op = place.item.op
        if isinstance(op, LayerOp):
            return self.layer(op, place, signal)
        try:
            if isinstance(op, Composite):
                if place.scope.depth > MAX_DEPTH:
                    raise self.too_deep(place)
                return op.build(self, place, signal)
            assert isinstance(op, Call)
            return self.call(op, place, signal)
        except (Reported, Silenced):
            return Failed(place.path)

    def too_deep(self, place: Place) -> Reported:
        self.reporter.problem(
            codes.LIMIT, place.item.key, f"nested deeper than {MAX_DEPTH} levels when expanded"
        )
        return Reported()

    # Names and values.

    def source_of(self, item: Item, scope: Scope) -> Signal:
        """The volume that an item reads."""
        if item.source is not None:
            signal = self.named(item.source, scope)
        elif isinstance(item.op, LayerOp) and item.op.sources is not None:
            return scope.previous or Failed()
        elif scope.previous is self.no_input:
            names = " or ".join(self.network.input_signals)
            self.reporter.problem(
                codes.MISSING, item.key, f"the network has several inputs; say from: {names}"
            )
            raise Reported
        else:
            assert scope.previous is not None
            signal = scope.previous
        signal.read = True
        return signal

    def named(self, node: Node, scope: Scope) -> Signal:
        """The volume that a name in the spec stands for."""
        if isinstance(node, Broken):
            raise Silenced
        if not isinstance(node, Scalar) or node.is_null:
            help = "merge several volumes with add or concat" if isinstance(node, Sequence) else ""
            raise self.reporter.reported(
                codes.STRUCTURE, node, f"from takes the name of an item, not {node.what}", help
            )
        found = self.look_up(node, scope)
        return found if isinstance(found, (Leaf, Input, Failed)) else found.signal

    def look_up(self, node: Scalar, scope: Scope) -> Signal | Entry:
        """What a name stands for; an argument's name is looked up where its caller stands."""
        name, where, origin = self.follow(node, scope)
        if name == "prev":
            return where.previous or Failed()
        if name == "input":
            if where.input is None:
                inputs = " or ".join(self.network.input_signals)
                raise self.reporter.reported(
                    codes.UNKNOWN_NAME, node, "there are several inputs", f"say {inputs}"
                )
            return where.input
        entry = where.find(name)
        if entry is None:
            raise self.unknown_name(node, origin, name, where, scope)
        if entry.item.name is None and entry.element is not None:
            self.network.numbered.append((origin, entry.element))
        return entry

    def follow(self, node: Scalar, scope: Scope) -> tuple[str, Scope, Node]:
        """Through `$argument` to the word that its caller wrote, and the caller's scope."""
        text = node.text
        if not text.startswith("$"):
            return text, scope, node
        value = self.value(node, scope)
        binding = scope.bindings.get(text[1:])
        if not isinstance(value, str):
            message = f"{quote(text)} is {show(value)}, not the name of an item"
            where = node if binding is None else binding.node
            raise self.reporter.reported(codes.UNKNOWN_NAME, where, message, scope=scope)
        if binding is None or binding.scope is None:
            return value, scope, node
        return value, binding.scope, binding.node

    def unknown_name(
        self, node: Scalar, origin: Node, name: str, where: Scope, scope: Scope
    ) -> Reported:
        """A name that nothing has in the scope `where` it is looked up; read in `scope`."""
        if name in where.taken:
            return self.later_name(node, name, where)
        names = [*islice(where.known(), 6), "input", "prev"]
        help = did_you_mean(name, chain(where.known(), ("input", "prev")))
        if "." in name:
            help = "items inside blocks and composites cannot be referred to from outside"
        elif where.frames and any(item.name and item.name.text == name for item in self.spec.items):
            help = f"a block sees no items outside; hand it in as an argument: args: [{name}]"
        message = f"no earlier item here is called {quote(name)}"
        return self.reporter.reported(
            codes.UNKNOWN_NAME,
            origin,
            message,
            help or f"names here: {', '.join(names)}",
            scope=scope if origin is not node else None,
        )

    def later_name(self, node: Scalar, name: str, scope: Scope) -> Reported:
        later, span = next(
            (item, self.reporter.span(item.name))
            for item in scope.items
            if item.name is not None and item.name.text == name
        )
        if later.source is node:
            message = f"{quote(name)} cannot read itself"
            return self.reporter.reported(codes.UNKNOWN_NAME, node, message, "name an earlier item")
        return self.reporter.reported(
            codes.UNKNOWN_NAME,
            node,
            f"{quote(name)} stands later",
            "from refers to earlier items only",
            (Related("the later item", span),),
        )

    def value(self, node: Node, scope: Scope) -> Any:
        """The plain value of a node; what is wrong with it is reported."""
        try:
            return evaluate(node, scope.values)
        except Reject as reject:
            self.reporter.report(reject, self.reporter.blamed(node, reject, scope), scope)
            raise Reported from None

    def flag(self, node: Node | None, scope: Scope, what: str, default: bool) -> bool:
        if node is None:
            return default
        value = self.value(node, scope)
        if isinstance(value, bool):
            return value
        raise self.refuse_value(
            node,
            scope,
            f"{what} takes true, false or a comparison, not {show(value)}",
            meant_boolean(value),
        )

    def condition(self, place: Place, node: Node | None, what: str) -> bool:
        """A condition of a composite; nothing written means true."""
        if node is None or (isinstance(node, Scalar) and node.is_null):
            return True
        return self.flag(node, place.scope, what, True)

    def refuse_value(self, node: Node, scope: Scope, message: str, help: str = "") -> Reported:
        reject = Reject(codes.BAD_VALUE, message, help=help)
        self.reporter.report(reject, self.reporter.blamed(node, reject, scope), scope)
        return Reported()

    # Layers.

    def layer(self, op: LayerOp, place: Place, signal: Signal) -> Signal:
        try:
            sources = self.merged(op, place.scope) if op.sources is not None else (signal,)
            arguments = self.typed(op, place)
        except (Reported, Silenced):
            return Failed(place.path)
        if not op.understood:
            return Failed(place.path)
        return self.leaf(place, op, arguments, sources)

    def merged(self, op: LayerOp, scope: Scope) -> tuple[Signal, ...]:
        """The volumes that a merge names."""
        node = op.sources
        assert node is not None
        if isinstance(node, Scalar) and node.text.startswith("$"):
            _, caller, node = self.follow_list(node, scope)
        else:
            caller = scope
        if isinstance(node, Broken):
            raise Silenced
        if not isinstance(node, Sequence) or len(node.items) < 2:
            raise self.reporter.reported(
                codes.STRUCTURE,
                node,
                f"{op.kind} takes the names of two items or more, not "
                f"{'one' if isinstance(node, (Sequence, Scalar)) else node.what}",
                f"{op.kind}: [name, prev]",
            )
        signals = tuple(self.named(part, caller) for part in node.items)
        for signal in signals:
            signal.read = True
        return signals

    def follow_list(self, node: Scalar, scope: Scope) -> tuple[Any, Scope, Node]:
        value = self.value(node, scope)
        binding = scope.bindings.get(node.text[1:])
        if binding is None or binding.scope is None:
            return value, scope, node
        return value, binding.scope, binding.node

    def typed(self, op: LayerOp, place: Place) -> dict[str, Any]:
        """The arguments of a layer, read; equal values are read only once."""
        values = []
        bad = False
        names = place.scope.values
        for written in op.arguments.values():
            try:
                values.append(evaluate(written.value, names))
            except Reject as reject:
                self.reporter.report(
                    reject, self.reporter.blamed(written.value, reject, place.scope), place.scope
                )
                bad = True
            except Silenced:
                bad = True
        if bad:
            raise Reported
        key = (op.cls, self.rounding, *op.arguments, *map(_hashable, values))
        typed = self.spec.arguments_read.get(key)
        if typed is None:
            typed = self.read_arguments(op, dict(zip(op.arguments, values, strict=True)), place)
            self.spec.arguments_read[key] = typed
        return typed

    def read_arguments(self, op: LayerOp, values: dict[str, Any], place: Place) -> dict[str, Any]:
        typed: dict[str, Any] = {}
        bad = False
        for name, declared in op.cls.arguments.items():
            if name not in values:
                bad |= declared.required  # which was reported when the item was read
                typed[name] = declared.default
                continue
            try:
                typed[name] = declared.read(values[name])
            except Reject as reject:
                bad = True
                self.reporter.report_layer(reject, op, place, ())
        if bad:
            raise Reported
        if "rounding" in typed and typed["rounding"] is None:
            typed["rounding"] = self.rounding
        return typed

    def leaf(
        self, place: Place, op: LayerOp, arguments: dict[str, Any], sources: tuple[Signal, ...]
    ) -> Signal:
        volumes = tuple(source.output for source in sources)
        if None in volumes:
            return Failed(place.path)
        key = (op.cls, op.dimension, id(arguments), volumes)
        layer = self.spec.layers_made.get(key)
        if layer is None:
            try:
                layer = self.measure(op, arguments, volumes)  # type: ignore[arg-type]
            except Reject as reject:
                self.reporter.report_layer(reject, op, place, sources)
                return Failed(place.path)
            self.spec.layers_made[key] = layer
        leaf = Leaf(
            self.network,
            place.path,
            place.parent.level + 1,
            place.item,
            layer,
            sources,
            place.frozen,
        )
        place.parent.children.append(leaf)
        return leaf

    def measure(self, op: LayerOp, arguments: dict[str, Any], volumes: tuple[Volume, ...]) -> Layer:
        axes = len(volumes[0].sizes)
        if op.dimension is not None and axes != op.dimension:
            raise Reject(
                codes.AXES,
                f"{op.kind}{op.dimension}d works on {count(op.dimension, 'axis', 'axes')}, "
                f"the input {volumes[0].text()} has {axes}",
                help=f"write {op.kind} for any number of axes",
            )
        layer = op.cls(arguments, *volumes)
        if max(layer.output.shape) > 10**15:
            raise Reject(codes.LIMIT, f"an output of {layer.output.text()} is beyond all use")
        return layer

    # What composites ask for.

    def open(self, place: Place, label: str, signal: Signal) -> Group:
        """A group for what an item holds."""
        group = Group(
            self.network,
            place.path,
            place.parent.level + 1,
            place.item,
            label,
            signal,
            place.frozen,
        )
        place.parent.children.append(group)
        return group

    def prefix(self, place: Place, group: Group, labels: tuple[str, ...]) -> str:
        """What stands before the labels of a composite's parts.

        The parts of an unnamed composite stand directly in its scope, as `body`; where one of the
        labels is taken there, under the composite's own name, as `residual2.body`.
        """
        scope = place.scope
        if place.named or scope.labels.intersection(labels):
            return group.path + "."
        scope.labels.update(labels)
        return scope.prefix

    def part(
        self, place: Place, group: Group, prefix: str, label: str, items: list[Item], signal: Signal
    ) -> Signal:
        """Build one part of a composite. What turns out empty hands its input on."""
        path = prefix + label
        part = Group(self.network, path, group.level + 1, place.item, label, signal, place.frozen)
        group.children.append(part)
        signal.read = True
        part.close(self.run(items, place.scope.inner(path), signal, part))
        if not part.children:
            group.children.remove(part)
        return part.result

    def merge(
        self,
        place: Place,
        group: Group,
        path: str,
        cls: type[Merge],
        sources: tuple[Signal, ...],
        arguments: dict[str, Any],
    ) -> Signal:
        """The merge at the end of a composite."""
        for source in sources:
            source.read = True
        op = self.merges.setdefault(cls, LayerOp(cls, None, {}, None))
        inside = place._replace(path=path, parent=group)
        return self.leaf(inside, op, arguments, sources)

    def call(self, op: Call, place: Place, signal: Signal) -> Signal:
        """Build a block: its items see its arguments, its input and nothing outside."""
        caller = place.scope
        if caller.depth >= MAX_DEPTH:
            raise self.too_deep(place)
        group = self.open(place, op.block.name, signal)
        bindings = self.bind(op, caller)
        values = {
            **{name: caller.values[name] for name in self.network.spec.vars},
            **{name: binding.value for name, binding in bindings.items()},
            "in": signal.output.channels if signal.output else UNKNOWN,
        }
        scope = Scope(values, signal, place.path + ".")
        scope.bindings = bindings
        scope.depth = caller.depth + 1
        scope.frames = (*caller.frames, Frame(op, place.item, bindings, signal))
        return group.close(self.run(op.block.items, scope, signal, group))

    def bind(self, op: Call, caller: Scope) -> dict[str, Binding]:
        bindings: dict[str, Binding] = {}
        own: dict[str, Any] = {**caller.values, **dict.fromkeys(op.block.parameters, LATER)}
        for name, default in op.block.parameters.items():
            node = op.arguments.get(name, default)
            assert node is not None
            is_default = name not in op.arguments
            try:
                value = evaluate(node, own if is_default else caller.values)
            except Reject as reject:
                self.reporter.report(reject, self.reporter.blamed(node, reject, caller), caller)
                value = UNKNOWN
            except Silenced:
                value = UNKNOWN
            bindings[name] = self.trace(Binding(value, node, None if is_default else caller))
            own[name] = value
        return bindings

    def trace(self, binding: Binding) -> Binding:
        """`$skip` handed on to another block still means what the first caller wrote."""
        node, scope = binding.node, binding.scope
        if scope is not None and isinstance(node, Scalar) and node.text.startswith("$"):
            outer = scope.bindings.get(node.text[1:])
            if outer is not None:
                return outer
        return binding

    def reuse(self, place: Place, name: Scalar, signal: Signal) -> Signal:
        """Build an earlier item again; its layers share the weights of the first ones."""
        frames = place.scope.frames
        if any(isinstance(frame, Again) and frame.item is place.item for frame in frames):
            raise Silenced  # of two items with one name, which is reported, one reuses the other
        entry = self.look_up(name, place.scope)
        if not isinstance(entry, Entry):
            raise self.reporter.reported(
                codes.REUSE, name, f"{quote(name.text)} is not an item to reuse"
            )
        if isinstance(entry.signal, Failed):
            raise Silenced
        if entry.element is None:
            is_input = entry.item.op is None
            line = self.reporter.span(entry.item.key).line
            what = "an input" if is_input else f"skipped (line {line})"
            raise self.reporter.reported(
                codes.REUSE, name, f"{quote(name.text)} is {what}, so there is nothing to reuse"
            )
        scope = entry.scope.inner(place.path)
        again_frame = Again(quote(name.text), place.item, signal)
        scope.frames = (*frames, again_frame)
        again = place._replace(
            item=entry.item, scope=scope, named=True, frozen=entry.element.frozen or place.frozen
        )
        copies = self.copies(entry.item, entry.scope)
        before = len(place.parent.children)
        result = self.repeated(again, signal, copies)
        if len(place.parent.children) == before or isinstance(result, Failed):
            return Failed(place.path)
        self.share(place.parent.children[before], entry.element, name)
        place.parent.children[before].item = place.item  # the line that reuses, not the first one
        return result

    def share(self, new: Element, first: Element, name: Scalar) -> None:
        """Pair the layers of a reuse with the first ones; their weights must agree."""
        pairs = list(zip(new.leaves(), first.leaves(), strict=False))
        alike = len(list(new.leaves())) == len(list(first.leaves()))
        for mine, theirs in pairs:
            if type(mine.layer) is not type(theirs.layer):
                alike = False
            elif mine.layer.weight_shapes != theirs.layer.weight_shapes:
                self.reporter.problem(
                    codes.REUSE,
                    name,
                    f"{theirs.path} has {_weights(theirs)} on {_on(theirs)}, "
                    f"here it would have {_weights(mine)} on {_on(mine)}",
                    "weights can be shared only where their shapes agree",
                )
                raise Reported
            mine.shares = theirs.shares or theirs
        if not alike:
            self.reporter.problem(
                codes.REUSE, name, f"{quote(name.text)} has other layers on this volume"
            )
            raise Reported


def _hashable(value: Any) -> Any:
    """A plain value as a key; 1 and true are equal in Python but not as arguments."""
    if isinstance(value, list):
        return tuple(map(_hashable, value))
    if isinstance(value, dict):
        return tuple((key, _hashable(part)) for key, part in value.items())
    return ("flag", value) if isinstance(value, bool) else value


def _weights(leaf: Leaf) -> str:
    return f"{leaf.layer.weights:,} weights"


def _on(leaf: Leaf) -> str:
    return leaf.inputs[0].text()
