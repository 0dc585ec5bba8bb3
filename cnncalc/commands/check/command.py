"""cnncalc check: every problem in many specs, for people and for continuous integration."""

from __future__ import annotations

import os
from contextlib import closing
from typing import TYPE_CHECKING, Any

import click

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
from cnncalc.commands.check.options import (
    Asked,
    CannotCheck,
    changes_of,
    check_options,
    report_files,
    surroundings,
)
from cnncalc.commands.check.projects import Projects
from cnncalc.commands.check.run import Summary, Tally, check_all, with_unreadable
from cnncalc.commands.completion import complete_spec
from cnncalc.commands.options import Request, spec_options
from cnncalc.commands.output import check_outputs, output_options, save
from cnncalc.files import STDIN
from cnncalc.render.formats import writer_of
from cnncalc.render.stream import say, write
from cnncalc.wording import count, quote, visible

if TYPE_CHECKING:
    from cnncalc.commands.check.discovery import Target
    from cnncalc.commands.check.settings import Settings


@click.command()
@click.argument("paths", metavar="[PATH...]", nargs=-1, shell_complete=complete_spec)
@output_options("check", lambda: "github" if os.environ.get("GITHUB_ACTIONS") else None)
@check_options
@spec_options
def check(**given: Any) -> int:
    """Every problem in every spec; made for CI.

    What does not fit, what is not as expected, what is over budget.

    A PATH is a spec, a folder of specs, - for standard input, or the name of a bundled network.
    Without one: what [tool.cnncalc] specs in pyproject.toml names, else the current folder.
    Exit code 0: no problems; 1: problems; 2: something could not be checked.

    \b
    cnncalc check specs/
    cnncalc check net.yaml --max parameters=5M --against net.pt2
    cnncalc check net.yaml --update
    cnncalc check --report sarif=cnncalc.sarif --report junit=cnncalc.xml
    """
    shared = {name: given.pop(name) for name in Request._fields if name in given}
    return _check(Asked(**given, request=Request(**shared)))


def _check(asked: Asked) -> int:
    changes = changes_of(asked)
    files = report_files(asked.reports)
    here, root = surroundings(asked.paths)
    settings = asked.settings(files)
    try:
        projects = Projects(root, asked.config, asked.isolated)
        project = projects.nearest(here)
        excluded = Excluded(asked.exclude, here), Excluded(project.exclude, project.folder)
        found = _find(asked, project, root, excluded)
        work = [(target, projects.for_target(target, settings)) for target in found.targets]
    except ConfigError as error:
        raise CannotCheck(str(error)) from None
    if asked.show_files:
        return list_files(found)
    read = [*(target.path for target in found.targets), *projects.files]
    check_outputs([*files, *filter(None, [asked.out.file])], read, "--report: " if files else "")
    if changes.any:
        from cnncalc.commands.check.changes import change_files  # only for --fix and --update

        failed, diff = change_files(work, changes)
        found = found.without(failed)
        work = [part for part in work if part[0] in found.targets]
        if changes.dry_run:
            return _show_diff(diff, found)
    if not asked.quiet:
        _remark(found, projects, asked.verbose)
        _remark_budgets(found, project if not asked.paths else Config(), root)
    summary = _report(asked, settings, found, work, files)
    if not (summary.files or summary.unreadable or asked.allow_empty):
        raise CannotCheck(_nothing(asked.paths, project, found))
    return summary.exit_code


def _report(
    asked: Asked,
    settings: Settings,
    found: Found,
    work: list[tuple[Target, Settings]],
    files: dict[str, str],
) -> Summary:
    """Check all files, and print and write what there is to say of them."""
    log = Log(asked.out, settings.style, asked.verbose, asked.quiet, len(found.targets))
    tally, kept = Tally(), []
    checked = with_unreadable(found.unreadable, check_all(work, asked.jobs))
    try:
        with closing(checked):
            for report in checked:
                tally.add(report)
                log.file(report)
                if files or asked.out.format not in STREAMED:
                    kept.append(plain(report))
    except ChildProcessError as error:
        raise CannotCheck(f"{error}; try --jobs 1") from None
    summary = tally.summary(found, allow_empty=asked.allow_empty, exit_zero=asked.exit_zero)
    log.end(kept, summary)
    for file, kind in files.items():
        save(writer_of("check", kind)(kept, summary), file)
    return summary


def _find(asked: Asked, project: Config, root: str, excluded: tuple[Excluded, ...]) -> Found:
    paths, stdin_filename = asked.paths, asked.stdin_filename
    max_size = asked.request.limits.size
    if stdin_filename is not None:
        paths = paths or (STDIN,)
        if STDIN not in paths:
            raise click.UsageError("--stdin-filename names the spec of -, which is not there")
    if paths or not project.specs:
        return discover(paths or (os.curdir,), root, stdin_filename or "", max_size, excluded)
    return discover_patterns(project.specs, project.folder, root, max_size, excluded)


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
