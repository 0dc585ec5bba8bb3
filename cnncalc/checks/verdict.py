"""verdict: everything there is to say of one spec, beyond what keeps it from being built."""

from __future__ import annotations

import os

from cnncalc.api import find
from cnncalc.checks.expectations import judge
from cnncalc.checks.ignores import apply_ignores
from cnncalc.checks.rules import ALL, run_rules
from cnncalc.network.build import Build, SpecError, build
from cnncalc.problems import Problem
from cnncalc.spec.model import Spec


def verdict(build: Build, rules: tuple[str, ...] = ALL) -> list[Problem]:
    """What rules and expectations say of a build; `rules` are their modules."""
    return [*run_rules(build, rules), *judge(build)]


def check(spec: str | os.PathLike[str] | Spec, *, variant: str | None = None) -> list[Problem]:
    """Every problem of a spec, by place: errors, expectations that do not hold, rules.

    >>> import cnncalc
    >>> cnncalc.check(cnncalc.read_text("input: 8x8x1\\nlayers: [conv: 2@3x3, fc: 3]"))[0].help
    'a flatten before it says so'

    `spec` is a Spec, a path, or the name of a bundled network. Comments in it silence what they
    name. Raises OSError if there is no such file, SpecError if it is not a text.
    """
    if not isinstance(spec, Spec):
        spec, own = find(spec)
        variant = variant or own
    try:
        built = build(spec, variant=variant)
    except SpecError as error:
        assert error.build is not None  # noqa: PT017  # only a file that cannot be read has none
        built = error.build
    return apply_ignores(spec.text, [*built.problems, *verdict(built)])[0]
