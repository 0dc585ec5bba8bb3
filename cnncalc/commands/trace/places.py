"""Where the numbers of a network are written: the only part of trace that asks the spec."""

from collections.abc import Callable
from typing import Any, NamedTuple

from cnncalc.language.located import Value
from cnncalc.language.model import InputVolume
from cnncalc.language.source import Span
from cnncalc.network.build import Build
from cnncalc.network.model import Group, Input, Layer, Network
from cnncalc.problems import Reject


class Expected(NamedTuple):
    """Numbers that `expect:` has."""

    about: Layer | Group | Network
    values: Any  # as plain data
    place: Callable[[tuple[object, ...]], Span]  # of the part of them at the end of a path


def expected(build: Build) -> list[Expected]:
    """All numbers that the spec expects."""

    def place_in(value: Value) -> Callable[[tuple[object, ...]], Span]:
        return lambda path: build.spec.span(value.within(path))

    return [
        Expected(about, each.values.plain(), place_in(each.values))
        for about, each in build.expectations
        if each.values is not None
    ]


def written(build: Build, given: Input) -> InputVolume | None:
    """An input as the spec has it, or the variant that was chosen; None of a model."""
    own, variant = build.spec.inputs, build.network.variant
    chosen = build.spec.variants[variant].inputs if variant else {}
    return chosen.get(given.name) or own.get(given.name)


def numbers(build: Build, given: Input) -> Any:
    """The numbers of an input as plain data; None where it has none, or has another volume."""
    own = written(build, given)
    if own is None or own.values is None or given.name in build.other_inputs:
        return None
    return own.values.plain()


def place(build: Build, signal: Input | Layer, reject: Reject) -> Span:
    """What a refusal is about: numbers that are written, or the whole input or item."""
    if isinstance(signal, Layer):
        item = build.origins[signal]
        found = item.place(reject.argument)
        if isinstance(found, Value):
            found = found.within(reject.path)
            return (found.file or item.file or build.spec.text).span(found.start, found.end)
    else:
        own = written(build, signal)
        if own is None:
            return build.spec.text.span(0)
        if own.values is None:
            return build.spec.span(own)
        found = own.values
    return build.spec.span(found.within(reject.path) if isinstance(found, Value) else found)
