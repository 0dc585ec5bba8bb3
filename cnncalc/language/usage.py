"""What a spec defines and never uses, by its words.

By words, not by what was built: a block that only one variant calls is used, and so is a var in an
item that is skipped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from cnncalc.language.composites import all_items
from cnncalc.language.located import NAMES
from cnncalc.language.model import Block, Call, Item, Spec
from cnncalc.language.nodes import Mapping, Node, words
from cnncalc.language.written import Word


def unused_blocks(spec: Spec) -> list[Word]:
    """The blocks that nothing calls, or only blocks that nothing calls themselves."""
    if not spec.blocks or not isinstance(spec.root, Mapping):
        return []
    bodies = _bodies(spec)
    waiting: list[Node | None] = [value for key, value in spec.root.pairs if key.text != "blocks"]
    called: set[str] = set()
    while waiting:
        fresh = bodies.keys() & set(_words(waiting.pop())) - called
        called |= fresh
        waiting += [bodies[name] for name in fresh]
    return [block.key for name, block in spec.blocks.items() if name not in called]


def unused_vars(spec: Spec) -> list[Word]:
    """The vars that no expression uses."""
    used = _names_used(spec.root) if spec.vars else set()
    return [key for name, key in spec.var_keys.items() if name not in used]


def unused_arguments(spec: Spec) -> Iterator[tuple[str, Word]]:
    """The arguments that their block never uses, each with the name of the block."""
    bodies = _bodies(spec)
    for block in spec.blocks.values():
        used = _names_used(bodies.get(block.name)) if block.parameters else set()
        for name, key in block.parameter_keys.items():
            if name not in used:
                yield block.name, key


def texts_for(spec: Spec, item: Item, text: str) -> Iterator[str]:
    """A text of an item, and what callers and defaults say for the arguments that it names."""
    waiting, seen = [(item, text)], set()
    while waiting:
        item, text = waiting.pop()
        yield text
        block = next((b for b in spec.blocks.values() if item in all_items(b.items)), None)
        for name in re.findall(NAMES, text) if block is not None else ():
            if (block, name) not in seen:
                seen.add((block, name))
                waiting += _given(spec, block, name)


def _given(spec: Spec, block: Block | None, name: str) -> Iterator[tuple[Item, str]]:
    """What stands for an argument of a block, and the items that call it so."""
    for items in (spec.items, *(other.items for other in spec.blocks.values())):
        for item in all_items(items):
            if isinstance(item.op, Call) and item.op.block is block:
                value = item.op.arguments.get(name, item.op.block.parameters.get(name))
                if value is not None and value.word is not None:
                    yield item, value.word


def _bodies(spec: Spec) -> dict[str, Node]:
    """What stands under `blocks:`, by name."""
    blocks = spec.root.get("blocks") if isinstance(spec.root, Mapping) else None
    return {key.text: value for key, value in blocks.pairs} if isinstance(blocks, Mapping) else {}


def _words(node: Node | None) -> Iterator[str]:
    return words(node) if node is not None else iter(())


def _names_used(node: Node | None) -> set[str]:
    """The vars and arguments that the expressions of a tree use."""
    return {name for text in _words(node) if "$" in text for name in re.findall(NAMES, text)}
