"""JSON Schema (draft 7) of what commands write as JSON; cnncalc/schemas has the texts.

A key is described once for the sort of object that it belongs to (a network, a layer, a place in a
file), so that it means the same in every command. Every key is always there.
"""

from __future__ import annotations

import json

from cnncalc.commands.lookup.schemas import check, describe, diff, explain, solve, trace


def render_schema(command: str) -> str:
    """The schema of a command's JSON as text."""
    return json.dumps(SCHEMAS[command](), indent=2, ensure_ascii=True) + "\n"


SCHEMAS = {
    "describe": describe.schema,
    "explain": explain.schema,
    "diff": diff.schema,
    "check": check.schema,
    "trace": trace.schema,
    "solve": solve.schema,
}
