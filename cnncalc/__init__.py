"""cnncalc: exact shapes, parameters and connections of convolutional networks.

>>> import cnncalc
>>> net = cnncalc.load("lenet")
>>> net.parameters
61706
"""

from __future__ import annotations

# Known to type checkers by its name; the import of typing would take longer than all the rest.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from cnncalc.api import load, loads, read, read_text
    from cnncalc.checks.verdict import check
    from cnncalc.commands.check.assertion import assert_valid
    from cnncalc.commands.check.matching import assert_matches
    from cnncalc.commands.describe.as_json import to_dict
    from cnncalc.commands.draw.drawing import draw
    from cnncalc.commands.draw.picture import Picture
    from cnncalc.commands.explain.explanation import explain
    from cnncalc.commands.trace.engine import Trace, trace
    from cnncalc.exchange.export.library import export
    from cnncalc.exchange.frameworks import from_keras, from_torch
    from cnncalc.exchange.model import ModelError
    from cnncalc.formula import output_size
    from cnncalc.language.model import Spec
    from cnncalc.network.build import Build, OverrideError, SpecError, build
    from cnncalc.network.builder import Builder, BuilderError
    from cnncalc.network.model import Group, Input, Layer, Network
    from cnncalc.problems import Problem
    from cnncalc.version import __version__
    from cnncalc.volume import Volume

# Resolved on first use, so that `import cnncalc` costs nothing.
_HOMES = {
    "assert_matches": "cnncalc.commands.check.matching",
    "assert_valid": "cnncalc.commands.check.assertion",
    "build": "cnncalc.network.build",
    "Build": "cnncalc.network.build",
    "Builder": "cnncalc.network.builder",
    "BuilderError": "cnncalc.network.builder",
    "check": "cnncalc.checks.verdict",
    "draw": "cnncalc.commands.draw.drawing",
    "explain": "cnncalc.commands.explain.explanation",
    "export": "cnncalc.exchange.export.library",
    "from_keras": "cnncalc.exchange.frameworks",
    "from_torch": "cnncalc.exchange.frameworks",
    "Group": "cnncalc.network.model",
    "Input": "cnncalc.network.model",
    "Layer": "cnncalc.network.model",
    "load": "cnncalc.api",
    "loads": "cnncalc.api",
    "ModelError": "cnncalc.exchange.model",
    "Network": "cnncalc.network.model",
    "output_size": "cnncalc.formula",
    "OverrideError": "cnncalc.network.build",
    "Picture": "cnncalc.commands.draw.picture",
    "Problem": "cnncalc.problems",
    "read": "cnncalc.api",
    "read_text": "cnncalc.api",
    "Spec": "cnncalc.language.model",
    "SpecError": "cnncalc.network.build",
    "trace": "cnncalc.commands.trace.engine",
    "Trace": "cnncalc.commands.trace.engine",
    "to_dict": "cnncalc.commands.describe.as_json",
    "Volume": "cnncalc.volume",
    "__version__": "cnncalc.version",
}

__all__ = [
    "Build", "Builder", "BuilderError", "Group", "Input", "Layer", "ModelError", "Network",
    "OverrideError", "Picture", "Problem", "Spec", "SpecError", "Trace", "Volume", "__version__",
    "assert_matches", "assert_valid", "build", "check", "draw", "explain", "export",
    "from_keras", "from_torch", "load", "loads", "output_size", "read", "read_text", "to_dict",
    "trace",
]  # fmt: skip


if not TYPE_CHECKING:  # which knows the names above, and is to know no others

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            raise AttributeError(f"module 'cnncalc' has no attribute {name!r}")
        from importlib import import_module  # not before a name is asked for

        found = globals()[name] = getattr(import_module(_HOMES[name]), name)
        return found


def __dir__() -> list[str]:
    return __all__
