"""trace: a Network and the numbers in its spec become the numbers of every volume."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable

from cnncalc import problems as codes
from cnncalc.api import built
from cnncalc.commands.trace import (  # noqa: F401 # kinds
    attending,
    elementwise,
    expected,
    moves,
    norms,
    places,
    pools,
    products,
    resizing,
)
from cnncalc.commands.trace.activations import activate
from cnncalc.commands.trace.arrays import Array, array_of
from cnncalc.commands.trace.compute import Found, Weights, own_activation, require_computed, worked
from cnncalc.commands.trace.files import Folder
from cnncalc.commands.trace.limits import MAX_FILES, Cost, TooMuch
from cnncalc.commands.trace.parts import parts, read_parts
from cnncalc.commands.trace.values import ValueReader, block
from cnncalc.commands.trace.weights import flipped, is_symmetric, read_weights
from cnncalc.language.model import Spec
from cnncalc.network.build import Build
from cnncalc.network.model import Group, Input, Layer, Signal
from cnncalc.problems import Problem, Problems, Reject
from cnncalc.wording import visible


class Trace:
    """The numbers of a network: those that could be worked out, and why not the others."""

    def __init__(
        self, build: Build, reader: ValueReader, flip: bool, say: Callable[[str], None]
    ) -> None:
        self.build = build
        self.network = build.network
        self.flip = flip
        self.reader = reader
        self.arrays: dict[Signal, Array] = {}
        self.weights: dict[Layer, Weights] = {}
        self.between: dict[Layer, list[Found]] = {}  # on the way to the output
        self.problems = Problems()
        self._say = say
        self._cost = Cost()

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

    def is_correlation(self, layer: Layer) -> bool:
        """Whether it matters that the filters of a convolution are not turned over, or are."""
        return layer in self.weights and not is_symmetric(layer.operation, self.weights[layer])

    def on_the_way(self, signal: Signal) -> list[Found]:
        """What a layer works out before its output."""
        return self.between.get(signal, []) if isinstance(signal, Layer) else []

    @property
    def overridden(self) -> bool:
        """Whether it has other settings than the spec, whose expected values then do not count."""
        return self.build.overridden or self.flip

    @property
    def unjudged(self) -> bool:
        """Whether there are expected values that do not count."""
        return self.overridden and bool(expected.traced(self.build, self.arrays))

    def check(self) -> list[Problem]:
        """The expected values that do not hold."""
        return [] if self.overridden else expected.judge(self.build, self.arrays, self.reader)

    # Working it out.

    def run(self, wanted: Iterable[Signal]) -> None:
        """Work out these volumes and what they are made of, as far as the limits allow."""
        needed = _closure(wanted)
        signals: list[Input | Layer] = [*self.network.input_signals.values(), *self.network]
        for signal in signals:
            sources = signal.sources if isinstance(signal, Layer) else ()
            if signal not in needed or not all(source in self.arrays for source in sources):
                continue
            self._say(f"working out {visible(signal.path)}, {len(self.arrays)} of {len(needed)}")
            try:
                self.arrays[signal] = self._numbers(signal)
            except Reject as reject:
                span = places.place(self.build, signal, reject)
                self.problems.add(
                    Problem(reject.code, reject.message, span, help=reject.help, layer=signal.path)
                )
                if isinstance(reject, TooMuch):
                    return

    def _numbers(self, signal: Input | Layer) -> Array:
        return self._input(signal) if isinstance(signal, Input) else self._layer(signal)

    def _input(self, given: Input) -> Array:
        """The numbers of an input, as they are written."""
        volume, values = given.output, places.numbers(self.build, given)
        if values is None:
            raise self._no_numbers(given)
        name = "the input" if given.name == "input" else f"the input {given.name}"
        wanted = block(f"{name} {volume.text()}", volume.sizes, volume.channels)
        return array_of(self.reader.block(values, wanted), volume.shape)

    def _no_numbers(self, given: Input) -> Reject:
        """Says how numbers are added."""
        volume, own = given.output, places.written(self.build, given)
        if own is None:
            make = f"cnncalc import {visible(self.build.spec.text.name)} -o net.yaml"
            help = f"{make} makes a spec of it, which takes values: at its input and each layer"
            return Reject(codes.MISSING, "a model carries no numbers to trace", help=help)
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
        if own.values is not None:
            help = "--input leaves the numbers of the spec behind"
        message = f"{'the spec' if only else given.name} carries no numbers to trace"
        return Reject(codes.MISSING, message, help=help)

    def _layer(self, layer: Layer) -> Array:
        """What a layer makes of the numbers that it reads."""
        operation, inputs = layer.operation, [self.arrays[source] for source in layer.sources]
        require_computed(operation)
        weights = self._weights(layer)
        self.weights[layer] = flipped(operation, weights) if self.flip else weights
        self._cost.add(layer, [*inputs, *weights.arrays])
        *self.between[layer], output = worked(operation, inputs, self.weights[layer])
        found = activate(output.array, own_activation(operation))
        if not found.finite:
            raise Reject(codes.LIMIT, f"{layer.path} comes to numbers beyond floating point")
        assert found.shape == layer.output.shape, layer
        return found

    def _weights(self, layer: Layer) -> Weights:
        """The numbers that the spec gives a layer; files are beside the spec that names them."""
        own, whole = self.build.origins[layer].file, self.build.spec.text
        folder, top = (os.path.dirname(source.name) for source in (own or whole, whole))
        self.reader.beside = "" if folder == top else os.path.relpath(folder, top or os.curdir)
        wanted = parts(layer.operation)
        if wanted:
            return read_parts(layer, wanted, self.reader)
        return read_weights(layer, self.reader)


def _silent(text: str) -> None:
    """For those who do not want to know how far it is."""


def trace(
    spec: Build | Spec | str | os.PathLike[str],
    path: str | None = None,
    *,
    flip: bool = False,
    max_size: int = MAX_FILES,
    say: Callable[[str], None] = _silent,
) -> Trace:
    """The numbers inside a small worked example: of every volume, or of one layer and its inputs.

    >>> import cnncalc
    >>> cnncalc.trace("trace-bump-1d")["conv1"].numbers()
    [0, 0, 1, 1, 0, 0]

    `spec` is a path, the name of a bundled network, a Spec or a Build. What could not be worked out
    is in `problems`. `flip` turns the filters of convolutions over. Files of numbers that are no
    CSV need the optional extra `cnncalc[trace]`. `say` is told what is being worked out. Raises
    SpecError for a spec with errors, KeyError for a layer that is not there, and OSError if there
    is no such file.
    """
    build = built(spec)
    folder = Folder(os.path.dirname(build.spec.text.name), max_size)
    traced = Trace(build, ValueReader(folder), flip, say)
    traced.run(build.network if path is None else [traced.signal(path)])
    return traced


def _closure(wanted: Iterable[Signal]) -> set[Signal]:
    """These and everything that they are made of."""
    found: set[Signal] = set()
    waiting = list(wanted)
    while waiting:
        signal = waiting.pop()
        if signal not in found:
            found.add(signal)
            waiting += signal.sources if isinstance(signal, Layer) else ()
    return found
