"""The documentation of every code: what is wrong, why, and a spec with and without it.

That of a rule stands in the rule's class, that of an error here.
"""

from typing import NamedTuple

from cnncalc.problems import CODES, Code, Problem


class Page(NamedTuple):
    """What `cnncalc rules CODE` says of a code."""

    code: Code
    why: str
    because: str  # why it has its severity; nothing where no network can be built
    fires: str  # a spec with it; nothing where it is not in the spec
    passes: str  # the same spec without it


def page_of(code: str) -> Page:
    """The page of CNN304."""
    from cnncalc.checks.rules import load_rules

    rule = next((rule for rule in load_rules() if rule.code.code == code), None)
    if rule is None:
        return Page(CODES[code], *_PAGES[code])
    from inspect import getdoc

    return Page(rule.code, getdoc(rule) or "", rule.because, rule.fires, rule.passes)


def findings(text: str, name: str = "net.yaml") -> list[Problem]:
    """Everything that there is to say of a text, as `cnncalc check` says it."""
    from cnncalc.api import read_text
    from cnncalc.checks.verdict import check

    return check(read_text(text, name))


def _spec(*lines: str) -> str:
    """A spec of these lines under an input of 32x32x3."""
    return "\n".join(("input: 32x32x3", *lines, ""))


_CONV = "  - conv: {filters: 8, kernel: 3}"
_LAYERS = ("layers:", _CONV)

