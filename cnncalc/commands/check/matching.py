"""assert_matches: that code builds what a spec says, as one line of a test."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from cnncalc.accepted import checked
from cnncalc.checks.ignores import Selection
from cnncalc.commands.check.assertion import cannot_check, fail_on_problems
from cnncalc.commands.check.discovery import discover
from cnncalc.commands.check.run import check_all
from cnncalc.commands.check.settings import Against, Settings
from cnncalc.network.build import Override
from cnncalc.network.model import Network
from cnncalc.problems import CODES, NO_CODE
from cnncalc.repository import repository_root
from cnncalc.volume import Volume

Shape: TypeAlias = str | Volume | Sequence[int | None]

_SELECTED = [code for code, known in CODES.items() if known.compared or known is NO_CODE]


@checked
def assert_matches(
    path: str | os.PathLike[str],
    model: object,
    *,
    input: Shape | None = None,
    vars: Mapping[str, Override] | None = None,
    variant: str | None = None,
) -> None:
    """Raise AssertionError with every difference between a spec and the code of its network.

    >>> import cnncalc
    >>> cnncalc.assert_matches("lenet", cnncalc.load("lenet"))

    `path` is a file or a bundled network's name, `model` a torch.nn.Module, a Keras model, a
    Network, the path of a .pt2, .keras or .onnx file, or package.module:function, which is called
    in a process of its own. Both are compared on `input`: a text is a volume, height x width x
    channels, and a tuple the shape that the framework has for a batch: (1, 3, 224, 224) in PyTorch,
    (None, 224, 224, 3) in Keras. Raises OSError for a spec that cannot be read.
    """
    __tracebackhide__ = True  # so that pytest shows the differences and not this function
    root = repository_root(os.getcwd()) or os.getcwd()
    found = discover([os.fspath(path)], root)
    if found.unreadable or len(found.targets) != 1:
        raise OSError(cannot_check(path, found))
    volume = _volume(input, model)
    is_path = isinstance(model, (str, os.PathLike))
    source = os.fspath(model) if isinstance(model, (str, os.PathLike)) else _called(model)
    given: dict[str, Any] = dict(vars or {})
    settings = Settings(
        against=(Against(source, model=None if is_path else model),),
        selection=Selection.parse(_SELECTED, []),
        variant=variant,
        overrides=((given, {} if volume is None else {"": volume}),),
    )
    fail_on_problems(found, [*check_all([(found.targets[0], settings)], jobs=1)])


def _called(model: object) -> str:
    """What to call a model that is in memory."""
    if isinstance(model, Network):
        return model.name or "the network"
    return f"{type(model).__module__}.{type(model).__qualname__}"


def _volume(given: Shape | None, model: object) -> str | None:
    """The volume that a shape stands for, as the model's framework orders its numbers."""
    __tracebackhide__ = True
    if given is None or isinstance(given, str):
        return given
    if isinstance(given, Volume):
        return given.text("x")
    path = os.fspath(model) if isinstance(model, (str, os.PathLike)) else ""
    _, *sizes = given
    if hasattr(model, "to_json") or path.endswith(".keras"):
        return "x".join(map(str, sizes))
    if isinstance(model, Network) or (path and not path.endswith((".pt2", ".onnx"))):
        kind = "a Network" if isinstance(model, Network) else path
        raise TypeError(f"input is a text such as '32x32x3' for {kind}, not {given!r}")
    channels, *rest = sizes
    return "x".join(map(str, (*rest, channels)))
