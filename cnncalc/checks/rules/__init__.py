"""Rules: what works but is most likely not meant. A class per rule, found by code or name.

The modules are by cost: a caller imports only the rules that it runs.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from cnncalc.checks.rules.base import RULES, Rule
from cnncalc.problems import CODES, ERROR, Code, Problem, Problems

if TYPE_CHECKING:
    from cnncalc.network.build import Build

WARNINGS = ("windows", "reading", "unused")  # what `describe` says too
NOTES = ("habits",)  # what `describe --notes` adds
ALL = (*WARNINGS, *NOTES, "fields")


def load_rules(modules: tuple[str, ...] = ALL) -> list[type[Rule]]:
    """The rules that these modules declare."""
    names = [import_module(f"{__name__}.{module}").__name__ for module in modules]
    return [rule for rule in RULES.values() if rule.__module__ in names]


@cache
def all_codes() -> dict[str, Code]:
    """Every code, those of the rules among them, in their order."""
    load_rules()
    return dict(sorted(CODES.items()))


def run_rules(build: Build, modules: tuple[str, ...] = ALL) -> list[Problem]:
    """What the rules find, by place; it is not among `build.problems`.

    Also works on what could be built of a spec with errors (`SpecError.build`): with the rules
    that need no whole network, and silent on lines that have an error. The layers of a network that
    the spec takes in are left to the file that they stand in.
    """
    errors = [problem for problem in build.problems if problem.severity == ERROR]
    found = Problems()
    for rule in load_rules(modules):
        if not (errors and rule.whole):
            found.extend(rule().check(build))
    text = build.spec.text
    wrong = {problem.line for problem in errors if problem.span.source is text}
    own = (problem for problem in found.sorted() if problem.span.source is text)
    return [problem for problem in own if problem.line not in wrong]
