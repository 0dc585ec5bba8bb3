"""Checking files: each becomes a FileReport, and all of them a Summary.

    found = discover(["specs"], root)
    for report in check_all([(target, Settings()) for target in found.targets]):
        ...

A file that cannot be checked has the status "unreadable" and one finding, CNN100, that says why.
"""

import gc
import os
from collections.abc import Generator
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from cnncalc import problems as codes
from cnncalc.api import is_model, read_bytes
from cnncalc.checks.ignores import apply_ignores
from cnncalc.commands.check.discovery import EXCLUDED, IGNORED, NO_SPEC, PACKAGES
from cnncalc.commands.check.family import Members, Merged
from cnncalc.commands.check.finding import FileReport, Finding, Place, RelatedPlace, Replacement
from cnncalc.commands.check.settings import Settings
from cnncalc.files import STDIN
from cnncalc.language.folder import Disk
from cnncalc.language.source import Source
from cnncalc.network.build import OverrideError, SpecError
from cnncalc.problems import ERROR, MAX_ERRORS, NOTE, SEVERITIES, WARNING, Problem
from cnncalc.quantities import QUANTITIES
from cnncalc.render.diagnostics import render_problem
from cnncalc.render.stream import Style, unstyled
from cnncalc.wording import count, visible

if TYPE_CHECKING:
    from cnncalc.commands.check.discovery import Found, Target, Unreadable
    from cnncalc.language.model import Spec
    from cnncalc.language.source import Span
    from cnncalc.network.model import Network

MAX_FINDINGS = 2 * MAX_ERRORS  # in one file, warnings and notes too; the next one says the rest
_PARALLEL_FROM = 40  # files; fewer are checked before other processes have started
_GARBAGE = 50_000  # objects that may pile up while nothing collects them

OK, PROBLEMS, UNREADABLE = "ok", "problems", "unreadable"


class Summary(NamedTuple):
    """What all the files come to."""

    files: int  # that were checked
    layers: int  # in all of them, each variant of a family for itself
    errors: int
    warnings: int
    notes: int
    passed_over: int  # other YAML files in the folders, which are no specs
    exit_code: int
    unreadable: int = 0  # what should have been checked and could not be; an error each
    skipped: int = 0  # folders of installed packages, in which nothing was looked for
    ignored: int = 0  # problems that comments in the files silence
    fixable: int = 0  # problems that --fix mends
    excluded: int = 0  # files in the folders that settings leave out
    git_ignored: int = 0  # specs in the folders that git ignores and does not track


# One file.


def check_target(target: "Target", settings: Settings) -> FileReport:
    """Everything there is to say of one file."""
    try:
        report = _check(target, settings)
    except Exception as error:
        error.add_note(f"while checking {visible(target.shown)}")
        raise
    if gc.get_count()[0] > _GARBAGE:
        gc.collect(0)  # a network refers to itself; thousands of them must not pile up
    return report


def _check(target: "Target", settings: Settings) -> FileReport:
    try:
        return _check_spec(_spec(target, settings), target, settings)
    except OSError as error:
        return unreadable_report(target.shown, error.strerror or str(error))
    except SpecError as error:
        return _report(target.shown, error.problems, settings)
    except OverrideError as error:
        return unreadable_report(target.shown, str(error))


def _spec(target: "Target", settings: Settings) -> "Spec":
    if is_model(target.path):
        from cnncalc.exchange import read_spec  # most are specs

        return read_spec(target.path, settings.max_size, target.shown)
    if target.data is None and ":" in target.path:
        from cnncalc.exchange.factory import FactorySpec, is_factory  # as above

        if is_factory(target.path):
            return FactorySpec(target.path)
    data = target.data if target.data is not None else _read(target.path, settings.max_size)
    is_file = target.path != STDIN and os.path.isfile(target.path)
    folder = Disk.of(target.path, target.shown) if is_file else None
    return read_bytes(data, target.shown, settings.max_size, folder)


def _read(path: str, max_size: int) -> bytes:
    with open(path, "rb") as file:
        return file.read(max_size + 1)


def _check_spec(spec: "Spec", target: "Target", settings: Settings) -> FileReport:
    members = Members(spec, target, settings)
    merged = Merged("in all variants" if spec.variants else "under all settings")
    for label, built in members:
        merged.add(label, [*built.problems, *members.verdicts(built)])
    problems, ignored = apply_ignores(
        spec.text, merged.problems(members.problems), compared=members.compared
    )
    first = members.first
    return _report(
        target.shown,
        list(filter(settings.selection.keeps, problems)),
        settings,
        network=spec.name,
        layers=members.layers,
        totals=_totals(first.network) if settings.totals and first is not None else {},
        headroom=tuple(members.headroom),
        ignored=sum(map(settings.selection.keeps, ignored)),
    )


def _totals(network: "Network") -> dict[str, int]:
    from cnncalc.commands.check.budgets import budgeted  # only for reports that have totals

    return {name: network.quantity(name) for name in budgeted() if name in QUANTITIES}


