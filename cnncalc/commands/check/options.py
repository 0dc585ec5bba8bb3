"""What `check` was asked for: its options, and what they come to."""

import os
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

from cnncalc.checks.ignores import Selection, UnknownCode
from cnncalc.commands.check.log import STREAMED
from cnncalc.commands.check.settings import Against, Changes, Settings
from cnncalc.commands.completion import (
    complete_budget,
    complete_codes,
    complete_report,
    complete_spec,
)
from cnncalc.commands.options import Request, whole
from cnncalc.commands.output import Output
from cnncalc.files import STDIN
from cnncalc.problems import SEVERITIES
from cnncalc.render.formats import formats_of
from cnncalc.render.stream import unstyled
from cnncalc.repository import repository_root
from cnncalc.wording import did_you_mean, visible

if TYPE_CHECKING:
    from cnncalc.commands.check.budgets import Budget

Command = TypeVar("Command", bound=Callable[..., Any])

_OPTIONS = (
    click.option(
        "--report",
        "reports",
        metavar="FORMAT=FILE",
        multiple=True,
        shell_complete=complete_report,
        help="Write the same to a file as well; any number of times.",
    ),
    click.option(
        "--max",
        "most",
        metavar="QUANTITY=VALUE",
        multiple=True,
        shell_complete=complete_budget,
        help="A budget: parameters=5M, memory=40MiB.",
    ),
    click.option(
        "--min",
        "least",
        metavar="QUANTITY=VALUE",
        multiple=True,
        shell_complete=complete_budget,
        help="The least that is enough.",
    ),
    click.option(
        "--against",
        metavar="SOURCE",
        shell_complete=complete_spec,
        help="The code of the network: net.pt2, net.keras, net.onnx, package.module:function.",
    ),
    click.option(
        "--fail-on",
        metavar="SEVERITY",
        type=click.Choice(SEVERITIES),
        help="The mildest that fails: error, warning, note.",
    ),
    click.option(
        "--select",
        metavar="CODES",
        multiple=True,
        shell_complete=complete_codes,
        help="Report these problems only.",
    ),
    click.option(
        "--ignore",
        metavar="CODES",
        multiple=True,
        shell_complete=complete_codes,
        help="Do not report these problems.",
    ),
    click.option(
        "--config", metavar="FILE", type=click.Path(), help="Take settings from this file only."
    ),
    click.option("--isolated", is_flag=True, help="Take settings from no pyproject.toml."),
    click.option("--exclude", metavar="PATTERN", multiple=True, help="Leave out of folders."),
    click.option(
        "--show-files", is_flag=True, help="Only list what is checked or left out, and why."
    ),
    click.option("--exit-zero", is_flag=True, help="Problems are no failure."),
    click.option("--fix", is_flag=True, help="First mend in the files what has only one remedy."),
    click.option("--unsafe-fixes", is_flag=True, help="First mend what has a likely remedy too."),
    click.option("--update", is_flag=True, help="First bring expect: up to date in the files."),
    click.option("--dry-run", is_flag=True, help="Only print what these would change, as a diff."),
    click.option("--stdin-filename", metavar="PATH", help="What to call the spec of -."),
    click.option("--allow-empty", is_flag=True, help="No spec at all is no error."),
    click.option(
        "--jobs",
        metavar="N",
        type=whole(1),
        help="Processes. [as many as there are cores, for many files]",
    ),
    click.option("-v", "--verbose", is_flag=True, help="Also notes, and what budgets leave."),
    click.option("-q", "--quiet", is_flag=True, help="Problems only: no summary, no remarks."),
)


