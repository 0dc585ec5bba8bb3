"""slide: put a run without counterparts where a person would see it.

Of four equal blocks any may be the new one, and any stretch of their length that begins in the
middle of one. The run is moved, part by part, to where groups begin and end, and then down as far
as it can go.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import takewhile

from cnncalc.exchange.drift.match import Pairs
from cnncalc.exchange.drift.parts import Part


def slide(order: list[Part], start: int, end: int, known: Pairs, back: Pairs) -> None:
    """Give the run from `start` to before `end` better neighbours, if equal ones stand there.

    `known` are the counterparts of the parts in `order`, and `back` the same turned round.
    """
    down = _like(zip(order[end:], order[start:], strict=False), known)
    up = _like(zip(reversed(order[:start]), reversed(order[:end]), strict=False), known)
    best = min(range(-up, down + 1), key=lambda k: (_joint(order, start + k, end + k), -k))
    for k in range(best):
        _hand_over(order[end + k], order[start + k], known, back)
    for k in range(-best if best < 0 else 0):
        _hand_over(order[start - 1 - k], order[end - 1 - k], known, back)


def _like(pairs: Iterable[tuple[Part, Part]], known: Pairs) -> int:
    """How many parts in a row have counterparts, and are like the part beside them."""
    fits = takewhile(lambda pair: pair[0] in known and pair[0].sign == pair[1].sign, pairs)
    return sum(1 for _ in fits)


def _joint(order: list[Part], start: int, end: int) -> int:
    """How many groups hold both a part of the run and its neighbour, at both ends."""
    return _common(order, start) + _common(order, end)


def _common(order: list[Part], place: int) -> int:
    """How many groups go on between two neighbours; one of copies ends with each of them."""
    if place in (0, len(order)):
        return 0
    one, other = (order[i].path.split(".")[:-1] for i in (place - 1, place))
    names = [*zip(one, other, strict=False)]
    common = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], names))
    are_copies = common < len(names) and all(name.isdecimal() for name in names[common])
    return common - 1 if common and are_copies else common


def _hand_over(giver: Part, taker: Part, known: Pairs, back: Pairs) -> None:
    """Give one part's counterpart to another."""
    counterpart = known.pop(giver)
    known[taker] = counterpart
    back[counterpart] = taker
