"""verdict: everything there is to say of one spec, beyond what keeps it from being built."""

from __future__ import annotations

import os

from cnncalc.api import built
from cnncalc.checks.expectations import judge
from cnncalc.checks.ignores import apply_ignores
from cnncalc.checks.rules import ALL, run_rules
from cnncalc.language.model import Spec
from cnncalc.network.build import Build, SpecError
from cnncalc.network.model import Network
from cnncalc.problems import Problem


def verdict(build: Build, rules: tuple[str, ...] = ALL) -> list[Problem]:
    """What rules and expectations say of a build; `rules` are their modules."""
    return [*run_rules(build, rules), *judge(build)]


def check(spec: Build | Network | Spec | str | os.PathLike[str]) -> list[Problem]:
    """Every problem of a spec, by place: errors, expectations that do not hold, rules.

    >>> import cnncalc
    >>> cnncalc.check(cnncalc.read_text("input: 8x8x1\\nlayers: [conv: 2@3x3, fc: 3]"))[0].help
    'a flatten before it says so'

    `spec` is a path, the name of a bundled network, a Spec, a Build, or a Network that was made
    without a text, whose problems have no place. Comments in a text silence what they name. Raises
    OSError if there is no such file.
    """
    try:
        found = built(spec)
    except SpecError as error:
        if error.build is None:  # the file cannot be read
            return error.problems
        found = error.build
    return apply_ignores(found.spec.text, [*found.problems, *verdict(found)])[0]
