"""Families: a spec with variants stands for several networks, which are checked as one file."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import TYPE_CHECKING, Any

from cnncalc import problems as codes
from cnncalc.checks.verdict import verdict
from cnncalc.network.build import Build, SpecError, build
from cnncalc.problems import Problem, by_place
from cnncalc.wording import enumerated

if TYPE_CHECKING:
    from cnncalc.commands.check.against import Counterpart
    from cnncalc.commands.check.budgets import Budget
    from cnncalc.commands.check.discovery import Target
    from cnncalc.commands.check.settings import Settings
    from cnncalc.language.model import Spec


class Members:
    """The networks that one spec stands for: as written, and each variant, under each setting."""

    def __init__(self, spec: Spec, target: Target, settings: Settings) -> None:
        self.spec = spec
        self.settings = settings
        self.variant = settings.variant or target.variant
        self.budgets: list[Budget] = []
        if settings.budgets:
            from cnncalc.commands.check.budgets import for_file  # few projects have any

            self.budgets = for_file(settings.budgets, target.shown)
        self.counterpart: Counterpart | None = None
        if settings.against or spec.against is not None:
            from cnncalc.commands.check.against import Counterpart  # few specs have any

            self.counterpart = Counterpart(spec, target, settings)
        self.problems = spec.problems.sorted()  # those that have nothing to do with variants
        self.layers = 0
        self.first: Build | None = None  # as written, if it could be built
        self.headroom: list[str] = []

    def __iter__(self) -> Iterator[tuple[str, Build]]:
        """Each with what to call it."""
        variants: list[str | None] = [self.variant] if self.variant else [None, *self.spec.variants]
        visited = 0
        members = product(variants, self.settings.overrides)
        for number, (variant, (vars, inputs)) in enumerate(members):
            if visited > self.settings.max_layers:
                done, part = divmod(number, len(self.settings.overrides))
                self.problems.append(self.too_many(variants[done:], part))
                break
            built = self.build(variant, vars, inputs)
            visited += built.visited + len(variants)
            yield _label(variant, vars, inputs), built

    @property
    def compared(self) -> bool:
        """Whether the networks are compared with their code."""
        return self.counterpart is not None and self.counterpart.found is not None

    def build(self, variant: str | None, vars: dict[str, str], inputs: dict[str, str]) -> Build:
        settings = self.settings
        volumes: Any = (inputs[""] if list(inputs) == [""] else inputs) if inputs else None
        try:
            built = build(
                self.spec,
                vars=vars,
                input=volumes,
                variant=variant,
                strict=settings.strict,
                max_layers=settings.max_layers,
                training=settings.training,
                allow_custom=settings.allow_custom,
            )
        except SpecError as error:
            if error.build is None:  # of a model that cannot be read
                raise
            return error.build
        self.layers += len(built.network)
        if self.first is None and variant == self.variant:
            self.first = built
        return built

    def too_many(self, left: list[str | None], done: int) -> Problem:
        """What is not checked: variants, the first of them under its settings after `done`."""
        most = f"expand to more than {self.settings.max_layers:,} items together"
        message = f"the variants {most}, {len(left):,} of them are not checked"
        help = "allow more with --limit layers=N, or part the family into several files"
        if done:
            number = len(left) * len(self.settings.overrides) - done
            message = f"the variants and settings {most}, {number:,} networks are not checked"
            help = "allow more with --limit layers=N, or ask for fewer settings at a time"
        key = self.spec.variants[left[0]].key if left[0] else None
        span = self.spec.text.span(0) if key is None else self.spec.span(key)
        return Problem(codes.LIMIT, message, span, help=help)

    def verdicts(self, built: Build) -> list[Problem]:
        """What expectations, rules and budgets say."""
        found = verdict(built)
        if built.failed:
            return found
        if self.budgets:
            from cnncalc.commands.check.budgets import judge_budgets  # few projects have any

            found += judge_budgets(built, self.budgets)
        if self.counterpart is not None:
            found += self.counterpart.judge(built)
        if self.settings.headroom:
            from cnncalc.commands.check.budgets import headroom  # only for --verbose

            variant = built.network.variant
            named = f" ({variant})" if variant else ""
            self.headroom += [line + named for line in headroom(built, self.budgets)]
            if self.counterpart is not None and self.counterpart.said:
                self.headroom.append(self.counterpart.said + named)
        return found


def _label(variant: str | None, vars: dict[str, str], inputs: dict[str, str]) -> str:
    """What to call one of several networks."""
    settings = [f"{name}={value}" if name else value for name, value in (vars | inputs).items()]
    name = variant or ("" if settings else "the spec as written")
    return " with ".join(part for part in (name, ", ".join(settings)) if part)


class Merged:
    """The problems of several networks; one that several have stands once and names them."""

    def __init__(self, alike: str) -> None:
        self.alike = alike  # how to say that all have it
        self.labels: list[str] = []
        self.found: dict[tuple[object, ...], dict[str, Problem]] = {}  # by place, then by label

    def add(self, label: str, problems: list[Problem]) -> None:
        self.labels.append(label)
        for problem in problems:
            self.found.setdefault(_key(problem), {}).setdefault(label, problem)

    def problems(self, of_text: list[Problem]) -> list[Problem]:
        """All of them and those of the text itself, by place in the text, then by code."""
        known = {_key(problem) for problem in of_text}
        merged = [self.merge(named) for key, named in self.found.items() if key not in known]
        return sorted((*of_text, *merged), key=by_place)

    def merge(self, named: dict[str, Problem]) -> Problem:
        first = next(iter(named.values()))
        if len(self.labels) == 1:
            return first
        same = [label for label, problem in named.items() if problem.message == first.message]
        if len(same) == len(self.labels):
            where = self.alike
        else:
            where = f"in {_list(same)}"
            others = [label for label in named if label not in same]
            where += f"; with other numbers in {_list(others)}" if others else ""
        return first._replace(message=f"{first.message} ({where})")


def _key(problem: Problem) -> tuple[object, ...]:
    return (
        problem.span.source.name,
        problem.span.start,
        problem.span.end,
        problem.code.code,
        problem.expected,
        "" if problem.span.source.text else problem.layer,
    )


def _list(names: list[str]) -> str:
    return enumerated(names if len(names) <= 6 else [*names[:5], f"{len(names) - 5} more"])
