"""cnncalc describe: the table of every layer."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from cnncalc.api import locate
from cnncalc.checks.rules import NOTES, WARNINGS, run_rules
from cnncalc.checks.verdict import verdict
from cnncalc.commands.describe.described import Described
from cnncalc.commands.options import (
    Request,
    build_spec,
    check_outputs,
    complete_spec,
    fail,
    format_option,
    memory_options,
    print_problems,
    read_spec,
    save,
    spec_options,
    split_list,
    whole,
)
from cnncalc.network.build import SpecError
from cnncalc.problems import LIMIT, NOTE, Problem, Problems
from cnncalc.render.formats import format_of_file, formats_of, writer_of
from cnncalc.render.stream import Paper, paper_of, say, style_of, write
from cnncalc.volume import MAX_NUMBER
from cnncalc.wording import count, did_you_mean, visible

if TYPE_CHECKING:
    from cnncalc.commands.describe.sheet import Column
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
@click.option("--columns", metavar="LIST", help="Columns, quantities or basic, counts, cost, all.")
@click.option("--sort", metavar="COLUMN", help="Sort the rows by a column, largest first.")
@format_option("describe")
@click.option(
    "-o", "--output", metavar="FILE", help="Write to a file; its suffix names the format."
)
@click.option("--notes", is_flag=True, help="Print every note in full.")
@click.option("--layout", type=click.Choice(["hwc", "chw"]), default="hwc", help="Order of sizes.")
@memory_options
@click.option("--width", metavar="N", type=whole(), help="Width of the table.")
@spec_options
def describe(
    specs: tuple[str, ...],
    expand: int,
    columns: str | None,
    sort: str | None,
    format_: str | None,
    output: str | None,
    notes: bool,
    layout: str,
    dtype: str,
    batch: int,
    width: int | None,
    color: str,
    **shared: Any,
) -> int:
    """The table of every layer: volumes, weights, connections.

    Several networks, and lists in --set, --input and --variant (or --variant all), make several
    tables, or with --expand 0 one table of totals.

    \b
    cnncalc describe lenet
    cnncalc describe resnet50 --expand 2 --columns kind,output,macs,receptive_field
    cnncalc describe net.yaml --expand 0 --set width=16,32,64
    """
    request = Request(**shared)
    format_ = format_ or (_format_of(output) if output else None)
    output = None if output == "-" else output
    if output is not None:
        _check_output(output, specs)
    chosen = _columns(columns)
    sorting = _sorting(sort)
    builds, settings, failed = _build_all(specs, request, color, dtype=dtype, batch=batch)
    networks = [built.network for built in builds]
    if networks:
        found = Described(networks, settings, chosen, expand, sorting, layout == "chw")
        paper = _paper(width, color, output)
        text = writer_of("describe", format_)(found, paper)
        for remark in paper.remarks:
            click.echo(remark, err=True)
        _write(text, output)
    sys.stdout.flush()
    for built in builds:
        failed |= _judge(built, notes, color)
    if any(built.overridden and built.expectations for built in builds):
        say("note: expectations hold for the spec as written; here they are not judged")
    return 1 if failed else 0


def _format_of(output: str) -> str:
    found = format_of_file("describe", output)
    if found is None:
        suffixes = ", ".join(format.suffix for format in formats_of("describe").values())
        raise click.UsageError(
            f"-o {visible(output)}: the suffix names no format; use {suffixes} or --format"
        )
    return found


def _paper(width: int | None, color: str, output: str | None) -> Paper:
    """A file has its natural width, and colours only where they are asked for."""
    if output is None:
        return paper_of(width, color, sys.stdout)
    return Paper(width, style_of(color if color == "always" else "never", sys.stdout))


def _check_output(output: str, specs: tuple[str, ...]) -> None:
    check_outputs([output], [locate(name)[0] for name in specs])


def _columns(words: str | None) -> list[Column] | None:
    if words is None:
        return None
    from cnncalc.commands.describe.sheet import COLUMNS, SETS, choose_columns  # JSON has none

    try:
        return choose_columns(words.split(","))
    except KeyError as error:
        word = str(error.args[0])
        known = [*SETS, *COLUMNS]
        hint = did_you_mean(word, known) or f"known: {', '.join(known)}"
        raise click.UsageError(f"no column {word!r}; {hint}") from None


def _sorting(word: str | None) -> Column | None:
    """The one column to sort by."""
    if word is None:
        return None
    from cnncalc.commands.describe.sheet import SETS  # JSON has no columns

    if word.strip().lower() in SETS or "," in word:
        raise click.UsageError(f"--sort takes one column, not {word!r}")
    found = _columns(word)
    return found[0] if found else None


def _build_all(
    specs: tuple[str, ...], request: Request, color: str, **options: Any
) -> tuple[list[Build], list[dict[str, str]], bool]:
    """All networks that can be built, the setting of each, and whether one could not."""
    if specs.count("-") > 1:
        raise click.UsageError("standard input can be read only once")
    builds: list[Build] = []
    settings: list[dict[str, str]] = []
    failed = False
    for name in specs:
        try:
            spec, own = read_spec(name, request.max_size)
            visited = 0
            for variant in _variants(spec, request.variant, own):
                one = request._replace(variant=variant)
                for vars, inputs in request.settings():
                    if visited > request.max_layers:
                        raise SpecError([_too_many(spec, request.max_layers, len(builds))])
                    builds.append(build_spec(spec, one, vars, inputs, None, **options))
                    settings.append(vars)
                    visited += builds[-1].visited + len(spec.variants)
        except SpecError as error:
            fail(error, color)
            failed = True
    return builds, settings, failed


def _too_many(spec: Spec, most: int, built: int) -> Problem:
    return Problem(
        LIMIT,
        f"the networks asked for come to more than {most:,} items together; "
        f"{count(built, 'table')} can be made",
        spec.text.span(0),
        help="raise --max-layers, or ask for fewer variants and settings at a time",
    )


def _variants(spec: Spec, wanted: str | None, own: str | None) -> list[str | None]:
    """The members of a family that are asked for: one, a list, or all."""
    if wanted == "all":
        return [None, *spec.variants]
    return [*split_list(wanted)] if wanted else [own]


def _write(text: str, output: str | None) -> None:
    if output is None:
        write(text)
        return
    save(text, output)


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
