"""The words for kinds of layers, blocks and composites, and what is meant by others."""

import re
from itertools import chain

from cnncalc import problems as codes
from cnncalc.advice import Edit
from cnncalc.language.composites import COMPOSITES
from cnncalc.language.model import Spec
from cnncalc.language.nodes import Mapping, Node, Scalar
from cnncalc.language.reader import Reader, respelt
from cnncalc.layers.base import all_names, find_kind
from cnncalc.wording import fold, quote

META = ("name", "from", "repeat", "each", "when", "trainable", "only", "expect", "note")

_TYPE_KEYS = ("type", "kind", "layer", "op", "class_name")
_ARGUMENT_KEYS = ("config", "args", "arguments", "params", "kwargs")

_GATE = (
    "write gate: [global_avg_pool, conv: {filters: $prev.channels//4, kernel: 1}, relu, "
    "conv: {filters: 4*$prev.channels, kernel: 1}, sigmoid]"
)
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
    "se": _GATE,
    "squeezeexcitation": _GATE,
    "shuffle": "channels or pixels? write channel_shuffle or pixel_shuffle",
    "hswish": Edit("write hard_swish", "hard_swish"),
    "hsigmoid": Edit("write hard_sigmoid", "hard_sigmoid"),
}


class KindReader(Reader):
    """Tells which word is the op of an item."""

    def __init__(self, spec: Spec) -> None:
        super().__init__(spec)
        self.input_among_items = False  # which is reported then

    def is_op(self, word: str) -> bool:
        folded = fold(word)
        return (
            word in self.spec.blocks
            or word in self.spec.refused_blocks
            or folded in COMPOSITES
            or find_kind(word) is not None
        )

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
            self.refuse(key, codes.UNKNOWN_KEY, *misplaced(key.text, owner))
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
        rest = self.spec.text.text[key.end :].partition("\n")[0].rstrip()
        shown = new + rest if rest.endswith("}") else f"{new}..."
        help = Edit(f"write {quote(shown, 60)}", new, key.text)
        message = f"a {what} is missing after {found[1]}{found[2]}"
        self.refuse(key, codes.SYNTAX, message, help)
        return True

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


def misplaced(key: str, owner: str) -> tuple[str, str]:
    """That a key belongs to a composite, and where it stands."""
    return (
        f"{key} belongs to {owner}, and is neither an item nor a key of others",
        f"write {key}: below {owner}:, indented as {owner} is",
    )
