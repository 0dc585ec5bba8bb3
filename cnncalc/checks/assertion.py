"""assert_valid: a spec's check as one line of a test."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping

from cnncalc.checks.budgets import LEAST, MOST, Budget, read_budget
from cnncalc.checks.discovery import Found, discover, repository_root
from cnncalc.checks.ignores import Selection
from cnncalc.checks.run import Settings, Tally, check_all
from cnncalc.problems import ERROR, NOTE
from cnncalc.reports.check_text import summary_line, text_of

Bounds = Mapping[str, int | str]


def assert_valid(
    path: str | os.PathLike[str],
    *,
    max: Bounds | None = None,
    min: Bounds | None = None,
    variant: str | None = None,
    strict: bool = False,
    fail_on: str = ERROR,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
) -> None:
    """Raise AssertionError with every located problem of a spec, and of all its variants.

    >>> import cnncalc
    >>> cnncalc.assert_valid("lenet", max={"parameters": "100k"})

    `path` is a file, a bundled network's name or a folder, of which every spec is checked. Raises
    OSError for what cannot be read, and ValueError for a budget or code that does not exist.
    """
    __tracebackhide__ = True  # so that pytest shows the problems and not this function
    root = repository_root(os.getcwd()) or os.getcwd()
    found = discover([os.fspath(path)], root)
    settings = Settings(
        budgets=tuple(_budgets(max or {}, min or {})),
        selection=Selection.parse(select, ignore),
        strict=strict,
        variant=variant,
    )
    if found.unreadable or not found.targets:
        raise OSError(_cannot(path, found))
    tally, texts = Tally(), []
    for report in check_all(found.targets, settings, jobs=1):
        tally.add(report)
        texts.append(text_of(report, notes=fail_on == NOTE))
    summary = tally.summary(found.passed_over, len(found.skipped), fail_on=fail_on)
    if summary.exit_code:
        # The first line is all that the summary of a test run shows.
        if fail_on != NOTE:
            summary = summary._replace(notes=0)
        says = summary_line(summary, notes=True)
        raise AssertionError("\n\n".join((says, *(text.strip() for text in texts if text))))


def _cannot(path: str | os.PathLike[str], found: Found) -> str:
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
