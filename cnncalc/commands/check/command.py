"""cnncalc check: every problem in many specs, for people and for continuous integration."""

from __future__ import annotations

import os
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any

import click

from cnncalc.checks.ignores import Selection, UnknownCode
from cnncalc.commands.check.config import Config, ConfigError
from cnncalc.commands.check.discovery import (
    EXCLUDED,
    IGNORED,
    NO_SPEC,
    PACKAGES,
    Excluded,
    Found,
    discover,
    discover_patterns,
    matches,
    relative_to,
    show_path,
)
from cnncalc.commands.check.log import STREAMED, Log, list_files, plain
from cnncalc.commands.check.projects import Projects
from cnncalc.commands.check.run import (
    Tally,
    check_all,
    with_unreadable,
)
from cnncalc.commands.check.settings import Changes, Settings
from cnncalc.commands.completion import (
    complete_budget,
    complete_codes,
    complete_report,
    complete_spec,
)
from cnncalc.commands.options import (
    Request,
    spec_options,
    whole,
)
from cnncalc.commands.output import Output, check_outputs, output_options, save
from cnncalc.files import STDIN
from cnncalc.problems import SEVERITIES
from cnncalc.render.formats import formats_of, writer_of
from cnncalc.render.stream import say, unstyled, write
from cnncalc.repository import repository_root
from cnncalc.wording import count, did_you_mean, quote, visible

if TYPE_CHECKING:
    from cnncalc.commands.check.budgets import Budget


def _usual_format() -> str | None:
    return "github" if os.environ.get("GITHUB_ACTIONS") else None


