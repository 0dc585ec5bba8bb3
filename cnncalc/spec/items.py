"""The items under `layers:`: kinds, merges, composites and calls of blocks."""

from __future__ import annotations

from cnncalc import problems as codes
from cnncalc.layers import composite as composites
from cnncalc.layers.arguments import canonical_name
from cnncalc.layers.base import Layer, all_names, find_kind
from cnncalc.layers.merge import Merge
from cnncalc.spec.expressions import silence
from cnncalc.spec.model import Block, Call, Item, LayerOp, Spec, Written
from cnncalc.spec.node import Broken, Mapping, Node, Scalar, Sequence
from cnncalc.spec.reader import Reader, is_null
from cnncalc.wording import count, did_you_mean, fold, quote

META = ("name", "from", "repeat", "when", "trainable", "expect", "note")
_TYPE_KEYS = ("type", "kind", "layer", "op", "class_name")

# Words that could mean several kinds: the question is asked back.
_QUESTIONS = {
    "pool": "max or avg? write max_pool or avg_pool",
    "pooling": "max or avg? write max_pool or avg_pool",
    "globalpool": "max or avg? write global_max_pool or global_avg_pool",
    "norm": "which? batch_norm, layer_norm, group_norm, instance_norm or lrn",
    "normalization": "which? batch_norm, layer_norm, group_norm, instance_norm or lrn",
    "padding": "write zero_pad",
    "input": "the input is not an item: input: 32x32x3 stands at the top of the file",
}


