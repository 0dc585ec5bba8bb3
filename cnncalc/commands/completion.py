"""What a shell completes in the place of an option's value or an argument.

Nothing here is run but while a shell completes words, hence the late imports.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click

from cnncalc.render.formats import formats_of

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from cnncalc.language.model import Spec

Words = Callable[[click.Context, str], Iterable[str]]
Complete = Callable[[click.Context, click.Parameter, str], "list[CompletionItem]"]


def _items(words: Iterable[str], type: str = "plain") -> "list[CompletionItem]":
    from click.shell_completion import CompletionItem  # while a shell completes words

    return [CompletionItem(word, type=type) for word in words]


def complete(words: Words, *, several: bool = False) -> Complete:
    """Completion from words, that all begin as what is written; of several, behind the comma."""

    def items(
        ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> "list[CompletionItem]":
        done, comma, rest = incomplete.rpartition(",") if several else ("", "", incomplete)
        found = words(ctx, rest)
        return _items(done + comma + word for word in found if word.startswith(rest))

    return items


def _codes(ctx: click.Context, word: str) -> Iterator[str]:
    from cnncalc.checks.rules import all_codes  # while a shell completes words

    for code in all_codes().values():
        yield from (code.code, code.name)


def _kinds(ctx: click.Context, word: str) -> list[str]:
    from cnncalc.commands.lookup.vocabulary import kind_names  # while a shell completes words

    return list(kind_names())


def _quantities(ctx: click.Context, word: str) -> list[str]:
    from cnncalc.quantities import QUANTITIES  # while a shell completes words

    return ["output", *QUANTITIES]


def _budgets(ctx: click.Context, word: str) -> list[str]:
    from cnncalc.commands.check.budgets import budgeted  # while a shell completes words

    return [f"{name}=" for name in budgeted()]


def _columns(ctx: click.Context, word: str) -> list[str]:
    from cnncalc.commands.describe.sheet import COLUMNS, SETS  # while a shell completes words

    return [*SETS, *COLUMNS]


def _layers(ctx: click.Context, word: str) -> list[str]:
    """The paths of the SPEC before it."""
    from cnncalc.network.build import SpecError, build  # while a shell completes words

    with suppress(SpecError):
        return [e.path for spec in _specs(ctx) for e in build(spec).network.elements()]
    return []  # the command itself will say why


def _variants(ctx: click.Context, word: str) -> list[str]:
    return [name for spec in _specs(ctx) for name in spec.variants]


def _specs(ctx: click.Context) -> "Iterator[Spec]":
    """The specs that the words so far name."""
    from cnncalc import api  # while a shell completes words
    from cnncalc.network.build import SpecError  # while a shell completes words

    given: list[Any] = [*ctx.args]  # where the option has no value yet, click has not sorted them
    for name in ("spec", "specs", "paths", "before", "after"):
        value = ctx.params.get(name) or ()
        given += (value,) if isinstance(value, str) else value
    for name in given:
        with suppress(OSError, ValueError, SpecError):
            yield api.read(name)


def _topics(ctx: click.Context, word: str) -> list[str]:
    assert ctx.parent is not None
    commands = ctx.parent.command
    named = commands.list_commands(ctx.parent) if isinstance(commands, click.Group) else []
    return [*named, *_kinds(ctx, word), *_quantities(ctx, word), *_codes(ctx, word)]


def _sides(ctx: click.Context, word: str) -> list[str]:
    """REVISION: of the repository, and behind the colon the files of that revision."""
    from cnncalc.repository import GitError, ask  # while a shell completes words

    revision, colon, path = word.partition(":")
    with suppress(GitError):
        if not colon:
            names = ("for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/tags")
            found = ask(*names, folder=os.getcwd()).decode("utf-8", "replace").split("\n")
            return [f"{name}:" for name in ("HEAD", *found) if name]
        tree = f"{revision}:./{path[: path.rfind('/') + 1]}"
        if not tree.startswith("-"):
            folder = path[: path.rfind("/") + 1]
            listed = ask(
                "ls-tree", "-z", "--format=%(objecttype) %(path)", tree, folder=os.getcwd()
            )
            parts = (e.partition(" ") for e in listed.decode("utf-8", "replace").split("\0") if e)
            return [f"{revision}:{folder}{name}{'/' * (kind == 'tree')}" for kind, _, name in parts]
    return []


complete_codes = complete(_codes, several=True)
complete_kind = complete(_kinds)
complete_quantity = complete(_quantities)
complete_budget = complete(_budgets)
complete_columns = complete(_columns, several=True)
complete_report = complete(lambda ctx, word: [f"{name}=" for name in formats_of("check")])
complete_layer = complete(_layers)
complete_variant = complete(_variants)
complete_topic = complete(_topics)


def complete_spec(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> "list[CompletionItem]":
    """Files, and the names of bundled networks."""
    from glob import escape, glob  # while a shell completes words

    from cnncalc.language.bundled import all_names  # while a shell completes words

    names = [name for name in all_names() if name.startswith(incomplete)]
    if not names:
        return complete_file(ctx, param, incomplete)
    # The shell completes either files or words: files that begin so are words here.
    return _items([*names, *glob(f"{escape(incomplete)}*")])


def complete_side(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> "list[CompletionItem]":
    """Of a diff: what a SPEC can be, and revisions."""
    found = complete(_sides)(ctx, param, incomplete)
    specs = complete_spec(ctx, param, incomplete)
    if found and specs and specs[0].type == "file":
        specs = []
    return [*found, *specs]


def complete_file(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> "list[CompletionItem]":
    return _items([incomplete], "file")
