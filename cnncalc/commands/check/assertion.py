"""assert_valid: a spec's check as one line of a test."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping

from cnncalc.accepted import checked
from cnncalc.checks.ignores import Selection
from cnncalc.commands.check.budgets import LEAST, MOST, Budget, read_budget
from cnncalc.commands.check.discovery import Found, discover
from cnncalc.commands.check.finding import FileReport
from cnncalc.commands.check.projects import Projects
from cnncalc.commands.check.run import UNREADABLE, Tally, check_all
from cnncalc.commands.check.settings import Settings
from cnncalc.commands.check.text import any_notes, summary_line, text_of
from cnncalc.repository import repository_root

Bounds = Mapping[str, int | str]


@checked
def assert_valid(
    path: str | os.PathLike[str],
    *,
    max: Bounds | None = None,
    min: Bounds | None = None,
    variant: str | None = None,
    strict: bool = False,
    fail_on: str | None = None,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    config: str | os.PathLike[str] | None = None,
    isolated: bool = False,
) -> None:
    """Raise AssertionError with every located problem of a spec, and of all its variants.

    >>> import cnncalc
    >>> cnncalc.assert_valid("lenet", max={"parameters": "100k"})

    `path` is a file, a bundled network's name or a folder, of which every spec is checked. Settings
    in pyproject.toml hold as for `cnncalc check`: with `config` those of that file only, with
    `isolated` none. Raises OSError for what cannot be read, and ValueError for settings that cannot
    be, and a budget or code that does not exist.
    """
    __tracebackhide__ = True  # so that pytest shows the problems and not this function
    root = repository_root(os.getcwd()) or os.getcwd()
    found = discover([os.fspath(path)], root)
    try:
        budgets, selection = tuple(_budgets(max or {}, min or {})), Selection.parse(select, ignore)
    except ValueError as error:  # raised anew, so that pytest shows the test and nothing below
        raise type(error)(str(error)) from None
    asked = Settings(
        budgets=budgets, selection=selection, fail_on=fail_on or "", strict=strict, variant=variant
    )
    if found.unreadable or not found.targets:
        raise OSError(cannot_check(path, found))
    projects = Projects(root, None if config is None else os.fspath(config), isolated)
    work = [(target, projects.for_target(target, asked)) for target in found.targets]
    fail_on_problems(found, list(check_all(work, jobs=1)))


def fail_on_problems(found: Found, reports: list[FileReport]) -> None:
    """Raise AssertionError with what is wrong, if anything is."""
    __tracebackhide__ = True
    tally = Tally()
    for report in reports:
        tally.add(report)
    summary = tally.summary(found)
    if summary.exit_code:
        # The first line is all that the summary of a test run shows.
        if not any_notes(reports):
            summary = summary._replace(notes=0)
        unread = [r.findings[0].message for r in reports if r.status == UNREADABLE]
        says = ": ".join((summary_line(summary, notes=True), *unread[:1]))
        texts = (text_of(report).strip() for report in reports)
        raise AssertionError("\n\n".join((says, *filter(None, texts))))


def cannot_check(path: str | os.PathLike[str], found: Found) -> str:
    """Why nothing, or not everything, can be checked."""
    if found.unreadable:
        shown, reason, help = found.unreadable[0]
        return f"cannot check {shown}: {reason}" + (f"; {help}" if help else "")
    return f"no specs in {os.fspath(path)}"


def _budgets(most: Bounds, least: Bounds) -> Iterator[Budget]:
    for argument, bound, values in (("max", MOST, most), ("min", LEAST, least)):
        for quantity, value in values.items():
            yield read_budget(
                quantity, bound, str(value), f"{argument}={{{quantity!r}: {value!r}}}"
            )
