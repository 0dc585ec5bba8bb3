"""cnncalc explain: how every number comes about."""

from __future__ import annotations

import os
import re
from typing import Any

import click

from cnncalc import api
from cnncalc.commands.completion import complete_layer, complete_quantity, complete_spec
from cnncalc.commands.explain.explanation import OUTPUT, headings
from cnncalc.commands.explain.explanation import explain as explanation_of
from cnncalc.commands.options import (
    Request,
    build_spec,
    fail,
    memory_options,
    read_spec,
    spec_options,
)
from cnncalc.commands.output import Output, deliver, handout_options, output_options
from cnncalc.language.bundled import locate
from cnncalc.language.model import Spec
from cnncalc.layers import find_kind
from cnncalc.network.build import SpecError
from cnncalc.network.model import Group, Layer, Network
from cnncalc.quantities import QUANTITIES, find_quantity
from cnncalc.wording import did_you_mean, fold


@click.command()
@click.argument("spec", shell_complete=complete_spec)
@click.argument("layer", required=False, shell_complete=complete_layer)
@click.argument("quantity", required=False, shell_complete=complete_quantity)
@memory_options
@output_options("explain")
@handout_options()
@spec_options
def explain(
    spec: str,
    layer: str | None,
    quantity: str | None,
    dtype: str,
    weight_dtype: str | None,
    optimizer: str,
    batch: int,
    out: Output,
    **shared: Any,
) -> int:
    """How the numbers come about: formula, numbers, result.

    Of one LAYER everything, or one QUANTITY of it (output, a name that `cnncalc quantities`
    lists, or a heading of the explanation); of a group, or without LAYER of the network, every
    layer in short and the sums. In the place of a SPEC may stand a layer, with --input.

    \b
    cnncalc explain lenet C1
    cnncalc explain lenet C1 connections
    cnncalc explain alexnet --format markdown
    cnncalc explain --input 227x227x3 "conv: {filters: 96, kernel: 11, stride: 4}"
    """
    request = Request(**shared)
    if layer is None and (page := _page_of(spec, request, out)):
        deliver(page, out.file)
        return 0
    out.check([spec])
    try:
        network = _build(
            spec, request, dtype=dtype, batch=batch, weight_dtype=weight_dtype, optimizer=optimizer
        )
    except SpecError as error:
        fail(error, out.color)
        return 1
    element, name = _find(network, layer, quantity)
    if out.handout.blanks:
        return _exercise(network, element, name, out)
    out.write(network, explanation_of(element, name, every_step=out.format == "json"))
    return 0


def _exercise(
    network: Network, element: Layer | Group | Network, name: str | None, out: Output
) -> int:
    """What is to be worked out, without the answers, and the key with its derivations."""
    if name is not None:
        raise click.UsageError("--blank says what is asked for; leave the QUANTITY out")
    asked = []
    for word in out.handout.blanks:
        if (known := _quantity(word)) is None:
            guess = did_you_mean(word, [*QUANTITIES, OUTPUT]) or "cnncalc quantities lists them"
            raise click.UsageError(f"--blank: no quantity {word!r}; {guess}")
        asked.append(known)
    from cnncalc.commands.explain.blocks import blocks  # only for --answers
    from cnncalc.commands.explain.exercise import exercise  # only for --blank

    sheet = exercise(element, asked)
    out.write(network, sheet.blank)
    if out.answers is not None:
        out.write_answers(blocks(network, sheet.key, out.paper()))
    return 0


def _page_of(word: str, request: Request, out: Output) -> str:
    """The page of a code, quantity or kind that stands where a spec would, else nothing."""
    if os.path.exists(word) or locate(word) or request.inputs or not re.fullmatch(r"[\w-]+", word):
        return ""
    from cnncalc.commands.lookup.topics import term_text  # only for a word that is no spec

    paper = out.paper()
    return term_text(word, paper.width, paper.style)


def _build(name: str, request: Request, **options: Any) -> Network:
    spec, variant, request = _read(name, request)
    settings = list(request.settings())
    if len(settings) != 1:
        raise click.UsageError("explain takes one network: no lists in --set and --input")
    vars, inputs = settings[0]
    return build_spec(spec, request, vars, inputs, variant, **options).network


def _read(name: str, request: Request) -> tuple[Spec, str | None, Request]:
    """The spec of a file or bundled name, or one made of a single layer."""
    if not _is_item(name):
        return *read_spec(name, request.limits.size), request
    if len(request.inputs) != 1:
        raise click.UsageError("a layer without a spec needs its input: --input 32x32x3")
    body = name.strip().replace("\n", "\n    ")
    text = f"input: {_quoted(request.inputs[0])}\nlayers:\n  - {body}\n"
    return api.read_text(text, "<layer>"), None, request._replace(inputs=())


def _is_item(name: str) -> bool:
    """Whether a SPEC is the text of a layer: `conv: {...}`, or the name of a kind."""
    if name == "-" or os.path.exists(name):
        return False
    if re.match(r"\s*[\w ]+:(\s|$)", name):
        return True
    return find_kind(name) is not None and locate(name) is None


def _quoted(text: str) -> str:
    """As a YAML text in double quotes."""
    import json  # only for a layer without a spec

    return json.dumps(text)


def _find(
    network: Network, layer: str | None, quantity: str | None
) -> tuple[Layer | Group | Network, str | None]:
    """What is to be explained, and which quantity of it; LAYER may be left out."""
    elements = network.by_path
    if layer is not None and layer not in elements and quantity is None and _quantity(layer):
        layer, quantity = None, layer
    if layer is None:
        only = network.root.children[0] if len(network.root.children) == 1 else None
        element = only if only is not None and only.path in elements else network
    elif layer in elements:
        element = elements[layer]
    else:
        raise click.UsageError(_no_layer(layer, list(elements), quantity is None))
    return element, None if quantity is None else _part(element, quantity)


def _part(element: Layer | Group | Network, word: str) -> str:
    """The quantity, heading or number that a word names."""
    if (name := _quantity(word)) is not None:
        return name
    own = headings(element)
    found = [heading for heading in own if fold(heading) == fold(word)]
    if found:
        return found[0]
    guess = did_you_mean(word, [*QUANTITIES, OUTPUT, *own])
    raise click.UsageError(f"no quantity {word!r}; {guess or 'cnncalc quantities lists them'}")


def _quantity(word: str) -> str | None:
    """The name of a quantity that can be explained."""
    known = find_quantity(word)
    return known.name if known else OUTPUT if word.lower() == OUTPUT else None


def _no_layer(layer: str, paths: list[str], may_be_quantity: bool) -> str:
    last = [path for path in paths if path.rpartition(".")[2] == layer]
    guess = did_you_mean(layer, [*paths, *(QUANTITIES if may_be_quantity else ())])
    if len(last) == 1:
        guess = f"did you mean {last[0]}?"
    elif last:
        guess = f"there are several: {', '.join(last[:3])}{', ...' if len(last) > 3 else ''}"
    known = ", ".join(paths[:6]) + (", ..." if len(paths) > 6 else "")
    return f"no layer {layer!r}; {guess or f'the layers are {known}'}"
