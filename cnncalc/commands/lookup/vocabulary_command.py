"""cnncalc layers and cnncalc quantities: the vocabulary, out of the program itself."""

from __future__ import annotations

import click

from cnncalc.commands.completion import complete_kind
from cnncalc.commands.lookup.vocabulary import (
    describe_kind,
    kind_names,
    list_kinds,
    list_quantities,
)
from cnncalc.commands.options import color_option
from cnncalc.commands.output import deliver, file_option
from cnncalc.wording import did_you_mean


@click.command()
@click.argument("kind", required=False, shell_complete=complete_kind)
@file_option()
@color_option
def layers(kind: str | None, output_file: str | None, color: str) -> None:
    """The kinds of layers, or one KIND with its arguments."""
    if kind is None:
        deliver(list_kinds(), output_file)
        return
    text = describe_kind(kind)
    if text is None:
        guess = did_you_mean(kind, kind_names()) or "cnncalc layers lists the kinds"
        raise click.UsageError(f"no kind {kind!r}; {guess}")
    deliver(text, output_file)


@click.command()
@file_option()
@color_option
def quantities(output_file: str | None, color: str) -> None:
    """Everything that is counted, and how it is defined."""
    deliver(list_quantities(), output_file)
