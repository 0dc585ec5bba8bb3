"""File: what one file of Keras code holds, and what became of each list of items in the network.

A file is written several times: what turns out to be needed further down (that a volume is read
again, that a block hands on more than its end) is a fact that the next time begins with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from cnncalc.exchange.export.expressions import Expressions
from cnncalc.exchange.export.identifiers import Identifiers, constant
from cnncalc.exchange.export.keras.values import Written
from cnncalc.exchange.export.layout import Code, listing, literal
from cnncalc.language.model import Item, Items, Spec
from cnncalc.language.networks import NetworkItem

if TYPE_CHECKING:
    from cnncalc.exchange.export.record import Copy, Run
    from cnncalc.network.build import Build

# Names that a file has anyway.
RESERVED = ("keras", "layers", "ops", "math", "Fraction", "build", "model", "divisible",
            "round_half_up", "crop_to_smallest")  # fmt: skip
# Ends of the names of layers that stand beside the one they are called after.
SUFFIXES = ("_pad", "_flatten", "_depthwise", "_crop", "_activation", "_axes", "_rows")
# Names that every function has.
OWN = ("x", "inputs", "name", "trainable")


class Domain:
    """The items of one spec: those of the file's own, or of one that is taken in somewhere."""

    def __init__(self, spec: Spec, values: dict[str, Any], taken_in: NetworkItem | None) -> None:
        self.spec = spec
        self.values = values  # of the vars
        self.taken_in = taken_in

    @property
    def prefix(self) -> str:
        """What the names of its vars begin with."""
        return (
            "" if self.taken_in is None or self.taken_in.name is None else self.taken_in.name.text
        )


class File:
    """One file of code."""

    def __init__(
        self,
        build: Build,
        run: Run,
        write_items: Callable[[Any, Items, list[Run]], None],
        write_once: Callable[[Any, Item, str, list[Copy], bool], None],
    ) -> None:
        self.write_items = write_items  # how a flow writes items, and one of them
        self.write_once = write_once
        self.build = build
        self.run = run
        self.facts: set[tuple[object, ...]] = set()
        self.runs: dict[tuple[int, int], list[Run]] = {}  # of each list of items, by its domain
        self.domain = Domain(build.spec, run.scope.values, None)
        self.domains: dict[int, Domain] = {id(None): self.domain}
        self.has_3d = any(len(layer.output.sizes) == 3 for layer in build.network)
        self.separator = _separator(layer.path for layer in build.network)
        self.reused: dict[int, list[Copy]] = {}  # further uses of items
        self.note(run, None)
        self.begin()

    def begin(self) -> None:
        """Begin to write, with what is known by now."""
        self.expressions = Expressions()
        self.identifiers = Identifiers((*OWN, *RESERVED))
        self.functions: dict[tuple[int, int], Written] = {}  # each after those that it calls
        self.constants: dict[tuple[int, str], str] = {}  # vars that are read, by domain
        self.classes: dict[str, str] = {}  # local classes by their names in classes.py

    def note(self, run: Run, taken_in: NetworkItem | None) -> None:
        """File a run, and those inside it, by the list of its items."""
        self.runs.setdefault((id(taken_in), id(run.items)), []).append(run)
        for visit in run.visits:
            for copy in visit.copies:
                self.note_copy(copy, taken_in)

    def note_copy(self, copy: Copy, taken_in: NetworkItem | None) -> None:
        op = copy.item.op
        inside = op if isinstance(op, NetworkItem) else taken_in
        for run in copy.runs:
            if inside is not taken_in and isinstance(op, NetworkItem) and op.spec is not None:
                self.domains[id(op)] = Domain(op.spec, run.scope.values, op)
            self.note(run, inside)
        for again in copy.again:
            self.reused.setdefault(id(again.item), []).append(again)
            self.note_copy(again, taken_in)

    def runs_of(self, domain: Domain, items: Items) -> list[Run]:
        return self.runs.get((id(domain.taken_in), id(items)), [])

    def knows(self, *fact: object) -> bool:
        return fact in self.facts

    def learn(self, *fact: object) -> None:
        """Note what is to be known from the beginning the next time."""
        self.facts.add(fact)

    # Vars.

    def constant(self, domain: Domain, name: str) -> str:
        """The name of a var, which stands at the top of the file then."""
        key = (id(domain.taken_in), name)
        if key not in self.constants:
            wanted = constant(f"{domain.prefix}_{name}" if domain.prefix else name)
            self.constants[key] = self.new_name(wanted, "VALUE")
        return self.constants[key]

    def constant_lines(self) -> Iterator[tuple[str, Code]]:
        """The vars that are read, with their values, in the order of the specs."""
        for domain in self.domains.values():
            for name in domain.spec.vars:
                key = (id(domain.taken_in), name)
                if key in self.constants:
                    yield self.constants[key], self.plain(domain.values[name], ("var", *key))

    def plain(
        self, value: Any, owner: tuple[object, ...], several: Callable[[list[Code]], Code] = listing
    ) -> Code:
        """A value that was worked out; `owner` is what is called so."""
        if value is None or isinstance(value, bool):
            return str(value)
        if isinstance(value, str):
            return literal(value)
        if isinstance(value, list):
            return several([self.plain(part, owner, several) for part in value])
        return self.number(value, owner)

    def number(self, value: int | Fraction, owner: tuple[object, ...]) -> str:
        """A number; a float where nothing is worked out with it, as of a rate."""
        if self.knows("rate", *owner) and not self.knows("exact", *owner):
            return repr(float(value))
        return self.expressions.number(value)

    def new_name(self, wanted: str, instead: str = "value") -> str:
        """The name of something at the top of the file, which no variable of a function has."""
        name = self.identifiers.new(wanted, instead)
        self.learn("name", name)
        return name

    @property
    def names(self) -> tuple[str, ...]:
        """The names at the top of the file, as far as they are known, and those of all files."""
        return (*OWN, *RESERVED, *(str(fact[1]) for fact in self.facts if fact[0] == "name"))

    def new_class(self, name: str) -> str:
        """The name of a local class, which stands in the file then."""
        if name not in self.classes:
            self.classes[name] = self.new_name(name)
        return self.classes[name]


def _separator(paths: Iterable[str]) -> str:
    """What stands in names of layers for the dots of paths, so that no two have one name.

    Keras takes no / in a name, and its PyTorch backend no dot.
    """
    known = [*paths]
    for separator in ("_", "-", "__"):
        names = {path.replace(".", separator) for path in known}
        more = {f"{name}{suffix}" for name in names for suffix in SUFFIXES}
        if len(names) == len(known) and names.isdisjoint(more):
            return separator
    return "_-_"


def is_fraction(runs: Iterable[Run], name: str) -> bool:
    """Whether a name stands for a number that is not whole somewhere."""
    for run in runs:
        values = [run.scope.values, *(visit.values for visit in run.visits)]
        values += [copy.values for visit in run.visits for copy in visit.copies]
        if any(_has_fraction(each.get(name)) for each in values):
            return True
    return False


def _has_fraction(value: Any) -> bool:
    if isinstance(value, list):
        return any(map(_has_fraction, value))
    return isinstance(value, Fraction)
