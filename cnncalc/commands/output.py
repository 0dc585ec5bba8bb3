"""Where a command writes what it has found: --format, -o/--output-file, --width, --color."""

import os
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

import click

from cnncalc import files
from cnncalc.commands.completion import complete_file
from cnncalc.commands.options import Command, Option, color_option, whole, with_options
from cnncalc.render.formats import FORMATS, format_of_file, formats_of, writer_of
from cnncalc.render.handout import PLAIN, Handout
from cnncalc.render.stream import Paper, paper_of, say, style_of, write
from cnncalc.wording import visible

if TYPE_CHECKING:
    from cnncalc.render.blocks import Block

# What the key to an exercise may be written in, by suffix.
_KEYS = {FORMATS[name].suffix: name for name in ("markdown", "latex", "html")}


class Output(NamedTuple):
    """The place and the form of what a command writes."""

    command: str
    format: str
    file: str | None  # None: standard output
    width: int | None
    color: str
    handout: Handout = PLAIN
    answers: str | None = None  # the file of the key to an exercise

    def check(self, specs: Iterable[str] = ()) -> None:
        """Refuse, before any work is done, a file that cannot be written or is a SPEC as well."""
        if self.file or self.answers:
            check_outputs(filter(None, [self.file, self.answers]), map(_path_of, specs))

    def paper(self) -> Paper:
        """A file has its natural width, and colours only where they are asked for."""
        if self.file is None:
            paper = paper_of(self.width, self.color, sys.stdout)
        else:
            color = self.color if self.color == "always" else "never"
            paper = Paper(self.width, style_of(color, sys.stdout))
        paper.handout = self.handout
        return paper

    def write_answers(self, blocks: "Sequence[Block]") -> None:
        """The key to an exercise, in the format of its suffix."""
        assert self.answers is not None
        name = _KEYS[os.path.splitext(self.answers)[1].lower()]
        module = import_module(f"cnncalc.render.{name}")
        more = [self.handout] if name == "latex" else []
        deliver(module.render_blocks(blocks, *more), self.answers)

    def write(self, *found: object, **more: object) -> None:
        """Write what was found, with the command's writer of the format."""
        paper = self.paper()
        text = writer_of(self.command, self.format)(*found, paper, **more)
        for remark in paper.remarks:
            say(remark)
        deliver(text, self.file)


def _path_of(spec: str) -> str:
    from cnncalc.api import locate  # which reads YAML

    return locate(spec)[0]


def output_options(command: str, usual: Callable[[], str | None] = lambda: None) -> Option:
    """The options that say where a command writes; it gets them as `out`.

    `usual` is the format where none is asked for, if it is not the first of the command.
    """
    names = tuple(formats_of(command))

    def decorate(function: Command) -> Command:
        @wraps(function)
        def call(
            format_: str | None, json_: bool, output_file: str | None, width: int | None,
            color: str, **others: object,
        ) -> object:  # fmt: skip
            format_ = _format(command, format_, json_, output_file, usual)
            file = None if output_file == files.STDIN else output_file
            return function(out=Output(command, format_, file, width, color), **others)

        return with_options(
            call,
            click.option(
                "--format", "format_", metavar="FORMAT", type=click.Choice(names),
                help=f"{', '.join(names)}. [{names[0]}]",
            ),
            click.option("--json", "json_", is_flag=True, help="The same as --format json."),
            file_option("To a file; its suffix names the format."),
            click.option(
                "--width", metavar="N", type=whole(),
                help="Columns of a line, where it is not as wide as the terminal.",
            ),
            color_option,
        )  # fmt: skip

    return decorate


def handout_options(lines: bool = True) -> Option:
    """What lecturers ask of a command whose `out` it makes part of other material.

    `lines`: whether it says where in a file a layer stands, which may then be left out.
    """

    def decorate(function: Command) -> Command:
        @wraps(function)
        def call(
            out: Output, caption: str, label: str, standalone: bool, blank: str | None,
            answers: str | None, no_lines: bool = False, **others: object,
        ) -> object:  # fmt: skip
            blanks = tuple(word.strip() for word in (blank or "").split(",") if word.strip())
            handout = Handout(caption, label, standalone, not no_lines, blanks)
            _check_handout(out.format, handout, answers)
            return function(out=out._replace(handout=handout, answers=answers), **others)

        options: list[Option] = [
            click.option("--caption", metavar="TEXT", default="", help="Of LaTeX."),
            click.option("--label", metavar="NAME", default="", help="Of LaTeX."),
            click.option(
                "--standalone", is_flag=True, help="LaTeX that compiles as it stands."
            ),
            click.option("--blank", metavar="LIST", help="Leave these for students to fill in."),
            click.option("--answers", metavar="FILE", help="The key to what is left blank."),
        ]  # fmt: skip
        if lines:
            help = "Do not say where in a file a layer stands."
            options.append(click.option("--no-lines", is_flag=True, help=help))
        return with_options(call, *options)

    return decorate


def _check_handout(format_: str, handout: Handout, answers: str | None) -> None:
    """Refuse what would do nothing."""
    for option in ("caption", "label", "standalone"):
        if getattr(handout, option) and format_ != "latex":
            raise click.UsageError(f"--{option} is for --format latex, not {format_}")
    if not re.fullmatch(r"[\w:./ +-]*", handout.label):
        raise click.UsageError(f"--label {visible(handout.label)}: LaTeX takes no such label")
    if handout.blanks and format_ in ("json", "csv"):
        raise click.UsageError(f"--blank is for people, not for --format {format_}")
    if answers is not None and not handout.blanks:
        raise click.UsageError("--answers is the key to what --blank leaves out")
    if answers is not None and os.path.splitext(answers)[1].lower() not in _KEYS:
        raise click.UsageError(f"--answers {visible(answers)}: use {', '.join(_KEYS)}")


def file_option(help: str = "Write to a file.") -> Option:
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
    if isinstance(found, str):
        found = found.encode("utf-8", "backslashreplace")
    files.write(path, found)
