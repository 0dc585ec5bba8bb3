"""The items under `layers:`: kinds, merges, composites and calls of blocks."""

import re
from collections.abc import Collection
from itertools import chain

from cnncalc import problems as codes
from cnncalc.advice import Edit
from cnncalc.language.composites import COMPOSITES, WrittenComposite
from cnncalc.language.expect import ExpectReader
from cnncalc.language.expressions import constant
from cnncalc.language.located import Value
from cnncalc.language.model import Block, Call, Item, LayerOp, Op, Spec
from cnncalc.language.nodes import Broken, Mapping, Node, Scalar, Sequence
from cnncalc.language.reader import Reader, is_null, respelt
from cnncalc.language.tables import read_table
from cnncalc.language.values import plain
from cnncalc.language.written import Defaults, Word, Written
from cnncalc.layers.arguments import Kept, canonical_name
from cnncalc.layers.base import Operation, all_names, find_kind
from cnncalc.layers.merge import Merge
from cnncalc.problems import Reject
from cnncalc.wording import count, did_you_mean, enumerated, fold, nearest, quote

META = ("name", "from", "repeat", "each", "when", "trainable", "only", "expect", "note")
_TYPE_KEYS = ("type", "kind", "layer", "op", "class_name")
_ARGUMENT_KEYS = ("config", "args", "arguments", "params", "kwargs")

_NO_LIST = "a list of items belongs here, not"

# Words that could mean several kinds: the question is asked back.
_QUESTIONS = {
    "pool": "max or avg? write max_pool or avg_pool",
    "pooling": "max or avg? write max_pool or avg_pool",
    "globalpool": "max or avg? write global_max_pool or global_avg_pool",
    "norm": "which? batch_norm, layer_norm, group_norm, instance_norm or lrn",
    "normalization": "which? batch_norm, layer_norm, group_norm, instance_norm or lrn",
    "padding": "write zero_pad",
    "input": "the input is not an item: input: 32x32x3 stands at the top of the file",
    "sequential": "write layers: [...], a group of items to name or repeat, or a block",
    "split": "write slice: {channels: 32, start: 0} for each part, from: the same item",
    "chunk": "write slice: {channels: 32, start: 0} for each part, from: the same item",
    "se": "write gate: [global_avg_pool, conv: 4@1x1, relu, conv: 16@1x1, sigmoid]",
    "squeezeexcitation": "write gate: [global_avg_pool, conv: 4@1x1, relu, conv: 16@1x1, sigmoid]",
    "shuffle": "channels or pixels? write channel_shuffle or pixel_shuffle",
    "hswish": Edit("write hard_swish", "hard_swish"),
    "hsigmoid": Edit("write hard_sigmoid", "hard_sigmoid"),
}

# Arguments of frameworks that change nothing that is counted, and why.
_ANSWERS = {
    "paddingmode": "rows of zeros or of anything else count the same",
    "countincludepad": "it changes what is divided by, and no shape and no count",
}


