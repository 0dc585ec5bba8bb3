"""Items as the YAML of a spec, laid out as a person would."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from typing import Any

from cnncalc.exchange.recovery.blocks import Recovered
from cnncalc.exchange.recovery.definitions import Argument, Block, Optional, Times
from cnncalc.exchange.recovery.items import (
    Branches,
    Call,
    Gate,
    Items,
    Leaf,
    Named,
    Outer,
    Repeat,
    Residual,
    Value,
    default,
    parts_of,
)
from cnncalc.layers.base import KINDS
from cnncalc.network.model import Network

WIDTH = 100


class Writer:
    """Writes one spec."""

    def __init__(
        self, recovered: Recovered, network: Network, inputs: list[str], outputs: list[str]
    ) -> None:
        self.items = recovered.items
        self.blocks = {block.name: block for block in recovered.blocks}
        self.network = network
        self.inputs = inputs  # the names that a spec can give them
        self.outputs = outputs
        self.defaults = self.usual()

    def text(self) -> str:
        """The whole spec."""
        return "".join(f"{line}\n" for line in self.lines())

    def lines(self) -> Iterator[str]:
        network = self.network
        if network.name:
            yield f"name: {_quoted(_stem(network.name))}"
        if network.source:
            yield f"source: {_quoted(network.source)}"
        inputs = network.inputs
        if len(inputs) == 1:
            yield f"input: {network.input.text('x')}"
        else:
            pairs = zip(self.inputs, inputs.values(), strict=True)
            yield f"input: {{{', '.join(f'{name}: {volume}' for name, volume in pairs)}}}"
        if self.defaults:
            yield "defaults:"
            for kind, arguments in self.defaults.items():
                yield f"  {kind}: {_mapping(arguments)}"
        if self.blocks:
            yield "blocks:"
            for block in self.blocks.values():
                yield from self.block(block)
        yield "layers:"
        yield from self.series(self.items, "  ")
        if self.outputs:
            yield f"outputs: [{', '.join(self.outputs)}]"
        output = network.output.text("x")
        expected: dict[str, Value] = {"output": output} if len(network.outputs) == 1 else {}
        expected |= {"parameters": network.parameters, "macs": network.macs}
        yield f"expect: {_mapping(expected)}"

    def usual(self) -> dict[str, dict[str, Value]]:
        """The arguments that all layers of a kind have, and that are no defaults of it."""
        rows: dict[str, list[dict[str, Value]]] = {}
        for kind, arguments in _leaves(self.items):
            rows.setdefault(kind, []).append(dict(arguments))
        for block in self.blocks.values():
            for kind, arguments in _leaves(block.items):
                rows.setdefault(kind, []).append(dict(arguments))
        found: dict[str, dict[str, Value]] = {}
        for kind, own in rows.items():
            for name in ("bias", "affine", "keep"):
                values = Counter(row.get(name) for row in own)
                if len(own) >= 3 and len(values) == 1 and name in own[0]:
                    (value,) = values
                    if value != default(kind, name):
                        found.setdefault(kind, {})[name] = value
        return found

    def block(self, block: Block) -> Iterator[str]:
        yield f"  {block.name}:"
        if block.arguments:
            yield f"    args: {{{', '.join(map(_declared, block.arguments))}}}"
            yield "    layers:"
            yield from self.series(block.items, "      ")
        else:
            yield from self.series(block.items, "    ")

    def series(self, items: Items, indent: str) -> Iterator[str]:
        for item in items:
            yield from self.item(item, indent)

    def item(self, item: Any, indent: str, *keys: str) -> Iterator[str]:
        """The lines of an item, with further keys beside its operation."""
        after = [f"{indent}  {key}" for key in keys]
        if isinstance(item, Leaf):
            yield from self.leaf(item, indent, keys)
        elif isinstance(item, Call):
            yield from _with_keys(self.call(item), indent, keys)
        elif isinstance(item, (Repeat, Times)):
            times = item.times if isinstance(item, Times) else len(item.copies)
            yield from self.repeat(item.body, (f"repeat: {_plain(times)}", *keys), indent)
        elif isinstance(item, Gate):
            yield f"{indent}- gate:"
            yield from [*self.series(item.body, f"{indent}    "), *after]
        elif isinstance(item, (Residual, Optional)):
            yield from [*self.residual(item, indent), *after]
        elif isinstance(item, Branches):
            yield from [*self.branches(item, indent), *after]
        elif isinstance(item, Named):
            yield from self.named(item, indent, keys)

    def repeat(self, body: Items, keys: tuple[str, ...], indent: str) -> Iterator[str]:
        """A repeated item; several of them stand in a group."""
        if len(body) == 1:
            yield from self.item(body[0], indent, *keys)
        else:
            yield f"{indent}- layers:"
            yield from self.series(body, f"{indent}    ")
            yield from (f"{indent}  {key}" for key in keys)

    def leaf(self, item: Leaf, indent: str, keys: tuple[str, ...] = ()) -> Iterator[str]:
        own = self.defaults.get(item.kind, {})
        given = {
            name: value
            for name, value in item.arguments
            if value != own.get(name, default(item.kind, name)) and value is not None
        }
        words = item.kind
        if [*given] == [KINDS[item.kind].primary]:
            words = f"{item.kind}: {_plain(*given.values())}"
        elif given:
            words = f"{item.kind}: {_mapping(_ordered(given))}"
        if len(indent) + 2 + len(words) > WIDTH:
            words = f"{item.kind}:"
            keys = (
                *(f"  {name}: {_plain(value)}" for name, value in _ordered(given).items()),
                *keys,
            )
        yield from _with_keys(words, indent, keys)

    def call(self, item: Call) -> str:
        """The call of a block; values at the end that are its defaults are not written."""
        arguments = self.blocks[item.block].arguments
        pairs = [*zip(arguments, item.values, strict=True)]
        while pairs and not pairs[-1][0].is_required and pairs[-1][0].default == pairs[-1][1]:
            pairs.pop()
        if not pairs:
            return item.block
        if len(pairs) == 1 and not isinstance(pairs[0][1], tuple):
            return f"{item.block}: {_plain(pairs[0][1])}"
        if len(arguments) > 3:
            named = {a.name: v for a, v in pairs if a.is_required or a.default != v}
            words = f"{item.block}: {_mapping(named)}"
            if len(words) < WIDTH - 12:
                return words
        return f"{item.block}: [{', '.join(_plain(value) for _, value in pairs)}]"

    def residual(self, item: Residual | Optional, indent: str) -> Iterator[str]:
        yield f"{indent}- residual:"
        yield from self.series(item.body, f"{indent}    ")
        when = item.when if isinstance(item, Optional) else ""
        if item.shortcut:
            yield f"{indent}  shortcut:"
            for part in item.shortcut:
                keys = (f"when: {when}",) if when else ()
                yield from self.item(part, f"{indent}    ", *keys)
        elif when:
            yield f"{indent}  shortcut: {when}"

    def branches(self, item: Branches, indent: str) -> Iterator[str]:
        yield f"{indent}- branches:"
        for part in item.parts:
            lines = [*self.series(part, "")]
            if not lines:
                yield f"{indent}    - []"
                continue
            yield f"{indent}    - {lines[0]}"
            yield from (f"{indent}      {line}" for line in lines[1:])
        if item.merge != "concat":
            yield f"{indent}  merge: {item.merge}"

    def named(self, item: Named, indent: str, others: tuple[str, ...]) -> Iterator[str]:
        inner = item.item
        keys = [*([f"name: {item.name}"] if item.name else []), *others]
        if item.reuse:
            yield f"{indent}- reuse: {item.reuse}"
            yield from (f"{indent}  {key}" for key in [*_from(item), *keys])
        elif isinstance(inner, Leaf) and _merges(inner, item):
            read = f"[{', '.join(map(_plain, item.sources))}]"
            crop = dict(inner.arguments).get("crop")
            words = f"{{from: {read}, crop: true}}" if crop else read
            yield f"{indent}- {inner.kind}: {words}"
            yield from (f"{indent}  {key}" for key in keys)
        else:
            yield from self.item(inner, indent, *_from(item), *keys)


def _with_keys(words: str, indent: str, keys: tuple[str, ...]) -> Iterator[str]:
    """An item and the keys beside its operation; a bare word with keys is a mapping."""
    if ":" not in words and keys:
        pairs = ", ".join([f"{words}: null", *keys])
        yield f"{indent}- {{{pairs}}}"
        return
    yield f"{indent}- {words}"
    yield from (f"{indent}  {key}" for key in keys)


def _merges(item: Leaf, named: Named) -> bool:
    """Whether what it reads is written as what it merges."""
    return len(named.sources) > 1 and not KINDS[item.kind].takes_several


def _from(item: Named) -> list[str]:
    if len(item.sources) > 1:
        return [f"from: [{', '.join(map(_plain, item.sources))}]"]
    return [f"from: {_plain(item.sources[0])}"] if item.sources else []


def _leaves(items: Items) -> Iterator[tuple[str, Any]]:
    for item in items:
        if isinstance(item, Leaf):
            yield item.kind, item.arguments
        elif isinstance(item, (Optional, Times)):
            yield from _leaves(item.body)
            yield from _leaves(getattr(item, "shortcut", ()))
        elif not isinstance(item, Call):
            for part in parts_of(item)[:1] if isinstance(item, Repeat) else parts_of(item):
                yield from _leaves(part)


_ORDER = ("filters", "kernel", "stride", "padding", "dilation")


def _ordered(given: dict[str, Value]) -> dict[str, Value]:
    """The arguments as people write them: filters, kernel, stride, padding, and the rest."""
    first = {name: given[name] for name in _ORDER if name in given}
    return {**first, **given}


def _declared(argument: Argument) -> str:
    if argument.is_required:
        return argument.name
    return f"{argument.name}: {_plain(argument.default)}"


def _mapping(pairs: dict[str, Value]) -> str:
    return "{" + ", ".join(f"{name}: {_plain(value)}" for name, value in pairs.items()) + "}"


def _plain(value: Value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Outer):
        return value.name
    if isinstance(value, tuple):
        return f"[{', '.join(map(_plain, value))}]"
    return "none" if value is None else str(value)


def _quoted(text: str) -> str:
    """A text as a YAML scalar that reads as itself."""
    clean = " ".join(text.split())
    return '"' + clean.replace("\\", "\\\\").replace('"', '\\"') + '"' if _is_odd(clean) else clean


def _stem(name: str) -> str:
    """The name of a file without its suffix, or of a function without its module."""
    return name.rpartition(":")[2] if ":" in name else os.path.splitext(name)[0]


def _is_odd(text: str) -> bool:
    return not text or not text[0].isalnum() or any(sign in text for sign in ":#{}[],\"'\\")
