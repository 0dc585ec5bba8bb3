"""Budgets: bounds on what a whole network may come to, from --max, --min and pyproject.toml."""

import os
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from cnncalc import problems as codes
from cnncalc.checks.expectations import of_counts, show_found, value_of
from cnncalc.commands.check.discovery import matches, relative_to
from cnncalc.language.amounts import read_expected, read_number
from cnncalc.problems import Problem, Reject
from cnncalc.quantities import QUANTITIES, find_quantity, in_bytes
from cnncalc.wording import did_you_mean, quote, show_bytes

if TYPE_CHECKING:
    from cnncalc.language.expressions import Number
    from cnncalc.language.source import Span
    from cnncalc.network.build import Build
    from cnncalc.network.model import Network

MOST, LEAST = "<=", ">="


class BudgetError(ValueError):
    """A budget that cannot be read."""


class Budget(NamedTuple):
    """One bound on one total."""

    quantity: str
    bound: str  # MOST or LEAST
    written: str  # 5M
    origin: str  # where it stands, for the reader: `--max parameters=5M`
    pattern: str = ""  # the files it is for, all of them if empty
    folder: str | None = None  # of its pyproject.toml, as reported; what the pattern is seen from

    @property
    def expected(self) -> str:
        """As an `expect:` would have it."""
        return f"{self.bound} {self.written}"


def budgeted() -> list[str]:
    """What a budget can be for: the quantities that are whole numbers of a whole network."""
    return [name for name, quantity in QUANTITIES.items() if quantity.is_bounded]


def read_budget(quantity: str, bound: str, written: str, origin: str, pattern: str = "") -> Budget:
    """A budget as somebody wrote it; raises BudgetError."""
    known = find_quantity(quantity)
    name = known.name if known else quantity
    if name not in budgeted():
        no_total = f"{quote(quantity)} has no total" if known else f"no quantity {quote(quantity)}"
        names = ", ".join(budgeted())
        raise BudgetError(f"{no_total}; {did_you_mean(quantity, budgeted()) or f'known: {names}'}")
    budget = Budget(name, bound, written.strip(), origin, pattern)
    try:
        _holds(name, budget.expected)
    except Reject as reject:
        forms = "40MiB, 1GiB" if in_bytes(name) else "5000000, 5_000_000, 5M"
        raise BudgetError(f"{name}: {reject.message}; write {forms}") from None
    return budget


@lru_cache(256)
def _holds(quantity: str, expected: str) -> Any:
    return read_expected(quantity, expected)[0]


def for_file(budgets: tuple[Budget, ...], shown: str) -> list[Budget]:
    """The budgets of one file, by its reported path.

    Of two for one bound in one pyproject.toml the later counts; those of several hold together, and
    one on the command line goes before them all.
    """
    given = {(budget.quantity, budget.bound) for budget in budgets if budget.folder is None}
    chosen = {}
    for budget in budgets:
        bound = budget.quantity, budget.bound
        path = relative_to(shown, budget.folder or os.curdir)
        if budget.folder is not None and bound in given:
            continue
        if not budget.pattern or matches(path, budget.pattern):
            chosen[budget.folder, bound] = budget
    return list(chosen.values())


def judge_budgets(build: "Build", budgets: list[Budget]) -> list[Problem]:
    """The budgets that a network does not keep."""
    return [
        _broken(build, budget)
        for budget in budgets
        if not _holds(budget.quantity, budget.expected)(_total(build.network, budget.quantity))
    ]


def _total(network: "Network", quantity: str) -> int:
    total: int = value_of(network, quantity)
    return total


def _broken(build: "Build", budget: Budget) -> Problem:
    found = _total(build.network, budget.quantity)
    actual = show_found(budget.quantity, found)
    side = "over the budget of" if budget.bound == MOST else "under the minimum of"
    difference = _amount(budget.quantity, found - _limit(budget.quantity, budget.written))
    return Problem(
        codes.BUDGET,
        f"{budget.quantity} of the network is {actual}, {side} {budget.written}",
        network_place(build),
        detail=f"{difference} {'over' if budget.bound == MOST else 'under'}",
        facts=(f"budget: {budget.origin}",),
        expected=budget.expected,
        actual=actual,
    )


def _limit(quantity: str, written: str) -> "Number":
    """The number of a bound."""
    return read_number(written.lstrip("<>= "), in_bytes(quantity))[0]


def _amount(quantity: str, number: "Number") -> str:
    """A difference as a person would write it, without a fraction of one."""
    whole = abs(int(number))
    return show_bytes(whole) if in_bytes(quantity) else f"{whole:,}"


def network_place(build: "Build") -> "Span":
    """Where a network is named: its variant's key, else the name of the spec."""
    text = build.spec.text
    if build.network.variant is not None:
        return build.spec.span(build.spec.variants[build.network.variant].key)
    found = re.search(r"^(?:name|layers|input)\b", text.text, re.MULTILINE)
    return text.span(*found.span()) if found else text.span(0)


def headroom(build: "Build", budgets: list[Budget]) -> list[str]:
    """What is left of every bound that holds, of budgets and of `expect:`."""
    network = build.network
    lines = [
        _left(budget.quantity, "the network", budget.expected, _total(network, budget.quantity))
        for budget in budgets
    ]
    for about, expected in of_counts(build) if not build.overridden else ():
        if expected.name in budgeted() and expected.written.startswith(("<", ">")):
            found = value_of(about, expected.name)
            where = about.path or "the network"
            lines.append(_left(expected.name, where, expected.written, found))
    return [line for line in lines if line]


def _left(quantity: str, where: str, written: str, found: int) -> str:
    """`parameters of the network: 61,706 of at most 100k, 38,294 (38.2%) to spare`, if it holds."""
    if not _holds(quantity, written)(found):
        return ""
    limit = _limit(quantity, written)
    most = written.startswith("<")
    spare = limit - found if most else found - limit
    share = f" ({int(1000 * spare // limit) / 10}%)" if most and limit else ""
    return (
        f"{quantity} of {where}: {show_found(quantity, found)} "
        f"of {'at most' if most else 'at least'} {written.lstrip('<>= ')}, "
        f"{_amount(quantity, spare)}{share} to spare"
    )
