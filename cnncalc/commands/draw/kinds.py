"""The kinds of pictures: the one list that the command, Python and the documentation go by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from cnncalc.commands.draw.options import NAMES, CannotDraw, check_value
from cnncalc.wording import did_you_mean, quote

if TYPE_CHECKING:
    from cnncalc.network.model import Network

NO, OPTIONAL, REQUIRED = "no", "optional", "required"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of picture. Its functions stand as module:function of this package."""

    name: str
    meaning: str
    scene: str  # (Network, Options) -> Scene
    options: tuple[str, ...]  # the fields of Options that it takes, besides `layer`
    layer: str = NO  # whether it is about one layer
    of_build: bool = False  # takes a Build in place of the Network: the numbers of the spec
    text: str | None = None  # (Network, Options, Paper) -> str
    mermaid: str | None = None  # (Network, Options) -> str
    places: str | None = None  # (Network, Options) -> places that --steps goes through


_ALL = (
    Kind(
        "volumes",
        "the volumes as boxes in perspective, one behind the other",
        "volumes:scene",
        ("width", "expand", "max_items", "all", "scale", "kernels"),
        text="volumes:text",
    ),
    Kind(
        "graph",
        "layers and blocks as boxes, with every way between them",
        "graph:scene",
        ("width", "expand", "max_items", "all", "show", "direction", "height"),
        text="tree:text",
        mermaid="tree:mermaid",
    ),
    Kind(
        "profile",
        "where parameters, multiply-adds and memory sit, as bars",
        "profile:scene",
        ("width", "expand", "max_items", "show", "sort", "top", "cumulative"),
        text="profile:text",
    ),
    Kind(
        "window",
        "the sliding window of a layer, with its padding, stride and dilation",
        "window:scene",
        ("width", "at", "animate"),
        layer=REQUIRED,
        places="window:places",
    ),
    Kind(
        "field",
        "the receptive field of a unit, layer by layer down to the input",
        "field:scene",
        ("width", "at", "expand", "max_items"),
        layer=OPTIONAL,
        text="field:text",
    ),
    Kind(
        "maps",
        "the numbers that trace works out, map by map; at a place the window and its products",
        "maps:scene",
        ("width", "at", "animate"),
        layer=OPTIONAL,
        of_build=True,
        places="maps:places",
    ),
)
KINDS = {kind.name: kind for kind in _ALL}


def function_of(place: str) -> Callable[..., Any]:
    """A function of a kind; its module is imported now."""
    module, _, function = place.partition(":")
    found: Callable[..., object] = getattr(import_module(f"{__package__}.{module}"), function)
    return found


def find_kind(name: str | None, network: Network) -> Kind:
    """A kind by its name; without one, `graph` where ways merge, else `volumes`."""
    if name is None:
        name = "graph" if merges(network) else "volumes"
    if name not in KINDS:
        hint = did_you_mean(name, KINDS) or f"the kinds are {', '.join(KINDS)}"
        raise CannotDraw(f"no picture is called {quote(name)}; {hint}")
    return KINDS[name]


def merges(network: Network) -> bool:
    """Whether the network is more than a chain."""
    ends = len(network.input_signals) > 1 or len(network.output_signals) > 1
    return ends or any(len(layer.sources) > 1 for layer in network)


def check_options(
    kind: Kind, given: Mapping[str, object], written: Callable[[str], str] = str
) -> None:
    """Refuse what a kind does not take; `written` says how an option is written."""
    for name in given.keys() - {"layer"}:
        if name not in NAMES:
            guess = did_you_mean(name, NAMES)
            raise TypeError(f"draw has no option {name}{guess and '; ' + guess}")
        if name not in kind.options:
            takers = ", ".join(other.name for other in KINDS.values() if name in other.options)
            raise CannotDraw(f"{written(name)} is for {takers}, not for {kind.name}")
    for name, value in given.items():
        if value is not None:
            check_value(name, value)
    layer = given.get("layer")
    if layer is not None and kind.layer == NO:
        raise CannotDraw(f"{kind.name} is a picture of the whole network, not of a layer")
    if layer is None and kind.layer == REQUIRED:
        raise CannotDraw(f"{kind.name} is a picture of one layer: name it")
