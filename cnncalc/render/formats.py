"""The registry of formats: what each is for, and where the writer of each command stands.

The options --format, -o and --report, the table in docs/commands.md and the tests that go through
all formats come from here. A writer is imported when it writes.
"""

import os
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any, NamedTuple


class Format(NamedTuple):
    """A form in which commands write what they have found."""

    name: str
    suffix: str  # of files; of two formats of a command that share one, the first is meant
    meaning: str
    writers: dict[str, str]  # by command, as module:function


FORMATS: dict[str, Format] = {}


def _format(name: str, suffix: str, meaning: str, **writers: str) -> None:
    places = {command: f"cnncalc.{place}" for command, place in writers.items()}
    FORMATS[name] = Format(name, suffix, meaning, places)


# The first format of a command is what it writes where none is asked for.
_format(
    "table",
    ".txt",
    "aligned columns and grids, on a terminal no wider than that",
    describe="commands.describe.tables:render_table",
    trace="commands.trace.text:render_traces",
    diff="commands.diff.report:render_text",
)
_format(
    "text",
    ".txt",
    "formulas with their numbers, or the lines of a spec with a caret",
    explain="commands.explain.text:render_text",
    check="commands.check.text:render_text",
    solve="commands.solve.text:render_text",
    draw="commands.draw.writers:write_text",
)
_format(
    "concise",
    ".txt",
    "a line a problem, from which an editor jumps to its place",
    check="commands.check.text:render_concise",
)
_format(
    "json",
    ".json",
    "everything, for programs; `cnncalc schema COMMAND` prints its JSON Schema",
    describe="commands.describe.as_json:render_json",
    explain="commands.explain.as_json:render_json",
    trace="commands.trace.as_json:render_traces",
    check="commands.check.as_json:render",
    diff="commands.diff.as_json:render_json",
    solve="commands.solve.as_json:render_json",
)
_format(
    "csv",
    ".csv",
    "raw whole numbers, for a spreadsheet or pandas",
    describe="commands.describe.tables:render_csv",
)
_format(
    "markdown",
    ".md",
    "for a README, or the comment on a pull request",
    describe="commands.describe.tables:render_markdown",
    explain="commands.explain.blocks:render_markdown",
    trace="commands.trace.blocks:render_markdown",
    diff="commands.diff.report:render_markdown",
)
_format(
    "html",
    ".html",
    "a page that needs no other file, light or dark as its reader is",
    describe="commands.describe.tables:render_html",
    explain="commands.explain.blocks:render_html",
    trace="commands.trace.blocks:render_html",
    diff="commands.diff.report:render_html",
    solve="commands.solve.blocks:render_html",
)
_format(
    "latex",
    ".tex",
    "for a paper: a part to `\\input`, or with `--standalone` a document",
    describe="commands.describe.tables:render_latex",
    explain="commands.explain.blocks:render_latex",
    trace="commands.trace.blocks:render_latex",
)
_format(
    "github",
    ".log",
    "annotations beside the lines, and a summary of the job, on a GitHub runner",
    check="commands.check.github:render",
)
_format(
    "sarif",
    ".sarif",
    "SARIF 2.1.0, for GitHub code scanning, Azure DevOps and editors",
    check="commands.check.sarif:render",
)
_format(
    "junit",
    ".xml",
    "JUnit's XML, for Jenkins, GitLab, Azure DevOps and CircleCI",
    check="commands.check.junit:render",
)
_format(
    "gitlab",
    ".json",
    "the code quality report of GitLab's merge requests",
    check="commands.check.gitlab:render",
)
_format(
    "svg",
    ".svg",
    "a picture, for a browser, a README, Inkscape",
    draw="commands.draw.writers:write_svg",
    diff="commands.draw.compared:render_svg",
)
_format("png", ".png", "a picture in pixels, for a slide", draw="commands.draw.writers:write_png")
_format("pdf", ".pdf", "a picture as a page, for a paper", draw="commands.draw.writers:write_pdf")
_format(
    "mermaid",
    ".mmd",
    "a flowchart for Markdown, as GitHub and GitLab show it",
    draw="commands.draw.writers:write_mermaid",
)
_format(
    "tikz",
    ".tex",
    "a picture in TikZ, for a paper in LaTeX",
    draw="commands.draw.writers:write_tikz",
)


def formats_of(command: str) -> dict[str, Format]:
    """The formats that a command writes, the one first that it writes unless asked."""
    return {name: format for name, format in FORMATS.items() if command in format.writers}


def writer_of(command: str, name: str | None) -> Callable[..., Any]:
    """The function that writes what a command has found; its module is imported now."""
    format = FORMATS[name] if name else next(iter(formats_of(command).values()))
    module, _, function = format.writers[command].partition(":")
    writer: Callable[..., object] = getattr(import_module(module), function)
    return writer


def format_of_file(command: str, path: str) -> str | None:
    """The format that the suffix of a file names."""
    suffix = os.path.splitext(path)[1].lower()
    return next((f.name for f in formats_of(command).values() if f.suffix == suffix), None)


def commands() -> Iterator[str]:
    """The commands that have a choice of formats."""
    yield from dict.fromkeys(name for format in FORMATS.values() for name in format.writers)
