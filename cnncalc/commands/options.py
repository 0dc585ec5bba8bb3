"""Options that commands share, and how a SPEC is found, built and reported."""

import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import click

from cnncalc.commands.completion import complete_variant
from cnncalc.limits import MAX_ITEMS, MAX_SIZE
from cnncalc.problems import DEPTH_ONE, NOTE, Problem
from cnncalc.quantities import BITS_OF, BYTES_OF, STATES_OF
from cnncalc.render.stream import encodable, say, style_of
from cnncalc.volume import MAX_NUMBER
from cnncalc.wording import did_you_mean, quote, visible

if TYPE_CHECKING:
    from cnncalc.language.model import Spec
    from cnncalc.network.build import Build, SpecError

Command: TypeAlias = Callable[..., object]
Option: TypeAlias = Callable[[Command], Command]

MAX_SHOWN = 100
MAX_COUNTED = 1_000  # values of a range
# Memory for as many bytes as are allowed is taken before a file is read.
_LARGEST = {"layers": MAX_NUMBER, "size": 2**30}
_BYTES = {"B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
_DIGITS = len(str(MAX_NUMBER)) + 1  # a number with as many is too large for every option


def with_options(command: Command, *options: Option) -> Command:
    """A command with options, in the order in which its help has them."""
    for option in reversed(options):
        command = option(command)
    return command


def spec_options(command: Command) -> Command:
    """The options of every command that reads a spec."""
    return with_options(
        command,
        click.option(
            "--set", "sets", metavar="NAME=VALUE", multiple=True,
            help="Give a var another value.",
        ),
        click.option(
            "--input", "inputs", metavar="VOLUME", multiple=True,
            help="Another input: 224x224x3, or NAME=VOLUME.",
        ),
        click.option(
            "--variant", metavar="NAME", shell_complete=complete_variant,
            help="A member of the family in the spec.",
        ),
        click.option(
            "--strict", is_flag=True, help="A window that does not fit evenly is an error."
        ),
        training_option,
        custom_option,
        limit_option,
    )  # fmt: skip


def read_whole(text: str) -> int:
    """A whole number as it is written; of a very long one the first digits. Raises ValueError."""
    digits = text.strip().replace("_", "")
    if not digits.isdecimal():
        raise ValueError(f"{text!r} is not a whole number")
    return int(digits.lstrip("0")[:_DIGITS] or 0)


def whole(least: int = 0, most: int = MAX_NUMBER, **words: int) -> Callable[[object], int]:
    """The type of an option that takes a whole number, or one of some words for a number."""

    def convert(value: object) -> int:
        text = str(value)
        if text.lower() in words:
            return words[text.lower()]
        with suppress(ValueError):
            if least <= (number := read_whole(text)) <= most:
                return number
        wanted = " or ".join([f"a whole number from {least} to {most:,}", *words])
        raise click.BadParameter(f"{quote(text)!r} is not {wanted}")

    return convert


def place(text: str) -> tuple[int, ...]:
    """Numbers between commas, counted from 1."""
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdecimal() and len(part) < 16 for part in parts):
        raise click.BadParameter(f"{visible(text)!r} is no place such as 1,3")
    numbers = tuple(map(int, parts))
    if min(numbers) < 1:
        raise click.BadParameter("rows and columns are counted from 1")
    return numbers


class Limits(NamedTuple):
    """How large a spec may be."""

    layers: int = MAX_ITEMS  # items, with all that it repeats
    size: int = MAX_SIZE  # bytes of a file


def read_limits(text: str) -> Limits:
    """layers=500,size=1MiB; what is not given is as large as it is without the option."""
    limits = Limits()
    for part in text.split(","):
        name, _, value = (word.strip() for word in part.partition("="))
        if name not in _LARGEST:
            raise click.BadParameter(f"{quote(part)!r} is not layers=NUMBER or size=BYTES")
        limits = limits._replace(**{name: _read_limit(name, value)})
    return limits


