"""A spec beside a file of weights: the numbers of parameters, which are all that the file says.

Which layer reads which is not known, nor stride and padding. So a layer is looked for by its
numbers alone, wherever in the file a module has them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from cnncalc import problems as codes
from cnncalc.commands.check.budgets import network_place
from cnncalc.exchange.safetensors import Count
from cnncalc.layers.separable import SeparableConv
from cnncalc.network.build import Build
from cnncalc.network.model import Layer
from cnncalc.problems import Problem
from cnncalc.wording import count, enumerated, quote

_MOST = 4  # modules in a message


def judge_weights(build: Build, modules: dict[str, Count], name: str) -> list[Problem]:
    """Layers that no module has the numbers of, and modules that no layer has those of."""
    waiting: defaultdict[Count, list[str]] = defaultdict(list)
    for module, numbers in modules.items():
        waiting[numbers].append(module)
    missing = [
        (layer, numbers) for layer, numbers in _counts(build) if not _taken(waiting, numbers)
    ]
    left = {module: modules[module] for several in waiting.values() for module in several}
    missing = [each for each in missing if not _joined(left, each[1])]
    facts = (f"code: {quote(name, 100)}, of which only the numbers of parameters are known",)
    found = [_missing(build, layer, numbers, facts) for layer, numbers in missing]
    return [*found, *_extra(build, left, facts)]


def _counts(build: Build) -> Iterator[tuple[Layer, Count]]:
    """The numbers of every layer that has some of its own, as modules have them."""
    for layer in build.network:
        operation = layer.operation
        steps = (
            (operation.depthwise, operation.pointwise)
            if isinstance(operation, SeparableConv)
            else (operation,)
        )
        for step in steps:
            if step.parameters + step.statistics and layer.shares is None:
                yield layer, Count(step.parameters, step.statistics)


def _taken(waiting: dict[Count, list[str]], numbers: Count) -> bool:
    """Take a module with these numbers, if there is one."""
    modules = waiting.get(numbers)
    if not modules:
        return False
    modules.pop(0)
    return True


def _joined(left: dict[str, Count], numbers: Count) -> bool:
    """Take the modules of one module that have these numbers together, as in an attention."""
    sums: Counter[str] = Counter()
    for module, (parameters, _) in left.items():
        for above in {module, module.rpartition(".")[0]}:
            sums[above] += parameters
    joined = next((path for path in sums if path and sums[path] == numbers.parameters), None)
    for module in [*left] if joined else []:
        if joined in (module, module.rpartition(".")[0]):
            del left[module]
    return joined is not None


def _missing(build: Build, layer: Layer, numbers: Count, facts: tuple[str, ...]) -> Problem:
    return Problem(
        codes.NOT_IN_CODE,
        f"no module has the {_text(numbers)} of {layer.path} ({layer.label})",
        build.origins[layer].span(),
        facts=facts,
        layer=layer.path,
    )


def _extra(build: Build, left: dict[str, Count], facts: tuple[str, ...]) -> Iterator[Problem]:
    if left:
        named = [f"{quote(path, 100)} ({_text(numbers)})" for path, numbers in left.items()]
        if len(named) > _MOST:
            named = [*named[: _MOST - 1], f"{len(named) - _MOST + 1} more"]
        message = f"no layer has the numbers of {enumerated(named)}"
        yield Problem(codes.ONLY_IN_CODE, message, network_place(build), facts=facts)


def _text(numbers: Count) -> str:
    kept = f" and {count(numbers.statistics, 'statistic')}" if numbers.statistics else ""
    return count(numbers.parameters, "parameter") + kept
