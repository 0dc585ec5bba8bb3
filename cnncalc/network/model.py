"""Network: the tree of measured layers, and what can be asked of it.

It is complete when it is made, by the builder (builder.py), and does not change; it knows nothing
of the text it may have come from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from cnncalc.quantities import (
    BITS_OF,
    BYTES_OF,
    LAST,
    MOST,
    NONE,
    ONCE,
    PATH,
    QUANTITIES,
    STATES_OF,
    SUM,
    TRAINING,
    Quantities,
    Quantity,
    divided,
    find_quantity,
)
from cnncalc.volume import Volume
from cnncalc.wording import did_you_mean

if TYPE_CHECKING:
    from fractions import Fraction

    from cnncalc.layers.base import Operation
    from cnncalc.network.lifetimes import Lifetimes
    from cnncalc.network.receptive_field import Field


class Input:
    """A volume that goes into the network."""

    __slots__ = ("name", "output")

    def __init__(self, name: str, volume: Volume) -> None:
        self.name = name
        self.output = volume

    @property
    def path(self) -> str:
        """Its name, as layers have a path."""
        return self.name

    def __repr__(self) -> str:
        return f"<{self.name}: input {self.output}>"


class Element(Quantities):
    """A layer or a group of layers, with a path, a place in the tree and every quantity."""

    __slots__ = (
        "frozen", "inputs", "level", "line", "named", "network", "path", "training_only",
    )  # fmt: skip

    network: Network
    path: str  # Stage2.Bottleneck1.body.conv3
    level: int  # 1 for what stands in no group
    line: int | None  # of the file that it comes from, from 1
    named: bool  # whether the author chose the last part of the path
    frozen: bool  # whether its parameters are not trained
    training_only: bool  # whether it runs in training only: it is part of an auxiliary head
    inputs: tuple[Volume, ...]

    @property
    def runs(self) -> bool:
        """Whether it is part of the run that is counted: `only: training` is in training alone."""
        return not self.training_only or self.network.training

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition(".")[2]

    @property
    def input(self) -> Volume | None:
        """The only or first input."""
        return self.inputs[0] if self.inputs else None

    @property
    def kind(self) -> str:
        """The kind of layer, the name of the block, or what a group is: conv, residual."""
        raise NotImplementedError

    @property
    def label(self) -> str:
        """The kind with its most telling arguments: conv 5×5."""
        raise NotImplementedError

    @property
    def marked_label(self) -> str:
        """The label, and whether it runs in training only."""
        return f"{self.label}, in training only" if self.training_only else self.label

    @property
    def layers(self) -> list[Layer]:
        """The layers in this element, in order."""
        raise NotImplementedError

    @property
    def running(self) -> list[Layer]:
        """The layers in it that are part of the run that is counted, in order."""
        return [layer for layer in self.layers if layer.runs]

    def __reduce__(self) -> tuple[Any, ...]:
        """A copy of an element is that of a copy of its whole network."""
        number = next(i for i, other in enumerate(self.network.elements()) if other is self)
        return _element, (self.network, number)

    if not TYPE_CHECKING:  # which would take every slip for an attribute

        def __getattr__(self, name: str) -> Any:
            return _by_alias(self, name)


class Layer(Element):
    """One layer of the network."""

    __slots__ = ("operation", "output", "shares", "sources")

    operation: Operation  # its kind, arguments and counts
    output: Volume
    sources: tuple[Signal, ...]  # the inputs and layers that it reads
    shares: Layer | None  # the layer whose weights these are

    @property
    def kind(self) -> str:
        return self.operation.kind

    @property
    def label(self) -> str:
        return self.operation.label()

    @property
    def arguments(self) -> dict[str, Any]:
        """The arguments by canonical name, as numbers, words and lists."""
        return dict(self.operation.shown_arguments)

    @property
    def notes(self) -> list[str]:
        """What works but may surprise, such as a window that does not fit evenly."""
        return [note.message for note in self.operation.notes]

    @property
    def value_bytes(self) -> int:
        """The bytes of one value."""
        return self.network.value_bytes

    @property
    def batch(self) -> int:
        """How many examples the memory is for."""
        return self.network.batch

    @property
    def alive(self) -> int:
        """The bytes of all volumes that there are while it runs."""
        return self.network.lifetimes.alive.get(self, 0)

    @property
    def kept(self) -> int:
        """The bytes of its output, if the gradients of some weights need it."""
        kept = self in self.network.lifetimes.kept
        return self.network.bytes_of(self.output) if kept else 0

    @property
    def states(self) -> int:
        """How many numbers the optimiser keeps for each parameter."""
        return STATES_OF[self.network.optimizer]

    def weight_bytes(self, weights: int) -> int:
        """The bytes of some weights; of a last byte that is not full all of it."""
        return -(-weights * self.network.weight_bits // 8)

    @property
    def layers(self) -> list[Layer]:
        return [self]

    def quantity(self, name: str) -> Any:
        counts = self.network.counts[self]
        if name in counts:
            return counts[name]
        known = QUANTITIES[name]
        if known.adds == LAST:
            return self.network.receptive_fields.get(self)
        if known.adds == TRAINING and self.shares is not None:
            return self.kept  # the weights count where they are
        if known.placed:
            return known.count(self)
        if known.parts is not None:
            counts[name] = _ratio(self, known, self.network.batch)
        elif self.shares is not None and known.adds == ONCE:
            counts[name] = 0
        elif known.adds == SUM and not self.runs:
            counts[name] = 0  # what is stored, ONCE, is there all the same
        else:
            counts[name] = known.count(self)
        return counts[name]

    def __repr__(self) -> str:
        return f"<{self.path}: {self.label} → {self.output}>"


class Group(Element):
    """Layers that belong together: the call of a block, a composite, copies of one item."""

    __slots__ = ("children", "copies", "kind", "label", "labelled", "result")

    kind: str
    label: str
    children: list[Layer | Group]
    copies: bool  # whether the children are copies of one item
    result: Signal | None  # what it hands on; None where that could not be worked out
    labelled: dict[str, Signal]  # what a block hands on by label, `outputs:` in its definition

    @property
    def output(self) -> Volume | None:
        """The volume that it hands on."""
        return self.result.output if self.result is not None else None

    @property
    def layers(self) -> list[Layer]:
        return [element for element in self.elements() if isinstance(element, Layer)]

    @property
    def last_copy(self) -> Layer | Group:
        """The last of the copies, of copies within copies too; of another group itself."""
        last: Layer | Group = self
        while isinstance(last, Group) and last.copies and last.children:
            last = last.children[-1]
        return last

    def elements(self) -> Iterator[Layer | Group]:
        """Layers and groups, each group before what is in it."""
        # A stack of our own: generators inside generators would cost a call for every level.
        stack: list[Iterator[Layer | Group]] = [iter(self.children)]
        while stack:
            for child in stack[-1]:
                yield child
                if isinstance(child, Group):
                    stack.append(iter(child.children))
                    break
            else:
                stack.pop()

    def quantity(self, name: str) -> Any:
        known = QUANTITIES[name]
        if known.adds == NONE:
            return None
        if known.adds == LAST:
            return self.network.receptive_fields.get(self.result)
        if known.parts is not None:
            return _ratio(self, known, self.network.batch)
        if known.adds == PATH:
            return depth(self.running)
        return self.network.totals(name)[self]

    def __repr__(self) -> str:
        return f"<{self.path}: {self.label} → {self.output}>"


Signal: TypeAlias = Layer | Input


def _ratio(of: Element | Network, known: Quantity[Any], batch: int) -> Fraction | None:
    """One count divided by another, of the same number of examples."""
    assert known.parts is not None
    top, bottom = map(of.quantity, known.parts)
    return divided(top * (batch if known.by_batch else 1), bottom)


def depth(layers: Iterable[Layer]) -> int:
    """The most layers with weights, norms aside, that lie behind one another."""
    depths: dict[Signal, int] = {}
    for layer in layers:
        before = max([depths.get(source, 0) for source in layer.sources], default=0)
        depths[layer] = before + layer.operation.weighted
    return max(depths.values(), default=0)


class Network(Quantities):
    """A network worked out: layers in order, groups as a tree, totals.

    >>> import cnncalc
    >>> cnncalc.load("lenet").parameters
    61706

    Every quantity is an attribute. Layers and groups are found by path, `network["C1"]`, and
    iterating gives the layers.
    """

    path = ""
    # For notebooks and scripts; set where reports and pictures are known.
    _repr_html_: ClassVar[Callable[[Network], str]]
    draw: ClassVar[Callable[..., Any]]

    def __init__(
        self,
        name: str,
        inputs: Iterable[Input],
        root: Group,
        outputs: dict[str, Signal],
        *,
        source: str = "",
        variant: str | None = None,
        dtype: str = "float32",
        batch: int = 1,
        training: bool = False,
        weight_dtype: str | None = None,
        optimizer: str = "sgd",
    ) -> None:
        self.name = name
        self.source = source
        self.variant = variant
        self.dtype = dtype
        self.batch = batch
        self.training = training  # whether items with `only: training` run too
        self.value_bytes: int = BYTES_OF[dtype]
        self.weight_dtype = weight_dtype or dtype  # of parameters, where it is another one
        self.weight_bits: int = BITS_OF[self.weight_dtype]
        self.optimizer = optimizer
        self.input_signals = {given.name: given for given in inputs}
        self.output_signals = outputs
        self.root = root
        self.layers: list[Layer] = []  # those that run, in order; groups are not among them
        self.groups: list[Group] = []
        root.network = self
        self._take(root)
        self._totals: dict[str, dict[Group, Any]] = {}

    def _take(self, group: Group) -> None:
        """Note what is in a group."""
        for child in group.children:
            child.network = self
            if isinstance(child, Group):
                self.groups.append(child)
                self._take(child)
            elif self.training or not child.training_only:
                self.layers.append(child)

    # Volumes.

    @property
    def inputs(self) -> dict[str, Volume]:
        """The volumes that go in, by name."""
        return {name: given.output for name, given in self.input_signals.items()}

    @property
    def input(self) -> Volume:
        """The volume of the only input; of the first where there are several."""
        return next(iter(self.inputs.values()))

    @property
    def outputs(self) -> dict[str, Volume]:
        """The volumes of the results, by the path or label of each."""
        return {name: end.output for name, end in self.output_signals.items()}

    @property
    def output(self) -> Volume:
        """The volume of the only result; of the first where there are several."""
        return next(iter(self.outputs.values()))

    def bytes_of(self, volume: Volume) -> int:
        """The bytes of a volume, of all examples of the batch."""
        return volume.values * self.value_bytes * self.batch

    @property
    def input_bytes(self) -> int:
        """The bytes of all inputs."""
        return sum(map(self.bytes_of, self.inputs.values()))

    @property
    def kept_input_bytes(self) -> int:
        """The bytes of the inputs that the gradients of weights need."""
        kept = (given for given in self.input_signals.values() if given in self.lifetimes.kept)
        return sum(self.bytes_of(given.output) for given in kept)

    @cached_property
    def lifetimes(self) -> Lifetimes:
        """How long each volume lives."""
        from cnncalc.network.lifetimes import Lifetimes  # few commands ask for it

        every = [element for element in self.elements() if isinstance(element, Layer)]
        ends = self.output_signals.values()
        return Lifetimes(self.input_signals.values(), self.layers, every, ends, self.bytes_of)

    # Layers.

    @property
    def running(self) -> list[Layer]:
        """The same as `layers`: those that are part of the run that is counted."""
        return self.layers

    def __iter__(self) -> Iterator[Layer]:
        return iter(self.layers)

    def __len__(self) -> int:
        return len(self.layers)

    def elements(self) -> Iterator[Layer | Group]:
        """Layers and groups, each group before what is in it."""
        return self.root.elements()

    @cached_property
    def by_path(self) -> dict[str, Layer | Group]:
        """Every layer and group by its path."""
        return {element.path: element for element in self.elements()}

    def __getitem__(self, path: str) -> Layer | Group:
        """A layer or group; raises KeyError with a suggestion for a path that has none."""
        try:
            return self.by_path[path]
        except KeyError:
            guess = did_you_mean(path, self.by_path)
            raise KeyError(f"no layer {path!r}{'; ' + guess if guess else ''}") from None

    # Quantities.

    def quantity(self, name: str) -> Any:
        """The total of a quantity by its name; None where it has no meaning for a network."""
        known = QUANTITIES[name]
        if known.adds == LAST:
            end = next(iter(self.output_signals.values()), None)
            return self.receptive_fields.get(end)
        if known.parts is not None:
            return _ratio(self, known, self.batch)
        total = self.root.quantity(name)
        if known.adds == MOST and not self.layers:
            return self.input_bytes
        return total + known.of_inputs(self) if known.of_inputs else total

    @cached_property
    def counts(self) -> dict[Layer, dict[str, Any]]:
        """What is known already of every layer; equal ones share it, so that each counts once."""
        shared: dict[object, dict[str, Any]] = {}
        return {
            layer: shared.setdefault(
                (layer.operation, layer.frozen, layer.shares is None, layer.training_only), {}
            )
            for layer in self.root.layers
        }

    def totals(self, name: str) -> dict[Group, Any]:
        """A quantity of every group, each from those of what is in it: their sum, or the most."""
        if name not in self._totals:
            most = QUANTITIES[name].adds == MOST
            totals: dict[Group, Any] = {}
            for group in (*reversed(self.groups), self.root):  # inner ones first
                parts = [
                    child.quantity(name) if isinstance(child, Layer) else totals[child]
                    for child in group.children
                ]
                totals[group] = max(parts, default=0) if most else sum(parts)
            self._totals[name] = totals
        return self._totals[name]

    @cached_property
    def readers(self) -> dict[Signal, list[Layer]]:
        """The layers that read each volume, in order; of volumes that nothing reads, none."""
        readers: dict[Signal, list[Layer]] = {}
        for layer in self:
            for source in layer.sources:
                readers.setdefault(source, []).append(layer)
        return readers

    @cached_property
    def receptive_fields(self) -> dict[Signal | None, Field]:
        """The receptive field of every input and layer."""
        from cnncalc.network.receptive_field import receptive_fields  # few commands ask for it

        inputs = {given: (name, given.output) for name, given in self.input_signals.items()}
        return receptive_fields(inputs, self.layers)  # type: ignore[no-any-return]

    # Copies.

    def __reduce__(self) -> tuple[Any, ...]:
        """A copy, or a pickle, is the same tree as rows of plain data (see `_restored`)."""
        elements = [*self.elements()]
        signals: list[Any] = [*self.input_signals.values(), *elements]
        number = {signal: i for i, signal in enumerate(signals)}
        parents = {child: number[group] for group in self.groups for child in group.children}
        rows = [_row(element, number, parents.get(element)) for element in (self.root, *elements)]
        head = (
            self.name, self.source, self.variant, self.dtype, self.batch, self.training,
            self.weight_dtype, self.optimizer,
        )  # fmt: skip
        inputs = [*self.inputs.items()]
        outputs = [(name, number[end]) for name, end in self.output_signals.items()]
        return _restored, (head, inputs, rows, outputs)

    if not TYPE_CHECKING:  # which would take every slip for an attribute

        def __getattr__(self, name: str) -> Any:
            return _by_alias(self, name)

    def __repr__(self) -> str:
        return f"<Network {self.name!r}: {len(self.layers)} layers, {self.parameters:,} parameters>"


def _by_alias(owner: Quantities, name: str) -> Any:
    """A quantity by another of its names; raises AttributeError with a suggestion."""
    known = find_quantity(name)
    if known is not None:
        return owner.quantity(known.name)
    guess = did_you_mean(name, QUANTITIES) if not name.startswith("_") else ""
    kind = type(owner).__name__
    raise AttributeError(f"{kind!r} object has no attribute {name!r}{guess and '; ' + guess}")


# Rows of plain data, for copies: signals and groups stand in them by their number.


_LAYER_ROW = 11  # a group's has two more


def _row(element: Layer | Group, number: dict[Any, int], parent: int | None) -> tuple[Any, ...]:
    common = (
        parent, element.path, element.level, element.line, element.named, element.frozen,
        element.training_only, element.inputs,
    )  # fmt: skip
    if isinstance(element, Layer):
        sources = tuple(number[source] for source in element.sources)
        shares = None if element.shares is None else number[element.shares]
        return (*common, element.operation, sources, shares)
    result = None if element.result is None else number[element.result]
    labelled = [(label, number[signal]) for label, signal in element.labelled.items()]
    return (*common, element.kind, element.label, element.copies, result, labelled)


def _restored(
    head: tuple[str, str, str | None, str, int, bool, str, str],
    inputs: list[tuple[str, Volume]],
    rows: list[tuple[Any, ...]],
    outputs: list[tuple[str, int]],
) -> Network:
    """The network of a header, inputs, the rows of the root and its elements, and outputs."""
    name, source, variant, dtype, batch, training, weight_dtype, optimizer = head
    root, *rest = rows
    signals: list[Any] = [Input(*given) for given in inputs]
    signals += (Layer() if len(row) == _LAYER_ROW else Group() for row in rest)
    tree = Group()
    for element, row in ((tree, root), *zip(signals[len(inputs) :], rest, strict=True)):
        _fill(element, row, signals)
    for element, row in zip(signals[len(inputs) :], rest, strict=True):
        (tree if row[0] is None else signals[row[0]]).children.append(element)
    ends = {path: signals[end] for path, end in outputs}
    given = signals[: len(inputs)]
    return Network(
        name, given, tree, ends, source=source, variant=variant, dtype=dtype, batch=batch,
        training=training,
        weight_dtype=weight_dtype,
        optimizer=optimizer,
    )  # fmt: skip


def _fill(element: Any, row: tuple[Any, ...], signals: list[Any]) -> None:
    (
        _, element.path, element.level, element.line, element.named, element.frozen,
        element.training_only, element.inputs, *own,
    ) = row  # fmt: skip
    if isinstance(element, Layer):
        element.operation, sources, shares = own
        element.output = element.operation.output
        element.sources = tuple(signals[source] for source in sources)
        element.shares = None if shares is None else signals[shares]
    else:
        element.kind, element.label, element.copies, result, labelled = own
        element.result = None if result is None else signals[result]
        element.labelled = {label: signals[signal] for label, signal in labelled}
        element.children = []


def _element(network: Network, number: int) -> Layer | Group:
    return [*network.elements()][number]