# By code: why, because, fires, passes.
_PAGES: dict[str, tuple[str, str, str, str]] = {
    "CNN100": (
        "A spec is text in UTF-8, of 16 MiB at most (--max-size). The message names the first "
        "byte that is not; mostly an editor saved the file in another encoding, or it is no text "
        "at all.",
        "",
        "",
        "",
    ),
    "CNN101": (
        "The parser of YAML cannot make sense of the text. Indentation, brackets and quotes "
        "around the place are the usual suspects.",
        "",
        _spec("layers:", "  - conv: {filters: 8, kernel: 3"),
        _spec(*_LAYERS),
    ),
    "CNN102": (
        "Of YAML a spec uses mappings, lists and plain values. Anchors, aliases, merge keys, tags "
        "and several documents in a file are refused: blocks and defaults do their work, and are "
        "checked.",
        "",
        _spec("layers:", "  - conv: &big {filters: 64, kernel: 3}", "  - conv: *big"),
        _spec(
            "blocks:",
            "  Big: [conv: {filters: 64, kernel: 3}]",
            "layers: [Big, Big]",
        ),
    ),
    "CNN103": (
        "YAML readers keep the last of two equal keys and say nothing. One of the two is not what "
        "the author thinks it is.",
        "",
        _spec("layers:", "  - conv: {filters: 8, kernel: 3, filters: 16}"),
        _spec(*_LAYERS),
    ),
    "CNN104": (
        "No spec may hang a machine or fill its memory. The limits (16 MiB, 200,000 items, 60 "
        "levels as written and 200 expanded, numbers up to 10^12) are far beyond real networks; "
        "--max-size and --max-layers raise two of them.",
        "",
        _spec("layers:", "  - relu:", "    repeat: 1000000"),
        _spec("layers:", "  - relu:", "    repeat: 10"),
    ),
    "CNN110": (
        "A list, a mapping or a single word stands where something else belongs.",
        "",
        _spec("layers:", "  - type: conv", "    filters: 8", "    kernel: 3"),
        _spec(*_LAYERS),
    ),
    "CNN111": (
        "The language has no such key at this place: it is misspelt, or it belongs a level higher "
        "or lower. Arguments stand inside the kind, name, from, repeat and expect beside it.",
        "",
        _spec("layers:", "  - conv: {filters: 8, kernel: 3, name: first}"),
        _spec("layers:", _CONV, "    name: first"),
    ),
    "CNN112": (
        "Something without which no number can be worked out: the input, the layers, an argument "
        "that has no default.",
        "",
        _spec("layers:", "  - conv: {filters: 8}"),
        _spec(*_LAYERS),
    ),
    "CNN113": (
        "The word is neither a kind of layer, in any of its spellings, nor a block of this spec. "
        "cnncalc layers lists the kinds.",
        "",
        _spec("layers:", "  - covn: {filters: 8, kernel: 3}"),
        _spec(*_LAYERS),
    ),
    "CNN114": (
        "The kind exists, but takes no such argument. cnncalc layers KIND lists its arguments, "
        "with the names that frameworks give them.",
        "",
        _spec("layers:", "  - conv: {filters: 8, kernel: 3, strid: 2}"),
        _spec("layers:", "  - conv: {filters: 8, kernel: 3, stride: 2}"),
    ),
    "CNN115": (
        "The argument exists, but does not take this value.",
        "",
        _spec("layers:", "  - conv: {filters: 8, kernel: 0}"),
        _spec(*_LAYERS),
    ),
    "CNN116": (
        "Names are made of letters, digits, _ and -, blocks begin with a capital, and what the "
        "language uses itself (prev, input, in, the kinds) cannot be a name.",
        "",
        _spec("layers:", _CONV, "    name: first conv"),
        _spec("layers:", _CONV, "    name: first-conv"),
    ),
    "CNN117": (
        "Two items of one scope have the same name, so that from: could mean either.",
        "",
        _spec("layers:", _CONV, "    name: same", _CONV, "    name: same"),
        _spec("layers:", _CONV, "    name: one", _CONV, "    name: two"),
    ),
    "CNN118": (
        "A name refers to an earlier item of the same scope or of one around it. What stands "
        "inside a block cannot be seen from outside; what stands later cannot be read.",
        "",
        _spec("layers:", _CONV, "    name: first", "  - relu:", "    from: frist"),
        _spec("layers:", _CONV, "    name: first", "  - relu:", "    from: first"),
    ),
    "CNN119": (
        "A call gives a block all arguments that have no default, and no others.",
        "",
        _spec(
            "blocks:",
            "  Unit: {args: [filters], layers: [conv: {filters: $filters, kernel: 3}]}",
            "layers: [Unit]",
        ),
        _spec(
            "blocks:",
            "  Unit: {args: [filters], layers: [conv: {filters: $filters, kernel: 3}]}",
            "layers: [Unit: 8]",
        ),
    ),
    "CNN120": (
        "Expanding the block would never end. repeat: n makes a chain of copies.",
        "",
        _spec("blocks:", "  Unit: [conv: {filters: 8, kernel: 3}, Unit]", "layers: [Unit]"),
        _spec(
            "blocks:",
            "  Unit: [conv: {filters: 8, kernel: 3}]",
            "layers:",
            "  - Unit:",
            "    repeat: 4",
        ),
    ),
    "CNN121": (
        "Expressions are exact: + - * / // %, comparisons, and, or, not, min, max, floor, ceil, "
        "round, divisible, and $names of vars, arguments and $in.",
        "",
        _spec("vars: {width: 4}", "layers:", "  - conv: {filters: 2*$widht, kernel: 3}"),
        _spec("vars: {width: 4}", "layers:", "  - conv: {filters: 2*$width, kernel: 3}"),
    ),
    "CNN122": (
        "A comment # cnncalc: ignore[CODE] at the end of a line says which of its findings are "
        "meant, by codes or names with commas between. Without codes it would also hide what "
        "nobody has thought of; and an error that keeps the network from being built cannot be "
        "ignored, as nothing else would be checked, nor can a budget, which the project sets.",
        "a comment that is misread must not hide anything",
        _spec("layers:", "  - conv: {filters: 8, kernel: 2, stride: 3}  # cnncalc: ignore"),
        _spec("layers:", "  - conv: {filters: 8, kernel: 2, stride: 3}  # cnncalc: ignore[CNN304]"),
    ),
    "CNN201": (
        "(W − F + 2P)/S + 1 comes to less than 1: the window is larger than its padded input.",
        "",
        _spec("layers:", "  - conv: {filters: 8, kernel: 33}"),
        _spec("layers:", "  - conv: {filters: 8, kernel: 32}"),
    ),
    "CNN202": (
        "The output size has a fraction, and rounding: exact (or --strict) forbids to round it. "
        "The help names sizes, kernels, strides and paddings near these that fit.",
        "",
        _spec("rounding: exact", "layers:", "  - conv: {filters: 8, kernel: 3, stride: 2}"),
        _spec("rounding: exact", "layers:", "  - conv: {filters: 8, kernel: 2, stride: 2}"),
    ),
    "CNN203": (
        "Groups divide the input channels and the filters; pixel_shuffle and its relatives need "
        "channels or sizes that divide by their factor.",
        "",
        _spec("layers:", _CONV, "  - conv: {filters: 6, kernel: 3, groups: 3}"),
        _spec("layers:", _CONV, "  - conv: {filters: 6, kernel: 3, groups: 2}"),
    ),
    "CNN204": (
        "Windows slide along spatial axes: one for text or sound, two for images, three for video "
        "or scans. A vector has none, and conv2d insists on two.",
        "",
        _spec("layers:", "  - flatten", _CONV),
        _spec("layers:", _CONV, "  - flatten"),
    ),
    "CNN205": (
        "add and its relatives merge equal volumes; concat wants the same sizes, and puts the "
        "channels one behind the other.",
        "",
        _spec("layers:", _CONV, "  - add: [input, prev]"),
        _spec(
            "layers:",
            "  - conv: {filters: 3, kernel: 3, padding: same}",
            "  - add: [input, prev]",
        ),
    ),
    "CNN206": (
        "A pool may be padded by half of its window at most: else a window could lie in the "
        "padding alone, and pool nothing.",
        "",
        _spec("layers:", "  - max_pool: {kernel: 2, padding: 2}"),
        _spec("layers:", "  - max_pool: {kernel: 2, padding: 1}"),
    ),
    "CNN207": (
        "The arguments are fine, but not on this input.",
        "",
        _spec("layers:", "  - reshape: 30x30x3"),
        _spec("layers:", "  - reshape: 64x16x3"),
    ),
    "CNN208": (
        "reuse runs an item again with the weights it has, so every weight shape must be the same "
        "on the other volume.",
        "",
        _spec("layers:", _CONV, "    name: first", "  - reuse: first"),
        _spec(
            "layers:", "  - conv: {filters: 3, kernel: 3}", "    name: first", "  - reuse: first"
        ),
    ),
    "CNN317": (
        "The comment names a code that nothing on its line has: the fault was mended, or the "
        "comment stands on another line than the finding. It would hide the next one.",
        "left standing, it hides what it was never meant for",
        _spec("layers:", "  - conv: {filters: 8, kernel: 3}  # cnncalc: ignore[skipped-pixels]"),
        _spec(
            "layers:",
            "  - conv: {filters: 8, kernel: 2, stride: 3}  # cnncalc: ignore[skipped-pixels]",
        ),
    ),
    "CNN401": (
        "The spec says of itself what is not so: the network, the number, or what they were "
        "copied from has changed. The message has both values.",
        "a number in the documentation that is wrong is what expect is for",
        _spec("layers:", _CONV, "    expect: {parameters: 216}"),
        _spec("layers:", _CONV, "    expect: {parameters: 224}"),
    ),
    "CNN402": (
        "An expectation is a quantity and a value: 61706, 138M, <= 5M, 5M..6M, 28x28x6, 40MiB.",
        "",
        _spec("layers:", _CONV, "    expect: {parameters: about 200}"),
        _spec("layers:", _CONV, "    expect: {parameters: 100..300}"),
    ),
    "CNN403": (
        "An expectation was read but not compared: its item is skipped, an error leaves its value "
        "unknown, or the spec was changed by --set or --input.",
        "nothing is known to be wrong, but nobody should think it was compared",
        _spec(
            "layers:",
            "  - conv: {filters: 8, kernel: 33}",
            "  - relu:",
            "    expect: {output: 1x1x8}",
        ),
        _spec(
            "layers:",
            "  - conv: {filters: 8, kernel: 32}",
            "  - relu:",
            "    expect: {output: 1x1x8}",
        ),
    ),
    "CNN404": (
        "A total leaves the bound that --max or --min, or [tool.cnncalc] in pyproject.toml, sets "
        "for it. Budgets count what the quantity counts: parameters include frozen ones.",
        "a budget that may be overrun is none",
        "",
        "",
    ),
}
