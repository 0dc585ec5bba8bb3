"""Tables: the rows of an `each:`, worked out once, before the first copy of its item."""

from __future__ import annotations

from typing import Any, TypeAlias

from cnncalc import problems as codes
from cnncalc.language.expressions import UNKNOWN, Silenced
from cnncalc.language.located import Value
from cnncalc.language.model import Table
from cnncalc.language.tables import unequal
from cnncalc.network.names import Names
from cnncalc.network.reporter import Reporter
from cnncalc.network.scope import Binding, Scope
from cnncalc.problems import Reject
from cnncalc.wording import quote, show

Cells: TypeAlias = tuple[int, dict[str, Binding]]  # a row's number from 1, and its values by name


class Tables:
    """Works out the tables of one walk."""

    def __init__(self, reporter: Reporter, names: Names) -> None:
        self.reporter = reporter
        self.names = names

    def rows(self, table: Table, scope: Scope) -> list[Cells]:
        """All rows of a table. Raises Reported, and Silenced for what is reported already."""
        for name, key in table.keys.items():
            if name in scope.values:
                message = f"{quote(name)} is the name of another value here"
                help = "give the column another name"
                raise self.reporter.problem(codes.BAD_NAME, key, message, help)
        columns = {name: self.column(part, scope) for name, part in table.columns.items()}
        lengths = {name: len(cells) for name, cells in columns.items()}
        if wrong := unequal(lengths):
            raise self.reporter.problem(codes.BAD_VALUE, table.keys[wrong[0]], *wrong[1:])
        cells = zip(*columns.values(), strict=True)
        return [(n, dict(zip(columns, row, strict=True))) for n, row in enumerate(cells, 1)]

    def column(self, part: Value | list[Value], scope: Scope) -> list[Binding]:
        """The values of a column, each with the place where it is written."""
        if isinstance(part, list):
            return [Binding(self.value(cell, scope), cell, scope) for cell in part]
        found = self.value(part, scope)
        if found is UNKNOWN:
            raise Silenced
        if not isinstance(found, list):
            message = f"a column of each is a list of values, not {show(found)}"
            help = "a value for all rows is written where it is used"
            raise self.reporter.refused(Reject(codes.BAD_VALUE, message, help=help), part, scope)
        return [Binding(value, part, scope) for value in found]

    def value(self, value: Value, scope: Scope) -> Any:
        try:
            return self.names.evaluate(value, scope)
        except Reject as reject:
            self.reporter.refused(reject, value, scope)
        except Silenced:
            pass
        return UNKNOWN
