"""match: which part of one network is which part of another.

What has the same before it, up to the inputs, is the same; then what has the same behind it, down
to the outputs. What is left lies between the first difference and the last, and is aligned.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict, deque
from collections.abc import Callable

from cnncalc.exchange.drift.parts import Part, Parts
from cnncalc.network.alignment import aligned

Pairs = dict[Part, Part]


def match(ours: Parts, theirs: Parts) -> Pairs:
    """The counterparts of our parts; those without one are missing."""
    pairs: Pairs = dict(_inputs(ours, theirs))
    names = _common_names(ours, theirs)

    def key(part: Part) -> tuple[object, ...]:
        name = _name(part)
        read = [] if part.ordered else sorted(hash(source.sign) for source in part.sources)
        return (*part.sign, name if name in names else "", *read)

    for fingerprints in (_from_inputs, _from_end):
        _pair_equal(pairs, fingerprints(ours, key), fingerprints(theirs, key))
    taken = set(pairs.values())
    rest = aligned(
        [part for part in ours.order if part not in pairs],
        [part for part in theirs.order if part not in taken],
        lambda one, other: _likeness(one, other, names),
        _ALIKE,
    )
    for one, other in rest:  # of very long lists those at one place, whatever they are
        if one is not None and other is not None and one.kind == other.kind:
            pairs[one] = other
    pairs[ours.end] = theirs.end
    return pairs


def _inputs(ours: Parts, theirs: Parts) -> list[tuple[Part, Part]]:
    """By name where both have the same names, else in order."""
    mine = dict(zip(ours.network.inputs, ours.inputs, strict=True))
    other = dict(zip(theirs.network.inputs, theirs.inputs, strict=True))
    if mine.keys() == other.keys():
        return [(part, other[name]) for name, part in mine.items()]
    return [*zip(ours.inputs, theirs.inputs, strict=False)]


# Names: those that both networks have once, part for part, hold parts together.


def plain_name(path: str) -> str:
    """A path in the letters that a spec's names have."""
    return re.sub(r"[^A-Za-z0-9]+", "_", path)


def _name(part: Part) -> str:
    return f"{plain_name(part.path)} {part.role}"


def _common_names(ours: Parts, theirs: Parts) -> set[str]:
    mine = Counter(_name(part) for part in ours.order if part.layer and part.layer.named)
    other = Counter(map(_name, theirs.order))
    return {name for name, number in mine.items() if number == other[name] == 1}


# Fingerprints: equal for parts that have equal networks before, or behind, them.


def _from_inputs(parts: Parts, key: Callable[[Part], object]) -> dict[Part, int]:
    found = {part: hash(("input", number)) for number, part in enumerate(parts.inputs)}
    for part in parts.order:
        before = [found[source] for source in part.sources]
        found[part] = hash((key(part), *(before if part.ordered else sorted(before))))
    return {part: found[part] for part in parts.order}


def _from_end(parts: Parts, key: Callable[[Part], object]) -> dict[Part, int]:
    found = {parts.end: hash("end")}
    for part in reversed(parts.order):
        behind = [
            hash((found[reader], reader.sources.index(part) if reader.ordered else 0))
            for reader in part.readers
            if reader in found
        ]
        found[part] = hash((key(part), *sorted(behind)))
    del found[parts.end]
    return found


def _pair_equal(pairs: Pairs, ours: dict[Part, int], theirs: dict[Part, int]) -> None:
    """Pair what has equal fingerprints and no counterpart yet, in order."""
    taken = set(pairs.values())
    waiting: defaultdict[int, deque[Part]] = defaultdict(deque)
    for part, print_ in theirs.items():
        if part not in taken:
            waiting[print_].append(part)
    for part, print_ in ours.items():
        if part not in pairs and waiting[print_]:
            pairs[part] = waiting[print_].popleft()


_ALIKE = 100  # never: what is equal at the ends is paired already


def _likeness(one: Part, other: Part, names: set[str]) -> int:
    """How much speaks for two parts being the same; layers with weights weigh more."""
    if one.kind != other.kind:
        return 0
    score = 3 if one.sign == other.sign else 1
    name = _name(one)
    if name == _name(other) and name in names:
        score += 2
    elif score == 1 and _shares_a_number(one, other):
        score += 1
    return 2 * score if one.weighs else score


def _shares_a_number(one: Part, other: Part) -> bool:
    """Whether a number other than 0 and 1 is an argument of both."""
    same = (value for name, value in one.arguments.items() if other.arguments.get(name) == value)
    return any(not isinstance(value, bool) and value not in (0, 1, None) for value in same)