class ItemReader(Reader):
    """Reads lists of items and everything in them."""

    def __init__(self, spec: Spec, defaults: Defaults, expect: ExpectReader) -> None:
        super().__init__(spec)
        self.expect = expect
        self.doubtful: set[str] = set()  # kinds with defaults that were refused
        self.input_among_items = False  # which is reported then
        self.parameters: Collection[str] = ()  # of the block whose items are read
        self.networks = spec.networks
        self.defaults = defaults  # arguments that a kind has unless an item says otherwise

    def items(self, node: Node | None) -> list[Item]:
        """A list of items; a single one may stand alone."""
        if node is None or isinstance(node, Broken) or is_null(node):
            return []
        if isinstance(node, Sequence):
            items = [self.item(part) for part in node.items]
            self.check_unique(items)
            return items
        if isinstance(node, Scalar) and "\n" in node.text:
            self.refuse(node, codes.STRUCTURE, _NO_LIST + " a text", "delete the |")
            return []
        if isinstance(node, Mapping) and not self.is_one_item(node):
            self.refuse(
                node.pairs[0][0],
                codes.STRUCTURE,
                f"{_NO_LIST} a mapping that begins with {quote(node.pairs[0][0].text)}",
                "begin each item with -, as in - conv: ...",
            )
            return []
        return [self.item(node)]

    def is_one_item(self, node: Mapping) -> bool:
        """Whether a mapping where a list belongs may be a single item."""
        words = [key.text for key, _ in node.pairs if key.text not in META]
        return len(words) < 2 or sum(map(self.is_op, words)) == 1

    def check_unique(self, items: list[Item]) -> None:
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
            elif meant := self.unknown_meta(key, other, known):
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

    def is_op(self, word: str) -> bool:
        folded = fold(word)
        return (
            word in self.spec.blocks
            or word in self.spec.refused_blocks
            or folded in COMPOSITES
            or find_kind(word) is not None
        )

    def has_type_key(self, node: Mapping) -> bool:
        """`- type: conv` with flat arguments: show the item rewritten."""
        for key, value in node.pairs:
            if key.text in _TYPE_KEYS and isinstance(value, Scalar):
                break
        else:
            return False
        if not self.is_op(value.text):
            self.unknown_kind(value)
            return True
        arguments, meta = [], []
        for other, part in node.pairs:
            written = self.written(part)
            if other.text in META:
                meta.append(f"{other.text}: {written}")
            elif isinstance(part, Mapping) and other.text in _ARGUMENT_KEYS:
                arguments += [f"{name.text}: {self.written(inner)}" for name, inner in part.pairs]
            elif other is not key:
                arguments.append(f"{other.text}: {written}")
        op = f"{value.text}: {{{', '.join(arguments)}}}" if arguments else value.text
        if meta:
            op = f"{{{op if arguments else op + ':'}, {', '.join(meta)}}}"
        help = f"write - {quote(op, 120)}"
        end = node.pairs[-1][1].end
        if all(map(self.on_one_line, (part for _, part in node.pairs))):
            help = self.rewritten(help, node.start, end, op)
        self.refuse(
            key,
            codes.STRUCTURE,
            f"the kind of layer is the key of an item, not its {quote(key.text)}",
            help,
        )
        return True

    def on_one_line(self, node: Node) -> bool:
        """Whether a value ends where its last character stands, unlike an indented list."""
        opening = self.spec.text.text[node.start : node.start + 1]
        return isinstance(node, Scalar) or opening in ("[", "{")

    def rewritten(self, help: str, start: int, end: int, new: str) -> str:
        """The advice to write something else, an edit where no comment would be lost."""
        in_flow = self.spec.text.text[start : start + 1] == "{"
        comments = "#" in self.spec.text.text[start:end]
        return help if comments or in_flow else Edit(help, new, at=(start, end))

    def meta(self, item: Item, word: str, value: Node) -> None:
        """What stands beside the op."""
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
        else:
            setattr(item, "source" if word == "from" else word, Value(value))

    def unknown_meta(self, op: Scalar, key: Scalar, known: tuple[str, ...]) -> str | None:
        """Refuse a key beside the op; the key that was meant, if that can be seen."""
        word = quote(key.text)
        if self.is_op(key.text):
            self.refuse(
                key,
                codes.STRUCTURE,
                f"two kinds in one item, {quote(op.text)} and {word}",
                f"begin a new item: - {word}",
            )
            return None
        owner = next((kind for kind, cls in COMPOSITES.items() if key.text in cls.beside), None)
        if owner is not None:
            self.refuse(key, codes.UNKNOWN_KEY, *_misplaced(key.text, owner))
            return None
        self.refuse(
            key,
            codes.UNKNOWN_KEY,
            f"{word} is not a key of an item",
            respelt(key.text, known) or f"known: {', '.join(known)}",
        )
        return nearest(key.text, known)

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

    def unknown_kind(self, key: Scalar) -> None:
        if self.is_glued(key):
            return
        question = _QUESTIONS.get(fold(key.text))
        if question:
            self.input_among_items |= fold(key.text) == "input"
            self.refuse(key, codes.UNKNOWN_KIND, f"{quote(key.text)} is not a kind", question)
            return
        owner = next((kind for kind, cls in COMPOSITES.items() if key.text in cls.beside), None)
        if owner is not None:
            self.refuse(key, codes.UNKNOWN_KEY, *_misplaced(key.text, owner))
            return
        known = chain(all_names(), COMPOSITES, self.spec.blocks)
        self.refuse(
            key,
            codes.UNKNOWN_KIND,
            f"{quote(key.text)} is neither a kind of layer nor a block",
            _as_python(key.text) or respelt(key.text, [*known]) or "cnncalc layers lists the kinds",
        )

    def is_glued(self, key: Scalar) -> bool:
        """Refuse `-relu`, `conv {filters` and `conv:{filters`, of which YAML makes one word."""
        dash = re.match(r"-(\w+)", key.text)
        if dash and self.is_op(dash[1]):
            help = Edit(f"write - {dash[1]}", f"- {dash[1]}", dash[0])
            self.refuse(key, codes.SYNTAX, "a blank is missing after the -", help)
            return True
        found = re.match(r"([\w-]+) *(:?)(\{.*)", key.text)
        if found is None or not self.is_op(found[1]):
            return False
        what = "blank" if found[2] else "colon"
        new = f"{found[1]}: {found[3]}"
        help = Edit(f"write {quote(new)}...", new, key.text)
        message = f"a {what} is missing after {found[1]}{found[2]}"
        self.refuse(key, codes.SYNTAX, message, help)
        return True

    def layer(
        self, cls: type[Operation], dimension: int | None, key: Scalar, value: Node
    ) -> LayerOp:
        sources = None
        if isinstance(value, Mapping) and _gives_sides(cls, value):
            assert cls.primary is not None
            written, understood = {cls.primary: Written(value, value)}, True
        elif isinstance(value, Mapping):
            if issubclass(cls, Merge):
                sources = value.get("from")
                value = _without(value, "from")
            written, understood = self.arguments(cls, value)
        elif issubclass(cls, Merge):
            sources, written, understood = value, {}, True
        else:
            written, understood = self.primary(cls, key, value)
        understood = understood and cls.kind not in self.doubtful
        defaults = self.defaults.get(cls.kind, {})
        arguments = {**defaults, **written}
        if issubclass(cls, Merge) and (sources is None or is_null(sources)):
            sources, understood = None, False
            self.refuse(
                key, codes.MISSING, f"{cls.kind} needs what it merges", f"{cls.kind}: [name, name]"
            )
        missing = [name for name in cls.required if name not in arguments]
        if missing and understood:
            needed = [f"{name} ({cls.arguments[name].meaning})" for name in missing]
            self.refuse(
                key,
                codes.MISSING,
                f"{cls.kind} needs {enumerated(needed)}",
                f"for example {cls.example}",
            )
        return LayerOp(
            cls,
            dimension,
            {name: Value(part.value, file=part.file) for name, part in arguments.items()},
            None if sources is None else Value(sources),
            understood and not missing,
            {
                name: Value(part.value, file=part.file)
                for name, part in defaults.items()
                if name in written
            },
        )

    def primary(
        self, cls: type[Operation], key: Scalar, value: Node
    ) -> tuple[dict[str, Written], bool]:
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
                self.rewritten(f"write {cls.kind}", key.start, value.end, cls.kind)
                if not cls.arguments
                else f"its arguments are {', '.join(cls.arguments)}",
            )
            return {}, False
        if isinstance(value, Scalar):
            parts = cls.shorthand(value.text)
            if parts is not None:
                shift = value.start + value.quoted
                as_it_reads = self.spec.text.has(value.text, shift)
                nodes = {
                    name: Scalar(shift + offset, shift + offset + len(text), text, False)
                    if as_it_reads
                    else Scalar(value.start, value.end, text, False)
                    for name, (offset, text) in parts.items()
                }
                return {name: Written(node, node) for name, node in nodes.items()}, True
        if self.cannot_stand_alone(cls, value) and (help := cls.primary_help(self.written(value))):
            self.refuse(
                value,
                codes.BAD_VALUE,
                f"{cls.kind} alone takes its {cls.primary}, not {_shown(value)}",
                help,
            )
            return {}, False
        return {cls.primary: Written(value, value)}, True

    def cannot_stand_alone(self, cls: type[Operation], value: Node) -> bool:
        """Whether the primary argument cannot have this value, as far as can be seen here."""
        assert cls.primary is not None
        try:
            plain = constant(value)
            if plain is not None and type(plain) is not int:
                cls.arguments[cls.primary].read(plain)
        except Reject:
            return True
        return False

    def arguments(self, cls: type[Operation], node: Mapping) -> tuple[dict[str, Written], bool]:
        """Arguments by their canonical names, and whether all of them were understood."""
        understood = True
        found: dict[str, Written] = {}
        for key, value in node.pairs:
            if key.text == "ceil_mode" and "rounding" in cls.arguments:
                name: str | None = "rounding"
                value = self.ceil_mode(value)
            else:
                name = canonical_name(key.text, cls.arguments)
            if name is None and fold(key.text) in cls.uncounted:
                continue
            if name is None:
                understood = False
                self.unknown_argument(cls, node, key, value)
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
                if cls.arguments[name].type.kept:
                    _keep(value)
        return found, understood

    def read_defaults(self, node: Node) -> Defaults:
        """Arguments by kind, as they stand under `defaults:`."""
        defaults: Defaults = {}
        mapping = self.mapping(node, "defaults")
        for key, value in mapping.pairs if mapping else ():
            found = find_kind(key.text)
            if key.text in self.spec.blocks:
                self.refuse(
                    key,
                    codes.UNKNOWN_KIND,
                    f"defaults are for kinds of layers, {key.text} is a block",
                    f"in the block, write args: {quote(self.written(value))}",
                )
            elif found is None:
                self.unknown_kind(key)
            elif body := self.mapping(value, f"defaults of {key.text}"):
                kind = found[0].kind
                defaults[kind], understood = self.arguments(found[0], body)
                if not understood:
                    self.doubtful.add(kind)
        return defaults

    def located_defaults(self, node: Node) -> Defaults:
        """The defaults that a network is given where it is taken in."""
        return {
            kind: {name: part._replace(file=self.spec.text) for name, part in arguments.items()}
            for kind, arguments in self.read_defaults(node).items()
        }

    def ceil_mode(self, value: Node) -> Node:
        words = {"true": "ceil", "false": "floor"}
        if isinstance(value, Scalar) and value.text in words:
            return Scalar(value.start, value.end, words[value.text], False)
        self.refuse(value, codes.BAD_VALUE, f"ceil_mode takes true or false, not {value.what}")
        return Broken(value.start, value.end)

    def unknown_argument(
        self, cls: type[Operation], node: Mapping, key: Scalar, value: Node
    ) -> None:
        word = quote(key.text)
        code = codes.UNKNOWN_ARGUMENT
        names = list(cls.arguments)
        letter = canonical_name(key.text.upper(), cls.arguments) if len(key.text) == 1 else None
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
                "write filters: or kernel:"
                if "filters" in names
                else Edit("write kernel:", "kernel", "k"),
            )
        elif answer := _ANSWERS.get(fold(key.text)):
            self.refuse(
                key,
                code,
                f"{cls.kind} takes no {word}: {answer}",
                self.without("leave it out", node, key),
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
                self.without("leave it out", node, key),
            )
        else:
            self.refuse(
                key,
                code,
                f"{cls.kind} has no argument {word}",
                (_letter_meant(key.text, letter) if letter else respelt(key.text, names))
                or (f"its arguments are {', '.join(names)}" if names else "it takes none"),
            )

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
        return Call(block, {name: Value(part) for name, part in given.items()})

    def unknown_call_meta(self, block: Block, key: Scalar, value: Node) -> None:
        written = self.written(value)
        self.refuse(
            key,
            codes.UNKNOWN_KEY,
            f"{quote(key.text)} stands beside {block.name}, not among its arguments",
            f"write two lines: - {block.name}: ... and below it, indented, {key.text}: "
            f"{quote(written, 60)}",
        )


