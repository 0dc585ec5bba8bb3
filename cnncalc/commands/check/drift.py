"""The differences between a spec and the code of its network, as problems at the spec's lines."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from cnncalc import problems as codes
from cnncalc.commands.check.budgets import network_place
from cnncalc.exchange.drift import differences as kinds
from cnncalc.exchange.drift.differences import Difference, differences
from cnncalc.exchange.drift.groups import Groups, Unit
from cnncalc.exchange.drift.parts import Part
from cnncalc.language.source import Span
from cnncalc.network.build import Build
from cnncalc.network.model import Group, Layer, Network
from cnncalc.problems import Code, Problem
from cnncalc.volume import Volume
from cnncalc.wording import count, enumerated, quote

_CODES: dict[str, Code] = {
    kinds.CHANGED: codes.OTHER_LAYER,
    kinds.REPLACED: codes.OTHER_LAYER,
    kinds.COUNTS: codes.OTHER_LAYER,
    kinds.INPUT: codes.OTHER_LAYER,
    kinds.MISSING: codes.NOT_IN_CODE,
    kinds.EXTRA: codes.ONLY_IN_CODE,
    kinds.MOVED: codes.OTHER_ORDER,
    kinds.READS: codes.OTHER_ORDER,
    kinds.OUTPUT: codes.OTHER_ORDER,
    kinds.RENAMED: codes.RENAMED,
}
_MOST = 4  # names in a message


class _Finding(NamedTuple):
    """What one difference comes to; those at one place are one problem."""

    found: Difference
    span: Span
    layer: str  # the path of the layer or group of the spec that it is about
    here: list[Unit]
    there: list[Unit]

    @property
    def sign(self) -> tuple[object, ...]:
        """What is equal for one mistake in several copies."""
        sides = [[unit.kind for unit in units] for units in (self.here, self.there)]
        return (self.found.kind, sides, repr(self.found.values) if self.is_change else "")

    @property
    def is_change(self) -> bool:
        return self.found.kind == kinds.CHANGED


def judge_drift(build: Build, code: Network, name: str) -> list[Problem]:
    """Where the code parts from the spec; `name` is what the code was read from.

    One mistake in a block that is used several times is one problem.
    """
    ours, theirs = Groups(build.network), Groups(code)
    together: dict[tuple[object, ...], list[_Finding]] = {}
    for found in differences(build.network, code):
        here, there = ours.units(found.ours), theirs.units(found.theirs)
        about = _about(ours, found, here, there)
        span = _span(build, found, about)
        layer = getattr(about, "path", "")
        nowhere = "" if span.source.text else layer  # where there is no text, the layer is a place
        place = span.source.name, span.start, span.end, nowhere, _CODES[found.kind]
        together.setdefault(place, []).append(_Finding(found, span, layer, here, there))
    return [_problem(several, name) for several in together.values()]


def _about(
    groups: Groups, found: Difference, here: list[Unit], there: list[Unit]
) -> Layer | Group | None:
    """The layer or group of the spec to point at: for a group of the code one that it is behind."""
    if here and isinstance(here[0], Group):
        return here[0]
    is_group = bool(there) and isinstance(there[0], Group)
    if is_group and found.after and found.before:
        group = groups.ended(found.after, found.before)
        if group is not None:
            return group
    places = found.ours or [part for part in (found.after, found.before) if part is not None]
    return next((part.layer for part in places if part.layer is not None), None)


def _span(build: Build, found: Difference, about: Layer | Group | None) -> Span:
    if about is None:
        given = next(iter(build.spec.inputs.values()), None)
        if found.kind == kinds.INPUT and given is not None:
            return build.spec.span(given)
        return network_place(build)
    item = build.origins[about]
    if found.ours and found.ours[0].role == "activation":
        return item.span("activation")
    names = [_argument(found, name) for name in found.values]
    return item.span(names[0] if len(names) == 1 else None)


def _argument(found: Difference, name: str) -> str:
    """An argument as the spec calls it: a 1×1 convolution at one place is compared as an fc."""
    layer = found.ours[0].layer if found.ours else None
    return "filters" if name == "units" and layer is not None and layer.kind == "conv" else name


# Problems.


def _problem(several: list[_Finding], name: str) -> Problem:
    """The problem of all differences at one place with one code."""
    first, *others = several
    expected, actual = _expected(first.found)
    message = _message(first)
    if others:
        message += f"; {count(len(others), 'more difference')} here"
    return Problem(
        _CODES[first.found.kind],
        message,
        first.span,
        facts=(f"code: {quote(name, 100)}", *_others(first, others)),
        help=_help(first),
        layer=first.layer,
        expected=expected,
        actual=actual,
    )


def _others(first: _Finding, others: list[_Finding]) -> Iterator[str]:
    """The same in other copies by the places in the code; and what else there is, in full."""
    alike = [each for each in others if each.sign == first.sign]
    if alike:
        yield f"also: {_list(_where(each) for each in alike)}"
    unlike = [_message(each) for each in others if each.sign != first.sign]
    yield from unlike[:_MOST]
    if len(unlike) > _MOST:
        yield f"and {len(unlike) - _MOST} more"


def _where(finding: _Finding) -> str:
    """A place in the code, else in the spec."""
    units = finding.there or finding.here
    return _path(units[0]) if units else "the input"


def _expected(found: Difference) -> tuple[str, str]:
    """The value here and that in the code, where it is one."""
    if len(found.values) != 1 or "sources" in found.values:
        return "", ""
    ((mine, theirs),) = found.values.values()
    return show(mine), show(theirs)


def _help(finding: _Finding) -> str:
    """What to write where a value is written as it is."""
    found, span = finding.found, finding.span
    if not finding.is_change or len(found.values) != 1:
        return ""
    ((name, (mine, theirs)),) = found.values.items()
    if span.source.text[span.start : span.end].strip() != str(mine).lower():
        return ""
    return f"if the code is right, write {_argument(found, name)}: {str(theirs).lower()}"


# Messages.


def _message(finding: _Finding) -> str:
    return _MESSAGES[finding.found.kind](finding)


def _changed(finding: _Finding) -> str:
    found = finding.found
    names = [_argument(found, name) for name in found.values]
    mine = [
        f"{name} {show(value)}"
        for name, (value, _) in zip(names, found.values.values(), strict=True)
    ]
    theirs = [show(value) for _, value in found.values.values()]
    code = f"in the code {enumerated(theirs)} ({_path(found.theirs[0])})"
    return f"{_short(found.ours[0])} has {enumerated(mine)}, {code}"


def _replaced(finding: _Finding) -> str:
    mine, theirs = (_list(map(_text, units)) for units in (finding.here, finding.there))
    return f"{mine} is {theirs} in the code"


def _missing(finding: _Finding) -> str:
    return f"the code does not have {_list(map(_text, finding.here))}"


def _extra(finding: _Finding) -> str:
    found = finding.found
    if found.after is not None and found.after.layer is not None:
        is_layer = finding.layer == found.after.path
        place = f"after {_short(found.after) if is_layer else quote(finding.layer, 100)}"
    else:
        place = f"before {_short(found.before)}" if found.before else "as well"
    return f"{place} the code has {_list(map(_text, finding.there))}, and the spec does not"


def _moved(finding: _Finding) -> str:
    found = finding.found
    place = f"after {_short(found.after)}"
    return (
        f"{_list(map(_text, finding.here))} stands {place} in the code ({_path(found.theirs[0])})"
    )


def _reads(finding: _Finding) -> str:
    found = finding.found
    mine, theirs = (_list(map(_short, sources)) for sources in found.values["sources"])
    if found.kind == kinds.OUTPUT:
        return f"the result is that of {mine}, in the code of {theirs}"
    return f"{_short(found.ours[0])} reads {mine}, in the code {theirs} ({_path(found.theirs[0])})"


def _input(finding: _Finding) -> str:
    mine, theirs = map(show, finding.found.values["input"])
    return f"the input is {mine}, in the code {theirs}"


def _counts(finding: _Finding) -> str:
    found = finding.found
    mine = [f"{show(value)} {name}" for name, (value, _) in found.values.items()]
    theirs = [show(value) for _, value in found.values.values()]
    code = f"in the code {enumerated(theirs)} ({_path(found.theirs[0])})"
    return f"{_short(found.ours[0])} has {enumerated(mine)}, {code}"


def _renamed(finding: _Finding) -> str:
    found = finding.found
    return f"{_short(found.ours[0])} is called {_path(found.theirs[0])} in the code"


_MESSAGES: dict[str, Callable[[_Finding], str]] = {
    kinds.CHANGED: _changed,
    kinds.REPLACED: _replaced,
    kinds.COUNTS: _counts,
    kinds.INPUT: _input,
    kinds.MISSING: _missing,
    kinds.EXTRA: _extra,
    kinds.MOVED: _moved,
    kinds.READS: _reads,
    kinds.OUTPUT: _reads,
    kinds.RENAMED: _renamed,
}


# Words.


def _short(part: Part | None) -> str:
    """conv1, or a step of it."""
    if part is None or part.layer is None:
        return "the input"
    return f"the {part.role} of {_path(part)}" if part.role else _path(part)


def _text(unit: Unit) -> str:
    """conv1 (conv 3×3), or layer4.1 (BasicBlock, 7 layers)"""
    if isinstance(unit, Group):
        return f"{_path(unit)} ({quote(unit.label, 100)}, {count(len(unit.layers), 'layer')})"
    if unit.role == "activation":
        return f"the {unit.kind} of {_path(unit)}"
    label = unit.layer.label if unit.layer is not None and not unit.role else unit.kind
    return f"{_path(unit)} ({quote(label, 100)})"


def _path(unit: Unit) -> str:
    return quote(unit.path, 100)


def _list(words: Iterable[str]) -> str:
    named = [*words]
    if len(named) > _MOST:
        named = [*named[: _MOST - 1], f"{len(named) - _MOST + 1} more"]
    return enumerated(named)


def show(value: Any) -> str:
    """A value as a spec has it."""
    if isinstance(value, Volume):
        return value.text()
    if isinstance(value, tuple):
        return "[" + ", ".join(map(show, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return f"{value:,}"
    return "none" if value is None else quote(str(value), 100)
