"""trace: a Network and the numbers in its spec become the numbers of every volume."""

from __future__ import annotations

import os
from collections.abc import Iterable
from math import prod

from cnncalc import problems as codes
from cnncalc.commands.trace import elementwise, moves, places, pools, products  # noqa: F401 # kinds
from cnncalc.commands.trace.activations import activate
from cnncalc.commands.trace.arrays import Array, array_of
from cnncalc.commands.trace.compute import (
    NO_WEIGHTS,
    Weights,
    compute,
    is_computed,
    not_traced,
    own_activation,
)
from cnncalc.commands.trace.files import Folder
from cnncalc.commands.trace.places import Blame
from cnncalc.commands.trace.values import ValueReader, block
from cnncalc.commands.trace.weights import (
    Need,
    flipped,
    is_symmetric,
    need,
    read_biases,
    read_values,
)
from cnncalc.layers import Layer
from cnncalc.layers.conv import Conv
from cnncalc.network.network import Group, Input, Leaf, Network, Signal
from cnncalc.problems import Problem, Problems, Reject

MAX_MULTIPLICATIONS = 10**8
MAX_VALUES = 10**7  # in all volumes together
MAX_ALL_DIGITS = 10**9  # of the numbers in all volumes
MAX_FILE = 16 * 2**20