def _gives_sides(cls: type[Operation], node: Mapping) -> bool:
    """Whether a mapping is the primary's value, as in `crop: {top: 2}`."""
    primary = cls.arguments.get(cls.primary or "")
    return primary is not None and any(key.text in primary.type.sides for key, _ in node.pairs)


def _keep(node: Node) -> None:
    """Let the node come to plain data, not worked out, unless it is the name of a value."""
    named = isinstance(node, Scalar) and (node.is_null or node.text.startswith("$"))
    if not named and not isinstance(node, Broken):
        node.plan = (Kept(plain(node)),)


def _without(node: Mapping, key: str) -> Mapping:
    rest = Mapping(node.start, node.end)
    rest.pairs = [(name, value) for name, value in node.pairs if name.text != key]
    return rest


def _as_python(word: str) -> str:
    """What to write instead of `nn.MaxPool2d(2)`."""
    name, call, rest = word.partition("(")
    found = find_kind(name.rpartition(".")[2])
    if found is None or (name == word and "." not in name):
        return ""
    cls = found[0]
    if rest.removesuffix(")").isdecimal():
        new = f"{cls.kind}: {rest.removesuffix(')')}"
        return Edit(f"write {new}", new, word)
    if call:
        return f"for example {cls.example}"
    return Edit(f"did you mean {cls.kind}?", cls.kind, word)


def _misplaced(key: str, owner: str) -> tuple[str, str]:
    """That a key belongs to a composite, and where it stands."""
    return (
        f"{key} belongs to {owner}, and is neither an item nor a key of others",
        f"write {key}: below {owner}:, indented as {owner} is",
    )


def _letter_meant(word: str, letter: str) -> str:
    """S for s, which some books write so."""
    return Edit(f"did you mean {letter}?", letter, word, safe=False)


def _shown(node: Node) -> str:
    return "a list" if isinstance(node, Sequence) else node.what
