"""slide: put a run without counterparts where a person would see it.

Of four equal blocks any may be the new one, and any stretch of their length that begins in the
middle of one. The run is moved, part by part, to where groups begin and end, and then down as far
as it can go.
"""

from __future__ import annotations

from itertools import takewhile

from cnncalc.exchange.drift.match import Pairs
from cnncalc.exchange.drift.parts import Part


def slide(order: list[Part], start: int, end: int, known: Pairs, back: Pairs) -> None:
    """Give the run from `start` to before `end` better neighbours, if equal ones stand there.

    `known` are the counterparts of the parts in `order`, and `back` the same turned round.
    """
    places = [0, *_forward(order, start, end, known), *_backward(order, start, end, known)]
    best = min(places, key=lambda k: (_joint(order, start + k, end + k), -k))
    for k in range(best):
        _hand_over(order[end + k], order[start + k], known, back)
    for k in range(-best if best < 0 else 0):
        _hand_over(order[start - 1 - k], order[end - 1 - k], known, back)


def _forward(order: list[Part], start: int, end: int, known: Pairs) -> list[int]:
    """How far it can go down, as numbers of parts."""
    return [
        k + 1
        for k in takewhile(
            lambda k: order[start + k].sign == order[end + k].sign and order[end + k] in known,
            range(len(order) - end),
        )
    ]


def _backward(order: list[Part], start: int, end: int, known: Pairs) -> list[int]:
    return [
        -k - 1
        for k in takewhile(
            lambda k: (
                order[start - 1 - k].sign == order[end - 1 - k].sign
                and order[start - 1 - k] in known
            ),
            range(start),
        )
    ]


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
