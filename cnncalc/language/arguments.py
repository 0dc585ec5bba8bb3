"""The arguments of layers and of calls of blocks, in items and under `defaults:`."""

from cnncalc import problems as codes
from cnncalc.advice import Edit
from cnncalc.language.expressions import constant
from cnncalc.language.kinds import META, KindReader
from cnncalc.language.located import Value
from cnncalc.language.model import Block, Call, LayerOp, Spec
from cnncalc.language.nodes import Broken, Mapping, Node, Scalar, Sequence
from cnncalc.language.reader import is_null, respelt
from cnncalc.language.values import plain
from cnncalc.language.written import Defaults, Written
from cnncalc.layers.arguments import Kept, canonical_name
from cnncalc.layers.base import KINDS, Operation, find_kind
from cnncalc.layers.merge import Merge
from cnncalc.problems import Reject
from cnncalc.wording import count, did_you_mean, enumerated, fold, quote

# Arguments of frameworks that change nothing that is counted, and why.
_ANSWERS = {
    "paddingmode": "rows of zeros or of anything else count the same",
    "countincludepad": "it changes what is divided by, and no shape and no count",
    "aligncorners": "bilinear is half-pixel, which is align_corners: false",
}


class ArgumentReader(KindReader):
    """Reads what an op is given."""

    def __init__(self, spec: Spec, defaults: Defaults) -> None:
        super().__init__(spec)
        self.doubtful: set[str] = set()  # kinds with defaults that were refused
        self.defaults = defaults  # arguments that a kind has unless an item says otherwise

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
                cls.others.get(fold(key.text))
                or _only_owner(key.text)
                or (_letter_meant(key.text, letter) if letter else respelt(key.text, names))
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


def _only_owner(word: str) -> str:
    """The kind that has this argument, if one has it and no other."""
    owners = [kind for kind, cls in KINDS.items() if word in cls.arguments]
    return f"{owners[0]} has it" if len(owners) == 1 else ""


def _letter_meant(word: str, letter: str) -> str:
    """S for s, which some books write so."""
    return Edit(f"did you mean {letter}?", letter, word, safe=False)


def _shown(node: Node) -> str:
    return "a list" if isinstance(node, Sequence) else node.what
