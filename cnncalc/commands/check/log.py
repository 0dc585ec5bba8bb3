"""What a run of check prints: reports while files are checked, and the line that sums them up."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from cnncalc.commands.check.run import UNREADABLE, Summary
from cnncalc.commands.check.text import concise_of, summary_line, text_of
from cnncalc.commands.output import deliver
from cnncalc.commands.progress import Progress
from cnncalc.problems import NOTE
from cnncalc.render.formats import writer_of
from cnncalc.render.stream import Style, encodable, plain_text, say, write
from cnncalc.wording import count, line_start, visible

if TYPE_CHECKING:
    from cnncalc.commands.check.discovery import Found
    from cnncalc.commands.check.finding import FileReport
    from cnncalc.commands.output import Output

STREAMED = {"text": text_of, "concise": concise_of}  # written file by file


class Log:
    """What appears while the files are checked, and at the end."""

    def __init__(self, out: Output, style: Style, verbose: bool, quiet: bool, files: int) -> None:
        self.format = out.format
        self.output_file = out.file
        self.texts: list[str] = []  # for the file
        self.style = style
        self.verbose = verbose
        self.notes = verbose
        self.quiet = quiet
        self.files = files
        self.checked = 0
        self.progress = Progress(not quiet)

    def file(self, report: FileReport) -> None:
        """Print what there is to say of one file, and how far it is."""
        self.checked += 1
        self.notes |= report.fail_on == NOTE
        if report.status == UNREADABLE and not report.layers:  # nothing of it was read
            self.out("", flush=True)
            finding = report.findings[0]
            help = f"; {finding.help}" if finding.help else ""
            say(f"cannot check {visible(report.path)}: {visible(finding.message + help)}")
        elif self.format in STREAMED:
            self.out(STREAMED[self.format](report, self.verbose, self.verbose, self.style))
        self.progress.say(f"checked {self.checked:,} of {count(self.files, 'file')}")

    def out(self, text: str, flush: bool = False) -> None:
        """Print; where nobody reads any more, the rest is checked for the exit code alone."""
        if self.output_file is not None:
            self.texts.append(text)
            return
        if text or flush:
            self.progress.clear()
        try:
            sys.stdout.write(encodable(text, sys.stdout.encoding))
            if flush:
                sys.stdout.flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    def end(self, reports: list[FileReport], summary: Summary) -> None:
        """The report for machines, and the line that sums all up."""
        line = "" if self.quiet else summary_line(summary, self.notes, self.style)
        if self.format not in STREAMED:
            self.out(writer_of("check", self.format)(reports, summary), flush=True)
        elif self.output_file is None:
            self.out(line and f"{line}\n", flush=True)
            return
        if self.output_file is not None:
            deliver("".join(self.texts), self.output_file)
        if self.format == "github":
            _publish(reports, summary)
        if line:
            say(plain_text(line))


def _publish(reports: list[FileReport], summary: Summary) -> None:
    """The table that a runner shows for the step."""
    from cnncalc.commands.check.github import publish  # only on a GitHub runner

    try:
        publish(reports, summary)
    except OSError as error:
        say(f"no summary of the step: {error.strerror or error}")


def plain(report: FileReport) -> FileReport:
    """For files and machines: without colours."""
    findings = tuple(finding._replace(text=plain_text(finding.text)) for finding in report.findings)
    return report._replace(findings=findings)


def list_files(found: Found) -> int:
    """What would be checked, what is left out, and why."""
    rows = [(target.shown, "checked", target.why) for target in found.targets]
    rows += [(shown, "left out", why) for shown, why in found.left_out.items()]
    rows += [(what.shown, "unreadable", what.reason) for what in found.unreadable]
    for path, state, why in sorted(rows):
        write(line_start(f"{visible(path)}: {state}: {visible(why)}\n"))
    return 2 if found.unreadable or not found.targets else 0
