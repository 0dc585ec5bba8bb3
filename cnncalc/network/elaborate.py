"""From a Spec to a Network: vars and inputs, the walk over the items, outputs and expectations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, TypeAlias

from cnncalc import problems as codes
from cnncalc.advice import Edit
from cnncalc.language.located import Value
from cnncalc.language.written import Expect, Word
from cnncalc.network.builder import Builder
from cnncalc.network.composites import COMPOSE
from cnncalc.network.expectations import Expectation, of_network
from cnncalc.network.model import Element, Group, Network, Signal
from cnncalc.network.reporter import Reporter
from cnncalc.network.scope import FAILED, NO_INPUT, Failed, Found, Scope
from cnncalc.network.values import values_of
from cnncalc.network.walk import TooManyItems, Walk, close
from cnncalc.problems import TooManyErrors
from cnncalc.volume import Volume
from cnncalc.wording import did_you_mean, quote

WalkOf: TypeAlias = Callable[..., Walk]  # makes the walk over the items


class Elaboration:
    """One network of a spec while it is made; what is wrong goes to the reporter."""

    def __init__(
        self,
        builder: Builder,
        reporter: Reporter,
        max_items: int,
        *,
        training: bool = False,
        strict: bool = False,
        walk_of: WalkOf = Walk,
    ) -> None:
        self.spec = reporter.spec
        self.training = training  # whether items with `only: training` run too
        self.builder = builder
        self.reporter = reporter
        maker = self.spec.makers[builder.rounding]
        self.walk = walk_of(builder, reporter, maker, COMPOSE, max_items, strict)
        self.outputs: dict[str, Signal] = {}
        self.expectations: list[Expectation] = []

    def run(
        self,
        vars: Mapping[str, Value],
        inputs: Mapping[str, Volume | None],
        expect: Expect | None,
        variant: str | None,
    ) -> Network:
        """The network, as far as it can be built. An input is None where it could not be read."""
        end: Found | None = None
        with suppress(TooManyErrors):
            self.reporter.problems.extend(self.spec.problems.sorted())
            with suppress(TooManyItems):
                end = self.build_items(values_of(vars, self.reporter, {}), inputs)
                self.find_outputs(end)
            self.expectations = [
                Expectation(element, expected)
                for element, block in self.walk.expects
                for expected in block.pairs
            ]
        network = self.builder.network(self.outputs, variant=variant)
        if expect is not None and end is not None:
            with suppress(TooManyErrors):
                self.expectations += of_network(expect, network, self.reporter, self.is_skipped)
        return network

    def build_items(self, values: dict[str, Any], inputs: Mapping[str, Volume | None]) -> Found:
        signals = {name: self.builder.inputs.get(name, FAILED) for name in inputs}
        only = next(iter(signals.values())) if len(signals) == 1 else None
        self.walk.vars = dict(values)
        scope = Scope(values, only)
        scope.outside = True
        for name, signal in signals.items():
            if name != "input":
                scope.entries[name] = (signal, None, None)
        root = self.builder.root
        return close(root, self.walk.run(self.spec.items, scope, only or NO_INPUT, root))

    def find_outputs(self, end: Found) -> None:
        if not self.spec.outputs:
            if not isinstance(end, Failed):
                self.outputs[end.path] = end
            elif not self.reporter.problems.failed:  # else what fails would be passed over
                self.no_end()
            return
        known = {element.path: element for element in self.builder.root.elements()}
        for label, word in self.spec.outputs:
            element = known.get(word.text)
            if element is None:
                self.no_output(word, known)
                continue
            signal = element.result if isinstance(element, Group) else element
            if signal is not None:
                self.walk.read.add(signal)
                if self.training or not element.training_only:
                    self.outputs[label] = signal
        if not self.outputs and self.spec.outputs and not self.reporter.problems.failed:
            words = [word for _, word in self.spec.outputs]
            why = "runs in training only, so that none is left at inference"
            if any(map(self.is_skipped, words)):
                why = "is skipped, so that none is left"
            help = "name a result of the network under outputs: too"
            self.reporter.problem(codes.STRUCTURE, words[0], f"every output {why}", help)

    def no_end(self) -> None:
        """Of several inputs none is read at inference, so that there is nothing to give."""
        message = "the network has several inputs, and every item that reads one is skipped"
        help = "say which item stays; what runs in training only gives no output"
        self.reporter.problem(codes.STRUCTURE, self.spec.items[0], message, help)

    def no_output(self, word: Word, known: Mapping[str, Element]) -> None:
        if self.is_skipped(word):
            message = f"the output {quote(word.text)} is skipped here, and left out"
            self.reporter.problem(codes.SKIPPED_OUTPUT, word, message)
        elif not self.reporter.problems.failed:  # what is named may be among what was not built
            self.reporter.problem(
                codes.UNKNOWN_NAME,
                word,
                f"outputs: no layer is called {quote(word.text)}",
                _path_of_label(word.text, known) or did_you_mean(word.text, known),
            )

    def is_skipped(self, word: Word) -> bool:
        """Whether a path is that of something skipped, or inside it."""
        parts = word.text.split(".")
        paths = (".".join(parts[: end + 1]) for end in range(len(parts)))
        return any(path in self.walk.skipped for path in paths)


def _path_of_label(written: str, known: Mapping[str, Element]) -> str:
    """What to write for `Call.label`: here stands the path of the layer that it means."""
    call, _, label = written.rpartition(".")
    group = known.get(call)
    last = group.last_copy if isinstance(group, Group) else None
    signal = last.labelled.get(label) if isinstance(last, Group) else None
    if signal is None:
        return ""
    path = signal.path
    return Edit(f"{quote(label)} is a label; write its path, {quote(path)}", path, written)
