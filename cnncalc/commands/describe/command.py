"""cnncalc describe: the table of every layer."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from cnncalc.checks.rules import NOTES, WARNINGS, run_rules
from cnncalc.checks.verdict import verdict
from cnncalc.commands.completion import complete_columns, complete_spec
from cnncalc.commands.describe.described import Described
from cnncalc.commands.options import (
    Request,
    build_spec,
    fail,
    memory_options,
    print_problems,
    read_spec,
    spec_options,
    split_list,
    whole,
)
from cnncalc.commands.output import Output, handout_options, output_options
from cnncalc.commands.progress import Progress
from cnncalc.network.build import SpecError
from cnncalc.problems import LIMIT, NOTE, Problem, Problems
from cnncalc.render.stream import say
from cnncalc.volume import MAX_NUMBER
from cnncalc.wording import count

if TYPE_CHECKING:
    from cnncalc.language.model import Spec
    from cnncalc.network.build import Build


@click.command()
@click.argument("specs", metavar="SPEC...", nargs=-1, required=True, shell_complete=complete_spec)
@click.option(
    "--expand",
    metavar="N",
    type=whole(all=MAX_NUMBER),
    default=1,
    help="Levels that are opened, or all; 0 for totals. [1]",
)
@click.option(
    "--columns",
    metavar="LIST",
    shell_complete=complete_columns,
    help="Columns, quantities or basic, counts, cost, all.",
)
@click.option(
    "--sort",
    metavar="COLUMN",
    shell_complete=complete_columns,
    help="Sort the rows, largest first; COLUMN:asc turns it.",
)
@click.option("--notes", is_flag=True, help="Print every note in full.")
@click.option("--layout", type=click.Choice(["hwc", "chw"]), default="hwc", help="Order of sizes.")
@memory_options
@output_options("describe")
@handout_options(lines=False)
@spec_options
def describe(
    specs: tuple[str, ...],
    expand: int,
    columns: str | None,
    sort: str | None,
    notes: bool,
    layout: str,
    dtype: str,
    weight_dtype: str | None,
    optimizer: str,
    batch: int,
    out: Output,
    **shared: Any,
) -> int:
    """The table of every layer: volumes, weights, connections.

    Several networks, and lists in --set, --input and --variant (or --variant all), make several
    tables, or with --expand 0 one table of totals.

    \b
    cnncalc describe lenet
    cnncalc describe resnet50 --expand 2 --columns layer,kind,output,macs
    cnncalc describe net.yaml --expand 0 --set width=16,32,64
    """
    request = Request(**shared)
    out.check(specs)
    chosen = sorting = None
    if columns is not None or sort is not None or out.handout.blanks:
        from cnncalc.commands.describe import options  # JSON has no columns

        chosen, sorting = options.columns_of(columns), options.sorting_of(sort)
        out = options.with_blanks(out, chosen)
    builds, settings, failed = _build_all(
        specs, request, out.color, dtype=dtype, batch=batch, weight_dtype=weight_dtype,
        optimizer=optimizer,
    )  # fmt: skip
    networks = [built.network for built in builds]
    if networks:
        found = Described(networks, settings, chosen, expand, sorting, layout == "chw")
        out.write(found)
        if out.answers is not None:
            from cnncalc.commands.describe.answers import answers  # only for --answers

            out.write_answers(list(answers(found, out.handout.blanks)))
    sys.stdout.flush()
    for built in builds:
        failed |= _judge(built, notes, out.color)
    if any(built.overridden and built.expectations for built in builds):
        say("note: expectations hold for the spec as written; here they are not judged")
    return 1 if failed else 0


def _build_all(
    specs: tuple[str, ...], request: Request, color: str, **options: object
) -> tuple[list[Build], list[dict[str, str]], bool]:
    """All networks that can be built, the setting of each, and whether one could not."""
    if specs.count("-") > 1:
        raise click.UsageError("standard input can be read only once")
    builds: list[Build] = []
    settings: list[dict[str, str]] = []
    failed = False
    progress = Progress()
    for name in specs:
        try:
            spec, own = read_spec(name, request.limits.size)
            visited = 0
            for variant in _variants(spec, request.variant, own):
                one = request._replace(variant=variant)
                for vars, inputs in request.settings():
                    if visited > request.limits.layers:
                        raise SpecError([_too_many(spec, request.limits.layers, len(builds))])
                    builds.append(build_spec(spec, one, vars, inputs, None, **options))
                    settings.append(vars)
                    visited += builds[-1].visited + len(spec.variants)
                    progress.say(f"built {count(len(builds), 'network')}")
        except SpecError as error:
            progress.clear()
            fail(error, color)
            failed = True
    progress.clear()
    return builds, settings, failed


def _too_many(spec: Spec, most: int, built: int) -> Problem:
    return Problem(
        LIMIT,
        f"the networks asked for come to more than {most:,} items together; "
        f"{count(built, 'table')} can be made",
        spec.text.span(0),
        help="allow more with --limit layers=N, or ask for fewer variants and settings at a time",
    )


def _variants(spec: Spec, wanted: str | None, own: str | None) -> list[str | None]:
    """The members of a family that are asked for: one, a list, or all."""
    if wanted == "all":
        return [None, *spec.variants]
    return [*split_list(wanted)] if wanted else [own]


def _judge(built: Build, notes: bool, color: str) -> bool:
    """Print what the network's expectations and notes have to say; True if one fails."""
    found = [*built.problems, *verdict(built, WARNINGS)]
    shown = [problem for problem in found if problem.severity != NOTE]
    if notes:
        own = [problem for problem in built.problems if problem.severity == NOTE]
        shown += Problems([*own, *run_rules(built, NOTES)]).sorted()
    if shown:
        from cnncalc.checks.ignores import without_ignored  # few have anything to say

        shown = without_ignored(built.spec.text, shown)
        print_problems(shown, color)
    return any(problem.severity == "error" for problem in shown)
