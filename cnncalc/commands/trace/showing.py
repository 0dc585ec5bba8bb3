"""What of a trace is shown: volumes, or the steps behind single numbers."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from cnncalc.commands.trace.engine import Trace, trace
from cnncalc.commands.trace.steps import Step, has_steps, has_window, places, steps
from cnncalc.layers.window import ROW
from cnncalc.network.build import Build
from cnncalc.network.model import Group, Layer, Network, Signal
from cnncalc.wording import count, visible

MAX_STEPS = 1_000

Place = tuple[int, ...]  # ROW,COL or ROW,COL,MAP as written, counted from 1


class NotThere(Exception):
    """The network has no such layer, window or place."""


class Shown(NamedTuple):
    """A trace, and what to write of it."""

    trace: Trace
    volumes: list[Signal]
    steps: list[Step]


class Traces(NamedTuple):
    """What a command shows."""

    shown: list[Shown]
    whole: bool  # large volumes too, as one of them was asked for


def show(build: Build, path: str | None, at: Place | None, *, every: bool, **options: Any) -> Shown:
    """The steps at one place, or the volumes of a network or of a part of it.

    These come with `every` step if that is wanted; the other options are those of `trace`. Raises
    NotThere.
    """
    network = build.network
    signals = _signals(network, path)
    layer = _with_window(network, path, signals) if at is not None else None
    traced = trace(build, path, **options)
    volumes = [signal for signal in signals if signal in traced.arrays]
    if layer is not None and at is not None:
        return Shown(traced, [], _steps_at(traced, layer, at))
    return Shown(traced, volumes, every_step(traced, volumes) if every else [])


def _signals(network: Network, path: str | None) -> list[Signal]:
    """All, or those of one input, layer or group."""
    if path is None:
        return [*network.input_signals.values(), *network]
    if path in network.input_signals:
        return [network.input_signals[path]]
    try:
        element = network[path]
    except KeyError as error:
        known = [*network.input_signals, *(layer.path for layer in network)]
        hint = "" if ";" in error.args[0] else f"; it has {', '.join(known[:8])}"
        raise NotThere(visible(error.args[0] + hint)) from None
    return [*element.layers] if isinstance(element, Group) else [element]


def _windowed(signals: Iterable[Signal]) -> list[Layer]:
    return [layer for layer in signals if isinstance(layer, Layer) and has_steps(layer.operation)]


def _with_window(network: Network, path: str | None, signals: list[Signal]) -> Layer:
    """The layer that a place is about: the one that is named, or the only one with a window."""
    found = _windowed(signals)
    slide = [layer for layer in found if has_window(layer.operation)]
    for few in (found, slide):
        if len(few) == 1:
            return few[0]
    if path is not None and not found:
        every = [layer.path for layer in _windowed(network)]
        hint = f"; layers with one: {', '.join(every[:8])}" if every else ""
        raise NotThere(f"{visible(path)} has no window to show{hint}")
    names = ", ".join(layer.path for layer in found[:8])
    raise NotThere(f"--at needs a LAYER: {names}" if names else "no layer has a window")


def _steps_at(traced: Trace, layer: Layer, at: Place) -> list[Step]:
    """The steps at a place: of the map that is named, else of all maps."""
    sizes, maps = layer.output.sizes, layer.output.channels
    names = (*ROW[len(sizes)], "map")
    if len(at) not in (len(sizes), len(sizes) + 1):
        words = [name.upper() for name in names]
        wanted = " or ".join(",".join(part) for part in (words[:-1], words) if part)
        raise NotThere(f"--at for {layer.path}, {layer.output.text()}, takes {wanted}")
    for name, number, size in zip(names, at, (*sizes, maps), strict=False):
        if number > size:
            raise NotThere(f"{layer.path} has {count(size, name)}, no {name} {number:,}")
    if layer not in traced.arrays:
        return []
    place = [number - 1 for number in at]
    channels = place[len(sizes) :] or range(maps)
    _check_number(len(channels))
    at_place = tuple(place[: len(sizes)])
    return _once(one for channel in channels for one in steps(traced, layer, at_place, channel))


def every_step(traced: Trace, volumes: list[Signal]) -> list[Step]:
    leaves = _windowed(volumes)
    _check_number(sum(layer.output.values for layer in leaves))
    return _once(
        one
        for layer in leaves
        for at, channel in places(layer)
        for one in steps(traced, layer, at, channel)
    )


def _once(found: Iterable[Step]) -> list[Step]:
    """Without those that several numbers are made of, where they come again."""
    return [*{(one.layer, one.part, one.at, one.channel): one for one in found}.values()]


def _check_number(steps: int) -> None:
    if steps > MAX_STEPS:
        raise NotThere(
            f"{steps:,} windows are more than the {MAX_STEPS:,} that are shown; "
            "name one with LAYER --at ROW,COL,MAP"
        )
