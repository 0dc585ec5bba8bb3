"""What --columns, --sort and --blank say of the columns of a table."""

from __future__ import annotations

import click

from cnncalc.commands.describe.sheet import COLUMNS, SETS, Column, Sorting, choose_columns
from cnncalc.commands.output import Output
from cnncalc.wording import did_you_mean


def columns_of(words: str | None) -> list[Column] | None:
    """The columns that a list of words names; None without one."""
    if words is None:
        return None
    try:
        return choose_columns(words.split(","))
    except KeyError as error:
        word = str(error.args[0])
        known = [*SETS, *COLUMNS]
        hint = did_you_mean(word, known) or f"known: {', '.join(known)}"
        raise click.UsageError(f"no column {word!r}; {hint}") from None


def with_blanks(out: Output, chosen: list[Column] | None) -> Output:
    """The output with the names of the columns that are left blank."""
    if not out.handout.blanks:
        return out
    names = [column.name for word in out.handout.blanks for column in columns_of(word) or ()]
    shown = [column.name for column in chosen or choose_columns([*SETS["basic"], "trainable"])]
    for name in names:
        if name not in shown or name == "layer":
            raise click.UsageError(f"--blank {name}: no column of the table; see --columns")
    return out._replace(handout=out.handout._replace(blanks=tuple(names)))


def sorting_of(text: str | None) -> Sorting | None:
    """The one column to sort by: NAME, largest first, or NAME:asc."""
    if text is None:
        return None
    word, _, direction = text.partition(":")
    if direction.strip() not in ("", "asc", "desc"):
        raise click.UsageError(f"--sort takes COLUMN:asc or COLUMN:desc, not {text!r}")
    if word.strip().lower() in SETS or "," in word:
        raise click.UsageError(f"--sort takes one column, not {word!r}")
    found = columns_of(word)
    return Sorting(found[0], direction.strip()) if found else None
