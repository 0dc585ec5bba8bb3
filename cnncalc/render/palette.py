"""The colours of families of layers.

On terminals the hues are those of Okabe and Ito, which people who do not tell red from green keep
apart, in the steps of the 256 colours of terminals. All are of middle lightness: their contrast is
at least 3 to 1 with a white background and with a black one. The numbers from 16 on are the same in
every theme. Four hues are as many as stay apart for the colour-blind at one lightness: layers of
other families have the terminal's own colour, as numbers do.

Pictures have Paul Tol's "bright" scheme, in which seven hues stay apart, as they differ in
lightness too; what a colour says there is always written as well.
"""

from typing import ClassVar, NamedTuple, Protocol

FAMILIES = {
    "conv": 32,  # blue
    "dense": 166,  # vermillion
    "pool": 29,  # bluish green
    "norm": 132,  # reddish purple
}

_BRIGHT = {
    "conv": "#4477aa",
    "pool": "#ee6677",
    "dense": "#228833",
    "norm": "#ccbb44",
    "activation": "#66ccee",
    "merge": "#aa3377",
    "other": "#bbbbbb",
    "above": "#ee7733",  # numbers above 0, and below it
    "below": "#4477aa",
}
_GREYS = {
    "conv": "#9a9a9a",
    "pool": "#e8e8e8",
    "dense": "#6e6e6e",
    "norm": "#d0d0d0",
    "activation": "#f4f4f4",
    "merge": "#808080",
    "other": "#ffffff",
    "above": "#808080",
    "below": "#808080",
}
_LIGHT = {"ink": "#222222", "muted": "#555555", "page": "#ffffff", "accent": "#aa3377"}
_DARK = {"ink": "#eeeeee", "muted": "#bbbbbb", "page": "#0d1117", "accent": "#ee99cc"}
_BLACK = {"ink": "#000000", "muted": "#333333", "page": "#ffffff", "accent": "#000000"}
# Print without colours tells families apart by these lines as well: (angle, distance in px).
MONO_LINES = {
    "pool": (45, 5),
    "dense": (-45, 4),
    "norm": (0, 4),
    "activation": (90, 4),
    "merge": (45, 2.5),
}


class Theme(NamedTuple):
    """What the roles look like."""

    colors: dict[str, str]
    background: bool = True  # whether the page is painted
    lines: bool = False  # whether families have lines of their own
    dark: dict[str, str] | None = None  # the colours where the reader prefers dark ones


THEMES = {
    "auto": Theme(_BRIGHT | _LIGHT, dark=_BRIGHT | _DARK),
    "light": Theme(_BRIGHT | _LIGHT),
    "dark": Theme(_BRIGHT | _DARK),
    "paper": Theme(_BRIGHT | _BLACK | {"accent": "#aa3377"}, background=False),
    "mono": Theme(_GREYS | _BLACK, lines=True),
}


class _OfFamily(Protocol):
    family: ClassVar[str]


def role_of(operation: _OfFamily) -> str:
    """The role of a layer's operation in pictures: its family, or `other`."""
    return operation.family if operation.family in _BRIGHT else "other"


def color_of(role: str, colors: dict[str, str], shade: float = 0, tint: float = 0) -> str:
    """A role, or a colour as it is written, made lighter or darker, as #rrggbb."""
    color = colors.get(role, role)
    if tint:
        color = _mixed(color, colors["page"], tint)
    if shade:
        color = _mixed(color, "#ffffff" if shade > 0 else "#000000", abs(shade))
    return color


def _mixed(one: str, other: str, part: float) -> str:
    pairs = zip(_channels(one), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * part):02x}" for a, b in pairs)


def _channels(color: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(color.removeprefix("#")))
