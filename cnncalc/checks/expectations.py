"""Expectations: what a spec says of its own numbers, read and compared.

`read_all` refuses at build time what cannot be read. `judge` compares; a failed expectation is a
problem of its own, and the network it is about stays usable.
"""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from cnncalc import problems as codes
from cnncalc.layers.arguments import why_no_number
from cnncalc.network.network import Leaf, Network, depth
from cnncalc.problems import Problem, Reject
from cnncalc.quantities import QUANTITIES, find_quantity
from cnncalc.spec.node import Broken, Mapping, Node, Scalar, Sequence
from cnncalc.volume import Volume, read_factors
from cnncalc.wording import did_you_mean, quote

if TYPE_CHECKING:
    from cnncalc.network.network import Element
    from cnncalc.spec.expressions import Number
    from cnncalc.spec.model import Spec

_FACTORS = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "B": 10**9, "T": 10**12}
_BYTES = {"B": 1, "KiB": 1024, "MiB": 1024**2, "GiB": 1024**3, "TiB": 1024**4}
_NUMBER = (
    r"(?P<whole>0|[1-9][\d_]*|[1-9]\d{0,2}(?:,\d{3})+)(?:\.(?P<decimals>\d+))?(?:e(?P<power>\d{1,2}))?"
    r"\s*(?P<unit>[kMGBT]|[KMGT]iB)?"
)
_BOUND = r"(<=|>=|<|>|~)\s*(.+)"
_MAX_LENGTH = 40
_FORMS = '61706, 61_706, "61,706", 4.2M, ~60M, "<= 5M", 5M..6M'
_VOLUMES = ("input", "output")
_COUNTS = ("layers", "weight_layers")


class Expectation(NamedTuple):
    """One `key: value` of an `expect:` block."""

    about: "Element | Network"
    name: str  # a quantity, input, output, layers or weight_layers
    written: str
    node: Node
    holds: Callable[[Any], bool]
    hint: Callable[[Any], str] = lambda found: ""


def read_all(network: Network) -> None:
    """Read every expectation of the spec; those that cannot be read become problems."""
    reader = _Reader(network)
    for about, node in network.expectations:
        reader.block(about, node)
    # Those of variants, blocks and items that were not built are read for their form alone.
    for node in _all_nodes(network):
        reader.form(node)
    network.expected = reader.found


def _all_nodes(network: Network) -> list[Node]:
    spec = network.spec
    seen = {id(node) for _, node in network.expectations}
    others = [spec.expect, *(variant.expect for variant in spec.variants.values())]
    nodes = [*_of_items(spec), *(node for node in others if node is not None)]
    return [node for node in nodes if id(node) not in seen]


def _of_items(spec: "Spec") -> list[Node]:
    """The `expect:` blocks of items, whether they were built or not."""
    from cnncalc.spec.model import all_items

    lists = [spec.items, *(block.items for block in spec.blocks.values())]
    nodes = (item.expect for items in lists for item in all_items(items))
    return [node for node in nodes if node is not None]


def judge(network: Network) -> list[Problem]:
    """The expectations that do not hold; one note instead where they are not judged."""
    if not network.expected:
        return []
    if network.overridden:
        node = network.expected[0].node
        message = "under other vars or inputs than the spec's own, expectations are not judged"
        return [_problem(network, codes.NOT_JUDGED, node, message)]
    collected = codes.Problems()
    for expectation in _judged(network):
        found = value_of(expectation.about, expectation.name)
        if not expectation.holds(found):
            collected.add(_failed(network, expectation, found))
    return collected.sorted()


def _judged(network: Network) -> list[Expectation]:
    """Where something could not be built, single layers only: sums of others are not whole.

    A text that has errors itself may be built otherwise than it is meant.
    """
    if not network.problems.errors:
        return network.expected
    if network.spec.problems.errors:
        return []
    return [expected for expected in network.expected if isinstance(expected.about, Leaf)]


def report_unjudged(network: Network) -> None:
    """A note at the first `expect:` that errors keep from being judged."""
    about = {id(node): about for about, node in network.expectations}
    blocks = [node for _, node in network.expectations] + _of_items(network.spec)
    left = {
        node.start: node
        for node in blocks
        if network.spec.problems.errors or not isinstance(about.get(id(node)), Leaf)
    }
    if left:
        more = len(left) - 1
        what = f"this expect and {more:,} more are" if more else "this expect is"
        message = f"{what} not judged, because of the errors"
        network.problems.add(_problem(network, codes.NOT_JUDGED, left[min(left)], message))


def _problem(network: Network, code: codes.Code, node: Node, message: str, **more: Any) -> Problem:
    return Problem(code, message, network.spec.text.span(node.start, node.end), **more)


