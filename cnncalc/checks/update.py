"""check --update: the `expect:` of a spec brought up to date in its text.

Only the numbers change: comments, order and layout stay, a number keeps the way it was written
(61_706, 4.2M, ~60M), and bounds stay as they are, since a budget is not for the tool to raise.
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from cnncalc.api import read_bytes
from cnncalc.building import build
from cnncalc.checks.expectations import Expectation, read_number, value_of
from cnncalc.problems import Reject, SpecError
from cnncalc.quantities import QUANTITIES
from cnncalc.spec.node import Mapping, Node, Scalar
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from cnncalc.network.network import Network


def update_file(path: str, max_size: int) -> bool:
    """Bring the expectations of a file up to date; whether anything had to change.

    A spec with errors is left as it is. The new text replaces the old in one step, so that an
    interruption cannot leave half of it.
    """
    with open(path, "rb") as file:
        data = file.read(max_size + 1)
    try:
        spec = read_bytes(data, path, max_size)
        networks = [build(spec)]
    except SpecError:
        return False
    for variant in spec.variants:
        with suppress(
            SpecError
        ):  # its own problems are reported; the others are brought up to date
            networks.append(build(spec, variant=variant))
    mark = b"\xef\xbb\xbf" if data.startswith(b"\xef\xbb\xbf") else b""
    new = mark + refreshed(networks).encode()
    if new == data:
        return False
    temporary = f"{os.path.realpath(path)}.{os.getpid()}.tmp"
    with open(temporary, "wb") as file:
        file.write(new)
    shutil.copymode(path, temporary)
    os.replace(temporary, os.path.realpath(path))
    return True


def refreshed(networks: list[Network]) -> str:
    """The text of a spec with its expectations as its networks have them.

    `networks` are the base and all variants of one spec. An expectation that would need different
    values in different places, such as one in a block, is left as it is. A spec that expects
    nothing at all gets a line that does.
    """
    spec = networks[0].spec
    wanted: dict[tuple[int, int], set[str]] = {}
    for network in networks:
        for expectation in network.expected:
            found = value_of(expectation.about, expectation.name)
            text = (
                expectation.written if expectation.holds(found) else _rewritten(expectation, found)
            )
            wanted.setdefault(_stretch(expectation.node), set()).add(text)
    text = spec.text.text
    for (start, end), texts in sorted(wanted.items(), reverse=True):
        if len(texts) == 1 and (new := texts.pop()) != text[start:end]:
            text = text[:start] + new + text[end:]
    if not any(network.expectations for network in networks):
        text = text.rstrip("\n") + "\n" + _new_line(networks[0])
    return text


def _stretch(node: Node) -> tuple[int, int]:
    """The characters of a value, without its quotes."""
    quoted = isinstance(node, Scalar) and node.quoted
    return node.start + quoted, node.end - quoted


def _new_line(network: Network) -> str:
    keys = [f"parameters: {network.parameters}"]
    if len(network.outputs) == 1:
        keys.insert(0, f"output: {network.output}")
    return f"expect: {{{', '.join(keys)}}}\n"


def _rewritten(expectation: Expectation, found: Any) -> str:
    """The found value, written in the way of the expected one; as it was where there is none."""
    written = expectation.written
    if isinstance(found, Volume):
        return _like_list(expectation.node, found.shape) or str(found)
    if isinstance(found, dict):  # a receptive field
        sizes = next(iter(found.values()))
        one_for_all = "x" not in written and len(set(sizes)) == 1
        return str(sizes[0]) if one_for_all else "x".join(map(str, sizes))
    is_bound = ".." in written or written[:1] in "<>"
    if not isinstance(found, int) or is_bound:
        return written
    return _like_number(written, found, expectation.name)


def _like_list(node: Node, shape: tuple[int, ...]) -> str:
    """[28, 28, 6] where a list was written."""
    return "" if isinstance(node, (Scalar, Mapping)) else f"[{', '.join(map(str, shape))}]"


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
