"""cnncalc specs: the bundled networks."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import click

from cnncalc.commands.options import color_option
from cnncalc.commands.output import deliver, file_option
from cnncalc.language.bundled import Entry, catalogue
from cnncalc.render.stream import say, width_of
from cnncalc.render.text import paragraph
from cnncalc.wording import quote


@click.command()
@click.argument("words", nargs=-1)
@file_option()
@color_option
def specs(words: tuple[str, ...], output_file: str | None, color: str) -> int:
    """The bundled networks, or those with all WORDS.

    WORDS are looked for in names, titles and sources.

    Each answers to its name and to those of its variants, in any directory.
    """
    found = [entry for entry in catalogue() if entry.matches(words)]
    if not found:
        say(f"no bundled network has {' '.join(words)!r}")
        return 1
    lines = _lines(found, width_of(None, sys.stdout))
    deliver("".join(f"{line}\n" for line in lines), output_file)
    return 0


def _lines(entries: list[Entry], width: int | None) -> Iterator[str]:
    """By group a line for each file, and below it the names of its variants."""
    size = max(len(entry.name) for entry in entries)
    group = ""
    for entry in entries:
        if entry.group != group:
            yield from ([""] if group else [])
            yield entry.group
            group = entry.group
        head = f"  {entry.name:<{size}}  "
        text = f"{entry.title} · {entry.source}" if entry.source else entry.title
        yield head + quote(text, width - len(head) if width else len(text))
        yield from paragraph(", ".join(entry.variants), width or 100, " " * len(head))
