"""The kinds of pictures: the one list that the command, Python and the documentation go by."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, NamedTuple

NO, OPTIONAL, REQUIRED = "no", "optional", "required"


class Kind(NamedTuple):
    """A kind of picture. Its functions stand as module:function of this package."""

    name: str
    meaning: str
    scene: str  # (network, Options) -> Scene
    options: tuple[str, ...]  # the fields of Options that it takes, besides `layer`
    layer: str = NO  # whether it is about one layer
    text: str | None = None  # (network, Options, Paper) -> str
    mermaid: str | None = None  # (network, Options) -> str


KINDS: dict[str, Kind] = {}


def _kind(*args: Any, **named: Any) -> None:
    kind = Kind(*args, **named)
    KINDS[kind.name] = kind


_kind(
    "window",
    "the sliding window of a layer, with its padding, stride and dilation",
    "window:scene",
    ("width", "at", "animate"),
    layer=REQUIRED,
)


def function_of(place: str) -> Callable[..., Any]:
    """A function of a kind; its module is imported now."""
    module, _, function = place.partition(":")
    found: Callable[..., Any] = getattr(import_module(f"{__package__}.{module}"), function)
    return found