@click.command()
@click.argument("paths", metavar="[PATH...]", nargs=-1, shell_complete=complete_spec)
@output_options("check", _usual_format)
@click.option(
    "--report",
    "reports",
    metavar="FORMAT=FILE",
    multiple=True,
    shell_complete=complete_report,
    help="Write the same to a file as well; any number of times.",
)
@click.option(
    "--max",
    "most",
    metavar="QUANTITY=VALUE",
    multiple=True,
    shell_complete=complete_budget,
    help="A budget: parameters=5M, memory=40MiB.",
)
@click.option(
    "--min",
    "least",
    metavar="QUANTITY=VALUE",
    multiple=True,
    shell_complete=complete_budget,
    help="The least that is enough.",
)
@click.option(
    "--fail-on",
    metavar="SEVERITY",
    type=click.Choice(SEVERITIES),
    help="The mildest that fails: error, warning, note.",
)
@click.option(
    "--select",
    metavar="CODES",
    multiple=True,
    shell_complete=complete_codes,
    help="Report these problems only.",
)
@click.option(
    "--ignore",
    metavar="CODES",
    multiple=True,
    shell_complete=complete_codes,
    help="Do not report these problems.",
)
@click.option(
    "--config", metavar="FILE", type=click.Path(), help="Take settings from this file only."
)
@click.option("--isolated", is_flag=True, help="Take settings from no pyproject.toml.")
@click.option("--exclude", metavar="PATTERN", multiple=True, help="Leave out of folders.")
@click.option("--show-files", is_flag=True, help="Only list what is checked or left out, and why.")
@click.option("--exit-zero", is_flag=True, help="Problems are no failure.")
@click.option("--fix", is_flag=True, help="First mend in the files what has only one remedy.")
@click.option("--unsafe-fixes", is_flag=True, help="First mend what has a likely remedy too.")
@click.option("--update", is_flag=True, help="First bring expect: up to date in the files.")
@click.option("--dry-run", is_flag=True, help="Only print what these would change, as a diff.")
@click.option("--stdin-filename", metavar="PATH", help="What to call the spec of -.")
@click.option("--allow-empty", is_flag=True, help="No spec at all is no error.")
@click.option(
    "--jobs",
    metavar="N",
    type=whole(1),
    help="Processes. [as many as there are cores, for many files]",
)
@click.option("-v", "--verbose", is_flag=True, help="Also notes, and what budgets leave.")
@click.option("-q", "--quiet", is_flag=True, help="Problems only: no summary, no remarks.")
@spec_options
def check(
    paths: tuple[str, ...],
    out: Output,
    reports: tuple[str, ...],
    most: tuple[str, ...],
    least: tuple[str, ...],
    fail_on: str | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    config: str | None,
    isolated: bool,
    exclude: tuple[str, ...],
    show_files: bool,
    exit_zero: bool,
    fix: bool,
    unsafe_fixes: bool,
    update: bool,
    dry_run: bool,
    stdin_filename: str | None,
    allow_empty: bool,
    jobs: int | None,
    verbose: bool,
    quiet: bool,
    **shared: Any,
) -> int:
    """Every problem in every spec; made for CI.

    What does not fit, what is not as expected, what is over budget.

    A PATH is a spec, a folder of specs, - for standard input, or the name of a bundled network.
    Without one: what [tool.cnncalc] specs in pyproject.toml names, else the current folder.
    Exit code 0: no problems; 1: problems; 2: something could not be checked.

    \b
    cnncalc check specs/
    cnncalc check net.yaml --max parameters=5M --max macs=600M
    cnncalc check net.yaml --update
    cnncalc check --report sarif=cnncalc.sarif --report junit=cnncalc.xml
    """
    request = Request(**shared)
    changes = _changes(request, fix, unsafe_fixes, update, dry_run)
    files = _report_files(reports)
    here, root = _surroundings(paths)
    style = out.paper().style
    asked = Settings(
        budgets=tuple(_budgets(most, least)),
        selection=_selection(select, ignore),
        fail_on=fail_on or "",
        strict=request.strict,
        variant=request.variant,
        overrides=_overrides(request),
        max_size=request.limits.size,
        max_layers=request.limits.layers,
        training=request.training,
        allow_custom=request.allow_custom,
        totals=not {out.format, *files} <= set(STREAMED),
        headroom=verbose,
        style=style if out.format == "text" else unstyled,
    )
    try:
        projects = Projects(root, config, isolated)
        project = projects.nearest(here)
        excluded = Excluded(exclude, here), Excluded(project.exclude, project.folder)
        found = _find(paths, stdin_filename, project, root, request.limits.size, excluded)
        work = [(target, projects.for_target(target, asked)) for target in found.targets]
    except ConfigError as error:
        raise _CannotCheck(str(error)) from None
    if show_files:
        return list_files(found)
    read = [*(target.path for target in found.targets), *projects.files]
    check_outputs([*files, *filter(None, [out.file])], read, "--report: " if files else "")
    if changes.any:
        from cnncalc.commands.check.changes import change_files  # only for --fix and --update

        failed, diff = change_files(work, changes)
        found = found.without(failed)
        work = [part for part in work if part[0] in found.targets]
        if dry_run:
            return _show_diff(diff, found)
    if not quiet:
        _remark(found, projects, verbose)
        _remark_budgets(found, project if not paths else Config(), root)
    log = Log(out, style, verbose, quiet, len(found.targets))
    tally, kept = Tally(), []
    checked = with_unreadable(found.unreadable, check_all(work, jobs))
    try:
        with closing(checked):
            for report in checked:
                tally.add(report)
                log.file(report)
                if files or out.format not in STREAMED:
                    kept.append(plain(report))
    except ChildProcessError as error:
        raise _CannotCheck(f"{error}; try --jobs 1") from None
    summary = tally.summary(found, allow_empty=allow_empty, exit_zero=exit_zero)
    log.end(kept, summary)
    for file, kind in files.items():
        save(writer_of("check", kind)(kept, summary), file)
    if not (summary.files or summary.unreadable or allow_empty):
        raise _CannotCheck(_nothing(paths, project, found))
    return summary.exit_code


# What was asked for.