def value_of(about: "Element | Network", name: str) -> Any:
    if name == "layers":
        return sum(1 for _ in about.leaves())
    if name == "weight_layers":
        return depth(about.leaves())
    if isinstance(about, Network) and name.startswith("output."):
        return about.outputs.get(name[7:])
    value = getattr(about, name)
    return value.sizes if name == "receptive_field" and value is not None else value


def _failed(network: Network, expectation: Expectation, found: Any) -> Problem:
    path = expectation.about.path
    actual = show_found(expectation.name, found)
    where = path or "the network"
    return _problem(
        network,
        codes.EXPECTATION,
        expectation.node,
        f"{expectation.name} of {where} is {actual}, expected {expectation.written}",
        detail=_difference(expectation.written, found),
        help=expectation.hint(found),
        layer=path,
        expected=expectation.written,
        actual=actual,
    )


def _difference(written: str, found: Any) -> str:
    number = re.fullmatch(_NUMBER, written)
    if not number or not isinstance(found, int) or number["unit"] or number["decimals"]:
        return ""
    expected, _ = read_number(written)
    return f"{int(found - expected):+,}".replace("-", "−")


def show_found(name: str, found: Any) -> str:
    """A found value as a person would write it."""
    if found is None:
        return "not defined here"
    if isinstance(found, Volume):
        return found.text()
    if isinstance(found, dict):
        return ", ".join("×".join(map(str, sizes)) for sizes in found.values())
    if name in QUANTITIES and QUANTITIES[name].unit == "bytes":
        from cnncalc.wording import show_bytes

        return f"{show_bytes(found)} ({found:,} bytes)"
    return f"{found:,}"


