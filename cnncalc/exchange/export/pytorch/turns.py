"""Turns: what a loop goes over, the copies of an item or the rows of a table."""

from collections.abc import Callable, Sequence, Set
from typing import NamedTuple

from cnncalc.exchange.export.layout import Brackets, Code, Line, call, row
from cnncalc.exchange.export.pytorch import symbols
from cnncalc.exchange.export.pytorch.core import Core, channels_of
from cnncalc.exchange.export.pytorch.names import Entry, identifier
from cnncalc.exchange.export.pytorch.spots import Differs, Instance, comes_to, common, values_of
from cnncalc.exchange.export.pytorch.steps import Module
from cnncalc.exchange.export.record import Copy, Visit
from cnncalc.language.located import Value
from cnncalc.language.model import Item


class Turn(NamedTuple):
    """One time around the loop, at one instance: the copies of a row, or one copy."""

    at: Instance
    number: int  # from 0
    copies: list[Copy]
    values: dict[str, object]  # of the names of its row


class Over(NamedTuple):
    """What a loop goes over."""

    header: str | Line  # for ... in ...:
    plain: str  # the same in one line, without the colon
    times: str


class Turns:
    """An item that is built several times, and what each time is about."""

    def __init__(
        self, writer: Core, item: Item, visits: Sequence[tuple[Instance, Visit]], source: Entry
    ) -> None:
        self.writer = writer
        self.item = item
        self.visits = visits
        self.source = source
        self.results = [(at, channels_of(visit.result)) for at, visit in visits]
        self.columns: dict[str, str] = {}  # the Python names of a table's columns
        self.cells: dict[str, Code] = {}
        self.modules: list[Module] = []  # of copies that are written one by one
        self.built = False
        self.naming: set[str] = set()  # the columns that name items
        self.turns = self.rows() if item.each is not None else self.repeats()
        self.name = writer.attributes.new(
            identifier(
                writer.last(
                    item, [t.copies[0].path.rpartition(".")[0] for t in self.turns if t.copies]
                )
            )
        )

    def repeats(self) -> list[Turn]:
        return [
            Turn(at, number, [copy], {})
            for at, visit in self.visits
            for number, copy in enumerate(visit.copies)
        ]

    def rows(self) -> list[Turn]:
        """The rows of the table that are built, each with the values of its names."""
        table = self.item.each
        assert table is not None
        self.columns = {name: self.writer.file.python(name) for name in table.columns}
        for name, column in table.columns.items():
            self.cells[name] = self.column(name, column)
        turns = []
        for at, visit in self.visits:
            by_row: dict[int, list[Copy]] = {}
            base = len(_base(visit.copies, self.item).split("."))
            for copy in visit.copies:
                by_row.setdefault(int(copy.path.split(".")[base]), []).append(copy)
            for number, copies in by_row.items():
                found = {
                    python: values_of(copies[0].values[name])
                    for name, python in self.columns.items()
                }
                turns.append(Turn(at, number - 1, copies, found))
        for name, python in self.columns.items():
            words = [turn.values[python] for turn in turns]
            if all(isinstance(word, str) and self.writer.names.find(word) for word in words):
                self.naming.add(name)
        return turns

    def named_by(self, name: str, turns: list[Turn]) -> Callable[[], Entry]:
        """The item that a column names; raises Differs where that is not the same one."""

        def entry() -> Entry:
            word = common([(turn.at, turn.copies[0].values[name]) for turn in turns])
            found = self.writer.names.find(word)
            assert found is not None
            return self.writer.own(found)

        return entry

    def column(self, name: str, column: Value | list[Value]) -> Code:
        texts = self.writer.file.texts
        if isinstance(column, Value):
            text = texts.written(column, self.writer.names, whole=False)
            if text is None:
                raise Differs([(at, at.path) for at, _ in self.visits])
            return text
        found = [texts.written(value, self.writer.names, whole=False) for value in column]
        if None in found:
            raise Differs([(at, at.path) for at, _ in self.visits])
        return Brackets("", tuple(("", str(part)) for part in found), is_row=True)

    def over(self, used: Set[str]) -> Over:
        """The header of the loop, with the names of the columns that are used."""
        columns = {n: p for n, p in self.columns.items() if p in used}
        if self.item.each is None:
            header = f"for {'i' if 'i' in used else '_'} in range({self.count()})"
            return Over(f"{header}:", header, self.count())
        if not columns:
            times = common([(at, len(visit.copies)) for at, visit in self.visits])
            return Over(f"for _ in range({times}):", f"for _ in range({times})", str(times))
        before = f"for {', '.join(columns.values())} in "
        cells = [self.cells[name] for name in columns]
        if len(cells) == 1:
            table: Code = cells[0]
        elif all(isinstance(cell, Brackets) for cell in cells):
            parts = [cell.parts for cell in cells if isinstance(cell, Brackets)]
            rows = zip(*([part for _, part in one] for one in parts), strict=True)
            table = row([row(cells) for cells in rows])
        else:
            table = call("zip", *cells)
        return Over(Line(before, table, ":"), f"{before}{table}", "")

    def count(self) -> str:
        wanted = [(at, len(visit.copies)) for at, visit in self.visits]
        text = None
        if self.item.repeat is not None:
            text = self.writer.file.texts.written(self.item.repeat, self.writer.names, whole=True)
        if text is not None and comes_to(text, wanted):
            return symbols.tidy(text)
        return str(common(wanted))

    def check_rows(self) -> None:
        """Rows that are skipped leave their numbers out, which a loop over the table would not."""
        if self.item.each is None:
            return
        table = self.item.each
        for column in table.columns.values():
            if isinstance(column, list):
                wrong = [(at, len(v.copies)) for at, v in self.visits]
                rows = [(at, {t.number for t in self.turns if t.at is at}) for at, _ in self.visits]
                if any(found != set(range(len(column))) for _, found in rows):
                    raise Differs(wrong)


def _base(copies: list[Copy], item: Item) -> str:
    """The path of all copies together."""
    return copies[0].path.rsplit(".", 2 if item.repeat is not None else 1)[0]
