"""check --update: the `expect:` of a spec brought up to date in its text.

Only the numbers change: comments, order and layout stay, a number keeps the way it was written
(61_706, 4.2M, ~60M), and bounds stay as they are, since a budget is not for the tool to raise.
"""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction
from typing import Any

from cnncalc.api import read_bytes
from cnncalc.checks.expectations import of_counts, value_of
from cnncalc.language.amounts import read_expected, read_number
from cnncalc.language.folder import Disk
from cnncalc.language.rewrite import Stretch, Texts, rewrite
from cnncalc.language.written import Expected
from cnncalc.network.build import Build, SpecError, build
from cnncalc.network.model import Network
from cnncalc.problems import Reject
from cnncalc.quantities import in_bytes
from cnncalc.volume import Volume
from cnncalc.wording import half_up, is_fraction, rounded


def updated(data: bytes, path: str, max_size: int) -> bytes:
    """The contents of a file with its expectations up to date.

    A spec with errors is left as it is. Raises CannotUpdate.
    """
    try:
        spec = read_bytes(data, path, max_size, Disk.of(path))
        builds = [build(spec)]
    except SpecError:
        return data
    for variant in spec.variants:
        with suppress(SpecError):  # its problems are reported; the others are brought up to date
            builds.append(build(spec, variant=variant))
    mark = b"\xef\xbb\xbf" if data.startswith(b"\xef\xbb\xbf") else b""
    return mark + refreshed(builds).encode()


def refreshed(builds: list[Build]) -> str:
    """The text of a spec with its expectations as its networks have them.

    `builds` are the base and all variants of one spec. An expectation that would need different
    values in different places, such as one in a block, is left as it is. A spec that expects
    nothing at all gets a line that does. Raises CannotUpdate.
    """
    expects_nothing = not any(built.expectations for built in builds)
    new = _new_pairs(builds[0].network) if expects_nothing else {}
    return rewrite(builds[0].spec, _changes(builds), new)


def _changes(builds: list[Build]) -> dict[Stretch, Texts]:
    """The values that are to stand in the place of others, by the stretch of the old ones."""
    old: dict[Stretch, Texts] = {}
    wanted: dict[Stretch, set[Texts]] = {}
    for built in builds:
        for about, expected in of_counts(built):
            found = value_of(about, expected.name, expected.output)
            texts = expected.texts
            if not expected.holds(found):
                new = _rewritten(expected, found)
                texts = new if _holds(expected.name, new, found) else texts
            stretch = (expected.start, expected.end)
            old[stretch] = expected.texts
            wanted.setdefault(stretch, set()).add(texts)
    return {
        stretch: texts
        for stretch, (texts, *others) in wanted.items()
        if not others and texts != old[stretch]
    }


def _holds(name: str, texts: Texts, found: Any) -> bool:
    """Whether an expectation can be written so, and is true."""
    with suppress(Reject):
        return read_expected(name, "x".join(texts))[0](found)
    return False


def _new_pairs(network: Network) -> dict[str, str]:
    """What a spec that expects nothing is to expect."""
    found: dict[str, Any] = {"output": network.output} if len(network.outputs) == 1 else {}
    found["parameters"] = network.parameters
    return {name: str(value) for name, value in found.items() if _holds(name, (str(value),), value)}


# Numbers as they are written.


def _rewritten(expected: Expected, found: Any) -> Texts:
    """The found value, written in the way of the expected one; as it was where there is none."""
    written = expected.written
    is_bound = ".." in written or written[:1] in "<>"
    if isinstance(found, dict):  # a receptive field
        sizes = next(iter(found.values()))
        one_for_all = len(expected.texts) == 1 and "x" not in written and len(set(sizes)) == 1
        return _sizes(expected, sizes[:1] if one_for_all else sizes)
    if isinstance(found, Volume):
        return _sizes(expected, found.shape)
    if is_bound or not (isinstance(found, int) or is_fraction(found)):
        return expected.texts
    return (_like_number(written, found, expected.name),)


def _sizes(expected: Expected, sizes: tuple[int, ...]) -> Texts:
    """[28, 28, 6] where a list was written, else 28x28x6."""
    texts = tuple(map(str, sizes))
    return texts if expected.is_list else ("x".join(texts),)


def _like_number(written: str, found: int | Fraction, name: str) -> str:
    """61_706, 61,706, 4.2M or ~60M as the number was written."""
    about = "~" if written.startswith("~") else ""
    digits = written.lstrip("~ ")
    try:
        _, unit = read_number(digits, in_bytes(name))
    except Reject:
        return written
    if unit == 1:
        separator = next((sign for sign in "_," if sign in digits), "")
        return about + f"{half_up(found):{separator}}"
    suffix = digits.lstrip("0123456789_,.")
    decimals = len(digits.removesuffix(suffix).partition(".")[2])
    # Half up, in units of the last digit that is written.
    steps = half_up(Fraction(found) / unit)
    in_full = rounded(found)[0].replace(",", "") if is_fraction(found) else str(found)
    if "e" in suffix:
        return in_full
    if len(str(steps)) < min(2, sum(map(str.isdigit, digits.lstrip("0.")))):
        return in_full  # rounded as before, it would say next to nothing
    whole, rest = divmod(steps, 10**decimals)
    return about + (f"{whole}.{rest:0{decimals}}" if decimals else f"{whole}") + suffix
