"""cnncalc schema: the language for editors."""

from __future__ import annotations

import click


@click.command()
def schema() -> None:
    """JSON Schema (draft 7) of the language, for editors.

    \b
    cnncalc schema > cnncalc.schema.json
    and in a spec: # yaml-language-server: $schema=cnncalc.schema.json
    """
    from cnncalc.render.stream import write
    from cnncalc.reports.schema import render_schema

    write(render_schema())
