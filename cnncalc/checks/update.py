"""check --update: the `expect:` of a spec brought up to date in its text.

Only the numbers change: comments, order and layout stay, a number keeps the way it was written
(61_706, 4.2M, ~60M), and bounds stay as they are, since a budget is not for the tool to raise.
"""

from __future__ import annotations

import re
from contextlib import suppress
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from cnncalc import files
from cnncalc.api import read_bytes
from cnncalc.building import build
from cnncalc.checks.expectations import Expectation, read_expected, read_number, value_of
from cnncalc.problems import Problems, Reject, SpecError
from cnncalc.quantities import QUANTITIES
from cnncalc.spec.node import Mapping, Node, Scalar, Sequence
from cnncalc.spec.source import Source
from cnncalc.spec.syntax import parse
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from cnncalc.network.network import Network

Values = tuple[str, ...]  # of a number the one, of a list all
Edit = tuple[int, int, str]  # characters from the first up to the second become the text
Stretch = tuple[int, int]  # from the first character of a node to the one after its last


class CannotUpdate(ValueError):
    """A text in which the numbers cannot be changed without changing more."""


def update_file(path: str, max_size: int) -> bool:
    """Bring the expectations of a file up to date; whether anything had to change.

    A spec with errors is left as it is. Raises OSError for a file that cannot be read or written,
    or that somebody else changes meanwhile, and CannotUpdate.
    """
    with open(path, "rb") as file:
        data = file.read(max_size + 1)
    try:
        spec = read_bytes(data, path, max_size)
        networks = [build(spec)]
    except SpecError:
        return False
    for variant in spec.variants:
        with suppress(SpecError):  # its problems are reported; the others are brought up to date
            networks.append(build(spec, variant=variant))
    mark = b"\xef\xbb\xbf" if data.startswith(b"\xef\xbb\xbf") else b""
    new = mark + refreshed(networks).encode()
    if new != data:
        files.write(path, new, old=data)
    return new != data


def refreshed(networks: list[Network]) -> str:
    """The text of a spec with its expectations as its networks have them.

    `networks` are the base and all variants of one spec. An expectation that would need different
    values in different places, such as one in a block, is left as it is. A spec that expects
    nothing at all gets a line that does. Raises CannotUpdate.
    """
    source, root = networks[0].spec.text, networks[0].spec.root
    assert isinstance(root, Mapping)  # else nothing could have been built
    changes, new = _changes(networks), {}
    edits = [edit for change in changes.values() for edit in _edits(source.text, *change)]
    if not any(network.expectations for network in networks):
        new = _new_pairs(networks[0])
        edits += [_insertion(source, root, new)] if new else []
    if not edits:
        return source.text
    text = _edited(source.text, edits)
    added = [("expect", tuple(new.items()))] if new else []
    if _content_of(text) != (*_content(root, changes), *added):
        raise CannotUpdate("its numbers cannot be changed without changing more; edit it by hand")
    return text


# What is to change.


def _changes(networks: list[Network]) -> dict[Stretch, tuple[Node, Values]]:
    """The values that are to stand in the place of others, by the stretch of the old ones."""
    nodes: dict[Stretch, Node] = {}
    wanted: dict[Stretch, set[Values]] = {}
    for network in networks:
        for expectation in network.expected:
            node, found = expectation.node, value_of(expectation.about, expectation.name)
            values = _written(node)
            if not expectation.holds(found):
                new = _rewritten(expectation, found)
                values = new if _holds(expectation.name, new, found) else values
            nodes[node.start, node.end] = node
            wanted.setdefault((node.start, node.end), set()).add(values)
    return {
        stretch: (nodes[stretch], values)
        for stretch, (values, *others) in wanted.items()
        if not others and values != _written(nodes[stretch])
    }


def _written(node: Node) -> Values:
    parts = node.items if isinstance(node, Sequence) else [node]
    return tuple(part.text.strip() for part in parts if isinstance(part, Scalar))


def _holds(name: str, values: Values, found: Any) -> bool:
    """Whether an expectation can be written so, and is true."""
    with suppress(Reject):
        return read_expected(name, "x".join(values))[0](found)
    return False


def _new_pairs(network: Network) -> dict[str, str]:
    """What a spec that expects nothing is to expect."""
    found = {"output": network.output} if len(network.outputs) == 1 else {}
    found |= {"parameters": network.parameters}
    return {name: str(value) for name, value in found.items() if _holds(name, (str(value),), value)}


# The new text.


