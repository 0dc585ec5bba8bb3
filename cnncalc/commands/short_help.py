"""-h: what most people need of a command, on one screen; --help has everything."""

from __future__ import annotations

from collections.abc import Mapping
from inspect import cleandoc

import click

_NAME = "short_help"


def with_short_help(command: click.Command, brief: Mapping[str, str]) -> click.Command:
    """The command with an option -h, whose page has the options that are named in `brief`."""

    def show(ctx: click.Context, param: click.Parameter, wanted: bool) -> None:
        if wanted and not ctx.resilient_parsing:
            click.echo(_page(ctx, brief), color=ctx.color)
            ctx.exit()

    if not any(param.name == _NAME for param in command.params):
        option = click.Option(
            ["-h", _NAME], is_flag=True, is_eager=True, expose_value=False, callback=show,
            help="Show the most useful options and exit.",
        )  # fmt: skip
        command.params.append(option)
    return command


def _page(ctx: click.Context, brief: Mapping[str, str]) -> str:
    command, formatter = ctx.command, ctx.make_formatter()
    command.format_usage(ctx, formatter)
    summary, *others = cleandoc(command.help or "").split("\n\n")
    formatter.write_paragraph()
    formatter.write(" ".join(summary.split()) + "\n")
    for text in others:
        if text.startswith("\b\n"):
            formatter.write_paragraph()
            formatter.write("".join(f"  {line}\n" for line in text.splitlines()[1:]))
    if brief:
        formatter.write_paragraph()
    for heading, names in brief.items():
        formatter.write(f"{heading}:\n")
        formatter.indent()
        formatter.write_dl([_record(ctx, name) for name in names.split()])
        formatter.dedent()
    formatter.write(f"\n{ctx.command_path} --help has everything.")
    return formatter.getvalue()


def _record(ctx: click.Context, name: str) -> tuple[str, str]:
    """An option and its help, as click writes them."""
    (option,) = (param for param in ctx.command.params if name in param.opts)
    record = option.get_help_record(ctx)
    assert record is not None
    return record
