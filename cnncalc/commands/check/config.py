"""[tool.cnncalc] in pyproject.toml: which specs a project has, and what is asked of them.

[tool.cnncalc]
specs = ["specs", "models/*.cnn.yaml"]     # paths and patterns, seen from pyproject.toml
exclude = ["specs/drafts"]                 # patterns of what is not looked for in folders
fail-on = "warning"                        # error, warning or note
ignore = ["CNN301"]
against = {"specs/net.yaml" = "exported/net.pt2"}
max = {parameters = "30M", memory = "512MiB"}
budgets."specs/mobile/*" = {max = {parameters = "5M", macs = "600M"}}
"""

import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from cnncalc.checks.ignores import Selection, UnknownCode
from cnncalc.commands.check.settings import Against
from cnncalc.problems import SEVERITIES
from cnncalc.wording import did_you_mean, quote, visible

if TYPE_CHECKING:
    from cnncalc.commands.check.budgets import Budget

FILE = "pyproject.toml"
_KEYS = (
    "specs",
    "exclude",
    "select",
    "ignore",
    "fail-on",
    "strict",
    "against",
    "max",
    "min",
    "budgets",
)
MAX_SIZE = 2**20
_MAX_DOTS = 200  # in a line: the time for a.b.c.d grows with the square of its length
MAX_PATTERNS = 200  # in a list: each may be compared with every file


class ConfigError(ValueError):
    """A pyproject.toml that cannot be read, or says something that is not known."""


class Config(NamedTuple):
    """What a project asks for; without a pyproject.toml, nothing."""

    file: str = ""  # as it is reported
    folder: str = ""  # what its paths and patterns are relative to
    specs: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()  # of the project that the run is in, not of nested ones
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    fail_on: str = ""
    strict: bool = False
    against: tuple[Against, ...] = ()
    budgets: "tuple[Budget, ...]" = ()

    @property
    def selection(self) -> Selection:
        """The problems that it reports."""
        return Selection.parse(self.select, self.ignore)


def load_config(path: str, folder: str, *, named: bool = False) -> Config | None:
    """The settings in a file, with paths and patterns as seen from `folder`; None if it has none.

    In a file that was named, none are an error. Raises ConfigError.
    """
    shown = _shown(path)
    table = _table(path, shown)
    if table is not None:
        return read_config(table, shown, folder)
    if named:
        raise ConfigError(f"{shown}: no [tool.cnncalc] in it")
    return None


def _shown(path: str) -> str:
    """A path as seen from the current folder."""
    try:
        return visible(os.path.relpath(path))
    except (OSError, ValueError):  # the current folder is gone, or on another drive
        return visible(path)


