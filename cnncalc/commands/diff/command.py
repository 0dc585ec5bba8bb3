"""cnncalc diff: what a change does to a network."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Literal

import click

from cnncalc import api
from cnncalc.commands.completion import complete_side, complete_variant
from cnncalc.commands.diff.compare import Comparison
from cnncalc.commands.diff.revision import Revision
from cnncalc.commands.options import (
    Limits,
    Request,
    build_spec,
    custom_option,
    fail,
    limit_option,
    read_spec,
    training_option,
)
from cnncalc.commands.output import Output, output_options
from cnncalc.language.model import Spec
from cnncalc.network.build import SpecError
from cnncalc.network.model import Network
from cnncalc.render.stream import say
from cnncalc.repository import GitError, has_commit, has_object, read_blob, repository_root
from cnncalc.wording import visible

_BEHIND = "cnncalc.diff.behind"  # how many words stand behind a --; None without one


class _Command(click.Command):
    """Notes how many words stand behind a --, before which git has its revision."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta[_BEHIND] = len(args) - 1 - args.index("--") if "--" in args else None
        return super().parse_args(ctx, args)


@click.command(cls=_Command)
@click.argument("before", metavar="A", shell_complete=complete_side)
@click.argument("others", metavar="B", nargs=-1, shell_complete=complete_side)
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
@custom_option
@limit_option
def diff(
    before: str,
    others: tuple[str, ...],
    sets_a: tuple[str, ...],
    sets_b: tuple[str, ...],
    sets: tuple[str, ...],
    inputs: tuple[str, ...],
    variant_a: str | None,
    variant_b: str | None,
    exit_code: bool,
    training: bool,
    allow_custom: bool,
    limits: Limits,
    out: Output,
) -> int:
    """What changed from A to B, layer by layer and in total.

    Each side is a path, a bundled name, - for standard input, REVISION:PATH of the git repository,
    or package.module:function. Layers are aligned, so that an insertion does not shift the rest.

    With a revision as A, and folders or files as B: all specs that differ from it, in one report.

    \b
    cnncalc diff resnet50 resnet101
    cnncalc diff main:net.yaml net.yaml
    cnncalc diff main -- specs/
    """
    if _is_revision(others):
        if sets_a or sets_b or sets or inputs or variant_a or variant_b:
            raise click.UsageError("the specs of a revision are compared as they stand")
        return _report(before, others, limits, out, exit_code)
    (after,) = others
    if before == after == "-":
        raise click.UsageError("only one of the two can be standard input")
    out.check([before, after])
    sides = ((before, (*sets, *sets_a), variant_a), (after, (*sets, *sets_b), variant_b))
    old, new = (
        _build(
            name,
            Request(
                own, inputs, variant, training=training, allow_custom=allow_custom, limits=limits
            ),
            out.color,
        )
        for name, own, variant in sides
    )
    if old is False or new is False:
        return 1
    if old is None and new is None:
        raise click.UsageError("neither side is there")
    before, after = (_titled(name, own, variant) for name, own, variant in sides)
    found = Comparison.of(old, new, (before, after))
    out.write(found)
    return int(exit_code and found.differs)


def _is_revision(others: tuple[str, ...]) -> bool:
    """Whether the first word of a call is a revision, by what comes after it."""
    behind = click.get_current_context().meta[_BEHIND]
    return behind == len(others) or len(others) != 1 or os.path.isdir(others[0])


def _report(
    revision: str, paths: tuple[str, ...], limits: Limits, out: Output, exit_code: bool
) -> int:
    """All specs that differ from a revision."""
    from cnncalc.commands.diff.specs import spec_changes  # not for two networks

    root = repository_root(os.getcwd())
    if root is None:
        raise click.UsageError("the current folder is in no git repository")
    out.check()
    if out.format == "svg":
        raise click.UsageError("a picture shows two networks: name both of them")
    try:
        found = spec_changes(revision, paths or (os.curdir,), root, limits)
    except GitError as error:
        raise click.UsageError(visible(str(error))) from None
    out.write(found)
    return int((exit_code and found.differs) or any(spec.trouble for spec in found.specs))


def _titled(name: str, sets: tuple[str, ...], variant: str | None) -> str:
    """A side with the settings that make it another network than its name says."""
    settings = ", ".join((*([variant] if variant else []), *sets))
    return f"{name} ({settings})" if settings else name


def _build(name: str, request: Request, color: str) -> Network | Literal[False] | None:
    """One side; False where the spec has errors, which are printed, None where there is none."""
    settings = list(request.settings())
    if len(settings) != 1:
        raise click.UsageError("a side of diff is one network: no lists in --set and --input")
    vars, volumes = settings[0]
    try:
        found = _read(name, request.limits.size)
        if found is None:
            say(f"{visible(name)}: not there, compared with nothing")
            return None
        return build_spec(found[0], request, vars, volumes, found[1]).network
    except SpecError as error:
        fail(error, color)
        return False


def _read(name: str, max_size: int) -> tuple[Spec, str | None] | None:
    revision, colon, path = name.partition(":")
    is_path = not colon or os.path.exists(name) or len(revision) == 1  # C:\net.yaml
    if is_path or _is_function(name, revision):
        return read_spec(_from_top(name), max_size)
    found = _of_revision(revision, path, max_size)
    if found is None:
        return None
    data, whole = found
    return api.read_bytes(data, name, max_size, Revision(whole)), None


def _is_function(name: str, revision: str) -> bool:
    """Whether it is package.module:function, and no path at a revision."""
    from cnncalc.exchange.factory import is_factory  # only where there is a colon

    return is_factory(name) and not (repository_root(os.getcwd()) and has_commit(revision))


def _from_top(name: str) -> str:
    """A path as git prints it, from the top of the repository, where it is not one from here."""
    root = repository_root(os.getcwd())
    path = os.path.join(root or "", name)
    return path if root and "/" in name and os.path.exists(path) > os.path.exists(name) else name


def _of_revision(revision: str, path: str, max_size: int) -> tuple[bytes, str] | None:
    """A file at a git revision, and its name; its path begins in the current folder or at the top.

    None where the revision is there, but the file is not.
    """
    name = f"{revision}:{path}"
    if revision.startswith("-"):
        raise click.UsageError(f"{visible(name)}: a revision cannot begin with -")
    names = [f"{revision}:./{path}", name]
    try:
        return read_blob(names[0], max_size), names[0]
    except GitError as error:
        with suppress(GitError):
            return read_blob(name, max_size), name
        if revision and has_commit(revision) and not any(map(has_object, names)):
            return None
        raise click.UsageError(f"{visible(name)}: {visible(str(error))}") from None