# Reports.


def unreadable_report(shown: str, reason: str, help: str = "") -> FileReport:
    """The report on something that cannot be checked."""
    reason = reason[:1].lower() + reason[1:]
    problem = Problem(codes.UNREADABLE, reason, Source(shown, "").span(0), help=help)
    return FileReport(shown, UNREADABLE, "", 0, {}, (_finding(problem, shown, unstyled),))


def _report(
    shown: str,
    problems: list[Problem],
    settings: Settings,
    *,
    network: str = "",
    layers: int = 0,
    totals: dict[str, int] | None = None,
    headroom: tuple[str, ...] = (),
    ignored: int = 0,
) -> FileReport:
    if len(problems) > MAX_FINDINGS:
        left = problems[MAX_FINDINGS:]
        worst = min((problem.severity for problem in left), key=SEVERITIES.index)
        more = codes.LIMIT._replace(severity=worst)
        message = f"{count(len(left), 'more problem')} in this file not listed"
        problems = [*problems[:MAX_FINDINGS], Problem(more, message, left[0].span)]
    findings = tuple(_finding(problem, shown, settings.style) for problem in problems)
    wrong = any(finding.severity != NOTE for finding in findings)
    status = PROBLEMS if wrong else OK
    if any(problem.code is codes.NO_CODE for problem in problems):
        status = UNREADABLE
    return FileReport(
        shown,
        status,
        network,
        layers,
        totals or {},
        findings,
        headroom,
        ignored,
        settings.fail_on or ERROR,
    )


def _finding(problem: Problem, shown: str, style: Style) -> Finding:
    fix = problem.fix
    return Finding(
        path=problem.span.source.name,
        code=problem.code.code,
        name=problem.code.name,
        severity=problem.severity,
        message=problem.message,
        place=_place(problem.span),
        layer=problem.layer,
        help=str(problem.help),
        detail=problem.detail,
        expected=problem.expected,
        actual=problem.actual,
        related=tuple(
            RelatedPlace(related.message, _place(related.span)) for related in problem.related
        ),
        text=render_problem(problem, style),
        fix=fix and Replacement(_place(fix.span), fix.text, fix.safe),
    )


def _place(span: "Span") -> Place:
    return Place(*span.source.position(span.start), *span.source.position(span.end))


class Tally:
    """Adds reports up."""

    def __init__(self) -> None:
        self.files = 0
        self.layers = 0
        self.unreadable = 0
        self.ignored = 0
        self.fixable = 0
        self.severities = dict.fromkeys(SEVERITIES, 0)
        self.failed = False  # by a finding that is as bad as its file must not have

    def add(self, report: FileReport) -> None:
        failing = SEVERITIES[: SEVERITIES.index(report.fail_on) + 1]
        self.files += report.status != UNREADABLE
        self.unreadable += report.status == UNREADABLE
        self.layers += report.layers
        self.ignored += report.ignored
        for finding in report.findings:
            self.severities[finding.severity] += 1
            self.fixable += finding.fix is not None and finding.fix.safe
            self.failed |= finding.severity in failing

    def summary(
        self, found: "Found | None" = None, *, allow_empty: bool = False, exit_zero: bool = False
    ) -> Summary:
        """The sum, and the exit code; `found` says what was left out."""
        count = found.count if found else lambda why: 0
        nothing = not (self.files or allow_empty)
        exit_code = 2 if self.unreadable or nothing else int(self.failed and not exit_zero)
        return Summary(
            self.files,
            self.layers,
            self.severities[ERROR],
            self.severities[WARNING],
            self.severities[NOTE],
            count(NO_SPEC),
            exit_code,
            self.unreadable,
            count(PACKAGES),
            self.ignored,
            self.fixable,
            count(EXCLUDED),
            count(IGNORED),
        )


# Many files.


def check_all(
    work: "list[tuple[Target, Settings]]", jobs: int | None = None
) -> Generator[FileReport, None, None]:
    """The reports in the order of the targets; from some number of files on, in parallel."""
    if jobs is None:
        jobs = _cores() if len(work) >= _PARALLEL_FROM else 1
    jobs = min(jobs, len(work))
    if jobs <= 1:
        return (check_target(target, settings) for target, settings in work)
    from cnncalc.commands.check.parallel import in_parallel  # only for many files

    return in_parallel(_check_one, work, jobs)


def _check_one(part: "tuple[Target, Settings]") -> FileReport:
    return check_target(*part)


def _cores() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return os.cpu_count() or 1


def with_unreadable(
    unreadable: "list[Unreadable]", reports: Generator[FileReport, None, None]
) -> Generator[FileReport, None, None]:
    """All reports by path: those on what could not be read are merged in."""
    if not unreadable:
        return reports
    from heapq import merge  # seldom is anything unreadable

    unread = (unreadable_report(*what) for what in unreadable)
    return merge(unread, reports, key=attrgetter("path"))
