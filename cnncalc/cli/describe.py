"""cnncalc describe: the table of every layer."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from cnncalc.cli.options import (
    Request,
    build_spec,
    complete_spec,
    fail,
    print_problems,
    read_spec,
    spec_options,
    split_list,
)
from cnncalc.problems import NOTE, SpecError
from cnncalc.quantities import BYTES_OF
from cnncalc.wording import did_you_mean, visible

if TYPE_CHECKING:
    from cnncalc.network.network import Network
    from cnncalc.reports.sheet import Column, Sheet
    from cnncalc.spec.model import Spec

_SUFFIXES = {".json": "json", ".csv": "csv", ".md": "markdown", ".tex": "latex", ".txt": "table"}
_FORMATS = ("table", "json", "csv", "markdown", "latex")


def levels(text: str) -> int:
    """A number of levels, or all."""
    if text.lower() == "all":
        return 10**9
    if text.isdecimal():
        return int(text)
    raise click.BadParameter(f"{text!r} is neither a number of levels nor all")


@click.command()
@click.argument("specs", metavar="SPEC...", nargs=-1, required=True, shell_complete=complete_spec)
@click.option(
    "--expand", metavar="N", type=levels, default="1",
    help="Levels that are opened, or all; 0 for totals. [1]",
)  # fmt: skip
@click.option("--columns", metavar="LIST", help="Columns, quantities or basic, counts, cost, all.")
@click.option("--sort", metavar="COLUMN", help="Sort the rows by a column, largest first.")
@click.option("--format", "format_", type=click.Choice(_FORMATS), help="How to write it. [table]")
@click.option(
    "-o", "--output", metavar="FILE", help="Write to a file; its suffix names the format."
)
@click.option("--notes", is_flag=True, help="Print every note in full.")
@click.option("--layout", type=click.Choice(["hwc", "chw"]), default="hwc", help="Order of sizes.")
@click.option(
    "--dtype", type=click.Choice(tuple(BYTES_OF)), default="float32", help="For memory. [float32]"
)
@click.option(
    "--batch", metavar="N", type=click.IntRange(min=1), default=1, help="Examples in memory. [1]"
)
@click.option("--width", metavar="N", type=click.IntRange(min=0), help="Width of the table.")
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
    format_ = format_ or _format_of(output)
    chosen = _columns(columns)
    sorting = _sorting(sort)
    networks, settings, failed = _build_all(specs, request, color, dtype=dtype, batch=batch)
    if networks:
        sheets = [] if format_ == "json" else _sheets(networks, settings, chosen, expand, sorting)
        channels_first = layout == "chw"
        if format_ == "table":
            text = _table(sheets, width, color, output, channels_first)
        else:
            text = _other_format(format_, networks, sheets, channels_first)
        _write(text, output)
    sys.stdout.flush()
    for network in networks:
        failed |= _judge(network, notes, color)
    if any(network.overridden and network.expected for network in networks):
        click.echo(
            "note: expectations hold for the spec as written; here they are not judged", err=True
        )
    return 1 if failed else 0


def _format_of(output: str | None) -> str:
    if output is None:
        return "table"
    suffix = os.path.splitext(output)[1].lower()
    if suffix not in _SUFFIXES:
        raise click.UsageError(
            f"-o {visible(output)}: the suffix names no format; "
            f"use {', '.join(_SUFFIXES)} or --format"
        )
    return _SUFFIXES[suffix]


def _columns(words: str | None) -> list[Column] | None:
    if words is None:
        return None
    from cnncalc.reports.sheet import COLUMNS, SETS, choose_columns

    try:
        return choose_columns(words.split(","))
    except KeyError as error:
        word = str(error.args[0])
        known = [*SETS, *COLUMNS]
        hint = did_you_mean(word, known) or f"known: {', '.join(known)}"
        raise click.UsageError(f"no column {visible(word)!r}; {hint}") from None


def _sorting(word: str | None) -> Column | None:
    """The one column to sort by."""
    if word is None:
        return None
    from cnncalc.reports.sheet import SETS

    if word.strip().lower() in SETS or "," in word:
        raise click.UsageError(f"--sort takes one column, not {visible(word)!r}")
    found = _columns(word)
    return found[0] if found else None


def _build_all(
    specs: tuple[str, ...], request: Request, color: str, **options: Any
) -> tuple[list[Network], list[dict[str, str]], bool]:
    """All networks that can be built, the setting of each, and whether one could not."""
    if specs.count("-") > 1:
        raise click.UsageError("standard input can be read only once")
    networks, settings, failed = [], [], False
    for name in specs:
        try:
            spec, own = read_spec(name, request.max_size)
            for variant in _variants(spec, request.variant, own):
                for vars, inputs in request.settings():
                    one = request._replace(variant=variant)
                    networks.append(build_spec(spec, one, vars, inputs, None, **options))
                    settings.append(vars)
        except SpecError as error:
            fail(error, color)
            failed = True
    return networks, settings, failed


def _variants(spec: Spec, wanted: str | None, own: str | None) -> list[str | None]:
    """The members of a family that are asked for: one, a list, or all."""
    if wanted == "all":
        return [None, *spec.variants]
    return [*split_list(wanted)] if wanted else [own]


def _sheets(
    networks: list[Network],
    settings: list[dict[str, str]],
    columns: list[Column] | None,
    expand: int,
    sort: Column | None,
) -> list[Sheet]:
    from cnncalc.reports.sheet import network_sheet, totals_sheet

    if expand == 0:
        return [totals_sheet(networks, settings, columns, sort)]
    sheets = []
    for network, setting in zip(networks, settings, strict=True):
        sheet = network_sheet(network, columns, expand, sort)
        if setting:
            sheet.title += f" ({', '.join(f'{name}={value}' for name, value in setting.items())})"
        sheets.append(sheet)
    return sheets


def _table(
    sheets: list[Sheet], width: int | None, color: str, output: str | None, channels_first: bool
) -> str:
    from cnncalc.reports.table import render_table
    from cnncalc.reports.terminal import wants_color, width_of

    to_file = output is not None
    columns = width if to_file else width_of(width, sys.stdout)
    colored = color == "always" if to_file else wants_color(color, sys.stdout)
    texts = []
    for sheet in sheets:
        text, dropped = render_table(
            sheet, width=columns, color=colored, channels_first=channels_first
        )
        texts.append(text)
        if dropped:
            names = ", ".join(column.header for column in dropped)
            click.echo(f"left out for want of room: {names} (--width, --columns)", err=True)
    return "\n".join(texts)


def _other_format(
    format_: str, networks: list[Network], sheets: list[Sheet], channels_first: bool
) -> str:
    if format_ == "json":
        from cnncalc.reports.as_json import render_json

        return render_json(networks)
    from cnncalc.reports.plain import render_csv, render_latex, render_markdown

    render = {"csv": render_csv, "markdown": render_markdown, "latex": render_latex}[format_]
    return render(sheets, channels_first)


def _write(text: str, output: str | None) -> None:
    if output in (None, "-"):
        from cnncalc.reports.terminal import write

        write(text)
        return
    try:
        with open(output, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise click.UsageError(f"cannot write {visible(output)}: {error.strerror}") from None


def _judge(network: Network, notes: bool, color: str) -> bool:
    """Print what the network's expectations and notes have to say; True if one fails."""
    from cnncalc.checks.rules import WARNINGS, run_rules

    found = [*network.problems.sorted(), *run_rules(network, WARNINGS), *network.check()]
    shown = [problem for problem in found if problem.severity != NOTE]
    shown += network.notes if notes else ()
    if shown:
        from cnncalc.checks.ignores import without_ignored

        shown = without_ignored(network.spec.text, shown)
        print_problems(shown, color)
    return any(problem.severity == "error" for problem in shown)
