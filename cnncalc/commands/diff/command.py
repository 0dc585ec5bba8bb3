"""cnncalc diff: what a change does to a network."""

from __future__ import annotations

import os
from contextlib import suppress

import click

from cnncalc import api
from cnncalc.commands.completion import complete_side, complete_variant
from cnncalc.commands.diff.compare import Comparison
from cnncalc.commands.options import (
    Limits,
    Request,
    build_spec,
    fail,
    limit_option,
    read_spec,
    training_option,
)
from cnncalc.commands.output import Output, output_options
from cnncalc.language.model import Spec
from cnncalc.network.build import SpecError
from cnncalc.network.model import Network
from cnncalc.repository import GitError, read_blob
from cnncalc.wording import visible


@click.command()
@click.argument("before", metavar="A", shell_complete=complete_side)
@click.argument("after", metavar="B", shell_complete=complete_side)
@click.option("--set-a", "sets_a", metavar="NAME=VALUE", multiple=True, help="A var of A.")
@click.option("--set-b", "sets_b", metavar="NAME=VALUE", multiple=True, help="A var of B.")
@click.option("--set", "sets", metavar="NAME=VALUE", multiple=True, help="A var of both.")
@click.option("--input", "inputs", metavar="VOLUME", multiple=True, help="The input of both.")
@click.option(
    "--variant-a",
    metavar="NAME",
    shell_complete=complete_variant,
    help="A member of the family in A.",
)
@click.option(
    "--variant-b",
    metavar="NAME",
    shell_complete=complete_variant,
    help="A member of the family in B.",
)
@output_options("diff")
@click.option("--exit-code", is_flag=True, help="Exit with 1 if there are differences, like git.")
@training_option
@limit_option
def diff(
    before: str,
    after: str,
    sets_a: tuple[str, ...],
    sets_b: tuple[str, ...],
    sets: tuple[str, ...],
    inputs: tuple[str, ...],
    variant_a: str | None,
    variant_b: str | None,
    exit_code: bool,
    training: bool,
    limits: Limits,
    out: Output,
) -> int:
    """What changed from A to B, layer by layer and in total.

    Each side is a path, a bundled name, - for standard input, or REVISION:PATH of the git
    repository. Layers are aligned, so that an insertion does not shift the rest.

    \b
    cnncalc diff resnet50 resnet101
    cnncalc diff main:net.yaml net.yaml
    cnncalc diff net.yaml net.yaml --set-b width=64
    """
    if before == after == "-":
        raise click.UsageError("only one of the two can be standard input")
    out.check([before, after])
    sides = ((before, (*sets, *sets_a), variant_a), (after, (*sets, *sets_b), variant_b))
    old, new = (
        _build(name, Request(own, inputs, variant, training=training, limits=limits), out.color)
        for name, own, variant in sides
    )
    if old is None or new is None:
        return 1
    before, after = (_titled(name, own, variant) for name, own, variant in sides)
    found = Comparison.of(old, new, (before, after))
    out.write(found)
    return 1 if exit_code and (found.changes or found.differing) else 0


def _titled(name: str, sets: tuple[str, ...], variant: str | None) -> str:
    """A side with the settings that make it another network than its name says."""
    settings = ", ".join((*([variant] if variant else []), *sets))
    return f"{name} ({settings})" if settings else name


def _build(name: str, request: Request, color: str) -> Network | None:
    """One side; None where the spec has errors, which are printed."""
    settings = list(request.settings())
    if len(settings) != 1:
        raise click.UsageError("a side of diff is one network: no lists in --set and --input")
    vars, volumes = settings[0]
    try:
        spec, own_variant = _read(name, request.limits.size)
        return build_spec(spec, request, vars, volumes, own_variant).network
    except SpecError as error:
        fail(error, color)
        return None


def _read(name: str, max_size: int) -> tuple[Spec, str | None]:
    revision, colon, path = name.partition(":")
    if not colon or os.path.exists(name) or len(revision) == 1:  # C:\net.yaml
        return read_spec(name, max_size)
    return api.read_bytes(_of_revision(revision, path, max_size), name, max_size), None


def _of_revision(revision: str, path: str, max_size: int) -> bytes:
    """A file at a git revision; its path is seen from the current folder, else from the top."""
    name = f"{revision}:{path}"
    if revision.startswith("-"):
        raise click.UsageError(f"{visible(name)}: a revision cannot begin with -")
    try:
        return read_blob(f"{revision}:./{path}", max_size)
    except GitError as error:
        with suppress(GitError):
            return read_blob(name, max_size)
        raise click.UsageError(f"{visible(name)}: {visible(str(error))}") from None
