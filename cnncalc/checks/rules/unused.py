"""Rules about definitions that nothing uses, by the words of the spec.

By words, not by what was built: a block that only one variant calls is used, and so is a var in an
item that is skipped.
"""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.checks.rules.base import Rule
from cnncalc.language.usage import unused_arguments, unused_blocks, unused_vars
from cnncalc.network.build import Build
from cnncalc.problems import WARNING, Problem, declare


class UnusedBlock(Rule):
    """Nothing calls the block, or only blocks that nothing calls themselves."""

    code = declare("CNN313", "unused-block", "a block that nothing calls", WARNING)
    whole = True  # a misspelt use is an error of its own

    def check(self, build: Build) -> Iterator[Problem]:
        for key in unused_blocks(build.spec):
            yield self.problem(
                build, key, f"nothing calls the block {key.text}", "call it, or delete it"
            )


class UnusedVar(Rule):
    """No expression uses the var, so that changing it, by --set too, changes nothing."""

    code = declare("CNN314", "unused-var", "a var that no expression uses", WARNING)
    whole = True  # a misspelt use is an error of its own

    def check(self, build: Build) -> Iterator[Problem]:
        for key in unused_vars(build.spec):
            yield self.problem(
                build,
                key,
                f"no expression uses the var {key.text}",
                f"write ${key.text} where it is meant, or delete it",
            )


class UnusedArgument(Rule):
    """The block takes an argument and does nothing with it: every call of it says it in vain."""

    code = declare("CNN315", "unused-argument", "an argument its block never uses", WARNING)
    whole = True  # a misspelt use is an error of its own

    def check(self, build: Build) -> Iterator[Problem]:
        for block, key in unused_arguments(build.spec):
            yield self.problem(
                build,
                key,
                f"the block {block} never uses its argument {key.text}",
                f"write ${key.text} where it is meant, or delete it here and in the calls",
            )
