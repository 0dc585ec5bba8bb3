"""Rules about definitions that nothing uses, by the words of the spec.

By words, not by what was built: a block that only one variant calls is used, and so is a var in an
item that is skipped.
"""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc import problems as codes
from cnncalc.checks.rules.base import Rule
from cnncalc.network.build import Build
from cnncalc.problems import Problem
from cnncalc.spec.usage import unused_arguments, unused_blocks, unused_vars


class UnusedBlock(Rule):
    """Nothing calls the block, or only blocks that nothing calls themselves.

    It is read and checked for its form, but no layer comes of it.
    """

    code = codes.UNUSED_BLOCK
    whole = True  # a misspelt use is an error of its own
    because = "a definition without a use is left over, or a call of it is missing"
    fires = """\
input: 32x32x3
blocks:
  Down:
    args: [filters]
    layers:
      - conv: {filters: $filters, kernel: 3, stride: 2, padding: 1}
layers:
  - conv: {filters: 8, kernel: 3}
"""
    passes = """\
input: 32x32x3
blocks:
  Down:
    args: [filters]
    layers:
      - conv: {filters: $filters, kernel: 3, stride: 2, padding: 1}
layers:
  - Down: 8
"""

    def check(self, build: Build) -> Iterator[Problem]:
        for key in unused_blocks(build.spec):
            yield self.problem(
                build, key, f"nothing calls the block {key.text}", "call it, or delete it"
            )


class UnusedVar(Rule):
    """No expression uses the var, so that changing it, by --set too, changes nothing.

    Mostly its name stands somewhere without its $, or a number stands where it was meant.
    """

    code = codes.UNUSED_VAR
    whole = True  # a misspelt use is an error of its own
    because = "whoever sets it is deceived: nothing changes"
    fires = """\
input: 32x32x3
vars: {width: 8}
layers:
  - conv: {filters: 8, kernel: 3}
"""
    passes = """\
input: 32x32x3
vars: {width: 8}
layers:
  - conv: {filters: $width, kernel: 3}
"""

    def check(self, build: Build) -> Iterator[Problem]:
        for key in unused_vars(build.spec):
            yield self.problem(
                build,
                key,
                f"no expression uses the var {key.text}",
                f"write ${key.text} where it is meant, or delete it",
            )


class UnusedArgument(Rule):
    """The block takes an argument and does nothing with it: every call of it says it in vain.

    Mostly its name stands in the block without its $, or a number stands where it was meant.
    """

    code = codes.UNUSED_ARGUMENT
    whole = True  # a misspelt use is an error of its own
    because = "whoever calls the block is deceived: the argument changes nothing"
    fires = """\
input: 32x32x3
blocks:
  Down:
    args: [filters, stride]
    layers:
      - conv: {filters: $filters, kernel: 3, stride: 2, padding: 1}
layers:
  - Down: [8, 2]
"""
    passes = """\
input: 32x32x3
blocks:
  Down:
    args: [filters, stride]
    layers:
      - conv: {filters: $filters, kernel: 3, stride: $stride, padding: 1}
layers:
  - Down: [8, 2]
"""

    def check(self, build: Build) -> Iterator[Problem]:
        for block, key in unused_arguments(build.spec):
            yield self.problem(
                build,
                key,
                f"the block {block} never uses its argument {key.text}",
                f"write ${key.text} where it is meant, or delete it here and in the calls",
            )
