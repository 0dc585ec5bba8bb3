"""cnncalc schema: JSON Schemas, of the language and of what commands write."""

from __future__ import annotations

import os

import click

import cnncalc
from cnncalc.commands.output import deliver, file_option
from cnncalc.render.formats import FORMATS

_LANGUAGE = "spec"


@click.command()
@click.argument(
    "name",
    metavar="[COMMAND]",
    default=_LANGUAGE,
    type=click.Choice([_LANGUAGE, *FORMATS["json"].writers]),
)
@file_option()
def schema(name: str, output_file: str | None) -> None:
    """JSON Schema (draft 7) of the language, or of a COMMAND's JSON.

    \b
    cnncalc schema -o cnncalc.schema.json
    and in a spec: # yaml-language-server: $schema=cnncalc.schema.json
    cnncalc schema describe
    """
    path = os.path.join(os.path.dirname(cnncalc.__file__), "schemas", f"{name}.json")
    with open(path, encoding="utf-8") as file:
        deliver(file.read(), output_file)
