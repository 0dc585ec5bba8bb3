"""cnncalc export: a spec as code of a framework."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import click

from cnncalc.commands.completion import complete_spec
from cnncalc.commands.options import (
    Request,
    build_spec,
    color_option,
    fail,
    print_problems,
    read_spec,
    spec_options,
)
from cnncalc.commands.output import check_outputs, deliver, file_option
from cnncalc.exchange.export.targets import TARGETS, NotExported, exported
from cnncalc.network.build import Foreign, SpecError
from cnncalc.wording import visible

if TYPE_CHECKING:
    from cnncalc.language.model import Spec


@click.command()
@click.argument("spec", shell_complete=complete_spec)
@click.option(
    "--to", "target", metavar="FRAMEWORK", required=True, type=click.Choice(tuple(TARGETS)),
    help=f"{' or '.join(TARGETS)}.",
)  # fmt: skip
@file_option("Write the code to a file.")
@color_option
@spec_options
def export(spec: str, target: str, output_file: str | None, color: str, **shared: Any) -> int:
    """The network as code of a framework, block by block.

    Run as a program, the code builds the network and compares its number of parameters with that
    of the spec.

    \b
    cnncalc export resnet50 --to pytorch
    cnncalc export net.yaml --to pytorch --variant small -o net.py
    """
    request = Request(**shared)
    if output_file is not None:
        check_outputs([output_file], [] if spec == "-" else [spec])
    settings = [*request.settings()]
    if len(settings) != 1:
        raise click.UsageError("export writes one network: no lists in --set and --input")
    try:
        read, variant = read_spec(spec, request.limits.size)
        _check_written(read, spec)
        build = partial(build_spec, read, request, *settings[0], variant)
        code = exported(target, build, read.items)
    except SpecError as error:
        fail(error, color)
        return 1
    except NotExported as error:
        print_problems([error.problem], color)
        return 1
    deliver(code, output_file)
    return 0


def _check_written(spec: Spec, name: str) -> None:
    """Refuse a model, which has no blocks and no names to write code from."""
    if isinstance(spec, Foreign):
        shown = visible(name)
        raise click.UsageError(
            f"{shown} is a model, not a spec: cnncalc import {shown} -o net.yaml makes one of it"
        )
