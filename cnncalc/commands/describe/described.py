"""What `describe` describes, for the writers of all formats."""

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from cnncalc.commands.describe.sheet import Column, Sorting
    from cnncalc.network.model import Network


class Described(NamedTuple):
    """Networks, each under its settings, and what of them the tables show."""

    networks: "list[Network]"
    settings: list[dict[str, str]]
    columns: "list[Column] | None" = None  # the default ones
    expand: int = 1  # levels that are opened; 0 for one table of totals
    sort: "Sorting | None" = None
    channels_first: bool = False