def _report_files(reports: tuple[str, ...]) -> dict[str, str]:
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


def _surroundings(paths: tuple[str, ...]) -> tuple[str, str]:
    """The current folder, and the one that reports are relative to.

    That is the top of the repository of the current folder, else of the one that all paths are in.
    """
    try:
        here = os.getcwd()
    except OSError:
        raise _CannotCheck("the current folder does not exist") from None
    root = repository_root(here)
    if root is None and paths:
        with suppress(ValueError):  # paths on several drives, or with a NUL
            common = os.path.commonpath([os.path.realpath(path) for path in paths])
            root = repository_root(common)
    return here, root or here


def _budgets(most: tuple[str, ...], least: tuple[str, ...]) -> list[Budget]:
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


def _find(
    paths: tuple[str, ...],
    stdin_filename: str | None,
    project: Config,
    root: str,
    max_size: int,
    excluded: tuple[Excluded, ...],
) -> Found:
    if stdin_filename is not None:
        paths = paths or (STDIN,)
        if STDIN not in paths:
            raise click.UsageError("--stdin-filename names the spec of -, which is not there")
    if paths or not project.specs:
        return discover(paths or (os.curdir,), root, stdin_filename or "", max_size, excluded)
    return discover_patterns(project.specs, project.folder, root, max_size, excluded)


def _changes(request: Request, fix: bool, unsafe: bool, update: bool, dry_run: bool) -> Changes:
    changes = Changes(fix or unsafe, unsafe, update)
    if update and (request.sets or request.inputs or request.strict or request.variant):
        raise click.UsageError(
            "--update writes what holds for a spec as it stands, without options"
        )
    if dry_run and not changes.any:
        raise click.UsageError(
            "--dry-run shows what --fix, --unsafe-fixes or --update would change"
        )
    return changes._replace(dry_run=dry_run)


def _show_diff(diff: str, found: Found) -> int:
    """What a dry run ends with, in the place of a report: 1 where anything would change."""
    write(diff)
    for shown, reason, _ in found.unreadable:
        say(f"cannot change {visible(shown)}: {visible(reason)}")
    return 2 if found.unreadable else int(bool(diff))


# What is said.


def _remark(found: Found, projects: Projects, verbose: bool) -> None:
    """What was skipped, and settings that were not read, on stderr."""
    for remark in (*projects.remarks, *found.remarks):
        say(remark)
    packages = [shown for shown, why in found.left_out.items() if why == PACKAGES]
    for skipped in packages if verbose else ():
        say(f"skipped {visible(skipped)}: installed packages; name it to check it")


def _remark_budgets(found: Found, project: Config, root: str) -> None:
    """Budgets that are for none of the project's specs, on stderr."""
    folder = show_path(project.folder, root)
    shown = [relative_to(target.shown, folder) for target in found.targets]
    for pattern in dict.fromkeys(budget.pattern for budget in project.budgets if budget.pattern):
        if not any(matches(path, pattern) for path in shown):
            say(f"{project.file}: budgets: no spec matches {quote(pattern, 100)!r}")


def _nothing(paths: tuple[str, ...], project: Config, found: Found) -> str:
    where = ", ".join(map(visible, paths or project.specs)) or "the current folder"
    left_out = {
        f"{count(found.count(NO_SPEC), 'other YAML file')} passed over": NO_SPEC,
        f"{found.count(EXCLUDED):,} excluded": EXCLUDED,
        f"{found.count(IGNORED):,} ignored by git": IGNORED,
    }
    others = ", ".join(text for text, why in left_out.items() if found.count(why))
    others = f" ({others})" if others else ""
    return (
        f"no specs in {where}{others}; a spec is called *.cnn.yaml "
        "or has input: and layers: at its top (--allow-empty)"
    )


class _CannotCheck(click.ClickException):
    """A refusal that is not about how the command is used, and so without a usage line."""

    exit_code = 2
