"""export: what `cnncalc export` writes, for Python programs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import partial

from cnncalc.accepted import checked
from cnncalc.api import find
from cnncalc.exchange.export.targets import TARGETS, NotExported, exported
from cnncalc.language.model import Spec
from cnncalc.network.build import Foreign, Inputs, Override, SpecError, build
from cnncalc.wording import quote


@checked
def export(
    spec: Spec | str | os.PathLike[str],
    to: str,
    *,
    vars: Mapping[str, Override] | None = None,
    input: Inputs | None = None,
    variant: str | None = None,
    strict: bool = False,
    training: bool = False,
) -> str:
    """The network of a spec as code of a framework; `to` is pytorch or keras.

    >>> import cnncalc
    >>> cnncalc.export("lenet", "pytorch").splitlines()[0]
    '\"\"\"LeNet-5: 61,706 parameters.'

    `spec` is a Spec, a path or the name of a bundled network; `vars`, `input` and `variant` become
    the defaults of the code. Raises SpecError for a spec with errors and for what no code can say,
    ValueError for another framework and for a model, which has no blocks, OverrideError for a var,
    input or variant that does not exist, and OSError if there is no such file.
    """
    if to not in TARGETS:
        raise ValueError(f"to is {' or '.join(TARGETS)}, not {quote(to)}")
    if not isinstance(spec, Spec):
        spec, named = find(spec)
        variant = variant or named
    if isinstance(spec, Foreign):
        raise ValueError("a model has no blocks and no names to write code from")
    made = partial(
        build, spec, vars=vars, input=input, variant=variant, strict=strict, training=training
    )
    try:
        return exported(to, made, spec.items)
    except NotExported as refused:
        raise SpecError([refused.problem]) from None
