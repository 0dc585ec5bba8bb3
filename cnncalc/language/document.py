"""From the tree of nodes to a Spec: what the file says, checked for its form.

Everything that can be seen without a volume is seen here, in blocks that nobody calls too.
Nothing that builds looks at YAML keys again; usage.py and rewrite.py do, for words and places.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TypeGuard

from cnncalc import problems as codes
from cnncalc.language.composites import COMPOSITES, all_items
from cnncalc.language.expect import ExpectReader
from cnncalc.language.inputs import InputReader
from cnncalc.language.items import ItemReader
from cnncalc.language.located import Value, located
from cnncalc.language.model import (
    Block,
    Call,
    InputVolume,
    Items,
    Spec,
    Variant,
)
from cnncalc.language.nodes import Broken, Mapping, Node, Scalar, Sequence
from cnncalc.language.reader import VAR, VARIANT, Reader
from cnncalc.language.source import Source
from cnncalc.language.written import Defaults, Word
from cnncalc.layers.base import find_kind
from cnncalc.layers.values import Rounding
from cnncalc.problems import Problem, Problems, Reject, TooManyErrors
from cnncalc.wording import did_you_mean, fold, quote

_TOP = (
    "version", "name", "source", "note", "against", "input", "vars", "rounding", "defaults",
    "blocks", "layers", "outputs", "expect", "variants",
)  # fmt: skip
MODELS = (".keras", ".onnx", ".pt2")  # what `against:` may name
FORMS = ".pt2, .keras or .onnx"
_BLOCK = ("args", "layers", "outputs", "note")
_VARIANT = ("vars", "input", "expect", "note")


def read_document(
    source: Source,
    root: Node | None,
    problems: Problems,
    defaults: Defaults | None = None,
    rounding: str | None = None,
) -> Spec:
    """The Spec of a tree. Problems are collected in it; what is broken is left out.

    `defaults` and `rounding` stand above its own: they come from a spec that takes it in.
    """
    spec = Spec(source)
    spec.problems = problems
    spec.root = root
    if root is None or isinstance(root, Broken):
        if not len(problems):
            message = "the file is empty; a spec has input: and layers:"
            problems.add(Problem(codes.STRUCTURE, message, source.span(0, 0)))
        return spec
    with suppress(TooManyErrors):
        DocumentReader(spec).read(root, defaults or {})
    spec.rounding = rounding or spec.rounding
    return spec


SIZES = ("channels", "height", "width", "depth", "length")  # $name.height asks for one


def is_whole_block(node: Node) -> TypeGuard[Mapping]:
    """Whether a block is written with its arguments or outputs, not as a list of items alone."""
    return isinstance(node, Mapping) and any(
        key.text in ("args", "layers", "outputs") for key, _ in node.pairs
    )


class DocumentReader(Reader):
    """Reads a whole spec."""

    def __init__(self, spec: Spec) -> None:
        super().__init__(spec)
        self.defaults: Defaults = {}
        self.inputs = InputReader(spec)
        self.expect = ExpectReader(spec)
        self.items = ItemReader(spec, self.defaults, self.expect)

    def read(self, root: Node, given: Defaults) -> None:
        if isinstance(root, Scalar) and root.is_null:
            self.refuse(root, codes.STRUCTURE, "the file is empty; a spec has input: and layers:")
            return
        if not isinstance(root, Mapping):
            self.refuse(
                root,
                codes.STRUCTURE,
                f"the file is {'a list' if isinstance(root, Sequence) else 'a text'}; "
                "a spec is a mapping with input: and layers:",
                "put layers: above the list" if isinstance(root, Sequence) else "",
            )
            return
        parts = self.known_keys(root, _TOP, "at the top of a spec")
        self.head(parts)
        self.read_vars(parts.get("vars"))
        blocks = self.pairs(parts.get("blocks"), "blocks", "write Name: without the -")
        self.declare_blocks(blocks)
        if "defaults" in parts:
            self.defaults.update(self.items.read_defaults(parts["defaults"]))
        for kind, arguments in given.items():
            self.defaults[kind] = {**self.defaults.get(kind, {}), **arguments}
        if "input" in parts:
            self.spec.inputs = self.inputs.read_input(parts["input"])
        else:
            self.spec.inputs = {"input": InputVolume(None, root)}
        self.block_items(blocks)
        if "layers" in parts:
            self.spec.items = self.items.items(parts["layers"])
            self.check_names_of_inputs()
            if not self.spec.items and not len(self.spec.problems):
                self.refuse(parts["layers"], codes.MISSING, "layers is empty", "add a layer")
        else:
            self.refuse(root, codes.MISSING, "layers is missing", "add layers: and a list below it")
        if "input" not in parts and not self.items.input_among_items:
            self.refuse(
                root, codes.MISSING, "input is missing", "add a line such as input: 32x32x3"
            )
        self.find_recursion()
        self.read_outputs(parts.get("outputs"))
        self.spec.expect = self.expect.read(parts.get("expect"), of_network=True)
        self.read_variants(parts.get("variants"))

    def head(self, parts: dict[str, Node]) -> None:
        self.spec.name = self.text(parts.get("name"), "name")
        self.spec.source = self.text(parts.get("source"), "source")
        self.spec.note = self.text(parts.get("note"), "note")
        self.read_against(parts.get("against"))
        version = parts.get("version")
        if version is not None and self.text(version, "version") != "1":
            self.refuse(version, codes.BAD_VALUE, f"version is 1, not {version.what}")
        if "rounding" in parts:
            node = parts["rounding"]
            try:
                word = node.text if isinstance(node, Scalar) else ""
                self.spec.rounding = Rounding().read(word)
            except Reject as reject:
                self.refuse(
                    node,
                    codes.BAD_VALUE,
                    reject.message.replace("{argument}", "rounding"),
                    reject.help,
                )

    def read_against(self, node: Node | None) -> None:
        """A path; code runs only where somebody types its name."""
        text = self.text(node, "against")
        if node is None or (not text and not isinstance(node, Scalar)):
            return
        if not text.endswith(MODELS):
            help = ""
            if re.fullmatch(r"[\w.]+:[\w{}]+", text):
                help = f"code runs only where it is typed: cnncalc check --against {quote(text)}"
            message = f"against takes a {FORMS} file, not {quote(text)!r}"
            self.refuse(node, codes.BAD_VALUE, message, help)
            return
        self.spec.against = Word.of(node, text)

    def read_vars(self, node: Node | None) -> None:
        for key, value in self.pairs(node, "vars", "write vars: {name: value}"):
            self.check_name(key, key.text, "var", VAR)
            name = key.text.removeprefix("$")
            self.spec.vars[name] = Value(value)
            self.spec.var_keys[name] = Word.of(key, name)

    def check_names_of_inputs(self) -> None:
        for item in self.spec.items:
            name = item.name.text if item.name is not None else ""
            if item.name is not None and name != "input" and (given := self.spec.inputs.get(name)):
                self.refuse(
                    item.name,
                    codes.DUPLICATE_NAME,
                    f"{quote(name)} is already the name of an input",
                    "give the item another name",
                    (self.related("the input", given),),
                )

    def read_outputs(self, node: Node | None) -> None:
        if node is None:
            return
        if isinstance(node, Mapping):
            parts = [(key.text, value) for key, value in node.pairs]
        else:
            items = node.items if isinstance(node, Sequence) else [node]
            parts = [("", item) for item in items]
        for label, part in parts:
            if isinstance(part, Scalar) and not part.is_null:
                self.spec.outputs.append((label or part.text, Word.of(part)))
            else:
                self.refuse(
                    part, codes.STRUCTURE, f"outputs takes names of layers, not {part.what}"
                )

    def read_variants(self, node: Node | None) -> None:
        mapping = self.mapping(node, "variants") if node is not None else None
        for key, value in mapping.pairs if mapping else ():
            if not self.check_name(key, key.text, "variant", VARIANT):
                continue
            parts: dict[str, Node] = {}
            if body := self.mapping(value, f"variant {key.text}"):
                parts = self.known_keys(body, _VARIANT, "of a variant")
            self.spec.variants[key.text] = Variant(
                self.variant_vars(parts.get("vars")),
                self.inputs.read_input(parts["input"], self.spec.inputs)
                if "input" in parts
                else {},
                self.expect.read(parts.get("expect"), of_network=True),
                self.text(parts.get("note"), "note"),
                Word.of(key),
            )

    def variant_vars(self, node: Node | None) -> dict[str, Value]:
        mapping = self.mapping(node, "vars") if node is not None else None
        values = {}
        for key, value in mapping.pairs if mapping else ():
            if key.text in self.spec.vars:
                values[key.text] = Value(value)
            else:
                self.refuse(
                    key,
                    codes.UNKNOWN_KEY,
                    f"{quote(key.text)} is not one of the spec's vars",
                    did_you_mean(key.text, self.spec.vars) or "declare it under vars:",
                )
        return values

    def declare_blocks(self, pairs: list[tuple[Scalar, Node]]) -> None:
        """Names and parameters first, so that calls can be checked wherever they stand."""
        for key, value in pairs:
            name = key.text
            self.spec.refused_blocks.add(name)
            before = len(self.spec.problems)
            if not self.check_name(key, name, "block"):
                continue
            if find_kind(name) or fold(name) in COMPOSITES:
                found = find_kind(name)
                kind = found[0].kind if found else fold(name)
                self.refuse(
                    key,
                    codes.BAD_NAME,
                    f"a block cannot be called {name}: that is the kind {kind}",
                    f"{name}Block, for example",
                )
                continue
            if not name[0].isupper():
                self.refuse(
                    key,
                    codes.BAD_NAME,
                    f"the name of a block begins with a capital: {name}",
                    f"write {name[0].upper()}{name[1:]}",
                )
                continue
            block = Block(Word.of(key))
            if is_whole_block(value):
                parts = self.known_keys(value, _BLOCK, "of a block")
                if "args" in parts:
                    self.parameters(block, parts["args"])
            if len(self.spec.problems) == before:
                self.spec.refused_blocks.remove(name)
            self.spec.blocks[name] = block

    def parameters(self, block: Block, node: Node) -> None:
        """args: [p, q: default] or {p, q: default}."""
        pairs: list[tuple[Scalar, Node | None]] = []
        parts = node.items if isinstance(node, Sequence) else [node]
        for part in parts:
            if isinstance(part, Mapping):
                pairs += part.pairs
            elif isinstance(part, Scalar) and not part.is_null:
                pairs.append((part, None))
            elif not (isinstance(part, Scalar) and part is node):
                self.refuse(part, codes.STRUCTURE, f"args takes names, not {part.what}")
        for key, default in pairs:
            name = key.text
            if not self.check_name(key, name, "block argument", VAR):
                continue  # calls are not looked at then
            if name in self.spec.vars:
                self.refuse(
                    key,
                    codes.BAD_NAME,
                    f"{name} is also one of the spec's vars",
                    "give the argument another name",
                    (self.related("the var", self.spec.var_keys[name]),),
                )
            if name in block.parameters:
                self.refuse(key, codes.DUPLICATE_NAME, f"the argument {name} stands twice")
            # A default of `none` makes an argument optional, but no value is no default.
            missing = default is None or (isinstance(default, Scalar) and default.is_null)
            block.parameters[name] = None if missing else located(default)
            block.parameter_keys[name] = Word.of(key)

    def block_items(self, pairs: list[tuple[Scalar, Node]]) -> None:
        for key, value in pairs:
            block = self.spec.blocks.get(key.text)
            layers, outputs = value, None
            if is_whole_block(value):
                found, outputs = value.get("layers"), value.get("outputs")
                if found is None:
                    if key.text not in self.spec.refused_blocks:
                        message = f"the block {quote(key.text)} has no layers"
                        self.refuse(key, codes.MISSING, message)
                    continue
                layers = found
            self.items.parameters = block.parameters if block is not None else ()
            items = self.items.items(layers)
            self.items.parameters = ()
            if block is not None:
                block.items = items
                block.outputs = self.block_outputs(items, outputs)

    def block_outputs(self, items: Items, node: Node | None) -> dict[str, Value]:
        """outputs: {label: name, ...} of a block."""
        named = {item.name.text: item.name for item in items if item.name is not None}
        pairs = self.pairs(node, "outputs of a block", "write outputs: {label: name}")
        if isinstance(node, Sequence):  # refused, so that nothing is said of its labels
            return {key.text: Value(value) for key, value in pairs}
        outputs = {}
        for key, value in pairs:
            label = key.text
            if not self.check_name(key, label, "output"):
                continue
            if label in SIZES:
                message = f"{label} is a size of every volume, and cannot name an output"
                self.refuse(key, codes.BAD_NAME, message, "give the output another label")
            elif label in named:
                self.refuse(
                    key,
                    codes.DUPLICATE_NAME,
                    f"{quote(label)} is already the name of an item of the block",
                    "give the output another label",
                    (self.related("the item", named[label]),),
                )
            elif isinstance(value, Scalar) and not value.is_null:
                outputs[label] = Value(value)
            else:
                message = f"the output {label} takes the name of an item, not {value.what}"
                self.refuse(value, codes.STRUCTURE, message)
        return outputs

    def find_recursion(self) -> None:
        """Blocks that call themselves, directly or through others."""
        done: set[str] = set()
        for block in self.spec.blocks.values():
            self.follow_calls(block, [], done)

    def follow_calls(self, block: Block, chain: list[str], done: set[str]) -> None:
        if block.name in done:
            return
        chain = [*chain, block.name]
        for item in all_items(block.items):
            if not isinstance(item.op, Call):
                continue
            called = item.op.block
            if called.name in chain:
                ring = " → ".join([*chain[chain.index(called.name) :], called.name])
                self.refuse(
                    Word("", item.start, item.end),
                    codes.RECURSION,
                    f"the block {called.name} calls itself: {ring}",
                    "repeat: n makes a chain of copies",
                )
                item.op = None
            elif len(chain) < 200:
                self.follow_calls(called, chain, done)
        done.add(block.name)
