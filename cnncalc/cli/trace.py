"""cnncalc trace: the numbers inside a small worked example."""

import sys
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from cnncalc.cli.options import (
    Request,
    build_spec,
    complete_layer,
    complete_spec,
    fail,
    print_problems,
    read_spec,
    spec_options,
)
from cnncalc.problems import SpecError
from cnncalc.wording import count, visible

if TYPE_CHECKING:
    from cnncalc.network.network import Leaf, Network, Signal
    from cnncalc.trace.engine import Trace
    from cnncalc.trace.steps import Step

MAX_STEPS = 1_000


class Place(NamedTuple):
    """ROW,COL or ROW,COL,MAP as written, counted from 1."""

    numbers: tuple[int, ...]


def place(text: str) -> Place:
    """Numbers between commas, counted from 1."""
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdecimal() and len(part) < 16 for part in parts):
        raise click.BadParameter(f"{visible(text)!r} is no place such as 1,3")
    numbers = tuple(map(int, parts))
    if min(numbers) < 1:
        raise click.BadParameter("rows and columns are counted from 1")
    return Place(numbers)


@click.command()
@click.argument("spec", metavar="SPEC", shell_complete=complete_spec)
@click.argument("layer", metavar="[LAYER]", required=False, shell_complete=complete_layer)
@click.option(
    "--at", metavar="ROW,COL", type=place,
    help="The window behind one number, from 1; ROW,COL,MAP for one map.",
)  # fmt: skip
@click.option("--steps", is_flag=True, help="Every window, one after the other.")
@click.option("--flip", is_flag=True, help="Turn the filters over, as in mathematics.")
@click.option(
    "--format", "format_", type=click.Choice(["table", "json"]), default="table",
    help="How to write it. [table]",
)  # fmt: skip
@click.option("--width", metavar="N", type=click.IntRange(min=0), help="Width of the output.")
@spec_options
def trace(
    spec: str,
    layer: str | None,
    at: Place | None,
    steps: bool,
    flip: bool,
    format_: str,
    width: int | None,
    color: str,
    **shared: Any,
) -> int:
    """The numbers inside a small worked example: feature maps, and each dot product.

    The spec carries the numbers: input: {shape: 8x8x1, values: [[...], ...]} and values: and
    bias_values: among the arguments of conv and fc.

    \b
    cnncalc trace trace-vertical-line
    cnncalc trace trace-vertical-line conv1 --at 1,3
    """
    _need_numpy()
    request = Request(**shared)
    failed = False
    traces: list[tuple[Trace, list[Signal], list[Step]]] = []
    try:
        read, variant = read_spec(spec, request.max_size)
        for vars, inputs in request.settings():
            network = build_spec(read, request, vars, inputs, variant)
            traces.append(_trace(network, layer, at, steps, flip, request.max_size))
    except SpecError as error:
        fail(error, color)
        return 1
    _print(traces, format_, layer is not None, width)
    for traced, _, _ in traces:
        failed |= _problems(traced, color)
    return 1 if failed else 0


def _need_numpy() -> None:
    from cnncalc.trace import has_numpy

    if not has_numpy():
        raise click.UsageError(
            "trace works with NumPy, which is not installed: pip install 'cnncalc[trace]'"
        )


def _trace(
    network: "Network", path: str | None, at: Place | None, every: bool, flip: bool, max_size: int
) -> "tuple[Trace, list[Signal], list[Step]]":
    """The trace of a network, the volumes to show of it and the steps."""
    from cnncalc.trace.engine import trace as run

    shown = _shown(network, path)
    leaf = _with_window(network, path, shown) if at is not None else None
    traced = run(network, path, flip=flip, max_size=max_size)
    if leaf is not None and at is not None:
        return traced, [], _steps_at(traced, leaf, at)
    return traced, shown, _every_step(traced, shown) if every else []


def _shown(network: "Network", path: str | None) -> "list[Signal]":
    """The volumes to show: all, or those of one input, layer or group."""
    from cnncalc.network.network import Group

    if path is None:
        return [*network.input_signals.values(), *network]
    if path in network.input_signals:
        return [network.input_signals[path]]
    try:
        element = network[path]
    except KeyError as error:
        known = [*network.input_signals, *(leaf.path for leaf in network)]
        hint = "" if ";" in error.args[0] else f"; it has {', '.join(known[:8])}"
        raise click.UsageError(visible(error.args[0] + hint)) from None
    return list(element.leaves()) if isinstance(element, Group) else [element]


