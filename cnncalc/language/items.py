"""The items under `layers:`: kinds, merges, composites and calls of blocks."""

from collections.abc import Collection

from cnncalc import problems as codes
from cnncalc.advice import Edit
from cnncalc.language.arguments import ArgumentReader
from cnncalc.language.composites import COMPOSITES, WrittenComposite
from cnncalc.language.expect import ExpectReader
from cnncalc.language.kinds import META, misplaced
from cnncalc.language.located import Value
from cnncalc.language.model import Item, Items, LayerOp, Op, Spec
from cnncalc.language.nodes import Broken, Mapping, Node, Scalar, Sequence
from cnncalc.language.reader import is_null, respelt
from cnncalc.language.tables import read_table
from cnncalc.language.written import Defaults, Word
from cnncalc.layers.arguments import canonical_name
from cnncalc.layers.base import find_kind
from cnncalc.layers.merge import Merge
from cnncalc.wording import enumerated, fold, nearest, quote

_NO_LIST = "a list of items belongs here, not"


class ItemReader(ArgumentReader):
    """Reads lists of items and everything in them."""

    def __init__(self, spec: Spec, defaults: Defaults, expect: ExpectReader) -> None:
        super().__init__(spec, defaults)
        self.expect = expect
        self.parameters: Collection[str] = ()  # of the block whose items are read
        self.networks = spec.networks

    def items(self, node: Node | None) -> Items:
        """A list of items; a single one may stand alone."""
        if node is None or isinstance(node, Broken) or is_null(node):
            return Items()
        if isinstance(node, Sequence):
            items = Items([self.item(part) for part in node.items])
            self.check_unique(items)
            return items
        if isinstance(node, Scalar) and "\n" in node.text:
            self.refuse(node, codes.STRUCTURE, _NO_LIST + " a text", "delete the |")
            return Items()
        if isinstance(node, Mapping) and not self.is_one_item(node):
            self.refuse(
                node.pairs[0][0],
                codes.STRUCTURE,
                f"{_NO_LIST} a mapping that begins with {quote(node.pairs[0][0].text)}",
                "begin each item with -, as in - conv: ...",
            )
            return Items()
        return Items([self.item(node)])

    def is_one_item(self, node: Mapping) -> bool:
        """Whether a mapping where a list belongs may be a single item."""
        words = [key.text for key, _ in node.pairs if key.text not in META]
        return len(words) < 2 or sum(map(self.is_op, words)) == 1

    def check_unique(self, items: Items) -> None:
        first: dict[str, Word] = {}
        for item in items:
            if item.name is None:
                continue
            name = item.name.text
            if name in first:
                earlier = self.related("the first", first[name])
                self.refuse(
                    item.name,
                    codes.DUPLICATE_NAME,
                    f"two items are called {quote(name)}",
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
        return self.made(node, "", None)

    def item_mapping(self, node: Mapping) -> Item:
        ops = [(key, value) for key, value in node.pairs if self.is_op(key.text)]
        if not ops:
            if self.has_type_key(node):
                return self.made(node, "", None)
            ops = [(key, value) for key, value in node.pairs if key.text not in META][:1]
        if not ops:
            self.refuse(
                node.pairs[0][0],
                codes.MISSING,
                "an item without a kind of layer",
                "begin it with the kind: - conv: ...",
            )
            return self.made(node, "", None)
        return self.item_with(node, *ops[0])

    def item_with(self, node: Mapping, key: Scalar, value: Node) -> Item:
        """An item of one op and what stands beside it."""
        if len(node.pairs) == 1:
            return self.with_op(key, key.text, value, {})
        composite = COMPOSITES.get(fold(key.text))
        own = composite.beside if composite else ()
        known = (*META, *own)
        beside: dict[str, tuple[Scalar, Node]] = {}
        stray: list[tuple[Scalar, Node]] = []
        for other, part in node.pairs:
            if other is key:
                continue
            word = other.text
            if word in known and not (word == "from" and self.is_merge(key.text)):
                beside[word] = (other, part)
            elif word == "from" or self.accepts(key.text, word):
                stray.append((other, part))
            elif meant := self.unknown_meta(key, other, part, known):
                beside.setdefault(meant, (other, part))
        if stray:
            value = self.taken_in(key, value, stray)
        item = self.with_op(
            key, key.text, value, {word: beside[word][1] for word in own if word in beside}
        )
        for word, (_, part) in beside.items():
            if word not in own:
                self.meta(item, word, part)
        return item

    def is_merge(self, op: str) -> bool:
        found = find_kind(op)
        return found is not None and issubclass(found[0], Merge)

    def accepts(self, op: str, word: str) -> bool:
        """Whether a word is an argument of an op, and so cannot stand beside it."""
        block = self.spec.blocks.get(op)
        if block is not None:
            return word in block.parameters
        found = find_kind(op)
        return found is not None and canonical_name(word, found[0].arguments) is not None

    def taken_in(self, key: Scalar, value: Node, stray: list[tuple[Scalar, Node]]) -> Node:
        """The value of an op with the arguments that stand beside it, which is refused."""
        inside = Mapping(value.start, value.end)
        if isinstance(value, Mapping):
            inside.pairs = [*value.pairs]
        elif not is_null(value):
            if block := self.spec.blocks.get(key.text):
                values = value.items if isinstance(value, Sequence) else [value]
                named = dict(zip(block.parameters, values, strict=False))
            else:
                named = self.named(key, value)
            inside.pairs = [
                (Scalar(part.start, part.end, name, False), part) for name, part in named.items()
            ]
        known = {name.text for name, _ in inside.pairs}
        twice = [pair for pair in stray if pair[0].text in known]
        for other, _ in twice:
            message = f"{quote(other.text)} stands inside {quote(key.text)} already"
            self.refuse(other, codes.DUPLICATE_KEY, message, "keep one of the two")
        stray = [pair for pair in stray if pair not in twice]
        if not stray:
            return value
        inside.pairs += stray
        words = enumerated([quote(other.text) for other, _ in stray])
        one = len(stray) == 1
        help = self.indented(
            f"indent {'it' if one else 'them'} further than {quote(key.text)}", stray
        )
        if not is_null(value):
            pairs = (f"{name.text}: {self.written(part)}" for name, part in inside.pairs)
            new = f"{key.text}: {{{', '.join(pairs)}}}"
            help = quote(f"write {new}", 120)
            if all(map(self.on_one_line, (part for _, part in inside.pairs))):
                help = self.rewritten(help, key.start, stray[-1][1].end, new)
        self.refuse(
            stray[0][0],
            codes.UNKNOWN_KEY,
            f"{words} {'is an argument' if one else 'are arguments'} of {quote(key.text)} and "
            f"{'stands' if one else 'stand'} inside it",
            help,
        )
        return inside

    def indented(self, help: str, stray: list[tuple[Scalar, Node]]) -> str:
        """The advice to indent keys, an edit where each is a line and nothing stands between."""
        text = self.spec.text.text
        start, end = stray[0][0].start, stray[-1][0].start
        alone = not text[text.rfind("\n", 0, start) + 1 : start].strip()
        keys = text[start:end]
        if not alone or keys.count("\n") != len(stray) - 1:
            return help
        return Edit(help, "  " + keys.replace("\n", "\n  "), at=(start, end))

    def named(self, key: Scalar, value: Node) -> dict[str, Node]:
        """The arguments in a value without names."""
        found = find_kind(key.text)
        assert found is not None
        if issubclass(found[0], Merge):
            return {"from": value}
        return {name: part.value for name, part in self.primary(found[0], key, value)[0].items()}

    def meta(self, item: Item, word: str, value: Node) -> None:
        """What stands beside the op."""
        item.is_plain &= word not in ("each", "repeat", "when", "trainable")
        if word == "name":
            self.item_name(item, value)
        elif word == "note":
            self.text(value, "note")
        elif word == "expect":
            item.expect = self.expect.read(value)
        elif word == "only":
            item.only = self.only(value)
        elif word == "each":
            item.each = read_table(self, value, self.parameters)
            if item.each is None:
                item.op = None  # how often it stands here is not known
        elif word == "from" and isinstance(value, Sequence) and (op := _taking_several(item)):
            op.sources = Value(value)
        else:
            setattr(item, "source" if word == "from" else word, Value(value))

    def unknown_meta(
        self, op: Scalar, key: Scalar, value: Node, known: tuple[str, ...]
    ) -> str | None:
        """Refuse a key beside the op; the key that was meant, if that can be seen."""
        word = quote(key.text)
        if self.is_op(key.text):
            self.refuse(
                key,
                codes.STRUCTURE,
                f"two kinds in one item, {quote(op.text)} and {word}",
                f"begin a new item: - {self.as_item(key, value)}",
            )
            return None
        owner = next((kind for kind, cls in COMPOSITES.items() if key.text in cls.beside), None)
        if owner is not None:
            self.refuse(key, codes.UNKNOWN_KEY, *misplaced(key.text, owner))
            return None
        self.refuse(
            key,
            codes.UNKNOWN_KEY,
            f"{word} is not a key of an item",
            respelt(key.text, known) or f"known: {', '.join(known)}",
        )
        return nearest(key.text, known)

    def as_item(self, key: Scalar, value: Node) -> str:
        """A key with its value as an item of its own."""
        return quote(key.text if is_null(value) else f"{key.text}: {self.written(value)}", 60)

    def only(self, value: Node) -> Word | None:
        """`only: training`: an auxiliary head, which does not run at inference."""
        if isinstance(value, Scalar) and value.text == "training":
            return Word.of(value)
        self.refuse(
            value, codes.BAD_VALUE, f"only takes training, not {value.what}", "only: training"
        )
        return None

    def item_name(self, item: Item, value: Node) -> None:
        if not isinstance(value, Scalar):
            self.refuse(value, codes.STRUCTURE, f"name takes a word, not {value.what}")
        else:
            self.check_name(value, "" if value.is_null else value.text, "layer")
            item.name = Word.of(value)  # known under it all the same

    def made(self, key: Node, kind: str, op: Op | None) -> Item:
        return Item(key, self.spec.text.position(key.start)[0], kind, op, self.spec.text)

    def with_op(self, key: Scalar, word: str, value: Node, beside: dict[str, Node]) -> Item:
        if word in self.spec.refused_blocks:
            return self.made(key, word, None)
        if word[:1] == "-" and self.is_glued(key):
            return self.made(key, "", None)
        block = self.spec.blocks.get(word)
        if block is not None:
            return self.made(key, word, self.call(block, key, value))
        composite = COMPOSITES.get(fold(word))
        if composite is not None:
            return self.made(key, composite.kind, self.composite(composite, key, value, beside))
        found = find_kind(word)
        if found is None:
            self.unknown_kind(key)
            return self.made(key, "", None)
        return self.made(key, found[0].kind, self.layer(found[0], found[1], key, value))

    def composite(
        self, cls: type[WrittenComposite], key: Scalar, value: Node, beside: dict[str, Node]
    ) -> WrittenComposite | None:
        if is_null(value) and cls.holds_items:
            self.refuse(
                key,
                codes.MISSING,
                f"{cls.kind} has no items",
                f"indent its list further than {cls.kind}",
            )
            return None
        for inner, _ in value.pairs if isinstance(value, Mapping) else ():
            if inner.text in cls.beside:
                self.refuse(
                    inner,
                    codes.UNKNOWN_KEY,
                    f"{inner.text} stands beside {cls.kind}, not inside it",
                    f"write {inner.text}: straight below {cls.kind}:",
                )
                return None
        return cls(self, value, beside)


def _taking_several(item: Item) -> LayerOp | None:
    """The layer of an item of which `from:` may be a list."""
    op = item.op
    return op if isinstance(op, LayerOp) and op.cls.takes_several else None