def _read_limit(name: str, value: str) -> int:
    found = re.fullmatch(r"([\d_]+)\s*(KiB|MiB|GiB|B)?", value)
    most = _LARGEST[name]
    with suppress(ValueError):
        if found and (name == "size" or not found[2]):
            number = read_whole(found[1]) * _BYTES[found[2] or "B"]
            if 1 <= number <= most:
                return number
    raise click.BadParameter(
        f"{name}={quote(value)} is not a whole number from 1 to {most:,}"
        + (" bytes, such as size=64MiB" if name == "size" else "")
    )


def training_option(command: Command) -> Command:
    """Whether items with `only: training` run too."""
    help = "Count what runs in training only, too."
    return click.option("--training", is_flag=True, help=help)(command)


def custom_option(command: Command) -> Command:
    """Whether operations of a model that no kind stands for have the numbers of its file."""
    return click.option(
        "--allow-custom", is_flag=True,
        help="Take a model file's word for operations that no kind stands for.",
    )(command)  # fmt: skip


def limit_option(command: Command) -> Command:
    """How large a spec may be."""
    return click.option(
        "--limit", "limits", metavar="LIMITS", type=read_limits, default="layers=200000",
        help="How large a stranger's spec may be. [layers=200000,size=16MiB]",
    )(command)  # fmt: skip


def memory_options(command: Command) -> Command:
    """What the memory is counted for."""
    return with_options(
        command,
        click.option(
            "--dtype", type=click.Choice(tuple(BYTES_OF)), default="float32",
            help="For memory. [float32]",
        ),
        click.option(
            "--weight-dtype", type=click.Choice(tuple(BITS_OF)), default=None,
            help="For the memory of parameters. [that of --dtype]",
        ),
        click.option(
            "--optimizer", type=click.Choice(tuple(STATES_OF)), default="sgd",
            help="For training_memory. [sgd]",
        ),
        click.option(
            "--batch", metavar="N", type=whole(1), default=1, help="Examples in memory. [1]"
        ),
    )  # fmt: skip


def color_option(command: Command) -> Command:
    choice = click.Choice(["auto", "always", "never"])
    return click.option("--color", type=choice, default="auto", help="Colours [auto].")(command)


class Request(NamedTuple):
    """What the shared options ask for."""

    sets: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    variant: str | None = None
    strict: bool = False
    limits: Limits = Limits()
    training: bool = False
    allow_custom: bool = False

    def settings(self) -> Iterator[tuple[dict[str, str], dict[str, str]]]:
        """Every combination of the listed values: vars, and inputs by name, "" being the only."""
        sets = [_counted(*_name_and_values(text, "--set")) for text in self.sets]
        inputs = [_input_and_values(text) for text in self.inputs]
        for option, given in (("--set", sets), ("--input", inputs)):
            names = [name for name, _ in given]
            twice = next((name for name in names if names.count(name) > 1), None)
            if twice is not None:
                raise click.UsageError(
                    f"{option} {visible(twice)} is given twice".replace("  ", " ")
                )
        parts = [*sets, *inputs]
        for chosen in product(*(values for _, values in parts)):
            named = list(zip((name for name, _ in parts), chosen, strict=True))
            yield dict(named[: len(sets)]), dict(named[len(sets) :])


def _name_and_values(text: str, option: str) -> tuple[str, list[str]]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip() or not value.strip():
        raise click.UsageError(f"{option} takes NAME=VALUE, not {text!r}")
    values = split_list(value)
    if not all(values):
        raise click.UsageError(f"{option} {text!r}: nothing between two commas")
    return name.strip(), values


def _counted(name: str, values: list[str]) -> tuple[str, list[str]]:
    """A var and its values, with 2..5 as 2, 3, 4 and 5."""
    counted: list[str] = []
    for value in values:
        ends = re.fullmatch(r"(\d{1,12})\.\.(\d{1,12})", value)
        if ends is None:
            counted.append(value)
            continue
        first, last = int(ends[1]), int(ends[2])
        if not first <= last < first + MAX_COUNTED:
            message = (
                f"a range counts up, through at most {MAX_COUNTED:,} values: 1..4, not {value}"
            )
            raise click.UsageError(f"--set {visible(name)}: {message}")
        counted += map(str, range(first, last + 1))
    return name, counted


