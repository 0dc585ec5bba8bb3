"""What Python programs call to draw."""

from __future__ import annotations

import os

from cnncalc.api import built
from cnncalc.commands.draw.picture import Picture, picture_of
from cnncalc.language.model import Spec
from cnncalc.network.build import Build
from cnncalc.network.model import Network


def draw(
    spec: Build | Network | Spec | str | os.PathLike[str],
    kind: str | None = None,
    layer: str | None = None,
    *,
    theme: str | None = None,
    **options: object,
) -> Picture:
    """A picture of a network, a spec, a path or a bundled network's name.

    >>> import cnncalc
    >>> cnncalc.draw("lenet", "window", "C1")
    <Picture: window of 'LeNet-5'>

    `kind` is one that `cnncalc draw` has; without it, `graph` where ways merge, else `volumes`.
    `options` are those of the command, with _ for -; lengths are in px. Raises ValueError for what
    cannot be drawn, and for a spec or path what `load` raises.
    """
    build = spec if isinstance(spec, Network) else built(spec)
    return picture_of(build, kind, layer, theme=theme, **options)
