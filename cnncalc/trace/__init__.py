"""Trace: the numbers inside a small worked example, feature map by feature map.

>>> import cnncalc
>>> from cnncalc.trace import trace
>>> traced = trace(cnncalc.load("trace-bump-1d"))
>>> traced["conv1"].numbers()
[0, 0, 1, 1, 0, 0]

Files of numbers that are no CSV need the optional extra `cnncalc[trace]`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cnncalc.trace.engine import Trace, trace

__all__ = ["Trace", "trace"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'cnncalc.trace' has no attribute {name!r}")
    from cnncalc.trace import engine

    return getattr(engine, name)
