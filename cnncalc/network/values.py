"""The values of a network's vars."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnncalc import problems as codes
from cnncalc.language.expressions import LATER, UNKNOWN, Silenced
from cnncalc.language.located import Value
from cnncalc.network.reporter import Reporter
from cnncalc.problems import Reject


def values_of(
    vars: Mapping[str, Value], reporter: Reporter, known: Mapping[str, Any]
) -> dict[str, Any]:
    """The network's vars, each of which may use those before it; `known` are worked out already."""
    values: dict[str, Any] = dict.fromkeys(vars, LATER)
    for name, value in vars.items():
        try:
            values[name] = known[name] if name in known else value.evaluate(values)
            if values[name] is None and value.is_null:
                reporter.problem(codes.MISSING, value, f"the var {name} has no value")
                values[name] = UNKNOWN
        except Reject as reject:
            values[name] = UNKNOWN
            if value.outside:  # no place in the file is to blame
                reject.message = f"{name} is set to {value.what}: {reject.message}"
            reporter.refused(reject, value, None)
        except Silenced:
            values[name] = UNKNOWN
    return values
