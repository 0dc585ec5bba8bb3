"""cnncalc specs: the bundled networks."""

from __future__ import annotations

import sys

import click

from cnncalc.cli.options import color_option
from cnncalc.wording import visible


@click.command()
@click.argument("words", nargs=-1)
@color_option
def specs(words: tuple[str, ...], color: str) -> int:
    """The bundled networks, or those with all WORDS in their name, title or source."""
    from cnncalc.bundled import catalogue
    from cnncalc.reports.terminal import encodable

    found = [entry for entry in catalogue() if entry.matches(words)]
    if not found:
        click.echo(f"no bundled network has {visible(' '.join(words))!r}", err=True)
        return 1
    size = max(len(entry.name) for entry in found)
    lines = []
    for group in dict.fromkeys(entry.group for entry in found):
        lines.append(f"{group}\n")
        lines += [
            f"  {entry.name:<{size}}  {visible(entry.title)}\n"
            for entry in found
            if entry.group == group
        ]
        lines.append("\n")
    sys.stdout.write(encodable("".join(lines[:-1]), sys.stdout.encoding))
    return 0
