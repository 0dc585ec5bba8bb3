"""cnncalc: exact shapes, parameters and connections of convolutional networks.

>>> import cnncalc
>>> net = cnncalc.load("lenet")
>>> net.parameters
61706
"""

from __future__ import annotations

__version__ = "0.1.0"

# Known to type checkers by its name; the import of typing would take longer than all the rest.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import Any

    from cnncalc.api import load, loads, read, read_text
    from cnncalc.arithmetic import output_size
    from cnncalc.building import OverrideError, build
    from cnncalc.checks.assertion import assert_valid
    from cnncalc.network.explanation import explain
    from cnncalc.network.network import Network
    from cnncalc.problems import Problem, SpecError
    from cnncalc.spec.model import Spec
    from cnncalc.volume import Volume

# Resolved on first use, so that `import cnncalc` costs nothing.
_HOMES = {
    "assert_valid": "cnncalc.checks.assertion",
    "load": "cnncalc.api",
    "loads": "cnncalc.api",
    "read": "cnncalc.api",
    "read_text": "cnncalc.api",
    "build": "cnncalc.building",
    "explain": "cnncalc.network.explanation",
    "OverrideError": "cnncalc.building",
    "Network": "cnncalc.network.network",
    "Problem": "cnncalc.problems",
    "SpecError": "cnncalc.problems",
    "Spec": "cnncalc.spec.model",
    "Volume": "cnncalc.volume",
    "output_size": "cnncalc.arithmetic",
}

__all__ = [
    "Network", "OverrideError", "Problem", "Spec", "SpecError", "Volume", "__version__",
    "assert_valid", "build", "explain", "load", "loads", "output_size", "read", "read_text",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'cnncalc' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