def _table(path: str, shown: str) -> Any:
    """[tool.cnncalc], or None where the file has no such table."""
    try:
        with open(path, "rb") as file:
            data = file.read(MAX_SIZE + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ConfigError(f"cannot read {shown}: {reason}") from None
    if len(data) > MAX_SIZE:
        raise ConfigError(f"{shown}: larger than {MAX_SIZE:,} bytes")
    if b"cnncalc" not in data:  # of most files nothing more has to be read
        return None
    if any(line.count(b".") > _MAX_DOTS for line in data.splitlines()):
        raise ConfigError(f"{shown}: more than {_MAX_DOTS} dots in a line")
    import tomllib  # few pyproject.toml have settings of cnncalc

    try:
        tool = tomllib.loads(data.decode("utf-8")).get("tool")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{shown}: not UTF-8 text: byte 0x{data[error.start]:02x}") from None
    except RecursionError:
        raise ConfigError(f"{shown}: nested too deeply") from None
    except ValueError as error:  # TOMLDecodeError, and what int() says to 5,000 digits
        raise ConfigError(f"{shown}: not TOML: {quote(str(error), 200)}") from None
    return tool.get("cnncalc") if isinstance(tool, dict) else None


def read_config(table: Any, file: str, folder: str) -> Config:
    """The settings of a [tool.cnncalc] table; raises ConfigError with the file and key."""
    reader = _Reader(file)
    reader.table("", table, _KEYS)
    fail_on = reader.word(table, "fail-on", SEVERITIES)
    return Config(
        file,
        folder,
        specs=reader.texts(table, "specs"),
        exclude=reader.texts(table, "exclude"),
        select=reader.codes(table, "select", lambda words: Selection.parse(select=words)),
        ignore=reader.codes(table, "ignore", lambda words: Selection.parse(ignore=words)),
        fail_on=fail_on,
        strict=reader.flag(table, "strict"),
        against=tuple(reader.against(table, folder)),
        budgets=tuple(reader.all_budgets(table)),
    )


class _Reader:
    """Reads values and refuses with the place of what is wrong."""

    def __init__(self, file: str) -> None:
        self.file = file

    def refuse(self, key: str, message: str) -> ConfigError:
        place = f"tool.cnncalc.{key}" if key else "tool.cnncalc"
        return ConfigError(f"{self.file}: {place}: {message}")

    def table(self, key: str, value: Any, known: tuple[str, ...] = ()) -> dict[str, Any]:
        """A table, with no other keys than the known ones where these are given."""
        if not isinstance(value, dict):
            raise self.refuse(key, f"takes a table, not {_show(value)}")
        for name in value if known else ():
            if name not in known:
                guess = did_you_mean(name, known) or f"known: {', '.join(known)}"
                raise self.refuse(key, f"no key {quote(name)}; {guess}")
        return value

    def texts(self, table: dict[str, Any], key: str) -> tuple[str, ...]:
        """A text or a list of texts."""
        value = table.get(key, [])
        texts = [value] if isinstance(value, str) else value
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            raise self.refuse(key, f"takes a list of texts, not {_show(value)}")
        if key in table and not all(texts):
            raise self.refuse(key, "an empty text")
        self.limit(key, len(texts))
        return tuple(texts)

    def limit(self, key: str, number: int) -> None:
        if number > MAX_PATTERNS:
            raise self.refuse(key, f"{number:,} are more than {MAX_PATTERNS}")

    def codes(
        self, table: dict[str, Any], key: str, parse: Callable[[tuple[str, ...]], object]
    ) -> tuple[str, ...]:
        """A list of codes, their beginnings or names."""
        texts = self.texts(table, key)
        try:
            parse(texts)
        except UnknownCode as error:
            raise self.refuse(key, str(error)) from None
        return texts

    def word(self, table: dict[str, Any], key: str, known: tuple[str, ...]) -> str:
        value = table.get(key, "")
        if key in table and value not in known:
            raise self.refuse(key, f"takes {', '.join(known)}, not {_show(value)}")
        return str(value)

    def flag(self, table: dict[str, Any], key: str) -> bool:
        value = table.get(key, False)
        if not isinstance(value, bool):
            raise self.refuse(key, f"takes true or false, not {_show(value)}")
        return value

    def against(self, table: dict[str, Any], folder: str) -> Iterator[Against]:
        """A file for every spec, or files by pattern, in the order of the file."""
        if "against" not in table:
            return
        from cnncalc.language.document import FORMS, MODELS  # few projects have any

        given = table["against"]
        files = self.table("against", given) if isinstance(given, dict) else {"": given}
        self.limit("against", len(files))
        for pattern, file in files.items():
            place = f'against."{quote(pattern, 100)}"' if pattern else "against"
            if not isinstance(file, str):
                raise self.refuse(place, f"takes the path of a {FORMS} file, not {_show(file)}")
            if not file.endswith(MODELS):
                only = "; code runs only where it is typed, for --against" if ":" in file else ""
                raise self.refuse(place, f"takes a {FORMS} file, not {_show(file)}{only}")
            yield Against(file, f"{self.file}, {place}", folder, pattern)

    def all_budgets(self, table: dict[str, Any]) -> "Iterator[Budget]":
        """Those for every spec, then those by pattern, in the order of the file."""
        yield from self.bounds(table, "", "")
        by_pattern = self.table("budgets", table.get("budgets", {}))
        self.limit("budgets", len(by_pattern))
        for pattern, value in by_pattern.items():
            place = f'budgets."{quote(pattern, 100)}"'
            if not pattern:
                raise self.refuse("budgets", "an empty pattern")
            self.table(place, value, ("max", "min"))
            yield from self.bounds(value, f"{place}.", pattern)

    def bounds(self, table: dict[str, Any], above: str, pattern: str) -> "Iterator[Budget]":
        if table.keys().isdisjoint(("max", "min")):
            return
        from cnncalc.commands.check import budgets  # few projects have any

        for key, bound in (("max", budgets.MOST), ("min", budgets.LEAST)):
            for quantity, value in self.table(above + key, table.get(key, {})).items():
                place = f"{above}{key}.{quote(quantity)}"
                if not isinstance(value, (str, int)) or isinstance(value, bool):
                    raise self.refuse(place, f'takes 5_000_000 or "5M", not {_show(value)}')
                origin = f"{self.file}, {place} = {quote(str(value))}"
                try:
                    yield budgets.read_budget(quantity, bound, str(value), origin, pattern)
                except budgets.BudgetError as error:
                    raise self.refuse(f"{above}{key}", str(error)) from None


def _show(value: Any) -> str:
    """A TOML value in a message."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    return quote(repr(value) if isinstance(value, str) else str(value))