# Steps.


def _with_window(network: "Network", path: str | None, shown: "list[Signal]") -> "Leaf":
    """The layer that --at is about: the one that is named, or the only one with a window."""
    from cnncalc.network.network import Leaf
    from cnncalc.trace.steps import has_steps

    found = [leaf for leaf in shown if isinstance(leaf, Leaf) and has_steps(leaf.layer)]
    if len(found) == 1:
        return found[0]
    if path is not None and not found:
        every = [leaf.path for leaf in network if has_steps(leaf.layer)]
        hint = f"; layers with one: {', '.join(every[:8])}" if every else ""
        raise click.UsageError(f"{visible(path)} has no window to show{hint}")
    names = ", ".join(leaf.path for leaf in found[:8])
    raise click.UsageError(f"--at needs a LAYER: {names}" if names else "no layer has a window")


def _steps_at(traced: "Trace", leaf: "Leaf", at: Place) -> "list[Step]":
    """The steps at a place: of the map that is named, else of all maps."""
    from cnncalc.trace.steps import step
    from cnncalc.trace.values import AXES

    sizes, maps = leaf.output.sizes, leaf.output.channels
    names = (*AXES[len(sizes)], "map")
    if len(at.numbers) not in (len(sizes), len(sizes) + 1):
        words = [name.upper() for name in names]
        wanted = " or ".join(",".join(part) for part in (words[:-1], words) if part)
        raise click.UsageError(f"--at for {leaf.path}, {leaf.output.text()}, takes {wanted}")
    for name, number, size in zip(names, at.numbers, (*sizes, maps), strict=False):
        if number > size:
            raise click.UsageError(f"{leaf.path} has {count(size, name)}, no {name} {number:,}")
    if leaf not in traced.arrays:
        return []
    place = tuple(number - 1 for number in at.numbers[: len(sizes)])
    named = at.numbers[len(sizes) :]
    channels = [number - 1 for number in named] or range(maps)
    _check_number(len(channels))
    return [step(traced, leaf, place, channel) for channel in channels]


def _every_step(traced: "Trace", shown: "list[Signal]") -> "list[Step]":
    from cnncalc.network.network import Leaf
    from cnncalc.trace.steps import has_steps, places, step

    leaves = [
        leaf
        for leaf in shown
        if isinstance(leaf, Leaf) and leaf in traced.arrays and has_steps(leaf.layer)
    ]
    _check_number(sum(leaf.output.values for leaf in leaves))
    return [step(traced, leaf, at, channel) for leaf in leaves for at, channel in places(leaf)]


def _check_number(steps: int) -> None:
    if steps > MAX_STEPS:
        raise click.UsageError(
            f"{steps:,} windows are more than the {MAX_STEPS:,} that are shown; "
            "name one with LAYER --at ROW,COL,MAP"
        )


# Output.


def _print(
    traces: "list[tuple[Trace, list[Signal], list[Step]]]",
    format_: str,
    whole: bool,
    width: int | None,
) -> None:
    from cnncalc.reports.terminal import encodable, width_of

    if format_ == "json":
        from cnncalc.reports.trace_json import render_traces

        text = render_traces(traces)
    else:
        from cnncalc.reports.trace import render_trace

        columns = width_of(width, sys.stdout)
        text = "\n".join(
            render_trace(traced, shown, steps, whole=whole, width=columns)
            for traced, shown, steps in traces
            if steps or any(signal in traced.arrays for signal in shown)
        )
    sys.stdout.write(encodable(text, sys.stdout.encoding))
    sys.stdout.flush()


def _problems(traced: "Trace", color: str) -> bool:
    """Print what could not be traced and what is not as expected; True if there is any."""
    from cnncalc.trace.expected import is_overridden

    if is_overridden(traced):
        click.echo(
            "note: expected values hold for the spec as written; here they are not judged",
            err=True,
        )
    found = [*traced.problems.sorted(), *traced.check()]
    if found:
        print_problems(found, color)
    return bool(found)
