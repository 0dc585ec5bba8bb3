"""Rules about definitions that nothing uses, by the words of the spec.

By words, not by what was built: a block that only one variant calls is used, and so is a var in an
item that is skipped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from cnncalc.checks.rules.base import Rule
from cnncalc.network.network import Network
from cnncalc.problems import WARNING, Problem, declare
from cnncalc.spec.model import Spec
from cnncalc.spec.node import Mapping, Node, Scalar, Sequence

_NAMES = r"\$([A-Za-z_]\w*)"


def words(node: Node | None) -> Iterator[str]:
    """Every word of a tree, keys too."""
    waiting = [node]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Scalar):
            yield node.text
        elif isinstance(node, Sequence):
            waiting += node.items
        elif isinstance(node, Mapping):
            for key, value in node.pairs:
                yield key.text
                waiting.append(value)


def names_used(node: Node | None) -> set[str]:
    """The vars and arguments that the expressions of a tree use."""
    return {name for text in words(node) if "$" in text for name in re.findall(_NAMES, text)}


def definitions(spec: Spec) -> dict[str, Node]:
    """What stands under `blocks:`, by name."""
    blocks = spec.root.get("blocks") if isinstance(spec.root, Mapping) else None
    return {key.text: value for key, value in blocks.pairs} if isinstance(blocks, Mapping) else {}


class UnusedBlock(Rule):
    """Nothing calls the block, or only blocks that nothing calls themselves."""

    code = declare("CNN313", "unused-block", "a block that nothing calls", WARNING)
    whole = True  # a misspelt use is an error of its own

    def check(self, network: Network) -> Iterator[Problem]:
        spec = network.spec
        if not spec.blocks or not isinstance(spec.root, Mapping):
            return
        bodies = definitions(spec)
        waiting: list[Node | None] = [
            value for key, value in spec.root.pairs if key.text != "blocks"
        ]
        called: set[str] = set()
        while waiting:
            fresh = bodies.keys() & set(words(waiting.pop())) - called
            called |= fresh
            waiting += [bodies[name] for name in fresh]
        for name, block in spec.blocks.items():
            if name not in called:
                yield self.problem(
                    network, block.key, f"nothing calls the block {name}", "call it, or delete it"
                )


class UnusedVar(Rule):
    """No expression uses the var, so that changing it, by --set too, changes nothing."""

    code = declare("CNN314", "unused-var", "a var that no expression uses", WARNING)
    whole = True  # a misspelt use is an error of its own

    def check(self, network: Network) -> Iterator[Problem]:
        spec = network.spec
        used = names_used(spec.root) if spec.vars else set()
        for name in spec.vars:
            if name not in used:
                yield self.problem(
                    network,
                    spec.var_keys[name],
                    f"no expression uses the var {name}",
                    f"write ${name} where it is meant, or delete it",
                )


class UnusedArgument(Rule):
    """The block takes an argument and does nothing with it: every call of it says it in vain."""

    code = declare("CNN315", "unused-argument", "an argument its block never uses", WARNING)
    whole = True  # a misspelt use is an error of its own

    def check(self, network: Network) -> Iterator[Problem]:
        spec = network.spec
        bodies = definitions(spec)
        for block in spec.blocks.values():
            used = names_used(bodies.get(block.name)) if block.parameters else set()
            for name, key in block.parameter_keys.items():
                if name not in used:
                    yield self.problem(
                        network,
                        key,
                        f"the block {block.name} never uses its argument {name}",
                        f"write ${name} where it is meant, or delete it here and in the calls",
                    )
