"""Keras 3 code of a spec: a function for each block, and a functional model."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cnncalc.exchange.export.expressions import HELPERS, IMPORTS
from cnncalc.exchange.export.keras.classes import FUNCTIONS, LOCAL
from cnncalc.exchange.export.keras.file import File
from cnncalc.exchange.export.keras.items import write_items, write_once
from cnncalc.exchange.export.keras.model import write_model
from cnncalc.exchange.export.layout import Line, Statement, Suite, docstring
from cnncalc.exchange.export.layout import source as text_of
from cnncalc.exchange.export.local import defined, used
from cnncalc.exchange.export.targets import NotExported
from cnncalc.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnncalc.exchange.export.record import Run
    from cnncalc.network.build import Build

MAX_TIMES = 20  # that a file is written over; each time something was learned


def source(build: Build, run: Run) -> str:
    """The code of a network. Raises NotExported."""
    file = File(build, run, write_items, write_once)
    for _ in range(MAX_TIMES):
        known = len(file.facts)
        file.begin()
        main = write_model(file)
        body = [*_body(file, main)]
        if len(file.facts) == known:
            return text_of([*_head(file, body), *body, *_check(build)])
    raise NotExported("the code does not come to an end", build.spec.items[0])


def _body(file: File, main: Suite) -> Iterator[Statement]:
    """All but the imports: vars, classes, functions, and the one that makes the model."""
    functions = [written.suite for written in file.functions.values()]
    yield from (Line(f"{name} = ", code) for name, code in file.constant_lines())
    classes = [LOCAL[name].replace(f"class {name}(", f"class {called}(")
               for name, called in sorted(file.classes.items())]  # fmt: skip
    helpers = [HELPERS[name] for name in sorted(file.expressions.needs & {*HELPERS})]
    crops = "crop_to_smallest(" if "crop_to_smallest" in file.expressions.needs else ""
    helpers += [LOCAL[name] for name in used(FUNCTIONS, "\n".join([*classes, crops]))]
    yield from map(defined, [*helpers, *classes])
    yield from functions
    yield main


def _head(file: File, body: list[Statement]) -> Iterator[Statement]:
    """What the file is, and its imports."""
    build, spec = file.build, file.build.spec
    title = spec.name or "A network"
    if build.network.variant:
        title += f", {build.network.variant}"
    counted = f"{title}: {build.network.quantity('parameters'):,} parameters."
    yield docstring([counted, spec.source, f"Written by cnncalc {__version__}."])
    written = text_of(body)
    standard = [text for name, text in IMPORTS.items() if name in file.expressions.needs]
    used = [name for name in ("itertools", "math", "sys") if re.search(rf"\b{name}\.", written)]
    standard += [f"import {name}" for name in used]
    if standard:
        yield ""
        yield from sorted(set(standard), key=lambda line: (line.startswith("from"), line))
    yield ""
    yield "import keras"
    names = [name for name in ("layers", "ops") if re.search(rf"(?<!keras\.)\b{name}\.", written)]
    if names:
        yield f"from keras import {', '.join(names)}"
    if isinstance(body[0], Line):
        yield ""


def _check(build: Build) -> Iterator[Statement]:
    """What the file does as a program."""
    parameters = build.network.quantity("parameters")
    statistics = build.network.quantity("statistics")
    expected = f"{parameters:_} + {statistics:_}  # with the statistics of batch norms"
    yield Suite(
        'if __name__ == "__main__":',
        [
            "model = build()",
            "model.summary()",
            f"expected = {expected if statistics else f'{parameters:_}'}",
            'print(f"{model.count_params():,} parameters, {expected:,} expected")',
            "assert model.count_params() == expected",
        ],
    )