def _input_and_values(text: str) -> tuple[str, list[str]]:
    if "=" in text:
        return _name_and_values(text, "--input")
    return "", split_list(text)


def split_list(text: str) -> list[str]:
    """The parts between commas, but for commas inside brackets."""
    parts, depth = [""], 0
    for char in text:
        depth += (char in "([{") - (char in ")]}")
        if char == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += char
    return [part.strip() for part in parts]


def remark(spec: "Spec") -> None:
    """Say what is to be known of a model that stands for a spec."""
    for text in spec.remarks:
        say(f"note: {text}")


def read_spec(name: str, max_size: int, remarks: bool = True) -> "tuple[Spec, str | None]":
    """The spec of a SPEC argument, and the variant if it is the name of one.

    Leaves with 2 where there is nothing to read.
    """
    from cnncalc import api  # `layers` and `specs` read no YAML

    if name == "-":
        return api.read_bytes(_standard_input(max_size), "<stdin>", max_size), None
    try:
        spec, variant = api.find(name, max_size)
        if remarks:
            remark(spec)
        return spec, variant
    except IsADirectoryError:
        raise click.UsageError(f"{visible(name)} is a directory; name a spec in it") from None
    except FileNotFoundError:
        raise click.UsageError(_not_found(name)) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise click.UsageError(f"cannot read {visible(name)}: {reason}") from None


def _standard_input(max_size: int) -> bytes:
    if sys.stdin is None:
        raise click.UsageError("cannot read -: standard input is closed")
    try:
        return sys.stdin.buffer.read(max_size + 1)
    except OSError as error:
        raise click.UsageError(f"cannot read -: {error.strerror or error}") from None


def _not_found(name: str) -> str:
    if not name:
        return "the name of the spec is empty; is a variable of the shell not set?"
    if os.path.splitext(name)[1] or os.sep in name:
        return f"no file {visible(name)}"
    from cnncalc.language.bundled import all_names  # only after a mistake

    guess = did_you_mean(name, all_names())
    return f"no file and no bundled network is called {visible(name)}; " + (
        guess or "cnncalc specs lists the bundled ones"
    )


def build_spec(
    spec: "Spec",
    request: Request,
    vars: dict[str, str],
    inputs: dict[str, str],
    variant: str | None,
    **options: Any,
) -> "Build":
    """What comes of a spec under one setting; what the spec does not have is a usage error."""
    from cnncalc.network.build import OverrideError, build  # `layers` and `specs` build nothing

    volumes = (inputs[""] if list(inputs) == [""] else inputs) if inputs else None
    if isinstance(volumes, dict) and "" in volumes:
        raise click.UsageError("--input with several inputs takes NAME=VOLUME")
    try:
        return build(
            spec,
            vars=vars,
            input=volumes,
            variant=request.variant or variant,
            strict=request.strict,
            max_layers=request.limits.layers,
            training=request.training,
            allow_custom=request.allow_custom,
            **options,
        )
    except OverrideError as error:
        raise click.UsageError(str(error)) from None


def print_problems(problems: list[Problem], color: str) -> None:
    """Problems on stderr, the first MAX_SHOWN of them in full, and how many they are."""
    from cnncalc.render.diagnostics import render_problems, summary  # most specs have none

    text = render_problems(problems[:MAX_SHOWN], style_of(color, sys.stderr))
    if len(problems) > MAX_SHOWN:
        text += f"\n... and {len(problems) - MAX_SHOWN:,} more\n"
    if any(problem.severity != NOTE for problem in problems):
        text += f"\n{summary(problems)}\n"
    sys.stderr.write(encodable(text, sys.stderr.encoding))


def fail(error: "SpecError", color: str) -> None:
    """Print the problems of a spec that cannot be built."""
    # Where there are errors, a batch size in the input is the likely cause.
    shown = [p for p in error.problems if p.severity != NOTE or p.code is DEPTH_ONE]
    print_problems(shown, color)
