"""Network: the tree of measured layers, and what can be asked of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

from cnncalc.problems import NOTE, Problem, Problems
from cnncalc.quantities import BYTES_OF, LAST, NONE, ONCE, QUANTITIES, find_quantity
from cnncalc.volume import Volume
from cnncalc.wording import did_you_mean

if TYPE_CHECKING:
    from cnncalc.checks.expectations import Expectation
    from cnncalc.layers.base import Layer
    from cnncalc.network.receptive_field import Field
    from cnncalc.spec.model import InputVolume, Item, Spec
    from cnncalc.spec.node import Node


class Input:
    """A volume that goes into the network."""

    __slots__ = ("given", "name", "output", "read")

    def __init__(self, name: str, given: InputVolume) -> None:
        self.name = name
        self.given = given  # as the spec has it
        self.output = given.volume
        self.read = False

    @property
    def path(self) -> str:
        return self.name


class Failed:
    """Stands for a layer that could not be worked out; who reads it keeps silent."""

    __slots__ = ("path", "read")

    output = None

    def __init__(self, path: str = "") -> None:
        self.path = path
        self.read = False


def _quantity_name(owner: object, name: str) -> str:
    """The quantity that an attribute stands for; raises AttributeError with a suggestion."""
    known = find_quantity(name) if not name.startswith("_") else None
    if known is not None:
        return known.name
    guess = did_you_mean(name, QUANTITIES) if not name.startswith("_") else ""
    kind = type(owner).__name__
    raise AttributeError(f"{kind!r} object has no attribute {name!r}{guess and '; ' + guess}")


class Element:
    """A layer or a group of layers, with a path, a place in the tree and every quantity."""

    __slots__ = ("frozen", "inputs", "item", "level", "network", "path")

    network: Network
    path: str
    level: int  # 1 for what stands under `layers:`
    item: Item
    frozen: bool
    inputs: tuple[Volume, ...]
    output: Volume | None

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition(".")[2]

    @property
    def input(self) -> Volume | None:
        """The only or first input."""
        return self.inputs[0] if self.inputs else None

    @property
    def line(self) -> int:
        """The line of the file that this comes from."""
        return self.network.spec.text.position(self.item.key.start)[0]

    @property
    def label(self) -> str:
        """What the column Kind says."""
        raise NotImplementedError

    @property
    def kind(self) -> str:
        raise NotImplementedError

    def leaves(self) -> Iterator[Leaf]:
        """The layers in this element, in order."""
        raise NotImplementedError

    def __reduce__(self) -> Any:
        return Network.__getitem__, (self.network, self.path)

    def quantity(self, name: str) -> Any:
        """The value of a quantity: a number, None where it has no meaning here."""
        raise NotImplementedError

    def __getattr__(self, name: str) -> Any:
        return self.quantity(_quantity_name(self, name))


class Leaf(Element):
    """One layer of the network."""

    __slots__ = ("layer", "output", "read", "shares", "sources")

    layer: Layer
    output: Volume
    sources: tuple[Signal, ...]

    def __init__(
        self,
        network: Network,
        path: str,
        level: int,
        item: Item,
        layer: Layer,
        sources: tuple[Signal, ...],
        frozen: bool,
    ) -> None:
        self.network = network
        self.path = path
        self.level = level
        self.item = item
        self.layer = layer
        self.inputs = layer.inputs
        self.output = layer.output
        self.sources = sources
        self.frozen = frozen
        self.shares: Leaf | None = None  # the layer whose weights these are
        self.read = False  # whether a later layer reads the output

    @property
    def kind(self) -> str:
        return self.layer.kind

    @property
    def label(self) -> str:
        return self.layer.label()

    @property
    def arguments(self) -> dict[str, Any]:
        """The arguments by canonical name, as numbers, words and lists."""
        return dict(self.layer.shown_arguments)

    @property
    def notes(self) -> list[str]:
        return [note.message for note in self.layer.notes]

    def leaves(self) -> Iterator[Leaf]:
        yield self

    def quantity(self, name: str) -> Any:
        if name == "receptive_field":
            return self.network.receptive_fields[self]
        # Equal layers are one object, so that each is counted only once.
        counts = self.network.counts.setdefault((self.layer, self.frozen, self.shares is None), {})
        if name not in counts:
            known = QUANTITIES[name]
            again = self.shares is not None and known.adds == ONCE
            counts[name] = 0 if again else known.of(self)
        return counts[name]

    def __repr__(self) -> str:
        return f"<{self.path}: {self.label} → {self.output}>"


class Group(Element):
    """Layers that stand behind one line of the spec: a block call, a composite, copies."""

    __slots__ = ("_label", "children", "copies", "result")

    def __init__(
        self,
        network: Network,
        path: str,
        level: int,
        item: Item,
        label: str,
        signal: Signal,
        frozen: bool,
    ) -> None:
        self.network = network
        self.path = path
        self.level = level
        self.item = item
        self._label = label
        self.inputs = (signal.output,) if signal.output is not None else ()
        self.result = signal
        self.frozen = frozen
        self.children: list[Leaf | Group] = []
        self.copies = False  # whether the children are copies of one item

    def close(self, result: Signal) -> Signal:
        """Say what the group hands on."""
        self.result = result
        return result

    @property
    def output(self) -> Volume | None:  # type: ignore[override]
        return self.result.output

    @property
    def kind(self) -> str:
        return self._label

    @property
    def label(self) -> str:
        return self._label

    def leaves(self) -> Iterator[Leaf]:
        return (element for element in self.elements() if isinstance(element, Leaf))

    def elements(self) -> Iterator[Leaf | Group]:
        """Layers and groups, each group before what is in it."""
        # A stack of our own: generators inside generators would cost a call for every level.
        stack: list[Iterator[Leaf | Group]] = [iter(self.children)]
        while stack:
            for child in stack[-1]:
                yield child
                if isinstance(child, Group):
                    stack.append(iter(child.children))
                    break
            else:
                stack.pop()

    def quantity(self, name: str) -> Any:
        adds = QUANTITIES[name].adds
        if adds == NONE:
            return None
        if adds == LAST:
            return self.network.receptive_fields[self.result]
        return self.network.sums(name)[self]

    def __repr__(self) -> str:
        return f"<{self.path}: {self.label} → {self.output}>"


Signal = Leaf | Input | Failed


def depth(leaves: Iterable[Leaf]) -> int:
    """The most layers with weights, norms aside, that lie behind one another."""
    depths: dict[Signal, int] = {}
    for leaf in leaves:
        before = max((depths.get(source, 0) for source in leaf.sources), default=0)
        depths[leaf] = before + leaf.layer.weighted
    return max(depths.values(), default=0)


class Network:
    """A network worked out: layers in order, groups as a tree, totals.

    Every quantity is an attribute: `network.parameters`, `network.connections`.
    """

    path = ""
    bytes_per_value: int

    def __init__(self, spec: Spec, dtype: str, batch: int) -> None:
        self.spec = spec
        self.name = spec.name
        self.source = spec.source
        self.variant: str | None = None
        self.settings: dict[str, Any] = {}  # what it was built with
        self.overridden = False  # whether vars or inputs differ from what the spec says
        self.visited = 0  # items it took to build, skipped ones too
        self.dtype = dtype
        self.batch = batch
        self.bytes_per_value = BYTES_OF[dtype]
        self.input_signals: dict[str, Input] = {}
        self.root: Group
        self.output_signals: dict[str, Signal] = {}
        self.expectations: list[tuple[Element | Network, Node]] = []  # what `expect:` covers
        self.expected: list[Expectation] = []  # the same, read
        self.expected_values: list[tuple[Element | Network, Node]] = []  # judged by `trace`
        self.numbered: list[tuple[Node, Element]] = []  # where an automatic name is referred to
        self.problems = Problems(stops=True)
        self.counts: dict[tuple[Layer, bool, bool], dict[str, Any]] = {}  # of leaves, as asked for
        self._fields: Any = None
        self._readers: dict[Signal, list[Leaf]] | None = None
        self._groups: list[Group] | None = None
        self._sums: dict[str, dict[Group, Any]] = {}
        self._elements: dict[str, Leaf | Group] | None = None

    # Volumes.

    @property
    def inputs(self) -> dict[str, Volume]:
        return {name: given.output for name, given in self.input_signals.items() if given.output}

    @property
    def input(self) -> Volume:
        """The volume of the only input; of the first where there are several."""
        return next(iter(self.inputs.values()))

    @property
    def outputs(self) -> dict[str, Volume]:
        """The volumes of the results by path."""
        return {name: end.output for name, end in self.output_signals.items() if end.output}

    @property
    def output(self) -> Volume:
        """The volume of the only result; of the first where there are several."""
        return next(iter(self.outputs.values()))

    def bytes_of(self, volume: Volume | None) -> int:
        return volume.values * self.bytes_per_value * self.batch if volume else 0

    # Layers.

    @cached_property
    def layers(self) -> list[Leaf]:
        """All layers, in order; groups are not among them."""
        return list(self.root.leaves())

    @property
    def weight_layers(self) -> int:
        """The layers with weights, norms aside, on the longest way from input to output.

        This is how papers count, the 50 of ResNet-50 and the 22 of GoogLeNet: of parallel layers,
        such as a block and the projection of its shortcut, only the longer way counts.
        """
        return depth(self.layers)

    def leaves(self) -> Iterator[Leaf]:
        return iter(self.layers)

    def __iter__(self) -> Iterator[Leaf]:
        return self.leaves()

    def __len__(self) -> int:
        return len(self.layers)

    def elements(self) -> Iterator[Leaf | Group]:
        """Layers and groups, each group before what is in it."""
        return self.root.elements()

    def __getitem__(self, path: str) -> Leaf | Group:
        if self._elements is None:
            self._elements = {element.path: element for element in self.elements()}
        try:
            return self._elements[path]
        except KeyError:
            guess = did_you_mean(path, self._elements)
            raise KeyError(f"no layer {path!r}{'; ' + guess if guess else ''}") from None

    # Quantities.

    def quantity(self, name: str) -> Any:
        """The total of a quantity; None where it has no meaning for a network."""
        if name == "receptive_field":
            ends = list(self.output_signals.values())
            return self.receptive_fields[ends[0]] if ends else None
        total = self.root.quantity(name)
        if name == "memory":
            total += sum(map(self.bytes_of, self.inputs.values()))
        return total

    def __getattr__(self, name: str) -> Any:
        return self.quantity(_quantity_name(self, name))

    def sums(self, name: str) -> dict[Group, Any]:
        """A quantity of every group, each from the sums of what is in it."""
        if self._groups is None:
            groups = [element for element in self.root.elements() if isinstance(element, Group)]
            self._groups = [*reversed(groups), self.root]  # inner ones first
        if name not in self._sums:
            sums: dict[Group, Any] = {}
            for group in self._groups:
                sums[group] = sum(
                    child.quantity(name) if isinstance(child, Leaf) else sums[child]
                    for child in group.children
                )
            self._sums[name] = sums
        return self._sums[name]

    @property
    def readers(self) -> dict[Signal, list[Leaf]]:
        """The layers that read each volume, in order; of volumes that nothing reads, none."""
        if self._readers is None:
            self._readers = {}
            for leaf in self:
                for source in leaf.sources:
                    self._readers.setdefault(source, []).append(leaf)
        return self._readers

    @property
    def receptive_fields(self) -> dict[Signal, Field]:
        """The receptive field of every layer, worked out when first asked for."""
        if self._fields is None:
            from cnncalc.network.receptive_field import receptive_fields

            self._fields = receptive_fields(self)
        return self._fields  # type: ignore[no-any-return]

    # Verdicts and other forms.

    @property
    def notes(self) -> list[Problem]:
        """What works but may surprise."""
        from cnncalc.checks.rules import NOTES, run_rules

        found = [problem for problem in self.problems.sorted() if problem.severity == NOTE]
        return Problems([*found, *run_rules(self, NOTES)]).sorted()

    def __reduce__(self) -> Any:
        """A copy is the same spec built again with the same settings."""
        from cnncalc.api import rebuild

        return rebuild, (self.spec.text.text, self.spec.text.name, self.settings)

    def check(self) -> list[Problem]:
        """The expectations that do not hold."""
        from cnncalc.checks.expectations import judge

        return judge(self)

    def to_dict(self) -> dict[str, Any]:
        """What `describe --format json` says of the network."""
        from cnncalc.reports.as_json import network_dict

        return network_dict(self)

    def _repr_html_(self) -> str:
        from cnncalc.reports.notebook import network_html

        return network_html(self)

    def __repr__(self) -> str:
        return f"<Network {self.name!r}: {len(self.layers)} layers, {self.parameters:,} parameters>"
