"""Settings: what is asked of every file that is checked."""

from typing import TYPE_CHECKING, NamedTuple

from cnncalc.checks.ignores import Selection
from cnncalc.limits import MAX_ITEMS, MAX_SIZE
from cnncalc.render.stream import Style, unstyled

if TYPE_CHECKING:
    from cnncalc.commands.check.budgets import Budget


class Against(NamedTuple):
    """What specs are compared with, as --against or a pyproject.toml has it."""

    source: str  # a path or package.module:function; {variant} stands for the name of each
    origin: str = "--against"  # where it stands, for the reader
    folder: str | None = None  # that the path is seen from; None where somebody typed it
    pattern: str = ""  # the specs it is for, all of them if empty
    shown: str = ""  # the folder, as reported; what the pattern is seen from
    model: object = None  # that is in memory; `source` is what to call it then


class Settings(NamedTuple):
    """What is asked of a file."""

    budgets: "tuple[Budget, ...]" = ()
    against: tuple[Against, ...] = ()
    selection: Selection = Selection()
    fail_on: str = ""  # the mildest severity that fails; error, where nobody says
    strict: bool = False
    variant: str | None = None  # the only one to check
    overrides: tuple[tuple[dict[str, str], dict[str, str]], ...] = (({}, {}),)  # vars and inputs
    max_size: int = MAX_SIZE
    max_layers: int = MAX_ITEMS
    training: bool = False  # whether what runs in training only is counted too
    allow_custom: bool = False  # whether a model's word is taken for unknown operations
    totals: bool = False  # whether a report is to say them
    headroom: bool = False
    style: Style = unstyled  # of the findings' texts


class Changes(NamedTuple):
    """What is to be changed in files."""

    fix: bool
    unsafe: bool  # fixes that are guesses too
    update: bool
    dry_run: bool = False

    @property
    def any(self) -> bool:
        return self.fix or self.update
