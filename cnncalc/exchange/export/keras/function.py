"""Function: what the statements of one Python function share."""

from __future__ import annotations

from cnncalc.exchange.export.identifiers import Identifiers
from cnncalc.exchange.export.keras.file import OWN, RESERVED, Domain, File
from cnncalc.exchange.export.keras.values import Ref, Result
from cnncalc.exchange.export.layout import literal
from cnncalc.language.model import Item, Items

Fact = tuple[object, ...]


class Function:
    """What the flows of one Python function share."""

    def __init__(self, file: File, domain: Domain, items: Items, taken: tuple[str, ...]) -> None:
        self.file = file
        self.domain = domain
        self.key = (id(domain.taken_in), id(items))
        self.identifiers = Identifiers((*file.names, *taken))
        self.versions: dict[str, int] = {}
        self.results: dict[int, Result] = {}  # of items
        self.inputs: dict[str, Ref] = {}  # by their names in the spec
        self.paths: dict[str, Item] = {}  # of what stands in it, its loops aside
        self.lists: dict[int, str] = {}  # the variables with what the copies of items give
        self.env: dict[str, tuple[str, Fact]] = {}  # what $names stand for, and whose they are
        self.read: set[str] = set()  # the parameters that are read
        self.assigned: set[str] = set()  # variables that stand on the left of a =
        self.reads_input = False
        self.names_layers = False
        self.vars: dict[str, str] | None = None  # of the network's own function: its arguments
        self.shared: dict[int, str] = {}  # variables of the layers and models that are reused

    def write(self, variable: str) -> Ref:
        self.versions[variable] = self.versions.get(variable, 0) + 1
        return Ref(variable, self.versions[variable])

    def use(self, ref: Ref, *fact: object) -> str:
        """The variable of a volume; the fact is learned where it holds another one by now."""
        if self.versions.get(ref.variable) != ref.version:
            self.file.learn(*fact)
        start = self.inputs.get("input")
        mine = start is not None and ref.variable == start.variable not in self.assigned
        self.reads_input |= mine
        return f"{ref.variable}[{literal(ref.key)}]" if ref.key else ref.variable


def lower(name: str) -> str:
    """An argument's name; with _ where it is that of something that each file has."""
    name = name.lower()
    return f"{name}_" if name in (*OWN, *RESERVED) else name
