"""Connection tables: which input maps each filter of a convolution reads."""

from typing import Any, ClassVar, NamedTuple

from cnncalc import problems as codes
from cnncalc.layers.values import Type, Whole
from cnncalc.problems import Reject


class Connections(NamedTuple):
    """A connection table: for each filter the input maps it reads, counted from 0."""

    filters: tuple[frozenset[int], ...]
    maps: int | None  # how many input maps it is written for, where that can be seen
    links: int  # how many input maps the filters read, all filters added up


class ConnectionTable(Type):
    """Which input maps each filter reads: rows of X and ., or a list of indices per filter."""

    expects = "rows of X and . (a row an input map, a column a filter) or a list per filter"
    json_types: tuple[str, ...] = ("string", "array")
    strings = r"^[Xx.\s]+$"
    json_more: ClassVar[dict[str, Any]] = {
        "minItems": 1,
        "items": {
            "type": ["string", "array"], "pattern": r"^[Xx.]+$|\$", "minItems": 1,
            "uniqueItems": True, "items": {"type": ["integer", "string"], "minimum": 0},
        },
    }  # fmt: skip

    def read(self, value: Any) -> Connections:
        if isinstance(value, str):
            return self.read_rows(value.split())
        if isinstance(value, list) and value and all(isinstance(row, str) for row in value):
            return self.read_rows(value)
        if isinstance(value, list) and value and all(isinstance(row, list) for row in value):
            filters = [self.read_indices(row, place) for place, row in enumerate(value)]
            return self.check(filters, None)
        raise self.refuse(value)

    def read_rows(self, rows: list[str]) -> Connections:
        for number, row in enumerate(rows, 1):
            if set(row.upper()) - {"X", "."}:
                raise self.refuse(row, f"row {number} has other signs than X and .")
            if len(row) != len(rows[0]):
                raise Reject(
                    codes.BAD_VALUE,
                    f"row {number} of the connection table has {len(row)} columns, "
                    f"the first has {len(rows[0])}",
                )
        filters = [
            frozenset(index for index, row in enumerate(rows) if row[column].upper() == "X")
            for column in range(len(rows[0]) if rows else 0)
        ]
        return self.check(filters, len(rows))

    def read_indices(self, row: list[Any], place: int) -> frozenset[int]:
        for index, part in enumerate(row):
            if type(part) is not int or part < 0:
                raise Whole(0).refuse_number(part, (place, index))
        if len(set(row)) != len(row):
            flags = set(row) == {0, 1}
            help = "rows of 0 and 1 are written as rows of . and X" if flags else ""
            raise Reject(
                codes.BAD_VALUE,
                f"filter {place + 1} reads an input map twice",
                help=help,
                path=(place,),
            )
        return frozenset(row)

    def check(self, filters: list[frozenset[int]], maps: int | None) -> Connections:
        for number, inputs in enumerate(filters, 1):
            if not inputs:
                message = f"filter {number} of the connection table reads no input map"
                raise Reject(codes.BAD_VALUE, message)
        if not filters:
            raise Reject(codes.BAD_VALUE, "the connection table has no filters")
        return Connections(tuple(filters), maps, sum(map(len, filters)))

    def show(self, value: Connections) -> list[list[int]]:
        return [sorted(inputs) for inputs in value.filters]
