"""Steps: what stands in the `__init__` of a class, until it is written out."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from cnncalc.exchange.export.layout import Code, Line, Statement, Suite, call
from cnncalc.exchange.export.pytorch.names import Entry
from cnncalc.exchange.export.pytorch.spots import Instance


class Module(NamedTuple):
    """A module as an expression; `code` is None where there is nothing to do."""

    code: "Code | None"
    channels: str  # that it gives
    inside: str = ""  # where the weights of a layer are in it
    extra: tuple[Entry, ...] = ()  # what it reads beside its input
    labels: Mapping[str, str] = MappingProxyType({})  # what it gives beside, with its channels


class Put(NamedTuple):
    """A module of the class."""

    name: str
    code: Code
    places: tuple[tuple[Instance, str], ...] = ()  # the paths of what it stands for
    inside: str = ""
    frozen: str = ""
    is_named: bool = False  # by the author


class When(NamedTuple):
    """Modules that are there under a condition."""

    condition: str
    steps: "list[Step]"
    others: "list[Step]"


class Loop(NamedTuple):
    """Modules that are made in a loop."""

    name: str
    before: list[str]
    header: "str | Line"
    condition: str
    code: Code
    after: list[str]
    is_list: bool = False  # as forward goes through it by itself


class Say(NamedTuple):
    """A statement."""

    text: str


Step = Put | When | Loop | Say


def frozen(put: Put) -> Code:
    """A module in an expression, not trained where it says so."""
    if not put.frozen:
        return put.code
    return call("frozen", put.code, *([] if put.frozen == "False" else [put.frozen]))


def flat(steps: Iterable[Step]) -> Iterable[Put]:
    for step in steps:
        if isinstance(step, Put):
            yield step
        elif isinstance(step, When):
            yield from flat(step.steps)


def together(steps: Iterable[Step]) -> list[Step]:
    """Steps under one condition, or one and its opposite, in one statement."""
    found: list[Step] = []
    for step in steps:
        last = found[-1] if found else None
        if isinstance(step, When) and isinstance(last, When) and not step.others:
            if step.condition == last.condition and not last.others:
                found[-1] = last._replace(steps=[*last.steps, *step.steps])
                continue
            if opposite(step.condition, last.condition):
                found[-1] = last._replace(others=[*last.others, *step.steps])
                continue
        found.append(step)
    return found


def opposite(one: str, other: str) -> bool:
    """Whether one condition is that the other does not hold."""
    names = {f"not {one}", f"not {other}"}
    return (one in names or other in names) and one != other


def statements_of(step: Step) -> list[Statement]:
    """A step in `__init__`."""
    if isinstance(step, Say):
        return [step.text]
    if isinstance(step, Put):
        after = f".requires_grad_({step.frozen})" if step.frozen else ""
        return [Line(f"self.{step.name} = ", step.code, after)]
    if isinstance(step, When):
        found: list[Statement] = [
            Suite(
                f"if {step.condition}:", [s for inner in step.steps for s in statements_of(inner)]
            )
        ]
        if step.others:
            others = [s for inner in step.others for s in statements_of(inner)]
            found.append(Suite("else:", others))
        return found
    kind = "nn.ModuleList" if step.is_list else "nn.Sequential"
    body: list[Statement] = [Line("", call(f"self.{step.name}.append", step.code)), *step.after]
    return [*step.before, f"self.{step.name} = {kind}()", Suite(step.header, body)]
