"""cnncalc help: a page about whatever a word names."""

from __future__ import annotations

import sys
from collections.abc import Iterable

import click

from cnncalc.commands.completion import complete_topic
from cnncalc.commands.options import color_option, whole
from cnncalc.render.stream import style_of, width_of, write
from cnncalc.wording import did_you_mean, visible


@click.command()
@click.argument("topic", nargs=-1, shell_complete=complete_topic)
@click.option("--width", metavar="N", type=whole(), help="Columns of a line.")
@color_option
@click.pass_context
def help(ctx: click.Context, topic: tuple[str, ...], width: int | None, color: str) -> None:
    """A command, kind, quantity, code or bundled network.

    Without a TOPIC, the list of commands.

    \b
    cnncalc help describe
    cnncalc help conv
    cnncalc help connections
    cnncalc help CNN201
    cnncalc help resnet50
    """
    assert ctx.parent is not None
    word = " ".join(topic)
    if not word:
        click.echo(ctx.parent.get_help())
        return
    from cnncalc.commands.lookup import topics  # not for the list of commands

    columns = width_of(width, sys.stdout)
    pages = [
        _command_text(ctx.parent, word),
        topics.term_text(word, columns, style_of(color, sys.stdout)),
        topics.network_text(word, columns),
    ]
    if not any(pages):
        raise click.UsageError(_unknown(ctx.parent, word, topics.topics()))
    write("\n".join(filter(None, pages)))


def _command_text(parent: click.Context, word: str) -> str:
    """What --help of the command prints."""
    assert isinstance(parent.command, click.Group)
    command = parent.command.get_command(parent, word)
    if command is None:
        return ""
    with command.make_context(word, [], parent=parent, resilient_parsing=True) as context:
        return f"{command.get_help(context)}\n"


def _unknown(parent: click.Context, word: str, topics: Iterable[str]) -> str:
    assert isinstance(parent.command, click.Group)
    guess = did_you_mean(word, [*parent.command.list_commands(parent), *topics])
    what = "no command, kind, quantity, code or bundled network"
    return f"{what} is called {visible(word)}; {guess or 'cnncalc -h lists the commands'}"
