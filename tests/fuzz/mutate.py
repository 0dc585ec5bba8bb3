"""Mutants of specs: damaged by bytes, by characters, by lines, and as trees that stay YAML.

A number makes a mutant, the same one in every run, so that a failure can be seen again.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from typing import Any, NamedTuple

import yaml

ROOT = Path(__file__).resolve().parents[2]

Rng = random.Random
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Seed(NamedTuple):
    """A spec that mutants come from."""

    path: Path
    text: str
    tree: Tree


class Mutant(NamedTuple):
    """A damaged spec, and what was done to which one."""

    number: int
    origin: Path
    recipe: tuple[str, ...]
    data: bytes


def corpus() -> list[Seed]:
    """The bundled specs and those that the tests build."""
    paths = [*sorted(ROOT.glob("specs/**/*.yaml")), *sorted(ROOT.glob("tests/cases/ok/*.yaml"))]
    return [_seed(path) for path in paths]


def _seed(path: Path) -> Seed:
    text = path.read_text("utf-8")
    return Seed(path, text, _tree(yaml.compose(text, Loader=LOADER)))


def mutant(number: int, seeds: Sequence[Seed], run: int = 1) -> Mutant:
    """The mutant of a number; another `run` has other mutants."""
    rng = Rng(f"{run}/{number}")
    seed = rng.choice(seeds)
    text, recipe = seed.text, []
    if rng.random() < 0.6:
        root = [deepcopy(seed.tree)]
        if rng.random() < 0.5:  # else most mutants are only not as expected
            drop_expectations(root)
        for edit in _some(rng, GENTLE if rng.random() < 0.6 else (*GENTLE, *HARSH)):
            edit(rng, root, rng.choice(seeds).tree)
            recipe.append(edit.__name__)
        with suppress(RecursionError):  # of a tree that is now deeper than can be written
            text = _write(root[0], flow=rng.random() < 0.2)
    if not recipe or rng.random() < 0.15:
        for damage in _some(rng, DAMAGES):
            text = damage(rng, text, rng.choice(seeds).text)
            recipe.append(damage.__name__)
    data = text.encode("utf-8", "surrogatepass")
    if rng.random() < 0.1:
        for corrupt in _some(rng, CORRUPTIONS):
            data = corrupt(rng, data)
            recipe.append(corrupt.__name__)
    return Mutant(number, seed.path, tuple(recipe), data)


def _some(rng: Rng, what: Sequence[Any]) -> list[Any]:
    """One, or with falling odds more of them."""
    chosen = [rng.choice(what)]
    while rng.random() < 0.4 and len(chosen) < 6:
        chosen.append(rng.choice(what))
    return chosen


# Trees: a scalar is its text as YAML, a sequence a list, a mapping a Map of Pairs.


class Map(list[Any]):
    """The pairs of a mapping; a key may stand in it twice."""


class Pair(list[Any]):
    """A key and its value."""


Tree = Any


def _tree(node: Any) -> Tree:
    if isinstance(node, yaml.MappingNode):
        return Map(Pair([_tree(key), _tree(value)]) for key, value in node.value)
    if isinstance(node, yaml.SequenceNode):
        return [_tree(item) for item in node.value]
    return json.dumps(node.value, ensure_ascii=False) if node.style else node.value


def _write(tree: Tree, flow: bool) -> str:
    return _flow(tree) + "\n" if flow else _block(tree, "")


def _block(tree: Tree, indent: str) -> str:
    if not isinstance(tree, list) or not tree:
        return f"{indent}{_flow(tree)}\n"
    if not isinstance(tree, Map):
        return "".join(f"{indent}- {_block(item, indent + '  ').lstrip(' ')}" for item in tree)
    return "".join(
        f"{indent}{_flow(key)}:\n{_block(value, indent + '  ')}"
        if isinstance(value, list) and value
        else f"{indent}{_flow(key)}: {_flow(value)}\n"
        for key, value in tree
    )


def _flow(tree: Tree) -> str:
    if isinstance(tree, Map):
        return "{" + ", ".join(f"{_flow(key)}: {_flow(value)}" for key, value in tree) + "}"
    if isinstance(tree, list):
        return "[" + ", ".join(map(_flow, tree)) + "]"
    return str(tree)


Slot = tuple[list[Any], int]  # where a value stands: a list or a Pair, and an index


def _slots(tree: list[Any]) -> Iterator[Slot]:
    """Every value and item."""
    for index, value in enumerate(tree):
        holder, at = (value, 1) if isinstance(tree, Map) else (tree, index)
        yield holder, at
        if isinstance(holder[at], list):
            yield from _slots(holder[at])


def _slot(rng: Rng, root: list[Any], wanted: Callable[[Any], bool] = bool) -> Slot:
    """A value that is as wanted, or any."""
    slots = list(_slots(root))
    return rng.choice([slot for slot in slots if wanted(slot[0][slot[1]])] or slots)


def _pairs(root: list[Any]) -> list[Pair]:
    mappings = (holder[at] for holder, at in _slots(root) if isinstance(holder[at], Map))
    return [pair for mapping in mappings for pair in mapping]


def _sequences(root: list[Any]) -> list[list[Any]]:
    found = (holder[at] for holder, at in _slots(root))
    return [value for value in found if isinstance(value, list) and value]


def _is_scalar(value: Any) -> bool:
    return not isinstance(value, list)


def _is_number(value: Any) -> bool:
    return _is_scalar(value) and re.fullmatch(r"\d+", value) is not None


def _item(rng: Rng, root: list[Any]) -> Slot:
    """What may be an item of `layers:`: a word or a mapping in a list; the whole without one."""
    slots = [slot for slot in _slots(root) if not isinstance(slot[0], Pair)]
    likely = [(one, i) for one, i in slots if isinstance(one[i], Map) or str(one[i]).isidentifier()]
    return rng.choice(likely[1:] or slots)


def _mapping(rng: Rng, root: list[Any]) -> Map:
    """An item as a mapping, to put more keys in."""
    holder, at = _item(rng, root)
    if not isinstance(holder[at], Map):
        holder[at] = Map([Pair([holder[at], ""])])
    mapping: Map = holder[at]
    return mapping


# What values become.

NUMBERS = (
    "0", "-1", "1", "2", "3", "5", "7", "8", "64", "255", "1000", "4096", "65536", "1000000",
    "1000000000", "1000000000000", "1000000000001", "1" + "0" * 40, "9" * 3000, "9" * 5000, "-0",
    "+3", "007", "0x1F", "0o17", "0b11", "1_000", "60,000", "12:30", ".5", "5.", "1.5", "0.1",
    "1e9", "1e308", "1e400", "1e-400", "1e999999999", ".inf", "-.inf", ".nan", "1/3", "2.0",
    "٣", "²", "1" * 13, "138M", "~60M", "5M..6M", '"<= 5M"', '"> 0"', "40MiB", "1e99M",
    "9" * 400 + "M", '"~1e999M"',
)  # fmt: skip
WORDS = (
    "", '""', '" "', "~", "null", "true", "false", "no", "off", "y", "none", "linear", "prev",
    "input", "in", "relu", "conv", "pool", "same", "valid", "full", "causal", "floor", "exact",
    "concat", "a.b", "a.1", ".", "..", "-", "a b", "a" * 65, "x" * 3999, "x" * 5000, "é", "日本語",
    "🙂", "e\u0301", "\u200b", "\u202eevil", "\u2066x", "ﬁ", "İ", "ß", '"\\u2028::error::owned"',
    '"\\x85::error::owned"', '"::error::owned"', '"\\n::error::owned"', '"\\r\\n::error::owned"',
    '"  ::set-env name=PATH::x"', '"##[error]owned"', '"x##[error]owned"', '"##vso[task.x]y"',
    '"####[[error]"', '"#\\u200b#[error]"', '"\\e[31mred"', '"\\x9b31m"', '"\\x7f"', '"\\0"',
    '"\\ud800"', '"\\ufeff"', '"\\U0010ffff"', '"\\t\\t"', "'[/]'", "'[bold]x[/bold]'", "':smile:'",
    "'=cmd()'", "'+1'", "'@x'", "'</script><b>'", "'&amp;'", "']]>'", "'|a|b|'", "'`x`'", "'%0A'",
    "'\\input{x}'", "'$x$'", "'{0}'", "'[a](b)'", "'a,b\"c'", "'%s %(x)s {x}'",
)  # fmt: skip
EXPRESSIONS = (
    "$", "$$", "$in", "$input", "$nosuch", "${in}", "'{{in}}'", "$in/0", "$in//0", "$in % 0",
    "$in/3", "1/3", "(((", "(1", "1)", "()", "(" * 99 + "1" + ")" * 99, "(" * 190, "-" * 150 + "1",
    "not " * 45 + "true", "9**9", "$in*" * 40 + "1", "999999999999*" * 14 + "9", "2*" * 95 + "2",
    "1//999999999999//999999999999", "divisible(7, 0)", "divisible(-7, 8)", "divisible(7, 1/3)",
    "divisible(999999999999*999999999999, 7)", "round(1/2)", "round($in, 2)", "floor($in/3)",
    "ceil(-1/3)", "min()", "max(1)", "'min(3, 2, 1)'", "'max($in, true)'", "1 if 2 else 3",
    "__import__('os')", "$in == $in", "1 < 2 < 3", "$in and 3", "true + 1", "not $in", "-$in",
    "1 -", "* 2", "1 2", "1,2", "$in $in", "$a.b", "$1", "$in-1", "1e999", "'\"a\" == \"a\"'",
    "0.1*10", "$in*0", "$in - $in", "$in > 10 or $nosuch", "1 = 1", "1 != 1", "!1", "1 && 2",
)  # fmt: skip
STRUCTURES = (
    "[]", "{}", "[1, 2]", "[3, 3]", "[0, 0]", "[[1, 2], [3, 4]]", "[[0, 1]]", "[1, [2, 3]]",
    "[1, 2, 3, 4]", "[a, b]", "{a: b}", "{top: 1}", "{top: 1, left: -2}", "{height: 8, width: 8}",
    "{shape: 4x4x1, values: [[1, 2]]}", "[[[[]]]]", "[" * 40 + "]" * 40, "[" * 300 + "]" * 300,
    "[" * 5000, "{a: " * 70 + "1" + "}" * 70, "1x2", "3x5", "0x3", "3x3x3x3x3", "28x28", "28x28x1",
    "3x224x224", "0x0x0", "999999x999999x999999", "-1x2x3", "10@5x5", "C@HxW", "[null]", "[[]]",
    "{? a : b}", "{[a]: b}", "{{}: b}", "{a, b}", "[a: b]", "[,]", "{,}",
)  # fmt: skip
YAML = (
    "&a 1", "*a", "&a [*a]", "!!int 3", "!!binary aGk=", "!x y", "!", "!!python/object/apply:x []",
    "!<tag:x> y", "<<", "| ", ">-", "|+9", "? a", "- a", "- - - a", "%TAG", "---", "...", "@x",
    "`x`", "# x", "'", '"', '"\\q"', "{", "}", "[", "]", "a: b: c", "a:b", ": a", "\t", "&a &b c",
    "*",
)  # fmt: skip
# Names of networks, of an item and of a var in each.
NETWORKS = (
    ("lenet", "C1", "classes"), ("resnet50", "Stage2", "classes"), ("vgg16", "conv3", "classes"),
    ("resnet", "Stage1", "depth"), ("darknet53", "stage", "w"), ("unet", "enc1", "width"),
    ("siamese", "a", "x"), ("./a.yaml", "b", "c"), ("../../etc/passwd", "b", "c"),
    ("$in", "b", "c"),
)  # fmt: skip
KINDS = (
    "conv", "local_conv", "depthwise_conv", "separable_conv", "transposed_conv", "max_pool",
    "avg_pool", "subsample", "global_avg_pool", "adaptive_avg_pool", "fc", "rbf", "embedding",
    "batch_norm", "layer_norm", "group_norm", "lrn", "scale", "relu", "softmax", "prelu", "dropout",
    "flatten", "identity", "reshape", "upsample", "pixel_shuffle", "space_to_depth",
    "channel_shuffle", "slice", "crop", "zero_pad", "residual", "branches", "gate", "layers",
    "reuse", "add", "concat", "multiply", "subtract", "average", "maximum", "activation", "Conv2D",
    "MaxPool3d", "pool", "Dense", "conv9d", "type",
)  # fmt: skip
META = (
    "name", "from", "repeat", "when", "trainable", "expect", "note", "shortcut", "merge", "reuse",
    "crop", "kernel", "stride", "padding", "dilation", "groups", "bias", "filters", "rounding",
    "activation", "values", "connection_table", "output_padding", "multiplier", "size", "nosuch",
)  # fmt: skip
TOP = (
    "name", "source", "note", "input", "vars", "rounding", "defaults", "blocks", "layers",
    "outputs", "expect", "variants", "version", "nosuch",
)  # fmt: skip


def _value(rng: Rng) -> str:
    return rng.choice(rng.choice((NUMBERS, NUMBERS, WORDS, EXPRESSIONS, STRUCTURES, YAML)))


# Edits of the tree, in place; `other` is another spec's.


def change_value(rng: Rng, root: list[Any], other: Tree) -> None:
    holder, at = _slot(rng, root, _is_scalar)
    holder[at] = _value(rng)


def change_number(rng: Rng, root: list[Any], other: Tree) -> None:
    holder, at = _slot(rng, root, _is_number)
    if _is_number(holder[at]):
        old = int(holder[at])
        holder[at] = str(rng.choice((old + 1, old - 1, -old, old * 2, old // 2, old * 1000)))


def change_numbers(rng: Rng, root: list[Any], other: Tree) -> None:
    for _ in range(rng.randint(2, 8)):
        change_number(rng, root, other)


def change_expression(rng: Rng, root: list[Any], other: Tree) -> None:
    holder, at = _slot(rng, root, lambda value: _is_scalar(value) and "$" in value)
    text = holder[at]
    if rng.random() < 0.3 or not _is_scalar(text) or len(text) < 2:
        holder[at] = rng.choice(EXPRESSIONS)
        return
    start = rng.randrange(len(text))
    holder[at] = (
        text[:start]
        + rng.choice(("", "$", "(", ")", "/0", "*", "-", " ", "9"))
        + text[start + rng.randint(0, 2) :]
    )


def change_type(rng: Rng, root: list[Any], other: Tree) -> None:
    holder, at = _slot(rng, root)
    value = holder[at]
    holder[at] = rng.choice(
        (_value(rng), [value], Map([Pair(["a", value])]), [value, deepcopy(value)], [])
    )


def change_kind(rng: Rng, root: list[Any], other: Tree) -> None:
    pairs = _pairs(root)
    if pairs:
        rng.choice(pairs)[0] = rng.choice((*KINDS, *META))


def rename(rng: Rng, root: list[Any], other: Tree) -> None:
    """A key or a name, where it is defined or where it is used but not at both."""
    pairs = _pairs(root)
    if pairs and rng.random() < 0.5:
        stolen = deepcopy(rng.choice(rng.choice(pairs)))
        rng.choice(pairs)[0] = rng.choice((rng.choice(WORDS), stolen, "x"))
        return
    holder, at = _slot(rng, root, lambda value: _is_scalar(value) and value.isidentifier())
    holder[at] = rng.choice((rng.choice(WORDS), rng.choice(KINDS), f"{holder[at]}2"))


def swap_keys(rng: Rng, root: list[Any], other: Tree) -> None:
    pairs = _pairs(root)
    if pairs:
        one, two = rng.choice(pairs), rng.choice(pairs)
        one[0], two[0] = two[0], one[0]


def swap_values(rng: Rng, root: list[Any], other: Tree) -> None:
    """One of them may hold the other, which is then lost from it."""
    (one, i), (two, j) = _slot(rng, root), _slot(rng, root)
    one[i], two[j] = deepcopy(two[j]), deepcopy(one[i])


def borrow(rng: Rng, root: list[Any], other: Tree) -> None:
    """A value that another spec has for the same key."""
    theirs: dict[Any, list[Any]] = {}
    for key, value in _pairs([other]):
        if _is_scalar(key):
            theirs.setdefault(key, []).append(value)
    pairs = [pair for pair in _pairs(root) if _is_scalar(pair[0]) and pair[0] in theirs]
    if pairs:
        pair = rng.choice(pairs)
        pair[1] = deepcopy(rng.choice(theirs[pair[0]]))


def drop(rng: Rng, root: list[Any], other: Tree) -> None:
    sequences = _sequences(root)
    if sequences:
        sequence = rng.choice(sequences)
        del sequence[rng.randrange(len(sequence))]


def drop_expectations(root: list[Any]) -> None:
    for holder, at in list(_slots(root)):
        if isinstance(holder[at], Map):
            holder[at][:] = [pair for pair in holder[at] if pair[0] != "expect"]


def drop_item(rng: Rng, root: list[Any], other: Tree) -> None:
    holder, at = _item(rng, root)
    if holder is not root:
        del holder[at]


def double(rng: Rng, root: list[Any], other: Tree) -> None:
    holder, at = _item(rng, root)
    for _ in range(rng.choice((1, 1, 2, 5, 40))):
        holder.insert(at, deepcopy(holder[at]))


def double_pair(rng: Rng, root: list[Any], other: Tree) -> None:
    """A key may not stand twice, be its value the same or not."""
    mappings = [one for one in _sequences(root) if isinstance(one, Map)]
    if mappings:
        mapping = rng.choice(mappings)
        mapping.append(deepcopy(rng.choice(mapping)))


def shuffle(rng: Rng, root: list[Any], other: Tree) -> None:
    sequences = _sequences(root)
    if sequences:
        rng.shuffle(rng.choice(sequences))


def swap_items(rng: Rng, root: list[Any], other: Tree) -> None:
    (one, i), (two, j) = _item(rng, root), _item(rng, root)
    one[i], two[j] = deepcopy(two[j]), deepcopy(one[i])


def graft(rng: Rng, root: list[Any], other: Tree) -> None:
    holder, at = _slot(rng, root)
    donor, place = _slot(rng, [other])
    holder[at] = deepcopy(donor[place])


def graft_item(rng: Rng, root: list[Any], other: Tree) -> None:
    holder, at = _item(rng, root)
    donor, place = _item(rng, [other])
    holder.insert(at, deepcopy(donor[place]))


def graft_pair(rng: Rng, root: list[Any], other: Tree) -> None:
    mappings = [one for one in _sequences(root) if isinstance(one, Map)]
    theirs = _pairs([other])
    if mappings and theirs:
        mapping = rng.choice(mappings)
        mapping.insert(rng.randint(0, len(mapping)), deepcopy(rng.choice(theirs)))


def add_key(rng: Rng, root: list[Any], other: Tree) -> None:
    _mapping(rng, root).append(Pair([rng.choice(META), _value(rng)]))


def add_name(rng: Rng, root: list[Any], other: Tree) -> None:
    """A reference to what is, or is not, there: for from, reuse, outputs and blocks."""
    names = [value for key, value in _pairs(root) if key == "name" and _is_scalar(value)]
    names += [key for key, _ in _pairs(root) if _is_scalar(key) and key[:1].isupper()]
    name = rng.choice([*names, "prev", "input", "conv1", "layers1.conv1", "nosuch"])
    key = rng.choice(("from", "from", "reuse", "add", "concat", "name", name))
    pair = Pair([key, rng.choice((name, name, [name, "prev"]))])
    holder, at = _item(rng, root)
    if isinstance(holder[at], Map) and rng.random() < 0.5:
        holder[at].append(pair)
    else:
        holder.insert(at, Map([pair]))


def add_top(rng: Rng, root: list[Any], other: Tree) -> None:
    if isinstance(root[0], Map):
        value = rng.choice((_value(rng), Map([Pair(["x", _value(rng)])])))
        root[0].insert(rng.randint(0, len(root[0])), Pair([rng.choice(TOP), value]))


def repeat(rng: Rng, root: list[Any], other: Tree) -> None:
    """One or several, which multiply where they hold one another."""
    for _ in range(rng.choice((1, 1, 2, 3))):
        times = rng.choice(("0", "1", "2", "10", "300", "20000", "200001", "999999999999", "$in"))
        _mapping(rng, root).append(Pair(["repeat", times]))


def nest(rng: Rng, root: list[Any], other: Tree) -> None:
    """Composites in one another."""
    holder, at = _item(rng, root)
    for _ in range(rng.choice((1, 2, 5, 15, 29, 40, 90))):
        op = rng.choice(("layers", "residual", "branches", "gate"))
        items = [holder[at]]
        holder[at] = Map([Pair([op, Map([Pair(["a", items])]) if op == "branches" else items])])


def wrap_in_block(rng: Rng, root: list[Any], other: Tree) -> None:
    """Blocks that call one another twice: the layers double with each."""
    depth = rng.choice((1, 2, 3, 4, 5, 6, 8, 10, 25, 70))
    first = rng.choice((["relu"], ["relu"], ["flatten", "fc: 3"], ["B0"], [f"B{depth}"]))
    blocks = [Pair([f"B{n}", [f"B{n - 1}", f"B{n - 1}"] if n else first]) for n in range(depth + 1)]
    if isinstance(root[0], Map):
        old = next((value for key, value in root[0] if key == "blocks"), None)
        root[0][:] = [pair for pair in root[0] if pair[0] != "blocks"]
        root[0].insert(0, Pair(["blocks", Map([*(old if isinstance(old, Map) else ()), *blocks])]))
        holder, at = _item(rng, root)
        holder.insert(at, f"B{depth}")


def take_in(rng: Rng, root: list[Any], other: Tree) -> None:
    """Bundled networks among the items, cut and changed, with readers of what is in them."""
    for _ in range(rng.choice((1, 1, 2))):
        spec, item, var = rng.choice(NETWORKS)
        keys = [Pair(["spec", spec])]
        for key, values in (
            ("to", (item, item, "fc1", "none", "$to")),
            ("vars", (Map([Pair([var, _value(rng)])]), Map([]), "none")),
            ("defaults", (Map([Pair(["conv", Map([Pair(["bias", _value(rng)])])])]), "conv")),
            ("rounding", ("ceil", "exact", "up")),
            ("variant", ("resnet101", "vgg11", "none")),
        ):
            if rng.random() < 0.3:
                keys.append(Pair([key, rng.choice(values)]))
        holder, at = _item(rng, root)
        pairs = [Pair(["network", Map(keys) if len(keys) > 1 else spec]), Pair(["name", "taken"])]
        pairs += rng.choice(([], [Pair(["trainable", "false"])], [Pair(["repeat", "2"])]))
        after = rng.choice(([], [Map([Pair(["relu", ""]), Pair(["from", f"taken.{item}"])])]))
        holder[at : at + 1] = [Map(pairs), *after]


def share_values(rng: Rng, root: list[Any], other: Tree) -> None:
    """Vars that name one another, each twice the one before, and one of them as a number."""
    depth = rng.choice((1, 2, 3, 8, 13, 14, 30, 60, 200))
    part = rng.choice(("[{0}, {0}]", "{0}*{0}", "{0} + {0}", "[[{0}], 1]", "max({0}, {0})"))
    pairs = [Pair(["v0", rng.choice(("2", "[1, 1]", "x", "true", "1/3"))])]
    pairs += [Pair([f"v{n}", part.format(f"$v{n - 1}")]) for n in range(1, depth)]
    if rng.random() < 0.2:
        rng.shuffle(pairs)
    if isinstance(root[0], Map):
        old = next((value for key, value in root[0] if key == "vars"), None)
        root[0][:] = [pair for pair in root[0] if pair[0] != "vars"]
        root[0].insert(0, Pair(["vars", Map([*(old if isinstance(old, Map) else ()), *pairs])]))
        for _ in range(rng.choice((1, 1, 4))):
            holder, at = _slot(rng, root[0][1:], _is_number)
            holder[at] = f"$v{rng.randrange(depth)}"


def chain_references(rng: Rng, root: list[Any], other: Tree) -> None:
    """Items that each name the one before, in a reuse, a from or a merge."""
    length = rng.choice((1, 2, 5, 20, 101, 150, 400))
    key = rng.choice(("reuse", "reuse", "from", "add", "concat"))
    holder, at = _item(rng, root)
    first = Map(
        [Pair([rng.choice(("relu", "fc", "conv", "batch_norm")), ""]), Pair(["name", "c0"])]
    )
    chain = [first]
    for number in range(1, length):
        name = f"c{number - 1 if rng.random() < 0.98 else rng.randrange(length)}"
        if key == "from":
            own = [Pair(["tanh", ""]), Pair(["from", name])]
        else:
            own = [Pair([key, name if key == "reuse" else [name, "prev"]])]
        chain.append(Map([*own, Pair(["name", f"c{number}"])]))
    holder[at:at] = chain


def misspell(rng: Rng, root: list[Any], other: Tree) -> None:
    """Keys and words with a letter more, less or wrong, or two of them swapped."""
    slots = [slot for slot in _slots(root) if _is_scalar(slot[0][slot[1]])]
    slots += [(pair, 0) for pair in _pairs(root) if _is_scalar(pair[0])]
    words = [(one, i) for one, i in slots if re.search("[a-z]{3}", str(one[i]))]
    for holder, at in rng.sample(words, min(len(words), rng.choice((1, 1, 2, 5, 300)))):
        word = holder[at]
        i = rng.randrange(len(word))
        letter = rng.choice(("", word[i] * 2, "x", word[i].upper(), "_", "é", "0"))
        swapped = word[:i] + word[i + 1 : i + 2] + word[i] + word[i + 2 :]
        holder[at] = rng.choice(
            (swapped, word[:i] + letter + word[i + 1 :], word * rng.choice((1, 9)))
        )


def grow_numbers(rng: Rng, root: list[Any], other: Tree) -> None:
    """Numbers near what is allowed at most, alone and multiplied."""
    for _ in range(rng.choice((1, 1, 2, 10))):
        holder, at = _slot(rng, root, _is_number)
        power = rng.choice((3, 5, 6, 9, 11, 12, 13, 15, 24, 30))
        number = 10**power + rng.choice((-1, 0, 1))
        forms = (
            f"{number}",
            f"{number}*{number}",
            f"1/{number}",
            f"{number}x{number}",
            f"-{number}",
        )
        holder[at] = rng.choice(forms)


# After the first ones it is most often still a spec, so that many mutants are built.
GENTLE = (
    change_number, change_number, change_numbers, swap_items, borrow, borrow, drop_item, double,
    graft_item, add_name, repeat, nest, wrap_in_block, take_in, share_values, chain_references,
)  # fmt: skip
HARSH = (
    change_value, change_value, change_expression, change_type, change_kind, rename, swap_keys,
    swap_values, drop, double_pair, shuffle, graft, graft_pair, add_key, add_top, misspell,
    misspell, grow_numbers,
)  # fmt: skip


# Damage to the text; `other` is another spec's.

SIGNS = (
    "\t", "\r", "\r\n", "\n", "\n\n", " ", "  ", ":", ": ", "-", "- ", ",", "#", " #", "'", '"',
    "{", "}", "[", "]", "&a ", "*a", "!x ", "|", ">", "%", "@", "`", "?", "\0", "\x1b[31m", "\x7f",
    "\x85", "\xa0", "\u2028", "\u2029", "\u200b", "\u202e", "\ufeff", "\ufffd", "\ufffe", "\ud800",
    "\U0001f642", "e\u0301", "$", "---\n", "\n---\n", "\n...\n", "::error::owned",
    "\n::error::owned\n", "##[error]owned", " # cnncalc: ignore[CNN301]", " # cnncalc: ignore",
    "# cnncalc: ignore[CNN201]\n",
    " # cnncalc: ignore[CNN401, CNN302]", " # cnncalc: ignore[CNN999]", " # cnncalc: ignore[\n",
)  # fmt: skip


def _stretch(rng: Rng, length: int, most: int = 40) -> tuple[int, int]:
    start = rng.randint(0, length)
    return start, min(length, start + rng.randint(0, most))


def insert_signs(rng: Rng, text: str, other: str) -> str:
    for _ in range(rng.choice((1, 1, 2, 5))):
        at = rng.randint(0, len(text))
        text = text[:at] + rng.choice(SIGNS) + text[at:]
    return text


def delete_text(rng: Rng, text: str, other: str) -> str:
    start, end = _stretch(rng, len(text))
    return text[:start] + text[end:]


def double_text(rng: Rng, text: str, other: str) -> str:
    start, end = _stretch(rng, len(text), 200)
    return text[:end] + text[start:end] * rng.choice((1, 2, 30)) + text[end:]


def cut_off(rng: Rng, text: str, other: str) -> str:
    return text[: rng.randint(0, len(text))]


def replace_token(rng: Rng, text: str, other: str) -> str:
    tokens = list(re.finditer(r"\w+|[^\w\s]", text))
    if not tokens:
        return text
    token = rng.choice(tokens)
    new = rng.choice((_value(rng), rng.choice(tokens)[0], rng.choice(SIGNS)))
    return text[: token.start()] + new + text[token.end() :]


def delete_lines(rng: Rng, text: str, other: str) -> str:
    lines = text.splitlines(keepends=True)
    start, end = _stretch(rng, len(lines), 4)
    return "".join(lines[:start] + lines[end:])


def double_lines(rng: Rng, text: str, other: str) -> str:
    lines = text.splitlines(keepends=True)
    start, end = _stretch(rng, len(lines), 6)
    return "".join(lines[:end] + lines[start:end] * rng.choice((1, 1, 3, 50)) + lines[end:])


def shuffle_lines(rng: Rng, text: str, other: str) -> str:
    lines = text.splitlines(keepends=True)
    start, end = _stretch(rng, len(lines), 8)
    chosen = lines[start:end]
    rng.shuffle(chosen)
    return "".join(lines[:start] + chosen + lines[end:])


def swap_lines(rng: Rng, text: str, other: str) -> str:
    lines = text.splitlines(keepends=True) or [""]
    one, two = rng.randrange(len(lines)), rng.randrange(len(lines))
    lines[one], lines[two] = lines[two], lines[one]
    return "".join(lines)


def indent_lines(rng: Rng, text: str, other: str) -> str:
    lines = text.splitlines(keepends=True)
    start, end = _stretch(rng, len(lines), 6)
    by = rng.choice((" ", "  ", "    ", "\t", ""))
    moved = [by + line if by else line.removeprefix("  ") for line in lines[start:end]]
    return "".join(lines[:start] + moved + lines[end:])


def join_lines(rng: Rng, text: str, other: str) -> str:
    breaks = [match.start() for match in re.finditer("\n", text)] or [len(text)]
    at = rng.choice(breaks)
    return text[:at] + " " + text[at + 1 :].lstrip(" ")


def change_breaks(rng: Rng, text: str, other: str) -> str:
    return text.replace("\n", rng.choice(("\r\n", "\r", "\x85", "\u2028", "\n\n", "\n\r")))


def splice(rng: Rng, text: str, other: str) -> str:
    """The head of one and the tail of the other, parted at ends of lines."""
    mine, theirs = text.splitlines(keepends=True), other.splitlines(keepends=True)
    head, tail = rng.randint(0, len(mine)), rng.randint(0, len(theirs))
    return "".join(mine[:head] + theirs[tail:])


def splice_lines(rng: Rng, text: str, other: str) -> str:
    mine, theirs = text.splitlines(keepends=True), other.splitlines(keepends=True)
    start, end = _stretch(rng, len(theirs), 10)
    at = rng.randint(0, len(mine))
    return "".join(mine[:at] + theirs[start:end] + mine[at:])


def append_other(rng: Rng, text: str, other: str) -> str:
    return text + rng.choice(("", "---\n", "...\n", "\n")) + other


DAMAGES = (
    insert_signs, insert_signs, delete_text, double_text, cut_off, replace_token, replace_token,
    delete_lines, double_lines, shuffle_lines, swap_lines, indent_lines, join_lines, change_breaks,
    splice, splice_lines, append_other,
)  # fmt: skip


# Corruption of bytes.


def flip_bits(rng: Rng, data: bytes) -> bytes:
    new = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 10)) if new else 0):
        new[rng.randrange(len(new))] ^= 1 << rng.randrange(8)
    return bytes(new)


def random_bytes(rng: Rng, data: bytes) -> bytes:
    start, end = _stretch(rng, len(data), 4)
    return data[:start] + rng.randbytes(rng.randint(1, 8)) + data[end:]


def delete_bytes(rng: Rng, data: bytes) -> bytes:
    start, end = _stretch(rng, len(data))
    return data[:start] + data[end:]


def double_bytes(rng: Rng, data: bytes) -> bytes:
    start, end = _stretch(rng, len(data))
    return data[:end] + data[start:end] + data[end:]


def bad_encoding(rng: Rng, data: bytes) -> bytes:
    at = rng.randint(0, len(data))
    bad = (
        b"\0",
        b"\xff",
        b"\xc3",
        b"\xc0\xaf",
        b"\xed\xa0\x80",
        b"\xf4\x90\x80\x80",
        b"\x80",
        b"\xe2\x82",
    )
    return data[:at] + rng.choice(bad) + data[at:]


def recode(rng: Rng, data: bytes) -> bytes:
    code = rng.choice(("utf-16", "utf-16-be", "utf-32", "utf-8-sig", "latin-1", "utf-7"))
    return data.decode("utf-8", "replace").encode(code, "replace")


CORRUPTIONS = (flip_bits, flip_bits, random_bytes, delete_bytes, double_bytes, bad_encoding, recode)


# Settings, which are no part of a mutant but go with its number.

SETTINGS = (
    "specs", "exclude", "select", "ignore", "fail-on", "strict", "max", "min", "budgets", "nosuch",
)  # fmt: skip
PATTERNS = (
    '"*"', '"a*a*a*a*a*b"', '"["', '"[!]"', '"../x"', '"/etc"', '""', '"x/**/y"', '"\\u0000"',
    '"**"',
)  # fmt: skip
SETTING_VALUES = (
    "true", "false", "0", "-1", "3", "1e400", "nan", "[]", "{}", '["CNN3"]', '["CNN201"]',
    '"error"', '"note"', '"CNN301, uneven-window"', '["nosuch"]', '{parameters = "5M"}',
    '{parameters = -1}',
    '{memory = "40MiB"}', '{memory = "5M"}', "{nosuch = 3}", '{parameters = "1e999"}', "2020-01-01",
    '{"*" = {max = {layers = 3}}}', '{"" = {}}', '{"[" = {min = {macs = "1k"}}}', "9" * 5000,
    "[[[]]]", '["a", 3]', f"[{', '.join(PATTERNS)}]", "[" + '"x", ' * 300 + "]", "{a.b.c.d = 1}",
)  # fmt: skip


def settings(number: int, run: int = 1) -> str:
    """The settings file for a number."""
    rng = Rng(f"settings {run}/{number}")
    lines = [
        f"{rng.choice(SETTINGS)} = {rng.choice((*SETTING_VALUES, *PATTERNS))}"
        for _ in range(rng.choice((0, 1, 1, 2, 4)))
    ]
    text = "\n".join(("[tool.cnncalc]", *dict.fromkeys(lines), ""))
    if rng.random() < 0.2:
        text = insert_signs(rng, text, text)
    return text
