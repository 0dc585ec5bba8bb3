"""Where a command writes what it has found: --format, -o/--output-file, --width, --color."""

import sys
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, NamedTuple

import click

from cnncalc import files
from cnncalc.commands.completion import complete_file
from cnncalc.commands.options import Command, color_option, whole
from cnncalc.render.formats import format_of_file, formats_of, writer_of
from cnncalc.render.stream import Paper, paper_of, say, style_of, write
from cnncalc.wording import visible


class Output(NamedTuple):
    """The place and the form of what a command writes."""

    command: str
    format: str
    file: str | None  # None: standard output
    width: int | None
    color: str

    def check(self, specs: Iterable[str] = ()) -> None:
        """Refuse, before any work is done, a file that cannot be written or is a SPEC as well."""
        if self.file is not None:
            from cnncalc.api import locate  # which reads YAML

            check_outputs([self.file], [locate(name)[0] for name in specs])

    def paper(self) -> Paper:
        """A file has its natural width, and colours only where they are asked for."""
        if self.file is None:
            return paper_of(self.width, self.color, sys.stdout)
        return Paper(
            self.width, style_of(self.color if self.color == "always" else "never", sys.stdout)
        )

    def write(self, *found: Any, **more: Any) -> None:
        """Write what was found, with the command's writer of the format."""
        paper = self.paper()
        text = writer_of(self.command, self.format)(*found, paper, **more)
        for remark in paper.remarks:
            say(remark)
        deliver(text, self.file)


def output_options(
    command: str, usual: Callable[[], str | None] = lambda: None
) -> Callable[[Command], Command]:
    """The options that say where a command writes; it gets them as `out`.

    `usual` is the format where none is asked for, if it is not the first of the command.
    """
    names = tuple(formats_of(command))

    def decorate(function: Command) -> Command:
        @wraps(function)
        def call(
            format_: str | None, json_: bool, output_file: str | None, width: int | None,
            color: str, **others: Any,
        ) -> Any:  # fmt: skip
            format_ = _format(command, format_, json_, output_file, usual)
            file = None if output_file == files.STDIN else output_file
            return function(out=Output(command, format_, file, width, color), **others)

        found: Any = color_option(call)
        for option in (
            click.option(
                "--width",
                metavar="N",
                type=whole(),
                help="Columns of a line, where it is not as wide as the terminal.",
            ),
            file_option("To a file; its suffix names the format."),
            click.option("--json", "json_", is_flag=True, help="The same as --format json."),
            click.option(
                "--format",
                "format_",
                metavar="FORMAT",
                type=click.Choice(names),
                help=f"{', '.join(names)}. [{names[0]}]",
            ),
        ):  # fmt: skip
            found = option(found)
        return found  # type: ignore[no-any-return]

    return decorate


def file_option(help: str = "Write to a file.") -> Callable[[Command], Command]:
    """-o/--output-file of a command that has one format only."""
    return click.option(
        "-o",
        "--output-file",
        "output_file",
        metavar="FILE",
        shell_complete=complete_file,
        help=help,
    )


def _format(
    command: str, name: str | None, json: bool, file: str | None, usual: Callable[[], str | None]
) -> str:
    """The format that is asked for, or that the suffix of the file names, or the first."""
    if json and name not in (None, "json"):
        raise click.UsageError(f"--json and --format {name} are two formats")
    if json or name:
        return name or "json"
    if file is None or file == files.STDIN:
        return usual() or next(iter(formats_of(command)))
    found = format_of_file(command, file)
    if found is None:
        suffixes = ", ".join(dict.fromkeys(f.suffix for f in formats_of(command).values()))
        raise click.UsageError(
            f"-o {visible(file)}: the suffix names no format; use {suffixes} or --format"
        )
    return found


def check_outputs(outputs: Iterable[str], inputs: Iterable[str], option: str = "") -> None:
    """Refuse, before any work is done, files that cannot be written."""
    try:
        files.check(outputs, inputs)
    except files.CannotWrite as error:
        raise click.UsageError(f"{option}{error}") from None


def deliver(found: str | bytes, file: str | None) -> None:
    """To a file, or to standard output."""
    if file is not None and file != files.STDIN:
        save(found, file)
    elif isinstance(found, str):
        write(found)
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(found)


def save(found: str | bytes, path: str) -> None:
    """Write a text, or what is no text, to a file."""
    files.write(path, found if isinstance(found, bytes) else encoded(found))


def encoded(text: str) -> bytes:
    """A text as it stands in a file."""
    return text.encode("utf-8", "backslashreplace")
