"""cnncalc layers and cnncalc quantities: the vocabulary, out of the program itself."""

from __future__ import annotations

import click

from cnncalc.commands.lookup.vocabulary import (
    describe_kind,
    kind_names,
    list_kinds,
    list_quantities,
)
from cnncalc.commands.options import color_option
from cnncalc.render.stream import write
from cnncalc.wording import did_you_mean


@click.command()
@click.argument("kind", required=False)
@color_option
def layers(kind: str | None, color: str) -> None:
    """The kinds of layers, or one KIND with its arguments."""
    if kind is None:
        write(list_kinds())
        return
    text = describe_kind(kind)
    if text is None:
        guess = did_you_mean(kind, kind_names()) or "cnncalc layers lists the kinds"
        raise click.UsageError(f"no kind {kind!r}; {guess}")
    write(text)


@click.command()
@color_option
def quantities(color: str) -> None:
    """Everything that is counted, and how it is defined."""
    write(list_quantities())