def check_options(command: Command) -> Command:
    """The options of `check` alone."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


class Asked(NamedTuple):
    """The paths and options as they were given."""

    paths: tuple[str, ...]
    out: Output
    reports: tuple[str, ...]
    most: tuple[str, ...]
    least: tuple[str, ...]
    against: str | None
    fail_on: str | None
    select: tuple[str, ...]
    ignore: tuple[str, ...]
    config: str | None
    isolated: bool
    exclude: tuple[str, ...]
    show_files: bool
    exit_zero: bool
    fix: bool
    unsafe_fixes: bool
    update: bool
    dry_run: bool
    stdin_filename: str | None
    allow_empty: bool
    jobs: int | None
    verbose: bool
    quiet: bool
    request: Request

    def settings(self, files: dict[str, str]) -> Settings:
        """What is asked of every file; `files` are the reports to write."""
        request, out = self.request, self.out
        return Settings(
            budgets=tuple(_budgets(self.most, self.least)),
            against=() if self.against is None else (Against(self.against),),
            selection=_selection(self.select, self.ignore),
            fail_on=self.fail_on or "",
            strict=request.strict,
            variant=request.variant,
            overrides=_overrides(request),
            max_size=request.limits.size,
            max_layers=request.limits.layers,
            training=request.training,
            allow_custom=request.allow_custom,
            totals=not {out.format, *files} <= set(STREAMED),
            headroom=self.verbose,
            style=out.paper().style if out.format == "text" else unstyled,
        )


def report_files(reports: tuple[str, ...]) -> dict[str, str]:
    """The format of every file to write; refused before any work is done."""
    files: dict[str, str] = {}
    for text in reports:
        kind, equals, file = text.partition("=")
        if not equals or not file:
            raise click.UsageError(f"--report takes FORMAT=FILE, not {text!r}")
        formats = formats_of("check")
        if kind not in formats:
            guess = did_you_mean(kind, formats) or f"known: {', '.join(formats)}"
            raise click.UsageError(f"--report: no format {kind!r}; {guess}")
        if file in files:
            raise click.UsageError(f"--report: {visible(file)} would be written twice")
        if file == STDIN:
            raise click.UsageError(f"--report: cannot write {STDIN}: not a file")
        files[file] = kind
    return files


def surroundings(paths: tuple[str, ...]) -> tuple[str, str]:
    """The current folder, and the one that reports are relative to.

    That is the top of the repository of the current folder, else of the one that all paths are in.
    """
    try:
        here = os.getcwd()
    except OSError:
        raise CannotCheck("the current folder does not exist") from None
    root = repository_root(here)
    if root is None and paths:
        with suppress(ValueError):  # paths on several drives, or with a NUL
            common = os.path.commonpath([os.path.realpath(path) for path in paths])
            root = repository_root(common)
    return here, root or here


def _budgets(most: tuple[str, ...], least: tuple[str, ...]) -> "list[Budget]":
    if not (most or least):
        return []
    from cnncalc.commands.check import budgets  # only for --max and --min

    found = []
    for option, bound, texts in (("--max", budgets.MOST, most), ("--min", budgets.LEAST, least)):
        for text in texts:
            name, equals, value = text.partition("=")
            if not equals or not name or not value:
                raise click.UsageError(f"{option} takes QUANTITY=VALUE, not {text!r}")
            try:
                origin = f"{option} {text}"
                found.append(budgets.read_budget(name.strip(), bound, value, origin))
            except budgets.BudgetError as error:
                raise click.UsageError(f"{option}: {error}") from None
    return found


def _selection(select: tuple[str, ...], ignore: tuple[str, ...]) -> Selection:
    try:
        return Selection.parse(select, ignore)
    except UnknownCode as error:
        raise click.UsageError(str(error)) from None


def _overrides(request: Request) -> tuple[tuple[dict[str, str], dict[str, str]], ...]:
    settings = tuple(request.settings())
    if any("" in inputs and len(inputs) > 1 for _, inputs in settings):
        raise click.UsageError("--input with several inputs takes NAME=VOLUME")
    return settings


def changes_of(asked: Asked) -> Changes:
    """What is to be changed in the files."""
    request, update = asked.request, asked.update
    changes = Changes(asked.fix or asked.unsafe_fixes, asked.unsafe_fixes, update)
    if update and (request.sets or request.inputs or request.strict or request.variant):
        raise click.UsageError(
            "--update writes what holds for a spec as it stands, without options"
        )
    if asked.dry_run and not changes.any:
        raise click.UsageError(
            "--dry-run shows what --fix, --unsafe-fixes or --update would change"
        )
    return changes._replace(dry_run=asked.dry_run)


class CannotCheck(click.ClickException):
    """A refusal that is not about how the command is used, and so without a usage line."""

    exit_code = 2