class ItemReader(Reader):
    """Reads lists of items and everything in them."""

    def __init__(self, spec: Spec, defaults: dict[str, dict[str, Written]]) -> None:
        super().__init__(spec)
        self.defaults = defaults  # arguments that a kind has unless an item says otherwise

    def items(self, node: Node | None) -> list[Item]:
        """A list of items; a single one may stand alone."""
        if node is None or (isinstance(node, Scalar) and node.is_null):
            return []
        nodes = node.items if isinstance(node, Sequence) else [node]
        items = [self.item(part) for part in nodes]
        self.check_unique(items)
        return items

    def check_unique(self, items: list[Item]) -> None:
        first: dict[str, Scalar] = {}
        for item in items:
            if item.name is None:
                continue
            name = item.name.text
            if name in first:
                earlier = self.related(f"the first {quote(name)}", first[name])
                self.refuse(
                    item.name,
                    codes.DUPLICATE_NAME,
                    f"two items are called {quote(name)}, this one and that of line "
                    f"{earlier.span.line}",
                    "give one of them another name",
                    (earlier,),
                )
            first.setdefault(name, item.name)

    def item(self, node: Node) -> Item:
        if isinstance(node, Scalar) and not node.is_null:
            return self.with_op(node, node.text, Scalar(node.end, node.end, "", False), {})
        if isinstance(node, Mapping) and node.pairs:
            return self.item_mapping(node)
        if isinstance(node, Sequence):
            help = "a list inside a list: layers: groups items" if node.items else ""
            self.refuse(node, codes.STRUCTURE, "an item is a kind of layer, not a list", help)
        elif not isinstance(node, Broken):
            self.refuse(
                node, codes.STRUCTURE, "an empty item", "write a kind of layer or delete the -"
            )
        return Item(node, "", None)

    def item_mapping(self, node: Mapping) -> Item:
        ops = [(key, value) for key, value in node.pairs if self.is_op(key.text)]
        if not ops:
            if self.has_type_key(node):
                return Item(node, "", None)
            ops = [(key, value) for key, value in node.pairs if key.text not in META][:1]
        if not ops:
            self.refuse(
                node.pairs[0][0],
                codes.MISSING,
                "an item without a kind of layer",
                "begin it with the kind: - conv: ...",
            )
            return Item(node, "", None)
        key, value = ops[0]
        composite = composites.COMPOSITES.get(fold(key.text))
        own = composite.beside if composite else ()
        beside = [(other, part) for other, part in node.pairs if other is not key]
        item = self.with_op(
            key, key.text, value, {other.text: part for other, part in beside if other.text in own}
        )
        for other, part in beside:
            if other.text not in own:
                self.meta(item, other, part)
        return item

    def is_op(self, word: str) -> bool:
        folded = fold(word)
        return (
            word in self.spec.blocks
            or word in self.spec.refused_blocks
            or folded in composites.COMPOSITES
            or find_kind(word) is not None
        )

    def has_type_key(self, node: Mapping) -> bool:
        """`- type: conv` with flat arguments: show the item rewritten."""
        for key, value in node.pairs:
            if key.text in _TYPE_KEYS and isinstance(value, Scalar):
                break
        else:
            return False
        arguments, meta = [], []
        for other, part in node.pairs:
            written = self.written(part)
            if other.text in META:
                meta.append(f"{other.text}: {written}")
            elif other is not key:
                arguments.append(f"{other.text}: {written}")
        op = f"{value.text}: {{{', '.join(arguments)}}}" if arguments else value.text
        if meta:
            op = f"{{{op if arguments else op + ':'}, {', '.join(meta)}}}"
        self.refuse(
            key,
            codes.STRUCTURE,
            f"the kind of layer is the key of an item, not its {quote(key.text)}",
            f"write - {quote(op, 120)}",
        )
        return True

    def meta(self, item: Item, key: Scalar, value: Node) -> None:
        """A key beside the op."""
        word = key.text
        if word == "name":
            self.item_name(item, value)
        elif word == "from":
            if isinstance(item.op, LayerOp) and issubclass(item.op.cls, Merge):
                self.refuse(
                    key,
                    codes.UNKNOWN_KEY,
                    f"what {item.kind} merges stands inside it",
                    f"write {item.kind}: [name, name]",
                )
            else:
                item.source = value
        elif word in ("repeat", "when", "trainable", "expect"):
            setattr(item, word, value)
        elif word == "note":
            self.text(value, "note")
        else:
            self.unknown_meta(item, key, value)

    def unknown_meta(self, item: Item, key: Scalar, value: Node) -> None:
        word = quote(key.text)
        if isinstance(item.op, LayerOp) and canonical_name(key.text, item.op.cls.arguments):
            written = self.written(value)
            self.refuse(
                key,
                codes.UNKNOWN_KEY,
                f"{word} is an argument of {item.kind} and stands inside it",
                f"write {item.kind}: {{..., {word}: {quote(written)}}}",
            )
        elif self.is_op(key.text):
            self.refuse(
                key,
                codes.STRUCTURE,
                f"two kinds in one item, {quote(item.kind)} and {word}",
                f"begin a new item: - {word}",
            )
        else:
            composite = composites.COMPOSITES.get(item.kind)
            known = (*META, *(composite.beside if composite else ()))
            self.refuse(
                key,
                codes.UNKNOWN_KEY,
                f"{word} is not a key of an item",
                did_you_mean(key.text, known) or f"known: {', '.join(known)}",
            )

    def item_name(self, item: Item, value: Node) -> None:
        if not isinstance(value, Scalar):
            self.refuse(value, codes.STRUCTURE, f"name takes a word, not {value.what}")
        elif self.check_name(value, value.text, "layer"):
            item.name = value

    def with_op(self, key: Scalar, word: str, value: Node, beside: dict[str, Node]) -> Item:
        if word in self.spec.refused_blocks:
            return Item(key, word, None)
        block = self.spec.blocks.get(word)
        if block is not None:
            return Item(key, word, self.call(block, key, value))
        composite = composites.COMPOSITES.get(fold(word))
        if composite is not None:
            return Item(key, composite.kind, composite(self, value, beside))
        found = find_kind(word)
        if found is None:
            self.unknown_kind(key)
            return Item(key, "", None)
        return Item(key, found[0].kind, self.layer(found[0], found[1], key, value))

    def unknown_kind(self, key: Scalar) -> None:
        question = _QUESTIONS.get(fold(key.text))
        if question:
            self.refuse(key, codes.UNKNOWN_KIND, f"{quote(key.text)} is not a kind", question)
            return
        known = [*all_names(), *composites.COMPOSITES, *self.spec.blocks]
        self.refuse(
            key,
            codes.UNKNOWN_KIND,
            f"{quote(key.text)} is neither a kind of layer nor a block",
            did_you_mean(key.text, known) or "cnncalc layers lists the kinds",
        )

    def layer(self, cls: type[Layer], dimension: int | None, key: Scalar, value: Node) -> LayerOp:
        sources = None
        if isinstance(value, Mapping):
            if issubclass(cls, Merge):
                sources = value.get("from")
                value = _without(value, "from")
            written, understood = self.arguments(cls, value)
        elif issubclass(cls, Merge):
            sources, written, understood = value, {}, True
        else:
            written, understood = self.primary(cls, value)
        arguments = {**self.defaults.get(cls.kind, {}), **written}
        if issubclass(cls, Merge) and (sources is None or is_null(sources)):
            self.refuse(
                key, codes.MISSING, f"{cls.kind} needs what it merges", f"{cls.kind}: [name, name]"
            )
        for name, declared in cls.arguments.items():
            if declared.required and name not in arguments and understood:
                self.refuse(
                    key,
                    codes.MISSING,
                    f"{cls.kind} needs {name}, {declared.meaning}",
                    f"for example {cls.example}",
                )
        return LayerOp(cls, dimension, arguments, sources)

    def primary(self, cls: type[Layer], value: Node) -> tuple[dict[str, Written], bool]:
        """The arguments in a value without names, and whether all of it was understood."""
        if is_null(value):
            return {}, True
        if isinstance(value, Broken):
            return {}, False
        if cls.primary is None:
            self.refuse(
                value,
                codes.BAD_VALUE,
                f"{cls.kind} takes no value, found {value.what}",
                f"write {cls.kind}"
                if not cls.arguments
                else f"its arguments are {', '.join(cls.arguments)}",
            )
            return {}, False
        if isinstance(value, Scalar):
            parts = cls.shorthand(value.text)
            if parts is not None:
                shift = value.start + value.quoted
                nodes = {
                    name: Scalar(shift + offset, shift + offset + len(text), text, False)
                    for name, (offset, text) in parts.items()
                }
                return {name: Written(node, node) for name, node in nodes.items()}, True
        declared = cls.arguments[cls.primary]
        is_list = isinstance(value, Sequence) and not declared.type.takes_list
        looks_wrong = (
            isinstance(value, Scalar) and " " in value.text.strip() and "$" not in value.text
        )
        if (is_list or looks_wrong) and (help := cls.primary_help(_plain(value))):
            found = "a list" if is_list else value.what
            self.refuse(
                value,
                codes.BAD_VALUE,
                f"{cls.kind} alone takes its {cls.primary}, not {found}",
                help,
            )
            return {}, False
        return {cls.primary: Written(value, value)}, True

    def arguments(self, cls: type[Layer], node: Mapping) -> tuple[dict[str, Written], bool]:
        """Arguments by their canonical names, and whether all of them were understood."""
        understood = True
        found: dict[str, Written] = {}
        for key, value in node.pairs:
            if key.text == "ceil_mode" and "rounding" in cls.arguments:
                name: str | None = "rounding"
                value = self.ceil_mode(value)
            else:
                name = canonical_name(key.text, cls.arguments)
            if name is None:
                understood = False
                self.unknown_argument(cls, key, value, node)
            elif name in found:
                self.refuse(
                    key,
                    codes.DUPLICATE_KEY,
                    f"{name} is given twice, here as {quote(key.text)}",
                    "keep one of the two",
                    (self.related("the first", found[name].key),),
                )
            else:
                found[name] = Written(key, value)
        return found, understood

    def ceil_mode(self, value: Node) -> Node:
        words = {"true": "ceil", "false": "floor"}
        if isinstance(value, Scalar) and value.text in words:
            return Scalar(value.start, value.end, words[value.text], False)
        self.refuse(value, codes.BAD_VALUE, f"ceil_mode takes true or false, not {value.what}")
        return Broken(value.start, value.end)

    def unknown_argument(self, cls: type[Layer], key: Scalar, value: Node, node: Mapping) -> None:
        word = quote(key.text)
        code = codes.UNKNOWN_ARGUMENT
        names = list(cls.arguments)
        if key.text in META:
            written = self.written(value)
            self.refuse(
                key,
                codes.UNKNOWN_KEY,
                f"{word} stands beside {cls.kind}, not among its arguments",
                f"write two lines: - {cls.kind}: {{...}} and below it, indented, {word}: "
                f"{quote(written, 60)}",
            )
        elif key.text == "k" and "kernel" in names:
            self.refuse(
                key,
                code,
                "k means filters in some books and kernel in most code",
                "write filters: or kernel:",
            )
        elif is_null(value) and (split := self.split_by_comma(key, node)):
            self.refuse(
                key,
                codes.EXPRESSION,
                f"the comma splits {quote(split)} in two",
                "quote the expression",
            )
        elif fold(key.text) == "inchannels" or key.text in (
            "in_features",
            "input_shape",
            "input_dim",
        ):
            self.refuse(
                key,
                code,
                f"{cls.kind} takes no {word}: it is worked out from the volume before",
                "leave it out",
            )
        else:
            self.refuse(
                key,
                code,
                f"{cls.kind} has no argument {word}",
                did_you_mean(key.text, names)
                or (f"its arguments are {', '.join(names)}" if names else "it takes none"),
            )

    def split_by_comma(self, key: Scalar, node: Mapping) -> str:
        """`{filters: max($a, 8)}` reads as two keys: the text around the comma."""
        before = next(
            (
                value
                for other, value in reversed(node.pairs)
                if value.end <= key.start and other is not key
            ),
            None,
        )
        if not isinstance(before, Scalar) or before.text.count("(") <= before.text.count(")"):
            return ""
        # The value before the comma is part of the same mistake.
        before.plan = silence
        return f"{before.text}, {key.text}"

    def call(self, block: Block, key: Scalar, value: Node) -> Call | None:
        """Arguments of a block call by name; all of them given, and no more."""
        given: dict[str, Node] = {}
        parameters = list(block.parameters)
        signature = f"{block.name} takes {', '.join(parameters) if parameters else 'no arguments'}"
        if isinstance(value, Mapping):
            for name, part in value.pairs:
                if name.text in block.parameters:
                    given[name.text] = part
                elif name.text in META:
                    self.unknown_call_meta(block, name, part)
                else:
                    self.refuse(
                        name,
                        codes.BLOCK_CALL,
                        f"{block.name} has no argument {quote(name.text)}",
                        did_you_mean(name.text, parameters) or signature,
                        (self.related("the block", block.key),),
                    )
                    return None
        elif not is_null(value):
            values = value.items if isinstance(value, Sequence) else [value]
            if len(values) > len(parameters):
                self.refuse(
                    values[len(parameters)],
                    codes.BLOCK_CALL,
                    f"{block.name} has {count(len(parameters), 'argument')}, not {len(values)}",
                    signature,
                    (self.related("the block", block.key),),
                )
                return None
            given = dict(zip(parameters, values, strict=False))
        missing = [
            name
            for name, default in block.parameters.items()
            if default is None and name not in given
        ]
        if missing:
            self.refuse(
                key,
                codes.BLOCK_CALL,
                f"{block.name} is called without {' and '.join(missing)}",
                signature,
                (self.related("the block", block.key),),
            )
            return None
        return Call(block, given)

    def unknown_call_meta(self, block: Block, key: Scalar, value: Node) -> None:
        written = self.written(value)
        self.refuse(
            key,
            codes.UNKNOWN_KEY,
            f"{quote(key.text)} stands beside {block.name}, not among its arguments",
            f"write two lines: - {block.name}: ... and below it, indented, {key.text}: "
            f"{quote(written, 60)}",
        )


def _without(node: Mapping, key: str) -> Mapping:
    rest = Mapping(node.start, node.end)
    rest.pairs = [(name, value) for name, value in node.pairs if name.text != key]
    return rest


def _plain(node: Node) -> object:
    if isinstance(node, Sequence):
        return [_plain(part) for part in node.items]
    return node.text if isinstance(node, Scalar) else ""
