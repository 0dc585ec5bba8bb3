"""cnncalc rules: every code of a problem, and what it means."""

from __future__ import annotations

import sys

import click

from cnncalc.checks.ignores import UnknownCode, find_codes
from cnncalc.checks.rules import all_codes
from cnncalc.commands.completion import complete_codes
from cnncalc.commands.lookup.rulebook import explain_code, list_codes
from cnncalc.commands.options import color_option, whole
from cnncalc.commands.output import deliver, file_option
from cnncalc.render.stream import style_of, width_of


@click.command()
@click.argument("code", required=False, shell_complete=complete_codes)
@click.option("--width", metavar="N", type=whole(), help="Width of the text.")
@file_option()
@color_option
def rules(code: str | None, width: int | None, output_file: str | None, color: str) -> None:
    """What can be wrong with a spec: all codes, or one CODE with an example.

    \b
    cnncalc rules
    cnncalc rules CNN304
    cnncalc rules skipped-pixels
    cnncalc rules CNN3
    """
    try:
        found = find_codes(code) if code is not None else list(all_codes().values())
    except UnknownCode as error:
        raise click.UsageError(str(error)) from None
    columns = width_of(width, sys.stdout)
    if len(found) > 1:
        text = list_codes(found, columns)
    else:
        text = explain_code(found[0], columns, style_of(color, sys.stdout))
    deliver(text, output_file)
