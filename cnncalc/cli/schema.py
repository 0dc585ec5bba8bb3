"""cnncalc schema: JSON Schemas, of the language and of what commands write."""

from __future__ import annotations

from pathlib import Path

import click

from cnncalc.render.formats import FORMATS

_LANGUAGE = "spec"


@click.command()
@click.argument(
    "name",
    metavar="[COMMAND]",
    default=_LANGUAGE,
    type=click.Choice([_LANGUAGE, *FORMATS["json"].writers]),
)
def schema(name: str) -> None:
    """JSON Schema (draft 7) of the language, or of a COMMAND's JSON.

    \b
    cnncalc schema > cnncalc.schema.json
    and in a spec: # yaml-language-server: $schema=cnncalc.schema.json
    cnncalc schema describe
    """
    import cnncalc
    from cnncalc.render.stream import write

    write((Path(cnncalc.__file__).parent / "schemas" / f"{name}.json").read_text("utf-8"))
