"""Tables: what stands under `each:`, by columns or by rows."""

from __future__ import annotations

from collections.abc import Collection

from cnncalc import problems as codes
from cnncalc.language.located import Value
from cnncalc.language.model import Table
from cnncalc.language.nodes import Mapping, Node, Scalar, Sequence
from cnncalc.language.reader import VAR, Reader
from cnncalc.language.written import Word
from cnncalc.wording import count, did_you_mean, quote

Column = Value | list[Value]


def read_table(reader: Reader, node: Node, parameters: Collection[str]) -> Table | None:
    """The table of an `each:` in a block with these parameters; None where it is refused."""
    if isinstance(node, Mapping) and node.pairs:
        parts = [(key, _column(reader, key, value)) for key, value in node.pairs]
    elif isinstance(node, Sequence):
        parts = _by_rows(reader, node)
    else:
        help = ""
        if isinstance(node, Scalar) and (node.text.isdecimal() or node.text.startswith("$")):
            help = f"repeat: {quote(node.text)} makes copies without a table"
        reader.refuse(
            node,
            codes.STRUCTURE,
            f"each takes columns, {{width: [64, 128]}}, or rows, [{{width: 64}}, {{width: 128}}], "
            f"not {node.what}",
            help,
        )
        return None
    named = [_may_be_called(reader, key, parameters) for key, _ in parts]
    if not all(named) or any(column is None for _, column in parts):
        return None
    columns = {key.text: column for key, column in parts if column is not None}
    keys = {key.text: Word.of(key) for key, _ in parts}
    lengths = {name: len(part) for name, part in columns.items() if isinstance(part, list)}
    if wrong := unequal(lengths):
        reader.refuse(keys[wrong[0]], codes.BAD_VALUE, *wrong[1:])
        return None
    return Table(Value(node), columns, keys)


def unequal(lengths: dict[str, int]) -> tuple[str, str, str] | None:
    """The name of a column that is not as long as the first, a message and its help."""
    for name, length in lengths.items():
        (first, wanted), *_ = lengths.items()
        if length != wanted:
            message = f"{quote(name)} has {count(length, 'value')}, {quote(first)} has {wanted:,}"
            return name, message, "every column of each has a value for every row"
    return None


def _column(reader: Reader, key: Scalar, value: Node) -> Column | None:
    if isinstance(value, Sequence):
        return [Value(part) for part in value.items]
    if isinstance(value, Scalar) and "$" in value.text:
        return Value(value)  # a var that is a list
    is_range = isinstance(value, Scalar) and ".." in value.text
    reader.refuse(
        value,
        codes.BAD_VALUE,
        f"{quote(key.text)} takes a list with a value for every row, not {value.what}",
        "there are no ranges: write out the values, [1, 2, 3]"
        if is_range
        else "a value for all rows is written where it is used",
    )
    return None


def _by_rows(reader: Reader, node: Sequence) -> list[tuple[Scalar, Column | None]]:
    """The columns of a table that is written by rows: all have the names of the first."""
    first: Mapping | None = None
    columns: dict[str, list[Value]] = {}
    good = True
    for row in node.items:
        if not isinstance(row, Mapping):
            reader.refuse(
                row,
                codes.STRUCTURE,
                f"a row of each names its values, as in {{width: 64}}, not {row.what}",
            )
            good = False
            continue
        first = first or row
        good = _is_like(reader, first, row) and good
        for key, value in row.pairs:
            columns.setdefault(key.text, []).append(Value(value))
    keys = first.pairs if first is not None else []
    return [(key, columns[key.text] if good else None) for key, _ in keys]


def _is_like(reader: Reader, first: Mapping, row: Mapping) -> bool:
    """Whether a row has the names of the first one."""
    wanted, found = [key.text for key, _ in first.pairs], [key.text for key, _ in row.pairs]
    for key, _ in row.pairs:
        if key.text not in wanted:
            reader.refuse(
                key,
                codes.UNKNOWN_KEY,
                f"the first row of each has no {quote(key.text)}",
                did_you_mean(key.text, wanted) or f"it has {quote(', '.join(wanted))}",
            )
            return False
    for name in wanted:
        if name not in found:
            help = f"a row has {quote(', '.join(wanted))}"
            reader.refuse(row, codes.MISSING, f"this row of each has no {quote(name)}", help)
            return False
    return True


def _may_be_called(reader: Reader, key: Scalar, parameters: Collection[str]) -> bool:
    name = key.text
    if not reader.check_name(key, name, "column of each", VAR):
        return False
    for what, taken in (("var", reader.spec.vars), ("argument of the block", parameters)):
        if name in taken:
            message = f"{quote(name)} is also the name of a{'n' * (what[0] == 'a')} {what}"
            reader.refuse(key, codes.BAD_NAME, message, "give the column another name")
            return False
    return True