class _Reader:
    """Reads `expect:` blocks and collects the expectations in them."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.failed = network.problems.failed  # what is named may be among what was not built
        self.found: list[Expectation] = []

    def refuse(self, node: Node, message: str, help: str = "") -> None:
        self.network.problems.add(
            _problem(self.network, codes.BAD_EXPECTATION, node, message, help=help)
        )

    def form(self, node: Node) -> None:
        """Read a block of something that was not built."""
        kept, self.found = self.found, []
        self.block(None, node)
        self.found = kept

    def block(self, about: Any, node: Node) -> None:
        if isinstance(node, Broken):
            return
        if not isinstance(node, Mapping):
            self.refuse(
                node, f"expect takes a mapping, not {node.what}", "expect: {output: 28x28x6}"
            )
            return
        for key, value in node.pairs:
            self.pair(about, key, value)

    def pair(self, about: Any, key: Scalar, value: Node) -> None:
        whole = about is None or isinstance(about, Network)
        if isinstance(value, Broken):
            return
        if key.text == "values":  # the numbers themselves: `cnncalc trace` compares them
            if about is not None:
                self.network.expected_values.append((about, value))
        elif key.text == "output" and isinstance(value, Mapping) and whole:
            self.outputs(about, value)
        elif isinstance(value, Mapping) and whole and find_quantity(key.text) is None:
            self.by_path(about, key, value)
        elif key.text == "output" and isinstance(about, Network) and len(about.outputs) > 1:
            outputs = ", ".join(f"{name}: ..." for name in about.outputs)
            self.refuse(key, "the network has several outputs", f"output: {{{quote(outputs)}}}")
        elif key.text in _VOLUMES or key.text in _COUNTS or find_quantity(key.text):
            known = find_quantity(key.text)
            self.one(about, known.name if known else key.text, value)
        else:
            names = [*_VOLUMES, *_COUNTS, "values", *QUANTITIES]
            self.refuse(
                key,
                f"{quote(key.text)} is not a quantity",
                did_you_mean(key.text, names) or "cnncalc quantities lists them",
            )

    def outputs(self, about: Any, value: Mapping) -> None:
        """`output: {first: 10, second: 28x28x6}`."""
        for name, part in value.pairs:
            if about is None or name.text in about.outputs:
                self.one(about, f"output.{name.text}", part)
            elif not self.failed:
                help = did_you_mean(name.text, about.outputs)
                self.refuse(name, f"no output is called {quote(name.text)}", help)

    def by_path(self, about: Any, key: Scalar, value: Mapping) -> None:
        """Expectations of one layer, written with those of the network."""
        if about is None:
            self.block(None, value)
            return
        try:
            self.block(about[key.text], value)
        except KeyError:
            if not self.failed:
                paths = (element.path for element in self.network.elements())
                message = f"no layer is called {quote(key.text)}"
                self.refuse(key, message, did_you_mean(key.text, paths))

    def one(self, about: Any, name: str, value: Node) -> None:
        volume = name.partition(".")[0] in _VOLUMES or name == "receptive_field"
        plain = isinstance(value, Sequence) and all(isinstance(p, Scalar) for p in value.items)
        if isinstance(value, Sequence) and plain and volume:
            text = "x".join(part.text for part in value.items if isinstance(part, Scalar))
        elif isinstance(value, Scalar) and not value.is_null:
            text = value.text.strip()
        else:
            wanted = "a volume" if volume else "a number"
            self.refuse(value, f"{name} is compared with {wanted}, not {value.what}")
            return
        try:
            holds, hint = read_expected(name, text)
        except Reject as reject:
            self.refuse(value, reject.message, reject.help)
            return
        if about is not None:
            self.found.append(Expectation(about, name, text, value, holds, hint))


def _no_hint(found: Any) -> str:
    return ""


def read_expected(name: str, text: str) -> tuple[Callable[[Any], bool], Callable[[Any], str]]:
    """What must hold of the found value, and a hint for when it does not. Raises Reject."""
    if name.partition(".")[0] in _VOLUMES:
        return _read_volume(name, text)
    if name == "receptive_field":
        return _read_field(text), _no_hint
    if text.isdecimal() and text[0] != "0" and len(text) <= _MAX_LENGTH:  # nearly always
        exact = int(text)
        return (lambda found: found == exact), _no_hint
    bytes_only = name in QUANTITIES and QUANTITIES[name].unit == "bytes"
    if span := re.fullmatch(r"(.*?[^.])\.\.([^.].*)", text):
        low, high = (read_number(part, bytes_only)[0] for part in span.groups())
        if low > high:
            raise Reject(codes.BAD_EXPECTATION, f"the range {quote(text)} is empty")
        return (lambda found: found is not None and low <= found <= high), _no_hint
    bound = re.fullmatch(_BOUND, text)
    if bound is None:
        return _read_exact(text, bytes_only), _no_hint
    sign, rest = bound[1], bound[2]
    number, unit = read_number(rest, bytes_only)
    if sign == "~":
        return (lambda found: found is not None and abs(found - number) <= unit), _no_hint
    compare = {
        "<=": int.__le__, "<": int.__lt__, ">=": int.__ge__, ">": int.__gt__,
    }[sign]  # fmt: skip
    # Both sides times the denominator, so that whole numbers are compared.
    top, bottom = number.numerator, number.denominator
    return (lambda found: found is not None and compare(found * bottom, top)), _no_hint


def _read_volume(name: str, text: str) -> tuple[Callable[[Any], bool], Callable[[Any], str]]:
    try:
        volume = Volume.parse(text)
    except ValueError as error:
        raise Reject(
            codes.BAD_EXPECTATION, f"{name} is compared with a volume, not {quote(text)}: {error}"
        ) from None

    def hint(found: Any) -> str:
        if found is not None and found.shape_without_ones == volume.shape_without_ones:
            return f"only sizes of 1 differ: write {found}"
        if found is not None and volume.shape == (found.channels, *found.sizes):
            return f"channels come last here: write {found}"
        return ""

    return (lambda found: found == volume), hint


def _read_field(text: str) -> Callable[[Any], bool]:
    try:
        sizes = read_factors(text)
    except ValueError:
        raise Reject(
            codes.BAD_EXPECTATION,
            f"receptive_field is compared with sizes such as 212 or 212x212, not {quote(text)}",
        ) from None

    def holds(found: Any) -> bool:
        return found is not None and all(
            sizes in (field, (field[0],) if len(set(field)) == 1 else None)
            for field in found.values()
        )

    return holds


def _read_exact(text: str, bytes_only: bool) -> Callable[[Any], bool]:
    number, unit = read_number(text, bytes_only)
    if unit == 1:
        return lambda found: found == number
    # Equal after rounding, half up, to the digits that are written.
    return lambda found: found is not None and (2 * found + unit) // (2 * unit) * unit == number


def read_number(text: str, bytes_only: bool = False) -> "tuple[Number, Number]":
    """A written number and the unit of its last digit: 4.2M is 4,200,000 and 100,000."""
    found = re.fullmatch(_NUMBER, text)
    if not found or len(text) > _MAX_LENGTH:
        raise Reject(
            codes.BAD_EXPECTATION,
            f"{quote(text)} is not a number",
            help=(text[:1] == "0" and why_no_number(text))
            or ('40MiB, "<= 1GiB"' if bytes_only else _FORMS),
        )
    unit_text = found["unit"] or ""
    if unit_text.endswith("iB") or (bytes_only and unit_text == "B"):
        if not bytes_only:
            raise Reject(codes.BAD_EXPECTATION, f"{quote(text)} is an amount of memory")
        factor = _BYTES[unit_text]
    elif bytes_only and unit_text:
        raise Reject(
            codes.BAD_EXPECTATION,
            f"memory is written in 1024s, {quote(text)} is not",
            help="KiB, MiB or GiB",
        )
    else:
        factor = _FACTORS[unit_text]
    digits = found["decimals"] or ""
    whole = found["whole"].replace("_", "").replace(",", "")
    top, bottom = factor * 10 ** int(found["power"] or 0), 10 ** len(digits)
    scale: Number = top // bottom
    if top % bottom:
        from fractions import Fraction

        scale = Fraction(top, bottom)
    return int(whole + digits) * scale, scale
