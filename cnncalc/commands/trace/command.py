"""cnncalc trace: the numbers inside a small worked example."""

import sys
from typing import Any

import click

from cnncalc.commands.completion import complete_layer, complete_spec
from cnncalc.commands.options import (
    Request,
    build_spec,
    fail,
    place,
    print_problems,
    read_spec,
    spec_options,
)
from cnncalc.commands.output import Output, handout_options, output_options
from cnncalc.commands.progress import Progress
from cnncalc.commands.trace import showing
from cnncalc.commands.trace.engine import Trace
from cnncalc.network.build import SpecError


@click.command()
@click.argument("spec", metavar="SPEC", shell_complete=complete_spec)
@click.argument("layer", metavar="[LAYER]", required=False, shell_complete=complete_layer)
@click.option(
    "--at", metavar="ROW,COL", type=place,
    help="The window behind one number, from 1; ROW,COL,MAP for one map.",
)  # fmt: skip
@click.option("--steps", is_flag=True, help="Every window, one after the other.")
@click.option("--flip", is_flag=True, help="Turn the filters over, as in mathematics.")
@output_options("trace")
@handout_options()
@spec_options
def trace(
    spec: str,
    layer: str | None,
    at: tuple[int, ...] | None,
    steps: bool,
    flip: bool,
    out: Output,
    **shared: Any,
) -> int:
    """The numbers inside a small worked example.

    Feature maps, and each dot product. The spec carries the numbers: input: {shape: 8x8x1,
    values: [[...], ...]} and values: and bias_values: among the arguments of conv and fc.

    \b
    cnncalc trace trace-vertical-line
    cnncalc trace trace-vertical-line conv1 --at 1,3
    """
    request = Request(**shared)
    out.check([spec])
    try:
        read, variant = read_spec(spec, request.limits.size)
        progress = Progress()
        with progress.watching():
            shown = [
                showing.show(
                    build_spec(read, request, vars, inputs, variant), layer, at, every=steps,
                    flip=flip, max_size=request.limits.size, say=progress.say,
                )
                for vars, inputs in request.settings()
            ]  # fmt: skip
    except SpecError as error:
        fail(error, out.color)
        return 1
    except showing.NotThere as error:
        raise click.UsageError(str(error)) from None
    found = showing.Traces(shown, whole=layer is not None)
    if any(word != "output" for word in out.handout.blanks):
        raise click.UsageError("--blank of trace takes output, the numbers that are worked out")
    out.write(found)
    if out.answers is not None:
        from cnncalc.commands.trace.blocks import key  # only for --answers

        out.write_answers(key(found))
    sys.stdout.flush()
    failed = [_report(part.trace, out.color) for part in shown]
    return 1 if any(failed) else 0


def _report(traced: Trace, color: str) -> bool:
    """Print what could not be traced and what is not as expected; True if there is any."""
    if traced.unjudged:
        click.echo(
            "note: expected values hold for the spec as written; here they are not judged", err=True
        )
    found = [*traced.problems.sorted(), *traced.check()]
    if found:
        print_problems(found, color)
    return bool(found)