class Trace:
    """The numbers of a network: those that could be worked out, and why not the others."""

    def __init__(self, build: Build, reader: ValueReader, flip: bool) -> None:
        self.build = build
        self.network = build.network
        self.flip = flip
        self.reader = reader
        self.arrays: dict[Signal, Array] = {}
        self.weights: dict[Leaf, Weights] = {}
        self.problems = Problems()
        self.digits = 0  # that the numbers have at most

    def __getitem__(self, path: str) -> Array:
        """The numbers of an input or of what a layer or group hands on."""
        signal = self.signal(path)
        if signal not in self.arrays:
            raise KeyError(f"{path} was not traced: {'; '.join(map(str, self.problems.sorted()))}")
        return self.arrays[signal]

    def signal(self, path: str) -> Signal:
        given = self.network.input_signals.get(path)
        if given is not None:
            return given
        element = self.network[path]
        signal = element.result if isinstance(element, Group) else element
        assert signal is not None  # a network that is whole
        return signal

    @property
    def exact(self) -> bool:
        return all(array.exact for array in self.arrays.values())

    def is_correlation(self, leaf: Leaf) -> bool:
        """Whether it matters that the filters of a convolution are not turned over, or are."""
        return leaf in self.weights and not is_symmetric(leaf.layer, self.weights[leaf])

    def check(self) -> list[Problem]:
        """The expected values that do not hold."""
        from cnncalc.commands.trace.expected import judge

        return judge(self)

    # Working it out.

    def run(self, wanted: Iterable[Signal]) -> None:
        """Work out these volumes and what they are made of."""
        needed = _closure(wanted)
        ready: set[Signal] = set()
        for given in self.network.input_signals.values():
            if given in needed and self.read_input(given):
                ready.add(given)
        layers: list[Leaf] = []
        for leaf in self.network:
            fed = leaf in needed and all(source in ready for source in leaf.sources)
            if fed and self.read_layer(leaf):
                layers.append(leaf)
                ready.add(leaf)
        for leaf in self.within_limits(layers):
            if all(source in self.arrays for source in leaf.sources):
                self.work_out(leaf)

    def read_input(self, given: Input) -> bool:
        volume, values = given.output, self.given(given).values
        if values is None:
            self.no_input(given)
            return False
        name = "the input" if given.name == "input" else f"the input {given.name}"
        wanted = block(f"{name} {volume.text()}", volume.sizes, volume.channels)
        try:
            self.arrays[given] = array_of(self.reader.block(values, wanted), volume.shape)
        except Reject as reject:
            self.refuse(reject, places.of_input(self.network, given), given.name)
            return False
        return True

    def given(self, given: Input) -> InputVolume:
        """The input as the spec or its variant has it; another volume has no numbers."""
        spec, variant = self.build.spec, self.network.variant
        inputs = spec.inputs | (spec.variants[variant].inputs if variant else {})
        own = inputs[given.name]
        return own if own.volume == given.output else own.without_values()

    def no_input(self, given: Input) -> None:
        """Say how numbers are added."""
        volume, own = given.output, self.build.spec.inputs.get(given.name)
        only = len(self.network.input_signals) == 1
        lists = "[...]"
        for _ in range(len(volume.sizes) - 1 if volume else 0):
            lists = f"[{lists}, ...]"
        if volume and volume.sizes and volume.channels > 1:
            lists = f"{{maps: [{lists}, ...]}}"
        shape = f"{{shape: {volume}, values: {lists}}}"
        help = (
            f"write {'input' if only else given.name}: {shape} (or file: numbers.csv), and "
            "values: in each conv and fc; cnncalc trace trace-vertical-line is an example"
        )
        if own is not None and own.values is not None:
            help = "--input leaves the numbers of the spec behind"
        message = f"{'the spec' if only else given.name} carries no numbers to trace"
        refusal = Reject(codes.MISSING, message, help=help)
        self.refuse(refusal, places.of_input(self.network, given), given.name)

    def read_layer(self, leaf: Leaf) -> bool:
        """Read the weights of a layer; False if it cannot be worked out."""
        layer = leaf.layer
        if not is_computed(type(layer)):
            self.refuse_layer(leaf, not_traced(layer))
            return False
        wanted = need(layer)
        if wanted is None:
            return True
        if getattr(layer, "values", None) is None:
            help = f"add values: to its arguments, {wanted.text()}"
            self.refuse_layer(leaf, Reject(codes.MISSING, f"{leaf.path} has no values", help=help))
            return False
        if getattr(layer, "bias_values", None) is not None and not layer.biases:
            message = f"{leaf.path} has bias_values and no bias"
            refusal = Reject(codes.BAD_VALUE, message, help="delete one of the two")
            self.refuse_layer(leaf, refusal, "bias_values")
            return False
        return self.read_numbers(leaf, wanted)

    def read_numbers(self, leaf: Leaf, wanted: Need) -> bool:
        layer, reading = leaf.layer, "values"
        try:
            weights = read_values(layer, wanted, self.reader)
            reading = "bias_values"
            weights = weights._replace(biases=read_biases(layer, wanted, self.reader))
        except Reject as reject:
            self.refuse_layer(leaf, reject, reading)
            return False
        self.weights[leaf] = flipped(layer, weights) if self.flip else weights
        return True

    def within_limits(self, layers: list[Leaf]) -> list[Leaf]:
        """The layers up to the one that would take too long or too much room."""
        work = values = 0
        for index, leaf in enumerate(layers):
            work += multiplications(leaf.layer)
            values += max(leaf.output.values, leaf.layer.input.values)
            if work > MAX_MULTIPLICATIONS:
                found = f"the trace takes {work:,} multiplications or comparisons"
                limit = MAX_MULTIPLICATIONS
            elif values > MAX_VALUES:
                found, limit = f"the volumes hold {values:,} numbers", MAX_VALUES
            else:
                continue
            help = "trace is for small examples: a smaller input, or a LAYER before this one"
            message = f"up to {leaf.path} {found}, more than {limit:,}"
            self.refuse_layer(leaf, Reject(codes.LIMIT, message, help=help))
            return layers[:index]
        return layers

    def work_out(self, leaf: Leaf) -> None:
        inputs = [self.arrays[source] for source in leaf.sources]
        weights = self.weights.get(leaf, NO_WEIGHTS)
        try:
            self.check_digits(leaf, [*inputs, weights.values])
            found = compute(leaf.layer, inputs, weights)
            found = activate(found, own_activation(leaf.layer))
            if not found.finite:
                raise Reject(codes.LIMIT, f"{leaf.path} comes to numbers beyond floating point")
        except Reject as reject:
            self.refuse_layer(leaf, reject)
            return
        assert found.shape == leaf.output.shape, leaf
        self.arrays[leaf] = found

    def check_digits(self, leaf: Leaf, read: list[Array]) -> None:
        """Refuse numbers that would fill the memory; none is longer than all it is made of."""
        digits = self.digits + leaf.output.values * sum(array.digits for array in read)
        if digits > MAX_ALL_DIGITS:
            message = f"up to {leaf.path} the numbers take as many as {digits:,} digits"
            raise Reject(codes.LIMIT, f"{message}, more than {MAX_ALL_DIGITS:,}")
        self.digits = digits

    # Problems.

    def refuse(self, reject: Reject, blame: Blame, path: str) -> None:
        span = blame(reject.path)
        self.problems.add(Problem(reject.code, reject.message, span, help=reject.help, layer=path))

    def refuse_layer(self, leaf: Leaf, reject: Reject, argument: str | None = None) -> None:
        blame = places.of_argument(leaf, argument or reject.argument)
        self.refuse(reject, blame, leaf.path)


def trace(
    build: Build, path: str | None = None, *, flip: bool = False, max_size: int = MAX_FILE
) -> Trace:
    """The numbers of a network's volumes, or of one layer and what it is made of.

    What could not be worked out is in `problems`. `flip` turns the filters of convolutions over.
    Raises KeyError for a layer that is not there.
    """
    folder = Folder(os.path.dirname(build.spec.text.name), max_size)
    traced = Trace(build, ValueReader(folder), flip)
    traced.run(build.network if path is None else [traced.signal(path)])
    return traced


def multiplications(layer: Layer) -> int:
    """How many products, sums or comparisons of a layer's windows it takes."""
    if isinstance(layer, Conv):
        return layer.output.values * prod(layer.kernel) * (layer.input.channels // layer.groups)
    return max(layer.macs, layer.connections)


def _closure(wanted: Iterable[Signal]) -> set[Signal]:
    """These and everything that they are made of."""
    found: set[Signal] = set()
    waiting = list(wanted)
    while waiting:
        signal = waiting.pop()
        if signal not in found:
            found.add(signal)
            waiting += signal.sources if isinstance(signal, Leaf) else ()
    return found