def _edited(text: str, edits: list[Edit]) -> str:
    parts, place = [], 0
    for start, end, new in sorted(edits):
        parts += [text[place:start], new]
        place = end
    return "".join((*parts, text[place:]))


def _edits(text: str, node: Node, values: Values) -> list[Edit]:
    """What to put in the place of a value, or of every value of a list."""
    parts = node.items if isinstance(node, Sequence) else [node]
    if len(parts) != len(values):
        return [(node.start, node.end, f"[{', '.join(values)}]")]
    edits = []
    for part, old, new in zip(parts, _written(node), values, strict=True):
        # Behind a quote or the sign of a folded text; with escapes it is not found.
        start = text.find(old, part.start, part.end)
        edits.append((start, start + len(old), new) if start >= 0 else (part.start, part.end, new))
    return edits


def _insertion(source: Source, root: Mapping, pairs: dict[str, str]) -> Edit:
    """A new `expect:` behind all other keys."""
    text = source.text
    line = f"expect: {{{', '.join(f'{name}: {value}' for name, value in pairs.items())}}}"
    if text[root.start] == "{":
        end = root.pairs[-1][1].end
        return end, end, f", {line}"
    document_end = re.compile(r"^\.\.\.(?!\S)", re.MULTILINE).search(text, root.start)
    end = document_end.start() if document_end else len(text)
    line_end = "\r\n" if "\r\n" in text else "\n"
    before = "" if text[end - 1] in "\r\n" else line_end
    indentation = " " * (source.position(root.start)[1] - 1)
    return end, end, f"{before}{indentation}{line}{line_end}"


# Whether it is the same spec.


def _content(node: Node, changes: dict[Stretch, tuple[Node, Values]]) -> Any:
    """What a node says, wherever it stands, with some values in the place of others."""
    if isinstance(node, Mapping):
        return tuple((key.text, _content(value, changes)) for key, value in node.pairs)
    _, values = changes.get((node.start, node.end), (node, None))
    if isinstance(node, Sequence):
        return list(values or (_content(item, changes) for item in node.items))
    text = node.text if isinstance(node, Scalar) else ""
    return text.replace(text.strip(), values[0]) if values else text


def _content_of(text: str) -> Any:
    """What a text says; None for one that is no YAML."""
    problems = Problems()
    root = parse(Source("", text), problems)
    return None if root is None or len(problems) else _content(root, {})


# Numbers as they are written.


def _rewritten(expectation: Expectation, found: Any) -> Values:
    """The found value, written in the way of the expected one; as it was where there is none."""
    written, node = expectation.written, expectation.node
    is_bound = ".." in written or written[:1] in "<>"
    if isinstance(found, dict):  # a receptive field
        sizes = next(iter(found.values()))
        one_for_all = len(_written(node)) == 1 and "x" not in written and len(set(sizes)) == 1
        return _sizes(node, sizes[:1] if one_for_all else sizes)
    if isinstance(found, Volume):
        return _sizes(node, found.shape)
    if not isinstance(found, int) or is_bound:
        return _written(node)
    return (_like_number(written, found, expectation.name),)


def _sizes(node: Node, sizes: tuple[int, ...]) -> Values:
    """[28, 28, 6] where a list was written, else 28x28x6."""
    texts = tuple(map(str, sizes))
    return texts if isinstance(node, Sequence) else ("x".join(texts),)


def _like_number(written: str, found: int, name: str) -> str:
    """61_706, 61,706, 4.2M or ~60M as the number was written."""
    about = "~" if written.startswith("~") else ""
    digits = written.lstrip("~ ")
    is_bytes = QUANTITIES[name].unit == "bytes" if name in QUANTITIES else False
    try:
        _, unit = read_number(digits, is_bytes)
    except Reject:
        return written
    if unit == 1:
        separator = next((sign for sign in "_," if sign in digits), "")
        return about + f"{found:{separator}}"
    suffix = digits.lstrip("0123456789_,.")
    decimals = len(digits.removesuffix(suffix).partition(".")[2])
    # Half up, in units of the last digit that is written.
    steps = int((Fraction(found) / unit + Fraction(1, 2)) // 1)
    if "e" in suffix:
        return str(found)
    if len(str(steps)) < min(2, sum(map(str.isdigit, digits.lstrip("0.")))):
        return str(found)  # rounded as before, it would say next to nothing
    whole, rest = divmod(steps, 10**decimals)
    return about + (f"{whole}.{rest:0{decimals}}" if decimals else f"{whole}") + suffix
