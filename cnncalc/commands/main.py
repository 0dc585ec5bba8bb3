"""The command line: finds the command, and turns what can go wrong into exit codes.

0 all is well · 1 problems found · 2 could not do it: usage, a missing file · 3 a bug in cnncalc ·
130 interrupted. Commands are imported when they are called.
"""

import errno
import os
import sys
from contextlib import redirect_stderr, suppress
from importlib import import_module
from io import StringIO
from itertools import takewhile
from keyword import iskeyword
from typing import TYPE_CHECKING, NoReturn, TextIO

import click

from cnncalc.commands.entries import ENTRIES
from cnncalc.version import __version__

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_GREETING = """\
cnncalc works out shapes, parameters and connections of convolutional networks. Three things to try:

  cnncalc describe lenet           the table of a network that comes with it
  cnncalc explain lenet C1         how the numbers of one layer come about
  cnncalc init net.yaml            a first spec of your own

cnncalc -h lists all commands.
"""


class Commands(click.Group):
    """Looks commands up by name and imports only the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(ENTRIES)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in ENTRIES:
            return None
        from cnncalc.commands.short_help import with_short_help  # the list of commands has it not

        entry = ENTRIES[name]
        module = import_module(f"cnncalc.commands.{entry.module}")
        function = f"{name}_" if iskeyword(name) else name
        return with_short_help(getattr(module, function), entry.brief)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """In groups, without the lines between that would make it longer than a screen."""
        size = max(map(len, ENTRIES)) + 2
        groups = dict.fromkeys(entry.group for entry in ENTRIES.values() if entry.group)
        for group in groups:
            formatter.write(f"{group}:\n")
            for name, entry in ENTRIES.items():
                if entry.group == group:
                    formatter.write(f"  {name:<{size}}{entry.meaning}\n")

    def shell_complete(self, ctx: click.Context, incomplete: str) -> "list[CompletionItem]":
        from click.shell_completion import CompletionItem  # only while a shell completes words

        names = [
            CompletionItem(name, help=entry.meaning)
            for name, entry in ENTRIES.items()
            if name.startswith(incomplete)
        ]
        return names + click.Command.shell_complete(self, ctx, incomplete)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args and not ctx.resilient_parsing:  # nor while a shell completes words
            click.echo(_GREETING, err=True, nl=False)
            ctx.exit(2)
        _refuse_files_as_options(args)
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        word = args[0]
        if word not in ENTRIES and not word.startswith("-"):
            raise click.UsageError(f"no command {word!r}. {_suggestion(word)}", ctx)
        return super().resolve_command(ctx, args)


def _refuse_files_as_options(args: list[str]) -> None:
    """Refuse an option that is also the name of a file or folder.

    It may have come from `check *` or a hook's list of files, where the author of a pull request
    chooses the names.
    """
    for word in takewhile(lambda word: word != "--", args):
        if word.startswith("-") and os.path.lexists(word):
            what = "folder" if os.path.isdir(word) else "file"
            raise click.UsageError(
                f"{word!r} is also the name of a {what} here: "
                f"write {os.path.join(os.curdir, word)} for the {what}, or -- before the paths"
            )


def _suggestion(word: str) -> str:
    from cnncalc.language.bundled import all_names  # only after a mistake
    from cnncalc.wording import nearest  # only after a mistake

    if word.endswith((".yaml", ".yml")) or os.path.exists(word) or word in all_names():
        return f"Did you mean cnncalc describe {word}?"
    said = [name for name, entry in ENTRIES.items() if word.lower() in entry.words.split()]
    meant = said[0] if said else nearest(word, ENTRIES)
    if meant:
        return f"Did you mean {meant}? {ENTRIES[meant].meaning}"
    return "cnncalc -h lists the commands."


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="cnncalc", message="%(prog)s %(version)s")
@click.option("--debug", is_flag=True, hidden=True, help="Show the traceback of a bug.")
def cli(debug: bool) -> None:
    """Exact numbers of convolutional networks. A SPEC is a YAML file, - for standard input, or the
    name of a bundled network.
    """


def main(args: list[str] | None = None) -> NoReturn:
    """Run a command and leave with its exit code."""
    _open_closed_streams()
    with redirect_stderr(_Errors(sys.stderr)):
        if sys.flags.optimize > 1:
            _say(
                "note: Python runs without docstrings (-OO, PYTHONOPTIMIZE=2), "
                "of which help, rules and explanations are made: they say less"
            )
        try:
            code = _run(args)
            sys.stdout.flush()
        except OSError as error:
            code = _lost_output(error)
    sys.exit(code)


def _open_closed_streams() -> None:
    """Put the null device where the caller closed a stream, so that no file gets its number.

    sys.stdin stays None, by which whoever is to read it knows.
    """
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            number = os.open(os.devnull, os.O_RDWR)
            if name != "stdin":
                setattr(sys, name, os.fdopen(number, "w", encoding="utf-8"))


class _Errors:
    """Standard error; what cannot be written there is dropped, and the exit code says it alone."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        with suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._stream.flush()

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)


def _lost_output(error: OSError) -> int:
    """Standard output is closed or full; what has not been written goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if error.errno in (errno.EPIPE, errno.EINVAL):  # whoever read has seen enough
        return 0
    _say(f"cnncalc: cannot write the output: {error.strerror}")
    return 2


def _run(args: list[str] | None) -> int:
    try:
        result: object = cli.main(args, prog_name="cnncalc", standalone_mode=False)
    except click.exceptions.Exit as leave:
        return leave.exit_code
    except click.ClickException as error:
        _refuse(error)
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        if args is None:
            import signal  # only after an interrupt

            signal.signal(signal.SIGINT, signal.SIG_IGN)  # one is enough to leave
        return 130
    except SystemExit:  # click's own answer to a closed pipe: whoever read has seen enough
        return 0
    except OSError as error:
        if error.errno in (errno.EPIPE, errno.ENOSPC):
            raise
        return _refused_by_the_system(error, args)
    except Exception as error:
        return _bug(error, args)
    return result if isinstance(result, int) else 0


class _Page(StringIO):
    """What click writes. It takes this for a terminal, where it leaves colours in the text."""

    def isatty(self) -> bool:
        return True


def _refuse(error: click.ClickException) -> None:
    """Say what click says; it quotes arguments as they are."""
    page = _Page()
    error.show(page)
    _say(page.getvalue().rstrip("\n"))


def _refused_by_the_system(error: OSError, args: list[str] | None) -> int:
    """A file that cannot be written, too many open ones: nothing that a report would mend."""
    if error.errno is not None:
        _debug(error, args)
    where = f": {error.filename}" if error.filename else ""
    _say(f"Error: {error.strerror or str(error)}{where}")
    return 2


def _debug(error: Exception, args: list[str] | None) -> None:
    if "--debug" in (sys.argv[1:] if args is None else args):
        raise error


def _bug(error: Exception, args: list[str] | None) -> int:
    _debug(error, args)
    what = ", ".join((str(error), *getattr(error, "__notes__", ()))).replace("\n", "\\n")
    _say(
        f"cnncalc: a bug in cnncalc {__version__}, sorry: {type(error).__name__}: {what}\n"
        "Please report it with the spec and what `cnncalc --debug ...` prints."
    )
    return 3


def _say(text: str) -> None:
    from cnncalc.render.stream import say  # not needed where all is well

    say(text)
